//! What must hold of the entries about positional arguments.

use std::collections::{BTreeMap, BTreeSet};

use super::super::model::{Changes, Computed, EarlierForm, Hook, Positional, Scope};
use super::super::version::Version;
use super::{HookCheck, twice};

/// The name of a handler's accumulator in pieces of code; no argument may have it.
const ACCUMULATOR: &str = "Acc";

/// The key of the extra map that the server adds, for handlers that are registered for a host type.
const HOST_TYPE: &str = "host_type";

/// Checks the entries by themselves.
pub fn entries(step: &Changes) -> Vec<String> {
    let entries = &step.positional;
    let mut wrong: Vec<String> = twice(entries.iter().map(|entry| entry.hook.as_str()))
        .map(|name| format!("hook `{name}` has two entries about its arguments"))
        .collect();
    for entry in entries {
        let mut causes = names(&entry.arguments);
        causes.extend(Sources::of_entry(entry).check(&entry.arguments));
        if entry.map_only && !entry.arguments.is_empty() {
            causes.push("it has arguments, and is said to be run with a map alone".to_owned());
        }
        causes.extend(earlier(entry, &step.from));
        wrong.extend(causes.into_iter().map(|cause| blame(entry, &cause)));
    }
    wrong
}

/// Checks the entries against both releases.
pub fn against(check: &HookCheck<'_>) -> Vec<String> {
    let entries: BTreeMap<&str, &Positional> =
        check.step.positional.iter().map(|entry| (entry.hook.as_str(), entry)).collect();
    if entries.is_empty() {
        return Vec::new();
    }
    let mut wrong: Vec<String> = check
        .old
        .keys()
        .filter(|name| !entries.contains_key(*name))
        .map(|name| format!("hook `{name}`: no entry says what became of its arguments"))
        .collect();
    for (name, entry) in entries {
        let causes = match check.old.get(name) {
            Some(old) => {
                let mut causes = old_arguments(entry, old);
                causes.extend(check.new.get(name).into_iter().flat_map(|new| new_parameters(entry, new)));
                causes
            }
            None => vec![format!("{} does not have it", check.step.from)],
        };
        wrong.extend(causes.into_iter().map(|cause| blame(entry, &cause)));
    }
    wrong
}

fn blame(entry: &Positional, cause: &str) -> String {
    format!("hook `{}`: {cause}", entry.hook)
}

/// Whether the entry has the arguments of the old release, under its names where these are variables.
fn old_arguments(entry: &Positional, old: &Hook) -> Vec<String> {
    let mut wrong = Vec::new();
    if entry.arguments.len() != old.arguments.len() {
        wrong.push(format!("it has {} arguments, and not {}", old.arguments.len(), entry.arguments.len()));
    }
    for (argument, known) in entry.arguments.iter().zip(&old.arguments) {
        if is_variable(&known.key) && known.key != ACCUMULATOR && known.key != *argument {
            wrong.push(format!("argument `{argument}` is `{}`", known.key));
        }
    }
    if entry.map_only != (old.arguments.is_empty() && !old.parameters.is_empty()) {
        wrong.push("whether it was run with a map alone is not what the release says".to_owned());
    }
    wrong
}

/// Whether the new release has what the entry takes values from.
fn new_parameters(entry: &Positional, new: &Hook) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut sources = vec![Sources::of_entry(entry)];
    sources.extend(entry.earlier.iter().map(Sources::of_form));
    let known: BTreeSet<&str> = new.parameters.iter().map(|parameter| parameter.key.as_str()).collect();
    let described = new.parameters_type.is_empty() || !known.is_empty();
    for key in sources.iter().flat_map(Sources::map_keys) {
        if described && !known.contains(key) {
            wrong.push(format!("it has no parameter `{key}` now"));
        }
    }
    for key in sources.iter().flat_map(|from| from.extra.values()) {
        if new.scope != Scope::HostType || key != HOST_TYPE {
            wrong.push(format!("handlers have no `{key}` in their extra map"));
        }
    }
    if !entry.whole.is_empty() && new.parameters_type.is_empty() {
        wrong.push(format!("its parameters are no map of a caller, so they cannot be `{}`", entry.whole));
    }
    let covered: BTreeSet<&str> = sources[0].covered().collect();
    let open = entry.arguments.iter().filter(|argument| !covered.contains(argument.as_str()));
    wrong.extend(open.map(|argument| format!("nothing gives argument `{argument}`")));
    wrong
}

