//! Reviews on GitLab.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use crate::changes::{Branch, replaced};
use crate::command::{Told, hookshift};
use crate::gitlab::{GitLab, TOKEN};
use crate::project::Project;
use crate::server::{Answer, Server, Trouble};

struct Scene {
    project: Project,
    server: Server<GitLab>,
}

impl Scene {
    fn new() -> Self {
        Self::of(Project::new())
    }

    fn of(project: Project) -> Self {
        let branch =
            Branch { repository: project.path().to_path_buf(), base: project.base.clone(), head: project.head() };
        let server = Server::start(|address| GitLab::new(address, branch));
        Self { project, server }
    }

    fn run_with(&self, change: impl FnOnce(&mut Command) -> &mut Command) -> Told {
        let mut command = hookshift(self.project.path());
        command
            .args(["review", "src"])
            .env("GITLAB_CI", "true")
            .env("CI_API_V4_URL", format!("{}/api/v4", self.server.address))
            .env("CI_PROJECT_ID", "acme/shop")
            .env("CI_MERGE_REQUEST_IID", "7")
            .env("GITLAB_TOKEN", TOKEN);
        let told = Told::by(change(&mut command));
        assert!(!told.out.contains(TOKEN) && !told.err.contains(TOKEN), "the token is told: {} {}", told.out, told.err);
        let played = self.server.played();
        assert!(played.faults.is_empty(), "{}", played.faults.join("\n"));
        told
    }

    #[track_caller]
    fn expect(&self, code: i32, err: &str) -> Told {
        let told = self.run_with(|it| it);
        assert!(told.err.contains(err), "{}", told.err);
        assert_eq!(told.code, code, "{}", told.err);
        told
    }

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
}

/// Where the first note of each discussion is, and how it begins.
fn places(scene: &Scene) -> Vec<String> {
    let played = scene.server.played();
    let place = |discussion: &Value| {
        let position = &discussion["notes"][0]["position"];
        match position.as_object() {
            Some(it) => format!("{} {} {}", it["new_path"], position["new_line"], position["old_line"]),
            None => "summary".to_owned(),
        }
    };
    played.discussions.iter().map(place).collect()
}

#[test]
fn a_first_run_discusses_lines_and_files_and_a_second_one_nothing() {
    let scene = Scene::new();
    scene.expect(1, "reviewed acme/shop!7: 6 comments made; 6 findings told in comments, 1 in the summary\n");
    let expected = [
        "\"src/mod_shop_grüße.erl\" 14 14",
        "\"src/mod_shop_keeper.erl\" 16 null",
        "\"src/mod_shop_keeper.erl\" 17 null",
        "\"src/mod_shop_rooms.erl\" null null",
        "\"src/mod_shop_rooms.erl\" 23 22",
        "\"src/mod_shop_windows.erl\" 12 null",
        "summary",
    ];
    let mut found = places(&scene);
    found.sort();
    let mut expected: Vec<String> = expected.map(str::to_owned).to_vec();
    expected.sort();
    assert_eq!(found, expected);
    let summary = scene.server.played().discussions.last().unwrap()["notes"][0]["body"].as_str().unwrap().to_owned();
    assert!(summary.contains("](https://gitlab.example.com/acme/shop/-/blob/"), "{summary}");
    assert_eq!(scene.writes().len(), 7);
    scene.expect(1, "0 comments made; 6 findings told in comments, 1 in the summary\n");
    assert_eq!(scene.writes().len(), 0);
    scene.server.played().page_size = 2;
    scene.expect(1, "0 comments made; 6 findings told in comments, 1 in the summary\n");
    assert_eq!(scene.writes().len(), 0);
}

#[test]
fn a_suggestion_says_how_many_lines_above_it_takes() {
    let scene = Scene::new();
    scene.project.change("src/mod_shop_keeper.erl", "roster_in_subscripton", "roster_in_subscription");
    scene.push("A slip");
    scene.run_with(|it| it);
    let played = scene.server.played();
    let note = |it: &Value| it["notes"][0].clone();
    let mut notes = played.discussions.iter().map(note);
    let note = notes.find(|it| it["position"]["new_path"] == "src/mod_shop_keeper.erl").unwrap();
    let line = usize::try_from(note["position"]["new_line"].as_u64().unwrap()).unwrap();
    let (_, rest) = note["body"].as_str().unwrap().split_once("```suggestion:-").unwrap();
    let (range, rest) = rest.split_once('\n').unwrap();
    let (above, below) = range.split_once('+').unwrap();
    let (above, below): (usize, usize) = (above.parse().unwrap(), below.parse().unwrap());
    let text = &rest[..rest.find("```\n").unwrap()];
    let path = scene.project.file("src/mod_shop_keeper.erl");
    let taken = replaced(&path, (line - above, line + below), text);
    let fix = ["fix", "--write", "--select", "removed-hook"];
    assert!(hookshift(scene.project.path()).args(fix).arg(&path).output().unwrap().status.success());
    assert_eq!(taken, fs::read_to_string(&path).unwrap());
}

