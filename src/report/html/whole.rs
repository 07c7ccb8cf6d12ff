//! Whole files on the page: each once, folded away, with what was found said below its line.
//!
//! Most lines have nothing to say, so what lies between two that have is one element and not one for each line: what a browser
//! has to keep grows with the findings, and hardly with the files.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use maud::{Markup, html};

use super::{Module, excerpt, words};
use crate::finding::{Finding, Severity};
use crate::fingerprint;
use crate::project::server_config::ServerConfig;
use crate::report::summary::Count;
use crate::source::{Source, Span};

const MIB: usize = 1024 * 1024;

/// How much of the page one file may take, in bytes of markup.
const MOST_OF_FILE: usize = 4 * MIB;

/// How much of the page all files may take, in bytes of markup.
const MOST_OF_ALL: usize = 16 * MIB;

/// How many lines without findings are one text at most. A browser lays those out that are in sight; how high so many lines are is
/// in the style sheet.
const STRETCH: usize = 250;

/// What stands for a secret.
const MASK: &str = "•••";

/// What the page has of a module's file.
pub(super) enum Whole {
    View(Markup),
    /// Nothing, and why: what ends "The whole file is not on this page: ".
    LeftOut(String),
}

/// The room that is left for files, in bytes of markup.
pub(super) struct Room {
    of_file: usize,
    of_all: usize,
}

impl Default for Room {
    fn default() -> Self {
        Self { of_file: MOST_OF_FILE, of_all: MOST_OF_ALL }
    }
}

impl Room {
    /// The file of a module, when there is room for it.
    pub(super) fn view(&mut self, module: &Module<'_>) -> Whole {
        let Some(source) = module.findings.first().map(|finding| &finding.place.source) else {
            return Whole::LeftOut("it was not read.".to_owned());
        };
        let too_large = || Whole::LeftOut(format!("it would take more than {} MiB of it.", MOST_OF_FILE / MIB));
        // A file this large is not worth the attempt.
        if source.text().len() > self.of_file {
            return too_large();
        }
        let Some(secrets) = secrets(source) else {
            return Whole::LeftOut("it is no TOML, so that nobody knows where it has passwords.".to_owned());
        };
        let view = view(module, &Text { source, secrets });
        let bytes = view.0.len();
        if bytes > self.of_file {
            return too_large();
        }
        let Some(left) = self.of_all.checked_sub(bytes) else {
            return Whole::LeftOut(format!("whole files take at most {} MiB of it.", MOST_OF_ALL / MIB));
        };
        self.of_all = left;
        Whole::View(view)
    }
}

/// What must not be shown of a file; `None` when it may have something of the kind, and nobody can say where.
fn secrets(source: &Arc<Source>) -> Option<Vec<Span>> {
    let name = source.path().file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    if !name.contains(".toml") {
        return Some(Vec::new());
    }
    ServerConfig::of(source).ok().map(|config| config.secrets())
}

/// The id of a line, counted from 1, in the view of its file. Behind `_`, the id of a module has no `L`.
pub(super) fn line_id(module: &str, line: usize) -> String {
    format!("{module}_L{line}")
}

fn view(module: &Module<'_>, text: &Text<'_>) -> Markup {
    let id = module.id();
    let mut found: BTreeMap<usize, Vec<&Finding>> = BTreeMap::new();
    for finding in &module.findings {
        found.entry(text.source.line_index(finding.place.span.start)).or_default().push(finding);
    }
    let lines = text.lines();
    // What is between the lines with findings, and behind the last of them.
    let starts = std::iter::once(0).chain(found.keys().map(|line| line + 1));
    let ends = found.keys().copied().chain(std::iter::once(lines));
    let mut hits = found.iter();
    html! {
        details.whole {
            summary { "The whole file" span.soft { ", " (Count(lines, "line")) ", " (found.len()) " with findings" } }
            @if !text.secrets.is_empty() { p.soft { "Passwords and the like are shown as " (MASK) "." } }
            pre tabindex="0" role="group" aria-label=(format!("Source of {}", module.name())) {
                span.lines {
                    @for (start, end) in starts.zip(ends) {
                        (between(text, start..end))
                        @if let Some((&line, findings)) = hits.next() { (hit(text, &line_id(&id, line + 1), line, findings)) }
                    }
                }
            }
        }
    }
}

/// Lines of which there is nothing to say, each [`STRETCH`] of them as one text beside one column of numbers.
fn between(text: &Text<'_>, lines: Range<usize>) -> Markup {
    html! {
        @for start in lines.clone().step_by(STRETCH) {
            @let end = lines.end.min(start + STRETCH);
            @let (numbers, shown) = stretch(text, start..end);
            span.stretch.long[end - start == STRETCH] { span.numbers aria-hidden="true" { (numbers) } span.text { (shown) } }
        }
    }
}

