//! `config-changed-default`.

use super::server_config::{changes_only, finding};
use super::{Context, Rule};
use crate::catalog::{ConfigChange, ConfigKind};
use crate::finding::{Finding, Rewrite};
use crate::project::server_config::{Entry, Form, ServerConfig};
use crate::rewrite::{Edit, Fix};

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
        let changes = context.upgrade.config_changes().filter(|change| change.kind == ConfigKind::ChangedDefault);
        for change in changes {
            let Some((table, option)) = change.path.rsplit_once('.') else { continue };
            for entry in config.at(table) {
                let is_given = config.at(&change.path).any(|it| entry.extent.contains(it.name));
                if is_given {
                    continue;
                }
                let message = format!(
                    "the default of `{}` is {} in {}, and was {}",
                    change.path.replace("[]", ""),
                    change.after,
                    context.upgrade.to(),
                    change.before
                );
                let fix = context.options.fixes.then(|| keep(config, entry, option, change));
                let rule = (self.name(), self.severity());
                let found = finding(rule, config, entry.name, change, message);
                out.push(found.label(format!("no `{option}` here")).rewrite(Rewrite::Suggestion).fix(fix));
            }
        }
    }
}

/// Writes the old default down, behind the first option of the table.
fn keep(config: &ServerConfig, table: &Entry, option: &str, change: &ConfigChange) -> Result<Fix, String> {
    if table.form != Form::Section {
        return Err("the table has no lines of its own".to_owned());
    }
    let text = config.source.text();
    let prefix = format!("{}.", table.path);
    let is_own = |it: &&Entry| it.path.starts_with(&prefix) && matches!(it.form, Form::Option(_));
    let first = config.entries.iter().filter(is_own).filter(|it| table.extent.contains(it.name)).map(|it| it.extent);
    let first = first.min().filter(|it| config.condition(it.start) == config.condition(table.name.start));
    let line = |offset: u32| text[..offset as usize].rfind('\n').map_or(0, |at| at + 1);
    let at = first.unwrap_or(table.name);
    let start = line(at.start);
    let indentation = &text[start..start + text[start..].find(|c| c != ' ' && c != '\t').unwrap_or(0)];
    let end = text[at.end as usize..].find('\n').map_or(text.len(), |found| at.end as usize + found);
    let end = u32::try_from(end).unwrap_or(u32::MAX);
    let insert = format!("\n{indentation}{option} = {}", change.before);
    let end = if text[..end as usize].ends_with('\r') { end - 1 } else { end };
    let reason = format!("the new default is {}; only who needs the old one writes it down", change.after);
    let edit = Edit::insert(&config.place(table.name), end, insert);
    let fix = Fix::new(format!("keep `{option} = {}`", change.before), vec![edit]).because([reason]);
    changes_only(config, &fix, |_| false, Some((&change.path, config.condition(table.name.start))))?;
    Ok(fix)
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
