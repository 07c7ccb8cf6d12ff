use super::*;

fn forms(text: &str) -> Vec<(FormKind, &str, &str)> {
    split(text).forms.iter().map(|form| (form.kind, &text[form.name.range()], &text[form.span.range()])).collect()
}

fn names(text: &str) -> Vec<&str> {
    forms(text).into_iter().map(|(_, name, _)| name).collect()
}

/// What [`quoted_or_form`] finds, by first looking for the end.
fn quoted_or_form_in_two_steps(bytes: &[u8], at: usize) -> Result<usize, usize> {
    let end = skip_quoted(bytes, at, b'"');
    let inside = &bytes[..end.map_or(bytes.len(), |end| end - 1)];
    let (mut after_dot, mut start) = (false, at + 1);
    while start < inside.len() {
        let end = line_end(inside, start);
        let line = &inside[start..end];
        if after_dot && looks_like_form(line) {
            return Err(start);
        }
        if !line.trim_ascii().is_empty() && !line.trim_ascii().starts_with(b"%") {
            after_dot = line.trim_ascii().ends_with(b".");
        }
        start = end + 1;
    }
    end.ok_or(bytes.len())
}

#[test]
fn a_literal_ends_where_it_ends_or_a_form_starts() {
    const PIECES: [&str; 8] = ["\"", "\\", "\n", ".", "f(", "%", " ", "x"];
    for number in 0..PIECES.len().pow(6) {
        let pieces = (0..6u32).map(|at| PIECES[number / PIECES.len().pow(at) % PIECES.len()]);
        let text = format!("\"{}", pieces.collect::<String>());
        let expected = quoted_or_form_in_two_steps(text.as_bytes(), 0);
        assert_eq!(quoted_or_form(text.as_bytes(), 0, b'"'), expected, "{text:?}");
    }
}

#[test]
fn attributes_and_functions() {
    let text = "%% hello.\n-module(a).\n- export([f/1]).\nf(X) ->\n    X;\nf(_) -> 1.0 .\n'quoted name'() -> ok.\n";
    assert_eq!(
        forms(text),
        [
            (FormKind::Attribute, "module", "-module(a)."),
            (FormKind::Attribute, "export", "- export([f/1])."),
            (FormKind::Function, "f", "f(X) ->\n    X;\nf(_) -> 1.0 ."),
            (FormKind::Function, "'quoted name'", "'quoted name'() -> ok."),
        ]
    );
}

#[test]
fn characters_have_all_of_their_bytes() {
    let text = "f() -> [$\u{e9}, $\\\u{e9}, $\\^\u{e9}, $\u{1f980}end, $\\x{e9}, $\u{e9}].";
    let tokens: Vec<&str> = Tokens::new(text, 0).map(|(_, span)| text.get(span.range()).unwrap()).collect();
    let expected = ["$\u{e9}", "$\\\u{e9}", "$\\^\u{e9}", "$\u{1f980}", "end", "$\\x{e9}", "$\u{e9}"];
    assert_eq!(tokens.into_iter().filter(|it| it.len() > 1).collect::<Vec<_>>(), expected);
    assert_eq!(nesting(text), 1);
    for broken in ["$", "$\\", "$\\^", "$\\x{", "$\u{e9}"] {
        assert_eq!(
            Tokens::new(broken, 0).map(|(token, span)| (token, span.len())).last(),
            Some((Token::Char, broken.len()))
        );
    }
}

#[test]
fn lines_that_mark_a_conflict_are_no_code() {
    let text = "<<<<<<< HEAD\nf() -> 1.\n=======\ng() ->\n    x =:= 2.\n>>>>>>> topic\nh() -> <<<<\"a\">>/binary>>.\n";
    assert_eq!(names(text), ["f", "g", "h"]);
    let conflicts: Vec<_> = split(text).conflicts.iter().map(|span| &text[span.range()]).collect();
    assert_eq!(conflicts, ["<<<<<<< HEAD", "=======", ">>>>>>> topic"]);
}

#[test]
fn dots_that_end_nothing() {
    for inner in [
        "X#r.f",
        "1.5",
        "$.",
        "$\\.",
        "\". \"",
        "'. '",
        "<<\"a. \">>",
        "\"\\\". \"",
        "$\", $', $\\\", $\\'",
        "$\\x{2e}",
        "$\\^[",
        "~\"a. b\"",
        "~s(a. b)",
        "~S[a\\]",
        "% a dot. \n ok",
        "\"\"\"\n a. \"\" b.\n \"\"\"",
        "\"\"",
    ] {
        let text = format!("f() -> {inner}.\ng() -> ok.\n");
        assert_eq!(names(&text), ["f", "g"], "{inner}");
    }
    assert_eq!(names("-type t() :: [atom(), ...].\n-type u() :: 1..\n 5.\n"), ["type", "type"]);
}

#[test]
fn a_dot_at_the_end_of_the_file_needs_nothing_behind_it() {
    assert_eq!(names("f() -> ok."), ["f"]);
    assert_eq!(names("f() -> ok"), ["f"]);
    assert_eq!(names("f() -> ok.%x"), ["f"]);
}

