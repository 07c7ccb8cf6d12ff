//! A first version of a change file: what differs between two releases, with a `TODO` wherever a person has to say what it means.
//!
//! What is proposed in it (which hook took another one's place, where a function went) is a guess from names and parameters. The draft
//! has the form of a change file, and is one as far as the checks of such files go.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::{ConfigOption, ConfigOptions, Extraction};
use crate::catalog::text::string;
use crate::catalog::{Api, ApiDelta, Hook, Release, ServerHandler};

/// What stands where a person has to write something.
pub const TODO: &str = "TODO";

/// A draft.
#[derive(Debug)]
pub struct Draft {
    /// The file's text.
    pub text: String,
    pub counts: Counts,
}

/// What a draft has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub removed: usize,
    pub added: usize,
    pub changed: usize,
    /// Removed hooks with a proposal for what took their place.
    pub renamed: usize,
    pub functions: usize,
    pub options: usize,
    pub todos: usize,
}

/// One side of the comparison.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    pub extraction: &'a Extraction,
    pub config: &'a ConfigOptions,
}

/// Compares two releases.
#[must_use]
pub fn draft(old: Side<'_>, new: Side<'_>) -> Draft {
    let mut writer = Writer { old, new, text: String::new(), counts: Counts::default() };
    writer.head();
    writer.hooks();
    writer.order();
    writer.api();
    writer.config();
    let mut counts = writer.counts;
    counts.todos = writer.text.matches(TODO).count();
    Draft { text: writer.text, counts }
}

struct Writer<'a> {
    old: Side<'a>,
    new: Side<'a>,
    text: String,
    counts: Counts,
}

