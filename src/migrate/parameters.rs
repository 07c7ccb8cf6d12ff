//! Reading parameters as the new release has them, in the clauses of the handler itself.

use std::collections::BTreeMap;

use super::clause::ClauseEditor;
use super::conditions;
use super::serving::Serving;
use super::session::{self, SESSION};
use super::template::{Snippet, substitute, variables};
use crate::catalog::{HookChange, ParameterChange, ParameterFate, Upgrade};
use crate::project::handlers::ReadBy;
use crate::rewrite::Edit;
use crate::source::Span;
use crate::syntax::ast::{Expr, Field, NodeId};

/// The name that stands for the accumulator in the catalog's code.
const ACCUMULATOR: &str = "Acc";

/// The edits, and what a person has to look at.
#[derive(Debug, Default)]
pub struct Reread {
    pub edits: Vec<Edit>,
    pub reasons: Vec<String>,
}

/// How a parameter's value is had in the new release.
struct Translation<'a> {
    change: &'a ParameterChange,
    /// The keys of the new map with the patterns for their values.
    take: BTreeMap<String, String>,
    value: Value,
}

enum Value {
    /// In terms of the variables of `take`, and of the accumulator.
    Of(Snippet),
    /// The parameter map itself.
    Whole,
    /// It cannot be had.
    Lost,
}

/// Lets the handler's own clauses read what they read now from the parameters of the new release.
///
/// # Errors
/// A read cannot be rewritten where it stands; says which, and why.
pub fn reread(serving: &Serving<'_>, change: &HookChange) -> Result<Reread, String> {
    let mut done = Reread::default();
    if conditions::changed_reads(serving, change).next().is_none() {
        return Ok(done);
    }
    if let Some(escape) = serving.handler.params().escapes.first() {
        return Err(format!("the parameters go {} as a whole", escape.to));
    }
    let translations: Vec<_> = change.parameters.iter().map(Translation::of).collect();
    let mut handled: Vec<Span> = Vec::new();
    for at in serving.handler.clauses() {
        let editor = ClauseEditor::new(at).ok_or("a clause of the handler could not be parsed")?;
        let mut clause = Clause {
            upgrade: serving.context.upgrade,
            editor,
            translations: &translations,
            taken: BTreeMap::new(),
            handled: Vec::new(),
            reasons: Vec::new(),
        };
        clause.head()?;
        clause.gets(serving, change)?;
        handled.append(&mut clause.handled);
        done.reasons.append(&mut clause.reasons);
        done.edits.extend(clause.editor.finish());
    }
    let missed = conditions::changed_reads(serving, change).find(|read| !handled.contains(&read.place.span));
    match missed {
        Some(read) => Err(format!("`{}` is read outside of the handler's head", read.key)),
        None => Ok(done),
    }
}

impl<'a> Translation<'a> {
    fn of(change: &'a ParameterChange) -> Self {
        let parse = |text: &str| Snippet::parse(text).map_or(Value::Lost, Value::Of);
        let of = |take: BTreeMap<String, String>, value| Self { change, take, value };
        if !change.take.is_empty() {
            return of(change.take.clone(), parse(&change.value));
        }
        let used = variables(&change.now);
        if change.now == "Params" {
            return of(BTreeMap::new(), Value::Whole);
        }
        if change.now.is_empty()
            || change.change != ParameterFate::Gone
            || used.iter().any(|name| ![SESSION, ACCUMULATOR].contains(name))
        {
            return of(BTreeMap::new(), Value::Lost);
        }
        let take = used.contains(&SESSION).then(|| ("c2s_data".to_owned(), SESSION.to_owned()));
        of(take.into_iter().collect(), parse(&change.now))
    }

