//! The file: TOML, with a finding on each line, so that Git merges what two branches did to it, and a person sees in a review
//! what comes and goes.

use std::fmt::{self, Write as _};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{Baseline, Entry};
use crate::source::is_unseen;

/// The version of the format. Another one cannot be read by those who know this one.
const VERSION: u32 = 1;

const HEAD: &str = "\
# Findings that are known: `hookshift check` does not tell them again.
# Written by `hookshift baseline write`. `hookshift baseline prune` drops what is not found any more.
";

/// Why a file of known findings is not understood.
#[derive(Debug)]
pub struct BaselineError {
    pub path: PathBuf,
    pub mistake: Mistake,
}

/// What is wrong with it.
#[derive(Debug)]
pub enum Mistake {
    /// It cannot be read.
    Unreadable(io::Error),
    /// It says something that is not understood, in a 1-based line.
    Malformed { line: usize, message: String },
    /// It was written by a version that makes other files.
    Version { found: u32 },
}

impl fmt::Display for BaselineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        match &self.mistake {
            Mistake::Unreadable(error) if error.kind() == io::ErrorKind::NotFound => {
                write!(f, ": there is no such baseline; `hookshift baseline write` makes one")
            }
            Mistake::Unreadable(error) => write!(f, ": the baseline cannot be read: {error}"),
            Mistake::Malformed { line, message } => write!(f, ":{line}: the baseline is not understood: {message}"),
            Mistake::Version { found } => write!(
                f,
                ": the baseline has version {found}, and this is hookshift {}, which knows version {VERSION}",
                env!("CARGO_PKG_VERSION")
            ),
        }
    }
}

impl std::error::Error for BaselineError {}

/// What can be said of a file of whatever version.
#[derive(Deserialize)]
struct Versioned {
    version: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    #[serde(rename = "version")]
    _version: u32,
    #[serde(default)]
    known: Vec<Entry>,
}

impl Baseline {
    /// Reads a file.
    ///
    /// # Errors
    /// There is none, or it is not understood.
    pub fn read(path: &Path) -> Result<Self, BaselineError> {
        let text = fs::read_to_string(path)
            .map_err(|error| BaselineError { path: path.to_path_buf(), mistake: Mistake::Unreadable(error) })?;
        Self::parse(path, &text)
    }

    /// Reads a text as the content of a file.
    ///
    /// # Errors
    /// It is not understood.
    pub fn parse(path: &Path, text: &str) -> Result<Self, BaselineError> {
        let content = content(text).map_err(|mistake| BaselineError { path: path.to_path_buf(), mistake })?;
        let mut entries = content.known;
        entries.sort();
        Ok(Self { path: path.to_path_buf(), entries })
    }

    /// The content of the file: the same for the same entries, in whatever order.
    #[must_use]
    pub fn text(&self) -> String {
        let mut entries: Vec<&Entry> = self.entries.iter().collect();
        entries.sort();
        let mut text = format!("{HEAD}version = {VERSION}\nknown = [\n");
        for entry in entries {
            push_entry(&mut text, entry);
        }
        text.push_str("]\n");
        text
    }
}

fn content(text: &str) -> Result<Content, Mistake> {
    let malformed = |error: &toml::de::Error| {
        let line = error.span().map_or(1, |span| line_of(text, span.start));
        // A whole list of expected tokens helps nobody: the first line says it.
        let message = error.message().lines().next().unwrap_or("is no TOML").to_owned();
        Mistake::Malformed { line, message }
    };
    // Git's marks are what makes most files unreadable, and TOML has other words for them.
    if let Some(at) = text.lines().position(|line| line.starts_with("<<<<<<< ")) {
        let message = "a conflict of a merge is not resolved here".to_owned();
        return Err(Mistake::Malformed { line: at + 1, message });
    }
    let Versioned { version } = toml::from_str(text).map_err(|error| malformed(&error))?;
    if version != VERSION {
        return Err(Mistake::Version { found: version });
    }
    toml::from_str(text).map_err(|error| malformed(&error))
}

/// The 1-based line of an offset in bytes.
fn line_of(text: &str, offset: usize) -> usize {
    1 + text.as_bytes()[..offset.min(text.len())].iter().filter(|&&byte| byte == b'\n').count()
}

/// In the order of the sorting, so that neighbours begin alike.
fn push_entry(text: &mut String, entry: &Entry) {
    let fingerprint = entry.fingerprint.to_string();
    let fields = [
        ("path", Some(&entry.path)),
        ("rule", Some(&entry.rule)),
        ("hook", entry.hook.as_ref()),
        ("handler", entry.handler.as_ref()),
        ("line", Some(&entry.line)),
        ("fingerprint", Some(&fingerprint)),
    ];
    let fields = fields.iter().filter_map(|(key, value)| Some(format!("{key} = {}", quoted((*value)?))));
    let _ = writeln!(text, "  {{ {} }},", fields.collect::<Vec<_>>().join(", "));
}

