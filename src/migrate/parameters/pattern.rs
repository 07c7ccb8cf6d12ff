//! Patterns that take a map: the parameters, or the extra map.

use crate::migrate::code::clause::ClauseEditor;
use crate::rewrite::Edit;
use crate::syntax::ast::{Ast, Expr, Field, NodeId};

/// What matches one value side by side: `Pattern = Name`, or the pattern alone.
#[must_use]
pub fn sides(ast: &Ast, pattern: NodeId) -> Vec<NodeId> {
    match *ast.expr(pattern) {
        Expr::Match { left, right } => vec![left, right],
        _ => vec![pattern],
    }
}

/// A pattern that takes a map as a whole, or by its fields.
#[derive(Clone, Copy)]
pub struct MapPattern<'a> {
    whole: NodeId,
    /// The map, and its fields.
    pub map: Option<(NodeId, &'a [Field])>,
    /// The variable for the whole of it.
    pub alias: Option<NodeId>,
    /// There is nothing beside these two.
    pub is_plain: bool,
}

impl<'a> MapPattern<'a> {
    #[must_use]
    pub fn of(ast: &'a Ast, pattern: NodeId) -> Self {
        let sides = sides(ast, pattern);
        let map = sides.iter().find_map(|&side| match ast.expr(side) {
            Expr::Map { base: None, fields } => Some((side, ast.fields(*fields))),
            _ => None,
        });
        let alias = sides.iter().copied().find(|&side| ast.is_var(side));
        let is_map = |side: NodeId| map.is_some_and(|(node, _)| node == side);
        let is_plain = sides.iter().all(|&side| ast.is_var(side) || is_map(side));
        Self { whole: pattern, map, alias, is_plain }
    }

    /// Lets the pattern ask for further fields, before its own. `None` when it is neither a map nor a variable.
    pub fn ask_for(&self, editor: &mut ClauseEditor<'_>, fields: &str) -> Option<()> {
        let (ast, near) = (editor.ast, editor.at.place(self.whole));
        match (self.map, ast.var(self.whole)) {
            (Some((_, [first, ..])), _) => editor.push(Edit::insert(&near, first.span.start, format!("{fields}, "))),
            (Some((map, [])), _) => editor.replace(ast.span(map), format!("#{{{fields}}}")),
            (None, Some(name)) if name == "_" || editor.uses(name, self.whole).is_empty() => {
                editor.replace(ast.span(self.whole), format!("#{{{fields}}}"));
            }
            (None, Some(_)) => {
                editor.push(Edit::insert(&near, ast.span(self.whole).start, format!("#{{{fields}}} = ")));
            }
            (None, None) => return None,
        }
        Some(())
    }
}

/// Whether a pattern asks for a form at most, and not for certain values.
#[must_use]
pub fn takes_anything(ast: &Ast, pattern: NodeId) -> bool {
    ast.descend([pattern]).all(|(_, expr)| {
        matches!(
            expr,
            Expr::Var(_)
                | Expr::Tuple(_)
                | Expr::Match { .. }
                | Expr::Record { base: None, .. }
                | Expr::Map { base: None, .. }
                | Expr::Atom(_)
        )
    }) && !has_literal(ast, pattern)
}

/// Whether an atom stands for a value in a pattern, rather than for a key or a field's name.
fn has_literal(ast: &Ast, mut pattern: NodeId) -> bool {
    while let Expr::Match { left, right } = *ast.expr(pattern) {
        if has_literal(ast, left) {
            return true;
        }
        pattern = right;
    }
    match ast.expr(pattern) {
        Expr::Atom(_) => true,
        Expr::Tuple(items) => ast.list(*items).iter().any(|&item| has_literal(ast, item)),
        Expr::Map { fields, .. } | Expr::Record { fields, .. } => {
            ast.fields(*fields).iter().filter_map(|field| field.value).any(|value| has_literal(ast, value))
        }
        _ => false,
    }
}
