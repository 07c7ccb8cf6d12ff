//! Registering a handler for another hook, or with another priority: the added and the deleted one together.

use super::serving::Serving;
use crate::finding::Place;
use crate::project::registrations::{Priority, Registration};
use crate::rewrite::Edit;
use crate::syntax::scan::FormKind;

/// What shall change in a registration. What is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct Change {
    pub hook: Option<String>,
    pub priority: Option<u32>,
    /// The name of another function of the handler's module.
    pub function: Option<String>,
}

/// The edits, and what a person has to look at.
#[derive(Debug, Default)]
pub struct Retargeted {
    pub edits: Vec<Edit>,
    pub reasons: Vec<String>,
}

/// Changes every registration, and every deletion, of this handler for this hook.
///
/// # Errors
/// A part that must change is not written where it could be changed for this handler alone; says which.
pub fn retarget(serving: &Serving<'_>, change: &Change) -> Result<Retargeted, String> {
    let mut done = Retargeted::default();
    for registration in twins(serving) {
        let parts = registration.parts.as_ref().ok_or("how it is registered could not be followed")?;
        let mut edit = |place: &Place, what: &str, old: &str, new: &str| -> Result<(), String> {
            if place.source.slice(place.span) != old {
                return Err(format!("the {what} is not written out where the handler is registered"));
            }
            if let Some(other) = shared(serving, place) {
                return Err(format!("the {what} is written once for this handler and for {other}"));
            }
            if let Some(name) = macro_around(registration, place) {
                done.reasons.push(format!("the {what} stands in the macro `{name}`, which may be used elsewhere"));
            }
            let edit = Edit::replace(place.clone(), new);
            if !done.edits.iter().any(|known| known.same(&edit)) {
                done.edits.push(edit);
            }
            Ok(())
        };
        if let Some(hook) = &change.hook {
            let written = parts.hook.source.slice(parts.hook.span);
            let old = if written.starts_with('\'') { format!("'{}'", serving.hook) } else { serving.hook.to_owned() };
            edit(&parts.hook, "hook's name", &old, hook)?;
        }
        if let (Some(new), Priority::Known(old)) = (change.priority, &registration.priority)
            && i64::from(new) != *old
        {
            edit(&parts.priority, "priority", &old.to_string(), &new.to_string())?;
        } else if change.priority.is_some() && matches!(registration.priority, Priority::Unknown(_)) {
            return Err("its priority is known only when the code runs".to_owned());
        }
        if let Some(new) = &change.function {
            let written = parts.function.source.slice(parts.function.span);
            let name = serving.handler.name.as_str();
            let at = written
                .rfind(&format!(":{name}/"))
                .ok_or("the handler's fun is not written out where it is registered")?;
            let new = format!("{}:{new}/{}", &written[..at], &written[at + name.len() + 2..]);
            edit(&parts.function, "handler", written, &new)?;
        }
    }
    Ok(done)
}

/// The registrations and deletions of this handler for this hook.
pub fn twins<'a>(serving: &'a Serving<'_>) -> impl Iterator<Item = &'a Registration> {
    let handler = &serving.handler;
    let arity = i64::try_from(handler.arity).unwrap_or(i64::MAX);
    let all = serving.context.registered.of(handler.module.name(), &handler.name, arity);
    all.iter().copied().filter(|registration| registration.hook.as_deref() == Some(serving.hook))
}

/// Another handler, or another hook, whose registration is written at the same place.
fn shared(serving: &Serving<'_>, place: &Place) -> Option<String> {
    let same = |other: &Place| other.span == place.span && other.source.path() == place.source.path();
    let all = serving.context.registered.all();
    let others = all.filter(|it| {
        it.parts.as_ref().is_some_and(|parts| same(&parts.hook) || same(&parts.function) || same(&parts.priority))
    });
    for other in others {
        if other.handler != serving.registration.handler {
            return Some("other handlers".to_owned());
        }
        if other.hook.as_deref() != Some(serving.hook) {
            return Some(format!("`{}`", other.hook.as_deref().unwrap_or("other hooks")));
        }
    }
    None
}

/// The macro in whose definition a place stands.
fn macro_around(registration: &Registration, place: &Place) -> Option<String> {
    if place.source.path() != registration.module.source().path() {
        return Some("of another file".to_owned());
    }
    let module = &registration.module;
    let form = module.form_at(place.span.start)?;
    (module.form(form).kind == FormKind::Attribute).then(|| {
        let defined = module.header().defines.iter().find(|define| define.form == form);
        defined.map_or_else(|| "around it".to_owned(), |define| format!("?{}", define.name))
    })
}
