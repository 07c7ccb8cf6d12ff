//! The lines that say which part of a file a piece of a diff is about.

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
        Some(Self { first: first.parse().ok()?, count: count.parse().ok()? })
    }
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
}
