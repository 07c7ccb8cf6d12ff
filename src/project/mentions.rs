//! What a file mentions, noted in passing, so that a later question need not read all files again.

use std::hash::Hasher;

use rustc_hash::FxHasher;

/// Names, approximately: a name that was noted is always found, and now and then one that was not. The more words of
/// 64 bits, the fewer of these.
#[derive(Clone, Copy, Debug)]
pub struct Names<const WORDS: usize>([u64; WORDS]);

/// Names that stand in a file. There is one for each file of a project, so it is small; but a file that comes to be read
/// again by mistake costs more than a hundred bytes.
pub type Mentions = Names<16>;

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
        for bit in Self::bits(name) {
            self.0[bit / 64] |= 1 << (bit % 64);
        }
    }

    /// Whether a name may have been noted.
    #[must_use]
    pub fn may_have(&self, name: NameHash) -> bool {
        Self::bits(name).into_iter().all(|bit| self.0[bit / 64] & 1 << (bit % 64) != 0)
    }

    /// Two bits for each name: both are set by mistake much less often than one is.
    fn bits(NameHash(hash): NameHash) -> [usize; 2] {
        let all = WORDS as u64 * 64;
        [hash >> 32, hash & 0xFFFF_FFFF].map(|half| ((half * all) >> 32) as usize)
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
        assert!(wrong < 10, "{wrong}");
        assert!(!Mentions::default().may_have(NameHash::of(b"mod_1")));
    }
}
