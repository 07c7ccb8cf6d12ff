//! A fix as one replacement of whole lines: the only form in which review platforms take a suggestion.

use std::borrow::Cow;
use std::sync::Arc;

use super::Fix;
use crate::source::{Source, Span};

/// Lines of one file, and what takes their place.
#[derive(Clone)]
pub struct Hunk {
    pub source: Arc<Source>,
    /// 1-based, in.
    pub first_line: usize,
    /// 1-based, in; never above the first one.
    pub last_line: usize,
    /// Without line ends. When there are none, the lines are deleted.
    pub lines: Vec<String>,
}

impl Hunk {
    /// The lines that a fix changes, from the first to the last of them, with those in between. A fix that only inserts
    /// takes the line before which it does.
    ///
    /// `None` when it changes nothing, or more than one file, and for edits that overlap: nobody could make them.
    #[must_use]
    pub fn of(fix: &Fix) -> Option<Self> {
        let source = &fix.edits.first()?.place.source;
        if fix.edits.iter().any(|edit| edit.place.source.path() != source.path()) {
            return None;
        }
        let text = source.text();
        let mut edits: Vec<(Span, &str)> = fix.edits.iter().map(|edit| (edit.place.span, &*edit.text)).collect();
        edits.sort_unstable();
        let (start, end) = (edits.first()?.0.start, edits.iter().map(|(span, _)| span.end).max()?);
        let start_line = last_line_with_text(source, start);
        // An end at the start of a line is the end of the line before.
        let end_line = last_line_with_text(source, if end > start { end - 1 } else { end }).max(start_line);
        let whole = Span { start: source.line_span(start_line).start, end: behind(source, end_line) };
        let mut new = String::new();
        let mut done = whole.start as usize;
        for (span, text_of_edit) in edits {
            new.push_str(text.get(done..span.start as usize)?);
            new.push_str(text_of_edit);
            done = span.end as usize;
        }
        new.push_str(&text[done..whole.end.max(end) as usize]);
        Self::between(source, (start_line, end_line), source.slice(whole), &new)
    }

    /// What differs between some lines and what they shall be; at least one of the lines is kept in it.
    fn between(source: &Arc<Source>, (first, last): (usize, usize), old: &str, new: &str) -> Option<Self> {
        let (old, mut new): (Vec<_>, Vec<_>) = (lines(old), lines(new));
        if old == new {
            return None;
        }
        let (mut above, mut below) = (0, 0);
        while above + 1 < old.len() && old.get(above) == new.get(above) {
            above += 1;
        }
        while above + below + 1 < old.len() && above + below < new.len() {
            if old[old.len() - 1 - below] != new[new.len() - 1 - below] {
                break;
            }
            below += 1;
        }
        new.truncate(new.len() - below);
        Some(Self {
            source: Arc::clone(source),
            first_line: first + above + 1,
            last_line: last + 1 - below,
            lines: new.drain(above.min(new.len())..).map(Cow::into_owned).collect(),
        })
    }

    /// The lines as one text, each with `\n` at its end.
    #[must_use]
    pub fn text(&self) -> String {
        self.lines.iter().flat_map(|line| [line, "\n"]).collect()
    }
}

/// The 0-based line of an offset. Behind the last line end there is no line unless something stands there.
fn last_line_with_text(source: &Source, offset: u32) -> usize {
    let line = source.line_index(offset);
    let is_behind_all = line > 0 && source.line_span(line).start as usize == source.text().len();
    if is_behind_all { line - 1 } else { line }
}

/// Where a line ends, with its line end.
fn behind(source: &Source, line: usize) -> u32 {
    let end = source.line_span(line).end;
    let rest = &source.text()[end as usize..];
    let length = rest.find('\n').map_or(rest.len(), |at| at + 1);
    Span::new(0, end as usize + length).end
}

