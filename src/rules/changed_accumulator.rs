//! `changed-accumulator`.

use super::conditions;
use super::{Rule, Serving};
use crate::catalog::HookStatus;
use crate::finding::{Finding, Label, Place, Severity};
use crate::project::eval::Style;
use crate::project::handlers::Look;

rule! {
    /// Finds a handler that looks into its accumulator, or returns one of its own making, on a hook whose
    /// accumulator has another type now.
    ///
    /// ## Why it matters
    ///
    /// Code for the old type fails on the new one: every function of `mongoose_acc` does so on a plain map, which is
    /// logged as `hook_failed`, and the handler is skipped. What a handler returns is what the next handler, and in the
    /// end the server, goes on with, so a result of its own making is a warning. A handler that only passes its
    /// accumulator on, or logs it, is not affected, and not reported.
    ///
    /// ## Example
    ///
    /// ```erlang
    /// user_ping_response(Acc, #{response := timeout, jid := Jid}, _Extra) ->
    ///     notify(mongoose_acc:host_type(Acc), Jid),
    ///     {ok, Acc}.
    /// ```
    ///
    /// In 6.1.0 the accumulator of this hook is an empty map. The host type is in the third argument:
    ///
    /// ```erlang
    /// user_ping_response(Acc, #{response := timeout, jid := Jid}, #{host_type := HostType}) ->
    ///     notify(HostType, Jid),
    ///     {ok, Acc}.
    /// ```
    ChangedAccumulator, "changed-accumulator", Error
}

impl Rule for ChangedAccumulator {
    declared!();

    fn judges(&self, _style: Style) -> bool {
        true
    }

    fn serving(&self, serving: &Serving<'_>, out: &mut Vec<Finding>) {
        if !matches!(serving.status(), HookStatus::Changed | HookStatus::Meaning) || serving.migrated {
            return;
        }
        let Some(change) = serving.fate.change() else { return };
        let Some(accumulator) = &change.accumulator else { return };
        let uses = serving.handler.accumulator();
        let (hook, mfa) = (serving.hook, serving.handler.mfa());
        let types = format!("`{}` in {} and was `{}`", accumulator.after, serving.target(), accumulator.before);
        let places: Vec<&Place> = uses.looks.iter().map(|look| &look.place).chain(&uses.makes).collect();
        let Some((&first, others)) = places.split_first() else { return };
        let message = match uses.looks.first() {
            Some(Look { mongoose_acc: Some(function), caught: true, .. }) => format!(
                "the accumulator of `{hook}` is {types}: `mongoose_acc:{function}` fails on it, and `{mfa}` goes on \
                 with what catches that",
            ),
            Some(Look { mongoose_acc: Some(function), .. }) => format!(
                "the accumulator of `{hook}` is {types}: `mongoose_acc:{function}` fails on it, which is logged as \
                 `hook_failed`, and `{mfa}` is skipped",
            ),
            Some(_) => format!(
                "the accumulator of `{hook}` is {types}: what `{mfa}` does with it here was written for the old one",
            ),
            None => format!(
                "the accumulator of `{hook}` is {types}: the handlers that follow get what `{mfa}` makes instead of it",
            ),
        };
        let mut finding = serving
            .finding(self, first.clone(), message)
            .label(format!("`{}` in {}", accumulator.after, serving.target()))
            .note(accumulator.note.clone())
            .help(change.advice.clone())
            .evidence(&change.evidence);
        if uses.looks.is_empty() {
            finding.severity = Severity::Warning;
        }
        let also = |&place: &&Place| Label { place: place.clone(), message: "and here".to_owned() };
        finding.related.extend(others.iter().map(also));
        finding.related.push(serving.registered_here());
        let verdict = conditions::judge(serving, change);
        finding.rewrite = verdict.rewrite;
        finding.notes.extend(super::removed_hook::assessment(change, &verdict));
        out.push(finding.fix(serving.fix()));
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check_rule, untouched};
    use super::*;

    const RULE: &str = ChangedAccumulator::NAME;

    #[test]
    fn the_host_type_of_a_plain_map() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_ping_response, HostType, fun ?MODULE:answered/3, #{}, 50}]).