/// A TOML string on one line. Code is full of quotes, so they are escaped only where there is no other way.
pub fn quoted(text: &str) -> String {
    let is_plain = |c: char| !is_unseen(c) && !matches!(c, '"' | '\\');
    if text.chars().all(is_plain) {
        return format!("\"{text}\"");
    }
    if text.chars().all(|c| !is_unseen(c) && c != '\'') {
        return format!("'{text}'");
    }
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if is_unseen(c) && u32::from(c) > 0xFFFF => drop(write!(quoted, "\\U{:08X}", u32::from(c))),
            c if is_unseen(c) => drop(write!(quoted, "\\u{:04X}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(line: &str) -> Entry {
        Entry {
            path: "src/mod_a.erl".to_owned(),
            rule: "removed-hook".to_owned(),
            hook: Some("gone".to_owned()),
            handler: None,
            line: line.to_owned(),
            fingerprint: "cfbd69dad8508de85b3f481926596d61".parse().unwrap(),
        }
    }

    fn baseline(entries: Vec<Entry>) -> Baseline {
        Baseline { path: "b.toml".into(), entries }
    }

    fn mistake(text: &str) -> String {
        Baseline::parse(Path::new("ci/b.toml"), text).unwrap_err().to_string()
    }

    #[test]
    fn an_entry_is_a_line() {
        let text = baseline(vec![entry("f() -> [gone].")]).text();
        assert_eq!(
            text.strip_prefix(HEAD).unwrap(),
            "version = 1\nknown = [\n  { path = \"src/mod_a.erl\", rule = \"removed-hook\", hook = \"gone\", \
             line = \"f() -> [gone].\", fingerprint = \"cfbd69dad8508de85b3f481926596d61\" },\n]\n"
        );
        assert_eq!(baseline(Vec::new()).text().strip_prefix(HEAD), Some("version = 1\nknown = [\n]\n"));
    }

    #[test]
    fn what_is_written_is_read_whatever_stands_in_the_line() {
        let lines =
            ["", "\"a\" 'b'", "'a'", "\"\\\"", "a\u{202e}b", "\u{7f}\u{1}", "é ʃ 🦀 e\u{301}", "'''", "\"\"\"", "# }"];
        let mut written = baseline(lines.iter().map(|line| entry(line)).collect());
        let text = written.text();
        assert_eq!(text.lines().count(), 5 + lines.len(), "{text}");
        assert!(!text.contains('\u{202e}') && !text.contains('\u{7f}'), "{text}");
        written.entries.sort();
        assert_eq!(Baseline::parse(&written.path, &text).unwrap(), written);
        written.entries.reverse();
        assert_eq!(written.text(), text, "the order does not matter");
    }

    #[test]
    fn an_entry_that_is_there_twice_is_read_twice() {
        let text = baseline(vec![entry("a"), entry("a")]).text();
        assert_eq!(Baseline::parse(Path::new("b.toml"), &text).unwrap().entries.len(), 2);
    }

    #[test]
    fn mistakes_are_told_with_their_line() {
        let good = baseline(vec![entry("a")]).text();
        let not = "the baseline is not understood";
        assert_eq!(mistake(""), format!("ci/b.toml:1: {not}: missing field `version`"));
        assert!(mistake("version = 1\nknown = [").starts_with(&format!("ci/b.toml:2: {not}: ")));
        let unknown = mistake(&good.replace("hook =", "hok ="));
        assert!(unknown.starts_with(&format!("ci/b.toml:5: {not}: unknown field `hok`")), "{unknown}");
        let short = mistake(&good.replace("cfbd69dad", "cfbd"));
        assert!(
            short.starts_with(&format!("ci/b.toml:5: {not}: `cfbd8508de85b3f481926596d61` is no fingerprint")),
            "{short}"
        );
        let conflict = good.replace("known =", "<<<<<<< HEAD\nknown =");
        assert!(mistake(&conflict).starts_with("ci/b.toml:4: the baseline is not understood: a conflict of a merge"));
    }

    #[test]
    fn another_version_is_not_guessed_at() {
        let text = "version = 2\nentries = 7\n";
        assert!(mistake(text).starts_with("ci/b.toml: the baseline has version 2, and this is hookshift "), "{text}");
    }

    #[test]
    fn a_file_that_is_not_there_says_how_to_make_one() {
        let error = Baseline::read(Path::new("/none/b.toml")).unwrap_err().to_string();
        assert_eq!(error, "/none/b.toml: there is no such baseline; `hookshift baseline write` makes one");
    }
}
