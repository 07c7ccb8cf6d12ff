//! Pull requests on GitHub, and on GitHub Enterprise, by the REST interface.
//!
//! Facts are from GitHub's OpenAPI description and its documentation: comments go only to lines of the diff (422 otherwise), a
//! review is one notification whatever the number of its comments, a check run takes 50 annotations with a request.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Value, json};

use super::comment::{Dialect, count};
use super::diff::FileDiff;
use super::http::{Client, Error, Method};
use super::items::Item;
use super::marker::{self, CommentMarker, SummaryMarker};
use super::plan::{Existing, On, Remark};
use super::summary::Text;
use super::{Annotated, Now, Platform, RefusedComments, Review, Summary};
use crate::finding::Severity;
use crate::report::prose;

/// What each request says besides the token.
pub const HEADERS: &[(&str, &str)] =
    &[("accept", "application/vnd.github+json"), ("x-github-api-version", "2022-11-28")];

const ANNOTATIONS_PER_REQUEST: usize = 50;
/// More than these are seen by nobody, and take a request and a second for each 50.
const MAX_ANNOTATIONS: usize = 500;
/// Of an annotation, in bytes; 64 KB are taken.
const MAX_MESSAGE_BYTES: usize = 64_000;

/// One pull request.
pub struct GitHub<'a> {
    client: &'a Client<'a>,
    /// `/repos/OWNER/NAME`.
    repository: String,
    number: u64,
}

#[derive(Deserialize)]
struct Pull {
    head: Head,
    base: Base,
}

#[derive(Deserialize)]
struct Head {
    sha: String,
}

#[derive(Deserialize)]
struct Base {
    repo: Repo,
}

#[derive(Deserialize)]
struct Repo {
    html_url: String,
}

#[derive(Deserialize)]
struct File {
    filename: String,
    status: String,
    sha: Option<String>,
    patch: Option<String>,
    previous_filename: Option<String>,
}

#[derive(Deserialize)]
struct ReviewComment {
    id: u64,
    path: String,
    #[serde(default)]
    body: String,
    line: Option<u32>,
    start_line: Option<u32>,
    side: Option<String>,
    subject_type: Option<String>,
    in_reply_to_id: Option<u64>,
    #[serde(flatten)]
    author: Author,
}

#[derive(Deserialize)]
struct IssueComment {
    id: u64,
    body: Option<String>,
    #[serde(flatten)]
    author: Author,
}

#[derive(Deserialize)]
struct Author {
    user: Option<User>,
    author_association: Option<String>,
}

#[derive(Deserialize)]
struct User {
    #[serde(rename = "type", default)]
    kind: String,
}

#[derive(Deserialize)]
struct CheckRuns {
    check_runs: Vec<CheckRun>,
}

#[derive(Deserialize)]
struct CheckRun {
    external_id: Option<String>,
}

#[derive(Deserialize)]
struct Made {
    id: u64,
}

impl Author {
    /// A program, or somebody who may do something here. Anybody can write our marker into a comment, and nobody shall silence
    /// findings by that.
    fn is_trusted(&self) -> bool {
        let is_program = self.user.as_ref().is_some_and(|user| user.kind == "Bot");
        is_program || matches!(self.author_association.as_deref(), Some("OWNER" | "MEMBER" | "COLLABORATOR"))
    }
}

impl ReviewComment {
    fn on(&self) -> Option<On> {
        if self.subject_type.as_deref() == Some("file") {
            return Some(On::File);
        }
        let last = self.line.filter(|_| self.side.as_deref() != Some("LEFT"))?;
        Some(On::Lines { first: self.start_line.unwrap_or(last), last })
    }
}

impl<'a> GitHub<'a> {
    /// The pull request `number` of `repository`, which is `owner/name`.
    #[must_use]
    pub fn new(client: &'a Client<'a>, repository: &str, number: u64) -> Self {
        Self { client, repository: format!("/repos/{repository}"), number }
    }

    fn path(&self, rest: &str) -> String {
        format!("{}{rest}", self.repository)
    }

    fn pull(&self, rest: &str) -> String {
        self.path(&format!("/pulls/{}{rest}", self.number))
    }

    fn files(&self) -> Result<BTreeMap<String, FileDiff>, Error> {
        let files = self.client.get_all(&self.pull("/files?per_page=100"), |files: Vec<File>| files)?;
        let there = files.into_iter().filter(|file| file.status != "removed");
        Ok(there
            .map(|file| {
                // A patch that cannot be read is one that is not there: none of its lines can be talked about.
                let mut diff = file.patch.and_then(|it| FileDiff::parse(&it).ok()).unwrap_or_default();
                diff.old_path = file.previous_filename;
                diff.blob = file.sha;
                (file.filename, diff)
            })
            .collect())
    }

