//! Handlers that kept something in a session by way of their accumulator, which is a `mongoose_acc` now: what was
//! returned as the accumulator is requested in it, and what was read from it is read from the session's data.

mod fields;
mod handler_state;
mod keys;
mod scan;
mod senders;
mod session_state;
mod tails;
#[cfg(test)]
mod tests;

use crate::catalog::{Aspect, Hook, HookChange, Recipe, Threading};
use crate::migrate::code::clause::ClauseEditor;
use crate::migrate::registration::{self, Change, Subject};
use crate::migrate::serving::Serving;
use crate::migrate::specs;
use crate::rewrite::Edit;
use crate::syntax::ast::{Expr, NodeId};

/// The edits of a handler with all that has to change at once.
#[derive(Debug, Default)]
pub struct Threaded {
    pub edits: Vec<Edit>,
    /// Why a person has to look; never empty.
    pub reasons: Vec<String>,
    /// The new function, when one stands between the hook and the handler.
    pub adapter: Option<String>,
}

/// One handler, and where it goes.
pub struct Job<'a> {
    pub serving: &'a Serving<'a>,
    pub change: &'a HookChange,
    pub threading: &'a Threading,
    pub hook: &'a Hook,
    pub priority: Option<u32>,
}

/// Rewrites a handler whose accumulator was what it kept in the session.
///
/// # Errors
/// What is kept cannot be followed, or somebody else counts on it; says which, and why.
pub fn thread(job: &Job<'_>) -> Result<Threaded, String> {
    let mut done = match job.threading.recipe {
        Recipe::SessionState => session_state::rewrite(job),
        Recipe::HandlerState => handler_state::rewrite(job),
    }?;
    if done.adapter.is_none() {
        let tagged = job.threading.recipe == Recipe::HandlerState;
        done.edits.extend(specs::accumulator::respecify(job.serving, job.change, tagged));
        done.edits.extend(specs::parameters::respecify(job.serving, job.change, job.hook, &[]));
    }
    let moved = (job.hook.name != job.serving.hook).then(|| job.hook.name.clone());
    let change = Change { hook: moved, priority: job.priority, function: done.adapter.clone() };
    let registered = registration::retarget(&Subject::of(job.serving), &change)?;
    done.edits.extend(registered.edits);
    done.reasons.extend(registered.reasons);
    let different = job.change.meanings.iter().filter(|meaning| meaning.aspect != Aspect::Values);
    done.reasons.extend(different.map(|meaning| meaning.text.clone()));
    Ok(done)
}

/// Whether a macro uses a variable by its name, so that the variable cannot have another one.
fn is_in_macro(editor: &ClauseEditor<'_>, name: &str, but: NodeId) -> bool {
    let uses = if name == "_" { Vec::new() } else { editor.uses(name, but) };
    uses.into_iter().any(|node| !matches!(editor.ast.expr(node), Expr::Var(_)))
}

/// Whether a macro uses a clause's first argument by its name.
#[must_use]
pub fn has_state_in_macro(editor: &ClauseEditor<'_>) -> bool {
    let given = editor.argument(0).and_then(|node| Some((node, editor.ast.var(node)?)));
    given.is_some_and(|(node, name)| is_in_macro(editor, name, node))
}

const IN_MACRO: &str = "a macro uses a variable by its name, which has to have another one";

pub use fields::read_from;
pub use senders::waits_for;
