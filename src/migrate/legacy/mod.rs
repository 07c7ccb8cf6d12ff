//! Modules that register their handlers with `ejabberd_hooks`, rewritten for `gen_hook`.
//!
//! What comes out is a stage: code for the first release whose handlers take maps. Whatever changed since is then rewritten as in
//! any other module (see `fixing`). Modules whose handlers or hooks have to change together are rewritten together: a
//! module of which half is left does not work with either interface.

pub mod handlers;
pub mod registration;
pub mod runs;
#[cfg(test)]
mod testing;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::serving::Context;
use crate::catalog::Catalog;
use crate::outline::{Mfa, Module};
use crate::project::eval::Style;
use crate::project::registrations::{HandlerRef, Registration};
use crate::rewrite::{Edit, Fix};
use crate::syntax::ast::Name;

/// The edits, and what a person has to look at.
#[derive(Debug, Default)]
pub struct Rewritten {
    pub edits: Vec<Edit>,
    pub reasons: Vec<String>,
}

impl Rewritten {
    /// Takes an edit in, if it is not known yet. What is put where something is put already comes behind that.
    pub fn push(&mut self, edit: Edit) {
        let inserts_there = |known: &&mut Edit| {
            known.place.span.is_empty()
                && known.place.span == edit.place.span
                && known.place.source.path() == edit.place.source.path()
        };
        if self.edits.iter().any(|known| known.same(&edit)) {
            return;
        }
        match self.edits.iter_mut().find(inserts_there) {
            Some(known) => known.text.push_str(&edit.text),
            None => self.edits.push(edit),
        }
    }

    /// Takes in what is not known yet.
    pub fn join(&mut self, other: Self) {
        other.edits.into_iter().for_each(|edit| self.push(edit));
        for reason in other.reasons {
            if !self.reasons.contains(&reason) {
                self.reasons.push(reason);
            }
        }
    }
}

/// A function that is registered with `ejabberd_hooks`, and for which hooks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject {
    pub module: Name,
    pub function: Name,
    /// With the accumulator.
    pub arity: usize,
    /// Sorted.
    pub hooks: Vec<Name>,
}

/// The functions of arity 3 that take the places of old handlers, by module, function, arity, and hook.
#[derive(Debug, Default)]
pub struct NewHandlers(BTreeMap<(Name, Name, usize, Name), Name>);

impl NewHandlers {
    pub fn insert(&mut self, subject: &Subject, hook: &Name, new: Name) {
        let Subject { module, function, arity, .. } = subject;
        self.0.insert((module.clone(), function.clone(), *arity, hook.clone()), new);
    }

    /// Whether a function of this name takes the place of an old one of the module.
    #[must_use]
    pub fn has(&self, module: &Name, name: &str) -> bool {
        self.0.iter().any(|((owner, ..), new)| owner == module && new == name)
    }

    /// The new function for a registration, additions and deletions alike.
    #[must_use]
    pub fn of(&self, registration: &Registration) -> Option<&Name> {
        let (module, function, arity) = handler_of(registration)?;
        self.0.get(&(module.clone(), function.clone(), arity, registration.hook.clone()?))
    }
}

/// The function that a registration names, when its arity is known.
#[must_use]
pub fn handler_of(registration: &Registration) -> Option<(&Name, &Name, usize)> {
    match &registration.handler {
        HandlerRef::External { module, function, arity } => Some((module, function, usize::try_from(*arity).ok()?)),
        HandlerRef::Local { function, arity } => {
            Some((registration.module.name(), function, usize::try_from(*arity).ok()?))
        }
        HandlerRef::Inline | HandlerRef::Unknown => None,
    }
}

/// Rewrites a module that uses `ejabberd_hooks`, and those that have to change with it.
///
/// # Errors
/// There is no rewrite that could be trusted; says why, in a clause that goes on after "not fixed:".
pub fn fix(context: &Context<'_>, module: &Name) -> Result<Fix, String> {
    let Together { modules, registrations } = together(context, module);
    let mut all = Rewritten::default();
    let mut new = NewHandlers::default();
    let mut leads_to: Vec<(String, Mfa)> = Vec::new();
    let subjects = subjects(&registrations);
    if let Some(hook) = all_gone(&subjects) {
        return Err(format!(
            "nothing of it would be called: `{hook}` is not run any more, and nothing takes its place"
        ));
    }
    for subject in &subjects {
        let done = handlers::rewrite(context, subject, &registrations, &new)?;
        for (hook, function) in done.functions {
            let handler = Mfa { module: subject.module.to_string(), function: function.to_string(), arity: 3 };
            leads_to.push((hook.to_string(), handler));
            new.insert(subject, &hook, function);
        }
        all.join(done.rewritten);
    }
    all.join(registration::rewrite(context, &registrations, &new)?);
    all.join(runs::rewrite(context, &modules)?);
    let title = format!("rewrite {} for `gen_hook`", named(&modules));
    let mut fix = Fix::new(title, all.edits).because(all.reasons);
    fix.settles = leads_to;
    fix.is_stage = true;
    Ok(fix)
}

