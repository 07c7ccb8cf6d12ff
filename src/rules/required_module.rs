//! `required-module`.

use super::common::one_of;
use super::{Context, Rule};
use crate::catalog::HookStatus;
use crate::finding::{Finding, Rewrite};
use crate::project::eval::{Action, Style};
use crate::project::options::Options;
use crate::project::registrations::Registration;

rule! {
    /// Finds a handler of a hook that the target release runs only with a module of the server which your `mongooseim.toml`
    /// does not enable.
    ///
    /// It speaks only when it knows the server's configuration: by `--mongooseim-toml FILE`, by
    /// `mongooseim-toml = "..."` in `hookshift.toml`, or as a `mongooseim.toml` lies among the checked files.
    ///
    /// ## Why it matters
    ///
    /// Much of what the session did by itself in 6.0.0 is done by modules in 6.1.0: presence by `mod_presence`, privacy lists
    /// by `mod_privacy`. Without the module the hook is not run, and the handler is never called; nothing is logged.
    ///
    /// ## Example
    ///
    /// ```erlang
    /// hooks(HostType) ->
    ///     [{set_presence_hook, HostType, fun ?MODULE:on_available/3, #{}, 50}].
    /// ```
    ///
    /// In `mongooseim.toml`, for all hosts or for those that the handler is for:
    ///
    /// ```toml
    /// [modules.mod_presence]
    /// ```
    RequiredModule, "required-module", Warning
}

impl Rule for RequiredModule {
    declared!();

    fn can_speak(&self, options: &Options) -> bool {
        !options.server_configs.is_empty()
    }

    fn judges(&self, _style: Style) -> bool {
        true
    }

    fn registration(&self, context: &Context<'_>, registration: &Registration, out: &mut Vec<Finding>) {
        let Some(hook) = registration.hook.as_deref().filter(|_| registration.action == Action::Add) else { return };
        let fate = context.upgrade.fate(hook);
        // The handler of a removed hook is never called in any case.
        if matches!(fate.status, HookStatus::Removed | HookStatus::Unknown) {
            return;
        }
        let Some(change) = fate.changes.iter().rfind(|change| !change.requires.is_empty()) else { return };
        let configs = &context.options.server_configs;
        let enough = context.upgrade.under_all_names(&change.requires);
        for config in configs {
            let lacking = config.lacking(&enough, registration.module.name());
            if lacking.is_empty() {
                continue;
            }
            let modules = one_of(&change.requires);
            let hosts: Vec<String> =
                lacking.iter().filter_map(|set| Some(format!("`{}`", set.host.as_ref()?))).collect();
            let everywhere = lacking.len() == config.enabled.len() || hosts.len() < lacking.len();
            let place = if everywhere { String::new() } else { format!(" for {}", hosts.join(", ")) };
            let name = match (configs.len(), config.path().file_name()) {
                (1, _) | (_, None) => "your mongooseim.toml".to_owned(),
                _ => format!("`{}`", config.path().display()),
            };
            let message = format!(
                "`{hook}` is run only with {modules} in {}, which {name} does not enable{place}: the handler is never called",
                context.upgrade.to()
            );
            let first = change.requires.first().map_or("", String::as_str);
            let finding = Finding::new(self.name(), self.severity(), registration.place.clone(), message)
                .hook(hook)
                .label("not run without the module")
                .help(format!("enable it in {}:\n[modules.{first}]", name.trim_start_matches("your ")))
                .rewrite(Rewrite::Advice);
            out.push(finding.evidence(&change.evidence));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{check_rule, untouched};

    const RULE: &str = "required-module";

    #[test]
    fn a_module_that_is_not_enabled() {
        check_rule(
            RULE,
            r#"
            -module(mod_a).
            start(HostType, _) ->
                gen_hook:add_handlers([{set_presence_hook, HostType, fun ?MODULE:seen/3, #{}, 50},
            %%                          ^^^^^^^^^^^^^^^^^ warning[required-module]: `set_presence_hook` is run only with `mod_presence`, `mod_privacy` or `mod_blocking` in 6.1.0, which your mongooseim.toml does not enable:
            %% = help: [modules.mod_presence]
                                       {user_ping_response, HostType, fun ?MODULE:seen/3, #{}, 50}]).
            //- mongooseim.toml
            [general]
            hosts = ["localhost"]
            [modules.mod_ping]
            [modules.mod_a]
            "#,
        );
    }

    #[test]
    fn a_host_type_that_lacks_it() {
        check_rule(
            RULE,
            r#"
            -module(mod_a).
            start(HostType, _) ->
                gen_hook:add_handler(user_ping_response, HostType, fun ?MODULE:seen/3, #{}, 50).
            %%                       ^^^^^^^^^^^^^^^^^^ warning[required-module]: does not enable for `small`: the handler is never called
            //- mongooseim.toml
            [general]
            host_types = ["large", "small", "other"]
            [modules.mod_ping]
            [modules.mod_a]
            [[host_config]]
            host_type = "small"
            [host_config.modules.mod_a]
            [[host_config]]
            host_type = "other"
            [host_config.modules.mod_last]
            "#,
        );
    }

    #[test]
    fn what_is_enabled_or_not_needed_is_right() {
        untouched(
            RULE,
            r#"
            -module(mod_a).
            start(HostType, _) ->
                gen_hook:add_handler(set_presence_hook, HostType, fun ?MODULE:seen/3, #{}, 50),
                gen_hook:add_handler(user_send_packet, HostType, fun ?MODULE:seen/3, #{}, 50),
                gen_hook:add_handler(remove_user, HostType, fun ?MODULE:seen/3, #{}, 50).
            //- mongooseim.toml
            [modules.mod_blocking]
            "#,
        );
    }

    #[test]
    fn without_a_configuration_nothing_is_said() {
        untouched(
            RULE,
            r#"
            -module(mod_a).
            start(HostType, _) ->
                gen_hook:add_handler(set_presence_hook, HostType, fun ?MODULE:seen/3, #{}, 50).
            "#,
        );
    }

    #[test]
    fn a_removed_hook_and_a_deletion_are_left_alone() {
        untouched(
            RULE,
            r#"
            -module(mod_a).
            start(HostType, _) ->
                gen_hook:add_handler(sm_broadcast, HostType, fun ?MODULE:seen/3, #{}, 50).
            stop(HostType) ->
                gen_hook:delete_handler(set_presence_hook, HostType, fun ?MODULE:seen/3, #{}, 50).
            //- mongooseim.toml
            [modules.mod_ping]
            "#,
        );
    }
}
