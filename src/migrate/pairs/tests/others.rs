//! What is not ours.

use super::*;

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
