//! What a client is told, from the beginning of a session to its end.

use super::*;

#[test]
fn a_session_from_beginning_to_end() {
    let mut editor = Editor::silent(&[("src/mod_a.erl", REGISTERS), ("src/mod_b.erl", HANDLES)], able());
    let folder = json!([{"uri": editor.uri(""), "name": "it"}]);
    let result = editor.initialize(folder, Value::Null);
    assert_data_eq!(
        editor.shown(&result["capabilities"]),
        str![[r#"
{
  "codeActionProvider": {
    "codeActionKinds": [
      "quickfix",
      "source.fixAll.hookshift"
    ],
    "resolveProvider": true
  },
  "codeLensProvider": {
    "resolveProvider": false
  },
  "completionProvider": {
    "resolveProvider": false,
    "triggerCharacters": [
      "{",
      "(",
      ","
    ]
  },
  "definitionProvider": true,
  "executeCommandProvider": {
    "commands": [
      "hookshift.explain"
    ]
  },
  "hoverProvider": true,
  "positionEncoding": "utf-16",
  "referencesProvider": true,
  "textDocumentSync": {
    "change": 2,
    "openClose": true,
    "save": {
      "includeText": false
    }
  },
  "workspace": {
    "workspaceFolders": {
      "changeNotifications": true,
      "supported": true
    }
  }
}
"#]]
    );
    editor.open("src/mod_a.erl");
    let diagnostics = editor.settled("src/mod_a.erl");
    assert_data_eq!(
        editor.shown(&diagnostics),
        str![[r#"
[
  {
    "code": "removed-hook",
    "codeDescription": {
      "href": "https://github.com/hookshift/hookshift/blob/main/docs/rules/removed-hook.md"
    },
    "data": {
      "handler": "mod_b:event/3",
      "hook": "c2s_remote_hook",
      "rule": "removed-hook"
    },
    "message": "`c2s_remote_hook` is not run any more in 6.1.0: `mod_b:event/3` is never called, and nothing is logged/nHelp: register for `foreign_event`. Together with `mongoose_c2s:cast/3` on the sending side; both sides have to change at once./nSend with `mongoose_c2s:cast(Pid, ?MODULE, Args)` and receive in a handler of `foreign_event` that matches `event_tag := ?MODULE`. The state that the hook carried as its accumulator becomes the module's state in the session. Stop the hook for events of your own and pass on all others./nNote: Instead of `tag`: `maps:get(event_tag, Params, undefined)`. The key `event_tag` is there only for events sent with `mongoose_c2s:cast/3` or `mongoose_c2s:call/3`./nNote: Instead of `hook_args`: `maps:get(event_content, Params)`./nNote: The accumulator was `term()` and is `mongoose_acc:t()`: The accumulator was the state that the server kept per tag, `empty_state` at first; it is a fresh `mongoose_acc` without a stanza now. Keep such state with `mongoose_c2s_acc:to_acc(Acc, state_mod, {?MODULE, State})` and read it with `mongoose_c2s:get_mod_state(C2SData, ?MODULE)`.",
    "range": {
      "end": {
        "character": 21,
        "line": 8
      },
      "start": {
        "character": 6,
        "line": 8
      }
    },
    "relatedInformation": [
      {
        "location": {
          "range": {
            "end": {
              "character": 53,
              "line": 2
            },
            "start": {
              "character": 0,
              "line": 2
            }
          },
          "uri": "file:///PROJECT/src/mod_b.erl"
        },
        "message": "the handler `mod_b:event/3`"
      },
      {
        "location": {
          "range": {
            "end": {
              "character": 24,
              "line": 2
            },
            "start": {
              "character": 13,
              "line": 2
            }
          },
          "uri": "file:///PROJECT/src/mod_b.erl"
        },
        "message": "reads `tag`, which the new hook does not have"
      },
      {
        "location": {
          "range": {
            "end": {
              "character": 43,
              "line": 2
            },
            "start": {
              "character": 26,
              "line": 2
            }
          },
          "uri": "file:///PROJECT/src/mod_b.erl"
        },
        "message": "reads `hook_args`, which the new hook does not have"
      }
    ],
    "severity": 1,
    "source": "hookshift",
    "tags": [
      2
    ]
  },
  {
    "code": "drop-result",
    "codeDescription": {
      "href": "https://github.com/hookshift/hookshift/blob/main/docs/rules/drop-result.md"
    },
    "data": {
      "handler": "mod_a:dropped/3",
      "hook": "filter_local_packet",
      "rule": "drop-result"
    },
    "message": "`mod_a:dropped/3` drops the stanza with `{ok, drop}`: handlers of `filter_local_packet` that follow get `drop` as their accumulator, for which some of the server's own lost their clause in 6.1.0/nHelp: return `{stop, drop}`/nNote: The caller treats both alike; with `ok` the remaining handlers are called with `drop`, and two of the server's lost the clause for it.",
    "range": {
      "end": {
        "character": 14,
        "line": 13
      },
      "start": {
        "character": 4,
        "line": 13
      }
    },
    "relatedInformation": [
      {
        "location": {
          "range": {
            "end": {
              "character": 25,
              "line": 9
            },
            "start": {
              "character": 6,
              "line": 9
            }
          },
          "uri": "file:///PROJECT/src/mod_a.erl"
        },
        "message": "`mod_a:dropped/3` is registered for `filter_local_packet` here"
      }
    ],
    "severity": 2,
    "source": "hookshift"
  }
]
"#]]
    );
    assert_eq!(editor.end(), Ended::Properly);
}

#[test]
fn all_files_of_the_workspace_are_told_whether_they_are_open_or_not() {
    let mut editor = Editor::new(&[("src/mod_a.erl", REGISTERS), ("src/mod_b.erl", HANDLES)], able());
    let diagnostics = editor.published("src/mod_a.erl", None);
    assert!(brief(&diagnostics).iter().any(|it| it.ends_with("removed-hook")), "{diagnostics}");
    assert_eq!(editor.end(), Ended::Properly);
}

#[test]
fn reading_the_workspace_is_shown_as_work_in_progress() {
    let mut able = able();
    able["window"]["workDoneProgress"] = json!(true);
    let mut editor = Editor::new(&[("src/mod_a.erl", REGISTERS), ("src/mod_b.erl", HANDLES)], able);
    let created = editor.notification("window/workDoneProgress/create", |_| true);
    for kind in ["begin", "end"] {
        let shown = editor.notification("$/progress", |it| it["value"]["kind"] == kind);
        assert_eq!(shown["token"], created["token"]);
    }
    assert!(!brief(&editor.published("src/mod_a.erl", None)).is_empty());
    editor.end();
}

#[test]
fn an_edit_changes_what_is_found_in_other_files_too() {
    let mut editor = Editor::new(&[("src/mod_a.erl", REGISTERS), ("src/mod_b.erl", HANDLES)], able());
    editor.open("src/mod_b.erl");
    let before = editor.published("src/mod_a.erl", None);
    // The handler that mod_a registers gets another arity.
    editor.change("src/mod_b.erl", 2, [1, 15, 1, 16], "4");
    let after = editor.published("src/mod_a.erl", None);
    assert_ne!(brief(&before), brief(&after));
    assert!(brief(&after).iter().any(|it| it.ends_with("handler-not-exported")), "{after}");
    editor.change("src/mod_b.erl", 3, [1, 15, 1, 16], "3");
    assert_eq!(brief(&editor.published("src/mod_a.erl", None)), brief(&before));
    editor.end();
}

#[test]
fn what_is_gone_is_taken_back() {
    let mut editor = Editor::new(&[("src/mod_a.erl", REGISTERS), ("src/mod_b.erl", HANDLES)], able());
    editor.open("src/mod_a.erl");
    assert!(!brief(&editor.settled("src/mod_a.erl")).is_empty());
    let document = json!({"uri": editor.uri("src/mod_a.erl"), "version": 2});
    let whole = json!([{"text": "-module(mod_a).\n"}]);
    editor.notify("textDocument/didChange", json!({"textDocument": document, "contentChanges": whole}));
    assert_eq!(editor.published("src/mod_a.erl", Some(2)), json!([]));
    // Closed without saving, it is again what is on disk.
    editor.notify("textDocument/didClose", json!({"textDocument": {"uri": editor.uri("src/mod_a.erl")}}));
    assert!(!brief(&editor.published("src/mod_a.erl", None)).is_empty());
    // Deleted, it is nothing.
    std::fs::remove_file(editor.path("src/mod_a.erl")).unwrap();
    let event = json!({"uri": editor.uri("src/mod_a.erl"), "type": 3});
    editor.notify("workspace/didChangeWatchedFiles", json!({"changes": [event]}));
    assert_eq!(editor.published("src/mod_a.erl", None), json!([]));
    editor.end();
}

#[test]
fn what_was_said_at_a_glance_is_taken_back() {
    let mut editor = Editor::new(&[("src/mod_a.erl", "-module(mod_a).\n")], able());
    editor.open_with("src/mod_a.erl", REGISTERS);
    assert!(!brief(&editor.published("src/mod_a.erl", Some(1))).is_empty());
    // Not saved, and closed at once, perhaps before any other file was read.
    editor.notify("textDocument/didClose", json!({"textDocument": {"uri": editor.uri("src/mod_a.erl")}}));
    assert_eq!(editor.settled("src/mod_a.erl"), json!([]));
    editor.end();
}

#[test]
fn who_pulls_is_not_pushed() {
    let mut editor = Editor::new(&[("src/mod_a.erl", REGISTERS), ("src/mod_b.erl", HANDLES)], pulling());
    editor.open("src/mod_a.erl");
    let about = json!({"textDocument": {"uri": editor.uri("src/mod_a.erl")}});
    // The first answer may come before all files were read; then the client is told to ask again.
    editor.ask("textDocument/diagnostic", about.clone()).unwrap();
    editor.notification("workspace/diagnostic/refresh", |_| true);
    let full = editor.ask("textDocument/diagnostic", about).unwrap();
    assert_eq!(full["kind"], "full");
    assert!(brief(&full["items"]).contains(&"8:6 removed-hook".to_owned()), "{full}");
    let again = json!({"textDocument": {"uri": editor.uri("src/mod_a.erl")}, "previousResultId": full["resultId"]});
    let unchanged = editor.ask("textDocument/diagnostic", again).unwrap();
    assert_eq!(unchanged, json!({"kind": "unchanged", "resultId": full["resultId"]}));
    // The whole workspace, in parts when there is a token.
    let all = editor.ask("workspace/diagnostic", json!({"previousResultIds": []})).unwrap();
    assert_eq!(all["items"].as_array().unwrap().len(), 1, "{all}");
    let known = json!([{"uri": editor.uri("src/mod_a.erl"), "value": full["resultId"]}]);
    let params = json!({"previousResultIds": known, "partialResultToken": "t"});
    assert_eq!(editor.ask("workspace/diagnostic", params).unwrap(), json!({"items": []}));
    let part = editor.notification("$/progress", |it| it["token"] == "t");
    assert_eq!(part["value"]["items"][0]["kind"], "unchanged", "{part}");
    let pushed =
        |it: &Message| matches!(it, Message::Notification(it) if it.method == "textDocument/publishDiagnostics");
    assert!(!editor.waiting.iter().any(pushed));
    editor.end();
}
