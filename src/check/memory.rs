//! What runs over the same project found out, kept until one of the files changes that they asked.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashMap;

use super::analysis::Skipped;
use super::{Analysed, Candidate, Judged};
use crate::outline::Module;
use crate::project::registrations::Found;
use crate::project::trace::Asked;

/// Everything that is kept, with files by their numbers.
#[derive(Default)]
pub(super) struct Memory {
    /// Files that nobody has looked at since they changed.
    pub(super) pending: BTreeSet<usize>,
    /// Texts that an editor has, in place of those on disk.
    pub(super) documents: BTreeMap<usize, Arc<Module>>,
    pub(super) candidates: BTreeMap<usize, Candidate>,
    pub(super) unreadable: BTreeMap<usize, Skipped>,
    found: Mutex<FxHashMap<PathBuf, KeptFound>>,
    judged: Mutex<FxHashMap<PathBuf, KeptJudged>>,
}

struct KeptFound {
    module: Arc<Module>,
    may_register: bool,
    found: Arc<Found>,
    for_ejabberd: bool,
    asked: Arc<Asked>,
}

struct KeptJudged {
    module: Arc<Module>,
    api_words: Arc<[u32]>,
    /// Of what the module registers, and of what the whole project does.
    shapes: (u64, u64),
    judged: Arc<Judged>,
    asked: Asked,
}

fn lock<T>(kept: &Mutex<T>) -> MutexGuard<'_, T> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Memory {
    /// Nothing is known of so many files.
    pub(super) fn of(files: usize) -> Self {
        Self { pending: (0..files).collect(), ..Self::default() }
    }

    /// Forgets everything but the documents.
    pub(super) fn forget(&mut self, files: usize) {
        *self = Self { documents: std::mem::take(&mut self.documents), ..Self::of(files) };
    }

    /// Forgets what may be otherwise now that a file has another text; without one, whatever the text.
    pub(super) fn forget_file(&mut self, file: usize, text: Option<&str>) {
        self.pending.insert(file);
        let Some(text) = text else {
            lock(&self.found).clear();
            lock(&self.judged).clear();
            return;
        };
        lock(&self.found).retain(|_, kept| !kept.asked.concerns(file, text));
        lock(&self.judged).retain(|_, kept| !kept.asked.concerns(file, text));
    }

    pub(super) fn found(&self, candidate: &Candidate) -> Option<Analysed> {
        let found = lock(&self.found);
        let kept = found.get(candidate.module.source().path())?;
        let same = Arc::ptr_eq(&kept.module, &candidate.module) && kept.may_register == candidate.may_register;
        same.then(|| Analysed {
            candidate: candidate.clone(),
            found: Arc::clone(&kept.found),
            for_ejabberd: kept.for_ejabberd,
            asked: Arc::clone(&kept.asked),
        })
    }

    pub(super) fn keep_found(&self, analysed: &[Analysed]) {
        let mut found = lock(&self.found);
        for one in analysed {
            let known = found.get(one.path());
            if known.is_some_and(|kept| Arc::ptr_eq(&kept.found, &one.found)) {
                continue;
            }
            let kept = KeptFound {
                module: Arc::clone(&one.candidate.module),
                may_register: one.candidate.may_register,
                found: Arc::clone(&one.found),
                for_ejabberd: one.for_ejabberd,
                asked: Arc::clone(&one.asked),
            };
            found.insert(one.path().to_path_buf(), kept);
        }
    }

    pub(super) fn judged(&self, one: &Analysed, shapes: (u64, u64)) -> Option<Arc<Judged>> {
        let judged = lock(&self.judged);
        let kept = judged.get(one.path())?;
        let same = Arc::ptr_eq(&kept.module, &one.candidate.module)
            && kept.api_words == one.candidate.api_words
            && kept.shapes == shapes;
        same.then(|| Arc::clone(&kept.judged))
    }

    pub(super) fn keep_judged(&self, one: &Analysed, shapes: (u64, u64), judged: &Arc<Judged>, asked: Asked) {
        let kept = KeptJudged {
            module: Arc::clone(&one.candidate.module),
            api_words: Arc::clone(&one.candidate.api_words),
            shapes,
            judged: Arc::clone(judged),
            asked,
        };
        lock(&self.judged).insert(one.path().to_path_buf(), kept);
    }
}

/// What a module registers, apart from where it does so. Whoever looks at a place has asked its file.
pub(super) fn shape(one: &Analysed) -> u64 {
    let mut hasher = DefaultHasher::new();
    (one.for_ejabberd, one.found.callback).hash(&mut hasher);
    for it in &one.found.registrations {
        (it.style, it.action, it.through, &it.hook, &it.tag, &it.handler, &it.priority).hash(&mut hasher);
        (&it.extra, &it.via, &it.unresolved).hash(&mut hasher);
    }
    hasher.finish()
}

/// What a project registers, from the shapes of its modules in their order.
pub(super) fn shape_of_all(analysed: &[Analysed], shapes: &[u64]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for (one, shape) in analysed.iter().zip(shapes).filter(|(one, _)| !one.found.registrations.is_empty()) {
        (one.candidate.module.name(), shape).hash(&mut hasher);
    }
    hasher.finish()
}
