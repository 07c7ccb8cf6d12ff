//! Hovers, completion, explanations.

use super::*;

#[test]
fn columns_are_counted_as_agreed() {
    let text = "-module(mod_d).\n-export([hooks/1, f/3]).\nhooks(H) ->\n\t[ok, \"\u{1f980}\u{e9}\", {c2s_remote_hook, H, fun ?MODULE:f/3, #{}, 50}].\nf(Acc, _, _) -> {ok, Acc}.\n";
    let line = text.lines().nth(3).unwrap();
    let before = &line[..line.find("c2s_remote").unwrap()];
    for (encoding, column) in
        [("utf-8", before.len()), ("utf-16", before.encode_utf16().count()), ("utf-32", before.chars().count())]
    {
        let mut able = able();
        able["general"]["positionEncodings"] = json!([encoding]);
        let mut editor = Editor::new(&[("src/mod_d.erl", text)], able);
        editor.open("src/mod_d.erl");
        let found = editor.settled("src/mod_d.erl");
        assert!(brief(&found).contains(&format!("3:{column} removed-hook")), "{encoding}: {found}");
        // A change behind the odd characters lands where it should.
        let at = u32::try_from(column).unwrap();
        editor.change("src/mod_d.erl", 2, [3, at, 3, at + 15], "remove_user");
        let found = editor.published("src/mod_d.erl", Some(2));
        assert!(
            !brief(&found).iter().any(|it| it.ends_with("removed-hook") || it.ends_with("unknown-hook")),
            "{found}"
        );
        editor.end();
    }
}

#[test]
fn knowledge_where_it_is_needed() {
    let mut editor = Editor::new(&[("src/mod_a.erl", REGISTERS), ("src/mod_b.erl", HANDLES)], able());
    editor.open("src/mod_a.erl");
    editor.open("src/mod_b.erl");
    let hover = |editor: &mut Editor, path: &str, word: &str| {
        let at = editor.at(path, word);
        let found = editor.ask("textDocument/hover", at).unwrap();
        found["contents"]["value"].as_str().unwrap_or_default().to_owned()
    };
    let hook = hover(&mut editor, "src/mod_a.erl", "c2s_remote_hook");
    assert!(hook.contains("### `c2s_remote_hook`: removed in 6.1.0") && hook.contains("Priority 50 on"), "{hook}");
    let key = hover(&mut editor, "src/mod_b.erl", "hook_args :=");
    assert!(key.starts_with("### `hook_args` of `c2s_remote_hook`"), "{key}");
    let handler = hover(&mut editor, "src/mod_b.erl", "event(Acc, #{");
    assert!(handler.contains("* c2s_remote_hook: removed in 6.1.0"), "{handler}");
    assert_eq!(hover(&mut editor, "src/mod_b.erl", "-module"), "");

    let user = "-module(mod_u).\n-export([f/2]).\nf(HostType, Acc) ->\n    gen_hook:run_fold(filter_packet, HostType, Acc, #{}),\n\
        \x20   mongoose_hooks:c2s_remote_hook(HostType, tag, Acc, [], s),\n    ejabberd_c2s:get_info(Acc).\n";
    editor.write("src/mod_u.erl", user);
    editor.open("src/mod_u.erl");
    assert!(hover(&mut editor, "src/mod_u.erl", "filter_packet").starts_with("### `filter_packet`"));
    assert!(
        hover(&mut editor, "src/mod_u.erl", "c2s_remote_hook").starts_with("### `c2s_remote_hook`: removed in 6.1.0")
    );
    assert!(hover(&mut editor, "src/mod_u.erl", "get_info").starts_with("### `ejabberd_c2s:get_info/1`: "));
    assert_eq!(hover(&mut editor, "src/mod_u.erl", "HostType"), "");

    let at = editor.at("src/mod_a.erl", "mod_b:event");
    let found = editor.ask("textDocument/definition", at).unwrap();
    assert_eq!(found[0]["uri"], editor.uri("src/mod_b.erl"));
    assert_eq!(found[0]["range"]["start"], json!({"line": 2, "character": 0}));
    let mut at = editor.at("src/mod_b.erl", "event(Acc, #{");
    at["context"] = json!({"includeDeclaration": false});
    let found = editor.ask("textDocument/references", at).unwrap();
    assert_eq!(found[0]["uri"], editor.uri("src/mod_a.erl"), "{found}");
    let about = json!({"textDocument": {"uri": editor.uri("src/mod_b.erl")}});
    let lenses = editor.ask("textDocument/codeLens", about).unwrap();
    assert!(
        lenses[0]["command"]["title"].as_str().unwrap().starts_with("c2s_remote_hook: removed in 6.1.0"),
        "{lenses}"
    );
    assert_eq!(lenses[0]["command"]["command"], "hookshift.explain");
    editor.end();
}

#[test]
fn completion_of_hooks_and_keys() {
    let mut editor = Editor::new(&[("src/mod_a.erl", REGISTERS), ("src/mod_b.erl", HANDLES)], able());
    editor.open("src/mod_a.erl");
    editor.open("src/mod_b.erl");
    let complete = |editor: &mut Editor, path: &str, word: &str| {
        let at = editor.at(path, word);
        editor.ask("textDocument/completion", at).unwrap()["items"].as_array().unwrap().clone()
    };
    let hooks = complete(&mut editor, "src/mod_a.erl", "c2s_remote_hook");
    let of = |label: &str| hooks.iter().find(|it| it["label"] == label).cloned().unwrap_or_default();
    assert_eq!(of("c2s_remote_hook")["tags"], json!([1]));
    assert_eq!(of("user_send_message")["labelDetails"]["description"], "new in 6.1.0");
    assert_eq!(of("user_send_message")["textEdit"]["newText"], "user_send_message");
    assert_eq!(of("user_send_message")["textEdit"]["range"]["end"]["character"], 6 + "c2s_remote_hook".len());
    let keys = complete(&mut editor, "src/mod_b.erl", "hook_args :=");
    assert!(
        keys.iter().any(|it| it["label"] == "hook_args" && it["textEdit"]["newText"] == "hook_args := "),
        "{keys:?}"
    );
    assert_eq!(complete(&mut editor, "src/mod_b.erl", "ok, [Args"), Vec::<Value>::new());
    editor.end();
}

#[test]
fn explanations_can_be_read() {
    let mut editor = Editor::new(&[("src/mod_a.erl", REGISTERS)], able());
    for name in ["removed-hook", "c2s_remote_hook"] {
        let params = json!({"command": "hookshift.explain", "arguments": [name]});
        let page = editor.ask("workspace/executeCommand", params).unwrap();
        let shown = editor.notification("window/showDocument", |_| true);
        let path = shown["uri"].as_str().unwrap().strip_prefix("file://").unwrap();
        assert_eq!(std::fs::read_to_string(path).unwrap(), page.as_str().unwrap());
    }
    for (command, argument) in
        [("hookshift.explain", json!("no-such-rule")), ("hookshift.explain", json!(1)), ("rm", json!("x"))]
    {
        let params = json!({"command": command, "arguments": [argument]});
        assert_eq!(editor.ask("workspace/executeCommand", params).unwrap_err().0, -32602);
    }
    editor.end();
}
