//! `config-removed-value`.

use super::server_config::{changes_only, is_same_value, shown, told, value_of};
use super::{Context, Rule};
use crate::catalog::{ConfigChange, ConfigKind};
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
        for fate in context.upgrade.config_changes_of(ConfigKind::RemovedValue) {
            let change = &fate.change;
            for entry in fate.names.iter().flat_map(|name| config.at(&name.path)) {
                for at in values(config, entry, &change.before) {
                    let path = shown(&entry.path);
                    let message = format!("`{path}` cannot be {} in {}", change.before, context.upgrade.to());
                    let fix = context.options.fixes.then(|| replace(config, entry, at, change));
                    let class = match (change.after.is_empty(), change.look.is_empty()) {
                        (true, _) => Rewrite::Advice,
                        (false, true) => Rewrite::Mechanical,
                        (false, false) => Rewrite::Suggestion,
                    };
                    let rule = (self.name(), self.severity());
                    let found = told(rule, config, at, change, &message);
                    out.push(found.label("is refused").rewrite(class).fix(fix));
                }
            }
        }
    }
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

fn replace(config: &ServerConfig, entry: &Entry, at: Span, change: &ConfigChange) -> Result<Fix, String> {
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
    let fix = Fix::new(title, vec![Edit::replace(config.place(at), change.after.clone())]).because(look);
    changes_only(config, &fix, |_| false, None)?;
    Ok(fix)
}

#[cfg(test)]
#[path = "config_removed_value_tests.rs"]
mod tests;