impl Writer<'_> {
    fn releases(&self) -> (&Release, &Release) {
        (&self.old.extraction.release, &self.new.extraction.release)
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn key(&mut self, key: &str, value: &str) {
        let value = string(value);
        self.line(&format!("{key} = {value}"));
    }

    fn section(&mut self, title: &str) {
        self.line(&format!("\n# --- {title} ---"));
    }

    fn evidence(&mut self, places: &[(&str, &str, &str)]) {
        let place = |(release, at, what): &(&str, &str, &str)| {
            format!("{{ release = {}, at = {}, what = {} }}", string(release), string(at), string(what))
        };
        let places: Vec<String> = places.iter().map(place).collect();
        self.line(&format!("evidence = [{}]", places.join(", ")));
    }

    fn head(&mut self) {
        let (from, to) = (self.releases().0.release.clone(), self.releases().1.release.clone());
        self.line(&format!("# Drafted by `hookshift catalog draft` from the source trees of {from} and {to}."));
        self.line("# Every TODO is for a person; what is proposed was guessed from names and parameters. `hookshift catalog test`");
        self.line("# tells which are left, and runs the examples. See docs/contributing-a-release.md.");
        self.line("");
        self.key("from", &from);
        self.key("to", &to);
    }

    fn hooks(&mut self) {
        let (old, new) = (self.old.extraction, self.new.extraction);
        let (old, new) = (&old.release, &new.release);
        let gone: Vec<&Hook> = old.hooks.iter().filter(|hook| new.hook(&hook.name).is_none()).collect();
        let come: Vec<&Hook> = new.hooks.iter().filter(|hook| old.hook(&hook.name).is_none()).collect();
        let renames = renames(&gone, &come);
        if !gone.is_empty() {
            self.section("Removed hooks");
        }
        for hook in &gone {
            self.removed(hook, renames.get(hook.name.as_str()).copied());
        }
        let changed: Vec<(&Hook, &Hook)> = old
            .hooks
            .iter()
            .filter_map(|hook| Some((hook, new.hook(&hook.name)?)))
            .filter(|(a, b)| differ(a, b))
            .collect();
        if !changed.is_empty() {
            self.section("Changed hooks");
        }
        for (before, after) in changed {
            self.changed(before, after);
        }
        if !come.is_empty() {
            self.section("Added hooks");
        }
        for hook in come {
            let replaces = renames.iter().filter(|(_, it)| it.name == hook.name).map(|(name, _)| *name).collect();
            self.added(hook, replaces);
        }
    }

    fn removed(&mut self, hook: &Hook, instead: Option<&Hook>) {
        self.counts.removed += 1;
        let (from, to) = (self.releases().0.release.clone(), self.releases().1.release.clone());
        self.entry(hook, "removed");
        match instead {
            Some(instead) => {
                self.counts.renamed += 1;
                let name = &instead.name;
                self.key(
                    "summary",
                    &format!(
                        "TODO: {to} does not run `{}`; is `{name}` run in its place, at the same moment?",
                        hook.name
                    ),
                );
                self.key("advice", &format!("TODO: Register the handler for `{name}`."));
                self.key("rewrite", "suggestion");
                self.line(&format!("replacements = [{{ hook = {} }}]", string(name)));
                self.parameters(hook, instead);
                self.contract(hook, instead);
                self.evidence(&[(&from, &hook.at, "the run"), (&to, &instead.at, "the run of what is proposed")]);
            }
            None => {
                self.key("summary", &format!("TODO: {to} does not run `{}`; what is no longer done?", hook.name));
                self.key("advice", "TODO: What to do instead?");
                self.key("rewrite", "advice");
                self.evidence(&[(&from, &hook.at, "the run")]);
            }
        }
    }

    fn changed(&mut self, before: &Hook, after: &Hook) {
        self.counts.changed += 1;
        let (from, to) = (self.releases().0.release.clone(), self.releases().1.release.clone());
        self.entry(before, "changed");
        self.key(
            "summary",
            &format!("TODO: {}. What does it mean for a handler at run time?", differences(before, after).join("; ")),
        );
        self.key("advice", "TODO: What to do?");
        self.key("rewrite", "advice");
        self.parameters(before, after);
        self.contract(before, after);
        self.evidence(&[(&from, &before.at, "the run"), (&to, &after.at, "the run")]);
    }

    fn added(&mut self, hook: &Hook, replaces: Vec<&str>) {
        self.counts.added += 1;
        let to = self.releases().1.release.clone();
        self.entry(hook, "added");
        self.key("summary", "TODO: When is it run, and what can a handler do?");
        self.key("advice", "");
        self.key("rewrite", "none");
        if !replaces.is_empty() {
            let names: Vec<String> = replaces.into_iter().map(string).collect();
            self.line(&format!("replaces = [{}]", names.join(", ")));
        }
        self.evidence(&[(&to, &hook.at, "the run")]);
    }

    fn entry(&mut self, hook: &Hook, kind: &str) {
        self.line("\n[[hooks]]");
        self.key("hook", &hook.name);
        self.key("kind", kind);
    }

    /// Parameters that are gone or have another type. New ones are no change for who does not ask for them.
    fn parameters(&mut self, before: &Hook, after: &Hook) {
        let mut entries = Vec::new();
        for parameter in &before.parameters {
            let now = after.parameters.iter().find(|it| it.key == parameter.key);
            let (change, note) = match now {
                None => ("gone", "TODO: How is the same value had now (`now`), if it is?".to_owned()),
                Some(now) if now.ty != parameter.ty => {
                    ("retyped", format!("TODO: It was `{}` and is `{}`.", parameter.ty, now.ty))
                }
                Some(_) => continue,
            };
            entries.push(format!(
                "    {{ key = {}, change = \"{change}\", note = {} }},\n",
                string(&parameter.key),
                string(&note)
            ));
        }
        if !entries.is_empty() {
            self.line(&format!("parameters = [\n{}]", entries.concat()));
        }
    }

    fn contract(&mut self, before: &Hook, after: &Hook) {
        if (&before.accumulator, &before.result) != (&after.accumulator, &after.result) {
            let both = |hook: &Hook| {
                if hook.accumulator == hook.result {
                    hook.accumulator.clone()
                } else {
                    format!("{}, with the result {}", hook.accumulator, hook.result)
                }
            };
            let (before, after) = (string(&both(before)), string(&both(after)));
            let note = string("TODO: What does it mean for code that looks into it, or returns it?");
            self.line(&format!("accumulator = {{ before = {before}, after = {after}, note = {note} }}"));
        }
    }

    /// The server's own handlers that came, went or moved on hooks that stayed, as comments: their places decide what
    /// a custom handler meets.
    fn order(&mut self) {
        let (old, new) = self.releases();
        let key = |it: &ServerHandler| (it.hook.clone(), it.priority, it.module.clone(), it.function.clone());
        let of = |release: &Release| release.handlers.iter().map(key).collect::<BTreeSet<_>>();
        let (before, after) = (of(old), of(new));
        let stays = |it: &&(String, u32, String, String)| old.hook(&it.0).is_some() && new.hook(&it.0).is_some();
        let mut lines: Vec<String> = Vec::new();
        for (sign, handlers) in [('-', before.difference(&after)), ('+', after.difference(&before))] {
            let line = |(hook, priority, module, function): &(String, u32, String, String)| {
                format!("#   {hook}: {sign} {module}:{function} at {priority}")
            };
            lines.extend(handlers.filter(stays).map(line));
        }
        if lines.is_empty() {
            return;
        }
        lines.sort();
        self.section("The server's own handlers that went (-) or came (+): does their order matter to others?");
        lines.iter().for_each(|line| self.line(line));
    }

    fn api(&mut self) {
        let (from, to) = (&self.old.extraction.api, &self.new.extraction.api);
        let delta = ApiDelta::between(from, to);
        let mut entries = Vec::new();
        for lost in &delta.modules {
            for (function, arity) in lost.functions() {
                let name = format!("{}:{function}/{arity}", lost.module);
                entries.extend(self.successor(from, to, &lost.module, function, arity).map(|it| (name, it)));
            }
        }
        let to = to.release.clone();
        if !entries.is_empty() {
            self.section("Functions that are gone, with one of the same name elsewhere. All others need no entry, unless to say what to use");
        }
        for (name, successor) in entries {
            self.counts.functions += 1;
            self.line("\n[[api]]");
            self.key("kind", "removed-function");
            self.key("name", &name);
            match successor {
                Successor::Code { was, instead } => {
                    self.key("was", &was);
                    self.key("instead", &instead);
                    self.key(
                        "note",
                        &format!("TODO: Does {to} mean the same by it, with the arguments in the same order?"),
                    );
                    self.key("rewrite", "suggestion");
                }
                Successor::Arity(now) => {
                    self.key("note", &format!("TODO: {to} has {now}; with what is it called?"));
                    self.key("rewrite", "advice");
                }
            }
        }
        let mut gone: Vec<String> = delta.headers.iter().map(|name| format!("#   {name}")).collect();
        gone.extend(delta.records.iter().map(|record| {
            let what = if record.gone { "gone" } else { "without" };
            format!("#   #{}{{}} of {}: {what} {}", record.name, record.header, record.fields.join(", "))
        }));
        if !gone.is_empty() {
            self.section("Headers and records that are gone or lost fields: is there something to use instead?");
            gone.iter().for_each(|line| self.line(line));
        }
    }

    fn successor(&self, old: &Api, new: &Api, module: &str, function: &str, arity: usize) -> Option<Successor> {
        let export = format!("{function}/{arity}");
        let has = |api: &Api, module: &str, export: &str| {
            let known = api.modules.iter().find(|it| it.name == module);
            known.is_some_and(|it| it.exports.split(' ').any(|word| word == export))
        };
        let modules = new.modules.iter().map(|it| it.name.as_str());
        let come: Vec<&str> = modules.filter(|it| has(new, it, &export) && !has(old, it, &export)).collect();
        // Callbacks come and go with their behaviours, and are nobody's to call.
        if let [only] = come[..]
            && !is_callback(function, arity)
        {
            let arguments: Vec<String> = (1..=arity).map(|at| format!("Arg{at}")).collect();
            let call = |module: &str| format!("{module}:{function}({})", arguments.join(", "));
            return Some(Successor::Code { was: call(module), instead: call(only) });
        }
        let known = new.modules.iter().find(|it| it.name == module)?;
        let prefix = format!("{function}/");
        let arities: Vec<&str> = known.exports.split(' ').filter(|word| word.starts_with(&prefix)).collect();
        let fresh = arities.iter().any(|it| !has(old, module, it));
        (fresh && !is_callback(function, arity)).then(|| {
            Successor::Arity(arities.iter().map(|it| format!("`{module}:{it}`")).collect::<Vec<_>>().join(", "))
        })
    }

    fn config(&mut self) {
        let (old, new) = (&self.old.config.known, &self.new.config.known);
        let gone: Vec<(&String, &ConfigOption)> = tops(old, new);
        let come: Vec<(&String, &ConfigOption)> = tops(new, old);
        let both = old.iter().filter_map(|(path, option)| Some((path, option, new.get(path)?)));
        let both: Vec<_> = both.filter(|(_, a, b)| a.ty != b.ty || a.default != b.default).collect();
        if gone.is_empty() && come.is_empty() && both.is_empty() {
            return;
        }
        let (from, to) = (self.releases().0.release.clone(), self.releases().1.release.clone());
        self.section(
            "Options of the configuration, as far as literal specs have them: what code puts together is not seen",
        );
        for (path, option) in &gone {
            let moved = moved(path, option, &gone, &come);
            self.option(path, if moved.is_some() { "renamed" } else { "removed-option" });
            match moved {
                Some(after) => {
                    self.key("summary", &format!("TODO: Is `{path}` called `{after}` now, with the same values?"));
                    self.key("advice", &format!("TODO: Write `{after}`."));
                    self.key("after", after);
                }
                None => {
                    self.key("summary", &format!("TODO: {to} does not know `{path}`; what does it do instead?"));
                    self.key("advice", "TODO: Take the line out?");
                }
            }
            self.evidence(&[(&from, &option.at, "the option")]);
        }
        for (path, before, after) in both {
            let typed = before.ty != after.ty;
            self.option(path, if typed { "changed-type" } else { "changed-default" });
            let values = if typed { (&before.ty, &after.ty) } else { (&before.default, &after.default) };
            let or_none = |text: &str| if text.is_empty() { "none".to_owned() } else { text.to_owned() };
            let (was, is) = (or_none(values.0), or_none(values.1));
            self.key("summary", &format!("TODO: It was `{was}` and is `{is}` in the source."));
            self.key("advice", "TODO: What to do?");
            self.key("before", &format!("TODO {was}"));
            self.key("after", &format!("TODO {is}"));
            self.evidence(&[(&from, &before.at, "the option"), (&to, &after.at, "the option")]);
        }
        for (path, option) in come {
            self.option(path, "new-option");
            self.key("summary", "TODO: What can be set with it?");
            self.key("advice", "TODO: When is it wanted?");
            self.evidence(&[(&to, &option.at, "the option")]);
        }
    }

    fn option(&mut self, path: &str, kind: &str) {
        self.counts.options += 1;
        self.line("\n[[config]]");
        self.key("path", path);
        self.key("kind", kind);
    }
}