fn lines(text: &str) -> Vec<Cow<'_, str>> {
    text.split_inclusive('\n')
        .map(|line| {
            let line = line.strip_suffix('\n').unwrap_or(line);
            Cow::Borrowed(line.strip_suffix('\r').unwrap_or(line))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rewrite::Edit;
    use crate::source::Place;

    fn source(path: &str, text: &str) -> Arc<Source> {
        Arc::new(Source::from_text(path.into(), text.to_owned()).unwrap())
    }

    /// The hunk of edits, which replace what first occurs in the text.
    fn hunk(text: &str, edits: &[(&str, &str)]) -> Option<(usize, usize, String)> {
        let source = source("a.erl", text);
        let edit = |&(old, new): &(&str, &str)| {
            let (old, at_end) = old.strip_suffix('$').map_or((old, false), |old| (old, true));
            let start = text.find(old).unwrap();
            let span = if at_end {
                Span::new(start + old.len(), start + old.len())
            } else {
                Span::new(start, start + old.len())
            };
            Edit::replace(Place::new(&source, span), new)
        };
        let hunk = Hunk::of(&Fix::new("x", edits.iter().map(edit).collect()))?;
        // Whatever the hunk is, it has the same effect as the edits.
        let mut all: Vec<&str> = text.lines().collect();
        let new: Vec<&str> = hunk.lines.iter().map(String::as_str).collect();
        all.splice(hunk.first_line - 1..hunk.last_line, new);
        let mut edited = text.to_owned();
        let mut spans: Vec<_> = edits.iter().map(edit).map(|it| (it.place.span, it.text)).collect();
        spans.sort_by_key(|(span, _)| std::cmp::Reverse(*span));
        spans.iter().for_each(|(span, new)| edited.replace_range(span.range(), new));
        assert_eq!(all, edited.lines().collect::<Vec<_>>());
        Some((hunk.first_line, hunk.last_line, hunk.text()))
    }

    #[test]
    fn a_part_of_a_line_becomes_the_line() {
        assert_eq!(hunk("a\nbcd\ne\n", &[("c", "C")]), Some((2, 2, "bCd\n".to_owned())));
        assert_eq!(hunk("a\r\nbcd\r\ne\r\n", &[("c", "C\nC")]), Some((2, 2, "bC\nCd\n".to_owned())));
        assert_eq!(hunk("abc", &[("c", "C")]), Some((1, 1, "abC\n".to_owned())));
    }

    #[test]
    fn edits_take_what_lies_between_them() {
        assert_eq!(hunk("a\nb\nc\nd\n", &[("d", "D"), ("b", "B")]), Some((2, 4, "B\nc\nD\n".to_owned())));
    }

    #[test]
    fn lines_can_go() {
        assert_eq!(hunk("a\nb\nc\n", &[("b\n", "")]), Some((2, 2, String::new())));
        assert_eq!(hunk("a\nb\nc\n", &[("b\nc\n", "")]), Some((2, 3, String::new())));
        assert_eq!(hunk("a\nb\nc", &[("\nc", "")]), Some((3, 3, String::new())));
    }

    #[test]
    fn an_insertion_takes_the_line_before_which_it_is_made() {
        assert_eq!(hunk("a\nb\n", &[("a\n$", "x\n")]), Some((2, 2, "x\nb\n".to_owned())));
        assert_eq!(hunk("a\nb\n", &[("b\n$", "x\n")]), Some((2, 2, "b\nx\n".to_owned())));
        assert_eq!(hunk("a\nb\n", &[("b$", ",\nx")]), Some((2, 2, "b,\nx\n".to_owned())));
        assert_eq!(hunk("a\nb", &[("b$", ",\nx")]), Some((2, 2, "b,\nx\n".to_owned())));
    }

    #[test]
    fn lines_that_stay_are_left_out() {
        assert_eq!(hunk("a\nb\nc\nd\n", &[("a\nb\nc\nd", "a\nB\nc\nd")]), Some((2, 2, "B\n".to_owned())));
        assert_eq!(hunk("a\nb\nb\nc\n", &[("a\nb\nb\nc", "a\nb\nc")]), Some((3, 3, String::new())));
    }

    #[test]
    fn nothing_comes_of_nothing_or_of_two_files() {
        assert_eq!(hunk("a\n", &[("a", "a")]), None);
        assert!(Hunk::of(&Fix::new("x", Vec::new())).is_none());
        let edit = |path| Edit::insert(&Place::new(&source(path, "a"), Span::new(0, 0)), 0, "x");
        assert!(Hunk::of(&Fix::new("x", vec![edit("a.erl"), edit("b.erl")])).is_none());
    }
    #[test]
    fn nobody_makes_edits_that_overlap() {
        let source = source("a.erl", "abcd");
        let edit = |start, end| Edit::replace(Place::new(&source, Span::new(start, end)), "x");
        assert!(Hunk::of(&Fix::new("x", vec![edit(0, 3), edit(1, 2)])).is_none());
    }
}
