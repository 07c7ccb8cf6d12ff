//! Which files are looked at: those with one of the words without which nothing can be found in them.
//!
//! What the filter lets through costs time; what it held back wrongly would be lost, so the words are those that
//! code cannot do without: the names of the modules through which hooks are registered and run, the `hooks(` of the
//! callback, and the modules and headers that changed between the two releases.
//!
//! There are some hundred words, and searching for all of them at once costs several times what searching for one
//! does. But all have something in common: a name of the hook API has `hook` in it, a call of a module's function
//! has a colon behind the module, an include ends in `.hrl`. So three searches for next to nothing find all places
//! where a word can stand, and only there is looked closer.

use memchr::memmem::Finder;
use rustc_hash::FxHashSet;

use crate::catalog::Upgrade;

/// Words of the hook API, whatever the releases.
pub const HOOK_WORDS: [&str; 5] = ["gen_hook", "ejabberd_hooks", "mongoose_hooks", "mongoose_c2s_hooks", "hooks("];

/// What all words of the hook API have in them.
const HOOK: &str = "hook";

/// What all headers end in.
const HRL: &str = ".hrl";

/// The words for one upgrade.
pub struct Prefilter {
    hook: Finder<'static>,
    hrl: Finder<'static>,
    modules: FxHashSet<Vec<u8>>,
    headers: Vec<String>,
}

/// A word that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    /// Offset in the searched bytes.
    pub at: usize,
    /// It belongs to an interface that changed, rather than to the hook API.
    pub api: bool,
}

impl Prefilter {
    /// The words of the hook API and of everything that changed between the two releases.
    #[must_use]
    pub fn new(upgrade: &Upgrade) -> Self {
        Self::with_words(upgrade.api_needles(), upgrade.header_needles())
    }

    fn with_words(modules: Vec<String>, headers: Vec<String>) -> Self {
        // The modules of the hook API are found as such.
        let modules = modules.into_iter().filter(|module| !HOOK_WORDS.contains(&module.as_str()));
        Self {
            hook: Finder::new(HOOK),
            hrl: Finder::new(HRL),
            modules: modules.map(String::into_bytes).collect(),
            headers,
        }
    }

    /// Whether there is any word in a text.
    #[must_use]
    pub fn finds_any(&self, bytes: &[u8]) -> bool {
        self.hook_words(bytes).next().is_some()
            || self.calls(bytes).next().is_some()
            || self.includes(bytes).next().is_some()
    }

    /// All words in a text, in order.
    #[must_use]
    pub fn hits(&self, bytes: &[u8]) -> Vec<Hit> {
        let api = self.calls(bytes).chain(self.includes(bytes)).map(|at| Hit { at, api: true });
        let mut hits: Vec<_> = self.hook_words(bytes).map(|at| Hit { at, api: false }).chain(api).collect();
        hits.sort_unstable();
        hits
    }

    fn hook_words(&self, bytes: &[u8]) -> impl Iterator<Item = usize> {
        self.hook.find_iter(bytes).filter_map(|at| {
            HOOK_WORDS.iter().find_map(|word| {
                let start = at.checked_sub(word.find(HOOK)?)?;
                bytes[start..].starts_with(word.as_bytes()).then_some(start)
            })
        })
    }

    /// Where functions of changed modules are called, or their types named.
    fn calls(&self, bytes: &[u8]) -> impl Iterator<Item = usize> {
        memchr::memchr_iter(b':', bytes).filter_map(|colon| {
            let name = name_before(bytes, colon);
            self.modules.contains(&bytes[name.clone()]).then_some(name.start)
        })
    }

    fn includes(&self, bytes: &[u8]) -> impl Iterator<Item = usize> {
        self.hrl.find_iter(bytes).filter_map(|at| {
            let path = &bytes[..at + HRL.len()];
            let header = self.headers.iter().find(|header| path.ends_with(header.as_bytes()))?;
            Some(path.len() - header.len())
        })
    }
}

/// The name that ends before a colon, blanks and quotes left out; empty when there is none.
fn name_before(bytes: &[u8], colon: usize) -> std::ops::Range<usize> {
    let mut end = colon;
    while end > 0 && matches!(bytes[end - 1], b' ' | b'\t' | b'\r' | b'\n' | b'\'') {
        end -= 1;
    }
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || *byte == b'@';
    let length = bytes[..end].iter().rev().take_while(|byte| is_name(byte)).count();
    end - length..end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hits(text: &str) -> Vec<(usize, bool)> {
        let prefilter = Prefilter::with_words(
            vec!["mod_x".to_owned(), "mongoose_hooks".to_owned()],
            vec!["c2s.hrl".to_owned(), "sub/deep.hrl".to_owned()],
        );
        let hits: Vec<_> = prefilter.hits(text.as_bytes()).iter().map(|hit| (hit.at, hit.api)).collect();
        assert_eq!(prefilter.finds_any(text.as_bytes()), !hits.is_empty(), "{text}");
        hits
    }

    #[test]
    fn every_word_of_the_hook_api_is_found() {
        for word in HOOK_WORDS {
            assert!(word.contains(HOOK), "{word}");
            assert_eq!(hits(&format!("a {word} b")), [(2, false)], "{word}");
            assert_eq!(hits(word), [(0, false)], "{word}");
        }
        assert_eq!(hits("mongoose_hooks:f()"), [(0, false)]);
        assert_eq!(hits("webhook(hook) hooks"), []);
    }

    #[test]
    fn calls_of_changed_modules_are_found() {
        assert_eq!(hits("mod_x:f()"), [(0, true)]);
        assert_eq!(hits("'mod_x':f(), mod_x : g()"), [(1, true), (13, true)]);
        assert_eq!(hits("mod_x\n  :f()"), [(0, true)]);
        assert_eq!(hits("my_mod_x:f(), mod_xy:f(), mod_x, X :: mod_y:t(), :"), []);
    }

    #[test]
    fn includes_of_changed_headers_are_found() {
        assert_eq!(hits("-include(\"c2s.hrl\")."), [(10, true)]);
        assert_eq!(hits("-include_lib(\"a/include/sub/deep.hrl\")."), [(24, true)]);
        assert_eq!(hits("\"other.hrl\" \"deep.hrl\""), []);
    }

    #[test]
    fn hits_come_in_order() {
        assert_eq!(hits("\"c2s.hrl\" mod_x:f(gen_hook)"), [(1, true), (10, true), (18, false)]);
    }
}
