//! The order of a run, from a project's files to its findings: the floor on which projects and rules meet.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

pub mod analysis;
mod memory;
mod suppress;
mod workspace;

pub use analysis::Analysis;
pub use workspace::{Change, Known, Workspace};

use crate::budget::Purse;
use crate::catalog::{HookStatus, Upgrade, Version};
use crate::finding::{Finding, Mfa, Place};
use crate::migrate::serving::EJABBERD_HOOKS;
use crate::outline::{GivenUp, Module};
use crate::project::config::OUTSIDE;
use crate::project::ejabberd;
use crate::project::eval::{Action, Style, UNKNOWN_ARITY, Wrapper};
use crate::project::handlers::{Contract, Handler};
use crate::project::mentions::Mentions;
use crate::project::metrics::{MetricText, Metrics};
use crate::project::modules::Modules;
use crate::project::options::Options;
use crate::project::prefilter::{self, Prefilter};
use crate::project::registrations::{self, Found, HandlerRef, Priority, Registration};
use crate::project::server_config::ServerConfig;
use crate::project::style;
use crate::project::trace::{Asked, trace};
use crate::project::words::Words;
use crate::rules::suppressions::Commented;
use crate::rules::{self, Context, ModuleView, Serving};
use crate::source::{self, Encoding, Source, Span};
use crate::syntax::ast::Name;
use analysis::{Phase, SkipKind, Skipped};
use memory::Memory;
use suppress::suppress;

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

/// As many items are not worth a second thread.
const FEW: usize = 2;

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

/// A file with words that matter.
#[derive(Clone)]
struct Candidate {
    module: Arc<Module>,
    /// Offsets in the decoded text of words of interfaces that changed.
    api_words: Arc<[u32]>,
    is_header: bool,
    /// There can be registrations in it, as far as its words tell.
    may_register: bool,
}

/// What became of one file.
enum Looked {
    Candidate(Box<Candidate>),
    /// Nothing that matters by itself.
    Nothing(Mentions),
    Unreadable(Skipped),
}

/// A candidate with what it registers.
#[derive(Clone)]
struct Analysed {
    candidate: Candidate,
    found: Arc<Found>,
    /// It uses ejabberd's `ejabberd_hooks`, which is none of our business.
    for_ejabberd: bool,
    /// What was asked to find it out.
    asked: Arc<Asked>,
    /// What is registered, in a number; found out when somebody asks.
    shape: Arc<OnceLock<u64>>,
}

impl Analysed {
    fn new(candidate: Candidate, find: impl FnOnce(&Candidate) -> Found) -> Self {
        let text = candidate.module.source().text().as_bytes();
        let names_it = memchr::memmem::find(text, EJABBERD_HOOKS.as_bytes()).is_some();
        let for_ejabberd = names_it && !candidate.is_header && ejabberd::is_for_ejabberd(&candidate.module);
        let (found, asked) = trace(|| if for_ejabberd { Found::default() } else { find(&candidate) });
        Self { candidate, found: Arc::new(found), for_ejabberd, asked: Arc::new(asked), shape: Arc::default() }
    }

    fn path(&self) -> &Path {
        self.candidate.module.source().path()
    }

    /// The module, unless it is left alone, where no comment can be in vain.
    fn judged_module(&self) -> Option<&Arc<Module>> {
        (!self.for_ejabberd).then_some(&self.candidate.module)
    }

    /// The same registrations in the order of places, with more among them.
    fn extend(&mut self, more: Vec<Registration>) {
        self.shape = Arc::default();
        let found = Arc::make_mut(&mut self.found);
        let mut all = std::mem::take(&mut found.registrations);
        all.extend(more);
        found.registrations = registrations::deduplicate(all);
    }
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

