//! The plugin for rebar3: its own tests, and what a project sees that fetches it from a repository or has it at hand.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use super::{FILTER, HOOKSHIFT, clean_directory, command, copy, git, git_repository, repository, run, succeed};

const PLUGIN: &str = "packages/rebar3_hookshift";

const APPLICATION: &str = "{application, acme, [{vsn, \"1\"}, {applications, [kernel, stdlib]}]}.\n";

/// rebar3, with nothing of whoever runs these tests, and with the program under test on its PATH where that is wanted.
fn rebar3(directory: &Path, with_program: bool) -> Command {
    let mut rebar3 = command("rebar3", directory);
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("packages/rebar3-home");
    fs::create_dir_all(&home).unwrap();
    rebar3.env("HOME", &home).env("REBAR_COLOR", "none").env("TERM", "dumb");
    if with_program {
        let own = Path::new(HOOKSHIFT).parent().unwrap().to_path_buf();
        let paths = std::env::var_os("PATH").unwrap();
        let paths = std::env::join_paths([own].into_iter().chain(std::env::split_paths(&paths))).unwrap();
        rebar3.env("PATH", paths);
    }
    rebar3
}

/// The plugin's own directory with its tests, which have run.
static TESTED: LazyLock<PathBuf> = LazyLock::new(|| {
    let directory = clean_directory("rebar3-plugin").join("rebar3_hookshift");
    copy(&repository().join(PLUGIN), &directory);
    let said = succeed(rebar3(&directory, false).arg("eunit"));
    assert!(said.contains(" tests, 0 failures"), "{said}");
    directory
});

/// A project with the plugin as its documentation says, but for where the repository is.
fn project(configuration: &str) -> PathBuf {
    let name = std::thread::current().name().unwrap().replace(':', "-");
    let directory = clean_directory(&name);
    let published = directory.join("published");
    copy(&repository().join(PLUGIN), &published.join(PLUGIN));
    git(&published, &["init", "--quiet", "--initial-branch=main"]);
    git(&published, &["add", "--all"]);
    git(&published, &["commit", "--quiet", "--message=All"]);
    let page = fs::read_to_string(repository().join(PLUGIN).join("README.md")).unwrap();
    let shown = page.split("```erlang\n").nth(1).unwrap().split("```").next().unwrap();
    let url = format!("file://{}", published.display());
    let shown = shown.replace("https://github.com/hookshift/hookshift", &url);
    assert!(shown.contains(&url));
    let project = directory.join("project");
    for (path, text) in [
        ("src/acme.app.src", APPLICATION),
        ("src/mod_acme_filter.erl", FILTER),
        ("rebar.config", &format!("{shown}{configuration}")),
    ] {
        let path = project.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    project
}

fn figures(said: &str) -> Option<&str> {
    said.lines().find(|line| line.starts_with("6.0.0 → "))
}

#[test]
fn its_own_tests_pass() {
    assert!(TESTED.join("_build/test").exists());
}

#[test]
fn a_check_fails_the_task_when_something_is_found() {
    let project = project("");
    let (code, said, errors) = run(rebar3(&project, true).args(["hookshift", "check", "--format", "concise"]));
    assert_eq!(code, Some(1), "{said}{errors}");
    assert_eq!(figures(&said), Some("6.0.0 → 6.1.0: 1 error, 1 warning, 1 info in 1 file, 1 module."), "{said}");
    assert!(said.contains("src/mod_acme_filter.erl:12:"), "{said}");
    assert!(said.contains("hookshift found something that the target release breaks"), "{said}");
    // What was fetched and built is not checked, here and in the second run.
    let options =
        ["hookshift", "check", "--format=concise", "--exit-zero", "--ignore", "unknown-hook", "--ignore=removed-hook"];
    let (code, said, errors) = run(rebar3(&project, true).args(options));
    assert_eq!(code, Some(0), "{said}{errors}");
    assert!(figures(&said).unwrap().ends_with("in 1 file, 1 module."), "{said}");
    let (code, said, _) = run(rebar3(&project, true).args(["do", "hookshift", "check", "--exit-zero,", "version"]));
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("rebar 3."), "{said}");
}

#[test]
fn a_check_that_could_not_be_done_fails_otherwise() {
    let (code, said, errors) = run(rebar3(&project(""), true).args(["hookshift", "check", "--to=99.0.0"]));
    assert_eq!(code, Some(1));
    assert!(said.contains("could not do its job, or not all of it (exit code 2)"), "{said}");
    assert!(errors.contains("99.0.0 is not in the catalog"), "{errors}");
}

#[test]
fn a_fix_is_shown_and_then_written() {
    let project = project("");
    let file = project.join("src/mod_acme_filter.erl");
    let (code, said, _) = run(rebar3(&project, true).args(["hookshift", "fix", "--unsafe"]));
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("+++ b/src/mod_acme_filter.erl"), "{said}");
    assert!(said.contains("left something to do, or only showed what to write"), "{said}");
    assert_eq!(fs::read_to_string(&file).unwrap(), FILTER);
    let (_, said, errors) =
        run(rebar3(&project, true).args(["hookshift", "fix", "--unsafe", "--write", "--allow-dirty"]));
    assert_ne!(fs::read_to_string(&file).unwrap(), FILTER, "{said}{errors}");
}

