//! Replacing a file so that it is always either the old or the new one.
//!
//! The new text goes to a temporary file beside the old one, which then takes its name. A process that is killed can
//! leave its temporary file behind, and never a file that is half of each.

use std::fmt;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, PersistError};

mod attributes;
mod temporary;
#[cfg(test)]
mod tests;
pub mod unfinished;

pub use temporary::clean_leftovers;

/// Why a file was left as it is.
#[derive(Debug)]
pub enum WriteError {
    ChangedMeanwhile { path: PathBuf },
    Vanished { path: PathBuf },
    NotAFile { path: PathBuf },
    HardLinked { path: PathBuf, links: u64 },
    Outside { path: PathBuf, target: PathBuf },
    ReadOnly { path: PathBuf },
    Io { path: PathBuf, doing: String, error: io::Error },
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path().display(), self.reason())
    }
}

impl std::error::Error for WriteError {}

impl WriteError {
    /// The file, as it was given.
    #[must_use]
    pub fn path(&self) -> &Path {
        match self {
            WriteError::ChangedMeanwhile { path }
            | WriteError::Vanished { path }
            | WriteError::NotAFile { path }
            | WriteError::HardLinked { path, .. }
            | WriteError::Outside { path, .. }
            | WriteError::ReadOnly { path }
            | WriteError::Io { path, .. } => path,
        }
    }

    /// What happened, without the path.
    #[must_use]
    pub fn reason(&self) -> String {
        match self {
            WriteError::ChangedMeanwhile { .. } => "was changed meanwhile, so it is left as it is".to_owned(),
            WriteError::Vanished { .. } => "is gone".to_owned(),
            WriteError::NotAFile { .. } => "is not a regular file".to_owned(),
            WriteError::HardLinked { links, .. } => {
                format!("has {links} names (hard links), and the others would keep the old text")
            }
            WriteError::Outside { target, .. } => format!(
                "leads to {}, which is outside of what was named; name that file to have it changed",
                target.display()
            ),
            WriteError::ReadOnly { .. } => "is read-only".to_owned(),
            WriteError::Io { doing, error, .. } => format!("{doing}: {error}"),
        }
    }
}

/// Where may be written: in what was named, whatever symbolic links in it lead to.
#[derive(Clone, Debug)]
pub struct Bounds {
    /// Canonical.
    roots: Vec<PathBuf>,
}

impl Bounds {
    /// The files and directories, and what is below these. One that is a link itself stands for what it leads to.
    #[must_use]
    pub fn of(roots: &[PathBuf]) -> Self {
        // What is not there now is nothing that somebody named: who makes it meanwhile must not decide.
        Self { roots: roots.iter().filter_map(|root| fs::canonicalize(root).ok()).collect() }
    }

    /// As [`replace`], for files within these bounds only.
    ///
    /// # Errors
    /// As for [`replace`].
    pub fn replace(&self, path: &Path, expected: &[u8], new: &[u8]) -> Result<(), WriteError> {
        replace_by(path, expected, new, Some(self), |temporary, target| temporary.persist(target))
    }

    fn hold(&self, target: &Path) -> bool {
        self.roots.iter().any(|root| target.starts_with(root))
    }
}

/// Puts `new` in the place of the file's bytes, if these are still `expected`.
///
/// Mode, owner and group are kept, the latter two as far as this process may, and on Linux access control lists and
/// other extended attributes; a symbolic link stays one, and what it leads to is replaced. The bytes are on disk before the
/// file is replaced; that the name leads to them is so when [`sync_directory`] was called. Between the last look at the
/// old bytes and the replacement, a few microseconds remain in which a change by somebody else would be lost.
///
/// # Errors
/// The file is left exactly as it is, and no temporary file remains.
pub fn replace(path: &Path, expected: &[u8], new: &[u8]) -> Result<(), WriteError> {
    replace_by(path, expected, new, None, |temporary, target| temporary.persist(target))
}

/// `rename` is the last step: it gives the file the name in place of the one that has it.
fn replace_by(
    path: &Path,
    expected: &[u8],
    new: &[u8],
    bounds: Option<&Bounds>,
    rename: impl FnOnce(NamedTempFile, &Path) -> Result<File, PersistError>,
) -> Result<(), WriteError> {
    let replacement = Replacement::of(path, bounds)?;
    replacement.must_hold(expected)?;
    if new == expected {
        return Ok(());
    }
    let temporary = replacement.write(new)?;
    replacement.must_hold(expected)?;
    // The file has its new name, and with it goes the lock, when this returns.
    let Err(failed) = rename(temporary, &replacement.target) else {
        return Ok(());
    };
    let error = failed.error;
    // It is removed, unless it has its new name.
    drop(failed.file);
    // On a network file system, what was done can be told to have failed, when the answer got lost and it was asked again.
    if fs::read(&replacement.target).is_ok_and(|found| found == new) {
        return Ok(());
    }
    Err(replacement.failed("cannot be replaced by its new text")(error))
}

