//! What a run is asked to do: the input of the analysis, with every default already decided.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::bounds::Bounds;
use super::server_config::ServerConfig;
use crate::catalog::{Catalog, Scope, Upgrade, UpgradeError, Version};
use crate::finding::{Mfa, Severity};
use crate::source::Overlay;

/// Everything that the analysis needs to know.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Files to read, sorted, each once.
    pub files: Vec<PathBuf>,
    /// A file whose text came through standard input; it stands for what is on disk under its path, and is not
    /// among `files`.
    pub stdin: Option<StdinFile>,
    /// The release that the code is written for, as in `6.0.0`.
    pub from: String,
    /// Nobody said so: where code shows that it is older, that counts.
    pub from_is_guess: bool,
    /// The release that it shall run on.
    pub to: String,
    /// Which rules are wanted. Rules that are not need not run; what they find is dropped in any case.
    pub rules: RuleSelection,
    /// What is known of releases, where the project has files of its own about them.
    pub catalog: Option<Arc<Catalog>>,
    /// Hooks that the project itself defines and runs.
    pub hooks: Vec<CustomHook>,
    /// Macro definitions as with `erlc -DNAME=VALUE`: the name, and its replacement as Erlang source.
    pub macros: BTreeMap<String, String>,
    /// Directories in which headers are looked up, besides the file's own and the project's.
    pub include_paths: Vec<PathBuf>,
    /// Where the project may lead: what lies outside is not read because its code says so.
    pub bounds: Bounds,
    /// The server's own configurations, as far as they are known.
    pub server_configs: Vec<ServerConfig>,
    /// What releases put into templates of them, as far as it was found among the files.
    pub template_vars: Vec<PathBuf>,
    /// Dashboards, rules for alerts and other texts in which metrics are named.
    pub metric_files: Vec<PathBuf>,
    /// How many threads to use; as many as there are processors when not given.
    pub threads: Option<NonZeroUsize>,
    /// Look closely at every file, also at those without any word of the hook API.
    pub no_prefilter: bool,
    /// Say what code to write, too, which takes a closer look at handlers.
    pub fixes: bool,
    /// List every registration, too.
    pub inventory: bool,
    /// Texts in place of what is on disk.
    pub overlay: Overlay,
    /// What an earlier analysis of the same code knew, before fixes were applied.
    pub earlier: Option<Arc<Earlier>>,
    /// Where the analysis says how far it is.
    pub progress: Arc<Progress>,
    /// The ways between releases that were asked for so far.
    pub ways: Ways,
}

impl Options {
    /// What is known of releases.
    #[must_use]
    pub fn catalog(&self) -> &Catalog {
        match &self.catalog {
            Some(catalog) => catalog,
            None => Catalog::embedded(),
        }
    }

    /// The way from one release to another. It is the same one for all who ask with these options or copies of them, so that
    /// what is found out about it once need not be found out again by the next analysis.
    ///
    /// # Errors
    /// There is no described way.
    pub fn upgrade(&self, from: Version, to: Version) -> Result<Arc<Upgrade>, UpgradeError> {
        let mut ways = self.ways.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_it = |way: &Way| {
            let same_catalog = match (&way.catalog, &self.catalog) {
                (None, None) => true,
                (Some(one), Some(other)) => Arc::ptr_eq(one, other),
                _ => false,
            };
            same_catalog && (way.upgrade.from(), way.upgrade.to()) == (from, to)
        };
        if let Some(way) = ways.iter().find(|way| is_it(way)) {
            return Ok(Arc::clone(&way.upgrade));
        }
        let upgrade = Arc::new(self.catalog().upgrade(from, to)?);
        ways.push(Way { catalog: self.catalog.clone(), upgrade: Arc::clone(&upgrade) });
        Ok(upgrade)
    }
}

/// Ways between releases that were taken already, each with the catalog in which it is one. There are as many as there are questions,
/// which for all stages of a fix are a few.
#[derive(Clone, Debug, Default)]
pub struct Ways(Arc<Mutex<Vec<Way>>>);

#[derive(Debug)]
struct Way {
    /// As in [`Options::catalog`].
    catalog: Option<Arc<Catalog>>,
    upgrade: Arc<Upgrade>,
}

/// What was known of code before fixes were applied to it. A module that calls what only a later release has is taken
/// to be written for it; half-fixed code would be, too, and what is left to fix in it would no longer be seen.
#[derive(Clone, Debug, Default)]
pub struct Earlier {
    /// Modules by path, with the releases that they were written for.
    pub written_for: BTreeMap<PathBuf, Version>,
    /// Handlers on hooks that fixes have rewritten since.
    pub settled: BTreeSet<(String, Mfa)>,
}

/// A file that is read from standard input.
#[derive(Clone, Debug)]
pub struct StdinFile {
    pub path: PathBuf,
    pub bytes: Vec<u8>,
}

