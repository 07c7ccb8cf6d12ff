//! Reading parameters as the new release has them, in the clauses of the handler itself and of the functions that only it
//! calls.

mod calls;
mod choice;
mod clause;
mod given;
pub mod helpers;
pub mod host_type;
mod map;
pub mod narrow;
pub mod pattern;
mod session;
#[cfg(test)]
mod tests;
mod together;
mod translation;
mod values;
mod write;

use crate::catalog::{HookChange, ParameterFate};
use crate::migrate::conditions::{self, OldValue};
use crate::migrate::serving::Serving;
use crate::rewrite::Edit;
use crate::source::Span;
use helpers::Helper;
use together::Rewriter;
use translation::Translation;

/// The edits, and what a person has to look at.
#[derive(Debug, Default)]
pub struct Reread {
    pub edits: Vec<Edit>,
    pub reasons: Vec<String>,
    /// The functions that were rewritten together with the handler.
    pub helpers: Vec<Helper>,
}

/// Lets the handler's own clauses, and those of functions that only it calls, read what they read now from the
/// parameters of the new release.
///
/// # Errors
/// A read cannot be rewritten where it stands; says which, and why.
pub fn reread(serving: &Serving<'_>, change: &HookChange) -> Result<Reread, String> {
    if conditions::changed_reads(serving, change).next().is_none() {
        return Ok(Reread::default());
    }
    if let Some(escape) = serving.handler.params().escapes.first() {
        return Err(format!("the parameters go {} as a whole", escape.to));
    }
    let translations: Vec<_> = change.parameters.iter().map(Translation::of).collect();
    let mut all = Rewriter { serving, translations: &translations, clauses: Vec::new(), helpers: Vec::new() };
    all.handler()?;
    all.follow()?;
    let mut edits = revalued(serving, change)?;
    let handled = |span: &Span| all.clauses.iter().any(|clause| clause.handled.contains(span));
    if let Some(read) = conditions::changed_reads(serving, change).find(|read| !handled(&read.place.span)) {
        return Err(format!("`{}` is read where it cannot be rewritten", read.key));
    }
    let helpers = std::mem::take(&mut all.helpers);
    let (more, reasons) = all.finish(&helpers)?;
    edits.extend(more);
    Ok(Reread { edits, reasons, helpers })
}

/// The edits of values that are compared with what they are never any more and something else stands for.
fn revalued(serving: &Serving<'_>, change: &HookChange) -> Result<Vec<Edit>, String> {
    let mut edits = Vec::new();
    for parameter in change.parameters.iter().filter(|it| it.change == ParameterFate::Revalued) {
        for read in serving.handler.params().reads_of(&parameter.key) {
            for (atom, place) in &read.compared {
                if parameter.never.iter().any(|never| never == atom.as_str()) {
                    return Err(never_given(&parameter.key, atom));
                }
                let Some(new) = parameter.values.get(atom.as_str()) else { continue };
                let own = serving.handler.clauses().iter().filter_map(|at| Some((at, at.clause()?)));
                let mut own = own.filter(|(at, clause)| {
                    clause.span.contains(place.span) && at.module.source().path() == place.source.path()
                });
                own.next().ok_or_else(|| format!("`{}` is compared in another function", parameter.key))?;
                edits.push(Edit::replace(place.clone(), new.clone()));
            }
            // What stands in the map's own pattern is rewritten with it.
            for place in read.matched.iter().filter(|it| !read.place.span.contains(it.span)) {
                match conditions::old_value(parameter, place.source.slice(place.span)) {
                    Some(OldValue::Now(new)) => edits.push(Edit::replace(place.clone(), new)),
                    Some(OldValue::Never) => return Err(never_given(&parameter.key, place.source.slice(place.span))),
                    None => {}
                }
            }
        }
    }
    Ok(edits)
}

fn never_given(key: &str, value: &str) -> String {
    format!("`{value}` is never given as `{key}` any more, and a person has to decide where that part goes")
}
