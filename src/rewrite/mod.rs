//! Edits, fixes, how far a fix can be trusted, and how several fixes become one new text.

use serde::{Deserialize, Serialize};

use crate::source::{Place, Span};

pub mod compose;
pub mod diff;
pub mod hunk;
pub mod pieces;
pub mod write;

/// How far a fix can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Applicability {
    /// The meaning is kept under conditions that were checked on this very code.
    Safe,
    /// Right in the common case; a person has to look, and the reason is given.
    Unsafe,
}

/// One replacement of the bytes of a place by new text. An empty span inserts.
#[derive(Clone, Debug)]
pub struct Edit {
    pub place: Place,
    /// With `\n` at the ends of lines, whatever the file has.
    pub text: String,
}

impl Edit {
    #[must_use]
    pub fn replace(place: Place, text: impl Into<String>) -> Self {
        Self { place, text: text.into() }
    }

    /// Inserts before the byte at `offset` of the place's file.
    #[must_use]
    pub fn insert(near: &Place, offset: u32, text: impl Into<String>) -> Self {
        let place = Place::new(&near.source, Span { start: offset, end: offset });
        Self { place, text: text.into() }
    }

    #[must_use]
    pub fn delete(place: Place) -> Self {
        Self { place, text: String::new() }
    }

    /// Whether two edits do the same.
    #[must_use]
    pub fn same(&self, other: &Edit) -> bool {
        self.place.span == other.place.span
            && self.text == other.text
            && self.place.source.path() == other.place.source.path()
    }
}

/// A change that belongs together: all of its edits are applied, or none.
#[derive(Clone, Debug)]
pub struct Fix {
    /// What it does, in the imperative and without a full stop.
    pub title: String,
    pub applicability: Applicability,
    /// In any files; no two overlap.
    pub edits: Vec<Edit>,
    /// Why a person has to look, each a clause or sentence; of a safe fix there are none.
    pub reasons: Vec<String>,
    /// The handlers, each with the hook that it serves afterwards, which are written for the target release then.
    pub settles: Vec<(String, crate::outline::Mfa)>,
    /// The hook of which it could not be seen before that the handler serves it: whatever is found about that may be new.
    pub reveals: Option<String>,
    /// Functions that it adds: another fix must not add one of the same name.
    pub defines: Vec<crate::outline::Mfa>,
    /// The result is code for a release on the way, and is to be rewritten further before anybody sees it.
    pub is_stage: bool,
    /// Other fixes in the same code are made for what comes of this one, so it is applied before them.
    pub comes_first: bool,
}

impl Fix {
    /// A fix that keeps the meaning, until a reason to look is added.
    #[must_use]
    pub fn new(title: impl Into<String>, edits: Vec<Edit>) -> Self {
        Self {
            title: title.into(),
            applicability: Applicability::Safe,
            edits,
            reasons: Vec::new(),
            settles: Vec::new(),
            reveals: None,
            defines: Vec::new(),
            is_stage: false,
            comes_first: false,
        }
    }

    /// Adds reasons for which a person has to look; with one of them the fix is no longer safe.
    #[must_use]
    pub fn because(mut self, reasons: impl IntoIterator<Item = String>) -> Self {
        for reason in reasons {
            if !self.reasons.contains(&reason) {
                self.reasons.push(reason);
            }
        }
        if !self.reasons.is_empty() {
            self.applicability = Applicability::Unsafe;
        }
        self
    }

    /// Says which handler is written for the target release afterwards.
    #[must_use]
    pub fn settling(mut self, hook: impl Into<String>, handler: crate::outline::Mfa) -> Self {
        self.settles.push((hook.into(), handler));
        self
    }

    /// Says which function it adds.
    #[must_use]
    pub fn defining(mut self, function: Option<crate::outline::Mfa>) -> Self {
        self.defines.extend(function);
        self
    }

    #[must_use]
    pub fn is_safe(&self) -> bool {
        self.applicability == Applicability::Safe
    }

    /// Whether two fixes do the same.
    #[must_use]
    pub fn same(&self, other: &Fix) -> bool {
        self.edits.len() == other.edits.len()
            && self.edits.iter().zip(&other.edits).all(|(edit, beside)| {
                // Two of the same have their edits in the same order, nearly always.
                beside.same(edit) || other.edits.iter().any(|known| known.same(edit))
            })
    }
}
