//! What the catalog's commands write: JSON that fits its schema, and files.

use std::path::Path;

use serde_json::Value;

use crate::trees::hookshift;

fn json(args: &[&str]) -> Value {
    let assert = hookshift(Path::new(".")).args(args).assert().success();
    serde_json::from_slice(&assert.get_output().stdout).unwrap()
}

#[test]
fn hooks_as_json_fit_the_printed_schema() {
    let schema = json(&["schema", "hooks"]);
    for (args, entries) in [
        (&["hooks", "--format", "json"][..], 63),
        (&["hooks", "--release", "5.1.0", "--format", "json"], 134),
        (&["hooks", "--release", "6.0.0", "--format", "json"], 130),
        (&["hooks", "--release", "6.1.0", "--format", "json"], 134),
    ] {
        let hooks = json(args);
        jsonschema::validate(&schema, &hooks).unwrap();
        assert_eq!(hooks.as_array().unwrap().len(), entries, "{args:?}");
    }
}

#[test]
fn tested_examples_as_json_fit_the_printed_schema() {
    let schema = json(&["schema", "catalog-test"]);
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/catalog-test.in");
    for (directory, code, passed) in [("finished", 0, [true, true].as_slice()), ("begun", 1, &[false; 3])] {
        let assert = hookshift(&files).args(["catalog", "test", directory, "--format", "json"]).assert().code(code);
        let report: Value = serde_json::from_slice(&assert.get_output().stdout).unwrap();
        jsonschema::validate(&schema, &report).unwrap();
        let examples = report["entries"][0]["examples"].as_array().unwrap();
        let found: Vec<bool> = examples.iter().map(|it| it["passed"].as_bool().unwrap()).collect();
        assert_eq!(found, passed, "{report}");
    }
}

#[test]
fn extraction_writes_both_files_and_only_where_it_is_told() {
    let tree = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/catalog.in/acme");
    let directory = tempfile::tempdir().unwrap();
    let output = directory.path().join("new/deep");
    hookshift(directory.path())
        .args(["catalog", "extract", "--release", "7.0.0", "--source"])
        .arg(&tree)
        .arg("--output")
        .arg(&output)
        .assert()
        .success()
        .stdout_eq("");
    let mut written: Vec<_> = std::fs::read_dir(&output).unwrap().map(|it| it.unwrap().file_name()).collect();
    written.sort();
    assert_eq!(written, ["7.0.0.api.toml", "7.0.0.toml"]);
    let api = std::fs::read_to_string(output.join("7.0.0.api.toml")).unwrap();
    assert!(api.contains("{ name = \"mod_acme\", exports = \"hooks/1 on_open/3\" },"), "{api}");

    // A directory cannot stand where a file is.
    hookshift(directory.path())
        .args(["catalog", "extract", "--release", "7.0.0", "--output", "new/deep/7.0.0.toml", "--source"])
        .arg(&tree)
        .assert()
        .code(2);
}

#[test]
fn the_generated_pages_are_written_below_a_directory() {
    let directory = tempfile::tempdir().unwrap();
    hookshift(directory.path()).args(["dev", "docs", "docs"]).assert().success().stdout_eq("");
    let reference = std::fs::read_to_string(directory.path().join("docs/hooks-6.0.0-to-6.1.0.md")).unwrap();
    assert!(reference.starts_with("# Hooks from MongooseIM 6.0.0 to 6.1.0\n"));
    let sections = reference.lines().filter(|line| line.starts_with("### ")).count();
    assert_eq!(sections, 16 + 4 + 23 + 20);
    let reference = std::fs::read_to_string(directory.path().join("docs/hooks-5.1.0-to-6.0.0.md")).unwrap();
    assert!(reference.starts_with("# Hooks from MongooseIM 5.1.0 to 6.0.0\n"));
    let arguments = reference.split_once("\n## Positional arguments\n").unwrap().1;
    let arguments = arguments.split_once("\n## ").unwrap().0;
    assert_eq!(arguments.lines().filter(|line| line.starts_with("| `")).count(), 134);
    let page = std::fs::read_to_string(directory.path().join("docs/rules/removed-hook.md")).unwrap();
    assert!(page.starts_with("# removed-hook\n"), "{page}");
}
