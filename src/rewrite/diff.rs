//! What a rewrite changes in one file, as a unified diff.
//!
//! A line ends at `\n` and nowhere else, as it does for Git: a lone carriage return is a character like any other.

use std::borrow::Cow;
use std::ops::Range;

use similar::{Algorithm, DiffOp, capture_diff_slices, group_diff_ops};

/// How many unchanged lines are shown around a change.
pub const CONTEXT: usize = 3;

/// What stands below a last line that no line feed ends.
pub const NO_NEWLINE: &str = "\\ No newline at end of file";

/// The diff in the form that `git apply` takes, to the byte; empty when nothing changes.
///
/// `path` is relative to the directory in which the diff is to be applied, with slashes. The diff applies to a file
/// on disk when `before` is what that file holds: for files that are not decoded one to one (a byte order
/// mark, Latin-1), use [`unified_bytes`].
#[must_use]
pub fn unified(path: &str, before: &str, after: &str) -> String {
    let diff = unified_bytes(path, before.as_bytes(), after.as_bytes());
    // Both texts are UTF-8, and lines are cut at line feeds only, so there is nothing to lose.
    String::from_utf8_lossy(&diff).into_owned()
}

/// As [`unified`], for files as they are on disk, in whatever encoding.
#[must_use]
pub fn unified_bytes(path: &str, before: &[u8], after: &[u8]) -> Vec<u8> {
    let hunks = hunks(before, after);
    let mut out = Vec::new();
    if hunks.is_empty() {
        return out;
    }
    for title in titles(path) {
        let (marker, name) = title.split_at("--- ".len());
        out.extend_from_slice(format!("{marker}{}\n", quoted(name)).as_bytes());
    }
    for hunk in hunks {
        out.extend_from_slice(format!("{}\n", hunk.header).as_bytes());
        for line in hunk.lines {
            out.push(line.kind.sign());
            out.extend_from_slice(line.bytes);
            if !line.bytes.ends_with(b"\n") {
                out.extend_from_slice(format!("\n{NO_NEWLINE}\n").as_bytes());
            }
        }
    }
    out
}

/// The two lines that name the file, without line ends, and with the path as it is.
#[must_use]
pub fn titles(path: &str) -> [String; 2] {
    let path = plain(path);
    [format!("--- a/{path}"), format!("+++ b/{path}")]
}

/// Changes that lie so close together that they are shown in one piece.
#[derive(Debug)]
pub struct Hunk<'a> {
    /// The line that begins with `@@`, without its line end.
    pub header: String,
    pub lines: Vec<Line<'a>>,
}

/// A line of a hunk.
#[derive(Debug)]
pub struct Line<'a> {
    pub kind: LineKind,
    /// With the line end, if it has one.
    pub bytes: &'a [u8],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    Kept,
    Removed,
    Added,
}

impl LineKind {
    /// The character in front of such a line.
    #[must_use]
    pub fn sign(self) -> u8 {
        match self {
            LineKind::Kept => b' ',
            LineKind::Removed => b'-',
            LineKind::Added => b'+',
        }
    }
}

/// All that changes, from top to bottom, with three unchanged lines around it.
#[must_use]
pub fn hunks<'a>(before: &'a [u8], after: &'a [u8]) -> Vec<Hunk<'a>> {
    let (before, after) = (lines(before), lines(after));
    let groups = group_diff_ops(capture_diff_slices(Algorithm::Myers, &before, &after), CONTEXT);
    let is_change = |op: &DiffOp| !matches!(op, DiffOp::Equal { .. });
    // Where nothing changes, there can still be a group of equal lines.
    let groups = groups.iter().filter(|ops| ops.iter().any(is_change));
    groups.map(|ops| hunk(ops, &before, &after)).collect()
}

fn lines(text: &[u8]) -> Vec<&[u8]> {
    text.split_inclusive(|&byte| byte == b'\n').collect()
}

