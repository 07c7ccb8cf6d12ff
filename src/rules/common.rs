//! What several rules need.

use std::sync::Arc;

use crate::catalog::RewriteClass;
use crate::finding::{Finding, Place, Rewrite};
use crate::outline::{Include, Module};
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

/// Callbacks of ejabberd's modules that `MongooseIM` has no counterpart for.
const EJABBERD_CALLBACKS: [(&str, usize); 5] =
    [("depends", 2), ("mod_options", 1), ("mod_doc", 0), ("mod_opt_type", 1), ("reload", 3)];

/// Headers that only ejabberd has, as they are included there.
const EJABBERD_HEADERS: [&str; 6] = [
    "logger.hrl",
    "xmpp.hrl",
    "xmpp/include/xmpp.hrl",
    "translate.hrl",
    "ejabberd_sql_pt.hrl",
    "ejabberd_commands.hrl",
];

/// Whether a module is plainly one for ejabberd, by what only such modules do. Both servers have much of their names in
/// common, and what `MongooseIM` dropped is ejabberd's current interface.
pub(super) fn is_for_ejabberd(module: &Module) -> bool {
    let header = module.header();
    let text = module.source().text();
    // Erlang's own `kernel/include/logger.hrl` is in use with both.
    let included = header.includes.iter().any(|include| EJABBERD_HEADERS.contains(&include.path.as_str()));
    let calls_xmpp = memchr::memmem::find_iter(text.as_bytes(), b"xmpp:").any(|at| {
        let before = text[..at].chars().next_back();
        before.is_none_or(|c| c.is_whitespace() || "([{,=".contains(c))
    });
    let exports = |name: &str, arity: usize| header.exports.iter().any(|(f, n)| f == name && *n == arity);
    included || calls_xmpp || EJABBERD_CALLBACKS.iter().any(|&(name, arity)| exports(name, arity))
}
