//! Handlers that took the session's state as their accumulator and returned it: it is read as the session's data, and
//! what was put into its fields is requested in the accumulator.

use std::collections::{BTreeMap, BTreeSet};

use super::tails::{self, Tail};
use super::{Job, Threaded, fields, keys, scan};
use crate::catalog::{HookChange, Recipe, Threading};
use crate::migrate::code::bodies::values;
use crate::migrate::code::callers::Uses;
use crate::migrate::code::clause::ClauseEditor;
use crate::migrate::code::template::{Bound, Snippet, substitute};
use crate::migrate::handler;
use crate::migrate::session::{self, SESSION};
use crate::project::handlers::{At, Callee, callee, clauses_of, is_log_macro};
use crate::project::modules::Modules;
use crate::rewrite::Edit;
use crate::syntax::ast::{Ast, Clause, Clauses, Expr, Field, Name, NodeId, Nodes};

/// The name that stands for the accumulator.
const ACCUMULATOR: &str = "Acc";

/// Why a name cannot get another meaning everywhere.
const OTHER: &str =
    "something else than the session's state as it was given, or with another field, stands in its place";

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

/// What is expected of an expression's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    /// It is what the handler returns.
    Result,
    /// It is the session's state.
    State,
    /// Anything but that.
    Plain,
}

