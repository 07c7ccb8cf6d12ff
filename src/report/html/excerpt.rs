//! Source on the page: the lines around what was found, and what a fix makes of them.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::words;
use crate::finding::{Finding, Label, Place};
use crate::report::escape;
use crate::report::paths::Shown;
use crate::rewrite::Fix;
use crate::rewrite::compose::Composition;
use crate::rewrite::diff::{CONTEXT, Hunk, LineKind, hunks};
use crate::source::Source;

/// How many lines are shown around each place.
const AROUND: usize = 2;

/// Longer lines are cut, in characters: they are generated, or an accident.
const LONGEST: usize = 400;

/// The places of a finding, file by file, each with what is said there.
pub(super) fn of(finding: &Finding, paths: &Shown) -> Markup {
    let own = Label { place: finding.place.clone(), message: finding.label.clone() };
    let mut files: Vec<(String, Vec<&Label>)> = Vec::new();
    for label in std::iter::once(&own).chain(&finding.related) {
        let path = paths.show(label.place.source.path());
        match files.iter_mut().find(|(known, _)| *known == path) {
            Some((_, labels)) => labels.push(label),
            None => files.push((path, vec![label])),
        }
    }
    html! {
        @for (at, (path, labels)) in files.iter().enumerate() {
            @if at > 0 { p { code { (escape::one_line(path)) } } }
            (lines(labels))
        }
    }
}

/// The lines with labels and those around them.
fn lines(labels: &[&Label]) -> Markup {
    let Some(source) = labels.first().map(|label| &label.place.source) else { return html! {} };
    let mut marked: BTreeMap<usize, Vec<&Label>> = BTreeMap::new();
    for label in labels {
        marked.entry(source.line_index(label.place.span.start)).or_default().push(label);
    }
    let last = source.line_index(u32::try_from(source.text().len()).unwrap_or(u32::MAX));
    let mut shown: BTreeMap<usize, bool> = BTreeMap::new();
    for line in marked.keys() {
        for near in line.saturating_sub(AROUND)..=(line + AROUND).min(last) {
            shown.insert(near, true);
        }
    }
    let mut before = None;
    let rows = shown.keys().map(|&line| {
        let gap = before.is_some_and(|it| it + 1 < line);
        before = Some(line);
        (line, gap)
    });
    let rows: Vec<(usize, bool)> = rows.collect();
    html! {
        pre tabindex="0" role="group" aria-label="Source" {
            @for (line, gap) in rows {
                @if gap { span.row { span.number aria-hidden="true" { "⋮" } } }
                @let here = marked.get(&line);
                span.row {
                    span.number aria-hidden="true" { (line + 1) }
                    (text(source, line, here.and_then(|labels| labels.first()).map(|label| &label.place)))
                }
                @for label in here.into_iter().flatten() {
                    @if !label.message.is_empty() { span.say { "↑ " (words(&label.message)) } }
                }
            }
        }
    }
}

/// A line with the part that is meant marked in it.
fn text(source: &Source, line: usize, place: Option<&Place>) -> Markup {
    let span = source.line_span(line);
    let whole = source.slice(span);
    let marked = place.map(|place| {
        let clamp = |offset: u32| (offset.clamp(span.start, span.end) - span.start) as usize;
        clamp(place.span.start)..clamp(place.span.end)
    });
    let parts = marked.and_then(|it| Some((whole.get(..it.start)?, whole.get(it.clone())?, whole.get(it.end..)?)));
    html! {
        @match parts {
            Some((before, here, behind)) => { (cut(before)) mark { (cut(here)) } (cut(behind)) }
            None => (cut(whole)),
        }
    }
}

pub(super) fn cut(text: &str) -> String {
    // Each character is shown as one. What is behind the last of them is not looked at.
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", escape::line(&text[..end])),
        None => escape::line(text).into_owned(),
    }
}

/// What the fix changes, before and after side by side; or why there is none.
pub(super) fn fix(finding: &Finding, paths: &Shown) -> Markup {
    let Some(fix) = &finding.fix else {
        return html! { @if let Some(why) = &finding.no_fix { p { "Not fixed: " (words(why)) } } };
    };
    html! {
        h4 {
            @if fix.is_safe() { "Safe fix: " } @else { "Fix to be looked at: " }
            (words(&fix.title))
        }
        @if !fix.reasons.is_empty() { ul { @for reason in &fix.reasons { li { (words(reason)) } } } }
        (changes(fix, paths))
    }
}

/// Changes in longer lines are not shown, in bytes: only the beginnings of such lines would be.
const LONGEST_CHANGED: usize = 8 * 1024;

fn changes(fix: &Fix, paths: &Shown) -> Markup {
    let long = fix.edits.iter().find_map(|edit| {
        let source = &edit.place.source;
        let line = source.line_index(edit.place.span.start);
        (source.line_span(line).range().len() > LONGEST_CHANGED).then_some(line + 1)
    });
    if let Some(line) = long {
        return html! { p.soft { "Line " (line) " is too long for the change to be shown." } };
    }
    let mut alone = Composition::default();
    if alone.add(fix).is_err() {
        return html! {};
    }
    let files: Vec<_> = alone.parts(CONTEXT).collect();
    html! {
        @for (source, parts) in &files {
            @if files.len() > 1 { p { code { (escape::one_line(&paths.show(source.path()))) } } }
            @for (old, new) in parts {
                @for hunk in hunks(source.slice(*old).as_bytes(), new.as_bytes()) { (side_by_side(&hunk)) }
            }
        }
    }
}

fn side_by_side(hunk: &Hunk<'_>) -> Markup {
    let side = |title: &str, without: LineKind| {
        html! {
            div {
                pre tabindex="0" role="group" aria-label=(title) {
                    @for line in hunk.lines.iter().filter(|line| line.kind != without) {
                        @let text = String::from_utf8_lossy(line.bytes);
                        span.row.gone[line.kind == LineKind::Removed].come[line.kind == LineKind::Added] {
                            (cut(text.trim_end_matches(['\r', '\n'])))
                        }
                    }
                }
            }
        }
    };
    html! { div.sides { (side("Before", LineKind::Added)) (side("After", LineKind::Removed)) } }
}
