//! The session's state where it was a parameter, or an argument: it is the session's data now, and its fields are asked for.

use super::clause::{Clause, Where};
use super::helpers::{Helper, Role};
use super::pattern::takes_anything;
use crate::migrate::session::{self, SESSION};
use crate::syntax::ast::{Expr, Name, NodeId};

/// A pattern of the session's state.
struct State {
    /// The variable for the whole of it.
    name: Option<Name>,
    /// What is matched beside the variable, or alone.
    record: Option<NodeId>,
    /// Where the variable is used.
    uses: Vec<NodeId>,
}

impl Clause<'_> {
    /// The session's state becomes the session's data, under a name that says so.
    pub(super) fn session(&mut self, index: usize, value: NodeId) -> Result<Vec<(String, String)>, String> {
        let state = self.state(value)?;
        if state.uses.is_empty() && state.record.is_some_and(|record| self.takes_nothing(record)) {
            return Ok(Vec::new());
        }
        let name = self.take_name(index, state.name.as_deref());
        self.follow_state(state, &name)?;
        let key = self.translations[index].take.keys().next().cloned().unwrap_or_default();
        Ok(vec![(key.clone(), format!("{key} := {name}"))])
    }

    /// The function gets the session as its argument at `index`.
    pub(super) fn session_argument(&mut self, index: usize) -> Result<(), String> {
        let Some(pattern) = self.editor.argument(index) else { return Ok(()) };
        self.place = Where::Head;
        if self.editor.ast.var(pattern).is_some_and(|name| name == "_") {
            return Ok(());
        }
        let state = self.state(pattern)?;
        if state.uses.is_empty() && state.record.is_none() {
            return Ok(());
        }
        let name = match state.name.as_deref().filter(|old| is_telling(old)) {
            Some(old) => old.to_owned(),
            None => self.editor.fresh(SESSION),
        };
        self.follow_state(state, &name)?;
        if self.editor.text(pattern) != name {
            self.editor.replace(self.editor.ast.span(pattern), name);
        }
        Ok(())
    }

    /// Takes a pattern of the session's state apart.
    fn state(&self, pattern: NodeId) -> Result<State, String> {
        let ast = self.editor.ast;
        let (variable, record) = match *ast.expr(pattern) {
            Expr::Var(_) => (Some(pattern), None),
            Expr::Record { .. } => (None, Some(pattern)),
            Expr::Match { left, right } if ast.is_var(right) => (Some(right), Some(left)),
            Expr::Match { left, right } if ast.is_var(left) => (Some(left), Some(right)),
            _ => return Err("the session's state is matched with something else than its record".to_owned()),
        };
        let name = variable.and_then(|node| ast.var(node)).cloned();
        let uses = name.as_ref().zip(variable).map(|(name, node)| self.editor.uses(name, node)).unwrap_or_default();
        Ok(State { name, record, uses })
    }

    /// Lets everything that used the session's state use its data, which `name` holds.
    fn follow_state(&mut self, state: State, name: &str) -> Result<(), String> {
        self.session_uses(state.uses, name)?;
        let Some(record) = state.record else { return Ok(()) };
        for expression in self.record(record, name)? {
            self.bind(expression)?;
        }
        Ok(())
    }

    /// Whether nothing is done with what a record's pattern takes.
    fn takes_nothing(&self, record: NodeId) -> bool {
        let Expr::Record { base: None, fields, .. } = self.editor.ast.expr(record) else { return false };
        self.editor.ast.fields(*fields).iter().all(|field| self.is_unused(field))
    }

    /// What a record's pattern takes from the session, as matches with what the session's data give.
    fn record(&mut self, record: NodeId, session: &str) -> Result<Vec<String>, String> {
        let ast = self.editor.ast;
        let Expr::Record { base: None, name, fields } = ast.expr(record) else {
            return Err("the session's state is matched with something else than its record".to_owned());
        };
        let mut found = Vec::new();
        for field in ast.fields(*fields) {
            let (Some(key), Some(value)) = (ast.atom(field.key), field.value) else {
                return Err(format!("the pattern of `#{name}{{}}` asks for all of its fields"));
            };
            if self.is_unused(field) {
                continue;
            }
            let head = matches!(self.place, Where::Head | Where::Branch(..));
            if !takes_anything(ast, value) || (head && self.is_needed(value)) {
                return Err(format!("`#{name}.{key}` decides which clause is taken"));
            }
            let (expression, reason) = session::value_of(self.upgrade, name, key, session)?;
            self.reasons.extend(reason);
            match self.only_use(value, &expression) {
                Some(only) => self.inline(only, expression),
                None => found.push(format!("{} = {expression}", self.editor.text(value))),
            }
        }
        Ok(found)
    }

    /// What was the session's state is the session's data, under `name`, at all of these places.
    pub(super) fn session_uses(&mut self, uses: Vec<NodeId>, name: &str) -> Result<(), String> {
        for node in uses {
            if !self.editor.ast.is_var(node) {
                return Err("a macro uses the session's state by its name".to_owned());
            }
            let renamed = self.session_use(node, name)?;
            if renamed && self.editor.text(node) != name {
                self.editor.replace(self.editor.ast.span(node), name);
            }
        }
        Ok(())
    }

    /// Whether the place itself must be renamed.
    pub(super) fn session_use(&mut self, node: NodeId, name: &str) -> Result<bool, String> {
        match session::translate(&self.editor, self.upgrade, node, name) {
            session::Use::Same(edits, reason) => {
                // What replaces more than a name has the new one in it.
                let inside = edits.iter().any(|edit| edit.place.span.contains(self.editor.ast.span(node)));
                edits.into_iter().for_each(|edit| self.editor.push(edit));
                self.reasons.extend(reason);
                Ok(!inside)
            }
            session::Use::Handed { function, arity, index, call } => {
                let helper = Helper { function, arity, index, role: Role::Session, calls: Vec::new() };
                self.handed.push((helper, call));
                Ok(true)
            }
            session::Use::Matched { whole, with } => {
                if let Some(alias) = self.editor.ast.var(with) {
                    let uses = self.editor.uses(alias, with);
                    self.session_uses(uses, alias)?;
                    return Ok(true);
                }
                if self.editor.statement(whole) != Some(false) {
                    return Err("the session's state is matched in the middle of an expression".to_owned());
                }
                let before = std::mem::replace(&mut self.place, Where::Match(whole));
                let matches = self.record(with, name)?;
                self.place = before;
                let separator = self.editor.separator(whole);
                let new = matches.join(&separator);
                if new.is_empty() {
                    return Err("nothing is left of a match with the session's state".to_owned());
                }
                self.editor.replace(self.editor.ast.span(whole), new);
                Ok(false)
            }
            session::Use::Stuck(why) => Err(why),
        }
    }
}

/// Whether a variable's name tells that it holds the session's data.
pub(super) fn is_telling(name: &str) -> bool {
    ["C2S", "Session", "Data"].iter().any(|part| name.contains(part))
        && !name.contains("State")
        && !name.starts_with('_')
}
