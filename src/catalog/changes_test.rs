//! What must hold of the curated changes for the rest of the catalog to rely on them.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

const POSITIONAL: &str = include_str!("changes/5.1.0-to-6.0.0.toml");
const CHANGES: &str = include_str!("changes/6.0.0-to-6.1.0.toml");

/// Hooks of 6.1.0 that may be named as a replacement although 6.0.0 had them too.
const KEPT_REPLACEMENTS: [&str; 2] = ["user_ping_response", "user_send_packet"];

fn parse(text: &str) -> Changes {
    toml::from_str(text).expect("the changes are valid")
}

/// The step from 6.0.0 to 6.1.0.
fn changes() -> Changes {
    parse(CHANGES)
}

/// The step from 5.1.0 to 6.0.0, from positional arguments to maps.
fn positional_changes() -> Changes {
    parse(POSITIONAL)
}

/// Every step that is described, in the order of their files' names.
fn all_steps() -> Vec<Changes> {
    let directory = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/catalog/changes");
    let files = std::fs::read_dir(directory).expect("the changes are there").map(|file| file.unwrap().path());
    let mut files: Vec<_> = files.collect();
    files.sort();
    files.iter().map(|path| parse(&std::fs::read_to_string(path).unwrap())).collect()
}

fn hooks_of(changes: &Changes, kinds: &[ChangeKind]) -> BTreeSet<String> {
    changes.hooks.iter().filter(|change| kinds.contains(&change.kind)).map(|change| change.hook.clone()).collect()
}

fn all_evidence(changes: &Changes) -> impl Iterator<Item = (&str, &Evidence)> {
    let of_hooks =
        changes.hooks.iter().flat_map(|change| change.evidence.iter().map(move |e| (change.hook.as_str(), e)));
    let of_api = changes.api.iter().flat_map(|change| change.evidence.iter().map(move |e| (change.name.as_str(), e)));
    of_hooks.chain(of_api)
}

fn assert_sentences(owner: &str, text: &str) {
    assert!(text.ends_with('.'), "{owner}: no full stop after {text:?}");
    assert_eq!(text.matches('`').count() % 2, 0, "{owner}: unpaired backtick in {text:?}");
}

#[test]
fn every_changed_hook_has_one_entry_of_the_right_kind() {
    let changes = changes();
    let mut counts = BTreeMap::new();
    for change in &changes.hooks {
        *counts.entry(format!("{:?}", change.kind)).or_insert(0) += 1;
    }
    let expected = [("Added", 20), ("Changed", 4), ("Meaning", 23), ("Removed", 16)];
    assert_eq!(counts, expected.map(|(kind, count)| (kind.to_owned(), count)).into_iter().collect());
    let names: BTreeSet<_> = changes.hooks.iter().map(|change| &change.hook).collect();
    assert_eq!(names.len(), changes.hooks.len(), "a hook has two entries");
}

#[test]
fn hooks_are_sorted_by_kind_and_name() {
    for changes in all_steps() {
        let order = |kind| match kind {
            ChangeKind::Removed => 0,
            ChangeKind::Changed => 1,
            ChangeKind::Meaning => 2,
            ChangeKind::Added => 3,
        };
        assert!(changes.hooks.is_sorted_by_key(|change| (order(change.kind), change.hook.clone())));
    }
}

#[test]
fn replacements_and_what_they_replace_name_each_other() {
    let changes = changes();
    let added = hooks_of(&changes, &[ChangeKind::Added]);
    for change in &changes.hooks {
        for replacement in &change.replacements {
            let known = added.contains(&replacement.hook) || KEPT_REPLACEMENTS.contains(&replacement.hook.as_str());
            assert!(known, "{}: no hook {}", change.hook, replacement.hook);
            let Some(target) = changes.hooks.iter().find(|c| c.kind == ChangeKind::Added && c.hook == replacement.hook)
            else {
                continue;
            };
            assert!(
                target.replaces.contains(&change.hook),
                "{} does not say that it replaces {}",
                target.hook,
                change.hook
            );
        }
        for replaced in &change.replaces {
            let entry = changes.hooks.iter().find(|c| &c.hook == replaced);
            let entry = entry.unwrap_or_else(|| panic!("{}: no entry {replaced}", change.hook));
            assert_ne!(entry.kind, ChangeKind::Added, "{}: {replaced}", change.hook);
            assert!(
                entry.replacements.iter().any(|r| r.hook == change.hook),
                "{replaced} does not name {}",
                change.hook
            );
        }
    }
}

#[test]
fn every_evidence_is_a_line_of_a_file_in_one_of_the_two_releases() {
    for changes in all_steps() {
        for (owner, evidence) in all_evidence(&changes) {
            let (path, line) = evidence.at.rsplit_once(':').unwrap_or_else(|| panic!("{owner}: {}", evidence.at));
            assert!([".erl", ".hrl", ".config"].iter().any(|end| path.ends_with(end)), "{owner}: {path}");
            assert!(!path.starts_with('/'), "{owner}: {path}");
            assert!(line.parse::<u32>().is_ok_and(|line| line > 0), "{owner}: {line}");
            assert!([&changes.from, &changes.to].contains(&&evidence.release), "{owner}: {}", evidence.release);
        }
    }
}

