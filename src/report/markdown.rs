//! Markdown, as it is shown on the page of a job: figures, a table of rules, and the findings of each file behind its name.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use super::summary::{Closing, Count};
use super::{Report, Run, document, escape, prose, uri};
use crate::check::analysis::{SkipKind, Skipped};
use crate::finding::{Finding, Severity};
use crate::rules;

/// How much may be in what a step says on the page of its job, in bytes: 1 MiB for GitHub, which takes nothing of what has more.
pub const MOST_BYTES: usize = 1024 * 1024;

/// What is left free of it.
const RESERVE: usize = 1024;

/// The format `markdown`.
pub struct Markdown {
    /// What there is room for, in bytes.
    room: usize,
}

impl Markdown {
    /// Behind something that has so many bytes already.
    #[must_use]
    pub fn behind(bytes: usize) -> Self {
        Self { room: MOST_BYTES.saturating_sub(RESERVE).saturating_sub(bytes) }
    }

    /// The text, with what was left out of it.
    fn text(&self, run: &Run<'_>) -> (String, Option<String>) {
        let mut text = head(run);
        let groups = groups(run);
        let items: Vec<(usize, &Item)> =
            groups.iter().enumerate().flat_map(|(group, it)| it.items.iter().map(move |item| (group, item))).collect();
        let all = items.len();
        let room = self.room.saturating_sub(text.len() + left_out(all, all).len());
        let chosen = choose(&groups, items, room);
        let left = (chosen.iter().map(Vec::len).sum::<usize>() < all)
            .then(|| left_out(all - chosen.iter().map(Vec::len).sum::<usize>(), all));
        for (group, items) in groups.iter().zip(&chosen).filter(|(_, items)| !items.is_empty()) {
            text.push_str(&group.above);
            items.iter().for_each(|item| text.push_str(&item.text));
            text.push_str(&group.below);
        }
        if let Some(left) = &left {
            text.push_str(&format!("\n{left}\n"));
        }
        // Not even the figures: a part of a table helps nobody.
        if text.len() > self.room {
            return (String::new(), Some(left_out(all, all)));
        }
        (text, left)
    }
}

impl Report for Markdown {
    fn write(&self, run: &Run<'_>, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(self.text(run).0.as_bytes())
    }

    fn does_not_fit(&self, run: &Run<'_>) -> Option<String> {
        self.text(run).1
    }
}

fn left_out(entries: usize, of: usize) -> String {
    format!(
        "{entries} of {of} entries, the least severe, are not shown here, for want of room; `hookshift check` shows all."
    )
}

/// What stands together below a title.
struct Group {
    above: String,
    items: Vec<Item>,
    below: String,
}

struct Item {
    text: String,
    /// The lower, the more it matters.
    rank: u8,
}

/// The items of each group for which there is room: those that matter most.
fn choose<'g>(groups: &'g [Group], mut items: Vec<(usize, &'g Item)>, room: usize) -> Vec<Vec<&'g Item>> {
    let mut chosen: Vec<Vec<&Item>> = groups.iter().map(|_| Vec::new()).collect();
    let mut left = room;
    // The sort is stable.
    items.sort_by_key(|(_, item)| item.rank);
    for (at, item) in items {
        let around = if chosen[at].is_empty() { groups[at].above.len() + groups[at].below.len() } else { 0 };
        let Some(rest) = left.checked_sub(item.text.len() + around) else { break };
        left = rest;
        chosen[at].push(item);
    }
    chosen
}

/// Title, figures and the table of rules.
fn head(run: &Run<'_>) -> String {
    let mut text = format!("## hookshift: MongooseIM {} → {}\n\n", run.from, run.to);
    for line in Closing(run).figures() {
        text.push_str(&document::markdown(&[document::Block::List(vec![line])]));
    }
    let mut rules: BTreeMap<(std::cmp::Reverse<Severity>, &str), usize> = BTreeMap::new();
    for finding in &run.analysis.findings {
        *rules.entry((std::cmp::Reverse(finding.severity), finding.rule)).or_default() += 1;
    }
    if !rules.is_empty() {
        text.push_str("\n| severity | rule | findings |\n|---|---|---:|\n");
    }
    for ((severity, rule), count) in rules {
        text.push_str(&format!("| {} | [{rule}]({}) | {count} |\n", severity.0, rules::page(rule)));
    }
    text
}

fn groups(run: &Run<'_>) -> Vec<Group> {
    let skipped = &run.analysis.skipped;
    let not_analysed = Group {
        above: "\n### Not analysed, or not for sure\n\n".to_owned(),
        items: skipped.iter().map(|it| not_analysed(it, run)).collect(),
        below: String::new(),
    };
    let files = run.analysis.by_file().map(|findings| {
        let path = run.repository_paths.show(findings[0].place.source.path());
        Group {
            above: format!(
                "\n<details>\n<summary><code>{}</code>: {}</summary>\n",
                html(&escape::one_line(&path)),
                severities(findings)
            ),
            items: findings.iter().map(|it| item(it, run)).collect(),
            below: "\n</details>\n".to_owned(),
        }
    });
    std::iter::once(not_analysed).chain(files).collect()
}

/// As in `2 errors, 1 info`.
fn severities(findings: &[Finding]) -> String {
    let counts = [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Info, "info")]
        .map(|(severity, name)| Count(findings.iter().filter(|it| it.severity == severity).count(), name));
    let counts: Vec<String> = counts.iter().filter(|it| it.0 > 0).map(ToString::to_string).collect();
    counts.join(", ")
}

