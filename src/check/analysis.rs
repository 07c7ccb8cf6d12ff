//! What an analysis yields, before anything is shown: plain data, filled in by the project's analysis.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::baseline::Compared;
use crate::catalog::{HookStatus, Version};
use crate::finding::{Finding, Mfa, Place, Rewrite, Severity};
use crate::fingerprint;
use crate::project::server_config::ServerConfigError;

/// The result of one run.
#[derive(Debug, Default)]
pub struct Analysis {
    /// In any order until [`Analysis::settle`] has sorted them.
    pub findings: Vec<Finding>,
    /// What comments in the code suppress; in none of the figures but its own.
    pub suppressed: Vec<Finding>,
    /// What the project's baseline says, where one was asked.
    pub baseline: Option<Compared>,
    pub summary: Summary,
    /// What was not analysed, or not for sure: whole files and parts of files.
    pub skipped: Vec<Skipped>,
    /// Every registration that was seen, whether it could be resolved or not, where that was asked for.
    pub inventory: Vec<Registration>,
    /// Modules by path, with the releases that they are written for; only of those where it mattered.
    pub written_for: BTreeMap<PathBuf, Version>,
    /// The release that the code was taken to be written for.
    pub from: Option<Version>,
    /// What showed that the code is older than it was taken for at first: the first registration in the old style.
    pub older: Option<Place>,
}

/// The figures of a run. Counts of findings are made by [`Analysis::settle`]; the rest is the analysis's own.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Files that were read.
    pub files: usize,
    /// Modules among them.
    pub modules: usize,
    /// Registrations that were seen, deletions not counted.
    pub registrations: usize,
    pub resolved: usize,
    pub unresolved: usize,
    /// Handlers that are deleted somewhere, the counterparts of registrations.
    pub deletions: usize,
    pub errors: usize,
    pub warnings: usize,
    pub infos: usize,
    /// Findings below the severity that was asked for: found, and not shown.
    pub hidden: usize,
    /// Findings that comments in the code suppress, whatever their severity.
    pub suppressed: usize,
    /// Findings that are in the baseline, whatever their severity.
    pub known: usize,
    /// Findings that have no place in the lines that were asked for, whatever their severity.
    pub untouched: usize,
    pub rewrites: Rewrites,
    /// Bytes of the files that were read.
    pub bytes_read: u64,
    /// Bytes that went through the parser.
    pub bytes_parsed: u64,
    /// Findings by rule.
    pub rules: BTreeMap<&'static str, usize>,
    /// How long each phase took, in the order in which they ran.
    pub phases: Vec<Phase>,
}

/// Shown findings by how far their rewrite could be left to a machine; those with nothing to rewrite are in none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Rewrites {
    /// Could be rewritten mechanically.
    pub mechanical: usize,
    /// Code can be proposed, and a person has to look at it.
    pub suggestion: usize,
    /// Only advice can be given.
    pub advice: usize,
}

#[derive(Clone, Debug)]
pub struct Phase {
    pub name: &'static str,
    pub elapsed: Duration,
}

/// Something that was not analysed, or not for sure.
#[derive(Clone, Debug)]
pub struct Skipped {
    pub path: PathBuf,
    /// The part that is meant, when it is not the whole file.
    pub place: Option<Place>,
    /// One sentence, or the operating system's words.
    pub reason: String,
    pub kind: SkipKind,
}

/// How badly something was not analysed. Only what could not be read makes the run a failure: findings decide the exit
/// code otherwise, and what was left out is counted beside them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SkipKind {
    /// It could not be read: the job could not be done, and the exit code says so.
    Unreadable,
    /// It was read, and this part of it not understood.
    NotAnalysed,
    /// It was analysed as what it most likely means.
    Guessed,
}

