use super::*;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

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
        assert!(temporary::is_temporary_name(&format!("{}a1B2c3D4", temporary::prefix(&path))));
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
            left += clean_leftovers(directory.path()).len();
            assert_eq!(names(directory.path()), ["mod_x.erl"]);
        }
        assert!(seen.len() == 2 && left > 0, "no replacement was hit: {} texts, {left} leftovers", seen.len());
    }

    #[test]
    fn what_is_being_written_is_no_leftover() {
        let (directory, path) = file(b"old");
        let working = Replacement::of(&path, None).unwrap().write(b"new").unwrap();
        assert_eq!(clean_leftovers(directory.path()), Vec::<PathBuf>::new());
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
    let leftover = directory.path().join(".mod_x.erl.hookshift-a1B2c3D4");
    assert_eq!(clean_leftovers(directory.path()), [leftover]);
    assert_eq!(names(directory.path()).len(), foreign.len() + 2);
    assert_eq!(fs::read(path).unwrap(), b"old");
    assert_eq!(clean_leftovers(&directory.path().join("nope")), Vec::<PathBuf>::new());
}

#[test]
fn what_is_left_is_cleaned_at_once_and_what_is_cleaned_is_made_again() {
    let (directory, path) = file(b"old");
    // Over and over, somebody cleans while somebody writes.
    let cleaning = std::sync::atomic::AtomicBool::new(true);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while cleaning.load(std::sync::atomic::Ordering::Relaxed) {
                clean_leftovers(directory.path());
            }
        });
        let results: Vec<_> = (0..50_u8)
            .map(|round| replace(&path, if round == 0 { b"old" } else { b"new" }, b"new").map_err(|it| it.to_string()))
            .chain((0..50_u8).map(|round| {
                let (old, new) = ([b'a' + round % 2], [b'a' + (round + 1) % 2]);
                let old: &[u8] = if round == 0 { b"new" } else { &old };
                replace(&path, old, &new).map_err(|it| it.to_string())
            }))
            .collect();
        cleaning.store(false, std::sync::atomic::Ordering::Relaxed);
        assert!(results.iter().all(Result::is_ok), "{results:?}");
    });
    assert_eq!(names(directory.path()), ["mod_x.erl"]);
}

/// Errors that network file systems give, which cannot be had here.
#[test]
fn a_rename_that_fails_loses_nothing() {
    for (number, name) in [(18, "EXDEV"), (16, "EBUSY"), (116, "ESTALE"), (13, "EACCES"), (5, "EIO")] {
        let (directory, path) = file(b"old");
        let fails =
            |file: NamedTempFile, _: &Path| Err(PersistError { error: io::Error::from_raw_os_error(number), file });
        let error = replace_by(&path, b"old", b"new", None, fails).unwrap_err();
        let expected = io::Error::from_raw_os_error(number);
        let expected = format!("{}: cannot be replaced by its new text: {expected}", path.display());
        assert_eq!(error.to_string(), expected, "{name}");
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(names(directory.path()), ["mod_x.erl"]);
    }
}

#[test]
fn a_rename_that_was_done_has_not_failed_whatever_is_said() {
    let (directory, path) = file(b"old");
    let says_so = |file: NamedTempFile, target: &Path| {
        fs::rename(file.path(), target).unwrap();
        Err(PersistError { error: io::Error::from(ErrorKind::NotFound), file })
    };
    replace_by(&path, b"old", b"new", None, says_so).unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"new");
    assert_eq!(names(directory.path()), ["mod_x.erl"]);
}

#[test]
fn what_changes_while_the_new_text_is_written_is_kept() {
    type Change = fn(&Path);
    let changes: [(Change, &str); 3] = [
        (|path| fs::write(path, "mine").unwrap(), "was changed meanwhile, so it is left as it is"),
        (|path| fs::remove_file(path).unwrap(), "is gone"),
        (
            |path| {
                let other = path.with_extension("new");
                fs::write(&other, "mine").unwrap();
                fs::rename(other, path).unwrap();
            },
            "was changed meanwhile, so it is left as it is",
        ),
    ];
    for (change, expected) in changes {
        let (directory, path) = file(b"old");
        let replacement = Replacement::of(&path, None).unwrap();
        let temporary = replacement.write(b"new").unwrap();
        change(&path);
        let after = fs::read(&path).ok();
        let error = replacement.must_hold(b"old").unwrap_err();
        drop(temporary);
        assert_eq!(error.to_string(), format!("{}: {expected}", path.display()));
        assert_eq!(fs::read(&path).ok(), after);
        assert!(names(directory.path()).iter().all(|name| name == "mod_x.erl"));
    }
}

#[test]
fn a_report_is_there_whole_or_as_it_was() {
    let (directory, path) = file(b"old");
    fs::write(directory.path().join(".mod_x.erl.hookshift-a1B2c3D4"), "half").unwrap();
    fs::write(directory.path().join(".other.erl.hookshift-a1B2c3D4"), "half").unwrap();
    let error = put(&path, |out| {
        out.write_all(b"ne")?;
        Err(io::Error::other("no more"))
    });
    assert_eq!(error.unwrap_err().to_string(), "no more");
    assert_eq!(fs::read(&path).unwrap(), b"old");
    put(&path, |out| out.write_all(b"new")).unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"new");
    assert_eq!(names(directory.path()), [".other.erl.hookshift-a1B2c3D4", "mod_x.erl"]);
    let second = directory.path().join("second");
    put(&second, |out| out.write_all(b"new")).unwrap();
    assert!(create(&second, b"newer").is_err());
    assert_eq!(fs::read(&second).unwrap(), b"new");
    create(&directory.path().join("third"), b"new").unwrap();
    let mut permissions = fs::metadata(&second).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&second, permissions).unwrap();
    assert_eq!(put(&second, |out| out.write_all(b"newer")).unwrap_err().to_string(), "the file is read-only");
    assert_eq!(names(directory.path()), [".other.erl.hookshift-a1B2c3D4", "mod_x.erl", "second", "third"]);
}

#[cfg(target_os = "linux")]
#[test]
fn extended_attributes_and_access_control_lists_are_kept() {
    use rustix::fs::{XattrFlags, getxattr, setxattr};

    // Version 2; the owner reads and writes, user 1234 and the group read, the mask lets them, others have nothing.
    let list: Vec<u8> = [(1, 6, u32::MAX), (2, 4, 1234), (4, 4, u32::MAX), (0x10, 4, u32::MAX), (0x20, 0, u32::MAX)]
        .iter()
        .flat_map(|&(tag, may, who): &(u16, u16, u32)| {
            [&tag.to_le_bytes()[..], &may.to_le_bytes(), &who.to_le_bytes()].concat()
        })
        .collect();
    let list = [&2_u32.to_le_bytes()[..], &list].concat();
    let attributes = [("user.acme", b"mine".to_vec()), ("system.posix_acl_access", list)];
    let (_directory, path) = file(b"old");
    for (name, value) in &attributes {
        if setxattr(&path, *name, value, XattrFlags::empty()).is_err() {
            println!("not tried: this file system has no such attributes");
            return;
        }
    }
    replace(&path, b"old", b"new").unwrap();
    for (name, value) in attributes {
        let mut found = [0; 200];
        let length = getxattr(&path, name, &mut found[..]).unwrap();
        assert_eq!(found[..length], value, "{name}");
    }
}
