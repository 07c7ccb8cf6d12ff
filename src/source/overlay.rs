//! Texts that stand in place of what is on disk: edits that nobody has written yet.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::{ReadError, Source, with_bytes};

/// Files whose content is other than on disk, by the paths under which they are read.
#[derive(Clone, Debug, Default)]
pub struct Overlay {
    files: FxHashMap<PathBuf, Arc<[u8]>>,
}

impl Overlay {
    /// Lets a file have this content from now on.
    pub fn insert(&mut self, path: PathBuf, bytes: impl Into<Arc<[u8]>>) {
        self.files.insert(path, bytes.into());
    }

    /// Lets a file be as it is on disk again.
    pub fn remove(&mut self, path: &Path) {
        self.files.remove(path);
    }

    /// The content that a file has here, when it is another one than on disk.
    #[must_use]
    pub fn get(&self, path: &Path) -> Option<&Arc<[u8]>> {
        self.files.get(path)
    }

    /// As [`with_bytes`], with what stands here first.
    ///
    /// # Errors
    /// The file stands only on disk, and cannot be read there.
    pub fn with_bytes<R>(&self, path: &Path, look: impl FnOnce(&[u8]) -> R) -> Result<R, ReadError> {
        match self.files.get(path) {
            Some(content) => Ok(look(content)),
            None => with_bytes(path, look),
        }
    }

    /// As [`Source::read`], with what stands here first.
    ///
    /// # Errors
    /// The file cannot be read, or is no text.
    pub fn read(&self, path: &Path) -> Result<Source, ReadError> {
        match self.files.get(path) {
            Some(content) => Source::from_bytes(path.to_path_buf(), content.to_vec()),
            None => Source::read(path),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_here_is_read_instead_of_the_disk() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("mod_x.erl");
        std::fs::write(&path, "on disk").unwrap();
        let mut overlay = Overlay::default();
        let is = |overlay: &Overlay, expected: &[u8]| overlay.with_bytes(&path, |bytes| bytes == expected).unwrap();
        assert!(is(&overlay, b"on disk"));
        overlay.insert(path.clone(), *b"edited");
        assert!(is(&overlay, b"edited"));
        assert_eq!(overlay.read(&path).unwrap().text(), "edited");
        overlay.remove(&path);
        assert_eq!(overlay.read(&path).unwrap().text(), "on disk");
        assert!(overlay.read(&directory.path().join("none.erl")).is_err());
    }
}
