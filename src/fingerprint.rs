//! What makes a finding the same one in another run: not where it stands, but what it is about.
//!
//! Reports, baselines and comments on merge requests last longer than line numbers do. A finding is told again by its rule,
//! its module, the hook and the handler that it is about, and the code in the line where it starts, however that is laid out and
//! whatever stands before or behind it in a list.
//! Findings that have all of this in common are counted from top to bottom, so that one that comes or goes changes the number of them.

use std::collections::HashMap;
use std::fmt;
use std::path::Path;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::finding::Finding;
use crate::source::{Source, Span};
use crate::syntax::scan::Tokens;

/// The way in which fingerprints are made. Another one makes all of them different.
const SCHEME: &str = "hookshift/1";

/// Tells a finding from all others of its project; 32 hexadecimal digits when shown.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(into = "String", try_from = "String")]
#[schemars(with = "String")]
pub struct Fingerprint([u8; 16]);

impl Fingerprint {
    /// That of some fields, none of which can be taken for a part of another one.
    fn of_fields<'f>(fields: impl IntoIterator<Item = &'f [u8]>) -> Self {
        let mut hasher = blake3::Hasher::new();
        for field in std::iter::once(SCHEME.as_bytes()).chain(fields) {
            hasher.update(&(field.len() as u64).to_le_bytes());
            hasher.update(field);
        }
        let mut found = [0; 16];
        found.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
        Self(found)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<Fingerprint> for String {
    fn from(it: Fingerprint) -> Self {
        it.to_string()
    }
}

/// A text is no fingerprint.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no fingerprint: 32 hexadecimal digits are expected")]
pub struct NoFingerprint(String);

impl FromStr for Fingerprint {
    type Err = NoFingerprint;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let no = || NoFingerprint(text.to_owned());
        if text.len() != 32 || !text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(no());
        }
        let mut found = [0; 16];
        for (at, byte) in found.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).map_err(|_| no())?;
        }
        Ok(Self(found))
    }
}

impl TryFrom<String> for Fingerprint {
    type Error = NoFingerprint;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

/// The fingerprint of a finding that was numbered among those of its run.
#[must_use]
pub fn of(finding: &Finding) -> Fingerprint {
    with(finding, &finding.occurrence.to_le_bytes())
}

/// The fingerprints of findings, which are in their order, each as if its file were the only one: what is alike is counted
/// within a file, and so the fingerprint does not depend on which other files are looked at.
pub fn within_files<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> Vec<Fingerprint> {
    let mut seen: HashMap<(&Path, Fingerprint), u32> = HashMap::new();
    let within_file = |finding: &'f Finding| {
        let number = seen.entry((finding.place.source.path(), with(finding, &[]))).or_default();
        *number += 1;
        with(finding, &number.to_le_bytes())
    };
    findings.into_iter().map(within_file).collect()
}

/// Numbers findings, which are in their order: the first of those that are alike is number 1.
pub fn number(findings: &mut [Finding]) {
    let mut seen: HashMap<Fingerprint, u32> = HashMap::new();
    for finding in findings {
        let number = seen.entry(with(finding, &[])).or_default();
        *number += 1;
        finding.occurrence = *number;
    }
}

fn with(finding: &Finding, occurrence: &[u8]) -> Fingerprint {
    let handler = finding.handler.as_ref().map(ToString::to_string).unwrap_or_default();
    Fingerprint::of_fields([
        finding.rule.as_bytes(),
        module(finding).as_bytes(),
        finding.hook.as_deref().unwrap_or_default().as_bytes(),
        handler.as_bytes(),
        without_ends(&line(finding)).as_bytes(),
        occurrence,
    ])
}