    /// Whether the old value is one variable of the new pattern, which whatever it was matched with can replace.
    fn variable(&self) -> Option<&str> {
        match &self.value {
            Value::Of(snippet) if self.take.len() == 1 => match snippet.expr() {
                Expr::Var(name) => Some(name.as_str()),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether what was the session's state is the session's data now.
    fn is_session(&self) -> bool {
        self.variable() == Some(SESSION)
    }
}

/// What stands in a map's pattern in place of a field.
type Fields = Vec<String>;

struct Clause<'a> {
    upgrade: &'a Upgrade,
    editor: ClauseEditor<'a>,
    translations: &'a [Translation<'a>],
    /// The variables in place of those of `take`, by key.
    taken: BTreeMap<String, String>,
    /// Reads that were taken care of.
    handled: Vec<Span>,
    reasons: Vec<String>,
}

impl Clause<'_> {
    fn head(&mut self) -> Result<(), String> {
        let Some(pattern) = self.editor.argument(1) else { return Ok(()) };
        let (maps, alias) = match self.editor.ast.expr(pattern) {
            Expr::Match { left, right } => match (self.editor.ast.expr(*left), self.editor.ast.expr(*right)) {
                (Expr::Map { .. }, Expr::Var(_)) => (vec![*left], Some(*right)),
                (Expr::Var(_), Expr::Map { .. }) => (vec![*right], Some(*left)),
                _ => (vec![*left, *right], None),
            },
            _ => (vec![pattern], None),
        };
        for map in maps {
            if let Expr::Map { base: None, fields } = self.editor.ast.expr(map) {
                let fields: Vec<Field> = self.editor.ast.fields(*fields).to_vec();
                self.map(pattern, map, alias, &fields)?;
            }
        }
        Ok(())
    }

    fn translation(&self, field: &Field) -> Option<usize> {
        let key = self.editor.ast.atom(field.key)?;
        self.translations.iter().position(|it| it.change.key == key.as_str())
    }

