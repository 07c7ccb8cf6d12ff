//! Where programs are: on the `PATH`, but never in a directory that depends on where somebody stands.
//!
//! With `.` on it, or an empty part, which means the same, a project could bring its own `git` or `erlc`.

use std::io;
use std::path::{Path, PathBuf};

/// Looks for a program on the absolute parts of the `PATH`.
///
/// # Errors
/// It is on none.
pub fn find(name: &str) -> io::Result<PathBuf> {
    // Where there is no `PATH`, systems look there.
    let parts = std::env::var_os("PATH").unwrap_or_else(|| "/usr/bin:/bin".into());
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    let on_path = std::env::split_paths(&parts).filter(|directory| directory.is_absolute());
    on_path
        .map(|directory| directory.join(&file))
        .find(|path| is_program(path))
        .ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|it| it.is_file() && it.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> bool {
    path.is_file()
}
