//! The closing lines of the text formats: what was skipped, what was found, and the statistics.

use std::fmt;
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::{Run, escape, wrap};
use crate::baseline::{Compared, Entry, Verdict};
use crate::check::analysis::{SkipKind, Skipped, Summary};
use crate::finding::Severity;

/// As many entries of the baseline that are fixed are listed.
const MOST_FIXED: usize = 20;

/// Lines of code are shown up to this many characters where they only say which one is meant.
const LONGEST_SHOWN: usize = 80;

/// How a severity is coloured; plain when colours are off.
#[must_use]
pub fn style(severity: Severity, color: bool) -> Style {
    if !color {
        return Style::new();
    }
    let color = match severity {
        Severity::Error => AnsiColor::Red,
        Severity::Warning => AnsiColor::Yellow,
        Severity::Info => AnsiColor::Cyan,
    };
    color.on_default().bold()
}

/// Writes the closing lines of a run.
pub(super) struct Closing<'a>(pub &'a Run<'a>);

impl Closing<'_> {
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let run = self.0;
        let summary = &run.analysis.summary;
        if !run.analysis.findings.is_empty() {
            writeln!(out)?;
        }
        // What could not be read is an error, and told where errors are.
        let parts: Vec<_> = run.analysis.skipped.iter().filter(|it| it.kind != SkipKind::Unreadable).collect();
        for skipped in &parts {
            self.skipped(skipped, out)?;
        }
        let fixed = self.fixed(out)?;
        if !parts.is_empty() || fixed {
            writeln!(out)?;
        }
        for line in self.figures() {
            wrap::write(out, &line, run.width, 0)?;
        }
        if run.statistics {
            statistics(summary, out)?;
        }
        Ok(())
    }

    /// What was found and looked at, a sentence or two in each line.
    pub fn figures(&self) -> Vec<String> {
        let analysis = self.0.analysis;
        let summary = &analysis.summary;
        let unreadable = analysis.count_skipped(SkipKind::Unreadable);
        let hidden = summary.suppressed + summary.hidden + summary.known + summary.untouched;
        let nothing_found = analysis.findings.is_empty() && hidden == 0;
        let mut lines = vec![self.found(summary), registrations(summary, nothing_found)];
        lines.extend(analysis.baseline.as_ref().and_then(|it| self.baseline(it)));
        lines.extend(not_analysed(analysis.count_skipped(SkipKind::NotAnalysed)));
        lines.extend(rewrites(summary));
        lines.extend((unreadable > 0).then(|| format!("{} could not be read.", Count(unreadable, "path"))));
        lines
    }

    fn skipped(&self, skipped: &Skipped, out: &mut dyn Write) -> io::Result<()> {
        let path = self.0.paths.show(&skipped.path);
        write!(out, "{}", escape::one_line(&path))?;
        if let Some(place) = &skipped.place {
            let at = place.source.position(place.span.start);
            write!(out, ":{}:{}", at.line, at.column)?;
        }
        let kind = if skipped.kind == SkipKind::Guessed { "note" } else { "not analysed" };
        writeln!(out, ": {kind}: {}", escape::one_line(&skipped.reason))
    }

    /// Lists what is in the baseline and not found any more; returns whether there is anything.
    fn fixed(&self, out: &mut dyn Write) -> io::Result<bool> {
        let Some(baseline) = &self.0.analysis.baseline else { return Ok(false) };
        for entry in baseline.with(Verdict::Fixed).take(MOST_FIXED) {
            writeln!(out, "{}", fixed_line(entry))?;
        }
        let fixed = baseline.count(Verdict::Fixed);
        if fixed > MOST_FIXED {
            writeln!(out, "and {} more, all of which the format json has", fixed - MOST_FIXED)?;
        }
        Ok(fixed > 0)
    }

    /// What the baseline has that nobody has to be told of, and what it should not have any more.
    fn baseline(&self, compared: &Compared) -> Option<String> {
        let parts: Vec<String> = [
            (compared.count(Verdict::Fixed), "fixed (`hookshift baseline prune` drops them)"),
            (compared.count(Verdict::NoRule), "of rules that there are not in this version"),
            (compared.count(Verdict::RuleOff), "of rules that are off"),
        ]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
        let path = self.0.paths.show(&compared.path);
        (!parts.is_empty()).then(|| format!("{}: {}.", escape::one_line(&path), parts.join(", ")))
    }

    fn found(&self, summary: &Summary) -> String {
        let severities = [
            Count(summary.errors, "error").to_string(),
            Count(summary.warnings, "warning").to_string(),
            Count(summary.infos, "info").to_string(),
        ];
        let suppressed = match summary.suppressed {
            0 => String::new(),
            suppressed => format!(", {suppressed} suppressed"),
        };
        let hidden = match summary.hidden {
            0 => String::new(),
            hidden => format!(" ({hidden} less severe not shown)"),
        };
        let known = match summary.known {
            0 => String::new(),
            known => format!(", {known} known"),
        };
        let untouched = match summary.untouched {
            0 => String::new(),
            untouched => format!(", {untouched} in untouched lines"),
        };
        format!(
            "{} → {}: {}{suppressed}{known}{untouched}{hidden} in {}, {}.",
            self.0.from,
            self.0.to,
            severities.join(", "),
            Count(summary.files, "file"),
            Count(summary.modules, "module"),
        )
    }
}

