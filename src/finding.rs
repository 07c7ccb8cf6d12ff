//! A finding: the only thing that passes from the rules to terminal, JSON, editor or review bot.

use std::fmt;

use serde::{Deserialize, Serialize};

pub use crate::catalog::Evidence;
pub use crate::outline::Mfa;
use crate::rewrite::Fix;
pub use crate::source::Place;

/// How much a finding matters in the target release.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    clap::ValueEnum,
    schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Advice.
    Info,
    /// The handler works differently, or only under a condition.
    Warning,
    /// The handler does not work.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        })
    }
}

/// How far a rewrite of what was found could be left to a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Rewrite {
    /// Every condition under which the mechanical rewrite keeps the meaning was checked on this code.
    Mechanical,
    /// Code can be proposed, and a person has to look at it.
    Suggestion,
    /// Only a person can decide what to do.
    Advice,
}

/// A place with what is to be said about it.
#[derive(Clone, Debug)]
pub struct Label {
    pub place: Place,
    pub message: String,
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whose = if self.own { "" } else { "MongooseIM " };
        write!(f, "{whose}{} {}", self.release, self.at)?;
        if !self.what.is_empty() {
            write!(f, " ({})", self.what)?;
        }
        Ok(())
    }
}

/// What a rule found, with everything that any front end needs to show it.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule's name, as in `removed-hook`.
    pub rule: &'static str,
    pub severity: Severity,
    /// What is wrong and what happens at run time, in one or two sentences, first sentence self-contained.
    pub message: String,
    /// The primary place.
    pub place: Place,
    /// What is said right at the primary place; short.
    pub label: String,
    /// Further places: the registration, the handler, a helper.
    pub related: Vec<Label>,
    /// Why, conditions, neighbours: each a sentence or two.
    pub notes: Vec<String>,
    /// What to write instead; may have several lines of code.
    pub help: Option<String>,
    /// The catalog facts that this rests on.
    pub evidence: Vec<Evidence>,
    pub hook: Option<String>,
    pub handler: Option<Mfa>,
    /// How far the rewrite could be left to a machine, when there is something to rewrite.
    pub rewrite: Option<Rewrite>,
    /// The preferred fix.
    pub fix: Option<Fix>,
    /// Why there is no fix, where one could be expected; a sentence.
    pub no_fix: Option<String>,
    /// Other ways to fix the same thing.
    pub alternatives: Vec<Fix>,
    /// Which one it is, from 1, among those that are told apart by nothing else (see [`crate::fingerprint`]); 0 as long as
    /// nobody has counted.
    pub occurrence: u32,
}

impl Finding {
    #[must_use]
    pub fn new(rule: &'static str, severity: Severity, place: Place, message: impl Into<String>) -> Self {
        Self {
            rule,
            severity,
            message: message.into(),
            place,
            label: String::new(),
            related: Vec::new(),
            notes: Vec::new(),
            help: None,
            evidence: Vec::new(),
            hook: None,
            handler: None,
            rewrite: None,
            fix: None,
            no_fix: None,
            alternatives: Vec::new(),
            occurrence: 0,
        }
    }

    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        self.label = text.into();
        self
    }

    #[must_use]
    pub fn related(mut self, place: Place, message: impl Into<String>) -> Self {
        self.related.push(Label { place, message: message.into() });
        self
    }

    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    #[must_use]
    pub fn evidence(mut self, evidence: &[Evidence]) -> Self {
        self.evidence.extend_from_slice(evidence);
        self
    }

    #[must_use]
    pub fn hook(mut self, hook: impl Into<String>) -> Self {
        self.hook = Some(hook.into());
        self
    }

    #[must_use]
    pub fn handler(mut self, handler: Mfa) -> Self {
        self.handler = Some(handler);
        self
    }

    #[must_use]
    pub fn rewrite(mut self, rewrite: Rewrite) -> Self {
        self.rewrite = Some(rewrite);
        self
    }

    /// Adds the preferred fix, or the reason why there is none; nothing when nobody wants to know.
    #[must_use]
    pub fn fix(mut self, fix: impl Into<Option<Result<Fix, String>>>) -> Self {
        match fix.into() {
            Some(Ok(fix)) => self.fix = Some(fix),
            Some(Err(why)) => self.no_fix = Some(why),
            None => {}
        }
        self
    }

    /// The order in which findings are shown, whatever the order in which they were made.
    #[must_use]
    pub fn sort_key(&self) -> impl Ord + '_ {
        (self.place.source.path(), self.place.span, self.rule, &self.message)
    }
}
