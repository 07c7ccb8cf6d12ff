//! Findings as a review of a pull request: comments on the lines that it changes, and one summary for all else.
//!
//! What there is to say is found out first ([`items`]), then what of it has to be said given what the pull request shows and
//! what an earlier run has said ([`plan`]), and only then somebody is spoken to. So a second run, with nothing changed, has nothing
//! to say. And where it is not known whether a request was carried out, everything is simply looked at anew.
//!
//! "Pull request" is meant here for GitLab's merge requests, too.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use http::Error;

pub mod comment;
pub mod diff;
pub mod github;
pub mod gitlab;
pub mod http;
pub mod items;
pub mod marker;
pub mod plan;
pub mod summary;

use comment::Dialect;
use diff::FileDiff;
use items::Item;
use marker::{Refused, SummaryMarker};
use plan::{Existing, Plan, Remark, Why};

use crate::check::analysis::SkipKind;
use crate::report::Run;

/// How often everything is looked at anew after a request of which it is not known whether it was carried out.
const ROUNDS: u32 = 3;

/// What an analysis found, and how it is to be told.
pub struct Review<'a> {
    pub run: &'a Run<'a>,
    /// Tells several reviews of one pull request apart.
    pub name: &'a str,
    /// A review with errors is no failed check.
    pub exit_zero: bool,
    pub checkout: &'a dyn Checkout,
}

/// The files that were analysed.
pub trait Checkout {
    /// Git's name for the content of a file as it is here, when it is known. The path is relative to the root of the repository.
    fn blob(&self, path: &str) -> Option<String>;

    /// Git's name for the content that a file has in a commit, when it is known.
    fn blob_in(&self, commit: &str, path: &str) -> Option<String>;
}

/// A pull request as it is now.
#[derive(Debug, Default)]
pub struct Now {
    /// The newest commit.
    pub head: String,
    /// Files that the pull request changes or adds, by their path from the root of the repository. Of those without a diff,
    /// because they are binary or too large, no line is shown.
    pub files: BTreeMap<String, FileDiff>,
    /// Comments that an earlier run made, in the order in which they were made.
    pub comments: Vec<Existing>,
    /// The summary that an earlier run made.
    pub summary: Option<Summary>,
    /// Where files of the newest commit can be looked at; a path is put behind it.
    pub blob_url: String,
    /// What GitLab wants to know of each comment.
    pub refs: Option<gitlab::Refs>,
}

/// A summary that is there.
#[derive(Clone, Debug)]
pub struct Summary {
    pub id: String,
    pub marker: SummaryMarker,
}

/// What is refused of some comments, by their index.
pub type RefusedComments = Vec<usize>;

/// Where pull requests are. GitHub and GitLab differ in nearly every request, but not in what can be asked of them.
pub trait Platform {
    /// How suggestions are written there.
    fn dialect(&self) -> Dialect;

    /// What the pull request is now, with what `name` has said there.
    ///
    /// # Errors
    /// It cannot be read.
    fn look(&self, name: &str) -> Result<Now, Error>;

    /// Makes comments, and tells which of them are refused because their place is not in the diff after all.
    ///
    /// # Errors
    /// Nothing can be said here, or it is not known what was.
    fn comment(&self, now: &Now, remarks: &[Remark], bodies: &[String], title: &str) -> Result<RefusedComments, Error>;

    /// Gives a comment another text.
    ///
    /// # Errors
    /// It cannot be changed.
    fn update(&self, comment: &Existing, body: &str) -> Result<(), Error>;

    /// Takes a comment back that nobody has replied to.
    ///
    /// # Errors
    /// It cannot be taken back.
    fn take_back(&self, comment: &Existing) -> Result<(), Error>;

    /// Makes the summary, or gives it another text.
    ///
    /// # Errors
    /// It cannot be written.
    fn summarize(&self, summary: Option<&Summary>, body: &str) -> Result<(), Error>;

