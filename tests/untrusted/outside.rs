//! Paths that lead out of a project.

use std::os::unix::fs::{PermissionsExt, symlink};

use super::{Tree, hookshift};

/// Registers for the hook that a macro names.
const MODULE: &str = "-module(mod_acme).\n-include(\"HEADER\").\n-export([hooks/1, sent/3]).\n\
    hooks(HostType) ->\n    [{?HOOK, HostType, fun ?MODULE:sent/3, #{}, 50}].\n\
    sent(Acc, _Params, _Extra) ->\n    {ok, Acc}.\n";
const HEADER: &str = "-define(HOOK, tell_it_to_nobody).\n";

fn module(header: &str) -> String {
    MODULE.replace("HEADER", header)
}

#[test]
fn headers_outside_are_read_only_of_projects_that_are_trusted() {
    let tree = Tree::new(&[("secret.hrl", HEADER)]);
    let absolute = tree.path("secret.hrl");
    for header in ["../../secret.hrl", absolute.to_str().unwrap()] {
        tree.write("project/src/mod_acme.erl", &module(header));
        let said = tree.said(&["check"]);
        assert!(!said.contains("tell_it_to_nobody"), "{said}");
        let note =
            format!("src/mod_acme.erl:2:1: note: `{header}` leads out of the project, and is not read without --trust");
        assert!(said.contains(&note), "{said}");
        assert!(tree.said(&["check", "--trust"]).contains("tell_it_to_nobody"));
        let trusting = hookshift(&tree.path("project")).arg("check").env("HOOKSHIFT_TRUST", "1").output().unwrap();
        assert!(String::from_utf8_lossy(&trusting.stdout).contains("tell_it_to_nobody"));
    }
}

#[test]
fn headers_of_the_repository_are_read_wherever_the_check_starts() {
    let tree = Tree::new(&[("project/shared/acme.hrl", HEADER)]);
    tree.write("project/apps/acme/src/mod_acme.erl", &module("../../../shared/acme.hrl"));
    let said = tree.said(&["check", "apps/acme/src"]);
    assert!(said.contains("tell_it_to_nobody") && !said.contains("leads out"), "{said}");
}

#[test]
fn links_out_of_the_project_are_told_and_not_followed() {
    let tree = Tree::new(&[(
        "secret.erl",
        "-module(secret).\n-export([hooks/1, sent/3]).\nhooks(H) ->\n    [{tell_it_to_nobody, H, fun ?MODULE:sent/3, #{}, 50}].\nsent(A, _, _) -> {ok, A}.\n",
    )]);
    tree.write("project/src/mod_plain.erl", "-module(mod_plain).\n");
    symlink("../../secret.erl", tree.path("project/src/mod_link.erl")).unwrap();
    tree.write("secret.hrl", HEADER);
    symlink("../secret.hrl", tree.path("project/acme.hrl")).unwrap();
    tree.write("project/src/mod_acme.erl", &module("../acme.hrl"));
    let said = tree.said(&["check"]);
    assert!(!said.contains("tell_it_to_nobody"), "{said}");
    assert!(said.contains("src/mod_link.erl: not analysed: is a link that leads out of the project"), "{said}");
    assert!(said.contains("acme.hrl: not analysed: is a link that leads out of the project"), "{said}");
    assert!(tree.said(&["check", "--trust"]).contains("tell_it_to_nobody"));
    // Whoever names a file means it.
    assert!(tree.said(&["check", "src/mod_link.erl"]).contains("tell_it_to_nobody"));
}

