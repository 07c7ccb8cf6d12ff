//! What is registered, followed through the whole project.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashSet;

use super::Check;
use super::candidates::Candidate;
use crate::finding::Place;
use crate::migrate::serving::EJABBERD_HOOKS;
use crate::outline::Module;
use crate::project::ejabberd;
use crate::project::eval::{Style, Wrapper};
use crate::project::registrations::{self, Found, Registration};
use crate::project::trace::{Asked, trace};
use crate::project::words::Words;

/// As many items are not worth a second thread.
const FEW: usize = 2;

/// A candidate with what it registers.
#[derive(Clone)]
pub(super) struct Analysed {
    pub(super) candidate: Candidate,
    pub(super) found: Arc<Found>,
    /// It uses ejabberd's `ejabberd_hooks`, which is none of our business.
    pub(super) for_ejabberd: bool,
    /// What was asked to find it out.
    pub(super) asked: Arc<Asked>,
    /// What is registered, in a number; found out when somebody asks.
    pub(super) shape: Arc<OnceLock<u64>>,
}

impl Analysed {
    pub(super) fn new(candidate: Candidate, find: impl FnOnce(&Candidate) -> Found) -> Self {
        let text = candidate.module.source().text().as_bytes();
        let names_it = memchr::memmem::find(text, EJABBERD_HOOKS.as_bytes()).is_some();
        let for_ejabberd = names_it && !candidate.is_header && ejabberd::is_for_ejabberd(&candidate.module);
        let (found, asked) = trace(|| if for_ejabberd { Found::default() } else { find(&candidate) });
        Self { candidate, found: Arc::new(found), for_ejabberd, asked: Arc::new(asked), shape: Arc::default() }
    }

    pub(super) fn path(&self) -> &Path {
        self.candidate.module.source().path()
    }

    /// The module, unless it is left alone, where no comment can be in vain.
    pub(super) fn judged_module(&self) -> Option<&Arc<Module>> {
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

impl Check<'_> {
    /// Finds out what is registered.
    pub(super) fn follow(&self, candidates: Vec<Candidate>) -> Vec<Analysed> {
        let mut analysed = self.register(candidates);
        if let Some(memory) = self.memory {
            memory.keep_found(&analysed);
        }
        self.ask_callers(&mut analysed);
        analysed
    }

    pub(super) fn register(&self, candidates: Vec<Candidate>) -> Vec<Analysed> {
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
    pub(super) fn map_unknown<T: Send, R: Send>(
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
            let open: Vec<Wrapper> = open.into_iter().collect();
            let words: Vec<String> = open.iter().map(|(module, function, _)| format!("{module}:{function}")).collect();
            let words = Words::new(&words);
            let modules = open.iter().map(|(module, _, _)| module.to_string()).collect();
            self.add_callers(analysed, &modules, &words);
            let before: usize = analysed.iter().map(|one| one.found.registrations.len()).sum();
            for one in analysed.iter_mut().filter(|one| !one.candidate.is_header && !one.for_ejabberd) {
                let own = one.candidate.module.name();
                let named = words.which_in(one.candidate.module.source().text());
                let called: FxHashSet<Wrapper> =
                    named.into_iter().map(|at| &open[at]).filter(|(module, _, _)| module != own).cloned().collect();
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

/// Where the first handler is registered in the old style.
pub(super) fn first_legacy(analysed: &[Analysed]) -> Option<Place> {
    let mut all = analysed.iter().flat_map(|one| &one.found.registrations);
    all.find(|it| it.style == Style::EjabberdHooks).map(|it| it.call.clone())
}
