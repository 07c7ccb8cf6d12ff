//! What a handler does with its accumulator.

use super::At;
use crate::finding::Place;
use crate::syntax::ast::{Expr, Name, NodeId};

/// The uses of a handler's first argument.
#[derive(Clone, Debug, Default)]
pub struct AccumulatorUse {
    /// Heads that look into the accumulator, and expressions that do anything but return it.
    pub looks: Vec<Place>,
    /// A returned value that is not the accumulator as it was given.
    pub makes: Vec<Place>,
}

impl AccumulatorUse {
    /// Whether the handler does nothing with its accumulator but return it.
    #[must_use]
    pub fn only_passed_on(&self) -> bool {
        self.looks.is_empty() && self.makes.is_empty()
    }
}

#[must_use]
pub fn of(clauses: &[At]) -> AccumulatorUse {
    let mut found = AccumulatorUse::default();
    for at in clauses {
        let Some(clause) = at.clause() else { continue };
        let ast = at.ast();
        let Some(&pattern) = ast.list(clause.patterns).first() else { continue };
        let name = match ast.expr(pattern) {
            Expr::Var(name) => Some(name.clone()),
            Expr::Match { left, right } => {
                found.looks.push(at.place(pattern));
                ast.var(*left).or_else(|| ast.var(*right)).cloned()
            }
            _ => {
                found.looks.push(at.place(pattern));
                None
            }
        };
        uses_in_body(at, name.as_ref(), &mut found);
    }
    found
}

fn uses_in_body(at: &At, name: Option<&Name>, found: &mut AccumulatorUse) {
    let Some(clause) = at.clause() else { return };
    let ast = at.ast();
    let is_it = |id: NodeId| name.is_some() && ast.var(id) == name;
    let body = ast.list(clause.body).iter().chain(ast.list(clause.guard)).copied();
    let mut returned = Vec::new();
    for (node, expr) in ast.descend(body) {
        match expr {
            Expr::Tuple(items) if let [tag, value] = *ast.list(*items) => {
                let tagged = ast.atom(tag).is_some_and(|tag| tag == "ok" || tag == "stop");
                if tagged && is_it(value) {
                    returned.push(value);
                } else if tagged && !is_it(value) && ast.list(clause.body).last() == Some(&node) {
                    found.makes.push(at.place(value));
                }
            }
            Expr::Var(_) if is_it(node) && !returned.contains(&node) => found.looks.push(at.place(node)),
            _ => {}
        }
    }
}
