//! `missing-clause`.

use super::{Rule, Serving};
use crate::catalog::HookStatus;
use crate::finding::{Finding, Rewrite};
use crate::migrate::results::fall_through;
use crate::project::eval::Style;
use crate::project::handlers::Dispatch;
use crate::rewrite::Fix;

rule! {
    /// Finds a handler without a fall-through for the further elements that its hook is now called with.
    ///
    /// ## Why it matters
    ///
    /// In 6.0.0 `user_send_packet` was run for messages, presences and IQs. In 6.1.0 it is run for everything that a
    /// client sends in a session: stream management's `a` and `r`, `active` and `inactive`, and whatever else. A `case` over
    /// three names fails on all of these with `case_clause`; each time `hook_failed` is logged, with the whole accumulator.
    ///
    /// ## Example
    ///
    /// ```erlang
    /// count(Acc, _Params, _Extra) ->
    ///     case mongoose_acc:stanza_name(Acc) of
    ///         <<"message">> -> bump(messages);
    ///         <<"presence">> -> bump(presences);
    ///         <<"iq">> -> bump(iqs)
    ///     end,
    ///     {ok, Acc}.
    /// ```
    ///
    /// ```erlang
    ///         <<"iq">> -> bump(iqs);
    ///         _ -> ok
    ///     end,
    /// ```
    MissingClause, "missing-clause", Warning
}

impl Rule for MissingClause {
    declared!();

    fn judges(&self, _style: Style) -> bool {
        true
    }

    fn serving(&self, serving: &Serving<'_>, out: &mut Vec<Finding>) {
        if serving.status() != HookStatus::Changed || serving.migrated {
            return;
        }
        let Some(change) = serving.fate.change().filter(|change| !change.more_calls.is_empty()) else { return };
        let stanzas = serving.handler.stanzas();
        let Some(dispatch) = stanzas.without_fall_through() else { return };
        let message = format!(
            "`{}` is called with further elements in {}, on which `{}` fails with `{}`, which is logged as `hook_failed`",
            serving.hook,
            serving.target(),
            serving.handler.mfa(),
            dispatch.fails_with,
        );
        let mut finding = serving
            .finding(self, dispatch.place.clone(), message)
            .label(format!("no branch for anything but `{}`", dispatch.kinds.join("`, `")))
            .note(format!("It is now called for: {}", change.more_calls))
            .help("add a branch for everything else that returns the accumulator as it is")
            .evidence(&change.evidence)
            .rewrite(Rewrite::Suggestion);
        finding.related.push(serving.registered_here());
        let fix = serving.wants_fix().then(|| fix(serving, dispatch));
        out.push(finding.fix(fix));
    }
}

