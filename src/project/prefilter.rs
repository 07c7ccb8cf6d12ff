//! Which files are looked at: those with one of the words without which nothing can be found in them.
//!
//! The words are searched in the bytes as they were read, all at once. What the filter lets through costs time;
//! what it held back wrongly would be lost, so the words are those that code cannot do without: the names of the
//! modules through which hooks are registered and run, the `hooks(` of the callback, and the modules and headers
//! that changed between the two releases.

use aho_corasick::{AhoCorasick, MatchKind};

use crate::catalog::Upgrade;

/// Words of the hook API, whatever the releases.
pub const HOOK_WORDS: [&str; 5] = ["gen_hook", "ejabberd_hooks", "mongoose_hooks", "mongoose_c2s_hooks", "hooks("];

/// The words for one upgrade.
pub struct Prefilter {
    words: AhoCorasick,
    hook_words: usize,
}

/// A word that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Offset in the searched bytes.
    pub at: usize,
    /// It belongs to an interface that changed, rather than to the hook API.
    pub api: bool,
}

impl Prefilter {
    /// The words of the hook API and of everything that changed between the two releases.
    ///
    /// # Errors
    /// The words do not fit into a searcher, which can only happen with an absurdly large catalog.
    pub fn new(upgrade: &Upgrade) -> anyhow::Result<Self> {
        let mut words: Vec<String> = HOOK_WORDS.map(str::to_owned).into();
        words.extend(upgrade.api_needles().into_iter().map(|module| format!("{module}:")));
        words.extend(upgrade.header_needles());
        // A module's name need not stand before a colon to matter: its whole family is gone.
        words.dedup();
        let words = AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(&words)?;
        Ok(Self { words, hook_words: HOOK_WORDS.len() })
    }

    /// All words in a text, in order.
    #[must_use]
    pub fn hits(&self, bytes: &[u8]) -> Vec<Hit> {
        self.words
            .find_iter(bytes)
            .map(|found| Hit { at: found.start(), api: found.pattern().as_usize() >= self.hook_words })
            .collect()
    }
}
