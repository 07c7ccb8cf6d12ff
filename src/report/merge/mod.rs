//! Reports of `hookshift check` from many repositories, joined: the reduce behind a map of one check for each repository.
//!
//! What a report has besides figures, findings and what was skipped, is of one run and left out.
//!
//! A report that is broken or missing is no empty one. It is listed with its reason in what comes out, whatever the format.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::json::{Figures, FindingOut, SkippedOut, TOOL, Tool};
use crate::finding::Severity;

mod html;
pub mod inputs;
mod read;
pub mod sarif;
mod summary;

pub use html::write_html;
pub use read::CheckReport;
pub use summary::{blocks, write_text};

/// The version of the output of `merge`.
pub const VERSION: u32 = 1;

/// The result of `hookshift merge`.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "hookshift merge")]
pub struct Merged {
    /// The version of this format.
    version: u32,
    tool: Tool,
    /// Over all repositories that are merged.
    summary: Summary,
    /// Rules that found something, the most frequent first.
    rules: Vec<RuleTotals>,
    /// What is merged, sorted by name.
    repositories: Vec<Repository>,
    /// What should have been merged and could not be, sorted by name.
    failed: Vec<Failed>,
    /// Sorted by repository, path and place.
    findings: Vec<Found>,
    /// What was not analysed, or not for sure: whole files, and parts of files. Sorted by repository.
    skipped: Vec<Skipped>,
}

/// Figures over all repositories.
#[derive(Default, Serialize, JsonSchema)]
struct Summary {
    /// Repositories whose reports are merged.
    repositories: usize,
    /// Repositories among them with findings.
    with_findings: usize,
    /// Repositories whose reports could not be merged; nothing of them is in any other figure.
    failed: usize,
    #[serde(flatten)]
    figures: Figures,
}

/// How often a rule found something.
#[derive(Serialize, JsonSchema)]
struct RuleTotals {
    rule: String,
    findings: usize,
    errors: usize,
    warnings: usize,
    infos: usize,
    /// In how many repositories.
    repositories: usize,
}

/// A repository with the figures of its report.
#[derive(Serialize, JsonSchema)]
struct Repository {
    name: String,
    /// The file of its report, as it was named.
    report: String,
    /// The release that its code is written for.
    from: String,
    /// The release that it shall run on.
    to: String,
    /// The hookshift that checked it.
    tool_version: String,
    summary: Figures,
    /// Findings by rule.
    rules: BTreeMap<String, usize>,
}

/// A repository whose report could not be merged.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Failed {
    pub name: String,
    /// The file that was expected to be its report; null when there is none.
    pub report: Option<String>,
    pub reason: String,
}

/// A finding of `hookshift check`, with the repository that has it.
#[derive(Serialize, JsonSchema)]
struct Found {
    repository: String,
    /// As it is in the repository's report; paths are those of there.
    #[serde(flatten)]
    #[schemars(with = "FindingOut<'static>")]
    finding: Map<String, Value>,
}

/// What was skipped, with the repository in which it is.
#[derive(Serialize, JsonSchema)]
struct Skipped {
    repository: String,
    #[serde(flatten)]
    #[schemars(with = "SkippedOut<'static>")]
    skipped: Map<String, Value>,
}

/// The report of one repository.
pub struct Shard {
    pub name: String,
    /// Its file, as it was named.
    pub file: String,
    pub report: CheckReport,
}

impl Merged {
    /// Joins reports, in whatever order they come.
    #[must_use]
    pub fn of(mut shards: Vec<Shard>, mut failed: Vec<Failed>) -> Self {
        shards.sort_by(|a, b| a.name.cmp(&b.name));
        failed.sort();
        let mut merged = Self {
            version: VERSION,
            tool: TOOL,
            summary: Summary::default(),
            rules: rules(&shards),
            repositories: Vec::new(),
            failed,
            findings: Vec::new(),
            skipped: Vec::new(),
        };
        merged.summary.failed = merged.failed.len();
        for shard in shards {
            merged.push(shard);
        }
        merged
    }

    fn push(&mut self, Shard { name, file, report }: Shard) {
        self.summary.repositories += 1;
        self.summary.with_findings += usize::from(!report.findings.is_empty());
        self.summary.figures.add(&report.summary);
        let mut rules = BTreeMap::new();
        for key in &report.keys {
            *rules.entry(key.rule.clone()).or_default() += 1;
        }
        let repository = || name.clone();
        let findings = report.findings.into_iter().map(|finding| Found { repository: repository(), finding });
        self.findings.extend(findings);
        let skipped = report.skipped.into_iter().map(|skipped| Skipped { repository: repository(), skipped });
        self.skipped.extend(skipped);
        self.repositories.push(Repository {
            name,
            report: file,
            from: report.from,
            to: report.to,
            tool_version: report.tool_version,
            summary: report.summary,
            rules,
        });
    }

    /// Whether anything was found anywhere.
    #[must_use]
    pub fn has_findings(&self) -> bool {
        self.summary.with_findings > 0
    }

    /// Whether the job could not be done for everything: a report is missing or broken, or says so itself.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        !self.failed.is_empty() || self.summary.figures.unreadable > 0
    }

    /// What could not be merged.
    #[must_use]
    pub fn failed(&self) -> &[Failed] {
        &self.failed
    }
}

