//! Results, decisions and accumulators, before and after.

use crate::rules::testing::{Case, fixed, fixed_unsafely, unfixed};

#[test]
fn literals_in_all_kinds_of_branches() {
    fixed(
        "drop-result",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{filter_local_packet, HostType, fun ?MODULE:filter/3, #{}, 20}]).


        -spec filter(tuple() | drop, map(), map()) -> {ok, tuple() | drop}.
        filter({From, To, _Acc, _El} = P, _Params, _Extra) ->
            if
                From =:= To -> {ok, drop};   % to oneself
                true ->
                    try acme_rules:check(From, To) of
                        bad -> begin count(bad), {ok, drop} end;
                        wait ->
                            receive
                                {verdict, no} -> {ok, drop}
                            after 10 ->
                                {ok, P}
                            end;
                        good -> {ok, P}
                    catch
                        _:_ -> {ok, drop}
                    end
            end.
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{filter_local_packet, HostType, fun ?MODULE:filter/3, #{}, 20}]).


        -spec filter(tuple() | drop, map(), map()) -> {ok | stop, tuple() | drop}.
        filter({From, To, _Acc, _El} = P, _Params, _Extra) ->
            if
                From =:= To -> {stop, drop};   % to oneself
                true ->
                    try acme_rules:check(From, To) of
                        bad -> begin count(bad), {stop, drop} end;
                        wait ->
                            receive
                                {verdict, no} -> {stop, drop}
                            after 10 ->
                                {ok, P}
                            end;
                        good -> {ok, P}
                    catch
                        _:_ -> {stop, drop}
                    end
            end.
        "#,
    );
}

#[test]
fn the_tag_moves_into_the_branches() {
    fixed_unsafely(
        "drop-result",
        "through a variable or a call",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{filter_local_packet, HostType, fun ?MODULE:filter/3, #{}, 20}]).


        filter({From, _To, _Acc, _El} = P, _Params, _Extra) ->
            Res = case acme_rules:check(From) of
                      bad -> drop;
                      odd -> setelement(1, P, From);
                      none -> error(no_rules);
                      good -> P
                  end,
            count(filtered),
            {ok, Res}.
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{filter_local_packet, HostType, fun ?MODULE:filter/3, #{}, 20}]).


        filter({From, _To, _Acc, _El} = P, _Params, _Extra) ->
            Res = case acme_rules:check(From) of
                      bad -> {stop, drop};
                      odd -> {ok, setelement(1, P, From)};
                      none -> error(no_rules);
                      good -> {ok, P}
                  end,
            count(filtered),
            Res.
        "#,
    );
}

#[test]
fn what_is_returned_at_once_needs_no_name() {
    fixed_unsafely(
        "drop-result",
        "through a variable or a call",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{filter_local_packet, HostType, fun ?MODULE:filter/3, #{}, 20}]).


        filter({From, To, _Acc, _El} = P, _Params, _Extra) when From =:= To ->
            Res = case acme_rules:check(From) of
                      bad -> drop;
                      good -> P
                  end,
            {ok, Res};
        filter({From, _To, _Acc, _El} = P, _Params, _Extra) ->
            Res = case acme_rules:check(From) of
                bad ->
                    drop;
                good ->
                    P
            end,
            {ok, Res}.
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{filter_local_packet, HostType, fun ?MODULE:filter/3, #{}, 20}]).


        filter({From, To, _Acc, _El} = P, _Params, _Extra) when From =:= To ->
            case acme_rules:check(From) of
                bad -> {stop, drop};
                good -> {ok, P}
            end;
        filter({From, _To, _Acc, _El} = P, _Params, _Extra) ->
            case acme_rules:check(From) of
                bad ->
                    {stop, drop};
                good ->
                    {ok, P}
            end.
        "#,
    );
}

#[test]
fn what_others_make_may_be_dropped_as_well() {
    fixed_unsafely(
        "drop-result",
        "through a variable or a call",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{filter_packet, global, fun ?MODULE:filter/3, #{}, 20}]).


        filter({From, _To, _Acc, _El} = P, _Params, _Extra) ->
            Res = case acme_rules:check(From) of
                      bad -> drop;
                      good -> mongoose_hooks:mod_global_distrib_unknown_recipient(<<"host">>, P)
                  end,
            {ok, Res}.
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{filter_packet, global, fun ?MODULE:filter/3, #{}, 20}]).


        filter({From, _To, _Acc, _El} = P, _Params, _Extra) ->
            Res = case acme_rules:check(From) of
                      bad -> drop;
                      good -> mongoose_hooks:mod_global_distrib_unknown_recipient(<<"host">>, P)
                  end,
            case Res of
                drop -> {stop, drop};
                _ -> {ok, Res}
            end.
        "#,
    );
}

#[test]
fn the_tag_moves_out_of_the_tuple_around_a_choice() {
    fixed_unsafely(
        "drop-result",
        "through a variable or a call",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{filter_local_packet, HostType, fun ?MODULE:filter/3, #{}, 20}]).


        filter(P, _Params, _Extra) ->
            {ok, case acme_rules:check(P) of
                     bad -> drop;
                     _ -> P
                 end}.
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{filter_local_packet, HostType, fun ?MODULE:filter/3, #{}, 20}]).


        filter(P, _Params, _Extra) ->
            case acme_rules:check(P) of
                bad -> {stop, drop};
                _ -> {ok, P}
            end.
        "#,
    );
}

#[test]
fn a_function_that_decides_stays_as_it_is() {
    fixed_unsafely(
        "drop-result",
        "through a variable or a call",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{filter_local_packet, HostType, fun ?MODULE:filter/3, #{}, 20}]).


        filter(drop, _, _) -> {ok, drop};
        filter(P, _, _) -> {ok, check(P)}.

        -spec check(P) -> P | drop when P :: tuple().
        check({_, _, _, #xmlel{name = <<"presence">>}}) -> drop;
        check(P) -> P.
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{filter_local_packet, HostType, fun ?MODULE:filter/3, #{}, 20}]).


        filter(drop, _, _) -> {ok, drop};
        filter(P, _, _) -> case check(P) of
                               drop -> {stop, drop};
                               FPacket -> {ok, FPacket}
                           end.

        -spec check(P) -> P | drop when P :: tuple().
        check({_, _, _, #xmlel{name = <<"presence">>}}) -> drop;
        check(P) -> P.
        "#,
    );
}

#[test]
fn a_function_that_serves_this_handler_alone() {
    fixed(
        "drop-result",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{filter_local_packet, HostType, fun ?MODULE:filter/3, #{}, 20}]).


        filter({_, _, Acc, _} = P, _, _) ->
            by_type(mongoose_acc:stanza_type(Acc), P).

        by_type(<<"headline">>, _P) -> {ok, drop};
        by_type(_, P) -> {ok, P}.
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{filter_local_packet, HostType, fun ?MODULE:filter/3, #{}, 20}]).


        filter({_, _, Acc, _} = P, _, _) ->
            by_type(mongoose_acc:stanza_type(Acc), P).

        by_type(<<"headline">>, _P) -> {stop, drop};
        by_type(_, P) -> {ok, P}.
        "#,
    );
}

#[test]
fn a_function_that_serves_others_gets_an_adapter() {
    fixed(
        "drop-result",
        r#"
        -export([filter/3, check/1]).

        start(HostType, _Opts) ->
            gen_hook:add_handlers([{filter_local_packet, HostType, fun ?MODULE:filter/3, #{}, 20}]).


        filter(P, _, _) -> check(P).

        check({_, _, _, #xmlel{name = <<"presence">>}}) -> {ok, drop};
        check(P) -> {ok, P}.
        "#,
        r#"
        -export([filter/3, filter_local_packet/3, check/1]).

        start(HostType, _Opts) ->
            gen_hook:add_handlers([{filter_local_packet, HostType, fun ?MODULE:filter_local_packet/3, #{}, 20}]).


        filter(P, _, _) -> check(P).

        %% Calls filter/3 as MongooseIM 6.0.0 did for filter_local_packet.
        filter_local_packet(FPacket, Params, Extra) ->
            case filter(FPacket, Params, Extra) of
                {_, drop} -> {stop, drop};
                {Tag, NewFPacket} -> {Tag, NewFPacket}
            end.

        check({_, _, _, #xmlel{name = <<"presence">>}}) -> {ok, drop};
        check(P) -> {ok, P}.
        "#,
    );
}

#[test]
fn a_decision_that_is_looked_at_is_told_apart() {
    fixed_unsafely(
        "drop-result",
        "through a variable or a call",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{filter_local_packet, HostType, fun ?MODULE:filter/3, #{}, 20}]).

        filter(P, _, _) ->
            Res = case acme_rules:check(P) of
                      bad -> drop;
                      _ -> P
                  end,
            count(Res),
            {ok, Res}.
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{filter_local_packet, HostType, fun ?MODULE:filter/3, #{}, 20}]).

        filter(P, _, _) ->
            Res = case acme_rules:check(P) of
                      bad -> drop;
                      _ -> P
                  end,
            count(Res),
            case Res of
                drop -> {stop, drop};
                _ -> {ok, Res}
            end.
        "#,
    );
}

#[test]
fn a_clause_for_what_was_dropped_stays() {
    fixed(
        "drop-result",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{filter_local_packet, HostType, fun ?MODULE:filter/3, #{}, 20}]).


        filter(drop, _, _) ->
            {ok, drop};
        filter({_, To, _, _} = P, _, _) ->
            maybe
                true ?= acme_rules:knows(To),
                {ok, P}
            else
                false -> {ok, drop}
            end.
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{filter_local_packet, HostType, fun ?MODULE:filter/3, #{}, 20}]).


        filter(drop, _, _) ->
            {ok, drop};
        filter({_, To, _, _} = P, _, _) ->
            maybe
                true ?= acme_rules:knows(To),
                {ok, P}
            else
                false -> {stop, drop}
            end.
        "#,
    );
}

#[test]
fn a_mark_under_a_name() {
    fixed_unsafely(
        "removed-hook",
        "uses `hook`/`result`",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{c2s_preprocessing_hook, HostType, fun ?MODULE:check/3, #{}, 50}]).


        check(Acc, _Params, #{host_type := HostType}) ->
            case acme_quota:is_over(HostType) of
                true ->
                    %% Nobody shall see it.
                    Acc1 = mongoose_acc:set(hook, result, drop, Acc),
                    acme_quota:count(HostType),
                    {ok, Acc1};
                false ->
                    {ok, Acc}
            end.
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:check/3, #{}, 21}]).


        check(Acc, _Params, #{host_type := HostType}) ->
            case acme_quota:is_over(HostType) of
                true ->
                    %% Nobody shall see it.
                    acme_quota:count(HostType),
                    {stop, Acc};
                false ->
                    {ok, Acc}
            end.
        "#,
    );
}

#[test]
fn a_mark_in_a_branch() {
    fixed_unsafely(
        "removed-hook",
        "uses `hook`/`result`",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{c2s_preprocessing_hook, HostType, fun ?MODULE:check/3, #{}, 50}]).


        -spec check(mongoose_acc:t(), map(), map()) -> {ok, mongoose_acc:t()}.
        check(Acc0, _Params, _Extra) ->
            Acc = case acme_quota:is_over(mongoose_acc:from_jid(Acc0)) of
                      true -> mongoose_acc:set(hook, result, drop, Acc0);
                      false -> Acc0
                  end,
            {ok, Acc}.
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:check/3, #{}, 21}]).


        -spec check(mongoose_acc:t(), map(), map()) -> {ok | stop, mongoose_acc:t()}.
        check(Acc0, _Params, _Extra) ->
            case acme_quota:is_over(mongoose_acc:from_jid(Acc0)) of
                true -> {stop, Acc0};
                false -> {ok, Acc0}
            end.
        "#,
    );
}

#[test]
fn a_marked_accumulator_that_is_looked_at_stays() {
    fixed_unsafely(
        "removed-hook",
        "uses `hook`/`result`",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{c2s_preprocessing_hook, HostType, fun ?MODULE:check/3, #{}, 50}]).


        check(Acc, _Params, _Extra) ->
            Acc1 = mongoose_acc:set(hook, result, drop, Acc),
            acme_log:dropped(Acc1),
            {ok, Acc1}.
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:check/3, #{}, 21}]).


        check(Acc, _Params, _Extra) ->
            Acc1 = mongoose_acc:set(hook, result, drop, Acc),
            acme_log:dropped(Acc1),
            {stop, Acc1}.
        "#,
    );
}

#[test]
fn a_stop_that_did_not_drop() {
    fixed_unsafely(
        "removed-hook",
        "kept later handlers of the hook from being called",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{c2s_preprocessing_hook, HostType, fun ?MODULE:check/3, #{}, 50}]).


        check(Acc, _Params, _Extra) ->
            case acme_quota:level(Acc) of
                free -> {stop, Acc};
                over -> {stop, mongoose_acc:set(hook, result, drop, Acc)};
                _ -> {ok, Acc}
            end.
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:check/3, #{}, 21}]).


        check(Acc, _Params, _Extra) ->
            case acme_quota:level(Acc) of
                free -> {ok, Acc};
                over -> {stop, Acc};
                _ -> {ok, Acc}
            end.
        "#,
    );
}

#[test]
fn a_check_of_what_others_dropped() {
    fixed_unsafely(
        "removed-hook",
        "uses `hook`/`result`",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{c2s_preprocessing_hook, HostType, fun ?MODULE:check/3, #{}, 50}]).


        check(Acc, _Params, _Extra) ->
            case mongoose_acc:get(hook, result, undefined, Acc) of
                drop ->
                    {ok, Acc};
                _ ->
                    case acme_quota:is_over(Acc) of
                        true -> {ok, mongoose_acc:set(hook, result, drop, Acc)};
                        false -> {ok, Acc}
                    end
            end.
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:check/3, #{}, 21}]).


        check(Acc, _Params, _Extra) ->
            case acme_quota:is_over(Acc) of
                true -> {stop, Acc};
                false -> {ok, Acc}
            end.
        "#,
    );
}

#[test]
fn a_check_that_does_more_gets_an_adapter() {
    fixed_unsafely(
        "removed-hook",
        "the handler uses",
        r#"
        -export([check/3]).

        start(HostType, _Opts) ->
            gen_hook:add_handlers([{c2s_preprocessing_hook, HostType, fun ?MODULE:check/3, #{}, 50}]).


        check(Acc, _Params, _Extra) ->
            case mongoose_acc:get(hook, result, undefined, Acc) of
                drop -> acme_quota:count(dropped), {ok, Acc};
                _ -> {ok, acme_quota:mark(Acc)}
            end.
        "#,
        r#"
        -export([check/3, user_send_packet/3]).

        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:user_send_packet/3, #{}, 21}]).


        check(Acc, _Params, _Extra) ->
            case mongoose_acc:get(hook, result, undefined, Acc) of
                drop -> acme_quota:count(dropped), {ok, Acc};
                _ -> {ok, acme_quota:mark(Acc)}
            end.

        %% Calls check/3 as MongooseIM 6.0.0 did for c2s_preprocessing_hook.
        user_send_packet(Acc, Params, Extra) ->
            {_, Acc1} = check(Acc, Params, Extra),
            case mongoose_acc:get(hook, result, ok, Acc1) of
                drop -> {stop, Acc1};
                _ -> {ok, Acc1}
            end.
        "#,
    );
}

#[test]
fn a_mark_below_others_gets_an_adapter() {
    fixed_unsafely(
        "removed-hook",
        "the handler uses",
        r#"
        -export([check/3]).

        start(HostType, _Opts) ->
            gen_hook:add_handlers([{c2s_preprocessing_hook, HostType, fun ?MODULE:check/3, #{}, 50}]).


        check(Acc, _Params, _Extra) ->
            Acc1 = mongoose_acc:set(hook, result, drop, Acc),
            {ok, mongoose_acc:set(acme, checked, true, Acc1)}.
        "#,
        r#"
        -export([check/3, user_send_packet/3]).

        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:user_send_packet/3, #{}, 21}]).


        check(Acc, _Params, _Extra) ->
            Acc1 = mongoose_acc:set(hook, result, drop, Acc),
            {ok, mongoose_acc:set(acme, checked, true, Acc1)}.

        %% Calls check/3 as MongooseIM 6.0.0 did for c2s_preprocessing_hook.
        user_send_packet(Acc, Params, Extra) ->
            {_, Acc1} = check(Acc, Params, Extra),
            case mongoose_acc:get(hook, result, ok, Acc1) of
                drop -> {stop, Acc1};
                _ -> {ok, Acc1}
            end.
        "#,
    );
}

#[test]
fn a_result_of_others_gets_an_adapter() {
    fixed_unsafely(
        "removed-hook",
        "the handler uses",
        r#"
        -export([check/3]).

        start(HostType, _Opts) ->
            gen_hook:add_handlers([{c2s_preprocessing_hook, HostType, fun ?MODULE:check/3, #{}, 50}]).


        check(Acc, _Params, _Extra) ->
            case acme_quota:is_over(Acc) of
                true -> {ok, mongoose_acc:set(hook, result, drop, Acc)};
                false -> acme_rules:apply_all(Acc)
            end.
        "#,
        r#"
        -export([check/3, user_send_packet/3]).

        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:user_send_packet/3, #{}, 21}]).


        check(Acc, _Params, _Extra) ->
            case acme_quota:is_over(Acc) of
                true -> {ok, mongoose_acc:set(hook, result, drop, Acc)};
                false -> acme_rules:apply_all(Acc)
            end.

        %% Calls check/3 as MongooseIM 6.0.0 did for c2s_preprocessing_hook.
        user_send_packet(Acc, Params, Extra) ->
            {_, Acc1} = check(Acc, Params, Extra),
            case mongoose_acc:get(hook, result, ok, Acc1) of
                drop -> {stop, Acc1};
                _ -> {ok, Acc1}
            end.
        "#,
    );
}

#[test]
fn an_adapter_has_no_state() {
    unfixed(
        "removed-hook",
        "the value of `state` cannot be given to the old function",
        r#"
        -export([check/3]).

        start(HostType, _Opts) ->
            gen_hook:add_handlers([{c2s_preprocessing_hook, HostType, fun ?MODULE:check/3, #{}, 50}]).


        check(Acc, #{state := State}, _Extra) ->
            case acme_rules:check(State) of
                bad -> {ok, mongoose_acc:set(hook, result, drop, Acc)};
                _ -> acme_rules:apply_all(Acc)
            end.
        "#,
    );
}

#[test]
fn an_adapter_does_not_hand_on_what_is_gone() {
    unfixed(
        "removed-hook",
        "`state` is not among them",
        r#"
        -export([check/3]).

        start(HostType, _Opts) ->
            gen_hook:add_handlers([{c2s_preprocessing_hook, HostType, fun ?MODULE:check/3, #{}, 50}]).


        check(Acc, Params, _Extra) ->
            acme_rules:note(Params),
            {ok, mongoose_acc:set(acme, seen, true, mongoose_acc:set(hook, result, drop, Acc))}.
        "#,
    );
}

#[test]
fn a_refused_session() {
    fixed_unsafely(
        "changed-meaning",
        "access",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{session_opening_allowed_for_user, HostType, fun ?MODULE:may/3, #{}, 50}]).


        -spec may(allow | any(), #{jid := jid:jid()}, map()) -> {ok | stop, allow | deny}.
        may(_Acc, #{jid := Jid}, _Extra) ->
            case acme_licence:is_valid(Jid) of
                true -> {ok, allow};
                false -> {stop, deny};
                unknown -> {ok, deny}
            end.
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_open_session, HostType, fun ?MODULE:may/3, #{}, 40}]).


        -spec may(mongoose_acc:t(), mongoose_c2s_hooks:params(), map()) -> {ok | stop, mongoose_acc:t()}.
        may(Acc, #{c2s_data := C2SData}, _Extra) ->
            case acme_licence:is_valid(mongoose_c2s:get_jid(C2SData)) of
                true -> {ok, Acc};
                false -> {stop, Acc};
                unknown -> {stop, Acc}
            end.
        "#,
    );
}

#[test]
fn a_decision_that_is_handed_on() {
    fixed_unsafely(
        "changed-meaning",
        "kept later handlers",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{session_opening_allowed_for_user, HostType, fun ?MODULE:may/3, #{}, 50}]).


        may(Acc, #{jid := Jid}, _Extra) ->
            case acme_licence:level(Jid) of
                none -> {stop, deny};
                full -> {stop, Acc};
                _ -> {ok, Acc}
            end.
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_open_session, HostType, fun ?MODULE:may/3, #{}, 40}]).


        may(Acc, #{c2s_data := C2SData}, _Extra) ->
            case acme_licence:level(mongoose_c2s:get_jid(C2SData)) of
                none -> {stop, Acc};
                full -> {ok, Acc};
                _ -> {ok, Acc}
            end.
        "#,
    );
}

#[test]
fn a_decision_under_a_name() {
    fixed_unsafely(
        "changed-meaning",
        "access",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{session_opening_allowed_for_user, HostType, fun ?MODULE:may/3, #{}, 50}]).


        may(_, #{jid := Jid}, _Extra) ->
            Verdict = case acme_licence:is_valid(Jid) of
                          true -> allow;
                          false -> deny
                      end,
            {ok, Verdict}.
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_open_session, HostType, fun ?MODULE:may/3, #{}, 40}]).


        may(Acc, #{c2s_data := C2SData}, _Extra) ->
            Verdict = case acme_licence:is_valid(mongoose_c2s:get_jid(C2SData)) of
                          true -> {ok, Acc};
                          false -> {stop, Acc}
                      end,
            Verdict.
        "#,
    );
}

#[test]
fn a_head_that_asks_for_the_decision_gets_an_adapter() {
    fixed_unsafely(
        "changed-meaning",
        "access",
        r#"
        -export([may/3]).

        start(HostType, _Opts) ->
            gen_hook:add_handlers([{session_opening_allowed_for_user, HostType, fun ?MODULE:may/3, #{}, 50}]).


        may(allow, #{jid := Jid}, _Extra) -> {ok, acme_licence:verdict(Jid)};
        may(Refused, _Params, _Extra) -> {stop, Refused}.
        "#,
        r#"
        -export([may/3, user_open_session/3]).

        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_open_session, HostType, fun ?MODULE:user_open_session/3, #{}, 40}]).


        may(allow, #{jid := Jid}, _Extra) -> {ok, acme_licence:verdict(Jid)};
        may(Refused, _Params, _Extra) -> {stop, Refused}.

        %% Calls may/3 as MongooseIM 6.0.0 did for session_opening_allowed_for_user.
        user_open_session(Acc, #{c2s_data := C2SData}, Extra) ->
            case may(allow, #{jid => mongoose_c2s:get_jid(C2SData)}, Extra) of
                {_, allow} -> {ok, Acc};
                {_, _} -> {stop, Acc}
            end.
        "#,
    );
}

#[test]
fn a_decision_of_others_gets_an_adapter() {
    fixed_unsafely(
        "changed-meaning",
        "access",
        r#"
        -export([may/3]).

        start(HostType, _Opts) ->
            gen_hook:add_handlers([{session_opening_allowed_for_user, HostType, fun ?MODULE:may/3, #{}, 50}]).


        may(_Acc, #{jid := Jid}, _Extra) -> {stop, acme_licence:verdict(Jid)}.
        "#,
        r#"
        -export([may/3, user_open_session/3]).

        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_open_session, HostType, fun ?MODULE:user_open_session/3, #{}, 40}]).


        may(_Acc, #{jid := Jid}, _Extra) -> {stop, acme_licence:verdict(Jid)}.

        %% Calls may/3 as MongooseIM 6.0.0 did for session_opening_allowed_for_user.
        user_open_session(Acc, #{c2s_data := C2SData}, Extra) ->
            case may(allow, #{jid => mongoose_c2s:get_jid(C2SData)}, Extra) of
                {_, allow} -> {ok, Acc};
                {_, _} -> {stop, Acc}
            end.
        "#,
    );
}

#[test]
fn a_decision_in_a_function_gets_an_adapter() {
    fixed_unsafely(
        "changed-meaning",
        "access",
        r#"
        -export([may/3]).

        start(HostType, _Opts) ->
            gen_hook:add_handlers([{session_opening_allowed_for_user, HostType, fun ?MODULE:may/3, #{}, 50}]).


        may(_Acc, #{jid := Jid}, _Extra) -> verdict(acme_licence:is_valid(Jid)).

        verdict(true) -> {ok, allow};
        verdict(false) -> {stop, deny}.
        "#,
        r#"
        -export([may/3, user_open_session/3]).

        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_open_session, HostType, fun ?MODULE:user_open_session/3, #{}, 40}]).


        may(_Acc, #{jid := Jid}, _Extra) -> verdict(acme_licence:is_valid(Jid)).

        %% Calls may/3 as MongooseIM 6.0.0 did for session_opening_allowed_for_user.
        user_open_session(Acc, #{c2s_data := C2SData}, Extra) ->
            case may(allow, #{jid => mongoose_c2s:get_jid(C2SData)}, Extra) of
                {_, allow} -> {ok, Acc};
                {_, _} -> {stop, Acc}
            end.

        verdict(true) -> {ok, allow};
        verdict(false) -> {stop, deny}.
        "#,
    );
}

#[test]
fn timeouts_among_answers() {
    fixed(
        "removed-hook",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_ping_timeout, HostType, fun ?MODULE:lost/3, #{}, 50}]).


        lost(Acc, #{jid := #jid{luser = <<"bot">>}}, _) -> {ok, Acc};

        lost(Acc, Params, #{host_type := HostType}) -> tell(HostType, Params), {ok, Acc}. % all others

        tell(_, _) -> ok.
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_ping_response, HostType, fun ?MODULE:lost/3, #{}, 50}]).


        lost(Acc, #{response := timeout, jid := #jid{luser = <<"bot">>}}, _) -> {ok, Acc};

        lost(Acc, #{response := timeout} = Params, #{host_type := HostType}) -> tell(HostType, Params), {ok, Acc}; % all others

        lost(Acc, _Params, _Extra) -> {ok, Acc}.

        tell(_, _) -> ok.
        "#,
    );
}

#[test]
fn timeouts_without_parameters() {
    fixed(
        "removed-hook",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_ping_timeout, HostType, fun ?MODULE:lost/3, #{}, 50}]).


        lost(Acc, _, _) ->
            acme_stats:bump(lost),
            {ok, Acc}.
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_ping_response, HostType, fun ?MODULE:lost/3, #{}, 50}]).


        lost(Acc, #{response := timeout}, _) ->
            acme_stats:bump(lost),
            {ok, Acc};
        lost(Acc, _, _) ->
            {ok, Acc}.
        "#,
    );
}

#[test]
fn a_timeout_that_stops_gets_an_adapter() {
    fixed_unsafely(
        "removed-hook",
        "not every path is seen",
        r#"
        -export([lost/3]).

        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_ping_timeout, HostType, fun ?MODULE:lost/3, #{}, 50}]).


        lost(Acc, #{jid := Jid}, _) -> tell(Jid), {stop, Acc}.
        "#,
        r#"
        -export([lost/3, user_ping_response/3]).

        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_ping_response, HostType, fun ?MODULE:user_ping_response/3, #{}, 50}]).


        lost(Acc, #{jid := Jid}, _) -> tell(Jid), {stop, Acc}.

        %% Calls lost/3 as MongooseIM 6.0.0 did for user_ping_timeout.
        user_ping_response(Acc, #{response := timeout} = Params, Extra) ->
            {_, _} = lost(ok, Params, Extra),
            {ok, Acc};
        user_ping_response(Acc, _Params, _Extra) ->
            {ok, Acc}.
        "#,
    );
}

#[test]
fn a_timeout_with_a_result_of_its_own_gets_an_adapter() {
    fixed_unsafely(
        "removed-hook",
        "makes its own",
        r#"
        -export([lost/3]).

        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_ping_timeout, HostType, fun ?MODULE:lost/3, #{}, 50}]).


        lost(_Acc, #{jid := Jid}, _) -> {ok, tell(Jid)}.
        "#,
        r#"
        -export([lost/3, user_ping_response/3]).

        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_ping_response, HostType, fun ?MODULE:user_ping_response/3, #{}, 50}]).


        lost(_Acc, #{jid := Jid}, _) -> {ok, tell(Jid)}.

        %% Calls lost/3 as MongooseIM 6.0.0 did for user_ping_timeout.
        user_ping_response(Acc, #{response := timeout} = Params, Extra) ->
            {_, _} = lost(ok, Params, Extra),
            {ok, Acc};
        user_ping_response(Acc, _Params, _Extra) ->
            {ok, Acc}.
        "#,
    );
}

#[test]
fn the_host_type_of_the_extra_map() {
    fixed_unsafely(
        "changed-accumulator",
        "It is `#{}` at first",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_ping_response, HostType, fun ?MODULE:pong/3, #{}, 50}]).


        pong(Acc, #{jid := Jid}, _Extra) ->
            HostType = mongoose_acc:host_type(Acc),
            acme_stats:pong(HostType, Jid),
            acme_stats:total(HostType),
            {ok, Acc}.
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_ping_response, HostType, fun ?MODULE:pong/3, #{}, 50}]).


        pong(Acc, #{jid := Jid}, #{host_type := HostType}) ->
            acme_stats:pong(HostType, Jid),
            acme_stats:total(HostType),
            {ok, Acc}.
        "#,
    );
}

#[test]
fn the_host_type_where_it_is_used() {
    fixed_unsafely(
        "changed-accumulator",
        "It is `#{}` at first",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_ping_response, HostType, fun ?MODULE:pong/3, #{}, 50}]).


        pong(Acc, #{time_delta := 0}, #{host_type := Type}) ->
            acme_stats:lost(mongoose_acc:host_type(Acc), Type),
            {ok, Acc};
        pong(Acc, #{jid := Jid}, #{level := Level}) ->
            acme_stats:pong(mongoose_acc:host_type(Acc), Jid, Level),
            {ok, Acc};
        pong(Acc, _Params, Extra) ->
            acme_stats:other(mongoose_acc:host_type(Acc), Extra),
            {ok, Acc}.
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_ping_response, HostType, fun ?MODULE:pong/3, #{}, 50}]).


        pong(Acc, #{time_delta := 0}, #{host_type := Type}) ->
            acme_stats:lost(Type, Type),
            {ok, Acc};
        pong(Acc, #{jid := Jid}, #{host_type := HostType, level := Level}) ->
            acme_stats:pong(HostType, Jid, Level),
            {ok, Acc};
        pong(Acc, _Params, #{host_type := HostType} = Extra) ->
            acme_stats:other(HostType, Extra),
            {ok, Acc}.
        "#,
    );
}

#[test]
fn more_than_the_host_type() {
    unfixed(
        "changed-accumulator",
        "its accumulator is another one now",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_ping_response, HostType, fun ?MODULE:pong/3, #{}, 50}]).


        pong(Acc, #{jid := Jid}, _) ->
            acme_stats:pong(mongoose_acc:host_type(Acc), mongoose_acc:lserver(Acc), Jid),
            {ok, Acc}.
        "#,
    );
}

#[test]
fn the_host_type_in_another_function() {
    unfixed(
        "changed-accumulator",
        "its accumulator is another one now",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_ping_response, HostType, fun ?MODULE:pong/3, #{}, 50}]).


        pong(Acc, #{jid := Jid}, _) ->
            count(Acc, Jid),
            {ok, Acc}.

        count(Acc, Jid) -> acme_stats:pong(mongoose_acc:host_type(Acc), Jid).
        "#,
    );
}

#[test]
fn a_ping_accumulator_of_its_own() {
    unfixed(
        "changed-accumulator",
        "its accumulator is another one now",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_ping_response, HostType, fun ?MODULE:pong/3, #{}, 50}]).


        pong(Acc, #{jid := Jid}, _) -> {ok, mongoose_acc:set(acme, last, Jid, Acc)}.
        "#,
    );
}

#[test]
fn an_accumulator_without_a_tag() {
    fixed(
        "untagged-result",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{remove_user, HostType, fun ?MODULE:removed/3, #{}, 50}]).


        removed(Acc, #{jid := Jid}, _) ->
            case acme_db:forget(Jid) of
                ok -> {ok, Acc};
                none -> Acc;   % nothing was known
                {error, _} -> mongoose_acc:set(acme, failed, true, Acc)
            end.
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{remove_user, HostType, fun ?MODULE:removed/3, #{}, 50}]).


        removed(Acc, #{jid := Jid}, _) ->
            case acme_db:forget(Jid) of
                ok -> {ok, Acc};
                none -> {ok, Acc};   % nothing was known
                {error, _} -> {ok, mongoose_acc:set(acme, failed, true, Acc)}
            end.
        "#,
    );
}

#[test]
fn an_accumulator_without_a_tag_under_a_name() {
    fixed(
        "untagged-result",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{remove_user, HostType, fun ?MODULE:removed/3, #{}, 50}]).


        removed(Acc, #{jid := Jid}, _) ->
            acme_db:forget(Jid),
            Acc1 = mongoose_acc:set(acme, removed, true, Acc),
            acme_log:note(Acc1),
            Acc1.
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{remove_user, HostType, fun ?MODULE:removed/3, #{}, 50}]).


        removed(Acc, #{jid := Jid}, _) ->
            acme_db:forget(Jid),
            Acc1 = mongoose_acc:set(acme, removed, true, Acc),
            acme_log:note(Acc1),
            {ok, Acc1}.
        "#,
    );
}

#[test]
fn an_accumulator_without_a_tag_in_a_function() {
    fixed(
        "untagged-result",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{remove_user, HostType, fun ?MODULE:removed/3, #{}, 50}]).


        removed(Acc, #{jid := Jid}, _) -> forget(Jid, Acc).

        forget(undefined, Acc) -> Acc;
        forget(Jid, Acc) -> acme_db:forget(Jid), {ok, Acc}.
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{remove_user, HostType, fun ?MODULE:removed/3, #{}, 50}]).


        removed(Acc, #{jid := Jid}, _) -> forget(Jid, Acc).

        forget(undefined, Acc) -> {ok, Acc};
        forget(Jid, Acc) -> acme_db:forget(Jid), {ok, Acc}.
        "#,
    );
}

#[test]
fn an_accumulator_without_a_tag_where_others_stop() {
    fixed_unsafely(
        "untagged-result",
        "stops on other paths",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{remove_user, HostType, fun ?MODULE:removed/3, #{}, 50}]).


        removed(Acc, #{jid := Jid}, _) ->
            case acme_db:forget(Jid) of
                ok -> {stop, Acc};
                _ -> Acc
            end.
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{remove_user, HostType, fun ?MODULE:removed/3, #{}, 50}]).


        removed(Acc, #{jid := Jid}, _) ->
            case acme_db:forget(Jid) of
                ok -> {stop, Acc};
                _ -> {ok, Acc}
            end.
        "#,
    );
}

#[test]
fn an_atom_without_a_tag() {
    unfixed(
        "untagged-result",
        "only a person can tell what the next handler shall get",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{remove_user, HostType, fun ?MODULE:removed/3, #{}, 50}]).


        removed(Acc, #{jid := Jid}, _) ->
            case acme_db:forget(Jid) of
                ok -> {ok, Acc};
                _ -> undefined
            end.
        "#,
    );
}

#[test]
fn an_accumulator_without_a_tag_that_others_want() {
    unfixed(
        "untagged-result",
        "made where it cannot be tagged",
        r#"
        -export([removed/3, forget/2]).

        start(HostType, _Opts) ->
            gen_hook:add_handlers([{remove_user, HostType, fun ?MODULE:removed/3, #{}, 50}]).


        removed(Acc, #{jid := Jid}, _) -> forget(Jid, Acc).

        forget(Jid, Acc) -> acme_db:forget(Jid), Acc.
        "#,
    );
}

#[test]
fn a_stop_is_left_to_a_person() {
    unfixed(
        "changed-stop",
        "so a person has to decide",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:sent/3, #{}, 30}]).


        sent(Acc, _, _) ->
            case acme_archive:is_known(Acc) of
                true -> {stop, Acc};
                false -> {ok, Acc}
            end.
        "#,
    );
}

#[test]
fn what_dropped_once_is_not_told_to_pass() {
    // All rules, and a second run of them: a handler that stops because it drops must not be taken for one that
    // stopped to skip others.
    let done = Case::new(
        r#"
        -export([start/2, check/3]).

        start(HostType, _Opts) ->
            gen_hook:add_handlers([{c2s_preprocessing_hook, HostType, fun ?MODULE:check/3, #{}, 50}]).

        check(Acc, _Params, _Extra) ->
            case acme_quota:level(Acc) of
                high -> {ok, mongoose_acc:set(hook, result, drop, Acc)};
                _ -> {ok, Acc}
            end.
        "#,
    )
    .fix(true);
    assert!(done.outcome.files[0].text.contains("high -> {stop, Acc};"));
}

#[test]
fn a_decision_of_another_module() {
    fixed_unsafely(
        "drop-result",
        "through a variable or a call",
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{filter_local_packet, HostType, fun ?MODULE:filter/3, #{}, 20}]).

        filter(P, _, _) ->
            {ok, mod_b:check(P)}.

        //- src/mod_b.erl
        -module(mod_b).
        -export([check/1]).

        check({_, _, _, #xmlel{name = <<"presence">>}}) -> drop;
        check(P) -> P.
        "#,
        r#"
        start(HostType, _Opts) ->
            gen_hook:add_handlers([{filter_local_packet, HostType, fun ?MODULE:filter/3, #{}, 20}]).

        filter(P, _, _) ->
            case mod_b:check(P) of
                drop -> {stop, drop};
                FPacket -> {ok, FPacket}
            end.
        "#,
    );
}

#[test]
fn a_result_of_another_module_gets_an_adapter() {
    fixed(
        "drop-result",
        r#"
        -export([filter/3]).

        start(HostType, _Opts) ->
            gen_hook:add_handlers([{filter_local_packet, HostType, fun ?MODULE:filter/3, #{}, 20}]).

        filter(P, _, _) -> mod_b:check(P).

        //- src/mod_b.erl
        -module(mod_b).
        -export([check/1]).

        check({_, _, _, #xmlel{name = <<"presence">>}}) -> {ok, drop};
        check(P) -> {ok, P}.
        "#,
        r#"
        -export([filter/3, filter_local_packet/3]).

        start(HostType, _Opts) ->
            gen_hook:add_handlers([{filter_local_packet, HostType, fun ?MODULE:filter_local_packet/3, #{}, 20}]).

        filter(P, _, _) -> mod_b:check(P).

        %% Calls filter/3 as MongooseIM 6.0.0 did for filter_local_packet.
        filter_local_packet(FPacket, Params, Extra) ->
            case filter(FPacket, Params, Extra) of
                {_, drop} -> {stop, drop};
                {Tag, NewFPacket} -> {Tag, NewFPacket}
            end.
        "#,
    );
}

#[test]
fn a_function_for_two_hooks_gets_an_adapter() {
    fixed_unsafely(
        "drop-result",
        "the function is the handler of `acme_filter` as well",
        r#"
        -export([refuse/3]).

        start(HostType, _Opts) ->
            gen_hook:add_handlers([{filter_local_packet, HostType, fun ?MODULE:refuse/3, #{}, 20},
                                   {acme_filter, HostType, fun ?MODULE:refuse/3, #{}, 20}]).

        refuse(_, _, _) -> {ok, drop}.
        "#,
        r#"
        -export([refuse/3, filter_local_packet/3]).

        start(HostType, _Opts) ->
            gen_hook:add_handlers([{filter_local_packet, HostType, fun ?MODULE:filter_local_packet/3, #{}, 20},
                                   {acme_filter, HostType, fun ?MODULE:refuse/3, #{}, 20}]).

        refuse(_, _, _) -> {ok, drop}.

        %% Calls refuse/3 as MongooseIM 6.0.0 did for filter_local_packet.
        filter_local_packet(FPacket, Params, Extra) ->
            case refuse(FPacket, Params, Extra) of
                {_, drop} -> {stop, drop};
                {Tag, NewFPacket} -> {Tag, NewFPacket}
            end.
        "#,
    );
}

#[test]
fn two_handlers_share_what_makes_their_results() {
    // Each of them alone would change the other's results, so both get adapters.
    fixed_unsafely(
        "removed-hook",
        "uses `hook`/`result`",
        r#"
        -export([check/3, look/3]).

        start(HostType, _Opts) ->
            gen_hook:add_handlers([{c2s_preprocessing_hook, HostType, fun ?MODULE:check/3, #{}, 50},
                                   {acme_look, HostType, fun ?MODULE:look/3, #{}, 50}]).

        check(Acc, _, _) -> decide(Acc).

        look(Acc, _, _) -> decide(Acc).

        decide(Acc) ->
            case acme_quota:level(Acc) of
                high -> {ok, mongoose_acc:set(hook, result, drop, Acc)};
                _ -> {ok, Acc}
            end.
        "#,
        r#"
        -export([check/3, user_send_packet/3, look/3]).

        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:user_send_packet/3, #{}, 21},
                                   {acme_look, HostType, fun ?MODULE:look/3, #{}, 50}]).

        check(Acc, _, _) -> decide(Acc).

        %% Calls check/3 as MongooseIM 6.0.0 did for c2s_preprocessing_hook.
        user_send_packet(Acc, Params, Extra) ->
            {_, Acc1} = check(Acc, Params, Extra),
            case mongoose_acc:get(hook, result, ok, Acc1) of
                drop -> {stop, Acc1};
                _ -> {ok, Acc1}
            end.

        look(Acc, _, _) -> decide(Acc).

        decide(Acc) ->
            case acme_quota:level(Acc) of
                high -> {ok, mongoose_acc:set(hook, result, drop, Acc)};
                _ -> {ok, Acc}
            end.
        "#,
    );
}

#[test]
fn a_timeout_handler_that_serves_answers_too_gets_an_adapter() {
    fixed_unsafely(
        "removed-hook",
        "the module has a handler for `user_ping_response` already",
        r#"
        -export([heard/3]).

        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_ping_timeout, HostType, fun ?MODULE:heard/3, #{}, 50},
                                   {user_ping_response, HostType, fun ?MODULE:heard/3, #{}, 60}]).

        heard(Acc, #{jid := Jid}, _) -> acme_stats:bump(Jid), {ok, Acc}.
        "#,
        r#"
        -export([heard/3, user_ping_response/3]).

        start(HostType, _Opts) ->
            gen_hook:add_handlers([{user_ping_response, HostType, fun ?MODULE:user_ping_response/3, #{}, 50},
                                   {user_ping_response, HostType, fun ?MODULE:heard/3, #{}, 60}]).

        heard(Acc, #{jid := Jid}, _) -> acme_stats:bump(Jid), {ok, Acc}.

        %% Calls heard/3 as MongooseIM 6.0.0 did for user_ping_timeout.
        user_ping_response(Acc, #{response := timeout} = Params, Extra) ->
            {_, _} = heard(ok, Params, Extra),
            {ok, Acc};
        user_ping_response(Acc, _Params, _Extra) ->
            {ok, Acc}.
        "#,
    );
}
