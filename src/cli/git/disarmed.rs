//! Tests: whatever a repository configures, questions about it run nothing of it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::*;
use crate::patch::Lines;
use crate::scratch::Scratch;

/// A directory with a repository in `repo`, and what gives a trap away in `trace`.
struct Tree {
    directory: Scratch,
}

impl Tree {
    fn new() -> Self {
        let tree = Self { directory: Scratch::new() };
        tree.git(&["init", "-q", "-b", "main", "."]);
        tree.git(&["config", "user.name", "Ada"]);
        tree.git(&["config", "user.email", "ada@example.com"]);
        fs::create_dir_all(tree.path("trace")).unwrap();
        tree.write("repo/mod_a.erl", "a.\n");
        tree.git(&["add", "."]);
        tree.git(&["commit", "-q", "-m", "first"]);
        tree
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path(name)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        self.directory.write(name, text)
    }

    /// A program that leaves a trace of its name.
    fn trap(&self, name: &str) -> String {
        // A filter has to hand on what it is given; whatever is talked to must not wait for more.
        let rest = if name == "clean" { "exec cat" } else { "exit 1" };
        let script = format!("#!/bin/sh\n: > '{}'\n{rest}\n", self.path("trace").join(name).display());
        let path = self.write(&format!("traps/{name}"), &script);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// Git as anybody calls it.
    fn git(&self, arguments: &[&str]) {
        let repository = self.path("repo");
        fs::create_dir_all(&repository).unwrap();
        Command::new("git").arg("-C").arg(repository).args(arguments).output().unwrap();
    }

    fn sprung(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path("trace")).unwrap();
        let mut names: Vec<_> = entries.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names.iter().for_each(|name| fs::remove_file(self.path("trace").join(name)).unwrap());
        names
    }

    /// Asks everything that is asked for a `fix --write` and a `--since`.
    fn ask(&self, at: &Path) {
        let Ok(Some(repository)) = Repository::of(at) else { return };
        let files = [at.to_path_buf()];
        let _ = repository.dirty(&files);
        let _ = repository.blob("mod_a.erl");
        let head = repository.fork_point("HEAD").ok();
        let _ = repository.blob_in(head.as_deref().unwrap_or("0"), "mod_a.erl");
        let _ = repository.changed_lines(head.as_deref().unwrap_or("HEAD"), &files);
    }
}

#[test]
fn no_program_of_a_repository_is_run() {
    let tree = Tree::new();
    let file = tree.write("repo/mod_a.erl", "a.\nb.\n");
    tree.write("repo/.gitattributes", "*.erl filter=own diff=own\n");
    for (key, name) in [
        ("core.fsmonitor", "fsmonitor"),
        ("filter.own.clean", "clean"),
        ("diff.external", "external"),
        ("diff.own.textconv", "textconv"),
        ("core.pager", "pager"),
    ] {
        tree.git(&["config", key, &tree.trap(name)]);
    }
    // The traps are real.
    tree.git(&["status"]);
    tree.git(&["diff"]);
    tree.git(&["-c", "diff.external=", "diff", "--no-ext-diff"]);
    assert_eq!(tree.sprung(), ["clean", "external", "fsmonitor", "textconv"]);
    fs::write(&file, "a.\nb.\nc.\n").unwrap();
    tree.ask(&file);
    assert_eq!(tree.sprung(), [""; 0]);
    // The answers are right all the same.
    let repository = Repository::of(&file).unwrap().unwrap();
    assert_eq!(repository.dirty(std::slice::from_ref(&file)).unwrap()[0].state, State::Modified);
    let changed = repository.changed_lines("HEAD", std::slice::from_ref(&file)).unwrap();
    assert_eq!(changed[&file], Lines::Some(vec![(2, 3)]));
}

#[test]
fn a_filter_cannot_hide_by_its_name_or_insist() {
    let tree = Tree::new();
    let file = tree.write("repo/mod_a.erl", "a.\nb.\n");
    tree.write("repo/.gitattributes", "*.erl filter=a=b.c\n");
    // What the repository's configuration includes is its own as well.
    let more = format!("[filter \"a=b.c\"]\n\tprocess = {}\n\trequired = true\n", tree.trap("process"));
    let more = tree.write("repo/more.config", &more);
    tree.git(&["config", "include.path", more.to_str().unwrap()]);
    tree.git(&["diff"]);
    assert_eq!(tree.sprung(), ["process"]);
    fs::write(&file, "a.\nb.\nc.\n").unwrap();
    tree.ask(&file);
    assert_eq!(tree.sprung(), [""; 0]);
    let repository = Repository::of(&file).unwrap().unwrap();
    assert_eq!(repository.dirty(&[file]).unwrap()[0].state, State::Modified);
}

/// Objects that are missing would be fetched from wherever the repository says, by whatever it says.
#[test]
fn nothing_is_fetched() {
    let tree = Tree::new();
    let file = tree.write("repo/mod_a.erl", "a.\nb.\n");
    for (key, value) in [
        ("core.repositoryFormatVersion", "1"),
        ("extensions.partialClone", "origin"),
        ("remote.origin.promisor", "true"),
        ("remote.origin.url", &format!("ext::{}", tree.trap("fetch"))),
        ("protocol.ext.allow", "always"),
    ] {
        tree.git(&["config", key, value]);
    }
    let objects = fs::read_dir(tree.path("repo/.git/objects")).unwrap().map(|it| it.unwrap().path());
    let lost = objects.filter(|path| path.file_name().unwrap().len() == 2);
    // The commit stays, what is in it goes.
    let head = Repository::of(&file).unwrap().unwrap().fork_point("HEAD").unwrap();
    for directory in lost.filter(|path| !head.starts_with(path.file_name().unwrap().to_str().unwrap())) {
        fs::remove_dir_all(directory).unwrap();
    }
    tree.git(&["diff", "HEAD"]);
    assert_eq!(tree.sprung(), ["fetch"]);
    tree.ask(&file);
    assert_eq!(tree.sprung(), [""; 0]);
}

/// A directory that looks like the inside of `.git` can be committed like any other.
#[test]
fn a_repository_within_the_files_is_not_one() {
    let tree = Tree::new();
    let inner = tree.path("repo/inner");
    tree.git(&["init", "-q", "--bare", "inner"]);
    let file = tree.write("repo/inner/mod_b.erl", "b.\n");
    let config = format!(
        "[core]\n\tbare = false\n\tworktree = ..\n\trepositoryformatversion = 0\n\tfsmonitor = {}\n",
        tree.trap("fsmonitor")
    );
    fs::write(inner.join("config"), config).unwrap();
    Command::new("git").arg("-C").arg(&inner).arg("status").output().unwrap();
    assert_eq!(tree.sprung(), ["fsmonitor"]);
    tree.ask(&file);
    assert_eq!(tree.sprung(), [""; 0]);
}
