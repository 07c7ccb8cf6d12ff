//! `corpus/acme` as one project: all of its modules run in the world of 6.0.0 as they are, and in that of 6.1.0 as
//! `hookshift fix --unsafe` makes them. What they do differently then stands in `corpus/runtime/acme/differences.toml`.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cases::{Case, read_sidecar};
use crate::trace::{Job, Trace, What, differences, drive_both};
use crate::{problems, root};

const EVENTS: &str = "acme_events";

fn sources(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let mut sources: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|it| it == "erl")).collect();
    sources.sort();
    sources
}

fn job(directory: &Path) -> Job {
    let mut sources = sources(directory);
    let names = sources.iter().map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned());
    let started = names.filter(|name| name.starts_with("mod_")).collect();
    sources.push(root().join(format!("corpus/runtime/acme/{EVENTS}.erl")));
    Job { name: "acme".to_owned(), what: What::Project { sources, started, events: EVENTS }, drive: None }
}

/// Drives acme as it is, and as `fixed` has it.
fn traces(fixed: &Path) -> (Trace, Trace) {
    let (mut before, mut after) = drive_both(&[job(&root().join("corpus/acme/src"))], &[job(fixed)]);
    (before.remove("acme").unwrap(), after.remove("acme").unwrap())
}

/// A copy of acme's sources after `hookshift fix --write --unsafe`.
fn fixed_acme() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(root().join("corpus/acme/src")).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, directory.path().join(path.file_name().unwrap())).unwrap();
    }
    let output = Command::new(snapbox::cmd::cargo_bin!("hookshift"))
        .current_dir(directory.path())
        .args(["fix", "--write", "--unsafe", "--from", crate::BEFORE, "--to", crate::AFTER, "."])
        .output()
        .unwrap();
    // Something is left, which a person has to do.
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    directory
}

fn case() -> Case {
    let sidecar = read_sidecar(&root().join("corpus/runtime/acme/differences.toml"));
    let nowhere = PathBuf::new();
    Case { name: "acme".to_owned(), before: nowhere.clone(), stage: None, after: Some(nowhere), beside: None, sidecar }
}

/// What is said of what `fix --unsafe` leaves.
fn left() -> String {
    let text = std::fs::read_to_string(root().join("corpus/acme/EXPECTED.md")).unwrap();
    let (_, left) = text.split_once("\n## Left by `fix --unsafe`\n").expect("EXPECTED.md says what is left");
    left.split("\n## ").next().unwrap().to_owned()
}

#[test]
fn acme_behaves_as_is_said_after_the_rewrite() {
    let fixed = fixed_acme();
    let (before, after) = traces(fixed.path());
    let problems = problems(&case(), Some(&before), Some(&after));
    assert!(problems.is_empty(), "{problems}");
}

#[test]
fn no_handler_of_acme_fails_that_is_not_left() {
    let fixed = fixed_acme();
    let (before, after) = traces(fixed.path());
    let left = left();
    let found = differences(&before, &after);
    let gained: Vec<&String> = found.iter().flat_map(|difference| &difference.gained).collect();
    let failed: Vec<_> = gained.iter().filter_map(|entry| entry.strip_prefix("{hook_failed,{")).collect();
    assert!(!failed.is_empty(), "what is left fails");
    for failed in failed {
        let (module, rest) = failed.split_once(',').unwrap();
        let (function, _) = rest.split_once('}').unwrap();
        let is_left = |row: &str| row.contains(&format!("`{module}`")) && row.contains(&format!("`{function}/3`"));
        assert!(left.lines().any(is_left), "{module}:{function}/3 fails, and is not left");
    }
    assert!(!gained.iter().any(|entry| entry.starts_with("{session_crashed")), "{gained:#?}");
}

#[test]
fn acme_could_not_have_been_left_as_it_was() {
    let (before, after) = traces(&root().join("corpus/acme/src"));
    assert!(!problems(&case(), Some(&before), Some(&after)).is_empty());
}

/// A rewrite of acme that somebody could get wrong: module, right, wrong.
const WRONG: [(&str, &str, &str); 5] = [
    ("mod_acme_filter", "            {stop, Acc};", "            {ok, Acc};"),
    ("mod_acme_idle", "event_tag := acme_idle,", "event_tag := acme_idler,"),
    ("mod_acme_muc_bot", "{Decision, Acc1} =", "{Acc1, Decision} ="),
    ("mod_acme_push", "[mongoose_c2s:route(Pid, Acc)", "[Pid ! {route, From, Bare, Acc}"),
    ("mod_acme_session_guard", "#{ip := {IP, _Port}}", "#{ip := IP}"),
];

#[test]
fn wrong_rewrites_of_acme_are_seen() {
    let fixed = fixed_acme();
    for (module, right, wrong) in WRONG {
        let path = fixed.path().join(format!("{module}.erl"));
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text.matches(right).count(), 1, "{module} does not have {right:?} once");
        std::fs::write(&path, text.replace(right, wrong)).unwrap();
        let (before, after) = traces(fixed.path());
        assert_eq!(after.not_compiled, Vec::<String>::new(), "{module} with {wrong:?}");
        assert!(!problems(&case(), Some(&before), Some(&after)).is_empty(), "nobody sees {wrong:?} in {module}");
        std::fs::write(&path, text).unwrap();
    }
}
