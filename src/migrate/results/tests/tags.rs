//! Whether a message passes, told by a tag.

use crate::rules::testing::{fixed, fixed_unsafely};

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