    /// Reads every file and keeps those with words that matter.
    fn read(&mut self) -> Vec<Candidate> {
        let options = self.options;
        options.progress.start(options.files.len());
        let mut looked = self.map(&options.files, |path| {
            let looked = self.look(path);
            options.progress.advance();
            looked
        });
        source::release_buffer();
        looked.extend(options.stdin.as_ref().map(|stdin| {
            let bytes = stdin.bytes.len();
            (self.look_at(&stdin.path, stdin.bytes.clone()), bytes)
        }));
        let mut candidates = Vec::new();
        for (index, (looked, bytes)) in looked.into_iter().enumerate() {
            self.analysis.summary.bytes_read += bytes as u64;
            match looked {
                Looked::Candidate(candidate) => candidates.push(*candidate),
                Looked::Nothing(mentions) => self.modules.note(index, mentions),
                Looked::Unreadable(skipped) => {
                    self.analysis.skipped.push(skipped);
                    continue;
                }
            }
            self.analysis.summary.files += 1;
        }
        for candidate in &candidates {
            self.modules.insert(&candidate.module);
        }
        self.candidates_by_macro(&mut candidates);
        let erlang = |path: &&PathBuf| !is_header(path);
        self.analysis.summary.modules = options.files.iter().filter(erlang).count()
            + usize::from(options.stdin.as_ref().is_some_and(|stdin| !is_header(&stdin.path)));
        candidates
    }

    fn look(&self, path: &Path) -> (Looked, usize) {
        let looked = self.options.overlay.with_bytes(path, |bytes| {
            let mentions = if self.options.no_prefilter { None } else { self.prefilter.look(bytes) };
            let looked = match mentions {
                // A binary file is told even when it has no word that matters: nobody meant to have it read.
                Some(mentions) if memchr::memchr(0, bytes).is_none() => Looked::Nothing(mentions),
                _ if bytes.len() > source::MAX_ANALYSED_BYTES => too_large(path, bytes),
                _ => self.look_at(path, bytes.to_vec()),
            };
            (looked, bytes.len())
        });
        looked.unwrap_or_else(|error| (unreadable(path, &error), 0))
    }

    fn look_at(&self, path: &Path, bytes: Vec<u8>) -> Looked {
        if bytes.len() > source::MAX_ANALYSED_BYTES {
            return too_large(path, &bytes);
        }
        match Source::from_bytes(path.to_path_buf(), bytes) {
            Ok(source) => Looked::Candidate(Box::new(self.candidate(Arc::new(Module::new(Arc::new(source)))))),
            Err(error) => unreadable(path, &error),
        }
    }

    fn candidate(&self, module: Arc<Module>) -> Candidate {
        let hits = self.prefilter.hits(module.source().text().as_bytes());
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let api_words = hits.iter().filter(|hit| hit.api).map(|hit| offset(hit.at)).collect();
        let is_header = is_header(module.source().path());
        let may_register = !is_header && (self.options.no_prefilter || hits.iter().any(|hit| !hit.api));
        Candidate { module, api_words, is_header, may_register }
    }

    /// A module can register through a macro of a header without a word of the hook API of its own.
    fn candidates_by_macro(&self, candidates: &mut Vec<Candidate>) {
        let (mut macros, mut headers) = (Words::default(), Vec::new());
        for header in candidates.iter().filter(|candidate| candidate.is_header) {
            let mut names = hook_macros(&header.module).peekable();
            if names.peek().is_some() {
                headers
                    .extend(header.module.source().path().file_name().map(|name| name.to_string_lossy().into_owned()));
            }
            names.for_each(|name| macros.add_macro(name));
        }
        if macros.has_no_macro() || self.options.no_prefilter {
            return;
        }
        let known: FxHashSet<PathBuf> =
            candidates.iter().map(|candidate| candidate.module.source().path().to_path_buf()).collect();
        for candidate in candidates.iter_mut().filter(|candidate| !candidate.is_header) {
            candidate.may_register |= macros.are_in(candidate.module.source().text());
        }
        let headers = self.modules.headers_with(headers);
        for candidate in self.candidates_with(&known, &headers, &macros) {
            self.modules.insert(&candidate.module);
            candidates.push(candidate);
        }
        candidates.sort_by(|a, b| a.module.source().path().cmp(b.module.source().path()));
    }

    /// The modules that are not known yet and mention one of the modules or headers, and have one of the words.
    fn candidates_with(
        &self,
        known: &FxHashSet<PathBuf>,
        mentioned: &BTreeSet<String>,
        words: &Words,
    ) -> Vec<Candidate> {
        let files = self.options.files.iter().enumerate();
        let others: Vec<&PathBuf> = files
            .filter(|(index, path)| {
                !is_header(path) && self.modules.may_mention(*index, mentioned) && !known.contains(*path)
            })
            .map(|(_, path)| path)
            .collect();
        self.map(others, |path| self.candidate_with(path, words)).into_iter().flatten().collect()
    }

