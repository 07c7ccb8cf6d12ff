//! A project that is kept in memory, and analysed again and again while its files change.
//!
//! Each run goes the same way as that of [`check`](super::check), and takes what it finds out already from the runs before:
//! of each module, what it registers and what is to be said about it, as long as no file changed that was asked for it.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::analysis::{self, Skipped, set_severities};
use super::candidates::{Candidate, Looked};
use super::follow::{Analysed, first_legacy};
use super::judge::{Judged, deduplicate, judge_config, judge_module};
use super::memory::{Memory, shape, shape_of_all};
use super::suppress::suppress;
use super::{Check, modules_of, older_release};
use crate::catalog::{Upgrade, Version};
use crate::finding::{Finding, Place};
use crate::outline::Module;
use crate::project::modules::Modules;
use crate::project::options::Options;
use crate::project::prefilter::Prefilter;
use crate::project::registrations::{Index, Registration};
use crate::project::server_config::ServerConfig;
use crate::project::trace::trace;
use crate::rules::Context;
use crate::rules::suppressions::Commented;

/// A project in memory.
pub struct Workspace {
    options: Options,
    /// The way that the settings name, and the one from the last release with the old style of registrations.
    upgrade: Arc<Upgrade>,
    named: (Version, Version),
    prefilter: Prefilter,
    modules: Modules,
    memory: Memory,
    kept: Vec<Kept>,
    /// Configurations of the server that have changed since the last run.
    changed_configs: BTreeSet<PathBuf>,
}

/// One module as the last run saw it.
struct Kept {
    analysed: Analysed,
    judged: Arc<Judged>,
}

impl Kept {
    fn has_directives(&self) -> bool {
        !self.analysed.candidate.module.directives().is_empty()
    }
}

/// What a run made different.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// Files for which something else may be found now.
    pub files: BTreeSet<PathBuf>,
}

/// What is known of one module.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    pub module: &'a Arc<Module>,
    pub registrations: &'a [Registration],
    /// One for each of the registrations, in their order, with what they were resolved to.
    pub inventory: &'a [analysis::Registration],
}

impl Workspace {
    /// Takes note of the files that the options name; reads none of them.
    ///
    /// # Errors
    /// There is no described way from the one release to the other.
    pub fn open(options: Options) -> anyhow::Result<Self> {
        let named = (options.from.parse::<Version>()?, options.to.parse::<Version>()?);
        let options = Options { inventory: true, fixes: false, ..options };
        let modules = modules_of(&options);
        let upgrade = options.upgrade(named.0, named.1)?;
        let prefilter = Prefilter::new(&upgrade, |module| modules.has(module));
        let memory = Memory::of(options.files.len());
        let changed_configs = options.server_configs.iter().map(|it| it.path().to_path_buf()).collect();
        Ok(Self { options, upgrade, named, prefilter, modules, memory, kept: Vec::new(), changed_configs })
    }

    #[must_use]
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The way that the last run took.
    #[must_use]
    pub fn upgrade(&self) -> &Upgrade {
        &self.upgrade
    }

    #[must_use]
    pub fn modules(&self) -> &Modules {
        &self.modules
    }

    /// The number of a file, counted from 0 in the order of [`Options::files`].
    #[must_use]
    pub fn index_of(&self, path: &Path) -> Option<usize> {
        self.modules.index_of(path)
    }

    /// What the last run could not read.
    pub fn unreadable(&self) -> impl Iterator<Item = &Skipped> {
        self.memory.unreadable.values()
    }

    /// The text that an editor has of a file, when it has one.
    #[must_use]
    pub fn document(&self, file: usize) -> Option<&Arc<Module>> {
        self.memory.documents.get(&file)
    }

    /// All texts that an editor has, in the order of files.
    pub fn documents(&self) -> impl Iterator<Item = &Arc<Module>> {
        self.memory.documents.values()
    }

    /// The same project as a fresh analysis takes it, with the texts of the editor in place of those on disk.
    ///
    /// # Errors
    /// A text has a character that the encoding lacks which it declares, so that it could not be written: its path.
    pub fn snapshot(&self) -> Result<Options, PathBuf> {
        let mut options = Options { inventory: false, ..self.options.clone() };
        for document in self.documents() {
            let source = document.source();
            let bytes = source.encode(source.text()).ok_or_else(|| source.path().to_path_buf())?;
            options.overlay.insert(source.path().to_path_buf(), bytes);
        }
        Ok(options)
    }

