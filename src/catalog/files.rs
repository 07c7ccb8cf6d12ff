//! The catalog's files: TOML in a directory with `releases/` and `changes/`.
//!
//! Compiled by the build script as well, for the catalog that hookshift brings along. A directory of the same
//! form describes a team's own server.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use super::check;
use super::model::{Api, Changes, Release};
use super::version::Version;

/// Releases, their APIs and the changes between them, as read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// In the order of their numbers; so are the APIs.
    pub releases: Vec<(Version, Release)>,
    pub apis: Vec<(Version, Api)>,
    /// By the old release, then by the new one.
    pub changes: Vec<((Version, Version), Changes)>,
}

/// A file that is not as it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileError {
    pub path: PathBuf,
    /// What is wrong; several lines where TOML itself is at fault.
    pub cause: String,
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.cause.trim_end())
    }
}

impl std::error::Error for FileError {}

/// What the name of a file in `releases/` says about its content.
pub enum ReleaseFile {
    Hooks(Version),
    Api(Version),
}

impl Parts {
    /// Reads `releases/*.toml`, `releases/*.api.toml` and `changes/*.toml` below a directory; a directory that
    /// does not exist counts as empty. Everything is checked, and a list that must be sorted is sorted.
    ///
    /// # Errors
    /// All files that cannot be read, are no TOML of the right form, or contradict their name or each other.
    pub fn read(directory: &Path) -> Result<Self, Vec<FileError>> {
        let mut parts = Self::default();
        let mut errors = Vec::new();
        let releases = directory.join("releases");
        for path in toml_files(&releases, &mut errors) {
            parts.read_release(&path).unwrap_or_else(|cause| errors.push(FileError { path, cause }));
        }
        let changes = directory.join("changes");
        for path in toml_files(&changes, &mut errors) {
            parts.read_changes(&path).unwrap_or_else(|cause| errors.push(FileError { path, cause }));
        }
        parts.sort();
        // Files that could not be read would only make the others look wrong.
        if errors.is_empty() {
            errors.extend(parts.contradictions(&releases, &changes));
        }
        if errors.is_empty() { Ok(parts) } else { Err(errors) }
    }

    /// The release of that number.
    #[must_use]
    pub fn release(&self, version: Version) -> Option<&Release> {
        find(&self.releases, version)
    }

    /// The API of the release of that number.
    #[must_use]
    pub fn api(&self, version: Version) -> Option<&Api> {
        find(&self.apis, version)
    }

    fn read_release(&mut self, path: &Path) -> Result<(), String> {
        match release_file(file_name(path))? {
            ReleaseFile::Hooks(version) => {
                let mut release: Release = read_toml(path)?;
                same_release(version, &release.release)?;
                sort_release(&mut release);
                self.releases.push((version, release));
            }
            ReleaseFile::Api(version) => {
                let mut api: Api = read_toml(path)?;
                same_release(version, &api.release)?;
                api.modules.sort_by(|a, b| a.name.cmp(&b.name));
                self.apis.push((version, api));
            }
        }
        Ok(())
    }

    fn read_changes(&mut self, path: &Path) -> Result<(), String> {
        let (from, to) = changes_file(file_name(path))?;
        let mut changes: Changes = read_toml(path)?;
        same_release(from, &changes.from)?;
        same_release(to, &changes.to)?;
        changes.hooks.sort_by(|a, b| a.hook.cmp(&b.hook));
        self.changes.push(((from, to), changes));
        Ok(())
    }

    fn sort(&mut self) {
        self.releases.sort_by_key(|(version, _)| *version);
        self.apis.sort_by_key(|(version, _)| *version);
        self.changes.sort_by_key(|(step, _)| *step);
    }

