//! Functions of a plain shape, read straight from their tokens.
//!
//! Nearly all functions that anybody asks about are made of a few constructs whose tokens can mean one thing only. To
//! read these takes a fraction of what a grammar for the whole language takes, which follows several meanings until
//! one of them fails. Whatever is not known here, or could be an error, is left to the grammar: this reader gives up, and
//! says nothing. What it does read is, node by node, the tree that [`super::lower`] makes of the same text.

use super::ast::{Ast, Clause, Clauses, Expr, Item, NodeId, Nodes};
use super::scan::{Token, Tokens};
use crate::source::Span;
use words::length;

mod exprs;
mod words;

/// How deep expressions nest, and how many operators stand in one row: each is read one inside of the other. A third of what
/// [`super::lower`] takes, so that a form which it would cut is never read here.
const MAX_DEPTH: usize = 36;
const MAX_ROW: usize = 16;

/// Reads a function whose text starts at `base` in its file. `None` when it is not plain.
pub(super) fn read(text: &str, base: usize) -> Option<Ast> {
    if text.starts_with('-') {
        return None;
    }
    Reader::new(text, base)?.function()
}

struct Reader<'a> {
    text: &'a str,
    base: usize,
    tokens: Vec<(Token, Span)>,
    /// The next token.
    at: usize,
    ast: Ast,
    depth: usize,
    /// The items so far of the lists that are open, each list's behind those of the list around it.
    pending: Vec<NodeId>,
}

