//! Files that cannot be written: it is said which and why, the others are written, and nothing is lost.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Output};

use super::tree::{Files, hookshift, program, read, tree};

fn module(name: &str) -> String {
    format!(
        "-module({name}).
-export([start/2, stamp/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers([{{c2s_update_presence, HostType, fun ?MODULE:stamp/3, #{{}}, 50}}]).

stamp(Acc, _Params, _Extra) ->
    {{ok, Acc}}.
"
    )
}

fn fixed(name: &str) -> String {
    module(name).replace("c2s_update_presence", "user_send_presence").replace("#{}, 50}", "#{}, 5}")
}

/// Three modules.
fn three() -> tempfile::TempDir {
    let (a, b, c) = (module("mod_a"), module("mod_b"), module("mod_c"));
    tree(&[("src/mod_a.erl", &a), ("src/mod_b.erl", &b), ("src/mod_c.erl", &c)])
}

/// Holds that all of the three are fixed but the one in the middle, which is as it was, that this is said, and that nothing else is left.
fn all_but_b(files: &Files, run: &Output, why: &str) {
    let said = String::from_utf8_lossy(&run.stderr);
    assert_eq!(run.status.code(), Some(2), "{said}");
    assert!(said.contains(&format!("error: src/mod_b.erl: {why}\n")), "{said}");
    assert!(said.contains("fixed: src/mod_a.erl:5:29: "), "{said}");
    assert!(said.contains("not written: src/mod_b.erl:5:29: "), "{said}");
    assert!(said.contains("2 fixes applied in 2 files"), "{said}");
    assert!(
        said.contains("1 file is not written, so 1 fix is missing, or there by half:\n    src/mod_b.erl: "),
        "{said}"
    );
    let names: Vec<_> = files.keys().map(|it| it.to_str().unwrap()).collect();
    assert_eq!(names, ["src/mod_a.erl", "src/mod_b.erl", "src/mod_c.erl"]);
    let text = |name: &str| String::from_utf8(files[Path::new(name)].clone()).unwrap();
    assert_eq!(text("src/mod_a.erl"), fixed("mod_a"));
    assert!(text("src/mod_b.erl").starts_with(&module("mod_b")));
    assert_eq!(text("src/mod_c.erl"), fixed("mod_c"));
}

fn fix(root: &Path) -> Output {
    hookshift(root, &["fix", "--write"]).output().unwrap()
}

#[test]
fn a_read_only_file() {
    let root = three();
    let b = root.path().join("src/mod_b.erl");
    fs::set_permissions(&b, fs::Permissions::from_mode(0o444)).unwrap();
    let run = fix(root.path());
    all_but_b(&read(root.path()), &run, "is read-only");
    fs::set_permissions(&b, fs::Permissions::from_mode(0o644)).unwrap();
    // Beside the two that moved, the third one changes places with them when it moves later.
    let run = hookshift(root.path(), &["fix", "--write", "--unsafe"]).output().unwrap();
    assert_eq!(run.status.code(), Some(0), "{}", String::from_utf8_lossy(&run.stderr));
    assert_eq!(fs::read_to_string(b).unwrap(), fixed("mod_b"));
}

#[test]
fn programs_are_told_what_was_not_written() {
    let root = three();
    fs::set_permissions(root.path().join("src/mod_b.erl"), fs::Permissions::from_mode(0o444)).unwrap();
    let run = hookshift(root.path(), &["fix", "--write", "--format", "json"]).output().unwrap();
    assert_eq!(run.status.code(), Some(2));
    let json: serde_json::Value = serde_json::from_slice(&run.stdout).unwrap();
    let told: Vec<_> = json["files"].as_array().unwrap().iter().map(|it| it["not_written"].as_str()).collect();
    assert_eq!(told, [None, Some("is read-only"), None]);
}

#[test]
fn a_file_with_several_names() {
    let root = three();
    let elsewhere = tempfile::tempdir().unwrap();
    fs::hard_link(root.path().join("src/mod_b.erl"), elsewhere.path().join("mod_b.erl")).unwrap();
    let run = fix(root.path());
    all_but_b(&read(root.path()), &run, "has 2 names (hard links), and the others would keep the old text");
    assert_eq!(fs::read_to_string(elsewhere.path().join("mod_b.erl")).unwrap(), module("mod_b"));
}

#[test]
fn a_link_that_leads_out_is_not_followed_unless_it_is_named() {
    let root = three();
    let elsewhere = tempfile::tempdir().unwrap();
    let (link, file) = (root.path().join("src/mod_b.erl"), elsewhere.path().join("mod_b.erl"));
    fs::rename(&link, &file).unwrap();
    symlink(&file, &link).unwrap();
    let why = format!(
        "leads to {}, which is outside of what was named; name that file to have it changed",
        file.canonicalize().unwrap().display()
    );
    // Not even read, and said so.
    let run = hookshift(root.path(), &["fix"]).output().unwrap();
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(said.contains("note: src/mod_b.erl: is a link that leads out of the project"), "{said}");
    assert!(said.contains("2 fixes to apply in 2 files"), "{said}");
    // Read where the project is trusted, and not written.
    let run = hookshift(root.path(), &["fix", "--write", "--trust"]).output().unwrap();
    all_but_b(&read(root.path()), &run, &why);
    assert_eq!(fs::read_to_string(&file).unwrap(), module("mod_b"));
    let run = hookshift(root.path(), &["fix", "--write", "--unsafe", "src", "src/mod_b.erl"]).output().unwrap();
    assert_eq!(run.status.code(), Some(0), "{}", String::from_utf8_lossy(&run.stderr));
    assert_eq!(fs::read_to_string(&file).unwrap(), fixed("mod_b"));
    assert!(link.is_symlink());
}

#[test]
fn a_link_within_the_tree_stays_one() {
    let root = three();
    let (link, file) = (root.path().join("src/mod_b.erl"), root.path().join(".shared/mod_b.erl"));
    fs::create_dir(root.path().join(".shared")).unwrap();
    fs::rename(&link, &file).unwrap();
    symlink("../.shared/mod_b.erl", &link).unwrap();
    assert_eq!(fix(root.path()).status.code(), Some(0));
    assert_eq!(fs::read_to_string(&file).unwrap(), fixed("mod_b"));
    assert_eq!(fs::read_link(&link).unwrap(), Path::new("../.shared/mod_b.erl"));
}

#[test]
fn what_a_killed_run_left_is_cleaned_by_the_next_one_that_writes() {
    let root = three();
    let left = root.path().join("src/.mod_a.erl.hookshift-a1B2c3D4");
    fs::write(&left, "half").unwrap();
    hookshift(root.path(), &["fix"]).output().unwrap();
    assert!(left.exists(), "without --write nothing is touched");
    let said = String::from_utf8(fix(root.path()).stderr).unwrap();
    assert!(said.contains("note: src/.mod_a.erl.hookshift-a1B2c3D4: removed, left by a run that was killed"), "{said}");
    assert!(!left.exists());
    fs::write(&left, "half").unwrap();
    hookshift(root.path(), &["check", "--add-ignores", "later"]).output().unwrap();
    assert!(!left.exists());
}

#[test]
fn while_one_run_writes_another_one_does_not() {
    let root = three();
    let file = fs::File::create(root.path().join(".hookshift-unfinished")).unwrap();
    file.lock().unwrap();
    let before = read(root.path());
    let run = fix(root.path());
    let said = String::from_utf8_lossy(&run.stderr);
    assert_eq!(run.status.code(), Some(2), "{said}");
    assert!(said.contains("another run of hookshift is writing to the files below ."), "{said}");
    assert_eq!(read(root.path()), before);
}

#[test]
fn comments_are_written_to_the_other_files_as_well() {
    let root = three();
    fs::set_permissions(root.path().join("src/mod_b.erl"), fs::Permissions::from_mode(0o444)).unwrap();
    let run = hookshift(root.path(), &["check", "--add-ignores", "later"]).output().unwrap();
    let said = String::from_utf8(run.stderr).unwrap();
    assert_eq!(run.status.code(), Some(2), "{said}");
    assert!(said.contains("error: src/mod_b.erl: is read-only\n"), "{said}");
    assert!(said.contains("2 findings suppressed in 2 files; 1 file could not be written.\n"), "{said}");
    assert!(fs::read_to_string(root.path().join("src/mod_c.erl")).unwrap().contains("later"));
}

/// What only root can set up. Where the tests may not, this says so, and nothing is held.
fn privileged(root: &Path, prepare: &str) -> Option<(Files, Output)> {
    let out = tempfile::tempdir().unwrap();
    let script =
        format!("set -e\n{prepare}\nset +e\n\"$HOOKSHIFT\" fix --write\ncode=$?\ncp -a . \"$OUT\"\nexit $code\n");
    let run = Command::new("unshare")
        .args(["--mount", "sh", "-c", &script])
        .current_dir(root)
        .env("HOOKSHIFT", program())
        .env("OUT", out.path())
        .env("NO_COLOR", "1")
        .output();
    let is_root = fs::metadata(root).unwrap().uid() == 0;
    let mounts = || Command::new("unshare").args(["--mount", "mount", "-t", "tmpfs", "none", "/mnt"]).status();
    if !is_root || !mounts().is_ok_and(|it| it.success()) {
        println!("not tried: nothing can be mounted here");
        return None;
    }
    Some((read(out.path()), run.unwrap()))
}

/// On a file system of a few pages: what is small still fits, and the text of many pages does not fit twice.
#[test]
fn a_full_disk() {
    let root = three();
    let large = format!("{}%% {}\n", module("mod_b"), "x".repeat(300_000));
    fs::write(root.path().join("src/mod_b.erl"), &large).unwrap();
    let prepare = "mount -t tmpfs -o size=400k none /mnt; cp -a . /mnt/; cd /mnt";
    let Some((files, run)) = privileged(root.path(), prepare) else { return };
    all_but_b(&files, &run, "its new text cannot be written: No space left on device (os error 28)");
    assert_eq!(files[Path::new("src/mod_b.erl")], large.into_bytes());
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(
        said.contains("warning: nothing can be kept in . for the case that this run is killed: no storage space"),
        "{said}"
    );
}

/// What has something mounted on it can be written, and not be replaced.
#[test]
fn a_rename_that_is_refused() {
    let root = three();
    let Some((files, run)) = privileged(root.path(), "mount --bind src/mod_b.erl src/mod_b.erl") else { return };
    all_but_b(&files, &run, "cannot be replaced by its new text: Device or resource busy (os error 16)");
}

#[test]
fn a_file_and_a_directory_that_cannot_be_changed_by_anybody() {
    for (what, why) in [
        ("src/mod_b.erl", "is read-only".to_owned()),
        ("b", "no temporary file can be made in /mnt/b: permission denied".to_owned()),
    ] {
        let root = three();
        // In a directory of its own, which a link leads to.
        let moved = "mkdir b; mv src/mod_b.erl b/; ln -s ../b/mod_b.erl src/mod_b.erl; echo b > .ignore";
        let moved = if what == "b" { moved } else { "" };
        let prepare = format!(
            "mount -t tmpfs none /mnt; cp -a . /mnt/; cd /mnt\n{moved}\nchattr +i {what}\ntrap 'chattr -i {what}' EXIT"
        );
        let Some((mut files, run)) = privileged(root.path(), &prepare) else { return };
        if String::from_utf8_lossy(&run.stderr).contains("chattr") {
            println!("not tried: this file system has no such attributes");
            continue;
        }
        files.retain(|name, _| name.starts_with("src"));
        all_but_b(&files, &run, &why);
    }
}

/// In a directory where everybody may make files and only their owners may replace them.
#[test]
fn a_file_of_somebody_else() {
    let root = three();
    let nobody = "--reuid=65534 --regid=65534 --clear-groups";
    let prepare = format!(
        "chmod 1777 . src; chmod 666 src/*; chown 65534 src/mod_a.erl src/mod_c.erl
mount -t tmpfs -o mode=755 none /mnt; cp \"$HOOKSHIFT\" /mnt/hookshift; mkdir /mnt/tree; cp -a . /mnt/tree; cd /mnt/tree
printf '#!/bin/sh\\nexec setpriv {nobody} /mnt/hookshift \"$@\"\\n' > /mnt/as_nobody; chmod 755 /mnt/as_nobody; HOOKSHIFT=/mnt/as_nobody"
    );
    let Some((files, run)) = privileged(root.path(), &prepare) else { return };
    all_but_b(&files, &run, "cannot be replaced by its new text: Operation not permitted (os error 1)");
}
