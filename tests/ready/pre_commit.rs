//! The hooks, run by pre-commit itself. It would build hookshift first, which takes minutes and the network: here the same
//! entries run with a program that is there.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::docs::blocks;
use super::{FILTER, HOOKSHIFT, QUIET, command, git, git_repository, read, run, tool, yaml};

/// The hooks as pre-commit takes them from the repository, for a program that is there.
fn local(hook: &Value) -> String {
    let mut hook = hook.clone();
    hook["language"] = "system".into();
    serde_json::json!({"repos": [{"repo": "local", "hooks": [hook]}]}).to_string()
}

fn hook(id: &str) -> Value {
    let hooks = yaml(&read(".pre-commit-hooks.yaml"));
    hooks.as_array().unwrap().iter().find(|hook| hook["id"] == id).unwrap().clone()
}

/// Commits what is added, by way of pre-commit.
fn pre_commit(project: &Path, config: &str) -> (Option<i32>, String) {
    fs::write(project.join(".pre-commit-config.yaml"), config).unwrap();
    git(project, &["add", ".pre-commit-config.yaml"]);
    let home = tempfile::tempdir().unwrap();
    let bin = Path::new(HOOKSHIFT).parent().unwrap().display().to_string();
    let mut pre_commit = command(tool("python/bin/pre-commit"), project);
    pre_commit.env("PRE_COMMIT_HOME", home.path()).env("PATH", format!("{bin}:{}", std::env::var("PATH").unwrap()));
    let (code, stdout, stderr) = run(pre_commit.args(["run", "--color=never"]));
    (code, stdout + &stderr)
}

#[test]
fn a_commit_with_findings_is_refused_wherever_they_are() {
    let project = git_repository(&[("src/mod_acme_filter.erl", FILTER), ("README", "")]);
    let config = local(&hook("hookshift-check"));
    // Nothing is committed that concerns it.
    fs::write(project.path().join("README"), "more").unwrap();
    git(project.path(), &["add", "README"]);
    let (code, said) = pre_commit(project.path(), &config);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("Skipped"), "{said}");
    // Another file of the project is.
    fs::write(project.path().join("src/mod_acme_quiet.erl"), QUIET).unwrap();
    git(project.path(), &["add", "src"]);
    let (code, said) = pre_commit(project.path(), &config);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("error[removed-hook]") && said.contains("src/mod_acme_filter.erl:12"), "{said}");
}

#[test]
fn a_commit_without_findings_passes() {
    let project = git_repository(&[("README", "")]);
    fs::write(project.path().join("mod_acme_quiet.erl"), QUIET).unwrap();
    git(project.path(), &["add", "--all"]);
    let (code, said) = pre_commit(project.path(), &local(&hook("hookshift-check")));
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("Passed"), "{said}");
}

#[test]
fn what_is_safe_is_written_to_what_is_added() {
    let project = git_repository(&[("README", "")]);
    // A handler that drops, of which the rest can be taken away.
    let mut module = FILTER.to_owned();
    for part in [
        "{c2s_preprocessing_hook, HostType, fun ?MODULE:words/3, #{}, 5},\n     ",
        ",\n     {acme_lost, HostType, fun ?MODULE:lost/3, #{}, 50}",
        ", words/3",
        ", lost/3",
        "words(Acc, _Params, _Extra) -> {ok, Acc}.\n\n",
        "lost(Acc, _Params, _Extra) -> {ok, Acc}.\n",
    ] {
        assert!(module.contains(part), "{part}");
        module = module.replace(part, "");
    }
    fs::write(project.path().join("mod_acme_filter.erl"), module).unwrap();
    git(project.path(), &["add", "--all"]);
    let config = local(&hook("hookshift-fix"));
    let (code, said) = pre_commit(project.path(), &config);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("files were modified by this hook"), "{said}");
    let text = fs::read_to_string(project.path().join("mod_acme_filter.erl")).unwrap();
    assert!(text.contains("{stop, drop}"), "{text}");
    git(project.path(), &["add", "--all"]);
    let (code, said) = pre_commit(project.path(), &config);
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn the_page_shows_the_hook_as_it_is() {
    let page = blocks("docs/ci.md");
    let shown = page.iter().filter(|block| block.language == "yaml").map(|block| yaml(&block.text));
    let local = shown.into_iter().find(|it| it["repos"][0]["repo"] == "local").unwrap();
    let mut own = hook("hookshift-check");
    own.as_object_mut().unwrap().remove("description");
    own["language"] = "system".into();
    assert_eq!(local["repos"][0]["hooks"][0], own);
}
