//! Several fixes together: which of them go together, and the texts that come out.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Edit, Fix};
use crate::outline::Mfa;
use crate::source::{Source, Span};

/// Fixes that go together, file by file.
#[derive(Default)]
pub struct Composition {
    files: BTreeMap<PathBuf, Edits>,
    /// Functions that are added.
    defined: BTreeSet<Mfa>,
}

struct Edits {
    source: Arc<Source>,
    /// Sorted by span; no two touch the same bytes.
    edits: Vec<(Span, String)>,
}

/// A fix cannot be applied together with those that were taken before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overlap;

impl Composition {
    /// Takes a fix, whole or not at all. What another fix does already is done once.
    ///
    /// # Errors
    /// The fix changes bytes that another one changes in another way, or adds a function of the same name.
    pub fn add(&mut self, fix: &Fix) -> Result<(), Overlap> {
        let mut by_file: BTreeMap<&Path, Vec<&Edit>> = BTreeMap::new();
        for edit in &fix.edits {
            by_file.entry(edit.place.source.path()).or_default().push(edit);
        }
        let among_its_own = by_file.values().any(|edits| {
            let clashes = |(at, edit): (usize, &&Edit)| {
                edits[..at].iter().any(|other| clash(edit, other.place.span, &other.text))
            };
            edits.iter().enumerate().any(clashes)
        });
        let with_known = |(path, edits): (&&Path, &Vec<&Edit>)| {
            let known = self.files.get(*path).map_or(&[][..], |file| &file.edits);
            edits.iter().any(|edit| known.iter().any(|(span, text)| clash(edit, *span, text)))
        };
        let is_done = |(path, edits): (&&Path, &Vec<&Edit>)| {
            let known = self.files.get(*path).map_or(&[][..], |file| &file.edits);
            let same = |edit: &Edit| known.iter().any(|(span, text)| (*span, text) == (edit.place.span, &edit.text));
            edits.iter().all(|edit| same(edit))
        };
        let twice = fix.defines.iter().any(|it| self.defined.contains(it)) && !by_file.iter().all(is_done);
        if among_its_own || twice || by_file.iter().any(with_known) {
            return Err(Overlap);
        }
        self.defined.extend(fix.defines.iter().cloned());
        for edit in &fix.edits {
            let source = &edit.place.source;
            let file = self.files.entry(source.path().to_path_buf());
            let file = file.or_insert_with(|| Edits { source: Arc::clone(source), edits: Vec::new() });
            let new = (edit.place.span, edit.text.clone());
            if let Err(at) = file.edits.binary_search(&new) {
                file.edits.insert(at, new);
            }
        }
        Ok(())
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The changed files, sorted by path, each with its decoded text before and after.
    pub fn texts(&self) -> impl Iterator<Item = (&Arc<Source>, String)> {
        self.files.values().map(|file| (&file.source, file.apply()))
    }

    /// The changed files, sorted by path, each with its edits: spans of the decoded text, sorted, and what takes their
    /// place, with the file's own line ends.
    pub fn edits(&self) -> impl Iterator<Item = (&Arc<Source>, Vec<(Span, String)>)> {
        self.files.values().map(|file| {
            let newline = file.source.newline();
            let edits = file.edits.iter().map(|(span, text)| (*span, with_line_ends(text, newline).into_owned()));
            (&file.source, edits.collect())
        })
    }

    /// The changed files, sorted by path, each with the parts of it that change: whole lines, with as many more on either side, as a
    /// span of the decoded text, and what takes their place. Parts neither touch nor overlap. To show a change in a long file takes no
    /// longer than in a short one.
    pub fn parts(&self, around: usize) -> impl Iterator<Item = (&Arc<Source>, Vec<(Span, String)>)> {
        self.files.values().map(move |file| (&file.source, file.parts(around)))
    }

    /// Whether a file is changed.
    #[must_use]
    pub fn changes(&self, path: &Path) -> bool {
        self.files.contains_key(path)
    }
}

/// Whether two edits cannot both be made. Doing the same twice is no clash, nor is it to insert right before or right
/// behind bytes that are replaced.
fn clash(edit: &Edit, span: Span, text: &str) -> bool {
    let own = edit.place.span;
    if own == span {
        return edit.text != text;
    }
    own.start < span.end && span.start < own.end
}

/// An edit's text with the line ends of a file.
fn with_line_ends<'t>(text: &'t str, newline: &str) -> Cow<'t, str> {
    match newline {
        "\n" => Cow::Borrowed(text),
        newline => Cow::Owned(text.replace('\n', newline)),
    }
}

impl Edits {
    fn apply(&self) -> String {
        let whole = Span::new(0, self.source.text().len());
        self.applied(whole, &self.edits)
    }

    /// What a span becomes by the edits that are in it.
    fn applied(&self, span: Span, edits: &[(Span, String)]) -> String {
        let text = self.source.text();
        let newline = self.source.newline();
        let mut out = String::with_capacity(span.range().len() + 256);
        let mut done = span.start as usize;
        for (span, new) in edits {
            out.push_str(&text[done..span.start as usize]);
            out.push_str(&with_line_ends(new, newline));
            done = span.end as usize;
        }
        out.push_str(&text[done..span.end as usize]);
        out
    }

