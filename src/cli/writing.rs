//! How commands write files: those of a project one after the other, and those that are generated.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::fixing::Changed;
use crate::report::paths::Shown;
use crate::rewrite::write::{self, Bounds};

/// Files that could not be written, with the reason.
pub type Unwritten = BTreeMap<PathBuf, String>;

/// Removes what killed runs left in the directories of these files.
pub fn clean_leftovers(files: &[PathBuf], roots: &[PathBuf], shown: &Shown) {
    // What a link leads to is written where it lies.
    let behind = files.iter().filter(|it| it.is_symlink()).filter_map(|it| it.canonicalize().ok());
    let parents = files.iter().cloned().chain(behind).filter_map(|it| it.parent().map(Path::to_path_buf));
    let directories: BTreeSet<PathBuf> = parents.chain(roots.iter().map(|it| directory_of(it))).collect();
    for leftover in directories.iter().flat_map(|directory| write::clean_leftovers(&or_here(directory))) {
        super::say("note", &format!("{}: removed, left by a run that was killed", shown.show(&leftover)));
    }
}

/// A directory that was named, or that of a file.
pub fn directory_of(root: &Path) -> PathBuf {
    if root.is_dir() { root.to_path_buf() } else { root.parent().map(or_here).unwrap_or_default() }
}

fn or_here(directory: &Path) -> PathBuf {
    if directory.as_os_str().is_empty() { PathBuf::from(".") } else { directory.to_path_buf() }
}

/// Writes all files; of one that cannot be written it is told why, and the others are written all the same.
pub fn write_all(files: &[Changed], bounds: &Bounds, shown: &Shown) -> Unwritten {
    let bytes = files.iter().map(|file| (file.source.path(), file.old.as_slice(), file.new.as_ref()));
    write_bytes(bytes, bounds, shown)
}

/// The same for files with their old and new bytes.
pub fn write_bytes<'f>(
    files: impl IntoIterator<Item = (&'f Path, &'f [u8], &'f [u8])>,
    bounds: &Bounds,
    shown: &Shown,
) -> Unwritten {
    let (mut unwritten, mut directories) = (Unwritten::new(), BTreeSet::new());
    for (path, old, new) in files {
        match bounds.replace(path, old, new) {
            Ok(()) => {
                directories.insert(directory_of(path));
            }
            Err(error) => {
                let reason = error.reason();
                super::say("error", &format!("{}: {reason}", shown.show(path)));
                unwritten.insert(path.to_path_buf(), reason);
            }
        }
    }
    // Once for all files in it: it costs as much as to sync one of them.
    directories.iter().for_each(|directory| write::sync_directory(directory));
    unwritten
}

/// Writes a generated file, with the directories that it needs.
///
/// # Errors
/// Those of the file system, with the path.
pub fn write_generated(path: &Path, content: &[u8]) -> anyhow::Result<()> {
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory).with_context(|| format!("cannot create {}", directory.display()))?;
    }
    write::put(path, |out| out.write_all(content)).with_context(|| format!("cannot write {}", path.display()))
}