    /// Shows what is told in no comment beside the code, where a platform has a way to do that.
    ///
    /// # Errors
    /// It cannot be written.
    fn annotate(
        &self,
        _now: &Now,
        _review: &Review<'_>,
        _rest: &[&Item<'_>],
        _text: &summary::Text,
    ) -> Result<Annotated, Error> {
        Ok(Annotated::NotHere)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Annotated {
    Done,
    /// They stand there already.
    Known,
    /// There is no such thing.
    NotHere,
    /// The token may not; what the platform said.
    Forbidden(String),
}

/// What was done.
#[derive(Debug)]
pub struct Done {
    pub head: String,
    /// New comments.
    pub posted: usize,
    pub updated: usize,
    pub taken_back: usize,
    /// Comments whose findings are gone, and to which somebody has replied.
    pub left: usize,
    /// Findings that comments tell, new ones or old ones.
    pub told: usize,
    /// Findings that only the summary tells.
    pub in_summary: usize,
    /// Files that are other here than in the pull request's newest commit. Nothing was said about their lines.
    pub stale: Vec<String>,
    /// Comments that could not be changed or taken back: what the platform said.
    pub trouble: Vec<String>,
    pub annotated: Annotated,
}

/// Reviews a pull request.
///
/// # Errors
/// The pull request cannot be read, or nothing can be said there. What was said before stays.
pub fn review(
    platform: &dyn Platform,
    review: &Review<'_>,
    again: &dyn Fn(Error) -> Result<(), Error>,
) -> Result<Done, Error> {
    let items = items::items(review.run);
    let mut round = 1;
    loop {
        match once(platform, review, &items) {
            Err(error @ Error::Doubtful { .. }) if round < ROUNDS => {
                again(error)?;
                round += 1;
            }
            result => return result,
        }
    }
}

fn once(platform: &dyn Platform, review: &Review<'_>, items: &[Item<'_>]) -> Result<Done, Error> {
    let mut now = platform.look(review.name)?;
    let stale = hide_stale(&mut now, items, review.checkout);
    let speech =
        comment::Speech { run: review.run, name: review.name, dialect: platform.dialect(), blob_url: &now.blob_url };
    // What was refused for this very commit would be refused again.
    let refused = now.summary.as_ref().and_then(|it| it.marker.refused.clone()).filter(|it| it.head == now.head);
    let mut refused = refused.unwrap_or_else(|| Refused { head: now.head.clone(), fingerprints: Vec::new() });
    let body = |remark: &Remark| speech.body(remark, items);
    let not_analysed = not_analysed(review.run);
    let unknown = |path: &str| not_analysed.iter().any(|it| Path::new(path).starts_with(it));
    let plan = Plan::make(items, &now, &refused.fingerprints, &unknown, &body);
    let mut trouble = Vec::new();
    let mut told = plan.told.clone();
    if !plan.post.is_empty() {
        let bodies: Vec<String> = plan.post.iter().map(&body).collect();
        let title = speech.title(&plan.post);
        for index in platform.comment(&now, &plan.post, &bodies, &title)? {
            for &item in &plan.post[index].items {
                told.remove(&item);
                refused.fingerprints.push(items[item].fingerprint);
            }
        }
    }
    for (comment, remark) in &plan.update {
        note(&mut trouble, platform.update(comment, &body(remark)))?;
    }
    for comment in &plan.delete {
        note(&mut trouble, platform.take_back(comment))?;
    }
    refused.fingerprints.sort_unstable();
    refused.fingerprints.dedup();
    let rest: Vec<(&Item<'_>, Why)> = (0..items.len())
        .filter(|item| !told.contains(item))
        .map(|item| (&items[item], plan.why(item, items, &refused.fingerprints)))
        .collect();
    let text = summary::text(&speech, items, told.len(), &rest);
    let annotated: Vec<&Item<'_>> = rest.iter().map(|(item, _)| *item).filter(|item| item.path.is_some()).collect();
    let annotated = platform.annotate(&now, review, &annotated, &text)?;
    summarize(platform, &now, &speech, &text, refused)?;
    Ok(Done {
        head: now.head,
        posted: plan.post.len(),
        updated: plan.update.len(),
        taken_back: plan.delete.len(),
        left: plan.left,
        told: told.len(),
        in_summary: rest.len(),
        stale,
        trouble,
        annotated,
    })
}

/// A comment that somebody else has made with our words is theirs; that it cannot be changed is nothing to stop at.
fn note(trouble: &mut Vec<String>, result: Result<(), Error>) -> Result<(), Error> {
    match result {
        Err(error) if error.status().is_some() => {
            trouble.push(error.to_string());
            Ok(())
        }
        other => other,
    }
}

/// Files and directories of which not everything is known, relative to the root of the repository.
fn not_analysed(run: &Run<'_>) -> Vec<PathBuf> {
    let skipped = run.analysis.skipped.iter().filter(|it| it.kind != SkipKind::Guessed);
    skipped.map(|it| PathBuf::from(run.repository_paths.show(&it.path))).collect()
}

/// Takes lines out that the pull request has otherwise than what was analysed, as where its merge with the target was
/// checked out. Comments on them would be beside the point.
fn hide_stale(now: &mut Now, items: &[Item<'_>], checkout: &dyn Checkout) -> Vec<String> {
    let own = items.iter().filter_map(|it| it.path.as_deref());
    let elsewhere = items.iter().flat_map(|it| it.elsewhere.iter().map(|(path, _)| path.as_str()));
    let paths: BTreeSet<&str> = own.chain(elsewhere).collect();
    let mut stale = Vec::new();
    for path in paths {
        let Some(diff) = now.files.get_mut(path).filter(|diff| diff.shows_something()) else { continue };
        let there = diff.blob.clone().or_else(|| checkout.blob_in(&now.head, path));
        let here = checkout.blob(path);
        if there.is_some() && here.is_some() && there != here {
            diff.hide();
            stale.push(path.to_owned());
        }
    }
    stale
}

/// Writes the summary when it says something else than before; the first one only when there is something to say.
fn summarize(
    platform: &dyn Platform,
    now: &Now,
    speech: &comment::Speech<'_>,
    text: &summary::Text,
    refused: Refused,
) -> Result<(), Error> {
    let refused = (!refused.fingerprints.is_empty()).then_some(refused);
    let marker = SummaryMarker { name: speech.name.to_owned(), hash: speech.hash(&text.body), refused };
    if now.summary.as_ref().map_or(!text.says_something, |it| it.marker == marker) {
        return Ok(());
    }
    platform.summarize(now.summary.as_ref(), &format!("{}\n{marker}\n", text.body))
}