pub(super) fn rewrite(job: &Job<'_>) -> Result<Threaded, String> {
    let forms = Forms::new(job.threading).ok_or("it is not known how fields of the session's state were read")?;
    let serving = job.serving;
    if let Some(other) = crate::migrate::conditions::shared_with(serving, job.change) {
        return Err(format!("the function is the handler of `{other}` as well"));
    }
    if let Some(place) = handler::called_directly(serving) {
        return Err(format!("the function is called directly, too ({place})"));
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
            let elsewhere = scan::all(context, form).into_iter().find(|hit| {
                hit.module.source().path() != module.source().path() && hit.atom(context, "Key").as_ref() == Some(key)
            });
            if let Some(place) = elsewhere.and_then(|hit| hit.place()) {
                let place = scan::shown(&place);
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

/// One clause through which the state flows.
struct Flow<'p, 'j, 'a> {
    pass: &'p mut Pass<'j>,
    editor: ClauseEditor<'a>,
    /// The argument that is the state.
    index: usize,
    /// Names for the state, and the names of the accumulator that take their places.
    names: BTreeMap<Name, String>,
    /// Of these, the names for the state as it was given.
    given: BTreeSet<Name>,
    /// The name of the session's data, once it is needed.
    session: Option<String>,
}

impl<'p, 'j, 'a> Flow<'p, 'j, 'a> {
    fn new(pass: &'p mut Pass<'j>, editor: ClauseEditor<'a>, index: usize) -> Result<Self, String> {
        let mut flow = Self { pass, editor, index, names: BTreeMap::new(), given: BTreeSet::new(), session: None };
        let pattern = flow.editor.argument(index).ok_or("a function without arguments")?;
        let Some(name) = flow.ast().var(pattern).cloned() else {
            return Err("the session's state is matched with in a function's head".to_owned());
        };
        flow.given.insert(name.clone());
        let mut states = vec![name];
        // A name can stand for the state that another name stood for.
        loop {
            let ast = flow.ast();
            let more = ast.descend_clause(flow.editor.clause).find_map(|(_, expr)| match *expr {
                Expr::Match { left, right } => {
                    let name = ast.var(left).filter(|name| !states.contains(*name) && *name != "_")?;
                    flow.is_state(right, &states).then(|| (name.clone(), right))
                }
                _ => None,
            });
            let Some((name, right)) = more else { break };
            if ast.var(right).is_some_and(|it| flow.given.contains(it)) {
                flow.given.insert(name.clone());
            }
            states.push(name);
        }
        for name in states {
            if super::is_in_macro(&flow.editor, &name, pattern) {
                return Err(super::IN_MACRO.to_owned());
            }
            let new = if name == "_" { "_".to_owned() } else { flow.accumulator_for(&name) };
            flow.names.insert(name, new);
        }
        Ok(flow)
    }

    fn ast(&self) -> &'a Ast {
        self.editor.ast
    }

    /// A name for the accumulator in place of one for the state: `NewState` becomes `NewAcc`.
    fn accumulator_for(&mut self, name: &str) -> String {
        if name.contains(ACCUMULATOR) {
            return name.to_owned();
        }
        let bare = name.trim_start_matches('_');
        let known = ["C2SState", "SessionState", "StateData", "C2SData", "State", "Session"];
        let wanted = known.iter().find(|part| bare.contains(**part)).map(|part| bare.replacen(part, ACCUMULATOR, 1));
        let digits = &bare[bare.trim_end_matches(|c: char| c.is_ascii_digit()).len()..];
        self.editor.fresh(&wanted.unwrap_or_else(|| format!("{ACCUMULATOR}{digits}")))
    }

    /// The name of the session's data.
    fn session(&mut self) -> String {
        if self.session.is_none() {
            self.session = Some(self.editor.fresh(SESSION));
        }
        self.session.clone().unwrap_or_default()
    }

    /// Whether an expression gives the session's state.
    fn is_state(&self, node: NodeId, names: &[Name]) -> bool {
        let ast = self.ast();
        let last = |nodes: Nodes| ast.list(nodes).last().is_some_and(|&node| self.is_state(node, names));
        let all = |clauses: Clauses| {
            let clauses = ast.clauses(clauses);
            !clauses.is_empty() && clauses.iter().all(|clause| last(clause.body))
        };
        match ast.expr(node) {
            Expr::Var(name) => names.contains(name),
            Expr::Case { clauses, .. } | Expr::If { clauses } | Expr::Receive { clauses, .. } => all(*clauses),
            Expr::Try { body, of, catch, .. } => {
                (catch.is_empty() || all(*catch)) && if of.is_empty() { last(*body) } else { all(*of) }
            }
            Expr::Block(items) => last(*items),
            Expr::Match { right, .. } => self.is_state(*right, names),
            Expr::Call { module, function, args } => {
                if self.pass.forms.write.bind(ast, node).is_some() {
                    return true;
                }
                let Callee::Local(name) = callee(&self.editor.at.module, ast, *module, *function) else { return false };
                let given = ast.list(*args).iter().position(|&arg| ast.var(arg).is_some_and(|it| names.contains(it)));
                given.is_some_and(|index| returns_state(&self.pass.forms, self.editor.at, &name, args.len(), index, 0))
            }
            _ => false,
        }
    }

    /// Rewrites the clause's body and the argument that is the state.
    fn clause(&mut self, wanted: Wanted) -> Result<(), String> {
        let clause = self.editor.clause;
        let pattern = self.editor.argument(self.index).ok_or("a function without arguments")?;
        let given = self.ast().var(pattern).cloned().unwrap_or_default();
        for &other in self.ast().list(clause.patterns).iter().filter(|&&other| other != pattern) {
            self.untouched(other)?;
        }
        for &guard in self.ast().list(clause.guard) {
            self.untouched(guard)?;
        }
        self.body(clause.body, wanted)?;
        let name = match wanted {
            Wanted::Plain => match given.starts_with('_') {
                true => return Ok(()),
                false => self.session(),
            },
            _ => self.names.get(&given).cloned().unwrap_or_default(),
        };
        if given != "_" && given != name {
            self.editor.replace(self.ast().span(pattern), name);
        }
        Ok(())
    }

    /// The state must not be there.
    fn untouched(&self, node: NodeId) -> Result<(), String> {
        let there = self
            .ast()
            .descend([node])
            .any(|(_, expr)| matches!(expr, Expr::Var(name) if name != "_" && self.names.contains_key(name)));
        if there { Err("the session's state is matched with".to_owned()) } else { Ok(()) }
    }

    fn body(&mut self, body: Nodes, wanted: Wanted) -> Result<(), String> {
        let Some((&last, before)) = self.ast().list(body).split_last() else { return Ok(()) };
        for &node in before {
            self.visit(node, Wanted::Plain)?;
        }
        self.visit(last, wanted)
    }

    fn branches(&mut self, clauses: Clauses, wanted: Wanted) -> Result<(), String> {
        for clause in self.ast().clauses(clauses) {
            if clause.from_macro.is_some() {
                return Err("a clause comes from a macro".to_owned());
            }
            for &part in self.ast().list(clause.patterns).iter().chain(self.ast().list(clause.guard)) {
                self.untouched(part)?;
            }
            self.body(clause.body, wanted)?;
        }
        Ok(())
    }

    fn visit(&mut self, node: NodeId, wanted: Wanted) -> Result<(), String> {
        let ast = self.ast();
        match *ast.expr(node) {
            Expr::Case { subject, clauses } => {
                self.visit(subject, Wanted::Plain)?;
                self.branches(clauses, wanted)
            }
            Expr::If { clauses } | Expr::Receive { clauses, .. } => self.branches(clauses, wanted),
            Expr::Try { body, of, catch, after } => {
                self.body(body, if of.is_empty() { wanted } else { Wanted::Plain })?;
                self.branches(of, wanted)?;
                self.branches(catch, wanted)?;
                self.body(after, Wanted::Plain)
            }
            Expr::Block(items) => self.body(items, wanted),
            Expr::Fun { clauses } => self.branches(clauses, Wanted::Plain),
            Expr::Match { left, right } => self.matched(left, right, wanted),
            Expr::Var(ref name) if self.names.contains_key(name) => self.state_variable(node, name, wanted),
            Expr::Macro { ref name, args: Some(args) } if is_log_macro(name) => {
                ast.list(args).iter().try_for_each(|&arg| self.logged(arg))
            }
            _ if wanted == Wanted::Result => self.result(node),
            Expr::Call { .. } => self.call(node, wanted),
            Expr::RecordField { base, .. } if self.is_name(base) => self.translated(base),
            _ if wanted == Wanted::State => Err(OTHER.to_owned()),
            _ => {
                let mut children = Vec::new();
                ast.children(node, &mut children);
                children.into_iter().try_for_each(|child| self.visit(child, Wanted::Plain))
            }
        }
    }

    fn is_name(&self, node: NodeId) -> bool {
        self.ast().var(node).is_some_and(|name| self.names.contains_key(name))
    }

    /// A match, perhaps with a new name for the state.
    fn matched(&mut self, left: NodeId, right: NodeId, wanted: Wanted) -> Result<(), String> {
        if !self.is_name(left) {
            self.untouched(left)?;
            return self.visit(right, wanted);
        }
        let name = self.ast().var(left).cloned().unwrap_or_default();
        let new = self.names.get(&name).cloned().unwrap_or_default();
        self.rename(left, &name, &new);
        self.visit(right, Wanted::State)
    }

    /// The name for the state alone.
    fn state_variable(&mut self, node: NodeId, name: &Name, wanted: Wanted) -> Result<(), String> {
        match wanted {
            Wanted::State => {
                let new = self.names.get(name).cloned().unwrap_or_default();
                self.rename(node, name, &new);
                Ok(())
            }
            Wanted::Result => Err("a result is not written as a tuple".to_owned()),
            Wanted::Plain => Err("the session's state is used as a whole".to_owned()),
        }
    }

    fn rename(&mut self, node: NodeId, old: &str, new: &str) {
        if old != new {
            self.editor.replace(self.ast().span(node), new);
        }
    }

    /// What is only logged may be anything: the session's data then.
    fn logged(&mut self, node: NodeId) -> Result<(), String> {
        let ast = self.ast();
        match *ast.expr(node) {
            Expr::Var(ref name) if self.names.contains_key(name) => {
                let (name, session) = (name.clone(), self.session());
                self.rename(node, &name, &session);
                Ok(())
            }
            Expr::Map { base: None, fields } => {
                for field in ast.fields(fields) {
                    field.value.map_or(Ok(()), |value| self.logged(value))?;
                }
                Ok(())
            }
            _ => self.visit(node, Wanted::Plain),
        }
    }

    /// What the handler returns.
    fn result(&mut self, node: NodeId) -> Result<(), String> {
        match tails::tail(&self.editor.at.module, self.ast(), node) {
            Tail::Never => self.visit(node, Wanted::Plain),
            Tail::Other(_) => Err("a result is not written as a tuple".to_owned()),
            Tail::Pair { tag, value, stops } => {
                if stops {
                    self.editor.replace(self.ast().span(tag), "ok");
                    let text =
                        "`{stop, _}` kept later handlers of the hook from being called, and would drop the stanza now";
                    self.pass.reasons.push(text.to_owned());
                }
                let names: Vec<Name> = self.names.keys().cloned().collect();
                if !self.is_state(value, &names) {
                    return Err("a result is not the session's state as it was given, or with another field".to_owned());
                }
                self.visit(value, Wanted::State)
            }
        }
    }

    fn call(&mut self, node: NodeId, wanted: Wanted) -> Result<(), String> {
        let ast = self.ast();
        if self.pass.forms.write.bind(ast, node).is_some() {
            return match wanted {
                Wanted::State => self.write(node),
                _ => Err("a field of the session's state is written, and the result goes nowhere".to_owned()),
            };
        }
        if let Some(bound) = self.pass.forms.read.bind(ast, node) {
            return self.read(node, &bound);
        }
        let Expr::Call { module, function, args } = *ast.expr(node) else { return Ok(()) };
        let called = callee(&self.editor.at.module, ast, module, function);
        let mut added = None;
        for (index, &arg) in ast.list(args).iter().enumerate() {
            if !self.is_name(arg) {
                self.visit(arg, Wanted::Plain)?;
                continue;
            }
            let Callee::Local(name) = &called else {
                self.translated(arg)?;
                continue;
            };
            let old = ast.var(arg).cloned().unwrap_or_default();
            if added.is_some() {
                return Err(format!("`{name}/{}` gets the session's state twice", args.len()));
            }
            let at = self.editor.at;
            let kind = self.pass.helper(at, name, args.len(), index)?;
            let new = match kind {
                Kind::Reads if wanted == Wanted::State => {
                    return Err(format!("`{name}/{}` does not return the session's state", args.len()));
                }
                Kind::Reads => {
                    self.not_written(&old)?;
                    self.session()
                }
                Kind::Returns if wanted != Wanted::State => {
                    return Err(format!("the state that `{name}/{}` returns goes nowhere", args.len()));
                }
                Kind::Returns => self.names.get(&old).cloned().unwrap_or_default(),
            };
            self.rename(arg, &old, &new);
            added = Some(kind);
        }
        let never = tails::tail(&self.editor.at.module, ast, node) == Tail::Never;
        if wanted == Wanted::State && added != Some(Kind::Returns) && !never {
            return Err(OTHER.to_owned());
        }
        Ok(())
    }

    /// What was put into a field cannot be read before the session's next event.
    fn not_written(&self, name: &Name) -> Result<(), String> {
        if self.given.contains(name) {
            return Ok(());
        }
        Err("a field is read from the state that the handler has just made, which the new release does not show before the session's next event".to_owned())
    }

    /// A use of the state that has its counterpart for the session's data.
    fn translated(&mut self, node: NodeId) -> Result<(), String> {
        let old = self.ast().var(node).cloned().unwrap_or_default();
        let name = self.session();
        let upgrade = self.pass.job.serving.context.upgrade;
        match session::translate(&self.editor, upgrade, node, &name) {
            session::Use::Same(edits, reason) => {
                let inside = edits.iter().any(|edit| edit.place.span.contains(self.ast().span(node)));
                let kept = edits.iter().any(|edit| edit.text.contains(read_name(self.pass.forms.threading)));
                if kept {
                    return Err("the fields of the session's state are used as a whole".to_owned());
                }
                edits.into_iter().for_each(|edit| self.editor.push(edit));
                self.pass.reasons.extend(reason);
                if !inside {
                    self.rename(node, &old, &name);
                }
                Ok(())
            }
            other => Err(session::why_not(&other)),
        }
    }

    /// A field that is read.
    fn read(&mut self, node: NodeId, bound: &Bound) -> Result<(), String> {
        let state = bound.get("State").and_then(|state| self.ast().var(state).cloned());
        let state = state.filter(|name| self.names.contains_key(name));
        self.not_written(&state.ok_or("a field is read from a state that is made right there")?)?;
        self.key(bound.get("Key"))?;
        let session = self.session();
        let forms = &self.pass.forms;
        let edits = fields::read(&self.editor, forms.threading, &forms.read, node, bound, &session)?;
        edits.into_iter().for_each(|edit| self.editor.push(edit));
        Ok(())
    }

    fn key(&mut self, node: Option<NodeId>) -> Result<(), String> {
        let (ast, at) = (self.ast(), self.editor.at);
        let key = node.and_then(|node| keys::atom(self.pass.modules(), &at.module, ast, node));
        let key = key.ok_or("the name of a field of the session's state is no atom that stands in the code")?;
        self.pass.keys.insert(key);
        Ok(())
    }

    /// A field that is written.
    fn write(&mut self, node: NodeId) -> Result<(), String> {
        let ast = self.ast();
        let Some(bound) = self.pass.forms.write.bind(ast, node) else { return Ok(()) };
        self.key(bound.get("Key"))?;
        let (Some(value), Some(state)) = (bound.get("Value"), bound.get("State")) else { return Ok(()) };
        let Some(old) = ast.var(state).filter(|name| self.names.contains_key(*name)) else {
            return Err("a field is written into a state that is made right there".to_owned());
        };
        if ast.atom(value).is_some_and(|value| value == "undefined") {
            return Err("a field is set to `undefined`, which is nothing at all in the new release".to_owned());
        }
        self.visit(value, Wanted::Plain)?;
        self.pass.writes = true;
        let accumulator = self.names.get(old).cloned().unwrap_or_default();
        let (module, after) = (&self.editor.at.module, self.pass.forms.threading.write.clone());
        let edits = self.pass.forms.write.rewrite(module, ast, node, &bound, &after, &[(ACCUMULATOR, &accumulator)])?;
        edits.into_iter().for_each(|edit| self.editor.push(edit));
        Ok(())
    }

    /// Lets the handler read what its parameters gave from the accumulator.
    fn parameters(&mut self) -> Result<(), String> {
        let ast = self.ast();
        let pattern = self.editor.argument(1).ok_or("a handler without parameters")?;
        let (map, alias) = match *ast.expr(pattern) {
            Expr::Match { left, right } if ast.is_var(right) => (left, Some(right)),
            Expr::Match { left, right } if ast.is_var(left) => (right, Some(left)),
            Expr::Var(_) => (pattern, Some(pattern)),
            _ => (pattern, None),
        };
        if let Some(name) = alias.and_then(|alias| ast.var(alias))
            && name != "_"
            && !self.editor.uses(name, alias.unwrap_or(pattern)).is_empty()
        {
            return Err("the parameters are used as a whole".to_owned());
        }
        let fields: Vec<Field> = match ast.expr(map) {
            Expr::Map { base: None, fields } => ast.fields(*fields).to_vec(),
            Expr::Var(_) => Vec::new(),
            _ => return Err("the parameters are not taken as a map".to_owned()),
        };
        let change = self.pass.job.change;
        let mut used: Vec<(String, NodeId, Vec<NodeId>)> = Vec::new();
        for field in &fields {
            let key = ast.atom(field.key).map(ToString::to_string).unwrap_or_default();
            let value = field.value.ok_or("a field without a value")?;
            if now(change, &key).is_none() {
                return Err(format!("the parameter `{key}` is not known"));
            }
            self.untouched(value)?;
            match ast.var(value) {
                Some(name) if name == "_" => {}
                Some(name) => {
                    let uses = self.editor.uses(name, value);
                    if !uses.is_empty() {
                        used.push((key, value, uses));
                    }
                }
                None => used.push((key, value, Vec::new())),
            }
        }
        for (key, value, uses) in &used {
            if uses.iter().any(|&node| self.editor.in_head(node)) || !takes_any(ast, *value) {
                return Err(format!("the value of `{key}` decides which clause is taken"));
            }
        }
        let given = self.given_accumulator();
        self.values(change, &used, &given);
        let new = self.session.as_ref().map(|name| format!("#{{c2s_data := {name}}}"));
        let text = match (new, alias) {
            (Some(new), _) => new,
            (None, Some(alias)) => self.editor.text(alias).to_owned(),
            (None, None) if fields.is_empty() => return Ok(()),
            (None, None) => self.editor.fresh("_Params"),
        };
        if text != self.editor.text(pattern) {
            self.editor.replace(ast.span(pattern), text);
        }
        Ok(())
    }

    fn given_accumulator(&self) -> String {
        let pattern = self.editor.argument(0).and_then(|node| self.ast().var(node));
        pattern.and_then(|name| self.names.get(name).cloned()).unwrap_or_default()
    }

    /// The parameters' values: where they are used, or in the clause's first lines.
    fn values(&mut self, change: &HookChange, used: &[(String, NodeId, Vec<NodeId>)], accumulator: &str) {
        let put = |text: &str| substitute(text, |name| (name == ACCUMULATOR).then(|| accumulator.to_owned()));
        let threading = self.pass.forms.threading;
        let keys: Vec<&str> = threading.together.trim_matches(['{', '}']).split(", ").collect();
        if keys.iter().all(|key| used.iter().any(|(it, ..)| it == key)) {
            let patterns: Vec<&str> = keys
                .iter()
                .filter_map(|key| used.iter().find(|(it, ..)| it == key))
                .map(|(_, value, _)| self.editor.text(*value))
                .collect();
            let (patterns, now) = (patterns.join(", "), put(&threading.together_now));
            return self.editor.put_first(format!("{{{patterns}}} = {now}"));
        }
        for (key, value, uses) in used {
            let expression = put(now(change, key).unwrap_or_default());
            match uses[..] {
                [only] if !self.editor.is_matched(only) => self.editor.replace(self.ast().span(only), expression),
                _ => {
                    let pattern = self.editor.text(*value).to_owned();
                    self.editor.put_first(format!("{pattern} = {expression}"));
                }
            }
        }
    }
}

/// The expression for an old parameter.
fn now<'c>(change: &'c HookChange, key: &str) -> Option<&'c str> {
    change.parameters.iter().find(|it| it.key == key).map(|it| it.now.as_str()).filter(|now| !now.is_empty())
}

