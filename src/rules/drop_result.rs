//! `drop-result`.

use super::conditions;
use super::{Rule, Serving};
use crate::catalog::HookStatus;
use crate::finding::{Finding, Rewrite, Severity};
use crate::project::eval::Style;
use crate::project::handlers::Return;

rule! {
    /// Finds a handler that drops a stanza by `{ok, drop}` where `{stop, drop}` is expected now.
    ///
    /// ## Why it matters
    ///
    /// `{ok, drop}` still drops the stanza. But the handlers that follow are called with the atom `drop` as
    /// their accumulator, and those of the server that had a clause for it in 6.0.0 lost it in 6.1.0: each of them fails
    /// on every dropped stanza, and each time `hook_failed` is logged.
    ///
    /// ## Example
    ///
    /// ```erlang
    /// filter({From, _To, _Acc, _Packet} = FPacket, _Params, _Extra) ->
    ///     case is_banned(From) of
    ///         true -> {ok, drop};
    ///         false -> {ok, FPacket}
    ///     end.
    /// ```
    ///
    /// ```erlang
    ///         true -> {stop, drop};
    /// ```
    DropResult, "drop-result", Warning
}

impl Rule for DropResult {
    declared!();

    fn judges(&self, _style: Style) -> bool {
        true
    }

    fn serving(&self, serving: &Serving<'_>, out: &mut Vec<Finding>) {
        if !matches!(serving.status(), HookStatus::Changed | HookStatus::Meaning) {
            return;
        }
        let Some(change) = serving.fate.change() else { return };
        let Some(drop) = &change.drop else { return };
        for path in serving.handler.returns() {
            let Return::Ok(payload) = &path.what else { continue };
            if !payload.drop {
                continue;
            }
            let shared = conditions::shared_with(serving, change);
            let mechanical = payload.drop_is_literal && shared.is_none();
            let message = format!(
                "`{}` drops the stanza with `{}`: handlers of `{}` that follow get `drop` as their accumulator, for which \
                 some of the server's own lost their clause in {}",
                serving.handler.mfa(),
                if serving.is_legacy() { "drop" } else { &drop.before },
                serving.hook,
                serving.target(),
            );
            let mut finding = serving
                .finding(self, path.place.clone(), message)
                .label(format!("return `{}`", drop.after))
                .note(drop.note.clone())
                .help(format!("return `{}`", drop.after))
                .evidence(&change.evidence)
                .rewrite(if mechanical { Rewrite::Mechanical } else { Rewrite::Suggestion });
            if let Some(other) = shared {
                let note =
                    format!("The function is the handler of `{other}` as well, where the result means something else.");
                finding.notes.push(note);
            }
            if serving.migrated {
                finding.severity = Severity::Info;
            }
            finding.related.push(serving.registered_here());
            out.push(finding.fix(serving.fix()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check_rule, untouched};
    use super::*;

    const RULE: &str = DropResult::NAME;

    #[test]
    fn a_literal_in_a_branch() {
        check_rule(
            RULE,
            r#"
            start(_HostType, _Opts) ->
                gen_hook:add_handlers([{filter_packet, global, fun ?MODULE:filter/3, #{}, 50}]).

            filter({From, _To, _Acc, _Packet} = FPacket, _Params, _Extra) ->
                case is_banned(From) of
                    true -> {ok, drop};
            %%              ^^^^^^^^^^ warning[drop-result]: `mod_a:filter/3` drops the stanza with `{ok, drop}`: handlers of `filter_packet` that follow get `drop` as their accumulator, for which some of the server's own lost their clause in 6.1.0
            %% = label: return `{stop, drop}`
            %% = help: return `{stop, drop}`
            %% = related: `mod_a:filter/3` is registered for `filter_packet` here
            %% = rewrite: mechanical
                    false -> {ok, FPacket}
                end.
            "#,
        );
    }

    #[test]
    fn local_delivery_and_other_clusters() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{filter_local_packet, HostType, fun ?MODULE:local/3, #{}, 20},
                                       {mod_global_distrib_unknown_recipient, HostType, fun ?MODULE:unknown/3, #{}, 20}]).

            local({_, _, Acc, _} = P, _, _) ->
                maybe_drop(mongoose_acc:stanza_type(Acc), P).

            maybe_drop(<<"headline">>, _) -> {ok, drop};
            %%                               ^^^^^^^^^^ warning[drop-result]: handlers of `filter_local_packet` that follow get `drop`
            %% = rewrite: mechanical
            maybe_drop(_, P) -> {ok, P}.

            unknown(P, _, _) when tuple_size(P) =:= 4 -> store(P), {ok, drop}.
            %%                                                     ^^^^^^^^^^ warning[drop-result]: handlers of `mod_global_distrib_unknown_recipient` that follow get `drop`
            %% = rewrite: mechanical
            "#,
        );
    }

    #[test]
    fn drop_by_way_of_a_variable_or_a_call() {
        check_rule(
            RULE,
            r#"
            start(_HostType, _Opts) ->
                gen_hook:add_handlers([{filter_packet, global, fun ?MODULE:a/3, #{}, 50},
                                       {filter_packet, global, fun mod_b:b/3, #{}, 51}]).

            a({_, To, _, _} = P, _, _) ->
                Result = if To =:= none -> drop;
                            true -> P
                         end,
                {ok, Result}.
            %%  ^^^^^^^^^^^^ warning[drop-result]: `mod_a:a/3` drops the stanza
            %% = rewrite: suggestion
            //- src/mod_b.erl
            -module(mod_b).

            b(P, _, _) -> {ok, check(P)}.
            %%            ^^^^^^^^^^^^^^ warning[drop-result]: `mod_b:b/3` drops the stanza
            %% = rewrite: suggestion

            check({_, _, _, #xmlel{name = <<"presence">>}}) -> drop;
            check(P) -> P.
            "#,
        );
    }

    #[test]
    fn a_decision_called_drop() {
        check_rule(
            RULE,
            r#"
            start(_HostType, _Opts) ->
                gen_hook:add_handlers([{filter_packet, global, fun ?MODULE:a/3, #{}, 50},
                                       {filter_packet, global, fun ?MODULE:b/3, #{}, 51}]).

            a(P, _, _) ->
                case acme_rules:decide(P) of
                    drop -> {ok, drop};
            %%              ^^^^^^^^^^ warning[drop-result]: `mod_a:a/3` drops the stanza
                    pass -> {ok, P}
                end.

            b(P, _, _) -> apply_rule(acme_rules:decide(P), P).

            apply_rule(drop, _) -> {ok, drop};
            %%                     ^^^^^^^^^^ warning[drop-result]: `mod_a:b/3` drops the stanza
            apply_rule(pass, P) -> {ok, P}.
            "#,
        );
    }

    #[test]
    fn the_same_function_for_a_hook_with_other_results() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{Hook, HostType, fun ?MODULE:refuse/3, #{}, 50}
                                       || Hook <- [filter_local_packet, acme_filter]]).

            refuse(_, _, _) -> {ok, drop}.
            %%                 ^^^^^^^^^^ warning[drop-result]: `mod_a:refuse/3` drops the stanza
            %% = note: The function is the handler of `acme_filter` as well
            %% = rewrite: suggestion
            "#,
        );
    }

    #[test]
    fn the_same_function_for_both_filters() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{filter_packet, global, fun ?MODULE:refuse/3, #{}, 50},
                                       {filter_local_packet, HostType, fun ?MODULE:refuse/3, #{}, 50}]).

            refuse(_, _, _) -> {ok, drop}.
            %%                 ^^^^^^^^^^ warning[drop-result]: handlers of `filter_packet` that follow get `drop`
            %% = rewrite: mechanical
            %%                 ^^^^^^^^^^ warning[drop-result]: handlers of `filter_local_packet` that follow get `drop`
            %% = rewrite: mechanical
            "#,
        );
    }

    #[test]
    fn in_a_module_that_has_moved_on() {
        check_rule(
            RULE,
            r#"
            -export([hooks/1]).

            hooks(HostType) ->
                [{user_send_message, HostType, fun ?MODULE:sent/3, #{}, 5},
                 {filter_local_packet, HostType, fun ?MODULE:filter/3, #{}, 50}].

            sent(Acc, _, _) -> {stop, Acc}.
            filter(_, _, _) -> {ok, drop}.
            %%                 ^^^^^^^^^^ info[drop-result]: `mod_a:filter/3` drops the stanza
            "#,
        );
    }

    #[test]
    fn stopped() {
        untouched(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{filter_packet, global, fun ?MODULE:a/3, #{}, 50},
                                       {filter_local_packet, HostType, fun ?MODULE:b/3, #{}, 50}]).

            a({From, _, _, _} = P, _, _) ->
                case is_banned(From) of
                    true -> {stop, drop};
                    false -> {ok, P}
                end.

            b(_, _, _) -> {stop, drop}.
            "#,
        );
    }

    #[test]
    fn what_was_dropped_before_is_passed_on() {
        untouched(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{filter_packet, global, fun ?MODULE:a/3, #{}, 50},
                                       {filter_packet, global, fun ?MODULE:b/3, #{}, 51},
                                       {filter_packet, global, fun ?MODULE:c/3, #{}, 52},
                                       {filter_packet, global, fun ?MODULE:d/3, #{}, 53},
                                       {filter_local_packet, HostType, fun ?MODULE:e/3, #{}, 54},
                                       {filter_local_packet, HostType, fun ?MODULE:f/3, #{}, 55}]).

            a(drop, _, _) -> {ok, drop};
            a(P, _, _) -> note(P), {ok, P}.

            b(drop = Acc, _, _) -> {ok, Acc};
            b(P, _, _) -> {ok, P}.

            c(Acc, _, _) ->
                case Acc of
                    drop -> {ok, drop};
                    {_, _, _, Packet} -> note(Packet), {ok, Acc}
                end.

            d(Acc, _, _) when Acc =:= drop -> {ok, drop};
            d(P, _, _) -> {ok, P}.

            e(P, _, _) -> {ok, checked(P)}.

            checked(drop) -> drop;
            checked({_, _, _, _} = P) -> P.

            f(P, _, _) ->
                case acme_rules:decide(P) of
                    drop -> {stop, drop};
                    Other -> {ok, Other}
                end.
            "#,
        );
    }

    #[test]
    fn drop_on_other_hooks() {
        untouched(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{s2s_allow_host, HostType, fun ?MODULE:a/3, #{}, 50},
                                       {acme_filter, HostType, fun ?MODULE:a/3, #{}, 50},
                                       {filter_room_packet, HostType, fun ?MODULE:a/3, #{}, 50}]).

            a(_, _, _) -> {ok, drop}.
            "#,
        );
    }

    #[test]
    fn other_words() {
        untouched(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{filter_local_packet, HostType, fun ?MODULE:filter/3, #{}, 50}]).

            filter({From, To, Acc, Packet}, _, _) ->
                drop = acme_rules:default(),
                Acc1 = mongoose_acc:set(acme, verdict, drop, Acc),
                {ok, {From, To, Acc1, drop(Packet)}}.

            drop(Packet) -> Packet.
            "#,
        );
    }

    #[test]
    fn removed_hooks_dropped_otherwise() {
        untouched(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{c2s_preprocessing_hook, HostType, fun ?MODULE:f/3, #{}, 50}]).

            f(Acc, _, _) -> {ok, mongoose_acc:set(hook, result, drop, Acc)}.
            "#,
        );
    }
}
