//! Calls of `ejabberd_hooks` and the tuples that they are given, for `gen_hook`.

use super::{NewHandlers, Rewritten};
use crate::migrate::serving::Context;
use crate::project::registrations::Registration;

/// Rewrites the calls, and the tuples, of all these registrations.
///
/// # Errors
/// A call or tuple is written in a way that cannot be rewritten; says which.
pub fn rewrite(
    _context: &Context<'_>,
    _registrations: &[&Registration],
    _new: &NewHandlers,
) -> Result<Rewritten, String> {
    Err("the registration is not rewritten yet".to_owned())
}