    fn contradictions(&self, releases: &Path, changes: &Path) -> Vec<FileError> {
        let mut errors = Vec::new();
        let mut blame = |path: PathBuf, causes: Vec<String>| {
            errors.extend(causes.into_iter().map(|cause| FileError { path: path.clone(), cause }));
        };
        for (version, release) in &self.releases {
            blame(releases.join(format!("{version}.toml")), check::release(release));
        }
        for (version, api) in &self.apis {
            let path = releases.join(format!("{version}.api.toml"));
            blame(path.clone(), check::api(api));
            if self.release(*version).is_none() {
                blame(path, vec![format!("there is no {version}.toml beside it")]);
            }
        }
        for ((from, to), step) in &self.changes {
            let path = changes.join(format!("{from}-to-{to}.toml"));
            let mut causes = check::changes(step);
            if let (Some(old), Some(new)) = (self.release(*from), self.release(*to)) {
                causes.extend(check::changes_against(step, old, new));
            }
            if let (Some(old), Some(new)) = (self.api(*from), self.api(*to)) {
                causes.extend(check::api_changes_against(step, old, new));
            }
            blame(path, causes);
        }
        errors
    }
}

fn find<T>(list: &[(Version, T)], version: Version) -> Option<&T> {
    list.iter().find(|(known, _)| *known == version).map(|(_, part)| part)
}

/// Puts the lists of a release into the order in which they are searched.
pub fn sort_release(release: &mut Release) {
    release.hooks.sort_by(|a, b| a.name.cmp(&b.name));
    release.handlers.sort();
}

fn toml_files(directory: &Path, errors: &mut Vec<FileError>) -> Vec<PathBuf> {
    if !directory.exists() {
        return Vec::new();
    }
    let list =
        || -> std::io::Result<Vec<PathBuf>> { fs::read_dir(directory)?.map(|entry| Ok(entry?.path())).collect() };
    let mut paths = list().unwrap_or_else(|error| {
        errors.push(FileError { path: directory.to_path_buf(), cause: error.to_string() });
        Vec::new()
    });
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    // The order of a directory is arbitrary, that of messages must not be.
    paths.sort();
    paths
}

pub fn file_name(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).unwrap_or_default()
}

fn read_toml<T: DeserializeOwned>(path: &Path) -> Result<T, String> {
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    toml::from_str(&text).map_err(|error| error.to_string())
}

pub fn release_file(name: &str) -> Result<ReleaseFile, String> {
    let stem = name.strip_suffix(".toml").unwrap_or(name);
    let (number, is_api) = match stem.strip_suffix(".api") {
        Some(number) => (number, true),
        None => (stem, false),
    };
    let version = full_version(number)
        .map_err(|cause| format!("a file here is named <release>.toml or <release>.api.toml: {cause}"))?;
    Ok(if is_api { ReleaseFile::Api(version) } else { ReleaseFile::Hooks(version) })
}

pub fn changes_file(name: &str) -> Result<(Version, Version), String> {
    let form = |cause: &str| format!("a file here is named <from>-to-<to>.toml: {cause}");
    let stem = name.strip_suffix(".toml").unwrap_or(name);
    let (from, to) = stem.split_once("-to-").ok_or_else(|| form("`-to-` is missing"))?;
    let from = full_version(from).map_err(|cause| form(&cause))?;
    let to = full_version(to).map_err(|cause| form(&cause))?;
    if from < to { Ok((from, to)) } else { Err(format!("{to} does not come after {from}")) }
}

/// A release number with all three parts: in file names and files nothing is left out, so that one release has
/// one name.
pub fn full_version(text: &str) -> Result<Version, String> {
    let version: Version = text.parse().map_err(|error| format!("{error}"))?;
    if version.to_string() == text { Ok(version) } else { Err(format!("`{text}` is written {version}")) }
}

