//! What a session has to bear.

use super::*;

#[test]
fn what_is_not_ours_is_left_alone() {
    let files = [
        (".gitignore", "gen/\n"),
        ("gen/mod_a.erl", REGISTERS),
        ("src/x.app.src", "{application, x, []}.\n"),
        ("src/notes.txt", "gen_hook"),
    ];
    let mut editor = Editor::new(&files, able());
    for path in ["gen/mod_a.erl", "src/x.app.src", "src/notes.txt"] {
        let text = std::fs::read_to_string(editor.path(path)).unwrap();
        let document = json!({"uri": editor.uri(path), "languageId": "plaintext", "version": 1, "text": text});
        editor.notify("textDocument/didOpen", json!({"textDocument": document}));
        let found = editor.settled(path);
        assert!(found.is_null() || found == json!([]), "{path}: {found}");
    }
    editor.end();
}

#[test]
fn what_is_ignored_follows_the_ignore_file() {
    let files = [("src/mod_a.erl", REGISTERS), ("src/mod_b.erl", HANDLES), (".gitignore", "")];
    let mut editor = Editor::new(&files, able());
    editor.open("src/mod_a.erl");
    assert!(!brief(&editor.settled("src/mod_a.erl")).is_empty());
    let event = json!({"uri": editor.uri(".gitignore"), "type": 2});
    editor.write(".gitignore", "mod_a.erl\n");
    editor.notify("workspace/didChangeWatchedFiles", json!({"changes": [event]}));
    assert_eq!(editor.published("src/mod_a.erl", None), json!([]));
    editor.change("src/mod_a.erl", 2, [0, 0, 0, 0], "\n");
    assert_eq!(editor.published("src/mod_a.erl", Some(2)), json!([]));
    editor.write(".gitignore", "");
    editor.notify("workspace/didChangeWatchedFiles", json!({"changes": [event]}));
    editor.change("src/mod_a.erl", 3, [0, 0, 1, 0], "");
    assert!(!brief(&editor.settled("src/mod_a.erl")).is_empty());
    editor.end();
}

#[test]
fn a_file_that_cannot_be_read_is_told_once() {
    let mut editor = Editor::new(&[("src/mod_a.erl", REGISTERS), ("src/mod_b.erl", HANDLES)], able());
    std::fs::write(editor.path("src/mod_x.erl"), "gen_hook\0").unwrap();
    let event = json!({"uri": editor.uri("src/mod_x.erl"), "type": 1});
    editor.notify("workspace/didChangeWatchedFiles", json!({"changes": [event]}));
    let log = editor.notification("window/logMessage", |_| true);
    assert!(log["message"].as_str().unwrap().contains("mod_x.erl: is a binary file"), "{log}");
    editor.open("src/mod_a.erl");
    editor.change("src/mod_a.erl", 2, [0, 0, 0, 0], "\n");
    editor.settled("src/mod_a.erl");
    assert!(
        !editor.waiting.iter().any(|it| matches!(it, Message::Notification(it) if it.method == "window/logMessage"))
    );
    editor.end();
}

#[test]
fn a_file_that_is_not_saved_yet_is_looked_at() {
    let mut editor = Editor::new(&[("src/mod_b.erl", HANDLES)], able());
    editor.open_with("src/mod_a.erl", REGISTERS);
    let found = editor.settled("src/mod_a.erl");
    assert!(brief(&found).contains(&"8:6 removed-hook".to_owned()), "{found}");
    let document = json!({"uri": "untitled:Untitled-1", "languageId": "erlang", "version": 1, "text": REGISTERS.replace("mod_a", "mod_u")});
    editor.notify("textDocument/didOpen", json!({"textDocument": document}));
    let found = editor.notification("textDocument/publishDiagnostics", |it| it["uri"] == "untitled:Untitled-1");
    assert!(brief(&found["diagnostics"]).contains(&"8:6 removed-hook".to_owned()), "{found}");
    editor.end();
}

