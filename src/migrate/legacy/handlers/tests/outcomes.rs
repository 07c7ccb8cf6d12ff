//! What handlers return.

use super::{becomes, rewritten};

/// A module with one handler of `roster_get_versioning_feature`.
fn module(arity: usize, code: &str) -> String {
    format!(
        "-module(mod_a).\n-export([start/2, feature/{arity}]).\nstart(H, _) ->\n    \
         ejabberd_hooks:add(roster_get_versioning_feature, H, ?MODULE, feature, 50).\n{code}\n"
    )
}

/// The handler is rewritten in place.
#[track_caller]
fn returns(before: &str, after: &str) {
    becomes(&module(2, before), &module(3, after));
}

/// The handler stays, and this comes behind it.
#[track_caller]
fn is_called(code: &str, adapter: &str) {
    let before = module(2, code);
    let after = before.replace("feature/2]", "feature/2, feature/3]");
    let comment = "%% Calls feature/2 as MongooseIM 5.1.0 did for roster_get_versioning_feature.";
    becomes(&before, &format!("{}\n\n{comment}\n{adapter}\n", after.trim_end()));
}

#[test]
fn what_stops_still_stops() {
    returns(
        "feature(Acc, <<\"a\">>) -> {stop, Acc};\nfeature(_, <<\"b\">>) -> stop;\nfeature(Acc, _) -> Acc.",
        "feature(Acc, _Params, #{host_type := <<\"a\">>}) -> {stop, Acc};\n\
         feature(_, _Params, #{host_type := <<\"b\">>}) -> {stop, stopped};\n\
         feature(Acc, _Params, _Extra) -> {ok, Acc}.",
    );
}

#[test]
fn a_pair_with_ok_was_a_value_like_any_other() {
    returns("feature(Acc, _) -> {ok, Acc}.", "feature(Acc, _Params, _Extra) -> {ok, {ok, Acc}}.");
}

#[test]
fn values_of_all_kinds() {
    returns(
        "feature([], H) -> [H];\nfeature(a, _) -> drop;\nfeature(b, _) -> #{};\nfeature(c, H) -> {H, 1};\n\
         feature(Acc, H) -> [X || X <- Acc, X =/= H].",
        "feature([], _Params, #{host_type := H}) -> {ok, [H]};\nfeature(a, _Params, _Extra) -> {ok, drop};\n\
         feature(b, _Params, _Extra) -> {ok, #{}};\nfeature(c, _Params, #{host_type := H}) -> {ok, {H, 1}};\n\
         feature(Acc, _Params, #{host_type := H}) -> {ok, [X || X <- Acc, X =/= H]}.",
    );
}

#[test]
fn every_branch_has_its_own() {
    returns(
        r#"feature(Acc, H) ->
    case mod_b:mode(H) of
        off -> Acc;
        deny -> {stop, []};
        kill ->
            stop;
        _ ->
            try mod_b:load(H) of
                L when is_list(L) -> L ++ Acc;
                _ -> if H =:= <<"x">> -> []; true -> Acc end
            catch
                _:_ -> error(no_list)
            end
    end."#,
        r#"feature(Acc, _Params, #{host_type := H}) ->
    case mod_b:mode(H) of
        off -> {ok, Acc};
        deny -> {stop, []};
        kill ->
            {stop, stopped};
        _ ->
            try mod_b:load(H) of
                L when is_list(L) -> {ok, L ++ Acc};
                _ -> if H =:= <<"x">> -> {ok, []}; true -> {ok, Acc} end
            catch
                _:_ -> error(no_list)
            end
    end."#,
    );
}

#[test]
fn variables_are_tagged_where_they_are_returned() {
    returns(
        "feature(Acc, H) ->\n    New = lists:append(Acc, [H]),\n    mod_b:note(New),\n    New.",
        "feature(Acc, _Params, #{host_type := H}) ->\n    New = lists:append(Acc, [H]),\n    mod_b:note(New),\n    {ok, New}.",
    );
}

#[test]
fn a_variable_that_stops_on_one_way_is_tagged_where_it_is_bound() {
    returns(
        "feature(Acc, H) ->\n    Result = case H of\n        <<>> -> stop;\n        _ -> [H | Acc]\n    end,\n    Result.",
        "feature(Acc, _Params, #{host_type := H}) ->\n    Result = case H of\n        <<>> -> {stop, stopped};\n        \
         _ -> {ok, [H | Acc]}\n    end,\n    Result.",
    );
}

