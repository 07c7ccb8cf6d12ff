//! What becomes of hooks and functions on the way from one release to another.

mod api;
mod arguments;
mod compose;
mod config;
mod final_code;
mod hooks;
mod metrics;
mod outlived;

use std::fmt;
use std::sync::OnceLock;

use rustc_hash::{FxHashMap, FxHashSet};

pub use api::{FunctionFate, FunctionStatus, HeaderFate, RecordFate};
pub use arguments::ArgumentFate;
pub use config::{ConfigFate, ConfigName};
pub use hooks::{HookFate, HookStatus, Successor};

use super::delta::ApiDelta;
use super::known::{Catalog, KnownRelease, Step};
use super::model::{Changes, ConfigKind, MetricChange, Release};
use super::version::Version;

/// The way from one release to another, along the described steps between them.
///
/// Making one costs next to nothing: releases, changes and the comparison of the APIs are unpacked when a
/// question first needs them.
pub struct Upgrade {
    catalog: Catalog,
    from: KnownRelease,
    to: KnownRelease,
    /// In the order in which they follow each other; none when both releases are the same.
    steps: Vec<Step>,
    /// The releases to which the steps lead, one for each step.
    passed: Vec<KnownRelease>,
    /// The comparison of the APIs when no step has it ready.
    compared: OnceLock<ApiDelta>,
    added_modules: OnceLock<Vec<(String, Version)>>,
    /// Where entries about hooks stand, by name: indices of step and entry, in the order of steps.
    hooks: OnceLock<FxHashMap<String, Vec<(usize, usize)>>>,
    /// Where entries about functions stand, by module: indices of step and entry.
    functions: OnceLock<FxHashMap<String, Vec<(usize, usize)>>>,
    /// What several steps say of the same hook, put together.
    composed: OnceLock<compose::Composed>,
    /// Entries about functions and their like that are others on this way than on their step.
    outlived: OnceLock<outlived::Outlived>,
    config: OnceLock<Vec<ConfigFate>>,
    metrics: OnceLock<Vec<MetricChange>>,
}

/// Why there is no way from one release to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UpgradeError {
    /// The catalog does not have this release.
    UnknownRelease { release: Version, known: Vec<Version> },
    /// The target release is older.
    Downgrade { from: Version, to: Version },
    /// No described steps lead from one to the other.
    NoSteps { from: Version, to: Version, steps: Vec<(Version, Version)> },
}

impl fmt::Display for UpgradeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownRelease { release, known } if known.is_empty() => {
                write!(f, "release {release} is not in the catalog, which is empty")
            }
            Self::UnknownRelease { release, known } => {
                write!(f, "release {release} is not in the catalog; it has {}", list(known))
            }
            Self::Downgrade { from, to } => {
                write!(f, "{to} is older than {from}: hookshift upgrades, it does not go back")
            }
            Self::NoSteps { from, to, steps } if steps.is_empty() => {
                write!(f, "the changes from {from} to {to} are not described; the catalog describes none yet")
            }
            Self::NoSteps { from, to, steps } => {
                let steps: Vec<String> = steps.iter().map(|(from, to)| format!("{from} to {to}")).collect();
                write!(f, "the changes from {from} to {to} are not described; those from {} are", list(&steps))
            }
        }
    }
}

impl std::error::Error for UpgradeError {}

/// `a`, `a and b`, `a, b and c`.
fn list<T: fmt::Display>(items: &[T]) -> String {
    let mut words: Vec<String> = items.iter().map(T::to_string).collect();
    let last = words.pop().unwrap_or_default();
    if words.is_empty() { last } else { format!("{} and {last}", words.join(", ")) }
}

impl Catalog {
    /// The way from one release to another; from a release to itself it is a way without changes.
    ///
    /// # Errors
    /// See [`UpgradeError`].
    pub fn upgrade(&self, from: Version, to: Version) -> Result<Upgrade, UpgradeError> {
        let known = |release| self.known(release).cloned().ok_or_else(|| self.unknown(release));
        let (old, new) = (known(from)?, known(to)?);
        if to < from {
            return Err(UpgradeError::Downgrade { from, to });
        }
        let steps =
            self.path(from, to).ok_or_else(|| UpgradeError::NoSteps { from, to, steps: self.steps().collect() })?;
        let passed: Result<Vec<KnownRelease>, UpgradeError> = steps.iter().map(|step| known(step.to)).collect();
        Ok(Upgrade {
            catalog: self.clone(),
            from: old,
            to: new,
            passed: passed?,
            steps,
            compared: OnceLock::new(),
            added_modules: OnceLock::new(),
            hooks: OnceLock::new(),
            functions: OnceLock::new(),
            composed: OnceLock::new(),
            outlived: OnceLock::new(),
            config: OnceLock::new(),
            metrics: OnceLock::new(),
        })
    }

    /// The hooks of a release.
    ///
    /// # Errors
    /// [`UpgradeError::UnknownRelease`].
    pub fn require(&self, version: Version) -> Result<&Release, UpgradeError> {
        self.release(version).ok_or_else(|| self.unknown(version))
    }

    fn unknown(&self, release: Version) -> UpgradeError {
        UpgradeError::UnknownRelease { release, known: self.releases().collect() }
    }

