//! Which lines of the work tree are other than where a branch started.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsString;
use std::path::PathBuf;

use super::{GitError, Repository, git_output};
use crate::patch::{Lines, changed_lines};

impl Repository {
    /// The commit at which the history of `HEAD` left that of a commit, by whatever name.
    ///
    /// # Errors
    /// There is no such commit, or the two have none in common; in both cases, also because the clone is shallow.
    pub fn fork_point(&self, reference: &str) -> Result<String, GitError> {
        let commit = format!("{reference}^{{commit}}");
        // What starts with a hyphen is an option to Git, and no name.
        let known = if reference.starts_with('-') {
            None
        } else {
            self.one_line("rev-parse", &["--verify", "--quiet", &commit])?
        };
        let Some(commit) = known else {
            let of_origin =
                self.one_line("rev-parse", &["--verify", "--quiet", &format!("origin/{reference}^{{commit}}")])?;
            return Err(GitError::NoCommit {
                reference: reference.to_owned(),
                has_origin: of_origin.is_some(),
                shallow: self.is_shallow()?,
            });
        };
        match self.one_line("merge-base", &[&commit, "HEAD"])? {
            Some(base) => Ok(base),
            None => Err(GitError::NothingInCommon { reference: reference.to_owned(), shallow: self.is_shallow()? }),
        }
    }

    fn is_shallow(&self) -> Result<bool, GitError> {
        Ok(self.one_line("rev-parse", &["--is-shallow-repository"])?.as_deref() == Some("true"))
    }

    /// The line that a command prints, `None` when it says by exit code 1 that there is none.
    fn one_line(&self, command: &'static str, arguments: &[&str]) -> Result<Option<String>, GitError> {
        let output = git_output(&self.root, command, |git| git.args(arguments))?;
        match output.status.code() {
            Some(0) => Ok(Some(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())),
            Some(1) => Ok(None),
            _ => Err(GitError::Failed { command, reason: super::reason(&output) }),
        }
    }

    /// Of files that lie in this work tree, the lines that differ from a commit, whether committed since, staged or neither. A
    /// file that was renamed is compared with what it was.
    ///
    /// # Errors
    /// Git fails.
    pub fn changed_lines(&self, commit: &str, files: &[PathBuf]) -> Result<HashMap<PathBuf, Lines>, GitError> {
        let given = self.inside_all(files)?;
        let output = self.run("diff", |git| {
            // Settings of the user must not change the form; what stands in this variable wins over options.
            git.env_remove("GIT_DIFF_OPTS")
                .args(["--unified=0", "--inter-hunk-context=0", "--find-renames", "--diff-filter=d"])
                .args(["--src-prefix=a/", "--dst-prefix=b/", "--no-relative", "--no-color"])
                .args(["--no-ext-diff", "--no-textconv", "--ignore-submodules=all", commit, "--"])
        })?;
        let changed = changed_lines(&output.stdout);
        let tracked = self.tracked(&given.keys().collect::<Vec<_>>())?;
        let mut found = HashMap::new();
        for (name, paths) in given {
            let bytes = name.as_encoded_bytes();
            let lines = match changed.get(bytes) {
                Some(lines) => lines.clone(),
                None if tracked.binary_search_by(|it| it.as_slice().cmp(bytes)).is_err() => Lines::All,
                None => Lines::NONE,
            };
            found.extend(paths.into_iter().map(|path| (path.clone(), lines.clone())));
        }
        Ok(found)
    }

    /// The files as Git names them, each with all names that were given: links lead to one file from several places.
    fn inside_all<'f>(&self, files: &'f [PathBuf]) -> Result<BTreeMap<OsString, Vec<&'f PathBuf>>, GitError> {
        let mut found: BTreeMap<OsString, Vec<&PathBuf>> = BTreeMap::new();
        for file in files {
            found.entry(self.name(file)?).or_default().push(file);
        }
        Ok(found)
    }
}
