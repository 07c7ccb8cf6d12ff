//! Pieces of Erlang from the catalog. Their variables stand for what a handler has at hand, or, where a piece says what is
//! looked for, for any expression.

use crate::syntax::ast::{Ast, Expr, Name, NodeId, Op};
use crate::syntax::scan::{Token, Tokens};

/// The name that stands for the accumulator in the catalog's code.
pub const ACCUMULATOR: &str = "Acc";

/// Replaces variables of a piece of Erlang; those for which `by` has nothing stay.
#[must_use]
pub fn substitute(text: &str, mut by: impl FnMut(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for range in variable_ranges(text) {
        let Some(new) = by(&text[range.clone()]) else { continue };
        out.push_str(&text[done..range.start]);
        out.push_str(&new);
        done = range.end;
    }
    out.push_str(&text[done..]);
    out
}

/// The variables of a piece of Erlang, each once, in the order in which they come first.
#[must_use]
pub fn variables(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for range in variable_ranges(text) {
        let name = &text[range];
        if name != "_" && !found.contains(&name) {
            found.push(name);
        }
    }
    found
}

/// Where variables stand; a macro's name is none.
#[must_use]
pub fn variable_ranges(text: &str) -> Vec<std::ops::Range<usize>> {
    let mut found = Vec::new();
    let mut behind_question_mark = false;
    for (token, span) in Tokens::new(text, 0) {
        if token == Token::Var && !behind_question_mark {
            found.push(span.range());
        }
        behind_question_mark = token == Token::Punct(b'?');
    }
    found
}

/// An expression or pattern that does not stand in a file.
pub struct Snippet {
    pub text: String,
    ast: Ast,
    root: NodeId,
    /// How much stands before the text in what was parsed.
    base: usize,
}

impl Snippet {
    /// Parses an expression; `None` when it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        const BEFORE: &str = "f() -> ";
        let ast = crate::syntax::parse(&format!("{BEFORE}{text}."), 0).ok()?;
        let clause = ast.function_clauses().next()?;
        let &[root] = ast.list(clause.body) else { return None };
        let sound = ast.errors.is_empty();
        sound.then(|| Self { text: text.to_owned(), root, base: BEFORE.len(), ast })
    }

    #[must_use]
    pub fn ast(&self) -> &Ast {
        &self.ast
    }

    #[must_use]
    pub fn root(&self) -> NodeId {
        self.root
    }

    #[must_use]
    pub fn expr(&self) -> &Expr {
        self.ast.expr(self.root)
    }

    /// When the piece is a call of a module's function: both names as they are written, and the arguments.
    #[must_use]
    pub fn call(&self) -> Option<(&str, &str, &[NodeId])> {
        let Expr::Call { module: Some(module), function, args } = self.expr() else { return None };
        Some((self.text_of(*module), self.text_of(*function), self.ast.list(*args)))
    }

    /// What the variables stand for, when a node of a module's code has the form of this piece.
    #[must_use]
    pub fn bind(&self, ast: &Ast, node: NodeId) -> Option<Bound> {
        let mut bound = Vec::new();
        self.fits(self.root, ast, node, &mut bound).then_some(Bound(bound))
    }

    fn fits(&self, part: NodeId, ast: &Ast, node: NodeId, bound: &mut Vec<(Name, NodeId)>) -> bool {
        let mut all = |parts: &[NodeId], nodes: &[NodeId]| {
            parts.len() == nodes.len()
                && parts.iter().zip(nodes).all(|(&part, &node)| self.fits(part, ast, node, bound))
        };
        match (self.ast.expr(part), ast.expr(node)) {
            (Expr::Var(name), _) => {
                bound.push((name.clone(), node));
                true
            }
            (Expr::Atom(one), Expr::Atom(other)) => one == other,
            (Expr::Binary(one), Expr::Binary(other)) => one == other,
            (Expr::Tuple(parts), Expr::Tuple(nodes)) => all(self.ast.list(*parts), ast.list(*nodes)),
            (Expr::List { items: parts, tail: None }, Expr::List { items: nodes, tail: None }) => {
                all(self.ast.list(*parts), ast.list(*nodes))
            }
            (Expr::Map { base: None, fields }, Expr::Map { base: None, fields: others }) => {
                self.ast.fields(*fields).is_empty() && ast.fields(*others).is_empty()
            }
            (
                &Expr::Call { module: Some(one), function: name, args },
                &Expr::Call { module: Some(other), function: other_name, args: other_args },
            ) => all(&[one, name], &[other, other_name]) && all(self.ast.list(args), ast.list(other_args)),
            (
                &Expr::Binop { op: Op::Send, left, right },
                &Expr::Binop { op: Op::Send, left: other_left, right: other_right },
            ) => all(&[left, right], &[other_left, other_right]),
            (Expr::RecordField { base, field }, Expr::RecordField { base: other, field: other_field }) => {
                field == other_field && all(&[*base], &[*other])
            }
            _ => false,
        }
    }

    #[must_use]
    pub fn text_of(&self, node: NodeId) -> &str {
        &self.text[self.place(node)]
    }

    /// Where a node stands in the text, in bytes.
    #[must_use]
    pub fn place(&self, node: NodeId) -> std::ops::Range<usize> {
        let span = self.ast.span(node);
        span.start as usize - self.base..span.end as usize - self.base
    }
}

/// What the variables of a piece stand for, in the piece's order.
pub struct Bound(Vec<(Name, NodeId)>);

impl Bound {
    #[must_use]
    pub fn get(&self, name: &str) -> Option<NodeId> {
        self.iter().find(|(known, _)| *known == name).map(|(_, node)| node)
    }

    /// The variables with what stands for each.
    pub fn iter(&self) -> impl Iterator<Item = (&str, NodeId)> {
        self.0.iter().map(|(name, node)| (name.as_str(), *node))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_replaced_and_nothing_else() {
        let text = "m:f(C2SData, ?C2SData, 'C2SData', \"C2SData\", X) % C2SData";
        let new = substitute(text, |name| (name == "C2SData").then(|| "D".to_owned()));
        assert_eq!(new, "m:f(D, ?C2SData, 'C2SData', \"C2SData\", X) % C2SData");
        assert_eq!(variables(text), ["C2SData", "X"]);
        assert_eq!(variables("{IP, _Port, IP, _}"), ["IP", "_Port"]);
    }

    #[test]
    fn a_snippet_knows_its_parts() {
        let snippet = Snippet::parse("{pep_message, Feature}").unwrap();
        let Expr::Tuple(items) = snippet.expr() else { panic!("no tuple") };
        let items = snippet.ast().list(*items);
        assert_eq!(snippet.text_of(items[1]), "Feature");
        assert!(Snippet::parse("a, b").is_none());
        assert!(Snippet::parse("f(").is_none());
    }
}