/// One handler that is added to, or deleted from, one hook at one place.
#[derive(Clone, Debug)]
pub struct Registration {
    pub place: Place,
    /// The module in which it stands.
    pub module: String,
    /// The hook's name, when it could be found out.
    pub hook: Option<String>,
    /// `HostType`, `global`, or the source text of something else.
    pub tag: String,
    pub handler: Option<Mfa>,
    /// Where the handler is defined, when that is in the project.
    pub handler_place: Option<Place>,
    pub priority: Option<i64>,
    /// The priority's source text, when it is not a number.
    pub priority_source: Option<String>,
    pub action: Action,
    /// How it is registered, as in `add_handlers list` or `hooks/1 callback`.
    pub registered: String,
    /// What becomes of its hook; unknown also when the hook's name could not be found out.
    pub status: HookStatus,
    pub resolved: bool,
    pub why_unresolved: Option<String>,
    /// Hooks that take the hook's place in the target release.
    pub replacements: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    Add,
    Delete,
}

impl Action {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Action::Add => "add",
            Action::Delete => "delete",
        }
    }
}

impl Analysis {
    /// Brings the result into the form in which it is shown: findings of rules that are off are dropped, severities
    /// are set, findings are sorted and numbered, what is below `minimum` is hidden, and the rest is counted.
    ///
    /// `severity` says what a rule's finding with a given severity of its own gets; `None` is off.
    pub fn settle(&mut self, severity: impl Fn(&str, Severity) -> Option<Severity>, minimum: Severity) {
        set_severities(&mut self.findings, &severity);
        self.suppressed.retain(|finding| severity(finding.rule, finding.severity).is_some());
        self.suppressed.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        self.summary.suppressed = self.suppressed.len();
        self.findings.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        // What is not shown is counted all the same, so that fingerprints do not depend on what is wanted.
        fingerprint::number(&mut self.findings);
        self.skipped.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        self.inventory.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        self.summary.hidden = 0;
        self.hide_below(minimum);
    }

    /// Hides what is less severe, of a settled result.
    pub fn hide_below(&mut self, minimum: Severity) {
        self.summary.hidden += self.retain(|finding| finding.severity >= minimum);
    }

    /// Takes out, of a settled result of which nothing is hidden, what a comparison with the baseline knows.
    pub fn take_known(&mut self, compared: Compared) {
        let mut known = compared.known.iter();
        self.summary.known = self.retain(|_| !known.next().copied().unwrap_or(false));
        self.baseline = Some(compared);
    }

    /// Leaves only findings, of a settled result, of which a place is touched.
    pub fn take_untouched(&mut self, is_touched: impl Fn(&Place) -> bool) {
        self.summary.untouched = self.retain(|finding| {
            let related = finding.related.iter().map(|label| &label.place);
            std::iter::once(&finding.place).chain(related).any(&is_touched)
        });
    }

    /// Keeps some findings, and counts again; returns how many went.
    fn retain(&mut self, keep: impl FnMut(&Finding) -> bool) -> usize {
        let before = self.findings.len();
        self.findings.retain(keep);
        self.summary.count(&self.findings);
        before - self.findings.len()
    }

    /// How much was skipped for one kind of reason.
    #[must_use]
    pub fn count_skipped(&self, kind: SkipKind) -> usize {
        self.skipped.iter().filter(|it| it.kind == kind).count()
    }

    /// The findings of each file, which are in their order.
    pub fn by_file(&self) -> impl Iterator<Item = &[Finding]> {
        self.findings.chunk_by(|one, other| one.place.source.path() == other.place.source.path())
    }

    /// What could not be read.
    pub fn unreadable(&self) -> impl Iterator<Item = &Skipped> {
        self.skipped.iter().filter(|it| it.kind == SkipKind::Unreadable)
    }

    /// Whether something could not be read.
    #[must_use]
    pub fn failed(&self) -> bool {
        self.count_skipped(SkipKind::Unreadable) > 0
    }
}

/// Drops findings of rules that are off, and sets the severities of the others: what a finding with a severity of its own gets,
/// `None` being off.
pub(super) fn set_severities(findings: &mut Vec<Finding>, severity: impl Fn(&str, Severity) -> Option<Severity>) {
    findings.retain_mut(|finding| match severity(finding.rule, finding.severity) {
        Some(level) => {
            finding.severity = level;
            true
        }
        None => false,
    });
}

