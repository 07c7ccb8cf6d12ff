//! Fixes and comments, as actions.

use super::*;

#[test]
fn actions_say_what_they_are() {
    let mut editor = Editor::new(&[("src/mod_a.erl", REGISTERS), ("src/mod_b.erl", HANDLES)], able());
    editor.open("src/mod_a.erl");
    let diagnostics = editor.settled("src/mod_a.erl");
    let mut shown = Vec::new();
    for it in diagnostics.as_array().unwrap() {
        for action in editor.actions("src/mod_a.erl", &it["range"], &["quickfix"]) {
            if action["diagnostics"][0]["code"] == it["code"] {
                shown.push(json!({"rule": it["code"], "title": action["title"], "preferred": action["isPreferred"],
                    "disabled": action["disabled"], "command": action["command"]["arguments"]}));
            }
        }
    }
    assert_data_eq!(
        editor.shown(&json!(shown)),
        str![[r#"
[
  {
    "command": null,
    "disabled": null,
    "preferred": null,
    "rule": "removed-hook",
    "title": "register `event/3` for `foreign_event` (look at it: an event that is handled stops the hook: other handlers of the hook with a higher priority do not see it)"
  },
  {
    "command": null,
    "disabled": null,
    "preferred": null,
    "rule": "removed-hook",
    "title": "Suppress `removed-hook` here; say why in place of `<why>`"
  },
  {
    "command": [
      "removed-hook"
    ],
    "disabled": null,
    "preferred": null,
    "rule": "removed-hook",
    "title": "Explain `removed-hook`"
  },
  {
    "command": null,
    "disabled": null,
    "preferred": true,
    "rule": "drop-result",
    "title": "let `dropped/3` take what `filter_local_packet` gives in 6.1.0"
  },
  {
    "command": null,
    "disabled": null,
    "preferred": null,
    "rule": "drop-result",
    "title": "Suppress `drop-result` here; say why in place of `<why>`"
  },
  {
    "command": [
      "drop-result"
    ],
    "disabled": null,
    "preferred": null,
    "rule": "drop-result",
    "title": "Explain `drop-result`"
  }
]
"#]]
    );
    editor.end();
}

#[test]
fn a_fix_is_had_when_it_is_wanted() {
    let mut editor = Editor::new(&[("src/mod_a.erl", REGISTERS), ("src/mod_b.erl", HANDLES)], able());
    editor.open("src/mod_a.erl");
    let diagnostics = editor.settled("src/mod_a.erl");
    let dropped = diagnostics.as_array().unwrap().iter().find(|it| it["code"] == "drop-result").unwrap().clone();
    let actions = editor.actions("src/mod_a.erl", &dropped["range"], &["quickfix"]);
    let fix = actions.into_iter().find(|it| it["isPreferred"] == true).unwrap();
    assert!(fix.get("edit").is_none());
    let resolved = editor.ask("codeAction/resolve", fix.clone()).unwrap();
    assert_eq!(resolved["edit"]["documentChanges"][0]["textDocument"]["version"], 1);
    let texts = applied(&editor, &resolved["edit"], crate::source::Unit::Utf16);
    assert!(texts[0].1.contains("{stop, drop}"), "{texts:?}");
    // For another text it would be wrong.
    editor.change("src/mod_a.erl", 2, [0, 0, 0, 0], "\n");
    assert_eq!(editor.ask("codeAction/resolve", fix).unwrap_err().0, -32801);
    editor.end();
}

#[test]
fn who_cannot_ask_for_edits_later_gets_them_now() {
    let mut poor = able();
    poor["textDocument"]["codeAction"] = json!({});
    poor["workspace"] = json!({});
    let mut editor = Editor::new(&[("src/mod_a.erl", REGISTERS), ("src/mod_b.erl", HANDLES)], poor);
    editor.open("src/mod_a.erl");
    let whole = json!({"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}});
    let actions = editor.actions("src/mod_a.erl", &whole, &["quickfix", "source.fixAll"]);
    let fixes: Vec<&Value> = actions.iter().filter(|it| it.get("command").is_none()).collect();
    assert!(fixes.len() > 2 && fixes.iter().all(|it| it["edit"]["changes"].is_object()), "{fixes:?}");
    assert!(titles(&actions).contains(&"Make all safe fixes of hookshift"));
    assert!(actions.iter().all(|it| it.get("disabled").is_none()));
    editor.end();
}

#[test]
fn what_takes_long_comes_only_when_it_is_asked_for() {
    let mut poor = able();
    poor["textDocument"]["codeAction"] = json!({});
    let mut editor = Editor::new(&[("src/mod_a.erl", REGISTERS), ("src/mod_b.erl", HANDLES)], poor);
    editor.open("src/mod_a.erl");
    let whole = json!({"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}});
    let actions = editor.actions("src/mod_a.erl", &whole, &[]);
    assert!(actions.len() > 2 && !titles(&actions).contains(&"Make all safe fixes of hookshift"), "{actions:?}");
    assert_eq!(titles(&editor.actions("src/mod_a.erl", &whole, &["source"])), ["Make all safe fixes of hookshift"]);
    editor.end();
}

/// A module of the oldest age, whose handler is for the first of two steps safe to rewrite, and for both of them not.
const OLD: &str = "\
-module(mod_o).
-export([start/2, preprocess/2]).
start(HostType, _Opts) ->
    ejabberd_hooks:add(c2s_preprocessing_hook, HostType, ?MODULE, preprocess, 50).
preprocess(Acc, C2SState) ->
    mongoose_acc:set(acme, jid, ejabberd_c2s_state:jid(C2SState), Acc).
";

#[test]
fn a_stage_is_led_to_its_end_before_it_is_called_safe() {
    let whole = json!({"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}});
    let is_rewrite = |it: &Value| it["title"].as_str().unwrap().starts_with("rewrite `mod_o` for `gen_hook` (look ");
    let mut editor = Editor::new(&[("src/mod_o.erl", OLD)], able());
    editor.open("src/mod_o.erl");
    let actions = editor.actions("src/mod_o.erl", &whole, &["quickfix"]);
    let listed = actions.into_iter().find(is_rewrite).unwrap();
    assert_eq!(listed["isPreferred"], Value::Null, "{listed}");
    let resolved = editor.ask("codeAction/resolve", listed).unwrap();
    assert_eq!(resolved["edit"]["changeAnnotations"]["look"]["needsConfirmation"], true, "{resolved}");
    let led = applied(&editor, &resolved["edit"], crate::source::Unit::Utf16);
    assert!(led[0].1.contains("(user_send_packet, ") && led[0].1.contains("mongoose_c2s:get_jid("), "{led:?}");
    editor.end();

    let mut poor = able();
    poor["textDocument"]["codeAction"] = json!({});
    let mut editor = Editor::new(&[("src/mod_o.erl", OLD)], poor);
    editor.open("src/mod_o.erl");
    let actions = editor.actions("src/mod_o.erl", &whole, &["quickfix"]);
    let listed = actions.iter().find(|it| is_rewrite(it)).unwrap();
    assert!(listed["isPreferred"] == false && listed.get("data").is_none(), "{listed}");
    assert!(listed["title"].as_str().unwrap().contains("(look at it: `preprocess/3`: "), "{listed}");
    assert_eq!(applied(&editor, &listed["edit"], crate::source::Unit::Utf16), led);
    editor.end();

    let mut uninformed = able();
    uninformed["workspace"]["workspaceEdit"].as_object_mut().unwrap().remove("changeAnnotationSupport");
    let mut editor = Editor::new(&[("src/mod_o.erl", OLD)], uninformed);
    editor.open("src/mod_o.erl");
    let actions = editor.actions("src/mod_o.erl", &whole, &["quickfix"]);
    editor.ask("codeAction/resolve", actions.into_iter().find(is_rewrite).unwrap()).unwrap();
    let told = |it: &Message| {
        let Message::Notification(it) = it else { return false };
        it.method == "window/showMessage"
            && it.params["message"].as_str().unwrap().contains("look at it: `preprocess/3`: ")
    };
    assert!(editor.waiting.iter().any(told), "{:?}", editor.waiting);
    editor.end();
}

#[test]
fn unsafe_fixes_want_to_be_confirmed() {
    let handler = "\
-module(mod_c).
-export([hooks/1, seen/3]).
hooks(HostType) ->
    [{user_send_packet, HostType, fun ?MODULE:seen/3, #{}, 50},
     {c2s_preprocessing_hook, HostType, fun ?MODULE:seen/3, #{}, 50}].
seen(Acc, _Params, _Extra) ->
    {ok, Acc}.
";
    let mut editor = Editor::new(&[("src/mod_c.erl", handler)], able());
    editor.open("src/mod_c.erl");
    let whole = json!({"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}});
    let actions = editor.actions("src/mod_c.erl", &whole, &["quickfix"]);
    let wary = actions.into_iter().find(|it| it["title"].as_str().unwrap().contains("(look at it: ")).unwrap();
    assert_eq!(wary["isPreferred"], Value::Null);
    let resolved = editor.ask("codeAction/resolve", wary).unwrap();
    let annotation = &resolved["edit"]["changeAnnotations"]["look"];
    assert_eq!(annotation["needsConfirmation"], true, "{resolved}");
    assert_eq!(resolved["edit"]["documentChanges"][0]["edits"][0]["annotationId"], "look");
    editor.end();
}

#[test]
fn a_finding_is_suppressed_once_somebody_says_why() {
    let mut editor = Editor::new(&[("src/mod_a.erl", REGISTERS), ("src/mod_b.erl", HANDLES)], able());
    editor.open("src/mod_a.erl");
    let found = editor.settled("src/mod_a.erl");
    let removed = found.as_array().unwrap().iter().find(|it| it["code"] == "removed-hook").unwrap().clone();
    let actions = editor.actions("src/mod_a.erl", &removed["range"], &["quickfix"]);
    let suppress = actions.iter().find(|it| it["title"].as_str().unwrap().starts_with("Suppress")).unwrap();
    let texts = applied(&editor, &suppress["edit"], crate::source::Unit::Utf16);
    let mut version = 1;
    let mut set = |editor: &mut Editor, text: &str| {
        version += 1;
        let document = json!({"uri": editor.uri("src/mod_a.erl"), "version": version});
        let params = json!({"textDocument": document, "contentChanges": [{"text": text}]});
        editor.notify("textDocument/didChange", params);
        brief(&editor.published("src/mod_a.erl", Some(version)))
    };
    // As long as nobody has said why, that is what is found.
    let found = set(&mut editor, &texts[0].1);
    assert!(found.iter().any(|it| it.ends_with("malformed-suppression")), "{found:?}");
    let found = set(&mut editor, &texts[0].1.replace("<why>", "the event is sent by nobody any more"));
    assert!(!found.iter().any(|it| it.contains("suppression") || it.contains("removed-hook")), "{found:?}");
    assert!(found.iter().any(|it| it.ends_with("drop-result")), "{found:?}");
    editor.end();
}
