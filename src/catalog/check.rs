//! What must hold in the catalog's files beyond their form: nothing named twice, and the changes that people
//! wrote agree with the releases that were extracted.
//!
//! Compiled by the build script as well. Every function returns what is wrong, each in one sentence.

mod positional;

use std::collections::{BTreeMap, BTreeSet};

use super::delta::FunctionName;
use super::model::{
    Api, ApiChange, ApiKind, ChangeKind, Changes, ConfigChange, ConfigKind, Evidence, Hook, HookChange, MetricKind,
    ParameterFate, Release,
};

/// Checks one release by itself.
#[must_use]
pub fn release(release: &Release) -> Vec<String> {
    twice(release.hooks.iter().map(|hook| hook.name.as_str()))
        .map(|name| format!("hook `{name}` is there twice"))
        .collect()
}

/// Checks one API by itself.
#[must_use]
pub fn api(api: &Api) -> Vec<String> {
    let modules = twice(api.modules.iter().map(|module| module.name.as_str()))
        .map(|name| format!("module `{name}` is there twice"));
    let headers = twice(api.headers.iter().map(|header| header.name.as_str()))
        .map(|name| format!("header `{name}` is there twice"));
    modules.chain(headers).collect()
}

/// Checks one change file by itself.
#[must_use]
pub fn changes(step: &Changes) -> Vec<String> {
    let mut wrong: Vec<String> = twice(step.hooks.iter().map(|change| change.hook.as_str()))
        .map(|name| format!("hook `{name}` has two entries"))
        .collect();
    for change in &step.hooks {
        let mut blame = |cause: String| wrong.push(format!("hook `{}`: {cause}", change.hook));
        // A new hook has nothing that it did before.
        let added = change.kind == ChangeKind::Added;
        if !added && change.stop.is_empty() != change.stop_before.is_empty() {
            blame("`stop` and `stop_before` are given together or not at all".to_owned());
        }
        if change.summary.trim().is_empty() {
            blame("`summary` is empty".to_owned());
        }
        if change.evidence.is_empty() {
            blame("there is no evidence".to_owned());
        }
        change.evidence.iter().filter_map(|e| evidence(step, e)).for_each(&mut blame);
    }
    for change in &step.api {
        let causes = change.evidence.iter().filter_map(|e| evidence(step, e)).chain(code(change));
        wrong.extend(causes.map(|cause| format!("`{}`: {cause}", change.name)));
    }
    // Of one option, several values can be gone, and several tables can need it.
    let config = |change: &ConfigChange| {
        let is_gone = change.kind == ConfigKind::RemovedValue;
        let value = if is_gone { change.before.clone() } else { String::new() };
        (change.path.clone(), change.kind, value, change.given.clone())
    };
    wrong.extend(step.config.iter().enumerate().filter_map(|(at, change)| {
        let is_there = step.config[..at].iter().any(|other| config(other) == config(change));
        is_there.then(|| format!("`{}` has two entries of one kind", change.path))
    }));
    for change in &step.config {
        let causes = change.evidence.iter().filter_map(|e| evidence(step, e)).chain(config_change(change));
        wrong.extend(causes.map(|cause| format!("`{}`: {cause}", change.path)));
    }
    let known = step.metrics.iter().filter(|change| change.kind != MetricKind::Added);
    let words: Vec<String> = known.map(|it| format!("{} {}", it.under, it.word())).collect();
    let words = words.iter().map(|it| it.trim_start());
    wrong.extend(twice(words).map(|word| format!("metric `{word}` has two entries")));
    for change in &step.metrics {
        let causes = change.evidence.iter().filter_map(|e| evidence(step, e));
        let missing = change.evidence.is_empty().then(|| "there is no evidence".to_owned());
        wrong.extend(causes.chain(missing).map(|cause| format!("metric `{}`: {cause}", change.name)));
    }
    for task in &step.tasks {
        let causes = task.evidence.iter().filter_map(|e| evidence(step, e));
        let missing = task.evidence.is_empty().then(|| "there is no evidence".to_owned());
        wrong.extend(causes.chain(missing).map(|cause| format!("task `{}`: {cause}", task.title)));
    }
    wrong.extend(positional::entries(step));
    wrong
}

