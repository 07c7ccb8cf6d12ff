//! Several steps' entries about one hook, put together into one: what the rules and the rewriting work on.
//!
//! A handler is rewritten once, from the contract that it has to the one that it needs, however many releases lie between.
//! What one step made of a parameter may be changed by the next one; where that is no longer an expression that could be
//! written down, the parameter has none, and a person is told of both changes.

use rustc_hash::FxHashMap;

use super::Upgrade;
use super::hooks::entry;
use crate::catalog::model::{
    AccumulatorChange, ChangeKind, Condition, DropChange, HookChange, ParameterChange, ParameterFate, RewriteClass,
};

/// The entries that are none of a single step, by hook.
pub(super) type Composed = FxHashMap<String, HookChange>;

/// Puts together what several steps say of the same hook, for all hooks of which more than one says something.
pub(super) fn all(upgrade: &Upgrade) -> Composed {
    let mut composed = Composed::default();
    if upgrade.steps.len() < 2 {
        return composed;
    }
    for (at, step) in upgrade.steps.iter().enumerate() {
        for first in step.changes.get().hooks.iter().filter(|it| it.kind != ChangeKind::Added) {
            let name = first.hook.as_str();
            let is_first =
                !composed.contains_key(name) && upgrade.steps[..at].iter().all(|step| entry(step, name).is_none());
            if is_first && let Some(whole) = along(upgrade, at, first) {
                composed.insert(name.to_owned(), whole);
            }
        }
    }
    composed
}

/// What a hook's first entry, which step `at` has, comes to by way of the later ones; `None` when there are no others.
fn along(upgrade: &Upgrade, at: usize, first: &HookChange) -> Option<HookChange> {
    let keys: Vec<&str> = upgrade.old_release().hook(&first.hook).map(|hook| hook.keys().collect()).unwrap_or_default();
    let mut whole: Option<HookChange> = None;
    let mut hook = successor(first)?;
    for step in &upgrade.steps[at + 1..] {
        let Some(next) = entry(step, hook) else { continue };
        // A hook that comes back is another one.
        if next.kind == ChangeKind::Added {
            continue;
        }
        let so_far = whole.as_ref().unwrap_or(first);
        whole = Some(then(so_far, next, &keys));
        match successor(next) {
            Some(name) => hook = name,
            None => break,
        }
    }
    whole
}

/// The hook that has a handler's place behind a step: the same one, or the first that takes its place.
pub(super) fn successor(change: &HookChange) -> Option<&str> {
    if change.kind != ChangeKind::Removed {
        return Some(&change.hook);
    }
    let general = change.replacements.iter().find(|it| it.serves.is_empty());
    general.or(change.replacements.first()).map(|it| it.hook.as_str())
}

