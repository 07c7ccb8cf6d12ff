//! The handlers that a server registers itself.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::Tree;
use crate::catalog::ServerHandler;
use crate::outline::Module;
use crate::project::eval::{Action, Wrapper};
use crate::project::registrations::{HandlerRef, Priority, Registration, find};

/// The module through which servers before 6.0.0 register most of their handlers.
const LEGACY: &str = "ejabberd_hooks";

/// All handlers, sorted by hook, priority, module and function.
///
/// Of a server with the legacy registration none is told: a part of the handlers would be taken for all.
pub(super) fn of(tree: &Tree, notes: &mut Vec<String>) -> Vec<ServerHandler> {
    if tree.index.has(LEGACY) {
        notes.push(format!("the server's own handlers are left out: they are registered through `{LEGACY}`"));
        return Vec::new();
    }
    let mut handlers = Vec::new();
    for registration in registrations(tree) {
        match handler(tree, &registration) {
            Ok(handler) => handlers.push(handler),
            Err(why) => {
                let place = tree.at(&registration.place.source, registration.place.span.start);
                notes.push(format!("{place}: a handler is left out: {why}"));
            }
        }
    }
    handlers.sort();
    let key = |it: &ServerHandler| (it.hook.clone(), it.priority, it.module.clone(), it.function.clone());
    handlers.dedup_by_key(|it| key(it));
    handlers
}

/// What the modules add, those included that register through functions of other modules.
fn registrations(tree: &Tree) -> Vec<Registration> {
    let mut found = Vec::new();
    let mut known: FxHashSet<Wrapper> = FxHashSet::default();
    for module in &tree.modules {
        let in_module = find(&tree.index, module, &FxHashSet::default());
        found.extend(in_module.registrations);
        known.extend(in_module.open.into_iter().map(|(wrapper, _)| wrapper));
    }
    for module in tree.modules.iter().filter(|module| calls_one_of(module, &known)) {
        found.extend(find(&tree.index, module, &known).registrations);
    }
    let mut found = crate::project::registrations::deduplicate(found);
    found.retain(|registration| registration.action == Action::Add);
    found
}

fn calls_one_of(module: &Arc<Module>, wrappers: &FxHashSet<Wrapper>) -> bool {
    let text = module.source().text();
    wrappers.iter().any(|(other, function, _)| other != module.name() && text.contains(&format!("{other}:{function}")))
}

fn handler(tree: &Tree, registration: &Registration) -> Result<ServerHandler, String> {
    if let Some(why) = &registration.unresolved {
        return Err(why.clone());
    }
    let hook = registration.hook.as_ref().ok_or("its hook is not known")?;
    let HandlerRef::External { module, function, .. } = &registration.handler else {
        return Err("its function is not known".to_owned());
    };
    let Priority::Known(priority) = registration.priority else {
        return Err(format!("its priority {} is not known", registration.priority));
    };
    Ok(ServerHandler {
        hook: hook.to_string(),
        priority: u32::try_from(priority).map_err(|_| format!("its priority {priority} is out of range"))?,
        module: module.to_string(),
        function: function.to_string(),
        at: tree.at(&registration.place.source, registration.place.span.start),
    })
}
