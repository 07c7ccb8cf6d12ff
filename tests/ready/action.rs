//! `action.yml`, run step by step as a runner does: expressions are put in place of what they stand for, scripts get their
//! environment and nothing else, and what they write to the files of the runner is read. What other actions do is noted.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use serde_json::Value;
use tempfile::TempDir;

use super::{FILTER, HOOKSHIFT, QUIET, command, git_repository, read, repository, run, yaml};

static ACTION: LazyLock<Value> = LazyLock::new(|| yaml(&read("action.yml")));

/// A job that uses the action once.
struct Job {
    workspace: TempDir,
    runner: TempDir,
    inputs: BTreeMap<String, String>,
    event: &'static str,
    /// Directories that are looked for programs before all others.
    programs: Option<PathBuf>,
}

/// What came of it.
#[derive(Debug, Default)]
struct Done {
    failed: Option<String>,
    code: i32,
    log: String,
    summary: String,
    /// The outputs of each step that has an id.
    steps: BTreeMap<String, BTreeMap<String, String>>,
    /// The names of the scripts that ran.
    ran: Vec<String>,
    /// Other actions with what they were given.
    used: Vec<(String, BTreeMap<String, String>)>,
}

impl Job {
    fn of(files: &[(&str, &str)]) -> Self {
        let inputs = ACTION["inputs"].as_object().unwrap().iter();
        let defaults = inputs.map(|(name, input)| {
            let default = input["default"].as_str().unwrap_or_else(|| panic!("{name} has no default")).to_owned();
            (name.clone(), default)
        });
        let mut job = Self {
            workspace: git_repository(files),
            runner: tempfile::tempdir().unwrap(),
            inputs: defaults.collect(),
            event: "push",
            programs: None,
        };
        job.set("binary", HOOKSHIFT);
        job
    }

    fn set(&mut self, name: &str, value: &str) {
        assert!(self.inputs.insert(name.to_owned(), value.to_owned()).is_some(), "there is no input {name}");
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.set(name, value);
        self
    }

    fn run(&self) -> Done {
        let mut done = Done::default();
        for step in ACTION["runs"]["steps"].as_array().unwrap() {
            // Without a word about it, a step is not reached when one before it has failed.
            let condition = step["if"].as_str().unwrap_or_default();
            let is_reached = done.failed.is_none() || condition.contains("!cancelled()");
            if !is_reached || !self.holds(condition, &done) {
                continue;
            }
            if let Some(action) = step["uses"].as_str() {
                done.used.push((action.to_owned(), self.values(&step["with"], &done)));
                continue;
            }
            let code = self.script(step, &mut done);
            if code != 0 {
                done.code = code;
                done.failed = step["name"].as_str().map(str::to_owned);
            }
        }
        done
    }

    /// Runs a script as the runner does, and reads what it leaves.
    fn script(&self, step: &Value, done: &mut Done) -> i32 {
        assert_eq!(step["shell"], "bash");
        let script = step["run"].as_str().unwrap();
        assert!(!script.contains("${{"), "something is put into the script of {}", step["name"]);
        let file = |name: &str| self.runner.path().join(name);
        fs::write(file("script.sh"), script).unwrap();
        fs::write(file("output"), "").unwrap();
        fs::write(file("summary"), "").unwrap();
        let mut bash = command("bash", self.workspace.path());
        if let Some(programs) = &self.programs {
            let path = std::env::var("PATH").unwrap();
            bash.env("PATH", format!("{}:{path}", programs.display()));
        }
        bash.args(["--noprofile", "--norc", "-e", "-o", "pipefail"]).arg(file("script.sh"));
        bash.env("GITHUB_ACTIONS", "true").env("CI", "true").env("GITHUB_EVENT_NAME", self.event);
        bash.env("GITHUB_OUTPUT", file("output")).env("GITHUB_STEP_SUMMARY", file("summary"));
        bash.env("RUNNER_TEMP", self.runner.path()).env("RUNNER_OS", "Linux").env("RUNNER_ARCH", "X64");
        bash.env("GITHUB_REPOSITORY", "acme/modules").envs(self.values(&step["env"], done));
        let (code, stdout, stderr) = run(&mut bash);
        done.log += &format!("{stdout}{stderr}");
        done.summary += &fs::read_to_string(file("summary")).unwrap();
        done.ran.push(step["name"].as_str().unwrap().to_owned());
        if let Some(id) = step["id"].as_str() {
            let output = fs::read_to_string(file("output")).unwrap();
            let pairs = output.lines().map(|line| line.split_once('=').unwrap_or_else(|| panic!("{line}")));
            done.steps.insert(id.to_owned(), pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect());
        }
        code.unwrap_or(-1)
    }

