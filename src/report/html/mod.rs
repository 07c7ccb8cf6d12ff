//! The result of a check as one page, for people who want to see all of it: it needs no network, works from a file, in light
//! and dark, on paper and with a keyboard. Without scripts everything is there but the filter.
//!
//! All text is escaped by what makes the markup; characters that could turn the reading direction are made visible before.

use std::collections::BTreeMap;
use std::io::{self, Write};

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::paths::Shown;
use super::summary::Count;
use super::{Report, Run, escape, prose};
use crate::catalog::Evidence;
use crate::check::analysis::{SkipKind, Summary};
use crate::finding::{Finding, Rewrite, Severity};
use crate::fingerprint;

mod excerpt;
mod plan;
mod whole;

use whole::{Room, Whole, line_id};

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// The format `html`.
pub struct Html;

impl Report for Html {
    fn write(&self, run: &Run<'_>, out: &mut dyn Write) -> io::Result<()> {
        let modules = modules(run);
        // Those with the most serious trouble come first, and so does what there is room for.
        let mut room = Room::default();
        let files: Vec<Whole> = modules.iter().map(|module| room.view(module)).collect();
        let title = format!("MongooseIM {} → {}", run.from, run.to);
        let body = html! {
            a.skip href="#findings" { "Skip to the findings" }
            header {
                h1 { (title) }
                p.soft { (looked_at(&run.analysis.summary)) }
                (tiles(&run.analysis.summary))
            }
            main {
                (picture(&modules))
                @if let Some(plan) = run.plan { (plan::section(plan)) }
                section #findings aria-labelledby="findings-title" {
                    h2 #findings-title { "Findings" }
                    (filter(run, &modules))
                    p #shown role="status" { (Count(run.analysis.findings.len(), "finding")) }
                    p #none.none hidden { "Nothing fits the filter." }
                    (left_out(&files))
                    @if run.analysis.findings.is_empty() { p.none { "Nothing was found." } }
                    @for (module, file) in modules.iter().zip(&files) { (module.section(run, file)) }
                }
                (skipped(run))
            }
        };
        let page = page(&title, &body);
        out.write_all(page.into_string().as_bytes())?;
        writeln!(out)
    }
}

/// A whole page around its body.
pub(super) fn page(title: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                // Nothing is loaded, and nothing but what stands here is run.
                meta http-equiv="Content-Security-Policy"
                    content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";
                link rel="icon" href="data:,";
                title { "hookshift: " (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                (body)
                footer { p { "Written by hookshift " (env!("CARGO_PKG_VERSION")) "." } }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    }
}

/// The findings of one file.
struct Module<'a> {
    path: String,
    findings: Vec<&'a Finding>,
    errors: usize,
    warnings: usize,
    infos: usize,
}

/// Files with findings; those with the most serious trouble come first.
fn modules<'a>(run: &Run<'a>) -> Vec<Module<'a>> {
    let mut by_path: BTreeMap<String, Vec<&Finding>> = BTreeMap::new();
    for finding in &run.analysis.findings {
        by_path.entry(run.paths.show(finding.place.source.path())).or_default().push(finding);
    }
    let module = |(path, findings): (String, Vec<&'a Finding>)| {
        let count = |severity| findings.iter().filter(|it| it.severity == severity).count();
        let (errors, warnings, infos) = (count(Severity::Error), count(Severity::Warning), count(Severity::Info));
        Module { path, findings, errors, warnings, infos }
    };
    let mut modules: Vec<Module<'_>> = by_path.into_iter().map(module).collect();
    modules.sort_by_key(|it| std::cmp::Reverse((it.errors, it.warnings, it.infos)));
    modules
}

fn looked_at(summary: &Summary) -> String {
    format!(
        "{} in {} were read; {}, {} of which could not be followed.",
        Count(summary.modules, "module"),
        Count(summary.files, "file"),
        Count(summary.registrations, "registration"),
        summary.unresolved
    )
}

fn tiles(summary: &Summary) -> Markup {
    let rewrites = summary.rewrites;
    let tiles = [
        ("error", summary.errors, "will not work"),
        ("warning", summary.warnings, "will work differently"),
        ("info", summary.infos, "advice"),
        ("", rewrites.mechanical, "rewrites a machine can do"),
        ("", rewrites.suggestion, "rewrites to be looked at"),
        ("", rewrites.advice, "decisions for a person"),
    ];
    html! {
        ul.tiles {
            @for (class, count, what) in tiles { li class=(class) { strong { (count) } (what) } }
            @if summary.suppressed > 0 { li { strong { (summary.suppressed) } "suppressed" } }
            @if summary.hidden > 0 { li { strong { (summary.hidden) } "less severe, not shown" } }
        }
    }
}

