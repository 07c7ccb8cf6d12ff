//! The order of a run, from a project's files to its findings: the floor on which projects and rules meet.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Instant;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

pub mod analysis;
mod candidates;
mod follow;
mod judge;
mod memory;
mod resolve;
mod suppress;
mod workspace;

pub use analysis::Analysis;
pub use workspace::{Change, Known, Workspace};

use crate::catalog::{Upgrade, Version};
use crate::project::config::OUTSIDE;
use crate::project::modules::Modules;
use crate::project::options::Options;
use crate::project::prefilter::Prefilter;
use crate::project::server_config::ServerConfig;
use crate::source::Encoding;
use analysis::{Phase, SkipKind, Skipped};
use follow::{Analysed, first_legacy};
use memory::Memory;

/// Analyses the files that the options name.
///
/// # Errors
/// There is no described way from the one release to the other, or threads cannot be started.
pub fn check(options: &Options) -> anyhow::Result<Analysis> {
    let (from, to) = (options.from.parse::<Version>()?, options.to.parse::<Version>()?);
    let analysis = between(options, &*options.upgrade(from, to)?)?;
    match (&analysis.older, older_release(options, from, to)) {
        (Some(_), Some(upgrade)) => between(options, &upgrade),
        _ => Ok(analysis),
    }
}

/// The way from the last release in which handlers were registered in the old style, where `from` is a guess and a
/// later one.
fn older_release(options: &Options, from: Version, to: Version) -> Option<Arc<Upgrade>> {
    let (last, _) = options.catalog().last_positional()?;
    let is_open = options.from_is_guess && last < from;
    is_open.then(|| options.upgrade(last, to).ok()).flatten()
}

/// Analyses the files for one upgrade.
fn between(options: &Options, upgrade: &Upgrade) -> anyhow::Result<Analysis> {
    let threads = options.threads.map_or(0, std::num::NonZeroUsize::get);
    // One thread needs no pool, and starting one costs more than a small project takes.
    if threads == 1 {
        return Ok(once(options, upgrade));
    }
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
    Ok(pool.install(|| once(options, upgrade)))
}

fn once(options: &Options, upgrade: &Upgrade) -> Analysis {
    let options = &*with_edited_configs(options);
    let modules = modules_of(options);
    let prefilter = Prefilter::new(upgrade, |module| modules.has(module));
    Check::new(options, upgrade, &prefilter, &modules, None).run()
}

/// With configurations as they are edited, where they are. One that is no TOML any more is not among them; whoever edits
/// it knows.
fn with_edited_configs(options: &Options) -> Cow<'_, Options> {
    let overlay = &options.overlay;
    if options.server_configs.iter().all(|config| overlay.get(config.path()).is_none()) {
        return Cow::Borrowed(options);
    }
    let mut options = options.clone();
    let edited = options.server_configs.iter().filter_map(|config| {
        let source = overlay.read(config.path()).ok()?;
        ServerConfig::of(&Arc::new(source)).ok()
    });
    options.server_configs = edited.collect();
    Cow::Owned(options)
}

fn modules_of(options: &Options) -> Modules {
    let paths = options.files.iter().chain(options.stdin.iter().map(|stdin| &stdin.path));
    let macros: Vec<_> = options.macros.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    Modules::new(paths.cloned(), &options.include_paths, &macros).with_overlay(&options.overlay).within(&options.bounds)
}

struct Check<'a> {
    options: &'a Options,
    upgrade: &'a Upgrade,
    prefilter: &'a Prefilter,
    modules: &'a Modules,
    /// What earlier runs found out, when the project is kept.
    memory: Option<&'a Memory>,
    analysis: Analysis,
    started: Instant,
}

impl<'a> Check<'a> {
    fn new(
        options: &'a Options,
        upgrade: &'a Upgrade,
        prefilter: &'a Prefilter,
        modules: &'a Modules,
        memory: Option<&'a Memory>,
    ) -> Self {
        let (analysis, started) = (Analysis::default(), Instant::now());
        Self { options, upgrade, prefilter, modules, memory, analysis, started }
    }

