//! SARIF reports of more repositories than code scanning takes in a file, joined, and judged by a validator with GitHub's rules.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::{FILTER, HOOKSHIFT, QUIET, command, git_repository, run, succeed, tool};

/// The rules by which Microsoft's validator complains, those that GitHub ingests by among them.
fn complaints(file: &Path) -> BTreeSet<String> {
    let system = if cfg!(target_os = "macos") { "darwin" } else { "linux" };
    let multitool = tool(&format!("node_modules/@microsoft/sarif-multitool-{system}/Sarif.Multitool"));
    let verdict = file.with_extension("verdict");
    let mut validate = command(multitool, file.parent().unwrap());
    validate.arg("validate").arg(file).args(["--rule-kind", "Sarif;Gh", "--level", "Error;Warning"]);
    succeed(validate.args(["--log", "ForceOverwrite", "--output"]).arg(&verdict));
    let verdict: Value = serde_json::from_str(&fs::read_to_string(verdict).unwrap()).unwrap();
    let run = &verdict["runs"][0];
    assert_eq!(run["invocations"][0]["executionSuccessful"], true, "{run:#}");
    run["results"].as_array().unwrap().iter().map(|it| it["ruleId"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn many_runs_are_valid_and_kept_apart() {
    let directory = tempfile::tempdir().unwrap();
    let reports = directory.path().join("reports");
    let names: Vec<String> = (0..22).map(|number| format!("acme/mod {number:02}")).collect();
    for (number, name) in names.iter().enumerate() {
        let text = if number % 2 == 0 { FILTER } else { QUIET };
        let repository = git_repository(&[("src/mod_acme_filter.erl", text)]);
        let report = format!("--output=sarif={}", reports.join(name).with_extension("sarif").display());
        assert_eq!(
            run(command(HOOKSHIFT, repository.path()).args(["check", &report])).0,
            Some((number as i32 + 1) % 2)
        );
    }
    fs::write(reports.join("broken.sarif"), "{\"version\": \"2.1.0\", ").unwrap();
    let mut merge = command(HOOKSHIFT, directory.path());
    let (code, stdout, stderr) = run(merge.args(["merge", "reports", "--output", "sarif=fleet.sarif"]));
    assert_eq!((code, stdout.as_str()), (Some(2), ""), "{stderr}");
    assert!(
        stderr.contains("note: 22 runs, of which code scanning takes 20 in a file: fleet.sarif, fleet-2.sarif"),
        "{stderr}"
    );
    assert!(stderr.contains("error: broken: reports/broken.sarif is no JSON: "), "{stderr}");

    let single = complaints(&reports.join("acme/mod 00.sarif"));
    let mut repositories = Vec::new();
    let mut ids = BTreeSet::new();
    for (file, runs, findings) in [("fleet.sarif", 20, 30), ("fleet-2.sarif", 2, 3)] {
        let file = directory.path().join(file);
        let log: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
        assert_eq!(log["properties"]["failed"][0]["name"], "broken");
        let all = log["runs"].as_array().unwrap();
        assert_eq!(all.len(), runs);
        assert_eq!(all.iter().map(|run| run["results"].as_array().unwrap().len()).sum::<usize>(), findings);
        for run in all {
            repositories.push(run["properties"]["repository"].as_str().unwrap().to_owned());
            ids.insert(run["automationDetails"]["id"].as_str().unwrap().to_owned());
        }
        // What the single reports are like is their own business.
        assert_eq!(complaints(&file).difference(&single).count(), 0, "{:?}", complaints(&file));
    }
    assert_eq!(repositories, names);
    assert_eq!(ids.len(), names.len());
}