/// How many modules the picture has.
const MOST_BARS: usize = 40;

/// The modules by risk: a bar for each, in parts by severity.
fn picture(modules: &[Module<'_>]) -> Markup {
    let most = modules.iter().map(|it| it.findings.len()).max().unwrap_or(0).max(1);
    let bar = |module: &Module<'_>| {
        let parts = [("error", module.errors), ("warning", module.warnings), ("info", module.infos)];
        let mut at = 0;
        let parts = parts.map(|(class, count)| {
            let from = at;
            at += count;
            (class, from, count)
        });
        html! {
            svg viewBox=(format!("0 0 {most} 1")) preserveAspectRatio="none" aria-hidden="true" focusable="false" {
                @for (class, from, count) in parts {
                    @if count > 0 { rect class=(format!("bar-{class}")) x=(from) y="0" width=(count) height="1" {} }
                }
            }
        }
    };
    html! {
        @if !modules.is_empty() {
            section aria-labelledby="picture-title" {
                h2 #picture-title { "Where the risk is" }
                table.picture {
                    thead {
                        tr {
                            th scope="col" { "Module" }
                            th scope="col" { "Errors" }
                            th scope="col" { "Warnings" }
                            th scope="col" { "Advice" }
                            td {}
                        }
                    }
                    tbody {
                        @for module in modules.iter().take(MOST_BARS) {
                            tr {
                                th scope="row" { a href=(format!("#{}", module.id())) { (module.name()) } }
                                td { (module.errors) }
                                td { (module.warnings) }
                                td { (module.infos) }
                                td.bars { (bar(module)) }
                            }
                        }
                    }
                }
                @if modules.len() > MOST_BARS {
                    p.soft { (modules.len() - MOST_BARS) " more have fewer; all of them follow below." }
                }
            }
        }
    }
}

/// Shown by the script, without which it would do nothing.
fn filter(run: &Run<'_>, modules: &[Module<'_>]) -> Markup {
    let severities = [("error", "Errors"), ("warning", "Warnings"), ("info", "Advice")];
    let classes = [
        ("mechanical", "a machine can do it"),
        ("suggestion", "to be looked at"),
        ("advice", "a person decides"),
        ("none", "nothing to rewrite"),
    ];
    html! {
        @if !modules.is_empty() {
            form.filter hidden role="search" aria-label="Filter findings" {
                div {
                    label for="words" { "Words" }
                    input #words type="search" name="words" autocomplete="off";
                }
                fieldset {
                    legend.soft { "Severity" }
                    @for (value, title) in severities {
                        label { input type="checkbox" name="severity" value=(value) checked; " " (title) }
                    }
                }
                div {
                    label for="rule" { "Rule" }
                    select #rule name="rule" {
                        option value="" { "all" }
                        @for (rule, count) in &run.analysis.summary.rules {
                            option value=(rule) { (rule) " (" (count) ")" }
                        }
                    }
                }
                div {
                    label for="rewrite" { "Rewrite" }
                    select #rewrite name="rewrite" {
                        option value="" { "all" }
                        @for (value, title) in classes { option value=(value) { (title) } }
                    }
                }
                button type="reset" { "Show all" }
                button #open type="button" { "Open all" }
                button #close type="button" { "Close all" }
            }
        }
    }
}

impl Module<'_> {
    fn name(&self) -> String {
        let name = self.path.rsplit('/').next().unwrap_or(&self.path);
        escape::one_line(name.strip_suffix(".erl").unwrap_or(name)).into_owned()
    }

    /// Paths are different, and so are these.
    fn id(&self) -> String {
        let mut id = String::from("m-");
        for byte in self.path.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' => id.push(char::from(byte)),
                _ => id.push_str(&format!("_{byte:02x}")),
            }
        }
        id
    }

    fn section(&self, run: &Run<'_>, file: &Whole) -> Markup {
        let id = self.id();
        html! {
            section.module aria-labelledby=(id) {
                h3 #(id) {
                    (self.name()) " "
                    span.soft { (escape::one_line(&self.path)) }
                }
                @match file {
                    Whole::View(view) => (view),
                    Whole::LeftOut(why) => p.soft { "The whole file is not on this page: " (why) },
                }
                @for finding in &self.findings {
                    @let line = finding.place.source.position(finding.place.span.start).line;
                    @let link = match file {
                        Whole::View(_) => Some(line_id(&id, line)),
                        Whole::LeftOut(_) => None,
                    };
                    (details(finding, line, link.as_deref(), run.paths))
                }
            }
        }
    }
}

