//! The parameters matched with a map: which of the new fields stand for each of the old ones.

use std::collections::BTreeMap;

use super::clause::{Clause, Where};
use super::never_given;
use super::translation::Value;
use super::write::Fields;
use crate::catalog::{ParameterChange, ParameterFate};
use crate::migrate::code::template::{substitute, variables};
use crate::migrate::conditions::{OldValue, old_value};
use crate::source::Span;
use crate::syntax::ast::{Ast, Clause as Branch, Expr, Field, Item, NodeId};

impl<'a> Clause<'a> {
    pub(super) fn map(
        &mut self,
        pattern: NodeId,
        map: NodeId,
        alias: Option<NodeId>,
        fields: &[Field],
    ) -> Result<(), String> {
        // What the pattern, or the head before it, takes already need not be taken twice.
        let mut added: Vec<String> = match self.place {
            Where::Match(_) => self.taken.keys().cloned().collect(),
            Where::Head | Where::Branch(_) => Vec::new(),
        };
        self.bound = added.clone();
        for field in fields {
            if self.translation(field).is_some() {
                continue;
            }
            let (Some(key), Some(value)) = (self.editor.ast.atom(field.key), field.value) else { continue };
            if let Some(name) = self.editor.ast.var(value).filter(|name| *name != "_") {
                self.taken.entry(key.to_string()).or_insert_with(|| name.to_string());
                added.push(key.to_string());
            }
        }
        let mut new: Vec<Option<Fields>> = Vec::new();
        for field in fields {
            let Some(index) = self.translation(field) else {
                new.push(None);
                continue;
            };
            self.handled.push(field.span);
            if let Some(whole) = self.whole(index, fields, field, alias)? {
                let changed = fields.iter().filter(|field| self.translation(field).is_some());
                let changed: Vec<Span> = changed.map(|field| field.span).collect();
                self.handled.extend(changed);
                self.editor.replace(self.editor.ast.span(pattern), whole);
                return Ok(());
            }
            let mut texts = self.field(index, field, fields)?;
            texts.retain(|(key, _)| !added.contains(key));
            added.extend(texts.iter().map(|(key, _)| key.clone()));
            let is_variable =
                |text: &str| text.split_once(" := ").is_some_and(|(_, value)| variables(value) == [value]);
            self.always &= texts.iter().all(|(_, text)| is_variable(text));
            new.push(Some(texts.into_iter().map(|(_, text)| text).collect()));
        }
        self.write(pattern, map, alias, fields, &new);
        Ok(())
    }

    /// The pattern that takes the whole map, when that is what stands for a field now.
    fn whole(
        &self,
        index: usize,
        fields: &[Field],
        field: &Field,
        alias: Option<NodeId>,
    ) -> Result<Option<String>, String> {
        if !matches!(self.translations[index].value, Value::Whole) {
            return Ok(None);
        }
        let key = &self.translations[index].change.key;
        let alone = fields.iter().all(|other| other.span == field.span || self.is_unused(other));
        let value = field.value.ok_or("a field without a value")?;
        if !alone {
            return Err(format!("other parameters are read beside `{key}`, which is the whole map now"));
        }
        if self.editor.ast.var(value).is_some_and(|name| name == "_") {
            return Ok(None);
        }
        let alias = alias.map(|alias| format!(" = {}", self.editor.text(alias))).unwrap_or_default();
        Ok(Some(format!("{}{alias}", self.editor.text(value))))
    }

    /// Whether nothing is done with a field's value.
    pub(super) fn is_unused(&self, field: &Field) -> bool {
        let Some(value) = field.value else { return false };
        self.editor.ast.var(value).is_some_and(|name| name == "_" || self.editor.uses(name, value).is_empty())
    }

    /// The fields, by key, in place of one that changed.
    fn field(&mut self, index: usize, field: &Field, fields: &[Field]) -> Result<Vec<(String, String)>, String> {
        let key = self.translations[index].change.key.clone();
        let value = field.value.ok_or("a field without a value")?;
        let same = || self.editor.at.module.source().slice(field.span).to_owned();
        if matches!(self.translations[index].value, Value::Same)
            && let Some(old) = old_value(self.translations[index].change, self.editor.text(value))
        {
            return match old {
                OldValue::Now(new) => Ok(vec![(key.clone(), format!("{key} := {new}"))]),
                OldValue::Never => Err(never_given(&key, self.editor.text(value))),
            };
        }
        self.is_given(index, value)?;
        if self.is_unused(field) {
            return Ok(self.kept(index, &key, field));
        }
        let atom = self.editor.ast.atom(value);
        let change = self.translations[index].change;
        if atom.is_some_and(|atom| change.atoms.iter().any(|known| known == atom.as_str())) {
            return Ok(vec![(key, same())]);
        }
        match &self.translations[index].value {
            Value::Same if self.is_taken_before(change, fields) => return Ok(vec![(key, same())]),
            Value::Same => {
                self.reasons.push(format!("`{key}` takes other values now: {}", change.note));
                return Ok(vec![(key, same())]);
            }
            Value::Of(_) if change.atoms.is_empty() || atom.is_none() && !self.editor.ast.is_var(value) => {}
            Value::Of(_) => {
                return Err(format!("`{key}` has another type now, and what is done with it depends on it"));
            }
            _ => return Err(format!("the value of `{key}` cannot be had any more")),
        }
        if self.translations[index].is_session() {
            return self.session(index, value);
        }
        if let Some(variable) = self.translations[index].variable() {
            let (variable, text) = (variable.to_owned(), self.editor.text(value).to_owned());
            return Ok(self.with(index, &variable, &text));
        }
        if let Some(fields) = self.unified(index, value)? {
            return Ok(fields);
        }
        self.computed(index, &key, value)
    }

