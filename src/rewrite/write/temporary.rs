//! Temporary files beside those that they will replace, and what is done about those that killed runs left.
//!
//! Whoever makes one locks it, and the lock goes with the process. So what is not locked is left over: there are no process ids, which mean
//! nothing in another container, and no ages, so that a run can clean up right after one that was killed. Between the making and
//! the lock there is a moment in which a file can be taken for a leftover; who makes it sees that, and makes another one.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// Stands between the name of the file and the random characters at the end.
const MARK: &str = ".hookshift-";
const RANDOM_CHARACTERS: usize = 8;
/// In bytes. File systems allow 255 for a name.
const LONGEST_NAME_IN_PREFIX: usize = 200;
/// How often a file is made again that somebody cleaned away before it was locked.
const ATTEMPTS: usize = 16;

/// Makes a temporary file for one in this directory. It is removed when it is dropped.
pub(super) fn make(target: &Path, directory: &Path) -> io::Result<NamedTempFile> {
    let prefix = prefix(target);
    make_by(|| builder(&prefix).tempfile_in(directory))
}

/// The same for a file that need not be there yet, with the directory: anybody may read it, as any file that a program makes.
pub(super) fn make_beside(target: &Path) -> io::Result<(NamedTempFile, PathBuf)> {
    let directory = target.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let prefix = prefix(target);
    let file = make_by(|| {
        let mut builder = builder(&prefix);
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        builder.tempfile_in(directory)
    })?;
    Ok((file, directory.to_path_buf()))
}

fn builder(prefix: &str) -> tempfile::Builder<'_, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(prefix).rand_bytes(RANDOM_CHARACTERS);
    builder
}

fn make_by(make: impl Fn() -> io::Result<NamedTempFile>) -> io::Result<NamedTempFile> {
    for _ in 0..ATTEMPTS {
        let file = make()?;
        match file.as_file().try_lock() {
            Ok(()) if fs::symlink_metadata(file.path()).is_ok() => return Ok(file),
            // Somebody removed it, or is about to.
            Ok(()) | Err(TryLockError::WouldBlock) => {}
            // Where there are no locks, nothing is cleaned.
            Err(TryLockError::Error(_)) => return Ok(file),
        }
    }
    Err(io::Error::other("temporary files are removed as soon as they are made"))
}

/// The beginning of the temporary file's name. It is hidden and has no suffix that a build tool looks for.
pub(super) fn prefix(target: &Path) -> String {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let mut end = name.len().min(LONGEST_NAME_IN_PREFIX);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    format!(".{}{MARK}", &name[..end])
}

pub(super) fn is_temporary_name(name: &str) -> bool {
    let Some((before, random)) = name.rsplit_once(MARK) else {
        return false;
    };
    let is_random = random.len() == RANDOM_CHARACTERS && random.bytes().all(|byte| byte.is_ascii_alphanumeric());
    before.len() > 1 && before.starts_with('.') && is_random
}

/// Removes the temporary files that killed runs left in a directory (not below it), and gives their paths. What a
/// living process works on is locked and stays. What cannot be removed stays, too: it harms nobody.
pub fn clean_leftovers(directory: &Path) -> Vec<PathBuf> {
    clean(directory, is_temporary_name)
}

/// The same for those of one file.
pub(super) fn clean_leftovers_of(target: &Path, directory: &Path) {
    let prefix = prefix(target);
    clean(directory, |name| name.starts_with(&prefix) && is_temporary_name(name));
}

fn clean(directory: &Path, is_ours: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let ours = entries.filter(|entry| entry.file_name().to_str().is_some_and(&is_ours));
    let mut removed: Vec<_> = ours.map(|entry| entry.path()).filter(|path| remove_leftover(path)).collect();
    removed.sort();
    removed
}

fn remove_leftover(path: &Path) -> bool {
    // Links and pipes are none of ours.
    if !fs::symlink_metadata(path).is_ok_and(|it| it.is_file()) {
        return false;
    }
    // Over NFS, only what is open for writing can be locked.
    let file = OpenOptions::new().read(true).write(true).open(path).or_else(|_| File::open(path));
    file.is_ok_and(|file| file.try_lock().is_ok() && fs::remove_file(path).is_ok())
}