#[test]
fn hooks_are_proven_in_each_release_that_has_them() {
    for changes in all_steps() {
        for change in &changes.hooks {
            let proven: BTreeSet<_> = change.evidence.iter().map(|e| &e.release).collect();
            assert!(proven.contains(&changes.to), "{}", change.hook);
            let was_there = change.kind != ChangeKind::Added;
            assert_eq!(proven.contains(&changes.from), was_there, "{}", change.hook);
        }
    }
}

#[test]
fn mechanical_rewrites_have_conditions_and_no_others_do() {
    for changes in all_steps() {
        for change in changes.hooks {
            assert_eq!(change.rewrite == RewriteClass::Mechanical, !change.conditions.is_empty(), "{}", change.hook);
            // Of a hook that stays, nothing need be rewritten when it came by something, or means something else.
            let asks_for_code = !change.parameters.is_empty() || change.accumulator.is_some() || change.drop.is_some();
            let could_be_none = match change.kind {
                ChangeKind::Added => true,
                ChangeKind::Removed => false,
                ChangeKind::Changed | ChangeKind::Meaning => !asks_for_code,
            };
            let is_none = change.rewrite == RewriteClass::None;
            assert!(!is_none || could_be_none, "{}", change.hook);
            assert!(is_none || change.kind != ChangeKind::Added, "{}", change.hook);
        }
    }
}

#[test]
fn old_and_new_are_given_together() {
    for changes in all_steps() {
        for change in changes.hooks {
            let hook = &change.hook;
            assert_eq!(change.before.is_empty(), change.after.is_empty(), "{hook}");
            if change.kind != ChangeKind::Added {
                assert_eq!(change.stop.is_empty(), change.stop_before.is_empty(), "{hook}");
            }
        }
    }
}

#[test]
fn texts_are_sentences() {
    for changes in all_steps() {
        for change in &changes.hooks {
            let texts = [&change.summary, &change.advice, &change.stop, &change.stop_before]
                .into_iter()
                .chain([&change.more_calls])
                .chain(change.meanings.iter().map(|m| &m.text))
                .chain(change.replacements.iter().map(|r| &r.note))
                .chain(change.parameters.iter().map(|p| &p.note))
                .chain(change.accumulator.iter().map(|a| &a.note))
                .chain(change.drop.iter().map(|d| &d.note))
                .filter(|text| !text.is_empty());
            texts.for_each(|text| assert_sentences(&change.hook, text));
            assert!(
                change.summary.contains(&format!("`{}`", change.hook)),
                "{}: the summary does not name it",
                change.hook
            );
        }
        for change in &changes.api {
            assert_sentences(&change.name, &change.note);
        }
        for entry in &changes.positional {
            let notes = std::iter::once(&entry.note).chain(entry.earlier.iter().map(|form| &form.note));
            notes.filter(|note| !note.is_empty()).for_each(|note| assert_sentences(&entry.hook, note));
            // They go on after "not fixed:".
            let stuck = entry.earlier.iter().filter(|form| form.stuck.ends_with('.'));
            assert_eq!(stuck.count(), 0, "{}", entry.hook);
        }
    }
}

#[test]
fn api_entries_are_unique_and_shaped_after_their_kind() {
    for changes in all_steps() {
        let mut seen = BTreeSet::new();
        for change in &changes.api {
            let name = change.name.as_str();
            assert!(seen.insert((format!("{:?}", change.kind), name)), "{name} twice");
            let well_shaped = match change.kind {
                ApiKind::RemovedFunction
                | ApiKind::ChangedFunction
                | ApiKind::NewCallback
                | ApiKind::RemovedCallback
                | ApiKind::DeferredFunction => is_function_or_module(name),
                ApiKind::RemovedHeader => name.ends_with(".hrl"),
                ApiKind::RemovedRecordField | ApiKind::ChangedRecordField => {
                    name.split_once('.').is_some_and(|(r, f)| is_atom(r) && is_atom(f))
                }
                ApiKind::RemovedMacro => name.chars().all(|c| c.is_ascii_uppercase() || c == '_' || c.is_ascii_digit()),
                ApiKind::RemovedType => name.contains(':') && name.contains('/'),
                ApiKind::RemovedMessage => name.starts_with('{') || is_atom(name),
            };
            assert!(well_shaped, "{:?} {name}", change.kind);
        }
    }
}

