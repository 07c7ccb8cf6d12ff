//! The names of files in a baseline.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

/// Names files relative to a directory, and finds them again.
#[derive(Debug)]
pub struct Names {
    /// Canonical, where it exists.
    directory: PathBuf,
    /// The canonical forms of directories that were met.
    known: HashMap<PathBuf, PathBuf>,
}

impl Names {
    /// Names are relative to `directory`; the empty path is the current one.
    #[must_use]
    pub fn in_directory(directory: &Path) -> Self {
        Self { directory: canonical(directory), known: HashMap::new() }
    }

    /// A file's name, with forward slashes; absolute where nothing else is possible. Links to directories are followed, and a
    /// link to a file has a name of its own. Bytes that are no text become U+FFFD.
    pub fn of(&mut self, path: &Path) -> String {
        let path = self.absolute(path);
        let (mut from, mut to) = (self.directory.components(), path.components());
        loop {
            let (ahead_from, ahead_to) = (from.clone(), to.clone());
            match (from.next(), to.next()) {
                (Some(one), Some(other)) if one == other => {}
                _ => {
                    (from, to) = (ahead_from, ahead_to);
                    break;
                }
            }
        }
        // On another drive, there is no way up.
        if from.clone().any(|it| matches!(it, Component::Prefix(_))) {
            return path.to_string_lossy().into_owned();
        }
        let up = from.map(|_| OsStr::new(".."));
        let parts = up.chain(to.map(Component::as_os_str)).map(OsStr::to_string_lossy);
        parts.collect::<Vec<_>>().join("/")
    }

    /// Where a file of this name is, or was; absolute, and without any `..` in it.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        let mut path = self.directory.clone();
        for component in Path::new(name).components() {
            match component {
                Component::ParentDir => drop(path.pop()),
                Component::CurDir => {}
                other => path.push(other),
            }
        }
        path
    }

    fn absolute(&mut self, path: &Path) -> PathBuf {
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else { return canonical(path) };
        match self.known.get(parent) {
            Some(known) => known.join(name),
            None => self.known.entry(parent.to_path_buf()).or_insert_with(|| canonical(parent)).join(name),
        }
    }
}

/// The path of a directory without links; as it is, where there is none.
pub(super) fn canonical(directory: &Path) -> PathBuf {
    let directory = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
    directory.canonicalize().or_else(|_| std::path::absolute(directory)).unwrap_or_else(|_| directory.to_path_buf())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_files() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().canonicalize().unwrap();
        std::fs::create_dir_all(root.join("ci/x")).unwrap();
        std::fs::create_dir_all(root.join("src/ä b")).unwrap();
        let mut names = Names::in_directory(&root.join("ci"));
        for (path, name) in [
            ("ci/a.erl", "a.erl"),
            ("ci/x/a.erl", "x/a.erl"),
            ("src/ä b/a.erl", "../src/ä b/a.erl"),
            ("src/../ci/x/a.erl", "x/a.erl"),
            ("none/a.erl", "../none/a.erl"),
        ] {
            assert_eq!(names.of(&root.join(path)), name);
            assert_eq!(names.path(name), root.join(path.replace("src/../", "")));
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_to_directories_are_followed() {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("src")).unwrap();
        std::os::unix::fs::symlink("src", root.path().join("linked")).unwrap();
        let mut names = Names::in_directory(&root.path().join("linked/.."));
        assert_eq!(names.of(&root.path().join("linked/a.erl")), "src/a.erl");
    }
}