    fn values(&self, map: &Value, done: &Done) -> BTreeMap<String, String> {
        let pairs = map.as_object().into_iter().flatten();
        pairs.map(|(name, value)| (name.clone(), self.filled_in(value.as_str().unwrap(), done))).collect()
    }

    fn filled_in(&self, text: &str, done: &Done) -> String {
        let Some((before, rest)) = text.split_once("${{") else { return text.to_owned() };
        let (expression, behind) = rest.split_once("}}").unwrap();
        format!("{before}{}{}", self.value(expression.trim(), done), self.filled_in(behind, done))
    }

    /// The value of a context, or of a text in quotes.
    fn value(&self, expression: &str, done: &Done) -> String {
        if let Some(text) = expression.strip_prefix('\'') {
            return text.strip_suffix('\'').unwrap().to_owned();
        }
        let parts: Vec<&str> = expression.split('.').collect();
        match parts[..] {
            ["inputs", name] => {
                let value = self.inputs.get(name).unwrap_or_else(|| panic!("there is no input {name}"));
                self.filled_in(value, done)
            }
            ["steps", id, "outputs", name] => {
                let steps = ACTION["runs"]["steps"].as_array().unwrap();
                assert!(steps.iter().any(|step| step["id"] == id), "no step has the id {id}");
                done.steps.get(id).and_then(|outputs| outputs.get(name)).cloned().unwrap_or_default()
            }
            ["github", "action_path"] => repository().display().to_string(),
            ["github", "token"] => "t0ken".to_owned(),
            _ => panic!("{expression} is not understood"),
        }
    }

    /// Comparisons, all of which have to hold.
    fn holds(&self, condition: &str, done: &Done) -> bool {
        let parts = condition.split("&&").map(str::trim).filter(|part| !matches!(*part, "" | "!cancelled()"));
        parts.into_iter().all(|comparison| {
            let (left, is_same, right) = match comparison.split_once("!=") {
                Some((left, right)) => (left, false, right),
                None => comparison.split_once("==").map(|(left, right)| (left, true, right)).unwrap(),
            };
            (self.value(left.trim(), done) == self.value(right.trim(), done)) == is_same
        })
    }
}

impl Done {
    fn output(&self, job: &Job, name: &str) -> String {
        job.filled_in(ACTION["outputs"][name]["value"].as_str().unwrap(), self)
    }

    fn uploaded(&self) -> Option<&str> {
        let (_, with) =
            self.used.iter().find(|(action, _)| action.starts_with("github/codeql-action/upload-sarif@"))?;
        Some(&with["sarif_file"])
    }
}

#[test]
fn what_is_found_is_told_uploaded_and_fails_the_step() {
    let job = Job::of(&[("src/mod_acme_filter.erl", FILTER)]);
    let done = job.run();
    assert_eq!((done.code, done.failed.as_deref()), (1, Some("Decide")), "{}", done.log);
    assert!(done.log.contains("::error "), "{}", done.log);
    assert!(done.log.contains("file=src/mod_acme_filter.erl,line=12"), "{}", done.log);
    assert!(done.log.ends_with("3 found of severity info or above\n"), "{}", done.log);
    let outputs = ["errors", "warnings", "infos", "exit-code"].map(|name| done.output(&job, name));
    assert_eq!(outputs, ["1", "1", "1", "1"]);
    let report: Value = serde_json::from_str(&fs::read_to_string(done.output(&job, "json")).unwrap()).unwrap();
    assert_eq!(report["findings"].as_array().unwrap().len(), 3);
    let sarif: Value = serde_json::from_str(&fs::read_to_string(done.uploaded().unwrap()).unwrap()).unwrap();
    assert_eq!(sarif["runs"][0]["results"].as_array().unwrap().len(), 3);
    assert!(done.summary.contains("removed-hook"), "{}", done.summary);
    assert_eq!(done.ran, ["Look for hookshift", "Check", "Decide"]);
}

