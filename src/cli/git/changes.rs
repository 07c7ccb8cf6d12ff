//! Which lines of the work tree are other than where a branch started.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsString;
use std::path::PathBuf;

use super::{GitError, Repository, git_output};
use crate::patch::{HunkHead, Part};

/// The lines of one file that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lines {
    /// All of them, as Git did not have the file.
    All,
    /// 1-based, both ends in; sorted.
    Some(Vec<(usize, usize)>),
}

impl Lines {
    const NONE: Self = Self::Some(Vec::new());

    /// Whether one of the lines from `first` to `last`, both 1-based and in, changed.
    pub fn touch(&self, first: usize, last: usize) -> bool {
        match self {
            Self::All => true,
            Self::Some(parts) => parts.iter().any(|&(from, to)| from <= last && first <= to),
        }
    }

    /// Where lines only went, those around them are touched.
    fn add(&mut self, Part { first, count }: Part) {
        if let Self::Some(parts) = self {
            parts.push(if count > 0 { (first, first + count - 1) } else { (first.max(1), first + 1) });
        }
    }
}

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
        let changed = parse(&output.stdout);
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

/// The lines that a diff without context adds, or around which it takes some away, by file.
fn parse(diff: &[u8]) -> HashMap<Vec<u8>, Lines> {
    let mut found: HashMap<Vec<u8>, Lines> = HashMap::new();
    let mut name: Option<Vec<u8>> = None;
    // Lines of the hunk that are still to come; whatever they look like, they are no head of anything.
    let (mut old, mut new) = (0, 0);
    for line in diff.split(|&byte| byte == b'\n') {
        match line.first() {
            Some(b'-') if old > 0 => old -= 1,
            Some(b'+') if new > 0 => new -= 1,
            _ => {
                if let Some(names) = line.strip_prefix(b"diff --git ") {
                    name = same_name(names);
                } else if let Some(path) = line.strip_prefix(b"rename to ") {
                    name = Some(unquoted(path));
                } else if let Some(path) = line.strip_prefix(b"+++ ") {
                    name = without_prefix(&unquoted(path)).map(<[u8]>::to_vec);
                } else if line.starts_with(b"Binary files ") {
                    found.extend(name.clone().map(|name| (name, Lines::All)));
                } else if let (Some(head), Some(name)) = (HunkHead::parse(line), &name) {
                    (old, new) = (head.old.count, head.new.count);
                    found.entry(name.clone()).or_insert(Lines::NONE).add(head.new);
                }
            }
        }
    }
    found
}

/// The name in `a/NAME b/NAME`, which has blanks in it wherever it likes; `None` for two names, which are told in lines of
/// their own.
fn same_name(names: &[u8]) -> Option<Vec<u8>> {
    let middle = names.len() / 2;
    let (one, other) = (names.get(..middle)?, names.get(middle + 1..)?);
    let (one, other) = (unquoted(one), unquoted(other));
    let same = one.strip_prefix(b"a/")? == other.strip_prefix(b"b/")?;
    same.then(|| one[2..].to_vec())
}

/// `None` for what is no file any more.
fn without_prefix(path: &[u8]) -> Option<&[u8]> {
    path.strip_prefix(b"b/")
}

/// A path as Git writes it: in quotes and escaped as in C when something unusual is in it, with a tab behind it when there
/// are blanks in it.
fn unquoted(path: &[u8]) -> Vec<u8> {
    let Some(inner) = path.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")) else {
        return path.strip_suffix(b"\t").unwrap_or(path).to_vec();
    };
    let mut found = Vec::with_capacity(inner.len());
    let mut bytes = inner.iter().copied();
    while let Some(byte) = bytes.next() {
        let escaped = if byte == b'\\' { bytes.next() } else { None };
        found.push(match escaped {
            None => byte,
            Some(b'a') => 0x07,
            Some(b'b') => 0x08,
            Some(b't') => b'\t',
            Some(b'n') => b'\n',
            Some(b'v') => 0x0B,
            Some(b'f') => 0x0C,
            Some(b'r') => b'\r',
            Some(first @ b'0'..=b'7') => {
                let digits = [first, bytes.next().unwrap_or(b'0'), bytes.next().unwrap_or(b'0')];
                digits.iter().fold(0u8, |number, digit| number.wrapping_mul(8).wrapping_add(digit.wrapping_sub(b'0')))
            }
            Some(other) => other,
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(diff: &str) -> Vec<(String, Lines)> {
        let mut found: Vec<_> =
            parse(diff.as_bytes()).into_iter().map(|(name, it)| (String::from_utf8(name).unwrap(), it)).collect();
        found.sort_by(|(one, _), (other, _)| one.cmp(other));
        found
    }

    #[test]
    fn added_lines_count_and_the_neighbours_of_those_that_went() {
        let diff = "diff --git a/x.erl b/x.erl\nindex 1..2 100644\n--- a/x.erl\n+++ b/x.erl\n\
            @@ -1 +1,2 @@ f() ->\n-a\n+b\n+c\n@@ -7,2 +8,0 @@\n---- a/y.erl\n-+++ b/y.erl\n@@ -20,0 +20 @@\n+@@ -1 +1 @@\n\
            \\ No newline at end of file\ndiff --git a/y.erl b/y.erl\n--- a/y.erl\n+++ b/y.erl\n@@ -1,3 +0,0 @@\n-a\n-b\n-c\n";
        assert_eq!(
            lines(diff),
            [
                ("x.erl".to_owned(), Lines::Some(vec![(1, 2), (8, 9), (20, 20)])),
                ("y.erl".to_owned(), Lines::Some(vec![(1, 1)]))
            ]
        );
    }

    #[test]
    fn names_are_read_as_git_writes_them() {
        for (written, name) in [
            ("b/a b.erl\t", "a b.erl"),
            ("b/ä.erl", "ä.erl"),
            (r#""b/q\"\\\t\303\244.erl""#, "q\"\\\tä.erl"),
            (r#""b/\001\n.erl""#, "\u{1}\n.erl"),
        ] {
            let diff =
                format!("diff --git a/o b/p\nrename from o\nrename to p\n--- a/o\n+++ {written}\n@@ -0,0 +1 @@\n+x\n");
            assert_eq!(lines(&diff), [(name.to_owned(), Lines::Some(vec![(1, 1)]))]);
        }
    }

    #[test]
    fn of_what_git_does_not_compare_all_lines_count() {
        for (names, name) in [("a/x y.erl b/x y.erl", "x y.erl"), (r#""a/\303\244" "b/\303\244""#, "ä")] {
            let diff = format!("diff --git {names}\nindex 1..2 100644\nBinary files a/x and b/x differ\n");
            assert_eq!(lines(&diff), [(name.to_owned(), Lines::All)]);
        }
        let renamed = "diff --git a/x b/y z\nrename from x\nrename to y z\nBinary files a/x and b/y z differ\n";
        assert_eq!(lines(renamed), [("y z".to_owned(), Lines::All)]);
        assert_eq!(lines("diff --git a/x b/y\nsimilarity index 100%\nrename from x\nrename to y\n"), []);
    }

    #[test]
    fn lines_touch_what_they_have_in_common() {
        let lines = Lines::Some(vec![(3, 5), (9, 9)]);
        let touched: Vec<usize> = (1..12).filter(|&line| lines.touch(line, line)).collect();
        assert_eq!(touched, [3, 4, 5, 9]);
        assert!(lines.touch(1, 3) && lines.touch(6, 20) && !lines.touch(6, 8));
        assert!(Lines::All.touch(7, 7) && !Lines::NONE.touch(1, 100));
    }
}
