//! Handlers that took the session's state as their accumulator and returned it: it is read as the session's data, and
//! what was put into its fields is requested in the accumulator.

mod flow;
mod head;
mod returns;

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::{Recipe, Threading};
use crate::migrate::code::callers::Uses;
use crate::migrate::code::clause::ClauseEditor;
use crate::migrate::code::template::Snippet;
use crate::migrate::handler;
use crate::migrate::threading::{Job, Threaded, fields, keys, scan};
use crate::project::handlers::{At, clauses_of};
use crate::project::modules::Modules;
use crate::rewrite::Edit;
use crate::syntax::ast::Name;
use flow::{Flow, Wanted};
use returns::clause_returns;

/// How many functions deep the state is followed.
const MAX_HELPERS: usize = 8;

/// The old and the new forms of reading and writing a field.
struct Forms<'a> {
    threading: &'a Threading,
    read: Snippet,
    write: Snippet,
}

/// What a function that gets the state does with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Looks at it and returns something else.
    Reads,
    /// Returns it, perhaps with another field.
    Returns,
}

/// A function of the handler's module that gets the state.
struct Helper {
    kind: Kind,
    edits: Vec<Edit>,
    /// How many calls of it were seen.
    calls: usize,
}

/// All that is found out on the way through a handler and what it calls.
struct Pass<'a> {
    job: &'a Job<'a>,
    forms: Forms<'a>,
    /// By name, arity, and which argument the state is.
    helpers: BTreeMap<(Name, usize, usize), Helper>,
    on_the_way: Vec<(Name, usize, usize)>,
    /// The fields that are read or written.
    keys: BTreeSet<Name>,
    writes: bool,
    reasons: Vec<String>,
}

pub(super) fn rewrite(job: &Job<'_>) -> Result<Threaded, String> {
    let forms = Forms::new(job.threading).ok_or("it is not known how fields of the session's state were read")?;
    let serving = job.serving;
    if let Some(other) = crate::migrate::conditions::shared_with(serving, job.change) {
        return Err(format!("the function is the handler of `{other}` as well"));
    }
    if let Some(why) = handler::used_elsewhere(serving) {
        return Err(why);
    }
    let mut pass = Pass {
        job,
        forms,
        helpers: BTreeMap::new(),
        on_the_way: Vec::new(),
        keys: BTreeSet::new(),
        writes: false,
        reasons: Vec::new(),
    };
    let mut done = Threaded::default();
    if serving.handler.clauses().is_empty() {
        return Err("the handler's code could not be found".to_owned());
    }
    for at in serving.handler.clauses() {
        done.edits.extend(pass.handler_clause(at)?);
    }
    pass.check_helpers()?;
    pass.check_keys()?;
    done.edits.extend(pass.helpers.into_values().flat_map(|helper| helper.edits));
    done.reasons = pass.reasons;
    if pass.writes {
        done.reasons.push(
            "what is kept is requested in the accumulator, and can be read from the session's next event on".to_owned(),
        );
    }
    done.reasons.push("the accumulator is another one, which every path has to return".to_owned());
    Ok(done)
}

impl<'a> Forms<'a> {
    fn new(threading: &'a Threading) -> Option<Self> {
        let (read, write) = (Snippet::parse(&threading.read_before)?, Snippet::parse(&threading.write_before)?);
        Some(Self { threading, read, write })
    }
}

