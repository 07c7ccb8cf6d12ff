use std::sync::Arc;

use super::*;
use crate::finding::Finding;
use crate::fingerprint;
use crate::review::diff::FileDiff;
use crate::rewrite::{Edit, Fix};
use crate::source::{Place, Source, Span};

/// Ten lines, each of which has a word of its own.
const TEXT: &str = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\nten\n";

fn source(path: &str) -> Arc<Source> {
    Arc::new(Source::from_text(path.into(), TEXT.to_owned()).unwrap())
}

fn place(path: &str, word: &str) -> Place {
    let at = TEXT.find(&format!("{word}\n")).unwrap();
    Place::new(&source(path), Span::new(at, at + word.len()))
}

fn finding(severity: Severity, path: &str, word: &str) -> Finding {
    Finding::new("removed-hook", severity, place(path, word), "gone")
}

/// A fix that rewrites these words.
fn fix(path: &str, words: &[&str]) -> Fix {
    Fix::new("rewrite", words.iter().map(|word| Edit::replace(place(path, word), word.to_uppercase())).collect())
}

fn items(findings: &[Finding]) -> Vec<Item<'_>> {
    let paths = crate::report::paths::Shown::relative_to("/");
    findings.iter().map(|it| Item::of(it, &paths)).collect()
}

/// A pull request that shows lines 2 to 6 of `a.erl`, of which 3 and 4 are new, and none of `b.erl`.
fn now() -> Now {
    let a = FileDiff::parse("@@ -2,3 +2,5 @@\n two\n+three\n+four\n five\n six\n").unwrap();
    let files = [("a.erl".to_owned(), a), ("b.erl".to_owned(), FileDiff::default())];
    Now { head: "abc".to_owned(), files: files.into(), ..Now::default() }
}

/// A text that tells all that a remark is.
fn marker(remark: &Remark, findings: &[Finding]) -> CommentMarker {
    let fingerprints = remark.items.iter().map(|&it| fingerprint::of(&findings[it])).collect();
    CommentMarker { name: "n".to_owned(), hash: "h".to_owned(), fingerprints }
}

fn plan(findings: &[Finding], now: &Now) -> Plan {
    plan_with(findings, now, &[], &|_| false)
}

fn plan_with(findings: &[Finding], now: &Now, refused: &[Fingerprint], unknown: &dyn Fn(&str) -> bool) -> Plan {
    Plan::make(&items(findings), now, refused, unknown, &|remark| marker(remark, findings).to_string())
}

/// Path, lines, findings, and whether there is a suggestion.
fn told(plan: &Plan) -> Vec<(&str, On, Vec<usize>, bool)> {
    plan.post.iter().map(|it| (&*it.path, it.on, it.items.clone(), it.suggestion.is_some())).collect()
}

fn on(first: u32, last: u32) -> On {
    On::Lines { first, last }
}

/// The comment that a remark became.
fn made(remark: &Remark, findings: &[Finding]) -> Existing {
    Existing {
        id: "1".to_owned(),
        path: remark.path.clone(),
        on: Some(remark.on),
        text_has_range: false,
        marker: marker(remark, findings),
        has_replies: false,
        is_resolved: false,
    }
}

#[test]
fn a_finding_is_told_where_it_can_be() {
    let findings = [
        finding(Severity::Error, "a.erl", "four"),
        finding(Severity::Error, "a.erl", "two"),
        finding(Severity::Error, "a.erl", "nine"),
        finding(Severity::Error, "b.erl", "one"),
        finding(Severity::Error, "c.erl", "one"),
        finding(Severity::Error, "a.erl", "nine").related(place("a.erl", "three"), "here"),
        finding(Severity::Error, "c.erl", "one").related(place("a.erl", "six"), "an old line"),
    ];
    let plan = plan(&findings, &now());
    assert_eq!(
        told(&plan),
        [
            ("a.erl", On::File, vec![2], false),
            ("a.erl", on(2, 2), vec![1], false),
            ("a.erl", on(3, 3), vec![5], false),
            ("a.erl", on(4, 4), vec![0], false),
            ("b.erl", On::File, vec![3], false),
        ]
    );
    assert_eq!(plan.why(4, &items(&findings), &[]), Why::Unchanged);
}