/// Which rules may speak, and how loudly.
#[derive(Clone, Debug, Default)]
pub struct RuleSelection {
    /// Only these, when given.
    pub select: Option<BTreeSet<String>>,
    /// Not these, even when they are selected.
    pub ignore: BTreeSet<String>,
    /// Severities in place of the rules' own.
    pub severity: BTreeMap<String, Severity>,
}

impl RuleSelection {
    /// Sets the severity of a rule; `None` is off.
    pub fn set(&mut self, rule: &str, level: Option<Severity>) {
        match level {
            Some(level) => drop(self.severity.insert(rule.to_owned(), level)),
            None => drop(self.ignore.insert(rule.to_owned())),
        }
    }

    /// Takes what somebody asks for who wins over the configuration: what is selected replaces what that wants, and what is
    /// ignored is ignored besides.
    pub fn override_with(&mut self, select: &[String], ignore: &[String]) {
        if !select.is_empty() {
            self.select = Some(select.iter().cloned().collect());
            self.ignore.clear();
        }
        self.ignore.extend(ignore.iter().cloned());
    }

    #[must_use]
    pub fn enabled(&self, rule: &str) -> bool {
        let selected = self.select.as_ref().is_none_or(|only| only.contains(rule));
        selected && !self.ignore.contains(rule)
    }

    /// Whether a rule is asked for by name, and not ignored.
    #[must_use]
    pub fn selected(&self, rule: &str) -> bool {
        self.select.as_ref().is_some_and(|only| only.contains(rule)) && !self.ignore.contains(rule)
    }

    /// The severity that a finding of a rule gets, or `None` when the rule is off.
    #[must_use]
    pub fn severity(&self, rule: &str, own: Severity) -> Option<Severity> {
        self.enabled(rule).then(|| self.severity.get(rule).copied().unwrap_or(own))
    }
}

/// A hook that the configuration file declares. What it does not say is unknown, and not checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomHook {
    pub name: String,
    pub scope: Option<Scope>,
    /// The keys of the parameter map.
    pub parameters: Option<Vec<String>>,
    /// The accumulator's type, as in `mongoose_acc:t()`.
    pub accumulator: Option<String>,
    /// Where it is declared: the configuration file and its 1-based line.
    pub path: PathBuf,
    pub line: usize,
}

/// How far a run is. Written by the analysis from any thread, read by whoever draws a progress bar.
#[derive(Debug, Default)]
pub struct Progress {
    total: AtomicUsize,
    done: AtomicUsize,
}

impl Progress {
    /// Says how many steps there will be.
    pub fn start(&self, total: usize) {
        self.total.store(total, Ordering::Relaxed);
    }

    /// Says that one more step is done.
    pub fn advance(&self) {
        self.done.fetch_add(1, Ordering::Relaxed);
    }

    /// Steps done, and steps in all.
    #[must_use]
    pub fn state(&self) -> (usize, usize) {
        let done = self.done.load(Ordering::Relaxed);
        (done, self.total.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selection(select: Option<&[&str]>, ignore: &[&str]) -> RuleSelection {
        let set = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        RuleSelection {
            select: select.map(set),
            ignore: set(ignore),
            severity: BTreeMap::from([("a".to_owned(), Severity::Info)]),
        }
    }

    #[test]
    fn copies_of_options_take_the_same_way() {
        let options = Options::default();
        let (from, to) = (Version::new(6, 0, 0), Version::new(6, 1, 0));
        let first = options.upgrade(from, to).unwrap();
        assert!(Arc::ptr_eq(&first, &options.clone().upgrade(from, to).unwrap()));
        assert!(!Arc::ptr_eq(&first, &Options::default().upgrade(from, to).unwrap()));
        // Another question, and another catalog, have another answer.
        assert_eq!(options.upgrade(from, Version::new(6, 2, 0)).unwrap().to(), Version::new(6, 2, 0));
        let own = Options { catalog: Some(Arc::new(Catalog::embedded().clone())), ..options.clone() };
        let way = own.upgrade(from, to).unwrap();
        assert!(!Arc::ptr_eq(&first, &way) && Arc::ptr_eq(&way, &own.upgrade(from, to).unwrap()));
        assert!(options.upgrade(to, from).is_err());
    }

    #[test]
    fn everything_is_on_until_something_is_said() {
        let rules = selection(None, &[]);
        assert_eq!(rules.severity("a", Severity::Error), Some(Severity::Info));
        assert_eq!(rules.severity("b", Severity::Error), Some(Severity::Error));
    }

    #[test]
    fn ignoring_wins_over_selecting() {
        let rules = selection(Some(&["a", "b"]), &["b"]);
        assert!(rules.enabled("a"));
        assert_eq!(rules.severity("b", Severity::Error), None);
        assert_eq!(rules.severity("c", Severity::Error), None);
    }
}
