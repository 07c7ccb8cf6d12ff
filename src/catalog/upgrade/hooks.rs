//! What becomes of a hook.

use rustc_hash::FxHashMap;
use schemars::JsonSchema;
use serde::Serialize;

use super::{Upgrade, compose};
use crate::catalog::known::Step;
use crate::catalog::model::{ChangeKind, Hook, HookChange, Replacement};
use crate::catalog::version::Version;
use crate::suggest::closest;

/// What became of a hook, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum HookStatus {
    /// Both releases have it, and nothing is known to be different.
    Unchanged,
    /// Both have it, with other parameters, accumulator or result.
    Changed,
    /// The target release no longer runs it.
    Removed,
    /// Same contract, other meaning.
    Meaning,
    /// Only the target release has it.
    Added,
    /// Neither release has it.
    Unknown,
}

impl HookStatus {
    /// As reports write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            HookStatus::Unchanged => "unchanged",
            HookStatus::Changed => "changed",
            HookStatus::Removed => "removed",
            HookStatus::Meaning => "meaning",
            HookStatus::Added => "added",
            HookStatus::Unknown => "unknown",
        }
    }
}

impl std::fmt::Display for HookStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// What became of one hook on the whole way.
#[derive(Clone, Debug)]
pub struct HookFate<'u> {
    pub status: HookStatus,
    /// The hook in the old release.
    pub before: Option<&'u Hook>,
    /// The hook in the new release.
    pub after: Option<&'u Hook>,
    /// What the steps of the way say about it, in their order. Empty when nothing changed.
    pub changes: Vec<&'u HookChange>,
    /// The hooks of the new release that take its place, the first one first.
    pub replacements: Vec<Successor<'u>>,
    /// The steps' entries as one, when more than one concerns a handler.
    composed: Option<&'u HookChange>,
}

/// A hook of the new release that takes a removed or general hook's place.
#[derive(Clone, Debug)]
pub struct Successor<'u> {
    pub hook: &'u Hook,
    /// For which handlers: the stanza kind they serve, or empty for any.
    pub serves: &'u str,
    /// The priority that keeps the old order, when it must change.
    pub priority: Option<u32>,
    /// Why this priority, or when this replacement fits.
    pub note: &'u str,
    /// What later steps say about the successor itself.
    pub later: Vec<&'u HookChange>,
}

impl<'u> HookFate<'u> {
    /// What happened to it on the whole way. Where several steps changed it, or what took its place, that is their entries put
    /// together; where it came back, the entry that decides the status.
    #[must_use]
    pub fn change(&self) -> Option<&'u HookChange> {
        if self.composed.is_some() {
            return self.composed;
        }
        let of = |kind: ChangeKind| move |change: &&&HookChange| change.kind == kind;
        let mut changes = self.changes.iter();
        let found = match self.status {
            HookStatus::Removed => changes.rfind(of(ChangeKind::Removed)),
            HookStatus::Added => changes.rfind(of(ChangeKind::Added)),
            HookStatus::Changed => changes.find(of(ChangeKind::Changed)),
            HookStatus::Meaning => changes.find(of(ChangeKind::Meaning)),
            HookStatus::Unchanged | HookStatus::Unknown => return None,
        };
        found.or(self.changes.first()).copied()
    }

    /// Whether more than one step has to do with what [`HookFate::change`] says.
    #[must_use]
    pub fn is_of_several_steps(&self) -> bool {
        self.composed.is_some()
    }

    /// The hook in the new release, or, when it is gone, in the old one; `None` when its status is unknown.
    #[must_use]
    pub fn hook(&self) -> Option<&'u Hook> {
        self.after.or(self.before)
    }
}

