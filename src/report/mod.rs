//! What was found, as text for people and in the formats of other programs: one file per format behind [`Report`].

use std::io::{self, Write};

mod arguments;
pub mod cards;
pub mod checkstyle;
pub mod concise;
pub mod diff;
pub mod document;
pub mod escape;
pub mod explain;
pub mod fixes;
pub mod full;
pub mod github;
pub mod gitlab;
pub mod history;
pub mod hooks;
pub mod html;
pub mod inventory;
pub mod json;
pub mod junit;
pub mod markdown;
pub mod merge;
pub mod paths;
pub mod prose;
pub mod rdjson;
pub mod sarif;
pub mod schema;
pub mod summary;
pub mod table;
pub mod uri;
pub mod workflow;
pub mod wrap;
mod xml;

#[cfg(test)]
pub(crate) mod samples;

use crate::check::Analysis;
use crate::plan::Plan;
use paths::Shown;

/// A format for the result of a check.
pub trait Report {
    /// Writes the whole result.
    ///
    /// # Errors
    /// Those of `out`.
    fn write(&self, run: &Run<'_>, out: &mut dyn Write) -> io::Result<()>;

    /// What whoever ordered this report has to be told because its readers will not see all of it; a sentence.
    fn does_not_fit(&self, _run: &Run<'_>) -> Option<String> {
        None
    }
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
    /// The address at which the platform shows the repository's files of this commit, with a `/` at its end.
    pub files_url: Option<&'a str>,
    /// Everything that the upgrade takes, for formats that show it.
    pub plan: Option<&'a Plan>,
    /// With the figures of `--statistics`.
    pub statistics: bool,
    /// Text may carry colours.
    pub color: bool,
    /// How many characters fit in a line of the terminal; `None` where text is not shown in one.
    pub width: Option<usize>,
}
