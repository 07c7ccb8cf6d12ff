//! What a branch changes, as Git has it and platforms tell it.

use std::path::{Path, PathBuf};

use crate::project::git;

/// A file that a branch changes.
pub struct ChangedFile {
    pub path: String,
    pub old_path: Option<String>,
    /// `added`, `modified`, `removed` or `renamed`.
    pub status: &'static str,
    /// Hunks, without the names of the file and without a line end at the end.
    pub patch: String,
    /// Of the new content.
    pub blob: String,
}

/// The commits that a pull request is about.
#[derive(Clone)]
pub struct Branch {
    pub repository: PathBuf,
    pub base: String,
    pub head: String,
}

impl Branch {
    pub fn files(&self) -> Vec<ChangedFile> {
        let range = format!("{}...{}", self.base, self.head);
        let told = git(&self.repository, &["diff", "--name-status", "-M", "-z", &range]);
        let told = String::from_utf8(told).unwrap();
        let mut words = told.split('\0').filter(|it| !it.is_empty());
        let mut files = Vec::new();
        while let Some(status) = words.next() {
            let status = match &status[..1] {
                "A" => "added",
                "D" => "removed",
                "R" => "renamed",
                _ => "modified",
            };
            let first = words.next().unwrap().to_owned();
            let (path, old_path) = match status {
                "renamed" => (words.next().unwrap().to_owned(), Some(first)),
                _ => (first, None),
            };
            let mut names = vec!["diff", "-M", &range, "--", &path];
            names.extend(old_path.as_deref());
            let diff = String::from_utf8_lossy(&git(&self.repository, &names)).into_owned();
            let patch = diff.find("\n@@").map_or("", |at| &diff[at + 1..]).trim_end_matches('\n').to_owned();
            let blob = match status {
                "removed" => "0".repeat(40),
                _ => {
                    String::from_utf8(git(&self.repository, &["rev-parse", &format!("{}:{path}", self.head)])).unwrap()
                }
            };
            files.push(ChangedFile { path, old_path, status, patch, blob: blob.trim().to_owned() });
        }
        files
    }

    /// Where lines (1-based, both in) of a file are in a newer commit; `None` when one of them was changed.
    pub fn follow(&self, path: &str, (first, last): (u64, u64), newer: &str) -> Option<(u64, u64)> {
        let diff = git(&self.repository, &["diff", "-U0", &self.head, newer, "--", path]);
        let mut shift = 0;
        for (old, old_count, new_count) in headers(&String::from_utf8_lossy(&diff)) {
            // Without old lines, something is inserted behind the line.
            let (from, to) = if old_count == 0 { (old + 1, old) } else { (old, old + old_count - 1) };
            if from <= last && first <= to {
                return None;
            }
            if to < first {
                shift += i64::try_from(new_count).unwrap() - i64::try_from(old_count).unwrap();
            }
        }
        Some((first.checked_add_signed(shift).unwrap(), last.checked_add_signed(shift).unwrap()))
    }
}

/// Of each hunk the first old line, and how many old and new lines it has.
fn headers(diff: &str) -> Vec<(u64, u64, u64)> {
    let pair = |text: &str| -> (u64, u64) {
        let (first, count) = text[1..].split_once(',').unwrap_or((&text[1..], "1"));
        (first.parse().unwrap(), count.parse().unwrap())
    };
    let header = |line: &str| {
        let mut words = line.split(' ').skip(1);
        let (old, new) = (pair(words.next().unwrap()), pair(words.next().unwrap()));
        (old.0, old.1, new.1)
    };
    diff.lines().filter(|line| line.starts_with("@@ ")).map(header).collect()
}

/// Whether lines (1-based, both in) of the new side stand in one hunk of a patch.
pub fn shows(patch: &str, first: u64, last: u64) -> bool {
    hunks(patch).iter().any(|(start, lines)| *start <= first && last < start + lines.len() as u64)
}

/// The lines of the new side by hunk: the first one, and for each of them whether it is new.
pub fn hunks(patch: &str) -> Vec<(u64, Vec<bool>)> {
    let mut hunks: Vec<(u64, Vec<bool>)> = Vec::new();
    for line in patch.split('\n') {
        if line.starts_with("@@ ") {
            let new = line.split(' ').nth(2).unwrap();
            hunks.push((new[1..].split(',').next().unwrap().parse().unwrap(), Vec::new()));
        } else if let Some((_, lines)) = hunks.last_mut() {
            match line.chars().next() {
                Some('+') => lines.push(true),
                Some(' ') => lines.push(false),
                _ => {}
            }
        }
    }
    hunks
}

/// A file with some of its lines (1-based, both in) replaced, as platforms do with a suggestion.
pub fn replaced(file: &Path, (first, last): (usize, usize), text: &str) -> String {
    let old = std::fs::read_to_string(file).unwrap();
    let lines: Vec<&str> = old.split_inclusive('\n').collect();
    [&lines[..first - 1].concat(), text, &lines[last..].concat()].concat()
}
