//! Projects that mean harm: nothing of them is run, nothing outside of them is read, and nothing in them reaches a reader as anything
//! but text.

mod bombs;
#[cfg(unix)]
mod editor;
#[cfg(unix)]
mod outside;
#[cfg(unix)]
mod shown;
mod within;
#[cfg(unix)]
mod workflow;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A directory with a project in `project`, and things that are none of its business beside it.
pub struct Tree {
    directory: TempDir,
}

impl Tree {
    pub fn new(files: &[(&str, &str)]) -> Self {
        let tree = Self { directory: tempfile::tempdir().unwrap() };
        tree.write("project/.git/HEAD", "");
        files.iter().for_each(|(name, text)| drop(tree.write(name, text)));
        tree
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        hookshift(&self.path("project")).args(arguments).output().unwrap()
    }

    /// What a command writes to both of its streams.
    pub fn said(&self, arguments: &[&str]) -> String {
        let Output { stdout, stderr, .. } = self.run(arguments);
        String::from_utf8(stdout).unwrap() + &String::from_utf8(stderr).unwrap()
    }
}

/// The program, in no service for continuous integration whatever runs the tests.
pub fn hookshift(directory: &Path) -> Command {
    let mut command = Command::new(snapbox::cmd::cargo_bin!("hookshift"));
    command.current_dir(directory);
    for variable in ["GITHUB_ACTIONS", "GITLAB_CI", "HOOKSHIFT_TRUST"] {
        command.env_remove(variable);
    }
    command.env("NO_COLOR", "1");
    command
}
