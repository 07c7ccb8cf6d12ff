//! Options that are written into a table.

use super::changes_only;
use crate::catalog::config_path::join;
use crate::project::server_config::{Entry, Form, ServerConfig};
use crate::rewrite::{Edit, Fix};
use crate::source::Span;

/// Writes a line into a table, which gives `key`, behind the first option of the table.
pub(crate) fn insert(
    config: &ServerConfig,
    table: &Entry,
    key: &str,
    line: &str,
    title: String,
    reasons: Vec<String>,
) -> Result<Fix, String> {
    let fix = Fix::new(title, vec![line_of(config, table, line)?]).because(reasons);
    let path = join(&table.path, key);
    changes_only(config, &fix, |_| false, Some((&path, config.condition(table.name.start))))?;
    Ok(fix)
}

/// The edit that writes a line into a table with a header, behind its first option, as far to the right.
pub(crate) fn line_of(config: &ServerConfig, table: &Entry, line: &str) -> Result<Edit, String> {
    if table.form != Form::Section {
        return Err("the table has no lines of its own".to_owned());
    }
    let text = config.source.text();
    let prefix = format!("{}.", table.path);
    let is_own = |it: &&Entry| it.path.starts_with(&prefix) && matches!(it.form, Form::Option(_));
    // Behind the next header, it would be in another table.
    let headers = config.entries.iter().filter(|it| it.form == Form::Section).map(|it| it.name.start);
    let next = headers.filter(|start| *start >= table.name.end).min().unwrap_or(u32::MAX);
    let within = |it: &Span| table.extent.contains(*it) && it.end <= next;
    let first = config.entries.iter().filter(is_own).map(|it| it.extent).filter(within).min();
    let first = first.filter(|it| config.condition(it.start) == config.condition(table.name.start));
    let start_of = |offset: u32| text[..offset as usize].rfind('\n').map_or(0, |at| at + 1);
    let at = first.unwrap_or(table.name);
    let start = start_of(at.start);
    let indentation = &text[start..start + text[start..].find(|c| c != ' ' && c != '\t').unwrap_or(0)];
    let end = text[at.end as usize..].find('\n').map_or(text.len(), |found| at.end as usize + found);
    let end = if text[..end].ends_with('\r') { end - 1 } else { end };
    let insert = format!("\n{indentation}{line}");
    Ok(Edit::insert(&config.place(table.name), u32::try_from(end).unwrap_or(u32::MAX), insert))
}
