use super::*;
use crate::catalog::testing::{V1_0, V1_1, V1_2, catalog};

fn explain(from: Version, to: Version, name: &str) -> Option<String> {
    let catalog = catalog();
    let upgrade = catalog.upgrade(from, to).unwrap();
    let mut out = anstream::StripStream::new(Vec::new());
    let known = write_hook(&mut out, &upgrade, name, 88).unwrap();
    let text = String::from_utf8(out.into_inner()).unwrap();
    assert_eq!(known, !text.is_empty());
    known.then_some(text)
}

#[test]
fn a_removed_hook_is_explained_with_everything_that_is_known() {
    let text = explain(V1_0, V1_1, "old_hook").unwrap();
    snapbox::assert_data_eq!(
        text,
        snapbox::str![[r#"
old_hook: removed in 1.1.0

The handler is never called again; nothing is logged.

What to do
Register it for new_hook, or for packet when it serves <message/> only.

Mechanical: the rewrite keeps the meaning.

Conditions:

* the handler reads no parameter
* the handler returns `{ok, _}` on every path

Before
    old(Acc, #{state := S}, _) ->
        {ok, Acc}.

After
    new(Acc, #{data := D}, _) ->
        {ok, Acc}.

Parameters that changed
* `state` is gone: now `maps:get(data, Params)`. It has another type.

What else is different
* Accumulator: `state()` in 1.0.0, `acc()` in 1.1.0. The state is no longer handed on.

Replaced by
* `new_hook`, with priority 5. Runs before the privacy check.
* `packet`, for handlers that serve `message`

Contract
                 1.0.0
run by           hooks:old_hook/2
defined at       src/hooks.erl:20
scope            host-type
accumulator      state()
initially        State
result           state()
the caller sees  the result
parameters       a map
state            state()

The server's own handlers
Release  Hook    Priority  Handler      Registered at
1.1.0    packet  50        mod_log:log  src/mod_log.erl:5

Evidence
* MongooseIM 1.0.0 src/hooks.erl:20 (was run here)
* MongooseIM 1.1.0 src/c2s_hooks.erl:8

"#]]
    );
}

#[test]
fn a_changed_hook_shows_both_contracts() {
    let text = explain(V1_0, V1_1, "packet").unwrap();
    snapbox::assert_data_eq!(
        text,
        snapbox::str![[r#"
packet: changed in 1.1.0

The sender is not a parameter any more.

What to do
Take the sender from the accumulator.

Mechanical: the rewrite keeps the meaning.

Conditions:

* the handler takes every changed parameter by a plain map pattern in its head

Parameters that changed
* `from` is gone: now `sender(Acc)`

What stop does
* In 1.0.0: The other handlers are skipped.
* In 1.1.0: The stanza is dropped.

Now also called with
presence

What else is different
* To drop the stanza: `{ok, drop}` in 1.0.0, `{stop, drop}` in 1.1.0

Contract
                 1.0.0             1.1.0
run by           hooks:packet/3    c2s_hooks:packet/3
defined at       src/hooks.erl:30  src/c2s_hooks.erl:30
scope            host-type         host-type
accumulator      acc()             acc()
initially        Acc               Acc
result           acc()             result()
the caller sees  the result        {ok | stop, Result}
parameters       a map             a map
from             jid()             -
to               jid()             jid()
data             -                 data()

The server's own handlers
Release  Hook    Priority  Handler        Registered at
1.0.0    packet  50        mod_log:log    src/mod_log.erl:5
1.0.0    packet  90        mod_push:push  src/mod_push.erl:7
1.1.0    packet  50        mod_log:log    src/mod_log.erl:5

Evidence
* MongooseIM 1.1.0 src/c2s_hooks.erl:30

"#]]
    );
}

#[test]
fn an_unchanged_hook_is_explained_as_well() {
    let text = explain(V1_0, V1_1, "stable").unwrap();
    assert!(text.starts_with("stable: the same in 1.0.0 and 1.1.0\n"), "{text}");
    assert!(text.contains("Handlers need no change."), "{text}");
    let text = explain(V1_1, V1_1, "stable").unwrap();
    assert!(text.starts_with("stable in 1.1.0\n"), "{text}");
    assert_eq!(text.matches("src/hooks.erl:41").count(), 1, "{text}");
}

#[test]
fn several_steps_are_told_one_after_the_other() {
    let text = explain(V1_0, V1_2, "packet").unwrap();
    let first = text.find("1.0.0 to 1.1.0: changed").unwrap();
    let second = text.find("1.1.0 to 1.2.0: meaning").unwrap();
    assert!(first < second);
}

#[test]
fn a_hook_of_another_release_is_placed_there() {
    let text = explain(V1_0, V1_1, "newer_hook").unwrap();
    assert!(text.contains("Neither MongooseIM 1.0.0 nor 1.1.0 runs this hook; it is known from 1.2.0."), "{text}");
}

#[test]
fn an_unknown_hook_is_not_explained() {
    assert_eq!(explain(V1_0, V1_1, "nothing"), None);
}

#[test]
fn a_rule_is_explained_from_its_documentation() {
    let mut out = anstream::StripStream::new(Vec::new());
    write_rule(&mut out, "removed-hook", "Finds handlers.\n\n## Why\n\nThey are `never` called.\n", 88).unwrap();
    assert_eq!(
        String::from_utf8(out.into_inner()).unwrap(),
        "removed-hook\n\nFinds handlers.\n\nWhy\nThey are `never` called.\n"
    );
}

#[test]
fn a_doc_comment_becomes_a_page_with_its_code_not_indented() {
    let page = rule_page("removed-hook", " Finds handlers.\n\n ```erlang\n f() ->\n     ok.\n ```\n");
    assert_eq!(page, "# removed-hook\n\nFinds handlers.\n\n```erlang\nf() ->\n    ok.\n```\n");
}

#[test]
fn the_reference_has_a_table_and_a_section_for_each_hook() {
    let upgrade = catalog().upgrade(V1_0, V1_1).unwrap();
    let text = reference(&upgrade);
    assert_eq!(reference_name(&upgrade), "hooks-1.0.0-to-1.1.0.md");
    assert!(text.starts_with("# Hooks from MongooseIM 1.0.0 to 1.1.0\n"), "{text}");
    assert!(text.contains("All others, 1 of them, are unchanged."), "{text}");
    assert!(
        text.contains("| `old_hook` | removed | `new_hook`, `packet` | mechanical | The handler is never"),
        "{text}"
    );
    let sections: Vec<&str> = text.lines().filter(|line| line.starts_with("### ")).collect();
    assert_eq!(
        sections,
        [
            "### `old_hook`: removed in 1.1.0",
            "### `packet`: changed in 1.1.0",
            "### `login`: same contract, other meaning in 1.1.0",
            "### `new_hook`: new in 1.1.0",
        ]
    );
    assert!(text.contains("or for packet when it serves \\<message/> only"), "{text}");
}
