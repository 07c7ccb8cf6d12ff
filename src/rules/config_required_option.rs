//! `config-required-option`.

use super::server_config::{insert, is_same_value, shown, told, value_of};
use super::{Context, Rule};
use crate::catalog::config_path::{behind, bind, last, parent};
use crate::catalog::{ConfigChange, ConfigFate, ConfigKind};
use crate::finding::{Finding, Rewrite};
use crate::project::server_config::{Entry, Form, Kind, ServerConfig};
use crate::rewrite::Fix;
use crate::source::Span;

rule! {
    /// Finds tables of `mongooseim.toml` that lack an option without which the target release does not start, or does what
    /// nobody wants.
    ///
    /// ## Why it matters
    ///
    /// What could be left out, and has no default any more, stops the server from starting.
    ///
    /// ## Example
    ///
    /// ```toml
    /// [[listen.c2s]]
    ///   port = 5222
    ///   tls.certfile = "priv/ssl/fake_cert.pem"
    /// ```
    ///
    /// ```toml
    /// [[listen.c2s]]
    ///   port = 5222
    ///   tls.certfile = "priv/ssl/fake_cert.pem"
    ///   tls.keyfile = "priv/ssl/fake_key.pem"
    /// ```
    ConfigRequiredOption, "config-required-option", Error
}

impl Rule for ConfigRequiredOption {
    declared!();

    fn server_config(&self, context: &Context<'_>, config: &ServerConfig, out: &mut Vec<Finding>) {
        // Several things can make the same necessary.
        let mut told_of = Vec::new();
        for fate in context.upgrade.config_changes_of(ConfigKind::RequiredOption) {
            let change = &fate.change;
            for need in needing(config, fate) {
                let table = need.at;
                let here = (change.path.as_str(), table.map(|it| it.name));
                if lacks(config, fate, &need) && !told_of.contains(&here) {
                    told_of.push(here);
                    let message = format!("`{}` has to be given in {}", shown(&change.path), context.upgrade.to());
                    let fix = context.options.fixes.then(|| give(config, change, table));
                    let class = if change.after.is_empty() { Rewrite::Advice } else { Rewrite::Suggestion };
                    let rule = (self.name(), self.severity());
                    let place = table.map_or_else(Span::default, |it| it.name);
                    let mut found = told(rule, config, place, change, &message)
                        .label(format!("no `{}` here", last(&change.path)))
                        .rewrite(class)
                        .fix(fix);
                    if config.first_tag.is_some() {
                        found =
                            found.note("What is put into the template is not known here; it may give it.".to_owned());
                    }
                    out.push(found);
                }
            }
        }
    }
}

/// What makes it necessary, once.
struct Need<'a> {
    /// Where it shows; the file itself when it always is.
    at: Option<&'a Entry>,
    /// The names of the table in which it has to be given, that of `at` first; empty when it can be given anywhere.
    within: Vec<&'a str>,
}

fn needing<'a>(config: &'a ServerConfig, fate: &'a ConfigFate) -> Vec<Need<'a>> {
    if fate.given.is_empty() {
        return vec![Need { at: None, within: Vec::new() }];
    }
    let value = fate.change.condition().1;
    let holds =
        |it: &Entry| value.is_none_or(|value| value_of(config, it).is_some_and(|span| is_it(config, span, value)));
    let makes = |given: &'a String| config.at(given).filter(|it| holds(it)).map(move |it| (given.as_str(), it));
    let causes: Vec<(&str, &Entry)> = fate.given.iter().flat_map(makes).collect();
    let leads_through =
        |table: &str| fate.names.iter().any(|name| behind(&name.path, table).is_some_and(|it| !it.is_empty()));
    let mut needs = Vec::new();
    for (given, cause) in &causes {
        let is_table = value.is_none() && is_table(cause);
        let table_of = |given: &'a str| if is_table { given } else { parent(given) };
        let table = table_of(given);
        if leads_through(table) {
            let at = if is_table { Some(*cause) } else { around(config, cause) };
            let others = fate.given.iter().map(|it| table_of(it)).filter(|it| *it != table);
            needs.push(Need { at, within: std::iter::once(table).chain(others).collect() });
            continue;
        }
        let lists: Vec<&str> = fate.names.iter().filter_map(|name| last_list(&name.path)).collect();
        if lists.is_empty() {
            needs.push(Need { at: Some(cause), within: Vec::new() });
        }
        for list in &lists {
            let others = lists.iter().copied().filter(|it| it != list);
            let within: Vec<&str> = std::iter::once(*list).chain(others).collect();
            needs.extend(config.at(list).map(|it| Need { at: Some(it), within: within.clone() }));
        }
    }
    needs
}

