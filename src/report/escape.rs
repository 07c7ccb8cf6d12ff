//! Source text on a terminal: characters that could move the cursor or turn the reading direction become
//! visible ones, each by exactly one, so that columns stay right.

use std::borrow::Cow;

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

/// The text on one line: line ends and the blanks around them become one blank.
#[must_use]
pub fn one_line(text: &str) -> Cow<'_, str> {
    if !text.contains('\n') {
        return line(text);
    }
    let joined = text.lines().map(str::trim).collect::<Vec<_>>().join(" ");
    Cow::Owned(line(joined.trim()).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_can_move_the_cursor_or_turn_the_text() {
        assert_eq!(line("a\x1b[31mb\r\x07\x7f"), "a␛[31mb␍␇␡");
        assert_eq!(line("x\u{202e}y\u{2066}z\u{9b}"), "x\u{FFFD}y\u{FFFD}z\u{FFFD}");
        assert_eq!(line("\tʃ🦀"), "\tʃ🦀");
    }

    #[test]
    fn each_character_stays_one() {
        for c in (0..0x3000).filter_map(char::from_u32) {
            assert_eq!(line(&c.to_string()).chars().count(), 1);
        }
    }

    #[test]
    fn several_lines_become_one() {
        assert_eq!(one_line("a:\n    b\r\n  c\n"), "a: b c");
        assert_eq!(one_line("a"), "a");
    }
}
