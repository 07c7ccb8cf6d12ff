//! Runs over trees that cannot be kept in a repository.

use std::path::Path;

use snapbox::cmd::{Command, cargo_bin};

pub(crate) fn hookshift(directory: &Path) -> Command {
    Command::new(cargo_bin!("hookshift")).current_dir(directory).env("GITHUB_ACTIONS", "").env("GITLAB_CI", "")
}

pub(crate) fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = root.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    root
}

#[test]
fn git_ignored_files_are_left_out_and_named_ones_are_not() {
    let root = tree(&[(".gitignore", "gen/\n"), ("src/a.erl", ""), ("gen/b.erl", "")]);
    hookshift(root.path()).args(["check", "--show-files"]).assert().success().stdout_eq(
        "read      src/a.erl\n\
             left out  gen/b.erl: ignored by a .gitignore or .ignore file\n",
    );
    hookshift(root.path())
        .args(["check", "--show-files", "gen/b.erl"])
        .assert()
        .success()
        .stdout_eq("read      gen/b.erl\n");
}

#[test]
fn a_header_beside_a_file_that_is_checked_alone_is_the_projects_own() {
    let module = "-module(mod_a).\n-include(\"ejabberd_c2s.hrl\").\nowner(S) -> S#state.jid.\n";
    let header = "-record(state, {jid}).\n";
    let check = |root: &tempfile::TempDir| {
        let run = hookshift(root.path()).args(["check", "--format", "concise", "src/mod_a.erl"]).output().unwrap();
        String::from_utf8(run.stdout).unwrap()
    };
    let both = tree(&[("src/mod_a.erl", module), ("include/ejabberd_c2s.hrl", header)]);
    assert_eq!(check(&both).matches(": warning[removed-").count(), 2);
    // Headers that are only looked up are the server's, say, as it is built today.
    let settings = "include-paths = [\"server/include\"]\n";
    let servers =
        [("src/mod_a.erl", module), ("server/include/ejabberd_c2s.hrl", header), ("hookshift.toml", settings)];
    assert_eq!(check(&tree(&servers)).matches(": the module does not compile").count(), 2);
}

#[cfg(unix)]
#[test]
fn links_that_lead_nowhere_fail_the_run_and_links_to_directories_do_not_loop() {
    use std::os::unix::fs::symlink;
    let root = tree(&[("src/a.erl", "")]);
    symlink("loop.erl", root.path().join("src/loop.erl")).unwrap();
    symlink(".", root.path().join("src/here")).unwrap();
    hookshift(root.path())
        .args(["check", "--show-files"])
        .assert()
        .code(2)
        .stdout_eq(
            "read      src/a.erl\n\
             left out  src/here: a link to a directory; name it to have it read\n",
        )
        .stderr_eq("error: src/loop.erl: too many levels of symbolic links\n");
}

#[cfg(target_os = "linux")]
#[test]
fn file_names_need_not_be_text() {
    use std::os::unix::ffi::OsStrExt;
    let root = tree(&[]);
    let name = std::ffi::OsStr::from_bytes(b"mod_\xff\n.erl");
    std::fs::write(root.path().join(name), "").unwrap();
    hookshift(root.path())
        .args(["check", "--show-files"])
        .assert()
        .success()
        .stdout_eq("read      mod_\u{FFFD} .erl\n");
}

#[test]
fn the_old_release_comes_from_the_build_files_unless_they_name_the_target() {
    let config = |tag: &str| format!("{{deps, [\n  {{mongooseim, {{git, \"url\", {{tag, \"{tag}\"}}}}}}]}}.\n");
    for (tag, shown) in [
        ("6.0.0", "from = \"6.0.0\" # rebar.config:2"),
        ("6.1.0", "from = \"6.0.0\" # default: rebar.config:2 names 6.1.0, which is not older than the target"),
        ("main", "from = \"6.0.0\" # default"),
    ] {
        let root = tree(&[("rebar.config", &config(tag)), ("apps/a/src/a.erl", "")]);
        let assert = hookshift(root.path()).args(["check", "--show-settings", "apps/a/src/a.erl"]).assert().success();
        let stdout = String::from_utf8_lossy(&assert.get_output().stdout).into_owned();
        assert!(stdout.lines().any(|line| line == shown), "{stdout}");
    }
}

#[test]
fn a_release_that_is_two_steps_away_is_taken_from_where_it_is_named() {
    let lock = "[{<<\"mongooseim\">>,{pkg,<<\"mongooseim\">>,<<\"5.1.0\">>},0}].\n";
    let root = tree(&[("rebar.lock", lock), ("src/a.erl", "-module(a).\n")]);
    let assert = hookshift(root.path()).arg("check").assert().code(0).stderr_eq("");
    let text = String::from_utf8(assert.get_output().stdout.clone()).unwrap();
    assert!(text.starts_with("5.1.0 → 6.1.0: 0 errors"), "{text}");
    hookshift(root.path()).args(["check", "--from", "5.1.0"]).assert().code(0).stderr_eq("");
    hookshift(root.path()).arg("handlers").assert().code(0).stderr_eq("");
}

