//! What there is to say: each finding with where it stands in the repository, and what could be suggested.

use std::path::{Component, Path};

use crate::finding::{Finding, Place};
use crate::fingerprint::{self, Fingerprint};
use crate::report::Run;
use crate::report::paths::Shown;
use crate::rewrite::hunk::Hunk;
use crate::rewrite::{Fix, diff};
use crate::source::{Encoding, Source, Span};

/// A suggestion that replaces more lines than these, or has more of them, is read by nobody.
pub const MAX_SUGGESTED_LINES: u32 = 60;

/// A finding, and all of it that matters to a review.
pub struct Item<'a> {
    pub finding: &'a Finding,
    pub fingerprint: Fingerprint,
    /// From the root of the repository; `None` when the file is outside of it.
    pub path: Option<String>,
    /// Lines of the finding itself, both in, 1-based.
    pub lines: (u32, u32),
    /// Where else it could be told: further places, with their paths and lines.
    pub elsewhere: Vec<(String, (u32, u32))>,
    pub suggestion: Option<Suggestion>,
}

/// Whole lines for whole lines.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Suggestion {
    pub path: String,
    /// 1-based, in.
    pub first: u32,
    /// 1-based, in.
    pub last: u32,
    /// With `\n` at the end of each; empty when lines are deleted.
    pub text: String,
}

/// All findings of a run, in their order.
#[must_use]
pub fn items<'a>(run: &Run<'a>) -> Vec<Item<'a>> {
    run.analysis.findings.iter().map(|finding| Item::of(finding, run.repository_paths)).collect()
}

impl<'a> Item<'a> {
    /// A finding, whose places `paths` shows from the root of the repository.
    #[must_use]
    pub fn of(finding: &'a Finding, paths: &Shown) -> Self {
        let related = finding.related.iter();
        let elsewhere = related.filter_map(|it| Some((path(it.place.source.path(), paths)?, lines(&it.place))));
        Self {
            finding,
            fingerprint: fingerprint::of(finding),
            path: path(finding.place.source.path(), paths),
            lines: lines(&finding.place),
            elsewhere: elsewhere.collect(),
            suggestion: finding.fix.as_ref().and_then(|fix| suggestion(fix, paths)),
        }
    }
}

/// Where a file is in the repository. What is shown as it is on disk lies outside.
fn path(path: &Path, paths: &Shown) -> Option<String> {
    let shown = paths.show(path);
    let inside = |it: Component<'_>| matches!(it, Component::Normal(_));
    Path::new(&shown).components().all(inside).then_some(shown).filter(|it| !it.starts_with('<'))
}

fn lines(place: &Place) -> (u32, u32) {
    let source = &place.source;
    let first = line(source.line_index(place.span.start) + 1);
    // An end at the start of a line is the end of the line before.
    let end = if place.span.is_empty() { place.span.end } else { place.span.end - 1 };
    (first, line(source.line_index(end) + 1).max(first))
}

fn line(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// A fix in the only form that platforms take, where that is readable: whole lines, close together. Platforms write UTF-8 and
/// line feeds, so there is none for a file with others.
fn suggestion(fix: &Fix, paths: &Shown) -> Option<Suggestion> {
    let hunk = Hunk::of(fix)?;
    let (first, last) = (line(hunk.first_line), line(hunk.last_line));
    let is_short = last - first < MAX_SUGGESTED_LINES && hunk.lines.len() <= MAX_SUGGESTED_LINES as usize;
    (is_short && is_plain(&hunk.source)).then_some(())?;
    let text = hunk.text();
    let (start, end) =
        (hunk.source.line_span(hunk.first_line - 1).start, hunk.source.line_span(hunk.last_line - 1).end);
    let old = format!("{}\n", hunk.source.slice(Span { start, end }));
    // What is far apart would be hidden among lines that stay.
    (diff::hunks(old.as_bytes(), text.as_bytes()).len() == 1).then_some(())?;
    Some(Suggestion { path: path(hunk.source.path(), paths)?, first, last, text })
}

/// Whether what a platform writes into the file fits it.
fn is_plain(source: &Source) -> bool {
    source.encoding() == Encoding::Utf8 && !source.text().contains('\r')
}