    /// The fewest described steps that lead from one release to the other: where somebody described the whole way
    /// in one file, that is meant. Breadth first.
    fn path(&self, from: Version, to: Version) -> Option<Vec<Step>> {
        let mut ways: Vec<(Version, Vec<Step>)> = vec![(from, Vec::new())];
        let mut seen = FxHashSet::default();
        while !ways.is_empty() {
            let mut longer = Vec::new();
            for (at, way) in ways {
                if at == to {
                    return Some(way);
                }
                if !seen.insert(at) {
                    continue;
                }
                let next = self.steps.iter().filter(|step| step.from == at && step.to <= to);
                longer.extend(next.map(|step| {
                    let mut way = way.clone();
                    way.push(step.clone());
                    (step.to, way)
                }));
            }
            ways = longer;
        }
        None
    }
}

impl Upgrade {
    /// The way between two releases of the catalog that hookshift brings along.
    ///
    /// # Errors
    /// See [`UpgradeError`].
    pub fn between(from: Version, to: Version) -> Result<Self, UpgradeError> {
        Catalog::embedded().upgrade(from, to)
    }

    /// The catalog that it is a way through.
    #[must_use]
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// The release that the code was written for.
    #[must_use]
    pub fn from(&self) -> Version {
        self.from.version
    }

    /// The release that the code is to run on.
    #[must_use]
    pub fn to(&self) -> Version {
        self.to.version
    }

    /// The hooks of the release that the code was written for.
    #[must_use]
    pub fn old_release(&self) -> &Release {
        self.from.release.get()
    }

    /// The hooks of the release that the code is to run on.
    #[must_use]
    pub fn new_release(&self) -> &Release {
        self.to.release.get()
    }

    /// What became of the server's configuration, for one of the old release, however many steps had a part in it.
    pub fn config_changes(&self) -> impl Iterator<Item = &ConfigFate> {
        self.config.get_or_init(|| config::all(self)).iter()
    }

    /// Those of one kind.
    pub fn config_changes_of(&self, kind: ConfigKind) -> impl Iterator<Item = &ConfigFate> {
        self.config_changes().filter(move |fate| fate.change.kind == kind)
    }

    /// What became of metrics, the counters of hooks that are gone aside.
    pub fn metric_changes(&self) -> impl Iterator<Item = &MetricChange> {
        self.metrics.get_or_init(|| metrics::all(self)).iter()
    }

    /// Modules of the old release that keep what users would miss in Mnesia, unless another backend is chosen. `None` when
    /// that is not described.
    #[must_use]
    pub fn kept_in_mnesia(&self) -> Option<&[String]> {
        let known = &self.steps.first()?.changes.get().kept_in_mnesia;
        (!known.is_empty()).then_some(known)
    }

    /// The hooks that the target release does not run any more, whose counters are gone with them.
    pub fn removed_hooks(&self) -> impl Iterator<Item = &str> {
        let is_gone = |name: &&str| self.fate(name).status == HookStatus::Removed;
        self.old_release().hooks.iter().map(|hook| hook.name.as_str()).filter(is_gone)
    }

    /// What is described of each step of the way, in their order.
    pub fn described(&self) -> impl ExactSizeIterator<Item = ((Version, Version), &Changes)> {
        self.steps.iter().map(|step| ((step.from, step.to), step.changes.get()))
    }

    /// The described steps of the way, in their order.
    pub fn steps(&self) -> impl ExactSizeIterator<Item = (Version, Version)> {
        self.steps.iter().map(|step| (step.from, step.to))
    }
}

impl fmt::Debug for Upgrade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Upgrade({} to {})", self.from(), self.to())
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{V1_0, V1_1, V1_2, catalog};
    use super::*;

    fn error(from: Version, to: Version) -> String {
        catalog().upgrade(from, to).unwrap_err().to_string()
    }

    #[test]
    fn what_cannot_be_upgraded_is_said_plainly() {
        assert_eq!(
            error(V1_0, Version::new(2, 0, 0)),
            "release 2.0.0 is not in the catalog; it has 1.0.0, 1.1.0 and 1.2.0"
        );
        assert_eq!(error(V1_1, V1_0), "1.0.0 is older than 1.1.0: hookshift upgrades, it does not go back");
        let mut catalog = catalog();
        catalog.steps.remove(0);
        let error = catalog.upgrade(V1_0, V1_2).unwrap_err().to_string();
        assert_eq!(error, "the changes from 1.0.0 to 1.2.0 are not described; those from 1.1.0 to 1.2.0 are");
        catalog.steps.clear();
        let error = catalog.upgrade(V1_0, V1_1).unwrap_err().to_string();
        assert_eq!(error, "the changes from 1.0.0 to 1.1.0 are not described; the catalog describes none yet");
    }

    #[test]
    fn the_way_leads_along_neighbouring_steps() {
        let catalog = catalog();
        let steps = |from, to| catalog.upgrade(from, to).unwrap().steps().collect::<Vec<_>>();
        assert_eq!(steps(V1_0, V1_2), [(V1_0, V1_1), (V1_1, V1_2)]);
        assert_eq!(steps(V1_1, V1_2), [(V1_1, V1_2)]);
        assert_eq!(steps(V1_1, V1_1), []);
    }

    #[test]
    fn a_step_that_was_described_as_a_whole_is_preferred() {
        let mut catalog = catalog();
        let mut whole = catalog.steps[0].clone();
        whole.to = V1_2;
        catalog.steps.push(whole);
        let upgrade = catalog.upgrade(V1_0, V1_2).unwrap();
        assert_eq!(upgrade.steps().collect::<Vec<_>>(), [(V1_0, V1_2)]);
    }
}
