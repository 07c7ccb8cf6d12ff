//! Pieces of Erlang from the catalog, in which variables stand for what a handler has at hand.

use crate::syntax::ast::{Ast, Expr, NodeId};
use crate::syntax::scan::{Token, Tokens};

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

    #[must_use]
    pub fn text_of(&self, node: NodeId) -> &str {
        let span = self.ast.span(node);
        &self.text[span.start as usize - self.base..span.end as usize - self.base]
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