/// What may be used in place of a function.
enum Successor {
    Code {
        was: String,
        instead: String,
    },
    /// The same function with other arguments, by names.
    Arity(String),
}

/// Functions that the server calls, and code does not.
fn is_callback(function: &str, arity: usize) -> bool {
    let callbacks = ["start", "stop", "init", "hooks", "config_spec", "supported_features", "deps", "terminate"];
    let servers = ["handle_call", "handle_cast", "handle_info", "code_change", "start_link", "behaviour_info"];
    callbacks.contains(&function) && arity <= 2 || servers.contains(&function)
}

/// Which added hook each removed one may have become. An added one is proposed once, for the one that it fits best.
fn renames<'a>(gone: &[&'a Hook], come: &[&'a Hook]) -> BTreeMap<&'a str, &'a Hook> {
    let mut pairs: Vec<(usize, &Hook, &Hook)> = Vec::new();
    for old in gone {
        pairs.extend(come.iter().map(|new| (likeness(old, new), *old, *new)).filter(|it| it.0 >= LIKE));
    }
    // By name where nothing else decides, so that a draft is the same every time.
    pairs.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| (&a.1.name, &a.2.name).cmp(&(&b.1.name, &b.2.name))));
    let mut renames: BTreeMap<&str, &Hook> = BTreeMap::new();
    let mut taken = BTreeSet::new();
    for (_, old, new) in pairs {
        if !renames.contains_key(old.name.as_str()) && taken.insert(new.name.as_str()) {
            renames.insert(&old.name, new);
        }
    }
    renames
}

