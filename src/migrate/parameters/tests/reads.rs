//! Reads in the body.

use super::*;

#[test]
fn a_match_in_the_body() {
    received(
        r"
got(Acc, Params, _Extra) ->
    #{jid := Jid} = Params,
    log(Jid),
    {ok, mark(Acc, Jid)}.
",
        r"
got(Acc, Params, _Extra) ->
    #{c2s_data := C2SData} = Params,
    Jid = mongoose_c2s:get_jid(C2SData),
    log(Jid),
    {ok, mark(Acc, Jid)}.
",
    );
}

#[test]
fn a_match_in_the_body_of_a_certain_value() {
    received(
        r#"
got(Acc, Params, _Extra) -> #{jid := #jid{lserver = <<"a.example">>}} = Params, {ok, Acc}.
"#,
        r#"
got(Acc, Params, _Extra) -> #{c2s_data := C2SData} = Params, #jid{lserver = <<"a.example">>} = mongoose_c2s:get_jid(C2SData), {ok, Acc}.
"#,
    );
}

#[test]
fn a_case_over_the_parameters() {
    received(
        r"
got(Acc, Params, _Extra) ->
    case Params of
        #{jid := Jid} ->
            log(Jid),
            {ok, mark(Acc, Jid)};
        _ ->
            {ok, Acc}
    end.
",
        r"
got(Acc, Params, _Extra) ->
    case Params of
        #{c2s_data := C2SData} ->
            Jid = mongoose_c2s:get_jid(C2SData),
            log(Jid),
            {ok, mark(Acc, Jid)};
        _ ->
            {ok, Acc}
    end.
",
    );
}

#[test]
fn a_case_over_the_parameters_with_a_guard_gets_an_adapter() {
    adapted(
        r"
got(Acc, Params, _Extra) ->
    case Params of
        #{jid := Jid} when Jid =/= undefined -> {ok, mark(Acc, Jid)};
        _ -> {ok, Acc}
    end.
",
        "",
    );
}

#[test]
fn a_match_in_the_middle_of_an_expression_gets_an_adapter() {
    adapted(
        r"
got(Acc, Params, _Extra) ->
    log(#{jid := Jid} = Params, Jid),
    {ok, mark(Acc, Jid)}.
",
        "",
    );
}

#[test]
fn calls_that_take_a_key() {
    received(
        r"
got(Acc, Params, _Extra) ->
    Jid = maps:get(jid, Params, undefined),
    case maps:find(jid, Params) of
        {ok, Other} -> log(Other), log(Other);
        error -> ok
    end,
    {ok, Third} = maps:find(jid, Params),
    Known = maps:is_key(jid, Params),
    {ok, mark(Acc, Jid, Third, Known, (maps:get(jid, Params))#jid.luser)}.
",
        r"
got(Acc, Params, _Extra) ->
    Jid = mongoose_c2s:get_jid(maps:get(c2s_data, Params)),
    case maps:find(c2s_data, Params) of
        {ok, C2SData} ->
            Other = mongoose_c2s:get_jid(C2SData),
            log(Other), log(Other);
        error -> ok
    end,
    {ok, C2SData1} = maps:find(c2s_data, Params),
    Known = maps:is_key(c2s_data, Params),
    {ok, mark(Acc, Jid, mongoose_c2s:get_jid(C2SData1), Known, (mongoose_c2s:get_jid(maps:get(c2s_data, Params)))#jid.luser)}.
",
    );
}

#[test]
fn a_key_that_is_taken_out_gets_no_fix() {
    let code =
        "got(Acc, Params, _Extra) ->\n    {Jid, Rest} = maps:take(jid, Params),\n    {ok, mark(Acc, Jid, Rest)}.\n";
    adapted(code, "");
}

#[test]
fn a_key_in_a_guard_gets_an_adapter() {
    adapted("got(Acc, Params, _Extra) when map_get(jid, Params) =/= x ->\n    {ok, Acc}.\n", "");
}

#[test]
fn a_helper_that_gets_all_parameters() {
    received(
        r"
got(Acc, Params, Extra) ->
    {ok, mark(Acc, Params, Extra)}.

mark(Acc, #{jid := Jid} = Params, _) ->
    log(Jid),
    put(Acc, Jid, other(Params)).

-spec other(#{jid := jid:jid()}) -> jid:server().
other(#{jid := #jid{lserver = Server}}) -> Server.
",
        r"
got(Acc, Params, Extra) ->
    {ok, mark(Acc, Params, Extra)}.

mark(Acc, #{c2s_data := C2SData} = Params, _) ->
    Jid = mongoose_c2s:get_jid(C2SData),
    log(Jid),
    put(Acc, Jid, other(Params)).

-spec other(mongoose_c2s_hooks:params()) -> jid:server().
other(#{c2s_data := C2SData}) ->
    #jid{lserver = Server} = mongoose_c2s:get_jid(C2SData),
    Server.
",
    );
}

#[test]
fn a_helper_that_others_call_gets_an_adapter() {
    adapted(
        "got(Acc, Params, _Extra) ->\n    {ok, mark(Acc, Params)}.\n",
        "\nmark(Acc, #{jid := Jid}) -> {Acc, Jid}.\n\ntest() -> mark(acc, #{jid => jid}).\n",
    );
    adapted(
        "got(Acc, Params, _Extra) ->\n    {ok, mark(Acc, Params)}.\n",
        "\nmark(Acc, #{jid := Jid}) -> {Acc, Jid}.\n\ntest() -> fun mark/2.\n",
    );
}

#[test]
fn a_helper_whose_clauses_depend_on_a_value_gets_an_adapter() {
    adapted(
        "got(Acc, Params, _Extra) ->\n    {ok, mark(Acc, Params)}.\n",
        "\nmark(Acc, #{jid := #jid{luser = <<>>}}) -> Acc;\nmark(Acc, _) -> {Acc}.\n",
    );
}
