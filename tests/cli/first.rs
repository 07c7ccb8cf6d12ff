//! What somebody sees who has no settings yet, and perhaps the wrong directory.

use std::path::Path;
use std::process::Command as Process;

use crate::trees::{hookshift, tree};

/// A module of an old release, in the style of its time.
const OLD: &str = "-module(mod_acme_audit).
-export([start/2, on_send/4]).
start(Host, _Opts) ->
    ejabberd_hooks:add(user_send_packet, Host, ?MODULE, on_send, 50).
on_send(Acc, _From, _To, _Packet) ->
    Acc.
";

fn warned(directory: &Path) -> String {
    let run = hookshift(directory).arg("check").output().unwrap();
    assert_eq!(run.status.code(), Some(0));
    String::from_utf8(run.stderr).unwrap()
}

/// What a terminal of so many columns shows.
fn on_a_terminal(directory: &Path, columns: usize, arguments: &str) -> String {
    let hookshift = snapbox::cmd::cargo_bin!("hookshift");
    let command = format!("stty rows 50 cols {columns}; {} {arguments}", hookshift.display());
    let run = Process::new("script")
        .args(["--quiet", "--command", &command, "/dev/null"])
        .current_dir(directory)
        // Where `CI` is set, even a dumb terminal is taken to know colours.
        .envs([("TERM", "dumb"), ("NO_COLOR", "1"), ("GITHUB_ACTIONS", ""), ("GITLAB_CI", "")])
        .output()
        .unwrap();
    String::from_utf8(run.stdout).unwrap().replace('\r', "")
}

#[test]
fn without_a_command_it_says_what_it_is_for() {
    let root = tree(&[]);
    let run = hookshift(root.path()).output().unwrap();
    assert_eq!(run.status.code(), Some(2));
    let said = String::from_utf8(run.stderr).unwrap();
    assert!(said.starts_with("hookshift upgrades custom MongooseIM modules"), "{said}");
    // Every command that is named there is one.
    for line in said.lines().filter(|line| line.starts_with("  hookshift ")) {
        let command = line.split_whitespace().nth(1).unwrap();
        hookshift(root.path()).args([command, "--help"]).assert().success();
    }
    assert!(said.lines().all(|line| line.chars().count() <= 84), "{said}");
}

#[test]
fn where_there_is_no_erlang_it_says_what_may_have_been_meant() {
    let root = tree(&[("notes/README.md", "")]);
    let said = warned(root.path());
    assert!(said.contains("no Erlang files") && said.contains("name the directory that has your modules"), "{said}");

    let root = tree(&[("rebar.config", ""), ("src/a.erl", "-module(a).\n"), ("doc/README.md", "")]);
    let said = warned(&root.path().join("doc"));
    assert!(said.contains("note: a project begins above, in "), "{said}");

    let root = tree(&[("_build/default/lib/a/src/a.erl", "-module(a).\n")]);
    let said = warned(root.path());
    assert!(said.contains("note: left out: _build ("), "{said}");
    assert!(!said.contains("name the directory"), "{said}");

    assert_eq!(warned(tree(&[("src/a.erl", "-module(a).\n")]).path()), "");
}

#[test]
fn a_module_without_handlers_is_no_silence() {
    let root = tree(&[("src/a.erl", "-module(a).\n")]);
    let run = hookshift(root.path()).arg("check").output().unwrap();
    let said = String::from_utf8(run.stdout).unwrap();
    assert!(
        said.ends_with("No handler of MongooseIM's hooks is registered here, and nothing else was found.\n"),
        "{said}"
    );
}

#[test]
fn a_terminal_gets_lines_that_fit_and_the_releases_that_were_taken() {
    let root = tree(&[("src/mod_acme_audit.erl", OLD)]);
    let said = on_a_terminal(root.path(), 80, "check");
    let is_drawn = |line: &&str| line.contains(['│', '╭', '╯']);
    let wide = said.lines().filter(|line| !is_drawn(line)).find(|line| line.chars().count() > 80);
    assert_eq!(wide, None, "{said}");
    assert!(said.contains("note: taken to be written for 5.1.0, as src/mod_acme_audit.erl:4 calls\n"), "{said}");
    assert!(said.contains("note: 6.1.0 is the target unless --to names another, up to "), "{said}");

    // The same words stand in fewer lines where there is more room.
    let wider = on_a_terminal(root.path(), 200, "check");
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(words(&said), words(&wider));
    assert!(wider.lines().count() < said.lines().count());
}

#[test]
fn who_names_both_releases_is_not_told_of_them() {
    let root = tree(&[("src/mod_acme_audit.erl", OLD)]);
    let said = on_a_terminal(root.path(), 80, "check --from 5.1.0 --to 6.1.0");
    assert!(!said.contains("note: taken to be") && !said.contains("is the target"), "{said}");
    // Nor is a program that reads the output.
    let run = hookshift(root.path()).arg("check").output().unwrap();
    assert_eq!(String::from_utf8(run.stderr).unwrap(), "");
}
