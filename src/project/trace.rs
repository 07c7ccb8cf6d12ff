//! What a piece of work asked of a project's files, so that its result can be kept until one of them changes.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashMap;

use crate::budget::{measured, spend};

/// What was asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The numbers of files that were looked into.
    files: BTreeSet<usize>,
    /// Words that were looked for in all files.
    words: BTreeSet<String>,
}

impl Asked {
    /// Whether an answer may be another one, now that the file of this number has this text.
    #[must_use]
    pub fn concerns(&self, file: usize, text: &str) -> bool {
        // Where a word stood before, the file was looked into.
        self.files.contains(&file)
            || self.words.iter().any(|word| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some())
    }

    /// Adds a file that matters for another reason.
    pub fn add_file(&mut self, file: usize) {
        self.files.insert(file);
    }

    fn add(&mut self, other: &Self) {
        self.files.extend(&other.files);
        self.words.extend(other.words.iter().cloned());
    }
}

/// Answers that are kept with what was asked for them.
pub struct Answers<K, V>(Mutex<FxHashMap<K, Answer<V>>>);

/// An answer, with what was asked for it, and what it cost to find out.
#[derive(Clone)]
struct Answer<V> {
    value: V,
    asked: Asked,
    steps: usize,
}

impl<K, V> Default for Answers<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash, V: Clone> Answers<K, V> {
    /// The answer that is known, or else what is found out now. Whoever gets it has asked the same.
    pub fn get(&self, key: K, find_out: impl FnOnce() -> V) -> V {
        let known = self.lock().get(&key).cloned();
        if let Some(known) = known {
            absorb(&known.asked);
            spend(known.steps);
            return known.value;
        }
        // Nobody waits meanwhile: what is asked here may be asked again to find it out.
        let ((value, asked), steps) = measured(|| trace(find_out));
        self.lock().insert(key, Answer { value: value.clone(), asked, steps });
        value
    }

    /// Forgets what may be otherwise now that a file has another text.
    pub fn forget(&self, file: usize, text: &str) {
        self.lock().retain(|_, known| !known.asked.concerns(file, text));
    }

    pub fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, FxHashMap<K, Answer<V>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

thread_local! {
    /// What the work that this thread does has asked so far; `None` while nobody wants to know.
    static CURRENT: RefCell<Option<Asked>> = const { RefCell::new(None) };
}

/// Does something, and says what it asked. It must do all of it on this thread.
pub fn trace<R>(work: impl FnOnce() -> R) -> (R, Asked) {
    let outer = Outer(CURRENT.replace(Some(Asked::default())));
    let result = work();
    let asked = CURRENT.take().unwrap_or_default();
    drop(outer);
    absorb(&asked);
    (result, asked)
}

/// What was asked before by the work around, put back also where work ends in the middle: that has asked all the same.
struct Outer(Option<Asked>);

impl Drop for Outer {
    fn drop(&mut self) {
        let unfinished = CURRENT.replace(self.0.take());
        if let Some(unfinished) = &unfinished {
            absorb(unfinished);
        }
    }
}

/// Counts what was asked by others for something that is used here.
pub fn absorb(asked: &Asked) {
    with(|current| current.add(asked));
}

pub(super) fn file(number: usize) {
    with(|current| {
        current.files.insert(number);
    });
}

pub(super) fn word(word: &str) {
    with(|current| {
        if !current.words.contains(word) {
            current.words.insert(word.to_owned());
        }
    });
}

fn with(note: impl FnOnce(&mut Asked)) {
    CURRENT.with_borrow_mut(|current| current.as_mut().map(note));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_counts_for_all_who_wait_for_it() {
        file(9);
        let ((), outer) = trace(|| {
            file(1);
            let ((), inner) = trace(|| {
                file(2);
                word("acme");
            });
            assert!(inner.concerns(2, "") && !inner.concerns(1, "") && inner.concerns(7, "-module(acme)."));
            file(3);
        });
        for number in [1, 2, 3] {
            assert!(outer.concerns(number, ""), "{number}");
        }
        assert!(!outer.concerns(9, "ac me") && outer.concerns(9, "acme"));
    }

    #[test]
    fn what_others_found_out_can_be_counted_later() {
        let ((), known) = trace(|| file(4));
        let ((), asked) = trace(|| absorb(&known));
        assert_eq!(asked, known);
    }
}
