//! The known releases and the steps between them, each unpacked when it is first asked for.

use std::fmt;
use std::sync::{Arc, OnceLock};

use serde::de::DeserializeOwned;

use super::delta::ApiDelta;
use super::files::{Parts, sort_release};
use super::model::{Api, Changes, Hook, Positional, Release, ServerHandler};
use super::version::Version;
use crate::suggest::closest;

/// What the build script packed.
mod packed {
    use super::{PackedRelease, PackedStep};

    include!(concat!(env!("OUT_DIR"), "/catalog.rs"));
}

struct PackedRelease {
    version: Version,
    release: &'static [u8],
    api: Option<&'static [u8]>,
}

struct PackedStep {
    from: Version,
    to: Version,
    changes: &'static [u8],
    delta: Option<&'static [u8]>,
    ends_positional: bool,
}

/// A part of the catalog: packed until it is first asked for, or there from the start.
pub(super) struct Part<T> {
    packed: &'static [u8],
    value: OnceLock<T>,
}

impl<T> Part<T> {
    fn packed(packed: &'static [u8]) -> Arc<Self> {
        Arc::new(Self { packed, value: OnceLock::new() })
    }

    pub(super) fn given(value: T) -> Arc<Self> {
        Arc::new(Self { packed: &[], value: OnceLock::from(value) })
    }

    #[cfg(test)]
    pub(super) fn is_unpacked(&self) -> bool {
        self.value.get().is_some()
    }
}

impl<T: DeserializeOwned> Part<T> {
    pub(super) fn get(&self) -> &T {
        self.value.get_or_init(|| {
            // The build script packed this very type, compiled from the same file, and wrote the bytes into
            // the program: they cannot fail to unpack unless the program itself is damaged.
            postcard::from_bytes(self.packed).expect("the catalog was packed by the build script")
        })
    }
}

/// One release, unpacked part by part.
#[derive(Clone)]
pub(super) struct KnownRelease {
    pub(super) version: Version,
    pub(super) release: Arc<Part<Release>>,
    pub(super) api: Option<Arc<Part<Api>>>,
}

/// The described changes from one release to another.
#[derive(Clone)]
pub(super) struct Step {
    pub(super) from: Version,
    pub(super) to: Version,
    pub(super) changes: Arc<Part<Changes>>,
    pub(super) delta: Option<Arc<Part<ApiDelta>>>,
    /// Whether handlers take positional arguments before it and maps behind it: known without unpacking the changes.
    pub(super) ends_positional: bool,
}

/// The known releases and the described steps between them.
///
/// The one that hookshift brings along is [`Catalog::embedded`]; [`Catalog::from_parts`] makes one of files that
/// are read at run time. Both behave the same. Copies share what was unpacked.
#[derive(Clone)]
pub struct Catalog {
    /// In the order of their numbers.
    pub(super) releases: Vec<KnownRelease>,
    pub(super) steps: Vec<Step>,
}

impl fmt::Debug for Catalog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.releases().map(|release| release.to_string())).finish()
    }
}

