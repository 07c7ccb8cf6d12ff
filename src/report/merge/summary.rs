//! What was merged, for people: the worst repositories first, what failed, the most frequent rules.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::io::{self, Write};

use super::{Merged, Repository};
use crate::check::analysis::Rewrites;
use crate::report::document::{self, Block, code};
use crate::report::escape;
use crate::report::json::Figures;
use crate::report::summary::Count;

/// How many rows a table has at most, so that a summary stays below the 1 MiB that platforms take.
const MOST_ROWS: usize = 1000;

/// The summary as blocks, for text and for Markdown.
#[must_use]
pub fn blocks(merged: &Merged) -> Vec<Block> {
    let mut blocks = Vec::new();
    if !merged.repositories.is_empty() {
        repositories(merged, &mut blocks);
    }
    if !merged.failed.is_empty() {
        failed(merged, &mut blocks);
    }
    if !merged.rules.is_empty() {
        rules(merged, &mut blocks);
    }
    blocks.push(Block::Paragraph(closing(merged)));
    blocks
}

/// Writes the summary as text, in lines of at most `width` characters where that can be done.
///
/// # Errors
/// Those of the stream.
pub fn write_text(merged: &Merged, width: usize, out: &mut dyn Write) -> io::Result<()> {
    document::write_text(out, &blocks(merged), width)
}

/// Repositories with the most errors first, names in order among equals.
fn repositories(merged: &Merged, blocks: &mut Vec<Block>) {
    let mut sorted: Vec<&Repository> = merged.repositories.iter().collect();
    sorted.sort_by_key(|it| Reverse((it.summary.errors, it.summary.warnings, it.summary.infos)));
    let same_releases = releases(merged).len() == 1;
    let mut head = vec!["Repository", "Errors", "Warnings", "Infos", "Modules", "Unresolved", "Rewrites"];
    if !same_releases {
        head.push("Releases");
    }
    let rows = sorted.iter().take(MOST_ROWS).map(|it| {
        let figures = &it.summary;
        let mut row = vec![code(&escape::one_line(&it.name))];
        row.extend(
            [figures.errors, figures.warnings, figures.infos, figures.modules, figures.unresolved]
                .map(|figure| figure.to_string()),
        );
        row.push(rewrites(figures.rewrites));
        if !same_releases {
            row.push(release(it));
        }
        row
    });
    blocks.push(Block::Table(head.into_iter().map(str::to_owned).collect(), rows.collect()));
    if let Some(rest) = sorted.get(MOST_ROWS..).filter(|rest| !rest.is_empty()) {
        let mut figures = Figures::default();
        rest.iter().for_each(|it| figures.add(&it.summary));
        blocks.push(Block::Paragraph(format!(
            "{} more with {} are not in this table, but in the figures; `--output json=FILE` has all of them.",
            Count(rest.len(), "repository"),
            found(&figures)
        )));
    }
}

fn failed(merged: &Merged, blocks: &mut Vec<Block>) {
    blocks.push(Block::Heading(2, "Not merged".to_owned()));
    let items = merged.failed.iter().take(MOST_ROWS).map(|it| {
        let report = it.report.iter().map(|file| format!(" {}", code(&escape::one_line(file)))).collect::<String>();
        format!("{}:{report} {}", code(&escape::one_line(&it.name)), escape::one_line(&it.reason))
    });
    let mut items: Vec<String> = items.collect();
    if merged.failed.len() > MOST_ROWS {
        items.push(format!("and {} more", merged.failed.len() - MOST_ROWS));
    }
    blocks.push(Block::List(items));
}

fn rules(merged: &Merged, blocks: &mut Vec<Block>) {
    let head = ["Rule", "Findings", "Errors", "Warnings", "Infos", "Repositories"];
    let rows = merged.rules.iter().take(MOST_ROWS).map(|it| {
        let mut row = vec![code(&escape::one_line(&it.rule))];
        row.extend([it.findings, it.errors, it.warnings, it.infos, it.repositories].map(|figure| figure.to_string()));
        row
    });
    blocks.push(Block::Table(head.map(str::to_owned).into(), rows.collect()));
}

/// The closing sentences, as `check` has them for one project.
fn closing(merged: &Merged) -> String {
    let summary = &merged.summary;
    let figures = &summary.figures;
    let releases = releases(merged);
    let mut text = match releases.first() {
        Some(release) if releases.len() == 1 => format!("{release}: "),
        _ => String::new(),
    };
    text.push_str(&found(figures));
    for (count, what) in
        [(figures.suppressed, "suppressed"), (figures.known, "known"), (figures.untouched, "in untouched lines")]
    {
        if count > 0 {
            text.push_str(&format!(", {count} {what}"));
        }
    }
    if figures.hidden > 0 {
        text.push_str(&format!(" ({} less severe not shown)", figures.hidden));
    }
    text.push_str(&format!(
        " in {} of {}, {}. {}: {} resolved, {} unresolved.",
        summary.with_findings,
        Count(summary.repositories, "repository"),
        Count(figures.modules, "module"),
        Count(figures.registrations, "registration"),
        figures.resolved,
        figures.unresolved,
    ));
    if figures.rewrites != Rewrites::default() {
        text.push_str(&format!(" Rewrites: {}.", rewrites(figures.rewrites)));
    }
    if figures.not_analysed > 0 {
        text.push_str(&format!(" Not analysed: {} of the code.", Count(figures.not_analysed, "part")));
    }
    if figures.unreadable > 0 {
        text.push_str(&format!(" {} could not be read.", Count(figures.unreadable, "path")));
    }
    if summary.failed > 0 {
        let failed = Count(summary.failed, "repository");
        text.push_str(&format!(" {failed} could not be merged: nothing is known of them."));
    }
    text
}

