//! `#xmlel.attrs`, from 6.3.1 to 6.3.2.

use crate::rules::testing::Case;

const RULE: &str = "changed-record-field";

fn case(text: &str) -> Case {
    Case::new(text).rules(&[RULE]).from("6.3.1").to("6.3.2")
}

/// Asserts what the safe fixes come to.
#[track_caller]
fn fixed(before: &str, after: &str) {
    case(before).fix(false).is(before, after);
}

/// Asserts what the other fixes come to, and that there is no safe one.
#[track_caller]
fn unsafely(reason: &str, before: &str, after: &str) {
    let done = case(before).fix(true);
    let reasons: Vec<&String> = done.outcome.applied.iter().flat_map(|applied| &applied.fix.reasons).collect();
    assert!(reasons.iter().any(|it| it.contains(reason)), "`{reason}` is in none of {reasons:#?}");
    done.is(before, after);
    assert!(case(before).fix(false).outcome.files.is_empty(), "there is a safe fix, too");
}

/// Asserts that something is found, and left for this reason.
#[track_caller]
fn left(why: &str, before: &str) {
    let done = case(before).fix(true);
    assert!(done.outcome.files.is_empty(), "it was fixed");
    let left: Vec<_> = done.outcome.after.findings.iter().map(|finding| finding.no_fix.as_deref()).collect();
    assert!(left.iter().flatten().any(|it| it.contains(why)), "`{why}` is in none of {left:#?}");
}

#[track_caller]
fn untouched(text: &str) {
    let findings = case(text).findings();
    assert!(findings.is_empty(), "{:#?}", findings.iter().map(|it| (&it.message, &it.place.span)).collect::<Vec<_>>());
}

// --- Lists that are written -----------------------------------------------------------------------------

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

// --- Values that are looked into ------------------------------------------------------------------------

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

// --- What is not ours -----------------------------------------------------------------------------------

#[test]
fn maps_are_left_alone() {
    untouched(
        r#"
        -module(mod_a).
        -export([el/2, f/2, old/1]).
        el(Name, Attrs) -> #xmlel{name = Name, attrs = Attrs}.
        f(#xmlel{attrs = #{<<"a">> := A} = Attrs} = El, To) when map_size(Attrs) > 1 ->
            L = [{<<"a">>, A}],
            Rest = maps:to_list(Attrs),
            {L, [N || {N, _} <- Rest], El#xmlel{attrs = Attrs#{<<"to">> => To}}, #xmlel{attrs = maps:from_list(L)}};
        f(#xmlel{attrs = Attrs} = El, _) ->
            El#xmlel{attrs = maps:remove(<<"a">>, Attrs)}.
        old({xmlel, Name, Attrs, _}) when is_list(Attrs) ->
            #xmlel{name = Name, attrs = maps:from_list(Attrs)}.
        "#,
    );
}

#[test]
fn attributes_that_are_only_handed_on() {
    untouched(
        r#"
        -module(mod_a).
        f(#xmlel{name = N, attrs = Attrs, children = [{xmlcdata, _}]}) ->
            #xmlel{name = N, attrs = Attrs, children = []}.
        g(#xmlel{name = <<"x">>} = El, _) -> exml_query:attr(El, <<"a">>, [{a, b}]);
        g(#xmlel{attrs = _}, L) -> lists:keyfind(a, 1, L).
        "#,
    );
}

#[test]
fn other_records() {
    untouched(
        r#"
        -module(mod_a).
        -record(item, {attrs = []}).
        f(L) -> {#item{attrs = [{a, b} | L]}, {xmlelement, a, [{b, c}], []}, {xmlel, [{a, b}]}, #xmlel{children = [{a, b}]}}.
        "#,
    );
    untouched("\n-module(mod_a).\n-record(xmlel, {attrs}).\nf(L) -> #xmlel{attrs = [{a, b} | L]}.\n");
}

#[test]
fn other_upgrades() {
    let text = "\n-module(mod_a).\nf(To) -> #xmlel{attrs = [{<<\"to\">>, To}]}.\n";
    for (from, to) in [("6.0.0", "6.1.0"), ("6.3.0", "6.3.1"), ("6.3.2", "6.4.0")] {
        assert!(Case::new(text).rules(&[RULE]).from(from).to(to).findings().is_empty(), "{from} {to}");
    }
    assert_eq!(Case::new(text).rules(&[RULE]).from("6.3.0").to("6.4.0").findings().len(), 1);
}

#[test]
fn what_cannot_be_known_is_told() {
    let text = "\n-module(mod_a).\n-export([el/2]).\nel(Name, Attrs) -> #xmlel{name = Name, attrs = Attrs}.\n";
    let findings = case(text).findings();
    assert_eq!(findings.len(), 1);
    assert!(findings[0].message.contains("nothing in this module shows what it is"), "{}", findings[0].message);
    assert!(findings[0].fix.is_none());
    assert_eq!(findings[0].severity, crate::finding::Severity::Info);
}

#[test]
fn a_module_with_both_is_judged_use_by_use() {
    fixed(
        r#"
        -module(mod_a).
        f(To) -> #xmlel{attrs = #{<<"to">> => To}}.
        g(To) -> #xmlel{attrs = [{<<"to">>, To}]}.
        h(Attrs, To) -> i(Attrs#{<<"a">> => To}), i([]).
        i(Attrs) -> #xmlel{attrs = Attrs}.
        "#,
        r#"
        -module(mod_a).
        f(To) -> #xmlel{attrs = #{<<"to">> => To}}.
        g(To) -> #xmlel{attrs = #{<<"to">> => To}}.
        h(Attrs, To) -> i(Attrs#{<<"a">> => To}), i(#{}).
        i(Attrs) -> #xmlel{attrs = Attrs}.
        "#,
    );
}

#[test]
fn what_looks_the_same_and_is_not_as_safe() {
    fixed(
        "\n-module(mod_a).\nf(#xmlel{attrs = [{<<\"a\">>, X}]}) -> #xmlel{attrs = [{<<\"a\">>, X}]}.\n",
        "\n-module(mod_a).\nf(#xmlel{attrs = [{<<\"a\">>, X}]}) -> #xmlel{attrs = #{<<\"a\">> => X}}.\n",
    );
}
