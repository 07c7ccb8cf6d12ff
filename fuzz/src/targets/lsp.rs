//! Messages of an editor, one JSON object a line. Whatever they are, the server answers each request, never fails, has the texts
//! that a client has, and says of them in the end what a new server would that is shown the same.
//!
//! `$ROOT` in a line stands for the URI of a small project. The first line may be `{"client": {"encoding": "utf-8", "pulls": true}}`.
//! Identities of requests are given here: the first request of the input is 1, the next is 2.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use hookshift::lsp::{self, Connection, Message, Notification, Request, Response};
use hookshift::source::Unit;
use serde_json::{Value, json};

/// How long an answer may take, computing on a busy machine included.
const PATIENCE: Duration = Duration::from_secs(60);

/// More of an input is not looked at.
const MOST_MESSAGES: usize = 60;

const FILES: [(&str, &str); 4] = [
    (
        "src/mod_a.erl",
        "-module(mod_a).\n-behaviour(gen_mod).\n-include(\"a.hrl\").\n-export([start/2, stop/1, hooks/1, event/3]).\n\
         start(HostType, _Opts) -> gen_hook:add_handlers(hooks(HostType)).\n\
         stop(HostType) -> gen_hook:delete_handlers(hooks(HostType)).\n\
         hooks(HostType) ->\n    [{c2s_remote_hook, HostType, fun mod_b:event/3, #{}, 50},\n     \
         {?SENT, HostType, fun ?MODULE:event/3, #{}, 10}].\n\
         event(Acc, #{hook_args := _}, _Extra) -> {ok, Acc}.\n",
    ),
    (
        "src/mod_b.erl",
        "-module(mod_b).\n-export([event/3]).\nevent(Acc, #{tag := acme}, _Extra) ->\n    {stop, Acc}.\n",
    ),
    ("include/a.hrl", "-define(SENT, user_send_packet).\n"),
    ("mongooseim.toml", "[general]\n  hosts = [\"localhost\"]\n\n[modules.mod_privacy]\n\n[modules.mod_a]\n"),
];

pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut lines: Vec<Value> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .take(MOST_MESSAGES)
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    let wishes = match lines.first().and_then(|line| line.get("client")).cloned() {
        Some(wishes) => {
            lines.remove(0);
            wishes
        }
        None => Value::Null,
    };
    let project = tempfile::tempdir().expect("there is room for a small project");
    for (name, content) in FILES {
        let path = project.path().join(name);
        let parent = path.parent().expect("it lies in the project");
        std::fs::create_dir_all(parent).and_then(|()| std::fs::write(&path, content)).expect("there is room");
    }
    let root = format!("file://{}", project.path().display());
    let lines: Vec<Value> = lines.into_iter().map(|line| with_root(line, &root)).collect();
    let unit = unit_of(&wishes);
    let (first, shown) = session(&wishes, &root, &lines, unit);
    let Some(texts) = shown else { return };
    // A new server, which is told the same of everything but documents, and gets these as they are in the end.
    let others = lines.iter().filter(|line| line.get("id").is_none() && !is_about_documents(line));
    let opened = texts.iter().map(|(uri, text)| {
        let document = json!({"uri": uri, "languageId": "erlang", "version": 1, "text": text});
        json!({"method": "textDocument/didOpen", "params": {"textDocument": document}})
    });
    let lines: Vec<Value> = others.cloned().chain(opened).collect();
    let (second, _) = session(&wishes, &root, &lines, unit);
    assert_eq!(first, second, "what is said depends on how texts came about: {texts:#?}");
}

/// What is said of each open document in the end, and the texts; none where it is not known what the client would have.
type Shown = (BTreeMap<String, Value>, Option<BTreeMap<String, String>>);

fn session(wishes: &Value, root: &str, lines: &[Value], unit: Unit) -> Shown {
    let mut client = Client::start();
    client.initialize(wishes, root);
    let mut model = Model { texts: BTreeMap::new(), is_sure: true, unit };
    for line in lines {
        model.take(line);
        client.send(line);
    }
    client.settle();
    let said = model.texts.keys().map(|uri| (uri.clone(), client.diagnostics(uri)));
    let said = if model.is_sure { said.collect() } else { BTreeMap::new() };
    client.end();
    (said, model.is_sure.then_some(model.texts))
}