/// Whether forms of older releases are in order, and say where their arguments are.
fn earlier(entry: &Positional, from: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut later: Option<Version> = from.parse().ok();
    for form in &entry.earlier {
        let mut blame = |cause: String| wrong.push(format!("its form until {}: {cause}", form.until));
        let until: Option<Version> = form.until.parse().ok();
        if until.is_none() || until >= later {
            blame("forms come by release, the newest first".to_owned());
        }
        later = until;
        let arguments = match form.arguments.split_first() {
            Some((first, rest)) if form.accumulator && first == ACCUMULATOR => rest,
            _ if form.accumulator => {
                blame(format!("its accumulator comes first and is named `{ACCUMULATOR}`"));
                continue;
            }
            _ => &form.arguments,
        };
        names(arguments).into_iter().for_each(&mut blame);
        let sources = Sources::of_form(form);
        sources.check(arguments).into_iter().for_each(&mut blame);
        let covered: BTreeSet<&str> = sources.covered().collect();
        let known = |argument: &String| entry.arguments.contains(argument) || covered.contains(argument.as_str());
        if form.stuck.is_empty() {
            let open = arguments.iter().filter(|argument| !known(argument));
            open.for_each(|argument| blame(format!("nothing gives argument `{argument}`")));
        }
    }
    wrong
}

/// Where arguments come from: what entries and their earlier forms have in common.
struct Sources<'a> {
    keys: &'a BTreeMap<String, String>,
    extra: &'a BTreeMap<String, String>,
    whole: &'a str,
    computed: &'a [Computed],
}

impl<'a> Sources<'a> {
    fn of_entry(entry: &'a Positional) -> Self {
        let Positional { keys, extra, whole, computed, .. } = entry;
        Self { keys, extra, whole, computed }
    }

    fn of_form(form: &'a EarlierForm) -> Self {
        let EarlierForm { keys, extra, computed, .. } = form;
        Self { keys, extra, whole: "", computed }
    }

    /// The arguments that are had from somewhere; one that is had from two places occurs twice.
    fn covered(&self) -> impl Iterator<Item = &'a str> {
        let named = self.keys.keys().chain(self.extra.keys()).map(String::as_str);
        let whole = (!self.whole.is_empty()).then_some(self.whole);
        let computed = self.computed.iter().flat_map(|it| variables(&it.pattern));
        named.chain(whole).chain(computed)
    }

    /// The keys of the parameter map that values are taken from.
    fn map_keys(&self) -> impl Iterator<Item = &'a str> {
        let computed = self.computed.iter().flat_map(|it| it.take.keys().chain(it.record.keys()));
        self.keys.values().chain(computed).map(String::as_str)
    }

    fn check(&self, arguments: &[String]) -> Vec<String> {
        let mut wrong: Vec<String> =
            twice(self.covered()).map(|argument| format!("argument `{argument}` is had in two ways")).collect();
        let unknown = self.covered().filter(|name| !arguments.iter().any(|argument| argument == name));
        wrong.extend(unknown.map(|name| format!("it has no argument `{name}`")));
        wrong.extend(self.computed.iter().flat_map(computed));
        wrong
    }
}

/// Whether the variables of an expression are those that it can have.
fn computed(it: &Computed) -> Vec<String> {
    let Computed { pattern, value, take, alone, record } = it;
    let mut wrong = Vec::new();
    let taken: BTreeSet<&str> = take.values().flat_map(|pattern| variables(pattern)).collect();
    let known = |name: &&str| *name == ACCUMULATOR || taken.contains(name);
    for code in std::iter::once(value).chain(alone.values()) {
        let unknown = variables(code).filter(|name| !known(name));
        wrong.extend(unknown.map(|name| format!("nothing gives `{name}` in `{code}`")));
    }
    let wanted: BTreeSet<&str> = variables(pattern).collect();
    let not_in_it = alone.keys().filter(|name| !wanted.contains(name.as_str()));
    wrong.extend(not_in_it.map(|name| format!("`{name}` is not in `{pattern}`")));
    let by_record: BTreeSet<&str> = record.values().flat_map(|pattern| variables(pattern)).collect();
    if !record.is_empty() && by_record != wanted {
        wrong.push(format!("its patterns with records have other variables than `{pattern}`"));
    }
    wrong
}

