//! What was found, as text for people and as JSON for programs: one file per format behind [`Report`].

use std::io::{self, Write};

mod arguments;
pub mod cards;
pub mod concise;
pub mod diff;
pub mod document;
pub mod escape;
pub mod explain;
pub mod fixes;
pub mod full;
pub mod hooks;
pub mod inventory;
pub mod json;
pub mod merge;
pub mod paths;
pub mod prose;
pub mod schema;
pub mod summary;
pub mod table;

#[cfg(test)]
pub(crate) mod samples;

use crate::check::Analysis;
use paths::Shown;

/// A format for the result of a check.
pub trait Report {
    /// Writes the whole result.
    ///
    /// # Errors
    /// Those of `out`.
    fn write(&self, run: &Run<'_>, out: &mut dyn Write) -> io::Result<()>;
}

/// A finished run, and how it shall be shown.
pub struct Run<'a> {
    pub from: &'a str,
    pub to: &'a str,
    /// Settled: sorted and counted.
    pub analysis: &'a Analysis,
    pub paths: &'a Shown,
    /// Paths as a platform knows them that has the whole repository.
    pub repository_paths: &'a Shown,
    /// With the figures of `--statistics`.
    pub statistics: bool,
    /// Text may carry colours.
    pub color: bool,
}