#[test]
fn advice_is_for_new_lines() {
    let findings = ["two", "three", "nine"].map(|word| finding(Severity::Info, "a.erl", word));
    assert_eq!(told(&plan(&findings, &now())), [("a.erl", on(3, 3), vec![1], false)]);
    // However good the suggestion is.
    let fixed = ["five", "four"].map(|word| finding(Severity::Info, "a.erl", word).fix(Ok(fix("a.erl", &[word]))));
    assert_eq!(told(&plan(&fixed, &now())), [("a.erl", on(4, 4), vec![1], true)]);
}

#[test]
fn one_line_gets_one_comment_and_one_fix_as_well() {
    let same = || Ok(fix("a.erl", &["three", "five"]));
    let findings = [
        finding(Severity::Error, "a.erl", "four"),
        finding(Severity::Warning, "a.erl", "four"),
        finding(Severity::Error, "a.erl", "three").fix(same()),
        finding(Severity::Error, "a.erl", "two").fix(same()),
        finding(Severity::Error, "a.erl", "five"),
    ];
    assert_eq!(
        told(&plan(&findings, &now())),
        [("a.erl", on(4, 4), vec![0, 1], false), ("a.erl", on(3, 5), vec![2, 3, 4], true)]
    );
    // Where it cannot be suggested, it is shown once all the same.
    let across = || Ok(fix("a.erl", &["three", "nine"]));
    let findings = [
        finding(Severity::Error, "a.erl", "three").fix(across()),
        finding(Severity::Error, "a.erl", "six").fix(across()),
    ];
    assert_eq!(told(&plan(&findings, &now())), [("a.erl", on(3, 3), vec![0, 1], false)]);
}

#[test]
fn suggestions_do_not_touch() {
    let findings = [
        finding(Severity::Error, "a.erl", "two").fix(Ok(fix("a.erl", &["two", "five"]))),
        finding(Severity::Error, "a.erl", "four").fix(Ok(fix("a.erl", &["four"]))),
    ];
    let first = plan(&findings, &now());
    assert_eq!(told(&first), [("a.erl", on(2, 2), vec![0], false), ("a.erl", on(4, 4), vec![1], true)]);
    // When the shorter one is settled, the longer one is made anew, as it can be taken now.
    let mut later = now();
    later.comments = first.post.iter().map(|it| made(it, &findings)).collect();
    let second = plan(&findings[..1], &later);
    assert_eq!(second.delete, later.comments);
    assert_eq!(told(&second), [("a.erl", on(2, 5), vec![0], true)]);
    // Unless somebody has talked about it.
    later.comments[0].has_replies = true;
    let second = plan(&findings[..1], &later);
    assert_eq!((second.delete.len(), second.post.len(), second.told.len()), (1, 0, 1));
}

#[test]
fn what_is_said_is_not_said_again() {
    let findings = ["two", "three", "nine"].map(|word| finding(Severity::Error, "a.erl", word));
    let first = plan(&findings, &now());
    let mut later = now();
    later.comments = first.post.iter().map(|it| made(it, &findings)).collect();
    let is_silent = |plan: &Plan| plan.post.is_empty() && plan.update.is_empty() && plan.delete.is_empty();
    assert!(is_silent(&plan(&findings, &later)));
    // Where the platform has lost the place, too.
    later.comments.iter_mut().for_each(|it| it.on = None);
    assert!(is_silent(&plan(&findings, &later)));
    // What two runs at the same time have said is said once.
    later.comments.push(later.comments[1].clone());
    assert_eq!(plan(&findings, &later).delete, later.comments[3..]);
}

