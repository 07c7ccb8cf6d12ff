//! Baselines, branches and reasons for suppressing, in repositories as people have them.

use std::path::Path;

use super::fix::{committed, git};
use super::trees::{hookshift, tree};

/// A module that registers a handler for each of some hooks that nobody runs, and does nothing wrong besides.
fn module(name: &str, hooks: &[&str]) -> String {
    let entries: Vec<String> =
        hooks.iter().map(|hook| format!("     {{{hook}, HostType, fun ?MODULE:relay/3, #{{}}, 50}}")).collect();
    format!(
        "-module({name}).\n-export([start/2, stop/1, relay/3]).\n\n\
         start(HostType, _Opts) ->\n    gen_hook:add_handlers(hooks(HostType)).\n\n\
         stop(HostType) ->\n    gen_hook:delete_handlers(hooks(HostType)).\n\n\
         hooks(HostType) ->\n    [\n{}\n    ].\n\nrelay(Acc, _Params, _Extra) ->\n    {{ok, Acc}}.\n",
        entries.join(",\n")
    )
}

struct Run {
    code: i32,
    out: String,
    err: String,
}

fn run(root: &Path, args: &[&str]) -> Run {
    let output = hookshift(root).args(args).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Run { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

/// The hooks of which `check` says, with some options, that nobody runs them, by file.
fn found(root: &Path, args: &[&str]) -> Vec<String> {
    let run = run(root, &[&["check", "--format", "json", "--select", "unknown-hook"], args].concat());
    assert!(run.err.is_empty(), "{}", run.err);
    let document: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    let findings = document["findings"].as_array().unwrap();
    assert_eq!(run.code, i32::from(!findings.is_empty()));
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let name = |finding: &serde_json::Value| format!("{} {}", text(&finding["path"]), text(&finding["hook"]));
    findings.iter().map(name).collect()
}

fn summary(root: &Path, args: &[&str], figure: &str) -> u64 {
    let run = run(root, &[&["check", "--format", "json"], args].concat());
    let document: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    document["summary"][figure].as_u64().unwrap()
}

fn read(root: &Path, path: &str) -> String {
    std::fs::read_to_string(root.join(path)).unwrap()
}

fn write(root: &Path, path: &str, text: &str) {
    std::fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
    std::fs::write(root.join(path), text).unwrap();
}

const NOTHING: [&str; 0] = [];
const BASELINE: [&str; 2] = ["--baseline", "hookshift-baseline.toml"];

#[test]
fn what_was_there_is_known_and_what_comes_is_new() {
    let root = tree(&[("src/mod_a.erl", &module("mod_a", &["acme_one", "acme_two"]))]);
    let root = root.path();
    assert_eq!(found(root, &[]), ["src/mod_a.erl acme_one", "src/mod_a.erl acme_two"]);
    let written = run(root, &["baseline", "write"]);
    assert_eq!(
        (written.code, written.out.as_str()),
        (0, "hookshift-baseline.toml: 2 known findings: 2 added, 0 kept, 0 dropped.\n")
    );
    assert!(written.err.contains("`hookshift check --baseline hookshift-baseline.toml`"), "{}", written.err);
    let first = read(root, "hookshift-baseline.toml");
    assert_eq!(found(root, &BASELINE), NOTHING);
    assert_eq!(summary(root, &BASELINE, "known"), 2);
    // Written again, it is the same file, byte for byte.
    assert!(run(root, &["baseline", "write", "--threads", "1"]).out.contains("0 added, 2 kept, 0 dropped"));
    assert_eq!(read(root, "hookshift-baseline.toml"), first);
    // One is fixed and another one comes: the count is the same, and the finding is not.
    write(root, "src/mod_a.erl", &module("mod_a", &["acme_one", "acme_three"]));
    assert_eq!(found(root, &BASELINE), ["src/mod_a.erl acme_three"]);
    let json = run(root, &[&["check", "--format", "json"], &BASELINE[..]].concat()).out;
    let schema = serde_json::from_str(&run(root, &["schema", "check"]).out).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    validator.validate(&serde_json::from_str(&json).unwrap()).unwrap();
    let checked = run(root, &["check", "--baseline", "hookshift-baseline.toml"]);
    assert!(checked.out.contains("src/mod_a.erl: fixed: [unknown-hook] {acme_two, HostType"), "{}", checked.out);
    assert!(checked.out.contains(", 1 known in 1 file"), "{}", checked.out);
    assert!(
        checked.out.contains("hookshift-baseline.toml: 1 fixed (`hookshift baseline prune` drops them)."),
        "{}",
        checked.out
    );
    // Dropping takes the one that is fixed, and adds nothing.
    let pruned = run(root, &["baseline", "prune"]);
    assert_eq!(pruned.code, 0);
    assert!(
        pruned.out.ends_with(
            "1 known finding: 1 dropped.\n1 finding is not in it, and prune adds none: see `hookshift check`.\n"
        ),
        "{}",
        pruned.out
    );
    assert_eq!(read(root, "hookshift-baseline.toml").matches("rule = ").count(), 1);
    assert_eq!(found(root, &BASELINE), ["src/mod_a.erl acme_three"]);
    assert!(run(root, &["baseline", "write"]).out.contains("1 added, 1 kept, 0 dropped"));
    assert_eq!(found(root, &BASELINE), NOTHING);
}

/// Whatever moves findings without changing what they are about leaves the baseline true.
#[test]
fn lines_layout_comments_and_directories_do_not_matter() {
    let hooks = ["acme_one", "acme_two", "acme_three"];
    let text = module("mod_a", &hooks);
    let root = tree(&[("src/mod_a.erl", &text), ("src/mod_b.erl", &module("mod_b", &["acme_four"]))]);
    let root = root.path();
    run(root, &["baseline", "write"]);
    let changes: [(&str, String); 7] = [
        ("lines above", format!("%% one\n%% two\n\n{text}")),
        ("indentation", text.replace("     {", "\t\t{")),
        ("blanks", text.replace(", #{}", ",   #{}")),
        ("line ends", text.replace('\n', "\r\n")),
        ("comments", text.replace("50},\n", "50}, % old\n")),
        ("a byte order mark", format!("\u{feff}{text}")),
        ("order of functions", {
            let (head, handler) = text.split_at(text.find("relay(Acc").unwrap());
            let (exports, rest) = head.split_at(head.find("start(").unwrap());
            format!("{exports}{handler}\n{rest}")
        }),
    ];
    for (what, changed) in &changes {
        assert_ne!(*changed, text, "{what}");
        write(root, "src/mod_a.erl", changed);
        assert_eq!(found(root, &BASELINE), NOTHING, "{what}");
        assert_eq!(summary(root, &BASELINE, "known"), 4, "{what}");
        assert_eq!(
            run(root, &["baseline", "prune"]).out,
            "hookshift-baseline.toml: 4 known findings: 0 dropped.\n",
            "{what}"
        );
    }
    // Another order of the list, and one more in it.
    write(root, "src/mod_a.erl", &module("mod_a", &["acme_two", "acme_three", "acme_five", "acme_one"]));
    assert_eq!(found(root, &BASELINE), ["src/mod_a.erl acme_five"]);
    // Directories are renamed, also those between the baseline and the code.
    std::fs::create_dir_all(root.join("apps/acme")).unwrap();
    std::fs::rename(root.join("src"), root.join("apps/acme/src")).unwrap();
    write(root, "apps/acme/src/mod_a.erl", &text);
    assert_eq!(found(root, &BASELINE), NOTHING);
    let pruned = run(root, &["baseline", "prune"]);
    assert!(pruned.out.contains("4 known findings: 0 dropped"), "{}", pruned.out);
    let content = read(root, "hookshift-baseline.toml");
    assert_eq!(content.matches("path = \"apps/acme/src/mod_").count(), 4, "{content}");
    // One more that is alike is new, wherever it stands.
    write(root, "apps/acme/src/mod_a.erl", &module("mod_a", &["acme_one", "acme_two", "acme_three", "acme_one"]));
    assert_eq!(found(root, &BASELINE).len(), 1);
}

#[test]
fn only_files_that_are_checked_are_missed() {
    let (a, b, c) = (module("mod_a", &["acme_a"]), module("mod_b", &["acme_b"]), module("mod_c", &["acme_c"]));
    let root = tree(&[("src/mod_a.erl", &a), ("src/mod_b.erl", &b), ("lib/mod_c.erl", &c)]);
    let root = root.path();
    run(root, &["baseline", "write"]);
    write(root, "src/mod_a.erl", "-module(mod_a).\n");
    write(root, "lib/mod_c.erl", "-module(mod_c).\n");
    std::fs::remove_file(root.join("src/mod_b.erl")).unwrap();
    let fixed = |paths: &[&str]| {
        let run = run(root, &[&["check", "--format", "json"], &BASELINE[..], paths].concat());
        let document: serde_json::Value = serde_json::from_str(&run.out).unwrap();
        document["baseline"]["fixed"].as_array().unwrap().len()
    };
    assert_eq!((fixed(&["src/mod_a.erl"]), fixed(&["src"]), fixed(&["lib"]), fixed(&["."])), (1, 2, 1, 3));
    let pruned = run(root, &["baseline", "prune", "src/mod_a.erl"]);
    assert!(pruned.out.contains("2 known findings: 1 dropped"), "{}", pruned.out);
    assert!(pruned.out.contains("2 entries are of files that were not looked at"), "{}", pruned.out);
    // What is written for some files stays for the others.
    write(root, "src/mod_d.erl", &module("mod_d", &["acme_d"]));
    assert!(run(root, &["baseline", "write", "src"]).out.contains("2 known findings: 1 added, 1 kept, 1 dropped"));
    assert!(run(root, &["baseline", "prune"]).out.contains("1 known finding: 1 dropped"));
}

#[test]
fn the_configuration_names_the_baseline() {
    let root = tree(&[
        ("app/hookshift.toml", "baseline = \"ci/known.toml\"\n"),
        ("app/src/mod_a.erl", &module("mod_a", &["acme_a"])),
    ]);
    let root = root.path();
    let missing = run(root, &["check", "app"]);
    assert_eq!(missing.code, 2);
    assert_eq!(
        missing.err,
        "error: app/ci/known.toml: there is no such baseline; `hookshift baseline write` makes one\n"
    );
    let written = run(root, &["baseline", "write", "app"]);
    assert_eq!((written.code, written.err.as_str()), (0, ""));
    assert!(read(root, "app/ci/known.toml").contains("path = \"../src/mod_a.erl\""));
    assert_eq!(found(root, &["app"]), NOTHING);
    assert_eq!(found(&root.join("app/src"), &[]), NOTHING);
    assert_eq!(found(root, &["app", "--no-baseline"]), ["app/src/mod_a.erl acme_a"]);
    let settings = run(&root.join("app"), &["check", "--show-settings"]).out;
    assert!(settings.contains("\nbaseline = \"ci/known.toml\"\n"), "{settings}");
    // Without a word about it, the file lies beside the configuration.
    write(root, "app/hookshift.toml", "");
    assert!(run(root, &["baseline", "write", "app"]).out.starts_with("app/hookshift-baseline.toml: 1 known finding: "));
    // fix does what check no longer tells.
    assert!(run(root, &["fix", "app"]).err.contains("left: app/src/mod_a.erl:12:7: [unknown-hook]"));
}

#[test]
fn what_is_hidden_or_off_is_not_fixed() {
    let text = module("mod_a", &["acme_one"]).replace(
        "     {acme_one",
        "     {filter_room_packet, HostType, fun ?MODULE:relay/3, #{}, 50},\n     {acme_one",
    );
    let root = tree(&[("src/mod_a.erl", &text)]);
    let root = root.path();
    run(root, &["baseline", "write"]);
    let all = read(root, "hookshift-baseline.toml").matches("rule =").count();
    for args in [&["--severity", "error"][..], &["--ignore", "unknown-hook"], &["--select", "changed-stop"]] {
        let run = run(root, &[&["check"], &BASELINE[..], args].concat());
        assert_eq!((run.code, run.out.contains("fixed")), (0, false), "{}", run.out);
    }
    let pruned = run(root, &["baseline", "prune", "--ignore", "unknown-hook"]).out;
    assert!(pruned.contains("1 entry is of rules that are off, and kept."), "{pruned}");
    assert_eq!(read(root, "hookshift-baseline.toml").matches("rule =").count(), all);
}

#[test]
fn branches_of_one_baseline_merge() {
    let root = committed(&[
        ("src/mod_a.erl", &module("mod_a", &["acme_a"])),
        ("src/mod_m.erl", &module("mod_m", &["acme_m"])),
        ("src/mod_z.erl", &module("mod_z", &["acme_z"])),
    ]);
    let root = root.path();
    run(root, &["baseline", "write"]);
    git(root, &["add", "-A"]);
    git(root, &["commit", "-qm", "baseline"]);
    git(root, &["checkout", "-qb", "one"]);
    write(root, "src/mod_a.erl", &module("mod_a", &["acme_a", "acme_b"]));
    run(root, &["baseline", "write"]);
    git(root, &["commit", "-qam", "one"]);
    git(root, &["checkout", "-q", "main"]);
    write(root, "src/mod_z.erl", "-module(mod_z).\n");
    run(root, &["baseline", "prune"]);
    git(root, &["commit", "-qam", "other"]);
    git(root, &["merge", "-q", "--no-edit", "one"]);
    assert_eq!(found(root, &BASELINE), NOTHING);
    assert_eq!(run(root, &["baseline", "prune"]).out, "hookshift-baseline.toml: 3 known findings: 0 dropped.\n");
}

/// A repository with a branch `main` and, checked out, another one that starts there.
fn branched(files: &[(&str, &str)]) -> tempfile::TempDir {
    let root = committed(files);
    git(root.path(), &["checkout", "-qb", "feature"]);
    root
}

const SINCE: [&str; 2] = ["--since", "main"];

#[test]
fn a_branch_is_told_what_it_touches_committed_or_not() {
    let root = branched(&[
        ("src/mod_a.erl", &module("mod_a", &["acme_old", "acme_stays"])),
        ("src/mod_b.erl", &module("mod_b", &["acme_b"])),
    ]);
    let root = root.path();
    assert_eq!(found(root, &SINCE), NOTHING);
    assert_eq!(summary(root, &SINCE, "untouched"), 3);
    write(root, "src/mod_a.erl", &module("mod_a", &["acme_new", "acme_stays"]));
    assert_eq!(found(root, &SINCE), ["src/mod_a.erl acme_new"], "in the work tree");
    git(root, &["add", "-A"]);
    assert_eq!(found(root, &SINCE), ["src/mod_a.erl acme_new"], "in the index");
    git(root, &["commit", "-qm", "new"]);
    assert_eq!(found(root, &SINCE), ["src/mod_a.erl acme_new"], "committed");
    // What happens on main meanwhile is not the branch's.
    git(root, &["checkout", "-q", "main"]);
    write(root, "src/mod_b.erl", &module("mod_b", &["acme_main"]));
    git(root, &["commit", "-qam", "main goes on"]);
    git(root, &["checkout", "-q", "feature"]);
    assert_eq!(found(root, &SINCE), ["src/mod_a.erl acme_new"]);
    // Files that Git does not have are new from the first line to the last.
    write(root, "src/mod_c.erl", &module("mod_c", &["acme_c"]));
    write(root, ".gitignore", "mod_d.erl\n");
    write(root, "src/mod_d.erl", &module("mod_d", &["acme_d"]));
    assert_eq!(found(root, &SINCE), ["src/mod_a.erl acme_new", "src/mod_c.erl acme_c"]);
    assert_eq!(found(root, &["src/mod_d.erl", "--since", "main"]), ["src/mod_d.erl acme_d"]);
    // From anywhere in the tree.
    assert_eq!(found(&root.join("src"), &["mod_a.erl", "--since", "main"]), ["mod_a.erl acme_new"]);
    let text = run(root, &["check", "--since", "main", "--select", "unknown-hook", "src/mod_a.erl"]).out;
    assert!(text.contains("0 errors, 1 warning, 0 infos, 1 in untouched lines in 1 file"), "{text}");
    // With a baseline, what is known of the touched lines is not told either.
    run(root, &["baseline", "write"]);
    write(root, "src/mod_a.erl", &module("mod_a", &["acme_newer", "acme_stays"]));
    assert_eq!(found(root, &[&SINCE[..], &BASELINE].concat()), ["src/mod_a.erl acme_newer"]);
}

#[test]
fn a_handler_is_touched_by_its_registration_and_the_other_way_round() {
    let registers = "-module(mod_reg).\n-export([start/2, stop/1]).\n\nstart(H, _) ->\n    gen_hook:add_handlers(hooks(H)).\n\n\
        stop(H) ->\n    gen_hook:delete_handlers(hooks(H)).\n\nhooks(H) ->\n    [{user_receive_packet, H, fun mod_does:it/3, #{}, 50}].\n";
    let does = "-module(mod_does).\n-export([it/3]).\n\n%% Counts.\nit(Acc, #{jid := Jid}, _Extra) ->\n    {ok, mongoose_acc:set(acme, jid, Jid, Acc)}.\n";
    let root = branched(&[("src/mod_reg.erl", registers), ("src/mod_does.erl", does)]);
    let root = root.path();
    let rules = |select: &str| run(root, &["check", "--format", "concise", "--select", select, "--since", "main"]).out;
    assert!(rules("changed-params").contains(" 1 in untouched lines in 2 files"));
    write(root, "src/mod_reg.erl", &registers.replace("#{}, 50}", "#{}, 60}"));
    assert!(
        rules("changed-params").starts_with("src/mod_does.erl:5:11: error[changed-params]"),
        "{}",
        rules("changed-params")
    );
    write(root, "src/mod_reg.erl", registers);
    write(root, "src/mod_does.erl", &does.replace("#{jid := Jid}", "#{jid := Jid} = _Params"));
    assert!(rules("changed-params").starts_with("src/mod_does.erl:5:11: error[changed-params]"));
    // A line that only went touches those around it.
    write(root, "src/mod_does.erl", &does.replace("%% Counts.\n", ""));
    assert!(rules("changed-params").starts_with("src/mod_does.erl:4:11: error[changed-params]"));
    write(root, "src/mod_does.erl", &does.replace("\n%% Counts.", "%% Counts."));
    assert!(rules("changed-params").contains(" 1 in untouched lines in 2 files"));
}

#[test]
fn renamed_files_are_compared_with_what_they_were() {
    let names = ["mod_plain", "mod_größe", "mod with blanks", "mod_\"quoted\\\"", "mod_\ttab"];
    let files: Vec<(String, String)> =
        names.iter().map(|name| (format!("src/{name}.erl"), module("mod_a", &["acme_one", "acme_two"]))).collect();
    let root = branched(&files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect::<Vec<_>>());
    let root = root.path();
    // Settings of the user that change how Git shows a diff.
    for (key, value) in [
        ("diff.noprefix", "true"),
        ("diff.mnemonicPrefix", "true"),
        ("color.ui", "always"),
        ("diff.context", "9"),
        ("diff.external", "false"),
        ("diff.renames", "false"),
        ("diff.interHunkContext", "50"),
    ] {
        git(root, &["config", key, value]);
    }
    git(root, &["mv", "src", "lib"]);
    git(root, &["commit", "-qm", "move"]);
    assert_eq!(found(root, &SINCE), NOTHING);
    assert_eq!(summary(root, &SINCE, "untouched"), 10);
    for name in names {
        let path = format!("lib/{name}.erl");
        write(root, &path, &module("mod_a", &["acme_one", "acme_new"]));
        assert_eq!(found(root, &SINCE), [format!("{path} acme_new")], "{name}");
        git(root, &["checkout", "-q", "."]);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn file_names_that_are_no_text_are_compared_too() {
    use std::os::unix::ffi::OsStrExt;
    let root = committed(&[("src/mod_a.erl", "")]);
    let root = root.path();
    let path = root.join("src").join(std::ffi::OsStr::from_bytes(b"mod_\xff.erl"));
    std::fs::write(&path, module("mod_b", &["acme_one", "acme_two"])).unwrap();
    git(root, &["add", "-A"]);
    git(root, &["commit", "-qm", "bytes"]);
    git(root, &["branch", "start"]);
    std::fs::write(&path, module("mod_b", &["acme_new", "acme_two"])).unwrap();
    assert_eq!(found(root, &["--since", "start"]), ["src/mod_\u{fffd}.erl acme_new"]);
    // It can be in a baseline as well.
    run(root, &["baseline", "write"]);
    assert_eq!(found(root, &BASELINE), NOTHING);
}

#[test]
fn what_git_cannot_say_is_told() {
    let outside = tree(&[("src/mod_a.erl", "-module(mod_a).\n")]);
    let error = |root: &Path, args: &[&str]| {
        let run = run(root, &[&["check"], args].concat());
        assert_eq!((run.code, run.out.as_str()), (2, ""));
        run.err
    };
    assert_eq!(error(outside.path(), &["src", "--since", "main"]), "error: --since: src is not in a Git repository\n");
    let root = branched(&[("src/mod_a.erl", "-module(mod_a).\n")]);
    let root = root.path();
    assert_eq!(error(root, &["--since", "release"]), "error: --since: there is no commit `release`\n");
    assert_eq!(error(root, &["--since=--all"]), "error: --since: there is no commit `--all`\n");
    assert_eq!(error(root, &["-", "--since", "main"]), "error: --since asks Git about files; what `-` reads is none\n");
    git(root, &["checkout", "-q", "--orphan", "alone"]);
    git(root, &["commit", "-qm", "alone"]);
    assert_eq!(error(root, &["--since", "main"]), "error: --since: `main` and HEAD have no commit in common\n");
}

#[test]
fn in_a_shallow_clone_is_said_what_to_fetch() {
    let origin = branched(&[("src/mod_a.erl", &module("mod_a", &["acme_old"]))]);
    for hook in ["acme_one", "acme_two"] {
        write(origin.path(), "src/mod_a.erl", &module("mod_a", &[hook]));
        git(origin.path(), &["commit", "-qam", hook]);
    }
    git(origin.path(), &["checkout", "-q", "main"]);
    write(origin.path(), "README", "more");
    git(origin.path(), &["add", "-A"]);
    git(origin.path(), &["commit", "-qm", "main goes on"]);
    let clones = tempfile::tempdir().unwrap();
    let url = format!("file://{}", origin.path().display());
    git(clones.path(), &["clone", "-q", "--depth", "1", "--branch", "feature", &url, "clone"]);
    let root = clones.path().join("clone");
    let failed = run(&root, &["check", "--since", "origin/main"]);
    assert_eq!(failed.code, 2);
    assert!(
        failed.err.starts_with("error: --since: there is no commit `origin/main`: this clone is shallow"),
        "{}",
        failed.err
    );
    assert!(
        failed.err.contains("`fetch-depth: 0`") && failed.err.contains("`git fetch origin main`"),
        "{}",
        failed.err
    );
    git(&root, &["fetch", "-q", "--depth", "1", "origin", "main:refs/remotes/origin/main"]);
    let failed = run(&root, &["check", "--since", "main"]);
    assert!(failed.err.contains("there is no commit `main`; did you mean `origin/main`?"), "{}", failed.err);
    let failed = run(&root, &["check", "--since", "origin/main"]);
    assert_eq!(failed.code, 2);
    assert!(failed.err.contains("have no commit in common: this clone is shallow"), "{}", failed.err);
    git(&root, &["fetch", "-q", "--unshallow"]);
    assert_eq!(found(&root, &["--since", "origin/main"]), ["src/mod_a.erl acme_two"]);
}

const REASON: [&str; 2] = ["--add-ignores", "our fork runs it"];

#[test]
fn reasons_are_written_where_findings_are() {
    let text = module("mod_a", &["acme_one", "acme_two"]);
    let root =
        committed(&[("src/mod_a.erl", &text), ("src/mod_b.erl", &module("mod_b", &["acme_b"]).replace('\n', "\r\n"))]);
    let root = root.path();
    let dry = run(root, &[&["check", "--dry-run"], &REASON[..]].concat());
    assert_eq!(dry.code, 1);
    assert!(
        dry.err.ends_with("3 findings to suppress in 2 files; nothing is written with --dry-run.\n"),
        "{}",
        dry.err
    );
    assert_eq!(read(root, "src/mod_a.erl"), text);
    let done = run(root, &[&["check"], &REASON[..]].concat());
    assert_eq!((done.code, done.out.as_str()), (0, ""));
    assert!(done.err.starts_with("suppressed: src/mod_a.erl:12:7: [unknown-hook]\n"), "{}", done.err);
    assert!(done.err.ends_with("\n3 findings suppressed in 2 files.\n"), "{}", done.err);
    let comment = "     % hookshift: ignore[unknown-hook] our fork runs it\n     {acme_";
    assert_eq!(read(root, "src/mod_a.erl"), text.replace("     {acme_", comment));
    let b = read(root, "src/mod_b.erl");
    assert!(
        b.contains("our fork runs it\r\n     {acme_b") && b.matches('\n').count() == b.matches("\r\n").count(),
        "{b:?}"
    );
    // What the dry run printed is what was written.
    git(root, &["checkout", "-q", "."]);
    std::fs::write(root.join("it.diff"), dry.out).unwrap();
    git(root, &["apply", "it.diff"]);
    assert_eq!((read(root, "src/mod_a.erl"), read(root, "src/mod_b.erl")), (text.replace("     {acme_", comment), b));
    assert_eq!(summary(root, &[], "suppressed"), 3);
    // There is nothing left to do.
    let again = run(root, &[&["check", "--allow-dirty"], &REASON[..]].concat());
    assert_eq!((again.code, again.err.as_str()), (0, "0 findings suppressed in 0 files.\n"));
}

#[test]
fn only_what_would_be_shown_is_suppressed_and_only_where_it_can_be_taken_back() {
    let text = module("mod_a", &["acme_one", "acme_two"]);
    let root = branched(&[("src/mod_a.erl", &text)]);
    let root = root.path();
    let changed = module("mod_a", &["acme_one", "acme_new"]);
    write(root, "src/mod_a.erl", &changed);
    let refused = run(root, &[&["check"], &SINCE[..], &REASON].concat());
    assert_eq!(refused.code, 2);
    assert!(refused.err.starts_with("error: src/mod_a.erl: has uncommitted changes\n"), "{}", refused.err);
    assert_eq!(read(root, "src/mod_a.erl"), changed);
    let done = run(root, &[&["check", "--allow-dirty"], &SINCE[..], &REASON].concat());
    assert_eq!(done.code, 0, "{}", done.err);
    let commented =
        changed.replace("     {acme_new", "     % hookshift: ignore[unknown-hook] our fork runs it\n     {acme_new");
    assert_eq!(read(root, "src/mod_a.erl"), commented);
    git(root, &["commit", "-qam", "new"]);
    assert_eq!(run(root, &[&["check", "--severity", "error"], &REASON[..]].concat()).code, 0);
    run(root, &["baseline", "write"]);
    assert_eq!(run(root, &[&["check"], &BASELINE[..], &REASON].concat()).code, 0);
    assert_eq!(read(root, "src/mod_a.erl"), commented);
}

#[test]
fn what_cannot_be_suppressed_is_left_and_told() {
    let malformed = format!("%% hookshift: ignore[unknown-hooks] x\n{}", module("mod_a", &["acme_one"]));
    let latin: Vec<u8> = module("mod_b", &["acme_b"])
        .replace("relay(Acc", "%% \u{fc}\nrelay(Acc")
        .chars()
        .map(|c| u8::try_from(c).unwrap())
        .collect();
    let root = tree(&[("src/mod_a.erl", &malformed)]);
    let root = root.path();
    std::fs::write(root.join("src/mod_b.erl"), &latin).unwrap();
    let run = |reason: &str| run(root, &["check", "--add-ignores", reason]);
    let done = run("läuft bei uns 🦀");
    assert_eq!(done.code, 1);
    assert!(
        done.err
            .contains("left: src/mod_a.erl:1:1: [malformed-suppression] what this rule finds cannot be suppressed\n"),
        "{}",
        done.err
    );
    assert!(
        done.err.contains("left: src/mod_b.erl:12:7: [unknown-hook] the file's encoding lacks a character"),
        "{}",
        done.err
    );
    assert!(done.err.ends_with("1 finding suppressed in 1 file, 2 are left.\n"), "{}", done.err);
    assert_eq!(std::fs::read(root.join("src/mod_b.erl")).unwrap(), latin);
    let done = run("läuft bei uns");
    assert!(done.err.contains("suppressed: src/mod_b.erl:12:7: [unknown-hook]\n"), "{}", done.err);
    let written = std::fs::read(root.join("src/mod_b.erl")).unwrap();
    assert!(written.windows(5).any(|bytes| bytes == b"l\xe4uft"), "it stays Latin-1");
}
