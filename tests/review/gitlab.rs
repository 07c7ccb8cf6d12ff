//! GitLab as far as reviews need it: one merge request, with a memory. Requests are held against schemas that say what GitLab's
//! documentation of its merge requests, discussions and notes says; answers have the shapes of its examples.

use serde_json::{Value, json};

use crate::changes::{Branch, hunks};
use crate::server::{Answer, Played, Request, Trouble, page, trouble};

pub const TOKEN: &str = "glpat-secretOfTheShop0123456789";

const MERGE_REQUEST: &str = "/api/v4/projects/acme%2Fshop/merge_requests/7";

pub struct GitLab {
    address: String,
    pub branch: Branch,
    pub discussions: Vec<Value>,
    pub page_size: usize,
    pub is_read_only: bool,
    pub trouble: Vec<Trouble>,
    pub writes: Vec<(String, Value, u16)>,
    pub faults: Vec<String>,
    next_id: u64,
}

impl GitLab {
    pub fn new(address: &str, branch: Branch) -> Self {
        Self {
            address: address.to_owned(),
            branch,
            discussions: Vec::new(),
            page_size: 100,
            is_read_only: false,
            trouble: Vec::new(),
            writes: Vec::new(),
            faults: Vec::new(),
            next_id: 300,
        }
    }

    pub fn written(&self) -> Vec<&str> {
        self.writes.iter().map(|(what, ..)| what.as_str()).collect()
    }

    /// Somebody pushes. Positions follow their lines; those whose lines have changed stay with the old commit.
    pub fn push(&mut self, head: &str) {
        for discussion in &mut self.discussions {
            let position = &mut discussion["notes"][0]["position"];
            let is_file = position["position_type"] == "file";
            let (Some(path), line) = (position["new_path"].as_str(), position["new_line"].as_u64()) else { continue };
            match line.and_then(|line| self.branch.follow(path, (line, line), head)) {
                Some((line, _)) => {
                    position["new_line"] = json!(line);
                    position["head_sha"] = json!(head);
                }
                None if is_file => position["head_sha"] = json!(head),
                None => {}
            }
        }
        head.clone_into(&mut self.branch.head);
    }

    pub fn reply(&mut self, index: usize, body: &str) {
        let note = self.note(body, Value::Null);
        self.discussions[index]["notes"].as_array_mut().unwrap().push(note);
    }

    fn note(&mut self, body: &str, position: Value) -> Value {
        self.next_id += 1;
        let is_on_code = !position.is_null();
        let mut note = json!({
            "id": self.next_id,
            "type": if is_on_code { json!("DiffNote") } else { Value::Null },
            "body": body,
            "attachment": null,
            "author": { "id": 1, "name": "root", "username": "root", "state": "active" },
            "created_at": "2026-01-02T03:04:05.000Z",
            "updated_at": "2026-01-02T03:04:05.000Z",
            "system": false,
            "noteable_id": 3,
            "noteable_type": "MergeRequest",
            "project_id": 5,
            "noteable_iid": 7,
            "resolvable": is_on_code,
        });
        if is_on_code {
            note["position"] = position;
            note["resolved"] = json!(false);
            note["resolved_by"] = Value::Null;
        }
        note
    }

    fn discuss(&mut self, body: &str, position: Value) -> Value {
        let is_individual = position.is_null();
        let note = self.note(body, position);
        let id = format!("{:040x}", note["id"].as_u64().unwrap());
        let discussion = json!({ "id": id, "individual_note": is_individual, "notes": [note] });
        self.discussions.push(discussion.clone());
        discussion
    }

    fn merge_request(&self) -> Value {
        json!({
            "id": 33,
            "iid": 7,
            "project_id": 5,
            "title": "Keep the shop",
            "state": "opened",
            "sha": self.branch.head,
            "web_url": "https://gitlab.example.com/acme/shop/-/merge_requests/7",
            "diff_refs": { "base_sha": self.branch.base, "head_sha": self.branch.head, "start_sha": self.branch.base },
        })
    }

    fn diffs(&self) -> Vec<Value> {
        let diff = |it: crate::changes::ChangedFile| {
            json!({
                "old_path": it.old_path.as_ref().unwrap_or(&it.path),
                "new_path": it.path,
                "a_mode": "100644",
                "b_mode": "100644",
                "diff": format!("{}\n", it.patch),
                "collapsed": false,
                "too_large": false,
                "new_file": it.status == "added",
                "renamed_file": it.status == "renamed",
                "deleted_file": it.status == "removed",
                "generated_file": false,
            })
        };
        self.branch.files().into_iter().map(diff).collect()
    }

