//! Asking in a handler's heads for what tells the calls apart that the old hook was run for.

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
    for at in serving.handler.clauses() {
        let mut editor = ClauseEditor::new(at).ok_or("a clause of the handler could not be parsed")?;
        let odd = || "the handler takes its parameters in a way that is not understood".to_owned();
        let pattern = editor.argument(1).ok_or_else(odd)?;
        let sides = match editor.ast.expr(pattern) {
            Expr::Match { left, right } => vec![*left, *right],
            _ => vec![pattern],
        };
        let map = sides.iter().find_map(|&side| match editor.ast.expr(side) {
            Expr::Map { base: None, fields } => Some((side, editor.ast.fields(*fields).first())),
            _ => None,
        });
        match (map, editor.ast.expr(pattern)) {
            (Some((_, Some(first))), _) => {
                let edit = Edit::insert(&at.place(pattern), first.span.start, format!("{fields}, "));
                editor.push(edit);
            }
            (Some((map, None)), _) => editor.replace(editor.ast.span(map), format!("#{{{fields}}}")),
            (None, Expr::Var(name)) if name == "_" || editor.uses(name, pattern).is_empty() => {
                editor.replace(editor.ast.span(pattern), format!("#{{{fields}}}"));
            }
            (None, Expr::Var(_)) => {
                let edit =
                    Edit::insert(&at.place(pattern), editor.ast.span(pattern).start, format!("#{{{fields}}} = "));
                editor.push(edit);
            }
            _ => return Err(odd()),
        }
        edits.extend(editor.finish()?);
    }
    edits.extend(fall_through::handler_clause(serving)?);
    Ok(edits)
}
