//! GitHub as far as reviews need it: one pull request, with a memory. What it answers is held against GitHub's description, too.

use std::sync::{Arc, OnceLock};

use serde_json::{Value, json};

use crate::changes::{Branch, shows};
use crate::openapi::Api;
use crate::server::{Answer, Played, Request, Trouble, page, trouble};

pub const TOKEN: &str = "ghs_secretOfTheShop0123456789";

pub struct GitHub {
    api: Arc<Api>,
    address: String,
    /// What stands before each path, as `/api/v3` in GitHub Enterprise.
    prefix: &'static str,
    pub branch: Branch,
    pub comments: Vec<Value>,
    pub conversation: Vec<Value>,
    pub check_runs: Vec<Value>,
    /// How many items a page of a list has at most.
    pub page_size: usize,
    /// The token may read, and nothing else.
    pub is_read_only: bool,
    pub has_no_checks: bool,
    /// Lines of which GitHub says that they are not in the diff, though they are.
    pub refused_lines: Vec<u64>,
    pub trouble: Vec<Trouble>,
    /// Requests that change something, each with what was answered.
    pub writes: Vec<(String, Value, u16)>,
    pub reads: usize,
    /// What does not fit the description.
    pub faults: Vec<String>,
    next_id: u64,
}

/// Reading it takes a moment.
fn description(product: &'static str) -> Arc<Api> {
    static PUBLIC: OnceLock<Arc<Api>> = OnceLock::new();
    static ENTERPRISE: OnceLock<Arc<Api>> = OnceLock::new();
    let known = if product == "api.github.com" { &PUBLIC } else { &ENTERPRISE };
    Arc::clone(known.get_or_init(|| Arc::new(Api::of(product))))
}

impl GitHub {
    pub fn new(address: &str, branch: Branch) -> Self {
        Self::of("api.github.com", "", address, branch)
    }

    pub fn enterprise(address: &str, branch: Branch) -> Self {
        Self::of("ghes-3.19", "/api/v3", address, branch)
    }

    fn of(product: &'static str, prefix: &'static str, address: &str, branch: Branch) -> Self {
        Self {
            api: description(product),
            address: address.to_owned(),
            prefix,
            branch,
            comments: Vec::new(),
            conversation: Vec::new(),
            check_runs: Vec::new(),
            page_size: 100,
            is_read_only: false,
            has_no_checks: false,
            refused_lines: Vec::new(),
            trouble: Vec::new(),
            writes: Vec::new(),
            reads: 0,
            faults: Vec::new(),
            next_id: 1000,
        }
    }

    fn id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    /// Somebody pushes. Comments follow their lines, or lose them.
    pub fn push(&mut self, head: &str) {
        for comment in &mut self.comments {
            let Some(last) = comment["line"].as_u64() else { continue };
            let first = comment["start_line"].as_u64().unwrap_or(last);
            let path = comment["path"].as_str().unwrap().to_owned();
            let is_range = first != last;
            let there = self.branch.follow(&path, (first, last), head);
            let comment = comment.as_object_mut().unwrap();
            match there {
                Some((first, last)) => {
                    comment["line"] = json!(last);
                    if is_range {
                        comment["start_line"] = json!(first);
                    }
                }
                // GitHub says null, which its description does not have.
                None => {
                    comment.remove("line");
                    comment.remove("position");
                    comment["start_line"] = Value::Null;
                }
            }
        }
        head.clone_into(&mut self.branch.head);
    }

    /// Somebody replies to a comment, by its place in the list.
    pub fn reply(&mut self, index: usize, body: &str) {
        let mut reply = self.comments[index].clone();
        reply["in_reply_to_id"] = reply["id"].clone();
        reply["id"] = json!(self.id());
        reply["body"] = json!(body);
        reply["user"]["type"] = json!("User");
        self.comments.push(reply);
    }

    pub fn written(&self) -> Vec<&str> {
        self.writes.iter().map(|(what, ..)| what.as_str()).collect()
    }

    fn refusal(status: u16, message: &str) -> Answer {
        Answer::of(
            status,
            json!({ "message": message, "documentation_url": "https://docs.github.com/rest", "status": status.to_string() }),
        )
    }