#[test]
fn without_folders_the_project_of_a_file_is_found() {
    let files = [
        ("p/rebar.config", ""),
        ("p/src/mod_a.erl", REGISTERS),
        ("p/src/mod_b.erl", HANDLES),
        ("lone/mod_a.erl", REGISTERS),
    ];
    let mut editor = Editor::silent(&files, able());
    editor.initialize(Value::Null, Value::Null);
    for path in ["p/src/mod_a.erl", "lone/mod_a.erl"] {
        editor.open(path);
        let found = editor.settled(path);
        assert!(brief(&found).contains(&"8:6 removed-hook".to_owned()), "{found}");
    }
    editor.end();
}

#[test]
fn requests_at_the_wrong_time_are_refused() {
    let mut editor = Editor::silent(&[], able());
    assert_eq!(editor.ask("textDocument/hover", json!({})).unwrap_err().0, -32002);
    editor.notify("textDocument/didOpen", json!({"textDocument": 1}));
    let folder = json!([{"uri": editor.uri(""), "name": "it"}]);
    editor.initialize(folder.clone(), json!({"from": "x", "rules": 7}));
    let complaint = editor.notification("window/showMessage", |_| true);
    assert!(complaint["message"].as_str().unwrap().contains("`x` is not a release number"), "{complaint}");
    assert_eq!(editor.ask("initialize", json!({"capabilities": {}})).unwrap_err().0, -32600);
    assert_eq!(editor.ask("textDocument/rename", json!({})).unwrap_err().0, -32601);
    for method in ["textDocument/hover", "textDocument/codeAction", "textDocument/diagnostic", "workspace/diagnostic"] {
        assert_eq!(editor.ask(method, json!([1])).unwrap_err().0, -32602, "{method}");
    }
    for method in ["textDocument/didChange", "textDocument/didClose", "workspace/didChangeWatchedFiles", "x/y", "$/z"] {
        editor.notify(method, json!({"textDocument": {"uri": "no uri"}, "changes": 1}));
        editor.notify(method, Value::Null);
    }
    editor.ask("shutdown", Value::Null).unwrap();
    assert_eq!(editor.ask("textDocument/hover", json!({})).unwrap_err().0, -32600);
    editor.notify("exit", Value::Null);
    assert_eq!(editor.server.take().unwrap().join().unwrap(), Ended::Properly);
}

#[test]
fn a_client_that_is_gone_ends_the_server() {
    let editor = Editor::new(&[("src/mod_a.erl", REGISTERS)], able());
    let Editor { client, server, directory, .. } = editor;
    drop(client);
    assert_eq!(server.unwrap().join().unwrap(), Ended::Abruptly);
    drop(directory);
    let mut editor = Editor::new(&[], able());
    editor.notify("exit", Value::Null);
    assert_eq!(editor.server.take().unwrap().join().unwrap(), Ended::Abruptly);
}