    /// Does the same to all items, with as many threads as there shall be; the results are in the items' order.
    fn map<I, R>(&self, items: I, work: impl Fn(<I as IntoParallelIterator>::Item) -> R + Sync + Send) -> Vec<R>
    where
        I: IntoParallelIterator<Iter: IndexedParallelIterator> + IntoIterator<Item = <I as IntoParallelIterator>::Item>,
        R: Send,
    {
        // Outside of a pool, rayon would make one of its own, with a thread for each core.
        if self.options.threads.is_some_and(|threads| threads.get() == 1) {
            return items.into_iter().map(work).collect();
        }
        items.into_par_iter().map(work).collect()
    }

    fn run(mut self) -> Analysis {
        let candidates = self.read();
        self.phase("read and search files");
        let analysed = self.follow(candidates);
        self.phase("follow registrations");
        self.analysis.from = Some(self.upgrade.from());
        self.analysis.older = first_legacy(&analysed);
        let to = self.upgrade.to();
        if self.analysis.older.is_some() && older_release(self.options, self.upgrade.from(), to).is_some() {
            // Whoever asked starts over.
            return self.analysis;
        }
        self.judge(&analysed);
        self.tell_of_ejabberd(&analysed);
        self.phase("judge handlers");
        self.tell_trouble();
        self.analysis
    }

    fn phase(&mut self, name: &'static str) {
        self.analysis.summary.phases.push(Phase { name, elapsed: self.started.elapsed() });
        self.started = Instant::now();
    }

    /// Modules that are left alone because they are for another server.
    fn tell_of_ejabberd(&mut self, analysed: &[Analysed]) {
        for one in analysed.iter().filter(|one| one.for_ejabberd) {
            let path = one.path().to_path_buf();
            let reason = "a module for ejabberd, whose `ejabberd_hooks` is another one; it is left alone".to_owned();
            self.analysis.skipped.push(Skipped { path, place: None, reason, kind: SkipKind::Guessed });
        }
    }

    /// What was read and could not be understood.
    fn tell_trouble(&mut self) {
        let mut parsed = 0;
        let mut included = FxHashMap::default();
        for module in self.modules.loaded() {
            parsed += module.parsed_bytes();
            let path = || module.source().path().to_path_buf();
            let skipped =
                |span, reason: String, kind| Skipped { path: path(), place: Some(module.place(span)), reason, kind };
            for &span in module.broken() {
                let reason = "a string or quoted atom in this form never ends; the form is not analysed".to_owned();
                self.analysis.skipped.push(skipped(span, reason, SkipKind::NotAnalysed));
            }
            for &span in module.conflicts() {
                let reason = "a conflict of a merge stands here; both sides are analysed".to_owned();
                self.analysis.skipped.push(skipped(span, reason, SkipKind::Guessed));
            }
            for (span, trouble) in module.trouble() {
                if !module.broken().iter().any(|broken| broken.contains(span)) {
                    self.analysis.skipped.push(skipped(span, trouble.to_string(), SkipKind::NotAnalysed));
                }
            }
            for (span, what) in module.given_up() {
                self.analysis.skipped.push(skipped(span, what.to_string(), SkipKind::NotAnalysed));
            }
            for include in self.modules.leading_out(module, &mut included) {
                let reason = format!("`{}` {OUTSIDE}", include.path);
                self.analysis.skipped.push(skipped(include.span, reason, SkipKind::Guessed));
            }
            if module.source().encoding() == (Encoding::Latin1 { declared: false }) {
                let reason = "neither UTF-8 nor declared as Latin-1 by a coding comment; read as Latin-1".to_owned();
                self.analysis.skipped.push(Skipped { path: path(), place: None, reason, kind: SkipKind::Guessed });
            }
        }
        self.analysis.summary.bytes_parsed = parsed as u64;
    }
}
