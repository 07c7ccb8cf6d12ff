//! What of all that there is to say has to be said now, and what is no longer true.
//!
//! A comment is about one place, and tells everything that is to be told there. One finding is told in one comment. What has a
//! place in the diff is told there; else in a comment on its file when the pull request has that; else in the summary. Nothing
//! is told twice: what an earlier comment tells is left to it, also when the platform no longer knows where that belongs.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;

use super::Now;
use super::diff::FileDiff;
use super::items::{Item, Suggestion};
use super::marker::CommentMarker;
use crate::finding::Severity;
use crate::fingerprint::Fingerprint;

/// How many comments on lines a pull request gets in all. With more of them GitHub takes a program for one that floods, and people do, too.
pub const MAX_LINE_COMMENTS: usize = 30;
/// How many comments on files it gets in all.
pub const MAX_FILE_COMMENTS: usize = 10;

/// How many findings one comment tells, as its marker names all of them.
const MAX_ITEMS: usize = 300;

/// What a comment is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum On {
    /// The file as a whole.
    File,
    /// Lines of the new side, both in, 1-based. Platforms show the comment below the last one.
    Lines { last: u32, first: u32 },
}

/// A comment that there should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    pub path: String,
    pub on: On,
    /// The findings that it tells, by their index, sorted.
    pub items: Vec<usize>,
    /// Takes the place of exactly the lines that the comment is on.
    pub suggestion: Option<Suggestion>,
}

/// A comment that there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Existing {
    /// As the platform needs it.
    pub id: String,
    pub path: String,
    /// `None` when the platform no longer knows, because the lines have changed since.
    pub on: Option<On>,
    /// Which lines a suggestion replaces is said in the text, counted from the line that the comment is shown at. Else it is the
    /// lines that the comment is on, which nothing can change.
    pub text_has_range: bool,
    pub marker: CommentMarker,
    pub has_replies: bool,
    /// Somebody has said that there is nothing left to do, or this program has, in an earlier run.
    pub is_resolved: bool,
}

/// Why a finding is told in no comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// It stands on lines that the pull request does not show.
    Unchanged,
    /// There are as many comments as there may be.
    TooMany,
    /// The platform took no comment there.
    Refused,
    /// Its file is not in the repository.
    Outside,
}

/// What is to be done.
#[derive(Debug, Default)]
pub struct Plan {
    pub post: Vec<Remark>,
    pub update: Vec<(Existing, Remark)>,
    pub delete: Vec<Existing>,
    /// How many comments stay although their findings are gone, because somebody has replied.
    pub left: usize,
    /// Findings that comments tell when all this is done, by their index.
    pub told: BTreeSet<usize>,
    /// Findings that could have a comment, if there were not too many.
    without_room: BTreeSet<usize>,
}

