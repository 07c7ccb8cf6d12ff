//! SARIF reports of many repositories, joined into as few files as code scanning takes: a run for each run of each report.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::Failed;
use super::read::parse_json;
use crate::report::json::TOOL;

/// How many runs GitHub's code scanning takes in a file; it refuses the whole of one that has more.
pub const MOST_RUNS: usize = 20;

/// The SARIF report of one repository.
#[derive(Debug)]
pub struct SarifReport {
    /// Each is an object.
    runs: Vec<Map<String, Value>>,
    schema: Option<Value>,
}

/// Reports that are joined, sorted by repository.
#[derive(Debug, Default)]
pub struct JoinedRuns {
    runs: Vec<Value>,
    schema: Option<Value>,
    has_findings: bool,
    failed: Vec<Failed>,
}

impl SarifReport {
    /// Reads what `hookshift check --format sarif` writes.
    ///
    /// # Errors
    /// The reason, as a clause: it is no JSON, no SARIF 2.1.0, or of another tool.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        let mut document = parse_json(bytes)?;
        match document["version"].as_str() {
            Some("2.1.0") => {}
            Some(other) => return Err(format!("is SARIF {other}, and 2.1.0 is read")),
            None => return Err("is no SARIF: it has no version".to_owned()),
        }
        let Value::Array(runs) = document["runs"].take() else {
            return Err("is no SARIF: it has no runs".to_owned());
        };
        if runs.is_empty() {
            return Err("has no run; the check that should have written one has failed".to_owned());
        }
        let runs = runs.into_iter().map(run).collect::<Result<_, _>>()?;
        Ok(Self { runs, schema: document.get_mut("$schema").map(Value::take) })
    }
}

fn run(run: Value) -> Result<Map<String, Value>, String> {
    let is_list = |value: &Value| value.is_array() || value.is_null();
    if !is_list(&run["results"]) {
        return Err("has a run whose results are no list".to_owned());
    }
    match (run["tool"]["driver"]["name"].as_str().map(str::to_owned), run) {
        (Some(name), Value::Object(run)) if name == TOOL.name => Ok(run),
        (Some(other), _) => Err(format!("is of another tool, `{other}`")),
        (None, _) => Err("has a run that does not name its tool".to_owned()),
    }
}

impl JoinedRuns {
    /// Joins reports with the names of their repositories, in whatever order they come. No two runs get the same
    /// `automationDetails.id`: code scanning takes what comes later with the same one for news about the same code.
    ///
    /// What failed gets no run, as a run without results would close all alerts of its repository; it stands in the properties of
    /// each document.
    #[must_use]
    pub fn of(mut reports: Vec<(String, SarifReport)>, mut failed: Vec<Failed>) -> Self {
        reports.sort_by(|(a, _), (b, _)| a.cmp(b));
        failed.sort();
        let mut joined = Self { failed, ..Self::default() };
        let mut taken = BTreeSet::new();
        for (name, report) in reports {
            joined.schema = joined.schema.or(report.schema);
            for mut run in report.runs {
                joined.has_findings |= has_findings(&run);
                set_repository(&mut run, &name, &mut taken);
                joined.runs.push(Value::Object(run));
            }
        }
        joined
    }

    /// Whether a run has a finding that is neither suppressed nor known from a baseline.
    #[must_use]
    pub fn has_findings(&self) -> bool {
        self.has_findings
    }