/// An expression with where it stands, parentheses around it included.
#[derive(Clone, Copy)]
struct Part {
    id: NodeId,
    start: u32,
    end: u32,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, base: usize) -> Option<Self> {
        let mut reader =
            Self { text, base, tokens: Vec::new(), at: 0, ast: Ast::default(), depth: 0, pending: Vec::new() };
        let mut tokens = Tokens::new(text, 0);
        while let Some((token, mut span)) = tokens.next() {
            if matches!(token, Token::Punct(_)) {
                // Each further character comes as a token, too.
                for _ in 1..length(&text.as_bytes()[span.range().start..]) {
                    span.end = tokens.next()?.1.end;
                }
            }
            reader.tokens.push((token, span));
        }
        Some(reader)
    }

    fn function(mut self) -> Option<Ast> {
        loop {
            let start = self.start()?;
            let name = self.atom()?;
            let clause = self.function_clause(start, Some(name.id))?;
            self.ast.items.push(Item::Clause(clause));
            if self.takes(".") {
                break;
            }
            self.expect(";")?;
        }
        (self.at == self.tokens.len()).then(|| self.ast.move_out())
    }

    // Tokens.

    fn next(&self) -> Option<(Token, &'a str)> {
        let (token, span) = *self.tokens.get(self.at)?;
        // A character behind `$` can have more bytes than its token.
        Some((token, self.text.get(span.range())?))
    }

    fn start(&self) -> Option<u32> {
        self.tokens.get(self.at).map(|(_, span)| span.start)
    }

    /// Where the token ends that was taken last.
    fn end(&self) -> u32 {
        self.tokens[self.at - 1].1.end
    }

    /// Whether a word or punctuation comes next.
    fn sees(&self, wanted: &str) -> bool {
        self.sees_behind(0, wanted)
    }

    /// The same of what stands so many tokens behind the next one.
    fn sees_behind(&self, tokens: usize, wanted: &str) -> bool {
        self.tokens.get(self.at + tokens).is_some_and(|(token, span)| {
            matches!(token, Token::Atom | Token::Punct(_)) && self.text.get(span.range()) == Some(wanted)
        })
    }

    fn takes(&mut self, wanted: &str) -> bool {
        let sees = self.sees(wanted);
        self.at += usize::from(sees);
        sees
    }

    fn expect(&mut self, wanted: &str) -> Option<()> {
        self.takes(wanted).then_some(())
    }

    // Nodes.

    fn push(&mut self, start: u32, end: u32, expr: Expr) -> Part {
        let id = self.ast.push(self.span(start, end), expr);
        Part { id, start, end }
    }

    /// A node that is the next token.
    fn push_token(&mut self, expr: Expr) -> Option<Part> {
        let (_, span) = *self.tokens.get(self.at)?;
        self.at += 1;
        Some(self.push(span.start, span.end, expr))
    }

    fn span(&self, start: u32, end: u32) -> Span {
        Span::new(self.base + start as usize, self.base + end as usize)
    }

    /// The list of what is pending from `start` on.
    fn settle(&mut self, start: usize) -> Nodes {
        let nodes = self.ast.push_nodes(&self.pending[start..]);
        self.pending.truncate(start);
        nodes
    }

    // Clauses.

    /// A clause of a function or fun, from its arguments on.
    fn function_clause(&mut self, start: u32, name: Option<NodeId>) -> Option<Clause> {
        self.expect("(")?;
        let patterns = self.list(")")?;
        self.guarded(start, name, patterns)
    }

    /// A clause of a `case`.
    fn branch(&mut self) -> Option<Clause> {
        let pattern = self.expr()?;
        let patterns = self.ast.push_nodes(&[pattern.id]);
        self.guarded(pattern.start, None, patterns)
    }

    /// A clause of an `if`.
    fn condition(&mut self) -> Option<Clause> {
        let start = self.start()?;
        let guard = self.guard()?;
        self.clause(start, None, Nodes::default(), guard)
    }

    fn guarded(&mut self, start: u32, name: Option<NodeId>, patterns: Nodes) -> Option<Clause> {
        let guard = if self.takes("when") { self.guard()? } else { Nodes::default() };
        self.clause(start, name, patterns, guard)
    }

    fn clause(&mut self, start: u32, name: Option<NodeId>, patterns: Nodes, guard: Nodes) -> Option<Clause> {
        self.expect("->")?;
        let body = self.sequence()?;
        let span = self.span(start, self.end());
        Some(Clause { span, name, patterns, guard, body, from_macro: None })
    }

    /// A clause of a `try` behind its `catch`. The exception's class and its stack are not part of the tree.
    fn exception(&mut self) -> Option<Clause> {
        let start = self.start()?;
        if self.sees_behind(1, ":") {
            self.word()?;
            self.expect(":")?;
        }
        let pattern = match self.next()? {
            (Token::Atom | Token::Var, _) => self.name()?,
            (Token::Punct(b'{'), _) => self.tuple()?,
            _ => return None,
        };
        if self.takes(":") {
            let (Token::Var, _) = self.next()? else { return None };
            self.word()?;
        }
        let patterns = self.ast.push_nodes(&[pattern.id]);
        self.guarded(start, None, patterns)
    }

    fn clauses(&mut self, mut one: impl FnMut(&mut Self) -> Option<Clause>) -> Option<Vec<Clause>> {
        let mut clauses = vec![one(self)?];
        while self.takes(";") {
            clauses.push(one(self)?);
        }
        Some(clauses)
    }

    /// The clauses of a construct, and its `end`.
    fn closed_clauses(&mut self, one: impl FnMut(&mut Self) -> Option<Clause>) -> Option<Clauses> {
        let clauses = self.clauses(one)?;
        self.expect("end")?;
        Some(self.ast.push_clauses(clauses))
    }

    /// All expressions of a guard, whatever joins them.
    fn guard(&mut self) -> Option<Nodes> {
        let start = self.pending.len();
        self.pend_sequence()?;
        while self.takes(";") {
            self.pend_sequence()?;
        }
        Some(self.settle(start))
    }

    /// Expressions with commas between.
    fn sequence(&mut self) -> Option<Nodes> {
        let start = self.pending.len();
        self.pend_sequence()?;
        Some(self.settle(start))
    }

    /// A list that is open already, to its closing bracket.
    fn list(&mut self, close: &str) -> Option<Nodes> {
        let start = self.pending.len();
        if !self.takes(close) {
            self.pend_sequence()?;
            self.expect(close)?;
        }
        Some(self.settle(start))
    }

    /// Puts expressions with commas between behind what is pending; returns the last one.
    fn pend_sequence(&mut self) -> Option<Part> {
        loop {
            let item = self.expr()?;
            self.pending.push(item.id);
            if !self.takes(",") {
                return Some(item);
            }
        }
    }
}

#[cfg(test)]
mod tests;