/// As alike as two hooks have to be for one to be proposed in the other's place.
const LIKE: usize = 4;

/// How much speaks for two hooks being one: names, parameters, the module that runs them, the accumulator.
fn likeness(old: &Hook, new: &Hook) -> usize {
    let bare = |name: &str| name.strip_suffix("_hook").unwrap_or(name).to_owned();
    let (a, b) = (bare(&old.name), bare(&new.name));
    let name = match strsim::normalized_levenshtein(&a, &b) {
        _ if a == b => 4,
        alike if alike >= 0.7 => 2,
        alike if alike >= 0.5 => 1,
        _ => 0,
    };
    let keys = |hook: &Hook| hook.keys().map(str::to_owned).collect::<BTreeSet<_>>();
    let (before, after) = (keys(old), keys(new));
    let common = before.intersection(&after).count();
    let parameters = match common {
        _ if before == after => 2,
        0 => 0,
        _ => 1,
    };
    let function = |hook: &Hook| hook.run.split_once(':').map(|(_, it)| it.to_owned());
    name + parameters
        + usize::from(old.module() == new.module())
        + usize::from(old.accumulator == new.accumulator)
        + usize::from(function(old) == function(new))
}

fn differ(before: &Hook, after: &Hook) -> bool {
    !differences(before, after).is_empty()
}

