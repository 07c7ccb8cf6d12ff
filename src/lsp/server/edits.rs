//! Lists of actions, their edits, and commands.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use gen_lsp_types as lsp;
use gen_lsp_types::Uri;
use lsp_server::{ErrorCode, RequestId};
use serde_json::{Value, json};

use super::{Answer, Answered, Asked, Finished, Job, Refusal, Server, modified, promise_of};
use crate::catalog::Upgrade;
use crate::check::Workspace;
use crate::lsp::actions::{Edits, FIX_ALL, Listing, Promised, is_wanted};
use crate::lsp::convert::{rule_page, uri_of};
use crate::lsp::session::Session;
use crate::lsp::{actions, params};
use crate::outline::directives::Language;
use crate::project::settings::{DEFAULT_FROM, DEFAULT_TO};
use crate::report::explain;

impl Server<'_> {
    pub(super) fn code_actions(&mut self, id: RequestId, params: &params::CodeAction) -> Option<Answered> {
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
            let language = if document.is_erlang() { Language::Erlang } else { Language::Toml };
            let listing = Listing { client, converter, uri, version: document.version, language, versions: &versions };
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

    pub(super) fn resolve(&mut self, id: RequestId, action: Value) -> Option<Answered> {
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
            action["edit"] = json!(edit(session, Edits::Fix(fix)));
            return Some(Ok(action));
        }
        self.start(id, &path, Answer::Resolve(Box::new(action)), vec![promise.what])
    }

    /// Looks for edits in a thread of its own; the answer comes when it has ended.
    pub(super) fn start(
        &mut self,
        id: RequestId,
        path: &Path,
        answer: Answer,
        promises: Vec<Promised>,
    ) -> Option<Answered> {
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

    pub(super) fn finish(&mut self, (id, done): Finished) {
        // One that was cancelled is answered already.
        let Some(job) = self.jobs.remove(&id) else { return };
        let answered = match done {
            Ok(kept) => self.answer_job(job.answer, &job.versions, kept),
            Err(why) => Err(Refusal::new(ErrorCode::RequestFailed, why)),
        };
        self.respond(job.id, answered);
    }

    pub(super) fn answer_job(
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
                action["edit"] = json!(edit(session, edits));
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
                        action["edit"] = json!(edit(session, edits));
                        action.as_object_mut().map(|action| action.remove("data"));
                    }
                    answered.push(action);
                }
                Ok(Value::Array(answered))
            }
        }
    }

    /// Says why somebody has to look at a fix, when that was not known before and the client does not ask about it.
    pub(super) fn tell_reasons(&self, session: &Session, action: &Value, fix: &crate::rewrite::Fix) {
        if !fix.is_safe() && !session.client.annotations && action["title"] != actions::title(fix) {
            self.complain(&format!("{}: look at it: {}", fix.title, fix.reasons.join("; ")));
        }
    }

    pub(super) fn execute(&mut self, params: &params::Execute) -> Answered {
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

    pub(super) fn page(&self, name: &str) -> Option<String> {
        if let Some(documentation) = crate::rules::documentation(name) {
            return Some(explain::rule_page(name, documentation));
        }
        let workspaces = self.session.iter().flat_map(|it| &it.folders).filter_map(|it| it.workspace());
        let page = |upgrade: &Upgrade| explain::hook_page(upgrade, name);
        let own = workspaces.map(Workspace::upgrade).find_map(page);
        own.or_else(|| Upgrade::between(DEFAULT_FROM, DEFAULT_TO).ok().as_ref().and_then(page))
    }

    /// Puts a page where the client can read it.
    pub(super) fn write_page(&mut self, name: &str, page: &str) -> Option<Uri> {
        if self.pages.is_none() {
            self.pages = tempfile::Builder::new().prefix("hookshift-").tempdir().ok();
        }
        let path = self.pages.as_ref()?.path().join(format!("{name}.md"));
        std::fs::write(&path, page).ok()?;
        uri_of(&path)
    }
}

/// Edits as the client takes them.
fn edit(session: &Session, edits: Edits) -> lsp::WorkspaceEdit {
    let versions = |path: &Path| session.documents.get(path).map(|it| it.version);
    session.convert(|converter| match edits {
        Edits::Fix(fix) => {
            let client = &session.client;
            let language = Language::Erlang;
            Listing { client, converter, uri: "", version: 0, language, versions: &versions }.edit_of(&fix)
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