/// A hook that handlers were registered for, when they were for nothing but hooks that went with the old style.
fn all_gone(subjects: &[Subject]) -> Option<&Name> {
    let catalog = Catalog::embedded();
    let (_, next) = catalog.last_positional()?;
    let is_gone = |hook: &&Name| catalog.positional(hook).is_some() && !catalog.releases_with(hook).contains(&next);
    let mut hooks = subjects.iter().flat_map(|subject| &subject.hooks);
    hooks.clone().all(|hook| is_gone(&hook)).then(|| hooks.next()).flatten()
}

/// How many modules a title names.
const MAX_NAMED: usize = 3;

fn named(modules: &[Arc<Module>]) -> String {
    let names: Vec<String> = modules.iter().take(MAX_NAMED).map(|module| format!("`{}`", module.name())).collect();
    match modules.len().saturating_sub(MAX_NAMED) {
        0 => names.join(", "),
        more => format!("{} and {more} more", names.join(", ")),
    }
}

/// What has to change as one.
struct Together<'a> {
    modules: Vec<Arc<Module>>,
    /// Those in the old style.
    registrations: Vec<&'a Registration>,
}

fn together<'a>(context: &Context<'a>, module: &Name) -> Together<'a> {
    let names = modules_with(context, module);
    let registrations: Vec<&Registration> = legacy(context).filter(|it| names.contains(it.module.name())).collect();
    let mut names: Vec<&Name> = names.iter().collect();
    names.sort_unstable();
    let near = registrations.first().map(|it| it.module.source().path());
    let near = near.unwrap_or(Path::new(""));
    Together { modules: names.iter().filter_map(|name| context.modules.module(name, near)).collect(), registrations }
}

/// A module with those that share a handler, code that registers, or a hook of the project's own with it. The same for each
/// of them.
#[must_use]
pub fn modules_with(context: &Context<'_>, module: &Name) -> FxHashSet<Name> {
    let runs = context.legacy_runs();
    let mut names: FxHashSet<Name> = FxHashSet::default();
    names.insert(module.clone());
    loop {
        let before = names.len();
        for registration in legacy(context) {
            extend_with(&mut names, &modules_of(registration, runs));
        }
        for (hook, runner) in runs {
            let others = runs.iter().filter(|(other, _)| other == hook).map(|(_, other)| other);
            extend_with(&mut names, &others.chain([runner]).cloned().collect::<Vec<_>>());
        }
        if names.len() == before {
            return names;
        }
    }
}

/// What the project registers with `ejabberd_hooks`.
fn legacy<'a>(context: &Context<'a>) -> impl Iterator<Item = &'a Registration> {
    context.registered.everything().filter(|it| it.style == Style::EjabberdHooks)
}

/// Takes modules in when one of them is in already.
fn extend_with(names: &mut FxHashSet<Name>, modules: &[Name]) {
    if modules.iter().any(|module| names.contains(module)) {
        names.extend(modules.iter().cloned());
    }
}

/// The modules that a registration ties together: where it is made, through which code, whose the handler is, and who runs
/// the hook when it is the project's own.
fn modules_of(registration: &Registration, runs: &[(Name, Name)]) -> Vec<Name> {
    let own = registration.module.name();
    let handler = handler_of(registration).map(|(owner, ..)| owner);
    let through = registration.via.iter().filter_map(|via| via.split_once(':')).map(|(module, _)| Name::new(module));
    let runners = runs.iter().filter(|(hook, _)| registration.hook.as_ref() == Some(hook)).map(|(_, runner)| runner);
    [own].into_iter().chain(handler).chain(runners).cloned().chain(through).collect()
}

/// The functions that are registered, each once.
fn subjects(registrations: &[&Registration]) -> Vec<Subject> {
    let mut by_function: BTreeMap<(Name, Name, usize), Vec<Name>> = BTreeMap::new();
    for registration in registrations {
        let (Some((module, function, arity)), Some(hook)) = (handler_of(registration), &registration.hook) else {
            continue;
        };
        by_function.entry((module.clone(), function.clone(), arity)).or_default().push(hook.clone());
    }
    let subject = |((module, function, arity), mut hooks): ((Name, Name, usize), Vec<Name>)| {
        hooks.sort_unstable();
        hooks.dedup();
        Subject { module, function, arity, hooks }
    };
    by_function.into_iter().map(subject).collect()
}