            answered(Acc, #{response := timeout, jid := Jid}, _Extra) ->
                notify(mongoose_acc:host_type(Acc), Jid),
            %%         ^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[changed-accumulator]: the accumulator of `user_ping_response` is `map()` in 6.1.0 and was `mongoose_acc:t()`: `mongoose_acc:host_type` fails on it, which is logged as `hook_failed`, and `mod_a:answered/3` is skipped
            %% = label: `map()` in 6.1.0
            %% = related: `mod_a:answered/3` is registered for `user_ping_response` here
            %% = help: Take the host type from the extra map instead of the accumulator
            %% = note: A person has to look at the rewrite: the handler looks into its accumulator, or makes its own.
            %% = rewrite: suggestion
                {ok, Acc};
            answered(Acc, _Params, _Extra) ->
                {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn handlers_that_the_server_registers_in_both_releases() {
        check_rule(
            RULE,
            r#"
            //- from 6.2.0 to 6.2.1
            -module(mod_acme_teams).
            -behaviour(gen_mod).
            -export([start/2, stop/1, hooks/1, add_team/3]).
            start(_HostType, _Opts) -> ok.
            stop(_HostType) -> ok.
            hooks(HostType) ->
                [{roster_get, HostType, fun ?MODULE:add_team/3, #{}, 60}].
            add_team(Acc, #{jid := Jid}, _Extra) ->
                {ok, mongoose_acc:append(roster, items, teams:items(Jid), Acc)}.
            %%       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[changed-accumulator]: the accumulator of `roster_get` is `[mod_roster:roster()]` in 6.2.1
            "#,
        );
    }

    #[test]
    fn marks_in_the_accumulator_by_several_ways() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_ping_response, HostType, fun ?MODULE:answered/3, #{}, 50}]).

            answered(Acc0, #{jid := Jid}, #{host_type := HostType}) ->
                Acc = Acc0,
                case mongoose_acc:get(acme, watched, false, Acc) of
            %%       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[changed-accumulator]: `mongoose_acc:get` fails on it
            %% = related: and here
                    true -> {ok, seen(HostType, Jid, Acc)};
                    false -> {ok, Acc}
                end.

            seen(HostType, Jid, #{} = Acc) ->
                touch(HostType, Jid),
                mongoose_acc:set(acme, seen, true, Acc).
            "#,
        );
    }

    #[test]
    fn a_head_for_timeouts_of_the_old_release() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_ping_response, HostType, fun ?MODULE:answered/3, #{}, 50}]).

            answered(undefined, #{jid := Jid}, _) ->
            %%       ^^^^^^^^^ error[changed-accumulator]: what `mod_a:answered/3` does with it here was written for the old one
                lost(Jid),
                {ok, undefined};
            answered(Acc, _, _) ->
                {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn a_comparison_with_what_it_was() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_ping_response, HostType, fun ?MODULE:answered/3, #{}, 50}]).

            answered(Acc, #{jid := Jid}, _) when Acc =:= undefined ->
            %%                                   ^^^ error[changed-accumulator]: was written for the old one
                lost(Jid), {ok, Acc};
            answered(Acc, _, _) ->
                {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn handed_to_a_module_of_others() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_ping_response, HostType, fun mod_b:answered/3, #{}, 50}]).
            //- src/mod_b.erl
            -module(mod_b).

            answered(Acc, #{jid := Jid}, _) ->
                acme_stats:ping(Acc, Jid),
            %%  ^^^^^^^^^^^^^^^^^^^^^^^^^ error[changed-accumulator]: what `mod_b:answered/3` does with it here was written for the old one
                {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn a_result_of_its_own() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_ping_response, HostType, fun ?MODULE:answered/3, #{}, 50}]).

            answered(_Acc, #{jid := Jid}, _) ->
                case is_watched(Jid) of
                    true -> {ok, watched};
            %%              ^^^^^^^^^^^^^ warning[changed-accumulator]: the handlers that follow get what `mod_a:answered/3` makes instead of it
            %% = related: and here
                    false -> {ok, unwatched}
                end.
            "#,
        );
    }

    #[test]
    fn one_function_for_ping_and_others() {
        check_rule(
            RULE,
            r#"
            -define(HOOKS, [user_ping_response, remove_user]).

            start(HostType, _Opts) ->
                gen_hook:add_handlers([{Hook, HostType, fun ?MODULE:touch/3, #{hook => Hook}, 50} || Hook <- ?HOOKS]).

            touch(Acc, #{jid := Jid}, #{hook := Hook}) ->
                try stat(Hook, Jid, mongoose_acc:lserver(Acc))
            %%                      ^^^^^^^^^^^^^^^^^^^^^^^^^ error[changed-accumulator]: `mongoose_acc:lserver` fails on it, and `mod_a:touch/3` goes on with what catches that
                catch _:_ -> ok
                end,
                {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn passed_on() {
        untouched(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_ping_response, HostType, fun ?MODULE:answered/3, #{}, 50}]).

            answered(Acc, #{response := timeout, jid := Jid}, #{host_type := HostType}) ->
                notify(HostType, Jid),
                {ok, Acc};
            answered(Acc, _Params, _Extra) ->
                {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn passed_on_by_many_ways() {
        untouched(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_ping_response, HostType, fun ?MODULE:a/3, #{}, 50},
                                       {user_ping_response, HostType, fun ?MODULE:b/3, #{}, 51},
                                       {user_ping_response, HostType, fun ?MODULE:c/3, #{}, 52},
                                       {user_ping_response, HostType, fun ?MODULE:d/3, #{}, 53}]).

            a(Acc, #{response := timeout} = Params, Extra) -> timeout(Acc, Params, Extra);
            a(Acc, #{response := _} = Params, Extra) -> answer(Params, Extra, Acc).

            timeout(Acc, #{jid := Jid}, _) -> lost(Jid), {ok, Acc}.

            answer(#{time_delta := Delta}, _, Acc) ->
                if Delta > 1000 -> slow();
                   true -> ok
                end,
                {ok, Acc}.

            b(Acc, #{jid := Jid}, _) ->
                Result = try touch(Jid) of
                             ok -> {ok, Acc}
                         catch
                             _:_ -> {stop, Acc}
                         end,
                Result.

            c(#{} = Acc, Params, _) when is_map(Acc) ->
                ?LOG_DEBUG(#{what => ping, acc => Acc, params => Params}),
                {ok, Acc}.

            d(Acc, #{jid := Jid}, _) ->
                Acc1 = case is_watched(Jid) of
                           true -> watch(Jid), Acc;
                           false -> Acc
                       end,
                {ok, Acc1}.
            "#,
        );
    }

    #[test]
    fn the_accumulator_of_other_hooks() {
        untouched(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:sent/3, #{}, 50},
                                       {filter_packet, global, fun ?MODULE:filter/3, #{}, 50},
                                       {check_bl_c2s, global, fun ?MODULE:bad/3, #{}, 50}]).

            sent(Acc, _, _) -> {ok, mongoose_acc:set(acme, sent, true, Acc)}.
            filter({From, To, Acc, Packet}, _, _) -> {ok, {From, To, Acc, Packet}}.
            bad(true, _, _) -> {stop, true};
            bad(false, _, _) -> {ok, false}.
            "#,
        );
    }

    #[test]
    fn the_new_accumulator_of_a_hook_that_is_gone() {
        untouched(
            RULE,
            r#"
            %% What its replacement asks for is said where the hook is said to be gone.
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{sm_broadcast, HostType, fun ?MODULE:broadcast/3, #{}, 50}]).

            broadcast(Acc, _, _) -> count(mongoose_acc:host_type(Acc)), {ok, Acc}.
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
                [{user_ping_response, HostType, fun ?MODULE:answered/3, #{}, 50},
                 {user_send_packet, HostType, fun ?MODULE:sent/3, #{}, 50}].

            answered(Acc, #{jid := Jid}, _) -> {ok, Acc#{last => Jid}}.
            sent(Acc, #{c2s_data := Data}, _) -> note(mongoose_c2s:get_jid(Data)), {ok, Acc}.
            "#,
        );
    }
}
