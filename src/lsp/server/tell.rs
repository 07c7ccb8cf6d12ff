//! Diagnostics: pushed to clients that do not ask for them, and given to those that do.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crossbeam_channel::{RecvTimeoutError, Sender, unbounded};
use gen_lsp_types as lsp;
use gen_lsp_types::Uri;
use lsp_server::{Message, Notification};
use serde_json::{Value, json};

use super::{Asked, BATCH, Server, full, result_id};
use crate::lsp::convert::uri_of;
use crate::lsp::params;
use crate::lsp::session::{News, Session};

/// Does something when it is dropped, by a panic too.
struct OnDrop<F: Fn()>(F);

impl<F: Fn()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

impl Server<'_> {
    /// Says what can be said of a document that was opened before all files were read.
    pub(super) fn glance(&mut self, path: Option<&Path>) {
        let Some((session, path)) = self.session.as_mut().zip(path) else { return };
        if session.is_scanned() || session.client.pulls || !session.documents.contains_key(path) {
            return;
        }
        let diagnostics = session.glance(path);
        // So that it is taken back, whatever becomes of the document meanwhile.
        session.told.note(path, &diagnostics);
        let news = News { path: path.to_path_buf(), diagnostics, is_new: true, is_edited: true };
        self.publish(&news);
    }

    /// Reads all files, and says how far that is.
    pub(super) fn scan(&mut self) {
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
        let _end = OnDrop(|| tell(sender, json!({"kind": "end"})));
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
    }

    /// Brings everything up to date and tells what is new.
    pub(super) fn refresh(&mut self) {
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
    pub(super) fn tell_all(&mut self) {
        let Some(session) = &mut self.session else { return };
        let mut news = session.refresh();
        news.extend(session.everything());
        self.tell(&news);
        self.tell_troubles();
    }

    pub(super) fn tell(&mut self, news: &[News]) {
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

    pub(super) fn publish(&self, news: &News) {
        let Some(session) = &self.session else { return };
        let document = session.documents.get(&news.path);
        let Some(uri) = document.map(|it| it.uri.clone()).or_else(|| uri_of(&news.path)) else { return };
        let version = document.map(|it| it.version);
        let params = lsp::PublishDiagnosticsParams { uri, version, diagnostics: news.diagnostics.clone() };
        self.notify("textDocument/publishDiagnostics", params);
    }

    /// Makes sure that what is asked about is known.
    pub(super) fn freshen(&mut self) {
        if self.session.as_ref().is_some_and(Session::is_dirty) {
            if self.session.as_ref().is_some_and(Session::is_scanned) { self.refresh() } else { self.scan() }
        }
    }

    pub(super) fn pull(&mut self, params: &params::Pull) -> Value {
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

    pub(super) fn pull_all(&mut self, params: &params::PullAll) -> Value {
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
}
