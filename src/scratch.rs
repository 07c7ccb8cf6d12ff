//! Directories of tests, which are gone when they are dropped.

use std::fs;
use std::path::{Path, PathBuf};

/// A directory in which files lie under paths with slashes.
pub(crate) struct Scratch(tempfile::TempDir);

impl Scratch {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let scratch = Self::new();
        files.iter().for_each(|(path, text)| drop(scratch.write(path, text)));
        scratch
    }

    /// Files that have all the same text.
    pub(crate) fn of_same(paths: &[&str], text: &str) -> Self {
        let scratch = Self::new();
        paths.iter().for_each(|path| drop(scratch.write(path, text)));
        scratch
    }

    pub(crate) fn root(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.root().join(path)
    }

    /// Writes a file, with the directories that it lies in.
    pub(crate) fn write(&self, path: &str, text: &str) -> PathBuf {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }
}