    fn candidate_with(&self, path: &Path, words: &Words) -> Option<Candidate> {
        let has_word = |bytes: &[u8]| words.are_in(&String::from_utf8_lossy(bytes));
        // In a project that is kept, a file may have been loaded by an earlier run, or be a document.
        if let Some(module) = self.memory.and_then(|_| self.modules.loaded_from(path)) {
            let found = has_word(module.source().text().as_bytes());
            return found.then(|| Candidate { may_register: true, ..self.candidate(module) });
        }
        let bytes = self.options.overlay.with_bytes(path, |bytes| has_word(bytes).then(|| bytes.to_vec())).ok()??;
        match self.look_at(path, bytes) {
            Looked::Candidate(candidate) => Some(Candidate { may_register: true, ..*candidate }),
            _ => None,
        }
    }

    /// Finds out what is registered.
    fn follow(&self, candidates: Vec<Candidate>) -> Vec<Analysed> {
        let mut analysed = self.register(candidates);
        if let Some(memory) = self.memory {
            memory.keep_found(&analysed);
        }
        self.ask_callers(&mut analysed);
        analysed
    }

    fn register(&self, candidates: Vec<Candidate>) -> Vec<Analysed> {
        let none = FxHashSet::default();
        let find = |candidate: &Candidate| match candidate.may_register {
            true => registrations::find(self.modules, &candidate.module, &none),
            false => Found::default(),
        };
        let known = |candidate: &Candidate| self.memory.and_then(|memory| memory.found(candidate));
        self.map_unknown(candidates, known, |candidate| Analysed::new(candidate, find))
    }

    /// Does the same to all items of which it is not known what comes of them. There are few when a project is kept, and
    /// to call other threads for one or two takes longer than to do it here.
    fn map_unknown<T: Send, R: Send>(
        &self,
        items: Vec<T>,
        known: impl Fn(&T) -> Option<R>,
        work: impl Fn(T) -> R + Sync + Send,
    ) -> Vec<R> {
        if self.memory.is_none() {
            return self.map(items, work);
        }
        let mut results: Vec<Option<R>> = Vec::with_capacity(items.len());
        let mut unknown = Vec::new();
        for item in items {
            let result = known(&item);
            if result.is_none() {
                unknown.push(item);
            }
            results.push(result);
        }
        let found: Vec<R> =
            if unknown.len() <= FEW { unknown.into_iter().map(work).collect() } else { self.map(unknown, work) };
        let mut found = found.into_iter();
        results.into_iter().filter_map(|result| result.or_else(|| found.next())).collect()
    }

    /// Functions that register what their arguments say are asked for in the whole project, and their callers followed.
    fn ask_callers(&self, analysed: &mut Vec<Analysed>) {
        for _ in 0..3 {
            let open: FxHashSet<Wrapper> =
                analysed.iter().flat_map(|one| one.found.open.iter().map(|(wrapper, _)| wrapper.clone())).collect();
            if open.is_empty() {
                return;
            }
            let words: Vec<String> = open.iter().map(|(module, function, _)| format!("{module}:{function}")).collect();
            let modules = open.iter().map(|(module, _, _)| module.to_string()).collect();
            self.add_callers(analysed, &modules, &Words::new(&words));
            let before: usize = analysed.iter().map(|one| one.found.registrations.len()).sum();
            for one in analysed.iter_mut().filter(|one| !one.candidate.is_header && !one.for_ejabberd) {
                let text = one.candidate.module.source().text();
                let own = one.candidate.module.name();
                let calls =
                    |(module, function, _): &&Wrapper| module != own && text.contains(&format!("{module}:{function}"));
                let called: FxHashSet<Wrapper> = open.iter().filter(calls).cloned().collect();
                if !called.is_empty() {
                    let more = registrations::find(self.modules, &one.candidate.module, &called);
                    one.extend(more.registrations);
                    Arc::make_mut(&mut one.found).open.extend(more.open);
                }
            }
            let after: usize = analysed.iter().map(|one| one.found.registrations.len()).sum();
            if after == before {
                break;
            }
        }
        settle_open(analysed);
    }

    fn add_callers(&self, analysed: &mut Vec<Analysed>, modules: &BTreeSet<String>, words: &Words) {
        let known: FxHashSet<PathBuf> = analysed.iter().map(|one| one.path().to_path_buf()).collect();
        for candidate in self.candidates_with(&known, modules, words) {
            self.modules.insert(&candidate.module);
            analysed.push(Analysed::new(candidate, |_| Found::default()));
        }
        analysed.sort_by(|a, b| a.path().cmp(b.path()));
    }