/// Two entries, one behind the other, as one. `keys` are the parameters that handlers of the old release know.
fn then(first: &HookChange, next: &HookChange, keys: &[&str]) -> HookChange {
    let moved = first.kind == ChangeKind::Removed;
    let gone = next.kind == ChangeKind::Removed;
    let mut whole = first.clone();
    whole.kind = kind(first.kind, next.kind);
    if gone && !moved {
        whole.summary.clone_from(&next.summary);
    } else if !moved {
        whole.summary = join(&first.summary, &next.summary);
    }
    // With nothing in the end's place, how to get half-way is no advice.
    let ends = gone && next.replacements.is_empty();
    whole.advice = match (first.rewrite, ends) {
        (_, true) | (RewriteClass::None, _) => next.advice.clone(),
        _ => join(&first.advice, &next.advice),
    };
    whole.conditions.extend(next.conditions.iter().filter(|it| !first.conditions.contains(it)));
    whole.rewrite = if ends { next.rewrite } else { both(first, next, moved || gone) };
    if whole.rewrite == RewriteClass::Mechanical && [first, next].into_iter().any(concerns_readers_alone) {
        whole.conditions.push(Condition::ChangedParametersUnread);
    }
    if whole.rewrite != RewriteClass::Mechanical {
        whole.conditions.clear();
    }
    if gone {
        whole.replacements.clone_from(&next.replacements);
    } else if !moved {
        whole.replacements.extend(next.replacements.iter().cloned());
    }
    (whole.parameters, whole.moved_parameters) = if moved || gone {
        let mut all = first.parameters.clone();
        all.extend(first.moved_parameters.iter().filter(|_| gone).cloned());
        let mut later = next.parameters.clone();
        later.extend(next.moved_parameters.iter().filter(|_| gone).cloned());
        (parameters(&all, &later, keys), if gone { Vec::new() } else { first.moved_parameters.clone() })
    } else {
        (
            parameters(&first.parameters, &next.parameters, keys),
            parameters(&first.moved_parameters, &next.moved_parameters, keys),
        )
    };
    let had_both = !first.parameters.is_empty() && !next.parameters.is_empty();
    if had_both && whole.parameters.is_empty() && whole.moved_parameters.is_empty() {
        whole.rewrite = RewriteClass::None;
        whole.conditions.clear();
        whole.advice.clone_from(&next.advice);
    }
    whole.accumulator =
        merged(first.accumulator.as_ref(), next.accumulator.as_ref(), |first, next| AccumulatorChange {
            before: first.before.clone(),
            after: next.after.clone(),
            note: join(&first.note, &next.note),
        });
    if !next.stop.is_empty() {
        whole.stop.clone_from(&next.stop);
        if first.stop_before.is_empty() {
            whole.stop_before.clone_from(&next.stop_before);
        }
    }
    whole.drop = merged(first.drop.as_ref(), next.drop.as_ref(), |first, next| DropChange {
        before: first.before.clone(),
        after: next.after.clone(),
        note: join(&first.note, &next.note),
    });
    whole.results = if first.results.is_empty() { next.results.clone() } else { first.results.clone() };
    for (key, pattern) in &next.only {
        whole.only.entry(key.clone()).or_insert_with(|| pattern.clone());
    }
    whole.more_calls = join(&first.more_calls, &next.more_calls);
    whole.meanings.extend(next.meanings.iter().filter(|it| !first.meanings.contains(it)).cloned());
    if !next.requires.is_empty() {
        whole.requires.clone_from(&next.requires);
    }
    whole.adapter = match (first.adapter.is_empty(), next.adapter.is_empty()) {
        (true, false) if !asks_for_code(first) => next.adapter.clone(),
        (false, true) if !asks_for_code(next) => first.adapter.clone(),
        _ => String::new(),
    };
    whole.adapter_only |= next.adapter_only;
    // The ways to keep something in a session stay what the first of them says; another one is for a person.
    if whole.threading.is_none() {
        whole.threading.clone_from(&next.threading);
    }
    // Neither pair shows both changes.
    if asks_for_code(next) || first.before.is_empty() {
        whole.before.clone_from(&next.before);
        whole.after.clone_from(&next.after);
    }
    whole.evidence.extend(next.evidence.iter().filter(|it| !first.evidence.contains(it)).cloned());
    whole
}

/// Whether all that a person has to look at is what handlers make of parameters.
fn concerns_readers_alone(change: &HookChange) -> bool {
    change.kind != ChangeKind::Removed
        && change.rewrite == RewriteClass::Suggestion
        && !change.parameters.is_empty()
        && !asks_for_more_than_parameters(change)
}

fn kind(first: ChangeKind, next: ChangeKind) -> ChangeKind {
    match (first, next) {
        (ChangeKind::Removed, _) | (_, ChangeKind::Removed) => ChangeKind::Removed,
        (ChangeKind::Meaning, ChangeKind::Meaning) => ChangeKind::Meaning,
        _ => ChangeKind::Changed,
    }
}

/// Whether a change asks for more of a handler than another name in its registration.
fn asks_for_code(change: &HookChange) -> bool {
    !change.parameters.is_empty() || asks_for_more_than_parameters(change)
}

fn asks_for_more_than_parameters(change: &HookChange) -> bool {
    !change.moved_parameters.is_empty()
        || change.accumulator.is_some()
        || change.drop.is_some()
        || !change.results.is_empty()
        || !change.only.is_empty()
        || change.threading.is_some()
        || !change.adapter.is_empty()
}

