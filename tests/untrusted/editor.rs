//! A folder that is opened in an editor.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::process::{ChildStdout, Stdio};

use serde_json::{Value, json};

use super::{Tree, hookshift};

fn send(to: &mut impl Write, message: &Value) {
    let text = message.to_string();
    write!(to, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
    to.flush().unwrap();
}

/// The next message; the head of one is a line with its length, and an empty one.
fn receive(from: &mut BufReader<ChildStdout>) -> Value {
    let mut length = 0;
    loop {
        let mut line = String::new();
        from.read_line(&mut line).unwrap();
        match line.trim().strip_prefix("Content-Length: ") {
            Some(number) => length = number.parse().unwrap(),
            None if line.trim().is_empty() => break,
            None => {}
        }
    }
    let mut text = vec![0; length];
    from.read_exact(&mut text).unwrap();
    serde_json::from_slice(&text).unwrap()
}

#[test]
fn opening_a_folder_runs_nothing_and_leads_nowhere() {
    let tree = Tree::new(&[("secret.hrl", "-define(HOOK, tell_it_to_nobody).\n"), ("secret.toml", "secret = [\n")]);
    std::fs::create_dir(tree.path("ran")).unwrap();
    let trap = |name: &str| {
        let text = format!("#!/bin/sh\n: > '{}'\n", tree.path("ran").join(name).display());
        let path = tree.write(&format!("project/{name}"), &text);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path.display().to_string()
    };
    for name in ["git", "erl", "erlc", "rebar3", "hookshift"] {
        trap(name);
    }
    let hook = trap("fsmonitor");
    std::fs::remove_dir_all(tree.path("project/.git")).unwrap();
    let git = |arguments: &[&str]| {
        assert!(
            std::process::Command::new("git")
                .arg("-C")
                .arg(tree.path("project"))
                .args(arguments)
                .status()
                .unwrap()
                .success()
        );
    };
    git(&["init", "-q", "."]);
    git(&["config", "core.fsmonitor", &hook]);
    tree.write("project/rebar.config.script", "file:write_file(\"../ran/script\", <<>>).\n");
    tree.write(
        "project/rebar.config",
        "{erl_opts, [{parse_transform, acme_transform}]}.\n{pre_hooks, [{compile, \"touch ../ran/hook\"}]}.\n",
    );
    tree.write("project/hookshift.toml", "mongooseim-toml = \"../secret.toml\"\n");
    let module = "-module(mod_acme).\n-compile({parse_transform, acme_transform}).\n-include(\"../../secret.hrl\").\n\
        -export([hooks/1, sent/3]).\nhooks(HostType) ->\n    [{?HOOK, HostType, fun ?MODULE:sent/3, #{}, 50},\n     \
        {c2s_update_presence, HostType, fun ?MODULE:sent/3, #{}, 50}].\nsent(Acc, _Params, _Extra) ->\n    {ok, Acc}.\n";
    let file = tree.write("project/src/mod_acme.erl", module);

    let path = format!(".:{}", std::env::var("PATH").unwrap());
    let mut command = hookshift(&tree.path("project"));
    let mut server = command.arg("lsp").env("PATH", path).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (mut to, mut from) = (server.stdin.take().unwrap(), BufReader::new(server.stdout.take().unwrap()));
    let (root, uri) = (format!("file://{}", tree.path("project").display()), format!("file://{}", file.display()));
    let folders = json!([{"uri": root, "name": "acme"}]);
    send(
        &mut to,
        &json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"capabilities": {}, "rootUri": root, "workspaceFolders": folders}}),
    );
    send(&mut to, &json!({"jsonrpc": "2.0", "method": "initialized", "params": {}}));
    let document = json!({"uri": uri, "languageId": "erlang", "version": 1, "text": module});
    send(&mut to, &json!({"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"textDocument": document}}));
    let range = json!({"start": {"line": 0, "character": 0}, "end": {"line": 9, "character": 0}});
    let params = json!({"textDocument": {"uri": uri}, "range": range, "context": {"diagnostics": []}});
    send(&mut to, &json!({"jsonrpc": "2.0", "id": 2, "method": "textDocument/codeAction", "params": params}));
    let mut said = String::new();
    loop {
        let message = receive(&mut from);
        said.push_str(&message.to_string());
        // What the server asks is answered, whatever it is.
        if let (Some(id), Some(_)) = (message.get("id"), message.get("method")) {
            send(&mut to, &json!({"jsonrpc": "2.0", "id": id, "result": null}));
        } else if message["id"] == 2 {
            assert!(message["result"].is_array(), "{message}");
            break;
        }
    }
    send(&mut to, &json!({"jsonrpc": "2.0", "id": 3, "method": "shutdown"}));
    while receive(&mut from)["id"] != 3 {}
    send(&mut to, &json!({"jsonrpc": "2.0", "method": "exit"}));
    assert!(server.wait().unwrap().success());
    assert!(said.contains("c2s_update_presence") && !said.contains("tell_it_to_nobody"), "{said}");
    let ran: Vec<_> = std::fs::read_dir(tree.path("ran")).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert!(ran.is_empty(), "{ran:?}");
}
