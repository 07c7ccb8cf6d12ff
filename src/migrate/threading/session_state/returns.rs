//! Whether a function returns the state that it gets.

use super::{Forms, MAX_HELPERS};
use crate::migrate::code::bodies::values;
use crate::project::handlers::{At, Callee, callee, clauses_of};
use crate::syntax::ast::{Ast, Clause, Expr, Name, NodeId};

/// Whether all clauses of a function return the state that they get, or one with another field.
pub(super) fn returns_state(forms: &Forms<'_>, at: &At, name: &Name, arity: usize, index: usize, depth: usize) -> bool {
    let clauses = clauses_of(&at.module, name, arity);
    depth < MAX_HELPERS && !clauses.is_empty() && clauses.iter().all(|at| clause_returns(forms, at, index, depth))
}

pub(super) fn clause_returns(forms: &Forms<'_>, at: &At, index: usize, depth: usize) -> bool {
    let (ast, Some(clause)) = (at.ast(), at.clause()) else { return false };
    let Some(given) = ast.list(clause.patterns).get(index).and_then(|&pattern| ast.var(pattern)) else { return false };
    let mut stack: Vec<NodeId> = ast.list(clause.body).last().copied().into_iter().collect();
    let mut steps = 0;
    while let Some(node) = stack.pop() {
        steps += 1;
        let before = stack.len();
        match ast.expr(node) {
            Expr::Case { .. } | Expr::If { .. } | Expr::Block(_) => stack.extend(values(ast, node)),
            Expr::Match { right, .. } => stack.push(*right),
            Expr::Var(name) if name == given => continue,
            Expr::Var(name) => stack.extend(bound_to(ast, clause, name)),
            Expr::Call { module, function, args } => {
                if forms.write.bind(ast, node).is_some() {
                    continue;
                }
                let Callee::Local(name) = callee(&at.module, ast, *module, *function) else { return false };
                let given = ast.list(*args).iter().position(|&arg| ast.var(arg) == Some(given));
                let returns = |index| returns_state(forms, at, &name, args.len(), index, depth + 1);
                if given.is_some_and(returns) {
                    continue;
                }
                return false;
            }
            _ => return false,
        }
        if stack.len() == before || steps > 1_000 {
            return false;
        }
    }
    steps > 0
}

/// What a variable is matched with.
fn bound_to(ast: &Ast, clause: &Clause, name: &Name) -> Vec<NodeId> {
    let matches = ast.descend_clause(clause).filter_map(|(_, expr)| match expr {
        Expr::Match { left, right } if ast.var(*left) == Some(name) => Some(*right),
        _ => None,
    });
    matches.collect()
}
