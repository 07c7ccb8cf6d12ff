//! What the rules about `mongooseim.toml` have in common: changes that take whole lines, and leave the rest as it is.

use std::sync::Arc;

mod insert;
mod rename;

pub(super) use insert::{insert, line_of};
pub(super) use rename::rename;

use crate::budget::can_spend;
use crate::catalog::ConfigChange;
use crate::catalog::config_path::{OF_HOST, behind};
use crate::finding::{Finding, Severity};
use crate::project::config::OUTSIDE;
use crate::project::options::Options;
use crate::project::server_config::{Entry, Form, ServerConfig, Vars, Without, variables, vars_for};
use crate::rewrite::compose::Composition;
use crate::rewrite::{Edit, Fix};
use crate::source::{Source, Span};

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

/// The same, which says behind a colon what the change means.
pub(super) fn told(
    rule: (&'static str, Severity),
    config: &ServerConfig,
    at: Span,
    change: &ConfigChange,
    message: &str,
) -> Finding {
    finding(rule, config, at, change, format!("{message}: {}", lower(&change.summary)))
}

/// A sentence as it goes on behind a colon.
fn lower(sentence: &str) -> String {
    let mut characters = sentence.trim_end_matches('.').chars();
    characters.next().map(|first| first.to_lowercase().chain(characters).collect()).unwrap_or_default()
}

/// The path of an entry as people say it.
pub(super) fn shown(path: &str) -> String {
    path.strip_prefix(OF_HOST).unwrap_or(path).replace("[]", "")
}

/// Where the value of an option is.
pub(super) fn value_of(config: &ServerConfig, entry: &Entry) -> Option<Span> {
    let text = &config.source.text()[entry.name.end as usize..entry.extent.end as usize];
    let value = text.trim_start().strip_prefix('=')?.trim_start();
    Some(Span { start: entry.extent.end - u32::try_from(value.len()).ok()?, end: entry.extent.end })
}

/// Whether two pieces of TOML are the same value, however they are written.
pub(super) fn is_same_value(one: &str, other: &str) -> bool {
    let read = |text: &str| format!("v = {text}").parse::<toml::Table>().ok();
    read(one).is_some_and(|value| read(other) == Some(value))
}

/// Deletes an entry, with its lines where it has lines of its own, and with the condition of a template around it when nothing
/// else is under that. Says why not, where it cannot be done.
pub(super) fn delete(config: &ServerConfig, entry: &Entry, look: &str) -> Result<Fix, String> {
    let title = format!("delete `{}`", shown(&entry.path));
    let text = config.source.text();
    let spans = match entry.form {
        Form::Inline(_) => vec![with_comma(text, entry.extent)],
        _ => own_lines(config, entry)?,
    };
    let lost = spans.iter().flat_map(|span| text[span.range()].lines()).find(|line| line.trim_start().starts_with('#'));
    let reasons = lost.map(|line| format!("a comment in it goes as well: `{}`", line.trim().replace('`', "'")));
    let edits = spans.into_iter().map(|span| Edit::delete(config.place(span))).collect();
    let look = (!look.is_empty()).then(|| look.to_owned());
    let fix = Fix::new(title, edits).because(look.into_iter().chain(reasons));
    changes_only(config, &fix, |it| is_part(entry, it), None)?;
    Ok(fix)
}

/// What becomes of the values of a template's variables when an entry goes: of those that nothing else in it uses, where they
/// are set.
pub(super) fn variables_in_vain(config: &ServerConfig, entry: &Entry, options: &Options) -> Vec<String> {
    if config.first_tag.is_none() {
        return Vec::new();
    }
    let gone = match entry.form {
        Form::Inline(_) => vec![entry.extent],
        _ => own_lines(config, entry).unwrap_or_else(|_| vec![entry.extent]),
    };
    let is_gone = |tag: Span| gone.iter().any(|span| span.contains(tag));
    let (used, kept): (Vec<_>, Vec<_>) = variables(config.source.text()).into_iter().partition(|it| is_gone(it.1));
    let mut names: Vec<&str> = used.into_iter().map(|(name, _)| name).collect();
    names.sort_unstable();
    names.dedup();
    names.retain(|name| !kept.iter().any(|(other, _)| other == name));
    if names.is_empty() {
        return Vec::new();
    }
    let (mut files, mut notes) = (Vec::new(), Vec::new());
    for path in vars_for(config.path(), &options.template_vars) {
        if !options.bounds.hold(&path) {
            notes.push(format!("What is put into the template is not all known: `{}` {OUTSIDE}.", path.display()));
            continue;
        }
        match Vars::read(&path, &options.overlay) {
            Ok(vars) => {
                let file = path.display();
                let note = || format!("Some of `{file}` is no term with a name, and what it sets is not known.");
                notes.extend(vars.is_broken.then(note));
                files.push(vars);
            }
            Err(error) => notes.push(format!("What is put into the template is not all known: {error}.")),
        }
    }
    // What is put in can have a variable in it, too.
    names.retain(|name| !files.iter().any(|vars| vars.uses(name)));
    for name in names {
        let places = files.iter().filter_map(|vars| {
            let line = vars.source.line_index(vars.set(name)?.start) + 1;
            Some(format!("`{}:{line}`", vars.source.path().display()))
        });
        let places: Vec<String> = places.collect();
        if !places.is_empty() {
            let places = places.join(" and ");
            notes.push(format!("The variable `{name}` is set in {places}, and nothing else of this template uses it."));
        }
    }
    notes
}

/// Whether an entry is another one, or in it.
fn is_part(whole: &Entry, it: &Entry) -> bool {
    behind(&it.path, &whole.path).is_some() && whole.extent.contains(it.name)
}

/// The lines of an entry and of all that is in it. What else stands between its parts stays.
fn own_lines(config: &ServerConfig, entry: &Entry) -> Result<Vec<Span>, String> {
    let text = config.source.text();
    let parts = config.entries.iter().filter(|it| is_part(entry, it));
    let written = parts.filter_map(|it| match it.form {
        Form::Section => Some(it.name),
        Form::Option(_) => Some(it.extent),
        Form::Inline(_) | Form::Implied => None,
    });
    let mut spans: Vec<Span> = written.map(|span| lines(text, span)).collect();
    spans.sort_unstable();
    // Comments and blanks between two parts belong to both.
    let has_other = |gap: Span| config.entries.iter().any(|it| !is_part(entry, it) && gap.contains(it.name));
    spans.dedup_by(|next, last| {
        let is_one = !has_other(Span { start: last.end.min(next.start), end: next.start });
        if is_one {
            last.end = last.end.max(next.end);
        }
        is_one
    });
    spans.into_iter().map(|span| Ok(with_empty_line(text, with_conditions(config, span)?))).collect()
}

/// Whole lines.
fn lines(text: &str, span: Span) -> Span {
    let start = text[..span.start as usize].rfind('\n').map_or(0, |at| at + 1);
    Span::new(start, behind_line(text, span.end as usize))
}

/// With one of the empty lines around some lines, when there are some on both sides.
fn with_empty_line(text: &str, span: Span) -> Span {
    let (start, end) = (span.start as usize, span.end as usize);
    let is_empty = |line: &str| line.trim().is_empty();
    let is_empty_above = start == 0 || is_empty(text[..start - 1].rsplit('\n').next().unwrap_or_default());
    let below = text[end..].split_inclusive('\n').next().unwrap_or_default();
    let takes_below = is_empty_above && !below.is_empty() && is_empty(below);
    Span::new(start, if takes_below { end + below.len() } else { end })
}

fn behind_line(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |found| at + found + 1)
}

