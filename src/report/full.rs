//! Findings with the source they are about, for people.
//!
//! The drawing is ariadne's. It gets a text of our own making for each file, in which only the lines with labels
//! are filled in: enough for what it draws, cheap for large files, and every character in it is harmless
//! (see [`escape`]). Labels are given in characters, since byte spans off a character's boundary make it panic,
//! and it takes one for the other where a finding has labels in several files.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};
use std::ops::Range;
use std::sync::Arc;

use ariadne::{Cache, Color, Config, Label, ReportKind};

use super::summary::{Closing, style};
use super::{Report, Run, escape, prose, wrap};
use crate::finding::{Finding, Place, Severity};
use crate::source::{Source, Span};

/// Lines over this many bytes are not drawn: they would fill the screen, or be megabytes of generated code.
const LONGEST_DRAWN_LINE: usize = 400;

/// The format `full`.
pub struct Full;

impl Report for Full {
    fn write(&self, run: &Run<'_>, out: &mut dyn Write) -> io::Result<()> {
        let mut excerpts = Excerpts::of(run);
        for (index, finding) in run.analysis.findings.iter().enumerate() {
            if index > 0 {
                writeln!(out)?;
            }
            title(run, finding, out)?;
            if labels(finding).any(|(place, _)| is_long(place)) {
                plain(run, finding, out)?;
            } else {
                drawn(run, finding, &mut excerpts, out)?;
            }
            trailer(run, finding, out)?;
        }
        Closing(run).write(out)
    }
}

fn title(run: &Run<'_>, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    let style = style(finding.severity, run.color);
    let message = escape::one_line(&finding.message);
    let text = format!("{style}{}[{}]:{style:#} {message}", finding.severity, finding.rule);
    wrap::write(out, &text, run.width, 3)
}

/// All places of a finding with what is said there, the primary one first.
fn labels(finding: &Finding) -> impl Iterator<Item = (&Place, &str)> {
    let label = match finding.label.as_str() {
        // Without any text, nothing would be drawn below the line.
        "" => "here",
        label => label,
    };
    let related = finding.related.iter();
    std::iter::once((&finding.place, label)).chain(related.map(|it| (&it.place, it.message.as_str())))
}

/// The line on which a place begins, without its line ending, and the part of the place on that line.
struct FirstLine {
    /// 0-based.
    number: usize,
    line: Span,
    marked: Range<usize>,
}

fn first_line(place: &Place) -> FirstLine {
    let source = &place.source;
    let number = source.line_index(place.span.start.min(text_len(source)));
    let line = source.line_span(number);
    let clamp = |offset: u32| {
        let offset = offset.clamp(line.start, line.end) as usize;
        floor_char_boundary(source.text(), offset)
    };
    let start = clamp(place.span.start);
    FirstLine { number, line, marked: start..clamp(place.span.end).max(start) }
}

fn text_len(source: &Source) -> u32 {
    u32::try_from(source.text().len()).unwrap_or(u32::MAX)
}

fn floor_char_boundary(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

fn is_long(place: &Place) -> bool {
    first_line(place).line.len() > LONGEST_DRAWN_LINE
}

/// The lines of all files that have labels.
struct Excerpts {
    by_source: HashMap<*const Source, usize>,
    files: Vec<Excerpt>,
}

struct Excerpt {
    path: String,
    text: ariadne::Source<String>,
    /// Where a filled line begins, in characters, by its 0-based number.
    lines: HashMap<usize, usize>,
}

impl Excerpts {
    fn of(run: &Run<'_>) -> Self {
        let mut wanted: HashMap<*const Source, (&Arc<Source>, BTreeMap<usize, Span>)> = HashMap::new();
        for (place, _) in run.analysis.findings.iter().flat_map(labels) {
            let first = first_line(place);
            let lines =
                &mut wanted.entry(Arc::as_ptr(&place.source)).or_insert_with(|| (&place.source, BTreeMap::new())).1;
            lines.insert(first.number, first.line);
        }
        let mut excerpts = Self { by_source: HashMap::new(), files: Vec::new() };
        for (key, (source, lines)) in wanted {
            excerpts.by_source.insert(key, excerpts.files.len());
            let path = run.paths.show(source.path());
            excerpts.files.push(Excerpt::new(path, source, &lines));
        }
        excerpts
    }

    fn label(&self, place: &Place) -> (usize, Range<usize>) {
        let file = self.by_source[&Arc::as_ptr(&place.source)];
        let first = first_line(place);
        let text = place.source.text();
        let line_start = self.files[file].lines[&first.number];
        let start = line_start + chars(&text[first.line.start as usize..first.marked.start]);
        (file, start..start + chars(&text[first.marked]))
    }
}

fn chars(text: &str) -> usize {
    text.chars().count()
}

impl Excerpt {
    fn new(path: String, source: &Source, wanted: &BTreeMap<usize, Span>) -> Self {
        let mut text = String::new();
        let mut lines = HashMap::new();
        let (mut line, mut at) = (0, 0);
        for (&number, &span) in wanted {
            text.extend(std::iter::repeat_n('\n', number - line));
            at += number - line;
            line = number;
            lines.insert(number, at);
            if span.len() <= LONGEST_DRAWN_LINE {
                let before = text.len();
                text.extend(source.slice(span).chars().map(escape::visible));
                at += chars(&text[before..]);
            }
        }
        Self { path: escape::one_line(&path).into_owned(), text: ariadne::Source::from(text), lines }
    }
}

impl Cache<usize> for &mut Excerpts {
    type Storage = String;

    fn fetch(&mut self, id: &usize) -> Result<&ariadne::Source<String>, impl std::fmt::Debug> {
        self.files.get(*id).map(|file| &file.text).ok_or("no such file")
    }

    fn display<'a>(&self, id: &'a usize) -> Option<impl std::fmt::Display + 'a> {
        self.files.get(*id).map(|file| file.path.clone())
    }
}

