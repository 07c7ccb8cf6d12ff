//! `config-missing-module`.

use super::common::one_of;
use super::server_config::{behind_last, changes_only, finding};
use super::{Context, Rule};
use crate::catalog::{ConfigChange, ConfigKind};
use crate::finding::{Finding, Rewrite};
use crate::project::server_config::{Enabled, ServerConfig};
use crate::rewrite::{Edit, Fix};
use crate::source::Span;

rule! {
    /// Finds a `mongooseim.toml` that does not enable a module without which the target release does not do what the old one
    /// did by itself.
    ///
    /// Modules of a `[[host_config]]` take the place of all general ones, so each set is looked at by itself. A module that a
    /// template may leave out counts as left out.
    ///
    /// ## Why it matters
    ///
    /// In 6.0.0 sessions took care of presence themselves. In 6.1.0 `mod_presence` does, and without it nobody does:
    /// nobody is seen online, and nothing is logged. `mod_privacy` and `mod_blocking` bring it along.
    ///
    /// ## Example
    ///
    /// ```toml
    /// [modules.mod_roster]
    /// ```
    ///
    /// ```toml
    /// [modules.mod_roster]
    ///
    /// [modules.mod_presence]
    /// ```
    ConfigMissingModule, "config-missing-module", Warning
}

impl Rule for ConfigMissingModule {
    declared!();

    fn server_config(&self, context: &Context<'_>, config: &ServerConfig, out: &mut Vec<Finding>) {
        let changes = context.upgrade.config_changes_of(ConfigKind::RequiredModule);
        for change in changes.map(|fate| &fate.change) {
            let Some(module) = change.path.strip_prefix("modules.") else { continue };
            let is_there =
                |set: &Enabled| set.surely(module) || change.implied_by.iter().any(|implying| set.surely(implying));
            for set in config.enabled.iter().filter(|set| !is_there(set)) {
                let host = set.host.as_ref().map(|host| format!(" for `{host}`")).unwrap_or_default();
                let message =
                    format!("`{module}` is not enabled{host}, and in {} sessions need it", context.upgrade.to());
                let place = place(config, set);
                let fix = context.options.fixes.then(|| enable(config, set, module, change));
                let rule = (self.name(), self.severity());
                let mut found = finding(rule, config, place, change, message)
                    .label(format!("neither {}", one_of_none(module, &change.implied_by)))
                    .note(change.summary.clone())
                    .rewrite(Rewrite::Suggestion)
                    .fix(fix);
                let perhaps =
                    change.implied_by.iter().chain([&module.to_owned()]).find(|it| set.perhaps.contains(*it)).cloned();
                if let Some(perhaps) = perhaps {
                    found = found.note(format!("The template enables `{perhaps}` only under a condition."));
                }
                if config.first_tag.is_some() {
                    found =
                        found.note("What is put into the template is not known here; it may enable more.".to_owned());
                }
                out.push(found);
            }
        }
    }
}

fn one_of_none(module: &str, others: &[String]) -> String {
    let all: Vec<String> = std::iter::once(module.to_owned()).chain(others.iter().cloned()).collect();
    one_of(&all).replace(" or ", " nor ").replace(", ", " nor ")
}

/// Where the set of modules is: its last table.
fn place(config: &ServerConfig, set: &Enabled) -> Span {
    let prefix = if set.host.is_some() { "host_config[].modules" } else { "modules" };
    let within = reach(config, set);
    let tables = config.entries.iter().filter(|it| it.path.starts_with(prefix) && within.contains(it.name));
    let last =
        tables.filter(|it| it.path.matches('.').count() == prefix.matches('.').count() + 1).map(|it| it.name).max();
    last.unwrap_or(set.at)
}

/// The part of the file that a set is written in.
fn reach(config: &ServerConfig, set: &Enabled) -> Span {
    let whole = Span::new(0, config.source.text().len());
    let own = config.entries.iter().find(|it| it.path == "host_config[]" && it.name == set.at);
    own.map_or(whole, |it| it.extent)
}

/// Adds the module's table behind the other ones.
fn enable(config: &ServerConfig, set: &Enabled, module: &str, change: &ConfigChange) -> Result<Fix, String> {
    let prefix = if set.host.is_some() { "host_config[].modules." } else { "modules." };
    let at = behind_last(config, prefix, reach(config, set))
        .ok_or_else(|| "there is no table of a module behind which it could stand".to_owned())?;
    let text = config.source.text();
    let last = place(config, set);
    let start = text[..last.start as usize].rfind('\n').map_or(0, |found| found + 1);
    let indentation = &text[start..start + text[start..].find(|c| c != ' ' && c != '\t').unwrap_or(0)];
    let line_end = if text[..at as usize].ends_with('\n') { "" } else { "\n" };
    let header = prefix.replace("[]", "");
    let insert = format!("{line_end}\n{indentation}[{header}{module}]\n");
    let edit = Edit::insert(&config.place(last), at, insert);
    let fix = Fix::new(format!("enable `{module}`"), vec![edit])
        .because([change.look.clone()].into_iter().filter(|it| !it.is_empty()));
    changes_only(config, &fix, |_| false, Some((&format!("{prefix}{module}"), None)))?;
    Ok(fix)
}

