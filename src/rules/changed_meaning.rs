//! `changed-meaning`.

use super::common::with_fix;
use super::{Rule, Serving};
use crate::catalog::{Aspect, HookChange, HookStatus, Meaning, RewriteClass};
use crate::finding::{Finding, Place, Rewrite, Severity};
use crate::migrate::conditions;
use crate::project::eval::Style;
use crate::project::handlers::{At, Return};

rule! {
    /// Finds a handler of a hook that keeps its contract and means something else: it is run at another moment, in
    /// another process, with other values, in another order, or only under a condition.
    ///
    /// ## Why it matters
    ///
    /// Such a handler works as it did, and may do the wrong thing. Whether it does, only somebody who knows what it is for can say,
    /// so most of these findings are advice. A hook that is run only when a certain server module is enabled is reported
    /// as a warning, since without that module the handler is silently never called.
    ///
    /// ## Example
    ///
    /// ```erlang
    /// {set_presence_hook, HostType, fun ?MODULE:seen/3, #{}, 50}
    /// ```
    ///
    /// In 6.0.0 every session ran this hook. In 6.1.0 `mod_presence` does, and `mongooseim.toml` has to enable it:
    ///
    /// ```toml
    /// [modules.mod_presence]
    /// ```
    ChangedMeaning, "changed-meaning", Warning
}

impl Rule for ChangedMeaning {
    declared!();

    fn judges(&self, _style: Style) -> bool {
        true
    }

    fn serving(&self, serving: &Serving<'_>, out: &mut Vec<Finding>) {
        if !matches!(serving.status(), HookStatus::Changed | HookStatus::Meaning) || serving.migrated {
            return;
        }
        let Some(change) = serving.fate.change() else { return };
        let meanings: Vec<&Meaning> =
            change.meanings.iter().filter(|meaning| concerns(serving, change, meaning)).collect();
        // A hook that is run for more than before, and says for what.
        let runs_for_more = !change.only.is_empty();
        if meanings.is_empty() || (runs_for_more && conditions::tells_calls_apart(serving, change)) {
            return;
        }
        let for_dropped = clause_for_dropped(serving).filter(|_| change.drop.is_some());
        let message = match serving.status() {
            _ if for_dropped.is_some() => format!(
                "the clause of `{}` for an accumulator `drop` is entered less often in {}, or never",
                serving.handler.mfa(),
                serving.target(),
            ),
            _ if runs_for_more => change.summary.trim_end_matches('.').to_owned(),
            // What breaks a changed hook's handler is reported by other rules; its summary would say it again.
            HookStatus::Changed => format!(
                "`{}` is run in another way in {}; look whether `{}` still does what it is for",
                serving.hook,
                serving.target(),
                serving.handler.mfa(),
            ),
            _ => change.summary.trim_end_matches('.').to_owned(),
        };
        let mut finding = serving
            .finding(self, serving.registration.place.clone(), message)
            .label(format!("means something else in {}", serving.target()))
            .help(change.advice.clone())
            .evidence(&change.evidence);
        finding.severity = severity(serving, change, &meanings);
        match for_dropped {
            Some(place) => finding = finding.related(place, "the clause for `drop`"),
            None => finding.related.extend(serving.handler_here()),
        }
        finding.notes.extend(meanings.iter().map(|meaning| format!("{}: {}", title(meaning.aspect), meaning.text)));
        finding.rewrite = match change.rewrite {
            RewriteClass::Suggestion => Some(Rewrite::Suggestion),
            RewriteClass::Mechanical if runs_for_more => Some(Rewrite::Mechanical),
            _ => None,
        };
        if runs_for_more {
            finding.severity = Severity::Warning;
        }
        if finding.rewrite.is_some() {
            finding = match serving.fix() {
                Some(fix) => with_fix(finding, fix),
                None => finding,
            };
        }
        out.push(finding);
    }
}

/// Whether a difference can matter to this handler.
fn concerns(serving: &Serving<'_>, change: &HookChange, meaning: &Meaning) -> bool {
    let may = |wanted: fn(&Return) -> bool| {
        serving.handler.returns().iter().any(|path| wanted(&path.what) || matches!(path.what, Return::Unknown(_)))
    };
    match meaning.aspect {
        // How others drop concerns those who do something about it.
        Aspect::Stop if change.drop.is_some() => clause_for_dropped(serving).is_some(),
        Aspect::Stop => may(|what| matches!(what, Return::Stop(_))),
        _ => true,
    }
}

