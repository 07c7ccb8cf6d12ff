//! What a comment says.

use std::fmt::Write as _;

use super::items::{Item, Suggestion};
use super::marker::{self, CommentMarker};
use super::plan::{On, Remark};
use crate::finding::{Finding, Severity};
use crate::report::document::{self, Block, code, fence};
use crate::report::paths::Shown;
use crate::report::{Run, escape, prose, uri};
use crate::rewrite::compose::Composition;
use crate::rewrite::{Fix, diff};
use crate::rules;
use crate::source::Encoding;

/// What is said in a comment, in bytes. With the marker of a comment that tells as much as one may, this is below the 65,536
/// characters that GitHub takes.
pub const MAX_BODY_BYTES: usize = 55_000;
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
        let text = match remark.on {
            On::File => self.about_file(&told),
            On::Lines { .. } => self.about_lines(remark, &told),
        };
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

    /// Findings on some lines, the worst first: in full where there is room, and else as many as there is room for.
    fn about_lines(&self, remark: &Remark, told: &[&Item<'_>]) -> String {
        let mut told = told.to_vec();
        told.sort_by_key(|item| std::cmp::Reverse(item.finding.severity));
        let mut text = self.these(remark, &told, true);
        let mut number = told.len();
        while text.len() > MAX_BODY_BYTES {
            text = self.these(remark, &told[..number], false);
            if number < told.len() {
                let more = count(told.len() - number, "more finding");
                let _ = write!(text, "\n{more} here: {} tells all.\n", code("hookshift check"));
            }
            number /= 2;
        }
        text
    }

    fn these(&self, remark: &Remark, told: &[&Item<'_>], in_full: bool) -> String {
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
        let path = item.path.as_deref().map(|it| format!(" {}", quoted(it))).unwrap_or_default();
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
    fn about_file(&self, told: &[&Item<'_>]) -> String {
        let mut text = String::from("On lines of this file that are not in the diff:\n\n");
        for (at, item) in told.iter().enumerate() {
            let line = self.in_a_line(item.finding);
            if text.len() + line.len() > MAX_BODY_BYTES {
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
        let line = finding.place.source.position(finding.place.span.start).line;
        format!("[{shown}]({}/{}#L{line})", self.blob_url, uri::of_path(&path))
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
    let is_short = all.lines().count() <= MAX_DIFF_LINES;
    is_short.then(|| all.lines().map(|line| escape::line(line).into_owned() + "\n").collect())
}

/// A path as a shell takes it.
fn quoted(path: &str) -> String {
    let is_plain = path.chars().all(|c| c.is_alphanumeric() || "_-./".contains(c)) && !path.starts_with('-');
    if is_plain { path.to_owned() } else { format!("'{}'", path.replace('\'', "'\\''")) }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Analysis;
    use crate::fingerprint;
    use crate::report::samples;
    use crate::review::items;
    use crate::rewrite::Edit;

    fn speak<T>(change: impl FnOnce(&mut Analysis), say: impl FnOnce(&Speech<'_>, &[Item<'_>]) -> T) -> T {
        let mut analysis = samples::analysis();
        analysis.settle(|_, own| Some(own), Severity::Info);
        change(&mut analysis);
        fingerprint::number(&mut analysis.findings);
        let run = samples::run(&analysis);
        let speech = Speech { run: &run, name: "n", dialect: Dialect::GitHub, blob_url: "https://x/blob/abc" };
        say(&speech, &items::items(&run))
    }

    fn remark(items: &[Item<'_>], on: On) -> Remark {
        let path = items[0].path.clone().unwrap();
        Remark { path, on, items: (0..items.len()).collect(), suggestion: None }
    }

    #[test]
    fn a_fence_is_longer_than_whatever_is_in_it() {
        for (text, length) in [("", 3), ("a `b` c", 3), ("```erlang\n```\n", 4), ("`````", 6)] {
            assert_eq!(fence(text), "`".repeat(length), "{text}");
        }
    }

    #[test]
    fn a_suggestion_is_what_stands_there_whatever_it_is() {
        let text = "    ok. %% ```\n<!-- hookshift:comment n h -->\n";
        let body = speak(
            |analysis| {
                let place = analysis.findings[0].place.clone();
                let edit = Edit::replace(place, "x");
                analysis.findings.truncate(1);
                analysis.findings[0].fix = Some(Fix::new("write it", vec![edit]));
            },
            |speech, items| {
                let (first, last) = items[0].lines;
                let mut remark = remark(items, On::Lines { first, last });
                let suggestion = Suggestion { path: remark.path.clone(), first, last, text: text.to_owned() };
                let mut item = Item::of(items[0].finding, speech.repository_paths());
                item.suggestion = Some(suggestion.clone());
                remark.suggestion = Some(suggestion);
                speech.body(&remark, &[item])
            },
        );
        assert!(body.contains(&format!("\n````suggestion\n{text}````\n")), "{body}");
        assert_eq!(CommentMarker::read(&body).unwrap().fingerprints.len(), 1);
    }

    #[test]
    fn a_link_to_another_commit_is_no_other_text() {
        let (one, other) = ["abc", "def"]
            .map(|commit| {
                speak(
                    |_| {},
                    |speech, items| {
                        let blob_url = &format!("https://x/blob/{commit}");
                        let speech = Speech { blob_url, ..*speech };
                        speech.body(&remark(items, On::File), items)
                    },
                )
            })
            .into();
        assert_ne!(one, other);
        assert_eq!(CommentMarker::read(&one), CommentMarker::read(&other));
    }

    #[test]
    fn no_comment_is_too_long() {
        for on in [On::File, On::Lines { first: 1, last: 1 }] {
            let body = speak(
                |analysis| {
                    let mut finding = analysis.findings[0].clone();
                    finding.notes = vec!["very long ".repeat(100); 10];
                    finding.message = "long ".repeat(50);
                    analysis.findings = vec![finding; 500];
                },
                |speech, items| speech.body(&remark(items, on), items),
            );
            let visible =
                body.lines().filter(|line| !line.starts_with("<!-- ")).map(|line| line.len() + 1).sum::<usize>();
            assert!(visible < MAX_BODY_BYTES + 200, "{visible}");
            assert!(body.contains(" more findings"), "{on:?}");
        }
    }

    #[test]
    fn commands_can_be_copied() {
        assert_eq!(quoted("src/mod_ä.erl"), "src/mod_ä.erl");
        assert_eq!(quoted("a b/it's.erl"), "'a b/it'\\''s.erl'");
        assert_eq!(quoted("-x.erl"), "'-x.erl'");
    }
}