fn hunk<'a>(ops: &[DiffOp], before: &[&'a [u8]], after: &[&'a [u8]]) -> Hunk<'a> {
    let mut lines = Vec::new();
    let mut add = |kind, bytes: &[&'a [u8]]| lines.extend(bytes.iter().map(|&bytes| Line { kind, bytes }));
    for op in ops {
        if let DiffOp::Equal { .. } = op {
            add(LineKind::Kept, &before[op.old_range()]);
        } else {
            add(LineKind::Removed, &before[op.old_range()]);
            add(LineKind::Added, &after[op.new_range()]);
        }
    }
    Hunk { header: header(ops), lines }
}

fn header(ops: &[DiffOp]) -> String {
    let range = |of: fn(&DiffOp) -> Range<usize>| {
        let start = ops.first().map_or(0, |op| of(op).start);
        let end = ops.last().map_or(0, |op| of(op).end);
        match end - start {
            // An empty range is named by the line before it.
            0 => format!("{start},0"),
            1 => format!("{}", start + 1),
            count => format!("{},{count}", start + 1),
        }
    };
    format!("@@ -{} +{} @@", range(DiffOp::old_range), range(DiffOp::new_range))
}

/// The path without a beginning that would make `a/` or `b/` before it wrong.
fn plain(path: &str) -> &str {
    let path = path.strip_prefix("./").unwrap_or(path);
    path.trim_start_matches('/')
}

/// The path as Git spells it in a header: in quotes where it holds what would end the line or the name, with a tab
/// behind it where it holds a blank.
fn quoted(path: &str) -> Cow<'_, str> {
    let needs_quotes = |c: char| c.is_ascii_control() || c == '"' || c == '\\';
    if !path.contains(needs_quotes) {
        return if path.contains(' ') { Cow::Owned(format!("{path}\t")) } else { Cow::Borrowed(path) };
    }
    let mut spelt = String::from("\"");
    for c in path.chars() {
        match c {
            '"' | '\\' => spelt.extend(['\\', c]),
            c if c.is_ascii_control() => spelt.push_str(&format!("\\{:03o}", u32::from(c))),
            c => spelt.push(c),
        }
    }
    spelt.push('"');
    Cow::Owned(spelt)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;
    use std::process::Command;

    /// Applies the diff with Git in a fresh directory and gives what the file then holds.
    fn applied(path: &str, before: &[u8], after: &[u8]) -> Vec<u8> {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, before).unwrap();
        std::fs::write(directory.path().join("patch"), unified_bytes(path, before, after)).unwrap();
        let output = git(directory.path(), &["apply", "--whitespace=nowarn", "patch"]);
        assert!(output.status.success(), "{path}: {}", String::from_utf8_lossy(&output.stderr));
        std::fs::read(file).unwrap()
    }

    fn git(directory: &Path, arguments: &[&str]) -> std::process::Output {
        Command::new("git")
            .current_dir(directory)
            // Nothing that this machine or an outer repository has configured.
            .envs([("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_SYSTEM", "/dev/null")])
            .env("GIT_CEILING_DIRECTORIES", directory.parent().unwrap())
            .env_remove("GIT_DIR")
            .args(arguments)
            .output()
            .unwrap()
    }

    const BEFORE: &str = "-module(m).\n-export([f/1]).\n\nf(Acc) ->\n    Acc.\n\ng(X) ->\n    X.\n\nh() ->\n    ok.\n\ni() ->\n    ok.\n";

    #[test]
    fn a_change_is_shown_with_three_lines_around_it() {
        let after = BEFORE.replace("    Acc.\n", "    {ok, Acc}.\n");
        let expected = "\
--- a/src/m.erl
+++ b/src/m.erl
@@ -2,7 +2,7 @@
 -export([f/1]).
 
 f(Acc) ->
-    Acc.
+    {ok, Acc}.
 
 g(X) ->
     X.
";
        assert_eq!(unified("src/m.erl", BEFORE, &after), expected);
    }

    #[test]
    fn nothing_changed_is_nothing_shown() {
        assert_eq!(unified("m.erl", BEFORE, BEFORE), "");
        assert_eq!(unified("m.erl", "", ""), "");
    }

    #[test]
    fn git_applies_changes_at_every_place() {
        let lines: Vec<&str> = BEFORE.split_inclusive('\n').collect();
        for at in 0..=lines.len() {
            let (head, tail) = (lines[..at].concat(), lines[at..].concat());
            let inserted = format!("{head}new.\n{tail}");
            assert_eq!(applied("m.erl", BEFORE.as_bytes(), inserted.as_bytes()), inserted.as_bytes());
            assert_eq!(applied("m.erl", inserted.as_bytes(), BEFORE.as_bytes()), BEFORE.as_bytes());
        }
        let far = BEFORE.replace("-module(m)", "-module(n)").replace("i() ->", "j() ->");
        assert_eq!(unified("m.erl", BEFORE, &far).matches("@@ -").count(), 2);
        assert_eq!(applied("m.erl", BEFORE.as_bytes(), far.as_bytes()), far.as_bytes());
    }

    #[test]
    fn git_applies_what_is_odd_about_line_ends_and_bytes() {
        let cases: [(&[u8], &[u8]); 11] = [
            (b"a.\nb.", b"a.\nc."),
            (b"a.\nb.", b"a.\nb.\n"),
            (b"a.\nb.\n", b"a.\nb."),
            (b"a.\nb.", b"x.\na.\nb."),
            (b"a.\r\nb.\r\nc.\r\n", b"a.\r\nx.\r\nc.\r\n"),
            (b"a.\r\nb.\r\n", b"a.\nb.\r\n"),
            (b"a.\rb.\nc.\n", b"a.\rb.\nd.\n"),
            (b"a.\nb.\r", b"a.\nc.\r"),
            (b"\xEF\xBB\xBFa.\nb.\n", b"\xEF\xBB\xBFc.\nb.\n"),
            (b"%% caf\xE9\na.\n", b"%% caf\xE9\nb.\n"),
            (b"- a\n-- b\n", b"- a\n-- c\n++ d\n"),
        ];
        for (before, after) in cases {
            assert_eq!(applied("m.erl", before, after), after);
        }
    }

    #[test]
    fn git_finds_files_with_odd_names() {
        for path in ["src/mod x.erl", "src/mod\"x.erl", "src/mod\\x.erl", "src/mod\tx.erl", "src/mød.erl", "a b/c\nd"]
        {
            assert_eq!(applied(path, b"a.\n", b"b.\n"), b"b.\n");
        }
        assert!(unified("./m.erl", "a", "b").starts_with("--- a/m.erl\n+++ b/m.erl\n"));
        assert!(unified("/x/m.erl", "a", "b").starts_with("--- a/x/m.erl\n+++ b/x/m.erl\n"));
    }
}
