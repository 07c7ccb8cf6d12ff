//! Modules of `corpus/steps`, whose folders are named after the releases between which they are upgraded: neighbours, or any two
//! with releases between them. The tool makes of them what stands beside them, and that behaves as is said.

use std::fmt::Write as _;

use crate::cases::{Applicability, Case, cases_in};
use crate::trace::{Texts, server_alone, traces_between};
use crate::{fixed_between, problems_between, what_is_said};

/// The releases of a case's folder, and its cases.
fn by_releases() -> Vec<([String; 2], Vec<Case>)> {
    let mut groups: Vec<([String; 2], Vec<Case>)> = Vec::new();
    for case in cases_in("corpus/steps") {
        let (folder, _) = case.name.split_once('/').unwrap();
        let (from, to) = folder.split_once("-to-").unwrap_or_else(|| panic!("{folder} names no releases"));
        let releases = [from.to_owned(), to.to_owned()];
        match groups.iter_mut().find(|(known, _)| *known == releases) {
            Some((_, cases)) => cases.push(case),
            None => groups.push((releases, vec![case])),
        }
    }
    groups
}

fn text(path: &std::path::Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

fn is_unsafe(case: &Case) -> bool {
    case.sidecar.applicability == Some(Applicability::Unsafe)
}

#[test]
fn every_case_of_a_step_says_what_it_is() {
    for (_, cases) in by_releases() {
        for case in cases {
            assert_eq!(what_is_said(&case), (case.after.is_some(), case.after.is_none()), "{}", case.name);
        }
    }
}

#[test]
fn the_tool_makes_of_each_case_what_stands_beside_it() {
    let mut wrong = String::new();
    for ([from, to], cases) in by_releases() {
        for case in cases {
            let before = text(&case.before);
            // What must not be touched must not be touched by unsafe fixes either.
            let unsafe_too = is_unsafe(&case) || case.after.is_none();
            let made = fixed_between(&[&before], [&from, &to], unsafe_too).remove(0);
            let expected = case.after.as_deref().map_or_else(|| before.clone(), text);
            if made != expected {
                writeln!(wrong, "--- {} came to ---\n{made}", case.name).unwrap();
            }
            if is_unsafe(&case) && fixed_between(&[&before], [&from, &to], false)[0] == expected {
                writeln!(wrong, "{} is made by safe fixes alone", case.name).unwrap();
            }
            let again = fixed_between(&[&made], [&from, &to], unsafe_too).remove(0);
            if again != made {
                writeln!(wrong, "--- {} a second time came to ---\n{again}", case.name).unwrap();
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_case_of_a_step_behaves_as_is_said() {
    let mut problems = String::new();
    for ([from, to], cases) in by_releases() {
        let runs_in_both = |case: &Case| {
            case.sidecar.releases.as_ref().is_none_or(|known| [&from, &to].iter().all(|it| known.contains(it)))
        };
        let cases: Vec<Case> = cases.into_iter().filter(runs_in_both).collect();
        let texts: Vec<(String, String)> = cases
            .iter()
            .map(|case| (text(&case.before), case.after.as_deref().map_or_else(|| text(&case.before), text)))
            .collect();
        let modules: Vec<Texts> = cases
            .iter()
            .zip(&texts)
            .map(|(case, (before, after))| Texts { before, after, drive: case.sidecar.drive.as_deref() })
            .collect();
        for (case, (before, after)) in cases.iter().zip(traces_between([&from, &to], &modules)) {
            let sides = [(from.as_str(), Some(&before)), (to.as_str(), Some(&after))];
            problems += &problems_between(case, sides, &case.sidecar.differences);
        }
    }
    assert!(problems.is_empty(), "{problems}");
}

#[test]
fn no_case_of_a_step_could_have_been_left_as_it_was() {
    let mut same = Vec::new();
    for ([from, to], cases) in by_releases() {
        let cases: Vec<Case> = cases.into_iter().filter(|case| case.after.is_some()).collect();
        let texts: Vec<String> = cases.iter().map(|case| text(&case.before)).collect();
        let modules: Vec<Texts> = cases
            .iter()
            .zip(&texts)
            .map(|(case, text)| Texts { before: text, after: text, drive: case.sidecar.drive.as_deref() })
            .collect();
        for (case, (before, after)) in cases.iter().zip(traces_between([&from, &to], &modules)) {
            let sides = [(from.as_str(), Some(&before)), (to.as_str(), Some(&after))];
            if problems_between(case, sides, &case.sidecar.differences).is_empty() {
                same.push(case.name.clone());
            }
        }
    }
    assert_eq!(same, [""; 0]);
}

#[test]
fn every_release_has_a_world() {
    for release in hookshift::catalog::Catalog::embedded().releases().map(|it| it.to_string()) {
        let failed: Vec<&str> = server_alone(&release)
            .events
            .iter()
            .filter(|event| event.seen.iter().any(|seen| seen.contains("world_failed") || seen.contains(",undef}")))
            .map(|event| event.name.as_str())
            .collect();
        assert!(failed.is_empty(), "{release}: {failed:?}");
    }
}