/// The head of a clause for stanzas that were dropped before which does more than to pass that on.
fn clause_for_dropped(serving: &Serving<'_>) -> Option<Place> {
    let does_more = |at: &&At| {
        at.clause().is_some_and(|clause| {
            let ast = at.ast();
            let first = ast.list(clause.patterns).first();
            first.is_some_and(|&pattern| ast.atom(pattern).is_some_and(|atom| atom == "drop")) && clause.body.len() > 1
        })
    };
    serving.handler.clauses().iter().find(does_more).map(At::head)
}

fn severity(serving: &Serving<'_>, change: &HookChange, meanings: &[&Meaning]) -> Severity {
    let conditional = meanings.iter().any(|meaning| meaning.aspect == Aspect::Precondition);
    let new_condition = conditional && !change.requires.iter().any(|module| knew(serving, module));
    // What is to be done about a parameter or a result is told to those who use it, by other rules.
    let told_elsewhere = change.drop.is_some() || !change.parameters.is_empty();
    let to_do = matches!(change.rewrite, RewriteClass::Suggestion | RewriteClass::Mechanical) && !told_elsewhere;
    let decided_by_meaning = serving.status() == HookStatus::Meaning;
    if decided_by_meaning && (new_condition || to_do) { Severity::Warning } else { Severity::Info }
}

/// Whether the old release's server registered or ran hooks from this module already, so that needing it is not new.
fn knew(serving: &Serving<'_>, module: &str) -> bool {
    let upgrade = serving.context.upgrade;
    !upgrade.has_added_module(module) && !matches!(module, "mod_privacy" | "mod_blocking")
}