    fn comments(&self, name: &str) -> Result<Vec<Existing>, Error> {
        let all = self.client.get_all(&self.pull("/comments?per_page=100"), |all: Vec<ReviewComment>| all)?;
        let replied: BTreeSet<u64> = all.iter().filter_map(|it| it.in_reply_to_id).collect();
        let ours = all.iter().filter(|it| it.in_reply_to_id.is_none() && it.author.is_trusted());
        let existing = |it: &ReviewComment| {
            let marker = CommentMarker::read(&it.body).filter(|it| it.name == name)?;
            Some(Existing {
                id: it.id.to_string(),
                path: it.path.clone(),
                on: it.on(),
                text_has_range: false,
                marker,
                has_replies: replied.contains(&it.id),
                is_resolved: false,
            })
        };
        Ok(ours.filter_map(existing).collect())
    }

    fn summary(&self, name: &str) -> Result<Option<Summary>, Error> {
        let path = self.path(&format!("/issues/{}/comments?per_page=100", self.number));
        let all = self.client.get_all(&path, |all: Vec<IssueComment>| all)?;
        let mut ours = all.iter().filter(|it| it.author.is_trusted()).filter_map(|it| {
            let marker = SummaryMarker::read(it.body.as_deref()?).filter(|it| it.name == name)?;
            Some(Summary { id: it.id.to_string(), marker })
        });
        Ok(ours.next())
    }

    /// All comments on lines at once, so that people are told once.
    fn review(&self, now: &Now, lines: &[(usize, Value)], title: &str) -> Result<RefusedComments, Error> {
        let comments: Vec<&Value> = lines.iter().map(|(_, comment)| comment).collect();
        let body = json!({ "commit_id": now.head, "event": "COMMENT", "body": title, "comments": comments });
        match self.client.send(Method::Post, &self.pull("/reviews"), Some(&body)) {
            Ok(_) => Ok(Vec::new()),
            // One of them is refused, and nobody says which one.
            Err(error) if error.status() == Some(422) => self.one_by_one(now, lines),
            Err(error) => Err(error),
        }
    }

    fn one_by_one(&self, now: &Now, comments: &[(usize, Value)]) -> Result<RefusedComments, Error> {
        let mut refused = Vec::new();
        for (index, comment) in comments {
            let mut body = comment.clone();
            body["commit_id"] = json!(now.head);
            match self.client.send(Method::Post, &self.pull("/comments"), Some(&body)) {
                Ok(_) => {}
                Err(error) if error.status() == Some(422) => refused.push(*index),
                Err(error) => return Err(error),
            }
        }
        Ok(refused)
    }

    fn check_run(&self, now: &Now, review: &Review<'_>, rest: &[&Item<'_>], text: &Text) -> Result<Annotated, Error> {
        let content = content(review, rest, text);
        // Links to the commit are another matter than what is said.
        let id = marker::hash(&content.to_string().replace(&now.blob_url, ""));
        let known = format!("/commits/{}/check-runs?check_name={}&filter=latest&per_page=100", now.head, review.name);
        let known = self.client.get_all(&self.path(&known), |page: CheckRuns| page.check_runs)?;
        if known.iter().any(|it| it.external_id.as_deref() == Some(&id)) {
            return Ok(Annotated::Known);
        }
        if rest.is_empty() && known.is_empty() {
            return Ok(Annotated::NotHere);
        }
        let annotations: Vec<Value> = rest.iter().take(MAX_ANNOTATIONS).filter_map(|item| annotation(item)).collect();
        let mut batches: Vec<&[Value]> = annotations.chunks(ANNOTATIONS_PER_REQUEST).collect();
        if batches.is_empty() {
            batches.push(&[]);
        }
        let last = batches.len() - 1;
        let mut path = self.path("/check-runs");
        for (at, batch) in batches.into_iter().enumerate() {
            let output = json!({ "title": content["title"], "summary": content["summary"], "annotations": batch });
            let mut body = json!({ "name": review.name, "output": output });
            if at == 0 {
                body["head_sha"] = json!(now.head);
                body["status"] = json!("in_progress");
            }
            // Only what is whole has an identity, by which it is known again.
            if at == last {
                body["status"] = json!("completed");
                body["conclusion"] = content["conclusion"].clone();
                body["external_id"] = json!(id);
            }
            let method = if at == 0 { Method::Post } else { Method::Patch };
            // Annotations are added to those that are there.
            let made = self.client.send_once(method, &path, Some(&body))?;
            if at == 0 {
                let id =
                    serde_json::from_value(made).map_or("{check_run_id}".to_owned(), |made: Made| made.id.to_string());
                path = format!("{path}/{id}");
            }
        }
        Ok(Annotated::Done)
    }
}

