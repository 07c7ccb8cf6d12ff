//! Where a value is put.

use super::*;

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
