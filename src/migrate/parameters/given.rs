//! Patterns for values that are never given any more.

use super::clause::Clause;
use super::never_given;
use crate::migrate::code::template::Snippet;
use crate::syntax::ast::{Expr, NodeId};

impl<'a> Clause<'a> {
    /// Whether what a pattern is for can still come.
    pub(super) fn is_given(&self, index: usize, pattern: NodeId) -> Result<(), String> {
        let translation = &self.translations[index];
        let never = translation.never.iter().find(|never| self.is_only(never, never.root(), pattern));
        never.map_or(Ok(()), |never| Err(never_given(&translation.change.key, &never.text)))
    }

    /// Whether a pattern, or a choice over what it binds, is for nothing but what `never` describes.
    fn is_only(&self, never: &Snippet, wanted: NodeId, mut pattern: NodeId) -> bool {
        let ast = self.editor.ast;
        while let Expr::Match { left, right } = *ast.expr(pattern) {
            if self.is_only(never, wanted, left) {
                return true;
            }
            pattern = right;
        }
        match (never.ast().expr(wanted), ast.expr(pattern)) {
            (Expr::Atom(one), Expr::Atom(other)) => one == other,
            (Expr::Tuple(one), Expr::Tuple(other)) => {
                let (one, other) = (never.ast().list(*one), ast.list(*other));
                one.len() == other.len() && one.iter().zip(other).all(|(&one, &other)| self.is_only(never, one, other))
            }
            (Expr::Var(_), _) => true,
            (_, Expr::Var(name)) => self.editor.uses(name, pattern).into_iter().any(|node| {
                let choice = self.editor.parent(node).map(|above| ast.expr(above));
                let Some(Expr::Case { subject, clauses }) = choice else { return false };
                let mut patterns = ast.clauses(*clauses).iter().flat_map(|clause| ast.list(clause.patterns));
                *subject == node && patterns.any(|&it| !ast.is_var(it) && self.is_only(never, wanted, it))
            }),
            _ => false,
        }
    }
}
