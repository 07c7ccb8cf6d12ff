//! What the rules about `mongooseim.toml` have in common: changes that take whole lines, and leave the rest as it is.

use crate::catalog::ConfigChange;
use crate::finding::{Finding, Severity};
use crate::project::server_config::{Entry, Form, ServerConfig};
use crate::rewrite::{Edit, Fix};
use crate::source::Span;

/// A finding about an entry.
pub(super) fn finding(
    rule: (&'static str, Severity),
    config: &ServerConfig,
    at: Span,
    change: &ConfigChange,
    message: String,
) -> Finding {
    Finding::new(rule.0, rule.1, config.place(at), message).help(change.advice.clone()).evidence(&change.evidence)
}

/// Deletes an entry, with its lines where it has lines of its own, and with the condition of a template around it when nothing
/// else is under that. Says why not, where it cannot be done.
pub(super) fn delete(config: &ServerConfig, entry: &Entry, look: &str) -> Result<Fix, String> {
    let title = format!("delete `{}`", entry.path.replace("[]", ""));
    let text = config.source.text();
    let spans = match entry.form {
        Form::Inline(_) => vec![with_comma(text, entry.extent)],
        Form::Section | Form::Option(_) => vec![with_condition(config, lines(text, entry.extent))],
        // Each of what is in it has lines of its own.
        Form::Implied => parts(config, entry)?,
    };
    let lost = spans.iter().flat_map(|span| text[span.range()].lines()).find(|line| line.trim_start().starts_with('#'));
    let reasons = lost.map(|line| format!("a comment in it goes as well: `{}`", line.trim().replace('`', "'")));
    let edits = spans.into_iter().map(|span| Edit::delete(config.place(span))).collect();
    let look = (!look.is_empty()).then(|| look.to_owned());
    Ok(Fix::new(title, edits).because(look.into_iter().chain(reasons)))
}

/// The lines of what makes up a table that has no header of its own.
fn parts(config: &ServerConfig, table: &Entry) -> Result<Vec<Span>, String> {
    let text = config.source.text();
    let below = format!("{}.", table.path);
    let is_part = |it: &&Entry| it.path.starts_with(&below) && table.extent.contains(it.name);
    let leaves = config.entries.iter().filter(is_part).filter(|it| matches!(it.form, Form::Option(_) | Form::Section));
    let spans: Vec<Span> = leaves.map(|it| lines(text, it.extent)).collect();
    if spans.is_empty() { Err("it is written in a way that is not understood".to_owned()) } else { Ok(merged(spans)) }
}

fn merged(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_unstable();
    spans.dedup_by(|next, last| {
        let touches = next.start <= last.end;
        if touches {
            last.end = last.end.max(next.end);
        }
        touches
    });
    spans
}

/// Whole lines, with one of the empty ones around them when there are some on both sides.
pub(super) fn lines(text: &str, span: Span) -> Span {
    let start = text[..span.start as usize].rfind('\n').map_or(0, |at| at + 1);
    let end = behind_line(text, span.end as usize);
    let is_empty = |line: &str| line.trim().is_empty();
    let is_empty_above = start == 0 || is_empty(text[..start - 1].rsplit('\n').next().unwrap_or_default());
    let below = text[end..].split_inclusive('\n').next().unwrap_or_default();
    let takes_below = is_empty_above && !below.is_empty() && is_empty(below);
    Span::new(start, if takes_below { end + below.len() } else { end })
}

fn behind_line(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |found| at + found + 1)
}

/// With `{{#name}}` and `{{/name}}` around the lines, when there is nothing else between them.
fn with_condition(config: &ServerConfig, span: Span) -> Span {
    let Some(condition) = config.condition(span.start) else { return span };
    let text = config.source.text();
    let (before, behind) =
        (&text[condition.start as usize..span.start as usize], &text[span.end as usize..condition.end as usize]);
    let is_tag = |part: &str| {
        let part = part.trim();
        part.starts_with("{{") && part.ends_with("}}") && part.matches("{{").count() == 1
    };
    if is_tag(before) && is_tag(behind) { lines(text, condition) } else { span }
}

/// An entry between braces, with the comma that belongs to it.
fn with_comma(text: &str, span: Span) -> Span {
    let behind = &text[span.end as usize..];
    let blanks = behind.len() - behind.trim_start().len();
    if behind.trim_start().starts_with(',') {
        let rest = &behind[blanks + 1..];
        let more = rest.len() - rest.trim_start().len();
        return Span::new(span.start as usize, span.end as usize + blanks + 1 + more);
    }
    let before = text[..span.start as usize].trim_end();
    let start = before.strip_suffix(',').map_or(span.start as usize, str::len);
    Span::new(start, span.end as usize)
}

/// Where a table can be added behind those of a kind, which start with `prefix`: behind the last one that is there whatever
/// a template is filled with. `None` where there is no such.
pub(super) fn behind_last(config: &ServerConfig, prefix: &str, within: Span) -> Option<u32> {
    let text = config.source.text();
    let is_table = |it: &&Entry| it.form == Form::Section && it.path.starts_with(prefix) && within.contains(it.name);
    let surely = config.entries.iter().filter(is_table).filter(|it| config.condition(it.name.start).is_none());
    let last = surely.max_by_key(|it| it.extent.end)?;
    // What a template puts in belongs to the table.
    let mut end = behind_line(text, last.extent.end as usize);
    loop {
        let line = text[end..].split_inclusive('\n').next().unwrap_or_default();
        let is_part = line.trim().starts_with("{{{");
        if line.is_empty() || !is_part {
            return Some(Span::new(0, end).end);
        }
        end += line.len();
    }
}
