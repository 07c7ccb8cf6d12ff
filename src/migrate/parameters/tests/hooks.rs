//! Hooks with keys of their own.

use super::*;

#[test]
fn recipients_of_a_feature() {
    fixed_unsafely(
        "removed-hook",
        "",
        &on(
            "c2s_broadcast_recipients",
            r#"
-spec on([jid:simple_jid()], #{state := ejabberd_c2s:state(), type := term(), _ => _}, gen_hook:extra()) ->
    {ok, [jid:simple_jid()]}.
on(List, #{state := State, type := {pep_message, <<"urn:x">>}, from := From}, _Extra) ->
    {ok, List ++ watchers(ejabberd_c2s_state:host_type(State), From)};
on(List, #{type := {pep_message, _Feature}}, _Extra) ->
    {ok, List};
on(List, _Params, _Extra) ->
    {ok, List}.
"#,
        ),
        &on(
            "get_pep_recipients",
            r#"
-spec on([jid:simple_jid()], #{c2s_data := mongoose_c2s:data(), feature := binary()}, gen_hook:extra()) ->
    {ok, [jid:simple_jid()]}.
on(List, #{c2s_data := C2SData, feature := <<"urn:x">>}, _Extra) ->
    From = jid:to_bare(mongoose_c2s:get_jid(C2SData)),
    {ok, List ++ watchers(mongoose_c2s:get_host_type(C2SData), From)};
on(List, #{feature := _Feature}, _Extra) ->
    {ok, List};
on(List, _Params, _Extra) ->
    {ok, List}.
"#,
        ),
    );
}

#[test]
fn recipients_by_what_is_gone() {
    let by_packet = "on(List, #{packet := P}, _Extra) ->\n    {ok, by(P) ++ List}.\n";
    unfixed("removed-hook", "the value of `packet` cannot be had", &on("c2s_broadcast_recipients", by_packet));
    let by_tag =
        "on(List, #{type := {own_message, F}}, _Extra) ->\n    {ok, by(F) ++ List};\non(L, _, _) ->\n    {ok, L}.\n";
    unfixed("removed-hook", "never given any more", &on("c2s_broadcast_recipients", by_tag));
}

#[test]
fn a_filter_by_feature() {
    fixed_unsafely(
        "removed-hook",
        "",
        &on(
            "c2s_filter_packet",
            r"
on(_, #{state := C2SState, feature := {pep_message, Feature}, to := To, packet := _}, _Extra) ->
    {stop, is_muted(ejabberd_c2s_state:jid(C2SState), To, Feature)}.
",
        ),
        &on(
            "filter_pep_recipient",
            r"
on(_, #{c2s_data := C2SData, feature := Feature, to := To}, _Extra) ->
    {stop, is_muted(mongoose_c2s:get_jid(C2SData), To, Feature)}.
",
        ),
    );
    let by_packet = "on(_, #{packet := P, to := _To}, _Extra) ->\n    {ok, is_muted(P)}.\n";
    unfixed("removed-hook", "the value of `packet` cannot be had", &on("c2s_filter_packet", by_packet));
}

#[test]
fn a_push_of_a_list() {
    fixed_unsafely(
        "removed-hook",
        "",
        &on(
            "sm_broadcast",
            r"
-spec on(Acc, #{to := jid:jid(), broadcast := term(), _ => _}, map()) -> {ok, Acc} when Acc :: mongoose_acc:t().
on(Acc, #{to := To, broadcast := {broadcast, {privacy_list, _, Name}}}, _Extra) ->
    log(To, Name),
    {ok, Acc};
on(Acc, #{broadcast := _}, _Extra) ->
    {ok, Acc}.
",
        ),
        &on(
            "privacy_list_push",
            r"
-spec on(Acc, #{luse := jid:luser(), lserver := jid:lserver(), item := term(), session_count := non_neg_integer()}, map()) -> {ok, Acc} when Acc :: ok.
on(Acc, #{luse := LUser, lserver := LServer, item := {privacy_list, _, Name}}, _Extra) ->
    log(jid:make_noprep(LUser, LServer, <<>>), Name),
    {ok, Acc};
on(Acc, _Params, _Extra) ->
    {ok, Acc}.
",
        ),
    );
}

#[test]
fn a_push_of_a_contact_is_never_given() {
    let never = "`{broadcast, {item, _, _}}` is never given as `broadcast` any more";
    let in_head = "on(Acc, #{broadcast := {broadcast, {item, Jid, remove}}}, _) ->\n    gone(Jid),\n    {ok, Acc};\non(Acc, _, _) ->\n    {ok, Acc}.\n";
    unfixed("removed-hook", never, &on("sm_broadcast", in_head));
    let in_case = "on(Acc, #{broadcast := {broadcast, Item}}, _) ->\n    case Item of\n        {item, Jid, _} -> gone(Jid);\n        _ -> ok\n    end,\n    {ok, Acc}.\n";
    unfixed("removed-hook", never, &on("sm_broadcast", in_case));
    let in_body = "on(Acc, Params, _) ->\n    {broadcast, {item, Jid, _}} = maps:get(broadcast, Params),\n    gone(Jid),\n    {ok, Acc}.\n";
    unfixed("removed-hook", never, &on("sm_broadcast", in_body));
}

#[test]
fn a_replaced_session() {
    fixed_unsafely(
        "changed-meaning",
        "",
        &on(
            "sm_remove_connection_hook",
            r"
on(Acc, #{reason := replaced}, _Extra) ->
    {ok, Acc};
on(Acc, #{jid := Jid, reason := Reason}, _Extra) ->
    case Reason of
        replaced -> ok;
        normal -> gone(Jid)
    end,
    {ok, Acc}.
",
        ),
        &on(
            "sm_remove_connection_hook",
            r#"
on(Acc, #{reason := <<"Replaced by new connection">>}, _Extra) ->
    {ok, Acc};
on(Acc, #{jid := Jid, reason := Reason}, _Extra) ->
    case Reason of
        <<"Replaced by new connection">> -> ok;
        normal -> gone(Jid)
    end,
    {ok, Acc}.
"#,
        ),
    );
}

#[test]
fn a_resumed_session_is_never_given() {
    let resumed = "on(Acc, #{reason := resumed}, _) ->\n    {ok, Acc};\non(Acc, #{jid := Jid}, _) ->\n    gone(Jid),\n    {ok, Acc}.\n";
    unfixed("changed-meaning", "`resumed` is never given", &on("sm_remove_connection_hook", resumed));
    let compared = "on(Acc, #{jid := Jid, reason := R}, _) ->\n    R =:= resumed orelse gone(Jid),\n    {ok, Acc}.\n";
    unfixed("changed-meaning", "`resumed` is never given", &on("sm_remove_connection_hook", compared));
}

#[test]
fn an_answered_ping() {
    fixed_unsafely(
        "changed-params",
        "",
        &on(
            "user_ping_response",
            r"
on(Acc, #{response := timeout}, _Extra) ->
    {ok, Acc};
on(Acc, #{jid := Jid, response := #iq{id = Id, type = Type}}, _Extra) ->
    note(Jid, Id, Type),
    {ok, Acc}.
",
        ),
        &on(
            "user_ping_response",
            r"
on(Acc, #{response := timeout}, _Extra) ->
    {ok, Acc};
on(Acc, #{jid := Jid, response := #xmlel{} = Response}, _Extra) ->
    #iq{id = Id, type = Type} = jlib:iq_query_or_response_info(Response),
    note(Jid, Id, Type),
    {ok, Acc}.
",
        ),
    );
}

#[test]
fn an_answered_ping_that_is_handed_on() {
    let code = "on(Acc, #{jid := Jid, response := Response}, _Extra) ->\n    note(Jid, Response),\n    {ok, Acc}.\n";
    unfixed("changed-params", "`response` has another type now", &on("user_ping_response", code));
}

#[test]
fn data_of_a_room() {
    fixed_unsafely(
        "changed-params",
        "",
        &on(
            "filter_room_packet",
            r"
on(Packet, Params, _Extra) ->
    #{event_data := #{from_nick := Nick}} = Params,
    Room = maps:get(room_jid, maps:get(event_data, Params)),
    {ok, mark(Packet, Nick, Room)}.
",
        ),
        &on(
            "filter_room_packet",
            r"
on(Packet, Params, _Extra) ->
    #{from_nick := Nick} = Params,
    Room = maps:get(room_jid, Params),
    {ok, mark(Packet, Nick, Room)}.
",
        ),
    );
}

#[test]
fn an_accumulator_without_a_name() {
    let moved = |hook: &str, code: &str, priority: u32| {
        preprocessor(&format!("{hook}, HostType, fun ?MODULE:on/3, #{{}}, {priority}"), code)
    };
    fixed_unsafely(
        "removed-hook",
        "",
        &moved(
            "c2s_presence_in",
            r#"
on(_State, #{from := #jid{luser = <<"bot">>} = From, packet := P}, _Extra) ->
    log(From, P, P),
    {ok, _State};
on(State, _, _) -> {ok, State}.
"#,
            50,
        ),
        &moved(
            "user_receive_presence",
            r#"
on(Acc, _Params, _Extra) ->
    P = mongoose_acc:element(Acc),
    case mongoose_acc:from_jid(Acc) of
        #jid{luser = <<"bot">>} = From ->
            log(From, P, P),
            {ok, Acc};
        _ ->
            {ok, Acc}
    end.
"#,
            5,
        ),
    );
}