#[test]
fn what_others_look_at_is_left_as_it_is() {
    is_called(
        "feature(Acc, H) ->\n    Result = case H of\n        <<>> -> stop;\n        _ -> [H | Acc]\n    end,\n    mod_b:note(Result),\n    Result.",
        "feature(Acc, _Params, #{host_type := HostType}) ->\n    case feature(Acc, HostType) of\n        \
         stop -> {stop, stopped};\n        NewAcc -> {ok, NewAcc}\n    end.",
    );
}

#[test]
fn a_function_that_never_stops_is_tagged_where_it_is_called() {
    returns(
        "feature(Acc, H) -> with(Acc, H).\nwith([], H) -> [H];\nwith(Acc, _) -> Acc.",
        "feature(Acc, _Params, #{host_type := H}) -> {ok, with(Acc, H)}.\nwith([], H) -> [H];\nwith(Acc, _) -> Acc.",
    );
}

#[test]
fn a_function_of_its_own_is_tagged_inside() {
    returns(
        "feature(Acc, H) ->\n    with(Acc, H).\n-spec with(list(), binary()) -> list() | {stop, list()}.\n\
         with([], H) -> {stop, [H]};\nwith([stop], H) -> with([H, stop], H);\nwith(Acc, _) -> Acc.",
        "feature(Acc, _Params, #{host_type := H}) ->\n    with(Acc, H).\n-spec with(list(), binary()) -> {ok | stop, list()}.\n\
         with([], H) -> {stop, [H]};\nwith([stop], H) -> with([H, stop], H);\nwith(Acc, _) -> {ok, Acc}.",
    );
}

#[test]
fn a_function_that_others_need_stays() {
    let code = "other() -> with([], 1).\nwith([], _) -> stop;\nwith(Acc, _) -> Acc.\n\
                feature(Acc, H) -> with(Acc, H).";
    is_called(
        code,
        "feature(Acc, _Params, #{host_type := HostType}) ->\n    case feature(Acc, HostType) of\n        \
         stop -> {stop, stopped};\n        NewAcc -> {ok, NewAcc}\n    end.",
    );
}

#[test]
fn what_a_function_returns_can_depend_on_what_it_is_given() {
    // What stops is given to the same function as what does not.
    let code = "feature(Acc, <<>>) -> pass({stop, Acc}, 1);\nfeature(Acc, _) -> pass(Acc, 0).\n\
                pass(_, 2) -> stop;\npass(Result, _) -> Result.";
    assert!(rewritten(&module(2, code)).unwrap().text.contains("case feature(Acc, HostType) of"));
    returns(
        "feature(Acc, <<>>) -> pass({stop, Acc});\nfeature(Acc, _) -> pass(Acc).\npass(Result) -> Result.",
        "feature(Acc, _Params, #{host_type := <<>>}) -> pass({stop, Acc});\n\
         feature(Acc, _Params, _Extra) -> {ok, pass(Acc)}.\npass(Result) -> Result.",
    );
}

#[test]
fn arguments_of_functions_that_call_themselves() {
    returns(
        "feature(Acc, H) -> all(H, Acc).\nall(<<X, T/binary>>, Acc) -> all(T, [X | Acc]);\nall(<<>>, Acc) -> Acc.",
        "feature(Acc, _Params, #{host_type := H}) -> {ok, all(H, Acc)}.\nall(<<X, T/binary>>, Acc) -> all(T, [X | Acc]);\n\
         all(<<>>, Acc) -> Acc.",
    );
    for code in [
        "feature(Acc, H) -> all(H, Acc).\nall(<<_, T/binary>>, Acc) -> all(T, {stop, Acc});\nall(<<>>, Acc) -> Acc.",
        "feature(Acc, H) -> all(Acc, 1, H).\nall(A, B, <<_, T/binary>>) -> all(B, stop, T);\nall(A, _, _) -> A.",
        "feature(Acc, H) -> all(Acc, H).\nall(A, <<_, T/binary>>) -> also({stop, A}, T);\nall(A, _) -> A.\n\
         also(A, <<_, T/binary>>) -> all(A, T);\nalso(A, _) -> A.",
    ] {
        for more in ["", "\ng() -> all(1, 2, 3).\nh() -> all(1, 2)."] {
            let text = rewritten(&module(2, &format!("{code}{more}"))).unwrap().text;
            assert!(text.contains("case feature(Acc, HostType) of"), "{text}");
        }
    }
}

