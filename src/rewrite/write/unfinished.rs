//! What a run is about to write to several files, kept in a file while it does.
//!
//! What is written to one file can depend on what stands in the others: on the handlers beside which a handler runs, or on the release
//! that the project as a whole is for. Of a project that is half written, a second run would therefore make something else than the first one would have. So
//! all new texts are on disk before the first file is replaced, and a second run writes what is left of them.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{sync_directory, temporary};

/// The name of the file, in the first directory that was named.
pub const NAME: &str = ".hookshift-unfinished";

/// Stands in front of all else, and changes with the form of it.
const MAGIC: &[u8] = b"hookshift unfinished 1\n";

/// What a run was asked, and what it was about to write.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// What was asked, as far as it decides what is written.
    pub question: String,
    /// As it was typed.
    pub command: String,
    files: Vec<Entry>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    /// See [`name_of`].
    name: Vec<u8>,
    /// The digest of what stood there.
    old: [u8; blake3::OUT_LEN],
    new: Vec<u8>,
}

/// A file that is to be written.
#[derive(Debug, PartialEq, Eq)]
pub struct Left {
    pub path: PathBuf,
    pub old: Vec<u8>,
    pub new: Vec<u8>,
}

#[derive(Debug, thiserror::Error)]
pub enum UnfinishedError {
    #[error("another run of hookshift is writing to the files below {}", directory.display())]
    Alive { directory: PathBuf },
    #[error("{}: cannot be read: {error}", path.display())]
    Unreadable { path: PathBuf, error: io::Error },
    #[error("{}: is not what this version of hookshift keeps there; finish with the one that wrote it, or remove the file", path.display())]
    NotUnderstood { path: PathBuf },
}

impl Job {
    /// A job whose files, each with its old and its new bytes, are spelled as seen from this directory.
    pub fn new<'f>(
        question: String,
        command: String,
        directory: &Path,
        files: impl IntoIterator<Item = (&'f Path, &'f [u8], &'f [u8])>,
    ) -> Self {
        let root = canonical(directory);
        let entry = |(path, old, new): (&Path, &[u8], &[u8])| Entry {
            name: name_of(path, &root),
            old: *blake3::hash(old).as_bytes(),
            new: new.to_vec(),
        };
        Self { question, command, files: files.into_iter().map(entry).collect() }
    }

    /// Keeps it in the directory, on disk, until it is [`Kept::done`].
    ///
    /// # Errors
    /// Those of the file system; there is one already.
    pub fn keep(&self, directory: &Path) -> io::Result<Kept> {
        let path = directory.join(NAME);
        let mut temporary = temporary::make(&path, directory)?;
        temporary.write_all(MAGIC)?;
        let bytes = postcard::to_stdvec(self).map_err(io::Error::other)?;
        temporary.write_all(&bytes)?;
        temporary.as_file().sync_all()?;
        // The lock goes with the file.
        let file = temporary.persist_noclobber(&path).map_err(|failed| failed.error)?;
        sync_directory(directory);
        Ok(Kept { path, _locked: file })
    }

    /// How many files it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// What is left to write among these files. `None` when the project is not half written: when none of the files has its new text,
    /// since nothing was written or all was taken back, and when none has its old text.
    #[must_use]
    pub fn left(&self, directory: &Path, among: &[PathBuf]) -> Option<Vec<Left>> {
        let root = canonical(directory);
        let among: HashMap<Vec<u8>, &PathBuf> = among.iter().map(|path| (name_of(path, &root), path)).collect();
        let (mut left, mut written) = (Vec::new(), 0);
        for Entry { name, old: digest, new } in &self.files {
            let Some(path) = among.get(name) else { continue };
            match fs::read(path) {
                Ok(found) if found == *new => written += 1,
                Ok(old) if blake3::hash(&old) == *digest => {
                    left.push(Left { path: (*path).clone(), old, new: new.clone() });
                }
                // Somebody has changed it, and knows better.
                _ => {}
            }
        }
        (written > 0 && !left.is_empty()).then_some(left)
    }
}

/// A job that is kept in a file, and locked.
#[derive(Debug)]
pub struct Kept {
    path: PathBuf,
    _locked: File,
}

