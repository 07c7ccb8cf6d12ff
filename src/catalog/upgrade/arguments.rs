//! What becomes of the positional arguments of a handler.

use std::collections::BTreeMap;

use super::Upgrade;
use crate::catalog::known::Step;
use crate::catalog::model::{ChangeKind, Computed, Hook, ParameterChange, ParameterFate, Positional};
use crate::catalog::version::Version;

/// What became of one positional argument on the whole way. Expressions are in terms of what a handler has at hand: `Acc`,
/// `Params`, `Extra`, and `C2SData` for the data of the session where a hook has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArgumentFate {
    /// As the old release named it.
    pub name: String,
    /// How a handler of the first release with maps has the value: an expression, or a match that gives it together with
    /// other arguments, as in `{LUser, LServer} = jid:to_lus(maps:get(jid, Params))`. `None` when it does not have it.
    pub with_maps: Option<String>,
    /// The same in the release that the code is to run on, or why it is not to be had: a sentence.
    pub now: Result<String, String>,
}

impl Upgrade {
    /// What becomes of the arguments of a hook's handlers, in their order; `None` when the way does not lead away from
    /// positional arguments, or nothing is known of the hook's.
    #[must_use]
    pub fn arguments(&self, hook: &str) -> Option<Vec<ArgumentFate>> {
        let (at, entry) = self.positional(hook)?;
        let later = Later { upgrade: self, hook: self.carrier(hook, at), next: at + 1 };
        let fate = |name: &String| ArgumentFate {
            name: name.clone(),
            with_maps: expression(entry, name, &|key| Ok(parameter(key))).and_then(Result::ok),
            now: expression(entry, name, &|key| later.value(key)).unwrap_or_else(|| Err(later.lost(name))),
        };
        Some(entry.arguments.iter().map(fate).collect())
    }

    /// What is known of a hook's positional arguments, with the index of the step in which they become maps.
    #[must_use]
    pub fn positional_entry(&self, hook: &str) -> Option<&Positional> {
        self.positional(hook).map(|(_, entry)| entry)
    }

    /// All that is known of positional arguments on the way; empty when it does not lead away from them.
    #[must_use]
    pub fn positional_entries(&self) -> &[Positional] {
        self.positional_step().map_or(&[], |at| &self.steps[at].changes.get().positional)
    }

    /// The first release on the way whose handlers take maps, when those of the old release do not.
    #[must_use]
    pub fn first_with_maps(&self) -> Option<Version> {
        self.positional_step().map(|at| self.steps[at].to)
    }

    /// The hook as handlers with parameter maps knew it first: that of the old release, or of the first release with maps
    /// where handlers of the old one took positional arguments.
    #[must_use]
    pub fn hook_with_map(&self, name: &str) -> Option<&Hook> {
        let release = match self.positional_step() {
            Some(at) => self.passed[at].release.get(),
            None => self.old_release(),
        };
        release.hook(name)
    }

    fn positional_step(&self) -> Option<usize> {
        self.steps.iter().position(|step| step.ends_positional)
    }

    fn positional(&self, hook: &str) -> Option<(usize, &Positional)> {
        let at = self.positional_step()?;
        let entry = self.steps[at].changes.get().positional.iter().find(|entry| entry.hook == hook)?;
        Some((at, entry))
    }

    /// The hook that has a handler's values after a step: the hook itself, or what took its place in that step.
    fn carrier<'u>(&'u self, hook: &'u str, at: usize) -> &'u str {
        let removed = super::hooks::entry(&self.steps[at], hook).filter(|change| change.kind == ChangeKind::Removed);
        removed.and_then(|change| change.replacements.first()).map_or(hook, |first| &first.hook)
    }
}

/// The steps behind the one in which arguments became parameters.
struct Later<'u> {
    upgrade: &'u Upgrade,
    hook: &'u str,
    next: usize,
}

