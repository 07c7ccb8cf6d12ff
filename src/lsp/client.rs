//! What the editor at the other end can do, as far as it matters here.

use serde_json::Value;

use crate::source::Unit;

/// Read off the parameters of `initialize`. What a client does not say, it cannot do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Client {
    /// What columns count.
    pub unit: Unit,
    /// It asks for diagnostics by itself; then nothing is published.
    pub pulls: bool,
    /// It can be told to ask again.
    pub refreshes: bool,
    pub refreshes_lenses: bool,
    /// Actions may be listed that cannot be taken, with the reason.
    pub disabled_actions: bool,
    /// It asks for an action's edits when the action is taken.
    pub resolves_edits: bool,
    /// It asks before it makes edits that say so.
    pub annotations: bool,
    pub versioned_edits: bool,
    pub progress: bool,
    /// Files can be watched, by dynamic registration.
    pub watches: bool,
    pub configuration: bool,
    /// It says when settings change to those who ask for it, by dynamic registration.
    pub tells_configuration: bool,
    pub folders: bool,
    pub shows_documents: bool,
    pub related: bool,
    pub descriptions: bool,
    pub tags: bool,
    pub data: bool,
    pub markdown: bool,
}

impl Client {
    pub fn of(capabilities: &Value) -> Self {
        let has = |path: &str| capabilities.pointer(path).is_some_and(|it| it == true);
        let is_there = |path: &str| capabilities.pointer(path).is_some_and(Value::is_object);
        let lists = |path: &str, wanted: &str| {
            let list = capabilities.pointer(path).and_then(Value::as_array);
            list.is_some_and(|list| list.iter().any(|it| it == wanted))
        };
        let diagnostics = |what: &str| format!("/textDocument/publishDiagnostics/{what}");
        // The two ways of diagnostics have the same capabilities, in different places.
        let either = |what: &str| has(&diagnostics(what)) || has(&format!("/textDocument/diagnostic/{what}"));
        Self {
            unit: unit(capabilities),
            pulls: is_there("/textDocument/diagnostic"),
            refreshes: has("/workspace/diagnostics/refreshSupport"),
            refreshes_lenses: has("/workspace/codeLens/refreshSupport"),
            disabled_actions: has("/textDocument/codeAction/disabledSupport"),
            resolves_edits: lists("/textDocument/codeAction/resolveSupport/properties", "edit")
                && has("/textDocument/codeAction/dataSupport"),
            annotations: is_there("/workspace/workspaceEdit/changeAnnotationSupport")
                && has("/workspace/workspaceEdit/documentChanges"),
            versioned_edits: has("/workspace/workspaceEdit/documentChanges"),
            progress: has("/window/workDoneProgress"),
            watches: has("/workspace/didChangeWatchedFiles/dynamicRegistration"),
            configuration: has("/workspace/configuration"),
            tells_configuration: has("/workspace/didChangeConfiguration/dynamicRegistration"),
            folders: has("/workspace/workspaceFolders"),
            shows_documents: has("/window/showDocument/support"),
            related: either("relatedInformation"),
            descriptions: either("codeDescriptionSupport"),
            tags: capabilities.pointer(&diagnostics("tagSupport")).is_some()
                || capabilities.pointer("/textDocument/diagnostic/tagSupport").is_some(),
            data: either("dataSupport"),
            markdown: lists("/textDocument/hover/contentFormat", "markdown"),
        }
    }
}

/// The unit that costs least of those that the client lists. UTF-16 is what all understand, and the only one that may be
/// used where none is listed.
fn unit(capabilities: &Value) -> Unit {
    let listed = capabilities.pointer("/general/positionEncodings").and_then(Value::as_array);
    let has = |name: &str| listed.is_some_and(|list| list.iter().any(|it| it == name));
    if has("utf-8") {
        Unit::Utf8
    } else if has("utf-32") && !has("utf-16") {
        Unit::Utf32
    } else {
        Unit::Utf16
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_encoding_that_was_not_listed_is_not_chosen() {
        let of = |listed: Value| Client::of(&json!({"general": {"positionEncodings": listed}})).unit;
        assert_eq!(of(json!(["utf-16"])), Unit::Utf16);
        assert_eq!(of(json!(["utf-16", "utf-8"])), Unit::Utf8);
        assert_eq!(of(json!(["utf-32"])), Unit::Utf32);
        assert_eq!(of(json!(["utf-32", "utf-16"])), Unit::Utf16);
        for odd in [json!([]), json!(null), json!("utf-8"), json!(["latin-1", 8])] {
            assert_eq!(of(odd), Unit::Utf16);
        }
        assert_eq!(Client::of(&json!({})).unit, Unit::Utf16);
    }

    #[test]
    fn what_is_not_said_cannot_be_done() {
        for nothing in [json!({}), json!(null), json!([]), json!({"textDocument": 1, "workspace": "x"})] {
            let client = Client::of(&nothing);
            assert!(!client.pulls && !client.resolves_edits && !client.annotations && !client.watches, "{nothing}");
            assert!(!client.tells_configuration, "{nothing}");
        }
    }
}