/// Writes a file that somebody asked for by name, as a report: it is there whole or not at all. What stood there is replaced, and
/// its mode and owner are kept; where a link leads is what is meant.
///
/// # Errors
/// Those of the file system and of `write`; the file is read-only. What stood there stays.
pub fn put(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let old = match OpenOptions::new().read(true).append(true).open(&target) {
        Ok(old) => Some(old),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let old = old.map(|old| old.metadata().map(|it| (old, it))).transpose()?;
    if old.as_ref().is_some_and(|(_, it)| it.permissions().readonly()) {
        return Err(io::Error::new(ErrorKind::PermissionDenied, "the file is read-only"));
    }
    let (temporary, directory) = temporary::make_beside(&target)?;
    let mut out = BufWriter::new(temporary);
    write(&mut out)?;
    let temporary = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    if let Some((old, metadata)) = &old {
        attributes::keep(temporary.as_file(), old, metadata)?;
    }
    temporary.persist(&target).map_err(|failed| failed.error)?;
    temporary::clean_leftovers_of(&target, &directory);
    Ok(())
}

/// Makes a file that is not there yet, whole or not at all.
///
/// # Errors
/// Those of the file system; something of that name is there.
pub fn create(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let (mut temporary, directory) = temporary::make_beside(path)?;
    temporary.write_all(bytes)?;
    temporary.as_file().sync_all()?;
    temporary.persist_noclobber(path).map_err(|failed| failed.error)?;
    temporary::clean_leftovers_of(path, &directory);
    sync_directory(&directory);
    Ok(())
}

/// A file that is about to be replaced.
struct Replacement<'a> {
    /// As it was given, for messages.
    path: &'a Path,
    /// The file itself, behind all links.
    target: PathBuf,
    directory: PathBuf,
    old: File,
    metadata: Metadata,
}

impl<'a> Replacement<'a> {
    fn of(path: &'a Path, bounds: Option<&Bounds>) -> Result<Self, WriteError> {
        let failed = |error: io::Error| unreadable(path, error);
        let target = fs::canonicalize(path).map_err(failed)?;
        let metadata = fs::metadata(&target).map_err(failed)?;
        let path_buf = || path.to_path_buf();
        if bounds.is_some_and(|bounds| !bounds.hold(&target)) {
            return Err(WriteError::Outside { path: path_buf(), target });
        }
        if !metadata.is_file() {
            return Err(WriteError::NotAFile { path: path_buf() });
        }
        let links = links(&metadata);
        if links > 1 {
            return Err(WriteError::HardLinked { path: path_buf(), links });
        }
        let old = open_to_write(path, &target, &metadata)?;
        let directory = target.parent().map(Path::to_path_buf).unwrap_or_default();
        Ok(Self { path, target, directory, old, metadata })
    }

    /// Looks at what has the name now.
    fn must_hold(&self, expected: &[u8]) -> Result<(), WriteError> {
        let failed = |error| unreadable(self.path, error);
        let found = fs::read(&self.target).map_err(failed)?;
        let metadata = fs::symlink_metadata(&self.target).map_err(failed)?;
        if found == expected && attributes::same(&metadata, &self.metadata) {
            Ok(())
        } else {
            Err(WriteError::ChangedMeanwhile { path: self.path.to_path_buf() })
        }
    }

    /// Writes the new text to a temporary file, which is removed when it is dropped.
    fn write(&self, new: &[u8]) -> Result<NamedTempFile, WriteError> {
        let mut file = temporary::make(&self.target, &self.directory).map_err(|error| {
            let doing = format!("no temporary file can be made in {}", self.directory.display());
            // The message as it comes names the temporary file, which nobody knows.
            self.failed(&doing)(error.kind().into())
        })?;
        file.as_file_mut().write_all(new).map_err(self.failed("its new text cannot be written"))?;
        attributes::keep(file.as_file(), &self.old, &self.metadata)
            .map_err(self.failed("who may read and write it cannot be kept"))?;
        file.as_file().sync_all().map_err(self.failed("its new text cannot be written"))?;
        Ok(file)
    }

    fn failed(&self, doing: &str) -> impl FnOnce(io::Error) -> WriteError {
        let (path, doing) = (self.path.to_path_buf(), doing.to_owned());
        move |error| WriteError::Io { path, doing, error }
    }
}

fn unreadable(path: &Path, error: io::Error) -> WriteError {
    let path = path.to_path_buf();
    match error.kind() {
        ErrorKind::NotFound => WriteError::Vanished { path },
        _ => WriteError::Io { path, doing: "cannot be read".to_owned(), error },
    }
}

/// Renaming asks for no permission on the file itself, so whoever protected it would be passed over.
fn open_to_write(path: &Path, target: &Path, metadata: &Metadata) -> Result<File, WriteError> {
    let path = path.to_path_buf();
    // To root, everything can be opened.
    if metadata.permissions().readonly() {
        return Err(WriteError::ReadOnly { path });
    }
    OpenOptions::new().read(true).write(true).open(target).map_err(|error| match error.kind() {
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => WriteError::ReadOnly { path },
        ErrorKind::NotFound => WriteError::Vanished { path },
        _ => WriteError::Io { path, doing: "cannot be written".to_owned(), error },
    })
}

#[cfg(unix)]
fn links(metadata: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::nlink(metadata)
}

#[cfg(not(unix))]
fn links(_: &Metadata) -> u64 {
    1
}

/// Makes the names in a directory last. One that cannot be synced is no failure: after a power cut, each file is
/// then the old or the new one, as it is in any case.
pub fn sync_directory(directory: &Path) {
    if let Ok(directory) = File::open(directory) {
        let _ = directory.sync_all();
    }
}
