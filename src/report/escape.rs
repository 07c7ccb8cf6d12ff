//! Source text on a terminal: characters that could move the cursor or turn the reading direction become
//! visible ones, each by exactly one, so that columns stay right.

use std::borrow::Cow;
use std::io::{self, Write};

use crate::source::is_unseen;

/// The character that is shown in place of `c`. A tab stays a tab.
#[must_use]
pub fn visible(c: char) -> char {
    match c {
        '\t' => '\t',
        // Unicode has a picture for each of these.
        '\0'..='\x1F' => char::from_u32(0x2400 + c as u32).unwrap_or('\u{FFFD}'),
        '\x7F' => '\u{2421}',
        _ if is_unseen(c) => '\u{FFFD}',
        _ => c,
    }
}

/// The text with every character visible. For a text of several lines, give its lines.
#[must_use]
pub fn line(text: &str) -> Cow<'_, str> {
    if text.chars().all(|c| visible(c) == c) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.chars().map(visible).collect())
    }
}

/// The text with every character visible but line ends.
#[must_use]
pub fn lines(text: &str) -> Cow<'_, str> {
    let shown = |c: char| if c == '\n' { c } else { visible(c) };
    if text.chars().all(|c| shown(c) == c) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.chars().map(shown).collect())
    }
}

/// The text on one line: line ends and the blanks around them become one blank.
#[must_use]
pub fn one_line(text: &str) -> Cow<'_, str> {
    if !text.contains('\n') {
        return line(text);
    }
    let joined = text.lines().map(str::trim).collect::<Vec<_>>().join(" ");
    Cow::Owned(line(joined.trim()).into_owned())
}

/// A stream for JSON, in which characters that nobody sees are written as `\\u202E` is, and the last one of `##[`, which starts a command in
/// the log of a job. Outside of strings JSON has none of them, and within strings this says the same.
pub struct Json<W>(pub W);

impl<W: Write> Write for Json<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes).map(|()| bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        // Those below a blank are JSON's own line ends. What is written in pieces is never cut within a character.
        let is_plain = bytes.iter().all(|byte| *byte < 0x7F);
        let Ok(text) = std::str::from_utf8(bytes) else { return self.0.write_all(bytes) };
        let mut rest = text;
        let mut hashes = 0;
        let mut is_escaped = |c: char| {
            let follows = hashes > 1;
            hashes = if c == '#' { hashes + 1 } else { 0 };
            c == '[' && follows || !is_plain && c != '\n' && is_unseen(c)
        };
        while let Some(at) = rest.find(&mut is_escaped) {
            let (before, from) = rest.split_at(at);
            self.0.write_all(before.as_bytes())?;
            let mut characters = from.chars();
            let mut units = [0; 2];
            for unit in characters.next().unwrap_or_default().encode_utf16(&mut units) {
                write!(self.0, "\\u{unit:04X}")?;
            }
            rest = characters.as_str();
        }
        self.0.write_all(rest.as_bytes())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_can_move_the_cursor_or_turn_the_text() {
        assert_eq!(line("a\x1b[31mb\r\x07\x7f"), "a␛[31mb␍␇␡");
        assert_eq!(line("x\u{202e}y\u{2066}z\u{9b}"), "x\u{FFFD}y\u{FFFD}z\u{FFFD}");
        assert_eq!(line("a\u{200b}b\u{feff}c\u{e0041}"), "a\u{FFFD}b\u{FFFD}c\u{FFFD}");
        assert_eq!(line("\tʃ🦀"), "\tʃ🦀");
    }

    #[test]
    fn each_character_stays_one() {
        for c in (0..0x3000).filter_map(char::from_u32) {
            assert_eq!(line(&c.to_string()).chars().count(), 1);
        }
    }

    #[test]
    fn json_says_the_same_with_every_character_visible() {
        let text = "a\u{1b}\u{7f}\u{9b}\u{202e}ʃ🦀\u{2066}\n\u{feff}\u{e0041}\"###[x]#[";
        let mut out = Vec::new();
        serde_json::to_writer_pretty(Json(&mut out), &[text]).unwrap();
        let written = String::from_utf8(out).unwrap();
        assert!(written.chars().all(|c| c == '\n' || !is_unseen(c)), "{written:?}");
        assert!(written.contains("ʃ🦀\\u2066\\n") && written.contains("###\\u005Bx]#["), "{written}");
        assert_eq!(serde_json::from_str::<[String; 1]>(&written).unwrap(), [text]);
    }

    #[test]
    fn several_lines_become_one() {
        assert_eq!(one_line("a:\n    b\r\n  c\n"), "a: b c");
        assert_eq!(one_line("a"), "a");
    }
}