/// In what two hooks of one name differ, each in a few words.
fn differences(before: &Hook, after: &Hook) -> Vec<String> {
    let mut found = Vec::new();
    let missing = |of: &Hook, other: &Hook| -> Vec<String> {
        of.keys().filter(|key| !other.keys().any(|it| it == *key)).map(|key| format!("`{key}`")).collect()
    };
    // Positional arguments and a map cannot be compared.
    if before.arguments.is_empty() && after.arguments.is_empty() {
        for (verb, keys) in [("is gone", missing(before, after)), ("is new", missing(after, before))] {
            found.extend(keys.into_iter().map(|key| format!("{key} {verb}")));
        }
    }
    for parameter in &before.parameters {
        let now = after.parameters.iter().find(|it| it.key == parameter.key && it.ty != parameter.ty);
        found.extend(now.map(|now| format!("`{}` was `{}` and is `{}`", parameter.key, parameter.ty, now.ty)));
    }
    let scope = (before.scope.to_string(), after.scope.to_string());
    for (what, was, is) in [
        ("the accumulator", &before.accumulator, &after.accumulator),
        ("the initial accumulator", &before.initial, &after.initial),
        ("the result", &before.result, &after.result),
        ("the scope", &scope.0, &scope.1),
    ] {
        if was != is {
            found.push(format!("{what} was `{was}` and is `{is}`"));
        }
    }
    found
}

/// Options that only the first side has, without those in a table that it alone has.
fn tops<'a>(
    one: &'a BTreeMap<String, ConfigOption>,
    other: &BTreeMap<String, ConfigOption>,
) -> Vec<(&'a String, &'a ConfigOption)> {
    let only: Vec<_> = one.iter().filter(|(path, _)| !other.contains_key(*path)).collect();
    let names: BTreeSet<&str> = only.iter().map(|(path, _)| path.as_str()).collect();
    let is_inside =
        |path: &str| path.match_indices('.').any(|(at, _)| names.contains(path[..at].trim_end_matches("[]")));
    only.into_iter().filter(|(path, _)| !is_inside(path)).collect()
}

/// Where an option may have gone: the only new one of its name and type, when it is the only one that went, too.
fn moved<'a>(
    path: &str,
    option: &ConfigOption,
    gone: &[(&String, &ConfigOption)],
    come: &[(&'a String, &'a ConfigOption)],
) -> Option<&'a str> {
    let last = |path: &str| path.rsplit('.').next().unwrap_or(path).to_owned();
    let lists = |path: &str| path.matches("[]").count();
    let alike =
        |other: &str, it: &ConfigOption| last(other) == last(path) && it.ty == option.ty && lists(other) == lists(path);
    let mut found = come.iter().filter(|(other, it)| alike(other, it));
    let only = found.next().filter(|_| found.next().is_none())?;
    (gone.iter().filter(|(other, it)| alike(other, it)).count() == 1).then_some(only.0.as_str())
}

#[cfg(test)]
#[path = "draft_tests.rs"]
mod tests;
