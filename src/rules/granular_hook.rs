//! `granular-hook`.

use super::conditions;
use super::{Rule, Serving};
use crate::catalog::HookStatus;
use crate::finding::Finding;
use crate::project::eval::Style;
use crate::project::handlers::Return;

rule! {
    /// Finds a handler of a general hook that serves one kind of stanza: the hook for that kind fits better.
    ///
    /// ## Why it matters
    ///
    /// From 6.1.0 on, `user_send_packet` and `user_receive_packet` are run for every element of a session, and
    /// messages, IQs and presences have hooks of their own. The server's handlers moved there. A handler that stays on the
    /// general hook works, is called more often than it needs to be, and runs before all of those that moved, whatever its priority.
    ///
    /// This is advice: the specific hook is not called for stanzas that privacy lists block before the handler's priority.
    ///
    /// ## Example
    ///
    /// ```erlang
    /// hooks(HostType) ->
    ///     [{user_send_packet, HostType, fun ?MODULE:archive/3, #{}, 55}].
    ///
    /// archive(Acc, _Params, _Extra) ->
    ///     case mongoose_acc:stanza_name(Acc) of
    ///         <<"message">> -> {ok, store(Acc)};
    ///         _ -> {ok, Acc}
    ///     end.
    /// ```
    ///
    /// ```erlang
    /// hooks(HostType) ->
    ///     [{user_send_message, HostType, fun ?MODULE:archive/3, #{}, 55}].
    /// ```
    GranularHook, "granular-hook", Info
}

impl Rule for GranularHook {
    declared!();

    fn judges(&self, _style: Style) -> bool {
        true
    }