impl Upgrade {
    /// What becomes of the hook of that name.
    #[must_use]
    pub fn fate<'u>(&'u self, name: &str) -> HookFate<'u> {
        let (before, after) = (self.old_release().hook(name), self.new_release().hook(name));
        let changes: Vec<&HookChange> = self.history(name).map(|(_, change)| change).collect();
        let status = status(before.is_some(), after.is_some(), &changes);
        let composed = self.composed.get_or_init(|| compose::all(self)).get(name);
        // One that came back is no longer what its end says.
        let composed = composed.filter(|it| (it.kind == ChangeKind::Removed) == (status == HookStatus::Removed));
        HookFate { status, before, after, replacements: self.replacements(name, status), changes, composed }
    }

    /// The first release of the way that has a hook which the target release has and the old one has not.
    #[must_use]
    pub fn hook_added_in(&self, name: &str) -> Option<Version> {
        if self.old_release().hook(name).is_some() || self.new_release().hook(name).is_none() {
            return None;
        }
        self.passed.iter().find(|it| it.release.get().hook(name).is_some()).map(|it| it.version)
    }

    /// The release in which handlers of a hook last had to change: the hook, or what took its place.
    #[must_use]
    pub fn handlers_changed_in(&self, name: &str) -> Option<Version> {
        let (mut hook, mut last) = (name, None);
        for step in &self.steps {
            let Some(change) = entry(step, hook).filter(|it| it.kind != ChangeKind::Added) else { continue };
            last = Some(step.to);
            match compose::successor(change) {
                Some(next) => hook = next,
                None => break,
            }
        }
        last
    }

    /// What each step of the way (from the first release to the second one) says about a hook, in their order.
    pub fn history<'u>(&'u self, name: &str) -> impl Iterator<Item = ((Version, Version), &'u HookChange)> {
        let releases = |at: usize| (self.steps[at].from, self.steps[at].to);
        self.hook_entries(name).map(move |(at, change)| (releases(at), change))
    }

    /// The entries about a hook, each with the index of its step, in the order of steps.
    fn hook_entries<'u>(&'u self, name: &str) -> impl Iterator<Item = (usize, &'u HookChange)> {
        // Of most hooks no step says a word, and every registration asks several times.
        let entries = self.hooks.get_or_init(|| {
            let mut entries: FxHashMap<String, Vec<(usize, usize)>> = FxHashMap::default();
            for (at, step) in self.steps.iter().enumerate() {
                for (entry, change) in step.changes.get().hooks.iter().enumerate() {
                    entries.entry(change.hook.clone()).or_default().push((at, entry));
                }
            }
            entries
        });
        let found = entries.get(name).map_or(&[][..], Vec::as_slice);
        found.iter().map(|&(at, entry)| (at, &self.steps[at].changes.get().hooks[entry]))
    }

    /// All hooks that are not the same in both releases, sorted by name.
    #[must_use]
    pub fn changes(&self) -> Vec<HookFate<'_>> {
        let hooks = self.old_release().hooks.iter().chain(&self.new_release().hooks);
        let mut names: Vec<&str> = hooks.map(|hook| hook.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        let fates = names.into_iter().map(|name| self.fate(name));
        fates.filter(|fate| fate.status != HookStatus::Unchanged).collect()
    }

    /// The hook, of either release, that somebody who wrote this name may have meant.
    #[must_use]
    pub fn suggest(&self, name: &str) -> Option<&str> {
        let hooks = self.new_release().hooks.iter().chain(&self.old_release().hooks);
        closest(name, hooks.map(|hook| hook.name.as_str()))
    }

    fn replacements<'u>(&'u self, name: &str, status: HookStatus) -> Vec<Successor<'u>> {
        let mut successors = Vec::new();
        for (at, change) in self.hook_entries(name) {
            // A hook that came back needs no other in its place.
            if change.kind == ChangeKind::Removed && status != HookStatus::Removed {
                continue;
            }
            for replacement in &change.replacements {
                self.follow(replacement, at + 1, replacement, &mut successors);
            }
        }
        successors
    }

    /// Follows a replacement through the steps behind the one that named it: it may itself have been replaced.
    /// `first` is what the handler's own hook was replaced with, which knows whom it serves.
    fn follow<'u>(
        &'u self,
        replacement: &'u Replacement,
        next: usize,
        first: &'u Replacement,
        successors: &mut Vec<Successor<'u>>,
    ) {
        let mut later = Vec::new();
        for (at, change) in self.hook_entries(&replacement.hook).filter(|&(at, _)| at >= next) {
            if change.kind == ChangeKind::Removed {
                for replacement in &change.replacements {
                    self.follow(replacement, at + 1, first, successors);
                }
                return;
            }
            later.push(change);
        }
        // Without an entry about its end it must still be there; a hook that is not is no advice.
        let Some(hook) = self.new_release().hook(&replacement.hook) else {
            return;
        };
        let or_first = |own: &'u str, first: &'u str| if own.is_empty() { first } else { own };
        let successor = Successor {
            hook,
            serves: or_first(&replacement.serves, &first.serves),
            priority: replacement.priority.or(first.priority),
            note: or_first(&replacement.note, &first.note),
            later,
        };
        let known = |other: &Successor<'_>| other.hook.name == hook.name && other.serves == successor.serves;
        if !successors.iter().any(known) {
            successors.push(successor);
        }
    }
}