    /// Lets a file be what an editor shows.
    pub fn set_document(&mut self, file: usize, module: &Arc<Module>) {
        self.memory.documents.insert(file, Arc::clone(module));
        self.memory.forget_file(file, Some(module.source().text()));
        self.modules.replace(file, Some(Arc::clone(module)));
    }

    /// Lets a file be what is on disk.
    pub fn close_document(&mut self, file: usize) {
        let Some(document) = self.memory.documents.remove(&file) else { return };
        // Nearly always it was saved before, and nothing has changed.
        match self.options.overlay.read(document.source().path()) {
            Ok(source) => {
                self.memory.forget_file(file, Some(source.text()));
                let same = source.text() == document.source().text();
                self.modules.replace(file, same.then_some(document));
            }
            Err(_) => self.reload(file),
        }
    }

    /// Lets a file be read again that has changed on disk.
    pub fn reload(&mut self, file: usize) {
        if self.memory.documents.contains_key(&file) {
            return;
        }
        self.memory.forget_file(file, None);
        self.modules.replace(file, None);
    }

    /// Lets a configuration of the server be this one, or be unknown.
    pub fn set_server_config(&mut self, path: &Path, config: Option<ServerConfig>) {
        let configs = &mut self.options.server_configs;
        let at = configs.iter().position(|it| it.path() == path);
        let same = match (at, &config) {
            (Some(at), Some(config)) => configs[at].enables_the_same(config),
            (None, None) => true,
            _ => false,
        };
        match (at, config) {
            (Some(at), Some(config)) => configs[at] = config,
            (Some(at), None) => drop(configs.remove(at)),
            (None, Some(config)) => {
                configs.push(config);
                configs.sort_by(|a, b| a.path().cmp(b.path()));
            }
            (None, None) => {}
        }
        self.changed_configs.insert(path.to_path_buf());
        if !same {
            // What modules there are is asked for all of them.
            self.memory.forget(self.options.files.len());
        }
    }

    /// Brings everything up to date.
    ///
    /// # Errors
    /// There is no described way from the release that the code shows to be written for.
    pub fn refresh(&mut self) -> anyhow::Result<Change> {
        loop {
            self.look();
            let mut check = self.check(&self.options);
            let candidates = check.read_kept(&self.memory);
            let analysed = check.follow(candidates);
            let older = self.options.from_is_guess && first_legacy(&analysed).is_some();
            if let Some(upgrade) = self.other_way(older) {
                self.prefilter = Prefilter::new(&upgrade, |module| self.modules.has(module));
                self.upgrade = upgrade;
                self.memory.forget(self.options.files.len());
                continue;
            }
            let all = shape_of_all(&analysed);
            self.memory.set_shape(all);
            let judged = self.check(&self.options).judge_kept(&analysed, all, &self.memory);
            let kept = analysed.into_iter().zip(judged).map(|(analysed, judged)| Kept { analysed, judged });
            let before = std::mem::replace(&mut self.kept, kept.collect());
            let mut change = self.change_since(&before);
            change.files.extend(std::mem::take(&mut self.changed_configs));
            return Ok(change);
        }
    }

    fn check<'a>(&'a self, options: &'a Options) -> Check<'a> {
        Check::new(options, &self.upgrade, &self.prefilter, &self.modules, Some(&self.memory))
    }

    /// Looks at files that have changed.
    fn look(&mut self) {
        let pending: Vec<usize> = std::mem::take(&mut self.memory.pending).into_iter().collect();
        let check = self.check(&self.options);
        check.options.progress.start(pending.len());
        let looked = check.map_unknown(
            pending.clone(),
            |_| None,
            |file| {
                let looked = match self.memory.documents.get(&file) {
                    Some(document) => check.look_at_document(document),
                    None => check.look(&self.options.files[file]).0,
                };
                self.options.progress.advance();
                looked
            },
        );
        crate::source::release_buffer();
        for (file, looked) in pending.into_iter().zip(looked) {
            self.memory.candidates.remove(&file);
            self.memory.unreadable.remove(&file);
            match looked {
                Looked::Candidate(candidate) => drop(self.memory.candidates.insert(file, *candidate)),
                Looked::Nothing(mentions) => self.modules.note(file, mentions),
                Looked::Unreadable(skipped) => drop(self.memory.unreadable.insert(file, skipped)),
            }
            if let Some(document) = self.memory.documents.get(&file) {
                self.modules.insert(document);
            }
        }
    }