pub fn same_release(of_name: Version, of_content: &str) -> Result<(), String> {
    if full_version(of_content)? == of_name {
        Ok(())
    } else {
        Err(format!("is about {of_content}, but its name says {of_name}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    fn causes(files: &[(&str, &str)]) -> Vec<String> {
        let directory = Scratch::of(files);
        let prefix = format!("{}/", directory.root().display());
        match Parts::read(directory.root()) {
            Ok(_) => Vec::new(),
            Err(errors) => errors.iter().map(|e| e.to_string().replace(&prefix, "")).collect(),
        }
    }

    fn release(number: &str, hooks: &[&str]) -> String {
        let hooks: Vec<String> = hooks
            .iter()
            .map(|name| {
                format!(
                    "{{ name = '{name}', run = 'm:{name}/1', scope = 'global', accumulator = '', \
                     initial = 'ok', result = 'ok', unwrapped = true, at = 'src/m.erl:1' }}"
                )
            })
            .collect();
        format!("release = '{number}'\nhooks = [{}]\n", hooks.join(", "))
    }

    #[test]
    fn no_files_are_an_empty_catalog() {
        let directory = Scratch::new();
        assert_eq!(Parts::read(directory.root()), Ok(Parts::default()));
    }

    #[test]
    fn releases_come_in_order_and_sorted() {
        let directory = Scratch::new();
        directory.write("releases/6.10.0.toml", &release("6.10.0", &[]));
        directory.write("releases/6.9.0.toml", &release("6.9.0", &["b", "a"]));
        directory.write("releases/6.9.0.api.toml", "release = '6.9.0'\nmodules = []\nheaders = []");
        directory.write("releases/notes.txt", "not ours");
        let parts = Parts::read(directory.root()).unwrap();
        let versions: Vec<String> = parts.releases.iter().map(|(v, _)| v.to_string()).collect();
        assert_eq!(versions, ["6.9.0", "6.10.0"]);
        let names: Vec<&str> = parts.releases[0].1.hooks.iter().map(|h| h.name.as_str()).collect();
        assert_eq!(names, ["a", "b"]);
        assert!(parts.api(Version::new(6, 9, 0)).is_some());
    }

    #[test]
    fn a_malformed_file_is_named_with_its_line() {
        let causes = causes(&[("releases/6.0.0.toml", "release = '6.0.0'\nhooks = 7\n")]);
        assert_eq!(causes.len(), 1);
        assert!(causes[0].starts_with("releases/6.0.0.toml: TOML parse error at line 2"), "{causes:?}");
    }

    #[test]
    fn an_unknown_key_is_refused() {
        let causes = causes(&[("releases/6.0.0.toml", "release = '6.0.0'\nhooks = []\nhook = 1\n")]);
        assert!(causes[0].contains("unknown field `hook`"), "{causes:?}");
    }

    #[test]
    fn names_must_say_what_is_inside() {
        assert_eq!(
            causes(&[
                ("releases/6.0.0.toml", &release("6.1.0", &[])),
                ("releases/latest.toml", &release("6.1.0", &[])),
                ("releases/6.2.toml", &release("6.2.0", &[])),
                ("changes/6.1.0-to-6.0.0.toml", "from = '6.1.0'\nto = '6.0.0'"),
                ("changes/6.1.0.toml", "from = '6.1.0'\nto = '6.0.0'"),
            ]),
            [
                "releases/6.0.0.toml: is about 6.1.0, but its name says 6.0.0",
                "releases/6.2.toml: a file here is named <release>.toml or <release>.api.toml: `6.2` is written 6.2.0",
                "releases/latest.toml: a file here is named <release>.toml or <release>.api.toml: \
                 `latest` is not a release number such as 6.1.0",
                "changes/6.1.0-to-6.0.0.toml: 6.0.0 does not come after 6.1.0",
                "changes/6.1.0.toml: a file here is named <from>-to-<to>.toml: `-to-` is missing",
            ]
        );
    }

    #[test]
    fn a_change_file_must_fit_its_releases() {
        let causes = causes(&[
            ("releases/6.0.0.toml", &release("6.0.0", &["gone", "kept"])),
            ("releases/6.1.0.toml", &release("6.1.0", &["kept"])),
            ("changes/6.0.0-to-6.1.0.toml", "from = '6.0.0'\nto = '6.1.0'"),
        ]);
        assert_eq!(causes, ["changes/6.0.0-to-6.1.0.toml: hook `gone`: 6.1.0 does not have it, and no entry says so"]);
    }

    #[test]
    fn changes_of_releases_that_are_not_there_yet_are_read() {
        let causes = causes(&[("changes/6.0.0-to-6.1.0.toml", "from = '6.0.0'\nto = '6.1.0'")]);
        assert_eq!(causes, Vec::<String>::new());
    }

    #[test]
    fn an_api_needs_its_release() {
        let causes = causes(&[("releases/6.0.0.api.toml", "release = '6.0.0'\nmodules = []\nheaders = []")]);
        assert_eq!(causes, ["releases/6.0.0.api.toml: there is no 6.0.0.toml beside it"]);
    }
}