    fn carry_out(&mut self, template: &str, request: &Request) -> Answer {
        let body = request.body.clone().unwrap_or_default();
        let last_number = || request.path.rsplit('/').next().unwrap().parse::<u64>().unwrap();
        let is_writing = request.is_writing();
        let is_check = template.contains("check-runs");
        if (is_writing && self.is_read_only) || (is_check && self.has_no_checks) {
            return Self::refusal(403, "Resource not accessible by integration");
        }
        let rest = template.trim_start_matches("/repos/{owner}/{repo}");
        match (request.method.as_str(), rest) {
            ("GET", "/pulls/{pull_number}") => Answer::of(200, self.pull()),
            ("GET", "/pulls/{pull_number}/files") => self.list(request, &self.files()),
            ("GET", "/pulls/{pull_number}/comments") => self.list(request, &self.comments),
            ("GET", "/issues/{issue_number}/comments") => self.list(request, &self.conversation),
            ("GET", "/commits/{ref}/check-runs") => {
                let head = request.path.split('/').rev().nth(1).unwrap().to_owned();
                let name = request.query("check_name");
                let fits = |run: &&Value| run["head_sha"] == *head && name.is_none_or(|name| run["name"] == *name);
                let runs: Vec<Value> = self.check_runs.iter().filter(fits).cloned().collect();
                let mut answer = self.list(request, &runs);
                answer.body = Some(json!({ "total_count": runs.len(), "check_runs": answer.body }));
                answer
            }
            ("POST", "/pulls/{pull_number}/reviews") => self.review(&body),
            ("POST", "/pulls/{pull_number}/comments") => match self.comment(&body) {
                Ok(comment) => {
                    self.comments.push(comment.clone());
                    Answer::of(201, comment)
                }
                Err(why) => invalid(&why),
            },
            ("PATCH", "/pulls/comments/{comment_id}") => {
                let comment = self.comments.iter_mut().find(|it| it["id"] == last_number()).unwrap();
                comment["body"] = body["body"].clone();
                Answer::of(200, comment.clone())
            }
            ("DELETE", "/pulls/comments/{comment_id}") => {
                let before = self.comments.len();
                self.comments.retain(|it| it["id"] != last_number());
                if self.comments.len() == before { Self::refusal(404, "Not Found") } else { Answer::nothing() }
            }
            ("POST", "/issues/{issue_number}/comments") => {
                let mut comment = self.api.example("issue-comment-items")[0].clone();
                comment["id"] = json!(self.id());
                comment["body"] = body["body"].clone();
                comment["user"]["type"] = json!("Bot");
                self.conversation.push(comment.clone());
                Answer::of(201, comment)
            }
            ("PATCH", "/issues/comments/{comment_id}") => {
                let comment = self.conversation.iter_mut().find(|it| it["id"] == last_number()).unwrap();
                comment["body"] = body["body"].clone();
                Answer::of(200, comment.clone())
            }
            ("POST", "/check-runs") => {
                let mut run = self.api.example("check-run-paginated")["check_runs"][0].clone();
                run["id"] = json!(self.id());
                run["head_sha"] = body["head_sha"].clone();
                run["name"] = body["name"].clone();
                run["external_id"] = Value::Null;
                run["conclusion"] = Value::Null;
                run["output"]["annotations_count"] = json!(0);
                run["annotations"] = json!([]);
                fill(&mut run, &body);
                self.check_runs.push(run.clone());
                Answer::of(201, without_annotations(run))
            }
            ("PATCH", "/check-runs/{check_run_id}") => {
                let run = self.check_runs.iter_mut().find(|it| it["id"] == last_number()).unwrap();
                fill(run, &body);
                Answer::of(200, without_annotations(run.clone()))
            }
            (method, _) => panic!("{method} {template} is not played"),
        }
    }

    fn list(&self, request: &Request, all: &[Value]) -> Answer {
        let (items, links) = page(request, &self.address, all, self.page_size);
        let answer = Answer::of(200, Value::Array(items));
        match links {
            Some(links) => answer.with("link", links),
            None => answer,
        }
    }

    fn pull(&self) -> Value {
        let mut pull = self.api.example("pull-request");
        // The example lacks what the description asks of teams.
        pull["requested_teams"] = json!([]);
        pull["number"] = json!(5);
        pull["head"]["sha"] = json!(self.branch.head);
        pull["base"]["sha"] = json!(self.branch.base);
        pull["base"]["repo"]["html_url"] = json!("https://github.com/acme/shop");
        pull
    }

    fn files(&self) -> Vec<Value> {
        let file = |it: crate::changes::ChangedFile| {
            let mut file = self.api.example("diff-entry-items")[0].clone();
            file["filename"] = json!(it.path);
            file["status"] = json!(it.status);
            file["sha"] = json!(it.blob);
            file["patch"] = json!(it.patch);
            if let Some(old) = it.old_path {
                file["previous_filename"] = json!(old);
            }
            // Of what is binary or too large there is none.
            if it.patch.is_empty() {
                file.as_object_mut().unwrap().remove("patch");
            }
            file
        };
        self.branch.files().into_iter().map(file).collect()
    }

    fn review(&mut self, review: &Value) -> Answer {
        if review["commit_id"] != *self.branch.head {
            return invalid("commit_id is not part of the pull request");
        }
        if review["event"] == "COMMENT" && review["body"].as_str().is_none_or(str::is_empty) {
            return invalid("body is missing");
        }
        let comments: Result<Vec<Value>, String> =
            review["comments"].as_array().unwrap().iter().map(|it| self.comment(it)).collect();
        match comments {
            Ok(comments) if comments.len() <= 30 => {
                self.comments.extend(comments);
                let mut answer = self.api.example("pull-request-review");
                answer["id"] = json!(self.id());
                answer["body"] = review["body"].clone();
                answer["state"] = json!("COMMENTED");
                Answer::of(200, answer)
            }
            Ok(_) => Self::refusal(403, "You have triggered an abuse detection mechanism"),
            Err(why) => invalid(&why),
        }
    }

