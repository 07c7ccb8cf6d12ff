//! `unknown-hook`.

use super::{Context, Rule};
use crate::catalog::HookStatus;
use crate::finding::{Finding, Rewrite};
use crate::migrate::registration::{self, Change, Subject};
use crate::project::eval::{Action, Style};
use crate::project::registrations::Registration;
use crate::rewrite::Fix;

rule! {
    /// Finds a handler for a hook that neither of the two releases has, that the configuration does not declare,
    /// and that nothing in the checked code runs.
    ///
    /// ## Why it matters
    ///
    /// Hooks are atoms, and any atom can be registered for. When its name is misspelt, the handler is never called, in
    /// no release, and nothing says so.
    ///
    /// ## Example
    ///
    /// ```erlang
    /// hooks(HostType) ->
    ///     [{roster_in_subscripton, HostType, fun ?MODULE:subscribed/3, #{}, 50}].
    /// ```
    ///
    /// ```erlang
    /// hooks(HostType) ->
    ///     [{roster_in_subscription, HostType, fun ?MODULE:subscribed/3, #{}, 50}].
    /// ```
    ///
    /// A hook that code outside of the checked directories runs is declared in `hookshift.toml`:
    ///
    /// ```toml
    /// [hooks.acme_order_placed]
    /// scope = "host-type"
    /// ```
    UnknownHook, "unknown-hook", Warning
}

impl Rule for UnknownHook {
    declared!();

    fn judges(&self, _style: Style) -> bool {
        true
    }

    fn registration(&self, context: &Context<'_>, registration: &Registration, out: &mut Vec<Finding>) {
        let Some(hook) = registration.hook.as_deref().filter(|hook| is_unknown(context, hook)) else { return };
        if registration.action == Action::Delete {
            return;
        }
        let (from, to) = (context.upgrade.from(), context.upgrade.to());
        let never = "so the handler is never called";
        let elsewhere = context.upgrade.catalog().releases_with(hook);
        let mut finding =
            Finding::new(self.name(), self.severity(), registration.place.clone(), "").hook(hook).label("no such hook");
        if let Some(newest) = elsewhere.last() {
            finding.message =
                format!("MongooseIM has the hook `{hook}` in {newest}, and neither in {from} nor in {to}, {never}");
        } else if let Some(meant) = context.upgrade.suggest(hook) {
            finding.message = format!("MongooseIM has no hook `{hook}`, {never}; did you mean `{meant}`?");
            finding = finding.help(format!("register for `{meant}`")).rewrite(Rewrite::Suggestion);
            // A registration in the old style changes with its whole module.
            if registration.style == Style::GenHook {
                finding = finding.fix(rename(context, registration, hook, meant));
            }
        } else {
            finding.message =
                format!("MongooseIM has no hook `{hook}`, and nothing in the checked code runs it, {never}");
            finding = finding.help(format!(
                "when code elsewhere runs it, declare it in hookshift.toml:\n[hooks.{hook}]\nscope = \"host-type\""
            ));
        }
        out.push(finding);
    }
}

/// Registers for the hook that was probably meant.
fn rename(context: &Context<'_>, registration: &Registration, hook: &str, meant: &str) -> Result<Fix, String> {
    let subject = Subject { registered: &context.registered, hook, handler: &registration.handler };
    let change = Change { hook: Some(meant.to_owned()), ..Change::default() };
    let done = registration::retarget(&subject, &change)?;
    if done.edits.is_empty() {
        return Err("the handler is not known".to_owned());
    }
    let reason = format!("`{hook}` is nobody's hook, and `{meant}` is a guess; the handler will be called from now on");
    let fix = Fix::new(format!("register for `{meant}`"), done.edits);
    let fix = Fix { reveals: Some(meant.to_owned()), ..fix };
    Ok(fix.because([reason]).because(done.reasons))
}