fn with_root(value: Value, root: &str) -> Value {
    match value {
        Value::String(text) => Value::String(text.replace("$ROOT", root)),
        Value::Array(items) => Value::Array(items.into_iter().map(|it| with_root(it, root)).collect()),
        Value::Object(fields) => {
            Value::Object(fields.into_iter().map(|(key, it)| (key, with_root(it, root))).collect())
        }
        other => other,
    }
}

fn unit_of(wishes: &Value) -> Unit {
    match wishes["encoding"].as_str() {
        Some("utf-8") => Unit::Utf8,
        Some("utf-32") => Unit::Utf32,
        _ => Unit::Utf16,
    }
}

fn is_about_documents(line: &Value) -> bool {
    line["method"].as_str().is_some_and(|method| method.starts_with("textDocument/did"))
}

/// The texts that a client has open.
struct Model {
    texts: BTreeMap<String, String>,
    /// Nothing came of which it is not clear whether it counts.
    is_sure: bool,
    unit: Unit,
}

impl Model {
    fn take(&mut self, line: &Value) {
        let document = &line["params"]["textDocument"];
        // Only files of the project: what else a name stands for is the server's own matter.
        let uri =
            document["uri"].as_str().filter(|uri| FILES.iter().any(|(name, _)| uri.ends_with(&format!("/{name}"))));
        match (line["method"].as_str(), uri) {
            (Some("textDocument/didOpen"), Some(uri)) => match document["text"].as_str() {
                Some(text) if is_well_formed(document) => drop(self.texts.insert(uri.to_owned(), text.to_owned())),
                _ => self.is_sure = false,
            },
            (Some("textDocument/didClose"), Some(uri)) => drop(self.texts.remove(uri)),
            (Some("textDocument/didChange"), Some(uri)) => self.change(uri, line),
            // Folders and files come and go: what belongs to what is no longer known here.
            (Some("workspace/didChangeWorkspaceFolders" | "shutdown" | "textDocument/didSave"), _) => {
                self.is_sure = false
            }
            (Some(method), None) if method.starts_with("textDocument/did") => self.is_sure = false,
            _ => {}
        }
        self.is_sure &= line.get("id").is_none() || !is_about_documents(line);
    }

    fn change(&mut self, uri: &str, line: &Value) {
        let changes = &line["params"]["contentChanges"];
        let Some(text) = self.texts.get_mut(uri) else { return };
        let version_is_fine = is_version(&line["params"]["textDocument"]["version"]);
        let Some(changed) = lsp::changed(text, changes.clone(), self.unit).filter(|_| version_is_fine) else {
            self.is_sure = false;
            return;
        };
        for change in changes.as_array().into_iter().flatten() {
            make(text, change, self.unit);
        }
        assert_eq!(changed, *text, "changes come to something else: {changes}");
    }
}

fn is_well_formed(document: &Value) -> bool {
    let language = &document["languageId"];
    is_version(&document["version"]) && language == "erlang"
}

fn is_version(version: &Value) -> bool {
    version.is_null() || version.as_i64().is_some_and(|version| i32::try_from(version).is_ok())
}

/// As the protocol has it, character by character.
fn make(text: &mut String, change: &Value, unit: Unit) {
    let new = change["text"].as_str().unwrap_or_default();
    let Some(range) = change.get("range").filter(|range| !range.is_null()) else {
        new.clone_into(text);
        return;
    };
    let at = |end: &str| {
        let number =
            |key: &str| range[end][key].as_u64().map_or(usize::MAX, |it| usize::try_from(it).unwrap_or(usize::MAX));
        offset(text, number("line"), number("character"), unit)
    };
    let (start, end) = (at("start"), at("end"));
    text.replace_range(start.min(end)..start.max(end), new);
}

fn offset(text: &str, line: usize, column: usize, unit: Unit) -> usize {
    let (mut at_line, mut at_column) = (0, 0);
    let mut characters = text.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        let next_is_newline = characters.peek().is_some_and(|(_, next)| *next == '\n');
        let ends_line = c == '\n' || c == '\r';
        let width = match unit {
            Unit::Utf8 => c.len_utf8(),
            Unit::Utf16 => c.len_utf16(),
            Unit::Utf32 => 1,
        };
        // A place within a character is its start, one behind the end of the line is that end.
        if at_line == line && (ends_line || at_column + width > column) {
            return at;
        }
        if c == '\n' || (c == '\r' && !next_is_newline) {
            (at_line, at_column) = (at_line + 1, 0);
        } else {
            at_column += width;
        }
    }
    text.len()
}

