//! The loop: which message is answered by what, and when.

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, unbounded};
use gen_lsp_types::{Diagnostic, PositionEncodingKind};
use lsp_server::{Connection, ErrorCode, Message, Notification, Request, RequestId, Response, ResponseError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::actions::{self, Edits, FIX_ALL, Promise};
use super::client::Client;
use super::convert::path_of;
use super::diagnostics::fingerprint;
use super::params;
use super::session::Session;
use crate::check::Workspace;
use crate::source::Unit;

mod edits;
mod knowledge;
mod settings;
mod tell;

/// How a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// As the protocol has it: `shutdown`, then `exit`.
    Properly,
    /// The client said `exit` without `shutdown`, or is gone.
    Abruptly,
}

/// How long to wait for a document to be opened before all files are read.
const PATIENCE: Duration = Duration::from_millis(40);

/// How many files a partial result of the diagnostics of a workspace has.
const BATCH: usize = 50;

/// What is answered later, with what it needs.
struct Job {
    id: RequestId,
    /// Versions of open documents; when one is another in the end, the answer is for nobody.
    versions: BTreeMap<PathBuf, i32>,
    answer: Answer,
}

/// What to make of edits that were found.
enum Answer {
    /// An action that gets them.
    Resolve(Box<Value>),
    /// A list of actions, of which those that promise something get theirs.
    List(Vec<Value>),
}

/// What came of each promise.
type Finished = (RequestId, Result<Vec<Result<Edits, String>>, String>);

pub(super) struct Server<'c> {
    connection: &'c Connection,
    queue: VecDeque<Message>,
    session: Option<Session>,
    shut_down: bool,
    jobs: BTreeMap<RequestId, Job>,
    finish: Sender<Finished>,
    finished: Receiver<Finished>,
    /// Requests of ours that are to be answered, with what is waiting for it.
    asked: BTreeMap<RequestId, Asked>,
    next_id: i32,
    /// Where explanations are written, to be shown.
    pages: Option<tempfile::TempDir>,
    /// What is wrong with folders and files, as it was told.
    told_troubles: BTreeSet<String>,
}

enum Asked {
    /// The settings of all folders, in their order, and of none.
    Configuration(Vec<PathBuf>),
    Nothing,
}

/// Why a request has no answer.
struct Refusal {
    code: ErrorCode,
    message: String,
}

impl Refusal {
    fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

type Answered = Result<Value, Refusal>;

impl<'c> Server<'c> {
    pub fn new(connection: &'c Connection) -> Self {
        let (finish, finished) = unbounded();
        Self {
            connection,
            queue: VecDeque::new(),
            session: None,
            shut_down: false,
            jobs: BTreeMap::new(),
            finish,
            finished,
            asked: BTreeMap::new(),
            next_id: 0,
            pages: None,
            told_troubles: BTreeSet::new(),
        }
    }

    pub fn run(mut self) -> Ended {
        loop {
            self.take_in();
            let Some(message) = self.queue.pop_front() else {
                match self.idle() {
                    true => continue,
                    false => return Ended::Abruptly,
                }
            };
            if let Message::Notification(it) = &message
                && it.method == "exit"
            {
                return if self.shut_down { Ended::Properly } else { Ended::Abruptly };
            }
            self.handle(message);
        }
    }

    /// Takes all messages that have come so far, so that requests which are cancelled already are never worked at.
    fn take_in(&mut self) {
        while let Ok(message) = self.connection.receiver.try_recv() {
            self.enqueue(message);
        }
    }

    fn enqueue(&mut self, message: Message) {
        match &message {
            Message::Notification(it) if it.method == "$/cancelRequest" => self.cancel(it),
            _ => self.queue.push_back(message),
        }
    }

    fn cancel(&mut self, notification: &Notification) {
        let Ok(params::Cancel { id }) = serde_json::from_value(notification.params.clone()) else { return };
        let Ok(id) = serde_json::from_value::<RequestId>(id) else { return };
        let waits = self.queue.iter().position(|it| matches!(it, Message::Request(request) if request.id == id));
        let known = waits.and_then(|at| self.queue.remove(at)).is_some() || self.jobs.remove(&id).is_some();
        if known {
            let refusal = Refusal::new(ErrorCode::RequestCanceled, "the request was cancelled");
            self.respond(id, Err(refusal));
        }
    }

    /// Nothing waits: does what was put off, or waits. `false` when the client is gone.
    fn idle(&mut self) -> bool {
        if let Ok(finished) = self.finished.try_recv() {
            self.finish(finished);
            return true;
        }
        let dirty = self.session.as_ref().is_some_and(Session::is_dirty);
        let scanned = self.session.as_ref().is_some_and(Session::is_scanned);
        if dirty && scanned {
            self.guarded("what has changed", Self::refresh);
            return true;
        }
        // A document that is open has been told of already.
        let has_documents = self.session.as_ref().is_some_and(|session| !session.documents.is_empty());
        let wait = match (dirty, has_documents) {
            (true, true) => Duration::ZERO,
            (true, false) => PATIENCE,
            (false, _) => Duration::MAX,
        };
        crossbeam_channel::select! {
            recv(self.connection.receiver) -> message => match message {
                Ok(message) => self.enqueue(message),
                Err(_) => return false,
            },
            recv(self.finished) -> finished => if let Ok(finished) = finished {
                self.finish(finished);
            },
            default(wait) => self.guarded("the workspace", Self::scan),
        }
        true
    }