fn stretch(text: &Text<'_>, lines: Range<usize>) -> (String, String) {
    let (mut numbers, mut shown) = (String::new(), String::new());
    for line in lines.clone() {
        if line > lines.start {
            numbers.push('\n');
            shown.push('\n');
        }
        numbers.push_str(&(line + 1).to_string());
        shown.push_str(&text.shown(text.source.line_span(line)));
    }
    (numbers, shown)
}

/// A line with findings, and what they say.
fn hit(text: &Text<'_>, id: &str, line: usize, findings: &[&Finding]) -> Markup {
    let worst = findings.iter().map(|finding| finding.severity).max().unwrap_or(Severity::Info).to_string();
    html! {
        span.stretch.hit.(worst) #(id) {
            span.numbers { (line + 1) }
            span.text {
                @for (part, is_meant) in parts(text.source.line_span(line), findings) {
                    @if is_meant { mark { (text.shown(part)) } } @else { (text.shown(part)) }
                }
            }
        }
        @for finding in findings {
            @let severity = finding.severity.to_string();
            span.told.(severity) {
                span.badge.(severity) { (severity) }
                " " a href=(format!("#{}", fingerprint::of(finding))) { (finding.rule) }
                ": " (words(&finding.message))
            }
        }
    }
}

/// A line in parts, each with whether a finding means it. What several mean is one part or two, and never there twice.
fn parts(line: Span, findings: &[&Finding]) -> Vec<(Span, bool)> {
    let clamp = |offset: u32| offset.clamp(line.start, line.end);
    let mut meant: Vec<(u32, u32)> =
        findings.iter().map(|it| (clamp(it.place.span.start), clamp(it.place.span.end))).collect();
    meant.sort_unstable();
    let mut parts = Vec::new();
    let mut at = line.start;
    for (start, end) in meant {
        let start = start.max(at);
        if start < end {
            parts.push((Span { start: at, end: start }, false));
            parts.push((Span { start, end }, true));
            at = end;
        }
    }
    parts.push((Span { start: at, end: line.end }, false));
    parts
}

/// A file's text without its secrets.
struct Text<'a> {
    source: &'a Source,
    /// In order, none within another.
    secrets: Vec<Span>,
}