impl Kept {
    /// Removes the file.
    pub fn done(self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// Whether there may be one in this directory.
#[must_use]
pub fn exists(directory: &Path) -> bool {
    fs::symlink_metadata(directory.join(NAME)).is_ok_and(|it| it.is_file())
}

/// The job that a killed run left in this directory, locked.
///
/// # Errors
/// The run lives, or the job cannot be read.
pub fn find(directory: &Path) -> Result<Option<(Job, Kept)>, UnfinishedError> {
    let path = directory.join(NAME);
    if !exists(directory) {
        return Ok(None);
    }
    let unreadable = |error| UnfinishedError::Unreadable { path: path.clone(), error };
    let file = OpenOptions::new().read(true).write(true).open(&path).map_err(unreadable)?;
    if let Err(TryLockError::WouldBlock) = file.try_lock() {
        return Err(UnfinishedError::Alive { directory: directory.to_path_buf() });
    }
    let bytes = fs::read(&path).map_err(unreadable)?;
    let job = bytes.strip_prefix(MAGIC).and_then(|bytes| postcard::from_bytes(bytes).ok());
    match job {
        Some(job) => Ok(Some((job, Kept { path, _locked: file }))),
        None => Err(UnfinishedError::NotUnderstood { path }),
    }
}

/// A file as seen from the directory, whatever it is called in a command; by its own path where it lies elsewhere.
fn name_of(path: &Path, root: &Path) -> Vec<u8> {
    let path = canonical(path);
    path.strip_prefix(root).unwrap_or(&path).as_os_str().as_encoded_bytes().to_vec()
}

fn canonical(path: &Path) -> PathBuf {
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(root.path().join(name), text).unwrap();
        }
        root
    }

    fn job(root: &Path) -> (Job, Vec<PathBuf>) {
        let paths = ["a.erl", "b.erl", "c.erl"].map(|name| root.join(name)).to_vec();
        let files = paths.iter().map(|path| (path.as_path(), &b"old"[..], &b"new"[..]));
        (Job::new("q".to_owned(), "hookshift fix --write".to_owned(), root, files), paths)
    }

    #[test]
    fn what_is_left_is_what_has_its_old_text_where_something_is_written() {
        for (texts, expected) in [
            (["new", "old", "old"], Some(vec!["b.erl", "c.erl"])),
            (["new", "old", "mine"], Some(vec!["b.erl"])),
            (["old", "old", "old"], None),
            (["old", "mine", "old"], None),
            (["new", "new", "new"], None),
            (["new", "mine", "new"], None),
        ] {
            let root = tree(&[("a.erl", texts[0]), ("b.erl", texts[1]), ("c.erl", texts[2])]);
            let (job, paths) = job(root.path());
            let left = job.left(root.path(), &paths);
            let names = |it: Vec<Left>| -> Vec<String> {
                it.iter().map(|it| it.path.file_name().unwrap().to_string_lossy().into_owned()).collect()
            };
            assert_eq!(left.map(names), expected.map(|it| it.into_iter().map(str::to_owned).collect()), "{texts:?}");
        }
    }

    #[test]
    fn nothing_is_written_to_what_is_none_of_the_projects_files() {
        let root = tree(&[("a.erl", "new"), ("b.erl", "old"), ("c.erl", "old")]);
        let (job, paths) = job(root.path());
        let left = job.left(root.path(), &paths[..2]).unwrap();
        assert_eq!(left, [Left { path: paths[1].clone(), old: b"old".to_vec(), new: b"new".to_vec() }]);
    }

    #[test]
    fn it_is_kept_until_it_is_done() {
        let root = tree(&[]);
        let (job, _) = job(root.path());
        assert!(find(root.path()).unwrap().is_none());
        let kept = job.keep(root.path()).unwrap();
        let error = find(root.path()).unwrap_err();
        assert!(matches!(error, UnfinishedError::Alive { .. }), "{error}");
        assert!(job.keep(root.path()).is_err(), "there can be one only");
        // As if its process were gone.
        drop(kept);
        let (found, kept) = find(root.path()).unwrap().unwrap();
        assert_eq!(found, job);
        kept.done();
        assert!(find(root.path()).unwrap().is_none());
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_is_none_is_not_taken_for_one() {
        for bytes in
            [&b""[..], b"hookshift unfinished 0\n", b"hookshift unfinished 1\n", b"hookshift unfinished 1\n\xff\xff"]
        {
            let root = tree(&[]);
            fs::write(root.path().join(NAME), bytes).unwrap();
            let error = find(root.path()).unwrap_err();
            assert!(matches!(error, UnfinishedError::NotUnderstood { .. }), "{error}");
        }
    }
}
