//! Guards and patterns that decide.

use super::*;

#[test]
fn a_guard_of_the_only_clause() {
    received(
        r"
got(Acc, #{jid := Jid}, _Extra) when Jid =/= undefined ->
    log(Jid),
    {ok, Acc}.
",
        r"
got(Acc, #{c2s_data := C2SData}, _Extra) ->
    case mongoose_c2s:get_jid(C2SData) of
        Jid when Jid =/= undefined ->
            log(Jid),
            {ok, Acc}
    end.
",
    );
}

#[test]
fn a_guard_before_a_fall_through() {
    received(
        r#"
got(Acc, #{jid := Jid}, #{host_type := HostType})
  when is_tuple(Jid), HostType =/= <<"test">> ->
    %% Only of those who are.
    Text = "two
lines",
    log(Jid, Text),

    {ok, Acc};
got(_Acc, _Params, _Extra) ->
    {ok, seen}.
"#,
        r#"
got(Acc, #{c2s_data := C2SData}, #{host_type := HostType}) ->
    case mongoose_c2s:get_jid(C2SData) of
        Jid when is_tuple(Jid), HostType =/= <<"test">> ->
            %% Only of those who are.
            Text = "two
lines",
            log(Jid, Text),

            {ok, Acc};
        _ ->
            {ok, seen}
    end;
got(_Acc, _Params, _Extra) ->
    {ok, seen}.
"#,
    );
}

#[test]
fn a_guard_and_nothing_left_for_the_clause_behind() {
    received(
        r"
got(Acc, #{jid := Jid} = _Params, _Extra) when Jid =/= undefined -> {ok, mark(Acc, Jid)};
got(A, _, _) -> {ok, A}.
",
        r"
got(Acc, #{c2s_data := C2SData} = _Params, _Extra) ->
    case mongoose_c2s:get_jid(C2SData) of
        Jid when Jid =/= undefined ->
            {ok, mark(Acc, Jid)};
        _ ->
            {ok, Acc}
    end.
",
    );
}

#[test]
fn a_certain_value_decides() {
    received(
        r#"
got(_, #{jid := #jid{luser = <<"echo">>} = Jid}, _Extra) ->
    {ok, echo(Jid)};
got(Acc, _Params, _Extra) ->
    {ok, Acc}.
"#,
        r#"
got(Acc, #{c2s_data := C2SData}, _Extra) ->
    case mongoose_c2s:get_jid(C2SData) of
        #jid{luser = <<"echo">>} = Jid ->
            {ok, echo(Jid)};
        _ ->
            {ok, Acc}
    end.
"#,
    );
}

#[test]
fn a_fall_through_that_does_more_gets_an_adapter() {
    adapted(
        r"
got(Acc, #{jid := Jid}, _Extra) when Jid =/= undefined ->
    {ok, mark(Acc, Jid)};
got(Acc, _Params, _Extra) ->
    log(Acc),
    {ok, Acc}.
",
        "",
    );
}

#[test]
fn a_fall_through_that_is_none_gets_an_adapter() {
    adapted(
        r"
got(Acc, #{jid := Jid}, _Extra) when Jid =/= undefined ->
    {ok, mark(Acc, Jid)};
got(Acc, _Params, #{quiet := true}) ->
    {ok, Acc}.
",
        "",
    );
}

#[test]
fn three_clauses_get_an_adapter() {
    adapted(
        r#"
got(Acc, #{jid := #jid{luser = <<"a">>}}, _Extra) ->
    {ok, mark(Acc, a)};
got(Acc, #{jid := #jid{luser = <<"b">>}}, _Extra) ->
    {ok, mark(Acc, b)};
got(Acc, _Params, _Extra) ->
    {ok, Acc}.
"#,
        "",
    );
}

#[test]
fn a_body_on_the_line_of_its_head_that_goes_on_gets_an_adapter() {
    adapted(
        r"
got(Acc, #{jid := Jid}, _Extra) when Jid =/= undefined -> log(Jid),
                                                          {ok, Acc}.
",
        "",
    );
}

#[test]
fn a_comment_in_the_guard_gets_an_adapter() {
    adapted(
        r"
got(Acc, #{jid := Jid}, _Extra) when Jid =/= undefined, % never seen
                                     Jid =/= error ->
    {ok, mark(Acc, Jid)}.
",
        "",
    );
}
