//! One clause through which the state flows: the names for it become names for the accumulator.

use std::collections::{BTreeMap, BTreeSet};

use super::returns::returns_state;
use super::{Kind, Pass};
use crate::catalog::Threading;
use crate::migrate::code::atoms;
use crate::migrate::code::clause::ClauseEditor;
use crate::migrate::code::template::ACCUMULATOR;
use crate::migrate::code::template::Bound;
use crate::migrate::session::{self, SESSION};
use crate::migrate::threading::tails::{self, Tail};
use crate::migrate::threading::{IN_MACRO, fields, is_in_macro};
use crate::project::handlers::{Callee, callee, is_log_macro};
use crate::syntax::ast::{Ast, Clauses, Expr, Name, NodeId, Nodes};

/// Why a name cannot get another meaning everywhere.
const OTHER: &str =
    "something else than the session's state as it was given, or with another field, stands in its place";

/// What is expected of an expression's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// It is what the handler returns.
    Result,
    /// It is the session's state.
    State,
    /// Anything but that.
    Plain,
}

/// One clause through which the state flows.
pub(super) struct Flow<'p, 'j, 'a> {
    pub(super) pass: &'p mut Pass<'j>,
    pub(super) editor: ClauseEditor<'a>,
    /// The argument that is the state.
    pub(super) index: usize,
    /// Names for the state, and the names of the accumulator that take their places.
    pub(super) names: BTreeMap<Name, String>,
    /// Of these, the names for the state as it was given.
    pub(super) given: BTreeSet<Name>,
    /// The name of the session's data, once it is needed.
    pub(super) session: Option<String>,
}

impl<'p, 'j, 'a> Flow<'p, 'j, 'a> {
    pub(super) fn new(pass: &'p mut Pass<'j>, editor: ClauseEditor<'a>, index: usize) -> Result<Self, String> {
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
            if is_in_macro(&flow.editor, &name, pattern) {
                return Err(IN_MACRO.to_owned());
            }
            let new = if name == "_" { "_".to_owned() } else { flow.accumulator_for(&name) };
            flow.names.insert(name, new);
        }
        Ok(flow)
    }

    pub(super) fn ast(&self) -> &'a Ast {
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
    pub(super) fn session(&mut self) -> String {
        if self.session.is_none() {
            self.session = Some(self.editor.fresh(SESSION));
        }
        self.session.clone().unwrap_or_default()
    }

    /// Whether an expression gives the session's state.
    fn is_state(&self, mut node: NodeId, names: &[Name]) -> bool {
        let ast = self.ast();
        while let Expr::Match { right, .. } = *ast.expr(node) {
            node = right;
        }
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
    pub(super) fn clause(&mut self, wanted: Wanted) -> Result<(), String> {
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
    pub(super) fn untouched(&self, node: NodeId) -> Result<(), String> {
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
        // Operators nest without brackets, as many as stand in a row.
        let mut row = vec![(node, wanted)];
        while let Some((node, wanted)) = row.pop() {
            self.part(node, wanted, &mut row)?;
        }
        Ok(())
    }

    /// Visits an expression. What nests without brackets comes behind what is left to be visited.
    fn part(&mut self, node: NodeId, wanted: Wanted, row: &mut Vec<(NodeId, Wanted)>) -> Result<(), String> {
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
            Expr::Match { left, right } => {
                let wanted = self.matched(left, wanted)?;
                row.push((right, wanted));
                Ok(())
            }
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
                row.extend(children.into_iter().rev().map(|child| (child, Wanted::Plain)));
                Ok(())
            }
        }
    }

    fn is_name(&self, node: NodeId) -> bool {
        self.ast().var(node).is_some_and(|name| self.names.contains_key(name))
    }

    /// The left side of a match, perhaps a new name for the state. Returns what is expected of the other side.
    fn matched(&mut self, left: NodeId, wanted: Wanted) -> Result<Wanted, String> {
        if !self.is_name(left) {
            self.untouched(left)?;
            return Ok(wanted);
        }
        let name = self.ast().var(left).cloned().unwrap_or_default();
        let new = self.names.get(&name).cloned().unwrap_or_default();
        self.rename(left, &name, &new);
        Ok(Wanted::State)
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
        let key = node.and_then(|node| atoms::atom(self.pass.modules(), &at.module, ast, node));
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
}

/// The name of the function that reads what is kept.
fn read_name(threading: &Threading) -> &str {
    threading.read.split('(').next().unwrap_or_default()
}
