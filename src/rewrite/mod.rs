//! Edits, fixes, and how far a fix can be trusted.

use serde::{Deserialize, Serialize};

use crate::source::Place;

/// How far a fix can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Applicability {
    /// The meaning is kept under conditions that were checked on this very code.
    Safe,
    /// Right in the common case; a person has to look, and the reason is given.
    Unsafe,
}

/// One replacement of the bytes of a place by new text.
#[derive(Clone, Debug)]
pub struct Edit {
    pub place: Place,
    pub text: String,
}

/// A change that belongs together: all of its edits are applied, or none.
#[derive(Clone, Debug)]
pub struct Fix {
    pub title: String,
    pub applicability: Applicability,
    /// In any files; no two overlap.
    pub edits: Vec<Edit>,
    /// Why a person has to look, for an unsafe fix.
    pub reason: Option<String>,
}