/// The finding's labels, drawn. The drawing begins with a title whose colour cannot be turned off, and has blanks
/// at the ends of lines: both are taken off.
fn drawn(run: &Run<'_>, finding: &Finding, excerpts: &mut Excerpts, out: &mut dyn Write) -> io::Result<()> {
    let kind = ReportKind::Custom("", color(finding.severity));
    let mut report =
        ariadne::Report::build(kind, excerpts.label(&finding.place)).with_config(Config::new().with_color(run.color));
    for (order, (index, place, message)) in in_drawing_order(finding).enumerate() {
        let primary = index == 0;
        let label = Label::new(excerpts.label(place))
            .with_message(escape::one_line(message))
            .with_color(if primary { color(finding.severity) } else { Color::Blue })
            .with_priority(i32::from(primary))
            .with_order(i32::try_from(order).unwrap_or(i32::MAX));
        report = report.with_label(label);
    }
    let mut drawing = Vec::new();
    report.finish().write_for_stdout(excerpts, &mut drawing)?;
    for line in drawing.split(|&byte| byte == b'\n').skip(1) {
        let line = line.trim_ascii_end();
        if !line.is_empty() {
            out.write_all(line)?;
            writeln!(out)?;
        }
    }
    Ok(())
}

/// The file of the primary place first, and each file's labels from top to bottom: otherwise a file is drawn
/// once for every time that the labels come back to it. With each label goes its index in [`labels`].
fn in_drawing_order(finding: &Finding) -> impl Iterator<Item = (usize, &Place, &str)> {
    let mut all: Vec<_> =
        labels(finding).enumerate().map(|(index, (place, message))| (index, place, message)).collect();
    let own = Arc::as_ptr(&finding.place.source);
    all.sort_by_key(|(_, place, _)| {
        let elsewhere = Arc::as_ptr(&place.source) != own;
        (elsewhere, place.sort_key())
    });
    all.into_iter()
}

fn color(severity: Severity) -> Color {
    match severity {
        Severity::Error => Color::Red,
        Severity::Warning => Color::Yellow,
        Severity::Info => Color::Cyan,
    }
}

/// The finding's places without a drawing: each with a window of its line.
fn plain(run: &Run<'_>, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    for (place, message) in labels(finding) {
        let at = place.source.position(place.span.start);
        let path = run.paths.show(place.source.path());
        let (path, message) = (escape::one_line(&path), escape::one_line(message));
        writeln!(out, "   {path}:{}:{}: {message}", at.line, at.column)?;
        writeln!(out, "      {}", window(place))?;
    }
    Ok(())
}

/// How many characters of a long line are shown before and from the start of a place.
const WINDOW: (usize, usize) = (30, 60);

fn window(place: &Place) -> String {
    let first = first_line(place);
    let text = place.source.text();
    let before = &text[first.line.start as usize..first.marked.start];
    let after = &text[first.marked.start..first.line.end as usize];
    let start = before.char_indices().rev().nth(WINDOW.0 - 1).map_or(0, |(at, _)| at);
    let end = after.char_indices().nth(WINDOW.1).map_or(after.len(), |(at, _)| at);
    let mut shown = String::new();
    shown.push_str(if start > 0 { "…" } else { "" });
    shown.push_str(&escape::line(&before[start..]));
    shown.push_str(&escape::line(&after[..end]));
    shown.push_str(if end < after.len() { "…" } else { "" });
    shown
}

