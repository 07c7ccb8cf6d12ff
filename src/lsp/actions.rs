//! What can be done about findings: fixes, all safe ones at once, a comment that suppresses, an explanation.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gen_lsp_types::{
    AnnotatedTextEdit, ChangeAnnotation, CodeAction, CodeActionDisabled, CodeActionKind, Command, Diagnostic,
    DocumentChange, OptionalVersionedTextDocumentIdentifier, TextDocumentEdit, TextDocumentIdentifier, TextEdit,
    WorkspaceEdit,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use similar::DiffOp;

use super::client::Client;
use super::convert::Converter;
use crate::finding::{Finding, Place};
use crate::fixing::{self, ignores::comment_above};
use crate::outline::directives::{Language, PLACEHOLDER};
use crate::project::options::Options;
use crate::report::escape;
use crate::rewrite::Fix;
use crate::rules::suppressions::{can_be_suppressed, is_about_whole_config};
use crate::source::{Source, Span};

/// The kind of the action that makes all safe fixes.
pub(super) const FIX_ALL: &str = "source.fixAll.hookshift";
/// The command that explains a rule or a hook.
pub(super) const EXPLAIN: &str = "hookshift.explain";

/// What an action that is resolved later has to remember.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Promise {
    pub uri: String,
    /// Of the document when the action was listed: its edits are for no other.
    pub version: i32,
    pub what: Promised,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Promised {
    FixAll,
    Fix { rule: String, start: u32, end: u32, message: String, title: String },
}

/// Whether a kind is among those that are asked for; `source` stands for all that start with it.
pub(super) fn is_wanted(only: Option<&[String]>, kind: &str) -> bool {
    only.is_none_or(|only| {
        only.iter().any(|it| {
            it.is_empty() || it == kind || kind.strip_prefix(it.as_str()).is_some_and(|rest| rest.starts_with('.'))
        })
    })
}

/// All that is needed to list actions.
pub(super) struct Listing<'a> {
    pub client: &'a Client,
    pub converter: &'a Converter<'a>,
    pub uri: &'a str,
    pub version: i32,
    /// What the document is written in.
    pub language: Language,
    pub versions: &'a dyn Fn(&Path) -> Option<i32>,
}

impl Listing<'_> {
    /// What can be done about one finding.
    pub fn about(&self, finding: &Finding) -> Vec<CodeAction> {
        let diagnostic = self.converter.diagnostic(self.client, finding);
        let mut actions = Vec::new();
        for (at, fix) in finding.fix.iter().chain(&finding.alternatives).enumerate() {
            let mut action = self.fix(finding, fix, &diagnostic);
            action.is_preferred = (at == 0 && is_seen_to_be_safe(fix)).then_some(true);
            actions.push(action);
        }
        if let (Some(why), true) = (&finding.no_fix, self.client.disabled_actions) {
            actions.push(CodeAction {
                title: format!("Fix `{}`", finding.rule),
                kind: Some(CodeActionKind::QuickFix),
                diagnostics: Some(vec![diagnostic.clone()]),
                disabled: Some(CodeActionDisabled { reason: why.clone() }),
                ..CodeAction::default()
            });
        }
        actions.extend(self.suppress(finding, &diagnostic));
        actions.push(CodeAction {
            title: format!("Explain `{}`", finding.rule),
            kind: Some(CodeActionKind::QuickFix),
            diagnostics: Some(vec![diagnostic]),
            command: Some(explain(finding.rule)),
            ..CodeAction::default()
        });
        actions
    }

    fn fix(&self, finding: &Finding, fix: &Fix, diagnostic: &Diagnostic) -> CodeAction {
        let promised = Promised::Fix {
            rule: finding.rule.to_owned(),
            start: finding.place.span.start,
            end: finding.place.span.end,
            message: finding.message.clone(),
            title: fix.title.clone(),
        };
        // What a stage leads to takes a run over the whole project.
        let later = self.client.resolves_edits || fix.is_stage;
        CodeAction {
            title: title(fix),
            kind: Some(CodeActionKind::QuickFix),
            diagnostics: Some(vec![diagnostic.clone()]),
            data: later.then(|| self.promise(promised)),
            edit: (!later).then(|| self.edit_of(fix)),
            ..CodeAction::default()
        }
    }

    pub fn promise(&self, what: Promised) -> Value {
        json!(Promise { uri: self.uri.to_owned(), version: self.version, what })
    }

    /// The edits of a fix, in all of its files.
    pub fn edit_of(&self, fix: &Fix) -> WorkspaceEdit {
        let mut files: BTreeMap<PathBuf, Vec<TextEdit>> = BTreeMap::new();
        for edit in &fix.edits {
            let path = edit.place.source.path().to_path_buf();
            files.entry(path).or_default().push(self.converter.edit(edit));
        }
        let annotation = (!fix.is_safe()).then(|| ChangeAnnotation {
            label: escape::one_line(&fix.title).into_owned(),
            needs_confirmation: Some(true),
            description: Some(escape::lines(&fix.reasons.join("\n")).into_owned()),
        });
        workspace_edit(self.client, self.converter, self.versions, files, annotation)
    }

    /// A comment above the finding that says it is meant so. Why, only a person can say.
    fn suppress(&self, finding: &Finding, diagnostic: &Diagnostic) -> Option<CodeAction> {
        let source = &finding.place.source;
        let line = source.line_index(finding.place.span.start);
        let fix = Fix::new("", vec![comment_above(source, self.language, line, &[finding.rule], PLACEHOLDER)]);
        let has_line = !is_about_whole_config(self.language, finding);
        (can_be_suppressed(finding) && has_line).then(|| CodeAction {
            title: format!("Suppress `{}` here; say why in place of `{PLACEHOLDER}`", finding.rule),
            kind: Some(CodeActionKind::QuickFix),
            diagnostics: Some(vec![diagnostic.clone()]),
            edit: Some(self.edit_of(&fix)),
            ..CodeAction::default()
        })
    }

    /// All safe fixes of a document, to be found when somebody wants them.
    pub fn fix_all(&self) -> CodeAction {
        CodeAction {
            title: "Make all safe fixes of hookshift".to_owned(),
            kind: Some(CodeActionKind::Custom(FIX_ALL.into())),
            data: Some(self.promise(Promised::FixAll)),
            ..CodeAction::default()
        }
    }
}

