//! Code for both interfaces, between which the build chooses.

use super::sites::{Sites, line_in};
use crate::outline::Module;
use crate::project::registrations::Registration;
use crate::source::Span;

/// The interface that came after.
const SUCCESSOR: &str = "gen_hook";

/// Code that registers with the old interface in one build and with the new one in another is right as it is.
///
/// # Errors
/// There is such code; says where.
pub fn keep_those_for_both(sites: &Sites, registrations: &[&Registration]) -> Result<(), String> {
    for registration in registrations {
        let Some(file) = sites.file(&registration.tuple) else { continue };
        let at = registration.tuple.span;
        for branches in choices(file) {
            let own = branches.iter().position(|branch| branch.contains(at));
            let has_new = |branch: &Span| file.source().slice(*branch).contains(SUCCESSOR);
            let others = |own: usize| branches.iter().enumerate().any(|(other, it)| other != own && has_new(it));
            if own.is_some_and(others) {
                let line = line_in(&registration.tuple);
                return Err(format!(
                    "what is registered in {line} is for one build, and another one uses `{SUCCESSOR}` already"
                ));
            }
        }
    }
    Ok(())
}

/// Whether code is there in some builds only.
#[must_use]
pub fn is_optional(file: &Module, span: Span) -> bool {
    choices(file).iter().flatten().any(|branch| branch.contains(span))
}

/// The branches of each choice that is made by `-ifdef` and its like.
fn choices(file: &Module) -> Vec<Vec<Span>> {
    let (mut found, mut open): (Vec<Vec<Span>>, Vec<Vec<u32>>) = (Vec::new(), Vec::new());
    for (_, form) in file.forms() {
        let span = form.span;
        match file.source().slice(form.name) {
            "ifdef" | "ifndef" | "if" => open.push(vec![span.end]),
            "else" | "elif" => open.last_mut().into_iter().for_each(|bounds| bounds.push(span.end)),
            "endif" => {
                let mut bounds = open.pop().unwrap_or_default();
                bounds.push(span.end);
                found.push(bounds.windows(2).map(|it| Span { start: it[0], end: it[1] }).collect());
            }
            _ => {}
        }
    }
    found
}
