use super::*;
use crate::syntax::scan::{FormKind, split};
use crate::syntax::{lower, tree_of};

const BASE: usize = 7;

/// Whether a form is read here; if so, it must be what the grammar makes of it.
fn is_plain(text: &str) -> bool {
    let Some(read) = read(text, BASE) else { return false };
    let lowered = lower::lower(&tree_of(text).unwrap(), text, BASE);
    assert_eq!(format!("{read:?}"), format!("{lowered:?}"), "{text}");
    true
}

#[test]
fn plain_functions_are_read_as_the_grammar_reads_them() {
    for body in [
        "ok, X, 1, 1.5, $a, \"s\", \"s\\n\"",
        "'a b', {}, {a, B}, [], [a, B], [a, B | (T)], [(A) | T]",
        "<<>>, <<\"b\">>, <<\"b\"/utf8>>, <<X:8, Y:N/binary-unsigned, \"x\", (f(Z)):4>>",
        "#{}, #{a => 1, b := #{}}, M#{a := B = 1}, #r{}, #r{a = 1, _ = '_'}, R#r{a = 1}, R#r.a, #r.a",
        "f(), f(X)(), m:f(X, g()), ?MODULE:f(X), M:F(X), ?M, ?M(), ?LOG(x, #{a => b}), ?M(X):f()",
        "fun f/1, fun m:f/1, fun ?MODULE:f/3, fun M:F/3",
        "fun(X) -> X end, fun() when X -> g(), 1; (_) -> 2 end",
        "case X of a -> 1; B when B > 1, B < 2; B -> 2 end, if X, Y; Z -> 1; true -> 2 end, begin a, b end",
        "try f() of 1 -> 2 catch error:_:S -> S; throw:{x, _} -> y; Z -> z after z(), y end",
        "try f() after g() end, catch f(X), (catch X = Y)",
        "A = B = C, A ++ B ++ C, A - B - C * D, A ! B = C, not X andalso Y orelse -1 + Z =:= - - 2",
        "(A + B) * C, (((A))), X == (Y), A = -X#r.f, - m:f(X) div 2",
        "[X || X <- L, X > 1, {a, Y} <- Z], [A, B || _ <- [1, 2]]",
        "a % a comment (\n, b",
    ] {
        let is_all_plain = !body.contains(")()");
        assert_eq!(is_plain(&format!("f(A, #{{k := V}} = P) when A > 1; V ->\n {body}.")), is_all_plain, "{body}");
    }
    assert!(is_plain("f(0) -> a;\n'f'(_) when true -> b ."));
}

#[test]
fn anything_else_is_left_to_the_grammar() {
    for text in [
        "-define(X, 1).",
        "f() -> receive X -> X after 1 -> 2 end.",
        "f() -> maybe ok ?= g() end.",
        "f() -> \"a\" \"b\".",
        "f() -> X \"b\".",
        "f() -> ~\"x\".",
        "f() -> \"\"\"\n x\n \"\"\".",
        "f() -> \"\\xZ\".",
        "f() -> 16#ff.",
        "f() -> $\\n.",
        "f() -> é.",
        "f(C) when C >= $ß, C =< $ÿ -> $À.",
        "f() -> ??X.",
        "f() -> << <<X>> || <<X>> <= B >>.",
        "f() -> #{K => V || K := V <- M}.",
        "f() -> fun F(X) -> F(X) end.",
        "f() -> try f() of X -> X end.",
        "f() -> a b.",
        "f(@g) -> x.",
        "@f() -> x.",
        "f() -> m:@g(X).",
        "f() -> a\n\ng() -> b.",
        "f() -> end.",
        "f() -> .",
        "f() -> (a.",
        "f() -> a",
        "f",
        "",
    ] {
        assert!(!is_plain(text), "{text}");
    }
}

#[test]
fn what_is_too_deep_or_too_long_is_left_to_the_grammar() {
    let nested = |depth: usize| format!("f() -> {}a{}.", "{".repeat(depth), "}".repeat(depth));
    assert!(is_plain(&nested(MAX_DEPTH - 1)) && !is_plain(&nested(MAX_DEPTH)));
    for operator in [" - ", " ++ "] {
        let row = |length: usize| format!("f() -> {}.", vec!["x"; length].join(operator));
        assert!(is_plain(&row(MAX_ROW)) && !is_plain(&row(10_000)));
    }
    assert!(!is_plain(&format!("f() -> {} x.", "not ".repeat(10_000))));
}

/// All modules of the corpus, and what becomes of them when single tokens are lost or doubled.
#[test]
fn the_corpus_is_read_as_the_grammar_reads_it() {
    let corpus = walkdir::WalkDir::new(concat!(env!("CARGO_MANIFEST_DIR"), "/corpus")).into_iter().flatten();
    let modules = corpus.filter(|entry| entry.path().extension().is_some_and(|extension| extension == "erl"));
    let (mut functions, mut plain) = (0, 0);
    for module in modules {
        let text = std::fs::read_to_string(module.path()).unwrap_or_default();
        for form in split(&text).forms.iter().filter(|form| form.kind == FormKind::Function) {
            let form = &text[form.span.range()];
            functions += 1;
            plain += usize::from(is_plain(form));
            // Every token would take too long.
            for (_, token) in Tokens::new(form, 0).skip(functions % 16).step_by(16) {
                let (before, behind) = (&form[..token.range().end], &form[token.range().end..]);
                is_plain(&format!("{}{behind}", &before[..token.range().start]));
                is_plain(&format!("{before} {}{behind}", &form[token.range()]));
            }
        }
    }
    assert!(plain * 10 > functions * 9, "{plain} of {functions} functions");
}
