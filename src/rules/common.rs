//! What several rules need.

use std::sync::Arc;

use crate::catalog::RewriteClass;
use crate::finding::{Finding, Place, Rewrite};
use crate::outline::{Include, Module};
use crate::project::eval::UNKNOWN_ARITY;
use crate::project::registrations::{HandlerRef, Registration};
use crate::rewrite::Fix;
use crate::syntax::ast::Expr;

use super::ModuleView;

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
        HandlerRef::External { module, function, arity: UNKNOWN_ARITY } => format!("{module}:{function}"),
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

/// What a header of the server starts with when it is included by its application.
const SERVER_APPLICATION: &str = "mongooseim/";

/// The project's own header that an include means, when it is not the server's.
pub(super) fn copied_header(view: &ModuleView<'_>, include: &Include) -> Option<Arc<Module>> {
    let header = view.context.modules.own_header(include, view.module.source().path())?;
    let servers = include.lib && include.path.starts_with(SERVER_APPLICATION);
    (!servers || header.source().path().ends_with(&include.path)).then_some(header)
}

/// Adds a fix to a finding whose class of rewrite is known from the catalog: what is mechanical in general may need a
/// person here.
pub(super) fn with_fix(finding: Finding, fix: Result<Fix, String>) -> Finding {
    let safe = fix.as_ref().is_ok_and(Fix::is_safe);
    let mut finding = finding.fix(fix);
    if finding.rewrite == Some(Rewrite::Mechanical) && !safe {
        finding.rewrite = Some(Rewrite::Suggestion);
    }
    finding
}

/// `a`, `a or b`, `a, b or c`, each in backticks.
pub(super) fn one_of(names: &[impl AsRef<str>]) -> String {
    let mut names: Vec<String> = names.iter().map(|name| format!("`{}`", name.as_ref())).collect();
    let last = names.pop().unwrap_or_default();
    if names.is_empty() { last } else { format!("{} or {last}", names.join(", ")) }
}
