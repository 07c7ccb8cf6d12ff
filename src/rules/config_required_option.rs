//! `config-required-option`.

use super::server_config::{insert, is_same_value, shown, told, value_of};
use super::{Context, Rule};
use crate::catalog::config_path::{bind, last, parent};
use crate::catalog::{ConfigChange, ConfigFate, ConfigKind};
use crate::finding::{Finding, Rewrite};
use crate::project::server_config::{Entry, Form, ServerConfig};
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
        for fate in context.upgrade.config_changes_of(ConfigKind::RequiredOption) {
            let change = &fate.change;
            for table in needing(config, fate) {
                if lacks(config, fate, table) {
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

/// The tables that make it necessary; the file itself when it always is.
fn needing<'a>(config: &'a ServerConfig, fate: &'a ConfigFate) -> Vec<Option<&'a Entry>> {
    if fate.given.is_empty() {
        return vec![None];
    }
    let tables = fate.given.iter().flat_map(|path| config.at(path));
    tables.map(Some).collect()
}

/// Whether neither the option is there, nor what does instead of it.
fn lacks(config: &ServerConfig, fate: &ConfigFate, table: Option<&Entry>) -> bool {
    let change = &fate.change;
    let instead = || {
        let (key, value) = change.unless.split_once('=')?;
        Some((format!("{}.{}", parent(&change.path), key.trim()), value))
    };
    // Below the table it has to be in this very table, elsewhere anywhere.
    let is_here =
        |it: &Entry, path: &str| match (table, fate.given.iter().find_map(|given| path.strip_prefix(given.as_str()))) {
            (Some(table), Some(rest)) if rest.starts_with('.') => {
                let own = it.path.strip_prefix(&table.path).filter(|_| table.extent.contains(it.name));
                own.is_some_and(|own| bind(rest, own).is_some())
            }
            _ => bind(path, &it.path).is_some() || bind(path, it.path.trim_end_matches("[]")).is_some(),
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
