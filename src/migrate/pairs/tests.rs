//! `#xmlel.attrs`, from 6.3.1 to 6.3.2.

use crate::rules::testing::Case;

mod others;
mod read;
mod written;

const RULE: &str = "changed-record-field";

fn case(text: &str) -> Case {
    Case::new(text).rules(&[RULE]).from("6.3.1").to("6.3.2")
}

/// Asserts what the safe fixes come to.
#[track_caller]
fn fixed(before: &str, after: &str) {
    case(before).fix(false).is(before, after);
}

/// Asserts what the other fixes come to, and that there is no safe one.
#[track_caller]
fn unsafely(reason: &str, before: &str, after: &str) {
    let done = case(before).fix(true);
    let reasons: Vec<&String> = done.outcome.applied.iter().flat_map(|applied| &applied.fix.reasons).collect();
    assert!(reasons.iter().any(|it| it.contains(reason)), "`{reason}` is in none of {reasons:#?}");
    done.is(before, after);
    assert!(case(before).fix(false).outcome.files.is_empty(), "there is a safe fix, too");
}

/// Asserts that something is found, and left for this reason.
#[track_caller]
fn left(why: &str, before: &str) {
    let done = case(before).fix(true);
    assert!(done.outcome.files.is_empty(), "it was fixed");
    let left: Vec<_> = done.outcome.after.findings.iter().map(|finding| finding.no_fix.as_deref()).collect();
    assert!(left.iter().flatten().any(|it| it.contains(why)), "`{why}` is in none of {left:#?}");
}

#[track_caller]
fn untouched(text: &str) {
    let findings = case(text).findings();
    assert!(findings.is_empty(), "{:#?}", findings.iter().map(|it| (&it.message, &it.place.span)).collect::<Vec<_>>());
}