#[test]
fn a_cancelled_request_is_answered_as_such() {
    let mut editor = Editor::new(&[("src/mod_a.erl", REGISTERS), ("src/mod_b.erl", HANDLES)], able());
    editor.open("src/mod_a.erl");
    editor.settled("src/mod_a.erl");
    let whole = json!({"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}});
    let all = editor.actions("src/mod_a.erl", &whole, &["source.fixAll"]).remove(0);
    let id = editor.send("codeAction/resolve", all);
    editor.notify("$/cancelRequest", json!({"id": 999}));
    editor.notify("$/cancelRequest", json!({"id": id}));
    // It may have been answered before; then it is a right answer.
    match editor.response(&id) {
        Ok(action) => assert!(action["edit"].is_object()),
        Err((code, _)) => assert_eq!(code, -32800),
    }
    // One answer, and no other.
    editor.settled("src/mod_a.erl");
    assert!(!editor.waiting.iter().any(|it| matches!(it, Message::Response(_))));
    editor.end();
}

#[test]
fn a_bug_costs_one_request() {
    let mut editor = Editor::new(&[("src/mod_a.erl", REGISTERS), ("src/mod_b.erl", HANDLES)], able());
    editor.open("src/mod_a.erl");
    let before = editor.settled("src/mod_a.erl");
    editor.change("src/mod_a.erl", 2, [0, 0, 0, 0], "\n");
    let (code, message) = editor.ask("hookshift/fail", Value::Null).unwrap_err();
    assert!(code == -32603 && message.contains("a bug in it"), "{code} {message}");
    let log = editor.notification("window/logMessage", |_| true);
    assert!(log["message"].as_str().unwrap().ends_with("hookshift/fail: as it was told to"), "{log}");
    editor.notify("hookshift/fail", Value::Null);
    // What was known is found out anew, with what was edited.
    let after = editor.settled("src/mod_a.erl");
    let moved = |found: &Value| {
        found.as_array().unwrap().iter().map(|it| it["range"]["start"]["line"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(moved(&after), moved(&before).iter().map(|line| line + 1).collect::<Vec<_>>());
    editor.end();
}

#[test]
fn huge_and_odd_documents_do_no_harm() {
    let mut editor = Editor::new(&[("src/mod_a.erl", REGISTERS), ("src/mod_b.erl", HANDLES)], able());
    let line = format!("-module(mod_h).\nf() -> [{}0].\n", "gen_hook, ".repeat(400_000));
    let nested = format!("f() -> {}gen_hook{}.\n", "{".repeat(50_000), "}".repeat(50_000));
    for (path, text) in
        [("src/mod_h.erl", line.as_str()), ("src/mod_n.erl", &nested), ("src/mod_z.erl", "a\0b"), ("src/mod_e.erl", "")]
    {
        editor.open_with(path, text);
        editor.change(path, 2, [0, 0, 0, 0], "%% \"'$\n");
        editor.change(path, 3, [4_000_000_000, 0, 4_000_000_001, 7], "\"");
        assert_eq!(editor.settled(path), json!([]), "{path}");
    }
    let found = editor.published("src/mod_a.erl", None);
    assert!(!brief(&found).is_empty());
    editor.end();
}

#[test]
fn nothing_is_found_in_what_is_no_text_until_it_is_one_again() {
    let mut editor = Editor::new(&[("src/mod_a.erl", REGISTERS), ("src/mod_b.erl", HANDLES)], able());
    editor.open("src/mod_a.erl");
    let found = brief(&editor.settled("src/mod_a.erl"));
    assert!(!found.is_empty());
    // Neither what was found before nor what stands on disk is true of this.
    editor.change("src/mod_a.erl", 2, [0, 0, 0, 0], "\0");
    assert_eq!(editor.settled("src/mod_a.erl"), json!([]));
    editor.change("src/mod_a.erl", 3, [0, 0, 0, 1], "");
    assert_eq!(brief(&editor.settled("src/mod_a.erl")), found);
    editor.end();
}

#[test]
fn bytes_of_other_encodings_and_line_ends_stay_what_they_are() {
    // Latin-1 on disk, as text in the editor, with CRLF.
    let text = "%% coding: latin-1\r\n-module(mod_l).\r\n-export([hooks/1, f/3]).\r\n\
        hooks(H) -> [{filter_local_packet, H, fun ?MODULE:f/3, #{}, 5}]. %% \u{e9}\u{e9}\r\n\
        f({_, _, _, _}, _, _) -> /* \u{e9} */ {ok, drop};\r\nf(drop, _, _) -> {ok, drop}.\r\n";
    let text = text.replace("/* \u{e9} */ ", "");
    let bytes: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let mut editor = Editor::new(&[], able());
    std::fs::create_dir(editor.path("src")).unwrap();
    std::fs::write(editor.path("src/mod_l.erl"), &bytes).unwrap();
    editor.open_with("src/mod_l.erl", &text);
    let whole = json!({"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}});
    let all = editor.actions("src/mod_l.erl", &whole, &["source.fixAll.hookshift"]).remove(0);
    let resolved = editor.ask("codeAction/resolve", all).unwrap();
    let texts = applied(&editor, &resolved["edit"], crate::source::Unit::Utf16);
    assert!(
        texts[0].1.contains("f({_, _, _, _}, _, _) -> {stop, drop};\r\n") && texts[0].1.contains("\u{e9}\u{e9}\r\n"),
        "{texts:?}"
    );
    // What the encoding lacks could not be written.
    editor.change("src/mod_l.erl", 2, [0, 0, 0, 0], "");
    editor.change("src/mod_l.erl", 3, [4, 0, 4, 0], "%% \u{1f980}\r\n");
    let all = editor.actions("src/mod_l.erl", &whole, &["source.fixAll.hookshift"]).remove(0);
    let refused = editor.ask("codeAction/resolve", all).unwrap_err();
    assert!(refused.1.contains("encoding lacks a character"), "{refused:?}");
    editor.end();
}