    fn judge(&mut self, analysed: &[Analysed]) {
        let registered = registrations::Index::new(analysed.iter().map(|one| &one.found.registrations[..]));
        let context = Context::new(self.upgrade, self.modules, self.options, registered);
        let judged = self.map(analysed, |one| judge_module(&context, one));
        let mut counts = Counts::default();
        for judged in judged {
            counts.add(&judged.counts);
            self.analysis.findings.extend(judged.findings);
            self.analysis.inventory.extend(judged.inventory);
            self.analysis.migrated.extend(judged.migrated);
        }
        for config in &self.options.server_configs {
            for rule in judge_config(&context, config, &mut self.analysis.findings) {
                let (path, place) = (config.path().to_path_buf(), Some(config.place(Span::default())));
                let reason = format!("`{rule}` takes too many steps here; what it could find is left out");
                self.analysis.skipped.push(Skipped { path, place, reason, kind: SkipKind::NotAnalysed });
            }
        }
        self.judge_metrics(&context);
        let findings = &mut self.analysis.findings;
        deduplicate(findings);
        let judged = analysed.iter().filter_map(Analysed::judged_module).map(|module| Commented::Module(module));
        let configs = self.options.server_configs.iter().map(Commented::Config);
        self.analysis.suppressed = suppress(findings, judged.chain(configs), self.options, true);
        let Counts { added, resolved, deleted } = counts;
        let summary = &mut self.analysis.summary;
        (summary.registrations, summary.resolved, summary.deletions) = (added, resolved, deleted);
        summary.unresolved = added - resolved;
    }

