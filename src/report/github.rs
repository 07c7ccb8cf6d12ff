//! Workflow commands of GitHub Actions, which become annotations of a pull request's files, beside a log for people.
//!
//! Of each severity only a few annotations are taken from a step, so the first ones are written as commands and all others as
//! lines. Whatever stands in those lines may come from the code, and must not be taken for a command, wherefore the runner is told
//! to look for none in them.

use std::fmt::{self, Write as _};
use std::io::{self, Write};

use super::paths::Shown;
use super::summary::{Closing, Count};
use super::{Report, Run, concise, escape, prose, workflow};
use crate::check::analysis::Skipped;
use crate::finding::{Finding, Severity};

/// How many annotations of each severity are taken from a step.
const MOST_ANNOTATIONS: usize = 10;

/// The longest message, in bytes; runners cut what is longer than 4096.
const LONGEST_MESSAGE: usize = 4000;

/// The format `github`.
pub struct Github;

impl Report for Github {
    fn write(&self, run: &Run<'_>, out: &mut dyn Write) -> io::Result<()> {
        let chosen = Chosen::of(run);
        for skipped in &chosen.unreadable {
            writeln!(out, "{}", unreadable(skipped, run.repository_paths))?;
        }
        for finding in &chosen.annotated {
            writeln!(out, "{}", annotation(finding, run.repository_paths))?;
        }
        let mut log = Vec::new();
        // Paths as in the annotations beside them.
        let run = Run { paths: run.repository_paths, ..*run };
        for finding in &chosen.others {
            concise::finding_line(&run, finding, &mut log)?;
        }
        Closing(&run).write(&mut log)?;
        chosen.say_what_is_left(&mut log)?;
        out.write_all(&workflow::stopped(&log))
    }
}

/// What becomes an annotation, and what does not.
struct Chosen<'a> {
    /// Files that could not be read are errors, and told first.
    unreadable: Vec<&'a Skipped>,
    annotated: Vec<&'a Finding>,
    others: Vec<&'a Finding>,
}

impl<'a> Chosen<'a> {
    fn of(run: &Run<'a>) -> Self {
        let unreadable: Vec<_> = run.analysis.unreadable().take(MOST_ANNOTATIONS).collect();
        let mut room = [MOST_ANNOTATIONS, MOST_ANNOTATIONS, MOST_ANNOTATIONS - unreadable.len()];
        let (mut annotated, others): (Vec<&Finding>, _) = run.analysis.findings.iter().partition(|finding| {
            let left = &mut room[finding.severity as usize];
            let fits = *left > 0;
            *left -= usize::from(fits);
            fits
        });
        annotated.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        Self { unreadable, annotated, others }
    }

    fn say_what_is_left(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.others.is_empty() {
            return Ok(());
        }
        writeln!(
            out,
            "{} of {} are annotated, since GitHub takes {MOST_ANNOTATIONS} of each severity from a step. The others are \
             listed above.",
            self.annotated.len(),
            Count(self.annotated.len() + self.others.len(), "finding"),
        )
    }
}

fn annotation(finding: &Finding, paths: &Shown) -> String {
    let place = &finding.place;
    let (start, end) = (place.source.position(place.span.start), place.source.position(place.span.end));
    let mut command = Command::new(
        match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "notice",
        },
        message(finding),
    );
    command.property("title", format!("hookshift: {}", finding.rule));
    command.property("file", paths.show(place.source.path()));
    command.property("line", start.line);
    // Columns are taken only of what lies on one line.
    if start.line == end.line {
        command.property("col", start.column);
        command.property("endColumn", end.column);
    } else {
        command.property("endLine", end.line);
    }
    command.to_string()
}

fn unreadable(skipped: &Skipped, paths: &Shown) -> String {
    let reason = prose::sentence(&skipped.reason);
    let mut command = Command::new("error", format!("Cannot be read: {reason}"));
    command.property("title", "hookshift: unreadable");
    command.property("file", paths.show(&skipped.path));
    command.to_string()
}

