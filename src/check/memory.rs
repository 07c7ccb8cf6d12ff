//! What runs over the same project found out, kept until one of the files changes that they asked.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashMap;

use super::analysis::Skipped;
use super::candidates::Candidate;
use super::follow::Analysed;
use super::judge::Judged;
use crate::migrate::serving::Others;
use crate::outline::Module;
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
    found: Mutex<FxHashMap<OsString, Analysed>>,
    judged: Mutex<FxHashMap<OsString, KeptJudged>>,
    /// What was asked of handlers by others, and what all of them were then.
    pub(super) others: Arc<Others>,
    others_of: u64,
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
            self.others.clear();
            return;
        };
        self.others.forget(file, text);
        lock(&self.found).retain(|_, kept| !kept.asked.concerns(file, text));
        lock(&self.judged).retain(|_, kept| !kept.asked.concerns(file, text));
    }

    /// What is kept of others holds only for a project that registers the same.
    pub(super) fn set_shape(&mut self, all: u64) {
        if self.others_of != all {
            self.others.clear();
            self.others_of = all;
        }
    }

    pub(super) fn found(&self, candidate: &Candidate) -> Option<Analysed> {
        let found = lock(&self.found);
        let kept = found.get(candidate.module.source().path().as_os_str())?;
        let known = &kept.candidate;
        let same = Arc::ptr_eq(&known.module, &candidate.module) && known.may_register == candidate.may_register;
        same.then(|| Analysed { candidate: candidate.clone(), ..kept.clone() })
    }

    pub(super) fn keep_found(&self, analysed: &[Analysed]) {
        let mut found = lock(&self.found);
        for one in analysed {
            let known = found.get(one.path().as_os_str());
            if known.is_some_and(|kept| Arc::ptr_eq(&kept.found, &one.found)) {
                continue;
            }
            found.insert(one.path().as_os_str().to_owned(), one.clone());
        }
    }

    pub(super) fn judged(&self, one: &Analysed, shapes: (u64, u64)) -> Option<Arc<Judged>> {
        let judged = lock(&self.judged);
        let kept = judged.get(one.path().as_os_str())?;
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
        lock(&self.judged).insert(one.path().as_os_str().to_owned(), kept);
    }
}

/// What a module registers, apart from where it does so. Whoever looks at a place has asked its file.
pub(super) fn shape(one: &Analysed) -> u64 {
    *one.shape.get_or_init(|| shape_of(one))
}

fn shape_of(one: &Analysed) -> u64 {
    let mut hasher = DefaultHasher::new();
    (one.for_ejabberd, one.found.callback).hash(&mut hasher);
    for it in &one.found.registrations {
        (it.style, it.action, it.through, &it.hook, &it.tag, &it.handler, &it.priority).hash(&mut hasher);
        (&it.extra, &it.via, &it.unresolved).hash(&mut hasher);
    }
    hasher.finish()
}

/// What a project registers, from the shapes of its modules in their order.
pub(super) fn shape_of_all(analysed: &[Analysed]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for one in analysed.iter().filter(|one| !one.found.registrations.is_empty()) {
        (one.candidate.module.name(), shape(one)).hash(&mut hasher);
    }
    hasher.finish()
}