    /// Looks at dashboards and their like.
    fn judge_metrics(&mut self, context: &Context<'_>) {
        let files = &self.options.metric_files;
        if files.is_empty() {
            return;
        }
        let enabled: Vec<_> = rules::all().iter().filter(|rule| rules::runs(**rule, self.options)).collect();
        let metrics = Metrics::new(context.upgrade);
        let judged = self.map(files, |path| {
            let text = MetricText::new(Arc::new(self.options.overlay.read(path)?), &metrics);
            let mut found = Vec::new();
            enabled.iter().for_each(|rule| rule.metrics(context, &text, &mut found));
            Ok::<_, source::ReadError>(found)
        });
        for (path, judged) in files.iter().zip(judged) {
            match judged {
                Ok(found) => self.analysis.findings.extend(found),
                Err(error) => {
                    let Looked::Unreadable(skipped) = unreadable(path, &error) else { continue };
                    self.analysis.skipped.push(skipped);
                }
            }
        }
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
                let reason = match trouble {
                    crate::outline::Trouble::Refused(refused) => format!("{refused}; it is left out"),
                    crate::outline::Trouble::Syntax => {
                        "this code could not be parsed; the code around it is analysed".to_owned()
                    }
                };
                if !module.broken().iter().any(|broken| broken.contains(span)) {
                    self.analysis.skipped.push(skipped(span, reason, SkipKind::NotAnalysed));
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

fn is_header(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "hrl")
}

fn unreadable(path: &Path, error: &source::ReadError) -> Looked {
    Looked::Unreadable(Skipped::unreadable(path.to_path_buf(), error.reason()))
}

/// What is said of a file that has words which matter, and is larger than what is analysed.
fn too_large(path: &Path, bytes: &[u8]) -> Looked {
    if let Some(offset) = memchr::memchr(0, bytes) {
        return unreadable(path, &source::ReadError::Binary { path: path.to_path_buf(), offset });
    }
    let reason =
        format!("the file is {} bytes long, and only {} are analysed", bytes.len(), source::MAX_ANALYSED_BYTES);
    Looked::Unreadable(Skipped { path: path.to_path_buf(), place: None, reason, kind: SkipKind::NotAnalysed })
}

/// The macros of a header that name the hook API.
fn hook_macros(header: &Module) -> impl Iterator<Item = &str> {
    let names_it = |form| prefilter::HOOK_WORDS.iter().any(|word| header.text_of(form).contains(word));
    header.header().defines.iter().filter(move |it| names_it(it.form)).map(|it| it.name.as_str())
}

/// Where the first handler is registered in the old style.
fn first_legacy(analysed: &[Analysed]) -> Option<Place> {
    let mut all = analysed.iter().flat_map(|one| &one.found.registrations);
    all.find(|it| it.style == Style::EjabberdHooks).map(|it| it.call.clone())
}

/// What no caller settled stays unresolved where it stands.
fn settle_open(analysed: &mut [Analysed]) {
    let mut settled: FxHashSet<String> = FxHashSet::default();
    for one in analysed.iter() {
        settled.extend(one.found.registrations.iter().flat_map(|found| found.via.iter().cloned()));
    }
    for one in analysed.iter_mut().filter(|one| !one.found.open.is_empty()) {
        let open = std::mem::take(&mut Arc::make_mut(&mut one.found).open);
        let name = |(module, function, arity): &Wrapper| format!("{module}:{function}/{arity}");
        let unsettled = open.into_iter().filter(|(wrapper, _)| !settled.contains(&name(wrapper)));
        one.extend(unsettled.flat_map(|(_, registrations)| registrations).collect());
    }
}

/// Findings of different registrations of one handler can be the same.
fn deduplicate(findings: &mut Vec<Finding>) {
    let mut seen = FxHashSet::default();
    findings.retain(|finding| {
        let place = (finding.place.source.path().to_path_buf(), finding.place.span);
        seen.insert((finding.rule, place, finding.message.clone()))
    });
}

/// A registration's handler, looked up.
enum Resolution<'a> {
    Handler(Box<Handler<'a>>),
    /// The function does not exist; the module is in the project.
    NoFunction,
    /// A fun that cannot be registered, with where its code stands.
    NotRegistrable(Option<Place>),
    Unknown(String),
}

fn resolve<'a>(context: &Context<'a>, registration: &Registration) -> Resolution<'a> {
    let near = registration.module.source().path();
    let contract = Contract::of(registration.style, registration.hook.as_deref().unwrap_or_default());
    let lookup = |module: Arc<Module>, function: &Name, arity: i64| {
        let arity = usize::try_from(arity).unwrap_or(usize::MAX);
        if module.defines(function, arity) {
            let handler = Handler::new(context.modules, module, function.clone(), arity).with_contract(contract);
            Resolution::Handler(Box::new(handler))
        } else {
            Resolution::NoFunction
        }
    };
    match &registration.handler {
        HandlerRef::External { module, function, arity } if module == registration.module.name() => {
            lookup(Arc::clone(&registration.module), function, *arity)
        }
        HandlerRef::External { module, function, arity } => match context.modules.module(module, near) {
            Some(module) => lookup(module, function, *arity),
            None => Resolution::Unknown(format!("the module {module} is not part of the checked code")),
        },
        // A fun of any kind was good enough for `ejabberd_hooks`.
        HandlerRef::Local { function, arity } if registration.style == Style::EjabberdHooks => {
            lookup(Arc::clone(&registration.module), function, *arity)
        }
        HandlerRef::Local { function, arity } => match lookup(Arc::clone(&registration.module), function, *arity) {
            Resolution::Handler(handler) => Resolution::NotRegistrable(handler.head()),
            _ => Resolution::NotRegistrable(None),
        },
        HandlerRef::Inline => Resolution::NotRegistrable(Some(registration.tuple.clone())),
        HandlerRef::Unknown => {
            let why = registration.unresolved.clone();
            Resolution::Unknown(why.unwrap_or_else(|| "the handler is known only when the code runs".to_owned()))
        }
    }
}

/// What can be said about one module.
#[derive(Default)]
struct Judged {
    findings: Vec<Finding>,
    counts: Counts,
    /// Empty unless somebody asks for it.
    inventory: Vec<analysis::Registration>,
    /// Whether it is written for the target release already, if somebody had to know.
    migrated: Option<(PathBuf, bool)>,
}

