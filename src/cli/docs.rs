//! `hookshift dev docs`: the pages of the documentation that say what the catalog and the rules say.

use std::path::PathBuf;

use super::Outcome;
use super::writing::write_generated;
use crate::catalog::{Catalog, Upgrade};
use crate::report::{explain, history};
use crate::rules;

/// Write the generated pages of the documentation
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The directory that stands for `docs`
    #[arg(value_name = "DIR")]
    directory: PathBuf,
}

/// A page: its path below `docs`, and its text.
type Page = (String, String);

pub fn run(args: &Args) -> anyhow::Result<Outcome> {
    for (path, text) in pages()? {
        write_generated(&args.directory.join(path), text.as_bytes())?;
    }
    Ok(Outcome::Clean)
}

/// Every generated page.
fn pages() -> anyhow::Result<Vec<Page>> {
    let mut pages = Vec::new();
    // Each step has a page; what they come to together, `explain` says.
    for (from, to) in Catalog::embedded().steps() {
        let upgrade = Upgrade::between(from, to)?;
        pages.push((explain::reference_name(&upgrade), explain::reference(&upgrade)));
    }
    pages.push(("hooks.md".to_owned(), history::page(Catalog::embedded())?));
    pages.extend(rule_pages());
    Ok(pages)
}

/// A page for each rule, and one that lists them.
fn rule_pages() -> Vec<Page> {
    let page = |name| {
        let text = explain::rule_page(name, rules::documentation(name)?);
        Some((format!("rules/{name}.md"), text))
    };
    let index = ("rules/README.md".to_owned(), rule_index());
    rules::names().into_iter().filter_map(page).chain([index]).collect()
}

fn rule_index() -> String {
    let mut text =
        "# Rules\n\nThe severity is that of most of a rule's findings; `--select` and `--ignore` take the names.\n\n\
                    | rule | severity | |\n|---|---|---|\n"
            .to_owned();
    for rule in rules::all() {
        let name = rule.name();
        let summary = rule.documentation().trim_start().split("\n\n").next().unwrap_or_default();
        let summary = summary.split_whitespace().collect::<Vec<_>>().join(" ");
        text.push_str(&format!("| [{name}]({name}.md) | {} | {summary} |\n", rule.severity()));
    }
    text
}
