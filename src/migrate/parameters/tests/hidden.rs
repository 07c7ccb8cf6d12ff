//! What stands behind the source's back.

use super::*;

#[test]
fn a_macro_that_uses_a_value_by_its_name() {
    received(
        r"
-define(USER, Jid#jid.luser).
-define(KNOWN, Acc).
got(Acc, #{jid := Jid}, _Extra) ->
    {ok, mark(?KNOWN, ?USER)}.
",
        r"
-define(USER, Jid#jid.luser).
-define(KNOWN, Acc).
got(Acc, #{c2s_data := C2SData}, _Extra) ->
    Jid = mongoose_c2s:get_jid(C2SData),
    {ok, mark(?KNOWN, ?USER)}.
",
    );
}

#[test]
fn a_macro_that_uses_more_by_its_name() {
    unprocessed(
        "a macro uses the session's state by its name",
        "-define(JID, ejabberd_c2s_state:jid(State)).\ncheck(Acc, #{state := State}, _) ->\n    log(?JID),\n    {ok, Acc}.\n",
    );
    let rest = "\n-define(KEY(K), maps:get(K, Params)).\n";
    adapted("got(Acc, #{jid := J} = Params, _Extra) ->\n    {ok, mark(Acc, ?KEY(other), J)}.\n", rest);
}

#[test]
fn a_macro_that_has_the_new_name() {
    received(
        r"
-define(NOTE(X), begin C2SData = X, note(C2SData) end).
got(Acc, #{jid := Jid}, _Extra) ->
    ?NOTE(Acc),
    {ok, mark(Acc, Jid)}.
",
        r"
-define(NOTE(X), begin C2SData = X, note(C2SData) end).
got(Acc, #{c2s_data := C2SData1}, _Extra) ->
    ?NOTE(Acc),
    {ok, mark(Acc, mongoose_c2s:get_jid(C2SData1))}.
",
    );
}

#[test]
fn a_match_with_a_match() {
    received(
        r"
got(Acc, Params, _Extra) ->
    #{jid := Jid} = All = Params,
    {ok, mark(Acc, maps:get(jid, All), Jid, Jid)}.
",
        r"
got(Acc, Params, _Extra) ->
    #{c2s_data := C2SData} = All = Params,
    Jid = mongoose_c2s:get_jid(C2SData),
    {ok, mark(Acc, mongoose_c2s:get_jid(maps:get(c2s_data, All)), Jid, Jid)}.
",
    );
}

#[test]
fn a_session_in_a_guard_of_the_body() {
    unprocessed(
        "decides in a guard",
        r"
check(Acc, #{state := State}, _Extra) ->
    case Acc of
        #{} when State#state.server =:= <<>> -> {ok, Acc};
        _ -> {ok, Acc}
    end.
",
    );
}

#[test]
fn a_line_that_would_be_too_long() {
    received(
        r"
got(Acc, #{jid := Jid}, _Extra) ->
    {ok, mark_with_a_long_name_that_is_telling_a_lot(Acc, and_with(another_call(Jid)))}.
",
        r"
got(Acc, #{c2s_data := C2SData}, _Extra) ->
    Jid = mongoose_c2s:get_jid(C2SData),
    {ok, mark_with_a_long_name_that_is_telling_a_lot(Acc, and_with(another_call(Jid)))}.
",
    );
}

#[test]
fn a_ping_of_a_certain_type() {
    fixed_unsafely(
        "changed-params",
        "",
        &on(
            "user_ping_response",
            r"
on(Acc, #{response := #iq{type = result} = IQ}, _Extra) ->
    note(IQ),
    {ok, Acc};
on(Acc, _Params, _Extra) ->
    {ok, Acc}.
",
        ),
        &on(
            "user_ping_response",
            r"
on(Acc, #{response := #xmlel{} = Response}, _Extra) ->
    case jlib:iq_query_or_response_info(Response) of
        #iq{type = result} = IQ ->
            note(IQ),
            {ok, Acc};
        _ ->
            {ok, Acc}
    end;
on(Acc, _Params, _Extra) ->
    {ok, Acc}.
",
        ),
    );
}

#[test]
fn what_the_head_has_taken_is_taken_once() {
    received(
        r"
got(Acc, #{jid := Jid} = Params, _Extra) ->
    #{jid := Again} = Params,
    Do = fun() -> #{jid := J} = Params, {J, J} end,
    {ok, mark(Acc, Jid, Again, Do, maps:get(jid, Params))}.
",
        r"
got(Acc, #{c2s_data := C2SData} = Params, _Extra) ->
    Again = mongoose_c2s:get_jid(C2SData),
    Do = fun() -> #{c2s_data := C2SData1} = Params, J = mongoose_c2s:get_jid(C2SData1), {J, J} end,
    {ok, mark(Acc, mongoose_c2s:get_jid(C2SData), Again, Do, mongoose_c2s:get_jid(C2SData))}.
",
    );
}

#[test]
fn a_branch_in_the_middle_of_a_line() {
    received(
        "got(Acc, P, _) ->\n    {ok, lists:foldl(fun(X, A) -> case P of #{jid := J} -> [{J, X, J} | A] end end, Acc, [])}.\n",
        "got(Acc, P, _) ->\n    {ok, lists:foldl(fun(X, A) -> case P of #{c2s_data := C2SData} -> J = mongoose_c2s:get_jid(C2SData), [{J, X, J} | A] end end, Acc, [])}.\n",
    );
}

#[test]
fn data_of_a_room_in_a_helper() {
    fixed_unsafely(
        "changed-params",
        "",
        &on(
            "filter_room_packet",
            r"
on(Packet, P, _) -> #{event_data := D} = P, log(maps:get(from_nick, D)), mark(Packet, P).

mark(Packet, #{event_data := #{room_jid := Room} = All, packet := _}) -> log(Room, All), {ok, Packet}.
",
        ),
        &on(
            "filter_room_packet",
            r"
on(Packet, P, _) -> D = P, log(maps:get(from_nick, D)), mark(Packet, P).

mark(Packet, #{room_jid := Room} = All) -> log(Room, All), {ok, Packet}.
",
        ),
    );
}

#[test]
fn comments_between_fields_stay() {
    fixed_unsafely(
        "removed-hook",
        "",
        &on(
            "sm_broadcast",
            r"
on(Acc, #{ from := From   % who
         , to := _To
           %% what
         , broadcast := {broadcast, {blocking, _, _, _} = B}
         , session_count := N
         }, _) ->
    log(From, B, N),
    {ok, Acc}.
",
        ),
        &on(
            "privacy_list_push",
            r"
on(Acc, #{ luse := LUser, lserver := LServer   % who
           %% what
         , item := {blocking, _, _, _} = B
         , session_count := N
         }, _) ->
    log(jid:make_noprep(LUser, LServer, <<>>), B, N),
    {ok, Acc}.
",
        ),
    );
}
