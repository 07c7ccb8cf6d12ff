//! Whole sessions in one process: what a client sends, and what it gets.

use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use lsp_server::{Connection, Message, Notification, Request, RequestId, Response};
use serde_json::{Value, json};
use snapbox::{assert_data_eq, str};

use super::{Ended, memory, serve};
use crate::scratch::Scratch;

mod actions;
mod projects;
mod reading;
mod session;
mod trouble;

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A client with a directory of its own.
struct Editor {
    directory: Scratch,
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
        let directory = Scratch::of(files);
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
        self.directory.path(path)
    }

    fn uri(&self, path: &str) -> String {
        let uri = format!("file://{}/{path}", self.directory.root().display());
        uri.trim_end_matches('/').to_owned()
    }

    fn write(&self, path: &str, text: &str) {
        self.directory.write(path, text);
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
        text.replace(&self.directory.root().display().to_string(), "/PROJECT")
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
