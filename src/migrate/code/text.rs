//! Taking things out of lists and bodies without the comments around them.

use crate::source::Span;
use crate::syntax::scan::{Token, Tokens};

/// An element of a list, or an expression of a body, with the comma behind it and the blanks up to what comes next, be
/// that a comment. `None` when no comma follows.
#[must_use]
pub fn with_comma_behind(text: &str, element: Span) -> Option<Span> {
    let end = element.end as usize;
    let (token, comma) = Tokens::new(&text[end..], end).next()?;
    if token != Token::Punct(b',') {
        return None;
    }
    let behind = comma.end as usize;
    let blanks = text[behind..].len() - text[behind..].trim_start().len();
    // A comment between the element and its comma is not to be lost.
    let between = &text[end..comma.start as usize];
    between.trim().is_empty().then(|| Span::new(element.start as usize, behind + blanks))
}

/// The last element of a list with the comma before it. `None` when no comma precedes, or a comment stands between.
#[must_use]
pub fn with_comma_before(text: &str, element: Span) -> Option<Span> {
    let before = text[..element.start as usize].trim_end();
    let comma = before.strip_suffix(',')?;
    // What looks like a comma can be the end of a comment.
    let line = comma.rfind('\n').map_or(0, |at| at + 1);
    let in_comment = Tokens::new(&text[line..element.start as usize], line).last();
    let is_comma =
        in_comment.is_some_and(|(token, span)| token == Token::Punct(b',') && span.start as usize == comma.len());
    is_comma.then(|| Span::new(comma.len(), element.end as usize))
}

/// Whether there is a comment in a piece of code.
#[must_use]
pub fn has_comment(text: &str) -> bool {
    let mut done = 0;
    let mut found = false;
    for (_, span) in Tokens::new(text, 0) {
        found |= text.get(done..span.start as usize).is_some_and(|between| between.contains('%'));
        done = span.end as usize;
    }
    found || text.get(done..).is_some_and(|rest| rest.contains('%'))
}

/// A piece of code without comments, on one line where no literal breaks the line.
#[must_use]
pub fn on_one_line(text: &str) -> String {
    let literal = |token: &(Token, Span)| matches!(token.0, Token::String | Token::Atom);
    let mut literals = Tokens::new(text, 0).filter(literal);
    if !text.contains('\n') || literals.any(|(_, span)| text[span.range()].contains('\n')) {
        return text.to_owned();
    }
    let mut out = String::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let joins = out.is_empty() || out.ends_with(['(', '{', '[']) || line.starts_with([')', '}', ']', ',']);
        if !joins {
            out.push(' ');
        }
        out.push_str(line);
    }
    out
}

/// Whether a piece of code is a macro without arguments: what is written there instead stands for this use alone.
#[must_use]
pub fn is_macro(text: &str) -> bool {
    let name = text.strip_prefix('?');
    name.is_some_and(|name| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'))
}

/// An atom as it is written, in quotes where it needs them.
#[must_use]
pub fn atom(name: &str) -> String {
    const RESERVED: [&str; 29] = [
        "after", "and", "andalso", "band", "begin", "bnot", "bor", "bsl", "bsr", "bxor", "case", "catch", "cond",
        "div", "else", "end", "fun", "if", "let", "maybe", "not", "of", "or", "orelse", "receive", "rem", "try",
        "when", "xor",
    ];
    let plain = name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'@')
        && !RESERVED.contains(&name);
    if plain { name.to_owned() } else { format!("'{name}'") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn out(text: &str, element: &str, of: impl Fn(&str, Span) -> Option<Span>) -> Option<String> {
        let start = text.find(element).unwrap();
        let span = of(text, Span::new(start, start + element.len()))?;
        Some(format!("{}{}", &text[..span.start as usize], &text[span.end as usize..]))
    }

    #[test]
    fn an_element_goes_with_its_comma() {
        assert_eq!(out("[a, b, c]", "b", with_comma_behind).unwrap(), "[a, c]");
        assert_eq!(out("[a, b]", "b", with_comma_behind), None);
        assert_eq!(out("[a, b]", "b", with_comma_before).unwrap(), "[a]");
        assert_eq!(out("[b]", "b", with_comma_before), None);
    }

    #[test]
    fn comments_are_seen_where_they_are() {
        assert!(has_comment("a, % b\n c"));
        assert!(has_comment("a %"));
        assert!(!has_comment("\"%\", $%, '%'"));
    }

    #[test]
    fn code_goes_to_one_line() {
        assert_eq!(on_one_line("#xmlel{\n  name = N,\n  attrs = A\n} = P"), "#xmlel{name = N, attrs = A} = P");
        assert_eq!(on_one_line("{<<\"a\nb\">>,\n x}"), "{<<\"a\nb\">>,\n x}");
    }

    #[test]
    fn comments_stay() {
        assert_eq!(out("f(b),\n    %% then\n    c", "f(b)", with_comma_behind).unwrap(), "%% then\n    c");
        assert_eq!(out("f(b) % it\n, c", "f(b)", with_comma_behind), None);
        assert_eq!(out("[a % one,\n b]", "b", with_comma_before), None);
    }
}
