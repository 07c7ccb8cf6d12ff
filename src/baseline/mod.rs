//! Findings that a project knows of and lives with, in a file of their own, so that a check tells only what is new.
//!
//! An entry is told again by its fingerprint, never by a line number: by the rule, the module, the hook, the handler and the
//! code in the line. What else stands in it is for people, save the path, which says whether a run looked at all.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod compare;
mod file;
mod names;

pub use compare::{Compared, Looked, Verdict, compare};
pub use file::{BaselineError, Mistake, quoted};
pub use names::Names;

use crate::finding::Finding;
use crate::fingerprint::{self, Fingerprint};

/// The file's name, where nobody says otherwise.
pub const FILE_NAME: &str = "hookshift-baseline.toml";

/// A finding that is known. Entries are sorted by their fields, from the first to the last.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Relative to the directory of the baseline, with forward slashes.
    pub path: String,
    pub rule: String,
    pub hook: Option<String>,
    /// As in `module:function/arity`.
    pub handler: Option<String>,
    /// The code in the line where it starts, with one blank wherever there are some.
    pub line: String,
    /// Findings that are alike are counted within their file, from top to bottom.
    pub fingerprint: Fingerprint,
}

impl Entry {
    /// The entries of findings that are sorted and of which none was left out, in their order.
    #[must_use]
    pub fn of_all(findings: &[Finding], names: &mut Names) -> Vec<Self> {
        let fingerprints = fingerprint::within_files(findings);
        let entry = |(finding, fingerprint): (&Finding, Fingerprint)| Self {
            path: names.of(finding.place.source.path()),
            rule: finding.rule.to_owned(),
            hook: finding.hook.clone(),
            handler: finding.handler.as_ref().map(ToString::to_string),
            line: fingerprint::line(finding),
            fingerprint,
        };
        findings.iter().zip(fingerprints).map(entry).collect()
    }
}

/// A file of known findings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Baseline {
    pub path: PathBuf,
    /// Sorted; what stands in the file several times is there as many times.
    pub entries: Vec<Entry>,
}

impl Baseline {
    /// Names files as entries of this file do.
    #[must_use]
    pub fn names(&self) -> Names {
        Names::in_directory(self.path.parent().unwrap_or(Path::new("")))
    }
}