#[test]
fn settings_do_not_lead_out() {
    let tree = Tree::new(&[("secret.toml", "[modules.mod_tell_it_to_nobody]\n"), ("headers/x.hrl", HEADER)]);
    tree.write(
        "project/hookshift.toml",
        "to = \"6.1.0\"\ninclude-paths = [\"../headers\"]\nmongooseim-toml = \"../secret.toml\"\n",
    );
    tree.write("project/src/mod_acme.erl", &module("x.hrl"));
    let said = tree.said(&["check"]);
    assert!(!said.contains("tell_it_to_nobody"), "{said}");
    for note in [
        "note: hookshift.toml:2:18: `../headers` leads out of the project, and is not read without --trust",
        "note: hookshift.toml:3:19: `../secret.toml` leads out of the project, and is not read without --trust",
    ] {
        assert!(said.contains(note), "{said}");
    }
    let trusting = tree.said(&["check", "--trust"]);
    assert!(trusting.contains("mod_tell_it_to_nobody") && trusting.contains("`tell_it_to_nobody`"), "{trusting}");
    // What the command line names is the user's own choice.
    assert!(tree.said(&["check", "--mongooseim-toml", "../secret.toml"]).contains("mod_tell_it_to_nobody"));
}

/// Where one stands must not decide which program is run.
#[test]
fn programs_in_the_project_are_not_run() {
    let tree = Tree::new(&[("project/src/mod_acme.erl", &module("x.hrl").replace("?HOOK", "c2s_update_presence"))]);
    std::fs::remove_dir_all(tree.path("project/.git")).unwrap();
    for name in ["git", "erlc", "erl"] {
        let text = format!("#!/bin/sh\n: > '{}'\n", tree.path("ran").join(name).display());
        let path = tree.write(&format!("project/{name}"), &text);
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    std::fs::create_dir(tree.path("ran")).unwrap();
    let real = std::env::var("PATH").unwrap();
    for path in [format!(".:{real}"), format!(":{real}"), format!("../project:{real}")] {
        let run = |arguments: &[&str]| {
            let mut command = hookshift(&tree.path("project"));
            command.args(arguments).env("PATH", &path).output().unwrap()
        };
        run(&["check", "--since", "HEAD"]);
        let output = run(&["fix", "--unsafe", "--prove"]);
        assert!(!output.stdout.is_empty(), "there is something to compile");
        std::fs::create_dir_all(tree.path("project/.git")).unwrap();
        run(&["check", "--since", "HEAD"]);
        std::fs::remove_dir_all(tree.path("project/.git")).unwrap();
    }
    let ran: Vec<_> = std::fs::read_dir(tree.path("ran")).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert!(ran.is_empty(), "{ran:?}");
}

/// A transform that writes a file would tell that it ran.
#[test]
fn code_of_the_project_runs_only_when_it_is_trusted() {
    let tree = Tree::new(&[]);
    let trace = tree.path("ran");
    let transform = format!(
        "-module(acme_transform).\n-export([parse_transform/2]).\n\
         parse_transform(Forms, _) -> ok = file:write_file({:?}, <<>>), Forms.\n",
        trace.to_str().unwrap()
    );
    tree.write("project/src/acme_transform.erl", &transform);
    std::fs::create_dir_all(tree.path("project/ebin")).unwrap();
    let compiled = std::process::Command::new("erlc")
        .args(["-o", "ebin", "src/acme_transform.erl"])
        .current_dir(tree.path("project"))
        .status();
    assert!(compiled.unwrap().success());
    tree.write("project/rebar.config", "{erl_opts, [{parse_transform, acme_transform}]}.\n{deps, []}.\n");
    tree.write(
        "project/src/mod_acme.erl",
        "-module(mod_acme).\n-compile({parse_transform, acme_transform}).\n-export([hooks/1, sent/3]).\n\
         hooks(HostType) ->\n    [{c2s_update_presence, HostType, fun ?MODULE:sent/3, #{}, 50}].\n\
         sent(Acc, _Params, _Extra) ->\n    {ok, Acc}.\n",
    );
    let commands: [&[&str]; 4] = [&["check"], &["fix", "--unsafe"], &["plan"], &["fix", "--unsafe", "--prove"]];
    let mut said = String::new();
    for command in commands {
        said = tree.said(command);
        assert!(!trace.exists(), "{command:?}");
    }
    let reason = "undefined parse transform 'acme_transform' (the project's code is run only when it is trusted)";
    assert!(said.contains("not proved: src/mod_acme.erl: ") && said.contains(reason), "{said}");
    tree.said(&["fix", "--unsafe", "--prove", "--trust"]);
    assert!(trace.exists());
}
