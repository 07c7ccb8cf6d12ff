//! `removed-run`.

use super::common::{rewrite_of, with_fix};
use super::uses::consequence;
use super::{ModuleView, Rule};
use crate::catalog::{FunctionFate, FunctionStatus, HookStatus};
use crate::finding::{Finding, Rewrite, Severity};
use crate::migrate::api;
use crate::syntax::uses::{FunctionUse, Use};

rule! {
    /// Finds code that runs a hook of the server itself, through a function that is gone or changed, or by the name of a hook
    /// that nothing of the server listens to any more.
    ///
    /// ## Why it matters
    ///
    /// The functions that run hooks are public, and bots and gateways use them to have their stanzas archived or
    /// counted. A call of one that is gone compiles, and fails with `undef` when it runs. A hook that is run by its name with
    /// `gen_hook:run_fold/4` fails nowhere: no handler of the server is called.
    ///
    /// ## Example
    ///
    /// ```erlang
    /// Acc1 = mongoose_hooks:user_send_packet(Acc, From, To, Packet)
    /// ```
    ///
    /// ```erlang
    /// C2SData = mongoose_c2s:create_data(#{host_type => HostType, jid => From}),
    /// Params = mongoose_c2s:hook_arg(C2SData, session_established, internal, Packet, undefined),
    /// {_, Acc1} = mongoose_c2s_hooks:user_send_packet(HostType, Acc, Params)
    /// ```
    RemovedRun, "removed-run", Error
}

impl Rule for RemovedRun {
    declared!();

    fn module(&self, view: &ModuleView<'_>, out: &mut Vec<Finding>) {
        for (used, fate) in view.changed_functions() {
            let Some(hook) = view.hook_run_by(used) else { continue };
            if fate.status != FunctionStatus::Changed {
                out.push(self.gone(view, used, hook, &fate));
            } else if view.written_for < fate.since
                && !fate.entry().is_some_and(|entry| api::call::is_new(view.module, used, entry))
            {
                out.push(self.changed(view, used, hook, &fate));
            }
        }
        if view.context.modules.has("gen_hook") {
            return;
        }
        for used in view.uses() {
            if let Use::Function(used) = used {
                out.extend(self.by_name(view, used));
            }
        }
    }
}

impl RemovedRun {
    fn gone(&self, view: &ModuleView<'_>, used: &FunctionUse, hook: &str, fate: &FunctionFate<'_>) -> Finding {
        let target = view.context.upgrade.to();
        let message = format!(
            "`{}:{}/{}`, which runs `{hook}`, is gone in {target}: {}",
            used.module,
            used.function,
            used.arity,
            consequence(used.how)
        );
        let finding = Finding::new(self.name(), self.severity(), view.module.place(used.name), message)
            .label(format!("not exported in {target}"));
        with_entry(finding.hook(hook), view, used, fate)
    }

    fn changed(&self, view: &ModuleView<'_>, used: &FunctionUse, hook: &str, fate: &FunctionFate<'_>) -> Finding {
        let message = format!(
            "`{}:{}/{}` runs `{hook}` with other values in {}: what this call passes is not what handlers expect",
            used.module,
            used.function,
            used.arity,
            view.context.upgrade.to()
        );
        let finding = Finding::new(self.name(), Severity::Warning, view.module.place(used.name), message)
            .label("same name, other values");
        with_entry(finding.hook(hook), view, used, fate)
    }

    /// `gen_hook:run_fold(Hook, ...)` with a hook that the server had and has no more.
    fn by_name(&self, view: &ModuleView<'_>, used: &FunctionUse) -> Option<Finding> {
        if (used.module.as_str(), used.function.as_str(), used.arity) != ("gen_hook", "run_fold", 4) {
            return None;
        }
        let hook = used.first.as_deref()?;
        let fate = view.context.upgrade.fate(hook);
        if fate.status != HookStatus::Removed || view.context.options.hooks.iter().any(|it| it.name == hook) {
            return None;
        }
        let message = format!(
            "`{hook}` is no hook of {} any more: no handler of the server is called, and nothing is logged",
            view.context.upgrade.to()
        );
        let mut finding = Finding::new(self.name(), Severity::Warning, view.module.place(used.name), message)
            .label(format!("runs `{hook}`"))
            .note("Handlers that your own modules add are still called: when only these are meant, declare the hook in hookshift.toml.")
            .rewrite(Rewrite::Advice)
            .hook(hook);
        if let Some(change) = fate.change() {
            finding = finding.help(change.advice.clone()).evidence(&change.evidence);
        }
        Some(finding)
    }
}

