//! What a file mentions, noted in passing, so that a later question need not read all files again.

use std::hash::Hasher;

use rustc_hash::FxHasher;

/// Names that stand in a file, approximately: a name that was noted is always found, and now and then one that was not.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mentions([u64; 8]);

impl Mentions {
    pub fn note(&mut self, name: &[u8]) {
        let (word, bit) = place(name);
        self.0[word] |= bit;
    }

    /// Whether a name may have been noted.
    #[must_use]
    pub fn may_have(&self, name: &[u8]) -> bool {
        let (word, bit) = place(name);
        self.0[word] & bit != 0
    }
}

/// One of 512 bits.
fn place(name: &[u8]) -> (usize, u64) {
    let mut hasher = FxHasher::default();
    hasher.write(name);
    // The upper bits are mixed best.
    let bit = hasher.finish() >> 55;
    ((bit / 64) as usize, 1 << (bit % 64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_noted_is_found_and_most_else_is_not() {
        let name = |number: usize| format!("mod_{number}").into_bytes();
        let mut mentions = Mentions::default();
        (0..20).for_each(|number| mentions.note(&name(number)));
        assert!((0..20).all(|number| mentions.may_have(&name(number))));
        let wrong = (100..1100).filter(|&number| mentions.may_have(&name(number))).count();
        assert!(wrong < 100, "{wrong}");
        assert!(!Mentions::default().may_have(b"mod_1"));
    }
}