/// The hook for the one kind that the handler serves, when it can move there and be called for nothing else; or what
/// is missing.
fn fix(serving: &Serving<'_>, dispatch: &Dispatch) -> Result<Fix, String> {
    let only = serving.handler.stanzas().only_kind();
    let has_own = |kind: &str| serving.fate.replacements.iter().any(|successor| successor.serves == kind);
    if only.is_some_and(has_own)
        && let Some(Ok(moved)) = serving.fix()
        && moved.is_safe()
    {
        return Ok(moved);
    }
    let added = fall_through::complete(serving, dispatch)?;
    let mfa = serving.handler.mfa();
    let title = format!("let `{}/{}` pass on what it does not know", mfa.function, mfa.arity);
    Ok(Fix::new(title, added.edits).because(added.reasons))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check_rule, untouched};
    use super::*;

    const RULE: &str = MissingClause::NAME;

    #[test]
    fn a_case_over_three_names() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:count/3, #{}, 55}]).

            count(Acc, _Params, _Extra) ->
                case mongoose_acc:stanza_name(Acc) of
            %%       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ warning[missing-clause]: `user_send_packet` is called with further elements in 6.1.0, on which `mod_a:count/3` fails with `case_clause`, which is logged as `hook_failed`
            %% = label: no branch for anything but `iq`, `message`, `presence`
            %% = note: It is now called for: Every element that the client sends in an established session
            %% = help: add a branch for everything else that returns the accumulator as it is
            %% = related: `mod_a:count/3` is registered for `user_send_packet` here
            %% = rewrite: suggestion
                    <<"message">> -> bump(messages);
                    <<"presence">> -> bump(presences);
                    <<"iq">> -> bump(iqs)
                end,
                {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn heads_of_a_helper_in_another_clause() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:count/3, #{}, 55}]).

            count(Acc, _, _) ->
                {_From, _To, El} = mongoose_acc:packet(Acc),
                bump(El),
            %%  ^^^^^^^^ warning[missing-clause]: fails with `function_clause`
                {ok, Acc}.

            bump(#xmlel{name = <<"message">>}) -> acme:bump(messages);
            bump(#xmlel{name = <<"presence">>}) -> acme:bump(presences);
            bump(#xmlel{name = <<"iq">>}) -> acme:bump(iqs).
            "#,
        );
    }

    #[test]
    fn a_match_and_an_if() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:a/3, #{}, 55},
                                       {user_send_packet, HostType, fun ?MODULE:b/3, #{}, 56}]).

            a(Acc, _, _) ->
                {_, _, #xmlel{name = <<"message">>, children = Children}} = mongoose_acc:packet(Acc),
            %%  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ warning[missing-clause]: `mod_a:a/3` fails with `badmatch`
                note(Children),
                {ok, Acc}.

            b(Acc, _, _) ->
                Name = mongoose_acc:stanza_name(Acc),
                if Name =:= <<"message">>; Name =:= <<"presence">> -> note(Acc), {ok, Acc};
            %%  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ warning[missing-clause]: `mod_a:b/3` fails with `if_clause`
                   Name =:= <<"iq">> -> {ok, Acc}
                end.
            "#,
        );
    }

    #[test]
    fn names_in_a_condition_of_the_host_type() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_receive_packet, HostType, fun ?MODULE:count/3, #{}, 55}]).

            count(Acc, _, #{host_type := HostType}) ->
                case gen_mod:get_module_opt(HostType, ?MODULE, counting) of
                    true ->
                        Kind = kind(mongoose_acc:stanza_name(Acc)),
            %%                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ warning[missing-clause]: `user_receive_packet` is called with further elements in 6.1.0, on which `mod_a:count/3` fails with `function_clause`
                        acme:bump(Kind);
                    false -> ok
                end,
                {ok, Acc}.

            kind(<<"message">>) -> messages;
            kind(<<"presence">>) -> presences;
            kind(<<"iq">>) -> iqs.
            "#,
        );
    }

    #[test]
    fn a_last_clause_with_a_guard() {
        check_rule(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:count/3, #{}, 55}]).

            count(Acc, _, _) ->
                case mongoose_acc:element(Acc) of
            %%       ^^^^^^^^^^^^^^^^^^^^^^^^^ warning[missing-clause]: fails with `case_clause`
                    #xmlel{name = <<"message">>} -> note(Acc), {ok, Acc};
                    #xmlel{name = Name} when Name =:= <<"iq">>; Name =:= <<"presence">> -> {ok, Acc}
                end.
            "#,
        );
    }

    #[test]
    fn a_branch_for_everything_else() {
        untouched(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:a/3, #{}, 55},
                                       {user_send_packet, HostType, fun ?MODULE:b/3, #{}, 56},
                                       {user_send_packet, HostType, fun ?MODULE:c/3, #{}, 57},
                                       {user_send_packet, HostType, fun ?MODULE:d/3, #{}, 58},
                                       {user_send_packet, HostType, fun ?MODULE:e/3, #{}, 59}]).

            a(Acc, _, _) ->
                case mongoose_acc:stanza_name(Acc) of
                    <<"message">> -> bump(messages);
                    _ -> ok
                end,
                {ok, Acc}.

            b(Acc, _, _) ->
                {_, _, El} = mongoose_acc:packet(Acc),
                note(El, Acc),
                {ok, Acc}.

            note(#xmlel{name = <<"message">>}, Acc) -> bump(Acc);
            note(#xmlel{name = Name, attrs = _}, _Acc) -> other(Name).

            c(Acc, _, _) ->
                case {mongoose_acc:stanza_name(Acc), mongoose_acc:stanza_type(Acc)} of
                    {<<"message">>, <<"chat">>} -> bump(chats), {ok, Acc};
                    {Name, Type} -> other(Name, Type), {ok, Acc}
                end.

            d(Acc, _, _) ->
                case mongoose_acc:element(Acc) of
                    #xmlel{name = <<"message">>} -> bump(messages), {ok, Acc};
                    #xmlel{} -> {ok, Acc}
                end.

            e(Acc, _, _) ->
                Name = mongoose_acc:stanza_name(Acc),
                if Name =:= <<"message">> -> bump(messages), {ok, Acc};
                   true -> {ok, Acc}
                end.
            "#,
        );
    }

    #[test]
    fn a_failure_that_is_caught() {
        untouched(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:count/3, #{}, 55},
                                       {user_send_packet, HostType, fun ?MODULE:old/3, #{}, 56}]).

            count(Acc, _, _) ->
                try
                    case mongoose_acc:stanza_name(Acc) of
                        <<"message">> -> bump(messages);
                        <<"presence">> -> bump(presences)
                    end
                catch
                    error:_ -> bump(others)
                end,
                {ok, Acc}.

            old(Acc, _, _) ->
                catch kind(mongoose_acc:stanza_name(Acc)),
                {ok, Acc}.

            kind(<<"message">>) -> messages;
            kind(<<"iq">>) -> iqs.
            "#,
        );
    }

    #[test]
    fn only_stanzas_of_a_known_kind_get_there() {
        untouched(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:a/3, #{}, 55},
                                       {user_send_packet, HostType, fun ?MODULE:b/3, #{}, 56},
                                       {user_send_packet, HostType, fun ?MODULE:c/3, #{}, 57}]).

            a(Acc, _, _) ->
                case mongoose_acc:stanza_type(Acc) of
                    <<"groupchat">> ->
                        #xmlel{name = <<"message">>, children = Children} = mongoose_acc:element(Acc),
                        note(Children), {ok, Acc};
                    _ -> {ok, Acc}
                end.

            b(Acc, _, _) ->
                case lists:member(mongoose_acc:stanza_name(Acc), [<<"message">>, <<"presence">>]) of
                    true ->
                        case mongoose_acc:stanza_name(Acc) of
                            <<"message">> -> bump(messages);
                            <<"presence">> -> bump(presences)
                        end;
                    false -> ok
                end,
                {ok, Acc}.

            c(Acc, _, _) ->
                {_, To, El} = mongoose_acc:packet(Acc),
                IsRoom = acme_rooms:is_room(To),
                case IsRoom of
                    true -> room(El);
                    false -> ok
                end,
                {ok, Acc}.

            room(#xmlel{name = <<"message">>}) -> bump(messages);
            room(#xmlel{name = <<"presence">>}) -> bump(presences).
            "#,
        );
    }

    #[test]
    fn a_process_of_its_own_may_fail() {
        untouched(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:count/3, #{}, 55}]).

            count(Acc, _, _) ->
                Name = mongoose_acc:stanza_name(Acc),
                spawn(fun() ->
                              case Name of
                                  <<"message">> -> bump(messages);
                                  <<"iq">> -> bump(iqs)
                              end
                      end),
                {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn hooks_that_are_called_as_before() {
        untouched(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{filter_local_packet, HostType, fun ?MODULE:filter/3, #{}, 55},
                                       {offline_message_hook, HostType, fun ?MODULE:count/3, #{}, 55}]).

            filter({_, _, _, #xmlel{name = <<"message">>}} = P, _, _) -> {ok, P};
            filter({_, _, _, #xmlel{name = <<"presence">>}} = P, _, _) -> {ok, P};
            filter({_, _, _, #xmlel{name = <<"iq">>}} = P, _, _) -> {ok, P}.

            count(Acc, _, _) ->
                case mongoose_acc:stanza_name(Acc) of <<"message">> -> {ok, Acc} end.
            "#,
        );
    }

    #[test]
    fn other_choices_without_a_fall_through() {
        untouched(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:count/3, #{}, 55}]).

            count(Acc, _, #{host_type := HostType}) ->
                case gen_mod:get_module_opt(HostType, ?MODULE, level) of
                    <<"message">> -> note(Acc);
                    <<"iq">> -> ok
                end,
                {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn code_that_cannot_be_parsed() {
        untouched(
            RULE,
            r#"
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:count/3, #{}, 55}]).

            count(Acc, _, _) ->
                case mongoose_acc:stanza_name(Acc) of
                    <<"message">> -> bump(messages;
                    _ -> ok
                end,
                {ok, Acc}.
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
                [{user_send_packet, HostType, fun ?MODULE:count/3, #{}, 55},
                 {user_send_message, HostType, fun ?MODULE:message/3, #{}, 55}].

            count(Acc, _, _) ->
                case mongoose_acc:stanza_name(Acc) of
                    <<"message">> -> bump(messages);
                    <<"iq">> -> bump(iqs)
                end,
                {ok, Acc}.

            message(Acc, _, _) -> #xmlel{name = <<"message">>} = mongoose_acc:element(Acc), {ok, Acc}.
            "#,
        );
    }
}
