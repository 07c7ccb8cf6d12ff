//! The session.

use super::*;

#[test]
fn a_session_that_is_handed_on() {
    preprocessed(
        r"
check(Acc, #{state := State}, _Extra) ->
    note(ejabberd_c2s_state:jid(State), State),
    {ok, Acc}.

-spec note(jid:jid(), ejabberd_c2s:state()) -> ok.
note(Jid, S) ->
    ?LOG_DEBUG(#{what => seen, state => S}),
    log(Jid, ejabberd_c2s_state:server(S), host(S)).

host(#state{host_type = HostType}) -> HostType.
",
        r"
check(Acc, #{c2s_data := C2SData}, _Extra) ->
    note(mongoose_c2s:get_jid(C2SData), C2SData),
    {ok, Acc}.

-spec note(jid:jid(), mongoose_c2s:data()) -> ok.
note(Jid, C2SData) ->
    ?LOG_DEBUG(#{what => seen, state => C2SData}),
    log(Jid, mongoose_c2s:get_lserver(C2SData), host(C2SData)).

host(C2SData) -> mongoose_c2s:get_host_type(C2SData).
",
    );
}

#[test]
fn a_record_in_head_and_body() {
    preprocessed(
        r"
check(Acc, #{state := #state{jid = Jid, server = Server} = State}, _Extra) ->
    #state{host_type = HostType, user = _} = State,
    log(HostType, HostType, Jid, Server, Server),
    {ok, Acc}.
",
        r"
check(Acc, #{c2s_data := C2SData}, _Extra) ->
    Server = mongoose_c2s:get_lserver(C2SData),
    HostType = mongoose_c2s:get_host_type(C2SData),
    log(HostType, HostType, mongoose_c2s:get_jid(C2SData), Server, Server),
    {ok, Acc}.
",
    );
}

#[test]
fn a_session_that_is_taken_in_the_body() {
    preprocessed(
        r"
check(Acc, Params, _Extra) ->
    State = maps:get(state, Params),
    log(ejabberd_c2s_state:jid(State), ejabberd_c2s_state:server(maps:get(state, Params))),
    {ok, Acc}.
",
        r"
check(Acc, Params, _Extra) ->
    C2SData = maps:get(c2s_data, Params),
    log(mongoose_c2s:get_jid(C2SData), mongoose_c2s:get_lserver(maps:get(c2s_data, Params))),
    {ok, Acc}.
",
    );
}

#[test]
fn a_session_that_goes_elsewhere() {
    unprocessed(
        "the session's state goes to `audit:write/1`",
        "check(Acc, #{state := State}, _Extra) ->\n    audit:write(State),\n    {ok, Acc}.\n",
    );
    unprocessed(
        "used as a whole",
        "check(Acc, #{state := State}, _Extra) ->\n    self() ! {state, State},\n    {ok, Acc}.\n",
    );
    unprocessed(
        "used as a whole",
        "check(Acc, #{state := State}, _Extra) ->\n    note(State),\n    {ok, Acc}.\n\nnote(S) -> {ok, S#state{lang = <<>>}}.\n",
    );
}

#[test]
fn a_field_of_the_session_that_nothing_stands_for() {
    unprocessed(
        "nothing stands for `#state.authenticated`",
        "check(Acc, #{state := #state{authenticated = Is}}, _Extra) ->\n    log(Is),\n    {ok, Acc}.\n",
    );
    unprocessed(
        "decides which clause is taken",
        "check(Acc, #{state := #state{server = <<\"a\">>}}, _Extra) ->\n    {ok, Acc};\ncheck(Acc, _, _) ->\n    {ok, Acc}.\n",
    );
    unprocessed(
        "decides which clause is taken",
        "check(Acc, #{state := #state{server = S}}, _Extra) when S =/= <<>> ->\n    {ok, Acc};\ncheck(Acc, _, _) ->\n    {ok, Acc}.\n",
    );
}

#[test]
fn a_session_that_a_shared_function_gets() {
    unprocessed(
        "`note/1` would have to change as well, and is used elsewhere, too",
        r"
check(Acc, #{state := State}, _Extra) ->
    note(State),
    {ok, Acc}.

note(S) -> log(ejabberd_c2s_state:jid(S)).

tell(S) -> note(S).
",
    );
    unprocessed(
        "is exported",
        r"
-export([note/1]).
check(Acc, #{state := State}, _Extra) ->
    note(State),
    {ok, Acc}.

note(S) -> log(ejabberd_c2s_state:jid(S)).
",
    );
}

#[test]
fn a_session_that_a_fun_hides() {
    preprocessed(
        r"
check(Acc, #{state := State}, _Extra) ->
    lists:foldl(fun(State, N) -> State + N end, 0, numbers()),
    log(ejabberd_c2s_state:jid(State)),
    {ok, Acc}.
",
        r"
check(Acc, #{c2s_data := C2SData}, _Extra) ->
    lists:foldl(fun(State, N) -> State + N end, 0, numbers()),
    log(mongoose_c2s:get_jid(C2SData)),
    {ok, Acc}.
",
    );
}
