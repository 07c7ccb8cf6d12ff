//! One registration for a general hook made into one for each kind of stanza that the handler serves.

use super::Subject;
use crate::catalog::HookChange;
use crate::migrate::conditions;
use crate::migrate::serving::Serving;
use crate::project::registrations::Registration;
use crate::rewrite::{Edit, Fix};

/// The hook for one kind of stanza, and the priority that keeps the old order, when it must change.
pub struct Target<'a> {
    pub hook: &'a str,
    pub priority: Option<u32>,
}

/// The kinds of stanzas that a handler serves, with the hooks for them: two or more, and everything else is passed on.
#[must_use]
pub fn kinds<'a>(serving: &'a Serving<'_>) -> Option<Vec<(&'static str, Target<'a>)>> {
    let stanzas = serving.handler.stanzas();
    let passes_others = stanzas.dispatches.iter().all(|dispatch| dispatch.passes_others);
    if stanzas.kinds.len() < 2 || stanzas.acts_on_all || stanzas.dispatches.is_empty() || !passes_others {
        return None;
    }
    let hook = |kind: &&'static str| {
        let successor = serving.fate.replacements.iter().find(|it| it.serves == *kind)?;
        Some((*kind, Target { hook: successor.hook.name.as_str(), priority: successor.priority }))
    };
    stanzas.kinds.iter().map(hook).collect()
}

/// Registers the handler for each of the hooks in place of the general one, the deletion with it.
///
/// # Errors
/// A registration is not written as a tuple of its own, or the handler has to change first; says which.
pub fn split(serving: &Serving<'_>, change: &HookChange, kinds: &[(&str, Target<'_>)]) -> Result<Fix, String> {
    if conditions::changed_reads(serving, change).next().is_some() {
        return Err("parameters that changed have to be read in another way first".to_owned());
    }
    let mut edits = Vec::new();
    for registration in Subject::of(serving).twins() {
        let edit = tuples(serving, registration, kinds)?;
        if !edits.iter().any(|known: &Edit| known.same(&edit)) {
            edits.push(edit);
        }
    }
    let hooks: Vec<String> = kinds.iter().map(|(_, target)| format!("`{}`", target.hook)).collect();
    let title = format!("register `{}/3` for {}", serving.handler.name, hooks.join(", "));
    let reason = format!(
        "a hook for one kind of stanza is run behind all of `{}`, and with a priority above that of the privacy check not for \
         what that blocks",
        serving.hook
    );
    let stops = (!change.stop.is_empty() && may_stop(serving)).then(|| change.stop.clone());
    Ok(Fix::new(title, edits).because([reason]).because(stops))
}

fn may_stop(serving: &Serving<'_>) -> bool {
    use crate::project::handlers::Return;
    serving.handler.returns().iter().any(|path| matches!(path.what, Return::Stop(_) | Return::Unknown(_)))
}

/// The tuples in place of one.
fn tuples(serving: &Serving<'_>, registration: &Registration, kinds: &[(&str, Target<'_>)]) -> Result<Edit, String> {
    let place = &registration.tuple;
    let source = &place.source;
    let text = source.slice(place.span);
    let parts = registration.parts.as_ref().ok_or("how it is registered could not be followed")?;
    let inside = |part: &crate::finding::Place| part.source.path() == source.path() && place.span.contains(part.span);
    let written = inside(&parts.hook) && source.slice(parts.hook.span) == serving.hook;
    if !text.starts_with('{') || !written || !inside(&parts.function) {
        return Err("it is not registered by a tuple of its own".to_owned());
    }
    let line = source.text()[..place.span.start as usize].rfind('\n').map_or(0, |at| at + 1);
    let column = source.text()[line..place.span.start as usize].chars().count();
    let one = |(_, target): &(&str, Target<'_>)| {
        let at = (parts.hook.span.start - place.span.start) as usize;
        let mut tuple = format!("{}{}{}", &text[..at], target.hook, &text[at + parts.hook.span.len()..]);
        if let Some(priority) = target.priority.filter(|_| inside(&parts.priority)) {
            let behind = (place.span.end - parts.priority.span.end) as usize;
            let end = tuple.len() - behind;
            tuple.replace_range(end - parts.priority.span.len()..end, &priority.to_string());
        }
        tuple
    };
    let all: Vec<String> = kinds.iter().map(one).collect();
    Ok(Edit::replace(place.clone(), all.join(&format!(",\n{}", " ".repeat(column)))))
}
