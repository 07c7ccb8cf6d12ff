//! Reports in the formats of other tools: judged by schemas and by these tools, and held against the findings as JSON has them.

mod apply;
mod ci;
mod judge;
mod tools;
mod trees;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;
use trees::Tree;

const FORMATS: [&str; 10] =
    ["json", "sarif", "github", "gitlab", "rdjson", "rdjsonl", "checkstyle", "junit", "markdown", "concise"];

/// The program, in no service for continuous integration whatever runs the tests.
fn hookshift(directory: &Path) -> Command {
    let mut command = Command::new(snapbox::cmd::cargo_bin!("hookshift"));
    command.current_dir(directory).env("GITHUB_ACTIONS", "").env("GITLAB_CI", "").env("NO_COLOR", "1").arg("check");
    command
}

/// What one run wrote.
pub struct Reports {
    files: TempDir,
    /// Where it ran.
    directory: PathBuf,
    /// The root of the repository.
    root: PathBuf,
    code: i32,
    stderr: String,
    /// The findings.
    json: Value,
}

impl Reports {
    /// Of one run in a directory of a repository, in all formats at once.
    fn of(root: &Path, directory: &Path) -> Self {
        let files = tempfile::tempdir().unwrap();
        let mut command = hookshift(directory);
        for format in FORMATS {
            command.arg(format!("--output={format}={}", files.path().join(format).display()));
        }
        let Output { status, stderr, .. } = command.output().unwrap();
        let json = serde_json::from_slice(&std::fs::read(files.path().join("json")).unwrap()).unwrap();
        let canonical = |path: &Path| path.canonicalize().unwrap();
        Self {
            files,
            directory: canonical(directory),
            root: canonical(root),
            code: status.code().unwrap(),
            stderr: String::from_utf8(stderr).unwrap(),
            json,
        }
    }

    fn of_tree(tree: &Tree) -> Self {
        Self::of(tree.path(), tree.path())
    }

    fn file(&self, format: &str) -> PathBuf {
        self.files.path().join(format)
    }

    fn bytes(&self, format: &str) -> Vec<u8> {
        std::fs::read(self.file(format)).unwrap()
    }

    fn text(&self, format: &str) -> String {
        String::from_utf8(self.bytes(format)).unwrap()
    }

    fn value(&self, format: &str) -> Value {
        serde_json::from_slice(&self.bytes(format)).unwrap()
    }

    fn findings(&self) -> &[Value] {
        self.json["findings"].as_array().unwrap()
    }

    fn unreadable(&self) -> usize {
        usize::try_from(self.json["summary"]["unreadable"].as_u64().unwrap()).unwrap()
    }

    /// How many findings there are of each rule.
    fn rules(&self) -> BTreeMap<String, usize> {
        count(self.findings().iter().map(|it| it["rule"].as_str().unwrap()))
    }

    fn judge(&self) {
        judge::sarif(self);
        judge::github(self);
        judge::gitlab(self);
        judge::rdjson(self);
        judge::checkstyle(self);
        judge::junit(self);
        judge::markdown(self);
    }
}

fn count<'a>(names: impl IntoIterator<Item = &'a str>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for name in names {
        *counts.entry(name.to_owned()).or_default() += 1;
    }
    counts
}

#[test]
fn acme_is_reported_in_every_format() {
    let tree = Tree::copy_of("corpus/acme");
    let reports = Reports::of_tree(&tree);
    assert_eq!(reports.code, 1);
    assert!(reports.findings().len() > 50);
    reports.judge();
    judge::fixes(&reports, 20);
}

#[test]
fn the_modules_that_are_to_be_fixed_are_reported_in_every_format() {
    let tree = Tree::copy_of("corpus/fixes");
    let reports = Reports::of_tree(&tree);
    assert!(reports.findings().len() > 100);
    reports.judge();
    judge::fixes(&reports, 50);
}

#[test]
fn whatever_stands_in_names_and_files_comes_through() {
    let tree = trees::odd();
    let reports = Reports::of_tree(&tree);
    assert!(reports.rules()["unknown-hook"] == 6, "{:?}", reports.rules());
    reports.judge();
    judge::fixes(&reports, 6);
}

#[test]
fn nothing_found_is_a_report_too() {
    let tree = Tree::new(&[("src/a.erl", b"-module(a).\n".to_vec())]);
    let reports = Reports::of_tree(&tree);
    assert_eq!((reports.code, reports.stderr.as_str()), (0, ""));
    assert_eq!(reports.text("rdjsonl"), "");
    reports.judge();
    let tree = Tree::new(&[("README", b"".to_vec())]);
    let empty = Reports::of_tree(&tree);
    assert_eq!(empty.code, 0);
    assert!(empty.stderr.starts_with("warning: no Erlang files (*.erl, *.hrl, *.escript) in .\n"), "{}", empty.stderr);
    empty.judge();
}

#[cfg(unix)]
#[test]
fn what_cannot_be_read_is_in_the_reports() {
    let tree = trees::odd();
    std::os::unix::fs::symlink("no ʃuch:file", tree.path().join("src/mod 'link'.erl")).unwrap();
    let reports = Reports::of_tree(&tree);
    assert_eq!((reports.code, reports.unreadable()), (2, 1));
    reports.judge();
}

#[test]
fn below_the_root_of_a_repository_platforms_get_their_paths_and_tools_theirs() {
    let tree = trees::odd();
    std::fs::create_dir(tree.path().join(".git")).unwrap();
    let reports = Reports::of(tree.path(), &tree.path().join("src"));
    let first = &reports.findings()[0];
    assert_eq!(first["path"], "mod ʃ 50%#&?'.erl");
    reports.judge();
    judge::fixes(&reports, 5);
    assert_eq!(reports.value("gitlab")[0]["location"]["path"], "src/mod ʃ 50%#&?'.erl");
    assert_eq!(reports.value("rdjson")["diagnostics"][0]["location"]["path"], "mod ʃ 50%#&?'.erl");
}

#[test]
fn ten_thousand_findings_stay_within_the_limits() {
    const MIB: usize = 1024 * 1024;
    let tree = trees::many(10_000);
    let reports = Reports::of_tree(&tree);
    assert!((10_000..12_000).contains(&reports.findings().len()), "{:?}", reports.rules());
    reports.judge();
    assert!(reports.bytes("markdown").len() < MIB);
    assert!(reports.stderr.contains(" entries, the least severe, are not shown here, for want of room"));
    assert!(reports.stderr.contains("findings are in the SARIF report; GitHub shows the 5000 most severe ones"));
    // GitHub takes 10 MB, compressed.
    let compress = "import gzip, sys; print(len(gzip.compress(open(sys.argv[1], 'rb').read())))";
    let size = tools::output(tools::python("python").args(["-c", compress]).arg(reports.file("sarif")), b"");
    assert!(size.trim().parse::<usize>().unwrap() < 5 * MIB, "{size}");
}

#[test]
fn two_runs_write_the_same() {
    let tree = trees::odd();
    let [one, other] = [Reports::of_tree(&tree), Reports::of_tree(&tree)];
    for format in FORMATS {
        assert!(one.bytes(format) == other.bytes(format), "{format}");
    }
}

#[test]
fn standard_output_has_what_a_file_has() {
    let tree = trees::odd();
    let reports = Reports::of_tree(&tree);
    for format in FORMATS {
        let output = hookshift(tree.path()).args(["--format", format]).output().unwrap();
        // `concise` and `json` hold fixes or not, whoever else wants them.
        assert_eq!(String::from_utf8_lossy(&output.stdout), reports.text(format), "{format}");
    }
}