#[test]
fn the_release_before_it_stands_for_a_patch_release_that_is_not_known() {
    let lock = "[{<<\"mongooseim\">>,{pkg,<<\"mongooseim\">>,<<\"6.0.7\">>},0}].\n";
    let root = tree(&[("rebar.lock", lock), ("src/a.erl", "-module(a).\n")]);
    for (arguments, named) in [
        (&["check"][..], "rebar.lock:1"),
        (&["handlers"], "rebar.lock:1"),
        (&["check", "--from", "6.0.7"], "command line"),
    ] {
        let note = format!(
            "note: 6.0.7 ({named}): this patch release is not described by itself, and the code is taken to be written for 6.0.0\n"
        );
        let assert = hookshift(root.path()).args(arguments).assert().code(0).stderr_eq(note);
        let text = String::from_utf8(assert.get_output().stdout.clone()).unwrap();
        assert!(text.contains("6.0.0 → 6.1.0") || arguments[0] == "handlers", "{text}");
    }
}

#[test]
fn the_last_release_with_ejabberd_hooks_stands_for_older_ones() {
    let config = "{deps, [{mongooseim, {git, \"u\", {tag, \"3.7.1\"}}}]}.\n";
    let root = tree(&[("rebar.config", config), ("src/a.erl", "-module(a).\n")]);
    let note = "note: 3.7.1 (rebar.config:1): what changed up to 5.1.0 is not described, and the code is taken to be \
                written for 5.1.0\n";
    let assert = hookshift(root.path()).arg("handlers").assert().code(0).stderr_eq(note);
    assert_eq!(String::from_utf8_lossy(&assert.get_output().stdout), "5.1.0 → 6.1.0: 0 registrations; 0 unresolved.\n");
}

#[test]
fn code_that_registers_with_ejabberd_hooks_says_its_release() {
    let legacy =
        "-module(a).\nstart(H, _) ->\n    ejabberd_hooks:add(remove_user, H, ?MODULE, gone, 5).\ngone(A, _, _) -> A.\n";
    let root = tree(&[("src/a.erl", legacy), ("src/b.erl", "-module(b).\n")]);
    let stdout = |args: &[&str]| {
        let assert = hookshift(root.path()).args(args).assert();
        String::from_utf8_lossy(&assert.get_output().stdout).into_owned()
    };
    let settings = stdout(&["check", "--show-settings"]);
    assert!(settings.contains("from = \"5.1.0\" # src/a.erl:3 calls ejabberd_hooks\n"), "{settings}");
    assert!(stdout(&["check", "--format", "concise"]).contains("5.1.0 → 6.1.0: "));
    assert!(stdout(&["check", "--format", "json"]).contains("\"from\": \"5.1.0\""));
    assert!(stdout(&["handlers"]).contains("5.1.0 → 6.1.0: 1 registration: 1 unchanged; 0 unresolved.\n"));
    // Who says otherwise is believed, and without such code nothing changes.
    assert!(stdout(&["check", "--from", "6.0.0", "--format", "concise"]).contains("6.0.0 → 6.1.0: "));
    assert!(stdout(&["check", "src/b.erl"]).contains("6.0.0 → 6.1.0: "));
}

#[test]
fn code_for_ejabberd_says_nothing() {
    let other = "-module(a).\n-include(\"logger.hrl\").\nstart(H, _) ->\n    ejabberd_hooks:add(remove_user, H, ?MODULE, gone, 5).\n";
    let root = tree(&[("src/a.erl", other)]);
    let assert = hookshift(root.path()).args(["check", "--format", "concise"]).assert().code(0);
    assert_eq!(
        String::from_utf8_lossy(&assert.get_output().stdout),
        "src/a.erl: note: a module for ejabberd, whose `ejabberd_hooks` is another one; it is left alone\n\n\
         6.0.0 → 6.1.0: 0 errors, 0 warnings, 0 infos in 1 file, 1 module.\n\
         No handler of MongooseIM's hooks is registered here, and nothing else was found.\n"
    );
}

#[test]
fn what_show_settings_prints_is_a_configuration_with_the_same_meaning() {
    let root = tree(&[(
        "hookshift.toml",
        "ignore = [\"removed-hook\"]\nmacros.NAME = 'a \"b\" \\c'\nmacros.N = 5\n\
         exclude = [\"gen/\"]\nseverity.unknown-hook = \"error\"\n\
         hooks.\"it's\" = { scope = \"global\", parameters = [\"a\"], accumulator = \"ok\" }\n",
    )]);
    let show = || {
        let assert = hookshift(root.path()).args(["check", "--show-settings"]).assert().success();
        String::from_utf8(assert.get_output().stdout.clone()).unwrap()
    };
    let first = show();
    assert!(first.contains("[hooks.\"it's\"]"), "{first}");
    std::fs::write(root.path().join("hookshift.toml"), &first).unwrap();
    let values = |text: &str| text.parse::<toml::Table>().unwrap();
    assert_eq!(values(&first), values(&show()));
}

#[test]
fn json_fits_the_printed_schema_even_when_nothing_could_be_read() {
    let root = tree(&[("src/a.erl", "-module(a).\n")]);
    for (command, paths, code) in [
        ("check", &["."][..], 0),
        ("check", &["nope"][..], 2),
        ("check", &["src", "nope"][..], 2),
        ("handlers", &["."][..], 0),
        ("handlers", &["nope"][..], 2),
    ] {
        let schema = hookshift(root.path()).args(["schema", command]).assert().success();
        let schema = serde_json::from_slice(&schema.get_output().stdout).unwrap();
        let result = hookshift(root.path()).args([command, "--format", "json"]).args(paths).assert().code(code);
        let result = serde_json::from_slice(&result.get_output().stdout).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let errors: Vec<_> = validator.iter_errors(&result).map(|it| it.to_string()).collect();
        assert!(errors.is_empty(), "{command} {paths:?}: {errors:?}");
    }
}