    fn serving(&self, serving: &Serving<'_>, out: &mut Vec<Finding>) {
        if serving.status() != HookStatus::Changed || serving.migrated {
            return;
        }
        let Some(change) = serving.fate.change() else { return };
        if serving.fate.replacements.iter().all(|successor| successor.serves.is_empty()) {
            return;
        }
        let stanzas = serving.handler.stanzas();
        let Some(kind) = stanzas.only_kind() else { return };
        let Some(better) = serving.fate.replacements.iter().find(|successor| successor.serves == kind) else { return };
        let message = format!(
            "`{}` serves stanzas of the kind `{kind}` only: `{}` is for them",
            serving.handler.mfa(),
            better.hook.name,
        );
        let priority = better.priority.map(|priority| format!(" with priority {priority}")).unwrap_or_default();
        let mut finding = serving
            .finding(self, serving.registration.place.clone(), message)
            .label(format!("called for every element in {}", serving.target()))
            .help(format!("register for `{}`{priority}", better.hook.name))
            .evidence(&change.evidence);
        if !better.note.is_empty() {
            finding.notes.push(better.note.to_owned());
        }
        let stops = serving.handler.returns().iter().any(|path| matches!(path.what, Return::Stop(_)));
        if stops && !change.stop.is_empty() {
            finding.notes.push("On that hook too, `{stop, Acc}` keeps the stanza from going on.".to_owned());
        }
        if let Some(dispatch) = stanzas.dispatches.first() {
            finding = finding.related(dispatch.place.clone(), format!("only `{kind}` is acted on"));
        }
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

    const RULE: &str = GranularHook::NAME;

    #[test]
    fn a_case_over_the_name() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:archive/3, #{}, 55}]).
            %%                          ^^^^^^^^^^^^^^^^ info[granular-hook]: `mod_a:archive/3` serves stanzas of the kind `message` only: `user_send_message` is for them
            %% = label: called for every element in 6.1.0
            %% = help: register for `user_send_message`
            %% = related: only `message` is acted on
            %% = note: With the same priority the order among the server's own handlers stays
            %% = note: Everything that a mechanical rewrite needs was found on this handler.
            %% = rewrite: mechanical

            archive(Acc, _Params, _Extra) ->
                case mongoose_acc:stanza_name(Acc) of
                    <<"message">> -> {ok, store(Acc)};
                    _ -> {ok, Acc}
                end.
            "#,
        );
    }

    #[test]
    fn the_heads_of_a_helper() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:caps/3, #{}, 75}]).
            %%                          ^^^^^^^^^^^^^^^^ info[granular-hook]: serves stanzas of the kind `presence` only: `user_send_presence` is for them
            %% = note: above 50 it comes after the presence was routed
            %% = rewrite: mechanical

            caps(Acc, _, _) ->
                {From, To, Packet} = mongoose_acc:packet(Acc),
                {ok, caps(Acc, From, To, Packet)}.

            caps(Acc, From, #jid{lresource = <<>>}, #xmlel{name = <<"presence">>} = El) ->
                remember(From, El),
                mongoose_acc:set(acme, caps, true, Acc);
            caps(Acc, _From, _To, _El) ->
                Acc.
            "#,
        );
    }

    #[test]
    fn a_comparison_and_a_predicate() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:a/3, #{}, 55},
            %%                          ^^^^^^^^^^^^^^^^ info[granular-hook]: `mod_a:a/3` serves stanzas of the kind `message` only
                                       {user_send_packet, HostType, fun ?MODULE:b/3, #{}, 56},
            %%                          ^^^^^^^^^^^^^^^^ info[granular-hook]: `mod_a:b/3` serves stanzas of the kind `iq` only: `user_send_iq` is for them
                                       {user_send_packet, HostType, fun ?MODULE:c/3, #{}, 57}]).
            %%                          ^^^^^^^^^^^^^^^^ info[granular-hook]: `mod_a:c/3` serves stanzas of the kind `message` only

            a(Acc, _, _) ->
                case mongoose_acc:stanza_name(Acc) =:= <<"message">> andalso is_big(Acc) of
                    true -> note(Acc), {ok, Acc};
                    false -> {ok, Acc}
                end.

            b(Acc, _, _) ->
                Name = mongoose_acc:stanza_name(Acc),
                if Name == <<"iq">> -> note(Acc), {ok, Acc};
                   true -> {ok, Acc}
                end.

            c(Acc, _, _) ->
                case is_message(mongoose_acc:element(Acc)) of
                    true -> {ok, store(Acc)};
                    false -> {ok, Acc}
                end.

            is_message(#xmlel{name = <<"message">>}) -> true;
            is_message(_) -> false.
            "#,
        );
    }

    #[test]
    fn stopping_needs_a_person() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:filter/3, #{}, 15}]).
            %%                          ^^^^^^^^^^^^^^^^ info[granular-hook]: `mod_a:filter/3` serves stanzas of the kind `message` only
            %% = note: On that hook too, `{stop, Acc}` keeps the stanza from going on.
            %% = note: A person has to look at the rewrite: not every path is seen to return `{ok, _}`.
            %% = rewrite: suggestion

            filter(Acc, _, _) ->
                case mongoose_acc:element(Acc) of
                    #xmlel{name = <<"message">>} = El -> check(El, Acc);
                    _ -> {ok, Acc}
                end.

            check(El, Acc) ->
                case is_spam(El) of
                    true -> {stop, Acc};
                    false -> {ok, Acc}
                end.
            "#,
        );
    }

    #[test]
    fn a_choice_behind_a_try() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:archive/3, #{}, 55}]).
            %%                          ^^^^^^^^^^^^^^^^ info[granular-hook]: serves stanzas of the kind `message` only: `user_send_message` is for them
            %% = rewrite: mechanical

            archive(Acc, _Params, _Extra) ->
                try mongoose_acc:element(Acc) of
                    #xmlel{name = <<"message">>} = El -> store(El), {ok, Acc};
                    _ -> {ok, Acc}
                catch
                    _:_ -> {ok, Acc}
                end.
            "#,
        );
    }

    #[test]
    fn a_failure_that_is_told_is_told_of_all() {
        untouched(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:archive/3, #{}, 55}]).

            archive(Acc, _Params, _Extra) ->
                try mongoose_acc:element(Acc) of
                    #xmlel{name = <<"message">>} = El -> store(El), {ok, Acc};
                    _ -> {ok, Acc}
                catch
                    _:Reason -> tell(Reason), {ok, Acc}
                end.
            "#,
        );
    }

    #[test]
    fn received_messages() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_receive_packet, HostType, fun ?MODULE:high/3, #{}, 85},
            %%                          ^^^^^^^^^^^^^^^^^^^ info[granular-hook]: `mod_a:high/3` serves stanzas of the kind `message` only: `user_receive_message` is for them
            %% = rewrite: mechanical
                                       {user_receive_packet, HostType, fun ?MODULE:low/3, #{}, 5},
            %%                          ^^^^^^^^^^^^^^^^^^^ info[granular-hook]: `mod_a:low/3` serves stanzas of the kind `message` only
            %% = note: its priority is not seen to be above that of the privacy check (10)
            %% = rewrite: suggestion
                                       {user_receive_packet, HostType, fun ?MODULE:changed/3, #{}, 80}]).
            %%                          ^^^^^^^^^^^^^^^^^^^ info[granular-hook]: `mod_a:changed/3` serves stanzas of the kind `message` only
            %% = note: the handler changes the stanza in the accumulator
            %% = rewrite: suggestion

            high(Acc, #{jid := Jid}, _) ->
                case mongoose_acc:stanza_name(Acc) of
                    <<"message">> -> note(Jid, Acc), {ok, Acc};
                    _ -> {ok, Acc}
                end.

            low(Acc, _, _) ->
                case mongoose_acc:stanza_name(Acc) of
                    <<"message">> -> note(Acc), {ok, Acc};
                    _ -> {ok, Acc}
                end.

            changed(Acc, _, _) ->
                case mongoose_acc:stanza_name(Acc) of
                    <<"message">> -> {ok, mongoose_acc:update_stanza(stamped(Acc), Acc)};
                    _ -> {ok, Acc}
                end.
            "#,
        );
    }

    #[test]
    fn a_name_in_a_condition_of_the_host_type() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:sent/3, #{}, 55}]).
            %%                          ^^^^^^^^^^^^^^^^ info[granular-hook]: serves stanzas of the kind `message` only

            sent(Acc, _, #{host_type := HostType}) ->
                ?LOG_DEBUG(#{what => sent, acc => Acc}),
                case gen_mod:get_module_opt(HostType, ?MODULE, enabled) of
                    true ->
                        El = mongoose_acc:element(Acc),
                        case El#xmlel.name of
                            <<"message">> -> {ok, store(Acc)};
                            _ -> {ok, Acc}
                        end;
                    false ->
                        {ok, Acc}
                end.
            "#,
        );
    }

    #[test]
    fn several_kinds() {
        untouched(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:a/3, #{}, 55},
                                       {user_send_packet, HostType, fun ?MODULE:b/3, #{}, 56},
                                       {user_receive_packet, HostType, fun ?MODULE:c/3, #{}, 57}]).

            a(Acc, _, _) ->
                case mongoose_acc:stanza_name(Acc) of
                    <<"message">> -> {ok, store(Acc)};
                    <<"presence">> -> {ok, touch(Acc)};
                    _ -> {ok, Acc}
                end.

            b(Acc, _, _) ->
                case lists:member(mongoose_acc:stanza_name(Acc), [<<"message">>, <<"iq">>]) of
                    true -> {ok, store(Acc)};
                    false -> {ok, Acc}
                end.

            c(Acc, _, _) -> note(Acc), {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn something_is_done_for_all() {
        untouched(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:a/3, #{}, 55},
                                       {user_send_packet, HostType, fun ?MODULE:b/3, #{}, 56},
                                       {user_send_packet, HostType, fun ?MODULE:c/3, #{}, 57},
                                       {user_send_packet, HostType, fun ?MODULE:d/3, #{}, 58},
                                       {user_send_packet, HostType, fun ?MODULE:e/3, #{}, 59},
                                       {user_send_packet, HostType, fun ?MODULE:f/3, #{}, 60}]).

            a(Acc, _, _) ->
                Count = ets:update_counter(acme, mongoose_acc:from_jid(Acc), 1),
                case mongoose_acc:stanza_name(Acc) of
                    <<"message">> when Count > 100 -> {ok, flag(Acc)};
                    _ -> {ok, Acc}
                end.

            b(Acc, _, #{host_type := HostType}) ->
                acme_stats:count(HostType),
                case mongoose_acc:stanza_name(Acc) of
                    <<"message">> -> {ok, store(Acc)};
                    _ -> {ok, Acc}
                end.

            c(Acc, _, _) ->
                Acc1 = case mongoose_acc:stanza_name(Acc) of
                           <<"message">> -> mongoose_acc:set(acme, kind, message, Acc);
                           _ -> Acc
                       end,
                {ok, mongoose_acc:set(acme, seen, true, Acc1)}.

            d(Acc, _, _) ->
                case is_bot(mongoose_acc:from_jid(Acc)) of
                    true -> acme_bots:seen(Acc), {ok, Acc};
                    false ->
                        case mongoose_acc:stanza_name(Acc) of
                            <<"message">> -> {ok, store(Acc)};
                            _ -> {ok, Acc}
                        end
                end.

            e(Acc, _, _) ->
                case mongoose_acc:stanza_name(Acc) of
                    <<"message">> -> {ok, store(Acc)};
                    _ -> acme_stats:other(), {ok, Acc}
                end.

            f(Acc, _, _) ->
                case is_blocked(mongoose_acc:from_jid(Acc)) of
                    true -> {stop, Acc};
                    false ->
                        case mongoose_acc:stanza_name(Acc) of
                            <<"message">> -> {ok, store(Acc)};
                            _ -> {ok, Acc}
                        end
                end.
            "#,
        );
    }

    #[test]
    fn everything_but_one_kind() {
        untouched(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:a/3, #{}, 55},
                                       {user_send_packet, HostType, fun ?MODULE:b/3, #{}, 56},
                                       {user_send_packet, HostType, fun ?MODULE:c/3, #{}, 57},
                                       {user_send_packet, HostType, fun ?MODULE:d/3, #{}, 58}]).

            a(Acc, _, _) ->
                case mongoose_acc:stanza_name(Acc) =/= <<"iq">> of
                    true -> note(Acc), {ok, Acc};
                    false -> {ok, Acc}
                end.

            b(Acc, _, _) ->
                Name = mongoose_acc:stanza_name(Acc),
                if Name /= <<"iq">> -> note(Acc), {ok, Acc};
                   true -> {ok, Acc}
                end.

            c(Acc, _, _) ->
                case mongoose_acc:stanza_name(Acc) of
                    Name when Name =/= <<"presence">> -> note(Acc), {ok, Acc};
                    _ -> {ok, Acc}
                end.

            d(Acc, _, _) ->
                Name = mongoose_acc:stanza_name(Acc),
                case Name =:= <<"message">> orelse is_admin(mongoose_acc:from_jid(Acc)) of
                    true -> note(Acc), {ok, Acc};
                    false -> {ok, Acc}
                end.
            "#,
        );
    }

    #[test]
    fn the_same_words_with_another_meaning() {
        untouched(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:a/3, #{}, 55},
                                       {user_send_packet, HostType, fun ?MODULE:b/3, #{}, 56},
                                       {user_send_packet, HostType, fun ?MODULE:c/3, #{}, 57}]).

            a(Acc, _, #{host_type := HostType}) ->
                case gen_mod:get_module_opt(HostType, ?MODULE, archive) of
                    <<"message">> -> {ok, store(Acc)};
                    _ -> {ok, Acc}
                end.

            b(Acc, _, _) ->
                El = mongoose_acc:element(Acc),
                case exml_query:path(El, [{element, <<"command">>}, {attr, <<"kind">>}]) of
                    <<"presence">> -> {ok, store(Acc)};
                    _ -> {ok, Acc}
                end.

            c(Acc, _, _) ->
                El = mongoose_acc:element(Acc),
                Forwarded = exml_query:path(El, [{element, <<"forwarded">>}, {element, <<"message">>}]),
                case Forwarded of
                    #xmlel{name = <<"message">>} -> {ok, store(Forwarded, Acc)};
                    undefined -> {ok, Acc}
                end.
            "#,
        );
    }

    #[test]
    fn other_hooks_of_all_stanzas() {
        untouched(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{filter_local_packet, HostType, fun ?MODULE:filter/3, #{}, 55},
                                       {xmpp_send_element, HostType, fun ?MODULE:element/3, #{}, 55}]).

            filter({_, _, _, #xmlel{name = <<"message">>}} = P, _, _) -> note(P), {ok, P};
            filter(P, _, _) -> {ok, P}.

            element(Acc, #{el := #xmlel{name = <<"message">>} = El}, _) -> note(El), {ok, Acc};
            element(Acc, _, _) -> {ok, Acc}.
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
                [{user_send_packet, HostType, fun ?MODULE:sent/3, #{}, 55},
                 {user_send_message, HostType, fun ?MODULE:message/3, #{}, 55}].

            sent(Acc, _, _) ->
                case mongoose_acc:stanza_name(Acc) of
                    <<"message">> -> {ok, store(Acc)};
                    _ -> {ok, Acc}
                end.

            message(Acc, _, _) -> {ok, Acc}.
            "#,
        );
    }
}
