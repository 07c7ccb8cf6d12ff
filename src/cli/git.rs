//! The Git work tree around files, by way of the `git` command.
//!
//! A rewrite is easy to take back as long as Git has the files as they were. So what is asked about is the files that are to
//! be changed, and nothing else: work in other files is not in the way. Such a file counts as dirty when the work
//! tree or the index has it other than the last commit, and also when Git does not have it at all (untracked,
//! ignored): then there is nothing to go back to.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::program;
use crate::report::paths::Shown;

mod changes;
#[cfg(all(test, unix))]
mod disarmed;

/// A Git work tree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Repository {
    /// Canonical.
    root: PathBuf,
}

/// A file that differs from what the last commit has.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Dirty {
    /// As it was given.
    pub path: PathBuf,
    pub state: State,
}

/// How a file differs from what the last commit has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    Modified,
    /// The work tree is as the index, and both differ from the last commit.
    Staged,
    Conflicting,
    Untracked,
    Ignored,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            State::Modified => "has uncommitted changes",
            State::Staged => "has staged changes",
            State::Conflicting => "has unresolved conflicts",
            State::Untracked => "is not in Git",
            State::Ignored => "is not in Git, which ignores it",
        })
    }
}

#[derive(Debug, thiserror::Error)]
pub enum GitError {
    #[error("{} is in a Git repository, but `git` cannot be run: {error}", directory.display())]
    NoGit { directory: PathBuf, error: io::Error },
    #[error("Git does not know who commits: {reason}")]
    NoIdentity { reason: String },
    #[error("{} is not in Git, so a commit cannot show what changes in it", path.display())]
    NotTracked { path: PathBuf },
    #[error("`git commit` failed{}: {reason}", hooks(with_hooks))]
    Commit { reason: String, with_hooks: Vec<&'static str> },
    #[error("there is no commit `{reference}`{}", hint(reference, *has_origin, *shallow))]
    NoCommit { reference: String, has_origin: bool, shallow: bool },
    #[error("`{reference}` and HEAD have no commit in common{}", if *shallow { SHALLOW } else { "" })]
    NothingInCommon { reference: String, shallow: bool },
    #[error("`git {command}` failed: {reason}")]
    Failed { command: &'static str, reason: String },
    #[error("{}: {error}", path.display())]
    Path { path: PathBuf, error: io::Error },
}

fn hooks(names: &[&str]) -> String {
    if names.is_empty() { String::new() } else { format!(" (the repository has hooks: {})", names.join(", ")) }
}

/// How a clone comes to the history that it lacks.
const SHALLOW: &str = ": this clone is shallow, so get its history first, with `git fetch --unshallow`, or with \
    `fetch-depth: 0` for actions/checkout and `GIT_DEPTH: 0` in GitLab CI";

fn hint(reference: &str, has_origin: bool, shallow: bool) -> String {
    let branch = reference.strip_prefix("origin/").unwrap_or(reference);
    match (has_origin, shallow) {
        (true, _) => format!("; did you mean `origin/{reference}`?"),
        (false, true) => format!("{SHALLOW}; for a branch, `git fetch origin {branch}` may do"),
        (false, false) => String::new(),
    }
}

/// How many paths are given to one `git`: far below what any system allows for a command line.
const PATHS_AT_ONCE: usize = 200;

/// Hooks that can refuse a commit.
const REFUSING_HOOKS: [&str; 3] = ["pre-commit", "prepare-commit-msg", "commit-msg"];

impl Repository {
    /// The work tree that a file or directory lies in; for a symbolic link, that of what it leads to. `None` where
    /// there is none, and also where there is nothing at that path.
    ///
    /// # Errors
    /// There is one, but Git is not installed or does not want to read it.
    pub fn of(path: &Path) -> Result<Option<Self>, GitError> {
        let Ok(path) = path.canonicalize() else {
            return Ok(None);
        };
        // Without any, Git need not even be installed.
        if !path.ancestors().any(|directory| directory.join(".git").exists()) {
            return Ok(None);
        }
        let directory = if path.is_dir() { &path } else { path.parent().unwrap_or(&path) };
        // The way up is made of dots and slashes, whatever the directories are called.
        let output = run_git(directory, "rev-parse", |git| git.arg("--show-cdup"))?;
        let up = directory.join(String::from_utf8_lossy(&output.stdout).trim_end());
        let root = up.canonicalize().map_err(|error| GitError::Path { path: up, error })?;
        Ok(Some(Self { root }))
    }

    /// The work trees that files lie in, each with its files as they were given. Files outside of any are left out.
    ///
    /// # Errors
    /// As for [`Repository::of`].
    pub fn around(files: &[PathBuf]) -> Result<BTreeMap<Self, Vec<PathBuf>>, GitError> {
        let mut by_directory: BTreeMap<PathBuf, Option<Self>> = BTreeMap::new();
        let mut found: BTreeMap<Self, Vec<PathBuf>> = BTreeMap::new();
        for file in files {
            let Ok(canonical) = file.canonicalize() else {
                continue;
            };
            let directory = canonical.parent().unwrap_or(&canonical).to_path_buf();
            let repository = match by_directory.get(&directory) {
                Some(known) => known.clone(),
                None => Self::of(&directory)?,
            };
            if let Some(repository) = &repository {
                found.entry(repository.clone()).or_default().push(file.clone());
            }
            by_directory.insert(directory, repository);
        }
        Ok(found)
    }

    #[cfg(test)]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Those of the files, which must lie in this work tree, that differ from what the last commit has, sorted.
    ///
    /// # Errors
    /// Git fails.
    pub fn dirty(&self, files: &[PathBuf]) -> Result<Vec<Dirty>, GitError> {
        let given = self.inside(files)?;
        let inside: Vec<_> = given.keys().collect();
        let mut dirty = Vec::new();
        for some in inside.chunks(PATHS_AT_ONCE) {
            let output = self.run("status", |git| {
                git.args([
                    "--porcelain=v1",
                    "-z",
                    "--no-renames",
                    "--ignore-submodules=all",
                    "--untracked-files=all",
                    "--ignored=matching",
                    "--",
                ])
                .args(some)
            })?;
            for entry in output.stdout.split(|&byte| byte == 0).filter(|entry| entry.len() > 3) {
                let (state, path) = (state(entry[0], entry[1]), &entry[3..]);
                // An ignored directory is told in the place of what is in it.
                let told = given.iter().filter(|(it, _)| is_or_holds(path, it));
                dirty.extend(told.map(|(_, path)| Dirty { path: (*path).clone(), state }));
            }
        }
        dirty.sort();
        dirty.dedup();
        Ok(dirty)
    }

    /// The name of what a file, whose path is relative to the work tree, would be committed as; `None` when it cannot be found out.
    pub fn blob(&self, path: &str) -> Option<String> {
        let output = self.run("hash-object", |git| git.args(["--", path])).ok()?;
        Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// The name of what a file is in a commit; `None` when it cannot be found out, as when only some of the history is here.
    pub fn blob_in(&self, commit: &str, path: &str) -> Option<String> {
        // What is no name of a commit could be an option.
        if !commit.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let what = format!("{commit}:{path}");
        let output = self.run("rev-parse", |git| git.args(["--verify", "--quiet", &what])).ok()?;
        Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// Commits these files, which must lie in this work tree, as they are now, and nothing else: what else is
    /// staged stays so. Hooks run and commits are signed as the repository has it. Files that were dirty before
    /// are committed with all that is in them, so ask [`Repository::dirty`] first.
    ///
    /// # Errors
    /// Nothing is committed, and files and index are as before.
    pub fn commit(&self, files: &[PathBuf], message: &str) -> Result<(), GitError> {
        let given = self.inside(files)?;
        self.must_be_tracked(&given)?;
        for who in ["GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT"] {
            self.run("var", |git| git.arg(who)).map_err(no_identity)?;
        }
        let mut list = Vec::new();
        for path in given.keys() {
            list.extend_from_slice(path.as_encoded_bytes());
            list.push(0);
        }
        // The paths come from a file, so that one commit is one however many they are.
        let list_file = temporary(&list)?;
        let mut argument = OsString::from("--pathspec-from-file=");
        argument.push(list_file.path());
        let commit = self.run("commit", |git| {
            // What is given is the message, not the beginning of one to edit.
            git.args(["--only", "--quiet", "--no-edit", "--cleanup=whitespace", "--message", message])
                .args(["--pathspec-file-nul".as_ref(), argument.as_os_str()])
        });
        commit.map(drop).map_err(|error| match error {
            GitError::Failed { reason, .. } => GitError::Commit { reason, with_hooks: self.refusing_hooks() },
            other => other,
        })
    }

    fn must_be_tracked(&self, given: &BTreeMap<OsString, &PathBuf>) -> Result<(), GitError> {
        let tracked = self.tracked(&given.keys().collect::<Vec<_>>())?;
        let is_tracked =
            |path: &OsStr| tracked.binary_search_by(|it| it.as_slice().cmp(path.as_encoded_bytes())).is_ok();
        match given.iter().find(|(path, _)| !is_tracked(path)) {
            Some((_, path)) => Err(GitError::NotTracked { path: (*path).clone() }),
            None => Ok(()),
        }
    }

    /// Those of some names, as Git has them, that it knows; sorted.
    fn tracked(&self, names: &[&OsString]) -> Result<Vec<Vec<u8>>, GitError> {
        let mut tracked = Vec::new();
        for some in names.chunks(PATHS_AT_ONCE) {
            let output = self.run("ls-files", |git| git.args(["-z", "--"]).args(some))?;
            tracked.extend(output.stdout.split(|&byte| byte == 0).map(<[u8]>::to_vec));
        }
        tracked.sort_unstable();
        Ok(tracked)
    }

    /// The hooks that are there and may have refused a commit.
    fn refusing_hooks(&self) -> Vec<&'static str> {
        let Ok(output) = self.run("rev-parse", |git| git.args(["--git-path", "hooks"])) else {
            return Vec::new();
        };
        let directory = self.root.join(String::from_utf8_lossy(&output.stdout).trim_end());
        REFUSING_HOOKS.into_iter().filter(|name| directory.join(name).is_file()).collect()
    }

    /// The files as Git names them, relative to the work tree with slashes, each with the name that was given.
    fn inside<'f>(&self, files: &'f [PathBuf]) -> Result<BTreeMap<OsString, &'f PathBuf>, GitError> {
        files.iter().map(|path| Ok((self.name(path)?, path))).collect()
    }

    /// A file as Git names it.
    fn name(&self, path: &Path) -> Result<OsString, GitError> {
        let failed = |error| GitError::Path { path: path.to_path_buf(), error };
        let canonical = path.canonicalize().map_err(failed)?;
        let inside = canonical
            .strip_prefix(&self.root)
            .map_err(|_| failed(io::Error::other(format!("is not in the Git repository {}", self.root.display()))))?;
        let parts: Vec<_> = inside.iter().collect();
        Ok(parts.join(OsStr::new("/")))
    }

    fn run(
        &self,
        command: &'static str,
        arguments: impl FnOnce(&mut Command) -> &mut Command,
    ) -> Result<Output, GitError> {
        run_git(&self.root, command, arguments)
    }
}

/// Refuses files that differ from what the last commit of the repository around them has, with some advice.
///
/// # Errors
/// There are some, or Git fails.
pub fn must_have_no_changes(paths: &[PathBuf], shown: &Shown, advice: &str) -> anyhow::Result<()> {
    let mut dirty = Vec::new();
    for (repository, files) in Repository::around(paths)? {
        dirty.extend(repository.dirty(&files)?);
    }
    if dirty.is_empty() {
        return Ok(());
    }
    let list: Vec<String> = dirty.iter().map(|it| format!("{}: {}", shown.show(&it.path), it.state)).collect();
    anyhow::bail!("{}\nnothing was written: {advice}", list.join("\n"))
}

/// Runs `git` in a directory, and takes it for an error when it fails.
fn run_git(
    directory: &Path,
    command: &'static str,
    arguments: impl FnOnce(&mut Command) -> &mut Command,
) -> Result<Output, GitError> {
    let output = git_output(directory, command, arguments)?;
    if output.status.success() { Ok(output) } else { Err(GitError::Failed { command, reason: reason(&output) }) }
}

/// Runs `git` in a directory, without anything that could ask the user.
fn git_output(
    directory: &Path,
    command: &'static str,
    arguments: impl FnOnce(&mut Command) -> &mut Command,
) -> Result<Output, GitError> {
    let run = || {
        let mut git = git(directory)?;
        if !TRUSTED.load(Ordering::Relaxed) && command != "commit" {
            disarm(&mut git, directory, command)?;
        }
        git.arg(command);
        arguments(&mut git).output()
    };
    run().map_err(|error| GitError::NoGit { directory: directory.to_path_buf(), error })
}

fn git(directory: &Path) -> io::Result<Command> {
    let mut git = Command::new(program::find("git")?);
    git.arg("-C").arg(directory).args(["--no-pager", "--literal-pathspecs", "--no-optional-locks"]);
    for variable in REDIRECTIONS {
        git.env_remove(variable);
    }
    git.env("GIT_TERMINAL_PROMPT", "0").stdin(Stdio::null());
    Ok(git)
}

/// Whether Git may run what repositories configure.
static TRUSTED: AtomicBool = AtomicBool::new(false);

/// Lets Git run what repositories configure, from now on.
pub fn trust_repositories() {
    TRUSTED.store(true, Ordering::Relaxed);
}

/// Keeps Git from running what a repository configures, which comes with an archive or a nested repository: what watches
/// its files, filters, and whatever would fetch objects that are missing. What the user configures stays.
fn disarm(git: &mut Command, directory: &Path, command: &str) -> io::Result<()> {
    git.args(["-c", "core.fsmonitor=false", "-c", "safe.bareRepository=explicit"]);
    git.env("GIT_NO_LAZY_FETCH", "1").env("GIT_ALLOW_PROTOCOL", "");
    // Others look at no content of files.
    if ["status", "diff", "hash-object"].contains(&command) {
        for driver in own_filters(directory)? {
            for key in ["clean", "smudge", "process"] {
                git.arg(format!("--config-env={driver}.{key}={EMPTY}"));
            }
            git.arg(format!("--config-env={driver}.required={EMPTY}"));
        }
        git.env(EMPTY, "");
    }
    Ok(())
}

/// The variable that has the empty value for what is switched off.
const EMPTY: &str = "HOOKSHIFT_NOTHING";

/// The filters, as `filter.NAME`, that a repository itself configures.
fn own_filters(directory: &Path) -> io::Result<BTreeSet<String>> {
    let mut git = git(directory)?;
    git.args(["config", "--null", "--show-scope", "--name-only", "--get-regexp"]);
    let output = git.arg(r"^filter\..*\.(clean|smudge|process)$").output()?;
    let said = String::from_utf8_lossy(&output.stdout);
    let parts: Vec<&str> = said.split('\0').collect();
    let own = parts.chunks_exact(2).filter(|it| ["local", "worktree"].contains(&it[0]));
    Ok(own.filter_map(|it| Some(it[1].rsplit_once('.')?.0.to_owned())).collect())
}

/// Variables by which Git would look elsewhere than at the work tree around the files; an outer Git sets them for its
/// hooks.
const REDIRECTIONS: [&str; 8] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_COMMON_DIR",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
];