#[test]
fn nothing_found_is_a_success() {
    let job = Job::of(&[("mod_acme_quiet.erl", QUIET)]);
    let done = job.run();
    assert_eq!((done.code, done.failed.as_deref()), (0, None), "{}", done.log);
    assert_eq!(done.output(&job, "errors"), "0");
    assert!(done.uploaded().is_some(), "so that what was found before is closed");
}

#[test]
fn the_input_says_what_fails() {
    for (ignored, expected) in [
        ("", [("error", 1), ("warning", 1), ("info", 1), ("never", 0)]),
        ("--ignore=removed-hook", [("error", 0), ("warning", 1), ("info", 1), ("never", 0)]),
        ("--ignore=removed-hook,unknown-hook", [("error", 0), ("warning", 0), ("info", 1), ("never", 0)]),
    ] {
        for (level, code) in expected {
            let job = Job::of(&[("mod_acme_filter.erl", FILTER)]);
            let done = job.with("args", ignored).with("fail-on", level).run();
            assert_eq!(done.code, code, "{ignored} {level}: {}", done.log);
        }
    }
}

#[test]
fn what_could_not_be_done_fails_whatever_is_found() {
    let job = Job::of(&[("mod_acme_quiet.erl", QUIET)]).with("paths", "none").with("fail-on", "never");
    let done = job.run();
    assert_eq!(done.code, 2, "{}", done.log);
    let done = Job::of(&[("mod_acme_quiet.erl", QUIET)]).with("to", "99.0.0").run();
    assert_eq!((done.code, done.failed.as_deref()), (2, Some("Check")), "{}", done.log);
    assert!(done.uploaded().is_none());
}

#[test]
fn inputs_are_never_run() {
    let odd = "a $(touch pwned) `touch pwned`;touch pwned\"'/x.erl";
    let job = Job::of(&[(odd, FILTER), ("other dir/mod_acme_quiet.erl", QUIET)]);
    let job = job
        .with("paths", &format!("{odd}\r\n\nother dir\n"))
        .with("args", "--ignore=removed-hook\n--severity=warning\n");
    let done = job.run();
    assert_eq!(done.code, 1, "{}", done.log);
    assert_eq!(done.output(&job, "warnings"), "1");
    for input in [
        "from",
        "baseline",
        "since",
        "fail-on",
        "review-args",
        "review",
        "sarif",
        "args",
        "working-directory",
        "binary",
        "paths",
    ] {
        let value = "x'\"; touch pwned; $(touch pwned) `touch pwned`";
        let mut job = Job::of(&[("mod_acme_quiet.erl", QUIET)]).with(input, value);
        if input == "review-args" {
            // It is refused before anything is sent.
            job.set("review", "true");
        }
        let done = job.run();
        assert_ne!(done.code, 0, "{input}");
        assert!(!job.workspace.path().join("pwned").exists(), "{input}");
    }
    assert!(!job.workspace.path().join("pwned").exists());
}

#[test]
fn what_an_input_may_be_is_said() {
    for (input, message) in [
        ("fail-on", "The input fail-on is none of: error, warning, info, never"),
        ("review", "The input review is none of: auto, true, false"),
        ("sarif", "The input sarif is none of: true, false"),
        ("binary", "The binary that is named in the inputs is not there"),
    ] {
        let done = Job::of(&[("mod_acme_quiet.erl", QUIET)]).with(input, "nonsense").run();
        assert_eq!(done.code, 2);
        assert!(done.log.contains(message), "{}", done.log);
    }
}

#[test]
fn another_directory_is_checked_with_its_own_paths() {
    let job = Job::of(&[("lib/a/mod_acme_filter.erl", FILTER), ("mod_acme_quiet.erl", QUIET)]);
    let job = job.with("working-directory", "lib/a").with("paths", "mod_acme_filter.erl").with("sarif", "false");
    let done = job.run();
    assert_eq!(done.output(&job, "errors"), "1", "{}", done.log);
    // As the platform knows the file.
    assert!(done.log.contains("file=lib/a/mod_acme_filter.erl,"), "{}", done.log);
    assert!(done.uploaded().is_none());
}

/// A program that notes how it was called, does of `check` what hookshift does, and of `review` nothing but end with a code.
fn recorder(directory: &Path, review: i32) -> PathBuf {
    let path = directory.join("recorder");
    let script = format!(
        "#!/usr/bin/env bash\nprintf '%s\\n' \"$1 token=${{HOOKSHIFT_TOKEN-}} summary=${{GITHUB_STEP_SUMMARY-}}\" \"${{@:2}}\" \
         >>'{}'\n[ \"$1\" != review ] || exit {review}\nexec '{HOOKSHIFT}' \"$@\"\n",
        directory.join("calls").display()
    );
    fs::write(&path, script).unwrap();
    make_executable(&path);
    path
}