/// The name of the finding's file, by which a module is known wherever it lies.
fn module(finding: &Finding) -> String {
    let name = finding.place.source.path().file_name();
    name.map(|it| it.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The code in the line where a finding starts, with one blank wherever there are some, and without the comment behind it; the
/// comment, where there is nothing else.
#[must_use]
pub fn line(finding: &Finding) -> String {
    let source = &finding.place.source;
    let line = source.slice(near(source, finding.place.span.start));
    let end = Tokens::new(line, 0).last().map_or(line.len(), |(_, token)| token.end as usize);
    // A name may end in the middle of a character that Erlang does not know.
    let code = line.get(..end).unwrap_or(line);
    code.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The line in which an offset is. Of one that nobody has written, only what stands near it.
fn near(source: &Source, offset: u32) -> Span {
    const LONG: usize = 4096;
    const NEAR: usize = 256;
    let line = source.line_span(source.line_index(offset));
    if line.len() <= LONG {
        return line;
    }
    let (text, at) = (source.text(), offset as usize);
    let start = text.floor_char_boundary(at.saturating_sub(NEAR)).max(line.start as usize);
    let end = text.ceil_char_boundary((at + NEAR).min(text.len())).min(line.end as usize);
    Span::new(start, end)
}

/// Code without the brackets and separators at its ends: they are others as soon as something is put before or behind it in a
/// list. What consists of nothing else stays.
fn without_ends(code: &str) -> &str {
    let inner = code.trim_matches(|c| matches!(c, '[' | ']' | '(' | ')' | '{' | '}' | ',' | ';' | '.' | '|' | ' '));
    if inner.is_empty() { code } else { inner }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::finding::{Mfa, Place, Severity};
    use crate::source::{Source, Span};

    fn findings(path: &str, text: &str) -> Vec<Finding> {
        let source = Arc::new(Source::from_text(path.into(), text.to_owned()).unwrap());
        let places = text.match_indices("gone").map(|(at, it)| Place::new(&source, Span::new(at, at + it.len())));
        let finding = |place| Finding::new("removed-hook", Severity::Error, place, "gone").hook("gone");
        let mut findings: Vec<_> = places.map(finding).collect();
        number(&mut findings);
        findings
    }

    fn fingerprints(path: &str, text: &str) -> Vec<Fingerprint> {
        findings(path, text).iter().map(of).collect()
    }

    #[test]
    fn a_finding_stays_the_same_when_lines_move_and_layout_changes() {
        let one = fingerprints("src/mod_a.erl", "f() ->\n    [gone, 1],\n    [gone].\n");
        let other = fingerprints("lib/mod_a.erl", "%% more\nf() ->\r\n\t[gone,  1],\r\ng() ->\n  [gone].");
        assert_eq!(one, other);
        assert_ne!(one[0], one[1]);
    }

    #[test]
    fn neighbours_in_a_list_come_and_go() {
        let one = fingerprints("a.erl", "f() -> [\n    {gone, 1}].\n");
        for other in ["    [{gone, 1},\n", "{gone, 1}\n", "    ({gone, 1});\n", "| {gone, 1}]\n"] {
            assert_eq!(one, fingerprints("a.erl", other), "{other}");
        }
        assert_ne!(one, fingerprints("a.erl", "    {gone, 12}].\n"));
    }

    #[test]
    fn comments_behind_the_code_come_and_go() {
        let one = fingerprints("a.erl", "f(\"%\", $%, gone).\n");
        assert_eq!(one, fingerprints("a.erl", "f(\"%\", $%, gone).  %% hookshift: ignore[changed-stop] why\n"));
        assert_ne!(one, fingerprints("a.erl", "f(\"%\", $%, gone, x).\n"));
        // Of comments that are found themselves there is nothing else to tell them by.
        assert_ne!(fingerprints("a.erl", "%% gone 1\n"), fingerprints("a.erl", "%% gone 2\n"));
    }

    #[test]
    fn findings_that_are_alike_are_counted() {
        let three = fingerprints("a.erl", "gone\ngone\ngone\n");
        let two = fingerprints("a.erl", "gone\nother\ngone\n");
        assert_eq!(three[..2], two);
        assert!(three[0] != three[1] && three[1] != three[2]);
    }

    #[test]
    fn within_files_other_files_do_not_count() {
        let (one, other) = (findings("a/x.erl", "gone\ngone\n"), findings("b/x.erl", "gone\ngone\n"));
        let mut all = [one.clone(), other.clone()].concat();
        number(&mut all);
        assert_ne!(of(&all[2]), of(&other[0]), "in a run, one finding is told from the other");
        assert_eq!(within_files(&all)[2..], within_files(&other));
        assert_eq!(within_files(&one), one.iter().map(of).collect::<Vec<_>>());
    }

    #[test]
    fn whatever_tells_findings_apart_counts() {
        let plain = findings("a.erl", "gone\n").remove(0);
        let known = of(&plain);
        let handler = Mfa { module: "a".into(), function: "f".into(), arity: 3 };
        let others = [
            of(&plain.clone().hook("other")),
            of(&plain.clone().handler(handler)),
            of(&Finding { rule: "x", ..plain.clone() }),
            of(&findings("b.erl", "gone\n")[0]),
            of(&findings("a.hrl", "gone\n")[0]),
            of(&findings("a.erl", "gone, x\n")[0]),
        ];
        assert!(others.iter().all(|other| *other != known), "{others:?}");
        // Another message of the same rule, as a later version may have, does not.
        assert_eq!(of(&Finding { message: "else".to_owned(), ..plain }), known);
    }

    #[test]
    fn a_fingerprint_is_read_as_it_is_shown() {
        let one = fingerprints("a.erl", "gone\n")[0];
        assert_eq!(one.to_string().parse(), Ok(one));
        assert_eq!(one.to_string().len(), 32);
        for text in ["", "12", "zz".repeat(16).as_str(), "AB".repeat(16).as_str(), "é".repeat(16).as_str()] {
            assert!(text.parse::<Fingerprint>().is_err(), "{text}");
        }
    }

    /// What stands in baselines must be found again by later versions.
    #[test]
    fn fingerprints_do_not_change() {
        assert_eq!(
            fingerprints("src/mod_a.erl", "f() -> [gone].\n")[0].to_string(),
            "cfebee94974d9af28d64f7095beea4f0"
        );
    }
}
