//! The beginning of a session, and what the client wants.

use std::collections::BTreeSet;
use std::path::PathBuf;

use lsp_server::{ErrorCode, Response};
use serde_json::{Value, json};

use super::{Answered, Asked, Refusal, Server, capabilities, read};
use crate::lsp::client::Client;
use crate::lsp::convert::{path_of, uri_of};
use crate::lsp::params;
use crate::lsp::session::{Session, wishes};
use crate::project::release;

impl Server<'_> {
    pub(super) fn initialize(&mut self, params: Value) -> Answered {
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

    pub(super) fn initialized(&mut self) {
        let Some(session) = &mut self.session else { return };
        session.open_folders();
        let (watches, tells_configuration) = (session.client.watches, session.client.tells_configuration);
        let mut registrations = Vec::new();
        if watches {
            // A configuration, of hookshift or of the server, and what a team describes.
            let files = ["**/*.{erl,hrl,escript}", "**/*.toml", "**/.{gitignore,ignore}"].map(str::to_owned);
            let releases = release::files().map(|name| format!("**/{name}"));
            let globs: BTreeSet<String> = files.into_iter().chain(releases).collect();
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

    pub(super) fn ask_configuration(&mut self) {
        let Some(session) = self.session.as_ref().filter(|it| it.client.configuration) else { return };
        let roots: Vec<PathBuf> = session.folders.iter().map(|folder| folder.root.clone()).collect();
        let scoped = roots.iter().map(|root| json!({"scopeUri": uri_of(root), "section": "hookshift"}));
        let items: Vec<Value> = std::iter::once(json!({"section": "hookshift"})).chain(scoped).collect();
        self.ask("workspace/configuration", json!({"items": items}), Asked::Configuration(roots));
    }

    pub(super) fn set_wishes(&mut self, folder: Option<usize>, value: Option<&Value>) {
        // A client that has no such settings says so with null, and what it said at the start stays.
        let Some(value) = value.filter(|it| it.is_object()) else { return };
        let (wishes, complaints) = wishes(Some(value));
        complaints.iter().for_each(|it| self.complain(it));
        if let Some(session) = &mut self.session {
            session.set_wishes(folder, &wishes);
        }
        self.tell_all();
    }

    pub(super) fn response(&mut self, response: Response) {
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
}
