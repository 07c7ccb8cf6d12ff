//! `config-changed-default`.

use super::server_config::{finding, insert, shown};
use super::{Context, Rule};
use crate::catalog::config_path::parent;
use crate::catalog::{ConfigChange, ConfigKind, ConfigName};
use crate::finding::{Finding, Rewrite};
use crate::project::server_config::{Entry, ServerConfig};
use crate::rewrite::Fix;

rule! {
    /// Finds tables of `mongooseim.toml` that leave out an option whose default is another one in the target release.
    ///
    /// It speaks only when it is selected by name: most are better off with the new default.
    ///
    /// ## Why it matters
    ///
    /// What is not written follows the release. Whoever has tuned a system to the old value, or has to, writes it down.
    ///
    /// ## Example
    ///
    /// ```toml
    /// [[listen.c2s]]
    ///   port = 5222
    /// ```
    ///
    /// To keep what 6.0.0 did:
    ///
    /// ```toml
    /// [[listen.c2s]]
    ///   port = 5222
    ///   backlog = 100
    /// ```
    ConfigChangedDefault, "config-changed-default", Info
}

impl Rule for ConfigChangedDefault {
    declared!();

    fn only_when_selected(&self) -> bool {
        true
    }

    fn server_config(&self, context: &Context<'_>, config: &ServerConfig, out: &mut Vec<Finding>) {
        let changes = context.upgrade.config_changes_of(ConfigKind::ChangedDefault);
        for fate in changes {
            let change = &fate.change;
            for name in &fate.names {
                for entry in config.at(parent(&name.path)) {
                    let given = fate.names.iter().flat_map(|name| [name.path.as_str(), name.now.as_str()]);
                    let is_given = given.flat_map(|path| config.at(path)).any(|it| entry.extent.contains(it.name));
                    if is_given {
                        continue;
                    }
                    let message = format!(
                        "the default of `{}` is {} in {}, and was {}",
                        shown(&change.path),
                        change.after,
                        context.upgrade.to(),
                        change.before
                    );
                    let fix = context.options.fixes.then(|| keep(config, entry, name, change));
                    let rule = (self.name(), self.severity());
                    let found = finding(rule, config, entry.name, change, message);
                    let label = format!("no `{}` here", name.key());
                    out.push(found.label(label).rewrite(Rewrite::Suggestion).fix(fix));
                }
            }
        }
    }
}

/// Writes the old default down.
fn keep(config: &ServerConfig, table: &Entry, name: &ConfigName, change: &ConfigChange) -> Result<Fix, String> {
    // A table that has to be renamed itself takes what has to be written in it along.
    if parent(&name.now) != parent(&name.path) {
        return Err(format!("it is `{}` now", shown(&name.now)));
    }
    let line = format!("{} = {}", name.key(), change.before);
    let reason = format!("the new default is {}; only who needs the old one writes it down", change.after);
    insert(config, table, name.key(), &line, format!("keep `{line}`"), vec![reason])
}

#[cfg(test)]
mod tests {
    use super::ConfigChangedDefault;
    use crate::rules::testing::{check_rule, fixed_unsafely, unfixed, untouched};

    const RULE: &str = ConfigChangedDefault::NAME;

    #[test]
    fn a_listener_without_the_option() {
        check_rule(
            RULE,
            r#"
            //- mongooseim.toml
            [[listen.c2s]]
            ##<^^^^^^^^^^^ info[config-changed-default]: the default of `listen.c2s.backlog` is 1024 in 6.1.0, and was 100
              port = 5222
            [[listen.c2s]]
              backlog = 5
            [[listen.s2s]]
            ##<^^^^^^^^^^^ info[config-changed-default]: listen.s2s.backlog
            [[listen.service]]
            ##<^^^^^^^^^^^^^^^ info[config-changed-default]: listen.service.backlog
            [[listen.http]]
              port = 5280
            "#,
        );
    }

    #[test]
    fn the_old_default_is_written_where_the_table_begins() {
        fixed_unsafely(
            RULE,
            "the new default is 1024",
            r#"
            //- mongooseim.toml
            [[listen.c2s]] # clients
              port = 5222 # as ever
              access = "c2s"

            [[listen.s2s]]
            "#,
            r#"
            //- mongooseim.toml
            [[listen.c2s]] # clients
              port = 5222 # as ever
              backlog = 100
              access = "c2s"

            [[listen.s2s]]
            backlog = 100
            "#,
        );
        unfixed(RULE, "no lines of its own", "\n//- mongooseim.toml\nlisten.c2s = [{port = 1}]\n");
    }

    #[test]
    fn where_it_is_given_nothing_is_said() {
        untouched(
            RULE,
            r#"
            //- mongooseim.toml
            [[listen.c2s]]
              backlog = 100
            //- mongooseim-two.toml
            listen.s2s = [{backlog = 1}]
            "#,
        );
    }
}