fn with_entry(mut finding: Finding, view: &ModuleView<'_>, used: &FunctionUse, fate: &FunctionFate<'_>) -> Finding {
    let Some(entry) = fate.entry() else {
        return finding.fix(Err("nothing is known about what takes its place".to_owned()));
    };
    finding.notes.extend(entry.further_note().map(str::to_owned));
    if !entry.instead.is_empty() {
        finding = finding.help(format!("use `{}`", entry.instead));
    }
    finding.rewrite = rewrite_of(entry.rewrite);
    let fix = if entry.steps.is_empty() {
        api::call::fix(view.module, view.registrations, used, entry)
    } else {
        api::steps::fix(view.module, used, entry)
    };
    with_fix(finding, fix).evidence(&entry.evidence)
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{check_rule, untouched};

    const RULE: &str = "removed-run";

    #[test]
    fn a_function_that_runs_a_hook_is_gone() {
        check_rule(
            RULE,
            r#"
            -module(acme_bot).
            -export([say/4]).
            say(Acc, From, To, Packet) ->
                Acc1 = mongoose_hooks:user_send_packet(Acc, From, To, Packet),
            %%         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[removed-run]: `mongoose_hooks:user_send_packet/4`, which runs `user_send_packet`, is gone in 6.1.0
            %% = help: mongoose_c2s_hooks:user_send_packet(
            %% = hook: user_send_packet
                ejabberd_router:route(From, To, Acc1, Packet).
            "#,
        );
    }

    #[test]
    fn a_function_that_runs_a_hook_with_other_values() {
        check_rule(
            RULE,
            r#"
            -module(acme_listener).
            accept(IP) ->
                mongoose_hooks:check_bl_c2s(IP).
            %%  ^^^^^^^^^^^^^^^^^^^^^^^^^^^ warning[removed-run]: runs `check_bl_c2s` with other values
            "#,
        );
    }

    #[test]
    fn a_removed_hook_that_is_run_by_name() {
        check_rule(
            RULE,
            r#"
            -module(acme_bot).
            say(HostType, Acc) ->
                {_, Acc1} = gen_hook:run_fold(c2s_preprocessing_hook, HostType, Acc, #{}),
            %%              ^^^^^^^^^^^^^^^^^ warning[removed-run]: `c2s_preprocessing_hook` is no hook of 6.1.0 any more
                gen_hook:run_fold(acme_sent, HostType, Acc1, #{}).
            "#,
        );
    }

    #[test]
    fn runs_that_are_the_same_are_left_alone() {
        untouched(
            RULE,
            r#"
            -module(acme_bot).
            say(HostType, Acc, Jid) ->
                mongoose_hooks:remove_user(Acc, jid:lserver(Jid), jid:luser(Jid)),
                mongoose_hooks:user_send_packet(Acc),
                gen_hook:run_fold(remove_user, HostType, Acc, #{jid => Jid}),
                gen_hook:run_fold(user_send_message, HostType, Acc, #{}),
                gen_hook:run_fold(acme_sent, HostType, Acc, #{}).
            "#,
        );
    }

    #[test]
    fn values_of_the_new_form_are_left_alone() {
        untouched(
            RULE,
            r#"
            -module(acme_listener).
            accept(IP, Port, HostType, Jid) ->
                mongoose_hooks:check_bl_c2s({IP, Port}),
                mongoose_hooks:user_ping_response(HostType, #{}, Jid, timeout, 0).
            "#,
        );
    }

    #[test]
    fn a_declared_hook_is_the_projects_own() {
        untouched(
            RULE,
            r#"
            -module(acme_bot).
            say(HostType, Acc) -> gen_hook:run_fold(sm_broadcast, HostType, Acc, #{}).
            //- hookshift.toml
            [hooks.sm_broadcast]
            "#,
        );
    }

    #[test]
    fn adapted_code_is_left_alone() {
        untouched(
            RULE,
            r#"
            -module(acme_bot).
            say(HostType, Acc, Packet, From) ->
                C2SData = mongoose_c2s:create_data(#{host_type => HostType, jid => From}),
                Params = mongoose_c2s:hook_arg(C2SData, session_established, internal, Packet, undefined),
                mongoose_hooks:check_bl_c2s({{127, 0, 0, 1}, 5222}),
                mongoose_c2s_hooks:user_send_packet(HostType, Acc, Params).
            "#,
        );
    }
}