/// How many files are not there as a whole; each says itself why.
fn left_out(files: &[Whole]) -> Markup {
    let left_out = files.iter().filter(|file| matches!(file, Whole::LeftOut(_))).count();
    html! {
        @if left_out > 0 {
            p.soft { (Count(left_out, "file")) " of " (files.len()) " with findings could not be put on this page as a whole." }
        }
    }
}

/// A finding, with the id of its line in the whole file, when that is on the page.
fn details(finding: &Finding, line: usize, in_file: Option<&str>, paths: &Shown) -> Markup {
    let rewrite = match finding.rewrite {
        Some(Rewrite::Mechanical) => "mechanical",
        Some(Rewrite::Suggestion) => "suggestion",
        Some(Rewrite::Advice) => "advice",
        None => "none",
    };
    let severity = finding.severity.to_string();
    let path = paths.show(finding.place.source.path());
    html! {
        details.finding.(severity) id=(fingerprint::of(finding)) data-severity=(severity) data-rule=(finding.rule) data-rewrite=(rewrite)
            data-where=(escape::one_line(&path)) {
            summary {
                span.badge.(severity) { (severity) }
                " " code { (finding.rule) }
                " line " (line) ": " (words(&finding.message))
            }
            div {
                (excerpt::of(finding, paths))
                @if let Some(id) = in_file { p { a href=(format!("#{id}")) { "Line " (line) " in the whole file" } } }
                @if let Some(help) = &finding.help {
                    h4 { "What to write" }
                    @for line in help.lines() { p { (words(&prose::sentence(line))) } }
                }
                @if !finding.notes.is_empty() {
                    h4 { "Why" }
                    ul { @for note in &finding.notes { li { (words(note)) } } }
                }
                (excerpt::fix(finding, paths))
                (evidence(&finding.evidence))
                p { a href=(crate::rules::page(finding.rule)) { "About this rule" } }
            }
        }
    }
}

fn evidence(evidence: &[Evidence]) -> Markup {
    html! {
        @if !evidence.is_empty() {
            h4 { "Where it can be read" }
            ul {
                @for it in evidence {
                    li {
                        @if it.own {
                            (it.release) " " (it.at)
                        } @else {
                            a href=(source_url(it)) { "MongooseIM " (it.release) " " (it.at) }
                        }
                        @if !it.what.is_empty() { " (" (words(&it.what)) ")" }
                    }
                }
            }
        }
    }
}

/// Where a line of the server's source is shown.
fn source_url(evidence: &Evidence) -> String {
    let (path, line) = evidence.at.rsplit_once(':').unwrap_or((&evidence.at, "1"));
    format!("https://github.com/esl/MongooseIM/blob/{}/{path}#L{line}", evidence.release)
}

/// Prose in which backticks mark code.
pub(super) fn words(text: &str) -> Markup {
    let text = escape::one_line(text);
    let parts: Vec<&str> = text.split('`').collect();
    html! {
        @for (at, part) in parts.iter().enumerate() {
            // An odd backtick at the end opens no code.
            @if at % 2 == 1 && at + 1 < parts.len() { code { (part) } } @else { @if at % 2 == 1 { "`" } (part) }
        }
    }
}

