//! What stands where in a function's clause: the bodies of its branches, what their values are, and what is matched with.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::syntax::ast::{Ast, Clause, Clauses, Expr, NodeId, Nodes};

/// Every list of expressions that are evaluated one after the other below a node, and whether its last one is the
/// node's value.
#[must_use]
pub fn bodies(ast: &Ast, node: NodeId) -> Vec<(Nodes, bool)> {
    let of = |clauses: Clauses| ast.clauses(clauses).iter().map(|clause| (clause.body, true));
    match *ast.expr(node) {
        Expr::Case { clauses, .. } | Expr::If { clauses } | Expr::Receive { clauses, .. } => of(clauses).collect(),
        Expr::Try { body, of: chosen, catch, after } => {
            let own = [(body, chosen.is_empty()), (after, false)];
            own.into_iter().chain(of(chosen)).chain(of(catch)).collect()
        }
        Expr::Maybe { body, otherwise } => [(body, true)].into_iter().chain(of(otherwise)).collect(),
        Expr::Block(body) => vec![(body, true)],
        _ => Vec::new(),
    }
}

/// The expressions whose value a branching expression, or a block, can have: the last ones of such bodies.
#[must_use]
pub fn values(ast: &Ast, node: NodeId) -> Vec<NodeId> {
    let of = bodies(ast, node).into_iter().filter(|(_, is_value)| *is_value);
    of.filter_map(|(body, _)| ast.list(body).last().copied()).collect()
}

/// All bodies of a clause: its own, and those below it, but for those of funs, which run when somebody calls them.
pub fn bodies_of<'a>(ast: &'a Ast, clause: &'a Clause) -> impl Iterator<Item = Nodes> + 'a {
    let inner = ast.descend_clause(clause).flat_map(|(id, _)| bodies(ast, id)).map(|(body, _)| body);
    [clause.body].into_iter().chain(inner)
}

/// Whether a node is a statement of a clause: one of the expressions that are evaluated one after the other.
#[must_use]
pub fn is_statement(ast: &Ast, clause: &Clause, node: NodeId) -> bool {
    bodies_of(ast, clause).any(|body| ast.list(body).contains(&node))
}

/// The expressions of all bodies of a clause, those of funs among them, and whether each is the last one of its body.
#[must_use]
pub fn statements_of(ast: &Ast, clause: &Clause) -> FxHashMap<NodeId, bool> {
    let in_funs = ast.descend_clause(clause).filter_map(|(_, expr)| match expr {
        Expr::Fun { clauses } => Some(ast.clauses(*clauses).iter().map(|clause| clause.body)),
        _ => None,
    });
    let all = bodies_of(ast, clause).chain(in_funs.flatten()).map(|body| ast.list(body));
    all.flat_map(|body| body.iter().enumerate().map(move |(at, &node)| (node, at + 1 == body.len()))).collect()
}

/// The node right above each node; those at the top of a form, or of a clause of a function, have none.
#[must_use]
pub fn parents(ast: &Ast) -> FxHashMap<NodeId, NodeId> {
    let mut found = FxHashMap::default();
    let mut children = Vec::new();
    for (node, _) in ast.nodes() {
        children.clear();
        ast.children(node, &mut children);
        found.extend(children.iter().map(|&child| (child, node)));
    }
    found
}

/// All nodes of a clause that are matched with.
#[must_use]
pub fn patterns_of(ast: &Ast, clause: &Clause) -> FxHashSet<NodeId> {
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
