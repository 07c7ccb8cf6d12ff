//! Answers to pings, and those that never came.

use crate::rules::testing::{fixed, fixed_unsafely, unfixed};

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