/// An entry of the baseline that is not found any more, as it is listed.
pub(crate) fn fixed_line(entry: &Entry) -> String {
    let line = escape::one_line(&entry.line);
    let shown: String = line.chars().take(LONGEST_SHOWN).collect();
    let cut = if shown.len() < line.len() { " ..." } else { "" };
    format!("{}: fixed: [{}] {shown}{cut}", escape::one_line(&entry.path), escape::one_line(&entry.rule))
}

fn registrations(summary: &Summary, nothing_found: bool) -> String {
    if summary.registrations + summary.deletions == 0 {
        // Whoever expected something is to see that this is not silence about handlers that were overlooked.
        let more = if nothing_found && summary.files > 0 { ", and nothing else was found" } else { "" };
        return format!("No handler of MongooseIM's hooks is registered here{more}.");
    }
    format!(
        "{}: {} resolved, {} unresolved; {}.",
        Count(summary.registrations, "registration"),
        summary.resolved,
        summary.unresolved,
        Count(summary.deletions, "deletion"),
    )
}

/// Silence about code is only worth something when it is said of which code.
fn not_analysed(parts: usize) -> Option<String> {
    let unknown = if parts == 1 { "What it registers and does" } else { "What they register and do" };
    (parts > 0)
        .then(|| format!("Not analysed: {} of the code, listed above. {unknown} is not known.", Count(parts, "part")))
}

fn rewrites(summary: &Summary) -> Option<String> {
    let rewrites = summary.rewrites;
    (summary.rewrites != crate::check::analysis::Rewrites::default()).then(|| {
        let hint = if rewrites.mechanical + rewrites.suggestion > 0 { " See `hookshift fix`." } else { "" };
        format!(
            "Rewrites: {} mechanical, {} to be looked at, {} advice only.{hint}",
            rewrites.mechanical, rewrites.suggestion, rewrites.advice
        )
    })
}

fn statistics(summary: &Summary, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out)?;
    let mut rules: Vec<_> = summary.rules.iter().collect();
    // The most frequent first, names in order among equals.
    rules.sort_by_key(|&(name, count)| (std::cmp::Reverse(*count), *name));
    for (name, count) in rules {
        writeln!(out, "{count:>7}  {name}")?;
    }
    writeln!(
        out,
        "{} bytes read, {} parsed ({:.1} %)",
        summary.bytes_read,
        summary.bytes_parsed,
        percent(summary.bytes_parsed, summary.bytes_read)
    )?;
    for phase in &summary.phases {
        let millis = phase.elapsed.as_secs_f64() * 1000.0;
        writeln!(out, "{millis:>9.2} ms  {}", phase.name)?;
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a percentage with one digit")]
fn percent(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 * 100.0 / whole as f64 }
}

