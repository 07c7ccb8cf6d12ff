//! `config-renamed`.

use super::server_config::{rename, shown, told};
use super::{Context, Rule};
use crate::catalog::config_path::{Bound, parent};
use crate::catalog::{ConfigKind, ConfigName};
use crate::finding::{Finding, Rewrite};
use crate::project::server_config::{Entry, ServerConfig};
use crate::rewrite::Fix;

rule! {
    /// Finds options, tables and modules in `mongooseim.toml` that have another name in the target release, or another place.
    ///
    /// A fix renames them wherever they are named: in headers, those of the tables in them included, in dotted keys, and
    /// between braces. What several releases renamed gets its last name at once.
    ///
    /// ## Why it matters
    ///
    /// The server takes the old name for a mistake, and does not start.
    ///
    /// ## Example
    ///
    /// ```toml
    /// [modules.mod_mam_meta]
    ///   backend = "rdbms"
    ///
    ///   [modules.mod_mam_meta.pm]
    /// ```
    ///
    /// ```toml
    /// [modules.mod_mam]
    ///   backend = "rdbms"
    ///
    ///   [modules.mod_mam.pm]
    /// ```
    ConfigRenamed, "config-renamed", Error
}

impl Rule for ConfigRenamed {
    declared!();

    fn server_config(&self, context: &Context<'_>, config: &ServerConfig, out: &mut Vec<Finding>) {
        for fate in context.upgrade.config_changes_of(ConfigKind::Renamed) {
            let change = &fate.change;
            for name in &fate.names {
                for (entry, bound) in config.naming(&name.path) {
                    let to = bound.fill(&change.after, &change.path).unwrap_or_else(|| change.after.clone());
                    let message = format!("`{}` is `{}` in {}", shown(&entry.path), shown(&to), context.upgrade.to());
                    let is_moved = parent(&name.path) != parent(&name.now);
                    let fix = context.options.fixes.then(|| renamed(config, entry, &bound, name, &change.look));
                    let rule = (self.name(), self.severity());
                    let is_safe = !is_moved && change.look.is_empty();
                    let class = if is_safe { Rewrite::Mechanical } else { Rewrite::Suggestion };
                    let found = told(rule, config, entry.name, change, &message);
                    out.push(found.label(format!("is `{}` now", shown(&to))).rewrite(class).fix(fix));
                }
            }
        }
    }
}

fn renamed(
    config: &ServerConfig,
    entry: &Entry,
    bound: &Bound<'_>,
    name: &ConfigName,
    look: &str,
) -> Result<Fix, String> {
    let now =
        bound.fill(&name.now, &name.path).ok_or("it can no longer be set for one host, or type of hosts, alone")?;
    let is_moved = parent(&name.path) != parent(&name.now);
    let moved = is_moved.then(|| format!("it is in another table now: `{}`", shown(parent(&now))));
    let look = (!look.is_empty()).then(|| look.to_owned());
    rename(config, entry, &now, moved.into_iter().chain(look).collect())
}

#[cfg(test)]
#[path = "config_renamed_tests.rs"]
mod tests;