    /// The way to take, when it is another one than so far: where nobody said from which release code comes, code shows it.
    fn other_way(&self, older: bool) -> Option<Arc<Upgrade>> {
        let (from, to) = self.named;
        let old = || older.then(|| older_release(&self.options, from, to)).flatten();
        let wanted = old().map_or(from, |upgrade| upgrade.from());
        if wanted == self.upgrade.from() {
            return None;
        }
        self.options.upgrade(wanted, to).ok()
    }

    fn change_since(&self, before: &[Kept]) -> Change {
        fn by_path(kept: &[Kept]) -> FxHashMap<&OsStr, &Kept> {
            kept.iter().map(|it| (it.analysed.path().as_os_str(), it)).collect()
        }
        let (old, new) = (by_path(before), by_path(&self.kept));
        let other = |path: &OsStr, one: &Kept, known: &FxHashMap<&OsStr, &Kept>| {
            !known.get(path).is_some_and(|it| Arc::ptr_eq(&it.judged, &one.judged))
        };
        let gone = old.iter().filter(|(path, one)| other(path, one, &new));
        let came = new.iter().filter(|(path, one)| other(path, one, &old));
        let files = gone.chain(came).flat_map(|(path, one)| {
            // What comments suppress is no part of what is judged.
            let own = one.has_directives().then_some(Path::new(*path));
            one.judged.findings.iter().map(|it| it.place.source.path()).chain(own)
        });
        Change { files: files.map(Path::to_path_buf).collect() }
    }

    /// What is found in a file, in the order in which it is shown.
    #[must_use]
    pub fn findings_in(&self, path: &Path) -> Vec<Finding> {
        if let Some(config) = self.server_config(path) {
            return self.findings_of(config, &self.options);
        }
        let all = self.kept.iter().flat_map(|it| &it.judged.findings);
        self.settled(path, all.filter(|it| same_path(&it.place, path)).cloned().collect())
    }

    /// The same, with fixes. One that is a stage is not led to its end.
    #[must_use]
    pub fn fixes_in(&self, path: &Path) -> Vec<Finding> {
        let options = Options { fixes: true, ..self.options.clone() };
        if let Some(config) = self.server_config(path) {
            return self.findings_of(config, &options);
        }
        let registered = Index::new(self.kept.iter().map(|it| &it.analysed.found.registrations[..]));
        let context = Context::new(&self.upgrade, &self.modules, &options, registered);
        let is_here = |finding: &Finding| same_path(&finding.place, path);
        let concerned: Vec<&Kept> = self.kept.iter().filter(|it| it.judged.findings.iter().any(is_here)).collect();
        let judged: Vec<Judged> = concerned.into_par_iter().map(|it| judge_module(&context, &it.analysed)).collect();
        self.settled(path, judged.into_iter().flat_map(|it| it.findings).filter(is_here).collect())
    }

    fn server_config(&self, path: &Path) -> Option<&ServerConfig> {
        self.options.server_configs.iter().find(|it| it.path() == path)
    }

    /// What is found in a configuration of the server.
    fn findings_of(&self, config: &ServerConfig, options: &Options) -> Vec<Finding> {
        let registered = Index::new(self.kept.iter().map(|it| &it.analysed.found.registrations[..]));
        let context = Context::new(&self.upgrade, &self.modules, options, registered);
        let mut findings = Vec::new();
        judge_config(&context, config, &mut findings);
        self.settled_with(Some(Commented::Config(config)), findings, true)
    }

    /// What is shown of all that is found in a file.
    fn settled(&self, path: &Path, findings: Vec<Finding>) -> Vec<Finding> {
        let kept = self.kept.iter().find(|it| it.analysed.path().as_os_str() == path.as_os_str());
        let module = kept.and_then(|it| it.analysed.judged_module());
        self.settled_with(module.map(|module| Commented::Module(module)), findings, true)
    }

    fn settled_with(&self, file: Option<Commented<'_>>, mut findings: Vec<Finding>, is_complete: bool) -> Vec<Finding> {
        deduplicate(&mut findings);
        suppress(&mut findings, file, &self.options, is_complete);
        set_severities(&mut findings, |rule, own| self.options.rules.severity(rule, own));
        findings.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        findings
    }

