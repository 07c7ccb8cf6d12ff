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
    let added: Vec<_> = upgrade.added_modules().iter().filter(|name| !name.ends_with("_backend")).collect();
    if !added.is_empty() && added.iter().all(|name| modules.has(name)) {
        return true;
    }
    let new_hook = |registration: &Registration| {
        registration.hook.as_deref().is_some_and(|hook| upgrade.fate(hook).status == HookStatus::Added)
    };
    // Where the old release did that as well, it says nothing.
    let is_new = upgrade.entries(ApiKind::NewCallback).any(|entry| entry.name == CALLBACK);
    let server_registers =
        is_new && callback == Some(true) && registrations.iter().any(|found| found.through == "hooks/1");
    server_registers || registrations.iter().any(new_hook) || added.iter().any(|name| calls_module(module, name))
}

fn calls_module(module: &Module, name: &str) -> bool {
    let text = module.source().text();
    memchr::memmem::find_iter(text.as_bytes(), name.as_bytes()).any(|at| {
        let before = text[..at].chars().next_back();
        let whole = before.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != '@');
        whole && text[at + name.len()..].starts_with(':') && !in_comment(text, at)
    })
}

fn in_comment(text: &str, at: usize) -> bool {
    let line = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    text[line..at].contains('%')
}
