//! What a comment says to later runs, in a line that nobody sees.
//!
//! A comment is known again by the fingerprints of its findings, and whether its text has to change by a hash of the text: platforms
//! may store a text a little differently, and people may have written something into it that should stay.

use std::fmt;

use crate::fingerprint::Fingerprint;

const COMMENT: &str = "<!-- hookshift:comment";
const SUMMARY: &str = "<!-- hookshift:summary";
const END: &str = "-->";

/// The marker of a comment about some findings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommentMarker {
    pub name: String,
    /// Of the text above the marker.
    pub hash: String,
    pub fingerprints: Vec<Fingerprint>,
}

/// The marker of the summary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SummaryMarker {
    pub name: String,
    /// Of the text above the marker.
    pub hash: String,
    pub refused: Option<Refused>,
}

/// Findings for which the platform took no comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The commit of which it did not.
    pub head: String,
    pub fingerprints: Vec<Fingerprint>,
}

/// A hash of a text, as markers have it.
#[must_use]
pub fn hash(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex()[..32].to_owned()
}

impl CommentMarker {
    /// The marker of a comment. It is its last line, so that no code in the comment can pass for it.
    #[must_use]
    pub fn read(body: &str) -> Option<Self> {
        let mut words = words(body, COMMENT)?.into_iter();
        let (name, hash) = (words.next()?.to_owned(), words.next()?.to_owned());
        let fingerprints = words.map(|word| word.parse().ok()).collect::<Option<Vec<_>>>()?;
        Some(Self { name, hash, fingerprints })
    }
}

impl SummaryMarker {
    /// The marker of a summary, its last line.
    #[must_use]
    pub fn read(body: &str) -> Option<Self> {
        let mut words = words(body, SUMMARY)?.into_iter();
        let (name, hash) = (words.next()?.to_owned(), words.next()?.to_owned());
        let refused = match words.next() {
            Some(head) => {
                let fingerprints = words.map(|word| word.parse().ok()).collect::<Option<Vec<_>>>()?;
                Some(Refused { head: head.to_owned(), fingerprints })
            }
            None => None,
        };
        Some(Self { name, hash, refused })
    }
}

fn words<'b>(body: &'b str, start: &str) -> Option<Vec<&'b str>> {
    let line = body.trim_end().lines().last()?.trim_end();
    let inner = line.strip_prefix(start)?.strip_suffix(END)?;
    inner.starts_with(' ').then(|| inner.split_whitespace().collect())
}

impl fmt::Display for CommentMarker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{COMMENT} {} {}", self.name, self.hash)?;
        self.fingerprints.iter().try_for_each(|it| write!(f, " {it}"))?;
        write!(f, " {END}")
    }
}

impl fmt::Display for SummaryMarker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SUMMARY} {} {}", self.name, self.hash)?;
        if let Some(Refused { head, fingerprints }) = &self.refused {
            write!(f, " {head}")?;
            fingerprints.iter().try_for_each(|it| write!(f, " {it}"))?;
        }
        write!(f, " {END}")
    }
}

/// Whether a name can stand in a marker: letters, digits, `-`, `_` and `.`.
#[must_use]
pub fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c)) && !text.contains("--")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "cfbd69dad8508de85b3f481926596d61";

    #[test]
    fn markers_are_read_as_they_are_written() {
        let one = ONE.parse().unwrap();
        let comment = CommentMarker { name: "a-b".into(), hash: hash("x"), fingerprints: vec![one, one] };
        assert_eq!(CommentMarker::read(&format!("text\n{comment}\r\n\n")), Some(comment));
        for refused in [None, Some(Refused { head: "abc".into(), fingerprints: vec![one] })] {
            let summary = SummaryMarker { name: "n".into(), hash: hash(""), refused };
            assert_eq!(SummaryMarker::read(&format!("text\n\n{summary}")), Some(summary));
        }
    }

    #[test]
    fn only_the_last_line_is_a_marker() {
        let marker = format!("<!-- hookshift:comment n h {ONE} -->");
        assert!(CommentMarker::read(&marker).is_some());
        for body in [
            format!("{marker}\nmore"),
            format!("> {marker}"),
            format!("```\n{marker}\n```"),
            marker.replace("comment", "comments"),
            marker.replace(ONE, "12"),
            marker.replace(" -->", ""),
            "<!-- hookshift:comment -->".to_owned(),
            String::new(),
        ] {
            assert_eq!(CommentMarker::read(&body), None, "{body}");
            assert_eq!(SummaryMarker::read(&body), None, "{body}");
        }
    }

    #[test]
    fn names_can_end_no_comment() {
        assert!(is_name("hookshift") && is_name("apps.chat_6-1"));
        assert!(!is_name("") && !is_name("a b") && !is_name("a-->") && !is_name("a--b") && !is_name("ä"));
    }
}
