//! Functions with the new contract that call the old one and leave it as it is.

use std::collections::BTreeMap;

use super::contract::{Argument, Contract, Given, Group};
use super::head::{Taken, types_of};
use super::layout::{Line, map};
use super::results::{self, Tags};
use super::{ARITY, Handlers, Old, spec};
use crate::catalog::{Catalog, Computed};
use crate::migrate::adapter::free_name;
use crate::migrate::code::template::{ACCUMULATOR, substitute, variables};
use crate::migrate::code::text::atom;
use crate::migrate::registration::exports;
use crate::migrate::specs::Spec;
use crate::rewrite::Edit;
use crate::syntax::ast::Name;

/// Puts a function between each kind of hooks and the old one.
///
/// # Errors
/// There is no place or no name for it.
pub(super) fn adapt(old: &Old<'_>, groups: &[Group<'_>]) -> Result<Handlers, String> {
    let tags = results::tags(old);
    let mut done = Handlers::default();
    let mut text = String::new();
    let mut taken_names: Vec<String> = Vec::new();
    for group in groups {
        let function = name_for(old, group, &taken_names).ok_or("there is no name for another function")?;
        let adapter = Adapter { old, group, function: &function, tags };
        text.push_str("\n\n");
        text.push_str(&adapter.written());
        done.rewritten.reasons.extend(group.contract.reason(&old.shown()));
        let beside = Some((old.handler.name.as_str(), old.handler.arity));
        exports::export(old.module(), &function, ARITY, beside)?.into_iter().for_each(|it| done.rewritten.push(it));
        done.functions.extend(group.hooks.iter().map(|hook| (hook.clone(), Name::from(function.as_str()))));
        taken_names.push(function);
    }
    done.rewritten.push(behind(old, text)?);
    Ok(done)
}

/// The old function's name where that is free, else one that tells of the hook.
fn name_for(old: &Old<'_>, group: &Group<'_>, taken: &[String]) -> Option<String> {
    let own = old.handler.name.as_str();
    let is_free = |name: &str| old.is_free(name) && !taken.iter().any(|known| known == name);
    if is_free(own) {
        return Some(own.to_owned());
    }
    let hook = group.hooks.first()?;
    let proposed = free_name(old.module(), hook, own);
    let candidates = [proposed, format!("{own}_{hook}"), format!("handle_{hook}"), format!("{own}_{hook}_2")];
    candidates.into_iter().find(|name| is_free(name))
}

/// Puts code behind the old function: behind its line, so that a comment there stays with it. Where `-ifdef` chooses
/// between several, it goes behind all that the module has.
fn behind(old: &Old<'_>, code: String) -> Result<Edit, String> {
    let module = old.module();
    let forms = module.function(&old.handler.name, old.handler.arity);
    let own = match forms[..] {
        [one] => Some(module.form(one)),
        _ => module.forms().last().map(|(_, form)| form),
    };
    let span = own.ok_or("the function's end was not found")?.span;
    let text = module.source().text();
    let line = text[span.end as usize..].lines().next().unwrap_or("").trim_end();
    let end = if line.trim_start().starts_with('%') { span.end as usize + line.len() } else { span.end as usize };
    Ok(Edit::insert(&module.place(span), u32::try_from(end).unwrap_or(span.end), code))
}

struct Adapter<'a> {
    old: &'a Old<'a>,
    group: &'a Group<'a>,
    function: &'a str,
    tags: Tags,
}

/// What comes behind the arguments.
const BEHIND_HEAD: &str = ") ->";

/// The indentation of bodies.
const STEP: &str = "    ";

