//! Reads by calls: `maps:get/2` and what is like it.

use std::collections::BTreeMap;

use super::clause::{Clause, Where};
use super::session::is_telling;
use super::translation::Value;
use crate::migrate::code::template::{substitute, variables};
use crate::migrate::session::SESSION;
use crate::syntax::ast::{Expr, NodeId};

impl<'a> Clause<'a> {
    /// A call that takes a key out of the parameters, as `maps:get/2` does.
    pub(super) fn call(&mut self, call: NodeId, name: &str, args: &[NodeId], params: NodeId) -> Result<(), String> {
        let ast = self.editor.ast;
        let Some(key) = args.first().and_then(|&key| ast.atom(key)).cloned() else { return Ok(()) };
        let Some(index) = self.translation_of(&key).filter(|_| args.get(1) == Some(&params)) else { return Ok(()) };
        let params = self.editor.text(params).to_owned();
        self.handled.push(ast.span(call));
        let matched = self.editor.is_matched(call);
        match (name, args.len()) {
            _ if matches!(self.translations[index].value, Value::Same) => {
                let note = &self.translations[index].change.note;
                self.reasons.push(format!("`{key}` takes other values now: {note}"));
                Ok(())
            }
            ("get", 2 | 3) | ("map_get", 2) if !matched => self.get(index, &key, call, &params),
            ("find", 2) if !matched => self.find(index, &key, call, args[0]),
            ("is_key" | "is_map_key", 2) => match self.translations[index].only_key() {
                Some((new, _)) => {
                    self.editor.replace(ast.span(args[0]), new);
                    Ok(())
                }
                None => Err(format!("it is asked whether there is a `{key}`")),
            },
            _ if matched => Err(format!("the value of `{key}` decides which clause is taken")),
            _ => Err(format!("`{key}` is read by `{name}/{}`", args.len())),
        }
    }

    /// `maps:get(Key, Params)`.
    pub(super) fn get(&mut self, index: usize, key: &str, call: NodeId, params: &str) -> Result<(), String> {
        let ast = self.editor.ast;
        if let Some(Expr::Case { subject, clauses }) = self.editor.parent(call).map(|above| ast.expr(above))
            && *subject == call
        {
            for &pattern in ast.clauses(*clauses).iter().flat_map(|clause| ast.list(clause.patterns)) {
                if !ast.is_var(pattern) {
                    self.is_given(index, pattern)?;
                }
            }
        }
        if let Some(Expr::Match { left, .. }) = self.editor.parent(call).map(|above| ast.expr(above)) {
            self.is_given(index, *left)?;
        }
        let new = self.got(index, key, call, params)?;
        if !self.translations[index].is_session() {
            let new = self.editor.as_operand(call, new);
            self.editor.replace(ast.span(call), new);
            return Ok(());
        }
        if let Some(above) = self.editor.parent(call)
            && let Expr::Match { left, right } = ast.expr(above)
            && let (true, Some(old)) = (*right == call, ast.var(*left))
        {
            let fresh = if is_telling(old) { old.to_string() } else { self.editor.fresh(SESSION) };
            let uses = self.editor.uses(old, *left);
            self.session_uses(uses, &fresh)?;
            if fresh != old.as_str() {
                self.editor.replace(ast.span(*left), fresh);
            }
            self.editor.replace(ast.span(call), new);
            return Ok(());
        }
        if self.session_use(call, &new)? {
            self.editor.replace(ast.span(call), new);
        }
        Ok(())
    }

    /// What stands for `maps:get(Key, Params)`.
    fn got(&mut self, index: usize, key: &str, call: NodeId, params: &str) -> Result<String, String> {
        let translation = &self.translations[index];
        let snippet = match &translation.value {
            Value::Whole => return Ok(params.to_owned()),
            Value::Lost | Value::Same => return Err(format!("the value of `{key}` cannot be had any more")),
            Value::Of(_) if !translation.change.atoms.is_empty() => {
                return Err(format!("`{key}` has another type now, and what is done with it depends on it"));
            }
            Value::Of(snippet) => snippet,
        };
        let mut names: BTreeMap<String, String> = BTreeMap::new();
        for (key, pattern) in &translation.take {
            if variables(pattern) != [pattern.as_str()] {
                return Err(format!("`{key}` is taken in the handler's body and has another form now"));
            }
            let name = self.taken.get(key).filter(|_| !self.editor.is_elsewhere(call)).cloned();
            names.insert(pattern.clone(), name.unwrap_or_else(|| format!("maps:get({key}, {params})")));
        }
        self.accumulator(snippet, &mut names)?;
        Ok(substitute(&snippet.text, |name| names.get(name).cloned()))
    }

    /// `maps:find(Key, Params)`, matched with `{ok, Value}`.
    pub(super) fn find(&mut self, index: usize, key: &str, call: NodeId, argument: NodeId) -> Result<(), String> {
        let ast = self.editor.ast;
        let why = || Err(format!("`{key}` is read by `maps:find/2`"));
        let Some((new, variable)) = self.translations[index].only_key() else { return why() };
        let (new, variable) = (new.to_owned(), variable.to_owned());
        let Value::Of(snippet) = &self.translations[index].value else { return why() };
        if variables(&snippet.text).iter().any(|name| *name != variable)
            || !self.translations[index].change.atoms.is_empty()
        {
            return why();
        }
        let branches: Vec<(NodeId, Where<'a>)> = match self.editor.parent(call).map(|above| (above, ast.expr(above))) {
            Some((above, Expr::Match { left, right })) if *right == call => vec![(*left, Where::Match(above))],
            Some((_, Expr::Case { subject, clauses })) if *subject == call => {
                let branches = ast.clauses(*clauses).iter();
                branches
                    .flat_map(|it| ast.list(it.patterns).iter().map(move |&node| (node, Where::Branch(it))))
                    .collect()
            }
            _ => return why(),
        };
        for (pattern, place) in branches {
            let value = match ast.expr(pattern) {
                Expr::Tuple(items) => match *ast.list(*items) {
                    [tag, value] if ast.atom(tag).is_some_and(|tag| tag == "ok") => value,
                    _ => return why(),
                },
                Expr::Atom(_) => continue,
                Expr::Var(name) if name.starts_with('_') => continue,
                _ => return why(),
            };
            if ast.var(value).is_some_and(|name| name == "_" || self.editor.uses(name, value).is_empty()) {
                continue;
            }
            let before = self.taken.clone();
            self.taken.clear();
            self.place = place;
            let fields = match self.translations[index].is_session() {
                true => self.session(index, value)?,
                false => self.computed(index, key, value)?,
            };
            self.taken = before;
            let prefix = format!("{new} := ");
            let name = fields.first().and_then(|(_, text)| text.strip_prefix(&prefix)).unwrap_or(&variable).to_owned();
            self.editor.replace(ast.span(value), name);
            if let Where::Match(statement) = place {
                self.put_behind(statement)?;
            }
        }
        self.editor.replace(ast.span(argument), new);
        Ok(())
    }
}
