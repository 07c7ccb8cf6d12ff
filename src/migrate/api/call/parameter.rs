//! A session's data that is a parameter of a handler.

use super::template::Template;
use crate::migrate::api::tree::Tree;
use crate::migrate::session::SESSION;
use crate::project::registrations::{HandlerRef, Registration};
use crate::syntax::ast::{Expr, Name, NodeId};

impl Template {
    /// Where the session's data is wanted, and something else is given that comes from the hook: its variable.
    pub(super) fn old_parameter<'a>(
        &self,
        tree: &Tree<'a>,
        registrations: &[Registration],
        node: NodeId,
    ) -> Option<&'a str> {
        let held = tree.ast.var(self.was.bind(tree.ast, node)?.get(SESSION)?)?;
        if tree.session(node).is_some_and(|session| session == held.as_str()) {
            return None;
        }
        let clause = tree.clause(node)?;
        let function = tree.ast.atom(clause.name?)?;
        let is_handler = registrations.iter().any(|registration| match &registration.handler {
            HandlerRef::External { function: name, arity, .. } | HandlerRef::Local { function: name, arity } => {
                name == function && usize::try_from(*arity) == Ok(clause.patterns.len())
            }
            _ => false,
        });
        let is_held = |node: NodeId| tree.ast.var(node) == Some(held);
        let params: Vec<&Name> = match tree.ast.list(clause.patterns).get(1) {
            Some(&params) => tree.ast.descend([params]).filter_map(|(node, _)| tree.ast.var(node)).collect(),
            None => Vec::new(),
        };
        let in_params = |name: &Name| params.contains(&name);
        let taken = |expr: &Expr| match expr {
            Expr::Map { base: None, fields } => {
                tree.ast.fields(*fields).iter().any(|field| field.exact && field.value.is_some_and(is_held))
            }
            _ => false,
        };
        let mut head = tree.ast.descend(tree.ast.list(clause.patterns).iter().copied());
        let in_head = head.any(|(part, expr)| taken(expr) || (is_handler && is_held(part)));
        // `#{state := State} = Params` and `State = maps:get(state, Params)` in the body of a handler.
        let is_got = |node: NodeId| match tree.ast.expr(node) {
            Expr::Call { module: Some(module), args, .. } => {
                tree.ast.atom(*module).is_some_and(|it| it == "maps")
                    && tree.ast.list(*args).iter().any(|&arg| tree.ast.var(arg).is_some_and(in_params))
            }
            _ => false,
        };
        let mut body = tree.ast.descend_clause(clause);
        let mut in_body = || {
            is_handler
                && body.any(|(_, expr)| match expr {
                    Expr::Match { left, right } => {
                        taken(tree.ast.expr(*left)) && tree.ast.is_var(*right) || is_held(*left) && is_got(*right)
                    }
                    _ => false,
                })
        };
        (in_head || in_body()).then_some(held.as_str())
    }
}
