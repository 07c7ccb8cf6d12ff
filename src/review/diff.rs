//! Which lines of a file a pull request shows, and so can carry a comment.

use crate::patch::HunkHead;

/// What a pull request changes in one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileDiff {
    /// The path before the change, where that is another one.
    pub old_path: Option<String>,
    /// Git's name for the new content, where the platform tells.
    pub blob: Option<String>,
    hunks: Vec<Hunk>,
}

/// Lines that are shown in one piece.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Hunk {
    /// The first line of the new side, 1-based.
    first: u32,
    /// For each line of the new side, the line of the old side when it is unchanged.
    old: Vec<Option<u32>>,
}

impl FileDiff {
    /// Reads the patch of one file as platforms give it: hunks, with or without the lines that name the file.
    ///
    /// # Errors
    /// It is no unified diff, or not a whole one; the reason.
    pub fn parse(patch: &str) -> Result<Self, String> {
        let mut hunks: Vec<Hunk> = Vec::new();
        let mut open: Option<Open> = None;
        for line in patch.lines() {
            if let Some(head) = HunkHead::parse(line.as_bytes()) {
                hunks.extend(open.take().map(Open::close).transpose()?);
                open = Some(Open::at(head));
            } else if let Some(open) = &mut open {
                open.line(line)?;
            }
        }
        hunks.extend(open.map(Open::close).transpose()?);
        Ok(Self { hunks: hunks.into_iter().filter(|hunk| !hunk.old.is_empty()).collect(), ..Self::default() })
    }

    /// Shows no line any more.
    pub fn hide(&mut self) {
        self.hunks.clear();
    }

    /// Whether any line is shown.
    #[must_use]
    pub fn shows_something(&self) -> bool {
        !self.hunks.is_empty()
    }

    /// Whether all lines from `first` to `last` (1-based, both in) of the new side are shown in one piece.
    #[must_use]
    pub fn shows(&self, first: u32, last: u32) -> bool {
        self.hunks.iter().any(|hunk| hunk.first <= first && last < hunk.end())
    }

    /// The first of these lines (both in) that is shown.
    #[must_use]
    pub fn first_shown(&self, first: u32, last: u32) -> Option<u32> {
        let within = |hunk: &Hunk| {
            let line = first.max(hunk.first);
            (line <= last && line < hunk.end()).then_some(line)
        };
        self.hunks.iter().filter_map(within).min()
    }

    /// The first of these lines (both in) that is new.
    #[must_use]
    pub fn first_added(&self, first: u32, last: u32) -> Option<u32> {
        let added = self.hunks.iter().flat_map(|hunk| {
            let lines = (hunk.first..).zip(&hunk.old);
            lines.filter(|(_, old)| old.is_none()).map(|(line, _)| line)
        });
        added.filter(|line| (first..=last).contains(line)).min()
    }

    /// The line of the old side that a line of the new side is, when it is shown and unchanged.
    #[must_use]
    pub fn old_line(&self, line: u32) -> Option<u32> {
        let hunk = self.hunks.iter().find(|hunk| hunk.first <= line && line < hunk.end())?;
        *hunk.old.get((line - hunk.first) as usize)?
    }
}

impl Hunk {
    /// The line behind the last one.
    fn end(&self) -> u32 {
        self.first + u32::try_from(self.old.len()).unwrap_or(u32::MAX - self.first)
    }
}

/// A hunk that is being read.
struct Open {
    head: HunkHead,
    /// The next line of the old side.
    old_line: usize,
    old: Vec<Option<u32>>,
}

impl Open {
    fn at(head: HunkHead) -> Self {
        Self { head, old_line: head.old.first, old: Vec::new() }
    }

    fn line(&mut self, line: &str) -> Result<(), String> {
        match line.chars().next() {
            Some('+') => self.old.push(None),
            Some('-') => self.old_line += 1,
            // Some tools take the blank off a line that is empty otherwise.
            Some(' ') | None => {
                self.old.push(Some(line_number(self.old_line)));
                self.old_line += 1;
            }
            // `\ No newline at end of file`
            Some('\\') => {}
            Some(_) => return Err(format!("`{line}` is no line of a diff")),
        }
        Ok(())
    }

