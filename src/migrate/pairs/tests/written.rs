//! Lists that are written, and where they go.

use super::*;

#[test]
fn literal_lists() {
    fixed(
        r#"
        -module(mod_a).
        msg(To, El) ->
            A = #xmlel{name = <<"message">>, attrs = [{<<"to">>, To}]},
            B = El#xmlel{attrs = []},
            C = {xmlel, <<"x">>, [{<<"xmlns">>, ?NS_X}], []},
            {A, B, C, #xmlel{attrs = [ {<<"id">>,id({a, b})} , {<<"n">>, (<<"1">>)} ]}}.
        "#,
        r#"
        -module(mod_a).
        msg(To, El) ->
            A = #xmlel{name = <<"message">>, attrs = #{<<"to">> => To}},
            B = El#xmlel{attrs = #{}},
            C = {xmlel, <<"x">>, #{<<"xmlns">> => ?NS_X}, []},
            {A, B, C, #xmlel{attrs = #{ <<"id">> => id({a, b}) , <<"n">> => (<<"1">>) }}}.
        "#,
    );
}

#[test]
fn comments_and_layout_stay() {
    fixed(
        r#"
        -module(mod_a).
        msg(From, To) ->
            #xmlel{name = <<"message">>, % ours
                   attrs = [{<<"from">>, From}, % {not, "a pair"}
                            %% the receiver
                            {<<"to">>,
                             To},
                            {<<"note">>, <<"a, b] }">>}],
                   children = []}.
        other(To) ->
            #xmlel{attrs = [
                {<<"to">>, To},
                {<<"x">>, <<"1">>}
            ]}.
        "#,
        r#"
        -module(mod_a).
        msg(From, To) ->
            #xmlel{name = <<"message">>, % ours
                   attrs = #{<<"from">> => From, % {not, "a pair"}
                             %% the receiver
                             <<"to">> =>
                             To,
                             <<"note">> => <<"a, b] }">>},
                   children = []}.
        other(To) ->
            #xmlel{attrs = #{
                <<"to">> => To,
                <<"x">> => <<"1">>
            }}.
        "#
        .replace("                     %% the receiver\n", "                    %% the receiver\n")
        .as_str(),
    );
}

