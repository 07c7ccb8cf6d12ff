//! Positions as editors count them: 0-based lines, and columns in one of three units.

/// What a column counts. Lines are counted from 0, and so are columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Bytes of UTF-8.
    Utf8,
    /// Code units of UTF-16: characters beyond U+FFFF are two.
    Utf16,
    /// Unicode code points.
    Utf32,
}

impl Unit {
    fn width(self, c: char) -> usize {
        match self {
            Unit::Utf8 => c.len_utf8(),
            Unit::Utf16 => c.len_utf16(),
            Unit::Utf32 => 1,
        }
    }
}

/// Where the lines of a text start. A line ends in `\n`, `\r\n` or a lone `\r`, as the protocol of editors has it; to
/// Erlang, a lone `\r` is a blank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lines {
    starts: Vec<u32>,
}

impl Lines {
    #[must_use]
    pub fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let ends = memchr::memchr2_iter(b'\n', b'\r', bytes)
            .filter(|&at| bytes[at] == b'\n' || bytes.get(at + 1) != Some(&b'\n'));
        let starts = std::iter::once(0).chain(ends.map(|at| u32::try_from(at + 1).unwrap_or(u32::MAX)));
        Self { starts: starts.collect() }
    }

    /// How many lines there are; behind a last line ending there is one more, which is empty.
    #[must_use]
    pub fn count(&self) -> usize {
        self.starts.len()
    }

    /// The line and the column of a byte offset of the text. An offset behind the end counts as the end, one inside a
    /// character as its start.
    #[must_use]
    pub fn position(&self, text: &str, offset: usize, unit: Unit) -> (usize, usize) {
        let offset = text.floor_char_boundary(offset);
        let line = self.starts.partition_point(|&start| start as usize <= offset) - 1;
        let before = &text[self.starts[line] as usize..offset];
        let column = match unit {
            Unit::Utf8 => before.len(),
            _ if before.is_ascii() => before.len(),
            _ => before.chars().map(|c| unit.width(c)).sum(),
        };
        (line, column)
    }

    /// The byte offset of a position. A column behind the end of its line counts as its end, a line behind the last one
    /// as the end of the text, and a position inside a character as its start.
    #[must_use]
    pub fn offset(&self, text: &str, line: usize, column: usize, unit: Unit) -> usize {
        let Some(&start) = self.starts.get(line) else { return text.len() };
        let start = start as usize;
        let end = self.starts.get(line + 1).map_or(text.len(), |&next| next as usize);
        let content = text[start..end].trim_end_matches(['\n', '\r']);
        let mut left = column;
        for (at, c) in content.char_indices() {
            let width = unit.width(c);
            if left < width {
                return start + at;
            }
            left -= width;
        }
        start + content.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "ab\n\t\u{283}\u{1f980}x\r\n\rlast";

    #[test]
    fn columns_count_what_was_agreed() {
        let lines = Lines::new(TEXT);
        let x = TEXT.find('x').unwrap();
        for (unit, column) in [(Unit::Utf8, 7), (Unit::Utf16, 4), (Unit::Utf32, 3)] {
            assert_eq!(lines.position(TEXT, x, unit), (1, column));
            assert_eq!(lines.offset(TEXT, 1, column, unit), x);
        }
    }

    #[test]
    fn every_offset_comes_back() {
        let lines = Lines::new(TEXT);
        for unit in [Unit::Utf8, Unit::Utf16, Unit::Utf32] {
            for (offset, _) in TEXT.char_indices().filter(|(_, c)| !matches!(c, '\r' | '\n')) {
                let (line, column) = lines.position(TEXT, offset, unit);
                assert_eq!(lines.offset(TEXT, line, column, unit), offset, "{unit:?} {offset}");
            }
        }
    }

    #[test]
    fn lines_end_in_three_ways() {
        let lines = Lines::new(TEXT);
        assert_eq!(lines.count(), 4);
        assert_eq!(lines.position(TEXT, TEXT.len(), Unit::Utf16), (3, 4));
        assert_eq!(lines.offset(TEXT, 2, 0, Unit::Utf16), TEXT.find("\rlast").unwrap());
    }

    #[test]
    fn what_lies_outside_is_drawn_in() {
        let lines = Lines::new(TEXT);
        assert_eq!(lines.offset(TEXT, 0, 99, Unit::Utf16), 2);
        assert_eq!(lines.offset(TEXT, 1, 99, Unit::Utf16), TEXT.find("\r\n").unwrap());
        assert_eq!(lines.offset(TEXT, 99, 0, Unit::Utf16), TEXT.len());
        // Between the two halves of a pair of surrogates.
        assert_eq!(lines.offset(TEXT, 1, 3, Unit::Utf16), TEXT.find('\u{1f980}').unwrap());
        assert_eq!(lines.position(TEXT, 999, Unit::Utf8), (3, 4));
    }

    #[test]
    fn an_empty_text_has_one_line() {
        let lines = Lines::new("");
        assert_eq!(
            (lines.count(), lines.position("", 0, Unit::Utf16), lines.offset("", 0, 5, Unit::Utf8)),
            (1, (0, 0), 0)
        );
    }
}
