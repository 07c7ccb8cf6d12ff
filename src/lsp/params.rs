//! The parameters of requests and notifications, as far as they are looked at. Whatever else a client sends is passed over,
//! so that a newer or an odd one is understood as well as can be.

use gen_lsp_types::{Position, Range, Uri};
use serde::Deserialize;
use serde_json::Value;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Initialize {
    #[serde(default)]
    pub capabilities: Value,
    pub root_uri: Option<Uri>,
    pub root_path: Option<String>,
    pub initialization_options: Option<Value>,
    pub workspace_folders: Option<Vec<FolderName>>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct FolderName {
    pub uri: Uri,
}

#[derive(Debug, Deserialize)]
pub(super) struct ChangeFolders {
    pub event: FoldersEvent,
}

#[derive(Debug, Deserialize)]
pub(super) struct FoldersEvent {
    #[serde(default)]
    pub added: Vec<FolderName>,
    #[serde(default)]
    pub removed: Vec<FolderName>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Document {
    pub uri: Uri,
    pub version: Option<i32>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Open {
    pub text_document: Opened,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Opened {
    pub uri: Uri,
    #[serde(default)]
    pub language_id: String,
    #[serde(default)]
    pub version: i32,
    pub text: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Change {
    pub text_document: Document,
    pub content_changes: Vec<ContentChange>,
}

/// Without a range the text is the whole document.
#[derive(Debug, Deserialize)]
pub(super) struct ContentChange {
    pub range: Option<Range>,
    pub text: String,
}

/// Of all requests and notifications that are about a document and nothing else.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct About {
    pub text_document: Document,
}

/// Of all requests that are about a position in a document.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct At {
    pub text_document: Document,
    pub position: Position,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CodeAction {
    pub text_document: Document,
    pub range: Range,
    #[serde(default)]
    pub context: ActionContext,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct ActionContext {
    pub only: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Pull {
    pub text_document: Document,
    pub previous_result_id: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PullAll {
    #[serde(default)]
    pub previous_result_ids: Vec<PreviousResult>,
    pub partial_result_token: Option<Value>,
}

#[derive(Debug, Deserialize)]
pub(super) struct PreviousResult {
    pub uri: Uri,
    pub value: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct WatchedFiles {
    pub changes: Vec<FileEvent>,
}

#[derive(Debug, Deserialize)]
pub(super) struct FileEvent {
    pub uri: Uri,
    /// 1 created, 2 changed, 3 deleted.
    #[serde(rename = "type")]
    pub kind: u32,
}

#[derive(Debug, Deserialize)]
pub(super) struct Execute {
    pub command: String,
    #[serde(default)]
    pub arguments: Vec<Value>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Cancel {
    pub id: Value,
}

#[derive(Debug, Deserialize)]
pub(super) struct Configuration {
    #[serde(default)]
    pub settings: Value,
}
