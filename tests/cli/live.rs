//! `hookshift live` with a real Erlang: what its expression prints of a table such as the server has.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

fn hookshift() -> Command {
    Command::new(snapbox::cmd::cargo_bin!("hookshift"))
}

/// The table is that of `gen_hook` from 5.0.0 on: hook and tag, with what is registered as `{hook_handler, Priority, Fun, Extra}`.
const TABLE: &str = "\
ets:new(gen_hook, [named_table]).
ets:insert(gen_hook, {{remove_user, <<\"one\">>}, [{hook_handler, 50, fun mod_acme:gone/3, #{}}, {hook_handler, 60, fun mod_roster:remove_user/3, #{}}]}).
ets:insert(gen_hook, {{remove_user, <<\"two\">>}, [{hook_handler, 50, fun mod_acme:gone/3, #{}}]}).
ets:insert(gen_hook, {{node_cleanup, global}, [{hook_handler, 41, fun mod_acme:down/3, #{}}]}).
ets:insert(gen_hook, {{offline_message, <<\"one\">>}, [{hook_handler, 9, fun ejabberd_hooks:gen_hook_fn_wrapper/3, #{module => mod_acme, function => kept}}]}).
";

const MODULE: &str = "\
-module(mod_acme).
-export([start/2, gone/3, down/3, kept/3, never/3]).
start(HostType, _Opts) ->
    gen_hook:add_handlers([{remove_user, HostType, fun ?MODULE:gone/3, #{}, 50},
                           {node_cleanup, global, fun ?MODULE:down/3, #{}, 40},
                           {anonymous_purge, HostType, fun ?MODULE:never/3, #{}, 50}]).
gone(Acc, _, _) -> {ok, Acc}.
down(Acc, _, _) -> {ok, Acc}.
kept(Acc, _, _) -> {ok, Acc}.
never(Acc, _, _) -> {ok, Acc}.
";

#[test]
fn what_a_shell_prints_is_read() {
    let expression = hookshift().arg("live").output().unwrap();
    assert!(expression.status.success());
    let mut shell = Command::new("erl")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("erl: {error}; ./test installs it"));
    let mut input = shell.stdin.take().unwrap();
    input.write_all(TABLE.as_bytes()).unwrap();
    input.write_all(&expression.stdout).unwrap();
    input.write_all(b"halt().\n").unwrap();
    drop(input);
    let printed = shell.wait_with_output().unwrap();
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("node.log"), &printed.stdout).unwrap();
    fs::write(directory.path().join("mod_acme.erl"), MODULE).unwrap();
    let told = hookshift()
        .args(["live", "--dump", "node.log", "--format", "json", "--from", "6.0.0"])
        .current_dir(directory.path())
        .output()
        .unwrap();
    assert_eq!(told.status.code(), Some(1), "{}", String::from_utf8_lossy(&told.stderr));
    let told: serde_json::Value = serde_json::from_slice(&told.stdout).unwrap();
    let rows: Vec<String> = told["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| format!("{} {} {} {}", it["verdict"], it["hook"], it["handler"], it["tags"]).replace('"', ""))
        .collect();
    assert_eq!(
        rows,
        [
            "missing anonymous_purge mod_acme:never/3 []",
            "unexplained offline_message mod_acme:kept/0 [one]",
            "other-priority node_cleanup mod_acme:down/3 [global]",
            "live remove_user mod_acme:gone/3 [one,two]",
        ]
    );
    assert_eq!(told["of_server"], 1);
}