/// What Git said. A commit tells some of its reasons on standard output.
fn reason(output: &Output) -> String {
    let texts = [&output.stderr, &output.stdout].map(|it| String::from_utf8_lossy(it).trim().to_owned());
    let said = texts.iter().filter(|it| !it.is_empty()).map(String::as_str).collect::<Vec<_>>().join("\n");
    if said.is_empty() { output.status.to_string() } else { said }
}

fn no_identity(error: GitError) -> GitError {
    match error {
        GitError::Failed { reason, .. } => GitError::NoIdentity { reason },
        other => other,
    }
}

fn temporary(bytes: &[u8]) -> Result<tempfile::NamedTempFile, GitError> {
    let write = || {
        let mut file = tempfile::NamedTempFile::new()?;
        io::Write::write_all(&mut file, bytes)?;
        Ok(file)
    };
    write().map_err(|error| GitError::Path { path: std::env::temp_dir(), error })
}

/// The two letters that `git status` puts before a path: the index, and the work tree.
fn state(index: u8, work_tree: u8) -> State {
    match (index, work_tree) {
        (b'?', _) => State::Untracked,
        (b'!', _) => State::Ignored,
        (b'U', _) | (_, b'U') | (b'A', b'A') | (b'D', b'D') => State::Conflicting,
        (_, b' ') => State::Staged,
        _ => State::Modified,
    }
}

/// Whether what `git status` tells is the file, or a directory (with a slash at its end) around it.
fn is_or_holds(told: &[u8], file: &OsStr) -> bool {
    let file = file.as_encoded_bytes();
    told == file || told.ends_with(b"/") && file.starts_with(told)
}

#[cfg(test)]
mod tests;