#[test]
fn a_comment_is_given_another_text_when_there_is_more_or_less_to_tell() {
    let mut findings = [finding(Severity::Error, "a.erl", "three"), finding(Severity::Warning, "a.erl", "three")];
    fingerprint::number(&mut findings);
    let first = plan(&findings[..1], &now());
    let mut later = now();
    later.comments = first.post.iter().map(|it| made(it, &findings)).collect();
    let more = plan(&findings, &later);
    assert_eq!((more.update.len(), &more.update[0].1.items), (1, &vec![0, 1]));
    assert!(more.post.is_empty());
    // Who has replied to it has replied to that text.
    later.comments[0].has_replies = true;
    let more = plan(&findings, &later);
    assert!(more.update.is_empty());
    assert_eq!(told(&more), [("a.erl", on(3, 3), vec![1], false)]);
}

#[test]
fn only_what_is_surely_gone_is_taken_back() {
    let findings = ["two", "three", "nine"].map(|word| finding(Severity::Error, "a.erl", word));
    let first = plan(&findings, &now());
    let mut later = now();
    later.comments = first.post.iter().map(|it| made(it, &findings)).collect();
    later.comments[0].has_replies = true;
    later.comments[1].is_resolved = true;
    let none = plan(&[], &later);
    assert_eq!((none.delete.as_slice(), none.left), (&later.comments[2..], 1));
    let unknown = plan_with(&[], &later, &[], &|path| path == "a.erl");
    assert_eq!((unknown.delete.len(), unknown.left), (0, 0));
}

#[test]
fn the_worst_come_first_when_there_is_no_room_for_all() {
    let words = ["two", "three", "four", "five", "six"];
    let severities = [Severity::Warning, Severity::Error, Severity::Warning, Severity::Error, Severity::Warning];
    let findings: Vec<Finding> = words.iter().zip(severities).map(|(word, it)| finding(it, "a.erl", word)).collect();
    let mut full = now();
    let other = made(&plan(&findings, &now()).post[0], &findings);
    let old = |number: usize| {
        let mut finding = finding(Severity::Error, "a.erl", "ten");
        finding.occurrence = u32::try_from(number).unwrap();
        finding
    };
    let olds: Vec<Finding> = (1..=MAX_LINE_COMMENTS - 3).map(old).collect();
    full.comments = olds
        .iter()
        .map(|it| {
            let mut comment = other.clone();
            comment.on = None;
            comment.marker.fingerprints = vec![fingerprint::of(it)];
            comment
        })
        .collect();
    let all: Vec<Finding> = findings.iter().chain(&olds).cloned().collect();
    let plan = plan(&all, &full);
    assert_eq!(told(&plan).iter().map(|it| it.2.clone()).collect::<Vec<_>>(), [vec![0], vec![1], vec![3]]);
    let items = items(&all);
    assert_eq!((plan.why(2, &items, &[]), plan.why(4, &items, &[])), (Why::TooMany, Why::TooMany));
}

#[test]
fn what_was_refused_is_told_elsewhere() {
    let findings = ["three", "four"].map(|word| finding(Severity::Error, "a.erl", word));
    let refused = [fingerprint::of(&findings[0])];
    let plan = plan_with(&findings, &now(), &refused, &|_| false);
    assert_eq!(told(&plan), [("a.erl", on(4, 4), vec![1], false)]);
    assert_eq!(plan.why(0, &items(&findings), &refused), Why::Refused);
}

#[test]
fn what_was_refused_stays_in_the_way() {
    let findings = [
        finding(Severity::Error, "a.erl", "two").fix(Ok(fix("a.erl", &["two", "five"]))),
        finding(Severity::Error, "a.erl", "four").fix(Ok(fix("a.erl", &["four"]))),
    ];
    let first = plan(&findings, &now());
    let mut later = now();
    later.comments = vec![made(&first.post[0], &findings)];
    let again = plan_with(&findings, &later, &[fingerprint::of(&findings[1])], &|_| false);
    assert!(again.post.is_empty() && again.delete.is_empty() && again.update.is_empty());
}