impl Skipped {
    /// A file or directory that could not be read.
    #[must_use]
    pub fn unreadable(path: PathBuf, reason: String) -> Self {
        Self { path, place: None, reason, kind: SkipKind::Unreadable }
    }

    /// A configuration of the server that lies among the code and cannot be understood.
    #[must_use]
    pub fn unusable_config(error: ServerConfigError) -> Self {
        let ServerConfigError { path, place, message } = error;
        let kind = if place.is_some() { SkipKind::NotAnalysed } else { SkipKind::Unreadable };
        let reason = if place.is_some() { format!("no TOML: {message}") } else { message };
        Self { path, place, reason, kind }
    }

    fn sort_key(&self) -> impl Ord + '_ {
        let span = self.place.as_ref().map(|place| place.span);
        (&self.path, span, self.kind, &self.reason)
    }
}

impl Registration {
    /// One place registers several handlers when a list comprehension does it.
    fn sort_key(&self) -> impl Ord + '_ {
        let place = self.place.sort_key();
        (place, &self.hook, &self.handler, self.action, self.priority)
    }
}

impl Summary {
    fn count(&mut self, findings: &[Finding]) {
        self.errors = 0;
        self.warnings = 0;
        self.infos = 0;
        self.rewrites = Rewrites::default();
        self.rules.clear();
        for finding in findings {
            *match finding.severity {
                Severity::Error => &mut self.errors,
                Severity::Warning => &mut self.warnings,
                Severity::Info => &mut self.infos,
            } += 1;
            if let Some(rewrite) = finding.rewrite {
                self.rewrites.count(rewrite);
            }
            *self.rules.entry(finding.rule).or_default() += 1;
        }
    }
}

impl Rewrites {
    fn count(&mut self, rewrite: Rewrite) {
        *match rewrite {
            Rewrite::Mechanical => &mut self.mechanical,
            Rewrite::Suggestion => &mut self.suggestion,
            Rewrite::Advice => &mut self.advice,
        } += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    #[test]
    fn settling_sorts_counts_and_hides() {
        let mut analysis = samples::analysis();
        analysis.findings.reverse();
        analysis.settle(|_, own| Some(own), Severity::Warning);
        let rules: Vec<_> = analysis.findings.iter().map(|it| it.rule).collect();
        assert_eq!(rules, ["removed-hook", "changed-params"]);
        let summary = &analysis.summary;
        assert_eq!((summary.errors, summary.warnings, summary.infos), (1, 1, 0));
        assert_eq!(summary.hidden, 1);
        assert_eq!(summary.rewrites.mechanical, 1);
        assert_eq!(summary.rules["removed-hook"], 1);
    }

    #[test]
    fn a_rule_that_is_off_is_neither_shown_nor_counted_as_hidden() {
        let mut analysis = samples::analysis();
        let off = |rule: &str, own| (rule != "removed-hook").then_some(own);
        analysis.settle(off, Severity::Info);
        assert_eq!(analysis.findings.len(), 2);
        assert_eq!(analysis.summary.hidden, 0);
    }

    #[test]
    fn severities_of_the_configuration_count_before_the_minimum_does() {
        let mut analysis = samples::analysis();
        analysis.settle(|_, _| Some(Severity::Info), Severity::Warning);
        assert!(analysis.findings.is_empty());
        assert_eq!(analysis.summary.hidden, 3);
    }

    #[test]
    fn what_is_suppressed_is_counted_beside_all_else() {
        let mut analysis = samples::analysis();
        analysis.suppressed = analysis.findings.split_off(1);
        let off = |rule: &str, own| (rule != "granular-hook").then_some(own);
        analysis.settle(off, Severity::Error);
        assert_eq!((analysis.summary.suppressed, analysis.summary.hidden), (1, 0));
        assert_eq!((analysis.summary.errors, analysis.summary.warnings), (1, 0));
    }

    #[test]
    fn only_what_cannot_be_read_is_a_failure() {
        let mut analysis = samples::analysis();
        assert!(!analysis.failed());
        analysis.skipped.push(Skipped::unreadable("x.erl".into(), "gone".to_owned()));
        assert!(analysis.failed());
    }
}