fn is_table(entry: &Entry) -> bool {
    match entry.form {
        Form::Section | Form::Implied => true,
        Form::Option(kind) | Form::Inline(kind) => kind == Kind::Table,
    }
}

/// The table that an option stands in.
fn around<'a>(config: &'a ServerConfig, option: &Entry) -> Option<&'a Entry> {
    let table = parent(&option.path);
    config.entries.iter().find(|it| it.path == table && it.extent.contains(option.name))
}

/// A path up to the last list of tables in it.
fn last_list(path: &str) -> Option<&str> {
    path.rfind("[].").map(|at| &path[..at + "[]".len()])
}

/// Whether a value is written that is this one. What a template puts in is not known.
fn is_it(config: &ServerConfig, at: Span, value: &str) -> bool {
    let text = config.source.slice(at);
    !text.contains("{{") && is_same_value(text, value)
}

/// Whether neither the option is there, nor what does instead of it.
fn lacks(config: &ServerConfig, fate: &ConfigFate, need: &Need<'_>) -> bool {
    let change = &fate.change;
    let instead = || {
        let (key, value) = change.unless.split_once('=')?;
        Some((format!("{}.{}", parent(&change.path), key.trim()), value))
    };
    // Below the table it has to be in this very table, elsewhere anywhere.
    let is_here = |it: &Entry, path: &str| {
        let rest = need.within.iter().find_map(|table| path.strip_prefix(table).filter(|rest| rest.starts_with('.')));
        match (need.at, rest) {
            (Some(table), Some(rest)) => {
                let own = it.path.strip_prefix(&table.path).filter(|_| table.extent.contains(it.name));
                own.is_some_and(|own| bind(rest, own).is_some())
            }
            _ => bind(path, &it.path).is_some() || bind(path, it.path.trim_end_matches("[]")).is_some(),
        }
    };
    let is_given = fate.names.iter().any(|name| config.entries.iter().any(|it| is_here(it, &name.path)));
    let does = |it: &Entry, value: &str| {
        let given = value_of(config, it).map(|span| config.source.slice(span)).unwrap_or_default();
        given.contains("{{") || is_same_value(given, value)
    };
    let is_replaced =
        instead().is_some_and(|(path, value)| config.entries.iter().any(|it| is_here(it, &path) && does(it, value)));
    !is_given && !is_replaced
}

fn give(config: &ServerConfig, change: &ConfigChange, table: Option<&Entry>) -> Result<Fix, String> {
    if change.after.is_empty() {
        return Err("what to write depends on where the server runs".to_owned());
    }
    let is_parent = |it: &&Entry| it.form == Form::Section && bind(parent(&change.path), &it.path).is_some();
    let own = table.filter(|it| bind(parent(&change.path), &it.path).is_some());
    let table = own.or_else(|| config.entries.iter().find(|it| table.is_none() && is_parent(it)));
    let table =
        table.ok_or_else(|| format!("there is no `[{}]` in which it could stand", shown(parent(&change.path))))?;
    let line = format!("{} = {}", last(&change.path), change.after);
    let look = if change.look.is_empty() { "whether this is the right value".to_owned() } else { change.look.clone() };
    insert(config, table, last(&change.path), &line, format!("write `{line}`"), vec![look])
}

#[cfg(test)]
#[path = "config_required_option_tests.rs"]
mod tests;