/// What a check run says, without its annotations in the form in which they are sent.
fn content(review: &Review<'_>, rest: &[&Item<'_>], text: &Text) -> Value {
    let counts = &review.run.analysis.summary;
    let all = counts.errors + counts.warnings + counts.infos;
    let conclusion = match () {
        () if all == 0 => "success",
        () if counts.errors > 0 && !review.exit_zero => "failure",
        () => "neutral",
    };
    let title = match all {
        0 => "nothing found".to_owned(),
        _ => format!("{}, {}", count(counts.errors, "error"), count(counts.warnings, "warning")),
    };
    let mut summary = text.body.clone();
    if rest.len() > MAX_ANNOTATIONS {
        summary.push_str(&format!("\nOnly the first {MAX_ANNOTATIONS} of {} are shown beside the code.\n", rest.len()));
    }
    let annotated: Vec<String> = rest.iter().map(|it| it.fingerprint.to_string()).collect();
    json!({ "conclusion": conclusion, "title": title, "summary": summary, "annotated": annotated })
}

fn annotation(item: &Item<'_>) -> Option<Value> {
    let (path, line) = (item.path.as_ref()?, item.lines.0);
    let level = match item.finding.severity {
        Severity::Error => "failure",
        Severity::Warning => "warning",
        Severity::Info => "notice",
    };
    let mut message = prose::plain(item.finding);
    if message.len() > MAX_MESSAGE_BYTES {
        message.truncate(message.floor_char_boundary(MAX_MESSAGE_BYTES));
        message.push('…');
    }
    Some(json!({
        "path": path,
        "start_line": line,
        "end_line": line,
        "annotation_level": level,
        "title": item.finding.rule,
        "message": message,
    }))
}

/// A comment as both a review and a request of its own take it.
fn comment(remark: &Remark, body: &str) -> Value {
    match remark.on {
        On::File => json!({ "path": remark.path, "body": body, "subject_type": "file" }),
        On::Lines { first, last } if first == last => {
            json!({ "path": remark.path, "body": body, "side": "RIGHT", "line": last })
        }
        On::Lines { first, last } => json!({
            "path": remark.path, "body": body,
            "start_side": "RIGHT", "start_line": first, "side": "RIGHT", "line": last,
        }),
    }
}

impl Platform for GitHub<'_> {
    fn dialect(&self) -> Dialect {
        Dialect::GitHub
    }

    fn look(&self, name: &str) -> Result<Now, Error> {
        let pull: Pull = self.client.get(&self.pull(""))?;
        Ok(Now {
            files: self.files()?,
            comments: self.comments(name)?,
            summary: self.summary(name)?,
            blob_url: format!("{}/blob/{}", pull.base.repo.html_url, pull.head.sha),
            head: pull.head.sha,
            refs: None,
        })
    }

    fn comment(&self, now: &Now, remarks: &[Remark], bodies: &[String], title: &str) -> Result<RefusedComments, Error> {
        let all = remarks.iter().zip(bodies).map(|(remark, body)| comment(remark, body)).enumerate();
        let (files, lines): (Vec<_>, Vec<_>) = all.partition(|(index, _)| remarks[*index].on == On::File);
        let mut refused = match lines.is_empty() {
            true => Vec::new(),
            false => self.review(now, &lines, title)?,
        };
        refused.extend(self.one_by_one(now, &files)?);
        Ok(refused)
    }

    fn update(&self, comment: &Existing, body: &str) -> Result<(), Error> {
        let path = self.path(&format!("/pulls/comments/{}", comment.id));
        self.client.send(Method::Patch, &path, Some(&json!({ "body": body }))).map(drop)
    }

    fn take_back(&self, comment: &Existing) -> Result<(), Error> {
        let path = self.path(&format!("/pulls/comments/{}", comment.id));
        self.client.send(Method::Delete, &path, None).map(drop)
    }

    fn summarize(&self, summary: Option<&Summary>, body: &str) -> Result<(), Error> {
        let (method, path) = match summary {
            Some(it) => (Method::Patch, format!("/issues/comments/{}", it.id)),
            None => (Method::Post, format!("/issues/{}/comments", self.number)),
        };
        self.client.send(method, &self.path(&path), Some(&json!({ "body": body }))).map(drop)
    }

    fn annotate(&self, now: &Now, review: &Review<'_>, rest: &[&Item<'_>], text: &Text) -> Result<Annotated, Error> {
        match self.check_run(now, review, rest, text) {
            // Only what runs as an app may make check runs, and only with a permission of its own.
            Err(error) if error.is_forbidden() => Ok(Annotated::Forbidden(error.to_string())),
            result => result,
        }
    }
}
