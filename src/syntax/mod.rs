//! Erlang's syntax: top-level forms, split by a tokenizer and parsed one by one when something needs them.

use std::cell::{Cell, RefCell};
use std::ops::ControlFlow;

use tree_sitter::{Language, Parser, Tree};

pub mod ast;
pub mod declarations;
mod lower;
mod plain;
pub mod scan;
mod slips;
pub mod tails;
pub mod uses;

pub use ast::Ast;

/// Forms nested deeper than this many brackets and blocks are not parsed. Code written by people stays below twenty;
/// without a bound, analyses that recurse could be made to overflow their stack.
pub const MAX_NESTING: usize = 100;

/// Forms longer than this, in bytes, are not parsed. Generated tables get that large, handlers do not.
pub const MAX_FORM_BYTES: usize = 1024 * 1024;

/// Why a form was not parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    TooDeep {
        nesting: u32,
    },
    TooLong {
        bytes: u32,
    },
    /// It can be taken in more ways than there are steps to try them in.
    TooInvolved {
        bytes: u32,
    },
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Refused::TooDeep { nesting } => {
                write!(f, "the form is nested {nesting} levels deep, and only {MAX_NESTING} are analysed")
            }
            Refused::TooInvolved { bytes } => {
                write!(f, "the form of {bytes} bytes takes too many steps to parse")
            }
            Refused::TooLong { bytes } => {
                write!(f, "the form is {bytes} bytes long, and only {MAX_FORM_BYTES} are analysed")
            }
        }
    }
}

pub(crate) fn language() -> Language {
    tree_sitter_erlang::LANGUAGE.into()
}

thread_local! {
    static PARSER: RefCell<Parser> = RefCell::new({
        let mut parser = Parser::new();
        // The grammar and the library are pinned together in Cargo.lock; were their ABIs to differ, every parse
        // would give nothing, and the tests would say so.
        let _ = parser.set_language(&language());
        parser
    });
}

/// Parses one form. `text` is the form alone and `base` its offset in the file, from which spans count.
///
/// # Errors
/// The form is too long or nested too deeply to be analysed.
pub fn parse(text: &str, base: usize) -> Result<Ast, Refused> {
    parse_unless(text, base, None)
}

/// The same for a form of which it may be known that the grammar makes no tree of it.
///
/// # Errors
/// Those of [`parse`].
pub fn parse_unless(text: &str, base: usize, no_tree: Option<Refused>) -> Result<Ast, Refused> {
    check_length(text)?;
    if let Some(ast) = plain::read(text, base) {
        return Ok(ast);
    }
    match no_tree {
        Some(refused) => Err(refused),
        None => Ok(lower::lower(&parse_tree(text)?, text, base)),
    }
}

/// Whether a form that is read from its tokens is what the grammar makes of it; `None` when it is left to the grammar
/// anyway.
#[must_use]
pub fn is_read_alike(text: &str) -> Option<bool> {
    let read = plain::read(text, 0)?;
    let lowered = tree_of(text).map(|tree| lower::lower(&tree, text, 0))?;
    Some(format!("{read:?}") == format!("{lowered:?}"))
}

fn check_length(text: &str) -> Result<(), Refused> {
    if text.len() > MAX_FORM_BYTES {
        return Err(Refused::TooLong { bytes: u32::try_from(text.len()).unwrap_or(u32::MAX) });
    }
    Ok(())
}

fn parse_tree(text: &str) -> Result<Tree, Refused> {
    check_length(text)?;
    let nesting = scan::nesting(text);
    if nesting > MAX_NESTING {
        return Err(Refused::TooDeep { nesting: u32::try_from(nesting).unwrap_or(u32::MAX) });
    }
    let tree = if slips::are_too_many(text) { None } else { tree_of(text) };
    tree.ok_or(Refused::TooInvolved { bytes: u32::try_from(text.len()).unwrap_or(u32::MAX) })
}

/// How often the parser asks, every hundred of its steps, whether it shall go on: so many times for each form and for each so many
/// bytes of it. Code that means something asks once in seventeen bytes at most, where it is dense with commas; what means nothing can be taken in
/// so many ways that to try all of them takes far longer.
const LEAST_ASKED: usize = 50;
const BYTES_PER_ASKED: usize = 16;

/// How many steps one counts for where an error is behind: to look for where code makes sense again takes longer, up to the whole form for each
/// step. When one token is lost, three of 66,000 forms in Erlang's library and elsewhere are beyond their bounds.
const STEPS_FOR_ERRORS: usize = 10;