fn config_change(change: &ConfigChange) -> Option<String> {
    let has_values = !change.before.is_empty() && !change.after.is_empty();
    let needs_values = matches!(change.kind, ConfigKind::ChangedType | ConfigKind::ChangedDefault);
    if change.evidence.is_empty() {
        Some("there is no evidence".to_owned())
    } else if needs_values && !has_values {
        Some("`before` and `after` are needed".to_owned())
    } else if (change.kind == ConfigKind::Precondition) == (change.hook.is_empty() || change.before.is_empty()) {
        Some("`hook` and `before` make a precondition, and nothing else does".to_owned())
    } else if change.kind == ConfigKind::RemovedValue && change.before.is_empty() {
        Some("`before` has to say which value is gone".to_owned())
    } else if change.kind == ConfigKind::Renamed && !is_renaming(change) {
        Some("`after` has to be another path with as many `[]`, and no more `*`".to_owned())
    } else if change.kind != ConfigKind::RequiredOption && !change.given.is_empty() {
        Some("only an option that has to be given has `given`".to_owned())
    } else if !change.unless.is_empty() && !has_such_unless(change) {
        Some(
            "`unless` is a line for an option that has to be given, a path for a value that is gone, and nothing else"
                .to_owned(),
        )
    } else if change.condition().1.is_some_and(|value| toml::from_str::<toml::Table>(&format!("v = {value}")).is_err())
    {
        Some("the value in `given` is no TOML".to_owned())
    } else if change.kind == ConfigKind::RequiredModule && !change.path.starts_with("modules.") {
        Some("no module is named".to_owned())
    } else {
        change.summary.trim().is_empty().then(|| "`summary` is empty".to_owned())
    }
}

fn has_such_unless(change: &ConfigChange) -> bool {
    match change.kind {
        ConfigKind::RequiredOption => change.unless.contains('='),
        ConfigKind::RemovedValue => !change.unless.contains('='),
        _ => false,
    }
}

fn is_renaming(change: &ConfigChange) -> bool {
    let count = |path: &str, what: &str| path.matches(what).count();
    let ConfigChange { path, after, .. } = change;
    !after.is_empty()
        && path != after
        && count(path, "[]") == count(after, "[]")
        && count(path, "*") >= count(after, "*")
}

/// What is wrong with the code that an entry proposes. Whether it can be parsed is seen where there is a parser.
fn code(change: &ApiChange) -> Option<String> {
    let ApiChange { was, instead, needs, stuck, forms, .. } = change;
    if let Some(form) = forms.iter().find(|form| !is_call(&form.was, FunctionName::parse(&change.name))) {
        return Some(format!("`{}` is no use of it", form.was));
    }
    if !was.is_empty() && !stuck.is_empty() {
        return Some("`was` says that code can be proposed, and `stuck` that it cannot".to_owned());
    }
    if was.is_empty() {
        return (!needs.is_empty()
            || !change.steps.is_empty()
            || !change.binaries.is_empty()
            || !change.elements.is_empty())
        .then(|| "what it says about code needs `was`".to_owned());
    }
    if instead.is_empty() {
        return Some("`was` without `instead`".to_owned());
    }
    let fits = match change.kind {
        ApiKind::RemovedFunction | ApiKind::ChangedFunction => is_call(was, FunctionName::parse(&change.name)),
        ApiKind::RemovedRecordField => was.ends_with(&format!("#{}", change.name)),
        ApiKind::ChangedRecordField => change.field.as_ref().is_some_and(|form| form.tuple.contains("Field")),
        ApiKind::RemovedMessage => was.ends_with(&format!(" ! {}", change.name)),
        _ => false,
    };
    (!fits).then(|| format!("`{was}` is no use of it"))
}

/// Whether code is a call of a function, perhaps matched with a pair.
fn is_call(code: &str, name: FunctionName<'_>) -> bool {
    let call = code.split_once("} = ").map_or(code, |(_, call)| call);
    let FunctionName { module, function: Some(function), arity: Some(arity) } = name else { return false };
    let Some(arguments) = call.strip_prefix(&format!("{module}:{function}(")).and_then(|rest| rest.strip_suffix(')'))
    else {
        return false;
    };
    let mut depth = 0_usize;
    let mut commas = 0;
    for byte in arguments.bytes() {
        match byte {
            b'(' | b'{' | b'[' => depth += 1,
            b')' | b'}' | b']' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => commas += 1,
            _ => {}
        }
    }
    arity == if arguments.trim().is_empty() { 0 } else { commas + 1 }
}

