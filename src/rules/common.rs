//! What several rules need.

use std::sync::Arc;

use crate::catalog::RewriteClass;
use crate::finding::{Place, Rewrite};
use crate::project::registrations::{HandlerRef, Registration};
use crate::syntax::ast::Expr;

/// Where a registration names its handler: the fun, or, when that stands elsewhere, the hook's name.
pub(super) fn fun_place(registration: &Registration) -> Place {
    let tuple = &registration.tuple;
    let module = &registration.module;
    let in_module = Arc::ptr_eq(&tuple.source, module.source());
    let form = in_module.then(|| module.form_at(tuple.span.start)).flatten();
    let ast = form.and_then(|form| module.ast(form).ok());
    let is_fun = |expr: &Expr| matches!(expr, Expr::FunRef { .. } | Expr::Fun { .. });
    let fun = ast.and_then(|ast| ast.nodes().find(|(_, node)| tuple.span.contains(node.span) && is_fun(&node.expr)));
    fun.map_or_else(|| registration.place.clone(), |(_, node)| module.place(node.span))
}

/// The handler as the registration names it.
pub(super) fn named_handler(registration: &Registration) -> String {
    match &registration.handler {
        HandlerRef::External { module, function, arity } => format!("{module}:{function}/{arity}"),
        HandlerRef::Local { function, arity } => format!("fun {function}/{arity}"),
        HandlerRef::Inline => "an anonymous fun".to_owned(),
        HandlerRef::Unknown => "a handler that is not known".to_owned(),
    }
}

/// How far the catalog says that a rewrite could be left to a machine.
pub(super) fn rewrite_of(class: RewriteClass) -> Option<Rewrite> {
    match class {
        RewriteClass::None => None,
        RewriteClass::Mechanical => Some(Rewrite::Mechanical),
        RewriteClass::Suggestion => Some(Rewrite::Suggestion),
        RewriteClass::Advice => Some(Rewrite::Advice),
    }
}

/// `a`, `a or b`, `a, b or c`, each in backticks.
pub(super) fn one_of(names: &[impl AsRef<str>]) -> String {
    let mut names: Vec<String> = names.iter().map(|name| format!("`{}`", name.as_ref())).collect();
    let last = names.pop().unwrap_or_default();
    if names.is_empty() { last } else { format!("{} or {last}", names.join(", ")) }
}
