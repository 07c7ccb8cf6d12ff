//! Whether a module is written for the target release already.

use std::sync::Arc;

use crate::catalog::{ApiKind, HookStatus, Upgrade};
use crate::outline::Module;

use super::modules::Modules;
use super::registrations::Registration;

/// The callback by which the server asks for handlers, as the catalog names it.
pub const CALLBACK: &str = "gen_mod:hooks/1";

/// Whether a module shows that it was written for the target release: it registers a hook that only that release
/// has, calls a module that only that release has, or leaves the registration of its `hooks/1` to the server.
///
/// What a handler in such a module does with `stop`, say, was decided in the knowledge of the new meaning.
#[must_use]
pub fn is_migrated(
    upgrade: &Upgrade,
    modules: &Modules,
    module: &Arc<Module>,
    registrations: &[Registration],
    callback: Option<bool>,
) -> bool {
    // The target release's own tree, or a fork of it.
    // Of backends there were proxies of the same name before, made when the server started.
    let is_proxy = |name: &str| name.ends_with("_backend");
    let mut added = upgrade.added_modules().iter().filter(|name| !is_proxy(name)).peekable();
    if added.peek().is_some() && added.all(|name| modules.has(name)) {
        return true;
    }
    let new_hook = |registration: &Registration| {
        registration.hook.as_deref().is_some_and(|hook| upgrade.fate(hook).status == HookStatus::Added)
    };
    // Where the old release did that as well, it says nothing.
    let is_new = upgrade.entries(ApiKind::NewCallback).any(|entry| entry.name == CALLBACK);
    let server_registers =
        is_new && callback == Some(true) && registrations.iter().any(|found| found.through == "hooks/1");
    server_registers
        || registrations.iter().any(new_hook)
        || calls(module, |name| upgrade.has_added_module(name) && !is_proxy(name))
}

/// Whether code calls a module of which `is_one` holds.
fn calls(module: &Module, is_one: impl Fn(&str) -> bool) -> bool {
    let text = module.source().text();
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '@';
    // However many modules are in question, the text is gone through once.
    memchr::memchr_iter(b':', text.as_bytes()).any(|at| {
        let name = &text[text[..at].trim_end_matches(is_part).len()..at];
        !name.is_empty() && is_one(name) && !in_comment(text, at)
    })
}

fn in_comment(text: &str, at: usize) -> bool {
    let line = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    text[line..at].contains('%')
}
