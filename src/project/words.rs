//! Words that are looked for in texts, of which there can be very many: all of them are looked for at once.

use aho_corasick::AhoCorasick;
use memchr::memmem::Finder;
use rustc_hash::FxHashSet;

use crate::syntax::scan::{Token, Tokens};

/// Up to so many are looked for one after the other, which is faster.
const FEW: usize = 16;

/// Any of some words.
#[derive(Default)]
pub struct Words {
    few: Vec<Finder<'static>>,
    many: Option<AhoCorasick>,
    /// The names of macros, which are told by the question mark before them.
    macros: FxHashSet<String>,
}

impl Words {
    /// Words that are found wherever they stand.
    #[must_use]
    pub fn new(words: &[String]) -> Self {
        // It fails for patterns of gigabytes.
        let many = (words.len() > FEW).then(|| AhoCorasick::new(words).ok()).flatten();
        let one_by_one = words.iter().filter(|_| many.is_none());
        let few = one_by_one.map(|word| Finder::new(word.as_bytes()).into_owned()).collect();
        Self { few, many, macros: FxHashSet::default() }
    }

    /// One macro more, which is found where it is used.
    pub fn add_macro(&mut self, name: &str) {
        self.macros.insert(unquoted(name).to_owned());
    }

    /// Whether there are no macros among them.
    #[must_use]
    pub fn has_no_macro(&self) -> bool {
        self.macros.is_empty()
    }

    /// Whether one of them stands in a text.
    #[must_use]
    pub fn are_in(&self, text: &str) -> bool {
        let bytes = text.as_bytes();
        self.few.iter().any(|word| word.find(bytes).is_some())
            || self.many.as_ref().is_some_and(|words| words.is_match(bytes))
            || self.has_macro_in(text)
    }

    /// Which of them stand in a text, by their numbers; each of them once, macros aside.
    #[must_use]
    pub fn which_in(&self, text: &str) -> FxHashSet<usize> {
        let bytes = text.as_bytes();
        let few = self.few.iter().enumerate().filter(|(_, word)| word.find(bytes).is_some()).map(|(number, _)| number);
        let many = self.many.iter().flat_map(|words| words.find_overlapping_iter(bytes));
        few.chain(many.map(|found| found.pattern().as_usize())).collect()
    }

    /// Whether one of the macros is used in a text.
    fn has_macro_in(&self, text: &str) -> bool {
        let is_used = |at: usize| {
            let behind = text.get(at + 1..).unwrap_or_default();
            let Some((Token::Atom | Token::Var, name)) = Tokens::new(behind, 0).next() else { return false };
            behind.get(name.range()).is_some_and(|name| self.macros.contains(unquoted(name)))
        };
        !self.macros.is_empty() && memchr::memchr_iter(b'?', text.as_bytes()).any(is_used)
    }
}

fn unquoted(name: &str) -> &str {
    name.trim_matches('\'')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_and_many_are_found_alike() {
        for count in [1, FEW, FEW + 1, 1000] {
            let all: Vec<String> = (0..count).map(|it| format!("word{it}(")).collect();
            let words = Words::new(&all);
            assert!(words.are_in(&format!("f() -> word{}(x).", count - 1)), "{count}");
            assert!(!words.are_in(&format!("f() -> word{count}(x), word{}.", count - 1)), "{count}");
            let which = words.which_in("word0(), word1(), word0(word(), word12345(), word7(");
            assert_eq!(which, (0..count.min(8)).filter(|it| [0, 1, 7].contains(it)).collect(), "{count}");
        }
        assert!(!Words::new(&[]).are_in("x"));
    }

    #[test]
    fn macros_are_found_by_their_whole_names() {
        let mut words = Words::new(&["gen_hook".to_owned()]);
        assert!(words.has_no_macro());
        words.add_macro("ADD");
        words.add_macro("'del hook'");
        for text in ["?ADD(x)", "f(? ADD)", "??ADD", "x?'del hook'", "\u{e9}?ADD", "gen_hook"] {
            assert!(words.are_in(text), "{text}");
        }
        for text in ["?ADDED", "ADD", "? % ADD", "?", "?'ADD other'", "?\u{e9}ADD"] {
            assert!(!words.are_in(text), "{text}");
        }
        assert!(!words.has_macro_in("gen_hook"));
    }
}
