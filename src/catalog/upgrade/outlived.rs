//! What took a function's place in one step, and is gone itself in a later one.
//!
//! Code that calls it would be as dead as the code that it stands for, so on such a way no code is proposed: a person is told of
//! what came and went.

use super::Upgrade;
use crate::catalog::delta::LostExports;
use crate::catalog::model::{Api, ApiChange, RewriteClass};

/// The entries about functions, records and headers of each step, where any of them is another one on this way.
pub(super) type Outlived = Vec<Option<Vec<ApiChange>>>;

/// The entries of all steps whose code would call what the target release lacks.
pub(super) fn all(upgrade: &Upgrade) -> Outlived {
    let of_step = |at: usize| {
        let lost = Lost::behind(upgrade, at)?;
        let entries = &upgrade.steps[at].changes.get().api;
        let is_any = entries.iter().any(|entry| lost.called_by(entry).is_some());
        is_any.then(|| entries.iter().map(|entry| without_code(upgrade, at, &lost, entry)).collect())
    };
    (0..upgrade.steps.len()).map(of_step).collect()
}

fn without_code(upgrade: &Upgrade, at: usize, lost: &Lost<'_>, entry: &ApiChange) -> ApiChange {
    let Some(function) = lost.called_by(entry) else { return entry.clone() };
    let (then, now) = (upgrade.steps[at].to, upgrade.to());
    let stuck = format!("what takes its place in {then} needs `{function}`, which is gone in {now} as well");
    let came =
        format!("In {then} `{}` took its place, which needs `{function}`; that is gone in {now}.", entry.instead);
    let note = [entry.note.as_str(), &came].into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>().join(" ");
    let mut told = ApiChange { stuck, note, rewrite: RewriteClass::Advice, ..entry.clone() };
    for code in [&mut told.was, &mut told.instead, &mut told.steps, &mut told.instead_of_accumulator] {
        code.clear();
    }
    told.forms.clear();
    told.results.clear();
    told.needs.clear();
    told
}

/// What modules lost behind a step.
struct Lost<'u> {
    modules: Vec<&'u LostExports>,
    target: &'u Api,
}

impl<'u> Lost<'u> {
    /// `None` where nothing comes behind, or the target release's exports are not known.
    fn behind(upgrade: &'u Upgrade, at: usize) -> Option<Self> {
        let later = upgrade.steps.get(at + 1..).filter(|later| !later.is_empty())?;
        let deltas = later.iter().filter_map(|step| step.delta.as_ref());
        let modules = deltas.flat_map(|delta| &delta.get().modules).collect();
        Some(Self { modules, target: upgrade.to.api.as_ref()?.get() })
    }

    /// A function that code of an entry calls and that the target release lacks.
    fn called_by(&self, entry: &ApiChange) -> Option<String> {
        let forms = entry.forms.iter().map(|form| &form.instead);
        let code = [&entry.instead, &entry.steps, &entry.instead_of_accumulator].into_iter().chain(forms);
        let mut called = code.flat_map(|code| calls(code));
        called
            .find(|(module, function, arity)| self.has(module, function, *arity))
            .map(|(module, function, arity)| format!("{module}:{function}/{arity}"))
    }

    fn has(&self, module: &str, function: &str, arity: usize) -> bool {
        let is_lost = |lost: &&LostExports| lost.module == module && lost.has(function, arity);
        self.modules.iter().any(is_lost) && !super::api::exports(self.target, module, function, arity)
    }
}

/// The calls `module:function(…)` in a piece of the catalog's code, and names such as `module:function/1`, with their arities.
fn calls(code: &str) -> Vec<(&str, &str, usize)> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut found = Vec::new();
    for (colon, _) in code.match_indices(':') {
        let module = code[..colon].rsplit(|c| !is_name(c)).next().unwrap_or_default();
        let rest = &code[colon + 1..];
        let function = rest.split(|c| !is_name(c)).next().unwrap_or_default();
        let is_atom = |name: &str| name.starts_with(|c: char| c.is_ascii_lowercase());
        let behind = &rest[function.len()..];
        let arity = match behind.strip_prefix('/') {
            Some(number) => number.split(|c: char| !c.is_ascii_digit()).next().and_then(|number| number.parse().ok()),
            None => behind.strip_prefix('(').map(count),
        };
        found.extend(arity.filter(|_| is_atom(module) && is_atom(function)).map(|arity| (module, function, arity)));
    }
    found
}

/// How many arguments stand before the parenthesis that closes.
fn count(arguments: &str) -> usize {
    let (mut depth, mut commas, mut any) = (0_usize, 0, false);
    for c in arguments.chars() {
        match c {
            '(' | '{' | '[' => depth += 1,
            ')' if depth == 0 => break,
            ')' | '}' | ']' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => commas += 1,
            _ => {}
        }
        any |= !c.is_whitespace();
    }
    if any { commas + 1 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Catalog, Version};

    fn upgrade(from: &str, to: &str) -> Upgrade {
        Upgrade::between(from.parse().unwrap(), to.parse().unwrap()).unwrap()
    }

    #[test]
    fn calls_are_found_with_their_arities() {
        let code = "case lib:f(X, {a, b}) of ok -> other:g(); _ -> Mod:h(1), lib:i([1, 2]) end, lib:j/3";
        assert_eq!(calls(code), [("lib", "f", 2), ("other", "g", 0), ("lib", "i", 1), ("lib", "j", 3)]);
    }

    #[test]
    fn what_came_and_went_is_told_and_not_written() {
        let short = upgrade("6.3.1", "6.3.2");
        assert_eq!(
            short.function_fate("translate", "translate", 2).unwrap().instead(),
            "service_translations:do(Lang, Text)"
        );
        let long = upgrade("6.3.1", "6.8.0");
        let fate = long.function_fate("translate", "translate", 2).unwrap();
        let entry = fate.entry().unwrap();
        assert_eq!((entry.was.as_str(), entry.instead.as_str()), ("", ""));
        assert!(entry.stuck.contains("`service_translations:do/2`, which is gone in 6.8.0"), "{}", entry.stuck);
    }

    #[test]
    fn no_way_leads_to_what_is_gone() {
        let catalog = Catalog::embedded();
        let releases: Vec<Version> = catalog.releases().collect();
        for &from in &releases {
            for &to in releases.iter().filter(|&&to| to > from) {
                let upgrade = catalog.upgrade(from, to).unwrap();
                for at in 0..upgrade.steps.len() {
                    let Some(lost) = Lost::behind(&upgrade, at) else { continue };
                    for entry in upgrade.api_entries(at) {
                        assert_eq!(lost.called_by(entry), None, "{from} to {to}: {}", entry.name);
                    }
                    for hook in &upgrade.steps[at].changes.get().hooks {
                        let parameters = hook.parameters.iter().chain(&hook.moved_parameters);
                        let code = parameters.flat_map(|it| [&it.now, &it.value]).chain([&hook.adapter]);
                        let called: Vec<_> = code.flat_map(|code| calls(code)).collect();
                        let gone = called.iter().find(|it| lost.has(it.0, it.1, it.2));
                        assert_eq!(gone, None, "{from} to {to}: {}", hook.hook);
                    }
                }
            }
        }
    }
}