pub(super) fn title(aspect: Aspect) -> &'static str {
    match aspect {
        Aspect::Order => "Order",
        Aspect::Stop => "Stopping",
        Aspect::Values => "Values",
        Aspect::Process => "Process",
        Aspect::Moment => "Moment",
        Aspect::Precondition => "Condition",
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check_rule, untouched};
    use super::*;

    const RULE: &str = ChangedMeaning::NAME;

    #[test]
    fn presence_hooks_need_a_module() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers(hooks(HostType)).

            hooks(HostType) ->
                [{set_presence_hook, HostType, fun ?MODULE:seen/3, #{}, 50},
            %%    ^^^^^^^^^^^^^^^^^ warning[changed-meaning]: A handler of `set_presence_hook` is called in 6.1.0 only when `mod_presence` is enabled
            %% = label: means something else in 6.1.0
            %% = help: Enable `mod_presence`; `mod_privacy` and `mod_blocking` enable it by themselves.
            %% = note: Condition: It is run when `mod_presence`, a module that is new in 6.1.0
            %% = related: the handler `mod_a:seen/3`
                 {unset_presence_hook, HostType, fun ?MODULE:gone/3, #{}, 50},
            %%    ^^^^^^^^^^^^^^^^^^^ warning[changed-meaning]: only when `mod_presence` is enabled, before the session is closed instead of after it
            %% = note: Values: At the end of a session `status` is a text about the reason
                 {user_available_hook, HostType, fun ?MODULE:seen/3, #{}, 50},
            %%    ^^^^^^^^^^^^^^^^^^^ warning[changed-meaning]: only when `mod_presence` is enabled
                 {presence_probe_hook, HostType, fun ?MODULE:seen/3, #{}, 50},
            %%    ^^^^^^^^^^^^^^^^^^^ warning[changed-meaning]: only when `mod_presence` is enabled
                 {resend_offline_messages_hook, HostType, fun ?MODULE:seen/3, #{}, 50},
            %%    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ warning[changed-meaning]: only when `mod_presence` is enabled
                 {roster_get_subscription_lists, HostType, fun ?MODULE:seen/3, #{}, 50},
            %%    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ warning[changed-meaning]: only when `mod_presence` is enabled
                 {roster_out_subscription, HostType, fun ?MODULE:seen/3, #{}, 20}].
            %%    ^^^^^^^^^^^^^^^^^^^^^^^ warning[changed-meaning]: only when `mod_presence` is enabled
            %% = note: Order: The privacy check of `mod_privacy` (10 of `user_send_presence`) precedes it

            seen(Acc, _, _) -> {ok, Acc}.
            gone(Acc, #{status := <<>>}, _) -> {ok, Acc};
            gone(Acc, #{status := Status}, _) -> show(Status), {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn privacy_hooks_need_a_module() {
        check_rule(
            RULE,
            r#"
            -define(PRIO, 50).

            start(HostType, _Opts) ->
                [gen_hook:add_handler(Hook, HostType, fun ?MODULE:Fun/3, #{}, ?PRIO)
                 || {Hook, Fun} <- [{privacy_check_packet, check},
            %%                       ^^^^^^^^^^^^^^^^^^^^ warning[changed-meaning]: a privacy module of your own that replaced it silently stops filtering in 6.1.0
            %% = help: Enable `mod_privacy` next to the module
                                    {privacy_get_user_list, list},
            %%                       ^^^^^^^^^^^^^^^^^^^^^ warning[changed-meaning]: if `mod_privacy` is enabled, for every stanza of a session until a list is set in it
            %% = note: Moment: In 6.0.0 it was run once per session
                                    {privacy_iq_get, iq},
            %%                       ^^^^^^^^^^^^^^ warning[changed-meaning]: only when `mod_privacy` is enabled
                                    {privacy_iq_set, iq},
            %%                       ^^^^^^^^^^^^^^ warning[changed-meaning]: only when `mod_privacy` is enabled
                                    {privacy_updated_list, updated}]].
            %%                       ^^^^^^^^^^^^^^^^^^^^ warning[changed-meaning]: only when `mod_privacy` is enabled

            check(Acc, _, _) -> {stop, mongoose_acc:set(hook, result, allow, Acc)}.
            list(Acc, _, _) -> {ok, Acc}.
            iq(Acc, _, _) -> {ok, Acc}.
            updated(_, #{new_list := New}, _) -> {ok, New}.
            "#,
        );
    }

    #[test]
    fn a_door_that_stands_open() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handler(session_opening_allowed_for_user, HostType, fun ?MODULE:may_open/3, #{}, 25).
            %%                       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ warning[changed-meaning]: sessions that it refused are opened
            %% = help: Register the handler for `user_open_session` instead
            %% = rewrite: suggestion

            may_open(_Acc, #{jid := Jid}, _) ->
                case is_banned(Jid) of
                    true -> {stop, deny};
                    false -> {ok, allow}
                end.
            "#,
        );
    }

    #[test]
    fn sessions_and_their_table() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{sm_register_connection_hook, HostType, fun ?MODULE:opened/3, #{}, 50},
            %%                          ^^^^^^^^^^^^^^^^^^^^^^^^^^^ info[changed-meaning]: the user counts as present at once
                                       {sm_remove_connection_hook, HostType, fun ?MODULE:closed/3, #{}, 50},
            %%                          ^^^^^^^^^^^^^^^^^^^^^^^^^ info[changed-meaning]: gets other values of `reason` in 6.1.0
            %% = note: Order: `unset_presence_hook` comes before it; in 6.0.0 it came after it.
                                       {forbidden_session_hook, HostType, fun ?MODULE:refused/3, #{}, 50}]).
            %%                          ^^^^^^^^^^^^^^^^^^^^^^ info[changed-meaning]: whenever a handler of `user_open_session` stops

            opened(Acc, #{jid := Jid}, _) -> note(Jid), {ok, Acc}.
            closed(Acc, #{jid := Jid}, _) -> forget(Jid), {ok, Acc}.
            refused(Acc, #{jid := Jid}, _) -> alarm(Jid), {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn what_is_sent_and_what_was_not_acknowledged() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{xmpp_send_element, HostType, fun ?MODULE:element/3, #{}, 80},
            %%                          ^^^^^^^^^^^^^^^^^ info[changed-meaning]: is called in 6.1.0 after the element was written to the socket, not before
            %% = note: Moment: The element is already on its way
                                       {unacknowledged_message, HostType, fun ?MODULE:not_acked/3, #{}, 45},
            %%                          ^^^^^^^^^^^^^^^^^^^^^^ info[changed-meaning]: still carry `origin_jid` and `origin_sid` of the sender
                                       {filter_unacknowledged_messages, HostType, fun ?MODULE:filter/3, #{}, 45}]).
            %%                          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ info[changed-meaning]: still carry `origin_jid` and `origin_sid` of the sender

            element(Acc, #{el := El}, _) -> count(El), {ok, Acc}.
            not_acked(Acc, #{jid := Jid}, _) -> push(Jid), {ok, Acc}.
            filter(Messages, _, _) -> {ok, Messages}.
            "#,
        );
    }

    #[test]
    fn the_blacklist_of_a_handler_without_parameters() {
        check_rule(
            RULE,
            r#"
            start(_HostType, _Opts) ->
                gen_hook:add_handler(check_bl_c2s, global, fun ?MODULE:bad/3, #{}, 45).
            %%                       ^^^^^^^^^^^^ info[changed-meaning]: A handler of `check_bl_c2s` gets `{IP, Port}` where it got the IP address alone

            bad(Acc, _, _) -> {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn the_hooks_of_all_stanzas() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:sent/3, #{}, 55},
            %%                          ^^^^^^^^^^^^^^^^ info[changed-meaning]: `user_send_packet` is run in another way in 6.1.0; look whether `mod_a:sent/3` still does what it is for
            %% = note: Stopping: A handler that stops at a priority below 20
                                       {user_receive_packet, HostType, fun ?MODULE:received/3, #{}, 55},
            %%                          ^^^^^^^^^^^^^^^^^^^ info[changed-meaning]: look whether `mod_a:received/3` still does what it is for
            %% = note: Values: A stanza that is changed in the accumulator is now what the client gets
                                       {user_ping_response, HostType, fun ?MODULE:received/3, #{}, 55}]).
            %%                          ^^^^^^^^^^^^^^^^^^ info[changed-meaning]: look whether `mod_a:received/3` still does what it is for
            %% = note: Process: It runs in the user's C2S process.

            sent(Acc, _, _) ->
                case is_flood(Acc) of
                    true -> {stop, Acc};
                    false -> {ok, Acc}
                end.
            received(Acc, _, _) -> {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn what_was_dropped_comes_no_more() {
        check_rule(
            RULE,
            r#"
            start(_HostType, _Opts) ->
                gen_hook:add_handlers([{filter_packet, global, fun ?MODULE:filter/3, #{}, 99}]).
            %%                          ^^^^^^^^^^^^^ info[changed-meaning]: the clause of `mod_a:filter/3` for an accumulator `drop` is entered less often in 6.1.0, or never
            %% = note: Stopping: `mod_global_distrib` (99) stops when it has sent a stanza to another cluster
            %% = related: the clause for `drop`

            filter(drop, _, _) ->
                mongoose_metrics:update(global, [acme, dropped], 1),
                {ok, drop};
            filter(FPacket, _, _) ->
                {ok, FPacket}.
            "#,
        );
    }

    #[test]
    fn hooks_that_mean_what_they_meant() {
        untouched(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{remove_user, HostType, fun ?MODULE:f/3, #{}, 50},
                                       {auth_failed, HostType, fun ?MODULE:f/3, #{}, 50},
                                       {c2s_stream_features, HostType, fun ?MODULE:f/3, #{}, 50},
                                       {roster_get_versioning_feature, HostType, fun ?MODULE:f/3, #{}, 50},
                                       {offline_message_hook, HostType, fun ?MODULE:f/3, #{}, 50},
                                       {room_packet, HostType, fun ?MODULE:f/3, #{}, 50}]).

            f(Acc, _, _) -> {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn filters_that_do_not_mind_what_was_dropped() {
        untouched(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{filter_packet, global, fun ?MODULE:filter/3, #{}, 50},
                                       {filter_local_packet, HostType, fun ?MODULE:filter/3, #{}, 50},
                                       {mod_global_distrib_unknown_recipient, HostType, fun ?MODULE:unknown/3, #{}, 50}]).

            filter(drop, _, _) -> {ok, drop};
            filter({From, _, _, _} = FPacket, _, _) ->
                case is_banned(From) of
                    true -> {stop, drop};
                    false -> {ok, FPacket}
                end.
            unknown({From, To, _, _} = FPacket, _, _) -> note(From, To), {ok, FPacket}.
            "#,
        );
    }

    #[test]
    fn the_contract_of_a_changed_hook_alone() {
        untouched(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{filter_room_packet, HostType, fun ?MODULE:filter/3, #{}, 50}]).

            filter(Packet, #{event_data := #{role := visitor}}, _) -> {ok, mute(Packet)};
            filter(Packet, _, _) -> {ok, Packet}.
            "#,
        );
    }

    #[test]
    fn only_deleted() {
        untouched(
            RULE,
            r#"
            stop(HostType) ->
                gen_hook:delete_handlers([{set_presence_hook, HostType, fun ?MODULE:seen/3, #{}, 50}]).

            seen(Acc, _, _) -> {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn removed_hooks_say_all_where_they_are_said_to_be_gone() {
        untouched(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{c2s_presence_in, HostType, fun ?MODULE:seen/3, #{}, 50}]).

            seen(State, _, _) -> {ok, State}.
            "#,
        );
    }

    #[test]
    fn hooks_of_ones_own() {
        untouched(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{acme_presence, HostType, fun ?MODULE:seen/3, #{}, 50}]).

            seen(Acc, _, _) -> {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn migrated() {
        untouched(
            RULE,
            r#"
            -export([hooks/1]).

            hooks(HostType) ->
                [{set_presence_hook, HostType, fun ?MODULE:seen/3, #{}, 50},
                 {xmpp_send_element, HostType, fun ?MODULE:seen/3, #{}, 80},
                 {user_send_packet, HostType, fun ?MODULE:seen/3, #{}, 55},
                 {sm_remove_connection_hook, HostType, fun ?MODULE:seen/3, #{}, 50}].

            seen(Acc, _, _) -> {ok, Acc}.
            "#,
        );
    }
}
