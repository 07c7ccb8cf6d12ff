//! Inputs made of others by changes that make sense to somebody: what is left still looks like what it was, so it gets far.
//!
//! * [`module`]: Erlang code;
//! * [`config`]: configurations and what else comes in lines;
//! * [`session`]: messages of an editor;
//! * [`bytes`]: encodings, line ends and single bytes of any file.

use std::ops::Range;

use hookshift::syntax::scan::{Token, Tokens};

use crate::dice::Dice;
use crate::seeds::{Pool, Seed};

mod bytes;
mod config;
mod module;
mod session;

/// What an input is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Module,
    Config,
    Session,
}

/// Changes an input in one to four ways; what comes out is no longer than `most` bytes.
pub fn mutate(kind: Kind, data: &[u8], pool: &Pool, dice: &mut Dice, most: usize) -> Vec<u8> {
    let (mut text, latin_1) = match std::str::from_utf8(data) {
        Ok(text) => (text.to_owned(), false),
        Err(_) => (data.iter().map(|&byte| char::from(byte)).collect(), true),
    };
    for _ in 0..=dice.below(4) {
        let other = pick(pool.of(kind), dice);
        let mut draft = Draft { text, other, dice, most };
        match kind {
            Kind::Module => module::change(&mut draft),
            Kind::Config => config::change(&mut draft),
            Kind::Session => session::change(&mut draft),
        }
        draft.text.truncate(draft.text.floor_char_boundary(most));
        text = draft.text;
    }
    let as_latin_1 = |text: &str| text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect::<Option<Vec<u8>>>();
    let mut bytes = latin_1.then(|| as_latin_1(&text)).flatten().unwrap_or_else(|| text.into_bytes());
    if kind != Kind::Session && dice.one_in(6) {
        bytes::change(&mut bytes, dice);
    }
    bytes.truncate(most);
    bytes
}

fn pick(seeds: &[Seed], dice: &mut Dice) -> String {
    match seeds {
        [] => String::new(),
        seeds => String::from_utf8_lossy(&dice.one_of(seeds).bytes).into_owned(),
    }
}

/// A text that is being changed.
struct Draft<'a> {
    text: String,
    /// Another input of the same kind.
    other: String,
    dice: &'a mut Dice,
    /// How many bytes there may be in the end.
    most: usize,
}

/// Longer texts are changed in a part of this size only, as to look at all of them takes too long.
const WINDOW: usize = 64 * 1024;

impl Draft<'_> {
    /// How many bytes there is room for.
    fn room(&self) -> usize {
        self.most.saturating_sub(self.text.len())
    }

    /// The tokens of the text or of a part of it.
    fn tokens(&mut self) -> Vec<(Token, Range<usize>)> {
        let start = match self.text.len() {
            0..WINDOW => 0,
            length => self.text.floor_char_boundary(self.dice.below(length - WINDOW)),
        };
        let end = self.text.floor_char_boundary((start + WINDOW).min(self.text.len()));
        Tokens::new(&self.text[start..end], start).map(|(token, span)| (token, span.range())).collect()
    }

    /// One of the tokens that are as asked for.
    fn token(&mut self, wanted: impl Fn(Token, &str) -> bool) -> Option<Range<usize>> {
        let tokens = self.tokens();
        // Where code is broken, a token may part a character.
        let is_fit =
            |(token, at): &(Token, Range<usize>)| self.text.get(at.clone()).is_some_and(|text| wanted(*token, text));
        let fit: Vec<_> = tokens.into_iter().filter(is_fit).map(|(_, at)| at).collect();
        (!fit.is_empty()).then(|| self.dice.one_of(&fit).clone())
    }

    /// Some tokens that follow each other.
    fn run_of_tokens(&mut self, most: usize) -> Option<Range<usize>> {
        let tokens = self.tokens();
        if tokens.is_empty() {
            return None;
        }
        let first = self.dice.below(tokens.len());
        let last = (first + self.dice.below(most)).min(tokens.len() - 1);
        let run = tokens[first].1.start..tokens[last].1.end;
        self.text.get(run.clone()).is_some().then_some(run)
    }

    /// A place between two tokens, or anywhere.
    fn border(&mut self) -> usize {
        match self.token(|_, _| true) {
            Some(at) if self.dice.one_in(2) => at.start,
            Some(at) => at.end,
            None => self.text.floor_char_boundary(self.dice.below(self.text.len() + 1)),
        }
    }

    fn insert(&mut self, at: usize, new: &str) {
        if new.len() <= self.room() {
            self.text.insert_str(at, new);
        }
    }

    fn replace(&mut self, at: Range<usize>, new: &str) {
        if new.len() <= self.room() + at.len() {
            self.text.replace_range(at, new);
        }
    }

    /// The lines of a text, line ends included.
    fn lines(text: &str) -> Vec<Range<usize>> {
        let mut start = 0;
        text.split_inclusive('\n')
            .map(|line| {
                let at = start..start + line.len();
                start = at.end;
                at
            })
            .collect()
    }

    /// Takes lines away, doubles them, lets two of them change places, or puts lines of another text between them.
    fn change_lines(&mut self) {
        let lines = Self::lines(&self.text);
        let Some(first) = (!lines.is_empty()).then(|| self.dice.below(lines.len())) else { return };
        let last = (first + self.dice.below(4)).min(lines.len() - 1);
        let at = lines[first].start..lines[last].end;
        match self.dice.below(4) {
            0 => self.text.replace_range(at, ""),
            1 => {
                let copy = self.text[at.clone()].to_owned();
                self.insert(at.end, &copy);
            }
            2 => {
                let to = self.dice.one_of(&lines).start;
                let moved = self.text[at.clone()].to_owned();
                self.insert(to, &moved);
            }
            _ => {
                let others = Self::lines(&self.other);
                let Some(from) = (!others.is_empty()).then(|| self.dice.below(others.len())) else { return };
                let until = (from + self.dice.below(12)).min(others.len() - 1);
                let new = self.other[others[from].start..others[until].end].to_owned();
                self.insert(at.start, &new);
            }
        }
    }

    /// How often something is repeated: seldom very often.
    fn many(&mut self, length: usize) -> usize {
        let end = if self.dice.one_in(40) { 100_000 } else { *self.dice.one_of(&[3, 8, 30, 160, 2_000]) };
        (1 + self.dice.below(end)).min(self.room() / length.max(1))
    }
}
