//! The order among the project's own handlers.
//!
//! A hook for one kind of stanza is run behind the whole of the general one. A handler that moves there comes after handlers
//! that stay on the general hook, whatever their priorities are.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use crate::catalog::{HookFate, Successor};
use crate::finding::{Mfa, Rewrite};
use crate::migrate::serving::Serving;
use crate::migrate::{conditions, handler};
use crate::project::handlers::Handler;
use crate::project::registrations::{HandlerRef, Priority, Registration};

/// Another handler of the project that came after this one and would come before it on the hook for one kind of stanza, as a
/// clause that goes on after "because"; `None` when the order stays.
#[must_use]
pub fn overtaken(serving: &Serving<'_>, special: &Successor<'_>) -> Option<String> {
    let special = special.hook.name.as_str();
    let context = serving.context;
    let mut others: Vec<&Registration> = Vec::new();
    // There are few hooks, and many handlers.
    for hook in context.changing_hooks() {
        let fate = context.upgrade.fate(hook);
        if !is_on_general(serving, &fate, special) {
            continue;
        }
        let same = |other: &&Registration| hook == serving.hook && other.handler == serving.registration.handler;
        let added = context.registered.added_to(hook).filter(|other| !same(other));
        others.extend(added.filter(|other| !came_before(serving, other, &fate)));
    }
    others.sort_by(|a, b| a.place.sort_key().cmp(&b.place.sort_key()));
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

/// Whether handlers of a hook are, if they do not move along, on a hook of the target release that is run before `special`.
fn is_on_general(serving: &Serving<'_>, fate: &HookFate<'_>, special: &str) -> bool {
    let upgrade = serving.context.upgrade;
    let is_before = |fate: &HookFate<'_>| {
        fate.after.is_some() && fate.replacements.iter().any(|it| it.hook.name == special && !it.serves.is_empty())
    };
    let general = fate.replacements.iter().find(|it| it.serves.is_empty());
    is_before(fate) || (fate.after.is_none() && general.is_some_and(|it| is_before(&upgrade.fate(&it.hook.name))))
}

/// Whether a handler came first already in the old release.
fn came_before(serving: &Serving<'_>, other: &Registration, fate: &HookFate<'_>) -> bool {
    let same_hook = other.hook.as_deref() == Some(serving.hook);
    match (same_hook, &other.priority, &serving.registration.priority) {
        (true, Priority::Known(other), Priority::Known(own)) => other < own,
        (true, ..) => false,
        // Of two different hooks, those that are gone were run before the one that is still there, and of those that are gone
        // the one for all stanzas.
        (false, ..) => fate.after.is_none() && (serving.fate.after.is_some() || turn(fate) < turn(&serving.fate)),
    }
}

/// When a hook that is gone was run, as compared with others for the same stanzas: the one for all came first.
fn turn(fate: &HookFate<'_>) -> u8 {
    u8::from(!fate.replacements.iter().any(|it| it.serves.is_empty()))
}

/// A handler's priority on the hook to which it moves.
pub struct Placed {
    pub priority: u32,
    /// Why the order among the project's handlers is another one all the same, as a clause that goes on after "because".
    pub reordered: Option<String>,
}