/// Checks what a change file says about hooks against both releases.
#[must_use]
pub fn changes_against(step: &Changes, old: &Release, new: &Release) -> Vec<String> {
    let check = HookCheck { step, old: by_name(old), new: by_name(new) };
    let mut wrong = Vec::new();
    for change in &step.hooks {
        let causes = check.entry(change);
        wrong.extend(causes.into_iter().map(|cause| format!("hook `{}`: {cause}", change.hook)));
    }
    wrong.extend(check.missing_entries());
    wrong.extend(positional::against(&check));
    wrong
}

/// Checks what a change file says about functions against both releases.
#[must_use]
pub fn api_changes_against(step: &Changes, old: &Api, new: &Api) -> Vec<String> {
    let wrong = |change: &ApiChange| -> Option<String> {
        let name = FunctionName::parse(&change.name);
        match change.kind {
            ApiKind::RemovedFunction if exports(new, name) => {
                Some(format!("`{}` is said to be removed, but {} still has it", change.name, step.to))
            }
            ApiKind::ChangedFunction if !exports(old, name) => {
                Some(format!("`{}` is said to be changed, but {} does not have it", change.name, step.from))
            }
            ApiKind::ChangedFunction if !exports(new, name) => {
                Some(format!("`{}` is said to be changed, but {} does not have it", change.name, step.to))
            }
            _ => None,
        }
    };
    step.api.iter().filter_map(wrong).collect()
}

/// Both releases by hook name, for the checks of one change file.
struct HookCheck<'a> {
    step: &'a Changes,
    old: BTreeMap<&'a str, &'a Hook>,
    new: BTreeMap<&'a str, &'a Hook>,
}

impl HookCheck<'_> {
    fn entry(&self, change: &HookChange) -> Vec<String> {
        let mut wrong = self.presence(change);
        wrong.extend(self.named_hooks(change));
        wrong.extend(self.parameters(change));
        wrong
    }

    /// Whether the hook is in the releases in which an entry of this kind supposes it.
    fn presence(&self, change: &HookChange) -> Vec<String> {
        let name = change.hook.as_str();
        let (from, to) = (&self.step.from, &self.step.to);
        let (before, after) = match change.kind {
            ChangeKind::Added => (false, true),
            ChangeKind::Removed => (true, false),
            ChangeKind::Changed | ChangeKind::Meaning => (true, true),
        };
        let mut wrong = Vec::new();
        for (has, wanted, release) in
            [(self.old.contains_key(name), before, from), (self.new.contains_key(name), after, to)]
        {
            match (has, wanted) {
                (true, false) => wrong.push(format!("the entry supposes that {release} does not have it")),
                (false, true) => wrong.push(format!("{release} does not have it")),
                _ => {}
            }
        }
        wrong
    }

    fn named_hooks(&self, change: &HookChange) -> Vec<String> {
        let replacements = change.replacements.iter().map(|replacement| replacement.hook.as_str());
        let mut wrong: Vec<String> = replacements
            .filter(|name| !self.new.contains_key(name))
            .map(|name| format!("its replacement `{name}` is no hook of {}", self.step.to))
            .collect();
        let replaced = change.replaces.iter().filter(|name| !self.old.contains_key(name.as_str()));
        wrong.extend(replaced.map(|name| format!("`{name}`, which it replaces, is no hook of {}", self.step.from)));
        wrong
    }

    fn parameters(&self, change: &HookChange) -> Vec<String> {
        let Some(before) = self.old.get(change.hook.as_str()).map(|hook| keys(hook)) else {
            return Vec::new();
        };
        let after = self.new.get(change.hook.as_str()).map(|hook| keys(hook));
        let mut wrong = Vec::new();
        for parameter in &change.parameters {
            let key = parameter.key.as_str();
            if !before.contains(key) {
                wrong.push(format!("{} has no parameter `{key}` here", self.step.from));
            }
            if !parameter.values.is_empty() && parameter.change != ParameterFate::Revalued {
                wrong.push(format!("parameter `{key}` has `values`, and is not revalued"));
            }
            let stays = after.as_ref().map(|keys| keys.contains(key));
            match (parameter.change, stays) {
                (ParameterFate::Gone, Some(true)) => {
                    wrong.push(format!("parameter `{key}` is not gone, {} has it", self.step.to));
                }
                (ParameterFate::Retyped | ParameterFate::Revalued, Some(false)) => {
                    wrong.push(format!("parameter `{key}` is gone, {} does not have it", self.step.to));
                }
                _ => {}
            }
        }
        let listed = |key: &&str| change.parameters.iter().any(|parameter| parameter.key == **key);
        if let Some(after) = after {
            let gone = before.difference(&after).filter(|key| !listed(key));
            wrong.extend(gone.map(|key| format!("parameter `{key}` is gone, and no entry says so")));
        }
        wrong
    }

    /// Differences between the releases that the file is silent about.
    fn missing_entries(&self) -> Vec<String> {
        let entries: BTreeMap<&str, ChangeKind> =
            self.step.hooks.iter().map(|change| (change.hook.as_str(), change.kind)).collect();
        let mut wrong = Vec::new();
        for (&name, hook) in &self.old {
            match (self.new.get(name), entries.get(name)) {
                (None, None) => {
                    wrong.push(format!("hook `{name}`: {} does not have it, and no entry says so", self.step.to));
                }
                (Some(now), entry) if differ(hook, now) && entry != Some(&ChangeKind::Changed) => {
                    wrong.push(format!("hook `{name}`: its parameters differ, and no entry says so"));
                }
                _ => {}
            }
        }
        let added = self.new.keys().filter(|name| !self.old.contains_key(*name) && !entries.contains_key(*name));
        wrong.extend(added.map(|name| format!("hook `{name}`: it is new in {}, and no entry says so", self.step.to)));
        wrong
    }
}

