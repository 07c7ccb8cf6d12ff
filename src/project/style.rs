//! Which release a module is written for, as it shows itself.

use std::sync::Arc;

use crate::catalog::{ApiKind, Upgrade, Version};
use crate::outline::Module;

use super::modules::Modules;
use super::registrations::Registration;

/// The callback by which the server asks for handlers, as the catalog names it.
pub const CALLBACK: &str = "gen_mod:hooks/1";

/// The release that a module shows to be written for: the newest one that has a hook which it registers, or a module
/// which it calls, and the old release did not have; or the one since which the server registers what `hooks/1` gives. The
/// old release, where it shows nothing of that.
///
/// What a handler in such a module does with `stop`, say, was decided in the knowledge of the meaning in that release.
#[must_use]
pub fn written_for(
    upgrade: &Upgrade,
    modules: &Modules,
    module: &Arc<Module>,
    registrations: &[Registration],
    callback: Option<bool>,
) -> Version {
    // Of backends there were proxies of the same name before, made when the server started.
    let is_proxy = |name: &str| name.ends_with("_backend");
    let mut added = upgrade.added_modules().iter().filter(|(name, _)| !is_proxy(name)).peekable();
    // The target release's own tree, or a fork of it.
    if added.peek().is_some() && added.all(|(name, _)| modules.has(name)) {
        return upgrade.to();
    }
    let hooks = registrations.iter().filter_map(|it| upgrade.hook_added_in(it.hook.as_deref()?));
    let server_registers = callback == Some(true) && registrations.iter().any(|found| found.through == "hooks/1");
    // Where the old release did that as well, it says nothing.
    let callbacks = upgrade.entries_of_steps(ApiKind::NewCallback).filter(|(_, entry)| entry.name == CALLBACK);
    let callbacks = callbacks.map(|(release, _)| release).filter(|_| server_registers);
    let called = called(module).filter(|name| !is_proxy(name)).filter_map(|name| upgrade.module_added_in(name));
    hooks.chain(callbacks).chain(called).max().unwrap_or_else(|| upgrade.from())
}

/// The names of modules that code calls, outside of comments. Goes through the text once, however long its lines are.
fn called(module: &Module) -> impl Iterator<Item = &str> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '@';
    let code = module.source().text().split('\n').filter_map(|line| line.split('%').next());
    code.flat_map(move |code| {
        let colons = memchr::memchr_iter(b':', code.as_bytes());
        colons.map(move |at| &code[code[..at].trim_end_matches(is_part).len()..at]).filter(|name| !name.is_empty())
    })
}