/// `None` where the parser takes too many steps.
fn tree_of(text: &str) -> Option<Tree> {
    let allowed = LEAST_ASKED + text.len() / BYTES_PER_ASKED;
    let asked = Cell::new(0);
    let mut go_on = |state: &tree_sitter::ParseState| {
        asked.set(asked.get() + if state.has_error() { STEPS_FOR_ERRORS } else { 1 });
        if asked.get() > allowed { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let options = tree_sitter::ParseOptions::new().progress_callback(&mut go_on);
    let mut read = |at: usize, _| text.as_bytes().get(at..).unwrap_or_default();
    PARSER.with_borrow_mut(|parser| {
        let tree = parser.parse_with_options(&mut read, None, Some(options));
        if tree.is_none() {
            // Else it would go on where it has stopped.
            parser.reset();
        }
        tree
    })
}

#[cfg(test)]
mod tests {
    use super::ast::{Expr, Item};
    use super::*;

    fn one(text: &str) -> (Ast, ast::Clause) {
        let ast = parse(text, 0).unwrap();
        assert_eq!(ast.errors, [], "{text}");
        let clause = ast.function_clauses().next().unwrap().clone();
        (ast, clause)
    }

    #[test]
    fn expressions_of_every_kind_are_understood() {
        let exprs = [
            "ok",
            "X",
            "1",
            "1.5",
            "$a",
            "\"s\"",
            "\"a\" \"b\"",
            "<<\"b\">>",
            "<<X:8, Y/binary>>",
            "{a, B}",
            "[a, B | T]",
            "#{a => 1}",
            "M#{a := 1}",
            "#r{a = 1}",
            "R#r{a = 1}",
            "R#r.a",
            "#r.a",
            "f(X)",
            "m:f(X)",
            "?MODULE:f(X)",
            "M:F(X)",
            "fun f/1",
            "fun m:f/1",
            "fun ?MODULE:f/3",
            "fun M:F/A",
            "fun(X) -> X end",
            "fun F(0) -> F(1) end",
            "case X of a -> 1; _ when X > 1, X < 2; true -> 2 end",
            "if X -> 1; true -> 2 end",
            "receive a -> 1 after 10 -> 2 end",
            "try f() of 1 -> 2 catch error:_:S -> S; throw:x -> y after z() end",
            "maybe {ok, A} ?= f(), A else _ -> 1 end",
            "begin a, b end",
            "catch f()",
            "-1",
            "not X",
            "A = B",
            "A ++ B",
            "P ! x",
            "[X || X <- L, X > 1, {a, Y} <- Z]",
            "<< <<X>> || <<X>> <= B >>",
            "#{K => V || K := V <- M}",
            "?LOG(x, y)",
            "?M",
            "(X)",
            "~\"x\"",
        ];
        for text in exprs {
            let form = format!("f() -> {text}.");
            let (ast, clause) = one(&form);
            let body = ast.list(clause.body);
            assert_eq!(body.len(), 1, "{text}");
            assert_ne!(*ast.expr(body[0]), Expr::Error, "{text}");
            for (_, node) in ast.nodes() {
                assert_ne!(node.expr, Expr::Error, "{text}");
            }
        }
    }

    #[test]
    fn clauses_have_patterns_guards_and_bodies() {
        let (ast, _) = one("f(A, #{k := V} = P) when A > 1; V -> g(A), P;\nf(_, _) -> ok.");
        let clauses: Vec<_> = ast.function_clauses().collect();
        assert_eq!(clauses.len(), 2);
        assert_eq!(clauses[0].patterns.len(), 2);
        assert_eq!(clauses[0].guard.len(), 2);
        assert_eq!(clauses[0].body.len(), 2);
    }

    #[test]
    fn spans_count_from_the_base() {
        let ast = parse("f() -> ok.", 100).unwrap();
        let clause = ast.function_clauses().next().unwrap();
        assert_eq!(ast.span(ast.list(clause.body)[0]), crate::source::Span::new(107, 109));
    }

    #[test]
    fn definitions() {
        let ast = parse("-define(ADD(H, F), {H, fun ?MODULE:F/3}).", 0).unwrap();
        let Item::Define { name, params, body } = &ast.items[0] else { panic!("{:?}", ast.items) };
        assert_eq!((name.as_str(), params.as_ref().map(Vec::len)), ("ADD", Some(2)));
        assert!(matches!(ast.expr(body.unwrap()), Expr::Tuple(_)));
        let ast = parse("-define(TWO, a(), b()).", 0).unwrap();
        let Item::Define { body: Some(body), .. } = &ast.items[0] else { panic!("{:?}", ast.items) };
        assert!(matches!(ast.expr(*body), Expr::Block(parts) if parts.len() == 2));
    }

    #[test]
    fn specs_and_types() {
        let ast = parse("-spec f(A, B) -> C when A :: m:t(), B :: #{k := x, o => y}, C :: any().", 0).unwrap();
        let Item::Spec { function, signatures } = &ast.items[0] else { panic!("{:?}", ast.items) };
        assert_eq!(function, "f");
        assert_eq!(signatures[0].constraints.len(), 3);
        let ast = parse("-type t() :: #{k := x}.", 0).unwrap();
        assert!(matches!(&ast.items[0], Item::Type { name, .. } if name == "t"));
    }

    #[test]
    fn broken_code_gives_errors_and_no_panic() {
        for text in ["f( -> .", "f() -> {a, .", "f() -> case X of", "?", "f(", "-define(X", "f() -> a b c."] {
            let ast = parse(text, 0).unwrap();
            assert!(!ast.errors.is_empty(), "{text}");
        }
    }

    #[test]
    fn deep_nesting_is_refused_before_it_is_parsed() {
        let text = format!("f() -> {}1{}.", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(parse(&text, 0).unwrap_err(), Refused::TooDeep { nesting: 100_000 });
    }

    #[test]
    fn code_that_means_something_is_never_too_involved() {
        for (before, piece, end) in [
            ("f() -> <<", "1,", "1>>."),
            ("f() -> ?M(", "a,", "1)."),
            ("f() -> ", "?M ", "1."),
            ("f() -> ?M, ", "1+", "1."),
            ("-define(X, [", "1,", "1])."),
            ("-type t() :: ", "a|", "b."),
            ("-spec f(", "a(),", "b()) -> c."),
            ("-record(r, {", "a,", "b})."),
            ("-export([", "a/1,", "b/1])."),
            ("?M() -> 1; f(", "X,", "_) -> a."),
            ("f() -> ?M X, ", "X#r.a,", "X."),
            ("f() -> ?M X, ", "X=", "X."),
            ("f() -> ?M X, #{", "a=>1,", "a=>1}."),
        ] {
            for length in [2_000, 20_000] {
                let text = format!("{before}{}{end}", piece.repeat(length / piece.len()));
                assert!(tree_of(&text).is_some(), "{before}{piece}... of {length} bytes");
            }
        }
    }

    #[test]
    fn meanings_of_what_has_none_are_not_tried_without_end() {
        let text = format!("f() -> {}.", "[a]][".repeat(4_000));
        let bytes = u32::try_from(text.len()).unwrap();
        assert!(matches!(parse(&text, 0), Err(Refused::TooInvolved { bytes: told }) if told == bytes));
        // The next form has steps of its own, and begins anew.
        assert_eq!(parse("f() -> catch g().", 0).unwrap().errors, []);
        // As long, and with a meaning.
        let text = format!("f() -> [{}a].", "{catch g(), <<X:8>>},\n".repeat(1_000));
        assert_eq!(parse(&text, 0).unwrap().errors, []);
    }

    #[test]
    fn rows_of_operators_are_as_long_as_they_like() {
        const LENGTH: usize = 5_000;
        let rows = [
            vec!["x"; LENGTH].join(" ++ "),
            vec!["x"; LENGTH].join(" + "),
            vec!["x"; LENGTH].join(" = "),
            format!("{}x", "- ".repeat(LENGTH)),
            format!("{}x", "not ".repeat(LENGTH)),
            format!("{}x", "catch ".repeat(LENGTH)),
            format!("{}x", "y = catch ".repeat(LENGTH / 2)),
        ];
        for row in rows {
            let ast = parse(&format!("f() -> {row}."), 0).unwrap();
            assert_eq!(ast.errors, []);
            assert!(ast.nodes().len() > LENGTH);
            assert!(ast.nodes().all(|(_, node)| node.expr != Expr::Error));
        }
        // What stands where does not depend on how many there are.
        let (ast, clause) = one("f() -> 1 ++ - x ++ (catch 2 - 3).");
        let [row] = *ast.list(clause.body) else { panic!("{clause:?}") };
        let Expr::Binop { op: ast::Op::Append, left, right } = *ast.expr(row) else { panic!("{ast:?}") };
        assert_eq!(*ast.expr(left), Expr::Integer(Some(1)));
        let Expr::Binop { op: ast::Op::Append, left, right } = *ast.expr(right) else { panic!("{ast:?}") };
        assert!(
            matches!(*ast.expr(left), Expr::Unop { operand } if ast.is_var(operand) || ast.atom(operand).is_some())
        );
        let Expr::Catch(minus) = *ast.expr(right) else { panic!("{ast:?}") };
        assert!(matches!(ast.expr(minus), Expr::Binop { op: ast::Op::Minus, .. }));
    }
}