impl Later<'_> {
    /// The expression for what was under a key of the first parameter map.
    fn value(&self, key: &str) -> Result<String, String> {
        let mut hook = self.hook;
        for step in self.steps() {
            let Some(change) = super::hooks::entry(step, hook) else { continue };
            let removed = change.kind == ChangeKind::Removed;
            if removed && change.replacements.is_empty() {
                return Err(self.no_hook());
            }
            if let Some(parameter) = change.parameters.iter().find(|parameter| parameter.key == key) {
                return changed(parameter).ok_or_else(|| self.no_way(&parameter.note));
            }
            hook = change.replacements.first().filter(|_| removed).map_or(hook, |first| &first.hook);
        }
        match self.upgrade.new_release().hook(hook) {
            None => Err(self.no_hook()),
            Some(now) if now.keys().any(|known| known == key) => Ok(parameter(key)),
            // What keys there are is not known.
            Some(now) if now.parameters.is_empty() && !now.parameters_type.is_empty() => Ok(parameter(key)),
            Some(_) => Err(self.no_way("")),
        }
    }

    fn steps(&self) -> impl Iterator<Item = &Step> {
        self.upgrade.steps.iter().skip(self.next)
    }

    fn no_way(&self, note: &str) -> String {
        if note.is_empty() { format!("Handlers have no way to it in {}.", self.upgrade.to()) } else { note.to_owned() }
    }

    fn no_hook(&self) -> String {
        format!("{} has no hook in its place.", self.upgrade.to())
    }

    /// Why an argument is not even had in the first release with maps.
    fn lost(&self, name: &str) -> String {
        let gone = self.upgrade.first_with_maps().unwrap_or(self.upgrade.to());
        format!("Nothing gives `{name}` since {gone}.")
    }
}

/// The value of a parameter that changed, in terms of the new ones; `None` when it cannot be had.
fn changed(change: &ParameterChange) -> Option<String> {
    if !change.value.is_empty() {
        let bound = change.take.iter().map(|(key, pattern)| (pattern.as_str(), parameter(key)));
        let bound: BTreeMap<&str, String> = bound.collect();
        // A value that is part of another one is no expression by itself.
        return bound.keys().all(|pattern| is_variable(pattern)).then(|| substitute(&change.value, &bound));
    }
    match change.change {
        ParameterFate::Gone => (!change.now.is_empty()).then(|| change.now.clone()),
        ParameterFate::Retyped | ParameterFate::Revalued => Some(parameter(&change.key)),
    }
}

/// How an argument is had, with an expression for each parameter; `None` when it is not had at all.
fn expression(
    entry: &Positional,
    name: &str,
    value: &dyn Fn(&str) -> Result<String, String>,
) -> Option<Result<String, String>> {
    if let Some(key) = entry.keys.get(name) {
        return Some(value(key));
    }
    if let Some(key) = entry.extra.get(name) {
        return Some(Ok(format!("maps:get({key}, Extra)")));
    }
    if entry.whole == name {
        return Some(Ok("Params".to_owned()));
    }
    let computed = entry.computed.iter().find(|computed| words(&computed.pattern).any(|word| word == name))?;
    Some(computed_expression(computed, name, value))
}

fn computed_expression(
    computed: &Computed,
    name: &str,
    value: &dyn Fn(&str) -> Result<String, String>,
) -> Result<String, String> {
    let mut bound = BTreeMap::new();
    for (key, pattern) in &computed.take {
        bound.insert(pattern.as_str(), value(key)?);
    }
    if let Some(alone) = computed.alone.get(name) {
        return Ok(substitute(alone, &bound));
    }
    let code = substitute(&computed.value, &bound);
    Ok(if computed.pattern == name { code } else { format!("{} = {code}", computed.pattern) })
}

fn parameter(key: &str) -> String {
    format!("maps:get({key}, Params)")
}

/// Puts expressions in the places of variables.
fn substitute(code: &str, bound: &BTreeMap<&str, String>) -> String {
    let mut text = String::with_capacity(code.len());
    let mut rest = code;
    while let Some(start) = rest.find(is_word) {
        let length = rest[start..].find(|c| !is_word(c)).unwrap_or(rest.len() - start);
        let word = &rest[start..start + length];
        text.push_str(&rest[..start]);
        text.push_str(bound.get(word).map_or(word, String::as_str));
        rest = &rest[start + length..];
    }
    text.push_str(rest);
    text
}

fn words(code: &str) -> impl Iterator<Item = &str> {
    code.split(|c| !is_word(c)).filter(|word| !word.is_empty())
}

