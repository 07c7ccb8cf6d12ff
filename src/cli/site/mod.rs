//! `hookshift dev site`: the documentation as a small site, to be put anywhere.
//!
//! The pages are those of `docs/`, and read as they are on the platform that shows the repository: what they link to outside of `docs/` is
//! looked for there, and headings have the anchors that they have there.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::Outcome;
use super::writing::write_generated;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// Where the repository's files are shown.
const FILES: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/");

/// Write the documentation as a site
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The repository, with `README.md` and `docs`
    #[arg(long, value_name = "DIR", default_value = ".")]
    source: PathBuf,

    /// Where the site is written
    #[arg(value_name = "DIR")]
    directory: PathBuf,
}

/// A page of the site.
struct Page {
    /// Where it stands in the repository, as in `docs/rules/README.md`.
    source: String,
    /// Where it stands on the site.
    target: String,
    title: String,
    headings: Vec<Heading>,
    body: String,
    /// What it links to within the repository: a path, and a heading where one is named.
    links: Vec<(String, Option<String>)>,
}

struct Heading {
    level: HeadingLevel,
    text: String,
    id: String,
}

pub fn run(args: &Args) -> anyhow::Result<Outcome> {
    let sources = sources(&args.source)?;
    let known: BTreeSet<&str> = sources.iter().map(String::as_str).collect();
    let mut pages = Vec::new();
    for source in &sources {
        let path = args.source.join(source);
        let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        pages.push(page(source, &text, &known));
    }
    let broken = broken_links(&pages, &args.source);
    ensure!(broken.is_empty(), "links that lead nowhere:\n{}", broken.join("\n"));
    for page in &pages {
        write_generated(&args.directory.join(&page.target), document(page, &pages).into_string().as_bytes())?;
    }
    write_generated(&args.directory.join("style.css"), STYLE.as_bytes())?;
    write_generated(&args.directory.join("script.js"), SCRIPT.as_bytes())?;
    Ok(Outcome::Clean)
}

/// The pages, the first one first, then `docs` by name, rules last.
fn sources(root: &Path) -> anyhow::Result<Vec<String>> {
    let mut sources = vec!["README.md".to_owned(), "CHANGELOG.md".to_owned()];
    for directory in ["docs", "docs/rules"] {
        let path = root.join(directory);
        let entries = fs::read_dir(&path).with_context(|| path.display().to_string())?;
        let mut names = Vec::new();
        for entry in entries {
            let name = entry?.file_name().to_string_lossy().into_owned();
            names.extend(name.ends_with(".md").then(|| format!("{directory}/{name}")));
        }
        names.sort();
        sources.extend(names);
    }
    Ok(sources)
}

fn target(source: &str) -> String {
    let below = source.strip_prefix("docs/").unwrap_or(source);
    let page = below.strip_suffix(".md").unwrap_or(below);
    match page.strip_suffix("README") {
        Some(directory) => format!("{directory}index.html"),
        None => format!("{}.html", page.to_lowercase()),
    }
}

fn page(source: &str, text: &str, known: &BTreeSet<&str>) -> Page {
    let target = target(source);
    let mut events: Vec<Event<'_>> =
        Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS).collect();
    let headings = name_headings(&mut events);
    let mut links = Vec::new();
    for event in &mut events {
        let Event::Start(Tag::Link { dest_url, .. }) = event else { continue };
        if dest_url.contains("://") || dest_url.starts_with("mailto:") {
            continue;
        }
        let (path, anchor) =
            dest_url.split_once('#').map_or((&**dest_url, None), |(path, id)| (path, Some(id.to_owned())));
        let path = if path.is_empty() { source.to_owned() } else { resolved(source, path) };
        let end = anchor.as_ref().map(|id| format!("#{id}")).unwrap_or_default();
        let shown = match known.contains(&*path) {
            true => relative(&target, &self::target(&path)),
            false => format!("{FILES}{path}"),
        };
        links.push((path, anchor));
        *dest_url = CowStr::from(format!("{shown}{end}"));
    }
    let mut body = String::new();
    pulldown_cmark::html::push_html(&mut body, events.into_iter());
    // A head without a word is none.
    let body = body.replace("<th></th>", "<td></td>");
    let title = headings.first().map_or_else(|| source.to_owned(), |heading| heading.text.clone());
    Page { source: source.to_owned(), target, title, headings, body, links }
}

