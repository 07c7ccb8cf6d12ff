//! Whether a value is a stanza, as far as the clause around it tells.

use super::call::is_other_term;
use super::tree::Tree;
use crate::syntax::ast::{Expr, Name, NodeId};

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An XML element.
    Element,
    /// A `mongoose_acc`.
    Accumulator,
    /// Plainly neither.
    Other,
    Unknown,
}

/// The record of XML elements.
const ELEMENT: &str = "xmlel";

/// Functions that give an element, whatever they are given.
const GIVE_ELEMENTS: [(&str, &str); 10] = [
    ("jlib", "append_subtags"),
    ("jlib", "iq_to_xml"),
    ("jlib", "remove_attr"),
    ("jlib", "replace_from_to"),
    ("jlib", "replace_subelement"),
    ("jlib", "replace_tag_attr"),
    ("mongoose_acc", "element"),
    ("xml", "append_subtags"),
    ("xml", "replace_subelement"),
    ("xml", "replace_tag_attr"),
];

/// Functions that give an accumulator, whatever they are given.
const GIVE_ACCUMULATORS: [(&str, &str); 8] = [
    ("mongoose_acc", "append"),
    ("mongoose_acc", "delete"),
    ("mongoose_acc", "new"),
    ("mongoose_acc", "set"),
    ("mongoose_acc", "set_permanent"),
    ("mongoose_acc", "strip"),
    ("mongoose_acc", "update"),
    ("mongoose_acc", "update_stanza"),
];

/// What a value is where it stands. Of a variable this is asked of where it is bound: in the head, or by a match in the body.
#[must_use]
pub fn kind(tree: &Tree<'_>, value: NodeId) -> Kind {
    let of = by_form(tree, value);
    if of != Kind::Unknown {
        return of;
    }
    let Some(name) = tree.ast.var(value) else { return Kind::Unknown };
    let Some(clause) = tree.clause(value) else { return Kind::Unknown };
    let nodes = tree.ast.descend_clause(clause);
    let kinds = nodes.filter_map(|(_, expr)| match expr {
        Expr::Match { left, right } => bound_by(tree, *left, *right, name),
        _ => None,
    });
    kinds.last().unwrap_or(Kind::Unknown)
}

/// What an expression, or a pattern, stands for by itself.
fn by_form(tree: &Tree<'_>, value: NodeId) -> Kind {
    match tree.ast.expr(value) {
        Expr::Record { name, .. } if name == ELEMENT => Kind::Element,
        Expr::Call { module: Some(module), function, .. } => {
            let called = tree.ast.atom(*module).zip(tree.ast.atom(*function));
            let is = |known: &[(&str, &str)]| {
                called.is_some_and(|(module, function)| known.iter().any(|it| module == it.0 && function == it.1))
            };
            if is(&GIVE_ELEMENTS) {
                Kind::Element
            } else if is(&GIVE_ACCUMULATORS) {
                Kind::Accumulator
            } else {
                Kind::Unknown
            }
        }
        Expr::Var(name) if names_accumulator(name) => Kind::Accumulator,
        Expr::Binary(_) | Expr::Bits(_) => Kind::Other,
        other if is_other_term(other) => Kind::Other,
        _ => Kind::Unknown,
    }
}

/// Whether handlers and callbacks are given their accumulators by this name, as in `Acc`, `Acc1` and `AccIn`, but `Account`.
fn names_accumulator(name: &str) -> bool {
    name.strip_prefix("Acc").is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_lowercase()))
}

/// What a variable is by a match that binds it: to a pattern beside it, to a value, or to a part of what holds a stanza.
fn bound_by(tree: &Tree<'_>, left: NodeId, right: NodeId, name: &Name) -> Option<Kind> {
    let is = |node: NodeId| tree.ast.var(node) == Some(name);
    if is(left) || is(right) {
        let other = if is(left) { right } else { left };
        return Some(by_form(tree, other)).filter(|kind| *kind != Kind::Unknown);
    }
    let (Expr::Tuple(items), Expr::Call { module: Some(module), function, .. }) =
        (tree.ast.expr(left), tree.ast.expr(right))
    else {
        return None;
    };
    let (module, function) = (tree.ast.atom(*module)?, tree.ast.atom(*function)?);
    let third = tree.ast.list(*items).get(2).copied();
    (module == "mongoose_acc" && function == "packet" && third.is_some_and(is)).then_some(Kind::Element)
}