    /// Does something of its own accord. When that fails, all that was known is found out anew, later.
    fn guarded(&mut self, what: &str, work: fn(&mut Self)) {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| work(self))) {
            self.log_panic(what, &*panic);
            self.distrust();
        }
    }

    fn distrust(&mut self) {
        let session = self.session.take();
        // What cannot be built up again is left out, and the server goes on.
        self.session = session.and_then(|mut session| {
            catch_unwind(AssertUnwindSafe(move || {
                session.distrust();
                session
            }))
            .ok()
        });
    }

    fn handle(&mut self, message: Message) {
        match message {
            Message::Request(request) => self.request(request),
            Message::Response(response) => self.response(response),
            Message::Notification(notification) => {
                let method = notification.method.clone();
                let done = catch_unwind(AssertUnwindSafe(|| self.notification(notification)));
                if let Err(panic) = done {
                    self.log_panic(&method, &*panic);
                    self.distrust();
                }
            }
        }
    }

    fn request(&mut self, request: Request) {
        let (id, method) = (request.id.clone(), request.method.clone());
        match catch_unwind(AssertUnwindSafe(|| self.answer(request))) {
            Ok(Some(answered)) => self.respond(id, answered),
            // It is answered later.
            Ok(None) => {}
            Err(panic) => {
                self.log_panic(&method, &*panic);
                self.respond(
                    id,
                    Err(Refusal::new(ErrorCode::InternalError, "hookshift has failed; this is a bug in it")),
                );
                self.distrust();
            }
        }
    }

    fn answer(&mut self, request: Request) -> Option<Answered> {
        let Request { id, method, params } = request;
        if self.shut_down {
            return Some(Err(Refusal::new(ErrorCode::InvalidRequest, "the server is shut down")));
        }
        if method == "initialize" {
            return Some(self.initialize(params));
        }
        if self.session.is_none() {
            return Some(Err(Refusal::new(ErrorCode::ServerNotInitialized, "the first request must be `initialize`")));
        }
        match method.as_str() {
            "shutdown" => {
                self.shut_down = true;
                Some(Ok(Value::Null))
            }
            "textDocument/codeAction" => match read(params) {
                Ok(params) => self.code_actions(id, &params),
                Err(refusal) => Some(Err(refusal)),
            },
            "codeAction/resolve" => self.resolve(id, params),
            "textDocument/diagnostic" => Some(read(params).map(|params| self.pull(&params))),
            "workspace/diagnostic" => Some(read(params).map(|params| self.pull_all(&params))),
            "textDocument/hover" => Some(read(params).map(|params| self.hover(&params))),
            "textDocument/completion" => Some(read(params).map(|params| self.complete(&params))),
            "textDocument/definition" => Some(read(params).map(|params| self.definition(&params))),
            "textDocument/references" => Some(self.references(params)),
            "textDocument/codeLens" => Some(read(params).map(|params| self.lenses(&params))),
            "workspace/executeCommand" => Some(read(params).and_then(|params| self.execute(&params))),
            #[cfg(test)]
            "hookshift/fail" => panic!("as it was told to"),
            _ => Some(Err(Refusal::new(ErrorCode::MethodNotFound, format!("there is no method {method}")))),
        }
    }

    fn notification(&mut self, notification: Notification) {
        let Notification { method, params } = notification;
        let Some(session) = &mut self.session else { return };
        match method.as_str() {
            #[cfg(test)]
            "hookshift/fail" => panic!("as it was told to"),
            "initialized" => self.initialized(),
            "textDocument/didOpen" => {
                if let Ok(params::Open { text_document }) = serde_json::from_value(params) {
                    let path = session.path(&text_document.uri);
                    session.open(text_document);
                    self.glance(path.as_deref());
                }
            }
            "textDocument/didChange" => {
                if let Ok(params::Change { text_document, content_changes }) = serde_json::from_value(params) {
                    session.change(&text_document.uri, text_document.version, content_changes);
                }
            }
            "textDocument/didClose" => {
                if let Ok(params::About { text_document }) = serde_json::from_value(params) {
                    session.close(&text_document.uri);
                }
            }
            "textDocument/didSave" => {
                if let Ok(params::About { text_document }) = serde_json::from_value(params)
                    && !session.client.watches
                    && let Some(path) = path_of(&text_document.uri)
                {
                    session.files_changed(&[path], true);
                }
            }
            "workspace/didChangeWatchedFiles" => {
                if let Ok(params::WatchedFiles { changes }) = serde_json::from_value(params) {
                    let listed = changes.iter().any(|change| change.kind != 2);
                    let paths: Vec<PathBuf> = changes.iter().filter_map(|change| path_of(&change.uri)).collect();
                    session.files_changed(&paths, listed);
                    self.tell_all();
                }
            }
            "workspace/didChangeWorkspaceFolders" => {
                if let Ok(params::ChangeFolders { event }) = serde_json::from_value(params) {
                    let path = |folder: &params::FolderName| path_of(&folder.uri);
                    event.removed.iter().filter_map(path).for_each(|root| session.remove_folder(&root));
                    event.added.iter().filter_map(path).for_each(|root| session.add_folder(root));
                    self.ask_configuration();
                    self.tell_all();
                }
            }
            "workspace/didChangeConfiguration" => {
                if session.client.configuration {
                    self.ask_configuration();
                } else if let Ok(params::Configuration { settings }) = serde_json::from_value(params) {
                    // Some clients send all of their settings, others only ours.
                    let own = settings.get("hookshift").unwrap_or(&settings);
                    self.set_wishes(None, Some(own));
                }
            }
            _ => {}
        }
    }

    fn respond(&self, id: RequestId, answered: Answered) {
        let response_result =
            answered.map_err(|Refusal { code, message }| ResponseError { code: code as i32, message, data: None });
        let _ = self.connection.sender.send(Response { id, response_result }.into());
    }

    fn notify(&self, method: &str, params: impl Serialize) {
        let params = serde_json::to_value(params).unwrap_or_default();
        let _ = self.connection.sender.send(Notification { method: method.to_owned(), params }.into());
    }

    fn ask(&mut self, method: &str, params: Value, waiting: Asked) {
        self.next_id += 1;
        let id = RequestId::from(self.next_id);
        self.asked.insert(id.clone(), waiting);
        let _ = self.connection.sender.send(Request { id, method: method.to_owned(), params }.into());
    }

    fn log(&self, text: &str) {
        self.notify("window/logMessage", json!({"type": 1, "message": text}));
    }

    /// Says what somebody has to mend.
    fn complain(&self, text: &str) {
        self.notify("window/showMessage", json!({"type": 2, "message": format!("hookshift: {text}")}));
    }

    fn tell_troubles(&mut self) {
        let Some(session) = &self.session else { return };
        let troubles: BTreeSet<String> = session.troubles().into_iter().collect();
        let workspaces = session.folders.iter().filter_map(|folder| folder.workspace());
        let unreadable: BTreeSet<String> = workspaces
            .flat_map(Workspace::unreadable)
            .map(|it| format!("{}: {}", it.path.display(), it.reason))
            .collect();
        // Each once, as long as it stays so.
        troubles.difference(&self.told_troubles).for_each(|it| self.complain(it));
        unreadable.difference(&self.told_troubles).for_each(|it| self.log(it));
        self.told_troubles = troubles.into_iter().chain(unreadable).collect();
    }

    fn log_panic(&self, what: &str, panic: &(dyn Any + Send)) {
        let text = panic.downcast_ref::<&str>().map(|it| (*it).to_owned());
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
        self.log(&format!("hookshift has failed at {what}: {text}"));
    }
}

