//! What a comment says.

use std::fmt::Write as _;

use super::items::{Item, Suggestion};
use super::marker::{self, CommentMarker};
use super::plan::{On, Remark};
use crate::finding::{Finding, Severity};
use crate::report::document::{self, Block, code};
use crate::report::paths::Shown;
use crate::report::{Run, escape, prose};
use crate::rewrite::compose::Composition;
use crate::rewrite::{Fix, diff};
use crate::rules;
use crate::source::Encoding;

/// Below what any platform takes for a comment, in bytes.
pub const MAX_BODY_BYTES: usize = 60_000;
/// A change with more lines than these is not shown.
const MAX_DIFF_LINES: usize = 120;

/// How a platform wants suggestions to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// The lines that the comment is on are replaced.
    GitHub,
    /// The comment is on one line, and the suggestion says how many lines around it are replaced.
    GitLab,
}

/// What all that is said in one review has in common.
pub struct Speech<'a> {
    pub run: &'a Run<'a>,
    pub name: &'a str,
    pub dialect: Dialect,
    /// Where files can be looked at; a path is put behind it.
    pub blob_url: &'a str,
}

impl Speech<'_> {
    /// The text of a comment, with its marker.
    #[must_use]
    pub fn body(&self, remark: &Remark, items: &[Item<'_>]) -> String {
        let told: Vec<&Item<'_>> = remark.items.iter().map(|&it| &items[it]).collect();
        let mut text = match remark.on {
            On::File => self.about_file(&told, usize::MAX),
            On::Lines { .. } => self.about_lines(remark, &told, true),
        };
        if text.len() > MAX_BODY_BYTES {
            text = match remark.on {
                On::File => self.about_file(&told, MAX_BODY_BYTES),
                On::Lines { .. } => self.about_lines(remark, &told, false),
            };
        }
        let fingerprints = told.iter().map(|it| it.fingerprint).collect();
        let marker = CommentMarker { name: self.name.to_owned(), hash: self.hash(&text), fingerprints };
        format!("{text}\n{marker}\n")
    }

    /// What a text is known again by. A link to the commit before leads to the same line, as long as the line's number is the same.
    #[must_use]
    pub fn hash(&self, text: &str) -> String {
        if self.blob_url.is_empty() { marker::hash(text) } else { marker::hash(&text.replace(self.blob_url, "")) }
    }

    /// What stands above the comments of one review.
    #[must_use]
    pub fn title(&self, remarks: &[Remark]) -> String {
        let told: usize = remarks.iter().map(|it| it.items.len()).sum();
        let Run { from, to, .. } = self.run;
        format!("MongooseIM {from} → {to}: {}.", count(told, "finding"))
    }

    fn about_lines(&self, remark: &Remark, told: &[&Item<'_>], in_full: bool) -> String {
        let mut told = told.to_vec();
        told.sort_by_key(|item| std::cmp::Reverse(item.finding.severity));
        let parts = told.iter().map(|item| self.finding(remark, item, in_full));
        let mut text = parts.collect::<Vec<_>>().join("\n---\n\n");
        let mut shown: Vec<&Fix> = Vec::new();
        for item in told {
            let Some(fix) = &item.finding.fix else { continue };
            if shown.iter().any(|known| known.same(fix)) {
                continue;
            }
            shown.push(fix);
            match &remark.suggestion {
                Some(suggestion) if item.suggestion.as_ref() == Some(suggestion) => {
                    text.push_str(&self.suggested(fix, suggestion));
                }
                _ => text.push_str(&self.shown(fix, item, in_full)),
            }
        }
        text
    }

    fn finding(&self, remark: &Remark, item: &Item<'_>, in_full: bool) -> String {
        let finding = item.finding;
        let mut text = format!("{} · {}", bold(finding.severity), rule(finding));
        if !is_at(remark, item) {
            let _ = write!(text, " · {}", self.link(finding));
        }
        text.push_str("\n\n");
        // Who sees the change itself need not be told what to change.
        let is_shown =
            finding.fix.as_ref().is_some_and(|fix| in_full && change(fix, self.repository_paths()).is_some());
        let help = finding.help.as_ref().filter(|_| !is_shown);
        let mut said = vec![Block::Paragraph(prose::sentence(&finding.message))];
        said.extend(help.iter().flat_map(|help| prose::help_blocks(help)));
        text.push_str(&markdown(&said));
        let details = prose::details(finding, self.repository_paths());
        if in_full && !details.is_empty() {
            let _ =
                write!(text, "\n<details><summary>Why, and where</summary>\n\n{}\n</details>\n", markdown(&details));
        }
        text
    }

    /// A fix that can be taken by a click.
    fn suggested(&self, fix: &Fix, suggestion: &Suggestion) -> String {
        let fence = fence(&suggestion.text);
        let range = match self.dialect {
            Dialect::GitHub => String::new(),
            Dialect::GitLab => format!(":-{}+0", suggestion.last - suggestion.first),
        };
        format!("\n{}\n{fence}suggestion{range}\n{}{fence}\n", trust(fix), suggestion.text)
    }

    /// A fix that has to be taken in another way, and why.
    fn shown(&self, fix: &Fix, item: &Item<'_>, in_full: bool) -> String {
        let mut text = format!("\n{}\n", trust(fix));
        if let Some(why) = why_not_suggested(fix) {
            let _ = writeln!(text, "{why}");
        }
        let unsafe_too = if fix.is_safe() { "" } else { " --unsafe" };
        let path = item.path.as_deref().map(|it| format!(" {it}")).unwrap_or_default();
        let command = format!("hookshift fix --write{unsafe_too} --select {}{path}", item.finding.rule);
        let _ = writeln!(text, "It is written by {}.", code(&command));
        if let Some(change) = change(fix, self.repository_paths()).filter(|_| in_full) {
            let fence = fence(&change);
            let _ = write!(
                text,
                "\n<details><summary>The change</summary>\n\n{fence}diff\n{change}{fence}\n\n</details>\n"
            );
        }
        text
    }

    /// Findings on lines of a file that are not in the diff.
    fn about_file(&self, told: &[&Item<'_>], limit: usize) -> String {
        let mut text = String::from("On lines of this file that are not in the diff:\n\n");
        for (at, item) in told.iter().enumerate() {
            let line = self.in_a_line(item.finding);
            if text.len() + line.len() > limit {
                let _ =
                    writeln!(text, "* {}: see {}.", count(told.len() - at, "more finding"), code("hookshift check"));
                break;
            }
            text.push_str(&line);
        }
        text
    }

    /// A finding as an item of a list.
    #[must_use]
    pub fn in_a_line(&self, finding: &Finding) -> String {
        let message = inline(&prose::sentence(&finding.message));
        let fix = match &finding.fix {
            Some(fix) if fix.is_safe() => format!(" There is a safe fix: {}.", inline(&fix.title)),
            Some(fix) => format!(" There is a fix to be looked at: {}.", inline(&fix.title)),
            None => String::new(),
        };
        let (severity, rule, place) = (bold(finding.severity), rule(finding), self.link(finding));
        format!("* {place} · {severity} · {rule}: {message}{fix}\n")
    }

    /// A finding's place, as a link where its file can be looked at.
    fn link(&self, finding: &Finding) -> String {
        let shown = code(&prose::place(&finding.place, self.repository_paths()));
        let path = self.repository_paths().show(finding.place.source.path());
        if self.blob_url.is_empty() || path.starts_with('/') {
            return shown;
        }
        let path: Vec<String> = path.split('/').map(super::http::encoded).collect();
        let line = finding.place.source.position(finding.place.span.start).line;
        format!("[{shown}]({}/{}#L{line})", self.blob_url, path.join("/"))
    }

    fn repository_paths(&self) -> &Shown {
        self.run.repository_paths
    }
}

/// Whether the comment is where the finding is, so that there is nothing to say about it.
fn is_at(remark: &Remark, item: &Item<'_>) -> bool {
    let On::Lines { first, last } = remark.on else { return false };
    item.path.as_deref() == Some(&*remark.path) && item.lines.0 <= last && first <= item.lines.1
}

/// What a fix does, and how far it can be trusted.
fn trust(fix: &Fix) -> String {
    let title = inline(&upper(&fix.title));
    if fix.is_safe() {
        return format!("{title}. This is safe: what it takes to keep the meaning was checked on this very code.\n");
    }
    let reasons = fix.reasons.iter().map(|it| escape::one_line(it).into_owned()).collect();
    format!("{title}. **Look before you take it:**\n\n{}", markdown(&[Block::List(reasons)]))
}

fn why_not_suggested(fix: &Fix) -> Option<&'static str> {
    let mut sources = fix.edits.iter().map(|edit| &edit.place.source);
    if sources.clone().any(|source| source.encoding() != Encoding::Utf8) {
        return Some(
            "It cannot be taken from here: the file is in Latin-1, and what is taken from here is written in UTF-8.",
        );
    }
    let has_windows_lines = sources.any(|source| source.text().contains('\r'));
    has_windows_lines.then_some(
        "It cannot be taken from here: the file has Windows line ends, and what is taken from here is written with those of Unix.",
    )
}

/// All that a fix changes, as one diff, when that is short enough to be read.
fn change(fix: &Fix, paths: &Shown) -> Option<String> {
    let mut alone = Composition::default();
    alone.add(fix).ok()?;
    let diffs = alone.texts().map(|(source, text)| {
        let diff = diff::unified(&paths.show(source.path()), source.text(), &text);
        diff.replace('\r', "")
    });
    let all: String = diffs.collect();
    (all.lines().count() <= MAX_DIFF_LINES).then_some(all)
}

/// A fence that nothing in the text ends.
fn fence(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(longest.max(2) + 1)
}

fn bold(severity: Severity) -> String {
    let name = if severity == Severity::Info { "advice".to_owned() } else { severity.to_string() };
    format!("**{}**", upper(&name))
}

fn rule(finding: &Finding) -> String {
    format!("[{}]({})", code(finding.rule), rules::page(finding.rule))
}

fn inline(text: &str) -> String {
    markdown(&[Block::Paragraph(escape::one_line(text).into_owned())]).trim_end().to_owned()
}

/// Blocks as comments need them: platforms take every line end in prose for one, so there are none but between the blocks.
fn markdown(blocks: &[Block]) -> String {
    let joined = |block: Block| document::markdown(&[block]).trim_end().replace("\n  ", " ").replace('\n', " ") + "\n";
    let block = |block: &Block| match block {
        Block::List(items) => items.iter().map(|item| joined(Block::List(vec![item.clone()]))).collect(),
        Block::Paragraph(_) => joined(block.clone()),
        other => document::markdown(std::slice::from_ref(other)),
    };
    blocks.iter().map(block).collect::<Vec<String>>().join("\n")
}

fn upper(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|c| c.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

/// `1 finding`, `2 findings`.
#[must_use]
pub fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
