//! The loop: which message is answered by what, and when.

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, unbounded};
use gen_lsp_types as lsp;
use gen_lsp_types::{Diagnostic, Hover, MarkupContent, MarkupKind, PositionEncodingKind, Uri};
use lsp_server::{Connection, ErrorCode, Message, Notification, Request, RequestId, Response, ResponseError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::actions::{self, Edits, FIX_ALL, Listing, Promise, Promised, is_wanted};
use super::client::Client;
use super::convert::{path_of, rule_page, uri_of};
use super::diagnostics::fingerprint;
use super::document::Document;
use super::params;
use super::session::{News, Session, wishes};
use super::{completion, hover, navigate, site};
use crate::catalog::{Catalog, Upgrade};
use crate::check::Workspace;
use crate::project::settings::{DEFAULT_FROM, DEFAULT_TO};
use crate::report::explain;
use crate::source::Unit;

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
    /// Folders in whose settings there was trouble that was told.
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
        let wait = if dirty { PATIENCE } else { Duration::MAX };
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

    // ---- Life and settings

    fn initialize(&mut self, params: Value) -> Answered {
        if self.session.is_some() {
            return Err(Refusal::new(ErrorCode::InvalidRequest, "`initialize` comes once"));
        }
        let params: params::Initialize = read(params)?;
        let client = Client::of(&params.capabilities);
        let roots: Vec<PathBuf> = match params.workspace_folders {
            Some(folders) => folders.iter().filter_map(|folder| path_of(&folder.uri)).collect(),
            None => {
                let root = params.root_uri.as_ref().and_then(path_of);
                root.or(params.root_path.map(PathBuf::from)).into_iter().collect()
            }
        };
        let (wishes, complaints) = wishes(params.initialization_options.as_ref());
        let capabilities = capabilities(&client);
        self.session = Some(Session::new(client, roots, wishes));
        complaints.iter().for_each(|it| self.complain(it));
        let info = json!({"name": "hookshift", "version": env!("CARGO_PKG_VERSION")});
        Ok(json!({"capabilities": capabilities, "serverInfo": info}))
    }

    fn initialized(&mut self) {
        let Some(session) = &mut self.session else { return };
        session.open_folders();
        let (watches, tells_configuration) = (session.client.watches, session.client.tells_configuration);
        let mut registrations = Vec::new();
        if watches {
            let globs = [
                "**/*.{erl,hrl,escript}",
                "**/hookshift.toml",
                "**/mongooseim.toml",
                "**/rebar.{config,lock}",
                "**/.{gitignore,ignore}",
            ];
            let watchers: Vec<Value> = globs.iter().map(|glob| json!({"globPattern": glob})).collect();
            registrations.push(json!({
                "id": "files", "method": "workspace/didChangeWatchedFiles", "registerOptions": {"watchers": watchers},
            }));
        }
        if tells_configuration {
            registrations.push(json!({
                "id": "settings", "method": "workspace/didChangeConfiguration", "registerOptions": {"section": "hookshift"},
            }));
        }
        if !registrations.is_empty() {
            self.ask("client/registerCapability", json!({"registrations": registrations}), Asked::Nothing);
        }
        self.ask_configuration();
        self.tell_troubles();
    }

    fn ask_configuration(&mut self) {
        let Some(session) = self.session.as_ref().filter(|it| it.client.configuration) else { return };
        let roots: Vec<PathBuf> = session.folders.iter().map(|folder| folder.root.clone()).collect();
        let scoped = roots.iter().map(|root| json!({"scopeUri": uri_of(root), "section": "hookshift"}));
        let items: Vec<Value> = std::iter::once(json!({"section": "hookshift"})).chain(scoped).collect();
        self.ask("workspace/configuration", json!({"items": items}), Asked::Configuration(roots));
    }

    fn set_wishes(&mut self, folder: Option<usize>, value: Option<&Value>) {
        // A client that has no such settings says so with null, and what it said at the start stays.
        let Some(value) = value.filter(|it| it.is_object()) else { return };
        let (wishes, complaints) = wishes(Some(value));
        complaints.iter().for_each(|it| self.complain(it));
        if let Some(session) = &mut self.session {
            session.set_wishes(folder, &wishes);
        }
        self.tell_all();
    }

    fn response(&mut self, response: Response) {
        let Some(Asked::Configuration(roots)) = self.asked.remove(&response.id) else { return };
        let Ok(Value::Array(values)) = response.response_result else { return };
        let Some((general, scoped)) = values.split_first() else { return };
        if scoped.len() != roots.len() || scoped.is_empty() {
            return self.set_wishes(None, Some(general));
        }
        for (root, value) in roots.iter().zip(scoped) {
            let folders = self.session.iter().flat_map(|session| &session.folders);
            let at = folders.into_iter().position(|folder| &folder.root == root);
            if at.is_some() {
                self.set_wishes(at, Some(value));
            }
        }
    }

    // ---- Diagnostics

    /// Says what can be said of a document that was opened before all files were read.
    fn glance(&mut self, path: Option<&Path>) {
        let Some((session, path)) = self.session.as_ref().zip(path) else { return };
        if session.is_scanned() || session.client.pulls || !session.documents.contains_key(path) {
            return;
        }
        let diagnostics = session.glance(path);
        let news = News { path: path.to_path_buf(), diagnostics, is_new: true, is_edited: true };
        self.publish(&news);
    }

    /// Reads all files, and says how far that is.
    fn scan(&mut self) {
        let progress = self.session.as_ref().is_some_and(|it| it.client.progress);
        if !progress {
            return self.refresh();
        }
        let token = "hookshift/scan";
        self.ask("window/workDoneProgress/create", json!({"token": token}), Asked::Nothing);
        let tell = |sender: &Sender<Message>, value: Value| {
            let params = json!({"token": token, "value": value});
            let _ = sender.send(Notification { method: "$/progress".to_owned(), params }.into());
        };
        let sender = &self.connection.sender;
        tell(sender, json!({"kind": "begin", "title": "hookshift", "message": "reading modules", "percentage": 0}));
        let states: Vec<_> = self.session.iter().flat_map(|it| &it.folders).filter_map(|it| it.workspace()).collect();
        let states: Vec<_> = states.iter().map(|it| std::sync::Arc::clone(&it.options().progress)).collect();
        let (stop, stopped) = unbounded::<()>();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(Duration::from_millis(200)) {
                    let (done, total) = states.iter().map(|it| it.state()).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
                    let percentage = done * 100 / total.max(1);
                    tell(sender, json!({"kind": "report", "message": format!("{done} of {total} files"), "percentage": percentage}));
                }
            });
            // Dropped in any case, so that the other thread ends.
            let _stop = stop;
            self.refresh();
        });
        tell(sender, json!({"kind": "end"}));
    }

    /// Brings everything up to date and tells what is new.
    fn refresh(&mut self) {
        let Some(session) = &mut self.session else { return };
        let first = !session.is_scanned();
        let mut news = session.refresh();
        if first {
            // What was said of open documents so far was said before the others were read.
            news.iter_mut().for_each(|it| it.is_edited = false);
        }
        self.tell(&news);
        self.tell_troubles();
    }

    /// What was told may be wrong: the settings or the folders are others.
    fn tell_all(&mut self) {
        let Some(session) = &mut self.session else { return };
        let mut news = session.refresh();
        news.extend(session.everything());
        self.tell(&news);
        self.tell_troubles();
    }

    fn tell(&mut self, news: &[News]) {
        let Some(session) = &self.session else { return };
        if !session.client.pulls {
            return news.iter().for_each(|it| self.publish(it));
        }
        // What was edited is asked about by the client itself.
        let others = news.iter().any(|it| it.is_new && !it.is_edited);
        let (refreshes, lenses) = (session.client.refreshes, session.client.refreshes_lenses);
        if others && refreshes {
            self.ask("workspace/diagnostic/refresh", Value::Null, Asked::Nothing);
        }
        if others && lenses {
            self.ask("workspace/codeLens/refresh", Value::Null, Asked::Nothing);
        }
    }

    fn publish(&self, news: &News) {
        let Some(session) = &self.session else { return };
        let document = session.documents.get(&news.path);
        let Some(uri) = document.map(|it| it.uri.clone()).or_else(|| uri_of(&news.path)) else { return };
        let version = document.map(|it| it.version);
        let params = lsp::PublishDiagnosticsParams { uri, version, diagnostics: news.diagnostics.clone() };
        self.notify("textDocument/publishDiagnostics", params);
    }

    /// Makes sure that what is asked about is known.
    fn freshen(&mut self) {
        if self.session.as_ref().is_some_and(Session::is_dirty) {
            if self.session.as_ref().is_some_and(Session::is_scanned) { self.refresh() } else { self.scan() }
        }
    }

    fn pull(&mut self, params: &params::Pull) -> Value {
        let session = self.session.as_ref();
        let path = session.and_then(|session| session.path(&params.text_document.uri));
        let Some(path) = path else { return full(None, &[]) };
        // The one document can be had at once, and whoever can be told to ask again will be.
        let glances = session.is_some_and(|session| !session.is_scanned() && session.client.refreshes);
        let is_open = session.is_some_and(|it| it.documents.get(&path).is_some_and(|it| it.module().is_some()));
        if glances && is_open {
            let diagnostics = session.map(|session| session.glance(&path)).unwrap_or_default();
            return full(None, &diagnostics);
        }
        self.freshen();
        let diagnostics = self.session.as_ref().map(|it| it.diagnostics(&path)).unwrap_or_default();
        let id = result_id(&diagnostics);
        match params.previous_result_id.as_deref() {
            Some(previous) if previous == id => json!({"kind": "unchanged", "resultId": id}),
            _ => full(Some(&id), &diagnostics),
        }
    }

    fn pull_all(&mut self, params: &params::PullAll) -> Value {
        self.freshen();
        let Some(session) = &self.session else { return json!({"items": []}) };
        let mut previous: BTreeMap<PathBuf, (&Uri, &str)> = BTreeMap::new();
        for it in &params.previous_result_ids {
            previous.extend(session.path(&it.uri).map(|path| (path, (&it.uri, it.value.as_str()))));
        }
        let mut paths = session.files_with_diagnostics();
        paths.extend(previous.keys().cloned());
        let mut items = Vec::new();
        for path in paths {
            let document = session.documents.get(&path);
            let known = previous.get(&path);
            let uri = document.map(|it| it.uri.clone()).or_else(|| known.map(|(uri, _)| (*uri).clone()));
            let Some(uri) = uri.or_else(|| uri_of(&path)) else { continue };
            let diagnostics = session.diagnostics(&path);
            let id = result_id(&diagnostics);
            let mut report = match known {
                Some((_, previous)) if *previous == id => json!({"kind": "unchanged", "resultId": id}),
                _ => full(Some(&id), &diagnostics),
            };
            report["uri"] = json!(uri);
            report["version"] = json!(document.map(|it| it.version));
            items.push(report);
        }
        let Some(token) = &params.partial_result_token else { return json!({"items": items}) };
        for batch in items.chunks(BATCH) {
            self.notify("$/progress", json!({"token": token, "value": {"items": batch}}));
        }
        json!({"items": []})
    }

    // ---- Knowledge

    /// A document that can be looked at, with its folder's project and the offset of a position.
    fn looked_at(&mut self, params: &params::At) -> Option<(&Session, &Workspace, &Document, usize)> {
        self.freshen();
        let session = self.session.as_ref()?;
        let document = session.document(&params.text_document.uri)?;
        let workspace = session.workspace_of(&document.path)?;
        let offset = document.offset(params.position, session.client.unit);
        Some((session, workspace, document, offset))
    }

    fn hover(&mut self, params: &params::At) -> Value {
        let found = self.looked_at(params).and_then(|(session, workspace, document, offset)| {
            let module = document.module()?;
            let (site, span) = site::at(workspace, module, offset)?;
            let text = hover::text(workspace, &site)?;
            let here = session.convert(|converter| converter.range(module.source(), span));
            let kind = if session.client.markdown { MarkupKind::Markdown } else { MarkupKind::PlainText };
            Some(Hover { contents: MarkupContent { kind, value: text }.into(), range: Some(here) })
        });
        json!(found)
    }

    fn complete(&mut self, params: &params::At) -> Value {
        let items = self.looked_at(params).and_then(|(session, workspace, document, offset)| {
            let module = document.module()?;
            let edit = |span, text| session.text_edit(module, span, text);
            Some(completion::items(workspace, module, offset, &edit))
        });
        json!({"isIncomplete": false, "items": items.unwrap_or_default()})
    }

    fn definition(&mut self, params: &params::At) -> Value {
        let found = self.looked_at(params).and_then(|(session, workspace, document, offset)| {
            Some(session.locations(&navigate::definitions(workspace, document.module()?, offset)))
        });
        json!(found.unwrap_or_default())
    }

    fn references(&mut self, params: Value) -> Answered {
        let declaration = params.pointer("/context/includeDeclaration").is_some_and(|it| it == true);
        let params: params::At = read(params)?;
        let found = self.looked_at(&params).and_then(|(session, workspace, document, offset)| {
            Some(session.locations(&navigate::references(workspace, document.module()?, offset, declaration)))
        });
        Ok(json!(found.unwrap_or_default()))
    }

    fn lenses(&mut self, params: &params::About) -> Value {
        self.freshen();
        let Some(session) = &self.session else { return Value::Null };
        let found = session.document(&params.text_document.uri).and_then(|document| {
            let workspace = session.workspace_of(&document.path)?;
            Some(navigate::lenses(workspace, document.module()?))
        });
        let lenses = found.unwrap_or_default().into_iter().map(|lens| lsp::CodeLens {
            range: session.convert(|converter| converter.range(&lens.place.source, lens.place.span)),
            command: Some(lsp::Command { title: lens.title, ..actions::explain(&lens.hook) }),
            data: None,
        });
        json!(lenses.collect::<Vec<_>>())
    }

    // ---- Actions

    fn code_actions(&mut self, id: RequestId, params: &params::CodeAction) -> Option<Answered> {
        self.freshen();
        let nothing = || Some(Ok(json!([])));
        let Some(session) = &self.session else { return nothing() };
        let Some(document) = session.document(&params.text_document.uri) else { return nothing() };
        let Some(workspace) = session.workspace_of(&document.path) else { return nothing() };
        let only = params.context.only.as_deref();
        let mut listed: Vec<Value> = Vec::new();
        let versions = |path: &Path| session.documents.get(path).map(|it| it.version);
        let uri = document.uri.as_str();
        let resolves = session.client.resolves_edits;
        session.convert(|converter| {
            let client = &session.client;
            let listing = Listing { client, converter, uri, version: document.version, versions: &versions };
            let findings = workspace.fixes_in(&document.path);
            if is_wanted(only, "quickfix") {
                let (start, end) = document.offsets(params.range, client.unit);
                let touched = findings.iter().filter(|it| {
                    let span = it.place.span.range();
                    span.start <= end && start <= span.end
                });
                listed.extend(touched.flat_map(|finding| listing.about(finding)).map(|action| json!(action)));
            }
            let is_safe =
                |finding: &crate::finding::Finding| finding.fix.as_ref().is_some_and(crate::rewrite::Fix::is_safe);
            // Whoever does not ask for edits later has to wait for them now, and does so only for what was asked for.
            if is_wanted(only, FIX_ALL) && (resolves || only.is_some()) && findings.iter().any(is_safe) {
                listed.push(json!(listing.fix_all()));
            }
        });
        let promises: Vec<Promised> = listed.iter().filter_map(promise_of).map(|it| it.what).collect();
        if resolves || promises.is_empty() {
            return Some(Ok(Value::Array(listed)));
        }
        let path = document.path.clone();
        self.start(id, &path, Answer::List(listed), promises)
    }

    fn resolve(&mut self, id: RequestId, action: Value) -> Option<Answered> {
        // An action that promised nothing has all that it needs.
        let Some(promise) = promise_of(&action) else { return Some(Ok(action)) };
        self.freshen();
        let Some(session) = &self.session else { return Some(Ok(action)) };
        let uri: Option<Uri> = promise.uri.parse().ok();
        let Some(document) = uri.and_then(|uri| session.document(&uri)) else { return Some(Err(modified())) };
        if document.version != promise.version {
            return Some(Err(modified()));
        }
        let path = document.path.clone();
        // What is no stage is known already.
        if let Some(workspace) = session.workspace_of(&path)
            && let Ok(Edits::Fix(fix)) = actions::one_of(&workspace.fixes_in(&path), &path, &promise.what)
            && !fix.is_stage
        {
            let mut action = action;
            action["edit"] = json!(self.edit(session, Edits::Fix(fix)));
            return Some(Ok(action));
        }
        self.start(id, &path, Answer::Resolve(Box::new(action)), vec![promise.what])
    }

    /// Looks for edits in a thread of its own; the answer comes when it has ended.
    fn start(&mut self, id: RequestId, path: &Path, answer: Answer, promises: Vec<Promised>) -> Option<Answered> {
        let session = self.session.as_ref()?;
        let Some(workspace) = session.workspace_of(path) else { return Some(Err(modified())) };
        let options = match workspace.snapshot() {
            Ok(options) => options,
            Err(path) => {
                let text = format!("{}: the file's encoding lacks a character of its text", path.display());
                return Some(Err(Refusal::new(ErrorCode::RequestFailed, text)));
            }
        };
        let versions = session.documents.iter().map(|(path, document)| (path.clone(), document.version)).collect();
        let (finish, path) = (self.finish.clone(), path.to_path_buf());
        let job_id = id.clone();
        let spawned = std::thread::Builder::new().name("edits".to_owned()).spawn(move || {
            let done = catch_unwind(AssertUnwindSafe(|| actions::kept(&options, &path, &promises)));
            let done = match done {
                Ok(done) => done.map_err(|error| format!("{error:#}")),
                Err(_) => Err("hookshift has failed; this is a bug in it".to_owned()),
            };
            // Nobody waits any more when the server has ended.
            let _ = finish.send((job_id, done));
        });
        if let Err(error) = spawned {
            return Some(Err(Refusal::new(ErrorCode::InternalError, error.to_string())));
        }
        self.jobs.insert(id.clone(), Job { id, versions, answer });
        None
    }

    fn finish(&mut self, (id, done): Finished) {
        // One that was cancelled is answered already.
        let Some(job) = self.jobs.remove(&id) else { return };
        let answered = match done {
            Ok(kept) => self.answer_job(job.answer, &job.versions, kept),
            Err(why) => Err(Refusal::new(ErrorCode::RequestFailed, why)),
        };
        self.respond(job.id, answered);
    }

    fn answer_job(
        &self,
        answer: Answer,
        versions: &BTreeMap<PathBuf, i32>,
        kept: Vec<Result<Edits, String>>,
    ) -> Answered {
        let session = self.session.as_ref().ok_or_else(modified)?;
        let now = session.documents.iter().map(|(path, document)| (path, document.version));
        // An edit that is made for another text would spoil it.
        if !now.eq(versions.iter().map(|(path, version)| (path, *version))) {
            return Err(modified());
        }
        let mut kept = kept.into_iter();
        match answer {
            Answer::Resolve(mut action) => {
                let edits = kept.next().unwrap_or(Ok(Edits::None));
                let edits = edits.map_err(|why| Refusal::new(ErrorCode::RequestFailed, why))?;
                if let Edits::Fix(fix) = &edits {
                    self.tell_reasons(session, &action, fix);
                }
                action["edit"] = json!(self.edit(session, edits));
                Ok(*action)
            }
            Answer::List(actions) => {
                let mut answered = Vec::new();
                for mut action in actions {
                    if promise_of(&action).is_some() {
                        // What comes to nothing is not offered.
                        let edits = kept.next().and_then(Result::ok).unwrap_or(Edits::None);
                        match &edits {
                            Edits::None => continue,
                            Edits::Files(_) => {}
                            Edits::Fix(fix) => {
                                action["title"] = json!(actions::title(fix));
                                action["isPreferred"] = json!(fix.is_safe());
                            }
                        }
                        action["edit"] = json!(self.edit(session, edits));
                        action.as_object_mut().map(|action| action.remove("data"));
                    }
                    answered.push(action);
                }
                Ok(Value::Array(answered))
            }
        }
    }

    /// Says why somebody has to look at a fix, when that was not known before and the client does not ask about it.
    fn tell_reasons(&self, session: &Session, action: &Value, fix: &crate::rewrite::Fix) {
        if !fix.is_safe() && !session.client.annotations && action["title"] != actions::title(fix) {
            self.complain(&format!("{}: look at it: {}", fix.title, fix.reasons.join("; ")));
        }
    }

    #[allow(clippy::unused_self, reason = "it belongs to what is answered")]
    fn edit(&self, session: &Session, edits: Edits) -> lsp::WorkspaceEdit {
        let versions = |path: &Path| session.documents.get(path).map(|it| it.version);
        session.convert(|converter| match edits {
            Edits::Fix(fix) => {
                let client = &session.client;
                Listing { client, converter, uri: "", version: 0, versions: &versions }.edit_of(&fix)
            }
            Edits::Files(files) => {
                let files = files.into_iter().map(|(source, text)| {
                    let edits = actions::between(source.text(), &text).into_iter();
                    let edits =
                        edits.map(|(span, new_text)| lsp::TextEdit { range: converter.range(&source, span), new_text });
                    (source.path().to_path_buf(), edits.collect())
                });
                actions::workspace_edit(&session.client, converter, &versions, files.collect(), None)
            }
            Edits::None => lsp::WorkspaceEdit::default(),
        })
    }

    fn execute(&mut self, params: &params::Execute) -> Answered {
        if params.command != actions::EXPLAIN {
            let text = format!("there is no command {}", params.command);
            return Err(Refusal::new(ErrorCode::InvalidParams, text));
        }
        let name = params.arguments.first().and_then(Value::as_str).unwrap_or_default();
        let Some(page) = self.page(name) else {
            return Err(Refusal::new(ErrorCode::InvalidParams, format!("there is no rule or hook `{name}`")));
        };
        let shows = self.session.as_ref().is_some_and(|it| it.client.shows_documents);
        let shown = if shows { self.write_page(name, &page) } else { None };
        match shown {
            Some(uri) => self.ask("window/showDocument", json!({"uri": uri, "takeFocus": true}), Asked::Nothing),
            None => {
                let rule = rule_page(name).filter(|_| crate::rules::names().contains(&name));
                let more = rule.map(|uri| format!(" More: {uri}")).unwrap_or_default();
                let text = page.lines().find(|line| !line.is_empty() && !line.starts_with('#')).unwrap_or_default();
                self.notify("window/showMessage", json!({"type": 3, "message": format!("{name}: {text}{more}")}));
            }
        }
        Ok(json!(page))
    }

    fn page(&self, name: &str) -> Option<String> {
        if let Some(documentation) = crate::rules::documentation(name) {
            return Some(explain::rule_page(name, documentation));
        }
        let workspaces = self.session.iter().flat_map(|it| &it.folders).filter_map(|it| it.workspace());
        let page = |upgrade: &Upgrade| explain::hook_page(Catalog::embedded(), upgrade, name);
        let own = workspaces.map(Workspace::upgrade).find_map(page);
        own.or_else(|| Upgrade::between(DEFAULT_FROM, DEFAULT_TO).ok().as_ref().and_then(page))
    }

    /// Puts a page where the client can read it.
    fn write_page(&mut self, name: &str, page: &str) -> Option<Uri> {
        if self.pages.is_none() {
            self.pages = tempfile::Builder::new().prefix("hookshift-").tempdir().ok();
        }
        let path = self.pages.as_ref()?.path().join(format!("{name}.md"));
        std::fs::write(&path, page).ok()?;
        uri_of(&path)
    }

    // ---- Messages

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
        troubles.difference(&self.told_troubles).for_each(|it| self.complain(it));
        for folder in &session.folders {
            for it in folder.workspace().into_iter().flat_map(Workspace::unreadable) {
                self.log(&format!("{}: {}", it.path.display(), it.reason));
            }
        }
        self.told_troubles = troubles;
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
