//! `config-removed-value`.

use super::server_config::{changes_only, is_same_value, shown, told, value_of};
use super::{Context, Rule};
use crate::catalog::config_path::quoted;
use crate::catalog::{ConfigChange, ConfigFate, ConfigKind};
use crate::finding::{Finding, Rewrite};
use crate::project::server_config::{Entry, Form, ServerConfig, Template};
use crate::rewrite::{Edit, Fix};
use crate::source::Span;

rule! {
    /// Finds options of `mongooseim.toml` with a value that the target release does not know any more.
    ///
    /// ## Why it matters
    ///
    /// The server refuses the value, and does not start.
    ///
    /// ## Example
    ///
    /// ```toml
    /// [outgoing_pools.rdbms.default.connection]
    ///   driver = "odbc"
    /// ```
    ConfigRemovedValue, "config-removed-value", Error
}

impl Rule for ConfigRemovedValue {
    declared!();

    fn server_config(&self, context: &Context<'_>, config: &ServerConfig, out: &mut Vec<Finding>) {
        let gone = context.upgrade.config_changes_of(ConfigKind::RemovedValue);
        for fate in gone.filter(|fate| !is_known_here(config, fate, &fate.change.before)) {
            let change = &fate.change;
            let missing = missing(config, fate);
            for entry in fate.names.iter().flat_map(|name| config.at(&name.path)) {
                for at in values(config, entry, &change.before) {
                    let path = shown(&entry.path);
                    let message = format!("`{path}` cannot be {} in {}", change.before, context.upgrade.to());
                    let fix = context.options.fixes.then(|| replace(config, entry, at, change, missing.clone()));
                    let class = match (change.after.is_empty(), change.look.is_empty() && missing.is_none()) {
                        (true, _) => Rewrite::Advice,
                        (false, true) => Rewrite::Mechanical,
                        (false, false) => Rewrite::Suggestion,
                    };
                    let rule = (self.name(), self.severity());
                    let mut found = told(rule, config, at, change, &message).label("is refused");
                    if !fate.unless.is_empty() && config.first_tag.is_some() {
                        found =
                            found.note("What is put into the template is not known here; it may define it.".to_owned());
                    }
                    out.push(found.rewrite(class).fix(fix));
                }
            }
        }
    }
}

/// Whether something in the same file makes a value one all the same.
fn is_known_here(config: &ServerConfig, fate: &ConfigFate, value: &str) -> bool {
    let path = |unless: &String| unless.replace('*', &key(value));
    fate.unless.iter().any(|unless| config.at(&path(unless)).next().is_some())
}

/// What the value that takes its place needs as well, and does not have.
fn missing(config: &ServerConfig, fate: &ConfigFate) -> Option<String> {
    let value = &fate.change.after;
    let needed = fate.unless.last().filter(|it| it.contains('*') && !value.is_empty())?;
    (!is_known_here(config, fate, value))
        .then(|| format!("there is no `{}` here", shown(&needed.replace('*', &key(value)))))
}

/// A value as a key.
fn key(value: &str) -> String {
    let read = format!("v = {value}").parse::<toml::Table>().ok();
    let text = read.as_ref().and_then(|table| table.get("v")?.as_str()).unwrap_or(value);
    quoted(text)
}

/// Where an option has a value, by itself or among others in a list. What a template puts in is not known.
fn values(config: &ServerConfig, entry: &Entry, value: &str) -> Vec<Span> {
    if !matches!(entry.form, Form::Option(_) | Form::Inline(_)) {
        return Vec::new();
    }
    let Some(whole) = value_of(config, entry) else { return Vec::new() };
    let is_it = |span: &Span| {
        let text = config.source.slice(*span);
        !text.contains("{{") && is_same_value(text, value)
    };
    if is_it(&whole) {
        return vec![whole];
    }
    items(config, whole).into_iter().filter(is_it).collect()
}

/// The items of a list.
fn items(config: &ServerConfig, list: Span) -> Vec<Span> {
    const BEFORE: &str = "v = ";
    let template = Template::of(config.source.text());
    let text = format!("{BEFORE}{}", &template.text[list.range()]);
    let Ok(document) = toml_edit::Document::parse(text) else { return Vec::new() };
    let array = document.as_table().get("v").and_then(toml_edit::Item::as_array);
    let spans = array.into_iter().flat_map(toml_edit::Array::iter).filter_map(toml_edit::Value::span);
    let offset = list.start as usize;
    spans.map(|it| Span::new(it.start - BEFORE.len() + offset, it.end - BEFORE.len() + offset)).collect()
}

fn replace(
    config: &ServerConfig,
    entry: &Entry,
    at: Span,
    change: &ConfigChange,
    missing: Option<String>,
) -> Result<Fix, String> {
    let path = shown(&entry.path);
    if change.after.is_empty() {
        return Err(format!("no other value of `{path}` does the same"));
    }
    let whole = value_of(config, entry).unwrap_or(at);
    if whole != at && items(config, whole).iter().any(|it| is_same_value(config.source.slice(*it), &change.after)) {
        return Err(format!("{} is in the list already", change.after));
    }
    let title = format!("set `{path}` to {}", change.after);
    let look = (!change.look.is_empty()).then(|| change.look.clone());
    let reasons = look.into_iter().chain(missing);
    let fix = Fix::new(title, vec![Edit::replace(config.place(at), change.after.clone())]).because(reasons);
    changes_only(config, &fix, |_| false, None)?;
    Ok(fix)
}

#[cfg(test)]
#[path = "config_removed_value_tests.rs"]
mod tests;