struct Client {
    connection: Connection,
    server: std::thread::JoinHandle<lsp::Ended>,
    next: i32,
    unanswered: BTreeSet<i32>,
    /// Answers to what is asked here, by their numbers.
    answers: BTreeMap<i32, Value>,
}

impl Client {
    fn start() -> Self {
        let (server, connection) = lsp::memory();
        let server = std::thread::spawn(move || lsp::serve(&server));
        Self { connection, server, next: 0, unanswered: BTreeSet::new(), answers: BTreeMap::new() }
    }

    fn initialize(&mut self, wishes: &Value, root: &str) {
        let mut capabilities = json!({
            "general": {"positionEncodings": [wishes["encoding"].as_str().unwrap_or("utf-16")]},
            "textDocument": {
                "publishDiagnostics": {"relatedInformation": true, "dataSupport": true, "codeDescriptionSupport": true},
                "codeAction": {"disabledSupport": true, "dataSupport": true},
                "hover": {"contentFormat": ["markdown"]},
            },
            "workspace": {"workspaceEdit": {"documentChanges": true, "changeAnnotationSupport": {}}, "configuration": true,
                "workspaceFolders": true},
        });
        if wishes["pulls"] == true {
            capabilities["textDocument"]["diagnostic"] = json!({});
        }
        if wishes["resolves"] == true {
            capabilities["textDocument"]["codeAction"]["resolveSupport"] = json!({"properties": ["edit"]});
        }
        let folders = json!([{"uri": root, "name": "project"}]);
        // Out of the count, so that inputs can tell which request is which.
        self.next = -1;
        self.ask("initialize", json!({"capabilities": capabilities, "workspaceFolders": folders}));
        self.notify("initialized", json!({}));
    }

    fn send(&mut self, line: &Value) {
        let method = line["method"].as_str().unwrap_or_default();
        // These begin and end a session, which is done here.
        if ["initialize", "initialized", "exit"].contains(&method) {
            return;
        }
        match line.get("id") {
            None => self.notify(method, line["params"].clone()),
            Some(_) => drop(self.request(method, line["params"].clone())),
        }
    }

    fn notify(&mut self, method: &str, params: Value) {
        let notification = Notification { method: method.to_owned(), params };
        let _ = self.connection.sender.send(Message::Notification(notification));
    }

    fn request(&mut self, method: &str, params: Value) -> i32 {
        self.next += 1;
        self.unanswered.insert(self.next);
        let request = Request { id: self.next.into(), method: method.to_owned(), params };
        let _ = self.connection.sender.send(Message::Request(request));
        self.next
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = self.request(method, params);
        self.settle();
        self.answers.remove(&id).unwrap_or_default()
    }

    /// Waits until everything is answered.
    fn settle(&mut self) {
        let started = Instant::now();
        while !self.unanswered.is_empty() {
            let left = PATIENCE.saturating_sub(started.elapsed());
            let message = self.connection.receiver.recv_timeout(left);
            let Ok(message) = message else { panic!("no answer to {:?}", self.unanswered) };
            self.take(message);
        }
    }

    fn take(&mut self, message: Message) {
        match message {
            Message::Response(response) => {
                let id: i32 = response.id.to_string().parse().expect("numbers are what is asked with");
                assert!(self.unanswered.remove(&id), "{id} is answered twice");
                let value = match response.response_result {
                    Ok(value) => value,
                    Err(error) => {
                        assert_ne!(error.code, -32603, "the server has failed: {}", error.message);
                        Value::Null
                    }
                };
                self.answers.insert(id, value);
            }
            Message::Request(request) => {
                let answer = Response { id: request.id, response_result: Ok(Value::Null) };
                let _ = self.connection.sender.send(Message::Response(answer));
            }
            Message::Notification(it) => {
                let text = it.params["message"].as_str().unwrap_or_default();
                assert!(!text.contains("hookshift has failed"), "{text}");
            }
        }
    }

    fn diagnostics(&mut self, uri: &str) -> Value {
        self.ask("textDocument/diagnostic", json!({"textDocument": {"uri": uri}}))["items"].take()
    }

    fn end(mut self) {
        self.ask("shutdown", Value::Null);
        self.notify("exit", Value::Null);
        let ended = self.server.join().expect("the server does not panic");
        assert_eq!(ended, lsp::Ended::Properly);
    }
}
