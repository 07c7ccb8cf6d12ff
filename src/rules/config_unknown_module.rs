//! `config-unknown-module`.

use super::{Context, Rule};
use crate::finding::{Finding, Rewrite};
use crate::project::server_config::ServerConfig;
use crate::suggest::did_you_mean;

rule! {
    /// Finds modules and services in a `mongooseim.toml` that neither the server has, in either release, nor the checked code.
    ///
    /// ## Why it matters
    ///
    /// A module that is configured and not there keeps the server from starting. And what is not among the checked code
    /// is not checked: when the module lies elsewhere, check that directory, too.
    ///
    /// ## Example
    ///
    /// ```toml
    /// [modules.mod_presense]
    /// ```
    ///
    /// ```toml
    /// [modules.mod_presence]
    /// ```
    ConfigUnknownModule, "config-unknown-module", Warning
}

impl Rule for ConfigUnknownModule {
    declared!();

    fn server_config(&self, context: &Context<'_>, config: &ServerConfig, out: &mut Vec<Finding>) {
        if !context.upgrade.knows_api() {
            return;
        }
        for (name, entry) in config.named_modules() {
            let is_put_in = config.source.slice(entry.name).contains("{{");
            if is_put_in || context.modules.has(name) || context.upgrade.module_names().any(|known| known == name) {
                continue;
            }
            let prefix = name.split('_').next().unwrap_or_default();
            let alike = context.upgrade.module_names().filter(|known| known.starts_with(prefix));
            let message = format!(
                "`{name}` is neither a module of MongooseIM {} or {} nor among the checked code{}",
                context.upgrade.from(),
                context.upgrade.to(),
                did_you_mean(name, alike)
            );
            out.push(
                Finding::new(self.name(), self.severity(), config.place(entry.name), message)
                    .label("no such module")
                    .help("check the directory in which it lies as well; the server does not start without it")
                    .rewrite(Rewrite::Advice),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ConfigUnknownModule;
    use crate::rules::testing::{check_rule, untouched};

    const RULE: &str = ConfigUnknownModule::NAME;

    #[test]
    fn a_module_that_nobody_has() {
        check_rule(
            RULE,
            r#"
            -module(mod_a).
            //- mongooseim.toml
            [modules.mod_a]
            [modules.mod_rooster]
            ##<^^^^^^^^^^^^^^^^^^ warning[config-unknown-module]: `mod_rooster` is neither a module of MongooseIM 6.0.0 or 6.1.0 nor among the checked code; did you mean `mod_roster`?
            [services.service_admin_extra]
            [services.service_acme]
            ##<^^^^^^^^^^^^^^^^^^^^ warning[config-unknown-module]: `service_acme`
            [[host_config]]
              host = "a"
              modules.mod_b = {}
            ##        ^^^^^ warning[config-unknown-module]: `mod_b`
            "#,
        );
    }

    #[test]
    fn what_the_server_or_the_project_has_is_fine() {
        untouched(
            RULE,
            r#"
            //- src/mod_acme.erl
            -module(mod_acme).
            //- src/service_acme.erl
            -module(service_acme).
            //- mongooseim.toml
            [modules.mod_acme]
              no_module = {}
            [modules.mod_mam.pm]
            [modules.{{{chosen}}}]
            [services.service_acme]
            [outgoing_pools.redis.default]
            "#,
        );
    }
}
