//! GitLab's code quality reports: what is shown beside the changes of a merge request.
//!
//! GitLab compares the report of a merge request with that of its target branch, by fingerprints, and shows of each entry the
//! description, the severity and the first line.

use std::io::{self, Write};

use serde::Serialize;

use super::paths::Shown;
use super::{Report, Run, escape, json};
use crate::check::analysis::Skipped;
use crate::finding::{Finding, Severity};
use crate::fingerprint;

/// The format `gitlab`.
pub struct Gitlab;

impl Report for Gitlab {
    fn write(&self, run: &Run<'_>, out: &mut dyn Write) -> io::Result<()> {
        let findings = run.analysis.findings.iter().map(|it| Entry::of(it, run.repository_paths));
        // Without these, all that was ever found in the file would be shown as mended.
        let unreadable = run.analysis.unreadable().map(|it| Entry::of_unreadable(it, run.repository_paths));
        json::write_pretty(&findings.chain(unreadable).collect::<Vec<_>>(), out)
    }
}

#[derive(Serialize)]
struct Entry {
    /// The name of the rule stands in it, for that is not shown otherwise.
    description: String,
    check_name: &'static str,
    /// Entries with equal ones are taken for one.
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

/// 1-based.
#[derive(Serialize)]
struct Lines {
    begin: usize,
    end: usize,
}

impl Entry {
    fn of(finding: &Finding, paths: &Shown) -> Self {
        let place = &finding.place;
        Self {
            description: format!("{}: {}", finding.rule, escape::one_line(&finding.message)),
            check_name: finding.rule,
            fingerprint: fingerprint::of(finding).to_string(),
            severity: severity(finding.severity),
            location: Location {
                path: paths.show(place.source.path()),
                lines: Lines {
                    begin: place.source.position(place.span.start).line,
                    end: place.source.position(place.span.end).line,
                },
            },
        }
    }

    fn of_unreadable(skipped: &Skipped, paths: &Shown) -> Self {
        const NAME: &str = "unreadable";
        let path = paths.show(&skipped.path);
        Self {
            description: format!("{NAME}: {}", escape::one_line(&skipped.reason)),
            check_name: NAME,
            fingerprint: blake3::hash(format!("{NAME}\n{path}").as_bytes()).to_hex()[..32].to_owned(),
            severity: "blocker",
            location: Location { path, lines: Lines { begin: 1, end: 1 } },
        }
    }
}

/// GitLab has five; `minor` is left out, and `blocker` is for what could not be looked at.
fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "critical",
        Severity::Warning => "major",
        Severity::Info => "info",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::report::samples;

    #[test]
    fn an_entry_says_its_rule_and_what_cannot_be_read_is_one() {
        let mut analysis = samples::analysis();
        analysis.settle(|_, own| Some(own), Severity::Info);
        analysis.skipped.push(Skipped::unreadable("x.erl".into(), "gone".to_owned()));
        let mut out = Vec::new();
        Gitlab.write(&samples::run(&analysis), &mut out).unwrap();
        let report: Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(report[0]["description"], "removed-hook: The hook `acme_gone` is no longer run. Nothing is logged.");
        let lines = json!({"path": "src/acme_filter.erl", "lines": {"begin": 3, "end": 3}});
        assert_eq!((&report[0]["severity"], &report[0]["location"]), (&json!("critical"), &lines));
        assert_eq!((&report[1]["severity"], &report[2]["severity"]), (&json!("info"), &json!("major")));
        assert_eq!(
            (&report[3]["severity"], &report[3]["description"]),
            (&json!("blocker"), &json!("unreadable: gone"))
        );
    }
}
