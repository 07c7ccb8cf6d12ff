//! What is ready-made for CI: the action, the template for GitLab, the hooks for pre-commit, the pages about them, and the scripts
//! that check many repositories, and that compare two builds. Everything is judged by the tools that it is for, and run.

mod action;
mod docs;
mod ecosystem;
mod fleet;
mod gitlab;
mod lint;
mod pre_commit;
mod programs;
mod sarif;

use std::path::Path;

use serde_json::Value;

use programs::{FILTER, HOOKSHIFT, QUIET, command, git, git_repository, read, repository, run, succeed, tool, yaml};

/// Figures of a check of what is in a directory, as errors, warnings and advice.
fn figures(directory: &Path) -> [u64; 3] {
    let (_, stdout, _) = run(command(HOOKSHIFT, directory).args(["check", "--format=json"]));
    let report: Value = serde_json::from_str(&stdout).unwrap();
    ["errors", "warnings", "infos"].map(|figure| report["summary"][figure].as_u64().unwrap())
}

#[test]
fn the_modules_of_these_tests_have_what_they_say() {
    assert_eq!(figures(git_repository(&[("a.erl", FILTER)]).path()), [1, 1, 1]);
    assert_eq!(figures(git_repository(&[("a.erl", QUIET)]).path()), [0, 0, 0]);
}
