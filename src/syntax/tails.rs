//! What the clauses of a function end in, as far as its tokens show it.
//!
//! Most functions that return tagged pairs spell them at the end of each clause, and to see that costs a fraction of what a
//! tree does. Whatever is not plain to see is left to those who parse.

use super::MAX_NESTING;
use super::scan::{Token, Tokens};

/// Whether every clause of a function ends in a pair that is written there, `{Tag, Value}`, with one of these atoms for
/// a tag. `false` also where tokens alone cannot tell.
#[must_use]
pub fn are_pairs(function: &str, tags: &[&str]) -> bool {
    let tokens: Vec<_> = Tokens::new(function, 0).map(|(token, span)| (token, &function[span.range()])).collect();
    Tails { tokens: &tokens, tags, open: Vec::new(), in_head: true, shape: Shape::Other }.are_pairs()
}

/// What closes what is open.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Closer {
    Bracket(u8),
    End,
}

/// How much of a pair the expression at hand is so far.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// Nothing has come yet.
    Start,
    /// `{`
    Brace,
    /// `{ok`
    Tag,
    /// `{ok,`
    Comma,
    /// `{ok, ...`
    Value,
    /// `{ok, ...}`
    Pair,
    Other,
}

struct Tails<'a> {
    tokens: &'a [(Token, &'a str)],
    tags: &'a [&'a str],
    open: Vec<Closer>,
    /// Before the arrow of a clause.
    in_head: bool,
    shape: Shape,
}