    fn map(&mut self, pattern: NodeId, map: NodeId, alias: Option<NodeId>, fields: &[Field]) -> Result<(), String> {
        // What the head takes already need not be taken twice.
        let mut added: Vec<String> = Vec::new();
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
                self.editor.replace(self.editor.ast.span(pattern), whole);
                return Ok(());
            }
            let mut texts = self.field(index, field)?;
            texts.retain(|(key, _)| !added.contains(key));
            added.extend(texts.iter().map(|(key, _)| key.clone()));
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
        if !alone || alias.is_some() {
            return Err(format!("other parameters are read beside `{key}`, which is the whole map now"));
        }
        Ok(Some(self.editor.text(value).to_owned()))
    }

    /// Whether nothing is done with a field's value.
    fn is_unused(&self, field: &Field) -> bool {
        let Some(value) = field.value else { return false };
        self.editor.ast.var(value).is_some_and(|name| name == "_" || self.editor.uses(name, value).is_empty())
    }

    /// The fields, by key, in place of one that changed.
    fn field(&mut self, index: usize, field: &Field) -> Result<Vec<(String, String)>, String> {
        let key = self.translations[index].change.key.clone();
        let value = field.value.ok_or("a field without a value")?;
        if self.is_unused(field) {
            return Ok(self.kept(index, &key, field));
        }
        let Value::Of(_) = &self.translations[index].value else {
            return Err(format!("the value of `{key}` cannot be had any more"));
        };
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
                _ => return Ok(None),
            }
        }
        let put = |pattern: &String| substitute(pattern, |name| by.get(name).cloned());
        let take = translation.take.iter();
        Ok(Some(take.map(|(key, pattern)| (key.clone(), format!("{key} := {}", put(pattern)))).collect()))
    }

    /// The session's state becomes the session's data, under a name that says so.
    fn session(&mut self, index: usize, value: NodeId) -> Result<Vec<(String, String)>, String> {
        let Some(old) = self.editor.ast.var(value).cloned() else {
            return Err("the session's state is matched with a record".to_owned());
        };
        let uses = self.editor.uses(&old, value);
        let name = self.take_name(index, Some(&old));
        for node in uses {
            match session::translate(&self.editor, self.upgrade, node, &name) {
                session::Use::Same(edits, reason) => {
                    // What replaces more than a name has the new one in it.
                    let inside = edits.iter().any(|edit| edit.place.span.contains(self.editor.ast.span(node)));
                    edits.into_iter().for_each(|edit| self.editor.push(edit));
                    self.reasons.extend(reason);
                    if !inside && name != *old {
                        self.editor.replace(self.editor.ast.span(node), name.clone());
                    }
                }
                session::Use::Stuck(why) => return Err(why),
            }
        }
        let key = self.translations[index].take.keys().next().cloned().unwrap_or_default();
        Ok(vec![(key.clone(), format!("{key} := {name}"))])
    }

    /// The variable that stands for one of `take`; with `instead_of`, a name that tells what it holds may stay.
    fn take_name(&mut self, index: usize, instead_of: Option<&str>) -> String {
        let Some((key, wanted)) = self.translations[index].take.iter().next() else { return String::new() };
        if let Some(known) = self.taken.get(key) {
            return known.clone();
        }
        let telling = instead_of.filter(|name| ["C2S", "Session", "Data"].iter().any(|part| name.contains(part)));
        let name = match telling {
            Some(name) => name.to_owned(),
            None => self.editor.fresh(wanted),
        };
        self.taken.insert(key.clone(), name.clone());
        name
    }

    /// A value that has to be computed: where it is used, when that is once, else in the clause's first lines.
    fn computed(&mut self, index: usize, key: &str, value: NodeId) -> Result<Vec<(String, String)>, String> {
        let ast = self.editor.ast;
        let uses = match ast.expr(value) {
            Expr::Var(name) => Some(self.editor.uses(name, value)),
            _ => None,
        };
        if let Some(uses) = &uses
            && uses.iter().any(|&node| self.editor.in_head(node))
        {
            return Err(format!("the value of `{key}` decides which clause is taken"));
        }
        if uses.is_none() && !takes_anything(ast, value) {
            return Err(format!("the value of `{key}` decides which clause is taken"));
        }
        let (fields, expression) = self.expression(index, key)?;
        match uses.as_deref() {
            Some(&[only]) if !self.editor.is_matched(only) => self.editor.replace(ast.span(only), expression),
            _ => {
                let pattern = self.editor.text(value).to_owned();
                self.editor.put_first(format!("{pattern} = {expression}"));
            }
        }
        Ok(fields)
    }

    /// The expression for a value, and the fields that it needs.
    fn expression(&mut self, index: usize, key: &str) -> Result<(Vec<(String, String)>, String), String> {
        let translation = &self.translations[index];
        let Value::Of(snippet) = &translation.value else {
            return Err(format!("the value of `{key}` cannot be had any more"));
        };
        let mut names: BTreeMap<String, String> = BTreeMap::new();
        let mut fields = Vec::new();
        for (key, pattern) in &translation.take {
            for variable in variables(pattern) {
                let known = if pattern == variable { self.taken.get(key).cloned() } else { None };
                let name = known.unwrap_or_else(|| self.editor.fresh(variable));
                if pattern == variable {
                    self.taken.insert(key.clone(), name.clone());
                }
                names.insert(variable.to_owned(), name);
            }
            let pattern = substitute(pattern, |name| names.get(name).cloned());
            fields.push((key.clone(), format!("{key} := {pattern}")));
        }
        if variables(&snippet.text).contains(&ACCUMULATOR) && !names.contains_key(ACCUMULATOR) {
            let accumulator = self.editor.argument(0).and_then(|node| self.editor.ast.var(node));
            let accumulator = accumulator.filter(|name| !name.starts_with('_'));
            let accumulator = accumulator.ok_or("the accumulator has no name in the handler's head")?;
            names.insert(ACCUMULATOR.to_owned(), accumulator.to_string());
        }
        Ok((fields, substitute(&snippet.text, |name| names.get(name).cloned())))
    }

    /// `maps:get(key, Params)` in the clause's body.
    fn gets(&mut self, serving: &Serving<'_>, change: &HookChange) -> Result<(), String> {
        let own = self.editor.clause.span;
        let path = self.editor.at.module.source().path();
        let reads = conditions::changed_reads(serving, change)
            .filter(|read| read.by == ReadBy::Get && own.contains(read.place.span) && read.place.source.path() == path);
        for read in reads {
            let call = self.editor.ast.descend_clause(self.editor.clause).find(|(node, expr)| {
                matches!(expr, Expr::Call { .. }) && self.editor.ast.span(*node) == read.place.span
            });
            let Some((call, Expr::Call { args, .. })) = call else { continue };
            let &[_, params] = self.editor.ast.list(*args) else { continue };
            let Some(index) = self.translations.iter().position(|it| it.change.key == read.key.as_str()) else {
                continue;
            };
            let params = self.editor.text(params).to_owned();
            let new = self.got(index, &read.key, &params)?;
            self.editor.replace(self.editor.ast.span(call), new);
            self.handled.push(read.place.span);
        }
        Ok(())
    }

    /// What stands for `maps:get(Key, Params)`.
    fn got(&self, index: usize, key: &str, params: &str) -> Result<String, String> {
        let translation = &self.translations[index];
        let snippet = match &translation.value {
            Value::Whole => return Ok(params.to_owned()),
            Value::Lost => return Err(format!("the value of `{key}` cannot be had any more")),
            Value::Of(_) if translation.is_session() => {
                return Err("the session's state is taken in the handler's body".to_owned());
            }
            Value::Of(snippet) => snippet,
        };
        let mut names: BTreeMap<&str, String> = BTreeMap::new();
        for (key, pattern) in &translation.take {
            let [variable] = variables(pattern)[..] else {
                return Err(format!("`{key}` is taken in the handler's body and has another form now"));
            };
            if variable != pattern {
                return Err(format!("`{key}` is taken in the handler's body and has another form now"));
            }
            let name = self.taken.get(key).cloned();
            names.insert(variable, name.unwrap_or_else(|| format!("maps:get({key}, {params})")));
        }
        if variables(&snippet.text).contains(&ACCUMULATOR) && !names.contains_key(ACCUMULATOR) {
            let accumulator = self.editor.argument(0).and_then(|node| self.editor.ast.var(node));
            let accumulator = accumulator.filter(|name| !name.starts_with('_'));
            let accumulator = accumulator.ok_or("the accumulator has no name in the handler's head")?;
            names.insert(ACCUMULATOR, accumulator.to_string());
        }
        Ok(substitute(&snippet.text, |name| names.get(name).cloned()))
    }

    /// Writes the map's new fields. Between fields that stay, nothing is touched.
    fn write(&mut self, pattern: NodeId, map: NodeId, alias: Option<NodeId>, fields: &[Field], new: &[Option<Fields>]) {
        let gone = |at: usize| matches!(&new[at], Some(texts) if texts.is_empty());
        if !fields.is_empty() && (0..fields.len()).all(gone) {
            let text = match alias {
                Some(alias) => self.editor.text(alias).to_owned(),
                None => self.editor.fresh("_Params"),
            };
            let span = if alias.is_some() { pattern } else { map };
            return self.editor.replace(self.editor.ast.span(span), text);
        }
        let mut at = 0;
        while at < fields.len() {
            if gone(at) {
                let last = (at..fields.len()).take_while(|&it| gone(it)).last().unwrap_or(at);
                let span = match fields.get(last + 1) {
                    Some(next) => Span { start: fields[at].span.start, end: next.span.start },
                    None => Span { start: fields[at - 1].span.end, end: fields[last].span.end },
                };
                self.editor.replace(span, "");
                at = last + 1;
                continue;
            }
            if let Some(texts) = &new[at] {
                let text = texts.join(", ");
                if text != self.editor.at.module.source().slice(fields[at].span) {
                    self.editor.replace(fields[at].span, text);
                }
            }
            at += 1;
        }
    }
}

/// Whether a pattern asks for a form at most, and not for certain values.
fn takes_anything(ast: &crate::syntax::ast::Ast, pattern: NodeId) -> bool {
    ast.descend([pattern]).all(|(_, expr)| {
        matches!(
            expr,
            Expr::Var(_)
                | Expr::Tuple(_)
                | Expr::Record { base: None, .. }
                | Expr::Map { base: None, .. }
                | Expr::Atom(_)
        )
    }) && !has_literal(ast, pattern)
}

/// Whether an atom stands for a value in a pattern, rather than for a key or a field's name.
fn has_literal(ast: &crate::syntax::ast::Ast, pattern: NodeId) -> bool {
    match ast.expr(pattern) {
        Expr::Atom(_) => true,
        Expr::Tuple(items) => ast.list(*items).iter().any(|&item| has_literal(ast, item)),
        Expr::Map { fields, .. } | Expr::Record { fields, .. } => {
            ast.fields(*fields).iter().filter_map(|field| field.value).any(|value| has_literal(ast, value))
        }
        _ => false,
    }
}
