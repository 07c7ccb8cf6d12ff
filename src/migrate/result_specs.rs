//! The `-spec`s of functions that return another tag, or another accumulator, now.

use crate::outline::{FormIndex, Module};
use crate::rewrite::Edit;
use crate::syntax::ast::{Ast, Expr, Item, NodeId, Signature};
use crate::syntax::scan::FormKind;

/// Lets the spec of a function that stops now say so. A spec that names a type stays.
#[must_use]
pub fn may_stop(module: &Module, name: &str, arity: usize) -> Vec<Edit> {
    let mut edits = Vec::new();
    each(module, name, arity, &mut |ast, signature| {
        // A clause for what was dropped before passes that on.
        if ast.list(signature.args).first().is_some_and(|&first| is_drop(ast, first)) {
            return;
        }
        let results: Vec<(NodeId, NodeId)> = members(ast, signature.result).filter_map(|it| pair(ast, it)).collect();
        let text = |node| module.source().slice(ast.span(node));
        if results.iter().any(|(tag, _)| text(*tag).contains("stop")) {
            return;
        }
        let drops = results.iter().find(|(_, value)| is_drop(ast, *value));
        let (edited, new) = match (drops, results.first()) {
            (Some((tag, _)), _) => (*tag, "stop"),
            (None, Some((tag, _))) => (*tag, "ok | stop"),
            (None, None) => return,
        };
        if ast.atom(edited).is_some_and(|tag| tag == "ok") {
            edits.push(Edit::replace(module.place(ast.span(edited)), new));
        }
    });
    edits
}

/// Lets the spec of a handler say that it takes, and returns, an accumulator of another type.
#[must_use]
pub fn with_accumulator(module: &Module, name: &str, arity: usize, accumulator: &str) -> Vec<Edit> {
    let mut edits = Vec::new();
    each(module, name, arity, &mut |ast, signature| {
        let Some(&first) = ast.list(signature.args).first() else { return };
        if members(ast, signature.result).all(|it| pair(ast, it).is_some()) {
            edits.push(Edit::replace(module.place(ast.span(first)), accumulator));
            let result = format!("{{ok | stop, {accumulator}}}");
            edits.push(Edit::replace(module.place(ast.span(signature.result)), result));
        }
    });
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

fn each(module: &Module, name: &str, arity: usize, visit: &mut impl FnMut(&Ast, &Signature)) {
    let is_spec = |index: &FormIndex| {
        let form = module.form(*index);
        let attribute = form.kind == FormKind::Attribute && module.source().slice(form.name) == "spec";
        attribute && module.text_of(*index).contains(name)
    };
    for index in module.forms().map(|(index, _)| index).filter(is_spec) {
        let Ok(ast) = module.ast(index) else { continue };
        for item in &ast.items {
            let Item::Spec { function, signatures } = item else { continue };
            if function == name {
                signatures.iter().filter(|it| it.args.len() == arity).for_each(|it| visit(ast, it));
            }
        }
    }
}