impl Tails<'_> {
    fn are_pairs(mut self) -> bool {
        let Some(end) = self.tokens.len().checked_sub(1) else { return false };
        for at in 0..end {
            if self.step(at).is_none() || self.open.len() > MAX_NESTING {
                return false;
            }
        }
        self.tokens[end].0 == Token::Punct(b'.') && self.ends_in_pair()
    }

    fn ends_in_pair(&self) -> bool {
        self.open.is_empty() && !self.in_head && self.shape == Shape::Pair
    }

    /// Goes over one token; `None` when a clause ended in something else, or the tokens do not tell.
    fn step(&mut self, at: usize) -> Option<()> {
        let (token, text) = self.tokens[at];
        let depth = self.open.len();
        self.nest(at)?;
        if self.in_head {
            if depth == 0 && self.is_arrow(at) {
                (self.in_head, self.shape) = (false, Shape::Other);
            }
            return Some(());
        }
        match token {
            // A second arrow: the function behind a missing dot.
            Token::Punct(b'-') if depth == 0 && self.is_arrow(at) => return None,
            // The second half of the first.
            Token::Punct(b'>') if depth == 0 && self.is_arrow(at - 1) => self.shape = Shape::Start,
            Token::Punct(b',') if depth == 0 => self.shape = Shape::Start,
            Token::Punct(b';') if depth == 0 => {
                if !self.ends_in_pair() {
                    return None;
                }
                self.in_head = true;
            }
            _ => self.shape = self.grown(token, text, depth),
        }
        Some(())
    }

    /// The shape with one token more, before which so many brackets and blocks were open.
    fn grown(&self, token: Token, text: &str, depth: usize) -> Shape {
        let is = |punctuation: u8| token == Token::Punct(punctuation);
        match (self.shape, depth) {
            (Shape::Start, 0) if is(b'{') => Shape::Brace,
            (Shape::Brace, 1) if token == Token::Atom && self.tags.contains(&text) => Shape::Tag,
            (Shape::Tag, 1) if is(b',') => Shape::Comma,
            (Shape::Comma | Shape::Value, 1) if is(b',') => Shape::Other,
            (Shape::Value, 1) if is(b'}') => Shape::Pair,
            (Shape::Comma, 1) if is(b'}') => Shape::Other,
            (Shape::Comma | Shape::Value, 1..) => Shape::Value,
            _ => Shape::Other,
        }
    }

    fn is_arrow(&self, at: usize) -> bool {
        let [(Token::Punct(b'-'), dash), (Token::Punct(b'>'), head)] = self.tokens[at..self.tokens.len().min(at + 2)]
        else {
            return false;
        };
        std::ptr::eq(dash.as_bytes().as_ptr_range().end, head.as_ptr())
    }

    /// Opens and closes brackets and blocks; `None` when they do not match, or may not be what they seem.
    fn nest(&mut self, at: usize) -> Option<()> {
        let (token, text) = self.tokens[at];
        let closer = match token {
            Token::Punct(b'(') => Closer::Bracket(b')'),
            Token::Punct(b'[') => Closer::Bracket(b']'),
            Token::Punct(b'{') => Closer::Bracket(b'}'),
            Token::Punct(closer @ (b')' | b']' | b'}')) => return self.close(Closer::Bracket(closer)),
            Token::Atom => match text {
                "case" | "if" | "begin" | "receive" | "try" => Closer::End,
                "fun" if self.is_block(at + 1)? => Closer::End,
                "end" => return self.close(Closer::End),
                // An atom or a keyword, as the file says elsewhere.
                "maybe" | "else" => return None,
                _ => return Some(()),
            },
            _ => return Some(()),
        };
        self.open.push(closer);
        Some(())
    }

    fn close(&mut self, closer: Closer) -> Option<()> {
        (self.open.pop()? == closer).then_some(())
    }

    /// Whether what stands behind `fun` makes it a function with clauses, and not the name of one.
    fn is_block(&self, behind: usize) -> Option<bool> {
        let is_open = |at: usize| self.tokens.get(at).is_some_and(|(token, _)| *token == Token::Punct(b'('));
        match self.tokens.get(behind)?.0 {
            Token::Punct(b'(') => Some(true),
            Token::Var => Some(is_open(behind + 1)),
            Token::Atom => Some(false),
            Token::Punct(b'?') if !is_open(behind + 2) => Some(false),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TAGS: [&str; 2] = ["ok", "stop"];

    #[test]
    fn pairs_at_the_end_of_every_clause_are_seen() {
        for text in [
            "f(A, _, _) -> {ok, A}.",
            "f(A, #{k := V}, _) when V > 1; V < 0 ->\n g(V), % {x}\n {stop, A};\nf(A, _, _) ->\n {ok, h(A, [1, 2])}.",
            "f(A, _, _) -> case A of a -> b; c -> d end, {ok, A}.",
            "f(A, _, _) -> F = fun(X) -> X, y end, G = fun m:f/1, H = fun ?MODULE:h/2, {ok, F(G, H)}.",
            "f(A, _, _) -> {ok, case A of a -> {b, c}; _ -> fun N(0) -> N(1) end end}.",
            "f(A, _, _) -> X = A#r.f, {ok, #{a => X, b => <<\"x\">>}}.",
        ] {
            assert!(are_pairs(text, &TAGS), "{text}");
            let tree = super::super::parse(text, 0).unwrap();
            assert_eq!(tree.errors, [], "{text}");
        }
    }

    #[test]
    fn anything_else_is_not_taken_for_one() {
        for text in [
            "f(A, _, _) -> A.",
            "f(A, _, _) -> {ok, A, b}.",
            "f(A, _, _) -> {error, A}.",
            "f(A, _, _) -> {'ok', A}.",
            "f(A, _, _) -> {ok, A} = g().",
            "f(A, _, _) -> X = {ok, A}.",
            "f(A, _, _) -> {ok, A}, A.",
            "f(A, _, _) -> {ok:x(), A}.",
            "f(A, _, _) -> {ok}.",
            "f(A, _, _) -> [{ok, A}].",
            "f(a, _, _) -> b; f(A, _, _) -> {ok, A}.",
            "f(A, _, _) -> case A of a -> {ok, b}; A -> {ok, A} end.",
            "f(A, _, _) -> catch {ok, A}.",
            "f(A, _, _) -> maybe ok ?= g(), {ok, A} end.",
            "f(A, _, _) -> {ok, A}\n\ng(B) -> {ok, B}.",
            "f(A, _, _) -> case A of b -> {ok, A}.",
            "f(A, _, _) -> {ok, A)}.",
            "f(A, _, _) -> {ok, A}",
            "f(A, _, _) -> fun ?NAME(X) -> X end, {ok, A}.",
            "f",
            "",
        ] {
            assert!(!are_pairs(text, &TAGS), "{text}");
        }
    }

    #[test]
    fn deep_nesting_is_left_to_who_refuses_it() {
        let text = format!("f(A, _, _) -> {{ok, {}{}}}.", "[".repeat(200), "]".repeat(200));
        assert!(!are_pairs(&text, &TAGS));
    }
}
