//! Whole sessions in one process: what a client sends, and what it gets.

use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use lsp_server::{Connection, Message, Notification, Request, RequestId, Response};
use serde_json::{Value, json};
use snapbox::{assert_data_eq, str};

use super::{Ended, memory, serve};

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A client with a directory of its own.
struct Editor {
    directory: tempfile::TempDir,
    client: Connection,
    server: Option<JoinHandle<Ended>>,
    next: i32,
    /// What came and nobody has asked for yet.
    waiting: Vec<Message>,
    /// What the client answers to `workspace/configuration`.
    settings: Value,
    capabilities: Value,
}

const REGISTERS: &str = "\
-module(mod_a).
-behaviour(gen_mod).
-export([start/2, stop/1, removed/3, dropped/3]).
start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).
stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).
hooks(HostType) ->
    [{c2s_remote_hook, HostType, fun mod_b:event/3, #{}, 50},
     {filter_local_packet, HostType, fun ?MODULE:dropped/3, #{}, 10}].
removed(Acc, _Params, _Extra) ->
    {ok, Acc}.
dropped({_, _, _, _}, _Params, _Extra) ->
    {ok, drop};
dropped(drop, _Params, _Extra) ->
    {ok, drop}.
";

const HANDLES: &str = "\
-module(mod_b).
-export([event/3]).
event(Acc, #{tag := acme, hook_args := Args}, _Extra) ->
    {ok, [Args | Acc]};
event(Acc, _Params, _Extra) ->
    {ok, Acc}.
";

/// All that matters here.
fn able() -> Value {
    json!({
        "general": {"positionEncodings": ["utf-16"]},
        "textDocument": {
            "publishDiagnostics": {"relatedInformation": true, "dataSupport": true, "codeDescriptionSupport": true,
                "tagSupport": {"valueSet": [1, 2]}},
            "codeAction": {"disabledSupport": true, "dataSupport": true, "resolveSupport": {"properties": ["edit"]}},
            "hover": {"contentFormat": ["markdown"]},
        },
        "workspace": {"workspaceEdit": {"documentChanges": true, "changeAnnotationSupport": {}},
            "didChangeWatchedFiles": {"dynamicRegistration": true}, "workspaceFolders": true},
        "window": {"showDocument": {"support": true}},
    })
}

fn pulling() -> Value {
    let mut able = able();
    able["textDocument"]["diagnostic"] = json!({"relatedDocumentSupport": false});
    able["workspace"]["diagnostics"] = json!({"refreshSupport": true});
    able
}

impl Editor {
    /// Nothing was said yet.
    fn silent(files: &[(&str, &str)], capabilities: Value) -> Self {
        let directory = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = directory.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let (server, client) = memory();
        let server = Some(std::thread::spawn(move || serve(&server)));
        let (next, waiting, settings) = (0, Vec::new(), Value::Null);
        Self { directory, client, server, next, waiting, settings, capabilities }
    }

    fn new(files: &[(&str, &str)], capabilities: Value) -> Self {
        let mut editor = Self::silent(files, capabilities);
        let folder = json!([{"uri": editor.uri(""), "name": "it"}]);
        editor.initialize(folder, Value::Null);
        editor
    }

    fn initialize(&mut self, folders: Value, options: Value) -> Value {
        let capabilities = self.capabilities.clone();
        let params =
            json!({"capabilities": capabilities, "workspaceFolders": folders, "initializationOptions": options});
        let result = self.ask("initialize", params).unwrap();
        self.notify("initialized", json!({}));
        result
    }

    fn path(&self, path: &str) -> PathBuf {
        self.directory.path().join(path)
    }

    fn uri(&self, path: &str) -> String {
        let uri = format!("file://{}/{path}", self.directory.path().display());
        uri.trim_end_matches('/').to_owned()
    }

    fn write(&self, path: &str, text: &str) {
        std::fs::write(self.path(path), text).unwrap();
    }

    fn notify(&self, method: &str, params: Value) {
        self.client.sender.send(Notification { method: method.to_owned(), params }.into()).unwrap();
    }

    fn send(&mut self, method: &str, params: Value) -> RequestId {
        self.next += 1;
        let id = RequestId::from(self.next);
        self.client.sender.send(Request { id: id.clone(), method: method.to_owned(), params }.into()).unwrap();
        id
    }

    /// The next message for which `wanted` is true; the others wait.
    fn take(&mut self, what: &str, wanted: impl Fn(&Message) -> bool) -> Message {
        if let Some(at) = self.waiting.iter().position(&wanted) {
            return self.waiting.remove(at);
        }
        let started = Instant::now();
        loop {
            let left = PATIENCE.saturating_sub(started.elapsed());
            let message = self.client.receiver.recv_timeout(left).unwrap_or_else(|_| panic!("no {what} came"));
            if let Message::Request(request) = &message {
                self.answer(request);
            }
            if wanted(&message) {
                return message;
            }
            self.waiting.push(message);
        }
    }

    fn answer(&self, request: &Request) {
        let result = match request.method.as_str() {
            "workspace/configuration" => {
                let items = request.params["items"].as_array().unwrap();
                Value::Array(items.iter().map(|_| self.settings.clone()).collect())
            }
            "window/showDocument" => json!({"success": true}),
            _ => Value::Null,
        };
        let response = Response { id: request.id.clone(), response_result: Ok(result) };
        self.client.sender.send(response.into()).unwrap();
    }

    fn response(&mut self, id: &RequestId) -> Result<Value, (i32, String)> {
        let is_it = |message: &Message| matches!(message, Message::Response(it) if it.id == *id);
        let Message::Response(response) = self.take("response", is_it) else { unreachable!() };
        response.response_result.map_err(|error| (error.code, error.message))
    }

    fn ask(&mut self, method: &str, params: Value) -> Result<Value, (i32, String)> {
        let id = self.send(method, params);
        self.response(&id)
    }

    fn notification(&mut self, method: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let is_it = |message: &Message| match message {
            Message::Notification(it) => it.method == method && wanted(&it.params),
            Message::Request(it) => it.method == method && wanted(&it.params),
            Message::Response(_) => false,
        };
        match self.take(method, is_it) {
            Message::Notification(it) => it.params,
            Message::Request(it) => it.params,
            Message::Response(_) => unreachable!(),
        }
    }

    fn open(&mut self, path: &str) {
        let text = std::fs::read_to_string(self.path(path)).unwrap();
        self.open_with(path, &text);
    }

    fn open_with(&mut self, path: &str, text: &str) {
        let document = json!({"uri": self.uri(path), "languageId": "erlang", "version": 1, "text": text});
        self.notify("textDocument/didOpen", json!({"textDocument": document}));
    }

    /// Replaces a range, given as two pairs of line and column.
    fn change(&mut self, path: &str, version: i32, range: [u32; 4], text: &str) {
        let [line, character, to_line, to_character] = range;
        let range = json!({"start": {"line": line, "character": character},
            "end": {"line": to_line, "character": to_character}});
        let document = json!({"uri": self.uri(path), "version": version});
        let changes = json!([{"range": range, "text": text}]);
        self.notify("textDocument/didChange", json!({"textDocument": document, "contentChanges": changes}));
    }

    /// What is published for a file next, with a version if it is open.
    fn published(&mut self, path: &str, version: Option<i32>) -> Value {
        let uri = self.uri(path);
        let mut found = self.notification("textDocument/publishDiagnostics", |it| {
            it["uri"] == uri.as_str() && version.is_none_or(|version| it["version"] == version)
        });
        found["diagnostics"].take()
    }

    /// What was published for a file last, once everything was looked at.
    fn settled(&mut self, path: &str) -> Value {
        // A request is answered when all is up to date.
        let about = json!({"textDocument": {"uri": self.uri(path)}, "position": {"line": 0, "character": 0}});
        self.ask("textDocument/hover", about).unwrap();
        let uri = self.uri(path);
        let mut last = Value::Null;
        self.waiting.retain(|message| match message {
            Message::Notification(it)
                if it.method == "textDocument/publishDiagnostics" && it.params["uri"] == uri.as_str() =>
            {
                last = it.params["diagnostics"].clone();
                false
            }
            _ => true,
        });
        last
    }

    fn at(&self, path: &str, word: &str) -> Value {
        let text = std::fs::read_to_string(self.path(path)).unwrap();
        let at = text.find(word).unwrap_or_else(|| panic!("no {word} in {path}"));
        let line_start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let line = text[..at].matches('\n').count();
        json!({"textDocument": {"uri": self.uri(path)},
            "position": {"line": line, "character": text[line_start..at].encode_utf16().count() + 1}})
    }

    fn actions(&mut self, path: &str, range: &Value, only: &[&str]) -> Vec<Value> {
        let mut context = json!({"diagnostics": []});
        if !only.is_empty() {
            context["only"] = json!(only);
        }
        let params = json!({"textDocument": {"uri": self.uri(path)}, "range": range, "context": context});
        let found = self.ask("textDocument/codeAction", params).unwrap();
        found.as_array().unwrap().clone()
    }

    /// A value in which the directory has no name of this run.
    fn shown(&self, value: &Value) -> String {
        let text = serde_json::to_string_pretty(value).unwrap();
        text.replace(&self.directory.path().display().to_string(), "/PROJECT")
    }

    fn end(mut self) -> Ended {
        self.ask("shutdown", Value::Null).unwrap();
        self.notify("exit", Value::Null);
        self.server.take().unwrap().join().unwrap()
    }
}

fn brief(diagnostics: &Value) -> Vec<String> {
    let of = |it: &Value| {
        let start = &it["range"]["start"];
        format!("{}:{} {}", start["line"], start["character"], it["code"].as_str().unwrap_or("-"))
    };
    diagnostics.as_array().unwrap().iter().map(of).collect()
}

fn titles(actions: &[Value]) -> Vec<&str> {
    actions.iter().map(|it| it["title"].as_str().unwrap()).collect()
}

/// The texts of a project after an edit of the workspace, as a client makes it.
fn applied(editor: &Editor, edit: &Value, unit: crate::source::Unit) -> Vec<(String, String)> {
    let mut texts = Vec::new();
    for change in edit["documentChanges"].as_array().unwrap() {
        let uri = change["textDocument"]["uri"].as_str().unwrap();
        let path = uri.strip_prefix("file://").unwrap();
        let source = crate::source::Source::read(Path::new(path)).unwrap();
        let text = apply_edits(source.text(), &change["edits"], unit);
        texts.push((uri.strip_prefix(&editor.uri("")).unwrap().trim_start_matches('/').to_owned(), text));
    }
    texts
}

fn apply_edits(text: &str, edits: &Value, unit: crate::source::Unit) -> String {
    let lines = crate::source::Lines::new(text);
    let offset = |at: &Value| {
        let number = |it: &Value| usize::try_from(it.as_u64().unwrap()).unwrap();
        lines.offset(text, number(&at["line"]), number(&at["character"]), unit)
    };
    let mut edits: Vec<(usize, usize, &str)> = edits
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (offset(&it["range"]["start"]), offset(&it["range"]["end"]), it["newText"].as_str().unwrap()))
        .collect();
    edits.sort_unstable();
    let mut text = text.to_owned();
    for (start, end, new) in edits.into_iter().rev() {
        text.replace_range(start..end, new);
    }
    text
}

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

#[test]
fn settings_come_from_the_file_and_from_the_client() {
    let config = "ignore = [\"drop-result\"]\n";
    let files = [("src/mod_a.erl", REGISTERS), ("src/mod_b.erl", HANDLES), ("hookshift.toml", config)];
    let mut editor = Editor::new(&files, able());
    editor.open("src/mod_a.erl");
    let rules =
        |found: &Value| brief(found).iter().map(|it| it.split(' ').nth(1).unwrap().to_owned()).collect::<Vec<_>>();
    let found = editor.settled("src/mod_a.erl");
    assert!(!rules(&found).contains(&"drop-result".to_owned()), "{found}");
    // The file is watched.
    editor.write("hookshift.toml", "");
    let event = json!({"uri": editor.uri("hookshift.toml"), "type": 2});
    editor.notify("workspace/didChangeWatchedFiles", json!({"changes": [event]}));
    let found = editor.published("src/mod_a.erl", None);
    assert!(rules(&found).contains(&"drop-result".to_owned()), "{found}");
    // A bad one is told at its line, and what was in force stays so.
    editor.write("hookshift.toml", "\nignor = []\n");
    editor.notify("workspace/didChangeWatchedFiles", json!({"changes": [event]}));
    let found = editor.published("hookshift.toml", None);
    assert_eq!(found[0]["range"]["start"], json!({"line": 1, "character": 0}), "{found}");
    assert!(found[0]["message"].as_str().unwrap().contains("did you mean `ignore`"), "{found}");
    // Open, it is judged as it is typed.
    let document =
        json!({"uri": editor.uri("hookshift.toml"), "languageId": "toml", "version": 1, "text": "ignore = []\n"});
    editor.notify("textDocument/didOpen", json!({"textDocument": document}));
    assert_eq!(editor.published("hookshift.toml", None), json!([]));
    editor.write("hookshift.toml", "ignore = []\n");
    editor.notify("workspace/didChangeWatchedFiles", json!({"changes": [event]}));
    // What the client wants wins.
    let settings = json!({"settings": {"hookshift": {"rules": {"select": ["drop-result"]}}}});
    editor.notify("workspace/didChangeConfiguration", settings);
    let found = editor.published("src/mod_a.erl", None);
    assert!(rules(&found).iter().all(|it| it == "drop-result"), "{found}");
    editor.end();
}

#[test]
fn a_teams_own_hooks_are_known_and_followed() {
    let hooks = |hook: &str| {
        format!(
            "[[hooks]]\nname = '{hook}'\nrun = 'shop:placed/2'\nscope = 'host-type'\naccumulator = 'ok'\n\
             parameters = [{{ key = 'order' }}]\n"
        )
    };
    let code = "-module(mod_a).\n-export([start/2, f/3]).\nstart(H, _) ->\n    \
                gen_hook:add_handler(shop_placed, H, fun ?MODULE:f/3, #{}, 9).\nf(Acc, #{}, _) -> {ok, Acc}.\n";
    let config = "select = [\"unknown-hook\"]\n[catalog]\ndirectory = \"shop\"\n";
    let own = hooks("shop_placed");
    let files = [("src/mod_a.erl", code), ("hookshift.toml", config), ("shop/hooks.toml", own.as_str())];
    let mut editor = Editor::new(&files, able());
    editor.open("src/mod_a.erl");
    assert_eq!(editor.settled("src/mod_a.erl"), json!([]));
    let at = json!({"textDocument": {"uri": editor.uri("src/mod_a.erl")}, "position": {"line": 3, "character": 28}});
    let hover = editor.ask("textDocument/hover", at).unwrap().to_string();
    assert!(hover.contains("shop:placed/2") && hover.contains("order"), "{hover}");
    let at = json!({"textDocument": {"uri": editor.uri("src/mod_a.erl")}, "position": {"line": 3, "character": 30}});
    let items = editor.ask("textDocument/completion", at).unwrap().to_string();
    assert!(items.contains("shop_placed"), "{items}");
    // The files are watched: without the hook, its name is unknown again.
    editor.write("shop/hooks.toml", &hooks("shop_paid"));
    let event = json!({"uri": editor.uri("shop/hooks.toml"), "type": 2});
    editor.notify("workspace/didChangeWatchedFiles", json!({"changes": [event]}));
    let found = editor.published("src/mod_a.erl", None);
    assert!(found[0]["message"].as_str().unwrap().contains("shop_placed"), "{found}");
    // What is wrong with them is told where they are named.
    editor.write("shop/hooks.toml", "[[hooks]]\nnam = 1\n");
    editor.notify("workspace/didChangeWatchedFiles", json!({"changes": [event]}));
    let found = editor.published("hookshift.toml", None);
    assert_eq!(found[0]["range"]["start"]["line"], 2, "{found}");
    assert!(found[0]["message"].as_str().unwrap().contains("shop/hooks.toml:2:1: unknown field `nam`"), "{found}");
    editor.write("shop/hooks.toml", &own);
    editor.notify("workspace/didChangeWatchedFiles", json!({"changes": [event]}));
    assert_eq!(editor.published("hookshift.toml", None), json!([]));
    assert_eq!(editor.published("src/mod_a.erl", None), json!([]));
    editor.end();
}

#[test]
fn each_folder_has_its_own_configuration() {
    let files = [
        ("one/src/mod_a.erl", REGISTERS),
        ("one/src/mod_b.erl", HANDLES),
        ("one/hookshift.toml", "select = [\"removed-hook\"]\n"),
        ("two/src/mod_a.erl", REGISTERS),
        ("two/src/mod_b.erl", HANDLES),
        ("two/hookshift.toml", "select = [\"drop-result\"]\n"),
        ("three/src/mod_a.erl", REGISTERS),
    ];
    let mut editor = Editor::silent(&files, able());
    let folders = json!([{"uri": editor.uri("one"), "name": "one"}, {"uri": editor.uri("two"), "name": "two"}]);
    editor.initialize(folders, Value::Null);
    let rules =
        |found: &Value| brief(found).iter().map(|it| it.split(' ').nth(1).unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(rules(&editor.published("one/src/mod_a.erl", None)), ["removed-hook"]);
    assert!(rules(&editor.published("two/src/mod_a.erl", None)).iter().all(|it| it == "drop-result"));
    // Outside of the folders nothing is said, until it is one.
    editor.open("three/src/mod_a.erl");
    assert_eq!(editor.settled("three/src/mod_a.erl"), json!([]));
    let event = json!({"added": [{"uri": editor.uri("three"), "name": "three"}], "removed": [{"uri": editor.uri("two"), "name": "two"}]});
    editor.notify("workspace/didChangeWorkspaceFolders", json!({"event": event}));
    assert_eq!(editor.published("two/src/mod_a.erl", None), json!([]));
    assert!(!rules(&editor.published("three/src/mod_a.erl", None)).is_empty());
    editor.end();
}

const SERVER: &str = "\
[[listen.c2s]]
  port = 5222
  zlib = 4096
[modules.mod_roster]
[modules.mod_acme]
";

#[test]
fn the_configuration_of_the_server_is_looked_at_as_it_is_typed() {
    let mut editor =
        Editor::new(&[("etc/mongooseim.toml", SERVER), ("src/mod_acme.erl", "-module(mod_acme).\n")], able());
    let path = "etc/mongooseim.toml";
    let told = editor.published(path, None);
    assert_eq!(brief(&told), ["2:2 config-removed-option", "4:0 config-missing-module"].map(str::to_owned), "{told}");
    editor.open(path);
    editor.settled(path);
    // What it says goes away with the line.
    let range = json!({"start": {"line": 2, "character": 4}, "end": {"line": 2, "character": 4}});
    let actions = editor.actions(path, &range, &["quickfix"]);
    assert!(titles(&actions).contains(&"delete `listen.c2s.zlib`"), "{actions:?}");
    let resolved = editor.ask("codeAction/resolve", actions[0].clone()).unwrap();
    let edited = applied(&editor, &resolved["edit"], crate::source::Unit::Utf16);
    assert_eq!(edited, [(path.to_owned(), SERVER.replace("  zlib = 4096\n", ""))]);
    editor.change(path, 2, [2, 0, 3, 0], "");
    assert_eq!(brief(&editor.published(path, Some(2))), ["3:0 config-missing-module".to_owned()]);
    // Half of a line is no TOML.
    editor.change(path, 3, [2, 0, 2, 0], "[modules.\n");
    let broken = editor.published(path, Some(3));
    assert!(broken[0]["message"].as_str().unwrap().starts_with("no TOML: "), "{broken}");
    editor.change(path, 4, [2, 0, 3, 0], "[modules.mod_presence]\n");
    assert_eq!(brief(&editor.published(path, Some(4))), [""; 0]);
    // Closed without being saved, it is what is on disk.
    editor.notify("textDocument/didClose", json!({"textDocument": {"uri": editor.uri(path)}}));
    assert_eq!(brief(&editor.published(path, None)).len(), 2);
    editor.end();
}

#[test]
fn comments_in_the_configuration_of_the_server_suppress() {
    let server = "[[listen.c2s]]\n  zlib = 4096\n[modules.mod_presence]\n";
    let mut editor = Editor::new(&[("etc/mongooseim.toml", server), ("src/mod_a.erl", "-module(mod_a).\n")], able());
    let path = "etc/mongooseim.toml";
    editor.open(path);
    assert_eq!(brief(&editor.settled(path)), ["1:2 config-removed-option".to_owned()]);
    let range = json!({"start": {"line": 1, "character": 4}, "end": {"line": 1, "character": 4}});
    let actions = editor.actions(path, &range, &["quickfix"]);
    let suppress = actions.iter().find(|it| it["title"].as_str().unwrap().starts_with("Suppress ")).unwrap();
    let edited = applied(&editor, &suppress["edit"], crate::source::Unit::Utf16);
    let comment = "  # hookshift: ignore[config-removed-option] <why>\n";
    assert_eq!(edited, [(path.to_owned(), server.replace("  zlib", &format!("{comment}  zlib")))]);
    // As long as nobody says why, it suppresses nothing.
    editor.change(path, 2, [1, 0, 1, 0], comment);
    let found = brief(&editor.published(path, Some(2)));
    assert_eq!(found, ["1:2 malformed-suppression", "2:2 config-removed-option"].map(str::to_owned));
    editor.change(path, 3, [1, 45, 1, 50], "still on 6.0.0");
    assert_eq!(brief(&editor.published(path, Some(3))), [""; 0]);
    // Without the option it is in vain.
    editor.change(path, 4, [2, 0, 3, 0], "");
    assert_eq!(brief(&editor.published(path, Some(4))), ["1:2 unused-suppression".to_owned()]);
    let range = json!({"start": {"line": 1, "character": 4}, "end": {"line": 1, "character": 4}});
    let actions = editor.actions(path, &range, &["quickfix"]);
    assert!(!titles(&actions).iter().any(|it| it.starts_with("Suppress ")), "{actions:?}");
    let resolved = editor.ask("codeAction/resolve", actions[0].clone()).unwrap();
    let edited = applied(&editor, &resolved["edit"], crate::source::Unit::Utf16);
    assert_eq!(edited, [(path.to_owned(), server.replace("  zlib = 4096\n", ""))]);
    editor.end();
}

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