fn is_variable(code: &str) -> bool {
    code.starts_with(|c: char| c.is_ascii_uppercase()) && code.chars().all(is_word)
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::testing::{V0_9, V1_0, V1_1, positional_catalog};
    use crate::catalog::{Catalog, Version};

    fn fates(upgrade: &Upgrade, hook: &str) -> Vec<String> {
        let arguments = upgrade.arguments(hook).unwrap();
        let fate = |it: ArgumentFate| {
            let now = it.now.unwrap_or_else(|why| format!("none: {why}"));
            format!("{}: {} | {now}", it.name, it.with_maps.as_deref().unwrap_or("none"))
        };
        arguments.into_iter().map(fate).collect()
    }

    #[test]
    fn one_step_gives_the_values_of_the_first_release_with_maps() {
        let upgrade = positional_catalog().upgrade(V0_9, V1_0).unwrap();
        assert_eq!(
            fates(&upgrade, "login"),
            [
                "LUser: luser(maps:get(user, Params)) | luser(maps:get(user, Params))",
                "HostType: maps:get(host_type, Extra) | maps:get(host_type, Extra)",
            ]
        );
        assert!(fates(&upgrade, "stable").is_empty());
        assert!(upgrade.arguments("new_hook").is_none());
    }

    #[test]
    fn later_steps_are_put_behind() {
        let upgrade = positional_catalog().upgrade(V0_9, V1_1).unwrap();
        assert_eq!(
            fates(&upgrade, "packet"),
            [
                "From: maps:get(from, Params) | sender(Acc)",
                "To: maps:get(to, Params) | maps:get(to, Params)",
                "Size: size(Acc) | size(Acc)",
            ]
        );
        // On the hook that took its place.
        assert_eq!(fates(&upgrade, "old_hook"), ["State: maps:get(state, Params) | maps:get(data, Params)"]);
    }

    #[test]
    fn a_way_between_releases_with_maps_has_no_arguments() {
        let upgrade = positional_catalog().upgrade(V1_0, V1_1).unwrap();
        assert!(upgrade.arguments("packet").is_none());
        assert!(upgrade.positional_entries().is_empty());
        assert_eq!(upgrade.first_with_maps(), None);
        assert_eq!(upgrade.hook_with_map("packet").unwrap().at, "src/hooks.erl:30");
    }

    #[test]
    fn the_first_release_with_maps_has_the_keys() {
        let upgrade = positional_catalog().upgrade(V0_9, V1_1).unwrap();
        assert_eq!(upgrade.first_with_maps(), Some(V1_0));
        assert_eq!(upgrade.hook_with_map("packet").unwrap().keys().collect::<Vec<_>>(), ["from", "to"]);
        assert!(upgrade.hook_with_map("new_hook").is_none());
    }

    #[test]
    fn the_embedded_catalog_puts_steps_together() {
        let upgrade = Upgrade::between(Version::new(5, 1, 0), Version::new(6, 1, 0)).unwrap();
        assert_eq!(
            fates(&upgrade, "user_receive_packet")[..2],
            [
                "JID: maps:get(jid, Params) | mongoose_c2s:get_jid(C2SData)",
                "From: mongoose_acc:from_jid(Acc) | mongoose_acc:from_jid(Acc)",
            ]
        );
        assert_eq!(
            fates(&upgrade, "remove_user")[0],
            "LUser: {LUser, LServer} = jid:to_lus(maps:get(jid, Params)) | {LUser, LServer} = jid:to_lus(maps:get(jid, Params))"
        );
        // By way of the hook that took its place in the first step.
        assert_eq!(
            fates(&upgrade, "rest_user_send_packet")[2],
            "Packet: mongoose_acc:element(Acc) | mongoose_acc:element(Acc)"
        );
        assert_eq!(fates(&upgrade, "ejabberd_ctl_process"), ["Args: none | none: Nothing gives `Args` since 6.0.0."]);
        assert_eq!(
            fates(&upgrade, "pubsub_delete_node")[2],
            "NodeId: maps:get(node_id, Params) | none: 6.1.0 has no hook in its place."
        );
        let broadcast = fates(&upgrade, "c2s_broadcast_recipients");
        assert_eq!(broadcast[1], "Type: maps:get(type, Params) | {pep_message, maps:get(feature, Params)}");
        assert!(
            broadcast[3].starts_with("Packet: maps:get(packet, Params) | none: The message is built"),
            "{broadcast:?}"
        );
    }

    #[test]
    fn every_argument_of_the_embedded_catalog_has_a_value_or_a_reason() {
        let catalog = Catalog::embedded();
        let (from, with_maps) = catalog.last_positional().unwrap();
        for to in catalog.releases().filter(|&to| to >= with_maps) {
            let upgrade = catalog.upgrade(from, to).unwrap();
            for hook in &upgrade.old_release().hooks {
                let arguments = upgrade.arguments(&hook.name).unwrap();
                assert_eq!(arguments.len(), hook.arguments.len(), "{}", hook.name);
                for argument in arguments {
                    let text = argument.now.unwrap_or_else(|why| why);
                    assert!(!text.is_empty(), "{}: {}", hook.name, argument.name);
                }
            }
        }
    }
}