/// The first priority from `first` on at which a handler that moves to `hook` comes behind those of the project's handlers that
/// move there as well and came before it.
#[must_use]
pub fn placed(serving: &Serving<'_>, hook: &str, first: u32) -> Placed {
    let place = |it: &Registration, fate: &HookFate<'_>| match it.priority {
        Priority::Known(priority) => Some((turn(fate), priority)),
        Priority::Unknown(_) => None,
    };
    let Some(own) = place(serving.registration, &serving.fate) else {
        return Placed { priority: first, reordered: None };
    };
    let mut before = BTreeSet::new();
    let mut moved = BTreeSet::new();
    let mut stay: Vec<(&Registration, i64)> = Vec::new();
    let is_other = |other: &&Registration| other.handler != serving.registration.handler;
    for other in serving.context.registered.added_to(hook).filter(is_other) {
        let Priority::Known(priority) = other.priority else { continue };
        if is_moved(serving, other) {
            moved.extend(u32::try_from(priority));
        } else {
            stay.push((other, priority));
        }
    }
    for from in serving.context.changing_hooks().iter().filter(|from| *from != hook) {
        let fate = serving.context.upgrade.fate(from);
        if fate.after.is_some() && from != serving.hook {
            continue;
        }
        for other in serving.context.registered.added_to(from).filter(is_other) {
            if let Some(theirs) = place(other, &fate).filter(|theirs| *theirs < own)
                && serving.context.successor_of(other, || successor(serving, other)).as_deref() == Some(hook)
            {
                before.insert(theirs);
            }
        }
    }
    let mut priority = (first..).filter(|it| !moved.contains(it)).nth(before.len()).unwrap_or(first);
    let servers = serving.context.upgrade.new_release().handlers_of(hook);
    if let Some(next) = servers.iter().map(|it| it.priority).find(|&it| it > first)
        && priority >= next
    {
        priority = next - 1;
        let reordered = Some(format!("there are not enough priorities before the server's own handler at {next}"));
        return Placed { priority, reordered };
    }
    stay.sort_by(|(a, _), (b, _)| a.place.sort_key().cmp(&b.place.sort_key()));
    let overtaken = stay.iter().find(|(other, theirs)| {
        *theirs <= i64::from(priority) && !serving.context.moves(other, || moves_along(serving, other))
    });
    let reordered = overtaken.map(|(other, theirs)| {
        format!("{} came after it and would come before it, with priority {theirs} on `{hook}`", named(&other.handler))
    });
    Placed { priority, reordered }
}

/// The hook that another handler would move to.
fn successor(serving: &Serving<'_>, other: &Registration) -> Option<String> {
    with_serving(serving, other, |it| handler::successor(it).map(|it| it.hook.name.clone())).flatten()
}

/// Whether a fix of this run has brought a handler to its hook.
fn is_moved(serving: &Serving<'_>, other: &Registration) -> bool {
    let (Some(earlier), Some(hook)) = (&serving.context.options.earlier, &other.hook) else { return false };
    let HandlerRef::External { module, function, arity } = &other.handler else { return false };
    let handler = Mfa {
        module: module.to_string(),
        function: function.to_string(),
        arity: u8::try_from(*arity).unwrap_or(u8::MAX),
    };
    earlier.settled.contains(&(hook.to_string(), handler))
}

/// Whether another handler is moved to a hook for one kind as well, by a fix that is safe.
fn moves_along(serving: &Serving<'_>, other: &Registration) -> bool {
    let moves = with_serving(serving, other, |other| {
        let Some(change) = other.fate.change() else { return false };
        let kind = other.handler.stanzas().only_kind();
        let special = other.fate.replacements.iter().any(|it| kind == Some(it.serves));
        special && conditions::judge_alone(other, change).rewrite == Some(Rewrite::Mechanical)
    });
    moves == Some(true)
}

/// Asks about another handler of the project. `None` when it is not part of the checked code.
fn with_serving<T>(serving: &Serving<'_>, other: &Registration, ask: impl FnOnce(&Serving<'_>) -> T) -> Option<T> {
    let (Some(hook), HandlerRef::External { module, function, arity }) = (other.hook.as_deref(), &other.handler) else {
        return None;
    };
    let context = serving.context;
    let owner = context.modules.module(module, other.module.source().path())?;
    let arity = usize::try_from(*arity).unwrap_or(usize::MAX);
    if !owner.defines(function, arity) {
        return None;
    }
    let handler = Handler::new(context.modules, owner, function.clone(), arity);
    Some(ask(&Serving {
        context,
        registration: other,
        siblings: context.registered.siblings_of(other),
        hook,
        fate: context.upgrade.fate(hook),
        handler: &handler,
        migrated: false,
        fix: OnceCell::new(),
    }))
}
