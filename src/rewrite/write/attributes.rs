//! What a file has besides its bytes, and keeps when it is replaced: owner, group, mode, access control lists and other extended attributes.

use std::fs::{File, Metadata};
use std::io;

/// Gives the new file what the old one has.
///
/// # Errors
/// Who may read and write it would be others than before.
pub(super) fn keep(new: &File, old: &File, metadata: &Metadata) -> io::Result<()> {
    keep_owner_and_mode(new, metadata)?;
    #[cfg(target_os = "linux")]
    extended::keep(new, old)?;
    #[cfg(not(target_os = "linux"))]
    let _ = old;
    Ok(())
}

/// Whether nobody has changed who may read and write a file, nor given it another name.
#[cfg(unix)]
pub(super) fn same(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;

    let of = |it: &Metadata| (it.mode(), it.uid(), it.gid(), it.nlink());
    of(one) == of(other)
}

#[cfg(not(unix))]
pub(super) fn same(one: &Metadata, other: &Metadata) -> bool {
    one.permissions() == other.permissions() && one.file_type() == other.file_type()
}

/// The owner first: a change of it takes bits off the mode.
#[cfg(unix)]
fn keep_owner_and_mode(file: &File, old: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};

    let own = file.metadata()?;
    let same = own.uid() == old.uid() && own.gid() == old.gid();
    let kept = same || fchown(file, Some(old.uid()), Some(old.gid())).is_ok();
    let group_kept = kept || own.gid() == old.gid() || fchown(file, None, Some(old.gid())).is_ok();
    let mut mode = old.mode() & 0o7777;
    if !kept {
        // Whom a program runs as must not change with its owner.
        mode &= 0o777;
    }
    if !group_kept {
        // The bits were meant for another group: this one may do what everybody may.
        mode = (mode & 0o707) | ((mode & 0o007) << 3);
    }
    file.set_permissions(std::fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn keep_owner_and_mode(file: &File, old: &Metadata) -> io::Result<()> {
    file.set_permissions(old.permissions())
}

#[cfg(target_os = "linux")]
mod extended {
    use std::ffi::CStr;
    use std::fs::File;
    use std::io;

    use rustix::fs::{XattrFlags, fgetxattr, flistxattr, fremovexattr, fsetxattr};

    /// Says who may read and write, beside the mode.
    const ACCESS_CONTROL_LIST: &CStr = c"system.posix_acl_access";
    /// In bytes; Linux has no longer values and lists of names.
    const LONGEST: usize = 64 * 1024;

    /// All but the access control list is kept as far as this process may: security labels are often not for it to give.
    pub(super) fn keep(new: &File, old: &File) -> io::Result<()> {
        let mut names = vec![0; LONGEST];
        // A file system that has none says so by an error.
        let length = flistxattr(old, &mut names[..]).unwrap_or(0);
        let names: Vec<&CStr> = names[..length]
            .split_inclusive(|&byte| byte == 0)
            .filter_map(|name| CStr::from_bytes_with_nul(name).ok())
            .collect();
        let mut value = vec![0; LONGEST];
        for name in &names {
            let kept = fgetxattr(old, *name, &mut value[..])
                .and_then(|length| fsetxattr(new, *name, &value[..length], XattrFlags::empty()));
            if let (Err(error), true) = (kept, *name == ACCESS_CONTROL_LIST) {
                return Err(error.into());
            }
        }
        if !names.contains(&ACCESS_CONTROL_LIST) {
            // One that the directory gives to new files. Mostly there is none, so this fails.
            let _ = fremovexattr(new, ACCESS_CONTROL_LIST);
        }
        Ok(())
    }
}