impl Plan {
    /// Finds out what is to be done. `body` is a remark's text with its marker. Of files that are `unknown`, because not all of
    /// them could be analysed, nothing can be said to be gone.
    pub fn make(
        items: &[Item<'_>],
        now: &Now,
        refused: &[Fingerprint],
        unknown: &dyn Fn(&str) -> bool,
        body: &dyn Fn(&Remark) -> String,
    ) -> Self {
        // What is refused stays in the way of others as it was when they were made.
        let refused = (0..items.len()).filter(|&it| refused.contains(&items[it].fingerprint)).collect();
        let mut wanted: Vec<Remark> =
            remarks(items, now).into_iter().filter_map(|it| it.without(&refused, items)).collect();
        let index: BTreeMap<Fingerprint, usize> =
            items.iter().enumerate().map(|(at, it)| (it.fingerprint, at)).collect();
        let mut plan = Self::default();
        for remark in wanted.iter_mut().filter(|remark| remark.items.len() > MAX_ITEMS) {
            plan.without_room.extend(remark.items.drain(MAX_ITEMS..));
        }
        let mut claimed = BTreeSet::new();
        let mut kept = (0, 0);
        for comment in &now.comments {
            let alive: Vec<usize> =
                comment.marker.fingerprints.iter().filter_map(|it| index.get(it).copied()).collect();
            let is_ours_alone = !comment.has_replies && !comment.is_resolved;
            if alive.is_empty() && !unknown(&comment.path) {
                if is_ours_alone {
                    plan.delete.push(comment.clone());
                } else if comment.has_replies && !comment.is_resolved {
                    plan.left += 1;
                }
                continue;
            }
            // Two runs at the same time have said it twice.
            if is_ours_alone && !alive.is_empty() && alive.iter().all(|it| plan.told.contains(it)) {
                plan.delete.push(comment.clone());
                continue;
            }
            let fits = |remark: &&Remark| comment.is_at(remark) && remark.items.iter().any(|it| alive.contains(it));
            let found = wanted.iter().enumerate().find(|(at, remark)| !claimed.contains(at) && fits(remark));
            // What was in the way of a suggestion when the comment was made may be settled.
            let is_better =
                |remark: &Remark| remark.suggestion.is_some() && alive.iter().all(|it| remark.items.contains(it));
            match found {
                Some((at, remark)) if is_ours_alone => {
                    claimed.insert(at);
                    plan.told.extend(&remark.items);
                    let text = body(remark);
                    if CommentMarker::read(&text).is_none_or(|it| it != comment.marker) {
                        plan.update.push((comment.clone(), remark.clone()));
                    }
                }
                None if is_ours_alone && comment.on.is_some() && wanted.iter().any(is_better) && !alive.is_empty() => {
                    plan.delete.push(comment.clone());
                    continue;
                }
                // What people have talked about stays as they know it, and where a comment was is nothing to come back to.
                _ => plan.told.extend(alive),
            }
            *(if comment.on == Some(On::File) { &mut kept.1 } else { &mut kept.0 }) += 1;
        }
        plan.add(wanted, items, kept);
        plan
    }

    /// Takes what is not told yet, the worst first, as long as there is room.
    fn add(&mut self, wanted: Vec<Remark>, items: &[Item<'_>], kept: (usize, usize)) {
        let new = wanted.into_iter().filter_map(|remark| remark.without(&self.told, items));
        let mut new: Vec<Remark> = new.collect();
        new.sort_by_key(|remark| std::cmp::Reverse(remark.severity(items)));
        let mut room = (MAX_LINE_COMMENTS.saturating_sub(kept.0), MAX_FILE_COMMENTS.saturating_sub(kept.1));
        for remark in new {
            let room = if remark.on == On::File { &mut room.1 } else { &mut room.0 };
            if *room == 0 {
                self.without_room.extend(&remark.items);
                continue;
            }
            *room -= 1;
            self.told.extend(&remark.items);
            self.post.push(remark);
        }
        self.post.sort_by(|a, b| (&a.path, a.on, &a.items).cmp(&(&b.path, b.on, &b.items)));
    }

    /// Why no comment tells a finding.
    #[must_use]
    pub fn why(&self, item: usize, items: &[Item<'_>], refused: &[Fingerprint]) -> Why {
        if items[item].path.is_none() {
            Why::Outside
        } else if refused.contains(&items[item].fingerprint) {
            Why::Refused
        } else if self.without_room.contains(&item) {
            Why::TooMany
        } else {
            Why::Unchanged
        }
    }
}

impl Existing {
    /// Whether it is where a remark would be, so that it can take the remark's text.
    fn is_at(&self, remark: &Remark) -> bool {
        let is_there = match (self.on, remark.on) {
            (Some(On::Lines { last, .. }), On::Lines { last: other, .. }) if self.text_has_range => last == other,
            (on, other) => on == Some(other),
        };
        is_there && self.path == remark.path
    }
}

impl Remark {
    fn severity(&self, items: &[Item<'_>]) -> Option<Severity> {
        self.items.iter().map(|&it| items[it].finding.severity).max()
    }

    /// The same without what is told already; `None` when nothing is left.
    fn without(mut self, told: &BTreeSet<usize>, items: &[Item<'_>]) -> Option<Self> {
        self.items.retain(|it| !told.contains(it));
        let is_its =
            |suggestion: &Suggestion| self.items.iter().any(|&it| items[it].suggestion.as_ref() == Some(suggestion));
        self.suggestion = self.suggestion.take().filter(is_its);
        (!self.items.is_empty()).then_some(self)
    }
}

/// The comments that there would be if nobody had said anything yet, sorted by path and line.
fn remarks(items: &[Item<'_>], now: &Now) -> Vec<Remark> {
    let mut drafts = Drafts::default();
    for remark in suggestions(items, now) {
        drafts.add(remark, items);
    }
    for (it, item) in items.iter().enumerate() {
        if drafts.told.contains(&it) {
            continue;
        }
        if let Some((path, line)) = line(item, now) {
            // One fix is talked about in one place, where it can be taken if possible.
            match drafts.with_fix_of(item, items).or_else(|| drafts.by_line.get(&(path.clone(), line)).copied()) {
                Some(remark) => drafts.extend(remark, it, items),
                None => {
                    let on = On::Lines { first: line, last: line };
                    drafts.add(Remark { path, on, items: vec![it], suggestion: None }, items);
                }
            }
        } else if let Some(path) = item.path.as_ref().filter(|path| is_for_file(item, path, now)) {
            match drafts.by_file.get(path).copied() {
                Some(remark) => drafts.extend(remark, it, items),
                None => {
                    let path = path.clone();
                    drafts.add(Remark { path, on: On::File, items: vec![it], suggestion: None }, items);
                }
            }
        }
    }
    let mut remarks = drafts.remarks;
    for remark in &mut remarks {
        remark.items.sort_unstable();
    }
    remarks.sort_by(|a, b| (&a.path, a.on).cmp(&(&b.path, b.on)));
    remarks
}

/// Comments that are being put together.
#[derive(Default)]
struct Drafts {
    remarks: Vec<Remark>,
    told: BTreeSet<usize>,
    by_file: HashMap<String, usize>,
    /// By the line that they are shown at.
    by_line: HashMap<(String, u32), usize>,
    /// By where their fixes start, each with the finding that has the fix.
    by_fix: HashMap<Start, Vec<(usize, usize)>>,
}

/// The file and the offset of the first edit.
type Start = (PathBuf, u32);

impl Drafts {
    fn add(&mut self, remark: Remark, items: &[Item<'_>]) {
        let at = self.remarks.len();
        match remark.on {
            On::File => drop(self.by_file.insert(remark.path.clone(), at)),
            On::Lines { last, .. } => drop(self.by_line.insert((remark.path.clone(), last), at)),
        }
        let told = remark.items.clone();
        self.remarks.push(Remark { items: Vec::new(), ..remark });
        told.into_iter().for_each(|it| self.extend(at, it, items));
    }

    fn extend(&mut self, remark: usize, item: usize, items: &[Item<'_>]) {
        self.told.insert(item);
        self.remarks[remark].items.push(item);
        // What is said of a file shows no fix.
        if let Some(start) = start(&items[item]).filter(|_| self.remarks[remark].on != On::File) {
            self.by_fix.entry(start).or_default().push((item, remark));
        }
    }

    fn with_fix_of(&self, item: &Item<'_>, items: &[Item<'_>]) -> Option<usize> {
        let known = self.by_fix.get(&start(item)?)?;
        known.iter().find(|(other, _)| same_fix(&items[*other], item)).map(|(_, remark)| *remark)
    }
}

fn start(item: &Item<'_>) -> Option<Start> {
    let edits = &item.finding.fix.as_ref()?.edits;
    let first = edits.iter().map(|edit| edit.place.sort_key()).min()?;
    Some((first.0.to_path_buf(), first.1.start))
}

/// Suggestions that can be taken by a click: those whose lines are shown in one piece, and no two for the same lines. Of two
/// that touch, the shorter one is suggested; the other one is only shown.
fn suggestions(items: &[Item<'_>], now: &Now) -> Vec<Remark> {
    let mut found: Vec<(&Suggestion, Vec<usize>)> = Vec::new();
    let mut known: HashMap<&Suggestion, usize> = HashMap::new();
    for (it, item) in items.iter().enumerate() {
        let Some(suggestion) = &item.suggestion else { continue };
        let shows = |diff: &FileDiff| diff.shows(suggestion.first, suggestion.last);
        if !now.files.get(&suggestion.path).is_some_and(shows) || !is_wanted(item, now) {
            continue;
        }
        let at = *known.entry(suggestion).or_insert(found.len());
        if at == found.len() {
            found.push((suggestion, Vec::new()));
        }
        found[at].1.push(it);
    }
    found.sort_by_key(|(suggestion, items)| (suggestion.last - suggestion.first, items[0]));
    let mut taken: HashMap<&str, BTreeMap<u32, u32>> = HashMap::new();
    let mut remarks = Vec::new();
    for (suggestion, items) in found {
        let Suggestion { path, first, last, .. } = suggestion;
        let lines = taken.entry(path).or_default();
        // Those that are taken do not touch each other, so only the last one that starts above the end can be in the way.
        if lines.range(..=last).next_back().is_none_or(|(_, end)| end < first) {
            lines.insert(*first, *last);
            let on = On::Lines { first: *first, last: *last };
            remarks.push(Remark { path: path.clone(), on, items, suggestion: Some(suggestion.clone()) });
        }
    }
    remarks
}

fn same_fix(one: &Item<'_>, other: &Item<'_>) -> bool {
    match (&one.finding.fix, &other.finding.fix) {
        (Some(a), Some(b)) => a.same(b),
        _ => false,
    }
}

/// Where in the diff a finding can be told: at its own place, else at one that it names, when that is new. Advice is for new code
/// alone.
fn line(item: &Item<'_>, now: &Now) -> Option<(String, u32)> {
    let added = |path: &String, (first, last)| Some((path.clone(), now.files.get(path)?.first_added(first, last)?));
    let shown = |path: &String, (first, last)| Some((path.clone(), now.files.get(path)?.first_shown(first, last)?));
    let own = item.path.as_ref().and_then(|path| match item.finding.severity {
        Severity::Info => added(path, item.lines),
        _ => shown(path, item.lines),
    });
    own.or_else(|| item.elsewhere.iter().find_map(|(path, lines)| added(path, *lines)))
}

/// Advice is wanted only for code that is new.
fn is_wanted(item: &Item<'_>, now: &Now) -> bool {
    item.finding.severity > Severity::Info || line(item, now).is_some()
}

fn is_for_file(item: &Item<'_>, path: &str, now: &Now) -> bool {
    item.finding.severity > Severity::Info && now.files.contains_key(path)
}

#[cfg(test)]
mod tests;