/// With the tags of each section of a template that has nothing else in it, and of each that would lose one of its two tags.
fn with_conditions(config: &ServerConfig, mut span: Span) -> Result<Span, String> {
    let text = config.source.text();
    let is_empty =
        |from: u32, to: u32| from >= to || Without::Tags.of(&text[from as usize..to as usize]).trim().is_empty();
    loop {
        let before = span;
        for section in config.sections.iter() {
            let (has_start, has_end) = (span.start <= section.start, section.end <= span.end);
            let is_apart = section.end <= span.start || span.end <= section.start;
            if is_apart || (has_start && has_end) {
                continue;
            }
            if is_empty(section.start, span.start) && is_empty(span.end, section.end) {
                let whole = lines(text, *section);
                span = Span { start: span.start.min(whole.start), end: span.end.max(whole.end) };
            } else if has_start || has_end {
                return Err("a condition of the template goes across it".to_owned());
            }
        }
        if span == before {
            return Ok(span);
        }
    }
}

/// What a fix makes of a configuration.
///
/// # Errors
/// It is none any more.
fn fixed(config: &ServerConfig, fix: &Fix) -> Result<ServerConfig, String> {
    let mut edited = Composition::default();
    let text = match edited.add(fix) {
        Ok(()) => edited.texts().map(|(_, text)| text).next().unwrap_or_default(),
        Err(_) => return Err("its parts lie within each other".to_owned()),
    };
    let source = Source::from_text(config.path().to_path_buf(), text).map_err(|error| error.to_string())?;
    ServerConfig::of(&Arc::new(source)).map_err(|error| format!("it would leave no TOML: {}", error.message))
}

