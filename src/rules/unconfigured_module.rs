//! `unconfigured-module`.

use super::{ModuleView, Rule};
use crate::finding::{Finding, Rewrite};
use crate::project::eval::Action;
use crate::project::options::Options;

rule! {
    /// Finds a module that registers handlers and that none of the known `mongooseim.toml` enables.
    ///
    /// Modules count that declare `-behaviour(gen_mod)` or `-behaviour(mongoose_service)`; others may be started by code. It speaks
    /// only when it knows a configuration.
    ///
    /// ## Why it matters
    ///
    /// Unless code of yours starts it, its handlers are not registered. Perhaps it is not in use any more, and need not be
    /// upgraded; perhaps the configuration that enables it is another one.
    ///
    /// ## Example
    ///
    /// ```erlang
    /// -module(mod_acme_old).
    /// -behaviour(gen_mod).
    /// ```
    ///
    /// To enable it, in `mongooseim.toml`:
    ///
    /// ```toml
    /// [modules.mod_acme_old]
    /// ```
    UnconfiguredModule, "unconfigured-module", Info
}

const BEHAVIOURS: [&str; 2] = ["gen_mod", "mongoose_service"];

impl Rule for UnconfiguredModule {
    declared!();

    fn can_speak(&self, options: &Options) -> bool {
        !options.server_configs.is_empty()
    }

    fn module(&self, view: &ModuleView<'_>, out: &mut Vec<Finding>) {
        let name = view.module.name();
        let added = view.registrations.iter().find(|it| it.action == Action::Add);
        let is_started = |behaviours: &[_]| behaviours.iter().any(|it| BEHAVIOURS.iter().any(|known| it == known));
        let configs = &view.context.options.server_configs;
        let is_named = || configs.iter().any(|config| config.named_modules().any(|(known, _)| name == known));
        let (Some(added), false) = (added, is_named()) else { return };
        if !is_started(&view.module.header().behaviours) {
            return;
        }
        let known = match &configs[..] {
            [one] => format!("`{}`", one.path().display()),
            all => format!("any of {} configurations", all.len()),
        };
        let message = format!(
            "`{name}` is not enabled in {known}: unless something else starts it, its handlers are not registered"
        );
        out.push(
            Finding::new(self.name(), self.severity(), added.place.clone(), message)
                .label("not registered unless something starts the module")
                .rewrite(Rewrite::Advice),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::UnconfiguredModule;
    use crate::rules::testing::{check_rule, untouched};

    const RULE: &str = UnconfiguredModule::NAME;

    #[test]
    fn a_module_that_nobody_starts() {
        check_rule(
            RULE,
            r#"
            -module(mod_a).
            -behaviour(gen_mod).
            -export([f/3]).
            start(HostType, _) ->
                gen_hook:add_handler(remove_user, HostType, fun ?MODULE:f/3, #{}, 50).
            %%                       ^^^^^^^^^^^ info[unconfigured-module]: `mod_a` is not enabled in
            f(Acc, _, _) -> {ok, Acc}.
            //- mongooseim.toml
            [modules.mod_b]
            "#,
        );
    }

    #[test]
    fn what_is_enabled_or_started_otherwise_is_fine() {
        untouched(
            RULE,
            r#"
            -module(mod_a).
            -behaviour(gen_mod).
            -export([f/3]).
            start(HostType, _) ->
                gen_hook:add_handler(remove_user, HostType, fun ?MODULE:f/3, #{}, 50).
            f(Acc, _, _) -> {ok, Acc}.
            //- src/acme_hooks.erl
            -module(acme_hooks).
            -export([f/3]).
            start(HostType) ->
                gen_hook:add_handler(remove_user, HostType, fun ?MODULE:f/3, #{}, 50).
            f(Acc, _, _) -> {ok, Acc}.
            //- src/mod_c.erl
            -module(mod_c).
            -behaviour(gen_mod).
            f() -> ok.
            //- mongooseim.toml
            [[host_config]]
              host = "a"
              [host_config.modules.mod_a]
            "#,
        );
    }

    #[test]
    fn without_a_configuration_nothing_is_said() {
        untouched(
            RULE,
            r#"
            -module(mod_a).
            -behaviour(gen_mod).
            -export([f/3]).
            start(HostType, _) ->
                gen_hook:add_handler(remove_user, HostType, fun ?MODULE:f/3, #{}, 50).
            f(Acc, _, _) -> {ok, Acc}.
            "#,
        );
    }
}