fn make_executable(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_pull_request_is_reviewed_with_the_token_of_the_job() {
    let tools = tempfile::tempdir().unwrap();
    let recorder = recorder(tools.path(), 0);
    let mut job = Job::of(&[("mod_acme_filter.erl", FILTER), ("lib/mod_acme_quiet.erl", QUIET)]);
    job.set("binary", recorder.to_str().unwrap());
    job.set("to", "6.1.0");
    job.event = "pull_request";
    let done = job.run();
    assert_eq!(done.ran, ["Look for hookshift", "Check", "Review", "Decide"], "{}", done.log);
    assert!(!done.log.contains("::error "), "the review has the annotations: {}", done.log);
    let calls = fs::read_to_string(tools.path().join("calls")).unwrap();
    assert!(calls.starts_with("check token= summary=/"), "{calls}");
    assert!(calls.ends_with("\nreview token=t0ken summary=\n--exit-zero\n--to=6.1.0\n--\n.\n"), "{calls}");
    // What the review wants as well, and what it wants alone.
    job.set("since", "HEAD");
    job.set("args", "--statistics");
    job.set("review-args", "--max-wait=10\n\n--name=a b");
    job.set("paths", "mod_acme_filter.erl\nlib");
    job.run();
    let calls = fs::read_to_string(tools.path().join("calls")).unwrap();
    let expected = "--exit-zero\n--max-wait=10\n--name=a b\n--to=6.1.0\n--since=HEAD\n--\nmod_acme_filter.erl\nlib\n";
    assert!(calls.ends_with(&format!("\nreview token=t0ken summary=\n{expected}")), "{calls}");
    for (event, review, is_reviewed) in [
        ("push", "auto", false),
        ("pull_request_target", "auto", false),
        ("pull_request", "false", false),
        ("push", "true", true),
    ] {
        job.event = event;
        job.set("review", review);
        assert_eq!(job.run().ran.contains(&"Review".to_owned()), is_reviewed, "{event} {review}");
    }
}

#[test]
fn findings_are_uploaded_also_when_there_could_be_no_review() {
    let tools = tempfile::tempdir().unwrap();
    let recorder = recorder(tools.path(), 2);
    let mut job = Job::of(&[("mod_acme_filter.erl", FILTER)]).with("binary", recorder.to_str().unwrap());
    job.event = "pull_request";
    let done = job.run();
    assert_eq!((done.code, done.failed.as_deref()), (2, Some("Review")), "{}", done.log);
    assert!(done.uploaded().is_some());
}

#[test]
fn hookshift_is_built_once_for_each_version_of_its_sources() {
    let programs = tempfile::tempdir().unwrap();
    // It takes minutes to build it; what is tested is that cargo is asked for it rightly.
    let cargo = programs.path().join("cargo");
    let script = format!(
        "#!/usr/bin/env bash\nset -eu\necho \"cargo $*\"\nwhile [ $# -gt 0 ]; do\n  case $1 in --root) root=$2 ;; esac\n  shift\ndone\n\
         mkdir -p \"$root/bin\"\nln -s '{HOOKSHIFT}' \"$root/bin/hookshift\"\n"
    );
    fs::write(&cargo, script).unwrap();
    make_executable(&cargo);
    let mut job = Job::of(&[("mod_acme_filter.erl", FILTER)]);
    job.set("binary", "");
    job.programs = Some(programs.path().to_path_buf());
    let done = job.run();
    assert_eq!(done.ran, ["Look for hookshift", "Build hookshift", "Check", "Decide"], "{}", done.log);
    let (action, cached) = &done.used[0];
    assert!(action.starts_with("actions/cache@"));
    let call = format!("cargo install --locked --no-track --path {} --root {}", repository().display(), cached["path"]);
    assert!(done.log.contains(&call), "{}", done.log);
    let key = cached["key"].strip_prefix("hookshift-Linux-X64-").unwrap();
    assert!(key.len() == 40 && cached["path"].ends_with(key), "{cached:?}");
    assert_eq!(done.steps["check"]["errors"], "1");
}
