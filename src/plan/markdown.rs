//! A plan as Markdown: lists with boxes to tick.

use std::fmt::Write as _;

use super::{Item, Plan, State};
use crate::report::document;

/// How many places of one entry are listed. All of them are in the JSON.
const MOST_PLACES: usize = 30;

/// The plan as Markdown.
#[must_use]
pub fn markdown(plan: &Plan) -> String {
    let (done, all) = plan.progress();
    let mut out = format!("# MongooseIM {} → {}\n\n", plan.from, plan.to);
    let _ = writeln!(
        out,
        "{done} of {all} things that show in the project are done. What cannot be seen from here is for you to tick."
    );
    for section in &plan.sections {
        let _ = writeln!(out, "{}## {}\n", if out.ends_with("\n\n") { "" } else { "\n" }, section.title);
        section.items.iter().for_each(|item| push(&mut out, item));
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

fn push(out: &mut String, item: &Item) {
    let bullet = match item.state {
        State::Done => "* [x]",
        State::Open | State::Unseen => "* [ ]",
        State::Note => "*",
    };
    let _ = writeln!(out, "{bullet} {}", document::inline_markdown(&item.title));
    for text in &item.text {
        let _ = writeln!(out, "\n  {}", document::inline_markdown(text));
    }
    if !item.commands.is_empty() {
        let _ = writeln!(out, "\n  ```console");
        item.commands.iter().for_each(|command| {
            let _ = writeln!(out, "  $ {}", command.replace('\n', " "));
        });
        let _ = writeln!(out, "  ```");
    }
    if !item.places.is_empty() {
        out.push('\n');
        for place in item.places.iter().take(MOST_PLACES) {
            let _ = writeln!(out, "  * {}", document::inline_markdown(place));
        }
        if item.places.len() > MOST_PLACES {
            let _ = writeln!(out, "  * and {} more: see `--format json`", item.places.len() - MOST_PLACES);
        }
    }
    if !item.evidence.is_empty() {
        let _ = writeln!(out, "\n  See {}.", document::inline_markdown(&item.evidence.join("; ")));
    }
    let has_more =
        !(item.text.is_empty() && item.commands.is_empty() && item.places.is_empty() && item.evidence.is_empty());
    if has_more {
        out.push('\n');
    }
}
