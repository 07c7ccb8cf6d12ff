//! The Reviewdog Diagnostic Format: as one document, and as one line for each finding.
//!
//! Columns count bytes, from 1, in the file as it is on disk. What is suggested is given in whole lines: that is how the
//! platforms behind reviewdog take suggestions, and lines above or below need not be in the diff for it.

use std::io::{self, Write};

use serde::Serialize;

use super::paths::Shown;
use super::{Report, Run, document, escape, json, prose};
use crate::finding::{Finding, Place, Severity};
use crate::rewrite::Fix;
use crate::rewrite::hunk::Hunk;
use crate::rules;
use crate::source::{Encoding, Source};

/// The format `rdjson`.
pub struct Rdjson;

/// The format `rdjsonl`.
pub struct Rdjsonl;

impl Report for Rdjson {
    fn write(&self, run: &Run<'_>, out: &mut dyn Write) -> io::Result<()> {
        let diagnostics = run.analysis.findings.iter().map(|it| Diagnostic::of(it, run.paths)).collect();
        json::write_pretty(&Document { source: SOURCE, diagnostics }, out)
    }
}

impl Report for Rdjsonl {
    fn write(&self, run: &Run<'_>, out: &mut dyn Write) -> io::Result<()> {
        run.analysis.findings.iter().try_for_each(|finding| json::write_line(&Diagnostic::of(finding, run.paths), out))
    }
}

const SOURCE: Named = Named { name: env!("CARGO_PKG_NAME"), url: env!("CARGO_PKG_REPOSITORY") };

#[derive(Serialize)]
struct Document<'a> {
    source: Named,
    diagnostics: Vec<Diagnostic<'a>>,
}

#[derive(Serialize)]
struct Diagnostic<'a> {
    /// Markdown, since it becomes a comment.
    message: String,
    location: Location,
    severity: &'static str,
    source: Named,
    code: Code<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suggestions: Vec<Suggestion>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Related<'a>>,
    original_output: String,
}

#[derive(Serialize)]
struct Named {
    name: &'static str,
    url: &'static str,
}

#[derive(Serialize)]
struct Code<'a> {
    value: &'a str,
    url: String,
}

#[derive(Serialize)]
struct Location {
    path: String,
    range: Range,
}

#[derive(Serialize)]
struct Related<'a> {
    message: &'a str,
    location: Location,
}

