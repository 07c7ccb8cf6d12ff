//! Functions that a handler hands its parameters or its session to, and that are rewritten together with it.

use crate::migrate::code::callers::Uses;
use crate::migrate::serving::Serving;
use crate::source::Span;
use crate::syntax::ast::Name;

/// What a function gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The parameters as a whole.
    Parameters,
    /// What was the session's state, and is the session's data.
    Session,
}

/// A function of the handler's module that gets something else than before as one of its arguments.
#[derive(Clone, Debug)]
pub struct Helper {
    pub function: Name,
    pub arity: usize,
    /// The argument, counted from 0.
    pub index: usize,
    pub role: Role,
    /// The calls that hand it on.
    pub calls: Vec<Span>,
}

/// Notes that a call hands something on.
pub fn add(helpers: &mut Vec<Helper>, helper: Helper, call: Span) {
    let same = |known: &&mut Helper| {
        (&known.function, known.arity, known.index, known.role)
            == (&helper.function, helper.arity, helper.index, helper.role)
    };
    match helpers.iter_mut().find(same) {
        Some(known) => known.calls.push(call),
        None => helpers.push(Helper { calls: vec![call], ..helper }),
    }
}

/// Checks that nobody but the clauses that are rewritten calls a function, so that it can be rewritten with them.
///
/// # Errors
/// Somebody does, or could; says who.
pub fn only_ours(serving: &Serving<'_>, helpers: &[Helper], function: &Name, arity: usize) -> Result<(), String> {
    let module = &serving.handler.module;
    if module.exports(function, arity) {
        return Err(format!("`{function}/{arity}` would have to change as well, and is exported"));
    }
    let roles: Vec<&Helper> =
        helpers.iter().filter(|helper| helper.function == *function && helper.arity == arity).collect();
    let uses = Uses::of(module, function, arity);
    let handed = |call: &Span| roles.iter().all(|helper| helper.calls.contains(call));
    if !uses.are_calls() || !uses.calls.iter().all(handed) {
        return Err(format!("`{function}/{arity}` would have to change as well, and is used elsewhere, too"));
    }
    Ok(())
}
