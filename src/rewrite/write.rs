//! Replacing a file so that it is always either the old or the new one.
//!
//! The new text goes to a temporary file beside the old one, which then takes its name. A process that is killed can
//! leave its temporary file behind, and never a file that is half of each.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tempfile::NamedTempFile;

/// Why a file was left as it is.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    #[error("{}: was changed meanwhile, so it is left as it is", path.display())]
    ChangedMeanwhile { path: PathBuf },
    #[error("{}: is gone", path.display())]
    Vanished { path: PathBuf },
    #[error("{}: is not a regular file", path.display())]
    NotAFile { path: PathBuf },
    #[error("{}: has {links} names (hard links), and the others would keep the old text", path.display())]
    HardLinked { path: PathBuf, links: u64 },
    #[error("{}: is read-only", path.display())]
    ReadOnly { path: PathBuf },
    #[error("{}: {doing}: {error}", path.display())]
    Io { path: PathBuf, doing: String, error: io::Error },
}

/// Puts `new` in the place of the file's bytes, if these are still `expected`.
///
/// Mode, owner and group are kept, the latter two as far as this process may; a symbolic link stays one, and what
/// it leads to is replaced. Access control lists and extended attributes are not kept. The bytes are on disk before the
/// file is replaced. Between the last look at the old bytes and the replacement, a few microseconds remain
/// in which a change by somebody else would be lost.
///
/// # Errors
/// The file is left exactly as it is, and no temporary file remains.
pub fn replace(path: &Path, expected: &[u8], new: &[u8]) -> Result<(), WriteError> {
    let replacement = Replacement::of(path)?;
    replacement.must_hold(expected)?;
    if new == expected {
        return Ok(());
    }
    let temporary = replacement.write(new)?;
    replacement.must_hold(expected)?;
    // The file has its new name, and with it goes the lock, when this returns.
    let _file = temporary.persist(&replacement.target).map_err(|it| {
        // The error holds the temporary file, which goes away with it.
        replacement.failed("cannot be replaced by its new text")(it.error)
    })?;
    sync_directory(&replacement.directory);
    Ok(())
}

/// A file that is about to be replaced.
struct Replacement<'a> {
    /// As it was given, for messages.
    path: &'a Path,
    /// The file itself, behind all links.
    target: PathBuf,
    directory: PathBuf,
    metadata: Metadata,
}

impl<'a> Replacement<'a> {
    fn of(path: &'a Path) -> Result<Self, WriteError> {
        let failed = |error: io::Error| unreadable(path, error);
        let target = fs::canonicalize(path).map_err(failed)?;
        let metadata = fs::metadata(&target).map_err(failed)?;
        let path_buf = || path.to_path_buf();
        if !metadata.is_file() {
            return Err(WriteError::NotAFile { path: path_buf() });
        }
        let links = links(&metadata);
        if links > 1 {
            return Err(WriteError::HardLinked { path: path_buf(), links });
        }
        may_be_written(path, &target, &metadata)?;
        let directory = target.parent().map(Path::to_path_buf).unwrap_or_default();
        Ok(Self { path, target, directory, metadata })
    }

    fn must_hold(&self, expected: &[u8]) -> Result<(), WriteError> {
        let found = fs::read(&self.target).map_err(|error| unreadable(self.path, error))?;
        if found == expected { Ok(()) } else { Err(WriteError::ChangedMeanwhile { path: self.path.to_path_buf() }) }
    }