/// Gives each heading the anchor that it has on GitHub: lower case, blanks as dashes, nothing else but letters and digits, and a
/// number where there is one already.
fn name_headings(events: &mut [Event<'_>]) -> Vec<Heading> {
    let (mut headings, mut seen): (Vec<Heading>, HashMap<String, usize>) = (Vec::new(), HashMap::new());
    let mut open: Option<(usize, String)> = None;
    for at in 0..events.len() {
        match &events[at] {
            Event::Start(Tag::Heading { .. }) => open = Some((at, String::new())),
            Event::Text(text) | Event::Code(text) => {
                if let Some((_, title)) = &mut open {
                    title.push_str(text);
                }
            }
            Event::End(TagEnd::Heading(level)) => {
                let (level, Some((start, title))) = (*level, open.take()) else { continue };
                let plain = title.to_lowercase();
                let kept = plain.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
                let name: String = kept.map(|c| if c == ' ' { '-' } else { c }).collect();
                let count = seen.entry(name.clone()).or_default();
                let anchor = if *count == 0 { name } else { format!("{name}-{count}") };
                *count += 1;
                if let Event::Start(Tag::Heading { id, .. }) = &mut events[start] {
                    *id = Some(CowStr::from(anchor.clone()));
                }
                headings.push(Heading { level, text: title, id: anchor });
            }
            _ => {}
        }
    }
    headings
}

/// A path from the root of the repository, for one that is relative to a page.
fn resolved(source: &str, path: &str) -> String {
    let mut parts: Vec<&str> = source.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// The way from one page of the site to another.
fn relative(from: &str, to: &str) -> String {
    format!("{}{to}", "../".repeat(from.matches('/').count()))
}

fn broken_links(pages: &[Page], root: &Path) -> Vec<String> {
    let anchors: BTreeMap<&str, BTreeSet<&str>> =
        pages.iter().map(|page| (&*page.source, page.headings.iter().map(|it| &*it.id).collect())).collect();
    let mut broken = Vec::new();
    for page in pages {
        for (path, anchor) in &page.links {
            let is_there = match (anchors.get(&**path), anchor) {
                (Some(known), Some(anchor)) => known.contains(&**anchor),
                (Some(_), None) => true,
                (None, _) => root.join(path).exists(),
            };
            if !is_there {
                let anchor = anchor.as_ref().map(|it| format!("#{it}")).unwrap_or_default();
                broken.push(format!("{}: {path}{anchor}", page.source));
            }
        }
    }
    broken
}

/// Pages with more sections than this get a list of them, with a field to look for one.
const MANY_SECTIONS: usize = 12;

fn document(page: &Page, pages: &[Page]) -> Markup {
    let to = |target: &str| relative(&page.target, target);
    let is_rule = |it: &&Page| it.source.starts_with("docs/rules/") && !it.source.ends_with("README.md");
    let (rules, others): (Vec<&Page>, Vec<&Page>) = pages.iter().partition(is_rule);
    let sections: Vec<&Heading> =
        page.headings.iter().filter(|it| matches!(it.level, HeadingLevel::H2 | HeadingLevel::H3)).collect();
    let link = |it: &Page| {
        let is_here = it.target == page.target;
        html! { li { a href=(to(&it.target)) aria-current=[is_here.then_some("page")] { (it.title) } } }
    };
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (page.title) @if page.target != "index.html" { " · hookshift" } }
                link rel="icon" href="data:,";
                link rel="stylesheet" href=(to("style.css"));
                script defer src=(to("script.js")) {}
            }
            body {
                a.skip href="#content" { "Skip to the text" }
                nav aria-label="Pages" {
                    ul { @for it in &others { (link(it)) } }
                    details open[page.source.starts_with("docs/rules/")] {
                        summary { "All rules" }
                        ul { @for it in &rules { (link(it)) } }
                    }
                }
                main #content {
                    @if sections.len() > MANY_SECTIONS {
                        details.sections {
                            summary { "On this page" }
                            label { "Look for " input #look type="search" autocomplete="off"; }
                            ul #sections { @for it in &sections { li { a href=(format!("#{}", it.id)) { (it.text) } } } }
                        }
                    }
                    (PreEscaped(&page.body))
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_have_their_places() {
        for (source, expected) in [
            ("README.md", "index.html"),
            ("CHANGELOG.md", "changelog.html"),
            ("docs/guide.md", "guide.html"),
            ("docs/rules/README.md", "rules/index.html"),
            ("docs/rules/removed-hook.md", "rules/removed-hook.html"),
        ] {
            assert_eq!(target(source), expected);
        }
    }

    #[test]
    fn links_lead_to_pages_headings_and_files() {
        let known = ["README.md", "docs/guide.md", "docs/rules/x.md"].into();
        let text = "# X\n[a](../guide.md#one-two) [b](../../README.md) [c](../../src/a.rs) [d](https://e.f/) [e](#x)\n";
        let page = page("docs/rules/x.md", text, &known);
        for href in
            ["../guide.html#one-two", "../index.html", &format!("{FILES}src/a.rs"), "https://e.f/", "../rules/x.html#x"]
        {
            assert!(page.body.contains(&format!("href=\"{href}\"")), "{href}: {}", page.body);
        }
        assert_eq!(page.links.len(), 4);
    }

    #[test]
    fn headings_have_the_anchors_that_they_have_elsewhere() {
        let page = page("docs/x.md", "# A `b_c/3`, (d)\n## Two\n## Two\n", &BTreeSet::new());
        let ids: Vec<&str> = page.headings.iter().map(|it| &*it.id).collect();
        assert_eq!(ids, ["a-b_c3-d", "two", "two-1"]);
        assert!(page.body.contains("<h2 id=\"two-1\">"), "{}", page.body);
        assert_eq!(page.title, "A b_c/3, (d)");
    }

    #[test]
    fn a_link_that_leads_nowhere_is_told() {
        let known = ["docs/x.md", "docs/y.md"].into();
        let pages = [
            page("docs/x.md", "# X\n[a](y.md#none) [b](gone.md) [c](y.md#y)\n", &known),
            page("docs/y.md", "# Y\n", &known),
        ];
        let root = tempfile::tempdir().unwrap();
        assert_eq!(broken_links(&pages, root.path()), ["docs/x.md: docs/y.md#none", "docs/x.md: docs/gone.md"]);
    }
}