impl Pass<'_> {
    fn modules(&self) -> &Modules {
        self.job.serving.context.modules
    }

    fn handler_clause(&mut self, at: &At) -> Result<Vec<Edit>, String> {
        let editor = ClauseEditor::new(at).ok_or("a clause of the handler could not be parsed")?;
        let mut flow = Flow::new(self, editor, 0)?;
        flow.clause(Wanted::Result)?;
        flow.parameters()?;
        flow.editor.finish()
    }

    /// What a function does with the state that it gets as one of its arguments; it is rewritten when this is first
    /// asked.
    fn helper(&mut self, at: &At, name: &Name, arity: usize, index: usize) -> Result<Kind, String> {
        let key = (name.clone(), arity, index);
        if let Some(helper) = self.helpers.get_mut(&key) {
            helper.calls += 1;
            return Ok(helper.kind);
        }
        let shown = format!("`{name}/{arity}`");
        let clauses = clauses_of(&at.module, name, arity);
        if clauses.is_empty() {
            return Err(format!("the session's state goes to {shown}"));
        }
        if self.on_the_way.contains(&key) || self.on_the_way.len() >= MAX_HELPERS {
            return Err(format!("the session's state goes to {shown}, which calls itself"));
        }
        if at.module.exports(name, arity) {
            return Err(format!("the session's state goes to {shown}, which others can call"));
        }
        self.on_the_way.push(key.clone());
        let found = self.helper_clauses(&clauses, index, &shown);
        self.on_the_way.pop();
        let (kind, edits) = found?;
        self.helpers.insert(key, Helper { kind, edits, calls: 1 });
        Ok(kind)
    }

    fn helper_clauses(&mut self, clauses: &[At], index: usize, shown: &str) -> Result<(Kind, Vec<Edit>), String> {
        let editor = |at| ClauseEditor::new(at).ok_or_else(|| format!("{shown} could not be parsed"));
        let returns = clauses.iter().all(|at| clause_returns(&self.forms, at, index, 0));
        let mut edits = Vec::new();
        for at in clauses {
            let mut flow = Flow::new(self, editor(at)?, index)?;
            flow.clause(if returns { Wanted::State } else { Wanted::Plain })?;
            if returns && flow.session.is_some() {
                return Err(format!("{shown} reads the session's state and returns it as well"));
            }
            edits.extend(flow.editor.finish()?);
        }
        let kind = if returns { Kind::Returns } else { Kind::Reads };
        Ok((kind, edits))
    }

    /// Every call of a function that was rewritten must have been.
    fn check_helpers(&self) -> Result<(), String> {
        let module = &self.job.serving.handler.module;
        for ((name, arity, _), helper) in &self.helpers {
            let uses = Uses::of(module, name, *arity);
            if uses.unread {
                return Err(format!(
                    "code that may use `{name}/{arity}`, which gets the session's state, could not be parsed"
                ));
            }
            if uses.calls.len() + uses.named != helper.calls {
                return Err(format!("`{name}/{arity}`, which gets the session's state, is used elsewhere, too"));
            }
        }
        Ok(())
    }

    /// Whether the fields can become what the module keeps in the session.
    fn check_keys(&self) -> Result<(), String> {
        if self.keys.len() > 1 {
            let keys: Vec<String> = self.keys.iter().map(|key| format!("`{key}`")).collect();
            return Err(format!("two aux fields must become one state: decide its shape ({})", keys.join(", ")));
        }
        let Some(key) = self.keys.first() else { return Ok(()) };
        keys::free(self.job, key)?;
        let context = self.job.serving.context;
        let module = &self.job.serving.handler.module;
        for form in [&self.forms.threading.read_before, &self.forms.threading.write_before] {
            fields::all_are_read(context, form)?;
            let elsewhere = scan::all(context, form).into_iter().find(|hit| {
                hit.module.source().path() != module.source().path() && hit.atom(context, "Key").as_ref() == Some(key)
            });
            if let Some(place) = elsewhere.and_then(|hit| hit.place()) {
                let place = place.file_and_line();
                return Err(format!(
                    "the field `{key}` is shared with another module, which would have to change with this one ({place})"
                ));
            }
        }
        for fate in context.upgrade.changes() {
            let Some(change) = fate.change() else { continue };
            let Some(other) = change.threading.as_ref().filter(|it| it.recipe == Recipe::HandlerState) else {
                continue;
            };
            let tagged = scan::receivers(context, &change.hook, &other.tag);
            if tagged.iter().any(|receiver| receiver.tag == scan::Wanted::One(key.clone())) {
                return Err(format!(
                    "`{key}` is the tag of a handler of `{}` as well, whose state would have the same name",
                    change.hook
                ));
            }
        }
        Ok(())
    }
}