#[test]
fn a_stray_quote_costs_its_own_form_only() {
    let text = "a() -> \"ok\".\n\nb() -> \"oops.\n\nc() -> \"fine\".\n\nd() -> ok.\n";
    assert_eq!(names(text), ["a", "b", "c", "d"]);
    assert_eq!(split(text).broken.len(), 1);
    let text = "a() -> it's.\n\n-define(X, 1).\nb() -> 'ok'.\n";
    assert_eq!(names(text), ["a", "define", "b"]);
}

#[test]
fn a_whole_string_with_code_in_it_is_left_alone() {
    let text = "a() -> \"x.\nfoo(X) -> ok.\n\".\nb() -> ok.\n";
    assert_eq!(names(text), ["a", "b"]);
}

#[test]
fn a_first_line_for_escript_is_skipped() {
    assert_eq!(names("#!/usr/bin/env escript\n%%! -smp. x\nmain(_) -> ok.\n"), ["main"]);
}

#[test]
fn tokens_have_spans_in_the_file() {
    let text = "f('A b', 16#ff, 1.5e-3, ~s\"x\", X_1)";
    let got: Vec<_> =
        Tokens::new(text, 10).map(|(t, s)| (t, &text[s.range().start - 10..s.range().end - 10])).collect();
    assert_eq!(
        got,
        [
            (Token::Atom, "f"),
            (Token::Punct(b'('), "("),
            (Token::Atom, "'A b'"),
            (Token::Punct(b','), ","),
            (Token::Number, "16#ff"),
            (Token::Punct(b','), ","),
            (Token::Number, "1.5e-3"),
            (Token::Punct(b','), ","),
            (Token::String, "~s\"x\""),
            (Token::Punct(b','), ","),
            (Token::Var, "X_1"),
            (Token::Punct(b')'), ")"),
        ]
    );
}

#[test]
fn arities() {
    for (text, arity) in [
        ("()", Some(0)),
        ("(A)", Some(1)),
        ("(#{a := B, c := D}, [1, 2], {3, 4})", Some(3)),
        ("(<<A:8, B/binary>>, \"a,b\", $,)", Some(3)),
        (" (A, B) -> ok", Some(2)),
        ("(A, B", None),
        (" -> x", None),
    ] {
        assert_eq!(arity_at(text, 0), arity, "{text}");
    }
}

#[test]
fn nesting_counts_brackets_and_blocks() {
    assert_eq!(nesting("f() -> case x of {a, [b]} -> c end."), 3);
    assert_eq!(nesting(&"[".repeat(1000)), 1000);
    // What nothing closes stands in a row.
    let one = "try f() catch _:_ -> not x end, y = catch bnot z, ";
    assert_eq!(nesting(&one.repeat(1000)), 2);
}

/// In the modules of the corpus, with a quote at the end of every seventh line in turn.
#[test]
fn a_stray_quote_hides_next_to_nothing_of_other_functions() {
    let functions = |text: &str| {
        let forms = split(text).forms.into_iter().filter(|form| form.kind == FormKind::Function);
        forms.map(|form| text[form.name.range()].to_owned()).collect::<Vec<_>>()
    };
    let (mut all, mut hidden) = (0, 0);
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/corpus/acme/src")).unwrap() {
        let Ok(text) = std::fs::read_to_string(entry.unwrap().path()) else { continue };
        let before = functions(&text).len();
        for (at, _) in text.match_indices('\n').step_by(7) {
            for quote in ["\"", "'"] {
                let mut edited = text.clone();
                edited.insert_str(at, quote);
                all += before.saturating_sub(1);
                // The function in which it stands may be lost.
                hidden += before.saturating_sub(1).saturating_sub(functions(&edited).len());
            }
        }
    }
    assert!(all > 1_000 && hidden * 50 <= all, "{hidden} of {all}");
}

/// What is kept from one question to the next changes no answer.
#[test]
fn rows_of_quotes_are_told_apart_wherever_one_begins() {
    let mut seed = 7_u64;
    let mut next = |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    let mut ends = 0;
    for _ in 0..3_000 {
        let length = next(60) as usize;
        let bytes: Vec<u8> = (0..length).map(|_| b"\"\"\"\"\n\n a"[next(8) as usize]).collect();
        let mut triple = TripleQuotes::new();
        for at in (0..length).filter(|&at| bytes[at] == b'"') {
            let fresh = TripleQuotes::new().end(&bytes, at);
            assert_eq!(triple.end(&bytes, at), fresh, "{:?} at {at}", String::from_utf8_lossy(&bytes));
            ends += usize::from(fresh.is_some());
        }
    }
    assert!(ends > 1_000, "{ends}");
    assert_eq!(TripleQuotes::new().end(b"\"\"\" \r\n a\n  \"\"\".", 0), Some(14));
    assert_eq!(TripleQuotes::new().end(b"\"\"\" a\n\"\"\"", 0), None);
    assert_eq!(TripleQuotes::new().end(b"\"\"\"\"\n\"\"\"\n\"\"\"\"\"", 0), Some(13));
}