/// The end is out, unless columns are missing: then its line is in.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Range {
    start: Position,
    end: Position,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct Position {
    line: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<usize>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct Suggestion {
    range: Range,
    text: String,
}

impl<'a> Diagnostic<'a> {
    fn of(finding: &'a Finding, paths: &Shown) -> Self {
        let mut message = prose::markdown(finding, paths);
        let mut suggestions = Vec::new();
        if let Some(fix) = &finding.fix {
            let (said, suggested) = match suggestion(finding, fix) {
                Ok(suggestion) => (prose::to_look(fix), Some(suggestion)),
                Err(why) => (Some(format!("`hookshift fix` can write it: {}. {why}", fix.title)), None),
            };
            suggestions.extend(suggested);
            if let Some(said) = said {
                let block = document::Block::Paragraph(said);
                message.push_str(&format!("\n{}", document::markdown(&[block])));
            }
        }
        let related = finding.related.iter();
        Self {
            message,
            location: Location::of(&finding.place, paths),
            severity: match finding.severity {
                Severity::Error => "ERROR",
                Severity::Warning => "WARNING",
                Severity::Info => "INFO",
            },
            source: SOURCE,
            code: Code { value: finding.rule, url: rules::page(finding.rule) },
            suggestions,
            related_locations: related
                .map(|it| Related { message: &it.message, location: Location::of(&it.place, paths) })
                .collect(),
            original_output: original_output(finding, paths),
        }
    }
}

/// The line that the format `concise` has.
fn original_output(finding: &Finding, paths: &Shown) -> String {
    let at = finding.place.source.position(finding.place.span.start);
    let path = paths.show(finding.place.source.path());
    let message = escape::one_line(&finding.message);
    format!("{path}:{}:{}: {}[{}] {message}", at.line, at.column, finding.severity, finding.rule)
}

impl Location {
    fn of(place: &Place, paths: &Shown) -> Self {
        let position = |offset| position(&place.source, offset);
        let range = Range { start: position(place.span.start), end: position(place.span.end) };
        Self { path: paths.show(place.source.path()), range }
    }
}

fn position(source: &Source, offset: u32) -> Position {
    let at = source.position(offset);
    // A byte order mark is a part of the first line.
    let line_start = if at.line == 1 { 0 } else { source.byte_on_disk(source.line_span(at.line - 1).start) };
    Position { line: at.line, column: Some(at.byte - line_start + 1) }
}

/// A fix as lines that replace lines, or a sentence that says why it cannot be given so.
fn suggestion(finding: &Finding, fix: &Fix) -> Result<Suggestion, &'static str> {
    let hunk = Hunk::of(fix).ok_or("It changes several files.")?;
    let source = &hunk.source;
    // It has no path of its own.
    if source.path() != finding.place.source.path() {
        return Err("It changes another file.");
    }
    // What a platform puts in a file is UTF-8.
    let is_ascii = hunk.lines.iter().all(|line| line.is_ascii());
    if matches!(source.encoding(), Encoding::Latin1 { .. }) && !is_ascii {
        return Err("The lines to write are in Latin-1, and a suggestion would put UTF-8 in their place.");
    }
    let mut text = hunk.lines.join(source.newline());
    if hunk.first_line == 1 && source.has_byte_order_mark() && !text.is_empty() {
        text.insert(0, '\u{feff}');
    }
    let (first, last) = (hunk.first_line, hunk.last_line);
    let whole = |line| Position { line, column: None };
    let range = match hunk.lines.as_slice() {
        // Without any text, whole lines would be deleted.
        [only] if only.is_empty() => Range {
            start: Position { line: first, column: Some(1) },
            end: position(source, source.line_span(last - 1).end),
        },
        _ => Range { start: whole(first), end: whole(last) },
    };
    Ok(Suggestion { range, text })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::report::samples;
    use crate::rewrite::Edit;
    use crate::source::Span;

    fn source(bytes: &[u8]) -> Arc<Source> {
        Arc::new(Source::from_bytes("a.erl".into(), bytes.to_vec()).unwrap())
    }

    fn suggested(bytes: &[u8], needle: &str, text: &str) -> Result<Suggestion, &'static str> {
        let source = source(bytes);
        let place = samples::place(&source, needle);
        let finding = Finding::new("removed-hook", Severity::Error, place.clone(), "x");
        suggestion(&finding, &Fix::new("t", vec![Edit::replace(place, text)]))
    }

    fn lines(first: usize, last: usize) -> Range {
        Range { start: Position { line: first, column: None }, end: Position { line: last, column: None } }
    }

    #[test]
    fn columns_count_bytes_on_disk() {
        let text = source("a\n%% ʃ🦀x".as_bytes());
        let at = |source: &Arc<Source>, needle| position(source, samples::place(source, needle).span.start);
        assert_eq!(at(&text, "x"), Position { line: 2, column: Some(10) });
        assert_eq!(at(&source(b"%% coding: latin-1\n% \xe9x"), "x"), Position { line: 2, column: Some(4) });
        assert_eq!(at(&source(b"\xEF\xBB\xBFab\nc"), "b"), Position { line: 1, column: Some(5) });
        assert_eq!(at(&source(b"\xEF\xBB\xBFab\nc"), "c"), Position { line: 2, column: Some(1) });
    }

    #[test]
    fn suggestions_are_whole_lines() {
        let of = |range, text: &str| Ok(Suggestion { range, text: text.to_owned() });
        assert_eq!(suggested(b"a b\nc\n", "b", "x\ny"), of(lines(1, 1), "a x\ny"));
        assert_eq!(suggested(b"a b\r\nc\r\n", "b", "x\ny"), of(lines(1, 1), "a x\r\ny"));
        assert_eq!(suggested(b"a\nb\nc", "b\n", ""), of(lines(2, 2), ""));
        assert_eq!(suggested(b"\xEF\xBB\xBFa b\n", "b", "x"), of(lines(1, 1), "\u{feff}a x"));
        // One empty line is no line at all, but for its columns.
        let range = Range { start: Position { line: 2, column: Some(1) }, end: Position { line: 2, column: Some(2) } };
        assert_eq!(suggested(b"a\nb\nc", "b", ""), of(range, ""));
    }

    #[test]
    fn what_cannot_be_suggested_is_said() {
        let latin1 = b"%% coding: latin-1\nb % \xe9\n";
        assert!(suggested(latin1, "b", "x").unwrap_err().contains("Latin-1"));
        assert!(suggested(latin1, "b % \u{e9}", "x").is_ok());
        let (here, there) = (source(b"a"), samples::source("b.erl", "b"));
        let finding = Finding::new("removed-hook", Severity::Error, samples::place(&here, "a"), "x");
        let elsewhere = Edit::replace(samples::place(&there, "b"), "x");
        let fix = Fix::new("t", vec![elsewhere.clone()]);
        assert_eq!(suggestion(&finding, &fix), Err("It changes another file."));
        let here = Edit::insert(&Place::new(&here, Span::new(0, 0)), 0, "x");
        assert_eq!(suggestion(&finding, &Fix::new("t", vec![here, elsewhere])), Err("It changes several files."));
        let finding = finding.fix(Ok(fix));
        let message = Diagnostic::of(&finding, &Shown::relative_to("/")).message;
        assert!(message.ends_with("`hookshift fix` can write it: t. It changes another file.\n"), "{message}");
    }
}