fn names(arguments: &[String]) -> Vec<String> {
    let mut wrong: Vec<String> = twice(arguments.iter().map(String::as_str))
        .map(|argument| format!("argument `{argument}` is there twice"))
        .collect();
    let unfit = arguments.iter().filter(|argument| !is_variable(argument) || *argument == ACCUMULATOR);
    wrong.extend(unfit.map(|argument| format!("`{argument}` is no name for an argument")));
    wrong
}

fn is_variable(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_uppercase()) && text.chars().all(is_word)
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// The variables of a piece of code without strings and quoted atoms, in order.
fn variables(code: &str) -> impl Iterator<Item = &str> {
    code.split(|c: char| !is_word(c)).filter(|word| is_variable(word))
}

#[cfg(test)]
mod tests {
    use super::super::super::testing;
    use super::super::{changes, changes_against};
    use super::*;

    /// What is found in the example after somebody changed it.
    fn wrong(change: impl Fn(&mut Changes)) -> Vec<String> {
        let mut step = testing::changes_0_9_to_1_0();
        change(&mut step);
        let mut wrong = changes(&step);
        wrong.extend(changes_against(&step, &testing::release_0_9(), &testing::release_1_0()));
        wrong
    }

    fn entry<'a>(step: &'a mut Changes, hook: &str) -> &'a mut Positional {
        step.positional.iter_mut().find(|entry| entry.hook == hook).unwrap()
    }

    #[test]
    fn the_example_is_right() {
        assert_eq!(wrong(|_| ()), Vec::<String>::new());
        // A step between two releases with maps need not say anything.
        assert_eq!(wrong(|step| step.positional.clear()), Vec::<String>::new());
    }

    #[test]
    fn every_hook_has_one_entry() {
        assert_eq!(
            wrong(|step| step.positional.retain(|entry| entry.hook != "stable")),
            ["hook `stable`: no entry says what became of its arguments"]
        );
        let twice = wrong(|step| {
            let again = entry(step, "stable").clone();
            step.positional.push(again);
        });
        assert_eq!(twice, ["hook `stable` has two entries about its arguments"]);
        assert_eq!(
            wrong(|step| {
                let unknown = Positional { hook: "nowhere".to_owned(), ..Positional::default() };
                step.positional.push(unknown);
            }),
            ["hook `nowhere`: 0.9.0 does not have it"]
        );
    }

    #[test]
    fn arguments_are_those_of_the_old_release() {
        assert_eq!(
            wrong(|step| entry(step, "stable").arguments.push("Size".to_owned())),
            ["hook `stable`: it has 0 arguments, and not 1", "hook `stable`: nothing gives argument `Size`"]
        );
        let renamed = wrong(|step| {
            let entry = entry(step, "old_hook");
            entry.arguments = vec!["C2SState".to_owned()];
            entry.keys = BTreeMap::from([("C2SState".to_owned(), "state".to_owned())]);
        });
        assert_eq!(renamed, ["hook `old_hook`: argument `C2SState` is `State`"]);
    }

    #[test]
    fn names_are_variables_and_none_is_the_accumulator() {
        let named = |name: &'static str| {
            wrong(move |step| {
                let entry = entry(step, "packet");
                entry.arguments[1] = name.to_owned();
                entry.keys.remove("To");
                entry.keys.insert(name.to_owned(), "to".to_owned());
                entry.earlier.clear();
            })
        };
        assert_eq!(named("Acc"), ["hook `packet`: `Acc` is no name for an argument"]);
        assert_eq!(named("to_jid"), ["hook `packet`: `to_jid` is no name for an argument"]);
        assert_eq!(named("From")[0], "hook `packet`: argument `From` is there twice");
        assert_eq!(named("ToJID"), Vec::<String>::new());
    }

    #[test]
    fn every_argument_is_had_in_one_way() {
        assert_eq!(
            wrong(|step| entry(step, "packet").computed.clear()),
            ["hook `packet`: nothing gives argument `Size`"]
        );
        assert_eq!(
            wrong(|step| entry(step, "packet").whole = "From".to_owned()),
            [
                "hook `packet`: argument `From` is had in two ways",
                "hook `packet`: its parameters are no map of a caller, so they cannot be `From`",
            ]
        );
        assert_eq!(
            wrong(|step| {
                entry(step, "stable").keys.insert("Size".to_owned(), "size".to_owned());
            }),
            ["hook `stable`: it has no argument `Size`", "hook `stable`: it has no parameter `size` now"]
        );
    }

    #[test]
    fn arguments_of_a_hook_that_is_gone_may_be_lost() {
        let mut step = testing::changes_0_9_to_1_0();
        let mut old = testing::release_0_9();
        let mut gone = old.hooks[1].clone();
        gone.name = "gone".to_owned();
        old.hooks.push(gone);
        step.positional.push(Positional {
            hook: "gone".to_owned(),
            arguments: vec!["State".to_owned()],
            ..Positional::default()
        });
        let mut wrong = changes(&step);
        wrong.extend(changes_against(&step, &old, &testing::release_1_0()));
        assert_eq!(wrong, ["hook `gone`: 1.0.0 does not have it, and no entry says so"]);
    }

    #[test]
    fn the_new_release_has_what_values_are_taken_from() {
        assert_eq!(
            wrong(|step| {
                entry(step, "old_hook").keys.insert("State".to_owned(), "c2s_state".to_owned());
            }),
            ["hook `old_hook`: it has no parameter `c2s_state` now"]
        );
        assert_eq!(
            wrong(|step| {
                let login = entry(step, "login");
                login.extra.insert("HostType".to_owned(), "host".to_owned());
                login.computed[0].take = BTreeMap::from([("jid".to_owned(), "JID".to_owned())]);
            }),
            ["hook `login`: it has no parameter `jid` now", "hook `login`: handlers have no `host` in their extra map",]
        );
    }

    #[test]
    fn expressions_have_the_variables_that_they_are_given() {
        assert_eq!(
            wrong(|step| {
                entry(step, "login").computed[0].value = "luser(Jid)".to_owned();
            }),
            ["hook `login`: nothing gives `Jid` in `luser(Jid)`"]
        );
        assert_eq!(
            wrong(|step| {
                let computed = &mut entry(step, "login").computed[0];
                computed.record.insert("user".to_owned(), "#jid{luser = LUser, lserver = LServer}".to_owned());
                computed.alone.insert("LServer".to_owned(), "lserver(JID)".to_owned());
            }),
            [
                "hook `login`: `LServer` is not in `LUser`",
                "hook `login`: its patterns with records have other variables than `LUser`",
            ]
        );
    }

    #[test]
    fn a_hook_with_a_map_alone_is_known_as_one() {
        assert_eq!(
            wrong(|step| entry(step, "old_hook").map_only = true),
            [
                "hook `old_hook`: it has arguments, and is said to be run with a map alone",
                "hook `old_hook`: whether it was run with a map alone is not what the release says",
            ]
        );
    }

    #[test]
    fn earlier_forms_come_in_order_and_say_where_their_arguments_are() {
        let form = |change: fn(&mut EarlierForm)| wrong(move |step| change(&mut entry(step, "packet").earlier[0]));
        let blamed = |cause: &str| [format!("hook `packet`: its form until 0.8.0: {cause}")];
        assert_eq!(form(|form| form.keys.clear()), blamed("nothing gives argument `Sender`"));
        assert_eq!(
            form(|form| {
                form.arguments.remove(0);
            }),
            blamed("its accumulator comes first and is named `Acc`")
        );
        assert_eq!(form(|form| form.accumulator = false)[0], blamed("`Acc` is no name for an argument")[0]);
        let disordered = wrong(|step| entry(step, "packet").earlier.reverse());
        assert_eq!(disordered, blamed("forms come by release, the newest first"));
    }
}