/// Whether a fix is safe, as far as that is known before it is made: where a stage leads, it is not.
pub(super) fn is_seen_to_be_safe(fix: &Fix) -> bool {
    fix.is_safe() && !fix.is_stage
}

/// A fix that a person has to look at says why.
pub(super) fn title(fix: &Fix) -> String {
    let title = match fix.reasons.as_slice() {
        [] if fix.is_stage => format!("{} (look at what comes of it: one change leads to others)", fix.title),
        [] => fix.title.clone(),
        [reason] => format!("{} (look at it: {reason})", fix.title),
        [reason, others @ ..] => format!("{} (look at it: {reason}; and {} more)", fix.title, others.len()),
    };
    escape::one_line(&title).into_owned()
}

pub(super) fn explain(name: &str) -> Command {
    Command {
        title: format!("Explain {name}"),
        command: EXPLAIN.to_owned(),
        arguments: Some(vec![json!(name)]),
        ..Command::default()
    }
}

/// Edits in the form that the client understands.
pub(super) fn workspace_edit(
    client: &Client,
    converter: &Converter<'_>,
    versions: &dyn Fn(&Path) -> Option<i32>,
    files: BTreeMap<PathBuf, Vec<TextEdit>>,
    annotation: Option<ChangeAnnotation>,
) -> WorkspaceEdit {
    const ANNOTATION: &str = "look";
    let named = files.into_iter().filter_map(|(path, edits)| Some((converter.uri(&path)?, path, edits)));
    if !client.versioned_edits {
        let changes: HashMap<_, _> = named.map(|(uri, _, edits)| (uri, edits)).collect();
        return WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() };
    }
    let annotation = annotation.filter(|_| client.annotations);
    let is_annotated = annotation.is_some();
    let changes = named.map(|(uri, path, edits)| {
        let edits = edits.into_iter().map(|text_edit| match is_annotated {
            true => AnnotatedTextEdit { text_edit, annotation_id: ANNOTATION.to_owned() }.into(),
            false => text_edit.into(),
        });
        let text_document = OptionalVersionedTextDocumentIdentifier {
            version: versions(&path),
            text_document_identifier: TextDocumentIdentifier { uri },
        };
        DocumentChange::TextDocumentEdit(TextDocumentEdit { text_document, edits: edits.collect() })
    });
    WorkspaceEdit {
        document_changes: Some(changes.collect()),
        change_annotations: annotation.map(|it| HashMap::from([(ANNOTATION.to_owned(), it)])),
        ..WorkspaceEdit::default()
    }
}