fn read<T: DeserializeOwned>(params: Value) -> Result<T, Refusal> {
    serde_json::from_value(params).map_err(|error| Refusal::new(ErrorCode::InvalidParams, error.to_string()))
}

fn promise_of(action: &Value) -> Option<Promise> {
    serde_json::from_value(action["data"].clone()).ok()
}

fn modified() -> Refusal {
    Refusal::new(ErrorCode::ContentModified, "the text has changed meanwhile")
}

fn result_id(diagnostics: &[Diagnostic]) -> String {
    format!("{:016x}", fingerprint(diagnostics))
}

fn full(id: Option<&str>, diagnostics: &[Diagnostic]) -> Value {
    let mut report = json!({"kind": "full", "items": diagnostics});
    if let Some(id) = id {
        report["resultId"] = json!(id);
    }
    report
}

fn capabilities(client: &Client) -> Value {
    let encoding = match client.unit {
        Unit::Utf8 => PositionEncodingKind::UTF8,
        Unit::Utf16 => PositionEncodingKind::UTF16,
        Unit::Utf32 => PositionEncodingKind::UTF32,
    };
    let mut capabilities = json!({
        "positionEncoding": encoding,
        "textDocumentSync": {"openClose": true, "change": 2, "save": {"includeText": false}},
        "hoverProvider": true,
        "completionProvider": {"triggerCharacters": ["{", "(", ","], "resolveProvider": false},
        "definitionProvider": true,
        "referencesProvider": true,
        "codeLensProvider": {"resolveProvider": false},
        "codeActionProvider": {
            "codeActionKinds": ["quickfix", FIX_ALL],
            "resolveProvider": client.resolves_edits,
        },
        "executeCommandProvider": {"commands": [actions::EXPLAIN]},
    });
    // Never both ways for one client.
    if client.pulls {
        capabilities["diagnosticProvider"] =
            json!({"identifier": "hookshift", "interFileDependencies": true, "workspaceDiagnostics": true});
    }
    if client.folders {
        capabilities["workspace"] = json!({"workspaceFolders": {"supported": true, "changeNotifications": true}});
    }
    capabilities
}
