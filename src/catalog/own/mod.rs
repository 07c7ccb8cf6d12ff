//! A team's own files: what its server has besides ours, laid over the catalog that hookshift brings along.
//!
//! They have the form of ours, with a little more freedom, as people write them by hand: see `docs/own-hooks.md`.
//! Nothing of this is done in a run without such files.

mod lay;
mod read;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use super::known::Catalog;
use super::model::{Api, Changes, Hook, Parameter, Scope, ServerHandler};
use super::version::Version;

/// Something that is wrong with a team's own file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnError {
    pub path: PathBuf,
    /// 1-based line and column, the latter in code points; `None` for the file as a whole.
    pub at: Option<(usize, usize)>,
    pub cause: String,
}

impl fmt::Display for OwnError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        if let Some((line, column)) = self.at {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}", self.cause)
    }
}

impl std::error::Error for OwnError {}

/// A file with what it says, kept with its text so that mistakes can be told with their lines.
struct File<T> {
    path: PathBuf,
    text: String,
    content: T,
}

/// All files of a directory.
#[derive(Default)]
struct Files {
    hooks: Option<File<OwnHooks>>,
    releases: BTreeMap<Version, File<OwnRelease>>,
    apis: BTreeMap<Version, File<Api>>,
    changes: BTreeMap<(Version, Version), File<Changes>>,
}

/// `hooks.toml`: hooks that do not come and go with a release of ours.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OwnHooks {
    #[serde(default)]
    hooks: Vec<Spanned<OwnHook>>,
}

/// `releases/<release>.toml`: what a release of ours has besides, or a release of the team's own.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OwnRelease {
    release: String,
    /// For a release of the team's own: the one that it is made of. Without it the file has all of its hooks.
    #[serde(default)]
    base: Option<Spanned<String>>,
    /// Hooks of the base, or of our release, that the team's server does not have.
    #[serde(default)]
    without: Vec<Spanned<String>>,
    #[serde(default)]
    hooks: Vec<Spanned<OwnHook>>,
    #[serde(default)]
    handlers: Vec<ServerHandler>,
}

/// A hook as [`Hook`] has it, where only what cannot be guessed has to be given.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct OwnHook {
    name: String,
    run: String,
    scope: Scope,
    accumulator: String,
    #[serde(default)]
    initial: Option<String>,
    #[serde(default)]
    parameters: Vec<Parameter>,
    #[serde(default)]
    parameters_type: String,
    #[serde(default)]
    arguments: Vec<Parameter>,
    /// As the accumulator, when it is not given.
    #[serde(default)]
    result: Option<String>,
    #[serde(default = "yes")]
    unwrapped: bool,
    /// Where it stands in the file that describes it, when it is not given.
    #[serde(default)]
    at: Option<String>,
    /// In `hooks.toml`: the first and the last release with it.
    #[serde(default)]
    since: Option<String>,
    #[serde(default)]
    until: Option<String>,
}

fn yes() -> bool {
    true
}

impl OwnHook {
    /// The hook in the form that the catalog has; `at` is where it is described.
    fn hook(&self, at: &str) -> Hook {
        Hook {
            name: self.name.clone(),
            run: self.run.clone(),
            scope: self.scope,
            accumulator: self.accumulator.clone(),
            initial: self.initial.clone().unwrap_or_else(|| "Acc".to_owned()),
            parameters: self.parameters.clone(),
            parameters_type: self.parameters_type.clone(),
            arguments: self.arguments.clone(),
            result: self.result.clone().unwrap_or_else(|| self.accumulator.clone()),
            unwrapped: self.unwrapped,
            at: self.at.clone().unwrap_or_else(|| at.to_owned()),
        }
    }
}

impl<T> File<T> {
    /// A mistake at an offset in bytes.
    fn mistake(&self, offset: usize, cause: impl Into<String>) -> OwnError {
        OwnError { path: self.path.clone(), at: Some(position(&self.text, offset)), cause: cause.into() }
    }

    /// A mistake about an entry whose name is in the cause between backticks: the line that gives it this name is its place.
    fn blame(&self, cause: String) -> OwnError {
        let name = cause.split('`').nth(1).unwrap_or_default();
        let at = [format!("\"{name}\""), format!("'{name}'")].iter().find_map(|quoted| self.text.find(quoted.as_str()));
        let line = at.map(|at| (position(&self.text, at).0, 1));
        OwnError { path: self.path.clone(), at: line.filter(|_| !name.is_empty()), cause }
    }
}

/// Line and column of an offset, counted from 1.
fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    (1 + before.matches('\n').count(), 1 + before[line_start..].chars().count())
}

impl Catalog {
    /// This catalog with what the files in a directory add to it. Files are named in messages as they are below `root`.
    ///
    /// # Errors
    /// Everything that is wrong with the files, in their order: see [`OwnError`].
    pub fn with_own(&self, directory: &Path, root: &Path) -> Result<Self, Vec<OwnError>> {
        let files = read::all(directory, root)?;
        lay::over(self, &files)
    }
}
