//! The expressions that can be the value of a function's clause.

use crate::migrate::code::bodies::values;
use crate::outline::Module;
use crate::project::handlers::{Callee, callee};
use crate::syntax::ast::{Ast, Clause, Expr, Name, NodeId};

/// What a clause returns on one of its ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tail {
    /// `{ok, Value}` or `{stop, Value}`.
    Pair { tag: NodeId, value: NodeId, stops: bool },
    /// Nothing is returned.
    Never,
    /// Something else.
    Other(NodeId),
}

/// The ways in which a clause returns, in source order.
#[must_use]
pub fn of(module: &Module, ast: &Ast, clause: &Clause) -> Vec<Tail> {
    let (mut found, mut stack): (_, Vec<NodeId>) =
        (Vec::new(), ast.list(clause.body).last().copied().into_iter().collect());
    while let Some(node) = stack.pop() {
        match ast.expr(node) {
            Expr::Case { .. } | Expr::If { .. } | Expr::Receive { .. } | Expr::Try { .. } | Expr::Block(_) => {
                stack.extend(values(ast, node).into_iter().rev());
            }
            Expr::Match { right, .. } => stack.push(*right),
            _ => found.push(tail(module, ast, node)),
        }
    }
    found
}

/// What a single expression says as a result.
#[must_use]
pub fn tail(module: &Module, ast: &Ast, node: NodeId) -> Tail {
    match *ast.expr(node) {
        Expr::Tuple(items) => match *ast.list(items) {
            [tag, value] if ast.atom(tag).is_some_and(|tag| tag == "ok") => Tail::Pair { tag, value, stops: false },
            [tag, value] if ast.atom(tag).is_some_and(|tag| tag == "stop") => Tail::Pair { tag, value, stops: true },
            _ => Tail::Other(node),
        },
        Expr::Call { module: target, function, .. } => match callee(module, ast, target, function) {
            Callee::Local(name) if raises(&name) => Tail::Never,
            Callee::Remote(of, name) if of == "erlang" && raises(&name) => Tail::Never,
            _ => Tail::Other(node),
        },
        _ => Tail::Other(node),
    }
}

fn raises(name: &Name) -> bool {
    ["error", "exit", "throw"].contains(&name.as_str())
}
