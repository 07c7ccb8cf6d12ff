//! The fingerprint that GitHub tells alerts by: a hash of the lines from the one on which a result starts.
//!
//! What uploads reports for GitHub adds it where it is missing, and complains where it differs. Other ways to upload add
//! nothing, and every run makes all alerts anew. So it is computed as theirs is (`src/fingerprints.ts` of
//! `github/codeql-action`): over the next hundred UTF-16 code units that are neither blank nor tab, with every line end as one
//! `\n`, then a mark for the end of the file and zeros.

use std::collections::HashMap;

/// How many code units go into a hash.
const BLOCK: usize = 100;
const FACTOR: u64 = 37;
const END_OF_FILE: u16 = 0xFFFF;

/// The hash of each line of a file, the first line's first: hexadecimal digits, a colon, and which line it is, from 1, among
/// those with this hash.
///
/// A file is read as UTF-8 whatever it is in, and a lone `\r` ends a line: both as GitHub's uploader does.
#[must_use]
pub fn of_lines(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let mut hashes = Hashes::new();
    let mut after_return = false;
    for unit in text.encode_utf16() {
        let is_rest_of_line_end = after_return && unit == u16::from(b'\n');
        after_return = false;
        if unit == u16::from(b' ') || unit == u16::from(b'\t') || is_rest_of_line_end {
            continue;
        }
        after_return = unit == u16::from(b'\r');
        hashes.add(if after_return { u16::from(b'\n') } else { unit });
    }
    hashes.add(END_OF_FILE);
    hashes.finish()
}

struct Hashes {
    /// The last units, each in its place.
    window: [u16; BLOCK],
    /// Where in the window the lines start that still wait for their hash.
    starts: [bool; BLOCK],
    at: usize,
    hash: u64,
    /// The factor of a unit that leaves the window.
    last_factor: u64,
    at_line_start: bool,
    seen: HashMap<u64, usize>,
    /// Lines get their hashes in their order.
    found: Vec<String>,
}

impl Hashes {
    fn new() -> Self {
        Self {
            window: [0; BLOCK],
            starts: [false; BLOCK],
            at: 0,
            hash: 0,
            last_factor: (0..BLOCK).fold(1, |factor: u64, _| factor.wrapping_mul(FACTOR)),
            at_line_start: true,
            seen: HashMap::new(),
            found: Vec::new(),
        }
    }

    fn add(&mut self, unit: u16) {
        self.settle();
        self.starts[self.at] = std::mem::replace(&mut self.at_line_start, unit == u16::from(b'\n'));
        self.shift(unit);
    }

    /// The line that starts where the window ends has all of its units.
    fn settle(&mut self) {
        if std::mem::take(&mut self.starts[self.at]) {
            let seen = self.seen.entry(self.hash).or_default();
            *seen += 1;
            self.found.push(format!("{:x}:{seen}", self.hash));
        }
    }

    fn shift(&mut self, unit: u16) {
        let leaving = u64::from(std::mem::replace(&mut self.window[self.at], unit));
        let grown = self.hash.wrapping_mul(FACTOR).wrapping_add(u64::from(unit));
        self.hash = grown.wrapping_sub(self.last_factor.wrapping_mul(leaving));
        self.at = (self.at + 1) % BLOCK;
    }

    fn finish(mut self) -> Vec<String> {
        for _ in 0..BLOCK {
            self.settle();
            self.shift(0);
        }
        self.found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What GitHub's own code says of these files.
    #[test]
    fn hashes_are_those_of_githubs_uploader() {
        let long = format!("{}{}\ntail\n", "same line\n".repeat(3), "x".repeat(250));
        let cases: [(&[u8], &[&str]); 7] = [
            (b"", &["c129715d7a2bc9a3:1"]),
            (b"a\n", &["243cbaa4685aab12:1", "c129715d7a2bc9a3:1"]),
            (
                b"x\r\ny\rz\n\n\n  \t\nend",
                &[
                    "baba7351e358a0bd:1",
                    "3f30987c49551073:1",
                    "6b5331ee491abd64:1",
                    "40af9e45ae08dad8:1",
                    "6141ba0c28270ece:1",
                    "165fbdbbce84915c:1",
                    "43b6461eda086fe2:1",
                ],
            ),
            (
                "\u{feff}-module(a).\r\n%% \u{283} \u{1f980}\n".as_bytes(),
                &["e5b4204be8f23598:1", "4749e8a7b72dd620:1", "c129715d7a2bc9a3:1"],
            ),
            (b"%% \xe9t\xe9\nf() -> ok.\n", &["3e561704feba769:1", "a743f8f9aa0a2ddb:1", "c129715d7a2bc9a3:1"]),
            (
                long.as_bytes(),
                &[
                    "53e11ef4d8705a8:1",
                    "dd654860353bf230:1",
                    "aa13c51aab3da4d8:1",
                    "52b56201ffb58620:1",
                    "6760d1ea5f8bdcf:1",
                    "c129715d7a2bc9a3:1",
                ],
            ),
            (
                b"a\r \n\rb\r\n",
                &[
                    "356f58d66fa44792:1",
                    "b8d96ae672d1b223:1",
                    "bf4c4d48992e2ca5:1",
                    "ade70578248be16f:1",
                    "c129715d7a2bc9a3:1",
                ],
            ),
        ];
        for (bytes, hashes) in cases {
            assert_eq!(of_lines(bytes), hashes, "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn lines_that_are_alike_are_counted() {
        let text = format!("{}b\n", "a\n".repeat(300));
        let hashes = of_lines(text.as_bytes());
        assert_eq!(hashes.len(), 302);
        let (first, number) = hashes[0].split_once(':').unwrap();
        assert_eq!((number, hashes[9].as_str()), ("1", format!("{first}:10").as_str()));
    }
}