/// Two sentences, one behind the other.
pub(super) fn join(first: &str, next: &str) -> String {
    match (first.is_empty(), next.is_empty()) {
        (true, _) => next.to_owned(),
        (_, true) => first.to_owned(),
        _ if first == next => first.to_owned(),
        _ => format!("{first} {next}"),
    }
}

/// How far both could be left to a machine. Where one of them is a mere other meaning, what the other asks for can be
/// written, and a person looks at it: nobody tells of the meaning once that is written. Where a handler moves to another
/// hook (`moves`) and a parameter alone is another one, those who do not look at it need not care.
fn both(first: &HookChange, next: &HookChange, moves: bool) -> RewriteClass {
    let class = |change: &HookChange| match moves && concerns_readers_alone(change) {
        true => RewriteClass::Mechanical,
        false => change.rewrite,
    };
    let is_writable =
        |change: &HookChange| matches!(change.rewrite, RewriteClass::Mechanical | RewriteClass::Suggestion);
    let is_mere_meaning = |change: &HookChange| change.kind == ChangeKind::Meaning && !asks_for_code(change);
    let with_meaning = (is_writable(first) && is_mere_meaning(next)) || (is_mere_meaning(first) && is_writable(next));
    match harder(class(first), class(next)) {
        RewriteClass::Advice if with_meaning => RewriteClass::Suggestion,
        harder => harder,
    }
}

/// What both need is as hard as the harder one.
pub(super) fn harder(first: RewriteClass, next: RewriteClass) -> RewriteClass {
    let rank = |class| match class {
        RewriteClass::None => 0,
        RewriteClass::Mechanical => 1,
        RewriteClass::Suggestion => 2,
        RewriteClass::Advice => 3,
    };
    if rank(next) > rank(first) { next } else { first }
}

/// What one of two steps says, or both together.
fn merged<T: Clone>(first: Option<&T>, next: Option<&T>, both: impl Fn(&T, &T) -> T) -> Option<T> {
    match (first, next) {
        (Some(first), Some(next)) => Some(both(first, next)),
        (one, other) => one.or(other).cloned(),
    }
}

/// What becomes of the old release's parameters.
fn parameters(first: &[ParameterChange], next: &[ParameterChange], keys: &[&str]) -> Vec<ParameterChange> {
    let is_undone = |change: &&ParameterChange| next.iter().any(|later| undoes(change, later));
    let mut whole: Vec<ParameterChange> =
        first.iter().filter(|change| !is_undone(change)).map(|change| through(change, next)).collect();
    let is_known = |change: &&ParameterChange| {
        keys.contains(&change.key.as_str()) && !first.iter().any(|known| known.key == change.key)
    };
    whole.extend(next.iter().filter(is_known).cloned());
    whole
}

/// Whether a key's values are again what they were before a change.
fn undoes(change: &ParameterChange, later: &ParameterChange) -> bool {
    let form = |pattern: &str| pattern.replace('_', "");
    let Some((key, pattern)) = change.take.first_key_value().filter(|_| change.take.len() == 1) else { return false };
    let there = later.key == change.key && *key == later.key && change.change == ParameterFate::Retyped;
    there && later.values.iter().any(|(old, new)| form(old) == form(pattern) && *new == change.value)
}

/// A key whose values became others twice.
fn revalued_twice(first: &ParameterChange, later: &ParameterChange) -> ParameterChange {
    let mut whole = later.clone();
    whole.note = join(&first.note, &later.note);
    for (old, half_way) in &first.values {
        if later.never.contains(half_way) {
            whole.never.push(old.clone());
        } else {
            let now = later.values.get(half_way).unwrap_or(half_way);
            whole.values.insert(old.clone(), now.clone());
        }
    }
    let known = whole.never.clone();
    whole.never.extend(first.never.iter().filter(|it| !known.contains(it)).cloned());
    whole
}