    fn close(self) -> Result<Hunk, String> {
        let Self { head, old_line, old } = self;
        if old.len() != head.new.count || old_line != head.old.first + head.old.count {
            return Err(format!("the hunk at line {} has another length than it says", head.new.first));
        }
        Ok(Hunk { first: line_number(head.new.first), old })
    }
}

fn line_number(line: usize) -> u32 {
    u32::try_from(line).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As GitHub gives it: no file names, no line end at the end.
    const PATCH: &str = "@@ -3,4 +3,5 @@ hooks() ->\n three\n-four\n+vier\n+viereinhalb\n five\n six\n@@ -20 +21,2 @@\n twenty\n+more\n\\ No newline at end of file";

    #[test]
    fn lines_of_the_new_side_are_shown() {
        let diff = FileDiff::parse(PATCH).unwrap();
        assert!(diff.shows(3, 7) && diff.shows(4, 5) && diff.shows(21, 22));
        for (first, last) in [(2, 3), (7, 8), (3, 21), (23, 23), (20, 21)] {
            assert!(!diff.shows(first, last), "{first} to {last}");
        }
    }

    #[test]
    fn lines_far_behind_are_counted_as_any() {
        let diff = FileDiff::parse("@@ -4294967290 +4294967293,1 @@\n-a\n+b").unwrap();
        let last = u32::MAX - 2;
        assert_eq!((diff.first_added(1, u32::MAX), diff.first_shown(1, u32::MAX)), (Some(last), Some(last)));
        assert!(diff.shows(last, last) && !diff.shows(last, last + 1));
        assert_eq!(diff.old_line(last), None);
        // No file is that long.
        let none = FileDiff::parse("@@ -18446744073709551615 +4294967295,1 @@\n-a\n+b").unwrap();
        assert!(!none.shows_something());
    }

    #[test]
    fn the_first_line_that_is_shown_is_found() {
        let diff = FileDiff::parse(PATCH).unwrap();
        for (first, last, shown) in
            [(1, 2, None), (1, 3, Some(3)), (5, 30, Some(5)), (8, 30, Some(21)), (8, 20, None), (22, 22, Some(22))]
        {
            assert_eq!(diff.first_shown(first, last), shown, "{first} to {last}");
        }
        for (first, last, added) in [(1, 3, None), (1, 9, Some(4)), (5, 30, Some(5)), (6, 21, None), (6, 22, Some(22))]
        {
            assert_eq!(diff.first_added(first, last), added, "{first} to {last}");
        }
    }

    #[test]
    fn unchanged_lines_know_where_they_were() {
        let diff = FileDiff::parse(PATCH).unwrap();
        let old: Vec<_> = (2..=8).map(|line| diff.old_line(line)).collect();
        assert_eq!(old, [None, Some(3), None, None, Some(5), Some(6), None]);
        assert_eq!((diff.old_line(21), diff.old_line(22)), (Some(20), None));
    }

    #[test]
    fn added_deleted_and_windows_files_are_read() {
        let added = FileDiff::parse("@@ -0,0 +1,2 @@\n+-module(m).\r\n+a() -> ok.\r\n").unwrap();
        assert!(added.shows(1, 2) && !added.shows(1, 3));
        assert_eq!(added.old_line(1), None);
        let deleted = FileDiff::parse("@@ -1,2 +0,0 @@\n--module(m).\n-a() -> ok.").unwrap();
        assert_eq!(deleted.first_shown(0, 100), None);
        assert_eq!(FileDiff::parse("").unwrap(), FileDiff::default());
        let named = FileDiff::parse("--- a/x.erl\n+++ b/x.erl\n@@ -1 +1 @@\n-a\n+b\n").unwrap();
        assert!(named.shows(1, 1));
    }

    #[test]
    fn what_is_no_diff_is_told() {
        assert!(FileDiff::parse("@@ -1,2 +1 @@\n a\n").is_err());
        assert!(FileDiff::parse("@@ -1 +1,2 @@\n a\n").is_err());
        assert!(FileDiff::parse("@@ -1 +1 @@\n*a\n").is_err());
        assert_eq!(FileDiff::parse("Binary files differ\n"), Ok(FileDiff::default()));
    }
}
