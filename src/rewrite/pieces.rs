//! Edits on top of edits, as edits of the text that was there at first.

use std::sync::Arc;

use super::Edit;
use crate::source::{Place, Source, Span};

/// A text as it came about: parts of the first text that stayed, in their order, with what was put between them.
pub struct Pieces {
    first: Arc<Source>,
    pieces: Vec<Piece>,
}

#[derive(Clone)]
enum Piece {
    /// A part of the first text.
    Kept(Span),
    New(String),
}

impl Piece {
    fn len(&self) -> usize {
        match self {
            Piece::Kept(span) => span.len(),
            Piece::New(text) => text.len(),
        }
    }

    /// The parts before and behind an offset.
    fn split(self, at: usize) -> (Piece, Piece) {
        match self {
            Piece::Kept(span) => {
                let middle = span.start as usize + at;
                let before = Span::new(span.start as usize, middle);
                (Piece::Kept(before), Piece::Kept(Span::new(middle, span.end as usize)))
            }
            Piece::New(mut text) => {
                let behind = text.split_off(at);
                (Piece::New(text), Piece::New(behind))
            }
        }
    }
}

impl Pieces {
    #[must_use]
    pub fn new(first: Arc<Source>) -> Self {
        let all = Span::new(0, first.text().len());
        Self { first, pieces: vec![Piece::Kept(all)] }
    }

    /// Makes edits of the text as it is by now: spans of it, sorted, which do not overlap, each with what takes its place.
    pub fn apply<'t>(&mut self, edits: impl IntoIterator<Item = (Span, &'t str)>) {
        let mut old = std::mem::take(&mut self.pieces).into_iter();
        let mut rest: Option<Piece> = None;
        let mut done = 0;
        for (span, text) in edits {
            // What stays before the edit, then what it takes away.
            for (until, keeps) in [(span.start as usize, true), (span.end as usize, false)] {
                while done < until {
                    let Some(piece) = rest.take().or_else(|| old.next()) else { break };
                    let (own, behind) = match done + piece.len() > until {
                        true => piece.split(until - done),
                        false => (piece, Piece::New(String::new())),
                    };
                    done += own.len();
                    rest = Some(behind).filter(|behind| behind.len() > 0);
                    if keeps {
                        self.pieces.push(own);
                    }
                }
            }
            self.pieces.push(Piece::New(text.to_owned()));
        }
        self.pieces.extend(rest);
        self.pieces.extend(old);
        self.pieces.retain(|piece| piece.len() > 0);
    }

    /// What it takes to make this text of the first one.
    #[must_use]
    pub fn edits(&self) -> Vec<Edit> {
        let mut edits = Vec::new();
        let (mut done, mut new) = (0, String::new());
        let end = Span::new(self.first.text().len(), self.first.text().len());
        let all = self.pieces.iter().cloned().chain([Piece::Kept(end)]);
        for piece in all {
            match piece {
                Piece::New(text) => new.push_str(&text),
                Piece::Kept(span) => {
                    let gone = Span::new(done, span.start as usize);
                    let edit = self.edit(gone, &std::mem::take(&mut new).replace("\r\n", "\n"));
                    if !edit.place.span.is_empty() || !edit.text.is_empty() {
                        edits.push(edit);
                    }
                    done = span.end as usize;
                }
            }
        }
        edits
    }

    /// The edit without what both sides start and end with.
    fn edit(&self, gone: Span, new: &str) -> Edit {
        let old = self.first.slice(gone);
        let before = old.chars().zip(new.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum::<usize>();
        let (old, new) = (&old[before..], &new[before..]);
        let ends = old.chars().rev().zip(new.chars().rev());
        let behind: usize = ends.take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
        let span = Span::new(gone.start as usize + before, gone.end as usize - behind);
        Edit::replace(Place::new(&self.first, span), &new[..new.len() - behind])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The edits that several rounds come to, as `start..end: text`.
    fn edits(text: &str, rounds: &[&[(usize, usize, &str)]]) -> Vec<String> {
        let source = Source::from_bytes("m.erl".into(), text.as_bytes().to_vec()).unwrap();
        let mut pieces = Pieces::new(Arc::new(source));
        for round in rounds {
            pieces.apply(round.iter().map(|&(start, end, text)| (Span::new(start, end), text)));
        }
        let shown = |edit: &Edit| format!("{}..{}: {}", edit.place.span.start, edit.place.span.end, edit.text);
        pieces.edits().iter().map(shown).collect()
    }

    #[test]
    fn edits_of_several_rounds_become_one() {
        assert_eq!(edits("abcdef", &[]), [""; 0]);
        assert_eq!(edits("abcdef", &[&[(1, 2, "XX")], &[(4, 5, "Y")]]), ["1..2: XX", "3..4: Y"]);
        // What was put in is edited again, and taken out.
        assert_eq!(edits("abcdef", &[&[(1, 2, "XYZ")], &[(2, 3, "_")]]), ["1..2: X_Z"]);
        assert_eq!(edits("abcdef", &[&[(3, 3, "new")], &[(3, 6, "")]]), [""; 0]);
        assert_eq!(edits("abcdef", &[&[(0, 0, "<"), (6, 6, ">")], &[(0, 8, "all")]]), ["1..6: ll"]);
        assert_eq!(edits("abcdef", &[&[(2, 4, "")], &[(2, 2, "cd")]]), [""; 0]);
    }

    #[test]
    fn what_both_sides_share_is_no_edit() {
        assert_eq!(edits("f(Äb)", &[&[(2, 5, "Äcb")]]), ["4..4: c"]);
        assert_eq!(edits("aaa", &[&[(0, 3, "aa")]]), ["2..3: "]);
    }

    #[test]
    fn lines_end_as_edits_have_them() {
        assert_eq!(edits("a\r\nb", &[&[(3, 4, "x\r\ny")]]), ["3..4: x\ny"]);
    }
}
