//! Registering a handler for another hook, or with another priority: the added and the deleted one together.

pub mod callback;
mod comprehension;
pub mod exports;
pub mod order;
pub mod split;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::finding::Place;
use crate::migrate::code::text::is_macro;
use crate::migrate::serving::Serving;
use crate::outline::Module;
use crate::project::files::is_header;
use crate::project::registrations::{HandlerRef, Index, Priority, Registration};
use crate::rewrite::Edit;
use crate::syntax::scan::{Token, Tokens};

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

/// Whose registrations are meant: those of one handler for one hook.
pub struct Subject<'a> {
    pub registered: &'a Index<'a>,
    pub hook: &'a str,
    pub handler: &'a HandlerRef,
}

impl<'a> Subject<'a> {
    #[must_use]
    pub fn of(serving: &'a Serving<'_>) -> Self {
        let registration = serving.registration;
        Self { registered: &serving.context.registered, hook: serving.hook, handler: &registration.handler }
    }

    fn function(&self) -> &str {
        match self.handler {
            HandlerRef::External { function, .. } | HandlerRef::Local { function, .. } => function,
            HandlerRef::Inline | HandlerRef::Unknown => "",
        }
    }

    /// The registrations and deletions.
    pub(super) fn twins(&self) -> impl Iterator<Item = &'a Registration> {
        let all = match self.handler {
            HandlerRef::External { module, function, arity } => self.registered.of(module, function, *arity),
            _ => Vec::new(),
        };
        let hook = self.hook;
        all.into_iter().filter(move |registration| registration.hook.as_deref() == Some(hook))
    }
}

/// Changes every registration, and every deletion, of this handler for this hook.
///
/// # Errors
/// A part that must change is not written where it could be changed for this handler alone; says which.
pub fn retarget(subject: &Subject<'_>, change: &Change) -> Result<Retargeted, String> {
    let mut done = Retargeted::default();
    for registration in subject.twins() {
        match in_place(subject, change, registration) {
            Ok(mut one) => {
                one.edits.retain(|edit| !done.edits.iter().any(|known| known.same(edit)));
                done.edits.append(&mut one.edits);
                done.reasons.append(&mut one.reasons);
            }
            Err(why) => {
                let edits = comprehension::split(registration, change).ok_or(why)?;
                done.edits.extend(
                    edits.into_iter().filter(|edit| !done.edits.iter().any(|it| it.same(edit))).collect::<Vec<_>>(),
                );
            }
        }
    }
    Ok(done)
}

/// Changes the parts of one registration where they are written.
fn in_place(subject: &Subject<'_>, change: &Change, registration: &Registration) -> Result<Retargeted, String> {
    let mut done = Retargeted::default();
    let parts = registration.parts.as_ref().ok_or("how it is registered could not be followed")?;
    let mut edit = |place: &Place, what: &str, old: &str, new: &str| -> Result<(), String> {
        if written(place) != old && !is_macro(written(place)) {
            return Err(format!("the {what} is not written out where the handler is registered"));
        }
        if let Some(other) = shared(subject, place) {
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
        let quoted = written(&parts.hook).starts_with('\'');
        let old = if quoted { format!("'{}'", subject.hook) } else { subject.hook.to_owned() };
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
        let new = renamed(written(&parts.function), subject.function(), new)
            .ok_or("the handler's fun is not written out where it is registered")?;
        edit(&parts.function, "handler", written(&parts.function), &new)?;
    }
    Ok(done)
}

fn written(place: &Place) -> &str {
    place.source.slice(place.span)
}

/// A fun with another function's name.
fn renamed(fun: &str, old: &str, new: &str) -> Option<String> {
    let at = fun.rfind(&format!(":{old}/"))?;
    Some(format!("{}:{new}/{}", &fun[..at], &fun[at + old.len() + 2..]))
}

/// Another handler, or another hook, whose registration is written at the same place.
fn shared(subject: &Subject<'_>, place: &Place) -> Option<String> {
    let same = |other: &Place| other.span == place.span && other.source.path() == place.source.path();
    let all = subject.registered.all();
    let others = all.filter(|it| {
        it.parts.as_ref().is_some_and(|parts| same(&parts.hook) || same(&parts.function) || same(&parts.priority))
    });
    for other in others {
        if other.handler != *subject.handler {
            return Some("other handlers".to_owned());
        }
        if other.hook.as_deref() != Some(subject.hook) {
            return Some(format!("`{}`", other.hook.as_deref().unwrap_or("other hooks")));
        }
    }
    None
}

/// The macro in whose definition a place stands, unless it is used at one place only.
fn macro_around(registration: &Registration, place: &Place) -> Option<String> {
    let own = &registration.module;
    let other;
    let module = if place.source.path() == own.source().path() {
        own
    } else {
        other = Arc::new(Module::new(Arc::clone(&place.source)));
        &other
    };
    let form = module.form_at(place.span.start)?;
    let define = module.header().defines.iter().find(|define| define.form == form)?;
    // What no other file can see, and one place uses, is as good as written there.
    (!is_used_once(module, &define.name)).then(|| format!("?{}", define.name))
}

/// Whether a module's text uses a macro at one place alone, outside of other macros. Whoever includes a header may use it, too.
fn is_used_once(module: &Module, name: &str) -> bool {
    let source = module.source();
    if is_header(source.path()) {
        return false;
    }
    let text = source.text();
    let marks = Tokens::new(text, 0).zip(Tokens::new(text, 0).skip(1));
    let uses = marks.filter(|((token, _), (_, next))| *token == Token::Punct(b'?') && &text[next.range()] == name);
    let mut forms = uses.map(|((_, span), _)| module.form_at(span.start));
    let first = forms.next().flatten();
    let in_macro = module.header().defines.iter().any(|define| Some(define.form) == first);
    first.is_some() && !in_macro && forms.next().is_none()
}