/// What came of looking for edits.
pub(super) enum Edits {
    /// Of one fix, for which somebody may have to look.
    Fix(Box<Fix>),
    /// New texts of whole files, each with what it was.
    Files(Vec<(Arc<Source>, String)>),
    /// Nothing is to be done.
    None,
}

/// All safe fixes that start in a file or change it, until none is left.
pub(super) fn all_safe(options: &Options, path: &Path) -> anyhow::Result<Edits> {
    let here = |place: &Place| place.source.path() == path;
    let mut wanted = |finding: &Finding, fix: &Fix| {
        fix.is_safe() && (here(&finding.place) || fix.edits.iter().any(|edit| here(&edit.place)))
    };
    let outcome = fixing::run(options, None, &mut wanted)?;
    Ok(Edits::Files(outcome.files.into_iter().map(|file| (file.source, file.text)).collect()))
}

/// What actions promised, in their order. Fixes are led to their ends; for one that is none any more there is why.
pub(super) fn kept(
    options: &Options,
    path: &Path,
    promises: &[Promised],
) -> anyhow::Result<Vec<Result<Edits, String>>> {
    let has_fixes = promises.iter().any(|it| matches!(it, Promised::Fix { .. }));
    let findings = if has_fixes { fixing::check_with_fixes(options)?.findings } else { Vec::new() };
    let mut kept = Vec::new();
    for promised in promises {
        kept.push(match promised {
            Promised::FixAll => Ok(all_safe(options, path)?),
            one @ Promised::Fix { .. } => one_of(&findings, path, one),
        });
    }
    Ok(kept)
}

/// The fix that was promised, among those of findings; why there is none any more, where that is known.
pub(super) fn one_of(findings: &[Finding], path: &Path, promised: &Promised) -> Result<Edits, String> {
    let Promised::Fix { rule, start, end, message, title } = promised else { return Ok(Edits::None) };
    let span = Span { start: *start, end: *end };
    let of_finding = findings.iter().filter(|it| {
        it.rule == rule && it.place.span == span && it.message == *message && it.place.source.path() == path
    });
    let mut why = None;
    for finding in of_finding {
        why = why.or(finding.no_fix.as_ref());
        if let Some(fix) = finding.fix.iter().chain(&finding.alternatives).find(|fix| fix.title == *title) {
            return Ok(Edits::Fix(Box::new(fix.clone())));
        }
    }
    why.map_or(Ok(Edits::None), |why| Err(why.clone()))
}

/// The replacements that make one text another one, line by line.
pub(super) fn between(old: &str, new: &str) -> Vec<(Span, String)> {
    fn lines(text: &str) -> (Vec<&str>, Vec<usize>) {
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let mut starts = vec![0];
        lines.iter().for_each(|line| starts.push(starts[starts.len() - 1] + line.len()));
        (lines, starts)
    }
    let ((old_lines, old_starts), (new_lines, new_starts)) = (lines(old), lines(new));
    let ops = similar::capture_diff_slices(similar::Algorithm::Myers, &old_lines, &new_lines);
    let edits = ops.iter().filter(|op| !matches!(op, DiffOp::Equal { .. })).map(|op| {
        let (was, now) = (op.old_range(), op.new_range());
        let text = &new[new_starts[now.start]..new_starts[now.end]];
        (Span::new(old_starts[was.start], old_starts[was.end]), text.to_owned())
    });
    edits.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_asked_for_by_their_beginning() {
        let only = |kinds: &[&str]| Some(kinds.iter().map(|&kind| kind.to_owned()).collect::<Vec<_>>());
        assert!(is_wanted(None, FIX_ALL));
        for kinds in [&["source"][..], &["quickfix", "source.fixAll"], &[FIX_ALL], &[""]] {
            assert!(is_wanted(only(kinds).as_deref(), FIX_ALL), "{kinds:?}");
        }
        for kinds in [&[][..], &["source.fix"], &["quickfix"], &["source.fixAll.hookshift.x"], &["source.fixAll.other"]]
        {
            assert!(!is_wanted(only(kinds).as_deref(), FIX_ALL), "{kinds:?}");
        }
    }

    #[test]
    fn edits_between_texts_make_the_one_the_other() {
        for (old, new) in
            [("a\nb\nc\n", "a\nB\nc\nd\n"), ("", "x"), ("x", ""), ("a\r\nb", "b"), ("a\nb\nc", "c\nb\na\n")]
        {
            let mut text = old.to_owned();
            for (span, line) in between(old, new).iter().rev() {
                text.replace_range(span.range(), line);
            }
            assert_eq!(text, new);
        }
    }
}
