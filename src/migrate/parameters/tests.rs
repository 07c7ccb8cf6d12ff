//! Parameters that are read in another way, before and after; what cannot be read so gets an adapter, or no fix.

use crate::rules::testing::{fixed_unsafely, unfixed};

/// A module with a handler of `user_receive_packet` for all stanzas.
fn receiver(registered: &str, exports: &str, code: &str) -> String {
    format!(
        "-export([start/2, {exports}]).\n\nstart(HostType, _Opts) ->\n    \
         gen_hook:add_handlers([{{user_receive_packet, HostType, fun ?MODULE:{registered}/3, #{{}}, 50}}]).\n\n{}\n",
        code.trim_matches('\n')
    )
}

/// Asserts that the handler `got/3` of `user_receive_packet` is rewritten in place.
#[track_caller]
fn received(before: &str, after: &str) {
    fixed_unsafely("changed-params", "", &receiver("got", "got/3", before), &receiver("got", "got/3", after));
}

/// Asserts that the handler `got/3` of `user_receive_packet` stays as it is, behind an adapter.
#[track_caller]
fn adapted(handler: &str, rest: &str) {
    let handler = handler.trim_matches('\n');
    let adapter = "%% Calls got/3 as MongooseIM 6.0.0 did for user_receive_packet.\n\
                   user_receive_packet(Acc, #{c2s_data := C2SData} = Params, Extra) ->\n    \
                   got(Acc, Params#{jid => mongoose_c2s:get_jid(C2SData)}, Extra).";
    let before = receiver("got", "got/3", &format!("{handler}\n{rest}"));
    let code = format!("{handler}\n\n{adapter}\n{rest}");
    let after = receiver("user_receive_packet", "got/3, user_receive_packet/3", &code);
    fixed_unsafely("changed-params", "", &before, &after);
}

/// A module with a handler of `c2s_preprocessing_hook` for all stanzas.
fn preprocessor(registered: &str, code: &str) -> String {
    format!(
        "start(HostType, _Opts) ->\n    gen_hook:add_handlers([{{{registered}}}]).\n\n{}\n",
        code.trim_matches('\n')
    )
}

/// Asserts that the handler `check/3` of `c2s_preprocessing_hook` is rewritten in place.
#[track_caller]
fn preprocessed(before: &str, after: &str) {
    fixed_unsafely(
        "removed-hook",
        "",
        &preprocessor("c2s_preprocessing_hook, HostType, fun ?MODULE:check/3, #{}, 50", before),
        &preprocessor("user_send_packet, HostType, fun ?MODULE:check/3, #{}, 21", after),
    );
}

/// Asserts that the handler `check/3` of `c2s_preprocessing_hook` is left to a person.
#[track_caller]
fn unprocessed(why: &str, code: &str) {
    let before = preprocessor("c2s_preprocessing_hook, HostType, fun ?MODULE:check/3, #{}, 50", code);
    unfixed("removed-hook", why, &before);
}

// --- Guards and patterns that decide --------------------------------------------------------------------

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

// --- Where a value is put -------------------------------------------------------------------------------

