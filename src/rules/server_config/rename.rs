//! Options and tables that have another name, or another place.

use super::{changes_only, fixed, line_of, own_lines, shown};
use crate::catalog::config_path::{behind, below, join, keys, last, parent};
use crate::project::server_config::{Entry, Form, Naming, ServerConfig, Template, namings};
use crate::rewrite::{Edit, Fix};
use crate::source::Span;

/// Gives an entry another path wherever it is named: in headers, those of tables in it included, before `=` and between braces.
/// Where that cannot be said in the same line, an option moves to the table that it belongs to.
///
/// # Errors
/// Why it cannot be done.
pub(crate) fn rename(config: &ServerConfig, entry: &Entry, now: &str, reasons: Vec<String>) -> Result<Fix, String> {
    let title = format!("rename `{}` to `{}`", shown(&entry.path), shown(now));
    let scope = scope(config, entry, now);
    // A list is written between brackets, or with a header for each of its tables.
    let plain = now.trim_end_matches("[]");
    let list = format!("{plain}[]");
    let now = if entry.path.ends_with("[]") { list.as_str() } else { plain };
    let is_there = |it: &&Entry| it.path.trim_end_matches("[]") == plain && scope.contains(it.name);
    // One more table of a list is none that is there.
    if !entry.path.ends_with("[]") && config.entries.iter().any(|it| is_there(&it)) {
        return Err(format!("`{}` is there already", shown(now)));
    }
    let text = Template::of(config.source.text()).text;
    let all = namings(&text);
    let own = if entry.path.ends_with("[]") { entry.extent } else { scope };
    let named: Vec<(&Naming, usize)> = all.iter().filter_map(|it| Some((it, it.of(entry)?))).collect();
    let named = named.into_iter().filter(|(naming, at)| own.contains(naming.keys[*at].1));
    let edits: Result<Vec<Edit>, String> = named.map(|(naming, at)| respell(config, naming, at, now)).collect();
    let renamed = edits.and_then(|edits| {
        let fix = Fix::new(title.clone(), edits).because(reasons.clone());
        only_renames(config, &fix, entry, now, own)?;
        Ok(fix)
    });
    match renamed {
        Err(why) if matches!(entry.form, Form::Option(_)) => {
            move_to_table(config, entry, now, scope, title, reasons).map_err(|other| format!("{why}; {other}"))
        }
        renamed => renamed,
    }
}

/// The part of the file in which both paths are in the same tables of lists.
fn scope(config: &ServerConfig, entry: &Entry, now: &str) -> Span {
    let common = config.entries.iter().filter(|it| {
        let is_around = it.path.ends_with("[]") && it.path != entry.path && it.extent.contains(entry.name);
        is_around && below(&entry.path, &it.path).is_some() && below(now, &it.path).is_some()
    });
    let innermost = common.max_by_key(|it| it.path.len());
    innermost.map_or_else(|| Span::new(0, config.source.text().len()), |it| it.extent)
}

/// Writes the keys that lead to an entry anew, as far as they differ.
fn respell(config: &ServerConfig, naming: &Naming, at: usize, now: &str) -> Result<Edit, String> {
    let (path, end) = &naming.keys[at];
    let given = keys(&naming.base).count();
    let same = keys(path).zip(keys(now)).take_while(|(old, new)| old == new).count();
    let missing: Vec<&str> = keys(now).skip(same).collect();
    let lists = missing.iter().rev().skip(1).any(|key| key.ends_with("[]"));
    let first = same.checked_sub(given).and_then(|first| naming.keys.get(first));
    let Some((_, start)) = first.filter(|_| !missing.is_empty() && !lists) else {
        return Err("it is in another table now, to which it has to be moved".to_owned());
    };
    let text = missing.join(".").replace("[]", "");
    Ok(Edit::replace(config.place(Span { start: start.start, end: end.end }), text))
}

