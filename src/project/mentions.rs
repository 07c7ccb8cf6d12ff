//! What a file mentions, noted in passing, so that a later question need not read all files again.

use std::hash::Hasher;

use rustc_hash::FxHasher;

/// Names, approximately: a name that was noted is always found, and now and then one that was not. The more words of
/// 64 bits, the fewer of these.
#[derive(Clone, Copy, Debug)]
pub struct Names<const WORDS: usize>([u64; WORDS]);

/// Names that stand in a file. There is one for each file of a project, so it is small.
pub type Mentions = Names<8>;

/// A name as [`Names`] knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NameHash(u64);

impl NameHash {
    #[must_use]
    pub fn of(name: &[u8]) -> Self {
        let mut hasher = FxHasher::default();
        hasher.write(name);
        Self(hasher.finish())
    }
}

impl<const WORDS: usize> Names<WORDS> {
    pub fn note(&mut self, name: NameHash) {
        let (word, bit) = Self::place(name);
        self.0[word] |= bit;
    }

    /// Whether a name may have been noted.
    #[must_use]
    pub fn may_have(&self, name: NameHash) -> bool {
        let (word, bit) = Self::place(name);
        self.0[word] & bit != 0
    }

    /// One bit of all.
    fn place(NameHash(hash): NameHash) -> (usize, u64) {
        // The upper bits are mixed best.
        let bit = ((hash >> 32) as usize * (WORDS * 64)) >> 32;
        (bit / 64, 1 << (bit % 64))
    }
}

impl<const WORDS: usize> Default for Names<WORDS> {
    fn default() -> Self {
        Self([0; WORDS])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_noted_is_found_and_most_else_is_not() {
        let name = |number: usize| NameHash::of(format!("mod_{number}").as_bytes());
        let mut mentions = Mentions::default();
        (0..20).for_each(|number| mentions.note(name(number)));
        assert!((0..20).all(|number| mentions.may_have(name(number))));
        let wrong = (100..1100).filter(|&number| mentions.may_have(name(number))).count();
        assert!(wrong < 100, "{wrong}");
        assert!(!Mentions::default().may_have(NameHash::of(b"mod_1")));
    }
}