fn judge_module(context: &Context<'_>, one: &Analysed) -> Judged {
    let module = &one.candidate.module;
    let found = &one.found;
    let mut judged = Judged::default();
    let judged_migrated = std::cell::OnceCell::new();
    let migrated = || {
        *judged_migrated.get_or_init(|| {
            let earlier = context.options.earlier.as_ref();
            let known = earlier.and_then(|earlier| earlier.migrated.get(module.source().path()).copied());
            known.unwrap_or_else(|| {
                style::is_migrated(context.upgrade, context.modules, module, &found.registrations, found.callback)
            })
        })
    };
    // Whoever neither registers nor calls anything of what changed is not asked.
    let matters = !one.candidate.api_words.is_empty()
        || !found.registrations.is_empty()
        || module.source().text().contains("mongoose_hooks:");
    let view = ModuleView {
        context,
        module,
        registrations: &found.registrations,
        callback: found.callback,
        api_words: &one.candidate.api_words,
        migrated: matters && migrated(),
        uses: std::cell::OnceCell::new(),
        for_ejabberd: std::cell::OnceCell::new(),
    };
    let enabled: Vec<_> = rules::all().iter().filter(|rule| rules::runs(**rule, context.options)).copied().collect();
    let mut purse = Purse::of(module.source().text().len());
    for rule in &enabled {
        let before = judged.findings.len();
        if purse.spend(|| rule.module(&view, &mut judged.findings)).is_err() {
            judged.findings.truncate(before);
            module.give_up(Span::default(), GivenUp::Module);
        }
    }
    for registration in &found.registrations {
        let before = (judged.findings.len(), judged.inventory.len(), judged.counts);
        let done = purse.spend(|| judge_registration(context, found, registration, &enabled, &migrated, &mut judged));
        if done.is_err() {
            judged.findings.truncate(before.0);
            judged.inventory.truncate(before.1);
            judged.counts = before.2;
            module.give_up(own_span(module, registration), GivenUp::Handler);
        }
    }
    judged.migrated = judged_migrated.get().map(|&migrated| (module.source().path().to_path_buf(), migrated));
    judged
}

/// Where a registration stands in the module that makes it.
fn own_span(module: &Module, registration: &Registration) -> Span {
    let places = [&registration.place, &registration.tuple, &registration.call];
    let own = places.into_iter().find(|place| place.source.path() == module.source().path());
    own.map_or_else(Span::default, |place| place.span)
}

