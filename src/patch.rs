//! The lines that say which part of a file a piece of a diff is about, and what they come to in a whole diff.

use std::collections::HashMap;

/// The head of one hunk of a unified diff.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HunkHead {
    pub old: Part,
    pub new: Part,
}

/// Some lines of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// 1-based. Of no lines, it is the line behind which they would be; 0 is before the first one.
    pub first: usize,
    pub count: usize,
}

impl HunkHead {
    /// Reads a line such as `@@ -1,2 +3 @@ f(Acc) ->`; what stands behind it does not matter. `None` for any other line.
    #[must_use]
    pub fn parse(line: &[u8]) -> Option<Self> {
        let rest = line.strip_prefix(b"@@ -")?;
        let end = rest.windows(3).position(|bytes| bytes == b" @@")?;
        let (old, new) = std::str::from_utf8(&rest[..end]).ok()?.split_once(" +")?;
        Some(Self { old: Part::parse(old)?, new: Part::parse(new)? })
    }
}

impl Part {
    fn parse(text: &str) -> Option<Self> {
        let (first, count) = text.split_once(',').unwrap_or((text, "1"));
        let part = Self { first: first.parse().ok()?, count: count.parse().ok()? };
        // No file has more lines, and whoever counts from here on gets to no end of numbers.
        let end = part.first.checked_add(part.count)?;
        (end < u32::MAX as usize).then_some(part)
    }
}

/// The lines of one file that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lines {
    /// All of them, as Git did not have the file.
    All,
    /// 1-based, both ends in; sorted.
    Some(Vec<(usize, usize)>),
}

impl Lines {
    /// None of them.
    pub const NONE: Self = Self::Some(Vec::new());

    /// Whether one of the lines from `first` to `last`, both 1-based and in, changed.
    #[must_use]
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

/// The lines that a diff without context adds, or around which it takes some away, by file.
#[must_use]
pub fn changed_lines(diff: &[u8]) -> HashMap<Vec<u8>, Lines> {
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

    #[test]
    fn heads_of_hunks_are_read() {
        let part = |first, count| Part { first, count };
        for (line, old, new) in [
            ("@@ -1 +1 @@", part(1, 1), part(1, 1)),
            ("@@ -10,2 +11,0 @@ f(@@) -> @@", part(10, 2), part(11, 0)),
            ("@@ -0,0 +1,7 @@\r", part(0, 0), part(1, 7)),
        ] {
            assert_eq!(HunkHead::parse(line.as_bytes()), Some(HunkHead { old, new }), "{line}");
        }
        for line in
            ["", "@@", "@@ -1 +1", "@@ -x +1 @@", "@@ -1 @@", "@@@ -1 -1 +1 @@@", "-@@ -1 +1 @@", "@@ -\u{e4} +1 @@"]
        {
            assert_eq!(HunkHead::parse(line.as_bytes()), None, "{line}");
        }
    }

    #[test]
    fn lines_that_no_file_has_are_in_no_part() {
        for (first, count) in
            [(u64::MAX, 1), (1, u64::MAX), (u64::MAX, 0), (u64::from(u32::MAX), 0), (4_294_967_200, 95)]
        {
            let line = format!("@@ -1 +{first},{count} @@");
            assert_eq!(HunkHead::parse(line.as_bytes()), None, "{line}");
            assert_eq!(HunkHead::parse(format!("@@ -{first},{count} +1 @@").as_bytes()), None);
            assert_eq!(lines(&format!("diff --git a/x b/x\n--- a/x\n+++ b/x\n{line}\n+a\n")), []);
        }
        assert!(HunkHead::parse(b"@@ -1 +4294967200,94 @@").is_some());
    }

    fn lines(diff: &str) -> Vec<(String, Lines)> {
        let mut found: Vec<_> = changed_lines(diff.as_bytes())
            .into_iter()
            .map(|(name, it)| (String::from_utf8(name).unwrap(), it))
            .collect();
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