impl Adapter<'_> {
    fn contract(&self) -> &Contract<'_> {
        &self.group.contract
    }

    fn written(&self) -> String {
        let hooks = self.group.hooks.iter().map(|hook| hook.as_str()).collect::<Vec<_>>().join(", ");
        let until = match self.contract().earlier {
            Some(form) => form.until.clone(),
            None => Catalog::embedded().last_positional().map(|(until, _)| until.to_string()).unwrap_or_default(),
        };
        let (name, arity) = (&self.old.handler.name, self.old.handler.arity);
        let mut out = format!("%% Calls {name}/{arity} as MongooseIM {until} did for {hooks}.\n");
        let mut code = Code::default();
        let call = self.call(&mut code);
        if !Spec::of(self.old.module(), name, arity).is_empty() {
            let keys = code.fields.0.iter().map(|(key, _)| key.clone()).collect();
            let taken = Taken { keys, types: types_of(self.contract()), whole: code.whole };
            let tags = self.new_tags();
            out.push_str(&spec::written(self.old, self.contract(), &self.group.hooks, &taken, tags, self.function));
            out.push('\n');
        }
        let before = format!("{}({}", atom(self.function), self.accumulator());
        let margin = " ".repeat(atom(self.function).chars().count() + 1);
        let line = Line { column: before.chars().count(), margin, behind: BEHIND_HEAD.len() };
        let arguments = line.with(&[code.parameters(), fields("_Extra", &code.extra, None)]);
        out.push_str(&format!("{before}{arguments}{BEHIND_HEAD}\n"));
        for line in &code.lines {
            out.push_str(&format!("{STEP}{line},\n"));
        }
        out.push_str(&self.body(&call));
        out
    }

    /// The accumulator's name; a parameter can have the usual one.
    fn accumulator(&self) -> &'static str {
        let taken = self.contract().arguments.iter().any(|it| it.name == ACCUMULATOR);
        if taken { "HookAcc" } else { ACCUMULATOR }
    }

    /// The call of the old function.
    fn call(&self, code: &mut Code) -> String {
        let accumulator = self.accumulator();
        let arguments = self.contract().arguments.iter().map(|argument| match argument.given {
            Given::Accumulator => accumulator,
            _ => {
                code.take(argument, &self.contract().arguments, accumulator);
                argument.name
            }
        });
        let arguments: Vec<&str> = arguments.collect();
        format!("{}({})", atom(&self.old.handler.name), arguments.join(", "))
    }

    fn new_tags(&self) -> Tags {
        match self.contract().folds() {
            true => self.tags,
            false => Tags { ok: true, stop: self.tags.just_stop, just_stop: false },
        }
    }

    fn body(&self, call: &str) -> String {
        let (tags, accumulator) = (self.tags, self.accumulator());
        let branch = |line: &str| format!("{STEP}{STEP}{line}");
        let case = |branches: &[String]| format!("{STEP}case {call} of\n{}\n{STEP}end.", branches.join(";\n"));
        if !self.contract().folds() {
            if !tags.just_stop {
                return format!("{STEP}{call},\n{STEP}{{ok, {accumulator}}}.");
            }
            let stop = branch(&format!("stop -> {{stop, {accumulator}}}"));
            return case(&[stop, branch(&format!("_ -> {{ok, {accumulator}}}"))]);
        }
        match tags {
            Tags { ok: true, stop: false, just_stop: false } => format!("{STEP}{{ok, {call}}}."),
            Tags { ok: false, stop: true, just_stop: false } => format!("{STEP}{call}."),
            Tags { stop, just_stop, .. } => {
                let mut branches = Vec::new();
                branches.extend(just_stop.then(|| branch("stop -> {stop, stopped}")));
                branches.extend(stop.then(|| branch("{stop, NewAcc} -> {stop, NewAcc}")));
                branches.push(branch("NewAcc -> {ok, NewAcc}"));
                case(&branches)
            }
        }
    }
}

/// What an adapter takes, and computes before it calls.
#[derive(Default)]
struct Code {
    whole: bool,
    name: String,
    fields: Fields,
    extra: Fields,
    lines: Vec<String>,
}

/// The keys of a map with the patterns for their values, in the order in which the old function took them.
#[derive(Default)]
struct Fields(Vec<(String, String)>);

impl Fields {
    fn get(&self, key: &str) -> Option<&String> {
        self.0.iter().find(|(known, _)| known == key).map(|(_, pattern)| pattern)
    }

    /// Takes a field, in place of one with its key.
    fn take(&mut self, key: &str, pattern: String) {
        match self.0.iter_mut().find(|(known, _)| known == key) {
            Some((_, known)) => *known = pattern,
            None => self.0.push((key.to_owned(), pattern)),
        }
    }
}

impl Code {
    fn take(&mut self, argument: &Argument<'_>, all: &[Argument<'_>], accumulator: &str) {
        let name = argument.name.to_owned();
        match argument.given {
            Given::Accumulator => {}
            Given::Key(key) => self.fields.take(key, name),
            Given::Extra(key) => self.extra.take(key, name),
            Given::Whole => (self.whole, self.name) = (true, name),
            Given::Computed(computed) => self.compute(computed, all, accumulator),
        }
    }

    fn compute(&mut self, computed: &Computed, all: &[Argument<'_>], accumulator: &str) {
        let wanted = |name: &str| all.iter().any(|it| it.name == name);
        let parts: Vec<&str> = variables(&computed.pattern).into_iter().filter(|name| wanted(name)).collect();
        let alone = match parts[..] {
            [one] => computed.alone.get(one).map(|value| (one, value)),
            _ => None,
        };
        let value = alone.map_or(&computed.value, |(_, value)| value);
        let mut names: BTreeMap<String, String> = BTreeMap::new();
        names.insert(ACCUMULATOR.to_owned(), accumulator.to_owned());
        for (key, pattern) in computed
            .take
            .iter()
            .filter(|(_, pattern)| variables(pattern).iter().any(|name| variables(value).contains(name)))
        {
            let known = self.fields.get(key).cloned().or_else(|| {
                all.iter().find(|it| matches!(it.given, Given::Key(other) if other == key)).map(|it| it.name.to_owned())
            });
            match known {
                Some(known) if variables(pattern) == [pattern.as_str()] => drop(names.insert(pattern.clone(), known)),
                _ => self.fields.take(key, pattern.clone()),
            }
        }
        let value = substitute(value, |name| names.get(name).cloned());
        let pattern = match alone {
            Some((name, _)) => name.to_owned(),
            None => substitute(&computed.pattern, |name| (!wanted(name)).then(|| "_".to_owned())),
        };
        let line = format!("{pattern} = {value}");
        if !self.lines.contains(&line) {
            self.lines.push(line);
        }
    }

    fn parameters(&self) -> Vec<String> {
        match (self.whole, self.fields.0.is_empty()) {
            (true, true) => vec![self.name.clone()],
            (true, false) => fields("", &self.fields, Some(&self.name)),
            (false, _) => fields("_Params", &self.fields, None),
        }
    }
}

/// A map's pattern in parts, or a name for a map of which nothing is taken.
fn fields(unused: &str, Fields(fields): &Fields, alias: Option<&str>) -> Vec<String> {
    if fields.is_empty() {
        return vec![unused.to_owned()];
    }
    map(fields.iter().map(|(key, name)| format!("{key} := {name}")).collect(), alias)
}
