//! Each report of a run, by its schema, by who reads it, and beside the findings in JSON.

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;

use serde_json::{Value, json};

use super::{Reports, apply, count, tools};

fn array(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("no array: {value}"))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

fn number(value: &Value) -> usize {
    usize::try_from(value.as_u64().unwrap_or_else(|| panic!("no number: {value}"))).unwrap()
}

/// As a number that stands in a text.
fn written(value: &Value) -> usize {
    text(value).parse().unwrap()
}

impl Reports {
    /// The place where a finding starts: its file, canonical, and the line.
    fn place(&self, finding: &Value) -> (PathBuf, usize) {
        (self.found(text(&finding["path"])), number(&finding["range"]["start"]["line"]))
    }

    /// A file by its path from where the program ran.
    fn found(&self, path: &str) -> PathBuf {
        let path = self.directory.join(path);
        path.canonicalize().unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// A file by its path from the root of the repository.
    fn found_in_repository(&self, path: &str) -> PathBuf {
        let path = self.root.join(path);
        path.canonicalize().unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    fn of_severity(&self, severity: &str) -> usize {
        self.findings().iter().filter(|it| it["severity"] == severity).count()
    }
}

pub fn sarif(reports: &Reports) {
    let file = reports.file("sarif");
    let log = reports.value("sarif");
    let package = tools::multitool().get_program().to_owned();
    let schema = PathBuf::from(package).with_file_name("sarif-2.1.0.json");
    tools::assert_valid(&tools::schema(&schema), &log, "sarif");

    // What Microsoft's validator says, with the rules that GitHub ingests by.
    let verdict = tempfile::tempdir().unwrap();
    let verdict = verdict.path().join("verdict.sarif");
    let mut validate = tools::multitool();
    validate.arg("validate").arg(&file).args(["--rule-kind", "Sarif;Gh", "--level", "Error;Warning"]);
    tools::output(
        validate.args(["--log", "ForceOverwrite", "--max-file-size-in-kb", "1000000", "-o"]).arg(&verdict),
        b"",
    );
    let verdict: Value = serde_json::from_slice(&std::fs::read(verdict).unwrap()).unwrap();
    let said = array(&verdict["runs"][0]["results"]);
    assert!(said.is_empty(), "{said:#?}");
    let invocation = &verdict["runs"][0]["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], true, "{invocation}");

    let run = &log["runs"][0];
    let results = array(&run["results"]);
    assert_eq!(results.len(), reports.findings().len());
    let rules = array(&run["tool"]["driver"]["rules"]);
    let mut alerts = HashSet::new();
    for (result, finding) in results.iter().zip(reports.findings()) {
        assert_eq!(result["ruleId"], finding["rule"]);
        assert_eq!(rules[number(&result["ruleIndex"])]["id"], finding["rule"]);
        assert_eq!(
            result["level"],
            if finding["severity"] == "info" { json!("note") } else { finding["severity"].clone() }
        );
        let place = &result["locations"][0]["physicalLocation"];
        let path = reports.found_in_repository(&apply::decoded(text(&place["artifactLocation"]["uri"])));
        let (region, range) = (&place["region"], &finding["range"]);
        assert_eq!((path.clone(), number(&region["startLine"])), reports.place(finding));
        assert_eq!(region["startColumn"], range["start"]["column"]);
        assert_eq!((&region["endLine"], &region["endColumn"]), (&range["end"]["line"], &range["end"]["column"]));
        let fingerprints = &result["partialFingerprints"];
        assert_eq!(fingerprints["hookshiftFinding/v1"], finding["fingerprint"]);
        let alert = (text(&result["ruleId"]), path, text(&fingerprints["primaryLocationLineHash"]));
        assert!(alerts.insert(alert), "merged: {result}");
        // Every link of the message leads somewhere.
        for id in 1..=array(&finding["related"]).len() {
            assert!(text(&result["message"]["text"]).contains(&format!("]({id})")), "{result}");
            assert_eq!(result["relatedLocations"][id - 1]["id"], id);
        }
    }
    let notifications = array(&run["invocations"][0]["toolExecutionNotifications"]);
    assert_eq!(notifications.len(), array(&reports.json["skipped"]).len());
    assert_eq!(run["invocations"][0]["executionSuccessful"], reports.unreadable() == 0);
    line_hashes(&log);

    // A reader of many tools' reports counts the same.
    let directory = tempfile::tempdir().unwrap();
    let csv = directory.path().join("sarif.csv");
    tools::output(tools::python("sarif").arg("csv").arg("-o").arg(&csv).arg(&file), b"");
    let read = "import csv, json, sys; print(json.dumps([row['Code'] for row in csv.DictReader(open(sys.argv[1]))]))";
    let codes: Value =
        serde_json::from_str(&tools::output(tools::python("python").args(["-c", read]).arg(&csv), b"")).unwrap();
    assert_eq!(count(array(&codes).iter().map(text)), reports.rules());
}

/// What GitHub tells alerts by is what others compute for it, but for a further one of a rule in a line.
fn line_hashes(log: &Value) {
    let mut bare = log.clone();
    let results = bare["runs"][0]["results"].as_array_mut().unwrap();
    let own: Vec<String> = results
        .iter_mut()
        .map(|result| {
            let hash = result["partialFingerprints"].as_object_mut().unwrap().remove("primaryLocationLineHash");
            text(&hash.unwrap()).to_owned()
        })
        .collect();
    let directory = tempfile::tempdir().unwrap();
    let (before, after) = (directory.path().join("before.sarif"), directory.path().join("after.sarif"));
    std::fs::write(&before, bare.to_string()).unwrap();
    let mut rewrite = tools::multitool();
    rewrite.arg("rewrite").arg(&before).args(["--insert", "RollingHashPartialFingerprints", "-o"]).arg(&after);
    tools::output(&mut rewrite, b"");
    let log: Value = serde_json::from_slice(&std::fs::read(after).unwrap()).unwrap();
    for (own, result) in own.iter().zip(array(&log["runs"][0]["results"])) {
        let theirs = text(&result["partialFingerprints"]["primaryLocationLineHash"]);
        assert!(own == theirs || own.starts_with(&format!("{theirs}:")), "{own}: {result}");
    }
}

/// A workflow command as a runner reads it.
fn command(line: &str) -> Value {
    let (head, message) = line.strip_prefix("::").and_then(|rest| rest.split_once("::")).unwrap();
    let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
    let data = |text: &str| text.replace("%0D", "\r").replace("%0A", "\n");
    let pairs = properties.split(',').filter(|it| !it.is_empty()).map(|pair| {
        let (key, value) = pair.split_once('=').unwrap();
        json!([key, data(value).replace("%3A", ":").replace("%2C", ",").replace("%25", "%")])
    });
    json!({"name": name, "properties": pairs.collect::<Vec<_>>(), "message": data(message).replace("%25", "%")})
}

fn property<'a>(command: &'a Value, key: &str) -> &'a str {
    let pair = array(&command["properties"]).iter().find(|pair| pair[0] == key);
    text(&pair.unwrap_or_else(|| panic!("no {key}: {command}"))[1])
}

pub fn github(reports: &Reports) {
    let output = reports.text("github");
    let lines: Vec<&str> = output.lines().collect();
    let stop = lines.iter().position(|line| line.starts_with("::stop-commands::")).unwrap();
    let token = lines[stop].strip_prefix("::stop-commands::").unwrap();
    let (commands, log) = (&lines[..stop], &lines[stop + 1..]);
    let (last, log) = log.split_last().unwrap();
    assert_eq!(*last, format!("::{token}::"));
    assert!(!log.iter().any(|line| line.contains(token)));

    let commands: Vec<Value> = commands.iter().map(|line| command(line)).collect();
    let issued = tools::workflow_commands(&Value::Array(commands.clone()));
    assert_eq!(issued, lines[..stop].iter().map(|line| format!("{line}\n")).collect::<String>());

    let (unreadable, annotations) = commands.split_at(reports.unreadable());
    assert!(unreadable.iter().all(|it| property(it, "title") == "hookshift: unreadable"));
    let mut expected = Vec::new();
    for (severity, most) in [("error", 10 - unreadable.len()), ("warning", 10), ("info", 10)] {
        expected.extend(reports.findings().iter().filter(|it| it["severity"] == severity).take(most));
    }
    assert_eq!(annotations.len(), expected.len());
    for (command, finding) in annotations.iter().zip(&expected) {
        let name = if finding["severity"] == "info" { "notice" } else { text(&finding["severity"]) };
        assert_eq!(command["name"], name);
        assert_eq!(property(command, "title"), format!("hookshift: {}", text(&finding["rule"])));
        let line = property(command, "line").parse().unwrap();
        assert_eq!((reports.found_in_repository(property(command, "file")), line), reports.place(finding));
        let has_columns = array(&command["properties"]).iter().any(|pair| pair[0] == "col");
        assert_eq!(has_columns, finding["range"]["start"]["line"] == finding["range"]["end"]["line"]);
    }
    let listed = log.iter().filter(|line| reports.rules().keys().any(|rule| line.contains(&format!("[{rule}] "))));
    assert_eq!(listed.count(), reports.findings().len() - expected.len());
    let says = format!("{} of {} findings are annotated", expected.len(), reports.findings().len());
    assert_eq!(log.iter().any(|line| line.starts_with(&says)), expected.len() < reports.findings().len());
}

pub fn gitlab(reports: &Reports) {
    let report = reports.value("gitlab");
    tools::assert_valid(&tools::schema(&tools::beside("gitlab.schema.json")), &report, "gitlab");
    assert!(!reports.bytes("gitlab").starts_with(b"\xEF\xBB\xBF"));
    let (findings, unreadable) = array(&report).split_at(reports.findings().len());
    assert_eq!(unreadable.len(), reports.unreadable());
    for (entry, finding) in findings.iter().zip(reports.findings()) {
        assert_eq!((&entry["check_name"], &entry["fingerprint"]), (&finding["rule"], &finding["fingerprint"]));
        let path = reports.found_in_repository(text(&entry["location"]["path"]));
        assert_eq!((path, number(&entry["location"]["lines"]["begin"])), reports.place(finding));
        assert!(text(&entry["description"]).starts_with(&format!("{}: ", text(&finding["rule"]))));
    }
    let fingerprints: HashSet<&str> = array(&report).iter().map(|it| text(&it["fingerprint"])).collect();
    assert_eq!(fingerprints.len(), array(&report).len());
}

pub fn rdjson(reports: &Reports) {
    let report = reports.value("rdjson");
    tools::assert_valid(&tools::schema(&tools::beside("rdf.schema.json")), &report, "rdjson");
    tools::is_valid_rdjson(&reports.file("rdjson"));
    let diagnostics = array(&report["diagnostics"]);
    let lines: Vec<Value> = reports.text("rdjsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(diagnostics, lines);
    assert_eq!(diagnostics.len(), reports.findings().len());
    for (diagnostic, finding) in diagnostics.iter().zip(reports.findings()) {
        assert_eq!(diagnostic["code"]["value"], finding["rule"]);
        assert_eq!(diagnostic["severity"], text(&finding["severity"]).to_uppercase());
        let location = &diagnostic["location"];
        let path = reports.found(text(&location["path"]));
        let bytes = std::fs::read(&path).unwrap();
        for end in ["start", "end"] {
            let (position, at) = (&location["range"][end], &finding["range"][end]);
            assert_eq!(position["line"], at["line"]);
            let byte = number(&at["byte"]);
            let line_start = bytes[..byte].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
            assert_eq!(number(&position["column"]), byte - line_start + 1, "{diagnostic}");
        }
        assert_eq!(array(&finding["related"]).len(), diagnostic["related_locations"].as_array().map_or(0, Vec::len));
    }
}

pub fn checkstyle(reports: &Reports) {
    let errors = tools::read_xml("checkstyle", &tools::beside("checkstyle.xsd"), &reports.file("checkstyle"));
    let (findings, unreadable) = array(&errors).split_at(reports.findings().len());
    assert_eq!(unreadable.len(), reports.unreadable());
    for (error, finding) in findings.iter().zip(reports.findings()) {
        assert_eq!(text(&error["source"]), format!("hookshift.{}", text(&finding["rule"])));
        assert_eq!((reports.found(text(&error["file"])), written(&error["line"])), reports.place(finding));
        assert_eq!(written(&error["column"]), number(&finding["range"]["start"]["column"]));
        assert_eq!(error["severity"], finding["severity"]);
        // Line ends come through.
        assert_eq!(text(&error["message"]).contains("\nHelp: "), finding["help"].is_string());
    }
}

pub fn junit(reports: &Reports) {
    let report = tools::read_xml("junit", &tools::tools().join("junit-10.xsd"), &reports.file("junit"));
    let (findings, unreadable) = (reports.findings().len(), reports.unreadable());
    assert_eq!(
        (number(&report["tests"]), number(&report["failures"]), number(&report["errors"])),
        (1 + findings + unreadable, findings, unreadable)
    );
    let cases = array(&report["cases"]);
    assert_eq!(cases.len(), 1 + findings + unreadable);
    assert!(array(&cases[0]["results"]).is_empty());
    assert!(text(&cases[0]["output"]).contains(" → 6.1.0: "));
    for (case, finding) in cases[1..].iter().zip(reports.findings()) {
        let rule = text(&finding["rule"]);
        assert!(text(&case["name"]).starts_with(&format!("{rule}: ")), "{case}");
        let [failure] = array(&case["results"]) else { panic!("{case}") };
        assert_eq!((&failure["kind"], &failure["type"]), (&json!("Failure"), &finding["severity"]));
        let start = &finding["range"]["start"];
        let place = format!("{}:{}:{}: ", text(&case["suite"]), start["line"], start["column"]);
        assert!(text(&failure["text"]).starts_with(&place), "{failure}");
        assert_eq!(reports.found(text(&case["suite"])), reports.place(finding).0);
    }
    let names: HashSet<_> =
        cases.iter().map(|it| (text(&it["suite"]), text(&it["class"]), text(&it["name"]))).collect();
    assert_eq!(names.len(), cases.len());
}

pub fn markdown(reports: &Reports) {
    let read = tools::read_markdown(&reports.file("markdown"));
    assert!(array(&read["images"]).is_empty());
    for html in array(&read["html"]) {
        let is_ours = text(html).trim().lines().all(|line| {
            let is_summary = line.starts_with("<summary><code>")
                && line.ends_with("</summary>")
                && line.matches('<').count() == 4
                && line.matches("</code>: ").count() == 1;
            line == "<details>" || line == "</details>" || is_summary
        });
        assert!(is_ours, "{html}");
    }
    let has_skipped = !array(&reports.json["skipped"]).is_empty();
    assert_eq!(number(&read["headings"]), 1 + usize::from(has_skipped));
    let links: Vec<&str> = array(&read["links"]).iter().map(text).collect();
    // One in the table, and one at each finding.
    let mut rules: BTreeMap<String, usize> = count(
        links.iter().filter_map(|link| link.split_once("/docs/rules/").and_then(|(_, page)| page.strip_suffix(".md"))),
    );
    let rows: HashSet<(&str, &str)> =
        reports.findings().iter().map(|it| (text(&it["severity"]), text(&it["rule"]))).collect();
    for (_, rule) in rows {
        *rules.get_mut(rule).unwrap() -= 1;
    }
    let shown: usize = rules.values().sum();
    let lines: Vec<(PathBuf, usize)> = links
        .iter()
        .filter_map(|link| link.split_once("#L"))
        .map(|(path, line)| (reports.found_in_repository(&apply::decoded(path)), line.parse().unwrap()))
        .collect();
    assert_eq!(lines.len(), shown);
    let places: HashSet<_> = reports.findings().iter().map(|it| reports.place(it)).collect();
    assert!(lines.iter().all(|place| places.contains(place)));
    match text(&read["text"]).split_once(" entries, the least severe, are not shown here") {
        None => assert_eq!(rules, reports.rules()),
        Some((before, _)) => {
            let (_, numbers) = before.rsplit_once('\n').unwrap();
            let (left, all) = numbers.split_once(" of ").unwrap();
            let (left, all): (usize, usize) = (left.parse().unwrap(), all.parse().unwrap());
            assert_eq!(all, reports.findings().len() + array(&reports.json["skipped"]).len());
            assert_eq!(shown + left, all);
            // Where something is shown, all that is worse is shown.
            let shown = count(text(&read["text"]).lines());
            let shown = |severity: &str| shown.get(severity).copied().unwrap_or_default();
            let is_all = |severity: &str| shown(severity) == reports.of_severity(severity) + 1;
            assert!(shown("warning") <= 1 || is_all("error"));
            assert!(shown("info") <= 1 || is_all("warning"));
        }
    }
}

/// What readers of the formats make of the fixes in them is what hookshift makes of them; at least so many are compared.
pub fn fixes(reports: &Reports, at_least: usize) {
    let (sarif, rdjson) = (reports.value("sarif"), reports.value("rdjson"));
    let results = array(&sarif["runs"][0]["results"]);
    let diagnostics = array(&rdjson["diagnostics"]);
    let (mut compared, mut told) = (0, 0);
    for ((finding, result), diagnostic) in reports.findings().iter().zip(results).zip(diagnostics) {
        let (fixes, suggestions) = (result.get("fixes"), diagnostic.get("suggestions"));
        if finding["fix"].is_null() {
            assert!(fixes.is_none() && suggestions.is_none(), "{finding}");
            continue;
        }
        let expected: apply::Changed = apply::json(&finding["fix"], &reports.directory)
            .into_iter()
            .map(|(path, bytes)| (path.canonicalize().unwrap(), bytes))
            .collect();
        let [fix] = array(fixes.unwrap()) else { panic!("{result}") };
        assert_eq!(apply::sarif(fix, &reports.root), expected);
        match suggestions {
            Some(suggestions) => {
                let [suggestion] = array(suggestions) else { panic!("{diagnostic}") };
                let path = reports.found(text(&diagnostic["location"]["path"]));
                assert_eq!(apply::rdjson(suggestion, path), expected);
                compared += 1;
            }
            None => {
                assert!(text(&diagnostic["message"]).contains("`hookshift fix` can write it: "), "{diagnostic}");
                told += 1;
            }
        }
        let is_safe = finding["fix"]["applicability"] == "safe";
        assert_eq!(is_safe, !text(&result["message"]["text"]).contains("The fix has to be looked at: "));
    }
    assert!(compared >= at_least, "{compared} suggestions, {told} told of");
}