/// Holds a configuration after a fix against the one before: what is `gone` went, what `came` (its path) is there under the
/// condition named, and everything else is as it was, the sections of a template included. Where it is not, there must be no such fix.
pub(super) fn changes_only(
    config: &ServerConfig,
    fix: &Fix,
    gone: impl Fn(&Entry) -> bool,
    came: Option<(&str, Option<Span>)>,
) -> Result<(), String> {
    // All of it is read again for each fix, and compared.
    if !can_spend(3 * config.source.text().len() + 48 * config.entries.len()) {
        return Err("there is too much in this configuration to try out one change more".to_owned());
    }
    let after = fixed(config, fix)?;
    let touched: Vec<Span> = fix.edits.iter().map(|edit| edit.place.span).collect();
    let is_around = |it: &Entry| touched.iter().any(|span| it.extent.contains(*span));
    let value = |config: &ServerConfig, it: &Entry| match it.form {
        Form::Option(_) | Form::Inline(_) => config.source.slice(it.extent).to_owned(),
        Form::Section | Form::Implied => String::new(),
    };
    let is_same = |old: &Entry, new: &Entry| {
        (&old.path, old.form) == (&new.path, new.form) && (is_around(old) || value(config, old) == value(&after, new))
    };
    // A table that only what is in it names goes with the last of that.
    let is_in = |table: &Entry, it: &Entry| it.path != table.path && is_part(table, it);
    let goes_too = |table: &Entry| {
        let mut parts = config.entries.iter().filter(|it| it.form != Form::Implied && is_in(table, it)).peekable();
        table.form == Form::Implied && parts.peek().is_some() && parts.all(&gone)
    };
    let mut left = config.entries.iter().filter(|it| !gone(it) && !goes_too(it)).peekable();
    let mut missing = came;
    for new in after.entries.iter() {
        if left.next_if(|old| is_same(old, new)).is_some() {
            continue;
        }
        // Nothing is put in before the condition, so it begins where it began.
        let start = after.condition(new.name.start).map(|condition| condition.start);
        let is_it = |it: &mut (&str, Option<Span>)| it.0 == new.path && it.1.map(|condition| condition.start) == start;
        if missing.take_if(is_it).is_none() {
            return Err("something else would change with it".to_owned());
        }
    }
    let kept = config.sections.iter().filter(|section| !touched.iter().any(|span| span.contains(**section))).count();
    if left.next().is_some() || missing.is_some() || after.sections.len() != kept {
        return Err("something else would change with it".to_owned());
    }
    Ok(())
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
    let is_header = |it: &Entry, within: Span| it.form == Form::Section && within.contains(it.name);
    let mut end = behind_line(text, last.extent.end as usize);
    loop {
        let at = Span::new(end, end).start;
        // What a template puts into the table belongs to it.
        let open = config.sections.iter().find(|it| last.name.end <= it.start && it.start < at && at < it.end);
        let line = text[end..].split_inclusive('\n').next().unwrap_or_default();
        let next = config.sections.iter().filter(|it| lines(text, **it).start == at).max_by_key(|it| it.end);
        let is_put_in = |section: &&Span| !config.entries.iter().any(|it| is_header(it, **section));
        end = match (open, next.filter(is_put_in)) {
            (Some(section), _) | (None, Some(section)) => behind_line(text, section.end as usize),
            (None, None) if line.trim().starts_with("{{{") => end + line.len(),
            (None, None) => return Some(at),
        };
    }
}
