//! What is asked about a place in a document.

use gen_lsp_types as lsp;
use gen_lsp_types::{Hover, MarkupContent, MarkupKind};
use serde_json::{Value, json};

use super::{Answered, Server, read};
use crate::check::Workspace;
use crate::lsp::document::Document;
use crate::lsp::session::Session;
use crate::lsp::{actions, completion, hover, navigate, params, site};

impl Server<'_> {
    /// A document that can be looked at, with its folder's project and the offset of a position.
    pub(super) fn looked_at(&mut self, params: &params::At) -> Option<(&Session, &Workspace, &Document, usize)> {
        self.freshen();
        let session = self.session.as_ref()?;
        let document = session.document(&params.text_document.uri)?;
        let workspace = session.workspace_of(&document.path)?;
        let offset = document.offset(params.position, session.client.unit);
        Some((session, workspace, document, offset))
    }

    pub(super) fn hover(&mut self, params: &params::At) -> Value {
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

    pub(super) fn complete(&mut self, params: &params::At) -> Value {
        let items = self.looked_at(params).and_then(|(session, workspace, document, offset)| {
            let module = document.module()?;
            let edit = |span, text| session.text_edit(module, span, text);
            Some(completion::items(workspace, module, offset, &edit))
        });
        json!({"isIncomplete": false, "items": items.unwrap_or_default()})
    }

    pub(super) fn definition(&mut self, params: &params::At) -> Value {
        let found = self.looked_at(params).and_then(|(session, workspace, document, offset)| {
            Some(session.locations(&navigate::definitions(workspace, document.module()?, offset)))
        });
        json!(found.unwrap_or_default())
    }

    pub(super) fn references(&mut self, params: Value) -> Answered {
        let declaration = params.pointer("/context/includeDeclaration").is_some_and(|it| it == true);
        let params: params::At = read(params)?;
        let found = self.looked_at(&params).and_then(|(session, workspace, document, offset)| {
            Some(session.locations(&navigate::references(workspace, document.module()?, offset, declaration)))
        });
        Ok(json!(found.unwrap_or_default()))
    }

    pub(super) fn lenses(&mut self, params: &params::About) -> Value {
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
}