#[test]
fn what_goes_before_others_counts() {
    fixed(
        r#"
        -module(mod_a).
        f(#xmlel{attrs = Attrs} = El, To) ->
            El#xmlel{attrs = [{<<"to">>, To}, {<<"x">>, <<"1">>} | Attrs]}.
        g(El, To) ->
            El#xmlel{attrs = [{<<"to">>, To} | El#xmlel.attrs]}.
        "#,
        r#"
        -module(mod_a).
        f(#xmlel{attrs = Attrs} = El, To) ->
            El#xmlel{attrs = Attrs#{<<"to">> => To, <<"x">> => <<"1">>}}.
        g(El, To) ->
            El#xmlel{attrs = (El#xmlel.attrs)#{<<"to">> => To}}.
        "#,
    );
}

#[test]
fn names_that_may_be_the_same() {
    unsafely(
        "`Name` may be one of the other names",
        "\n-module(mod_a).\nf(Name, V) -> #xmlel{attrs = [{<<\"a\">>, V}, {Name, V}]}.\n",
        "\n-module(mod_a).\nf(Name, V) -> #xmlel{attrs = #{<<\"a\">> => V, Name => V}}.\n",
    );
    left(
        "`<<\"a\">>` is given twice",
        "\n-module(mod_a).\n-define(A, <<\"a\">>).\nf(V) -> #xmlel{attrs = [{?A, V}, {<<\"a\">>, V}]}.\n",
    );
}

#[test]
fn macros_with_names_are_read() {
    fixed(
        "\n-module(mod_a).\n-define(A, <<\"a\">>).\nf(V) -> #xmlel{attrs = [{?A, V}, {<<\"b\">>, V}]}.\n",
        "\n-module(mod_a).\n-define(A, <<\"a\">>).\nf(V) -> #xmlel{attrs = #{?A => V, <<\"b\">> => V}}.\n",
    );
}

#[test]
fn what_is_no_pair() {
    left("`?XMLNS` is an item", "\n-module(mod_a).\nf() -> #xmlel{attrs = [?XMLNS, {<<\"b\">>, <<>>}]}.\n");
    left("comment inside of a pair", "\n-module(mod_a).\nf(V) -> #xmlel{attrs = [{<<\"b\">> % why\n, V}]}.\n");
    left("what `?ATTRS` stands for", "\n-module(mod_a).\nf(V) -> #xmlel{attrs = [{<<\"b\">>, V} | ?ATTRS]}.\n");
}

// --- Values that are handed on --------------------------------------------------------------------------

#[test]
fn variables_and_branches() {
    fixed(
        r#"
        -module(mod_a).
        f(To, Type) ->
            Attrs = case Type of
                        chat -> [{<<"type">>, <<"chat">>}];
                        _ -> []
                    end,
            Other = [{a, b}],
            #xmlel{attrs = [{<<"to">>, To} | Attrs], children = g(Other)}.
        "#,
        r#"
        -module(mod_a).
        f(To, Type) ->
            Attrs = case Type of
                        chat -> #{<<"type">> => <<"chat">>};
                        _ -> #{}
                    end,
            Other = [{a, b}],
            #xmlel{attrs = Attrs#{<<"to">> => To}, children = g(Other)}.
        "#,
    );
}

#[test]
fn a_helper_and_its_callers() {
    fixed(
        r#"
        -module(mod_a).
        -export([f/1]).
        -spec el(binary(), [{binary(), binary()}], list()) -> exml:element().
        el(Name, Attrs, Children) ->
            #xmlel{name = Name, attrs = Attrs, children = Children}.
        f(To) ->
            el(<<"a">>, [{<<"to">>, To}], [el(<<"b">>, [], [{<<"c">>, d}])]).
        "#,
        r#"
        -module(mod_a).
        -export([f/1]).
        -spec el(binary(), exml:attrs(), list()) -> exml:element().
        el(Name, Attrs, Children) ->
            #xmlel{name = Name, attrs = Attrs, children = Children}.
        f(To) ->
            el(<<"a">>, #{<<"to">> => To}, [el(<<"b">>, #{}, [{<<"c">>, d}])]).
        "#,
    );
}

#[test]
fn an_exported_helper() {
    unsafely(
        "`el/2` is exported: who calls it from another module has to give a map",
        r#"
        -module(mod_a).
        -export([f/1, el/2]).
        el(Name, Attrs) -> #xmlel{name = Name, attrs = Attrs}.
        f(To) -> el(<<"a">>, [{<<"to">>, To}]).
        "#,
        r#"
        -module(mod_a).
        -export([f/1, el/2]).
        el(Name, Attrs) -> #xmlel{name = Name, attrs = Attrs}.
        f(To) -> el(<<"a">>, #{<<"to">> => To}).
        "#,
    );
}

#[test]
fn what_a_function_gives() {
    fixed(
        r#"
        -module(mod_a).
        f(To) -> #xmlel{attrs = [{<<"xmlns">>, ?NS_X} | more(To)]}.
        more(undefined) -> [];
        more(To) -> [{<<"to">>, To}].
        "#,
        r#"
        -module(mod_a).
        f(To) -> #xmlel{attrs = (more(To))#{<<"xmlns">> => ?NS_X}}.
        more(undefined) -> #{};
        more(To) -> #{<<"to">> => To}.
        "#,
    );
}

#[test]
fn what_goes_elsewhere_is_left() {
    left(
        "`Attrs` is part of a tuple",
        "\n-module(mod_a).\nf(Attrs) -> {[{<<\"a\">>, Attrs}], #xmlel{attrs = [{<<\"x\">>, <<>>} | Attrs]}}.\n",
    );
    left(
        "`acme_log:attrs/1`",
        "\n-module(mod_a).\nf(To) -> A = [{<<\"to\">>, To}], acme_log:attrs(A), #xmlel{attrs = A}.\n",
    );
    left(
        "handed through a fun",
        "\n-module(mod_a).\nf(L) -> #xmlel{attrs = lists:keydelete(a, 1, lists:foldl(fun(X, A) -> [X | A] end, [], L))}.\nh(#xmlel{attrs = A}) -> [fun() -> A end, A =:= []].\n",
    );
    left(
        "`acme:attrs/0` gives a list or a map",
        "\n-module(mod_a).\nf(To) -> #xmlel{attrs = [{<<\"to\">>, To} | acme:attrs()]}.\n",
    );
}

#[test]
fn branches_have_values_of_their_own() {
    fixed(
        r#"
        -module(mod_a).
        f(El) ->
            case El of
                #xmlel{name = <<"a">>, attrs = Rest} -> [{<<"x">>, y}, lists:keymember(<<"a">>, 1, Rest)];
                #xmlel{children = Rest} -> [{<<"a">>, b} | Rest]
            end.
        "#,
        r#"
        -module(mod_a).
        f(El) ->
            case El of
                #xmlel{name = <<"a">>, attrs = Rest} -> [{<<"x">>, y}, maps:is_key(<<"a">>, Rest)];
                #xmlel{children = Rest} -> [{<<"a">>, b} | Rest]
            end.
        "#,
    );
}

#[test]
fn funs_have_variables_of_their_own() {
    fixed(
        r#"
        -module(mod_a).
        f(Els, Attrs) ->
            Ids = lists:map(fun(#xmlel{attrs = Attrs}) -> proplists:get_value(<<"id">>, Attrs) end, Els),
            {Ids, [proplists:get_value(<<"id">>, Attrs) || #xmlel{attrs = Attrs} <- Els], [{a, b} | Attrs]}.
        "#,
        r#"
        -module(mod_a).
        f(Els, Attrs) ->
            Ids = lists:map(fun(#xmlel{attrs = Attrs}) -> maps:get(<<"id">>, Attrs, undefined) end, Els),
            {Ids, [maps:get(<<"id">>, Attrs, undefined) || #xmlel{attrs = Attrs} <- Els], [{a, b} | Attrs]}.
        "#,
    );
}
