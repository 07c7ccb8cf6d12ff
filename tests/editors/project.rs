//! Projects on disk, and what the command line says and writes about them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// A directory of its own, gone in the end.
pub(crate) struct Project {
    root: PathBuf,
    _directory: tempfile::TempDir,
}

impl Project {
    pub fn empty() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().canonicalize().unwrap().join("acme");
        std::fs::create_dir(&root).unwrap();
        Self { root, _directory: directory }
    }

    /// The modules of the repository's chat company.
    pub fn acme() -> Self {
        let project = Self::empty();
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/acme"), &project.root);
        project
    }

    pub fn of(files: &[(&str, &[u8])]) -> Self {
        let project = Self::empty();
        for (path, bytes) in files {
            let path = project.root.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
        project
    }

    /// Another one with the same files.
    pub fn copy(&self) -> Self {
        let project = Self::empty();
        copy(&self.root, &project.root);
        project
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// All files, by their paths, without what Git keeps.
    pub fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let entries = walkdir::WalkDir::new(&self.root).into_iter().filter_entry(|it| it.file_name() != ".git");
        let files = entries.map(Result::unwrap).filter(|it| it.file_type().is_file());
        let name = |path: &Path| path.strip_prefix(&self.root).unwrap().to_str().unwrap().to_owned();
        files.map(|it| (name(it.path()), std::fs::read(it.path()).unwrap())).collect()
    }

    /// Changes bytes that stand in a file once.
    pub fn replace(&self, path: &str, old: &str, new: &str) {
        let bytes = std::fs::read(self.path(path)).unwrap();
        let places: Vec<usize> = (0..bytes.len()).filter(|&at| bytes[at..].starts_with(old.as_bytes())).collect();
        let [place] = places[..] else { panic!("{old:?} stands {} times in {path}", places.len()) };
        let new = [&bytes[..place], new.as_bytes(), &bytes[place + old.len()..]].concat();
        std::fs::write(self.path(path), new).unwrap();
    }

    /// A repository in which everything is committed, as people have it who let an editor change files.
    pub fn commit(&self) {
        for args in [&["init", "-q"][..], &["add", "-A"], &["commit", "-q", "-m", "first"]] {
            let mut git = Command::new("git");
            git.args(["-c", "user.name=A. Dev", "-c", "user.email=dev@example.org"]).args(args);
            assert!(git.current_dir(&self.root).status().unwrap().success(), "git {args:?}");
        }
    }

    fn hookshift(&self, args: &[&str]) -> std::process::Output {
        Command::new(env!("CARGO_BIN_EXE_hookshift")).args(args).current_dir(&self.root).output().unwrap()
    }

    /// What `hookshift check` finds in a file: from where to where, the rule, and what it says. Lines and columns are
    /// 1-based, and columns count characters.
    pub fn findings(&self, path: &str) -> Vec<String> {
        let run = self.hookshift(&["check", "--exit-zero", "--format", "json"]);
        let document: Value = serde_json::from_slice(&run.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&run.stderr)));
        let findings = document["findings"].as_array().unwrap().iter().filter(|it| it["path"] == path);
        let point = |it: &Value| format!("{}:{}", it["line"], it["column"]);
        let mut findings: Vec<String> = findings
            .map(|it| {
                let (start, end) = (point(&it["range"]["start"]), point(&it["range"]["end"]));
                format!("{start}-{end} {}: {}", it["rule"].as_str().unwrap(), it["message"].as_str().unwrap())
            })
            .collect();
        findings.sort();
        findings
    }

    /// What these files become when `hookshift fix --write` is run with further options on the whole project; all others
    /// stay as they are.
    pub fn fixed(&self, options: &[&str], files: &[&str]) -> BTreeMap<String, Vec<u8>> {
        let written = self.copy();
        let run = written.hookshift(&[&["fix", "--write"], options].concat());
        assert!(run.status.code().is_some_and(|code| code < 2), "{}", String::from_utf8_lossy(&run.stderr));
        let mut all = self.files();
        for file in files {
            let new = std::fs::read(written.path(file)).unwrap();
            let old = all.insert((*file).to_owned(), new.clone());
            assert_ne!(old, Some(new), "nothing is fixed in {file}");
        }
        all
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from).min_depth(1) {
        let entry = entry.unwrap();
        let to = to.join(entry.path().strip_prefix(from).unwrap());
        match entry.file_type().is_dir() {
            true => std::fs::create_dir(to).unwrap(),
            false => std::fs::write(to, std::fs::read(entry.path()).unwrap()).unwrap(),
        }
    }
}
