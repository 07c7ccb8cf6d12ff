//! The edits of one clause of a function: parts replaced, expressions put first, names that are not taken.

use rustc_hash::FxHashSet;

use crate::project::handlers::At;
use crate::rewrite::Edit;
use crate::source::Span;
use crate::syntax::ast::{Ast, Clause, Clauses, Expr, Name, NodeId};
use crate::syntax::scan::{Token, Tokens};

/// The edits of one clause.
pub struct ClauseEditor<'a> {
    pub at: &'a At,
    pub ast: &'a Ast,
    pub clause: &'a Clause,
    /// Variables that occur in the clause, or were promised to somebody.
    names: FxHashSet<Name>,
    /// Nodes that are matched with and not evaluated.
    patterns: FxHashSet<NodeId>,
    /// Expressions that come before all others, without their commas.
    first: Vec<String>,
    edits: Vec<Edit>,
}

impl<'a> ClauseEditor<'a> {
    /// `None` when the clause could not be parsed.
    #[must_use]
    pub fn new(at: &'a At) -> Option<Self> {
        if at.is_broken() {
            return None;
        }
        let (ast, clause) = (at.ast(), at.clause()?);
        let nodes = ast.descend_clause(clause);
        let names = nodes.filter_map(|(_, expr)| if let Expr::Var(name) = expr { Some(name.clone()) } else { None });
        let patterns = patterns_of(ast, clause);
        Some(Self { at, ast, clause, names: names.collect(), patterns, first: Vec::new(), edits: Vec::new() })
    }

    #[must_use]
    pub fn text(&self, node: NodeId) -> &'a str {
        self.at.module.source().slice(self.ast.span(node))
    }

    /// The pattern of an argument, counted from 0.
    #[must_use]
    pub fn argument(&self, index: usize) -> Option<NodeId> {
        self.ast.list(self.clause.patterns).get(index).copied()
    }

    /// A variable that does not occur in the clause: `wanted`, or with a number behind it.
    pub fn fresh(&mut self, wanted: &str) -> String {
        let numbered = (1..).map(|number| format!("{wanted}{number}"));
        let free = |name: &String| !self.names.contains(name.as_str());
        let name = std::iter::once(wanted.to_owned()).chain(numbered).find(free).unwrap_or_default();
        self.names.insert(name.as_str().into());
        name
    }

    /// Whether a variable occurs anywhere in the clause.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// Everywhere a variable occurs in the clause, in source order, but for one place.
    #[must_use]
    pub fn uses(&self, name: &str, but: NodeId) -> Vec<NodeId> {
        let is_it = |&(node, expr): &(NodeId, &Expr)| node != but && matches!(expr, Expr::Var(it) if it == name);
        self.ast.descend_clause(self.clause).filter(is_it).map(|(node, _)| node).collect()
    }

    /// Whether a node stands in the function's head: its arguments or its guard.
    #[must_use]
    pub fn in_head(&self, node: NodeId) -> bool {
        let wanted = self.ast.span(node);
        let parts = self.ast.list(self.clause.patterns).iter().chain(self.ast.list(self.clause.guard));
        parts.copied().any(|part| self.ast.span(part).contains(wanted))
    }

    /// Whether a node is matched with, or decides in a guard, so that no call can stand in its place.
    #[must_use]
    pub fn is_matched(&self, node: NodeId) -> bool {
        self.patterns.contains(&node) || self.in_head(node)
    }

    pub fn replace(&mut self, span: Span, text: impl Into<String>) {
        self.edits.push(Edit::replace(self.at.module.place(span), text));
    }

    pub fn push(&mut self, edit: Edit) {
        self.edits.push(edit);
    }

    /// Puts an expression before all others of the body, behind those that were put there already.
    pub fn put_first(&mut self, expression: impl Into<String>) {
        self.first.push(expression.into());
    }

    /// All edits together.
    #[must_use]
    pub fn finish(mut self) -> Vec<Edit> {
        if !self.first.is_empty()
            && let Some(edit) = self.first_expressions()
        {
            self.edits.push(edit);
        }
        self.edits
    }

    fn first_expressions(&self) -> Option<Edit> {
        let text = self.at.module.source().text();
        let &body = self.ast.list(self.clause.body).first()?;
        let body = self.ast.span(body).start as usize;
        let arrow = self.arrow(body)?;
        let between = &text[arrow..body];
        let Some(newline) = between.find('\n') else {
            let indentation = format!("\n{}", " ".repeat(indentation(text, self.clause.span.start as usize) + 4));
            let mut inserted = indentation.clone();
            for expression in &self.first {
                inserted.push_str(expression);
                inserted.push(',');
                inserted.push_str(&indentation);
            }
            return Some(Edit::replace(self.at.module.place(Span::new(arrow, body)), inserted));
        };
        // Comments over the first expression belong to it.
        let rest = &between[newline + 1..];
        let start = arrow + newline + 1 + (rest.len() - rest.trim_start().len());
        let column = start - text[..start].rfind('\n').map_or(0, |at| at + 1);
        let indentation = &text[start - column..start];
        let inserted: String = self.first.iter().map(|expression| format!("{expression},\n{indentation}")).collect();
        let start = u32::try_from(start).ok()?;
        Some(Edit::insert(&self.at.place(self.argument(0)?), start, inserted))
    }

    /// The offset behind the arrow between head and body.
    fn arrow(&self, body: usize) -> Option<usize> {
        let text = self.at.module.source().text();
        let parts = self.ast.list(self.clause.patterns).iter().chain(self.ast.list(self.clause.guard));
        let head = parts.map(|&node| self.ast.span(node).end).max().unwrap_or(self.clause.span.start) as usize;
        let mut before = None;
        for (token, span) in Tokens::new(&text[head..body], head) {
            if token == Token::Punct(b'>') && before == Some(span.start) {
                return Some(span.end as usize);
            }
            before = (token == Token::Punct(b'-')).then_some(span.end);
        }
        None
    }
}

/// How many blanks stand before the first other character of the line in which an offset lies.
#[must_use]
pub fn indentation(text: &str, offset: usize) -> usize {
    let line = text[..offset].rfind('\n').map_or(0, |at| at + 1);
    text[line..].len() - text[line..].trim_start_matches([' ', '\t']).len()
}

/// All nodes of a clause that are matched with.
pub(super) fn patterns_of(ast: &Ast, clause: &Clause) -> FxHashSet<NodeId> {
    let mut roots: Vec<NodeId> = ast.list(clause.patterns).to_vec();
    let clauses = |clauses: Clauses, roots: &mut Vec<NodeId>| {
        for inner in ast.clauses(clauses) {
            roots.extend(ast.list(inner.patterns));
            roots.extend(ast.list(inner.guard));
        }
    };
    for (_, expr) in ast.descend_clause(clause) {
        match expr {
            Expr::Match { left, .. } | Expr::CondMatch { left, .. } => roots.push(*left),
            Expr::Generator { pattern, .. } => roots.push(*pattern),
            Expr::Case { clauses: inner, .. }
            | Expr::If { clauses: inner }
            | Expr::Receive { clauses: inner, .. }
            | Expr::Fun { clauses: inner }
            | Expr::Maybe { otherwise: inner, .. } => clauses(*inner, &mut roots),
            Expr::Try { of, catch, .. } => {
                clauses(*of, &mut roots);
                clauses(*catch, &mut roots);
            }
            _ => {}
        }
    }
    ast.descend(roots).map(|(node, _)| node).collect()
}