fn is_unknown(context: &Context<'_>, hook: &str) -> bool {
    context.upgrade.fate(hook).status == HookStatus::Unknown
        && !context.options.hooks.iter().any(|declared| declared.name == hook)
        && !context.runs_hook(hook)
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{Case, check_rule, untouched};

    const RULE: &str = "unknown-hook";

    #[test]
    fn a_misspelt_name_gets_a_suggestion() {
        check_rule(
            RULE,
            r#"
            -module(mod_a).
            -export([subscribed/3]).
            start(HostType, _Opts) ->
                gen_hook:add_handlers(hooks(HostType)).
            stop(HostType) ->
                gen_hook:delete_handlers(hooks(HostType)).
            hooks(HostType) ->
                [ {roster_in_subscripton, HostType, fun ?MODULE:subscribed/3, #{}, 50}
            %%     ^^^^^^^^^^^^^^^^^^^^^ warning[unknown-hook]: did you mean `roster_in_subscription`?
            %% = help: register for `roster_in_subscription`
            %% = handler: mod_a:subscribed/3
                , {remove_user, HostType, fun ?MODULE:subscribed/3, #{}, 50}
                ].
            subscribed(Acc, _, _) -> {ok, Acc}.
            "#,
        );
    }

    /// What the handler would have to be for the hook that is meant was not to be seen before.
    #[test]
    fn a_misspelt_name_hides_the_rest() {
        let before = r#"
            -module(mod_a).
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{remove_user, HostType, fun ?MODULE:gone/3, #{}, 50},
                                       {user_recieve_packet, HostType, fun ?MODULE:got/3, #{}, 20}]).
            gone(Acc, _, _) -> {ok, Acc}.
            got(Acc, #{jid := Jid}, _) -> {ok, mark(Acc, Jid)}.
            "#;
        let after = r#"
            -module(mod_a).
            -export([gone/3]).
            -export([got/3]).
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{remove_user, HostType, fun ?MODULE:gone/3, #{}, 50},
                                       {user_receive_packet, HostType, fun ?MODULE:got/3, #{}, 20}]).
            gone(Acc, _, _) -> {ok, Acc}.
            got(Acc, #{c2s_data := C2SData}, _) -> {ok, mark(Acc, mongoose_c2s:get_jid(C2SData))}.
            "#;
        Case::new(before).fix(true).is(before, after);
        // The handler may stand in another module.
        let before = r#"
            -module(mod_a).
            -export([start/2]).
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_recieve_packet, HostType, fun mod_b:got/3, #{}, 20}]).
            //- src/mod_b.erl
            -module(mod_b).
            -export([got/3]).
            got(Acc, #{jid := Jid}, _) -> {ok, mark(Acc, Jid)}.
            "#;
        assert_eq!(Case::new(before).fix(true).outcome.files.len(), 2);
    }

    #[test]
    fn a_name_like_no_other_may_be_declared() {
        let code = r#"
            -module(mod_a).
            -define(HOOK, acme_order_placed).
            init([HostType]) ->
                gen_hook:add_handler(?HOOK, HostType, fun ?MODULE:placed/3, #{}, 50).
            %%                       ^^^^^ warning[unknown-hook]: nothing in the checked code runs it
            %% = help: [hooks.acme_order_placed]
            placed(Acc, _, _) -> {ok, Acc}.
            "#;
        check_rule(RULE, code);
        let without_marker: String =
            code.lines().filter(|line| !line.contains("%%")).flat_map(|line| [line, "\n"]).collect();
        untouched(
            RULE,
            &format!("{without_marker}            //- hookshift.toml\n            [hooks.acme_order_placed]\n"),
        );
    }

    #[test]
    fn a_hook_of_another_release_is_told_as_such() {
        let hook = crate::catalog::Catalog::embedded();
        let only_old = |name: &&str| hook.releases_with(name).iter().all(|it| it.to_string() == "5.1.0");
        let name = hook.hook_names().into_iter().find(only_old).expect("5.1.0 has hooks of its own");
        let code = format!(
            "start(HostType, _) ->\n    gen_hook:add_handler({name}, HostType, fun ?MODULE:f/3, #{{}}, 50).\n\
             %%                       {} warning[unknown-hook]: MongooseIM has the hook `{name}` in 5.1.0, and neither\n\
             f(Acc, _, _) -> {{ok, Acc}}.\n",
            "^".repeat(name.len()),
        );
        check_rule(RULE, &code);
    }

    #[test]
    fn hooks_of_either_release_are_known() {
        untouched(
            RULE,
            r#"
            -module(mod_a).
            start(HostType, _Opts) ->
                [gen_hook:add_handler(H, HostType, fun ?MODULE:seen/3, #{}, 80)
                 || H <- [user_send_packet, c2s_preprocessing_hook, user_send_message, remove_user]].
            seen(Acc, _, _) -> {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn the_projects_own_hooks_are_known() {
        untouched(
            RULE,
            r#"
            -module(mod_a).
            start(HostType, _Opts) ->
                gen_hook:add_handlers(
                  [{acme_sent, HostType, fun ?MODULE:seen/3, #{}, 80},
                   {acme_seen, HostType, fun ?MODULE:seen/3, #{}, 80}]).
            seen(Acc, _, _) -> {ok, Acc}.
            //- src/acme_hooks.erl
            -module(acme_hooks).
            -export([sent/2, run/2]).
            sent(HostType, Acc) ->
                {_, Res} = gen_hook:run_fold(acme_sent, HostType, Acc, #{}),
                Res.
            run(Name, HostType) ->
                gen_hook:run_fold(Name, HostType, ok, #{}).
            //- src/acme_worker.erl
            -module(acme_worker).
            tick(HostType) -> acme_hooks:run(acme_seen, HostType).
            "#,
        );
    }

    #[test]
    fn a_deletion_and_a_name_known_only_at_run_time_say_nothing() {
        untouched(
            RULE,
            r#"
            -module(mod_a).
            stop(HostType) ->
                gen_hook:delete_handler(acme_old_name, HostType, fun ?MODULE:seen/3, #{}, 80).
            start(HostType, #{hook := Hook}) ->
                gen_hook:add_handler(Hook, HostType, fun ?MODULE:seen/3, #{}, 80).
            seen(Acc, _, _) -> {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn what_only_a_later_release_has_is_unknown_before() {
        let found = |to: &str| {
            let code = "start(H, _) -> gen_hook:add_handler(user_send_message, H, fun ?MODULE:f/3, #{}, 9).\n";
            Case::new(code).from("6.0.0").to(to).rules(&[RULE]).findings().len()
        };
        assert_eq!((found("6.0.0"), found("6.1.0")), (1, 0));
    }
}