pub(super) fn entry<'u>(step: &'u Step, name: &str) -> Option<&'u HookChange> {
    let hooks = &step.changes.get().hooks;
    let at = hooks.binary_search_by(|change| change.hook.as_str().cmp(name));
    at.ok().map(|at| &hooks[at])
}

/// The releases decide whether the hook is there; the entries decide whether it is the same.
fn status(before: bool, after: bool, changes: &[&HookChange]) -> HookStatus {
    match (before, after) {
        (false, false) => HookStatus::Unknown,
        (false, true) => HookStatus::Added,
        (true, false) => HookStatus::Removed,
        (true, true) if changes.is_empty() => HookStatus::Unchanged,
        (true, true) if changes.iter().all(|change| change.kind == ChangeKind::Meaning) => HookStatus::Meaning,
        (true, true) => HookStatus::Changed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::testing::{V1_0, V1_1, V1_2, catalog};

    #[test]
    fn one_step_gives_each_hook_its_entry() {
        let upgrade = catalog().upgrade(V1_0, V1_1).unwrap();
        let status = |name| upgrade.fate(name).status;
        assert_eq!(status("stable"), HookStatus::Unchanged);
        assert_eq!(status("packet"), HookStatus::Changed);
        assert_eq!(status("old_hook"), HookStatus::Removed);
        assert_eq!(status("login"), HookStatus::Meaning);
        assert_eq!(status("new_hook"), HookStatus::Added);
        assert_eq!(status("newer_hook"), HookStatus::Unknown);
        let fate = upgrade.fate("old_hook");
        assert_eq!(fate.change().unwrap().kind, ChangeKind::Removed);
        assert!(fate.before.is_some() && fate.after.is_none());
        let successors: Vec<_> =
            fate.replacements.iter().map(|s| (s.hook.name.as_str(), s.serves, s.priority)).collect();
        assert_eq!(successors, [("new_hook", "", Some(5)), ("packet", "message", None)]);
        assert!(upgrade.fate("stable").change().is_none());
    }

    #[test]
    fn changes_are_all_hooks_that_differ() {
        let upgrade = catalog().upgrade(V1_0, V1_1).unwrap();
        let names: Vec<&str> = upgrade.changes().iter().map(|fate| fate.hook().unwrap().name.as_str()).collect();
        assert_eq!(names, ["login", "new_hook", "old_hook", "packet"]);
    }

    #[test]
    fn the_same_release_changes_nothing() {
        let upgrade = catalog().upgrade(V1_1, V1_1).unwrap();
        assert!(upgrade.changes().is_empty());
        assert_eq!(upgrade.fate("packet").status, HookStatus::Unchanged);
        assert_eq!(upgrade.fate("old_hook").status, HookStatus::Unknown);
    }

    #[test]
    fn two_steps_are_put_together() {
        let upgrade = catalog().upgrade(V1_0, V1_2).unwrap();
        let packet = upgrade.fate("packet");
        assert_eq!((packet.status, packet.changes.len()), (HookStatus::Changed, 2));
        assert_eq!(packet.change().unwrap().kind, ChangeKind::Changed);
        // Gone in the first step, back in the second: it is there, but not unchanged.
        let old_hook = upgrade.fate("old_hook");
        assert_eq!(old_hook.status, HookStatus::Changed);
        assert!(old_hook.replacements.is_empty());
        // Came and went on the way.
        assert_eq!(upgrade.fate("new_hook").status, HookStatus::Unknown);
        assert_eq!(upgrade.fate("newer_hook").status, HookStatus::Added);
    }

    #[test]
    fn the_releases_of_changes_are_known() {
        let upgrade = catalog().upgrade(V1_0, V1_2).unwrap();
        assert_eq!(upgrade.handlers_changed_in("stable"), None);
        assert_eq!(upgrade.handlers_changed_in("packet"), Some(V1_2));
        assert_eq!(upgrade.handlers_changed_in("login"), Some(V1_1));
        // What took its place changed once more.
        assert_eq!(upgrade.handlers_changed_in("old_hook"), Some(V1_2));
        assert_eq!(upgrade.hook_added_in("newer_hook"), Some(V1_2));
        // It was there before, or is not in the end.
        assert_eq!(upgrade.hook_added_in("packet"), None);
        assert_eq!(upgrade.hook_added_in("new_hook"), None);
        let upgrade = catalog().upgrade(V1_0, V1_1).unwrap();
        assert_eq!(upgrade.handlers_changed_in("old_hook"), Some(V1_1));
        assert_eq!(upgrade.hook_added_in("new_hook"), Some(V1_1));
    }

    #[test]
    fn modules_come_with_a_release() {
        let catalog = crate::catalog::Catalog::embedded();
        let version = |text: &str| text.parse::<Version>().unwrap();
        let upgrade = catalog.upgrade(version("5.1.0"), version("6.8.0")).unwrap();
        assert_eq!(upgrade.module_added_in("mod_muc_light_api"), Some(version("6.0.0")));
        assert_eq!(upgrade.module_added_in("mongoose_c2s"), Some(version("6.1.0")));
        assert_eq!(upgrade.module_added_in("mongoose_acc"), None);
        assert_eq!(upgrade.module_added_in("mod_of_a_team"), None);
    }

    #[test]
    fn a_replacement_that_was_itself_replaced_is_followed() {
        let mut catalog = catalog();
        // Without its return in 1.2.0.
        let newest = catalog.releases.pop().unwrap();
        let mut release = newest.release.get().clone();
        release.hooks.retain(|hook| hook.name != "old_hook");
        let mut changes = catalog.steps[1].changes.get().clone();
        changes.hooks.retain(|change| change.hook != "old_hook");
        let parts = crate::catalog::Parts {
            releases: vec![
                (V1_0, catalog.release(V1_0).unwrap().clone()),
                (V1_1, catalog.release(V1_1).unwrap().clone()),
                (V1_2, release),
            ],
            apis: Vec::new(),
            changes: vec![((V1_0, V1_1), catalog.steps[0].changes.get().clone()), ((V1_1, V1_2), changes)],
        };
        let upgrade = crate::catalog::Catalog::from_parts(parts).upgrade(V1_0, V1_2).unwrap();
        let fate = upgrade.fate("old_hook");
        assert_eq!(fate.status, HookStatus::Removed);
        let successors: Vec<_> =
            fate.replacements.iter().map(|s| (s.hook.name.as_str(), s.priority, s.later.len())).collect();
        // The priority was given for the first replacement and holds for its successor; what packet has become
        // since is told with it.
        assert_eq!(successors, [("newer_hook", Some(5), 0), ("packet", None, 1)]);
        assert_eq!(fate.replacements[0].note, "Runs before the privacy check.");
    }

    #[test]
    fn a_name_of_either_release_is_suggested() {
        let upgrade = catalog().upgrade(V1_0, V1_1).unwrap();
        assert_eq!(upgrade.suggest("old_hok"), Some("old_hook"));
        assert_eq!(upgrade.suggest("new_hok"), Some("new_hook"));
        assert_eq!(upgrade.suggest("acme"), None);
    }
}
