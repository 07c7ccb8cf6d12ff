//! What is found out about handlers, on small modules.

use std::sync::Arc;

use super::*;
use crate::project::modules::Modules;
use crate::source::Source;

/// Asks about `f/3` of the first file.
fn with_handler<T>(files: &[(&str, &str)], ask: impl FnOnce(&Handler<'_>) -> T) -> T {
    let modules = Modules::new(files.iter().map(|(path, _)| (*path).into()), &[], &[]);
    let mut first = None;
    for (path, text) in files {
        let source = Source::from_bytes((*path).into(), text.as_bytes().to_vec()).unwrap();
        let module = Arc::new(Module::new(Arc::new(source)));
        modules.insert(&module);
        first.get_or_insert(module);
    }
    ask(&Handler::new(&modules, first.unwrap(), "f".into(), 3))
}

fn returns(text: &str) -> Vec<String> {
    returns_of(&[("mod_a.erl", text)])
}

fn returns_of(files: &[(&str, &str)]) -> Vec<String> {
    with_handler(files, |handler| {
        let show = |path: &ReturnPath| match &path.what {
            Return::Ok(payload) if payload.unchanged => "ok acc".to_owned(),
            Return::Ok(payload) if payload.drop => format!("ok drop{}", if payload.drop_is_literal { "!" } else { "" }),
            Return::Ok(payload) if payload.result_drop => "ok result-drop".to_owned(),
            Return::Ok(_) => "ok".to_owned(),
            Return::Stop(_) => "stop".to_owned(),
            Return::Untagged(what) => what.clone(),
            Return::Unknown(_) => "?".to_owned(),
        };
        handler.returns().iter().map(show).collect()
    })
}

#[test]
fn plain_results() {
    assert_eq!(returns("f(Acc, _, _) -> {ok, Acc}."), ["ok acc"]);
    assert_eq!(returns("f(Acc, _, _) -> x(), {stop, Acc}."), ["stop"]);
    assert_eq!(returns("f(Acc, _, _) -> Acc."), ["the accumulator itself"]);
    assert_eq!(returns("f(_, _, _) -> ok."), ["the atom `ok`"]);
    assert_eq!(returns("f(_, _, _) -> {error, x}."), ["a tuple with the tag `error`"]);
    assert_eq!(
        returns("f(Acc, _, _) -> mongoose_acc:set(a, b, c, Acc)."),
        ["the accumulator that mongoose_acc:set/4 returns"]
    );
    assert_eq!(returns("f(_, _, _) -> error(boom)."), [""; 0]);
}

#[test]
fn results_of_every_branch() {
    assert_eq!(
        returns("f(A, _, _) -> case x() of 1 -> {ok, A}; 2 -> {stop, A}; _ -> if true -> drop end end."),
        ["ok acc", "stop", "the atom `drop`"]
    );
    assert_eq!(returns("f(A, _, _) -> try g(A) of X -> {ok, X} catch _:_ -> {ok, A} after h() end."), ["ok", "ok acc"]);
    assert_eq!(returns("f(A, _, _) -> try {ok, g(A)} catch _:_ -> A end."), ["ok", "the accumulator itself"]);
    assert_eq!(returns("f(A, _, _) -> receive x -> {ok, A} after 5 -> {stop, A} end."), ["ok acc", "stop"]);
    assert_eq!(returns("f(A, _, _) -> begin g(), {ok, A} end."), ["ok acc"]);
    assert_eq!(returns("f(A, _, _) -> maybe {ok, B} ?= g(A), {ok, B} else _ -> {ok, A} end."), ["ok", "ok acc"]);
    assert_eq!(returns("f(A, _, _) -> catch g(A)."), ["?"]);
}

#[test]
fn results_by_way_of_variables_and_calls() {
    assert_eq!(
        returns("f(A, _, _) -> R = case x() of a -> {ok, A}; b -> {stop, A} end, log(R), R."),
        ["ok acc", "stop"]
    );
    assert_eq!(
        returns("f(A, P, _) -> g(A, P).\ng(A, x) -> {ok, A};\ng(A, _) -> A."),
        ["ok acc", "the accumulator itself"]
    );
    assert_eq!(returns("f(A, _, _) -> done({ok, A}).\ndone(R) -> R."), ["ok acc"]);
    assert_eq!(returns("f(A, _, _) -> ?MODULE:g(A).\ng(A) -> g(A);\ng(A) -> {ok, A}."), ["ok acc"]);
    assert_eq!(
        returns_of(&[("mod_a.erl", "f(A, P, E) -> mod_b:go(A, P, E)."), ("mod_b.erl", "go(A, _, _) -> {stop, A}.")]),
        ["stop"]
    );
    assert_eq!(returns("f(A, P, E) -> elsewhere:go(A, P, E)."), ["?"]);
}

#[test]
fn what_other_clauses_left_over_is_not_guessed() {
    let text = "f(A, _, _) -> case g(A) of {error, _} -> {ok, A}; R -> R end.\ng(A) -> case x() of 1 -> {error, y}; _ -> {stop, A} end.";
    assert_eq!(returns(text), ["ok acc", "?", "stop"]);
}

#[test]
fn a_pattern_chooses_among_results() {
    let g = "\ng(A) -> case x() of 1 -> {ok, A}; 2 -> {stop, A}; _ -> {error, y} end.";
    let of = |body: &str| returns(&format!("f(A, _, _) -> {body}.{g}"));
    assert_eq!(of("R = g(A), case R of {ok, _} -> R; _ -> {stop, A} end"), ["ok acc", "?", "stop"]);
    assert_eq!(of("h(g(A)).\nh({stop, _} = R) -> R;\nh(_) -> {ok, a}"), ["stop", "?", "ok"]);
    assert_eq!(of("case x() of 1 -> R = A; _ -> R = {ok, A} end, R"), ["the accumulator itself", "ok acc"]);
    assert_eq!(of("case A of {x, _} -> {ok, A}; B -> {ok, B} end"), ["ok acc"; 2]);
}

#[test]
fn tags_out_of_variables_and_calls() {
    assert_eq!(returns("f(A, _, _) -> T = case x() of 1 -> ok; _ -> stop end, {T, A}."), ["ok acc", "stop"]);
    assert_eq!(
        returns("f(A, _, _) -> {t(A), A}.\nt(1) -> stop;\nt(_) -> done."),
        ["stop", "a tuple with the tag `done`"]
    );
    assert_eq!(returns("f(A, _, _) -> {x:t(A), A}."), ["?"]);
}

#[test]
fn drops() {
    assert_eq!(returns("f(_, _, _) -> {ok, drop}."), ["ok drop!"]);
    assert_eq!(returns("f(P, _, _) -> R = case x() of true -> drop; _ -> P end, {ok, R}."), ["ok drop"]);
    assert_eq!(
        returns("f(A, _, _) -> {ok, g(A)}.\ng(A) -> mongoose_acc:set(hook, result, drop, A)."),
        ["ok result-drop"]
    );
}

fn reads(text: &str) -> Vec<String> {
    with_handler(&[("mod_a.erl", text)], |handler| {
        let params = handler.params();
        let reads = params
            .reads
            .iter()
            .map(|read| format!("{} {:?}{}", read.key, read.by, if read.used { "" } else { " unused" }));
        reads.chain(params.escapes.iter().map(|escape| escape.to.clone())).collect()
    })
}

#[test]
fn parameters_in_patterns() {
    assert_eq!(reads("f(A, _, _) -> {ok, A}."), [""; 0]);
    assert_eq!(reads("f(A, #{jid := J, x := _}, _) -> g(J), {ok, A}."), ["jid Head", "x Head unused"]);
    assert_eq!(reads("f(A, #{jid := J} = P, _) -> #{to := T} = P, g(J, T), {ok, A}."), ["jid Head", "to Pattern"]);
    assert_eq!(reads("f(A, P, _) -> case P of #{r := timeout} -> {ok, A}; _ -> {ok, A} end."), ["r Pattern"]);
    assert_eq!(reads("f(A, #{r := R}, _) -> case R of timeout -> {ok, A}; _ -> {ok, A} end."), ["r Head unused"]);
}

#[test]
fn parameters_by_functions() {
    assert_eq!(reads("f(A, P, _) -> {ok, g(A, maps:get(jid, P))}."), ["jid Get"]);
    assert_eq!(
        reads("f(A, P, _) -> {ok, g(A, maps:get(jid, P, none), maps:find(to, P))}."),
        ["jid Lookup", "to Lookup"]
    );
    assert_eq!(reads("f(A, P, _) -> X = map_get(jid, P), {ok, g(A, X)}."), ["jid Get"]);
    assert_eq!(reads("f(A, P, _) -> {ok, g(A, maps:with([a, b], P))}."), ["a Lookup", "b Lookup"]);
}

#[test]
fn parameters_handed_on() {
    assert_eq!(reads("f(A, P, E) -> g(E, P), {ok, A}.\ng(_, #{jid := J}) -> h(J)."), ["jid Pattern"]);
    assert_eq!(reads("f(A, P, _) -> other:g(P), {ok, A}."), ["to `other:g/1`"]);
    assert_eq!(reads("f(A, P, E) -> f(A, P, E)."), [""; 0]);
    assert_eq!(reads("f(A, P, _) -> self() ! {x, P}, {ok, A}."), ["into a term"]);
}

#[test]
fn a_later_clause_can_take_what_the_first_does_not() {
    with_handler(&[("mod_a.erl", "f(A, #{jid := _}, _) -> {ok, A};\nf(A, _, _) -> {ok, A}.")], |handler| {
        assert_eq!(handler.params().open_clauses, [Some(vec!["jid".into()]), Some(Vec::new())]);
        assert_eq!(handler.params().reads[0].head_of_clause, Some(0));
    });
}

fn passes(text: &str) -> bool {
    with_handler(&[("mod_a.erl", text)], |handler| handler.accumulator().only_passed_on())
}

#[test]
fn accumulators_passed_on_and_looked_into() {
    assert!(passes("f(Acc, P, _) -> g(P), {ok, Acc}."));
    assert!(passes("f(Acc, #{a := 1}, _) -> {stop, Acc};\nf(Acc, _, _) -> {ok, Acc}."));
    assert!(!passes("f(Acc, _, _) -> g(Acc), {ok, Acc}."));
    assert!(!passes("f(Acc, _, _) -> {ok, [x | Acc]}."));
    assert!(!passes("f(ok, _, _) -> {ok, ok}."));
    assert!(!passes("f(_, _, _) -> {ok, done}."));
    assert!(passes("f(Acc, P, E) -> g(E, Acc).\ng(_, A) -> ?LOG_INFO(A), B = A, {ok, B}."));
    assert!(!passes("f(Acc, P, E) -> g(E, Acc).\ng(_, A) -> B = A, x:y(B), {ok, B}."));
    assert!(!passes("f(Acc, _, _) -> case x() of 1 -> {ok, Acc}; _ -> {ok, other} end."));
}

fn stanzas(text: &str) -> (String, Option<&'static str>, bool) {
    with_handler(&[("mod_a.erl", text)], |handler| {
        let stanzas = handler.stanzas();
        (stanzas.kinds.join(" "), stanzas.only_kind(), stanzas.without_fall_through().is_none())
    })
}

#[test]
fn stanza_kinds_in_a_case() {
    let text =
        "f(Acc, _, _) -> case mongoose_acc:stanza_name(Acc) of <<\"message\">> -> {ok, g(Acc)}; _ -> {ok, Acc} end.";
    assert_eq!(stanzas(text), ("message".into(), Some("message"), true));
    let text =
        "f(Acc, _, _) -> case mongoose_acc:stanza_name(Acc) of <<\"message\">> -> {ok, g(Acc)}; _ -> {ok, h(Acc)} end.";
    assert_eq!(stanzas(text), ("message".into(), None, true));
    let text = "f(Acc, _, _) -> case mongoose_acc:packet(Acc) of {_, _, #xmlel{name = <<\"iq\">>}} -> {ok, Acc}; {_, _, #xmlel{name = <<\"presence\">>}} -> {ok, Acc} end.";
    assert_eq!(stanzas(text), ("iq presence".into(), None, false));
}

#[test]
fn stanza_kinds_in_the_heads_of_another_function() {
    let text = "f(Acc, _, _) -> {F, T, P} = mongoose_acc:packet(Acc), {ok, g(F, T, P, Acc)}.\n\
                g(F, T, #xmlel{name = <<\"message\">>}, Acc) -> h(F, T, Acc);\ng(_, _, _, Acc) -> Acc.";
    assert_eq!(stanzas(text).0, "message");
    assert!(stanzas(text).2);
}

#[test]
fn something_done_for_all_stanzas() {
    let text = "f(Acc, _, _) -> count(Acc), case mongoose_acc:stanza_name(Acc) of <<\"message\">> -> {ok, g(Acc)}; _ -> {ok, Acc} end.";
    assert_eq!(stanzas(text), ("message".into(), None, true));
    assert_eq!(stanzas("f(Acc, _, _) -> {ok, count(Acc)}."), (String::new(), None, true));
}

#[test]
fn other_binaries_are_no_stanza_names() {
    let text =
        "f(Acc, _, _) -> case mongoose_acc:stanza_type(Acc) of <<\"chat\">> -> {ok, g(Acc)}; _ -> {ok, Acc} end.";
    assert_eq!(stanzas(text), (String::new(), None, true));
}

#[test]
fn what_is_done_for_some_by_another_condition_is_done_for_all_kinds() {
    let by = |what: &str| {
        let text = "case mongoose_acc:stanza_name(Acc) of <<\"message\">> -> {ok, g(Acc)}; _ -> {ok, Acc} end";
        stanzas(&format!("f(Acc, _, E) -> case is_map(E) of true -> {what}; false -> {text} end.")).1
    };
    assert_eq!(by("{ok, Acc}"), Some("message"));
    assert_eq!(by("{stop, Acc}"), None);
    assert_eq!(by("{ok, mongoose_acc:set(a, b, c, Acc)}"), None);
    assert_eq!(by("h(Acc), {ok, Acc}"), None);
}

#[test]
fn failures_that_are_caught() {
    let caught = |text: &str| {
        with_handler(&[("mod_a.erl", text)], |handler| {
            handler.params().reads.iter().map(|it| it.caught).collect::<Vec<_>>()
        })
    };
    assert_eq!(caught("f(A, P, _) -> maps:get(a, P), {ok, A}."), [false]);
    assert_eq!(caught("f(A, P, _) -> try maps:get(a, P) catch _:_ -> maps:get(b, P) end, {ok, A}."), [true, false]);
    assert_eq!(caught("f(A, P, _) -> try maps:get(a, P) after x() end, {ok, A}."), [false]);
    assert_eq!(caught("f(A, P, _) -> catch g(P), {ok, A}.\ng(#{a := 1}) -> ok."), [true]);
}
