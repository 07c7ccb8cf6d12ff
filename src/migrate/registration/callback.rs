//! Leaving the registration of `hooks/1` to the server: no calls in `start/2` and `stop/1`, and an export.

use std::sync::Arc;

use super::exports;
use crate::catalog::{ApiChange, ApiKind, Upgrade};
use crate::migrate::code::text::with_comma_behind;
use crate::outline::{FormIndex, Module};
use crate::project::style::CALLBACK;
use crate::rewrite::{Edit, Fix};
use crate::syntax::ast::{Ast, Clause, Expr, NodeId};

/// What the catalog says about the callback, when the target release has it and the old one does not.
pub fn entry(upgrade: &Upgrade) -> Option<&ApiChange> {
    upgrade.entries(ApiKind::NewCallback).find(|entry| entry.name == CALLBACK)
}

/// Whether the server starts this module, so that it would ask for its `hooks/1`.
#[must_use]
pub fn is_gen_mod(module: &Module) -> bool {
    let header = module.header();
    header.behaviours.iter().any(|behaviour| behaviour == "gen_mod")
        || (header.behaviours.is_empty() && module.exports("start", 2) && module.exports("stop", 1))
}

/// A call that registers or deletes all of `hooks/1`, as one of a function's expressions.
struct Call<'a> {
    ast: &'a Ast,
    clause: &'a Clause,
    node: NodeId,
    /// The argument of `hooks/1`.
    host_type: NodeId,
}

/// Exports `hooks/1`, where it is not exported yet, and takes out the calls that register and delete its handlers.
///
/// # Errors
/// The module does it in a way for which the server's way is no substitute; says which.
pub fn fix(module: &Arc<Module>) -> Result<Fix, String> {
    if module.function("hooks", 1).len() != 1 {
        return Err("there is not one function hooks/1".to_owned());
    }
    let added = call(module, "start", 2, "add_handlers")?;
    let deleted = call(module, "stop", 1, "delete_handlers")?;
    let mut reasons = Vec::new();
    if added.ast.list(added.clause.body).len() > 1 {
        reasons.push("start/2 does other things: the server adds the handlers after it has returned".to_owned());
    }
    if deleted.ast.list(deleted.clause.body).len() > 1 {
        reasons.push("stop/1 does other things: the server deletes the handlers before it is called".to_owned());
    }
    let mut edits: Vec<Edit> = exports::export(module, "hooks", 1, None)?.into_iter().collect();
    for call in [&added, &deleted] {
        edits.extend(taken_out(module, call));
    }
    Ok(Fix::new("leave the registration of `hooks/1` to the server", edits).because(reasons))
}

/// The call in the only clause of a function.
fn call<'a>(module: &'a Arc<Module>, name: &str, arity: usize, function: &str) -> Result<Call<'a>, String> {
    let forms: Vec<FormIndex> = module.function(name, arity);
    let &[form] = &forms[..] else { return Err(format!("there is not one function {name}/{arity}")) };
    let ast = module.ast(form).map_err(|_| format!("{name}/{arity} could not be parsed"))?;
    let mut clauses = ast.function_clauses();
    let (Some(clause), None) = (clauses.next(), clauses.next()) else {
        return Err(format!("{name}/{arity} has several clauses"));
    };
    if !ast.errors.is_empty() {
        return Err(format!("{name}/{arity} could not be parsed"));
    }
    let none = || format!("{name}/{arity} does not call gen_hook:{function}(hooks(HostType)) in any case");
    let own: Vec<Call<'_>> = ast
        .list(clause.body)
        .iter()
        .filter_map(|&expression| {
            let host_type = argument(ast, expression, function)?;
            Some(Call { ast, clause, node: expression, host_type })
        })
        .collect();
    let named = ast.descend_clause(clause).filter(|(_, expr)| matches!(expr, Expr::Atom(name) if name == "gen_hook"));
    if named.count() != 1 {
        return Err(none());
    }
    let only = own.into_iter().next().ok_or_else(none)?;
    let first = ast.list(clause.patterns).first().copied();
    let same = |one: NodeId, other: NodeId| ast.var(one).is_some() && ast.var(one) == ast.var(other);
    if !first.is_some_and(|first| same(first, only.host_type)) {
        return Err(format!("{name}/{arity} asks hooks/1 for something other than its host type"));
    }
    Ok(only)
}

/// `HostType` in `gen_hook:add_handlers(hooks(HostType))`, with or without `ok =` or `_ =` before it.
fn argument(ast: &Ast, expression: NodeId, function: &str) -> Option<NodeId> {
    let call = match *ast.expr(expression) {
        Expr::Match { left, right }
            if ast.atom(left).is_some_and(|it| it == "ok") || ast.var(left).is_some_and(|it| it == "_") =>
        {
            right
        }
        _ => expression,
    };
    let Expr::Call { module: Some(module), function: called, args } = ast.expr(call) else { return None };
    let is = |node: NodeId, name: &str| ast.atom(node).is_some_and(|it| it == name);
    let &[hooks] = ast.list(*args) else { return None };
    if !is(*module, "gen_hook") || !is(*called, function) {
        return None;
    }
    let Expr::Call { module: target, function: called, args } = ast.expr(hooks) else { return None };
    let own =
        target.is_none_or(|target| matches!(ast.expr(target), Expr::Macro { name, args: None } if name == "MODULE"));
    let &[host_type] = ast.list(*args) else { return None };
    (own && is(*called, "hooks")).then_some(host_type)
}

fn taken_out(module: &Arc<Module>, call: &Call<'_>) -> Vec<Edit> {
    let (ast, clause) = (call.ast, call.clause);
    let span = ast.span(call.node);
    let mut edits = vec![match with_comma_behind(module.source().text(), span) {
        Some(span) => Edit::delete(module.place(span)),
        None => Edit::replace(module.place(span), "ok"),
    }];
    // A host type that nobody asks for any more is said to be unused, as the compiler wants it.
    if let Some(name) = ast.var(call.host_type) {
        let uses: Vec<NodeId> = ast
            .descend_clause(clause)
            .filter(|(node, expr)| *node != call.host_type && matches!(expr, Expr::Var(it) if it == name))
            .map(|(node, _)| node)
            .collect();
        if let &[only] = &uses[..] {
            let start = ast.span(only).start;
            edits.push(Edit::insert(&module.place(span), start, "_"));
        }
    }
    edits
}
