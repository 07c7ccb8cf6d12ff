//! The order among the project's own handlers.
//!
//! A hook for one kind of stanza is run behind the whole of the general one. A handler that moves there comes after handlers
//! that stay on the general hook, whatever their priorities are.

use std::cell::OnceCell;

use crate::catalog::Successor;
use crate::finding::Rewrite;
use crate::migrate::conditions;
use crate::migrate::serving::Serving;
use crate::project::eval::Action;
use crate::project::handlers::Handler;
use crate::project::registrations::{HandlerRef, Priority, Registration};

/// Another handler of the project that came after this one and would come before it on the hook for one kind of stanza, as a
/// clause that goes on after "because"; `None` when the order stays.
#[must_use]
pub fn overtaken(serving: &Serving<'_>, special: &Successor<'_>) -> Option<String> {
    let special = special.hook.name.as_str();
    let all = serving.context.registered.all().filter(|other| other.action == Action::Add);
    let mut others: Vec<&Registration> = all
        .filter(|other| other.hook.as_deref() != Some(serving.hook) || other.handler != serving.registration.handler)
        .filter(|other| is_on_general(serving, other, special) && !came_before(serving, other))
        .collect();
    others.sort_by(|a, b| a.place.sort_key().cmp(&b.place.sort_key()));
    let context = serving.context;
    let stays = |other: &&&Registration| !context.moves(other, || moves_along(serving, other));
    let other = others.iter().find(stays)?;
    let (hook, handler) = (other.hook.as_deref()?, named(&other.handler));
    Some(format!(
        "{handler} came after it on `{hook}` and would come before it: `{special}` is run behind all of the general hook"
    ))
}

fn named(handler: &HandlerRef) -> String {
    match handler {
        HandlerRef::External { module, function, arity } => format!("`{module}:{function}/{arity}`"),
        _ => "another handler".to_owned(),
    }
}

/// Whether a handler is, if it does not move along, on a hook of the target release that is run before `special`.
fn is_on_general(serving: &Serving<'_>, other: &Registration, special: &str) -> bool {
    let Some(hook) = other.hook.as_deref() else { return false };
    let upgrade = serving.context.upgrade;
    // Nearly all hooks are the same in both releases.
    if upgrade.history(hook).next().is_none() {
        return false;
    }
    let before_special = |hook: &str| {
        let fate = upgrade.fate(hook);
        fate.after.is_some() && fate.replacements.iter().any(|it| it.hook.name == special && !it.serves.is_empty())
    };
    let fate = upgrade.fate(hook);
    let general = fate.replacements.iter().find(|it| it.serves.is_empty());
    before_special(hook) || (fate.after.is_none() && general.is_some_and(|it| before_special(&it.hook.name)))
}

/// Whether a handler came first already in the old release.
fn came_before(serving: &Serving<'_>, other: &Registration) -> bool {
    let same_hook = other.hook.as_deref() == Some(serving.hook);
    match (same_hook, &other.priority, &serving.registration.priority) {
        (true, Priority::Known(other), Priority::Known(own)) => other < own,
        (true, ..) => false,
        // Of two different hooks, those that are gone were run before the one that is still there.
        (false, ..) => {
            let gone = |hook: &str| serving.context.upgrade.fate(hook).after.is_none();
            other.hook.as_deref().is_some_and(gone) && !gone(serving.hook)
        }
    }
}

/// Whether another handler is moved to a hook for one kind as well, by a fix that is safe.
fn moves_along(serving: &Serving<'_>, other: &Registration) -> bool {
    let (Some(hook), HandlerRef::External { module, function, arity }) = (other.hook.as_deref(), &other.handler) else {
        return false;
    };
    let context = serving.context;
    let Some(owner) = context.modules.module(module, other.module.source().path()) else { return false };
    let arity = usize::try_from(*arity).unwrap_or(usize::MAX);
    if !owner.defines(function, arity) {
        return false;
    }
    let handler = Handler::new(context.modules, owner, function.clone(), arity);
    let same_module = |it: &&Registration| it.module.source().path() == other.module.source().path();
    let siblings: Vec<Registration> = context.registered.all().filter(same_module).cloned().collect();
    let other = Serving {
        context,
        registration: other,
        siblings: &siblings,
        hook,
        fate: context.upgrade.fate(hook),
        handler: &handler,
        migrated: false,
        fix: OnceCell::new(),
    };
    let Some(change) = other.fate.change() else { return false };
    let kind = handler.stanzas().only_kind();
    let special = other.fate.replacements.iter().any(|it| kind == Some(it.serves));
    special && conditions::judge_alone(&other, change).rewrite == Some(Rewrite::Mechanical)
}
