//! Calls of `ejabberd_hooks` and the tuples that they are given, for `gen_hook`.
//!
//! Where a module adds its handlers by calls one after the other and deletes the same ones in the same way, the calls become one
//! list (`listed`). All else is changed where it is written: what a registration consists of (`entries`), the calls
//! (`calls`, `actions`), and what else names the interface (`types`).

mod actions;
mod builds;
pub(super) mod calls;
pub(super) mod collected;
mod entries;
mod flow;
mod listed;
pub(super) mod sites;
#[cfg(test)]
mod tests;
mod types;

use super::{NewHandlers, Rewritten};
use crate::migrate::serving::Context;
use crate::outline::{FormIndex, Module};
use crate::project::eval::Style;
use crate::project::registrations::Registration;
use crate::syntax::ast::{Expr, NodeId};
use crate::syntax::scan::FormKind;
use calls::Call;
use collected::Collected;
use entries::Entry;
use sites::{INTERFACE, Site, Sites, line_in};

/// Rewrites the calls, and the tuples, of all these registrations.
///
/// # Errors
/// A call or tuple is written in a way that cannot be rewritten; says which.
pub fn rewrite(context: &Context<'_>, registrations: &[&Registration], new: &NewHandlers) -> Result<Rewritten, String> {
    let sites = Sites::of(context, registrations);
    nobody_else(context, &sites, registrations)?;
    builds::keep_those_for_both(&sites, registrations)?;
    let entries = registrations.iter().map(|registration| Entry::new(context, &sites, registration, new));
    let entries: Vec<Entry<'_>> = entries.collect::<Result<_, _>>()?;
    let mut all = Rewritten::default();
    let mut done = Collected::default();
    let mut listed: Vec<&std::path::Path> = Vec::new();
    for file in sites.files() {
        if let Some(list) = listed::rewrite(&sites, file, &entries) {
            listed.push(file.source().path());
            all.join(list.finish());
        }
    }
    let in_place: Vec<&Entry<'_>> =
        entries.iter().filter(|entry| !listed.contains(&entry.registration.module.source().path())).collect();
    for entry in &in_place {
        entry.rewrite(&mut done)?;
    }
    lists(context, &sites, &in_place, &mut done)?;
    for file in sites.files().iter().filter(|file| !listed.contains(&file.source().path())) {
        file_rest(context, &in_place, file, &mut done)?;
    }
    all.join(done.finish());
    Ok(all)
}

/// Registrations through the same code that are not to be rewritten would be broken.
fn nobody_else(context: &Context<'_>, sites: &Sites, registrations: &[&Registration]) -> Result<(), String> {
    let known = |module: &str| sites.files().iter().any(|file| file.name() == module);
    let mut others = context.registered.everything().filter(|it| it.style == Style::EjabberdHooks);
    let other = others.find(|other| {
        let own = registrations.iter().any(|it| it.module.name() == other.module.name());
        !own && other.via.iter().filter_map(|via| via.split_once(':')).any(|(module, _)| known(module))
    });
    match other {
        Some(other) => {
            Err(format!("`{}` registers through the same code, and is not rewritten with it", other.module.name()))
        }
        None => Ok(()),
    }
}

/// Looks where the tuples go that are rewritten.
fn lists(context: &Context<'_>, sites: &Sites, entries: &[&Entry<'_>], done: &mut Collected) -> Result<(), String> {
    for entry in entries {
        let Some(site) = sites.at(&entry.registration.tuple) else { continue };
        if !matches!(site.ast.expr(site.node), Expr::Tuple(_) | Expr::Macro { .. }) {
            continue;
        }
        let whole = &entry.registration.tuple;
        let inside = |part: &crate::finding::Place| {
            part.source.path() == whole.source.path() && whole.span.contains(part.span) && part.span != whole.span
        };
        let taken = entries.iter().find(|other| {
            let parts = other.registration.parts.as_ref();
            other.registration.tuple.span != whole.span && parts.is_some_and(|parts| inside(&parts.function))
        });
        if let Some(taken) = taken {
            let line = line_in(&taken.registration.tuple);
            return Err(format!("the tuple in {} is taken apart in {line}", line_in(whole)));
        }
        if let Some(place) = flow::elsewhere(context, sites, site) {
            done.because(format!(
                "the list with what stands in {} is also used in {}",
                line_in(whole),
                line_in(&place)
            ));
        }
    }
    Ok(())
}

/// The calls in a file, and whatever else names the interface.
fn file_rest(
    context: &Context<'_>,
    entries: &[&Entry<'_>],
    file: &std::sync::Arc<Module>,
    done: &mut Collected,
) -> Result<(), String> {
    let imports = file.header().imports.iter().any(|(_, _, module)| module == INTERFACE);
    let forms: Vec<(FormIndex, FormKind)> = file.forms().map(|(form, it)| (form, it.kind)).collect();
    for (form, kind) in forms {
        if !imports && !file.text_of(form).contains(INTERFACE) {
            continue;
        }
        let Ok(ast) = file.ast(form) else {
            let line = line_in(&file.place(file.form(form).span));
            return Err(format!("the code from {line} on, which names `{INTERFACE}`, could not be parsed"));
        };
        let is =
            |attribute: &str| kind == FormKind::Attribute && file.source().slice(file.form(form).name) == attribute;
        let mut named: Vec<NodeId> = Vec::new();
        for (node, _) in ast.nodes() {
            let site = Site { module: file, form, ast, node };
            let Some(call) = Call::at(file, ast, node).filter(|call| call.registers(ast)) else { continue };
            if call.arguments.len() > 1 && !is_known(entries, site) {
                return Err(format!("what is registered in {} could not be followed", line_in(&site.place(node))));
            }
            calls::rename(context, site, &call, done)?;
            calls::align(site, &call, done)?;
            named.extend(call.module);
        }
        let Some((first, _)) = ast.nodes().next() else {
            if is("import") {
                types::import(file, form, done)?;
            }
            continue;
        };
        let site = Site { module: file, form, ast, node: first };
        if is("import") {
            types::import(file, form, done)?;
        } else if kind == FormKind::Attribute && !is("define") {
            types::types(site, done)?;
        } else {
            types::mentioned(site, &named, done)?;
        }
    }
    Ok(())
}

/// Whether a call is one of those that were followed.
fn is_known(entries: &[&Entry<'_>], site: Site<'_>) -> bool {
    let span = site.ast.span(site.node);
    entries.iter().any(|entry| {
        let tuple = &entry.registration.tuple;
        tuple.span == span && tuple.source.path() == site.module.source().path()
    })
}
