//! Reviews on GitHub.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};
use snapbox::cmd::cargo_bin;

use crate::changes::{Branch, replaced};
use crate::github::{GitHub, TOKEN, Trouble};
use crate::project::Project;
use crate::server::{Answer, Server};

/// A repository, and GitHub with a pull request of its branch.
struct Scene {
    project: Project,
    server: Server<GitHub>,
}

struct Told {
    code: i32,
    out: String,
    err: String,
}

impl Scene {
    fn of(project: Project) -> Self {
        Self::with(project, GitHub::new)
    }

    fn with(project: Project, make: fn(&str, Branch) -> GitHub) -> Self {
        let branch =
            Branch { repository: project.path().to_path_buf(), base: project.base.clone(), head: project.head() };
        let server = Server::start(|address| make(address, branch));
        Self { project, server }
    }

    fn new() -> Self {
        Self::of(Project::new())
    }

    fn command(&self) -> Command {
        let mut command = Command::new(cargo_bin!("hookshift"));
        command.current_dir(self.project.path()).env_clear();
        for name in ["PATH", "HOME", "TMPDIR"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command
            .args(["review", "src"])
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_API_URL", &self.server.address)
            .env("GITHUB_REPOSITORY", "acme/shop")
            .env("GITHUB_REF", "refs/pull/5/merge")
            .env("GITHUB_TOKEN", TOKEN);
        command
    }

    fn run_with(&self, change: impl FnOnce(&mut Command) -> &mut Command) -> Told {
        let mut command = self.command();
        let Output { status, stdout, stderr } = change(&mut command).output().unwrap();
        let told = Told {
            code: status.code().unwrap(),
            out: String::from_utf8(stdout).unwrap(),
            err: String::from_utf8(stderr).unwrap(),
        };
        assert!(!told.out.contains(TOKEN) && !told.err.contains(TOKEN), "the token is told: {} {}", told.out, told.err);
        let played = self.server.played();
        assert!(played.faults.is_empty(), "{}", played.faults.join("\n"));
        assert!(!played.writes.iter().any(|(_, body, _)| body.to_string().contains(TOKEN)), "the token is written");
        told
    }

    fn run(&self) -> Told {
        self.run_with(|command| command)
    }

    /// Runs, and expects what is said on standard error to end like this.
    #[track_caller]
    fn expect(&self, code: i32, err: &str) -> Told {
        let told = self.run();
        assert!(told.err.contains(err), "{}", told.err);
        assert_eq!(told.code, code, "{}", told.err);
        told
    }

    /// How many requests have changed something since the last call.
    fn writes(&self) -> Vec<String> {
        let mut played = self.server.played();
        let written = played.written().into_iter().map(str::to_owned).collect();
        played.writes.clear();
        written
    }

    fn push(&self, message: &str) {
        let head = self.project.commit(message);
        self.server.played().push(&head);
    }

    fn bodies(&self) -> Vec<String> {
        self.server.played().comments.iter().map(|it| it["body"].as_str().unwrap().to_owned()).collect()
    }
}

/// What was said, for people to read. Hashes of texts and commits differ.
fn conversation(scene: &Scene) -> String {
    let played = scene.server.played();
    let mut text = String::new();
    for (what, body, status) in &played.writes {
        text.push_str(&format!("=== {what} ({status})\n"));
        let mut body = body.clone();
        let comments = body.as_object_mut().and_then(|it| it.remove("comments"));
        let said = body.as_object_mut().and_then(|it| it.remove("body"));
        if !body.is_null() {
            text.push_str(&format!("{body:#}\n"));
        }
        text.push_str(&format!("{}\n", said.as_ref().and_then(Value::as_str).unwrap_or_default()));
        for comment in comments.iter().filter_map(Value::as_array).flatten() {
            let start = comment.get("start_line").map(|it| format!("{it}-")).unwrap_or_default();
            text.push_str(&format!("--- {}:{start}{}\n", comment["path"].as_str().unwrap(), comment["line"]));
            text.push_str(comment["body"].as_str().unwrap());
        }
    }
    let text = text.replace(&played.branch.head, "HEAD");
    let hidden = |line: &str| match line.split_whitespace().collect::<Vec<_>>()[..] {
        ["<!--", kind @ ("hookshift:comment" | "hookshift:summary"), name, _, ..] => {
            format!("<!-- {kind} {name} ... -->")
        }
        ["\"external_id\":", _] => "  \"external_id\": ...".to_owned(),
        _ => line.to_owned(),
    };
    text.lines().map(hidden).map(|line| line + "\n").collect()
}

#[test]
fn a_first_run_says_what_a_careful_reviewer_would() {
    let scene = Scene::new();
    let told = scene.run();
    snapbox::assert_data_eq!(conversation(&scene), snapbox::file!["first_run.md"].raw());
    assert_eq!((told.code, told.out.as_str()), (1, ""));
}