/// Notes, help and evidence below the drawing.
fn trailer(run: &Run<'_>, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    for note in &finding.notes {
        entry(run, "note", note, out)?;
    }
    if let Some(help) = &finding.help {
        entry(run, "help", help, out)?;
    }
    for evidence in prose::evidence(finding) {
        entry(run, "see", &evidence, out)?;
    }
    Ok(())
}

fn entry(run: &Run<'_>, title: &str, text: &str, out: &mut dyn Write) -> io::Result<()> {
    let style = if run.color { anstyle::Style::new().bold() } else { anstyle::Style::new() };
    let mut lines = text.lines().map(escape::line);
    let first = lines.next().unwrap_or_default();
    let hang = title.len() + 5;
    wrap::write(out, &format!("   {style}{title}:{style:#} {first}"), run.width, hang)?;
    for line in lines {
        wrap::write(out, &format!("{:hang$}{line}", ""), run.width, hang + 4)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::analysis::Analysis;
    use crate::report::samples;

    fn full(analysis: &mut Analysis, color: bool) -> String {
        analysis.settle(|_, own| Some(own), Severity::Info);
        let mut out = Vec::new();
        let run = Run { color, ..samples::run(analysis) };
        Full.write(&run, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn one(text: &str, needle: &str) -> Analysis {
        let source = samples::source("src/a.erl", text);
        let place = samples::place(&source, needle);
        Analysis {
            findings: vec![Finding::new("removed-hook", Severity::Error, place, "Gone.")],
            ..Analysis::default()
        }
    }

    #[test]
    fn a_finding_is_drawn_with_labels_in_two_files() {
        let text = full(&mut samples::analysis(), false);
        let drawing = text.split("\n\n").next().unwrap();
        assert_eq!(
            drawing,
            "\
error[removed-hook]: The hook `acme_gone` is no longer run. Nothing is logged.
   ╭─[ src/acme_filter.erl:3:4 ]
   │
 3 │     [{acme_gone, HostType, fun acme_words:check/3, #{}, 50}]. % ʃ
   │       ────┬────
   │           ╰────── registered here
   │
   ├─[ src/acme_words.erl:3:1 ]
   │
 3 │ check(Acc, #{to := To}, _Extra) ->
   │ ────┬────
   │     ╰────── this handler is never called
───╯
   note: It was run for every stanza.
   help: Register it for another hook:
         {acme_here, HostType, fun acme_words:check/3, #{}, 50}
   see: MongooseIM 6.0.0 src/gone.erl:12 (the run)"
        );
    }

    #[test]
    fn colours_come_only_when_they_are_wanted() {
        assert!(!full(&mut samples::analysis(), false).contains('\x1b'));
        assert!(full(&mut samples::analysis(), true).contains("\x1b["));
    }

    #[test]
    fn source_text_cannot_drive_the_terminal() {
        let text = full(&mut one("%% \u{1F980}\r\na\x1b[2J\u{202e} hook\u{85}\r\n", "hook"), false);
        assert!(text.contains("[ src/a.erl:2:8 ]"), "{text}");
        assert!(text.contains("a␛[2J\u{FFFD} hook\u{FFFD}"), "{text}");
        assert!(!text.contains(['\x1b', '\r', '\u{202e}', '\u{85}']), "{text}");
    }

    #[test]
    fn a_long_line_is_shown_through_a_window() {
        let long = "é".repeat(5_000_000);
        let text = full(&mut one(&format!("{long} hook {long}"), "hook"), false);
        assert!(text.len() < 1000, "{}", text.len());
        assert!(text.contains("src/a.erl:1:5000002: here"), "{text}");
        assert!(text.contains("é hook é"), "{text}");
    }

    #[test]
    fn any_span_can_be_drawn() {
        for text in ["", "a", "ʃ\r\n🦀\n\n", "a\nb", "\t\t\n"] {
            for start in 0..=text.len() + 2 {
                for end in start..=text.len() + 3 {
                    let source = samples::source("src/a.erl", text);
                    let place = Place::new(&source, Span::new(start, end));
                    let finding = Finding::new("removed-hook", Severity::Error, place, "Gone.");
                    let shown = full(&mut Analysis { findings: vec![finding], ..Analysis::default() }, false);
                    assert!(shown.contains("here"), "{text:?} {start}..{end}: {shown}");
                }
            }
        }
    }

    #[test]
    fn a_place_of_many_lines_is_drawn_by_its_first() {
        let text = full(&mut one("f() ->\n  a,\n  b.\n", "f() ->\n  a,\n  b."), false);
        assert!(text.contains("f() ->"), "{text}");
        assert!(!text.contains("  a,"), "{text}");
    }
}