/// What can be said about one registration of a module.
fn judge_registration(
    context: &Context<'_>,
    found: &Found,
    registration: &Registration,
    enabled: &[&'static dyn rules::Rule],
    migrated: &dyn Fn() -> bool,
    judged: &mut Judged,
) {
    let resolution = resolve(context, registration);
    let before = judged.findings.len();
    let judging = || enabled.iter().filter(|rule| rule.judges(registration.style));
    for rule in judging() {
        rule.registration(context, registration, &mut judged.findings);
    }
    // Most of these rules have no need of the handler; who reads what they found has.
    if let Resolution::Handler(handler) = &resolution {
        judged.findings[before..].iter_mut().for_each(|finding| finding.handler = Some(handler.mfa()));
    }
    judged.counts.count(registration.action, is_resolved(registration, &resolution));
    if context.options.inventory {
        judged.inventory.push(inventory_row(context, registration, &resolution));
    }
    let Some(hook) = registration.hook.as_deref().filter(|_| registration.action == Action::Add) else { return };
    let Resolution::Handler(handler) = &resolution else {
        for rule in judging() {
            rule.unserved(context, registration, hook, &mut judged.findings);
        }
        return;
    };
    let serving = Serving {
        context,
        registration,
        siblings: &found.registrations,
        hook,
        fate: context.upgrade.fate(hook),
        handler,
        fix: std::cell::OnceCell::new(),
        // Whoever takes positional arguments was not written for a release that has none.
        migrated: registration.style == Style::GenHook
            && (migrated() || is_settled(context, hook, handler) || reads_new_parameter(context, hook, handler)),
    };
    for rule in judging() {
        rule.serving(&serving, &mut judged.findings);
    }
}

/// What can be said about one configuration of the server. Returns the rules that took too many steps.
fn judge_config(context: &Context<'_>, config: &ServerConfig, out: &mut Vec<Finding>) -> Vec<&'static str> {
    let mut given_up = Vec::new();
    let mut purse = Purse::of_single(config.source.text().len());
    for rule in rules::all().iter().filter(|rule| rules::runs(**rule, context.options)) {
        let before = out.len();
        if purse.spend(|| rule.server_config(context, config, out)).is_err() {
            out.truncate(before);
            given_up.push(rule.name());
        }
    }
    given_up
}

/// How many handlers are added, for how many of these it is known what they are, and how many are deleted.
#[derive(Clone, Copy, Default)]
struct Counts {
    added: usize,
    resolved: usize,
    deleted: usize,
}

impl Counts {
    fn count(&mut self, action: Action, is_resolved: bool) {
        match action {
            Action::Add => {
                self.added += 1;
                self.resolved += usize::from(is_resolved);
            }
            Action::Delete => self.deleted += 1,
        }
    }

    fn add(&mut self, other: &Self) {
        self.added += other.added;
        self.resolved += other.resolved;
        self.deleted += other.deleted;
    }
}

/// Whether the hook and the handler of a registration are known.
fn is_resolved(registration: &Registration, resolution: &Resolution<'_>) -> bool {
    let found = matches!(
        (&registration.handler, resolution),
        (_, Resolution::Handler(_)) | (HandlerRef::Local { .. } | HandlerRef::Inline, Resolution::NotRegistrable(_))
    );
    found && registration.unresolved.is_none()
}

/// Whether a fix has rewritten a handler for this hook already.
fn is_settled(context: &Context<'_>, hook: &str, handler: &Handler<'_>) -> bool {
    let earlier = context.options.earlier.as_ref();
    earlier.is_some_and(|earlier| earlier.settled.contains(&(hook.to_owned(), handler.mfa())))
}

/// Whether a handler reads a parameter that only the target release's hook has.
fn reads_new_parameter(context: &Context<'_>, hook: &str, handler: &Handler<'_>) -> bool {
    let fate = context.upgrade.fate(hook);
    let (Some(before), Some(after)) = (context.upgrade.hook_with_map(hook), fate.after) else { return false };
    if fate.status != HookStatus::Changed {
        return false;
    }
    let is_new = |key: &str| {
        after.parameters.iter().any(|it| it.key == key) && !before.parameters.iter().any(|it| it.key == key)
    };
    handler.params().reads.iter().any(|read| is_new(&read.key))
}

fn inventory_row(
    context: &Context<'_>,
    registration: &Registration,
    resolution: &Resolution<'_>,
) -> analysis::Registration {
    let fate = registration.hook.as_deref().map(|hook| context.upgrade.fate(hook));
    let custom = |hook: &str| context.options.hooks.iter().any(|known| known.name == hook);
    let status = match (&fate, registration.hook.as_deref()) {
        (Some(fate), Some(hook)) if fate.status == HookStatus::Unknown && custom(hook) => HookStatus::Unchanged,
        (Some(fate), _) => fate.status,
        (None, _) => HookStatus::Unknown,
    };
    let (handler, handler_place, why) = match (&registration.handler, resolution) {
        (_, Resolution::Handler(handler)) => (Some(handler.mfa()), handler.place(), None),
        (HandlerRef::External { module, function, arity }, resolution) => {
            let is_known = *arity != UNKNOWN_ARITY;
            let why = match resolution {
                Resolution::NoFunction if is_known => format!("{module} has no function {function}/{arity}"),
                Resolution::NoFunction => format!("what {module}:{function} is called with is not known"),
                Resolution::Unknown(why) => why.clone(),
                _ => "the handler is not known".to_owned(),
            };
            (is_known.then(|| mfa(module, function, *arity)), None, Some(why))
        }
        (HandlerRef::Local { function, arity }, Resolution::NotRegistrable(place)) => {
            (Some(mfa(registration.module.name(), function, *arity)), place.clone(), None)
        }
        (HandlerRef::Inline, Resolution::NotRegistrable(place)) => (None, place.clone(), None),
        (_, Resolution::Unknown(why)) => (None, None, Some(why.clone())),
        _ => (None, None, Some("the handler is not known".to_owned())),
    };
    let why = registration.unresolved.clone().or(why);
    analysis::Registration {
        place: registration.place.clone(),
        module: registration.module.name().to_string(),
        hook: registration.hook.as_ref().map(ToString::to_string),
        tag: registration.tag.to_string(),
        handler,
        handler_place,
        priority: match registration.priority {
            Priority::Known(number) => Some(number),
            Priority::Unknown(_) => None,
        },
        priority_source: match &registration.priority {
            Priority::Unknown(text) if !text.is_empty() => Some(text.clone()),
            _ => None,
        },
        action: match registration.action {
            Action::Add => analysis::Action::Add,
            Action::Delete => analysis::Action::Delete,
        },
        registered: registration.registered(),
        status,
        resolved: is_resolved(registration, resolution),
        why_unresolved: why,
        replacements: fate
            .map(|fate| fate.replacements.iter().map(|successor| successor.hook.name.clone()).collect())
            .unwrap_or_default(),
    }
}

fn mfa(module: &str, function: &str, arity: i64) -> Mfa {
    Mfa { module: module.to_owned(), function: function.to_owned(), arity: u8::try_from(arity).unwrap_or(u8::MAX) }
}
