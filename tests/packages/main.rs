//! The packages: each is built from what it would be published from, installed into a clean directory as its users do, and run there.

mod cargo;
mod debian;
mod docker;
mod npm;
mod python;
mod rebar3;
mod versions;

#[path = "../ready/programs.rs"]
#[allow(dead_code, reason = "the tests of what is ready-made for CI need the rest")]
mod programs;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use programs::{FILTER, HOOKSHIFT, command, git, git_repository, read, repository, run, succeed, tool};

/// What of the environment is about the build that these tests come from, and none of the business of another one.
const OF_THIS_BUILD: [&str; 7] = [
    "CARGO_BIN_",
    "CARGO_CRATE_",
    "CARGO_MANIFEST_",
    "CARGO_PKG_",
    "CARGO_PRIMARY_",
    "CARGO_PROFILE_",
    "CARGO_TARGET_",
];

/// A program that may ask registries for packages, and finds them where the environment says.
fn client(program: impl AsRef<std::ffi::OsStr>, directory: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(directory).stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        if OF_THIS_BUILD.iter().any(|prefix| name.to_string_lossy().starts_with(prefix)) {
            command.env_remove(name);
        }
    }
    command
}

/// A directory of these tests that is empty, and stays until they run again.
fn clean_directory(name: &str) -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("packages").join(name);
    if directory.exists() {
        fs::remove_dir_all(&directory).unwrap();
    }
    fs::create_dir_all(&directory).unwrap();
    directory
}

/// An installed program says which version it is, checks a project, and has all that it knows with it.
fn works(program: &Path, leading: &[&str]) {
    let project = git_repository(&[("src/mod_acme_filter.erl", FILTER)]);
    let call = |args: &[&str]| run(command(program, project.path()).args(leading).args(args));
    let version = format!("hookshift {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(call(&["--version"]), (Some(0), version, String::new()));
    let (code, report, errors) = call(&["check", "--format=json"]);
    assert_eq!((code, errors.as_str()), (Some(1), ""), "{}", program.display());
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["findings"].as_array().unwrap().len(), 3);
    let (code, page, _) = call(&["explain", "filter_local_packet"]);
    assert_eq!(code, Some(0));
    assert!(page.contains("filter_local_packet"), "{page}");
}

/// Copies a directory with all that is in it.
fn copy(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from) {
        let entry = entry.unwrap();
        let target = to.join(entry.path().strip_prefix(from).unwrap());
        if entry.file_type().is_dir() {
            fs::create_dir_all(target).unwrap();
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