fn skipped(run: &Run<'_>) -> Markup {
    let skipped = &run.analysis.skipped;
    html! {
        @if !skipped.is_empty() {
            section aria-labelledby="skipped-title" {
                h2 #skipped-title { "What was not looked at, or not for sure" }
                ul {
                    @for it in skipped {
                        li {
                            code {
                                @match &it.place {
                                    Some(place) => (prose::place(place, run.paths)),
                                    None => (escape::one_line(&run.paths.show(&it.path))),
                                }
                            }
                            ": " @if it.kind != SkipKind::Guessed { "not analysed: " }
                            (words(&it.reason))
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Analysis;
    use crate::report::samples;

    fn page(analysis: &mut Analysis) -> String {
        analysis.settle(|_, own| Some(own), Severity::Info);
        let mut out = Vec::new();
        Html.write(&samples::run(analysis), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn everything_that_was_found_is_on_the_page() {
        let page = page(&mut samples::analysis());
        assert!(page.starts_with("<!DOCTYPE html><html lang=\"en\">"), "{page}");
        for text in [
            "<code>removed-hook</code>",
            "The hook <code>acme_gone</code> is no longer run. Nothing is logged.",
            "<mark>acme_gone</mark>",
            "this handler is never called",
            "It was run for every stanza.",
            "https://github.com/esl/MongooseIM/blob/6.0.0/src/gone.erl#L12",
            "this form is not understood",
        ] {
            assert!(page.contains(text), "{text} is not in {page}");
        }
    }

    #[test]
    fn text_is_not_markup() {
        let mut analysis = samples::analysis();
        analysis.findings[0].message = "<script>alert(1)</script> \"&\u{202e} `<b>`".to_owned();
        analysis.findings[0].rule = "removed-hook";
        let page = page(&mut analysis);
        assert!(
            page.contains("&lt;script&gt;alert(1)&lt;/script&gt; &quot;&amp;\u{fffd} <code>&lt;b&gt;</code>"),
            "{page}"
        );
        assert_eq!(page.matches("<script>").count(), 1);
    }

    #[test]
    fn findings_and_lines_lead_to_each_other() {
        let mut analysis = samples::analysis();
        let page = page(&mut analysis);
        assert_eq!(page.matches("<details class=\"whole\">").count(), 2);
        for finding in &analysis.findings {
            let id = fingerprint::of(finding);
            let (_, behind) = page.split_once(&format!("id=\"{id}\"")).unwrap();
            let (_, link) = behind.split_once("<p><a href=\"#").unwrap();
            let line = link.split('"').next().unwrap();
            let (_, view) = page.split_once(&format!(" id=\"{line}\">")).unwrap();
            assert!(view.split("</details>").next().unwrap().contains(&format!("href=\"#{id}\"")), "{page}");
        }
    }

    #[test]
    fn a_file_that_is_too_large_is_left_out_and_that_is_said() {
        let large = format!("f() -> ok.\n{}", "%% a comment\n".repeat(400_000));
        let large = samples::source("src/acme_large.erl", &large);
        let mut analysis = samples::analysis();
        let place = samples::place(&large, "f()");
        analysis.findings.push(Finding::new("granular-hook", Severity::Info, place, "A narrower hook would do."));
        let page = page(&mut analysis);
        assert!(page.contains("1 file of 3 with findings could not be put on this page as a whole."), "{page}");
        assert!(page.contains("The whole file is not on this page: it would take more than 4 MiB of it."), "{page}");
        assert_eq!(page.matches("<details class=\"whole\">").count(), 2);
        assert_eq!(page.matches(" in the whole file</a>").count(), 3);
        assert!(page.len() < 1 << 20, "{}", page.len());
    }

    #[test]
    fn a_change_in_a_line_that_nobody_reads_is_not_shown() {
        let page_of = |rest: usize| {
            let source =
                samples::source("src/acme_long.erl", &format!("f() -> gone:it(), {}ok.\n", "ok, ".repeat(rest)));
            let place = samples::place(&source, "gone");
            let mut finding = Finding::new("changed-function", Severity::Error, place.clone(), "Gone.");
            finding.fix = Some(crate::rewrite::Fix::new("call it", vec![crate::rewrite::Edit::replace(place, "here")]));
            let mut analysis = samples::analysis();
            analysis.findings = vec![finding];
            page(&mut analysis)
        };
        let shown = "f() -&gt; here:it(), ";
        assert!(page_of(100).contains(shown));
        let long = page_of(4000);
        assert!(!long.contains(shown) && long.contains("Line 1 is too long for the change to be shown."), "{long}");
    }

    #[test]
    fn a_page_about_nothing_says_so() {
        assert!(page(&mut Analysis::default()).contains("Nothing was found."));
    }

    #[test]
    fn files_are_told_apart() {
        let ids = ["a b.erl", "a_b.erl", "a/b.erl", "ä.erl", "\nb"].map(|path| {
            let module = Module { path: path.to_owned(), findings: Vec::new(), errors: 0, warnings: 0, infos: 0 };
            module.id()
        });
        assert_eq!(ids, ["m-a_20b_2eerl", "m-a_5fb_2eerl", "m-a_2fb_2eerl", "m-_c3_a4_2eerl", "m-_0ab"]);
    }
}
