//! Handlers with positional arguments and bare results, for the new contract.

use super::{Rewritten, Subject};
use crate::migrate::serving::Context;
use crate::project::registrations::Registration;
use crate::syntax::ast::Name;

/// What became of one function.
#[derive(Debug, Default)]
pub struct Handlers {
    pub rewritten: Rewritten,
    /// By hook, the function of arity 3 that is its handler afterwards.
    pub functions: Vec<(Name, Name)>,
}

/// Lets a function take the parameter map and return tagged results, or puts a function between that does.
///
/// # Errors
/// Neither can be trusted; says why.
pub fn rewrite(_context: &Context<'_>, subject: &Subject, _all: &[&Registration]) -> Result<Handlers, String> {
    Err(format!("`{}/{}` is not rewritten yet", subject.function, subject.arity))
}
