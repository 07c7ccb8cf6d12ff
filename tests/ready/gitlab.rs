//! The scripts of `ci/gitlab.yml`, run as a runner does: those of a job one after the other in one shell.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::Value;

use super::{FILTER, HOOKSHIFT, command, git, git_repository, read, run, yaml};

/// The text of a script of a job, which may be of the job that it extends.
fn script(pipeline: &Value, job: &str, key: &str) -> String {
    let own = &pipeline[job][key];
    let lines = if own.is_null() { &pipeline[pipeline[job]["extends"].as_str().unwrap()][key] } else { own };
    lines.as_array().unwrap().iter().map(|line| line.as_str().unwrap().to_owned() + "\n").collect()
}

/// A directory with a `cargo` that takes no minutes, and notes that it was called.
fn programs(calls: &Path) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let script = format!(
        "#!/bin/sh\nset -eu\necho \"cargo $*\" >>'{}'\nwhile [ $# -gt 0 ]; do\n  case $1 in --root) root=$2 ;; --path) test -f \"$2/Cargo.toml\" ;; \
         esac\n  shift\ndone\nmkdir -p \"$root/bin\"\nln -sf '{HOOKSHIFT}' \"$root/bin/hookshift\"\n",
        calls.display()
    );
    let cargo = directory.path().join("cargo");
    fs::write(&cargo, script).unwrap();
    fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).unwrap();
    directory
}

#[test]
fn a_job_builds_what_the_cache_has_not_and_writes_its_reports() {
    let pipeline = yaml(&read("ci/gitlab.yml"));
    let sources = git_repository(&[("Cargo.toml", "")]);
    let project = git_repository(&[("apps/mod_acme_filter.erl", FILTER)]);
    let builds = tempfile::tempdir().unwrap();
    let calls = builds.path().join("calls");
    let programs = programs(&calls);
    let job = |name: &str, reference: &str| {
        let text = script(&pipeline, name, "before_script") + &script(&pipeline, name, "script");
        let mut shell = command("sh", project.path());
        shell.env("PATH", format!("{}:{}", programs.path().display(), std::env::var("PATH").unwrap()));
        for (variable, value) in pipeline["variables"].as_object().unwrap() {
            shell.env(variable, value.as_str().unwrap());
        }
        shell.env("GITLAB_CI", "true").env("CI_PROJECT_DIR", project.path()).env("CI_BUILDS_DIR", builds.path());
        shell.env("CI_JOB_ID", "7").env("HOOKSHIFT_GIT", sources.path()).env("HOOKSHIFT_REF", reference);
        shell.env("HOOKSHIFT_PATHS", "apps").env("HOOKSHIFT_CHECK_OPTIONS", "--to 6.1.0 --severity warning");
        run(shell.args(["-c", &text]))
    };
    let (code, stdout, stderr) = job("hookshift", "main");
    assert_eq!(code, Some(1), "{stdout}{stderr}");
    assert!(stdout.contains("removed-hook"), "{stdout}");
    let reports = &pipeline["hookshift"]["artifacts"]["reports"];
    let report = |name: &str| fs::read_to_string(project.path().join(reports[name].as_str().unwrap())).unwrap();
    let quality: Value = serde_json::from_str(&report("codequality")).unwrap();
    assert_eq!(quality.as_array().unwrap().len(), 2);
    assert_eq!(quality[0]["location"]["path"], "apps/mod_acme_filter.erl");
    assert!(report("junit").contains("<testsuite"));

    let built = || fs::read_to_string(&calls).unwrap().lines().count();
    assert_eq!(built(), 1);
    job("hookshift", "main");
    assert_eq!(built(), 1, "the cache has it");
    git(sources.path(), &["commit", "--quiet", "--allow-empty", "--message=More"]);
    job("hookshift", "main");
    assert_eq!(built(), 2, "the branch has moved");
    let commit = git(sources.path(), &["rev-parse", "HEAD~"]);
    job("hookshift", commit.trim());
    assert_eq!(built(), 3, "another commit is wanted");
    let (code, stdout, stderr) = job("hookshift", "no-such-branch");
    assert!(code != Some(0) && stdout.is_empty(), "{stdout}");
    assert!(stderr.contains("no-such-branch"), "{stderr}");
    assert_eq!(built(), 3);
}

#[test]
fn the_review_wants_a_token() {
    let pipeline = yaml(&read("ci/gitlab.yml"));
    let rules = pipeline["hookshift-review"]["rules"].as_array().unwrap();
    assert!(rules.iter().all(|rule| rule["if"].as_str().unwrap().contains("_TOKEN")), "{rules:?}");
    let text = script(&pipeline, "hookshift-review", "script");
    let project = git_repository(&[("apps/mod_acme_filter.erl", FILTER)]);
    let mut shell = command("sh", project.path());
    let bin = Path::new(HOOKSHIFT).parent().unwrap();
    shell.env("PATH", format!("{}:{}", bin.display(), std::env::var("PATH").unwrap())).env("GITLAB_CI", "true");
    shell.env("CI_API_V4_URL", "http://127.0.0.1:9/api/v4").env("CI_PROJECT_ID", "3").env("CI_MERGE_REQUEST_IID", "7");
    shell.env("HOOKSHIFT_PATHS", "apps").env("HOOKSHIFT_REVIEW_OPTIONS", "--to 6.1.0 --max-wait 0");
    let (code, _, stderr) = run(shell.args(["-c", &text]));
    assert_eq!(code, Some(2), "{stderr}");
    assert!(stderr.contains("there is no token"), "{stderr}");
}
