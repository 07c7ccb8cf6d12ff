//! `unresolved-registration`.

use super::common::named_handler;
use super::{Context, Rule};
use crate::catalog::Catalog;
use crate::finding::{Finding, Rewrite, Severity};
use crate::project::eval::{Action, Style};
use crate::project::registrations::{HandlerRef, Registration};
use crate::syntax::ast::Name;

rule! {
    /// Finds a registration that could not be followed: its hook or its handler is known only when the code runs, or the
    /// handler is in a module outside of the checked code.
    ///
    /// ## Why it matters
    ///
    /// What was not followed was not checked. The finding says what is missing, so that you can look yourself, or
    /// give hookshift what it needs: further directories, or macros in `hookshift.toml`.
    ///
    /// ## Example
    ///
    /// ```erlang
    /// start(HostType, #{hooks := Hooks}) ->
    ///     [gen_hook:add_handler(H, HostType, fun ?MODULE:seen/3, #{}, 50) || H <- Hooks].
    /// ```
    ///
    /// When the names are always the same, let them stand in the code:
    ///
    /// ```erlang
    /// start(HostType, _Opts) ->
    ///     [gen_hook:add_handler(H, HostType, fun ?MODULE:seen/3, #{}, 50) || H <- [remove_user, register_user]].
    /// ```
    UnresolvedRegistration, "unresolved-registration", Warning
}

impl Rule for UnresolvedRegistration {
    declared!();

    fn judges(&self, _style: Style) -> bool {
        true
    }

    fn registration(&self, context: &Context<'_>, registration: &Registration, out: &mut Vec<Finding>) {
        if registration.action == Action::Delete {
            return;
        }
        let finding = match (&registration.unresolved, &registration.handler) {
            (Some(why), _) => self.not_followed(registration, why),
            (None, HandlerRef::External { module, function, arity }) => {
                if is_known(context, registration, module, function, *arity) {
                    return;
                }
                self.outside(registration, module)
            }
            _ => return,
        };
        out.push(finding);
    }
}

impl UnresolvedRegistration {
    fn not_followed(&self, registration: &Registration, why: &str) -> Finding {
        let (what, place) = match registration.hook.as_deref() {
            Some(hook) => (format!("the handler for `{hook}` is not checked"), &registration.place),
            // The name's place may be far away: an argument, or the options of the module.
            None => ("what is registered here is not checked".to_owned(), &registration.tuple),
        };
        let mut finding = Finding::new(self.name(), self.severity(), place.clone(), format!("{what}: {why}"))
            .label("could not be followed")
            .rewrite(Rewrite::Advice);
        finding.hook = registration.hook.as_ref().map(ToString::to_string);
        finding
    }

    fn outside(&self, registration: &Registration, module: &str) -> Finding {
        let handler = named_handler(registration);
        let message = format!("`{handler}` is not checked: the module `{module}` is not part of the checked code");
        let mut finding = Finding::new(self.name(), Severity::Info, registration.place.clone(), message)
            .label(format!("the handler is in `{module}`"))
            .help(format!("name the directory of `{module}` as well"))
            .rewrite(Rewrite::Advice);
        finding.hook = registration.hook.as_ref().map(ToString::to_string);
        finding
    }
}

/// Whether the module is part of the project, or the function one of the server's.
fn is_known(context: &Context<'_>, registration: &Registration, module: &Name, function: &Name, arity: i64) -> bool {
    if module == registration.module.name() || context.modules.has(module) {
        return true;
    }
    let export = format!("{function}/{arity}");
    let positional = Catalog::embedded().last_positional().map(|(last, _)| last);
    let last = positional.filter(|_| registration.style == Style::EjabberdHooks);
    [context.upgrade.from(), context.upgrade.to()].into_iter().chain(last).any(|release| {
        let api = Catalog::embedded().api(release);
        let module = api.and_then(|api| api.modules.iter().find(|known| known.name == *module));
        module.is_some_and(|module| module.exports.split(' ').any(|exported| exported == export))
    })
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{check_rule, untouched};

    const RULE: &str = "unresolved-registration";

    #[test]
    fn names_that_come_from_the_configuration() {
        check_rule(
            RULE,
            r#"
            -module(mod_a).
            start(HostType, #{hooks := Hooks}) ->
                [gen_hook:add_handler(H, HostType, fun ?MODULE:seen/3, #{}, 50) || H <- Hooks].
            %%   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ warning[unresolved-registration]: what is registered here is not checked: the hook's name is not known
            seen(Acc, _, _) -> {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn a_handler_that_is_known_only_at_run_time() {
        check_rule(
            RULE,
            r#"
            -module(mod_a).
            start(HostType, Opts) ->
                Handler = maps:get(handler, Opts),
                gen_hook:add_handler(remove_user, HostType, Handler, #{}, 50).
            %%                       ^^^^^^^^^^^ warning[unresolved-registration]: the handler for `remove_user` is not checked
            "#,
        );
    }

    #[test]
    fn a_module_that_was_not_given() {
        check_rule(
            RULE,
            r#"
            -module(mod_a).
            start(HostType, _) ->
                gen_hook:add_handler(remove_user, HostType, fun acme_users:removed/3, #{}, 50).
            %%                       ^^^^^^^^^^^ info[unresolved-registration]: the module `acme_users` is not part of the checked code
            %% = help: name the directory of `acme_users`
            "#,
        );
    }

    #[test]
    fn what_can_be_followed_is_no_finding() {
        untouched(
            RULE,
            r#"
            -module(mod_a).
            -define(HOOKS, [{remove_user, removed, 50}, {register_user, registered, 60}]).
            start(HostType, _) ->
                acme_hooks:install(HostType, ?MODULE, ?HOOKS),
                gen_hook:add_handlers(more(HostType) ++ [{H, HostType, fun ?MODULE:removed/3, #{}, 50}
                                                         || H <- [vcard_set, roster_set]]).
            stop(HostType) -> acme_hooks:uninstall(HostType, ?MODULE, ?HOOKS).
            more(HostType) -> [{set_vcard, HostType, fun acme_hooks:vcard/3, #{}, 40}].
            removed(Acc, _, _) -> {ok, Acc}.
            registered(Acc, _, _) -> {ok, Acc}.
            //- src/acme_hooks.erl
            -module(acme_hooks).
            install(HostType, Module, Specs) ->
                gen_hook:add_handlers([{H, HostType, fun Module:F/3, #{}, P} || {H, F, P} <- Specs]).
            uninstall(HostType, Module, Specs) ->
                gen_hook:delete_handlers([{H, HostType, fun Module:F/3, #{}, P} || {H, F, P} <- Specs]).
            vcard(Acc, _, _) -> {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn handlers_of_the_server_need_not_be_given() {
        untouched(
            RULE,
            r#"
            start(HostType, _) ->
                gen_hook:add_handler(remove_user, HostType, fun mod_last:remove_user/3, #{}, 50),
                gen_hook:add_handler(user_send_packet, HostType, fun mod_mam_pm:user_send_packet/3, #{}, 50).
            "#,
        );
    }

    #[test]
    fn a_deletion_that_cannot_be_followed_says_nothing() {
        untouched(RULE, "stop(_HostType, #state{hooks = Hooks}) -> gen_hook:delete_handlers(Hooks).\n");
    }
}
