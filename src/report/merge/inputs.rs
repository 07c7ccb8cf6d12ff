//! Which files are reports, and of which repositories.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

/// A file of this name is named after the directory in which it lies.
const NO_NAME: &str = "hookshift";

/// The format of a report, told by the name of its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Json,
    Sarif,
}

/// The files of each repository.
pub type Repositories = BTreeMap<String, BTreeMap<Kind, PathBuf>>;

impl Kind {
    /// The format that a file of this name has: `.sarif` and `.sarif.json` are SARIF.
    fn of(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_string_lossy().to_lowercase();
        if name.ends_with(".sarif") || name.ends_with(".sarif.json") {
            return Some(Self::Sarif);
        }
        name.ends_with(".json").then_some(Self::Json)
    }

    /// As people call it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Json => "JSON",
            Self::Sarif => "SARIF",
        }
    }
}

/// Finds the reports that arguments stand for: `NAME=FILE`, a file, or a directory, which is searched. A file that exists under the whole
/// of an argument is that file. In directories, files in `outputs` are passed over: they are of an earlier merge.
///
/// # Errors
/// An argument stands for no report, or two files are of the same format and the same repository.
pub fn find(arguments: &[PathBuf], outputs: &[PathBuf]) -> Result<Repositories, String> {
    let outputs: BTreeSet<PathBuf> = outputs.iter().filter_map(|it| it.canonicalize().ok()).collect();
    let mut found = Repositories::new();
    for argument in arguments {
        if argument.is_dir() {
            search(argument, &outputs, &mut found)?;
            continue;
        }
        let (name, file) = named(argument);
        let kind = Kind::of(&file).ok_or_else(|| format!("{}: a report ends in .json or .sarif", file.display()))?;
        let name = name.unwrap_or_else(|| name_of(&file, file.parent().unwrap_or(Path::new(""))));
        insert(name, kind, file, &mut found)?;
    }
    Ok(found)
}

/// Takes `NAME=FILE` apart.
fn named(argument: &Path) -> (Option<String>, PathBuf) {
    match argument.to_str().and_then(|text| text.split_once('=')) {
        Some((name, file)) if !name.is_empty() && !file.is_empty() && !argument.exists() => {
            (Some(name.to_owned()), PathBuf::from(file))
        }
        _ => (None, argument.to_path_buf()),
    }
}

fn search(directory: &Path, outputs: &BTreeSet<PathBuf>, found: &mut Repositories) -> Result<(), String> {
    let is_output = |path: &Path| path.canonicalize().is_ok_and(|path| outputs.contains(&path));
    let mut any = false;
    for entry in WalkDir::new(directory).sort_by_file_name() {
        let entry = entry.map_err(|error| error.to_string())?;
        let Some(kind) = Kind::of(entry.path()).filter(|_| entry.path().is_file() && !is_output(entry.path())) else {
            continue;
        };
        any = true;
        insert(name_of(entry.path(), directory), kind, entry.into_path(), found)?;
    }
    if any {
        Ok(())
    } else {
        Err(format!(
            "{}: there is no report in this directory, no file that ends in .json or .sarif",
            directory.display()
        ))
    }
}

fn insert(name: String, kind: Kind, file: PathBuf, found: &mut Repositories) -> Result<(), String> {
    let files = found.entry(name.clone()).or_default();
    match files.insert(kind, file.clone()) {
        Some(other) if other.canonicalize().ok() != file.canonicalize().ok() || !other.exists() => Err(format!(
            "{} and {} are both {} reports of `{name}`; name one of them in another way: NAME=FILE",
            other.display(),
            file.display(),
            kind.as_str()
        )),
        _ => Ok(()),
    }
}

/// A repository is named after the path of its report below the directory that is searched, without the ending; when the
/// file is called `hookshift`, after the directory in which it lies.
fn name_of(file: &Path, below: &Path) -> String {
    let stem = |name: &str| {
        let bare = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        bare.strip_suffix(".sarif").unwrap_or(bare).to_owned()
    };
    let relative = file.strip_prefix(below).unwrap_or(file);
    let parts = relative.iter().map(|part| part.to_string_lossy().into_owned());
    let mut parts: Vec<String> = parts.filter(|part| part != ".").collect();
    let name = stem(&parts.pop().unwrap_or_default());
    if name != NO_NAME {
        parts.push(name);
    } else if parts.is_empty() {
        let directory = below.canonicalize().or_else(|_| std::env::current_dir().map(|it| it.join(below)));
        let directory = directory.ok().and_then(|it| it.file_name().map(|it| it.to_string_lossy().into_owned()));
        parts.push(directory.unwrap_or(name));
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    fn tree(files: &[&str]) -> Scratch {
        Scratch::of_same(files, "{}")
    }

    fn names(found: &Repositories) -> Vec<(&str, Vec<Kind>)> {
        found.iter().map(|(name, files)| (name.as_str(), files.keys().copied().collect())).collect()
    }

    #[test]
    fn a_directory_is_searched() {
        let root = tree(&["a.json", "a.sarif", "esl/b.sarif.json", "c/hookshift.json", "e/log.txt", "mod.x.json"]);
        let found = find(&[root.root().to_path_buf()], &[]).unwrap();
        let both = vec![Kind::Json, Kind::Sarif];
        let json = || vec![Kind::Json];
        assert_eq!(names(&found), [("a", both), ("c", json()), ("esl/b", vec![Kind::Sarif]), ("mod.x", json())]);
    }

    #[test]
    fn a_report_is_named_after_its_file_or_its_directory_or_by_the_user() {
        let root = tree(&["a.json", "acme/hookshift.json", "x=y.json"]);
        let at = |path: &str| root.path(path);
        let argument = PathBuf::from(format!("esl/mod_b={}", at("a.json").display()));
        let found = find(&[at("a.json"), at("acme/hookshift.json"), at("x=y.json"), argument], &[]).unwrap();
        assert_eq!(found.keys().collect::<Vec<_>>(), ["a", "acme", "esl/mod_b", "x=y"]);
    }

    #[test]
    fn the_output_of_an_earlier_merge_is_no_input() {
        let root = tree(&["a.json", "fleet.json"]);
        let found = find(&[root.root().to_path_buf()], &[root.path("fleet.json")]).unwrap();
        assert_eq!(found.keys().collect::<Vec<_>>(), ["a"]);
    }

    #[test]
    fn one_repository_twice_is_refused_and_one_file_twice_is_not() {
        let root = tree(&["x/a.json", "y/a.json"]);
        let (one, other) = (root.path("x/a.json"), root.path("y/a.json"));
        assert_eq!(names(&find(&[one.clone(), one.clone()], &[]).unwrap()).len(), 1);
        let error = find(&[one.clone(), other.clone()], &[]).unwrap_err();
        let expected = format!("{} and {} are both JSON reports of `a`", one.display(), other.display());
        assert!(error.starts_with(&expected), "{error}");
    }

    #[test]
    fn what_can_be_no_report_is_refused() {
        let root = tree(&["a.txt"]);
        let error = find(&[root.path("a.txt")], &[]).unwrap_err();
        assert!(error.ends_with("a.txt: a report ends in .json or .sarif"), "{error}");
        let error = find(&[root.root().to_path_buf()], &[]).unwrap_err();
        assert!(error.contains("there is no report in this directory"), "{error}");
    }
}