#[test]
fn a_value_in_a_fun_is_computed_once() {
    received(
        r"
got(Acc, #{jid := Jid}, _Extra) ->
    spawn(fun() -> tell(Jid) end),
    {ok, Acc}.
",
        r"
got(Acc, #{c2s_data := C2SData}, _Extra) ->
    Jid = mongoose_c2s:get_jid(C2SData),
    spawn(fun() -> tell(Jid) end),
    {ok, Acc}.
",
    );
}

#[test]
fn a_fun_with_a_variable_of_its_own() {
    received(
        r"
got(Acc, #{jid := Jid}, _Extra) ->
    lists:foreach(fun(Jid) -> tell(Jid) end, friends(Jid)),
    [tell(Jid) || Jid <- all()],
    {ok, Acc}.
",
        r"
got(Acc, #{c2s_data := C2SData}, _Extra) ->
    lists:foreach(fun(Jid) -> tell(Jid) end, friends(mongoose_c2s:get_jid(C2SData))),
    [tell(Jid) || Jid <- all()],
    {ok, Acc}.
",
    );
}

#[test]
fn a_name_that_is_taken_in_a_nested_fun() {
    received(
        r"
got(Acc, #{jid := Jid}, _Extra) ->
    Do = fun(C2SData) -> C2SData + 1 end,
    {ok, Do(Acc), Jid, Jid}.
",
        r"
got(Acc, #{c2s_data := C2SData1}, _Extra) ->
    Jid = mongoose_c2s:get_jid(C2SData1),
    Do = fun(C2SData) -> C2SData + 1 end,
    {ok, Do(Acc), Jid, Jid}.
",
    );
}

#[test]
fn a_field_of_a_value_that_is_used_once() {
    received(
        r"
got(Acc, #{jid := Jid}, _Extra) ->
    {ok, mark(Acc, Jid#jid.luser)}.
",
        r"
got(Acc, #{c2s_data := C2SData}, _Extra) ->
    {ok, mark(Acc, (mongoose_c2s:get_jid(C2SData))#jid.luser)}.
",
    );
}

#[test]
fn a_body_on_the_line_of_its_head_that_goes_on() {
    received(
        r"
got(Acc, #{jid := Jid}, _) -> log(Jid),
                              {ok, mark(Acc, Jid)}.
",
        r"
got(Acc, #{c2s_data := C2SData}, _) -> Jid = mongoose_c2s:get_jid(C2SData),
                              log(Jid),
                              {ok, mark(Acc, Jid)}.
",
    );
}

#[test]
fn tabs() {
    received(
        "got(Acc, #{jid := Jid}, _) when Jid =/= none ->\n\tlog(Jid),\n\t{ok, Acc}.\n",
        "got(Acc, #{c2s_data := C2SData}, _) ->\n\tcase mongoose_c2s:get_jid(C2SData) of\n\t\tJid when Jid =/= none ->\n\t\t\t\
         log(Jid),\n\t\t\t{ok, Acc}\n\tend.\n",
    );
}

#[test]
fn lines_that_start_with_commas_and_comments_between() {
    received(
        r"
got( Acc
   , #{ jid := Jid
      %% Not asked for any more.
      , c2s_data := Known
      }
   , _Extra
   ) ->
    %% Twice.
    log(Jid, Known)
  , {ok, mark(Acc, Jid)}
  .
",
        r"
got( Acc
   , #{
      %% Not asked for any more.
       c2s_data := Known
      }
   , _Extra
   ) ->
    Jid = mongoose_c2s:get_jid(Known),
    %% Twice.
    log(Jid, Known)
  , {ok, mark(Acc, Jid)}
  .
",
    );
}

#[test]
fn a_macro_in_the_head_and_another_key() {
    received(
        r#"
-define(ANY, _Extra).
got(Acc, #{other := X, jid := #jid{lserver = Server}}, ?ANY) ->
    {ok, mark(Acc, X, Server)}.
"#,
        r#"
-define(ANY, _Extra).
got(Acc, #{other := X, c2s_data := C2SData}, ?ANY) ->
    #jid{lserver = Server} = mongoose_c2s:get_jid(C2SData),
    {ok, mark(Acc, X, Server)}.
"#,
    );
}

#[test]
fn a_macro_that_may_do_anything_with_a_value() {
    received(
        r"
got(Acc, #{jid := Jid}, _Extra) ->
    ?assertMatch({jid, _, _, _}, Jid),
    {ok, Acc}.
",
        r"
got(Acc, #{c2s_data := C2SData}, _Extra) ->
    Jid = mongoose_c2s:get_jid(C2SData),
    ?assertMatch({jid, _, _, _}, Jid),
    {ok, Acc}.
",
    );
}

// --- Reads in the body ----------------------------------------------------------------------------------

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

// --- The session ----------------------------------------------------------------------------------------

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

// --- Other hooks ----------------------------------------------------------------------------------------

/// A module with the handler `on/3` of a hook.
fn on(hook: &str, code: &str) -> String {
    preprocessor(&format!("{hook}, HostType, fun ?MODULE:on/3, #{{}}, 50"), code)
}

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

// --- Specs ----------------------------------------------------------------------------------------------

#[test]
fn a_type_of_the_module() {
    received(
        r"
-type params() :: #{jid := jid:jid()}.
-spec got(mongoose_acc:t(), params(), gen_hook:extra()) -> {ok, mongoose_acc:t()};
         (mongoose_acc:t(), Params, map()) -> {ok, mongoose_acc:t()} when Params :: #{jid := jid:jid()}.
got(Acc, #{jid := Jid}, _Extra) ->
    {ok, mark(Acc, Jid)}.
",
        r"
-type params() :: mongoose_c2s_hooks:params().
-spec got(mongoose_acc:t(), params(), gen_hook:extra()) -> {ok, mongoose_acc:t()};
         (mongoose_acc:t(), Params, map()) -> {ok, mongoose_acc:t()} when Params :: mongoose_c2s_hooks:params().
got(Acc, #{c2s_data := C2SData}, _Extra) ->
    {ok, mark(Acc, mongoose_c2s:get_jid(C2SData))}.
",
    );
}

#[test]
fn a_type_that_others_name_and_specs_that_stay() {
    received(
        r"
-type params() :: #{jid := jid:jid()}.
-spec got(mongoose_acc:t(), Params :: params(), gen_hook:extra()) -> {ok, mongoose_acc:t()}.
got(Acc, #{jid := Jid}, _Extra) ->
    {ok, mark(Acc, Jid)}.

-spec other(params()) -> ok.
other(_) -> ok.
",
        r"
-type params() :: #{jid := jid:jid()}.
-spec got(mongoose_acc:t(), Params :: mongoose_c2s_hooks:params(), gen_hook:extra()) -> {ok, mongoose_acc:t()}.
got(Acc, #{c2s_data := C2SData}, _Extra) ->
    {ok, mark(Acc, mongoose_c2s:get_jid(C2SData))}.

-spec other(params()) -> ok.
other(_) -> ok.
",
    );
    received(
        "-spec got(term(), gen_hook:hook_params(), map()) -> {ok, term()}.\ngot(Acc, #{jid := Jid}, _) ->\n    {ok, mark(Acc, Jid)}.\n",
        "-spec got(term(), gen_hook:hook_params(), map()) -> {ok, term()}.\ngot(Acc, #{c2s_data := C2SData}, _) ->\n    {ok, mark(Acc, mongoose_c2s:get_jid(C2SData))}.\n",
    );
}

// --- What stands behind the source's back ---------------------------------------------------------------

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
