//! Text in the log of a job of GitHub Actions. Its runner takes lines of standard output and standard error for commands, whoever wrote
//! them: those that start with `::` behind blanks, and what follows `##[` anywhere. Where code is shown, its author would give commands.

use std::borrow::Cow;

/// What stands in place of a character that would make a command.
const REPLACEMENT: &[u8] = "\u{FFFD}".as_bytes();

/// The text without anything that is taken for a command. The first `:` or the `[` of each becomes a visible sign that something stood there.
#[must_use]
pub fn unheeded(text: &[u8]) -> Cow<'_, [u8]> {
    let mut result = Vec::new();
    let mut done = 0;
    for at in commands(text) {
        result.extend_from_slice(&text[done..at]);
        result.extend_from_slice(REPLACEMENT);
        done = at + 1;
    }
    if done == 0 {
        return text.into();
    }
    result.extend_from_slice(&text[done..]);
    result.into()
}

/// The same text, and around it what tells the runner to look for no commands in it, when there are some. For what has to stay as it is: programs that
/// apply diffs pass over lines in front of a diff and behind it.
#[must_use]
pub fn enclosed(text: &[u8]) -> Cow<'_, [u8]> {
    if commands(text).next().is_none() { text.into() } else { stopped(text).into() }
}

/// The text between a command that stops commands, and one that resumes them: a word that cannot stand in the text.
#[must_use]
pub fn stopped(text: &[u8]) -> Vec<u8> {
    let token = format!("hookshift-{}", blake3::hash(text).to_hex());
    let line_end = if text.is_empty() || text.ends_with(b"\n") { "" } else { "\n" };
    [format!("::stop-commands::{token}\n").as_bytes(), text, format!("{line_end}::{token}::\n").as_bytes()].concat()
}

/// Where the bytes are without which there would be no command, in order.
fn commands(text: &[u8]) -> impl Iterator<Item = usize> {
    // A carriage return ends a line for the runner.
    let lines = text.split_inclusive(|byte| matches!(byte, b'\n' | b'\r')).scan(0, |start, line| {
        let at = *start;
        *start += line.len();
        Some((at, line))
    });
    lines.flat_map(|(start, line)| {
        let blanks = blanks(line);
        let first = line[blanks..].starts_with(b"::").then_some(start + blanks);
        first.into_iter().chain(memchr::memmem::find_iter(line, b"##[").map(move |at| start + at + 2))
    })
}

/// How many bytes of blanks a line starts with, Unicode's among them.
fn blanks(line: &[u8]) -> usize {
    let valid = match std::str::from_utf8(line) {
        Ok(line) => line,
        Err(error) => std::str::from_utf8(&line[..error.valid_up_to()]).unwrap_or_default(),
    };
    valid.len() - valid.trim_start().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        String::from_utf8(unheeded(text.as_bytes()).into_owned()).unwrap()
    }

    #[test]
    fn commands_are_none_any_more() {
        for (text, expected) in [
            ("::error::x", "\u{FFFD}:error::x"),
            ("a\n \t::set-output name=x::y\n::x", "a\n \t\u{FFFD}:set-output name=x::y\n\u{FFFD}:x"),
            ("a\r::error::x", "a\r\u{FFFD}:error::x"),
            ("\u{a0}\u{3000}::x", "\u{a0}\u{3000}\u{FFFD}:x"),
            (":::x", "\u{FFFD}::x"),
            ("a ##[error]b ##[###[", "a ##\u{FFFD}error]b ##\u{FFFD}###\u{FFFD}"),
            ("::##[", "\u{FFFD}:##\u{FFFD}"),
        ] {
            assert_eq!(shown(text), expected);
            assert_eq!(commands(expected.as_bytes()).next(), None, "{expected}");
        }
        assert_eq!(*unheeded(b" ::\xff"), *b" \xef\xbf\xbd:\xff");
        assert_eq!(*unheeded(b"\xff::x\n"), *b"\xff::x\n");
    }

    #[test]
    fn all_else_stays_as_it_is() {
        for text in ["", "a ::error::x\n", ": :x", "x :: integer()\n", "#[a]", "# #[", "+::x\n-::y\n", "\u{1b}[31m::x"]
        {
            assert_eq!(shown(text), text);
            assert_eq!(*enclosed(text.as_bytes()), *text.as_bytes());
        }
    }

    #[test]
    fn a_diff_is_enclosed_when_it_has_a_command() {
        let diff = " ::error::x\n+y";
        let text = String::from_utf8(enclosed(diff.as_bytes()).into_owned()).unwrap();
        let lines: Vec<_> = text.lines().collect();
        let token = lines[0].strip_prefix("::stop-commands::").unwrap();
        assert_eq!(lines[1..], [" ::error::x", "+y", &format!("::{token}::")]);
    }
}