fn item(finding: &Finding, run: &Run<'_>) -> Item {
    let line = finding.place.source.position(finding.place.span.start).line;
    let at = link(&format!("line {line}"), finding.place.source.path(), line, run);
    let mut text = format!(
        "\n**{}** [{}]({}), {at}\n\n{}",
        finding.severity,
        finding.rule,
        rules::page(finding.rule),
        prose::markdown(finding, run.repository_paths)
    );
    if let Some(fix) = &finding.fix {
        let look = prose::to_look(fix).map(|look| format!(" {look}")).unwrap_or_default();
        let fixed = document::Block::Paragraph(format!("`hookshift fix` can write it: {}.{look}", fix.title));
        text.push_str(&format!("\n{}", document::markdown(&[fixed])));
    }
    Item {
        text,
        rank: match finding.severity {
            Severity::Error => 1,
            Severity::Warning => 2,
            Severity::Info => 4,
        },
    }
}

fn not_analysed(skipped: &Skipped, run: &Run<'_>) -> Item {
    let path = run.repository_paths.show(&skipped.path);
    let (rank, kind) = match skipped.kind {
        SkipKind::Unreadable => (0, "cannot be read: "),
        SkipKind::NotAnalysed => (3, ""),
        SkipKind::Guessed => (5, ""),
    };
    let at = match &skipped.place {
        Some(place) => prose::place(place, run.repository_paths),
        None => escape::one_line(&path).into_owned(),
    };
    let said = format!("{}: {kind}{}", document::code(&at), escape::one_line(&skipped.reason));
    Item { text: document::markdown(&[document::Block::List(vec![said])]), rank }
}

/// A link to a line of a file; only its text where the platform does not show the file.
fn link(text: &str, path: &Path, line: usize, run: &Run<'_>) -> String {
    let target = uri::of_path(&run.repository_paths.show(path));
    if target.starts_with("file:") {
        return text.to_owned();
    }
    format!("[{text}]({}{target}#L{line})", run.files_url.unwrap_or_default())
}

fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::analysis::Analysis;
    use crate::report::samples;

    fn settled() -> Analysis {
        let mut analysis = samples::analysis();
        analysis.settle(|_, own| Some(own), Severity::Info);
        analysis
    }

    #[test]
    fn a_file_is_a_title_with_its_findings_below() {
        let analysis = settled();
        let (text, left) = Markdown::behind(0).text(&samples::run(&analysis));
        assert_eq!(left, None);
        let page = |rule| format!("https://github.com/hookshift/hookshift/blob/main/docs/rules/{rule}.md");
        assert!(text.starts_with("## hookshift: MongooseIM 6.0.0 → 6.1.0\n\n* 6.0.0 → 6.1.0: 1 error, "), "{text}");
        assert!(text.contains(&format!("\n| error | [removed-hook]({}) | 1 |\n", page("removed-hook"))), "{text}");
        assert!(text.contains("\n* `src/acme_words.erl:4`: this form is not understood\n"), "{text}");
        let file = format!(
            "\n<details>\n<summary><code>src/acme_filter.erl</code>: 1 error</summary>\n\n\
             **error** [removed-hook]({}), [line 3](src/acme_filter.erl#L3)\n\nThe hook `acme_gone` is no longer run.",
            page("removed-hook")
        );
        assert!(text.contains(&file), "{text}");
        let url = Some("https://git.example/x/");
        let (text, _) = Markdown::behind(0).text(&Run { files_url: url, ..samples::run(&analysis) });
        assert!(text.contains("[line 3](https://git.example/x/src/acme_filter.erl#L3)"), "{text}");
    }

    #[test]
    fn what_there_is_no_room_for_is_counted() {
        let analysis = settled();
        let run = samples::run(&analysis);
        let whole = Markdown { room: MOST_BYTES }.text(&run).0;
        let (text, left) = Markdown { room: whole.len() - 1 }.text(&run);
        assert!(
            text.len() < whole.len() && text.contains("removed-hook]") && !text.contains("A narrower hook"),
            "{text}"
        );
        let left = left.unwrap();
        assert!(left.contains(" of 4 entries, the least severe, are not shown here") && text.contains(&left), "{left}");
        // Where not even the figures fit, nothing is written, and told.
        assert_eq!(Markdown { room: 500 }.text(&run).0, "");
        assert!(Markdown::behind(usize::MAX).does_not_fit(&run).unwrap().starts_with("4 of 4 entries"));
    }
}
