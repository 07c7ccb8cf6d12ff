//! The results in the `-spec`s of functions that return another tag, or another accumulator, now.

use std::sync::Arc;

use super::Spec;
use crate::outline::Module;
use crate::rewrite::Edit;
use crate::syntax::ast::{Ast, Expr, NodeId};

/// Lets the spec of a function that stops now say so. A spec that names a type stays.
#[must_use]
pub fn may_stop(module: &Arc<Module>, name: &str, arity: usize) -> Vec<Edit> {
    Spec::of(module, name, arity).iter().filter_map(with_stop).collect()
}

fn with_stop(spec: &Spec<'_>) -> Option<Edit> {
    let ast = spec.ast;
    // A clause for what was dropped before passes that on.
    if spec.argument(0).is_some_and(|first| is_drop(ast, first)) {
        return None;
    }
    let results: Vec<(NodeId, NodeId)> = members(ast, spec.signature.result).filter_map(|it| pair(ast, it)).collect();
    if results.iter().any(|(tag, _)| spec.text(*tag).contains("stop")) {
        return None;
    }
    let drops = results.iter().find(|(_, value)| is_drop(ast, *value));
    let (edited, new) = match (drops, results.first()) {
        (Some((tag, _)), _) => (*tag, "stop"),
        (None, first) => (first?.0, "ok | stop"),
    };
    ast.atom(edited).is_some_and(|tag| tag == "ok").then(|| spec.replace(edited, new))
}

/// Lets the spec of a handler say that it takes, and returns, an accumulator of another type.
#[must_use]
pub fn with_accumulator(module: &Arc<Module>, name: &str, arity: usize, accumulator: &str) -> Vec<Edit> {
    let mut edits = Vec::new();
    for spec in Spec::of(module, name, arity) {
        let (Some(first), result) = (spec.argument(0), spec.signature.result) else { continue };
        if members(spec.ast, result).all(|it| pair(spec.ast, it).is_some()) {
            edits.push(spec.replace(first, accumulator));
            edits.push(spec.replace(result, format!("{{ok | stop, {accumulator}}}")));
        }
    }
    edits
}

fn is_drop(ast: &Ast, node: NodeId) -> bool {
    ast.atom(node).is_some_and(|atom| atom == "drop")
}

/// The types of which a type is the union.
fn members(ast: &Ast, node: NodeId) -> impl Iterator<Item = NodeId> {
    let (mut found, mut stack) = (Vec::new(), vec![node]);
    while let Some(node) = stack.pop() {
        match ast.expr(node) {
            Expr::Union { left, right } => stack.extend([*right, *left]),
            _ => found.push(node),
        }
    }
    found.into_iter()
}

fn pair(ast: &Ast, node: NodeId) -> Option<(NodeId, NodeId)> {
    let Expr::Tuple(items) = ast.expr(node) else { return None };
    match *ast.list(*items) {
        [tag, value] => Some((tag, value)),
        _ => None,
    }
}
