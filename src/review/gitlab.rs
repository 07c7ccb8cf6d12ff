//! Merge requests on GitLab, be it gitlab.com or one's own.
//!
//! Facts are from GitLab's documentation of its merge requests, discussions and notes: a discussion on an unchanged line names the
//! old line as well as the new one, one on a line that is not in the diff is refused with 400, positions need all three commits.

use serde::Deserialize;
use serde_json::{Value, json};

use super::comment::Dialect;
use super::diff::FileDiff;
use super::http::{Client, Error, Method};
use super::marker::{CommentMarker, SummaryMarker};
use super::plan::{Existing, On, Remark};
use super::{Now, Platform, RefusedComments, Summary};
use crate::report::uri;

/// One merge request.
pub struct GitLab<'a> {
    client: &'a Client<'a>,
    /// `/projects/ID/merge_requests/IID`.
    path: String,
}

#[derive(Deserialize)]
struct MergeRequest {
    web_url: String,
    diff_refs: Option<Refs>,
}

/// The commits between which a merge request is.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct Refs {
    base_sha: String,
    start_sha: String,
    head_sha: String,
}

#[derive(Deserialize)]
struct Diff {
    old_path: String,
    new_path: String,
    #[serde(default)]
    deleted_file: bool,
    #[serde(default)]
    diff: String,
}

#[derive(Deserialize)]
struct Discussion {
    id: String,
    #[serde(default)]
    notes: Vec<Note>,
}

#[derive(Deserialize)]
struct Note {
    id: u64,
    #[serde(default)]
    body: String,
    #[serde(default)]
    system: bool,
    resolved: Option<bool>,
    position: Option<Position>,
}

#[derive(Deserialize)]
struct Position {
    head_sha: Option<String>,
    position_type: Option<String>,
    new_path: Option<String>,
    new_line: Option<u32>,
}

impl Position {
    /// `None` when it is one of an older state of the merge request.
    fn on(&self, head: &str) -> Option<On> {
        if self.position_type.as_deref() == Some("file") {
            return Some(On::File);
        }
        let line = self.new_line.filter(|_| self.head_sha.as_deref() == Some(head))?;
        Some(On::Lines { first: line, last: line })
    }
}

impl<'a> GitLab<'a> {
    /// The merge request `number` of a project, which is known by its number or its path.
    #[must_use]
    pub fn new(client: &'a Client<'a>, project: &str, number: u64) -> Self {
        Self { client, path: format!("/projects/{}/merge_requests/{number}", uri::of_part(project)) }
    }

    fn path(&self, rest: &str) -> String {
        format!("{}{rest}", self.path)
    }

    fn files(&self) -> Result<Vec<(String, FileDiff)>, Error> {
        let files = self.client.get_all(&self.path("/diffs?per_page=100"), |files: Vec<Diff>| files)?;
        let there = files.into_iter().filter(|file| !file.deleted_file);
        Ok(there
            .map(|file| {
                // What is too large is left empty.
                let mut diff = FileDiff::parse(&file.diff).unwrap_or_default();
                diff.old_path = (file.old_path != file.new_path).then_some(file.old_path);
                (file.new_path, diff)
            })
            .collect())
    }
}

fn comment(discussion: &Discussion, name: &str, head: &str) -> Option<Existing> {
    let first = discussion.notes.first()?;
    let position = first.position.as_ref()?;
    let marker = CommentMarker::read(&first.body).filter(|it| it.name == name)?;
    Some(Existing {
        id: format!("{}/notes/{}", discussion.id, first.id),
        path: position.new_path.clone().unwrap_or_default(),
        on: position.on(head),
        text_has_range: true,
        marker,
        has_replies: discussion.notes.iter().skip(1).any(|note| !note.system),
        is_resolved: first.resolved == Some(true),
    })
}

fn summary(discussion: &Discussion, name: &str) -> Option<Summary> {
    let first = discussion.notes.first()?;
    let marker = SummaryMarker::read(&first.body).filter(|it| it.name == name)?;
    Some(Summary { id: first.id.to_string(), marker })
}

/// Where a remark goes. A suggestion says itself how many lines above it takes.
fn position(now: &Now, refs: &Refs, remark: &Remark) -> Value {
    let diff = now.files.get(&remark.path);
    let old_path = diff.and_then(|it| it.old_path.as_ref()).unwrap_or(&remark.path);
    let mut position = json!({
        "base_sha": refs.base_sha,
        "start_sha": refs.start_sha,
        "head_sha": refs.head_sha,
        "old_path": old_path,
        "new_path": remark.path,
    });
    match remark.on {
        On::File => position["position_type"] = json!("file"),
        On::Lines { last, .. } => {
            position["position_type"] = json!("text");
            position["new_line"] = json!(last);
            if let Some(old) = diff.and_then(|it| it.old_line(last)) {
                position["old_line"] = json!(old);
            }
        }
    }
    position
}

impl Platform for GitLab<'_> {
    fn dialect(&self) -> Dialect {
        Dialect::GitLab
    }

    fn look(&self, name: &str) -> Result<Now, Error> {
        let request: MergeRequest = self.client.get(&self.path(""))?;
        let refs = request.diff_refs.ok_or_else(|| Error::Unreadable {
            method: Method::Get,
            path: self.path(""),
            reason: "GitLab has not made the diff of this merge request yet".to_owned(),
        })?;
        let head = refs.head_sha.clone();
        let all = self.client.get_all(&self.path("/discussions?per_page=100"), |all: Vec<Discussion>| all)?;
        let project = request.web_url.split("/-/merge_requests/").next().unwrap_or_default();
        Ok(Now {
            files: self.files()?.into_iter().collect(),
            comments: all.iter().filter_map(|it| comment(it, name, &head)).collect(),
            summary: all.iter().find_map(|it| summary(it, name)),
            blob_url: format!("{project}/-/blob/{head}"),
            head,
            refs: Some(refs),
        })
    }

    fn comment(
        &self,
        now: &Now,
        remarks: &[Remark],
        bodies: &[String],
        _title: &str,
    ) -> Result<RefusedComments, Error> {
        let Some(refs) = &now.refs else { return Ok((0..remarks.len()).collect()) };
        let mut refused = Vec::new();
        for (index, (remark, body)) in remarks.iter().zip(bodies).enumerate() {
            let request = json!({ "body": body, "position": position(now, refs, remark) });
            match self.client.send(Method::Post, &self.path("/discussions"), Some(&request)) {
                Ok(_) => {}
                Err(error) if matches!(error.status(), Some(400 | 422)) => refused.push(index),
                Err(error) => return Err(error),
            }
        }
        Ok(refused)
    }

    fn update(&self, comment: &Existing, body: &str) -> Result<(), Error> {
        let path = self.path(&format!("/discussions/{}", comment.id));
        self.client.send(Method::Put, &path, Some(&json!({ "body": body }))).map(drop)
    }

    fn take_back(&self, comment: &Existing) -> Result<(), Error> {
        let path = self.path(&format!("/discussions/{}", comment.id));
        self.client.send(Method::Delete, &path, None).map(drop)
    }

    fn summarize(&self, summary: Option<&Summary>, body: &str) -> Result<(), Error> {
        let (method, path) = match summary {
            Some(it) => (Method::Put, format!("/notes/{}", it.id)),
            None => (Method::Post, "/notes".to_owned()),
        };
        self.client.send(method, &self.path(&path), Some(&json!({ "body": body }))).map(drop)
    }
}