/// The most frequent first, names in order among equals.
fn rules(shards: &[Shard]) -> Vec<RuleTotals> {
    let mut totals: BTreeMap<&str, (RuleTotals, BTreeSet<&str>)> = BTreeMap::new();
    for shard in shards {
        for key in &shard.report.keys {
            let (total, repositories) =
                totals.entry(&key.rule).or_insert_with(|| (RuleTotals::new(&key.rule), BTreeSet::new()));
            total.findings += 1;
            match key.severity {
                Severity::Error => total.errors += 1,
                Severity::Warning => total.warnings += 1,
                Severity::Info => total.infos += 1,
            }
            repositories.insert(&shard.name);
        }
    }
    let totals = totals.into_values();
    let mut totals: Vec<_> =
        totals.map(|(total, repositories)| RuleTotals { repositories: repositories.len(), ..total }).collect();
    totals.sort_by(|a, b| b.findings.cmp(&a.findings).then_with(|| a.rule.cmp(&b.rule)));
    totals
}

impl RuleTotals {
    fn new(rule: &str) -> Self {
        Self { rule: rule.to_owned(), findings: 0, errors: 0, warnings: 0, infos: 0, repositories: 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::analysis::Analysis;
    use crate::report::json::Json;
    use crate::report::{Report, samples, schema};

    /// What `check` writes of a made-up analysis.
    fn checked(analysis: &mut Analysis) -> Vec<u8> {
        analysis.settle(|_, own| Some(own), Severity::Info);
        let mut out = Vec::new();
        Json.write(&samples::run(analysis), &mut out).unwrap();
        out
    }

    fn shard(name: &str, analysis: &mut Analysis) -> Shard {
        let report = CheckReport::parse(&checked(analysis)).unwrap();
        Shard { name: name.to_owned(), file: format!("{name}.json"), report }
    }

    fn failed(name: &str) -> Failed {
        Failed { name: name.to_owned(), report: None, reason: "there is no report".to_owned() }
    }

    fn merged() -> Value {
        let shards = vec![
            shard("b", &mut samples::analysis()),
            shard("a", &mut samples::analysis()),
            shard("c", &mut <_>::default()),
        ];
        serde_json::to_value(Merged::of(shards, vec![failed("z"), failed("d")])).unwrap()
    }

    #[test]
    fn totals_are_the_sums_of_the_reports() {
        let merged = merged();
        let one: Value = serde_json::from_slice(&checked(&mut samples::analysis())).unwrap();
        for figure in ["files", "modules", "registrations", "resolved", "unresolved", "errors", "warnings", "infos"] {
            let sum = 2 * one["summary"][figure].as_u64().unwrap();
            assert_eq!(merged["summary"][figure], sum, "{figure}");
            assert_eq!(merged["repositories"][1]["summary"][figure], one["summary"][figure], "{figure}");
        }
        assert_eq!(merged["summary"]["rewrites"]["mechanical"], 2);
        assert_eq!(merged["summary"]["repositories"], 3);
        assert_eq!(merged["summary"]["with_findings"], 2);
        assert_eq!(merged["summary"]["failed"], 2);
        assert_eq!(merged["rules"][0]["rule"], "changed-params");
        assert_eq!(merged["rules"][0]["findings"], 2);
        assert_eq!(merged["rules"][0]["repositories"], 2);
        assert_eq!(merged["repositories"][0]["rules"]["removed-hook"], 1);
    }

    #[test]
    fn findings_are_as_they_were_and_say_where_they_belong() {
        let merged = merged();
        let one: Value = serde_json::from_slice(&checked(&mut samples::analysis())).unwrap();
        let findings = merged["findings"].as_array().unwrap();
        assert_eq!(findings.len(), 6);
        let mut first = findings[0].clone();
        assert_eq!(first.as_object_mut().unwrap().remove("repository"), Some("a".into()));
        assert_eq!(first, one["findings"][0]);
        assert_eq!(findings[5]["repository"], "b");
        assert_eq!(merged["skipped"][0]["repository"], "a");
        assert_eq!(merged["failed"][0]["name"], "d");
    }

    #[test]
    fn what_merge_prints_fits_its_schema() {
        let validator = jsonschema::validator_for(&schema::merge()).unwrap();
        let mut merged = merged();
        let errors: Vec<_> =
            validator.iter_errors(&merged).map(|it| format!("{it} at {}", it.instance_path())).collect();
        assert!(errors.is_empty(), "{errors:#?}");
        merged["findings"][0]["severity"] = "fatal".into();
        assert!(!validator.is_valid(&merged));
        merged["findings"][0]["severity"] = "error".into();
        assert!(validator.is_valid(&merged));
        merged["findings"][0].as_object_mut().unwrap().remove("repository");
        assert!(!validator.is_valid(&merged));
    }

    #[test]
    fn a_report_that_could_not_read_all_makes_the_whole_incomplete() {
        let mut analysis = Analysis::default();
        analysis.skipped.push(crate::check::analysis::Skipped::unreadable("x.erl".into(), "gone".to_owned()));
        assert!(Merged::of(vec![shard("a", &mut analysis)], Vec::new()).is_incomplete());
        assert!(!Merged::of(vec![shard("a", &mut samples::analysis())], Vec::new()).is_incomplete());
        assert!(Merged::of(Vec::new(), vec![failed("a")]).is_incomplete());
    }
}
