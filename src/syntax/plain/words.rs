//! What single tokens are.

use crate::syntax::ast::Expr;
use crate::syntax::scan::Token;

/// An operator between two operands.
pub(super) struct Infix {
    pub strength: u8,
    /// Of several in a row, the last one comes first.
    pub to_the_right: bool,
}

pub(super) fn infix(token: Token, text: &str) -> Option<Infix> {
    let (strength, to_the_right) = match (token, text) {
        (Token::Punct(_), "=") => (1, true),
        (Token::Punct(_), "!") => (2, true),
        (Token::Atom, "orelse") => (3, true),
        (Token::Atom, "andalso") => (4, true),
        (Token::Punct(_), "==" | "/=" | "=<" | "<" | ">=" | ">" | "=:=" | "=/=") => (5, false),
        (Token::Punct(_), "++" | "--") => (6, true),
        (Token::Punct(_), "+" | "-") | (Token::Atom, "bor" | "bxor" | "bsl" | "bsr" | "or" | "xor") => (7, false),
        (Token::Punct(_), "*" | "/") | (Token::Atom, "div" | "rem" | "band" | "and") => (8, false),
        _ => return None,
    };
    Some(Infix { strength, to_the_right })
}

/// How many characters the operator or bracket has that a text starts with.
pub(super) fn length(text: &[u8]) -> usize {
    match text {
        [b'=', b':' | b'/', b'=', ..] | [b'<', b':', b'-' | b'=', ..] => 3,
        [b'=', b'>' | b'=' | b'<', ..]
        | [b'-', b'>' | b'-', ..]
        | [b':', b'=' | b':', ..]
        | [b'/' | b'>', b'=', ..]
        | [b'<', b'-' | b'=' | b'<', ..]
        | [b'+', b'+', ..]
        | [b'>', b'>', ..]
        | [b'|', b'|', ..] => 2,
        _ => 1,
    }
}

/// Whether a word is an atom or variable for certain: no keyword, no letters but the common ones, no escapes.
pub(super) fn is_plain_name(text: &str) -> bool {
    let is_keyword = matches!(
        text,
        "after"
            | "and"
            | "andalso"
            | "band"
            | "begin"
            | "bnot"
            | "bor"
            | "bsl"
            | "bsr"
            | "bxor"
            | "case"
            | "catch"
            | "cond"
            | "div"
            | "else"
            | "end"
            | "fun"
            | "if"
            | "let"
            | "maybe"
            | "not"
            | "of"
            | "or"
            | "orelse"
            | "receive"
            | "rem"
            | "try"
            | "when"
            | "xor"
    );
    // Names have `@` within them and never first; to the scanner it is a letter like others.
    !is_keyword && !text.starts_with('@') && text.bytes().all(|byte| byte.is_ascii() && byte != b'\\')
}

pub(super) fn is_plain_string(text: &str) -> bool {
    text.starts_with('"') && !text.starts_with("\"\"\"") && !text.contains("\\x") && !text.contains("\\^")
}

/// Decimal digits, perhaps with a fraction.
pub(super) fn number(text: &str) -> Option<Expr> {
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.split_once('.') {
        None if is_digits(text) => Some(Expr::Integer(text.parse().ok())),
        Some((whole, fraction)) if is_digits(whole) && is_digits(fraction) => Some(Expr::Float),
        _ => None,
    }
}