#[test]
fn what_is_gone_is_taken_back_unless_somebody_replied() {
    let scene = Scene::new();
    scene.run_with(|it| it);
    scene.writes();
    scene.server.played().reply(1, "Why is that?");
    let fix = ["fix", "--write", "--unsafe", "src"];
    assert!(hookshift(scene.project.path()).args(fix).output().unwrap().status.success());
    scene.push("All of it");
    let told = scene.run_with(|it| it.args(["--severity", "warning"]));
    assert!(told.err.contains("0 comments made, 5 taken back, 1 left to those who replied;"), "{}", told.err);
    let writes = scene.writes();
    assert_eq!(writes.iter().filter(|it| it.starts_with("DELETE /discussions/")).count(), 5, "{writes:?}");
    assert!(writes.last().unwrap().starts_with("PUT /notes/"), "{writes:?}");
    assert_eq!(scene.server.played().discussions.len(), 2);
    scene.run_with(|it| it.args(["--severity", "warning"]));
    assert_eq!(scene.writes().len(), 0);
}

#[test]
fn a_line_that_is_refused_is_told_in_the_summary() {
    let scene = Scene::new();
    let refusal = json!({ "message": "400 Bad request - Note {:line_code=>[\"can't be blank\"]}" });
    scene.server.played().trouble.push(Trouble::Refuses("POST /discussions", Answer::of(400, refusal)));
    scene.expect(1, "5 findings told in comments, 2 in the summary\n");
    scene.writes();
    scene.expect(1, "0 comments made; 5 findings told in comments, 2 in the summary\n");
    assert_eq!(scene.writes().len(), 0);
}

#[test]
fn a_token_that_may_only_read_leads_to_the_log() {
    let scene = Scene::new();
    scene.server.played().is_read_only = true;
    let told = scene.expect(1, "warning: the token may not write reviews");
    assert!(told.out.contains("mod_shop_alive"), "{}", told.out);
}

#[test]
fn an_answer_that_is_lost_leads_to_no_second_discussion() {
    for what in ["POST /discussions", "POST /notes"] {
        let scene = Scene::new();
        scene.server.played().trouble.push(Trouble::LosesAnswer(what));
        scene.expect(1, "6 findings told in comments, 1 in the summary\n");
        assert_eq!(scene.server.played().discussions.len(), 7, "{what}");
    }
}

#[test]
fn what_somebody_has_resolved_is_not_brought_up_again() {
    let scene = Scene::new();
    scene.run_with(|it| it);
    scene.writes();
    scene.server.played().discussions[1]["notes"][0]["resolved"] = json!(true);
    scene.project.change("src/mod_shop_keeper.erl", "-behaviour(gen_mod).\n", "-behaviour(gen_mod).\n\n");
    scene.push("Lines move");
    scene.expect(1, "0 comments made; 6 findings told");
    assert_eq!(scene.writes().len(), 0);
}

#[test]
fn a_dry_run_prints_what_would_be_sent() {
    let scene = Scene::new();
    let told = scene.run_with(|it| it.arg("--dry-run"));
    assert_eq!(scene.writes().len(), 0);
    let printed: Vec<Value> = told.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    scene.run_with(|it| it);
    let played = scene.server.played();
    let bodies = |of: Vec<&Value>| of.into_iter().cloned().collect::<Vec<Value>>();
    let sent = bodies(played.writes.iter().map(|(_, body, _)| body).collect());
    assert_eq!(bodies(printed.iter().map(|it| &it["body"]).collect()), sent);
}

#[test]
fn nothing_need_come_from_the_environment_but_the_token() {
    let scene = Scene::new();
    let base_url = format!("{}/api/v4", scene.server.address);
    let told = Told::by(
        hookshift(scene.project.path())
            .args(["review", "--platform", "gitlab", "--base-url", &base_url, "--repository", "acme/shop"])
            .args(["--merge-request", "7", "--exit-zero"])
            .env("HOOKSHIFT_TOKEN", TOKEN),
    );
    assert_eq!((told.code, told.out.as_str()), (0, ""), "{}", told.err);
    assert_eq!(scene.server.played().discussions.len(), 7);
}

#[test]
fn what_keeps_a_review_from_being_made_is_told() {
    let scene = Scene::new();
    type Change = for<'c> fn(&'c mut Command) -> &'c mut Command;
    let cases: [(Change, &str); 4] = [
        (|it| it.env_remove("GITLAB_TOKEN"), "error: there is no token: set HOOKSHIFT_TOKEN or GITLAB_TOKEN"),
        (
            |it| it.env("GITLAB_TOKEN", "wrong"),
            "error: cannot review acme/shop!7: GET /projects/acme%2Fshop/merge_requests/7: 401: 401 Unauthorized",
        ),
        (
            |it| it.env("CI_PROJECT_ID", "12"),
            "error: cannot review 12!7: GET /projects/12/merge_requests/7: 404: 404 Project Not Found",
        ),
        (
            |it| it.env("CI_MERGE_REQUEST_IID", "x"),
            "error: CI_MERGE_REQUEST_IID is no number: invalid digit found in string",
        ),
    ];
    for (change, expected) in cases {
        let told = scene.run_with(change);
        assert_eq!((told.code, told.err.lines().last().unwrap()), (2, expected));
    }
}
