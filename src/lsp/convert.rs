//! Places and findings as the protocol has them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use gen_lsp_types::{
    CodeDescription, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag, Location, Position,
    Range, TextEdit, Uri,
};
use rustc_hash::FxHashMap;
use serde_json::json;

use super::client::Client;
use super::document::Document;
use crate::finding::{Finding, Place, Severity};
use crate::report::escape;
use crate::rewrite::Edit;
use crate::source::{Lines, Source, Span, Unit};

/// Turns offsets into positions. Lines of each file are counted once.
pub(super) struct Converter<'a> {
    unit: Unit,
    /// The documents that the client has open.
    documents: &'a BTreeMap<PathBuf, Document>,
    lines: RefCell<FxHashMap<OsString, Rc<Lines>>>,
}

impl<'a> Converter<'a> {
    pub fn new(unit: Unit, documents: &'a BTreeMap<PathBuf, Document>) -> Self {
        Self { unit, documents, lines: RefCell::default() }
    }

    /// All calls with one path must be with one text.
    pub fn range(&self, source: &Source, span: Span) -> Range {
        let lines = self.lines_of(source);
        range(&lines, source.text(), span.range(), self.unit)
    }

    fn lines_of(&self, source: &Source) -> Rc<Lines> {
        let mut known = self.lines.borrow_mut();
        if let Some(lines) = known.get(source.path().as_os_str()) {
            return Rc::clone(lines);
        }
        let open = self.documents.get(source.path()).filter(|it| std::ptr::eq(it.text(), source.text()));
        let lines = open.map_or_else(|| Rc::new(Lines::new(source.text())), |document| Rc::clone(document.lines()));
        known.insert(source.path().as_os_str().to_owned(), Rc::clone(&lines));
        lines
    }

    /// As the client spells it, of a file that it has open.
    pub fn uri(&self, path: &Path) -> Option<Uri> {
        self.documents.get(path).map(|document| document.uri.clone()).or_else(|| uri_of(path))
    }

    pub fn location(&self, place: &Place) -> Option<Location> {
        Some(Location { uri: self.uri(place.source.path())?, range: self.range(&place.source, place.span) })
    }

    pub fn edit(&self, edit: &Edit) -> TextEdit {
        let text = match edit.place.source.newline() {
            "\n" => edit.text.clone(),
            newline => edit.text.replace('\n', newline),
        };
        TextEdit { range: self.range(&edit.place.source, edit.place.span), new_text: text }
    }

    pub fn diagnostic(&self, client: &Client, finding: &Finding) -> Diagnostic {
        let related = || {
            let related = finding.related.iter().filter_map(|label| {
                let location = self.location(&label.place)?;
                Some(DiagnosticRelatedInformation { location, message: escape::lines(&label.message).into_owned() })
            });
            related.collect()
        };
        Diagnostic {
            range: self.range(&finding.place.source, finding.place.span),
            severity: Some(match finding.severity {
                Severity::Error => DiagnosticSeverity::Error,
                Severity::Warning => DiagnosticSeverity::Warning,
                Severity::Info => DiagnosticSeverity::Information,
            }),
            code: Some(finding.rule.to_owned().into()),
            code_description: rule_page(finding.rule)
                .filter(|_| client.descriptions)
                .map(|href| CodeDescription { href }),
            source: Some(SOURCE.to_owned()),
            message: escape::lines(&message(finding)).into_owned().into(),
            tags: client.tags.then(|| tags(finding)).filter(|tags| !tags.is_empty()),
            related_information: client.related.then(related).filter(|related: &Vec<_>| !related.is_empty()),
            data: client.data.then(|| {
                json!({
                    "rule": finding.rule,
                    "hook": finding.hook,
                    "handler": finding.handler.as_ref().map(ToString::to_string),
                })
            }),
        }
    }
}

/// Who says so, in every diagnostic.
pub(super) const SOURCE: &str = "hookshift";

/// The message, and what else an editor would have no place for.
fn message(finding: &Finding) -> String {
    let mut text = finding.message.clone();
    if let Some(help) = &finding.help {
        text.push_str("\nHelp: ");
        text.push_str(help);
    }
    for note in &finding.notes {
        text.push_str("\nNote: ");
        text.push_str(note);
    }
    text
}

/// Of an interface that the target release does not have.
fn tags(finding: &Finding) -> Vec<DiagnosticTag> {
    let is_gone = finding.rule.starts_with("removed-") || finding.rule.starts_with("legacy-");
    if is_gone { vec![DiagnosticTag::Deprecated] } else { Vec::new() }
}

/// Where a rule's page is to be read.
pub(super) fn rule_page(rule: &str) -> Option<Uri> {
    crate::rules::page(rule).parse().ok()
}

pub(super) fn range(lines: &Lines, text: &str, span: std::ops::Range<usize>, unit: Unit) -> Range {
    let position = |offset: usize| {
        let (line, character) = lines.position(text, offset, unit);
        let number = |it: usize| u32::try_from(it).unwrap_or(u32::MAX);
        Position { line: number(line), character: number(character) }
    };
    Range { start: position(span.start), end: position(span.end) }
}

pub(super) fn uri_of(path: &Path) -> Option<Uri> {
    Uri::from_file_path(path).ok()
}

/// The path of a file on disk that a client names.
pub(super) fn path_of(uri: &Uri) -> Option<PathBuf> {
    (uri.scheme() == "file").then(|| uri.to_file_path().ok()).flatten()
}
