//! A report of `hookshift check` is read back. What is not one is refused with the reason.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::finding::Severity;
use crate::report::json::{self, Figures};

/// A report of `hookshift check`, as far as merging looks into it.
#[derive(Debug)]
pub struct CheckReport {
    pub(super) tool_version: String,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) summary: Figures,
    pub(super) findings: Vec<Map<String, Value>>,
    /// Of each finding, what it is counted by.
    pub(super) keys: Vec<Key>,
    pub(super) skipped: Vec<Map<String, Value>>,
}

/// What a finding is counted by.
#[derive(Debug, Deserialize)]
pub(super) struct Key {
    pub rule: String,
    pub severity: Severity,
}

/// The document, with nothing decided yet about its findings.
#[derive(Deserialize)]
struct Document {
    from: String,
    to: String,
    summary: Figures,
    findings: Vec<Map<String, Value>>,
    skipped: Vec<Map<String, Value>>,
}

impl CheckReport {
    /// Reads what `hookshift check --format json` writes.
    ///
    /// # Errors
    /// The reason, as a clause: it is no JSON, of another tool or command, of another version of the format, or contradicts
    /// itself.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        let document = parse_json(bytes)?;
        let tool_version = tool_version(&document)?;
        let document = Document::deserialize(&document).map_err(|error| format!("is no report of a check: {error}"))?;
        let keys: Vec<Key> = document.findings.iter().enumerate().map(key).collect::<Result<_, _>>()?;
        let report = Self {
            tool_version,
            from: document.from,
            to: document.to,
            summary: document.summary,
            findings: document.findings,
            keys,
            skipped: document.skipped,
        };
        report.count_again()?;
        Ok(report)
    }

    /// Figures and findings that contradict each other would make totals that nobody can trust.
    fn count_again(&self) -> Result<(), String> {
        let counted = |severity| self.keys.iter().filter(|key| key.severity == severity).count();
        for (severity, said) in [
            (Severity::Error, self.summary.errors),
            (Severity::Warning, self.summary.warnings),
            (Severity::Info, self.summary.infos),
        ] {
            let counted = counted(severity);
            if counted != said {
                return Err(format!(
                    "contradicts itself: its summary counts {said} of severity `{severity}`, its findings are {counted}"
                ));
            }
        }
        Ok(())
    }
}

fn key((index, finding): (usize, &Map<String, Value>)) -> Result<Key, String> {
    Key::deserialize(finding).map_err(|error| format!("has a finding that is none, number {}: {error}", index + 1))
}

/// The document in a file, which other programs may have put a byte order mark before.
pub(super) fn parse_json(bytes: &[u8]) -> Result<Value, String> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    if bytes.trim_ascii().is_empty() {
        return Err("is empty; the check that should have written it has failed".to_owned());
    }
    serde_json::from_slice(bytes).map_err(|error| format!("is no JSON: {error}"))
}

/// The version of the hookshift that wrote a report of a check in this version of the format.
fn tool_version(document: &Value) -> Result<String, String> {
    let tool = &document["tool"];
    match tool["name"].as_str() {
        Some(json_tool) if json_tool == json::TOOL.name => {}
        Some(other) => return Err(format!("is of another tool, `{other}`")),
        None => return Err("is no report of a check: it does not name its tool".to_owned()),
    }
    if document.get("repositories").is_some() {
        return Err("is merged already; name the reports of the single repositories".to_owned());
    }
    match document["version"].as_u64() {
        Some(version) if version == u64::from(json::VERSION) => {}
        Some(version) => {
            return Err(format!("is in version {version} of the format, and this hookshift reads {}", json::VERSION));
        }
        None => return Err("is no report of a check: it has no version".to_owned()),
    }
    Ok(tool["version"].as_str().unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn report() -> Value {
        let figures = json!({
            "files": 1, "modules": 1, "registrations": 1, "resolved": 1, "unresolved": 0, "deletions": 0,
            "errors": 1, "warnings": 0, "infos": 0, "hidden": 0, "suppressed": 0, "unreadable": 0, "not_analysed": 0,
            "rewrites": {"mechanical": 0, "suggestion": 0, "advice": 0},
        });
        json!({
            "version": 1, "tool": {"name": "hookshift", "version": "9.9.9"}, "from": "6.0.0", "to": "6.1.0", "summary": figures,
            "findings": [{"rule": "removed-hook", "severity": "error"}], "skipped": [], "more": "of a later version",
        })
    }

    fn refused(change: impl FnOnce(&mut Value)) -> String {
        let mut report = report();
        change(&mut report);
        CheckReport::parse(report.to_string().as_bytes()).unwrap_err()
    }

    #[test]
    fn a_report_is_read_whatever_is_added_to_it() {
        let mut text = b"\xEF\xBB\xBF".to_vec();
        text.extend(report().to_string().into_bytes());
        let read = CheckReport::parse(&text).unwrap();
        assert_eq!(read.tool_version, "9.9.9");
        assert_eq!(read.keys[0].rule, "removed-hook");
    }

    #[test]
    fn what_is_no_report_is_refused_with_the_reason() {
        let parse = |text: &str| CheckReport::parse(text.as_bytes()).unwrap_err();
        assert_eq!(parse(" \n"), "is empty; the check that should have written it has failed");
        assert_eq!(parse("{\"a\": "), "is no JSON: EOF while parsing a value at line 1 column 6");
        assert_eq!(parse("[]"), "is no report of a check: it does not name its tool");
        assert_eq!(refused(|it| it["tool"]["name"] = "ruff".into()), "is of another tool, `ruff`");
        assert_eq!(refused(|it| it["version"] = 7.into()), "is in version 7 of the format, and this hookshift reads 1");
        assert_eq!(refused(|it| it["version"] = "1".into()), "is no report of a check: it has no version");
        assert_eq!(
            refused(|it| it["repositories"] = json!([])),
            "is merged already; name the reports of the single repositories"
        );
        assert_eq!(
            refused(|it| drop(it.as_object_mut().unwrap().remove("summary"))),
            "is no report of a check: missing field `summary`"
        );
        assert_eq!(
            refused(|it| it["findings"][0]["severity"] = "fatal".into()),
            "has a finding that is none, number 1: unknown variant `fatal`, expected one of `info`, `warning`, `error`"
        );
    }

    #[test]
    fn a_report_that_contradicts_itself_is_refused() {
        assert_eq!(
            refused(|it| it["findings"] = json!([])),
            "contradicts itself: its summary counts 1 of severity `error`, its findings are 0"
        );
    }
}
