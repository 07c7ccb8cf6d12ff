//! What is done in services for continuous integration, when nothing else is asked for.

use std::path::Path;
use std::process::{Command, Output};

use super::trees::{self, Tree};
use super::{hookshift, tools};

const GITLAB_REPORT: &str = "gl-code-quality-report.json";

fn in_github(tree: &Tree, summary: &Path) -> Command {
    let mut command = hookshift(tree.path());
    command.env("GITHUB_ACTIONS", "true").env("GITHUB_STEP_SUMMARY", summary);
    command
        .env("GITHUB_SERVER_URL", "https://git.example")
        .env("GITHUB_REPOSITORY", "acme/chat")
        .env("GITHUB_SHA", "0123abc");
    command
}

fn run(command: &mut Command) -> (i32, String, String) {
    let Output { status, stdout, stderr } = command.output().unwrap();
    (status.code().unwrap(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

#[test]
fn github_gets_annotations_and_a_summary_below_what_is_there() {
    let (tree, elsewhere) = (trees::odd(), tempfile::tempdir().unwrap());
    let summary = elsewhere.path().join("summary");
    std::fs::write(&summary, "# Before\n\n").unwrap();
    let (code, stdout, stderr) = run(&mut in_github(&tree, &summary));
    assert_eq!((code, stderr.as_str()), (1, ""));
    let (_, asked, _) = run(hookshift(tree.path()).args(["--format", "github"]));
    assert_eq!(stdout, asked);
    let text = std::fs::read_to_string(&summary).unwrap();
    assert!(text.starts_with("# Before\n\n## hookshift: MongooseIM 6.0.0 → 6.1.0\n"), "{text}");
    let link = "(https://git.example/acme/chat/blob/0123abc/src/mod%20%CA%83%2050%25%23%26%3F%27.erl#L";
    assert!(text.contains(link), "{text}");
}

#[test]
fn a_summary_that_cannot_be_written_is_told_and_no_failure() {
    let tree = Tree::new(&[("a.erl", b"-module(a).\n".to_vec())]);
    let (code, stdout, stderr) = run(&mut in_github(&tree, Path::new("/none/summary")));
    assert_eq!(code, 0);
    assert!(stdout.starts_with("::stop-commands::hookshift-"), "{stdout}");
    assert!(stderr.starts_with("warning: cannot write /none/summary: "), "{stderr}");
    // Without a summary there is nothing to write.
    let (code, _, stderr) = run(in_github(&tree, Path::new("")).env("GITHUB_STEP_SUMMARY", ""));
    assert_eq!((code, stderr.as_str()), (0, ""));
}

#[test]
fn a_summary_that_is_nearly_full_gets_what_fits() {
    const MOST: u64 = 1024 * 1024;
    let (tree, elsewhere) = (trees::odd(), tempfile::tempdir().unwrap());
    let summary = elsewhere.path().join("summary");
    for (bytes, is_empty) in [(MOST - 12_000, false), (MOST - 1500, true), (2 * MOST, true)] {
        std::fs::write(&summary, "x".repeat(usize::try_from(bytes).unwrap())).unwrap();
        let (code, _, stderr) = run(&mut in_github(&tree, &summary));
        assert_eq!(code, 1);
        assert!(stderr.contains(" entries, the least severe, are not shown here, for want of room"), "{stderr}");
        let written = std::fs::metadata(&summary).unwrap().len() - bytes;
        assert_eq!(written == 0, is_empty, "{written}");
        assert!(is_empty || bytes + written < MOST);
    }
}

#[test]
fn gitlab_gets_its_report_beside_what_people_read() {
    let tree = trees::odd();
    let (code, stdout, stderr) = run(hookshift(tree.path()).env("GITLAB_CI", "true"));
    assert_eq!(code, 1);
    assert_eq!(stderr, format!("note: GitLab CI: a code quality report is written to {GITLAB_REPORT}\n"));
    let (_, full, _) = run(hookshift(tree.path()).args(["--format", "full"]));
    assert_eq!(stdout, full);
    let report = std::fs::read(tree.path().join(GITLAB_REPORT)).unwrap();
    let (_, asked, _) = run(hookshift(tree.path()).args(["--format", "gitlab"]));
    assert_eq!(String::from_utf8(report).unwrap(), asked);
}

#[test]
fn who_asks_for_something_gets_that_alone() {
    let (tree, elsewhere) = (trees::odd(), tempfile::tempdir().unwrap());
    let summary = elsewhere.path().join("summary");
    let (_, concise, _) = run(hookshift(tree.path()).args(["--format", "concise"]));
    let (_, stdout, stderr) = run(in_github(&tree, &summary).args(["--format", "concise"]));
    // Nothing in the names there is a command for the runner.
    assert!(concise.contains("##[error]"), "{concise}");
    assert_eq!((stdout, stderr.as_str()), (concise.replace("##[", "##\u{FFFD}"), ""));
    assert!(!summary.exists());
    let (_, full, _) = run(&mut hookshift(tree.path()));
    let json = elsewhere.path().join("out.json");
    let (_, stdout, stderr) =
        run(hookshift(tree.path()).env("GITLAB_CI", "true").arg(format!("--output=json={}", json.display())));
    assert_eq!((stdout, stderr.as_str()), (full, ""));
    assert!(json.exists() && !tree.path().join(GITLAB_REPORT).exists());
}

#[test]
fn a_file_that_cannot_be_written_is_a_failure_and_the_others_are_written() {
    let tree = Tree::new(&[("a.erl", b"-module(a).\n".to_vec())]);
    let (code, _, stderr) = run(hookshift(tree.path()).args(["--output=sarif=a.erl/x", "--output=gitlab=b"]));
    assert_eq!(code, 2);
    assert!(stderr.starts_with("error: cannot write a.erl/x: "), "{stderr}");
    let written = tools::schema(&tree.path().join("b"));
    tools::assert_valid(&tools::schema(&tools::beside("gitlab.schema.json")), &written, "gitlab");
}
