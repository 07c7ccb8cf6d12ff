//! The modules of `corpus/fixes` and `corpus/legacy`, and what is said about them.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::root;
use crate::trace::Difference;

/// A module, with what is said about it beside it.
#[derive(Debug)]
pub struct Case {
    /// `recipe/name`.
    pub name: String,
    pub before: PathBuf,
    /// What it is for the release in between, where that is not the same.
    pub stage: Option<PathBuf>,
    /// None when the module must not be touched.
    pub after: Option<PathBuf>,
    /// Another module of the same project.
    pub beside: Option<PathBuf>,
    pub sidecar: Sidecar,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sidecar {
    pub applicability: Option<Applicability>,
    /// The release that a module of `corpus/legacy` is for; the last with `ejabberd_hooks` unless said otherwise.
    pub from: Option<String>,
    /// What the tool makes of a module of `corpus/legacy`.
    pub tool: Option<Tool>,
    /// What a module that must not be touched is, and why.
    pub kept: Option<String>,
    /// The groups of events it is driven with, when it is not only `default`.
    pub drive: Option<Vec<String>>,
    /// Releases that a module that is not touched can run in; both unless said otherwise.
    pub releases: Option<Vec<String>>,
    #[serde(default)]
    pub differences: Vec<Explained>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Applicability {
    Safe,
    Unsafe,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tool {
    /// Nobody has taught it yet: nothing is known.
    Pending,
    /// What is expected, to the byte.
    Exact,
    /// Something else, which behaves as is said.
    Behaves,
    /// Nothing, and it says why.
    Refuses,
}

/// A difference that is right, since the releases differ.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Explained {
    pub event: String,
    pub why: String,
    #[serde(default)]
    pub lost: Vec<String>,
    #[serde(default)]
    pub gained: Vec<String>,
}

impl Explained {
    pub fn is(&self, found: &Difference) -> bool {
        (&self.event, &self.lost, &self.gained) == (&found.event, &found.lost, &found.gained)
    }
}

pub fn cases() -> Vec<Case> {
    cases_in("corpus/fixes")
}

pub fn cases_in(directory: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = directories(&root().join(directory))
        .iter()
        .flat_map(|recipe| entries(recipe).into_iter().map(move |path| (recipe.clone(), path)))
        .filter_map(|(recipe, path)| {
            let name = path.file_name()?.to_str()?.strip_suffix(".before.erl")?.to_owned();
            let beside = |end: &str| recipe.join(format!("{name}{end}"));
            let if_there = |end: &str| Some(beside(end)).filter(|path| path.exists());
            let (stage, after, another) = (if_there(".stage.erl"), if_there(".after.erl"), if_there(".beside.erl"));
            let sidecar = read_sidecar(&beside(".toml"));
            let name = format!("{}/{name}", recipe.file_name()?.to_str()?);
            Some(Case { name, before: path, stage, after, beside: another, sidecar })
        })
        .collect();
    cases.sort_by(|one, other| one.name.cmp(&other.name));
    cases
}

pub fn read_sidecar(path: &Path) -> Sidecar {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect()
}

fn directories(directory: &Path) -> Vec<PathBuf> {
    entries(directory).into_iter().filter(|path| path.is_dir()).collect()
}