fn by_name(release: &Release) -> BTreeMap<&str, &Hook> {
    release.hooks.iter().map(|hook| (hook.name.as_str(), hook)).collect()
}

fn keys(hook: &Hook) -> BTreeSet<&str> {
    hook.parameters.iter().map(|parameter| parameter.key.as_str()).collect()
}

/// Whether the keys differ. Positional arguments and a parameter map cannot be compared: that every handler
/// changes from one to the other is no news of a single hook.
fn differ(old: &Hook, new: &Hook) -> bool {
    old.arguments.is_empty() && new.arguments.is_empty() && keys(old) != keys(new)
}

fn exports(api: &Api, name: FunctionName<'_>) -> bool {
    let Some(module) = api.modules.iter().find(|module| module.name == name.module) else {
        return false;
    };
    let Some(function) = name.function else {
        return true;
    };
    let mut exports = module.exports.split(' ').filter_map(super::delta::split_arity);
    exports.any(|(export, arity)| name.covers(name.module, export, arity) && export == function)
}

fn evidence(step: &Changes, evidence: &Evidence) -> Option<String> {
    let Evidence { release, at, .. } = evidence;
    if *release != step.from && *release != step.to {
        return Some(format!("evidence from {release}, which is neither {} nor {}", step.from, step.to));
    }
    let line = at.rsplit_once(':').and_then(|(path, line)| (!path.is_empty()).then_some(line)?.parse().ok());
    (line.unwrap_or(0_u32) == 0).then(|| format!("evidence `{at}` is not of the form path:line"))
}