/// A parameter that changed, by way of what changed behind it.
fn through(change: &ParameterChange, next: &[ParameterChange]) -> ParameterChange {
    let mut whole = change.clone();
    let later = |key: &str| next.iter().find(|later| later.key == key);
    if change.change != ParameterFate::Gone {
        let Some(later) = later(&change.key) else { return whole };
        if (change.change, later.change) == (ParameterFate::Revalued, ParameterFate::Revalued) {
            return revalued_twice(change, later);
        }
        whole.change = if later.change == ParameterFate::Gone { ParameterFate::Gone } else { ParameterFate::Retyped };
        whole.note = join(&change.note, &later.note);
        whole.now.clear();
        whole.take.clear();
        whole.value.clear();
        whole.values.clear();
        return whole;
    }
    if whole.take.keys().any(|key| later(key).is_some()) {
        whole.take.clear();
        whole.value.clear();
    }
    for later in next {
        let read = format!("maps:get({}, Params)", later.key);
        if !whole.now.contains(&read) {
            continue;
        }
        let is_expression = later.change == ParameterFate::Gone && !later.now.is_empty();
        whole.now = if is_expression { whole.now.replace(&read, &later.now) } else { String::new() };
        whole.note = join(&whole.note, &later.note);
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::testing::parse;

    fn change(text: &str) -> HookChange {
        parse(&format!("summary = \"`h` is another one.\"\nadvice = \"Look.\"\nevidence = []\n{text}"))
    }

    fn renamed(hook: &str, to: &str) -> HookChange {
        change(&format!(
            "hook = \"{hook}\"\nkind = \"removed\"\nrewrite = \"mechanical\"\nconditions = [\"no-handler-for-replacement\"]\nreplacements = [{{ hook = \"{to}\" }}]"
        ))
    }

    #[test]
    fn a_new_name_behind_another_meaning_is_as_hard_as_a_new_name() {
        let meaning = change(
            "hook = \"h\"\nkind = \"meaning\"\nrewrite = \"none\"\nrequires = [\"mod_a\"]\nmeanings = [{ aspect = \"moment\", text = \"Later.\" }]",
        );
        let whole = then(&meaning, &renamed("h", "i"), &["from"]);
        assert_eq!((whole.kind, whole.rewrite), (ChangeKind::Removed, RewriteClass::Mechanical));
        assert_eq!(successor(&whole), Some("i"));
        assert_eq!((whole.requires.len(), whole.meanings.len(), whole.conditions.len()), (1, 1, 1));
    }

    #[test]
    fn a_new_name_can_be_written_whatever_else_is_to_be_looked_at() {
        let meaning = change(
            "hook = \"h\"\nkind = \"meaning\"\nrewrite = \"advice\"\nmeanings = [{ aspect = \"moment\", text = \"Later.\" }]",
        );
        let whole = then(&meaning, &renamed("h", "i"), &["from"]);
        assert_eq!((whole.rewrite, whole.conditions.len()), (RewriteClass::Suggestion, 0));
        let (first, later) = (renamed("g", "h"), meaning.clone());
        assert_eq!(then(&first, &later, &[]).rewrite, RewriteClass::Suggestion);
        let mut other_values = meaning;
        other_values.accumulator =
            Some(AccumulatorChange { before: "map()".to_owned(), after: "ok".to_owned(), note: String::new() });
        assert_eq!(then(&other_values, &renamed("h", "i"), &[]).rewrite, RewriteClass::Advice);
    }

    #[test]
    fn what_is_named_twice_has_the_last_name() {
        let whole = then(&renamed("h", "i"), &renamed("i", "j"), &[]);
        assert_eq!((whole.hook.as_str(), successor(&whole)), ("h", Some("j")));
    }

    #[test]
    fn a_way_that_ends_is_not_gone_half() {
        let mut first = renamed("h", "i");
        first.advice = "Go to i.".to_owned();
        let end = change("hook = \"i\"\nkind = \"removed\"\nrewrite = \"advice\"");
        let whole = then(&first, &end, &[]);
        assert_eq!((successor(&whole), whole.advice.as_str()), (None, "Look."));
        assert_eq!((whole.rewrite, whole.conditions.len()), (RewriteClass::Advice, 0));
    }

    #[test]
    fn parameters_are_followed_as_far_as_expressions_go() {
        let first = change(
            r#"
            hook = "h"
            kind = "changed"
            rewrite = "suggestion"
            parameters = [
                { key = "user", change = "gone", now = "jid:user(maps:get(jid, Params))" },
                { key = "pid", change = "gone", now = "owner(maps:get(session, Params))" },
                { key = "form", change = "retyped", now = "{Form, _}" },
                { key = "both", change = "gone", take = { session = "S" }, value = "{S, S}" },
            ]
            "#,
        );
        let next = change(
            r#"
            hook = "h"
            kind = "changed"
            rewrite = "suggestion"
            parameters = [
                { key = "jid", change = "gone", now = "mongoose_acc:from_jid(Acc)" },
                { key = "session", change = "gone", note = "Nothing has it." },
                { key = "form", change = "revalued", values = { a = "b" } },
                { key = "size", change = "gone" },
                { key = "came_between", change = "gone" },
            ]
            "#,
        );
        let whole = then(&first, &next, &["user", "pid", "form", "both", "size"]);
        let fates: Vec<_> = whole.parameters.iter().map(|it| (it.key.as_str(), it.change, it.now.as_str())).collect();
        assert_eq!(
            fates,
            [
                ("user", ParameterFate::Gone, "jid:user(mongoose_acc:from_jid(Acc))"),
                ("pid", ParameterFate::Gone, ""),
                ("form", ParameterFate::Retyped, ""),
                ("both", ParameterFate::Gone, ""),
                ("size", ParameterFate::Gone, ""),
            ]
        );
        assert_eq!(whole.parameters[1].note, "Nothing has it.");
        assert!(whole.parameters[3].take.is_empty() && whole.parameters[3].value.is_empty());
    }

    #[test]
    fn values_that_changed_twice_are_followed() {
        let closed = |values: &str| {
            change(&format!(
                "hook = \"closed\"\nkind = \"meaning\"\nrewrite = \"suggestion\"\n\
                 [[parameters]]\nkey = \"reason\"\nchange = \"revalued\"\n{values}"
            ))
        };
        let first =
            closed("values = { replaced = '\"new\"', left = '\"gone\"', lost = '\"cut\"' }\nnever = ['resumed']");
        let next = closed("values = { '\"new\"' = '{replaced, _}' }\nnever = ['\"cut\"']\natoms = ['normal']");
        let whole = then(&first, &next, &["reason"]);
        let reason = &whole.parameters[0];
        assert_eq!(reason.change, ParameterFate::Revalued);
        let values: Vec<(&str, &str)> = reason.values.iter().map(|(old, new)| (old.as_str(), new.as_str())).collect();
        assert_eq!(values, [("\"new\"", "{replaced, _}"), ("left", "\"gone\""), ("replaced", "{replaced, _}")]);
        assert_eq!(reason.never, ["\"cut\"", "lost", "resumed"]);
        assert_eq!(reason.atoms, ["normal"]);
    }

    #[test]
    fn what_is_undone_is_no_change() {
        let first = change(
            r#"
            hook = "peer"
            kind = "meaning"
            rewrite = "mechanical"
            conditions = ["parameters-in-head"]
            [[parameters]]
            key = "ip"
            change = "retyped"
            now = "{IP, _Port}"
            take = { ip = "{IP, _Port}" }
            value = "IP"
            "#,
        );
        let next = change(
            r#"
            hook = "peer"
            kind = "meaning"
            rewrite = "suggestion"
            [[parameters]]
            key = "ip"
            change = "revalued"
            values = { "{IP, Port}" = "IP" }
            "#,
        );
        let whole = then(&first, &next, &["ip"]);
        assert_eq!((whole.parameters.len(), whole.rewrite), (0, RewriteClass::None));
        // The other way round, handlers of the release between know the pair.
        assert_eq!(then(&next, &first, &["ip"]).parameters.len(), 1);
    }

    #[test]
    fn an_adapter_stands_for_both_when_the_other_change_asks_for_none() {
        let adapted = change("hook = \"h\"\nkind = \"changed\"\nrewrite = \"suggestion\"\nadapter = \"a() -> b.\"");
        let meaning = change("hook = \"h\"\nkind = \"meaning\"\nrewrite = \"none\"");
        assert_eq!(then(&adapted, &meaning, &[]).adapter, adapted.adapter);
        assert_eq!(then(&meaning, &adapted, &[]).adapter, adapted.adapter);
        assert_eq!(then(&adapted, &adapted, &[]).adapter, "");
    }
}
