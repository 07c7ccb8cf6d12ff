//! The host type out of the extra map, where a handler took it from an accumulator that no longer has one.

use super::pattern::MapPattern;
use crate::catalog::Scope;
use crate::migrate::code::clause::ClauseEditor;
use crate::migrate::code::text;
use crate::migrate::serving::Serving;
use crate::project::handlers::{Callee, callee};
use crate::rewrite::Edit;
use crate::source::Span;
use crate::syntax::ast::{Expr, NodeId};

/// Replaces `mongoose_acc:host_type(Acc)` in a handler that does nothing else with its accumulator but pass it on.
///
/// # Errors
/// The handler does more, or the extra map cannot give the host type; says which.
pub fn from_extra(serving: &Serving<'_>) -> Result<Vec<Edit>, String> {
    let uses = serving.handler.accumulator();
    let of_host_type = serving.fate.after.is_none_or(|hook| hook.scope == Scope::HostType);
    if !of_host_type || !uses.makes.is_empty() {
        return Err("the handler makes its own accumulator".to_owned());
    }
    let asks = uses.looks.iter().all(|look| look.mongoose_acc.as_ref().is_some_and(|name| name == "host_type"));
    if !asks {
        return Err("the handler asks the accumulator for more than the host type".to_owned());
    }
    let mut found: Vec<Span> = Vec::new();
    let mut edits = Vec::new();
    for at in serving.handler.clauses() {
        let mut editor = ClauseEditor::new(at).ok_or("a clause of the handler could not be parsed")?;
        let calls = calls(&editor);
        if calls.is_empty() {
            continue;
        }
        found.extend(calls.iter().map(|&call| editor.ast.span(call)));
        replace(&mut editor, &calls)?;
        edits.extend(editor.finish()?);
    }
    match uses.looks.iter().all(|look| found.contains(&look.place.span)) {
        true => Ok(edits),
        false => Err("another function asks the accumulator for the host type".to_owned()),
    }
}

/// The calls of `mongoose_acc:host_type/1` in a clause.
fn calls(editor: &ClauseEditor<'_>) -> Vec<NodeId> {
    let ast = editor.ast;
    let is_it = |expr: &Expr| match expr {
        Expr::Call { module, function, args } if args.len() == 1 => {
            let called = callee(&editor.at.module, ast, *module, *function);
            matches!(called, Callee::Remote(module, name) if module == "mongoose_acc" && name == "host_type")
        }
        _ => false,
    };
    ast.descend_clause(editor.clause).filter(|(_, expr)| is_it(expr)).map(|(node, _)| node).collect()
}

fn replace(editor: &mut ClauseEditor<'_>, calls: &[NodeId]) -> Result<(), String> {
    let ast = editor.ast;
    // `HostType = mongoose_acc:host_type(Acc)` as a statement of the clause gives the name away.
    let bound = ast.list(editor.clause.body).iter().find_map(|&statement| match *ast.expr(statement) {
        Expr::Match { left, right } if calls.contains(&right) => Some((statement, ast.var(left)?.clone(), right)),
        _ => None,
    });
    let source = editor.at.module.source();
    let statement = bound.and_then(|(statement, name, call)| {
        let span = text::with_comma_behind(source.text(), ast.span(statement))?;
        Some((span, name, call))
    });
    let wanted = statement.as_ref().map(|(_, name, _)| name.to_string());
    let name = in_extra(editor, wanted.as_deref())?;
    let removed = match &statement {
        Some((span, bound, call)) if *bound == name => {
            editor.replace(*span, "");
            Some(*call)
        }
        _ => None,
    };
    for &call in calls.iter().filter(|&&call| Some(call) != removed) {
        editor.replace(ast.span(call), name.clone());
    }
    Ok(())
}

/// The variable for the host type in the extra map's pattern, put there where it is missing.
fn in_extra(editor: &mut ClauseEditor<'_>, wanted: Option<&str>) -> Result<String, String> {
    let ast = editor.ast;
    let odd = || "the handler takes the extra map in a way that is not understood".to_owned();
    let pattern = editor.argument(2).ok_or_else(odd)?;
    let taken = MapPattern::of(ast, pattern);
    let fields = taken.map.map_or(&[][..], |(_, fields)| fields);
    let known = fields.iter().find(|field| ast.atom(field.key).is_some_and(|key| key == "host_type"));
    if let Some(field) = known {
        let name = field.value.and_then(|value| ast.var(value)).filter(|name| !name.starts_with('_'));
        return name.map(|name| name.to_string()).ok_or_else(odd);
    }
    let name = match wanted {
        Some(name) => name.to_owned(),
        None => editor.fresh("HostType"),
    };
    taken.ask_for(editor, &format!("host_type := {name}")).ok_or_else(odd)?;
    Ok(name)
}