/// Takes the lines of an option to another table.
fn move_to_table(
    config: &ServerConfig,
    entry: &Entry,
    now: &str,
    scope: Span,
    title: String,
    mut reasons: Vec<String>,
) -> Result<Fix, String> {
    let is_table = |it: &&Entry| it.path == parent(now) && it.form == Form::Section && scope.contains(it.name);
    let table = config.entries.iter().find(is_table);
    let table = table.ok_or_else(|| format!("there is no `[{}]` with a header here", shown(parent(now))))?;
    if config.condition(table.name.start) != config.condition(entry.name.start) {
        return Err("a condition of the template is around one of both tables".to_owned());
    }
    let text = config.source.text();
    let value = text[entry.name.end as usize..entry.extent.end as usize].trim_start();
    let value = value.strip_prefix('=').ok_or("it is named in several parts")?.trim_start();
    let mut edits = vec![line_of(config, table, &format!("{} = {value}", last(now)))?];
    for span in own_lines(config, entry)? {
        let comment = text[span.range()].split('#').nth(1).filter(|_| !value.contains('#'));
        reasons.extend(comment.map(|it| format!("a comment with it goes: `#{}`", it.trim_end().replace('`', "'"))));
        edits.push(Edit::delete(config.place(span)));
    }
    let fix = Fix::new(title, edits).because(reasons);
    let is_it = |it: &Entry| it.path == entry.path && it.name == entry.name;
    changes_only(config, &fix, is_it, Some((&join(parent(now), last(now)), config.condition(table.name.start))))?;
    Ok(fix)
}

/// Holds a configuration after a renaming against the one before: the same options with the same values and headers in the same
/// order, the renamed ones under their new paths.
fn only_renames(config: &ServerConfig, fix: &Fix, entry: &Entry, now: &str, own: Span) -> Result<(), String> {
    let after = fixed(config, fix)?;
    let touched: Vec<Span> = fix.edits.iter().map(|edit| edit.place.span).collect();
    let renamed = |it: &Entry| {
        let rest = behind(&it.path, &entry.path).filter(|_| own.contains(it.name));
        rest.map_or_else(|| it.path.clone(), |rest| format!("{now}{rest}"))
    };
    // What is around an edit has other text. Tables between braces are what is in them.
    let is_told =
        |it: &&Entry| !matches!(it.form, Form::Implied | Form::Inline(crate::project::server_config::Kind::Table));
    let is_around = |it: &Entry| touched.iter().any(|span| it.extent.contains(*span));
    let key_end = |it: &Entry| if it.form == Form::Section { it.extent.start } else { it.name.end };
    let value = |config: &ServerConfig, it: &Entry| match it.form {
        Form::Section | Form::Implied => String::new(),
        _ => config.source.slice(Span { start: key_end(it), end: it.extent.end }).to_owned(),
    };
    let has_edits_in_value =
        |it: &Entry| touched.iter().any(|span| key_end(it) < span.start && span.end <= it.extent.end);
    let mut old: Vec<&Entry> = config.entries.iter().filter(is_told).collect();
    let mut new: Vec<&Entry> = after.entries.iter().filter(is_told).collect();
    old.sort_by_key(|it| (it.name.start, it.extent.end));
    new.sort_by_key(|it| (it.name.start, it.extent.end));
    let is_same = |(old, new): (&&Entry, &&Entry)| {
        let same_value = (is_around(old) && has_edits_in_value(old)) || value(config, old) == value(&after, new);
        let condition = |config: &ServerConfig, it: &Entry| config.condition(it.name.start).is_some();
        renamed(old) == new.path
            && old.form == new.form
            && same_value
            && condition(config, old) == condition(&after, new)
    };
    let is_whole =
        old.len() == new.len() && config.sections.len() == after.sections.len() && old.iter().zip(&new).all(is_same);
    if is_whole { Ok(()) } else { Err("something else would change with it".to_owned()) }
}

#[cfg(test)]
#[path = "rename_tests.rs"]
mod tests;
