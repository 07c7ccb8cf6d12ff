//! The names under which something is kept in a session.

use super::Job;
use crate::syntax::ast::Name;

/// Why nothing can be kept under a name: the new release keeps one thing per name, whoever it belongs to.
pub fn free(job: &Job<'_>, key: &Name) -> Result<(), String> {
    let own = job.serving.handler.module.name();
    if key != own && job.serving.context.upgrade.has_new_module(key) {
        return Err(format!("the server's own `{key}` keeps its state in the session under that name"));
    }
    Ok(())
}