/// As much as fits, in whole lines.
fn message(finding: &Finding) -> String {
    let mut message = prose::plain(finding);
    if message.len() > LONGEST_MESSAGE {
        message.truncate(message.floor_char_boundary(LONGEST_MESSAGE));
        message.truncate(message.rfind('\n').unwrap_or(message.len()));
        message.push_str("\n…");
    }
    message
}

/// A line that the runner takes for an order.
struct Command {
    name: &'static str,
    properties: String,
    message: String,
}

impl Command {
    fn new(name: &'static str, message: String) -> Self {
        Self { name, properties: String::new(), message }
    }

    fn property(&mut self, key: &str, value: impl fmt::Display) {
        let separator = if self.properties.is_empty() { ' ' } else { ',' };
        let value = escape_data(&escape::one_line(&value.to_string())).replace(':', "%3A").replace(',', "%2C");
        let _ = write!(self.properties, "{separator}{key}={value}");
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "::{}{}::{}", self.name, self.properties, escape_data(&self.message))
    }
}

/// The percent sign first, since it begins all others.
fn escape_data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::analysis::Analysis;
    use crate::report::samples;

    fn lines(analysis: &Analysis) -> Vec<String> {
        let mut out = Vec::new();
        Github.write(&samples::run(analysis), &mut out).unwrap();
        String::from_utf8(out).unwrap().lines().map(str::to_owned).collect()
    }

    fn settled() -> Analysis {
        let mut analysis = samples::analysis();
        analysis.settle(|_, own| Some(own), Severity::Info);
        analysis
    }

    #[test]
    fn findings_are_commands_the_most_severe_first() {
        let lines = lines(&settled());
        assert_eq!(
            lines[..3],
            [
                "::error title=hookshift%3A removed-hook,file=src/acme_filter.erl,line=3,col=4,endColumn=13::The hook \
                 `acme_gone` is no longer run. Nothing is logged.%0AHelp: Register it for another hook:%0A  {acme_here, \
                 HostType, fun acme_words:check/3, #{}, 50}%0ANote: It was run for every stanza.",
                "::warning title=hookshift%3A changed-params,file=src/acme_words.erl,line=3,col=14,endColumn=22::The \
                 parameter `to` is a list now.",
                "::notice title=hookshift%3A granular-hook,file=src/acme_words.erl,line=3,col=1,endColumn=6::A narrower \
                 hook would do.",
            ]
        );
        assert!(!lines.iter().any(|line| line.contains("are annotated")), "{lines:?}");
    }

    #[test]
    fn ten_of_a_severity_are_annotated_and_the_others_listed() {
        let mut analysis = settled();
        let error = analysis.findings[0].clone();
        analysis.findings.extend((0..14).map(|_| error.clone()));
        analysis.skipped.push(Skipped::unreadable("x,y.erl".into(), "gone".to_owned()));
        let lines = lines(&analysis);
        let commands: Vec<_> = lines.iter().take_while(|line| !line.starts_with("::stop-commands::")).collect();
        assert_eq!(commands[0], "::error title=hookshift%3A unreadable,file=x%2Cy.erl::Cannot be read: Gone.");
        assert_eq!(commands.iter().filter(|line| line.starts_with("::error ")).count(), 10);
        assert_eq!(lines.iter().filter(|line| line.contains(": error[removed-hook] ")).count(), 6);
        let said = "11 of 17 findings are annotated, since GitHub takes 10 of each severity from a step. The others are listed above.";
        assert!(lines.iter().any(|line| line == said), "{lines:?}");
    }

    #[test]
    fn what_the_runner_would_cut_is_cut_between_lines() {
        let mut finding = settled().findings.remove(0);
        finding.notes = vec!["ʃ".repeat(1500), "x".repeat(3000)];
        let text = message(&finding);
        assert!(text.len() < 4096 && text.ends_with("ʃ\n…"), "{}", text.len());
        finding.message = "ʃ".repeat(5000);
        assert!(message(&finding).len() < 4096);
    }
}
