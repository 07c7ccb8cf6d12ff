//! Where a variable's value is at hand: everywhere its name stands for the same value.

use crate::migrate::api::tree::Tree;
use crate::source::Span;
use crate::syntax::ast::{Clauses, Expr, Name, NodeId};

/// All places where a variable's name means what it means at `var`, itself included. Branches that have a value of their own
/// under the same name are left out, and so are funs and comprehensions.
///
/// # Errors
/// It cannot be told.
pub fn occurrences(tree: &Tree<'_>, var: NodeId) -> Result<Vec<NodeId>, String> {
    let ast = tree.ast;
    let name = ast.var(var).ok_or("it is no variable")?;
    let Some(clause) = tree.clause(var) else { return Err("it stands in a macro".to_owned()) };
    let unclear = || format!("`{name}` stands for several values here");
    let own = scope(tree, var, name, clause.span).ok_or_else(unclear)?;
    let mut all = Vec::new();
    for (node, _) in ast.descend_clause(clause).filter(|(_, expr)| matches!(expr, Expr::Var(it) if it == name)) {
        if scope(tree, node, name, clause.span).ok_or_else(unclear)? == own {
            all.push(node);
        }
    }
    let region = region(tree, var, own, &all);
    all.retain(|&node| region.contains(ast.span(node)));
    all.sort_unstable_by_key(|&node| ast.span(node).start);
    Ok(all)
}

/// The function's clause, or what in it has a variable of its own under this name; `None` when it is not clear which.
fn scope(tree: &Tree<'_>, node: NodeId, name: &Name, clause: Span) -> Option<Span> {
    let ast = tree.ast;
    let span = ast.span(node);
    let binds =
        |patterns: &[NodeId]| ast.descend(patterns.iter().copied()).any(|(part, _)| ast.var(part) == Some(name));
    for above in tree.ancestors(node) {
        match *ast.expr(above) {
            Expr::Fun { clauses } => {
                let own = ast.clauses(clauses).iter().find(|clause| clause.span.contains(span));
                if let Some(own) = own.filter(|own| binds(ast.list(own.patterns))) {
                    return Some(own.span);
                }
            }
            Expr::Comprehension { qualifiers, .. } => {
                let generators = ast.list(qualifiers).iter().filter_map(|&it| match *ast.expr(it) {
                    Expr::Generator { pattern, source } => Some((pattern, source)),
                    _ => None,
                });
                let generators: Vec<_> = generators.collect();
                if generators.iter().any(|(pattern, _)| binds(&[*pattern])) {
                    let in_source = generators.iter().any(|(_, source)| ast.span(*source).contains(span));
                    return (!in_source).then(|| ast.span(above));
                }
            }
            _ => {}
        }
    }
    Some(clause)
}

/// The outermost branch in which the value is used, or the whole scope.
fn region(tree: &Tree<'_>, var: NodeId, scope: Span, all: &[NodeId]) -> Span {
    let ast = tree.ast;
    // Branches around it, from the inside out, each with all branches of what it is one of.
    let mut levels: Vec<(Span, Vec<Span>)> = Vec::new();
    for above in tree.ancestors(var).take_while(|&above| scope.contains(ast.span(above))) {
        let branches = branches(tree, above);
        if let Some(&own) = branches.iter().find(|branch| branch.contains(ast.span(var))) {
            levels.push((own, branches));
        }
    }
    let mut found = levels.first().map_or(scope, |(own, _)| *own);
    for (at, (_, branches)) in levels.iter().enumerate() {
        let outer = levels.get(at + 1).map_or(scope, |(own, _)| *own);
        let is_shared = |node: &NodeId| {
            let span = ast.span(*node);
            outer.contains(span) && !branches.iter().any(|branch| branch.contains(span))
        };
        if all.iter().any(is_shared) {
            found = outer;
        }
    }
    found
}

fn branches(tree: &Tree<'_>, node: NodeId) -> Vec<Span> {
    let of = |clauses: Clauses| tree.ast.clauses(clauses).iter().map(|clause| clause.span);
    match *tree.ast.expr(node) {
        Expr::Case { clauses, .. } | Expr::If { clauses } | Expr::Receive { clauses, .. } => of(clauses).collect(),
        Expr::Try { of: chosen, catch, .. } => of(chosen).chain(of(catch)).collect(),
        Expr::Maybe { otherwise, .. } => of(otherwise).collect(),
        _ => Vec::new(),
    }
}