fn is_atom(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn is_function_or_module(name: &str) -> bool {
    let Some((module, function)) = name.split_once(':') else {
        return is_atom(name);
    };
    let (function, arity) = function.split_once('/').unwrap_or((function, "0"));
    is_atom(module) && is_atom(function) && arity.parse::<u8>().is_ok()
}

#[test]
fn the_code_of_entries_can_be_read() {
    for changes in all_steps() {
        use crate::migrate::api::call::Template;
        use crate::migrate::code::template::{Snippet, variables};
        for entry in &changes.api {
            for form in &entry.forms {
                let narrowed = ApiChange { was: form.was.clone(), instead: form.instead.clone(), ..entry.clone() };
                assert!(Template::of(&narrowed).is_ok(), "{}: {}", entry.name, form.was);
            }
            for value in &entry.results {
                let read = [&value.before, &value.after].into_iter().all(|code| Snippet::parse(code).is_some());
                assert!(read, "{}: {value:?}", entry.name);
            }
        }
        for entry in changes.api.iter().filter(|entry| !entry.was.is_empty()) {
            let name = &entry.name;
            assert!(Template::of(entry).is_ok(), "{name}");
            let known = variables(&entry.was);
            for binary in &entry.binaries {
                assert!(known.contains(&binary.as_str()), "{name}: no variable {binary}");
            }
            for element in &entry.elements {
                assert!(known.contains(&element.as_str()), "{name}: no variable {element}");
            }
            for (needed, ways) in &entry.needs {
                assert!(variables(&entry.instead).contains(&needed.as_str()), "{name}: nothing needs {needed}");
                assert!(ways.iter().all(|way| Snippet::parse(way).is_some()), "{name}: {ways:?}");
            }
            assert!(entry.steps.lines().all(|step| Snippet::parse(step).is_some()), "{name}: {}", entry.steps);
            if let Some(received) = &entry.received {
                assert!(Snippet::parse(&received.pattern).is_some(), "{name}");
                assert!(Snippet::parse(&received.unpack).is_some(), "{name}");
            }
        }
    }
}

#[test]
fn what_could_be_proposed_is_or_says_why_not() {
    for changes in all_steps() {
        let proposable = [RewriteClass::Mechanical, RewriteClass::Suggestion];
        let kinds =
            [ApiKind::RemovedFunction, ApiKind::ChangedFunction, ApiKind::RemovedRecordField, ApiKind::RemovedMessage];
        for entry in
            changes.api.iter().filter(|entry| proposable.contains(&entry.rewrite) && kinds.contains(&entry.kind))
        {
            assert_ne!(entry.was.is_empty(), entry.stuck.is_empty(), "{}", entry.name);
        }
    }
}

#[test]
fn every_hook_with_positional_arguments_has_an_entry() {
    let changes = positional_changes();
    assert_eq!(changes.positional.len(), 134);
    assert!(changes.positional.is_sorted_by_key(|entry| &entry.hook));
    let map_only: Vec<&str> =
        changes.positional.iter().filter(|entry| entry.map_only).map(|entry| entry.hook.as_str()).collect();
    assert_eq!(
        map_only,
        ["extend_inbox_message", "filter_unacknowledged_messages", "mam_muc_retraction", "mam_retraction"]
    );
}

#[test]
fn what_arguments_are_computed_with_can_be_read() {
    use crate::migrate::code::template::Snippet;
    for entry in positional_changes().positional {
        let all = entry.computed.iter().chain(entry.earlier.iter().flat_map(|form| &form.computed));
        for computed in all {
            let patterns =
                [&computed.pattern].into_iter().chain(computed.take.values()).chain(computed.record.values());
            let values = [&computed.value].into_iter().chain(computed.alone.values());
            for code in patterns.chain(values) {
                assert!(Snippet::parse(code).is_some(), "{}: {code}", entry.hook);
            }
        }
    }
}

#[test]
fn functions_that_give_arguments_are_there() {
    use crate::catalog::{Catalog, Version};
    use crate::migrate::code::template::Snippet;
    /// Of the library `jid`, which is no part of the server's tree: what 2.0.0 has, which 6.0.0 and 6.1.0 use.
    const LIBRARY: [&str; 2] = ["jid:to_lower/1", "jid:to_lus/1"];
    let api = Catalog::embedded().api(Version::new(6, 0, 0)).unwrap();
    let has = |module: &str, function: &str| {
        let module = api.modules.iter().find(|known| known.name == module);
        module.is_some_and(|module| module.exports.split(' ').any(|export| export == function))
    };
    for entry in positional_changes().positional {
        let all = entry.computed.iter().chain(entry.earlier.iter().flat_map(|form| &form.computed));
        for code in all.flat_map(|computed| [&computed.value].into_iter().chain(computed.alone.values())) {
            let snippet = Snippet::parse(code).unwrap();
            let Some((module, function, args)) = snippet.call() else { continue };
            let function = format!("{function}/{}", args.len());
            let known = LIBRARY.contains(&format!("{module}:{function}").as_str()) || has(module, &function);
            assert!(known, "{}: {code}", entry.hook);
        }
    }
}