fn found(figures: &Figures) -> String {
    let counts = [Count(figures.errors, "error"), Count(figures.warnings, "warning"), Count(figures.infos, "info")];
    counts.map(|count| count.to_string()).join(", ")
}

fn rewrites(Rewrites { mechanical, suggestion, advice }: Rewrites) -> String {
    let parts = [(mechanical, "mechanical"), (suggestion, "to be looked at"), (advice, "advice only")];
    let parts = parts.into_iter().filter(|&(count, _)| count > 0).map(|(count, what)| format!("{count} {what}"));
    parts.collect::<Vec<_>>().join(", ")
}

fn releases(merged: &Merged) -> BTreeSet<String> {
    merged.repositories.iter().map(release).collect()
}

fn release(repository: &Repository) -> String {
    escape::one_line(&format!("{} → {}", repository.from, repository.to)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::analysis::Analysis;
    use crate::finding::Severity;
    use crate::report::json::Json;
    use crate::report::merge::{CheckReport, Failed, Shard};
    use crate::report::{Report, Run, samples};

    fn shard(name: &str, from: &str, mut analysis: Analysis) -> Shard {
        analysis.settle(|_, own| Some(own), Severity::Info);
        let mut out = Vec::new();
        Json.write(&Run { from, ..samples::run(&analysis) }, &mut out).unwrap();
        Shard { name: name.to_owned(), file: format!("{name}.json"), report: CheckReport::parse(&out).unwrap() }
    }

    fn text(merged: &Merged) -> String {
        let mut out = anstream::StripStream::new(Vec::new());
        write_text(merged, 100, &mut out).unwrap();
        String::from_utf8(out.into_inner()).unwrap()
    }

    #[test]
    fn the_worst_come_first_and_what_failed_is_named() {
        let shards = vec![shard("a", "6.0.0", Analysis::default()), shard("b", "6.0.0", samples::analysis())];
        let failed = Failed { name: "c".to_owned(), report: Some("c.json".to_owned()), reason: "is empty".to_owned() };
        assert_eq!(
            text(&Merged::of(shards, vec![failed])),
            "\
Repository  Errors  Warnings  Infos  Modules  Unresolved  Rewrites
b           1       1         1      2        1           1 mechanical
a           0       0         0      0        0

Not merged
* `c`: `c.json` is empty

Rule            Findings  Errors  Warnings  Infos  Repositories
changed-params  1         0       1         0      1
granular-hook   1         0       0         1      1
removed-hook    1         1       0         0      1

6.0.0 → 6.1.0: 1 error, 1 warning, 1 info in 1 of 2 repositories, 2 modules. 2 registrations: 1
resolved, 1 unresolved. Rewrites: 1 mechanical. Not analysed: 1 part of the code. 1 repository could
not be merged: nothing is known of them.
"
        );
    }

    #[test]
    fn releases_are_told_where_they_differ() {
        let shards = vec![shard("a", "5.1.0", Analysis::default()), shard("b", "6.0.0", Analysis::default())];
        let text = text(&Merged::of(shards, Vec::new()));
        assert!(
            text.contains(
                "Releases\na           0       0         0      0        0                     5.1.0 → 6.1.0"
            ),
            "{text}"
        );
        assert!(text.ends_with("\n0 errors, 0 warnings, 0 infos in 0 of 2 repositories, 0 modules. 0 registrations: 0 resolved, 0\nunresolved.\n"), "{text}");
    }

    #[test]
    fn nothing_of_a_name_is_markup() {
        let merged = Merged::of(vec![shard("a|b`*\u{202e}\n<i>", "6.0.0", Analysis::default())], Vec::new());
        let markdown = document::markdown(&blocks(&merged));
        assert!(markdown.contains("| `a\\|b'*\u{fffd} <i>` | 0 |"), "{markdown}");
    }

    #[test]
    fn what_does_not_fit_is_counted() {
        let shards = (0..1003).map(|it| shard(&format!("r{it:04}"), "6.0.0", samples::analysis())).collect();
        let failed = |it| Failed { name: format!("f{it:04}"), report: None, reason: "there is no report".to_owned() };
        let text = document::markdown(&blocks(&Merged::of(shards, (0..1002).map(failed).collect())));
        assert!(text.contains("| `r0999` |") && !text.contains("| `r1000` |"));
        assert!(
            text.contains("3 repositories more with 3 errors, 3 warnings, 3 infos are not in this table"),
            "{text}"
        );
        assert!(text.contains("* and 2 more\n"));
        assert!(text.len() < 1 << 20);
    }
}
