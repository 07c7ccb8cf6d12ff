//! Asking in a handler's heads for what tells the calls apart that the old hook was run for.

use super::pattern::MapPattern;
use crate::catalog::HookChange;
use crate::migrate::code::clause::ClauseEditor;
use crate::migrate::results::fall_through;
use crate::migrate::serving::Serving;
use crate::project::handlers::Return;
use crate::rewrite::Edit;

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
        MapPattern::of(editor.ast, pattern).ask_for(&mut editor, &fields).ok_or_else(odd)?;
        edits.extend(editor.finish()?);
    }
    edits.extend(fall_through::handler_clause(serving)?);
    Ok(edits)
}