    /// What can be said of one file alone, before any other is read unless it asks for it. What other modules register,
    /// and with it some of what is found here, is not known yet.
    #[must_use]
    pub fn glance(&self, file: usize) -> Vec<Finding> {
        let Some(document) = self.memory.documents.get(&file) else { return Vec::new() };
        let memory = Memory::default();
        let check = Check::new(&self.options, &self.upgrade, &self.prefilter, &self.modules, Some(&memory));
        let Looked::Candidate(candidate) = check.look_at_document(document) else { return Vec::new() };
        let analysed = check.register(vec![*candidate]);
        let older = self.options.from_is_guess && first_legacy(&analysed).is_some();
        let upgrade = self.other_way(older);
        let upgrade = upgrade.as_ref().unwrap_or(&self.upgrade);
        let registered = Index::new(analysed.iter().map(|it| &it.found.registrations[..]));
        let context = Context::new(upgrade, &self.modules, &self.options, registered);
        let path = document.source().path();
        let findings = analysed.iter().flat_map(|it| judge_module(&context, it).findings);
        let findings = findings.filter(|it| it.place.source.path() == path).collect();
        self.settled_with(Some(Commented::Module(document)), findings, false)
    }

    /// Every module in which something was looked for, in the order of files.
    pub fn known(&self) -> impl Iterator<Item = Known<'_>> {
        self.kept.iter().map(|it| Known {
            module: &it.analysed.candidate.module,
            registrations: &it.analysed.found.registrations,
            inventory: &it.judged.inventory,
        })
    }

    /// Every file for which something is found.
    #[must_use]
    pub fn files_with_findings(&self) -> BTreeSet<PathBuf> {
        let all = self.kept.iter().flat_map(|it| &it.judged.findings);
        let mut files: BTreeSet<PathBuf> = all.map(|it| it.place.source.path().to_path_buf()).collect();
        // Comments suppress what is found, and something may be found about them.
        for one in self.kept.iter().filter(|it| it.has_directives()) {
            let path = one.analysed.path();
            if self.findings_in(path).is_empty() {
                files.remove(path);
            } else {
                files.insert(path.to_path_buf());
            }
        }
        let configs = self.options.server_configs.iter();
        files.extend(
            configs.filter(|it| !self.findings_of(it, &self.options).is_empty()).map(|it| it.path().to_path_buf()),
        );
        files
    }
}

/// Paths of one project are spelt alike, and to compare their components costs more.
fn same_path(place: &Place, path: &Path) -> bool {
    place.source.path().as_os_str() == path.as_os_str()
}

impl Check<'_> {
    fn look_at_document(&self, document: &Arc<Module>) -> Looked {
        let bytes = document.source().text().as_bytes();
        // Nearly every document has a word that matters, and the places of all of them are needed then.
        let matters = self.options.no_prefilter || self.prefilter.has_hit(bytes);
        match (!matters).then(|| self.prefilter.look(bytes)).flatten() {
            Some(mentions) => Looked::Nothing(mentions),
            None => Looked::Candidate(Box::new(self.candidate(Arc::clone(document)))),
        }
    }

    fn read_kept(&mut self, memory: &Memory) -> Vec<Candidate> {
        let mut candidates: Vec<Candidate> = memory.candidates.values().cloned().collect();
        candidates.iter().for_each(|candidate| self.modules.insert(&candidate.module));
        self.candidates_by_macro(&mut candidates);
        candidates
    }

    fn judge_kept(&self, analysed: &[Analysed], all: u64, memory: &Memory) -> Vec<Arc<Judged>> {
        let registered = Index::new(analysed.iter().map(|one| &one.found.registrations[..]));
        let context = Context::new(self.upgrade, self.modules, self.options, registered).with_others(&memory.others);
        let known = |one: &&Analysed| memory.judged(one, (shape(one), all));
        self.map_unknown(analysed.iter().collect(), known, |one| {
            let (judged, mut asked) = trace(|| judge_module(&context, one));
            // Whatever is pointed at must still stand where it is said to.
            let registered = one.found.registrations.iter().flat_map(|it| [&it.place, &it.tuple, &it.call]);
            let found = judged
                .findings
                .iter()
                .flat_map(|it| std::iter::once(&it.place).chain(it.related.iter().map(|label| &label.place)));
            let resolved = judged.inventory.iter().filter_map(|it| it.handler_place.as_ref());
            let paths: BTreeSet<&Path> =
                registered.chain(found).chain(resolved).map(|place| place.source.path()).collect();
            paths.into_iter().chain([one.path()]).for_each(|path| {
                if let Some(file) = self.modules.index_of(path) {
                    asked.add_file(file);
                }
            });
            let judged = Arc::new(judged);
            memory.keep_judged(one, (shape(one), all), &judged, asked);
            judged
        })
    }
}