/// The name of the function that reads what is kept.
fn read_name(threading: &Threading) -> &str {
    threading.read.split('(').next().unwrap_or_default()
}

/// Whether a pattern takes every value that a stanza's part can have.
fn takes_any(ast: &Ast, pattern: NodeId) -> bool {
    match *ast.expr(pattern) {
        Expr::Var(_) => true,
        Expr::Match { left, right } => takes_any(ast, left) && takes_any(ast, right),
        Expr::Record { base: None, fields, .. } => {
            ast.fields(fields).iter().filter_map(|field| field.value).all(|value| ast.is_var(value))
        }
        _ => false,
    }
}

/// Whether all clauses of a function return the state that they get, or one with another field.
fn returns_state(forms: &Forms<'_>, at: &At, name: &Name, arity: usize, index: usize, depth: usize) -> bool {
    let clauses = clauses_of(&at.module, name, arity);
    depth < MAX_HELPERS && !clauses.is_empty() && clauses.iter().all(|at| clause_returns(forms, at, index, depth))
}

fn clause_returns(forms: &Forms<'_>, at: &At, index: usize, depth: usize) -> bool {
    let (ast, Some(clause)) = (at.ast(), at.clause()) else { return false };
    let Some(given) = ast.list(clause.patterns).get(index).and_then(|&pattern| ast.var(pattern)) else { return false };
    let mut stack: Vec<NodeId> = ast.list(clause.body).last().copied().into_iter().collect();
    let mut steps = 0;
    while let Some(node) = stack.pop() {
        steps += 1;
        let before = stack.len();
        match ast.expr(node) {
            Expr::Case { .. } | Expr::If { .. } | Expr::Block(_) => stack.extend(values(ast, node)),
            Expr::Match { right, .. } => stack.push(*right),
            Expr::Var(name) if name == given => continue,
            Expr::Var(name) => stack.extend(bound_to(ast, clause, name)),
            Expr::Call { module, function, args } => {
                if forms.write.bind(ast, node).is_some() {
                    continue;
                }
                let Callee::Local(name) = callee(&at.module, ast, *module, *function) else { return false };
                let given = ast.list(*args).iter().position(|&arg| ast.var(arg) == Some(given));
                let returns = |index| returns_state(forms, at, &name, args.len(), index, depth + 1);
                if given.is_some_and(returns) {
                    continue;
                }
                return false;
            }
            _ => return false,
        }
        if stack.len() == before || steps > 1_000 {
            return false;
        }
    }
    steps > 0
}

/// What a variable is matched with.
fn bound_to(ast: &Ast, clause: &Clause, name: &Name) -> Vec<NodeId> {
    let matches = ast.descend_clause(clause).filter_map(|(_, expr)| match expr {
        Expr::Match { left, right } if ast.var(*left) == Some(name) => Some(*right),
        _ => None,
    });
    matches.collect()
}
