//! Values that are looked into, and patterns.

use super::*;

#[test]
fn calls_that_look_for_a_name() {
    fixed(
        r#"
        -module(mod_a).
        f(#xmlel{attrs = Attrs} = El, From) ->
            Attrs1 = lists:keydelete(<<"from">>, 1, Attrs),
            Attrs2 = lists:keystore(<<"to">>, 1, Attrs1, {<<"to">>, From}),
            ?LOG_DEBUG(#{what => f, attrs => Attrs2}),
            Id = case lists:keyfind(<<"id">>, 1, Attrs) of
                     {_, Value} -> Value;
                     false -> proplists:get_value(<<"x">>, Attrs, none)
                 end,
            Has = lists:keyfind(<<"x">>, 1, Attrs) =/= false,
            {<<"y">>, Y} = lists:keyfind(<<"y">>, 1, El#xmlel.attrs),
            Is = not lists:member({<<"z">>, Y}, Attrs),
            Odd = odd(lists:keyfind(<<"y">>, 1, Attrs)),
            {Id, Has, Is, Odd, length(Attrs), El#xmlel{attrs = Attrs2}}.
        "#,
        r#"
        -module(mod_a).
        f(#xmlel{attrs = Attrs} = El, From) ->
            Attrs1 = maps:remove(<<"from">>, Attrs),
            Attrs2 = Attrs1#{<<"to">> => From},
            ?LOG_DEBUG(#{what => f, attrs => Attrs2}),
            Id = case maps:find(<<"id">>, Attrs) of
                     {ok, Value} -> Value;
                     error -> maps:get(<<"x">>, Attrs, none)
                 end,
            Has = maps:is_key(<<"x">>, Attrs),
            {ok, Y} = maps:find(<<"y">>, El#xmlel.attrs),
            Is = not (maps:find(<<"z">>, Attrs) =:= {ok, Y}),
            Odd = odd(lists:keyfind(<<"y">>, 1, maps:to_list(Attrs))),
            {Id, Has, Is, Odd, map_size(Attrs), El#xmlel{attrs = Attrs2}}.
        "#,
    );
}

#[test]
fn taken_out_and_replaced() {
    fixed(
        r#"
        -module(mod_a).
        f(#xmlel{attrs = Attrs} = El) ->
            case lists:keytake(<<"id">>, 1, Attrs) of
                {value, {<<"id">>, Id}, Rest} -> {Id, El#xmlel{attrs = Rest}};
                false -> El#xmlel{attrs = lists:keyreplace(<<"a">>, 1, Attrs, {<<"a">>, <<"b">>})}
            end.
        "#,
        r#"
        -module(mod_a).
        f(#xmlel{attrs = Attrs} = El) ->
            case maps:take(<<"id">>, Attrs) of
                {Id, Rest} -> {Id, El#xmlel{attrs = Rest}};
                error -> El#xmlel{attrs = case Attrs of #{<<"a">> := _} -> Attrs#{<<"a">> => <<"b">>}; _ -> Attrs end}
            end.
        "#,
    );
}

#[test]
fn filtered_pairs() {
    fixed(
        r#"
        -module(mod_a).
        f(#xmlel{attrs = Attrs} = El) ->
            A = [Attr || {Name, _} = Attr <- Attrs, Name =/= <<"to">>],
            B = lists:filter(fun({Name, _}) -> Name =/= <<"to">> end, Attrs),
            {El#xmlel{attrs = A}, El#xmlel{attrs = B}}.
        g(To) -> #xmlel{attrs = [{<<"to">>, To} || To =/= undefined]}.
        "#,
        r#"
        -module(mod_a).
        f(#xmlel{attrs = Attrs} = El) ->
            A = maps:from_list([Attr || {Name, _} = Attr <- maps:to_list(Attrs), Name =/= <<"to">>]),
            B = maps:from_list(lists:filter(fun({Name, _}) -> Name =/= <<"to">> end, maps:to_list(Attrs))),
            {El#xmlel{attrs = A}, El#xmlel{attrs = B}}.
        g(To) -> #xmlel{attrs = maps:from_list([{<<"to">>, To} || To =/= undefined])}.
        "#,
    );
}

#[test]
fn order_and_names_that_come_twice() {
    unsafely(
        "an order of their own",
        "\n-module(mod_a).\nf(#xmlel{attrs = Attrs}) -> [send(N, V) || {N, V} <- Attrs].\n",
        "\n-module(mod_a).\nf(#xmlel{attrs = Attrs}) -> [send(N, V) || {N, V} <- maps:to_list(Attrs)].\n",
    );
    unsafely(
        "the last counts in a map",
        "\n-module(mod_a).\nf(L) -> #xmlel{attrs = [{b(N), V} || {N, V} <- L]}.\n",
        "\n-module(mod_a).\nf(L) -> #xmlel{attrs = maps:from_list([{b(N), V} || {N, V} <- L])}.\n",
    );
}

#[test]
fn names_that_are_made_anew() {
    unsafely(
        "the last counts in a map",
        "\n-module(mod_a).\nf(#xmlel{attrs = A}) -> #xmlel{attrs = [{b(N), V} || {N, V} <- A]}.\n",
        "\n-module(mod_a).\nf(#xmlel{attrs = A}) -> #xmlel{attrs = maps:from_list([{b(N), V} || {N, V} <- maps:to_list(A)])}.\n",
    );
    unsafely(
        "the last counts in a map",
        "\n-module(mod_a).\nf(#xmlel{attrs = A}) -> #xmlel{attrs = lists:map(fun b/1, A)}.\n",
        "\n-module(mod_a).\nf(#xmlel{attrs = A}) -> #xmlel{attrs = maps:from_list(lists:map(fun b/1, maps:to_list(A)))}.\n",
    );
}

#[test]
fn lists_that_are_put_together() {
    fixed(
        r#"
        -module(mod_a).
        f(#xmlel{attrs = Attrs} = El, To) -> El#xmlel{attrs = Attrs ++ [{<<"to">>, To}]};
        f(#xmlel{attrs = Attrs} = El, _) -> El#xmlel{attrs = [{<<"to">>, <<"a">>}] ++ Attrs}.
        "#,
        r#"
        -module(mod_a).
        f(#xmlel{attrs = Attrs} = El, To) -> El#xmlel{attrs = maps:merge(#{<<"to">> => To}, Attrs)};
        f(#xmlel{attrs = Attrs} = El, _) -> El#xmlel{attrs = Attrs#{<<"to">> => <<"a">>}}.
        "#,
    );
}

#[test]
fn functions_that_take_and_give_attributes() {
    fixed(
        r#"
        -module(mod_a).
        f(#xmlel{attrs = Attrs} = El, From, To) ->
            New = jlib:replace_from_to_attrs(From, To, [{<<"a">>, From} | Attrs]),
            El#xmlel{attrs = lists:keydelete(<<"x">>, 1, New)}.
        "#,
        r#"
        -module(mod_a).
        f(#xmlel{attrs = Attrs} = El, From, To) ->
            New = jlib:replace_from_to_attrs(From, To, Attrs#{<<"a">> => From}),
            El#xmlel{attrs = maps:remove(<<"x">>, New)}.
        "#,
    );
}

#[test]
fn arguments_stay_as_they_are() {
    fixed(
        "\n-module(mod_a).\nf(#xmlel{attrs = A}) -> proplists:get_value(<<$0, $1, $2>>, A, $1).\n",
        "\n-module(mod_a).\nf(#xmlel{attrs = A}) -> maps:get(<<$0, $1, $2>>, A, $1).\n",
    );
}

#[test]
fn a_map_that_was_made_of_them() {
    fixed(
        "\n-module(mod_a).\nf(El) -> M = maps:from_list(El#xmlel.attrs), maps:get(<<\"id\">>, M).\n",
        "\n-module(mod_a).\nf(El) -> M = El#xmlel.attrs, maps:get(<<\"id\">>, M).\n",
    );
}

#[test]
fn another_element_of_the_pairs() {
    left(
        "another element than the name",
        "\n-module(mod_a).\nf(#xmlel{attrs = A}) -> lists:keymember(<<\"x\">>, 2, A).\n",
    );
    left(
        "is not seen to have the name",
        "\n-module(mod_a).\nf(#xmlel{attrs = A}, P) -> #xmlel{attrs = lists:keystore(<<\"x\">>, 1, A, P)}.\n",
    );
}

// --- Patterns -------------------------------------------------------------------------------------------

#[test]
fn patterns_that_ask_for_none() {
    fixed(
        r#"
        -module(mod_a).
        f(#xmlel{attrs = []}) -> none;
        f(#xmlel{name = N, attrs = []}) when N =/= <<"x">> -> none;
        f(#xmlel{attrs = Attrs}) when Attrs =/= [] ->
            case Attrs of
                [] -> none;
                [_ | _] -> some
            end.
        "#,
        r#"
        -module(mod_a).
        f(#xmlel{attrs = Attrs}) when map_size(Attrs) =:= 0 -> none;
        f(#xmlel{name = N, attrs = Attrs}) when N =/= <<"x">>, map_size(Attrs) =:= 0 -> none;
        f(#xmlel{attrs = Attrs}) when Attrs =/= #{} ->
            case Attrs of
                _ when map_size(Attrs) =:= 0 -> none;
                _ when map_size(Attrs) > 0 -> some
            end.
        "#,
    );
    left("where there can be no guard", "\n-module(mod_a).\nf(El) -> #xmlel{attrs = []} = El.\n");
    left("where there can be no guard", "\n-module(mod_a).\nf(#xmlel{attrs = []}, X) when X; not X -> X.\n");
}

#[test]
fn patterns_with_pairs() {
    unsafely(
        "the pattern `[{<<\"type\">>, T}]` fits now whatever else there is",
        "\n-module(mod_a).\nf(#xmlel{attrs = [{<<\"type\">>, T}]}) -> T;\nf(#xmlel{attrs = [{<<\"a\">>, T} | _]}) -> T.\n",
        "\n-module(mod_a).\nf(#xmlel{attrs = #{<<\"type\">> := T}}) -> T;\nf(#xmlel{attrs = #{<<\"a\">> := T}}) -> T.\n",
    );
    left("takes the list apart", "\n-module(mod_a).\nf(#xmlel{attrs = [{<<\"a\">>, T} | R]}) -> {T, R}.\n");
    left("is not known beforehand", "\n-module(mod_a).\nf(#xmlel{attrs = [{N, V}]}) -> {N, V}.\n");
}
