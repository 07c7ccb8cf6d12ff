//! Asking in a handler's heads for what tells the calls apart that the old hook was run for.

use super::pattern::MapPattern;
use crate::catalog::HookChange;
use crate::migrate::code::clause::ClauseEditor;
use crate::migrate::results::fall_through;
use crate::migrate::serving::Serving;
use crate::project::handlers::Return;
use crate::rewrite::Edit;
use crate::syntax::ast::Expr;

/// Lets every clause of the handler ask for the parameters in `change.only`, and adds one that passes everything else on.
///
/// # Errors
/// A clause takes its parameters in a way to which nothing can be added; says which.
pub fn narrow(serving: &Serving<'_>, change: &HookChange) -> Result<Vec<Edit>, String> {
    if serving.handler.returns().iter().any(|path| !matches!(path.what, Return::Ok(_))) {
        return Err("not every path is seen to return `{ok, _}`".to_owned());
    }
    let fields: Vec<String> = change.only.iter().map(|(key, pattern)| format!("{key} := {pattern}")).collect();
    let fields = fields.join(", ");
    let mut edits = Vec::new();
    let clauses = serving.handler.clauses();
    // What passes everything on does so for the new calls as well.
    let passes_on = clauses.last().is_some_and(|at| ClauseEditor::new(at).is_some_and(|editor| is_pass_on(&editor)));
    for at in &clauses[..clauses.len() - usize::from(passes_on)] {
        let mut editor = ClauseEditor::new(at).ok_or("a clause of the handler could not be parsed")?;
        let odd = || "the handler takes its parameters in a way that is not understood".to_owned();
        let pattern = editor.argument(1).ok_or_else(odd)?;
        MapPattern::of(editor.ast, pattern).ask_for(&mut editor, &fields).ok_or_else(odd)?;
        edits.extend(editor.finish()?);
    }
    if !passes_on {
        edits.extend(fall_through::handler_clause(serving)?);
    }
    Ok(edits)
}

/// Whether a clause takes everything, and returns `{ok, Acc}` with its first argument.
fn is_pass_on(editor: &ClauseEditor<'_>) -> bool {
    let (ast, clause) = (editor.ast, editor.clause);
    let patterns = ast.list(clause.patterns);
    let mut names: Vec<&str> = patterns.iter().filter_map(|&it| ast.var(it)).map(|name| name.as_str()).collect();
    let all = names.len();
    names.retain(|name| *name != "_");
    let named = names.len();
    names.sort_unstable();
    names.dedup();
    let free = all == patterns.len() && names.len() == named && clause.guard.is_empty();
    let (Some(acc), &[result]) = (patterns.first().and_then(|&it| ast.var(it)), ast.list(clause.body)) else {
        return false;
    };
    let Expr::Tuple(items) = ast.expr(result) else { return false };
    let &[tag, value] = ast.list(*items) else { return false };
    free && ast.atom(tag).is_some_and(|tag| tag == "ok") && ast.var(value) == Some(acc)
}