    /// Whether a position is one of the diff: an unchanged line needs the old one as well, a new one must not have any.
    fn check_position(&self, position: &Value) -> Result<(), &'static str> {
        for name in ["base_sha", "start_sha"] {
            if position[name] != *self.branch.base {
                return Err("400 Bad request - Note {:position=>[\"is incomplete\"]}");
            }
        }
        if position["head_sha"] != *self.branch.head {
            return Err("400 Bad request - Note {:position=>[\"is incomplete\"]}");
        }
        let no_line = "400 Bad request - Note {:line_code=>[\"can't be blank\", \"must be a valid line code\"]}";
        let files = self.branch.files();
        let file = files.iter().find(|it| position["new_path"] == *it.path).ok_or(no_line)?;
        if position["old_path"] != *file.old_path.as_ref().unwrap_or(&file.path) {
            return Err(no_line);
        }
        if position["position_type"] == "file" {
            return Ok(());
        }
        let line = position["new_line"].as_u64().ok_or(no_line)?;
        let found = hunks(&file.patch).into_iter().find_map(|(first, lines)| {
            let at = usize::try_from(line.checked_sub(first)?).unwrap();
            lines.get(at).copied()
        });
        match found {
            Some(is_new) if is_new == position.get("old_line").is_none() => Ok(()),
            _ => Err(no_line),
        }
    }

    fn carry_out(&mut self, request: &Request, rest: &str) -> Answer {
        let parts: Vec<&str> = rest.split('/').skip(1).collect();
        let body = request.body.clone().unwrap_or_default();
        let text = body["body"].as_str().unwrap_or_default().to_owned();
        if request.is_writing() && self.is_read_only {
            return Answer::of(403, json!({ "message": "403 Forbidden" }));
        }
        match (request.method.as_str(), &parts[..]) {
            ("GET", []) => Answer::of(200, self.merge_request()),
            ("GET", ["diffs"]) => self.list(request, &self.diffs()),
            ("GET", ["discussions"]) => self.list(request, &self.discussions),
            ("POST", ["discussions"]) => match self.check_position(&body["position"]) {
                Ok(()) => {
                    let discussion = self.discuss(&text, body["position"].clone());
                    Answer::of(201, discussion)
                }
                Err(why) => Answer::of(400, json!({ "message": why })),
            },
            ("POST", ["notes"]) => {
                let discussion = self.discuss(&text, Value::Null);
                Answer::of(201, discussion["notes"][0].clone())
            }
            ("PUT", [.., "notes", id]) => match self.find(id) {
                Some((discussion, note)) => {
                    let note = &mut self.discussions[discussion]["notes"][note];
                    note["body"] = json!(text);
                    Answer::of(200, note.clone())
                }
                None => Answer::of(404, json!({ "message": "404 Not found" })),
            },
            ("DELETE", ["discussions", _, "notes", id]) => match self.find(id) {
                Some((discussion, note)) => {
                    let notes = self.discussions[discussion]["notes"].as_array_mut().unwrap();
                    notes.remove(note);
                    if notes.is_empty() {
                        self.discussions.remove(discussion);
                    }
                    Answer::nothing()
                }
                None => Answer::of(404, json!({ "message": "404 Not found" })),
            },
            (method, _) => panic!("{method} {rest} is not played"),
        }
    }

    fn find(&self, id: &str) -> Option<(usize, usize)> {
        let id: u64 = id.parse().ok()?;
        let note = |discussion: &Value| discussion["notes"].as_array()?.iter().position(|it| it["id"] == id);
        self.discussions.iter().enumerate().find_map(|(at, discussion)| Some((at, note(discussion)?)))
    }

    fn list(&self, request: &Request, all: &[Value]) -> Answer {
        let (items, links) = page(request, &self.address, all, self.page_size);
        let answer = Answer::of(200, Value::Array(items));
        match links {
            Some(links) => answer.with("Link", links),
            None => answer,
        }
    }
}

/// What the documentation says of the body of a request.
fn schema(method: &str, rest: &str) -> Option<Value> {
    let sha = json!({ "type": "string", "pattern": "^[0-9a-f]{40}$" });
    let text = json!({ "type": "string", "minLength": 1, "maxLength": 1_000_000 });
    let line = json!({ "type": "integer", "minimum": 1 });
    let note = json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["body"],
        "properties": { "body": text },
    });
    let common = json!({
        "base_sha": sha, "start_sha": sha, "head_sha": sha,
        "old_path": { "type": "string" }, "new_path": { "type": "string" },
    });
    let position = |kind: &str, more: Value| {
        let mut properties = common.clone();
        properties["position_type"] = json!({ "const": kind });
        properties.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let mut required = vec!["base_sha", "start_sha", "head_sha", "position_type", "old_path", "new_path"];
        if kind == "text" {
            required.push("new_line");
        }
        json!({ "type": "object", "additionalProperties": false, "required": required, "properties": properties })
    };
    let on_code = json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["body", "position"],
        "properties": {
            "body": text,
            "position": {
                "oneOf": [position("text", json!({ "new_line": line, "old_line": line })), position("file", json!({}))],
            },
        },
    });
    match (method, rest) {
        ("POST", "/discussions") => Some(on_code),
        ("POST" | "PUT", _) => Some(note),
        _ => None,
    }
}

impl Played for GitLab {
    fn answer(&mut self, request: &Request) -> Answer {
        let Some(rest) = request.path.strip_prefix(MERGE_REQUEST) else {
            return Answer::of(404, json!({ "message": "404 Project Not Found" }));
        };
        if request.header("private-token") != Some(TOKEN) {
            return Answer::of(401, json!({ "message": "401 Unauthorized" }));
        }
        let what = format!("{} {rest}", request.method);
        let trouble = trouble(&mut self.trouble, &what);
        if let Some(Trouble::Refuses(_, answer)) = trouble {
            return answer;
        }
        let fault = match (schema(&request.method, rest), &request.body) {
            (Some(schema), Some(body)) => jsonschema::validate(&schema, body).err().map(|error| error.to_string()),
            (None, None) => None,
            _ => Some("the body is missing, or one too many".to_owned()),
        };
        self.faults.extend(fault.map(|fault| format!("{what}: {fault}")));
        let known = ["page", "per_page"];
        let unknown = request.query.iter().filter(|(name, _)| !known.contains(&name.as_str()));
        self.faults.extend(unknown.map(|(name, _)| format!("{what}: there is no {name}")));
        let mut answer = self.carry_out(request, rest);
        if request.is_writing() {
            self.writes.push((what, request.body.clone().unwrap_or_default(), answer.status));
        }
        if matches!(trouble, Some(Trouble::LosesAnswer(_))) {
            answer.status = 0;
        }
        answer
    }
}