    /// What could not be joined.
    #[must_use]
    pub fn failed(&self) -> &[Failed] {
        &self.failed
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.runs.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// One document with all runs.
    #[must_use]
    pub fn document(&self) -> Value {
        self.document_of(&self.runs)
    }

    /// Documents of at most [`MOST_RUNS`] runs each, in order; one document without runs where there are none.
    #[must_use]
    pub fn documents(&self) -> Vec<Value> {
        if self.runs.is_empty() {
            return vec![self.document()];
        }
        self.runs.chunks(MOST_RUNS).map(|runs| self.document_of(runs)).collect()
    }

    fn document_of(&self, runs: &[Value]) -> Value {
        let schema = self.schema.clone().unwrap_or_else(|| "https://json.schemastore.org/sarif-2.1.0.json".into());
        let mut document = json!({"$schema": schema, "version": "2.1.0", "runs": runs});
        if !self.failed.is_empty() {
            document["properties"] = json!({"failed": self.failed});
        }
        document
    }
}

fn has_findings(run: &Map<String, Value>) -> bool {
    let results = run.get("results").and_then(Value::as_array);
    results.into_iter().flatten().any(|result| {
        let is_suppressed = result["suppressions"].as_array().is_some_and(|it| !it.is_empty());
        let is_known = matches!(result["baselineState"].as_str(), Some("unchanged" | "absent"));
        !is_suppressed && !is_known
    })
}

/// Says in a run which repository it is of: in the category, which is all of `automationDetails.id` up to its last slash, and
/// in the run's properties.
fn set_repository(run: &mut Map<String, Value>, name: &str, taken: &mut BTreeSet<String>) {
    let details = object(run, "automationDetails");
    let own = details.get("id").and_then(Value::as_str).unwrap_or(TOOL.name);
    let base = format!("{}/{name}", own.trim_end_matches('/'));
    let mut ids = std::iter::once(format!("{base}/")).chain((2..).map(|number| format!("{base}/{number}/")));
    let id = ids.find(|id| taken.insert(id.clone())).unwrap_or(base);
    details.insert("id".to_owned(), id.into());
    // What identifies a run among all others was made for the report as it was.
    details.remove("guid");
    object(run, "properties").insert("repository".to_owned(), name.into());
}

/// The object under a key, which is made when there is none.
fn object<'a>(parent: &'a mut Map<String, Value>, key: &str) -> &'a mut Map<String, Value> {
    let value = parent.entry(key).or_insert_with(|| json!({}));
    if !value.is_object() {
        *value = json!({});
    }
    value.as_object_mut().expect("just made one")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(id: Option<&str>, results: Value) -> SarifReport {
        let mut run = json!({"tool": {"driver": {"name": "hookshift"}}, "results": results});
        if let Some(id) = id {
            run["automationDetails"] = json!({"id": id, "guid": "1"});
        }
        let document = json!({"$schema": "https://example.org/sarif.json", "version": "2.1.0", "runs": [run]});
        SarifReport::parse(document.to_string().as_bytes()).unwrap()
    }

    fn ids(document: &Value) -> Vec<&str> {
        let runs = document["runs"].as_array().unwrap();
        runs.iter().map(|run| run["automationDetails"]["id"].as_str().unwrap()).collect()
    }

    #[test]
    fn each_repository_has_a_category_of_its_own() {
        let reports = vec![
            ("b".to_owned(), report(Some("hookshift/6.0.0-6.1.0/"), json!([]))),
            ("esl/a".to_owned(), report(None, json!([]))),
            ("a".to_owned(), report(Some("x"), json!([]))),
        ];
        let document = JoinedRuns::of(reports, Vec::new()).document();
        assert_eq!(ids(&document), ["x/a/", "hookshift/6.0.0-6.1.0/b/", "hookshift/esl/a/"]);
        assert_eq!(document["runs"][1]["properties"]["repository"], "b");
        assert!(document["runs"][1]["automationDetails"]["guid"].is_null());
        assert_eq!(document["$schema"], "https://example.org/sarif.json");
    }

    #[test]
    fn names_that_would_meet_are_kept_apart() {
        let reports =
            vec![("a/b".to_owned(), report(Some("x/"), json!([]))), ("b".to_owned(), report(Some("x/a/"), json!([])))];
        assert_eq!(ids(&JoinedRuns::of(reports, Vec::new()).document()), ["x/a/b/", "x/a/b/2/"]);
    }

    #[test]
    fn files_have_as_many_runs_as_code_scanning_takes() {
        let reports = |count: usize| (0..count).map(|it| (format!("r{it:02}"), report(None, json!([])))).collect();
        let sizes = |count| {
            let documents = JoinedRuns::of(reports(count), Vec::new()).documents();
            documents.iter().map(|it| it["runs"].as_array().unwrap().len()).collect::<Vec<_>>()
        };
        assert_eq!(sizes(0), [0]);
        assert_eq!(sizes(20), [20]);
        assert_eq!(sizes(43), [20, 20, 3]);
        let joined = JoinedRuns::of(reports(43), Vec::new());
        assert_eq!(joined.len(), 43);
        assert_eq!(ids(&joined.documents()[2]), ["hookshift/r40/", "hookshift/r41/", "hookshift/r42/"]);
    }

    #[test]
    fn what_failed_is_named_and_has_no_run() {
        let failed = Failed { name: "a".to_owned(), report: None, reason: "has no SARIF report".to_owned() };
        let document = JoinedRuns::of(Vec::new(), vec![failed]).document();
        assert_eq!(document["runs"], json!([]));
        assert_eq!(document["properties"]["failed"][0]["reason"], "has no SARIF report");
    }

    #[test]
    fn what_is_suppressed_or_known_is_not_found() {
        let has = |results| JoinedRuns::of(vec![("a".to_owned(), report(None, results))], Vec::new()).has_findings();
        assert!(!has(json!([])));
        assert!(!has(json!([{"suppressions": [{"kind": "inSource"}]}, {"baselineState": "unchanged"}])));
        assert!(has(json!([{"suppressions": []}])));
        assert!(has(json!([{"baselineState": "new"}])));
    }

    #[test]
    fn what_is_no_report_is_refused_with_the_reason() {
        let parse = |value: Value| SarifReport::parse(value.to_string().as_bytes()).unwrap_err();
        assert_eq!(parse(json!([])), "is no SARIF: it has no version");
        assert_eq!(parse(json!({"version": "2.0.0"})), "is SARIF 2.0.0, and 2.1.0 is read");
        assert_eq!(parse(json!({"version": "2.1.0"})), "is no SARIF: it has no runs");
        let runs = |runs: Value| parse(json!({"version": "2.1.0", "runs": runs}));
        assert_eq!(runs(json!([])), "has no run; the check that should have written one has failed");
        assert_eq!(runs(json!([1])), "has a run that does not name its tool");
        assert_eq!(runs(json!([{"tool": {"driver": {"name": "CodeQL"}}}])), "is of another tool, `CodeQL`");
        let no_list = json!([{"tool": {"driver": {"name": "hookshift"}}, "results": 1}]);
        assert_eq!(runs(no_list), "has a run whose results are no list");
    }
}