#[test]
fn functions_that_call_each_other() {
    returns(
        "feature(Acc, H) -> one(Acc, H).\none([], H) -> {stop, H};\none([_ | T], H) -> two(T, H).\n\
         two([], H) -> [H];\ntwo([_ | T], H) -> one(T, H).",
        "feature(Acc, _Params, #{host_type := H}) -> one(Acc, H).\none([], H) -> {stop, H};\none([_ | T], H) -> two(T, H).\n\
         two([], H) -> {ok, [H]};\ntwo([_ | T], H) -> one(T, H).",
    );
}

#[test]
fn what_comes_from_elsewhere_is_not_guessed() {
    is_called(
        "feature(Acc, H) -> mod_b:feature(Acc, H).",
        "feature(Acc, _Params, #{host_type := HostType}) ->\n    case feature(Acc, HostType) of\n        stop -> {stop, stopped};\n        \
         {stop, NewAcc} -> {stop, NewAcc};\n        NewAcc -> {ok, NewAcc}\n    end.",
    );
    is_called(
        "feature(Acc, H) ->\n    {_, New} = mod_b:feature(Acc, H),\n    New.",
        "feature(Acc, _Params, #{host_type := HostType}) ->\n    case feature(Acc, HostType) of\n        stop -> {stop, stopped};\n        \
         {stop, NewAcc} -> {stop, NewAcc};\n        NewAcc -> {ok, NewAcc}\n    end.",
    );
}

#[test]
fn a_tag_that_is_not_known_is_not_guessed() {
    is_called(
        "feature(Acc, H) ->\n    Tag = mod_b:tag(H),\n    {Tag, Acc}.",
        "feature(Acc, _Params, #{host_type := HostType}) ->\n    case feature(Acc, HostType) of\n        stop -> {stop, stopped};\n        \
         {stop, NewAcc} -> {stop, NewAcc};\n        NewAcc -> {ok, NewAcc}\n    end.",
    );
    is_called(
        "feature(Acc, H) -> mod_b:f(H) andalso {stop, Acc}.",
        "feature(Acc, _Params, #{host_type := HostType}) ->\n    case feature(Acc, HostType) of\n        stop -> {stop, stopped};\n        \
         {stop, NewAcc} -> {stop, NewAcc};\n        NewAcc -> {ok, NewAcc}\n    end.",
    );
}

#[test]
fn functions_that_are_known_are_plain() {
    returns(
        "feature(Acc, H) ->\n    lists:map(fun(X) -> {X, H} end, Acc).",
        "feature(Acc, _Params, #{host_type := H}) ->\n    {ok, lists:map(fun(X) -> {X, H} end, Acc)}.",
    );
    returns(
        "feature(Acc, H) ->\n    lists:foldl(fun(X, A) -> case X of H -> A; _ -> maps:put(X, H, A) end end, Acc, [1]).",
        "feature(Acc, _Params, #{host_type := H}) ->\n    {ok, lists:foldl(fun(X, A) -> case X of H -> A; _ -> maps:put(X, H, A) end end, Acc, [1])}.",
    );
}

#[test]
fn what_a_list_is_folded_to_can_be_anything() {
    for code in [
        "feature(Acc, H) -> lists:foldl(fun(X, _) -> X end, Acc, mod_b:list(H)).",
        "feature(Acc, H) -> lists:foldl(fun(X, A) -> mod_b:f(X, A) end, Acc, [H]).",
        "feature(Acc, H) -> lists:foldl(fun mod_b:f/2, Acc, [H]).",
    ] {
        let text = rewritten(&module(2, code)).unwrap().text;
        assert!(text.contains("case feature(Acc, HostType) of"), "{text}");
    }
}

#[test]
fn results_of_other_modules_of_the_project() {
    let other =
        "//- src/mod_b.erl\n-module(mod_b).\n-export([f/1, g/1]).\nf(L) -> [x | L].\ng([]) -> stop;\ng(L) -> L.\n";
    let before = format!("{}{other}", module(2, "feature(Acc, _) -> mod_b:f(Acc)."));
    becomes(&before, &module(3, "feature(Acc, _Params, _Extra) -> {ok, mod_b:f(Acc)}."));
    let before = format!("{}{other}", module(2, "feature(Acc, _) -> mod_b:g(Acc)."));
    assert!(rewritten(&before).unwrap().text.contains("case feature(Acc, HostType) of"));
}

#[test]
fn the_last_thing_can_be_a_message_or_a_log_line() {
    returns(
        "feature(Acc, H) -> self() ! {note, H, Acc}.",
        "feature(Acc, _Params, #{host_type := H}) -> {ok, self() ! {note, H, Acc}}.",
    );
}