#[cfg(test)]
mod tests {
    use super::ConfigMissingModule;
    use crate::rules::testing::{check_rule, fixed_unsafely, unfixed, untouched};

    const RULE: &str = ConfigMissingModule::NAME;

    #[test]
    fn a_module_that_is_not_enabled() {
        check_rule(
            RULE,
            r#"
            //- mongooseim.toml
            [general]
              hosts = ["localhost"]
            [modules.mod_ping]
            [modules.mod_roster]
            ##<^^^^^^^^^^^^^^^^^ warning[config-missing-module]: `mod_presence` is not enabled, and in 6.1.0 sessions need it
            ## = label: neither `mod_presence` nor `mod_privacy` nor `mod_blocking`
            ## = note: sessions have no presence
            "#,
        );
    }

    #[test]
    fn each_set_of_modules_is_looked_at() {
        check_rule(
            RULE,
            r#"
            //- mongooseim.toml
            [general]
              hosts = ["a", "b", "c"]
            [modules.mod_presence]
            [[host_config]]
              host = "a"
              [host_config.modules.mod_ping]
            ##^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ warning[config-missing-module]: `mod_presence` is not enabled for `a`
            [[host_config]]
              host = "b"
              [host_config.modules.mod_blocking]
            [[host_config]]
              host = "c"
              [host_config.auth.http]
            "#,
        );
    }

    #[test]
    fn what_a_template_may_leave_out_is_not_enough() {
        check_rule(
            RULE,
            r#"
            //- mongooseim.toml
            {{#mod_privacy}}
            [modules.mod_privacy]
            {{{mod_privacy}}}
            {{/mod_privacy}}
            [modules.mod_ping]
            ##<^^^^^^^^^^^^^^^ warning[config-missing-module]: `mod_presence` is not enabled
            ## = note: The template enables `mod_privacy` only under a condition.
            ## = note: What is put into the template is not known here; it may enable more.
            "#,
        );
    }

    #[test]
    fn it_is_enabled_behind_the_other_modules() {
        fixed_unsafely(
            RULE,
            "leave it out where nobody needs it",
            r#"
            //- mongooseim.toml
            [general]
              hosts = ["a", "b"]

            [modules.mod_roster]
              backend = "rdbms"

            {{#mod_last}}
            [modules.mod_last]
            {{{mod_last}}}
            {{/mod_last}}

            [[host_config]]
              host = "a"

              [host_config.modules.mod_ping]

            [shaper.normal]
              max_rate = 1000
            "#,
            r#"
            //- mongooseim.toml
            [general]
              hosts = ["a", "b"]

            [modules.mod_roster]
              backend = "rdbms"

            [modules.mod_presence]

            {{#mod_last}}
            [modules.mod_last]
            {{{mod_last}}}
            {{/mod_last}}

            [[host_config]]
              host = "a"

              [host_config.modules.mod_ping]

              [host_config.modules.mod_presence]

            [shaper.normal]
              max_rate = 1000
            "#,
        );
    }

    #[test]
    fn what_a_template_puts_into_a_table_stays_in_it() {
        let cases = [
            ("  {{#backend}}\n  backend = {{{backend}}}\n  {{/backend}}\n", ""),
            ("{{#roster}}\n{{{roster}}}\n{{/roster}}\n", ""),
            ("  {{{roster}}}\n", "{{#last}}\n[modules.mod_last]\n{{/last}}\n"),
            ("", "{{#shaper}}\n[shaper.x]\n  max_rate = {{{shaper}}}\n{{/shaper}}\n"),
        ];
        for (own, rest) in cases {
            let table = format!("\n//- mongooseim.toml\n[modules.mod_roster]\n{own}");
            let after = format!("{table}\n[modules.mod_presence]\n{rest}");
            fixed_unsafely(RULE, "leave it out", &format!("{table}{rest}"), &after);
        }
    }

    #[test]
    fn without_a_table_of_a_module_a_person_has_to_say_where() {
        unfixed(RULE, "no table of a module", "\n//- mongooseim.toml\n[modules]\nmod_ping = {}\n");
        unfixed(RULE, "no table of a module", "\n//- mongooseim.toml\n[general]\nhosts = ['a']\n");
    }

    #[test]
    fn what_is_enabled_or_brought_along_is_right() {
        for module in ["mod_presence", "mod_privacy", "mod_blocking"] {
            untouched(RULE, &format!("\n//- mongooseim.toml\n[modules.{module}]\n"));
            untouched(RULE, &format!("\n//- mongooseim.toml\nmodules = {{{module} = {{}}}}\n"));
        }
    }

    #[test]
    fn general_modules_that_run_nowhere_do_not_matter() {
        untouched(
            RULE,
            r#"
            //- mongooseim.toml
            general.hosts = ["a"]
            [modules.mod_ping]
            [[host_config]]
              host = "a"
              [host_config.modules.mod_presence]
            "#,
        );
    }
}