    fn parts(&self, around: usize) -> Vec<(Span, String)> {
        let source = &self.source;
        let lines = |span: Span| {
            let (first, last) = (source.line_index(span.start), source.line_index(span.end));
            (first.saturating_sub(around), last.saturating_add(around))
        };
        // The first and the last line of each part, and the edits in it.
        let mut parts: Vec<((usize, usize), std::ops::Range<usize>)> = Vec::new();
        for (at, (span, _)) in self.edits.iter().enumerate() {
            let (first, last) = lines(*span);
            match parts.last_mut().filter(|(lines, _)| first <= lines.1.saturating_add(1)) {
                Some((lines, edits)) => {
                    lines.1 = lines.1.max(last);
                    edits.end = at + 1;
                }
                None => parts.push(((first, last), at..at + 1)),
            }
        }
        let part = |((first, last), edits): ((usize, usize), std::ops::Range<usize>)| {
            let span = source.whole_lines(first, last);
            (span, self.applied(span, &self.edits[edits]))
        };
        parts.into_iter().map(part).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Place;

    fn source(text: &str) -> Arc<Source> {
        Arc::new(Source::from_bytes("mod_x.erl".into(), text.as_bytes().to_vec()).unwrap())
    }

    fn fix(source: &Arc<Source>, edits: &[(usize, usize, &str)]) -> Fix {
        let edit =
            |&(start, end, text): &(usize, usize, &str)| Edit::replace(Place::new(source, Span::new(start, end)), text);
        Fix::new("x", edits.iter().map(edit).collect())
    }

    fn apply(source: &Arc<Source>, fixes: &[Fix]) -> (Vec<bool>, String) {
        let mut all = Composition::default();
        let taken = fixes.iter().map(|fix| all.add(fix).is_ok()).collect();
        let text = all.texts().map(|(_, text)| text).next();
        (taken, text.unwrap_or_else(|| source.text().to_owned()))
    }

    #[test]
    fn fixes_side_by_side_are_both_applied() {
        let text = source("abcdef");
        let fixes = [fix(&text, &[(4, 5, "E")]), fix(&text, &[(0, 1, "A"), (2, 2, "-")])];
        assert_eq!(apply(&text, &fixes), (vec![true, true], "Ab-cdEf".to_owned()));
    }

    #[test]
    fn a_fix_is_applied_whole_or_not_at_all() {
        let text = source("abcdef");
        let fixes = [fix(&text, &[(0, 3, "x")]), fix(&text, &[(2, 4, "y"), (5, 6, "z")])];
        assert_eq!(apply(&text, &fixes), (vec![true, false], "xdef".to_owned()));
    }

    #[test]
    fn what_two_fixes_do_alike_is_done_once() {
        let text = source("abcdef");
        let fixes = [fix(&text, &[(0, 1, "x"), (3, 3, "!")]), fix(&text, &[(0, 1, "x"), (4, 5, "")])];
        assert_eq!(apply(&text, &fixes), (vec![true, true], "xbc!df".to_owned()));
    }

    #[test]
    fn different_insertions_at_one_place_clash() {
        let text = source("ab");
        let fixes = [fix(&text, &[(1, 1, "x")]), fix(&text, &[(1, 1, "y")])];
        assert_eq!(apply(&text, &fixes), (vec![true, false], "axb".to_owned()));
    }

    #[test]
    fn no_function_is_added_twice() {
        let text = source("abcdef");
        let function = Mfa { module: "mod_x".into(), function: "f".into(), arity: 3 };
        let adds = |at: usize| fix(&text, &[(at, at, "f")]).defining(Some(function.clone()));
        assert_eq!(apply(&text, &[adds(1), adds(1), adds(3)]), (vec![true, true, false], "afbcdef".to_owned()));
    }

    #[test]
    fn an_insertion_may_touch_a_replacement() {
        let text = source("abc");
        let fixes = [fix(&text, &[(1, 2, "B")]), fix(&text, &[(1, 1, "<")]), fix(&text, &[(2, 2, ">")])];
        assert_eq!(apply(&text, &fixes), (vec![true, true, true], "a<B>c".to_owned()));
    }

    #[test]
    fn parts_are_the_lines_around_changes() {
        let text = source("1\n2\n3\n4\n5\n6\n7\n8\n9");
        let mut all = Composition::default();
        all.add(&fix(&text, &[(2, 3, "two"), (6, 6, "x\n"), (16, 17, "nine")])).unwrap();
        let parts = |around| {
            let (source, parts) = all.parts(around).next().unwrap();
            parts.iter().map(|(span, new)| (source.slice(*span).to_owned(), new.clone())).collect::<Vec<_>>()
        };
        let pair = |old: &str, new: &str| (old.to_owned(), new.to_owned());
        assert_eq!(parts(0), [pair("2\n", "two\n"), pair("4\n", "x\n4\n"), pair("9", "nine")]);
        assert_eq!(parts(1), [pair("1\n2\n3\n4\n5\n", "1\ntwo\n3\nx\n4\n5\n"), pair("8\n9", "8\nnine")]);
        assert_eq!(parts(2), [pair(text.text(), "1\ntwo\n3\nx\n4\n5\n6\n7\n8\nnine")]);
    }

    #[test]
    fn lines_end_as_they_do_in_the_file() {
        let text = source("a\r\nb\r\n");
        assert_eq!(apply(&text, &[fix(&text, &[(3, 3, "x\ny\n")])]).1, "a\r\nx\r\ny\r\nb\r\n");
    }
}