/// A number with its noun, which gets an `s` unless it is one, or `ies` in place of a `y`.
pub(crate) struct Count(pub usize, pub &'static str);

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0, self.1.strip_suffix('y')) {
            (1, _) => write!(f, "1 {}", self.1),
            (count, Some(stem)) => write!(f, "{count} {stem}ies"),
            (count, None) => write!(f, "{count} {}s", self.1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::analysis::{Analysis, Phase};
    use crate::report::samples;

    fn closing(analysis: &Analysis, statistics: bool) -> String {
        let mut out = Vec::new();
        let run = Run { statistics, ..samples::run(analysis) };
        Closing(&run).write(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_closing_lines_have_all_figures() {
        let mut analysis = samples::analysis();
        analysis.settle(|_, own| Some(own), Severity::Warning);
        assert_eq!(
            closing(&analysis, false),
            "\n\
             src/acme_words.erl:4:5: not analysed: this form is not understood\n\
             \n\
             6.0.0 → 6.1.0: 1 error, 1 warning, 0 infos (1 less severe not shown) in 2 files, 2 modules.\n\
             2 registrations: 1 resolved, 1 unresolved; 0 deletions.\n\
             Not analysed: 1 part of the code, listed above. What it registers and does is not known.\n\
             Rewrites: 1 mechanical, 0 to be looked at, 0 advice only. See `hookshift fix`.\n"
        );
    }

    #[test]
    fn what_is_suppressed_is_counted() {
        let mut analysis = samples::analysis();
        analysis.suppressed = analysis.findings.split_off(1);
        analysis.settle(|_, own| Some(own), Severity::Info);
        let text = closing(&analysis, false);
        assert!(text.contains("6.0.0 → 6.1.0: 1 error, 0 warnings, 0 infos, 2 suppressed in 2 files"), "{text}");
    }

    fn compared(verdicts: &[Verdict]) -> Compared {
        let entry = |(at, verdict): (usize, &Verdict)| {
            let entry = Entry {
                path: format!("src/a{at:02}.erl"),
                rule: "removed-hook".to_owned(),
                hook: None,
                handler: None,
                line: format!("[gone{}].", ", x".repeat(at * 20)),
                fingerprint: "cfbd69dad8508de85b3f481926596d61".parse().unwrap(),
            };
            (entry, *verdict)
        };
        let entries = verdicts.iter().enumerate().map(entry).collect();
        Compared { path: "b.toml".into(), known: Vec::new(), entries }
    }

    #[test]
    fn what_the_baseline_knows_is_counted_and_what_is_fixed_is_listed() {
        let mut analysis = samples::analysis();
        analysis.settle(|_, own| Some(own), Severity::Info);
        let known = vec![true, false, true];
        let verdicts = [Verdict::Fixed, Verdict::Fixed, Verdict::Known, Verdict::NoRule, Verdict::RuleOff];
        analysis.take_known(Compared { known, ..compared(&verdicts) });
        analysis.take_untouched(|_| false);
        let text = closing(&analysis, false);
        let second = format!("src/a01.erl: fixed: [removed-hook] [gone{}].", ", x".repeat(20));
        assert!(text.contains(&format!("\nsrc/a00.erl: fixed: [removed-hook] [gone].\n{second}\n\n")), "{text}");
        assert!(text.contains(": 0 errors, 0 warnings, 0 infos, 2 known, 1 in untouched lines in 2 files"), "{text}");
        assert!(
            text.contains(
                "\nb.toml: 2 fixed (`hookshift baseline prune` drops them), 1 of rules that there are not in this \
                 version, 1 of rules that are off.\n"
            ),
            "{text}"
        );
    }

    #[test]
    fn a_long_list_of_what_is_fixed_is_cut_and_says_so() {
        let analysis = Analysis { baseline: Some(compared(&[Verdict::Fixed; 23])), ..Analysis::default() };
        let text = closing(&analysis, false);
        assert_eq!(text.matches(": fixed: ").count(), MOST_FIXED, "{text}");
        assert!(text.contains("src/a02.erl: fixed: [removed-hook] [gone, x") && text.contains(", x ...\n"), "{text}");
        assert!(text.contains("\nand 3 more, all of which the format json has\n"), "{text}");
        assert!(text.contains("b.toml: 23 fixed ("), "{text}");
    }

    #[test]
    fn statistics_tell_rules_bytes_and_phases() {
        let mut analysis = samples::analysis();
        analysis.settle(|_, own| Some(own), Severity::Info);
        analysis.summary.phases.push(Phase { name: "walk", elapsed: std::time::Duration::from_micros(1500) });
        let text = closing(&analysis, true);
        assert!(
            text.ends_with(
                "      1  changed-params\n      1  granular-hook\n      1  removed-hook\n\
             1000 bytes read, 25 parsed (2.5 %)\n     1.50 ms  walk\n"
            ),
            "{text}"
        );
    }

    #[test]
    fn what_could_not_be_read_is_counted_here_and_named_elsewhere() {
        let mut analysis = Analysis::default();
        let gone = Skipped::unreadable("x.erl".into(), "gone".to_owned());
        analysis.skipped.push(gone);
        let text = closing(&analysis, false);
        assert!(text.ends_with("\n1 path could not be read.\n"), "{text}");
        assert!(!text.contains("x.erl"), "{text}");
    }

    #[test]
    fn nothing_found_takes_two_lines() {
        assert_eq!(closing(&Analysis::default(), false).lines().count(), 2);
    }
}