    /// Writes the new text to a temporary file, which is removed when it is dropped.
    fn write(&self, new: &[u8]) -> Result<NamedTempFile, WriteError> {
        let mut file = tempfile::Builder::new()
            .prefix(&temporary_prefix(&self.target))
            .rand_bytes(RANDOM_CHARACTERS)
            .tempfile_in(&self.directory)
            .map_err(|error| {
                let doing = format!("no temporary file can be made in {}", self.directory.display());
                // The message as it comes names the temporary file, which nobody knows.
                self.failed(&doing)(error.kind().into())
            })?;
        // It tells `clean_leftovers` that somebody is still at work. Where there are no locks, nothing is cleaned.
        let _ = file.as_file().try_lock();
        file.as_file_mut().write_all(new).map_err(self.failed("its new text cannot be written"))?;
        keep_owner_and_mode(file.as_file(), &self.metadata).map_err(self.failed("its mode cannot be kept"))?;
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
fn may_be_written(path: &Path, target: &Path, metadata: &Metadata) -> Result<(), WriteError> {
    let path = path.to_path_buf();
    // To root, everything can be opened.
    if metadata.permissions().readonly() {
        return Err(WriteError::ReadOnly { path });
    }
    match OpenOptions::new().write(true).open(target) {
        Ok(_) => Ok(()),
        Err(error) => match error.kind() {
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => Err(WriteError::ReadOnly { path }),
            ErrorKind::NotFound => Err(WriteError::Vanished { path }),
            _ => Err(WriteError::Io { path, doing: "cannot be written".to_owned(), error }),
        },
    }
}

#[cfg(unix)]
fn links(metadata: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::nlink(metadata)
}

#[cfg(not(unix))]
fn links(_: &Metadata) -> u64 {
    1
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
    file.set_permissions(fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn keep_owner_and_mode(file: &File, old: &Metadata) -> io::Result<()> {
    file.set_permissions(old.permissions())
}

/// Makes the new name last. A directory that cannot be synced is no failure: after a power cut, the file is
/// then the old or the new one, as it is in any case.
fn sync_directory(directory: &Path) {
    if let Ok(directory) = File::open(directory) {
        let _ = directory.sync_all();
    }
}

/// Stands between the name of the file and the random characters at the end.
const MARK: &str = ".hookshift-";
const RANDOM_CHARACTERS: usize = 8;
/// In bytes. File systems allow 255 for a name.
const LONGEST_NAME_IN_PREFIX: usize = 200;

/// The beginning of the temporary file's name. It is hidden and has no suffix that a build tool looks for.
fn temporary_prefix(target: &Path) -> String {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let mut end = name.len().min(LONGEST_NAME_IN_PREFIX);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    format!(".{}{MARK}", &name[..end])
}

fn is_temporary_name(name: &str) -> bool {
    let Some((before, random)) = name.rsplit_once(MARK) else {
        return false;
    };
    let is_random = random.len() == RANDOM_CHARACTERS && random.bytes().all(|byte| byte.is_ascii_alphanumeric());
    before.len() > 1 && before.starts_with('.') && is_random
}

/// Between the making of a temporary file and its lock there is a moment.
const UNLOCKED_AT_MOST: Duration = Duration::from_secs(10);

/// Removes the temporary files that killed runs of [`replace`] left in a directory (not below it), and gives their
/// paths. What a living process works on is locked and stays, as does everything younger than ten seconds. What
/// cannot be removed stays, too: it harms nobody.
pub fn clean_leftovers(directory: &Path) -> Vec<PathBuf> {
    clean_older_than(directory, UNLOCKED_AT_MOST)
}

fn clean_older_than(directory: &Path, age: Duration) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let ours = entries.filter(|entry| entry.file_name().to_str().is_some_and(is_temporary_name));
    let mut removed: Vec<_> = ours.map(|entry| entry.path()).filter(|path| remove_leftover(path, age)).collect();
    removed.sort();
    removed
}

fn remove_leftover(path: &Path, age: Duration) -> bool {
    // Links and pipes are none of ours.
    let is_old = |it: &Metadata| {
        let modified = it.modified().unwrap_or_else(|_| SystemTime::now());
        it.is_file() && modified.elapsed().is_ok_and(|elapsed| elapsed >= age)
    };
    if !fs::symlink_metadata(path).is_ok_and(|it| is_old(&it)) {
        return false;
    }
    let unlocked = File::open(path).is_ok_and(|file| file.try_lock().is_ok());
    unlocked && fs::remove_file(path).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Child, Command, Stdio};

    fn file(bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("mod_x.erl");
        fs::write(&path, bytes).unwrap();
        (directory, path)
    }

    fn names(directory: &Path) -> Vec<String> {
        let entries = fs::read_dir(directory).unwrap();
        let mut names: Vec<_> = entries.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn bytes_are_what_was_given_whatever_they_are() {
        for new in [&b"\xEF\xBB\xBFa.\r\nb."[..], b"%% caf\xE9\n", b"", b"\0\xFF\r"] {
            let (directory, path) = file(b"old");
            replace(&path, b"old", new).unwrap();
            assert_eq!(fs::read(&path).unwrap(), new);
            assert_eq!(names(directory.path()), ["mod_x.erl"]);
        }
    }

    #[test]
    fn a_file_that_was_changed_is_left_alone() {
        let (directory, path) = file(b"somebody else's");
        for new in [&b"new"[..], b"old"] {
            let error = replace(&path, b"old", new).unwrap_err();
            assert!(matches!(error, WriteError::ChangedMeanwhile { .. }), "{error}");
            let message = format!("{}: was changed meanwhile, so it is left as it is", path.display());
            assert_eq!(error.to_string(), message);
        }
        assert_eq!(fs::read(&path).unwrap(), b"somebody else's");
        assert_eq!(names(directory.path()), ["mod_x.erl"]);
    }

    #[test]
    fn what_is_not_there_or_no_file_is_said_to_be_so() {
        let (directory, path) = file(b"old");
        let error = replace(&path.with_extension("nope"), b"old", b"new").unwrap_err();
        assert!(matches!(error, WriteError::Vanished { .. }), "{error}");
        assert!(error.to_string().ends_with("mod_x.nope: is gone"), "{error}");
        let error = replace(directory.path(), b"", b"new").unwrap_err();
        assert!(matches!(error, WriteError::NotAFile { .. }), "{error}");
        assert_eq!(names(directory.path()), ["mod_x.erl"]);
    }

    #[test]
    fn nothing_to_change_is_nothing_written() {
        let (_directory, path) = file(b"old");
        let before = fs::metadata(&path).unwrap().modified().unwrap();
        std::thread::sleep(Duration::from_millis(20));
        replace(&path, b"old", b"old").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), before);
    }

    #[test]
    fn a_name_of_any_length_has_a_temporary_one() {
        let (directory, _) = file(b"");
        for name in ["m".repeat(255), format!("{}.erl", "ø".repeat(120)), "x".to_owned()] {
            let path = directory.path().join(&name);
            fs::write(&path, "old").unwrap();
            replace(&path, b"old", b"new").unwrap();
            assert_eq!(fs::read(&path).unwrap(), b"new");
            assert!(is_temporary_name(&format!("{}a1B2c3D4", temporary_prefix(&path))));
        }
    }

    #[cfg(unix)]
    mod unix {
        use super::*;
        use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

        #[test]
        fn the_mode_is_kept() {
            for mode in [0o600, 0o644, 0o664, 0o755, 0o2755, 0o200 | 0o444] {
                let (_directory, path) = file(b"old");
                fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
                replace(&path, b"old", b"new").unwrap();
                assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, mode);
            }
        }

        /// Only root can give files away; for everybody else this checks that their own files stay their own.
        #[test]
        fn the_owner_is_kept() {
            let (_directory, path) = file(b"old");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o4755)).unwrap();
            let _ = std::os::unix::fs::chown(&path, Some(12345), Some(23456));
            let _ = fs::set_permissions(&path, fs::Permissions::from_mode(0o4755));
            let ids = |it: Metadata| (it.uid(), it.gid(), it.mode());
            let before = ids(fs::metadata(&path).unwrap());
            replace(&path, b"old", b"new").unwrap();
            assert_eq!(ids(fs::metadata(&path).unwrap()), before);
        }

        #[test]
        fn a_symbolic_link_stays_one() {
            let (directory, path) = file(b"old");
            let links = tempfile::tempdir().unwrap();
            let (link, second) = (links.path().join("mod_x.erl"), links.path().join("mod_y.erl"));
            symlink(&path, &link).unwrap();
            symlink("mod_x.erl", &second).unwrap();
            replace(&second, b"old", b"new").unwrap();
            assert_eq!(fs::read_link(&link).unwrap(), path);
            assert_eq!(fs::read(&path).unwrap(), b"new");
            assert!(fs::symlink_metadata(&path).unwrap().is_file());
            assert_eq!((names(directory.path()).len(), names(links.path()).len()), (1, 2));
            fs::remove_file(&path).unwrap();
            let error = replace(&second, b"new", b"old").unwrap_err();
            assert!(matches!(error, WriteError::Vanished { .. }), "{error}");
        }

        #[test]
        fn hard_links_are_not_torn_apart() {
            let (directory, path) = file(b"old");
            fs::hard_link(&path, directory.path().join("mod_y.erl")).unwrap();
            let error = replace(&path, b"old", b"new").unwrap_err();
            assert!(matches!(error, WriteError::HardLinked { links: 2, .. }), "{error}");
            assert_eq!(fs::read(&path).unwrap(), b"old");
        }

        #[test]
        fn a_read_only_file_is_respected_also_by_root() {
            let (directory, path) = file(b"old");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
            let error = replace(&path, b"old", b"new").unwrap_err();
            assert!(matches!(error, WriteError::ReadOnly { .. }), "{error}");
            assert_eq!(fs::read(&path).unwrap(), b"old");
            assert_eq!(names(directory.path()), ["mod_x.erl"]);
        }

        /// Runs a line of shell on the file as an ordinary user, and gives what the child in it says.
        fn as_ordinary_user(path: &Path, shell: &str) -> String {
            use std::os::unix::process::CommandExt;
            const NOBODY: u32 = 65534;
            let directory = path.parent().unwrap();
            let mut command = Command::new("sh");
            command.args(["-c", shell]).env(FILE, path).env("EXE", test_program()).env("CHILD", CHILD);
            if fs::metadata(directory).unwrap().uid() == 0 {
                for it in [directory, path] {
                    std::os::unix::fs::chown(it, Some(NOBODY), Some(NOBODY)).unwrap();
                }
                command.uid(NOBODY).gid(NOBODY);
                // This program can lie where only root finds it, but open it is open.
                command.stdin(File::open(test_program()).unwrap()).env("EXE", "/proc/self/fd/0");
            }
            let output = command.output().unwrap();
            let said = String::from_utf8_lossy(&output.stdout);
            let said = said.lines().find_map(|line| line.split_once("said: ")).map(|(_, said)| said.to_owned());
            said.unwrap_or_else(|| panic!("{output:?}"))
        }

        const RUN: &str = r#"exec "$EXE" "$CHILD" --exact --ignored --nocapture"#;

        #[test]
        fn a_read_only_directory_is_named() {
            let (directory, path) = file(b"0");
            fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o555)).unwrap();
            let said = as_ordinary_user(&path, RUN);
            fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).unwrap();
            let within = fs::canonicalize(directory.path()).unwrap();
            let expected =
                format!("{}: no temporary file can be made in {}: permission denied", path.display(), within.display());
            assert_eq!(said, expected);
            assert_eq!(fs::read(&path).unwrap(), b"0");
        }

        #[test]
        fn a_file_of_somebody_else_is_read_only() {
            let (_directory, path) = file(b"0");
            let said = as_ordinary_user(&path, &format!(r#"chmod 444 "${FILE}"; {RUN}"#));
            assert_eq!(said, format!("{}: is read-only", path.display()));
        }

        /// A limit on the size of files stands in for a full disk: the write fails in the middle of the text.
        #[test]
        fn a_write_that_fails_in_the_middle_leaves_nothing_behind() {
            let (directory, path) = file(&text(0));
            let said = as_ordinary_user(&path, &format!("trap '' XFSZ; ulimit -f 8; {RUN}"));
            let expected = format!("{}: its new text cannot be written: File too large (os error 27)", path.display());
            assert_eq!(said, expected);
            assert_eq!(fs::read(&path).unwrap(), text(0));
            assert_eq!(names(directory.path()), ["mod_x.erl"]);
        }

        #[test]
        fn a_killed_process_leaves_the_old_or_the_new_file() {
            let (directory, path) = file(&text(0));
            let (mut seen, mut left) = (std::collections::HashSet::new(), 0);
            for round in 0..40_u64 {
                let mut child = replacing_child(&path);
                wait_until_started(&mut child);
                // From nothing to some replacements, in steps that meet other moments of each.
                std::thread::sleep(Duration::from_micros(round * 7919 % 12_000));
                child.kill().unwrap();
                child.wait().unwrap();
                let found = fs::read(&path).unwrap();
                assert!(found == text(0) || found == text(1), "torn in round {round}: {} bytes", found.len());
                seen.insert(found);
                left += clean_older_than(directory.path(), Duration::ZERO).len();
                assert_eq!(names(directory.path()), ["mod_x.erl"]);
            }
            assert!(seen.len() == 2 && left > 0, "no replacement was hit: {} texts, {left} leftovers", seen.len());
        }

        #[test]
        fn what_is_being_written_is_no_leftover() {
            let (directory, path) = file(b"old");
            let working = Replacement::of(&path).unwrap().write(b"new").unwrap();
            assert_eq!(clean_older_than(directory.path(), Duration::ZERO), Vec::<PathBuf>::new());
            assert!(working.path().exists());
        }
    }

    /// Text that takes more than one write, different in all of its length.
    fn text(version: u8) -> Vec<u8> {
        vec![b'a' + version; 600_000]
    }

    const CHILD: &str = "rewrite::write::tests::replaces_until_it_is_killed";
    const FILE: &str = "HOOKSHIFT_TEST_FILE";

    fn test_program() -> PathBuf {
        std::env::current_exe().unwrap()
    }

    fn replacing_child(path: &Path) -> Child {
        Command::new(test_program())
            .args([CHILD, "--exact", "--ignored", "--nocapture"])
            .env(FILE, path)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap()
    }

    fn wait_until_started(child: &mut Child) {
        use std::io::BufRead;
        let out = std::io::BufReader::new(child.stdout.take().unwrap());
        assert!(out.lines().any(|line| line.unwrap().contains("started")));
    }

    #[test]
    #[ignore = "other tests start it, in a process of its own"]
    fn replaces_until_it_is_killed() {
        let path = PathBuf::from(std::env::var_os(FILE).unwrap());
        println!("started");
        let mut now = fs::read(&path).unwrap();
        // Nobody lets it get this far.
        for _ in 0..5_000 {
            let next = text(u8::from(now == text(0)));
            if let Err(error) = replace(&path, &now, &next) {
                println!("said: {error}");
                return;
            }
            now = next;
        }
    }

    #[test]
    fn only_what_killed_runs_left_is_removed() {
        let (directory, path) = file(b"old");
        let make = |name: &str| fs::write(directory.path().join(name), "").unwrap();
        let foreign = [
            "mod_x.erl.hookshift-a1B2c3D4",
            ".hookshift-a1B2c3D4",
            ".mod_x.erl.hookshift-a1B2c3D",
            ".mod_x.erl.hookshift-a1B2c3D45",
            ".mod_x.erl.hookshift-a1B2c3D_",
            ".mod_x.erl.swp",
        ];
        foreign.iter().copied().for_each(make);
        fs::create_dir(directory.path().join(".d.hookshift-a1B2c3D4")).unwrap();
        make(".mod_x.erl.hookshift-a1B2c3D4");
        assert_eq!(clean_leftovers(directory.path()), Vec::<PathBuf>::new(), "it is too young");
        let leftover = directory.path().join(".mod_x.erl.hookshift-a1B2c3D4");
        let old = SystemTime::now() - Duration::from_secs(60);
        File::options().write(true).open(&leftover).unwrap().set_modified(old).unwrap();
        assert_eq!(clean_leftovers(directory.path()), [leftover]);
        assert_eq!(names(directory.path()).len(), foreign.len() + 2);
        assert_eq!(fs::read(path).unwrap(), b"old");
        assert_eq!(clean_leftovers(&directory.path().join("nope")), Vec::<PathBuf>::new());
    }
}