/// Names that occur more than once, each named once.
fn twice<'a>(names: impl Iterator<Item = &'a str>) -> impl Iterator<Item = &'a str> {
    let mut seen = BTreeMap::<&str, usize>::new();
    for name in names {
        *seen.entry(name).or_default() += 1;
    }
    seen.into_iter().filter(|&(_, count)| count > 1).map(|(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::*;

    fn wrong(step: &Changes) -> Vec<String> {
        let mut wrong = changes(step);
        wrong.extend(changes_against(step, &testing::release_1_0(), &testing::release_1_1()));
        wrong.extend(api_changes_against(step, &testing::api_1_0(), &testing::api_1_1()));
        wrong
    }

    fn entry<'a>(step: &'a mut Changes, hook: &str) -> &'a mut HookChange {
        step.hooks.iter_mut().find(|change| change.hook == hook).unwrap()
    }

    #[test]
    fn the_example_is_right() {
        assert_eq!(wrong(&testing::changes_1_0_to_1_1()), Vec::<String>::new());
    }

    #[test]
    fn an_entry_of_the_wrong_kind_is_found() {
        let mut step = testing::changes_1_0_to_1_1();
        entry(&mut step, "old_hook").kind = ChangeKind::Meaning;
        assert_eq!(wrong(&step), ["hook `old_hook`: 1.1.0 does not have it"]);
        let mut step = testing::changes_1_0_to_1_1();
        entry(&mut step, "packet").kind = ChangeKind::Meaning;
        assert_eq!(wrong(&step), ["hook `packet`: its parameters differ, and no entry says so"]);
    }

    #[test]
    fn a_missing_entry_is_found() {
        let mut step = testing::changes_1_0_to_1_1();
        step.hooks.retain(|change| change.kind != ChangeKind::Added);
        assert_eq!(wrong(&step), ["hook `new_hook`: it is new in 1.1.0, and no entry says so"]);
    }

    #[test]
    fn names_of_hooks_and_parameters_must_exist() {
        let mut step = testing::changes_1_0_to_1_1();
        entry(&mut step, "old_hook").replacements[0].hook = "nowhere".to_owned();
        entry(&mut step, "packet").parameters[0].key = "form".to_owned();
        assert_eq!(
            wrong(&step),
            [
                "hook `old_hook`: its replacement `nowhere` is no hook of 1.1.0",
                "hook `packet`: 1.0.0 has no parameter `form` here",
                "hook `packet`: parameter `from` is gone, and no entry says so",
            ]
        );
    }

    #[test]
    fn what_stop_does_is_told_of_both_releases_that_have_the_hook() {
        let mut step = testing::changes_1_0_to_1_1();
        entry(&mut step, "new_hook").stop = "Refuses.".to_owned();
        assert_eq!(wrong(&step), Vec::<String>::new());
        entry(&mut step, "packet").stop_before.clear();
        assert_eq!(wrong(&step), ["hook `packet`: `stop` and `stop_before` are given together or not at all"]);
    }

    #[test]
    fn evidence_is_a_path_and_a_line_of_one_of_the_releases() {
        let mut step = testing::changes_1_0_to_1_1();
        entry(&mut step, "packet").evidence[0].at = "src/m.erl".to_owned();
        entry(&mut step, "old_hook").evidence[0].release = "0.9.0".to_owned();
        assert_eq!(
            wrong(&step),
            [
                "hook `old_hook`: evidence from 0.9.0, which is neither 1.0.0 nor 1.1.0",
                "hook `packet`: evidence `src/m.erl` is not of the form path:line",
            ]
        );
    }

    #[test]
    fn the_code_of_an_entry_is_a_use_of_it() {
        let mut step = testing::changes_1_0_to_1_1();
        let at = step.api.iter().position(|change| change.kind == ApiKind::ChangedFunction).unwrap();
        let name = step.api[at].name.clone();
        step.api[at].was = "lib:same(A, {B, C})".to_owned();
        step.api[at].instead = "lib:other(A)".to_owned();
        assert_eq!(wrong(&step), [format!("`{name}`: `lib:same(A, {{B, C}})` is no use of it")]);
        step.api[at].was = "lib:same({A, B})".to_owned();
        assert_eq!(wrong(&step), Vec::<String>::new());
        step.api[at].stuck = "it cannot".to_owned();
        assert_eq!(wrong(&step).len(), 1);
        step.api[at].was.clear();
        step.api[at].binaries.push("A".to_owned());
        assert_eq!(wrong(&step), [format!("`{name}`: what it says about code needs `was`")]);
    }

    #[test]
    fn a_function_that_is_still_there_is_not_removed() {
        let mut step = testing::changes_1_0_to_1_1();
        for change in &mut step.api {
            change.kind = ApiKind::RemovedFunction;
        }
        assert_eq!(wrong(&step), ["`lib:same/1` is said to be removed, but 1.1.0 still has it"]);
    }
}
