//! What was merged, as one page: the tables of the summary, and the findings of each repository.

use std::io::{self, Write};

use maud::{Markup, html};
use serde_json::{Map, Value};

use super::{Merged, blocks};
use crate::report::document::Block;
use crate::report::html::{page, words};
use crate::report::summary::Count;
use crate::rules;

/// Writes the page.
///
/// # Errors
/// Those of the stream.
pub fn write_html(merged: &Merged, out: &mut dyn Write) -> io::Result<()> {
    let title = format!("{} checked", Count(merged.repositories.len(), "repository"));
    let body = html! {
        header { h1 { (title) } }
        main {
            @for it in blocks(merged) { (block(&it)) }
            h2 { "Findings" }
            @if merged.findings.is_empty() { p.none { "Nothing was found." } }
            @for group in merged.findings.chunk_by(|a, b| a.repository == b.repository) {
                section.module {
                    h3 { (group[0].repository) " " span.soft { (Count(group.len(), "finding")) } }
                    @for it in group { (finding(&it.finding)) }
                }
            }
        }
    };
    out.write_all(page(&title, &body).into_string().as_bytes())?;
    writeln!(out)
}

fn block(block: &Block) -> Markup {
    html! {
        @match block {
            Block::Heading(_, text) => h2 { (words(text)) },
            Block::Paragraph(text) => p { (words(text)) },
            Block::List(items) => ul { @for it in items { li { (words(it)) } } },
            Block::Table(head, rows) => table.totals {
                thead { tr { @for cell in head { th scope="col" { (words(cell)) } } } }
                tbody {
                    @for row in rows {
                        tr {
                            @for (at, cell) in row.iter().enumerate() {
                                @if at == 0 { th scope="row" { (words(cell)) } } @else { td { (words(cell)) } }
                            }
                        }
                    }
                }
            },
            Block::Code(_, text) => pre { (text) },
        }
    }
}

/// A finding as its report has it: without the source, which stays where it was checked.
fn finding(finding: &Map<String, Value>) -> Markup {
    let text = |key: &str| finding.get(key).and_then(Value::as_str).unwrap_or_default();
    let line = finding.get("range").and_then(|it| it.pointer("/start/line")).and_then(Value::as_u64).unwrap_or(1);
    let notes = finding.get("notes").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    // Reports are read from files, and only what is a severity names a class.
    let severity = match text("severity") {
        "error" => "error",
        "warning" => "warning",
        _ => "info",
    };
    let rule = text("rule");
    let is_known = rules::names().contains(&rule);
    html! {
        details.finding.(severity) {
            summary {
                span.badge.(severity) { (severity) }
                " " code { (rule) } " " code { (crate::report::escape::one_line(text("path"))) ":" (line) } ": " (words(text("message")))
            }
            div {
                @for line in text("help").lines() { p { (words(line)) } }
                ul { @for note in notes { li { (words(note)) } } }
                @if is_known { p { a href=(rules::page(rule)) { "About this rule" } } }
            }
        }
    }
}