    /// Whether earlier clauses of the handler take every value that is another one now, each with the pattern that is
    /// rewritten with it, so that this clause never got one and never will.
    fn is_taken_before(&self, change: &ParameterChange, fields: &[Field]) -> bool {
        if !matches!(self.place, Where::Head) || change.values.is_empty() {
            return false;
        }
        let (ast, Some(own)) = (self.editor.ast, self.editor.at.clause()) else { return false };
        let clauses = ast.items.iter().filter_map(|item| match item {
            Item::Clause(clause) => Some(clause),
            _ => None,
        });
        let earlier: Vec<&Branch> = clauses.take_while(|clause| clause.span.start < own.span.start).collect();
        change.values.keys().all(|old| {
            earlier.iter().any(|clause| {
                let asks = |key: NodeId| fields.iter().any(|field| ast.atom(field.key) == ast.atom(key));
                takes_all(ast, clause, &change.key, old, asks)
            })
        })
    }

    /// A field of which nothing is used: gone, unless the new release has the key as well.
    fn kept(&self, index: usize, key: &str, field: &Field) -> Vec<(String, String)> {
        if self.translations[index].change.change == ParameterFate::Gone {
            return Vec::new();
        }
        vec![(key.to_owned(), self.editor.at.module.source().slice(field.span).to_owned())]
    }

    /// The new fields, with the old pattern in place of a variable.
    fn with(&self, index: usize, variable: &str, text: &str) -> Vec<(String, String)> {
        let put = |pattern: &String| substitute(pattern, |name| (name == variable).then(|| text.to_owned()));
        let take = self.translations[index].take.iter();
        take.map(|(key, pattern)| (key.clone(), format!("{key} := {}", put(pattern)))).collect()
    }

    /// A tuple that was matched with a tuple: its parts are matched with what stands for them now.
    fn unified(&self, index: usize, value: NodeId) -> Result<Option<Vec<(String, String)>>, String> {
        let translation = &self.translations[index];
        let Value::Of(snippet) = &translation.value else { return Ok(None) };
        let (Expr::Tuple(wanted), Expr::Tuple(found)) = (snippet.expr(), self.editor.ast.expr(value)) else {
            return Ok(None);
        };
        let (wanted, found) = (snippet.ast().list(*wanted), self.editor.ast.list(*found));
        let never = || Err(format!("a clause asks for a `{}` that is never given any more", translation.change.key));
        if wanted.len() != found.len() {
            return never();
        }
        let mut by: BTreeMap<&str, String> = BTreeMap::new();
        for (&wanted, &found) in wanted.iter().zip(found) {
            match (snippet.ast().expr(wanted), self.editor.ast.expr(found)) {
                (Expr::Var(name), _) => drop(by.insert(name.as_str(), self.editor.text(found).to_owned())),
                (Expr::Atom(one), Expr::Atom(other)) if one == other => {}
                (Expr::Atom(_), Expr::Atom(_)) => return never(),
                (_, Expr::Var(name)) if name.starts_with('_') => {}
                _ => return Ok(None),
            }
        }
        let put = |pattern: &String| substitute(pattern, |name| by.get(name).cloned());
        let take = translation.take.iter();
        Ok(Some(take.map(|(key, pattern)| (key.clone(), format!("{key} := {}", put(pattern)))).collect()))
    }
}

/// Whether a clause takes every call in which a parameter has a value, of those that give the keys of which `asks` is true.
fn takes_all(ast: &Ast, clause: &Branch, key: &str, value: &str, asks: impl Fn(NodeId) -> bool) -> bool {
    let mut names: Vec<&str> = Vec::new();
    let mut is_free = |node: NodeId| {
        let Some(name) = ast.var(node) else { return false };
        let is_new = name == "_" || !names.contains(&name.as_str());
        names.push(name);
        is_new
    };
    let mut has_value = false;
    let takes = ast.list(clause.patterns).iter().all(|&pattern| match ast.expr(pattern) {
        Expr::Map { base: None, fields } => ast.fields(*fields).iter().all(|field| {
            let Some(given) = field.value else { return false };
            if ast.atom(field.key).is_some_and(|name| name == key) {
                has_value = ast.atom(given).is_some_and(|atom| atom == value);
                return has_value;
            }
            asks(field.key) && is_free(given)
        }),
        _ => is_free(pattern),
    });
    takes && has_value && clause.guard.is_empty()
}
