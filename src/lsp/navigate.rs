//! From registrations to handlers and back.

use std::sync::Arc;

use super::site::{self, Site, registrations_at};
use crate::check::Workspace;
use crate::check::analysis::Action;
use crate::finding::{Mfa, Place};
use crate::outline::Module;
use crate::report::cards;

/// The handlers that are registered at an offset.
pub(super) fn definitions(workspace: &Workspace, module: &Arc<Module>, offset: usize) -> Vec<Place> {
    let Ok(offset) = u32::try_from(offset) else { return Vec::new() };
    let mut found: Vec<Place> = Vec::new();
    for it in registrations_at(workspace, module, offset) {
        if let Some(place) = &it.handler_place
            && !found.iter().any(|known| known.sort_key() == place.sort_key())
        {
            found.push(place.clone());
        }
    }
    found
}

/// Where the handler, or else the hook, at an offset is registered and deleted. With `declaration`, the handler itself is
/// among them.
pub(super) fn references(workspace: &Workspace, module: &Arc<Module>, offset: usize, declaration: bool) -> Vec<Place> {
    let Some((site, _)) = site::at(workspace, module, offset) else { return Vec::new() };
    let all = workspace.known().flat_map(|known| known.inventory);
    let mut found: Vec<Place> = Vec::new();
    for it in all {
        let is_meant = match &site {
            Site::Hook { name, .. } => it.hook.as_deref() == Some(name),
            Site::Handler(handler) => it.handler.as_ref() == Some(handler),
            Site::Parameter { .. } | Site::Function { .. } => false,
        };
        if is_meant {
            found.push(it.place.clone());
            if let (Site::Handler(_), true, Some(place)) = (&site, declaration, &it.handler_place) {
                found.push(place.clone());
            }
        }
    }
    found.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
    found.dedup_by(|a, b| a.sort_key() == b.sort_key());
    found
}

/// A hook that a handler serves, to be shown above it.
pub(super) struct Lens {
    pub place: Place,
    pub hook: String,
    /// What becomes of the hook.
    pub title: String,
}

/// One lens for each hook of each handler of a module.
pub(super) fn lenses(workspace: &Workspace, module: &Module) -> Vec<Lens> {
    let path = module.source().path();
    let mut found: Vec<(Mfa, Lens)> = Vec::new();
    for it in workspace.known().flat_map(|known| known.inventory) {
        let (Some(hook), Some(handler), Some(place)) = (&it.hook, &it.handler, &it.handler_place) else { continue };
        let is_known = found.iter().any(|(known, lens)| known == handler && &lens.hook == hook);
        if it.action == Action::Add && place.source.path() == path && !is_known {
            let title = cards::fate_in_a_line(workspace.upgrade(), hook);
            found.push((handler.clone(), Lens { place: place.clone(), hook: hook.clone(), title }));
        }
    }
    found.sort_by(|(_, a), (_, b)| (a.place.span, &a.hook).cmp(&(b.place.span, &b.hook)));
    found.into_iter().map(|(_, lens)| lens).collect()
}