    /// A comment on lines or on a file, if it may be there.
    fn comment(&mut self, wanted: &Value) -> Result<Value, String> {
        let path = wanted["path"].as_str().unwrap();
        let files = self.branch.files();
        let file = files.iter().find(|it| it.path == path).ok_or("path is not part of the pull request")?;
        let mut comment = self.api.example("pull-request-review-comment-items")[0].clone();
        comment.as_object_mut().unwrap().remove("in_reply_to_id");
        comment["id"] = json!(self.id());
        comment["path"] = json!(path);
        comment["body"] = wanted["body"].clone();
        comment["commit_id"] = json!(self.branch.head);
        comment["user"]["type"] = json!("Bot");
        comment["user"]["login"] = json!("github-actions[bot]");
        if wanted["subject_type"] == "file" {
            comment["subject_type"] = json!("file");
            comment["line"] = json!(1);
            comment["start_line"] = Value::Null;
            return Ok(comment);
        }
        let last = wanted["line"].as_u64().ok_or("line is missing")?;
        let first = wanted["start_line"].as_u64().unwrap_or(last);
        if wanted["side"] != "RIGHT" || wanted.get("start_line").is_some() != wanted.get("start_side").is_some() {
            return Err("side must be one of the diff".to_owned());
        }
        if wanted.get("start_line").is_some() && first >= last {
            return Err("start_line must precede the end line".to_owned());
        }
        if !shows(&file.patch, first, last) || self.refused_lines.contains(&last) {
            return Err("line must be part of the diff".to_owned());
        }
        comment["line"] = json!(last);
        comment["side"] = json!("RIGHT");
        comment["start_line"] = wanted.get("start_line").cloned().unwrap_or_default();
        comment["start_side"] = wanted.get("start_side").cloned().unwrap_or_default();
        Ok(comment)
    }
}

fn invalid(why: &str) -> Answer {
    Answer::of(
        422,
        json!({
            "message": "Unprocessable Entity",
            "errors": [why],
            "documentation_url": "https://docs.github.com/rest/pulls/reviews",
        }),
    )
}

fn fill(run: &mut Value, body: &Value) {
    for name in ["status", "conclusion", "external_id"] {
        if let Some(value) = body.get(name) {
            run[name] = value.clone();
        }
    }
    run["output"]["title"] = body["output"]["title"].clone();
    run["output"]["summary"] = body["output"]["summary"].clone();
    let new = body["output"]["annotations"].as_array().cloned().unwrap_or_default();
    let all = run["annotations"].as_array_mut().unwrap();
    all.extend(new);
    run["output"]["annotations_count"] = json!(all.len());
}

fn without_annotations(mut run: Value) -> Value {
    run.as_object_mut().unwrap().remove("annotations");
    run
}

impl Played for GitHub {
    fn answer(&mut self, request: &Request) -> Answer {
        let Some(path) = request.path.strip_prefix(self.prefix) else {
            self.faults.push(format!("{} is not below {}", request.path, self.prefix));
            return Self::refusal(404, "Not Found");
        };
        let what = format!("{} {path}", request.method);
        if request.header("authorization") != Some(&format!("Bearer {TOKEN}")) && request.is_writing() {
            return Self::refusal(401, "Bad credentials");
        }
        let trouble = trouble(&mut self.trouble, &what);
        if let Some(Trouble::Refuses(_, answer)) = trouble {
            return answer;
        }
        let api = Arc::clone(&self.api);
        let operation = match api.operation(&request.method, path) {
            Ok(operation) => operation,
            Err(why) => {
                self.faults.push(format!("{what}: {why}"));
                return Self::refusal(404, "Not Found");
            }
        };
        if let Err(why) = operation.check_request(&request.query, request.body.as_ref()) {
            self.faults.push(format!("{what}: {why}"));
        }
        for (name, value) in [("accept", "application/vnd.github+json"), ("x-github-api-version", "2022-11-28")] {
            if request.header(name) != Some(value) {
                self.faults.push(format!("{what}: {name} is not {value}"));
            }
        }
        if request.header("user-agent").is_none_or(|it| !it.starts_with("hookshift/")) {
            self.faults.push(format!("{what}: GitHub wants to know who asks"));
        }
        let mut answer = self.carry_out(&operation.template, request);
        // What check runs and deleted comments are refused with is nowhere in the description.
        if answer.status < 400
            && let Err(why) = operation.check_answer(answer.status, answer.body.as_ref().map(strip).as_ref())
        {
            self.faults.push(format!("{what}, the answer: {why}"));
        }
        match request.is_writing() {
            true => self.writes.push((what, request.body.clone().unwrap_or_default(), answer.status)),
            false => self.reads += 1,
        }
        if matches!(trouble, Some(Trouble::LosesAnswer(_))) {
            answer.status = 0;
        }
        answer
    }
}

/// What is kept for the tests is not in the answer.
fn strip(body: &Value) -> Value {
    let mut body = body.clone();
    for run in body.get_mut("check_runs").and_then(Value::as_array_mut).into_iter().flatten() {
        run.as_object_mut().unwrap().remove("annotations");
    }
    body
}