#[test]
fn the_program_and_options_can_be_configured() {
    let setting = format!(
        "{{hookshift, [{{binary, \"{HOOKSHIFT}\"}}, {{check, [{{to, \"6.2.0\"}}, {{format, \"concise\"}}]}}, {{paths, [\"src\"]}}]}}.\n"
    );
    let project = project(&setting);
    let (code, said, errors) = run(rebar3(&project, false).args(["hookshift", "check"]));
    assert_eq!(code, Some(1), "{said}{errors}");
    assert!(figures(&said).unwrap().starts_with("6.0.0 → 6.2.0: "), "{said}");
    // The command line wins.
    let (_, said, _) = run(rebar3(&project, false).args(["hookshift", "check", "--to", "6.3.0"]));
    assert!(figures(&said).unwrap().starts_with("6.0.0 → 6.3.0: "), "{said}");
    // And what is behind `--` is hookshift's own business.
    let raw = ["hookshift", "check", "--", "--show-settings", "src"];
    let (code, said, errors) = run(rebar3(&project, false).args(raw));
    assert_eq!(code, Some(0), "{said}{errors}");
}

#[test]
fn a_program_that_is_missing_and_a_mistake_in_the_configuration_are_told() {
    let project = project("{hookshift, [{binary, \"tools/hookshift\"}]}.\n");
    let (code, said, _) = run(rebar3(&project, true).args(["hookshift", "check"]));
    assert_eq!(code, Some(1));
    assert!(said.contains(&project.join("tools/hookshift").display().to_string()), "{said}");
    assert!(said.contains("{hookshift, [{binary, \"path/to/hookshift\"}]}"), "{said}");
    let configuration = fs::read_to_string(project.join("rebar.config")).unwrap();
    let wrong = configuration.replace("{binary, \"tools/hookshift\"}", "{check, [{too, \"6.2.0\"}]}");
    fs::write(project.join("rebar.config"), wrong).unwrap();
    let (code, said, _) = run(rebar3(&project, true).args(["hookshift", "check"]));
    assert_eq!(code, Some(1));
    assert!(said.contains("{too,\"6.2.0\"} is no option that rebar3 hookshift check has"), "{said}");
}

#[test]
fn an_umbrella_is_checked_as_a_whole_and_nothing_that_was_fetched() {
    let project = git_repository(&[
        (
            "rebar.config",
            "{project_plugins, [rebar3_hookshift]}.\n{project_app_dirs, [\"apps/*\", \"../elsewhere\"]}.\n",
        ),
        ("apps/acme/src/acme.app.src", APPLICATION),
        ("apps/acme/src/mod_acme_filter.erl", FILTER),
        ("_checkouts/other/src/mod_acme_filter.erl", FILTER),
    ]);
    copy(&repository().join(PLUGIN), &project.path().join("_checkouts/rebar3_hookshift"));
    let args = ["hookshift", "check", "--format", "concise"];
    let (code, said, errors) = run(rebar3(project.path(), true).args(args));
    assert_eq!(code, Some(1), "{said}{errors}");
    assert!(figures(&said).unwrap().ends_with("1 error, 1 warning, 1 info in 1 file, 1 module."), "{said}");
    // Neither when build output has another name.
    let built = project.path().join("out/default/lib/dep/src");
    fs::create_dir_all(&built).unwrap();
    fs::write(built.join("mod_dep.erl"), FILTER.replace("mod_acme_filter", "mod_dep")).unwrap();
    let (_, said, errors) = run(rebar3(project.path(), true).env("REBAR_BASE_DIR", "out").args(args));
    assert!(figures(&said).is_some_and(|it| it.ends_with("in 1 file, 1 module.")), "{said}{errors}");
}

#[test]
fn it_takes_every_option_that_makes_sense_there() {
    for (name, without) in [
        ("check", &["add-ignores", "allow-dirty", "dry-run", "help", "stdin-filename"][..]),
        ("fix", &["help", "interactive", "one-commit-per-rule", "stdin-filename"]),
    ] {
        let help = succeed(command(HOOKSHIFT, Path::new("/")).args([name, "--help"]));
        let options = help.lines().map(str::trim).filter(|line| line.starts_with('-'));
        let options = options.filter_map(|line| line.split([' ', ',']).find_map(|it| it.strip_prefix("--")));
        let options: BTreeSet<&str> = options.filter(|option| !without.contains(option)).collect();
        let script = format!(
            "[io:format(\"~ts~n\", [element(3, O)]) || O <- rebar3_hookshift_command:options({name})], halt()."
        );
        let code = TESTED.join("_build/test/lib/rebar3_hookshift/ebin");
        let taken = succeed(command("erl", &TESTED).args(["-noshell", "-pa"]).arg(code).args(["-eval", &script]));
        assert_eq!(options, taken.lines().collect::<BTreeSet<_>>(), "{name}");
    }
}
