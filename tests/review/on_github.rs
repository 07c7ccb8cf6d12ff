//! Reviews on GitHub.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use snapbox::cmd::cargo_bin;

use crate::changes::{Branch, replaced};
use crate::command::{Told, hookshift};
use crate::github::{GitHub, TOKEN};
use crate::project::Project;
use crate::server::{Answer, Server, Trouble};

mod suggestions;

/// A repository, and GitHub with a pull request of its branch.
struct Scene {
    project: Project,
    server: Server<GitHub>,
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

    fn run_with(&self, change: impl FnOnce(&mut Command) -> &mut Command) -> Told {
        let mut command = hookshift(self.project.path());
        command
            .args(["review", "src"])
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_API_URL", &self.server.address)
            .env("GITHUB_REPOSITORY", "acme/shop")
            .env("GITHUB_REF", "refs/pull/5/merge")
            .env("GITHUB_TOKEN", TOKEN);
        let told = Told::by(change(&mut command));
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

#[test]
fn a_second_run_has_nothing_to_say() {
    let scene = Scene::new();
    scene.expect(1, "reviewed acme/shop#5: 6 comments made; 6 findings told in comments, 1 in the summary\n");
    assert_eq!(scene.writes().len(), 4);
    let told =
        scene.expect(1, "reviewed acme/shop#5: 0 comments made; 6 findings told in comments, 1 in the summary\n");
    assert_eq!(told.out, "");
    assert_eq!(scene.writes(), <[String; 0]>::default());
}

#[test]
fn a_push_that_changes_nothing_for_us_is_no_reason_to_speak() {
    let scene = Scene::new();
    scene.run();
    scene.writes();
    scene.project.change(
        "src/mod_shop_keeper.erl",
        "-behaviour(gen_mod).\n",
        "-behaviour(gen_mod).\n\n%% Keeps the shop.\n",
    );
    scene.push("A comment");
    scene.expect(1, "0 comments made, 1 changed; 6 findings");
    // Of what is written only the check run belongs to a commit, and one comment names a line that is another one now.
    let writes = scene.writes();
    assert!(writes[0].starts_with("PATCH /repos/acme/shop/pulls/comments/"), "{writes:?}");
    assert_eq!(writes[1..], ["POST /repos/acme/shop/check-runs"]);
}

#[test]
fn what_is_fixed_is_not_talked_about_any_more() {
    let scene = Scene::new();
    scene.run();
    scene.writes();
    let fixed = scene.project.path().join("src");
    let fix = Command::new(cargo_bin!("hookshift")).args(["fix", "--write", "--unsafe"]).arg(fixed).output().unwrap();
    assert!(fix.status.success(), "{}", String::from_utf8_lossy(&fix.stderr));
    scene.push("All of it");
    let told = scene.run_with(|it| it.args(["--severity", "warning"]));
    let said = "reviewed acme/shop#5: 0 comments made, 6 taken back; 0 findings told in comments, 0 in the summary\n";
    assert_eq!((told.code, told.err.as_str()), (0, said));
    let mut writes = scene.writes();
    assert_eq!(writes.pop().unwrap().split_once("comments/").unwrap().0, "PATCH /repos/acme/shop/issues/");
    assert!(writes.iter().all(|it| it.starts_with("DELETE /repos/acme/shop/pulls/comments/")), "{writes:?}");
    assert_eq!(writes.len(), 6);
    let played = scene.server.played();
    assert_eq!(played.comments.len(), 0);
    let summary = played.conversation[0]["body"].as_str().unwrap();
    assert!(
        summary.starts_with(
            "### MongooseIM 6.0.0 → 6.1.0\n\nNothing is left to tell.\n\nNot told: 2 less severe.\n\n<!-- "
        ),
        "{summary}"
    );
    drop(played);
    scene.run_with(|it| it.args(["--severity", "warning"]));
    assert_eq!(scene.writes().len(), 0);
    // What the new hook does otherwise is advice, and on lines that are new by now.
    scene.expect(1, "2 comments made; 2 findings told in comments, 0 in the summary\n");
    assert!(scene.bodies()[0].starts_with("**Advice** · [`changed-meaning`]"));
}

#[test]
fn what_people_talk_about_stays() {
    let scene = Scene::new();
    scene.run();
    scene.writes();
    scene.server.played().reply(1, "Why is that?");
    scene.server.played().reply(4, "We will see.");
    let before = scene.bodies();
    let fix = ["fix", "--write", "--unsafe", "src"];
    Command::new(cargo_bin!("hookshift")).current_dir(scene.project.path()).args(fix).output().unwrap();
    scene.push("All of it");
    let told = scene.run_with(|it| it.args(["--severity", "warning"]));
    assert!(told.err.contains("4 taken back, 2 left to those who replied;"), "{}", told.err);
    let left: Vec<String> = [1, 4, 6, 7].map(|at| before[at].clone()).to_vec();
    assert_eq!(scene.bodies(), left);
}

#[test]
fn a_comment_whose_lines_have_changed_is_not_made_again() {
    let scene = Scene::new();
    scene.run();
    scene.writes();
    // The line of one comment, and the name of another finding's line.
    scene.project.change(
        "src/mod_shop_keeper.erl",
        "fun ?MODULE:befriended/3, #{}, 70}",
        "fun ?MODULE:befriended/3, #{}, 71}",
    );
    scene.push("Later");
    scene.expect(1, "comment");
    let comments = scene.server.played().comments.clone();
    let keepers = comments.iter().filter(|it| it["path"] == "src/mod_shop_keeper.erl");
    let lines: Vec<_> = keepers.map(|it| it.get("line").and_then(Value::as_u64)).collect();
    // The code of a line is part of what a finding is, so the one on the changed line is a new one.
    assert_eq!(lines, [Some(16), Some(17)]);
    scene.writes();
    // Here the line is the same, and GitHub lost the place all the same.
    for comment in &mut scene.server.played().comments {
        comment.as_object_mut().unwrap().remove("line");
        comment.as_object_mut().unwrap().remove("position");
    }
    scene.expect(1, "0 comments made;");
    assert_eq!(scene.writes().len(), 0);
}

#[test]
fn a_comment_is_told_anew_when_there_is_more_to_say_on_its_file() {
    let scene = Scene::new();
    scene.run();
    scene.writes();
    // A second finding on a line that the branch does not show, in a file that has a comment already.
    scene.project.change("src/mod_shop_rooms.erl", "{error, _} -> {ok, Acc}", "{error, _} -> Acc");
    let hidden = scene.project.git(&["show", "HEAD:src/mod_shop_rooms.erl"]);
    assert!(hidden.contains("{error, _} -> {ok, Acc}"));
    scene.push("Worse");
    scene.run();
    let played = scene.server.played();
    assert!(
        played.written().iter().any(|it| it.starts_with("PATCH") || it.ends_with("/reviews")),
        "{:?}",
        played.written()
    );
    drop(played);
    scene.writes();
    scene.run();
    assert_eq!(scene.writes().len(), 0);
}

#[test]
fn a_fork_is_told_in_the_log_and_in_the_summary_of_the_job() {
    let scene = Scene::new();
    scene.server.played().is_read_only = true;
    let summary = scene.project.file("summary.md");
    let told = scene.run_with(|it| it.env("GITHUB_STEP_SUMMARY", &summary));
    assert_eq!(told.code, 1);
    assert!(
        told.err.contains("warning: the token may not write reviews, as it is with pull requests from forks"),
        "{}",
        told.err
    );
    assert!(told.err.contains("403: Resource not accessible by integration"), "{}", told.err);
    for finding in ["mod_shop_keeper", "mod_shop_alive", "mod_shop_grüße"] {
        assert!(told.out.contains(finding), "{}", told.out);
    }
    assert_eq!(
        told.out.matches("\n::error ").count() + usize::from(told.out.starts_with("::error ")),
        6,
        "{}",
        told.out
    );
    let summary = fs::read_to_string(summary).unwrap();
    assert!(summary.starts_with("## hookshift: MongooseIM 6.0.0 → 6.1.0\n"), "{summary}");
    for finding in ["mod_shop_keeper", "mod_shop_alive", "mod_shop_grüße"] {
        assert!(summary.contains(finding), "{summary}");
    }
    assert_eq!(scene.server.played().comments.len(), 0);
}

#[test]
fn more_than_thirty_comments_are_not_made() {
    let scene = Scene::of(Project::with_many_findings(90));
    scene.expect(1, "30 comments made; 30 findings told in comments, 60 in the summary\n");
    {
        let played = scene.server.played();
        assert_eq!(played.comments.len(), 30);
        let run = &played.check_runs[0];
        assert_eq!((&run["status"], &run["conclusion"]), (&json!("completed"), &json!("failure")));
        assert_eq!(run["annotations"].as_array().unwrap().len(), 60);
        let summary = played.conversation[0]["body"].as_str().unwrap();
        assert!(summary.contains("90 errors. Comments on the code tell 30 of 90."), "{summary}");
        assert_eq!(summary.matches("\n* ").count(), 60);
    }
    let writes = scene.writes();
    let runs: Vec<&String> = writes.iter().filter(|it| it.contains("check-runs")).collect();
    assert_eq!(runs.len(), 2, "{writes:?}");
    scene.run();
    assert_eq!(scene.writes().len(), 0);
    // Where one goes, another one can come, and all in all there are no more.
    let file = "src/mod_shop_many.erl";
    scene.project.change(
        file,
        "handler_0(Acc, _Params, _Extra) ->\n    Acc.",
        "handler_0(Acc, _Params, _Extra) ->\n    {ok, Acc}.",
    );
    scene.push("One");
    scene.expect(1, "1 comment made, 1 taken back; 30 findings told in comments, 59 in the summary\n");
    assert_eq!(scene.server.played().comments.len(), 30);
}

#[test]
fn lists_are_read_to_their_end() {
    let scene = Scene::new();
    scene.run();
    scene.writes();
    {
        let mut played = scene.server.played();
        played.page_size = 2;
        let other = json!({ "body": "By the way ..." });
        for _ in 0..5 {
            let mut comment = played.conversation[0].clone();
            comment["body"] = other["body"].clone();
            played.conversation.insert(0, comment);
        }
    }
    scene.expect(1, "0 comments made; 6 findings");
    assert_eq!(scene.writes().len(), 0);
    assert!(scene.server.played().reads > 10);
}

#[test]
fn a_line_that_is_refused_is_told_in_the_summary_and_not_tried_again() {
    let scene = Scene::new();
    scene.server.played().refused_lines = vec![17];
    scene.expect(1, "5 findings told in comments, 2 in the summary\n");
    let writes = scene.writes();
    assert_eq!(writes.iter().filter(|it| it.ends_with("/reviews")).count(), 1);
    assert_eq!(writes.iter().filter(|it| it.ends_with("/pulls/5/comments")).count(), 6, "{writes:?}");
    assert_eq!(scene.server.played().comments.len(), 5);
    let summary = scene.server.played().conversation[0]["body"].as_str().unwrap().to_owned();
    assert!(summary.contains("#### Where no comment was taken\n\n* [`src/mod_shop_keeper.erl:17`]"), "{summary}");
    scene.run();
    assert_eq!(scene.writes().len(), 0);
    // With the next commit it may be another matter.
    scene.server.played().refused_lines.clear();
    scene.project.write("notes.txt", "x");
    scene.push("Notes");
    scene.expect(1, "1 comment made; 6 findings told");
}

#[test]
fn an_answer_that_is_lost_leads_to_no_second_comment() {
    for what in [
        "POST /repos/acme/shop/pulls/5/reviews",
        "POST /repos/acme/shop/issues/5/comments",
        "POST /repos/acme/shop/pulls/5/comments",
    ] {
        let scene = Scene::new();
        scene.server.played().trouble.push(Trouble::LosesAnswer(what));
        scene.expect(1, "6 findings told in comments, 1 in the summary\n");
        let played = scene.server.played();
        assert_eq!((played.comments.len(), played.conversation.len()), (6, 1), "{what}");
    }
}

#[test]
fn limits_and_faults_are_waited_out() {
    let scene = Scene::new();
    {
        let mut played = scene.server.played();
        let limit = json!({ "message": "You have exceeded a secondary rate limit" });
        played.trouble.push(Trouble::Refuses(
            "POST /repos/acme/shop/pulls/5/reviews",
            Answer::of(403, limit).with("retry-after", 1),
        ));
        let fault = json!({ "message": "Server Error" });
        played.trouble.push(Trouble::Refuses("GET /repos/acme/shop/pulls/5/files", Answer::of(502, fault)));
    }
    scene.expect(1, "6 comments made");
    let limit = Answer::of(429, json!({ "message": "slow down" })).with("retry-after", 3600);
    scene.server.played().trouble.push(Trouble::Refuses("GET /repos/acme/shop/pulls/5/files", limit));
    scene.expect(2, "the rate limit asks to wait 3600 s, and of --max-wait there are 300 s left");
}

#[test]
fn without_the_permission_for_check_runs_there_are_none() {
    let scene = Scene::new();
    scene.server.played().has_no_checks = true;
    scene.expect(1, "note: there is no check run with annotations, as the token may not make one: ");
    assert_eq!(
        scene.writes(),
        [
            "POST /repos/acme/shop/pulls/5/reviews",
            "POST /repos/acme/shop/pulls/5/comments",
            "POST /repos/acme/shop/issues/5/comments",
        ]
    );
}

#[test]
fn a_dry_run_prints_what_would_be_sent() {
    let scene = Scene::new();
    let told = scene.run_with(|it| it.arg("--dry-run"));
    assert_eq!(told.code, 1);
    assert!(told.err.contains("would review acme/shop#5: 6 comments made"), "{}", told.err);
    assert_eq!(scene.writes().len(), 0);
    let printed: Vec<Value> = told.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    scene.run();
    let played = scene.server.played();
    let sent: Vec<Value> = played
        .writes
        .iter()
        .map(|(what, body, _)| {
            let (method, path) = what.split_once(' ').unwrap();
            json!({ "method": method, "path": path, "body": body })
        })
        .collect();
    assert_eq!(printed, sent);
}

#[test]
fn a_dry_run_needs_no_token_where_everybody_may_read() {
    let scene = Scene::new();
    let told = scene.run_with(|it| it.arg("--dry-run").env_remove("GITHUB_TOKEN"));
    assert_eq!(told.out.lines().count(), 4);
}

#[test]
fn an_enterprise_server_has_another_address() {
    let scene = Scene::with(Project::new(), GitHub::enterprise);
    let told = scene.run_with(|it| it.env("GITHUB_API_URL", format!("{}/api/v3/", scene.server.address)));
    assert_eq!(told.code, 1);
    assert_eq!(scene.writes().len(), 4);
    let base_url = format!("{}/api/v3", scene.server.address);
    let told = scene.run_with(|it| {
        it.args(["--platform", "github", "--base-url", &base_url, "--repository", "acme/shop", "--pull-request", "5"])
            .env_remove("GITHUB_ACTIONS")
            .env_remove("GITHUB_API_URL")
            .env_remove("GITHUB_REPOSITORY")
            .env_remove("GITHUB_REF")
            .env_remove("GITHUB_TOKEN")
            .env("HOOKSHIFT_TOKEN", TOKEN)
    });
    assert_eq!(told.code, 1, "{}", told.err);
    assert_eq!(scene.writes().len(), 0);
}

#[test]
fn nobody_can_silence_findings_by_a_comment_that_looks_like_ours() {
    let scene = Scene::new();
    scene.run();
    scene.writes();
    for comment in &mut scene.server.played().comments {
        comment["user"]["type"] = json!("User");
        comment["author_association"] = json!("NONE");
    }
    scene.expect(1, "6 comments made");
    scene.writes();
    for comment in &mut scene.server.played().comments {
        comment["author_association"] = json!("MEMBER");
    }
    scene.expect(1, "0 comments made");
}

#[test]
fn reviews_with_different_names_leave_each_other_alone() {
    let scene = Scene::new();
    scene.run();
    scene.writes();
    let told = scene.run_with(|it| it.args(["--name", "strict", "--severity", "error"]));
    assert!(told.err.contains("5 comments made"), "{}", told.err);
    scene.writes();
    scene.run();
    scene.run_with(|it| it.args(["--name", "strict", "--severity", "error"]));
    assert_eq!(scene.writes().len(), 0);
}

#[test]
fn what_is_not_what_the_pull_request_has_is_not_talked_about_by_line() {
    let scene = Scene::new();
    scene.project.change("src/mod_shop_keeper.erl", "-behaviour(gen_mod).\n", "-behaviour(gen_mod).\n\n\n");
    scene.expect(1, "warning: src/mod_shop_keeper.erl: is another one than in ");
    let played = scene.server.played();
    let comments = played.comments.iter().filter(|it| it["path"] == "src/mod_shop_keeper.erl");
    assert!(comments.clone().all(|it| it["subject_type"] == "file") && comments.count() == 1);
}

#[test]
fn whatever_is_too_much_is_counted() {
    let scene = Scene::of(Project::with_many_findings(600));
    scene.expect(1, "30 comments made; 30 findings told in comments, 570 in the summary\n");
    let played = scene.server.played();
    let run = &played.check_runs[0];
    assert_eq!(run["annotations"].as_array().unwrap().len(), 500);
    let summary = run["output"]["summary"].as_str().unwrap();
    assert!(summary.ends_with("\nOnly the first 500 of 570 are shown beside the code.\n"), "{summary}");
    let summary = played.conversation[0]["body"].as_str().unwrap();
    let listed = summary.matches("\n* [`").count();
    assert!(
        summary.contains(&format!("\n* {} more findings: `hookshift check` tells all.\n", 570 - listed)),
        "{summary}"
    );
}

#[test]
fn a_comment_on_a_file_tells_as_much_as_it_can() {
    let scene = Scene::of(Project::with_many_old_findings(400));
    scene.expect(1, "1 comment made; 300 findings told in comments, 100 in the summary\n");
    scene.writes();
    scene.expect(1, "0 comments made; 300 findings told in comments, 100 in the summary\n");
    assert_eq!(scene.writes().len(), 0);
}

#[test]
fn the_event_says_which_pull_request_is_meant() {
    let scene = Scene::new();
    let event = scene.project.file("event.json");
    for (text, code) in [
        (r#"{"action": "opened", "pull_request": {"number": 5}}"#, 1),
        (r#"{"issue": {"number": 5, "pull_request": {}}, "comment": {}}"#, 1),
        (r#"{"issue": {"number": 5}, "comment": {}}"#, 2),
        (r#"{"ref": "refs/heads/main"}"#, 2),
        ("no JSON", 2),
    ] {
        fs::write(&event, text).unwrap();
        let told = scene.run_with(|it| it.env("GITHUB_EVENT_PATH", &event).env("GITHUB_REF", "refs/heads/main"));
        assert_eq!(told.code, code, "{text}: {}", told.err);
    }
}

#[test]
fn what_the_baseline_knows_is_not_told() {
    let scene = Scene::new();
    let write = ["baseline", "write", "--select", "removed-hook", "src"];
    assert!(hookshift(scene.project.path()).args(write).output().unwrap().status.success());
    let told = scene.run_with(|it| it.args(["--baseline", "hookshift-baseline.toml"]));
    assert!(told.err.contains("5 findings told in comments, 0 in the summary"), "{}", told.err);
    let summary = scene.server.played().conversation[0]["body"].as_str().unwrap().to_owned();
    assert!(
        summary.contains("4 errors, 1 warning. All of this is told in comments on the code.\n\nNot told: 2 known"),
        "{summary}"
    );
}

#[test]
fn what_keeps_a_review_from_being_made_is_told() {
    let scene = Scene::new();
    type Change = for<'c> fn(&'c mut Command) -> &'c mut Command;
    let cases: [(Change, &str); 8] = [
        (|it| it.env_remove("GITHUB_TOKEN"), "error: there is no token: set HOOKSHIFT_TOKEN or GITHUB_TOKEN"),
        (
            |it| it.env("GITHUB_TOKEN", "a\tb"),
            "error: cannot review acme/shop#5: the token has a character that no token can have",
        ),
        (
            |it| it.env_remove("GITHUB_ACTIONS"),
            "error: nothing tells where the pull request is: give --platform, --repository and --pull-request",
        ),
        (
            |it| it.env("GITHUB_REF", "refs/heads/main"),
            "error: this does not run for a pull request: give --pull-request, or run it for the event `pull_request`",
        ),
        (|it| it.env_remove("GITHUB_REPOSITORY"), "error: nothing tells which repository is meant: give --repository"),
        (|it| it.args(["--repository", "a/../b"]), "error: `a/../b` is no repository: OWNER/NAME is expected"),
        (
            |it| it.args(["--base-url", "github.com"]),
            "error: `github.com` is no address: it has to begin with https://",
        ),
        (
            |it| it.args(["--base-url", "http://127.0.0.1:1", "--max-wait", "0"]),
            "error: cannot review acme/shop#5: GET /repos/acme/shop/pulls/5: io: Connection refused (os error 111)",
        ),
    ];
    for (change, expected) in cases {
        let told = scene.run_with(change);
        assert_eq!((told.code, told.out.as_str(), told.err.lines().last().unwrap()), (2, "", expected));
    }
}