impl Catalog {
    /// The catalog that hookshift brings along.
    #[must_use]
    pub fn embedded() -> &'static Self {
        static EMBEDDED: OnceLock<Catalog> = OnceLock::new();
        EMBEDDED.get_or_init(|| {
            let release = |packed: &PackedRelease| KnownRelease {
                version: packed.version,
                release: Part::packed(packed.release),
                api: packed.api.map(Part::packed),
            };
            let step = |packed: &PackedStep| Step {
                from: packed.from,
                to: packed.to,
                changes: Part::packed(packed.changes),
                delta: packed.delta.map(Part::packed),
                ends_positional: packed.ends_positional,
            };
            Self {
                releases: packed::RELEASES.iter().map(release).collect(),
                steps: packed::STEPS.iter().map(step).collect(),
            }
        })
    }

    /// A catalog of the given releases and changes, in whatever order they come.
    #[must_use]
    pub fn from_parts(parts: Parts) -> Self {
        let Parts { releases, mut apis, changes } = parts;
        let mut releases: Vec<KnownRelease> = releases
            .into_iter()
            .map(|(version, mut release)| {
                sort_release(&mut release);
                let api = apis.iter().position(|(known, _)| *known == version);
                let api = api.map(|at| Part::given(apis.swap_remove(at).1));
                KnownRelease { version, release: Part::given(release), api }
            })
            .collect();
        releases.sort_by_key(|known| known.version);
        let steps = changes
            .into_iter()
            .map(|((from, to), mut changes)| {
                changes.hooks.sort_by(|a, b| a.hook.cmp(&b.hook));
                let ends_positional = !changes.positional.is_empty();
                Step { from, to, changes: Part::given(changes), delta: None, ends_positional }
            })
            .collect();
        Self { releases, steps }
    }

    /// The known releases, oldest first.
    pub fn releases(&self) -> impl ExactSizeIterator<Item = Version> + DoubleEndedIterator {
        self.releases.iter().map(|known| known.version)
    }

    /// The oldest known release; `None` when the catalog is empty.
    #[must_use]
    pub fn oldest(&self) -> Option<Version> {
        self.releases().next()
    }

    /// The newest known release; `None` when the catalog is empty.
    #[must_use]
    pub fn newest(&self) -> Option<Version> {
        self.releases().next_back()
    }

    /// The steps that are described: from each first release to each second one.
    pub fn steps(&self) -> impl ExactSizeIterator<Item = (Version, Version)> {
        self.steps.iter().map(|step| (step.from, step.to))
    }

    /// The hooks of a release.
    #[must_use]
    pub fn release(&self, version: Version) -> Option<&Release> {
        self.known(version).map(|known| known.release.get())
    }

    /// What the modules of a release export and its headers declare.
    #[must_use]
    pub fn api(&self, version: Version) -> Option<&Api> {
        self.known(version)?.api.as_ref().map(|api| api.get())
    }

    /// How a handler of the hook took its arguments before there were parameter maps; `None` when nothing is known of it.
    #[must_use]
    pub fn positional(&self, hook: &str) -> Option<&Positional> {
        let mut all = self.steps.iter().filter(|step| step.ends_positional).map(|step| &step.changes.get().positional);
        all.find_map(|known| known.iter().find(|it| it.hook == hook))
    }

    /// Whether a function, of the server or of a library that it brings, is known to return nothing that stopped a hook when
    /// handlers had bare results.
    #[must_use]
    pub fn never_stops(&self, module: &str, function: &str) -> bool {
        let is_it = |name: &str| name.split_once(':') == Some((module, function));
        let steps = self.steps.iter().filter(|step| step.ends_positional);
        steps.flat_map(|step| &step.changes.get().never_stop).any(|name| is_it(name))
    }

    /// The last release whose handlers took positional arguments, with the one that gave them maps.
    #[must_use]
    pub fn last_positional(&self) -> Option<(Version, Version)> {
        let step = self.steps.iter().find(|step| step.ends_positional)?;
        Some((step.from, step.to))
    }

    /// The release whose changes tell about code for this one: itself, or, for an older one or one beside it that took
    /// positional arguments as well, the last of these. For a patch release that is not known, the newest known one before it
    /// with the same first two numbers.
    #[must_use]
    pub fn stands_for(&self, release: Version) -> Version {
        match self.last_positional() {
            _ if self.known(release).is_some() => release,
            Some((last, since)) if release < since => last,
            _ => {
                let is_of_line = |known: &Version| (known.major, known.minor) == (release.major, release.minor);
                self.releases().filter(|known| is_of_line(known) && *known <= release).max().unwrap_or(release)
            }
        }
    }

    /// The names of the hooks of all releases, sorted, each once.
    #[must_use]
    pub fn hook_names(&self) -> Vec<&str> {
        let hooks = self.releases.iter().flat_map(|known| &known.release.get().hooks);
        let mut names: Vec<&str> = hooks.map(|hook| hook.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The releases that have a hook of this name, oldest first.
    #[must_use]
    pub fn releases_with(&self, hook: &str) -> Vec<Version> {
        let has = |known: &&KnownRelease| known.release.get().hook(hook).is_some();
        self.releases.iter().filter(has).map(|known| known.version).collect()
    }

    /// The hook, of any release, that somebody who wrote this name may have meant.
    #[must_use]
    pub fn suggest(&self, name: &str) -> Option<&str> {
        closest(name, self.hook_names())
    }

    pub(super) fn known(&self, version: Version) -> Option<&KnownRelease> {
        let at = self.releases.binary_search_by_key(&version, |known| known.version);
        at.ok().map(|at| &self.releases[at])
    }
}

impl Release {
    /// The hook of that name.
    #[must_use]
    pub fn hook(&self, name: &str) -> Option<&Hook> {
        let at = self.hooks.binary_search_by(|hook| hook.name.as_str().cmp(name));
        at.ok().map(|at| &self.hooks[at])
    }

    /// The server's own handlers of a hook, in the order in which they are called.
    #[must_use]
    pub fn handlers_of(&self, hook: &str) -> &[ServerHandler] {
        let start = self.handlers.partition_point(|handler| handler.hook.as_str() < hook);
        let rest = &self.handlers[start..];
        &rest[..rest.partition_point(|handler| handler.hook == hook)]
    }
}

impl Hook {
    /// The module of the function that runs the hook.
    #[must_use]
    pub fn module(&self) -> &str {
        self.run.split_once(':').map_or(self.run.as_str(), |(module, _)| module)
    }

    /// The keys of the parameter map, in source order.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &str> {
        self.parameters.iter().map(|parameter| parameter.key.as_str())
    }

    /// Whether handlers are called with positional arguments instead of a map.
    #[must_use]
    pub fn is_positional(&self) -> bool {
        self.parameters.is_empty() && !self.arguments.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{self, V0_9, V1_0, V1_1, V1_2};
    use super::*;

    #[test]
    fn releases_are_in_order_however_they_came() {
        let mut parts = Parts {
            releases: vec![(V1_1, testing::release_1_1()), (V1_0, testing::release_1_0())],
            ..Parts::default()
        };
        parts.releases[0].1.hooks.reverse();
        let catalog = Catalog::from_parts(parts);
        assert_eq!(catalog.releases().collect::<Vec<_>>(), [V1_0, V1_1]);
        assert_eq!((catalog.oldest(), catalog.newest()), (Some(V1_0), Some(V1_1)));
        assert!(catalog.release(V1_1).unwrap().hook("new_hook").is_some());
        assert!(catalog.release(V1_0).unwrap().hook("new_hook").is_none());
        assert!(catalog.release(V1_2).is_none());
        assert!(catalog.api(V1_0).is_none());
    }

    #[test]
    fn handlers_of_a_hook_are_those_of_that_name_only() {
        let release = testing::release_1_0();
        let priorities: Vec<u32> = release.handlers_of("packet").iter().map(|h| h.priority).collect();
        assert_eq!(priorities, [50, 90]);
        assert!(release.handlers_of("pack").is_empty());
        assert!(release.handlers_of("packets").is_empty());
    }

    #[test]
    fn names_of_all_releases_are_known_and_suggested() {
        let catalog = testing::catalog();
        assert_eq!(catalog.hook_names(), ["login", "new_hook", "newer_hook", "old_hook", "packet", "stable"]);
        assert_eq!(catalog.releases_with("old_hook"), [V1_0, V1_2]);
        assert!(catalog.releases_with("nothing").is_empty());
        assert_eq!(catalog.suggest("pakcet"), Some("packet"));
        assert_eq!(catalog.suggest("acme_billing"), None);
    }

    #[test]
    fn the_step_with_positional_arguments_is_known() {
        let catalog = testing::positional_catalog();
        assert_eq!(catalog.last_positional(), Some((V0_9, V1_0)));
        assert_eq!(catalog.positional("old_hook").unwrap().arguments, ["State"]);
        assert!(catalog.positional("new_hook").is_none());
        assert_eq!(testing::catalog().last_positional(), None);
    }

    #[test]
    fn a_packed_part_is_unpacked_when_asked_for_and_not_before() {
        let part: Arc<Part<Release>> = Part::packed(packed(&testing::release_1_0()));
        assert!(!part.is_unpacked());
        assert_eq!(*part.get(), testing::release_1_0());
        assert!(part.is_unpacked());
    }

    fn packed<T: serde::Serialize>(value: &T) -> &'static [u8] {
        postcard::to_stdvec(value).unwrap().leak()
    }

    fn packed_catalog() -> Catalog {
        let known = |version, release: &Release, api: &Api| KnownRelease {
            version,
            release: Part::packed(packed(release)),
            api: Some(Part::packed(packed(api))),
        };
        let (old, new) = (testing::api_1_0(), testing::api_1_1());
        Catalog {
            releases: vec![known(V1_0, &testing::release_1_0(), &old), known(V1_1, &testing::release_1_1(), &new)],
            steps: vec![Step {
                from: V1_0,
                to: V1_1,
                changes: Part::packed(packed(&testing::changes_1_0_to_1_1())),
                delta: Some(Part::packed(packed(&ApiDelta::between(&old, &new)))),
                ends_positional: false,
            }],
        }
    }

    #[test]
    fn an_upgrade_unpacks_what_its_questions_need() {
        let catalog = packed_catalog();
        let upgrade = catalog.upgrade(V1_0, V1_1).unwrap();
        assert!(!catalog.releases[0].release.is_unpacked());
        assert!(!catalog.steps[0].changes.is_unpacked());
        assert!(upgrade.function_fate("lib", "lost", 1).is_some());
        assert!(catalog.steps[0].changes.is_unpacked());
        assert!(!catalog.releases[0].release.is_unpacked());
        assert!(upgrade.fate("packet").change().is_some());
        assert!(catalog.releases[0].release.is_unpacked());
        // The comparison of the two APIs was packed: neither of them is needed.
        for known in &catalog.releases {
            assert!(!known.api.as_ref().unwrap().is_unpacked());
        }
    }

    #[test]
    fn packed_and_given_parts_answer_alike() {
        let (packed, given) = (packed_catalog(), testing::catalog());
        let (packed, given) = (packed.upgrade(V1_0, V1_1).unwrap(), given.upgrade(V1_0, V1_1).unwrap());
        assert_eq!(packed.api_delta(), given.api_delta());
        assert_eq!(packed.changed_functions(), given.changed_functions());
        for hook in ["login", "new_hook", "old_hook", "packet", "stable", "other"] {
            let (packed, given) = (packed.fate(hook), given.fate(hook));
            assert_eq!(format!("{packed:?}"), format!("{given:?}"));
        }
    }

    #[test]
    fn every_kind_of_part_survives_packing() {
        fn same<T: serde::Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T) {
            assert_eq!(Part::<T>::packed(packed(value)).get(), value);
        }
        same(&testing::release_1_1());
        same(&testing::api_1_0());
        same(&testing::changes_1_0_to_1_1());
        same(&ApiDelta::between(&testing::api_1_0(), &testing::api_1_1()));
    }

    #[test]
    fn the_embedded_catalog_is_whole() {
        let catalog = Catalog::embedded();
        assert!(catalog.releases().is_sorted());
        for version in catalog.releases() {
            assert_eq!(catalog.release(version).unwrap().release, version.to_string());
            if let Some(api) = catalog.api(version) {
                assert_eq!(api.release, version.to_string());
            }
        }
        for step in &catalog.steps {
            let changes = step.changes.get();
            assert_eq!(changes.from, step.from.to_string());
            assert_eq!(changes.to, step.to.to_string());
        }
    }
}