impl Text<'_> {
    /// How many lines there are: what is behind the last line end is one when it has something.
    fn lines(&self) -> usize {
        let text = self.source.text();
        let last = self.source.line_index(u32::try_from(text.len()).unwrap_or(u32::MAX));
        if text.is_empty() || text.ends_with('\n') { last } else { last + 1 }
    }

    /// What is shown of a part of a line.
    fn shown(&self, span: Span) -> String {
        let mut shown = String::new();
        let mut at = span.start;
        let first = self.secrets.partition_point(|secret| secret.end <= span.start);
        for secret in self.secrets[first..].iter().take_while(|secret| secret.start < span.end) {
            shown.push_str(self.source.slice(Span { start: at, end: secret.start.max(at) }));
            shown.push_str(MASK);
            at = secret.end.min(span.end);
        }
        shown.push_str(self.source.slice(Span { start: at, end: span.end }));
        excerpt::cut(&shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples::{place, source};

    /// Findings with these severities at the first occurrence of each text.
    fn found(source: &Arc<Source>, at: &[(&str, Severity)]) -> Vec<Finding> {
        at.iter()
            .map(|(needle, severity)| Finding::new("removed-hook", *severity, place(source, needle), "Gone."))
            .collect()
    }

    fn whole(room: &mut Room, source: &Arc<Source>, findings: &[Finding]) -> Result<String, String> {
        let path = source.path().display().to_string();
        let findings = findings.iter().collect();
        match room.view(&Module { path, findings, errors: 0, warnings: 0, infos: 0 }) {
            Whole::View(view) => Ok(view.0),
            Whole::LeftOut(why) => Err(why),
        }
    }

    /// The texts of all elements of a class that have no others within.
    fn all<'p>(page: &'p str, class: &str) -> Vec<&'p str> {
        let start = format!("<span class=\"{class}\"");
        let parts = page.split(start.as_str()).skip(1);
        parts.map(|part| part.split_once('>').unwrap().1.split("</span>").next().unwrap()).collect()
    }

    #[test]
    fn only_lines_with_findings_are_elements() {
        let text: String = (1..=1001).map(|line| format!("f{line}() -> ok.\n")).collect();
        let source = source("src/acme.erl", &text);
        let view = whole(&mut Room::default(), &source, &found(&source, &[("f600()", Severity::Error)])).unwrap();
        assert_eq!(
            all(&view, "text").join("\n").replace("&gt;", ">").replace("<mark>", "").replace("</mark>", ""),
            text.trim_end()
        );
        let numbers: Vec<String> = (1..=1001).map(|line: u32| line.to_string()).collect();
        assert_eq!(all(&view, "numbers").join("\n"), numbers.join("\n"));
        // 250, 250, 99, the line, 250, 151.
        assert_eq!(all(&view, "text").len(), 6);
        assert!(view.contains("1001 lines, 1 with findings"), "{view}");
    }

    #[test]
    fn the_style_knows_how_high_a_stretch_is() {
        let high = format!("auto {}em; }}", STRETCH as f64 * 1.45);
        assert!(super::super::STYLE.contains(&high), "{high}");
    }

    #[test]
    fn a_line_says_all_that_was_found_in_it() {
        let source = source("src/a b.erl", "-module(a).\nf() -> g(h).");
        let findings = found(&source, &[("g(h)", Severity::Info), ("h)", Severity::Error), ("f()", Severity::Warning)]);
        let view = whole(&mut Room::default(), &source, &findings).unwrap();
        assert!(view.contains("<span class=\"stretch hit error\" id=\"m-src_2fa_20b_2eerl_L2\">"), "{view}");
        assert!(view.contains("<mark>f()</mark> -&gt; <mark>g(h)</mark>."), "{view}");
        for severity in ["info", "warning", "error"] {
            assert!(view.contains(&format!("<span class=\"told {severity}\">")), "{view}");
        }
        for finding in &findings {
            assert!(view.contains(&format!("href=\"#{}\"", fingerprint::of(finding))), "{view}");
        }
    }

    #[test]
    fn odd_text_is_shown_as_what_it_is() {
        let source = source("src/a.erl", "-module(a).\r\n%% </pre>\u{202e} \u{1b}[31m\r\nf() -> ok.\r\n");
        let view = whole(&mut Room::default(), &source, &found(&source, &[("f()", Severity::Info)])).unwrap();
        assert_eq!(all(&view, "text")[0], "-module(a).\n%% &lt;/pre&gt;\u{fffd} ␛[31m");
        assert!(view.contains("3 lines, 1 with"), "{view}");
    }

    #[test]
    fn there_is_room_for_so_much() {
        let text = format!("f() -> ok.\n{}", "%% a comment\n".repeat(100));
        let [first, second] = ["src/a.erl", "src/b.erl"].map(|path| source(path, &text));
        let small = source("src/c.erl", "f() -> ok.\n");
        let findings = |source: &Arc<Source>| found(source, &[("f()", Severity::Info)]);
        let size = whole(&mut Room::default(), &first, &findings(&first)).unwrap().len();
        let mut room = Room { of_file: size, of_all: 2 * size - 1 };
        assert_eq!(whole(&mut room, &first, &findings(&first)).unwrap().len(), size);
        // The second is as large, and what is small has room behind it.
        assert_eq!(
            whole(&mut room, &second, &findings(&second)).unwrap_err(),
            "whole files take at most 16 MiB of it."
        );
        assert!(whole(&mut room, &small, &findings(&small)).is_ok());
        let mut room = Room { of_file: size - 1, of_all: 2 * size };
        assert_eq!(whole(&mut room, &first, &findings(&first)).unwrap_err(), "it would take more than 4 MiB of it.");
        assert_eq!(room.of_all, 2 * size);
    }

    #[test]
    fn a_configuration_keeps_its_secrets() {
        let text = "[general]\n  hosts = [\"a\"]\n[outgoing_pools.rdbms.default.connection]\n  username = \"acme\"\n  \
                    password = \"&&&\" # &\n  port = 1\n";
        let findings = |source: &Arc<Source>| found(source, &[("hosts", Severity::Warning)]);
        for path in ["mongooseim.toml", "rel/mongooseim.toml.j2"] {
            let source = source(path, text);
            let view = whole(&mut Room::default(), &source, &findings(&source)).unwrap();
            assert!(
                view.contains("username = &quot;acme&quot;\n  password = ••• # &amp;\n  port = 1</span>"),
                "{view}"
            );
            assert!(!view.contains("&amp;&amp;"), "{view}");
        }
        let broken = source("mongooseim.toml", &text.replace("[general]", "[general"));
        assert!(whole(&mut Room::default(), &broken, &findings(&broken)).unwrap_err().contains("is no TOML"));
    }

    #[test]
    fn what_is_meant_can_be_the_secret() {
        let source = source("mongooseim.toml", "[auth]\n  password = \"&&&\"\n");
        for needle in ["password = \"&&&\"", "\"&&&\"", "&&", "password"] {
            let view = whole(&mut Room::default(), &source, &found(&source, &[(needle, Severity::Info)])).unwrap();
            assert!(view.contains("•••") && !view.contains("&amp;"), "{view}");
        }
    }
}
