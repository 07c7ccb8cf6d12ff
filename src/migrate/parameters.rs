//! Reading parameters as the new release has them, in the clauses of the handler itself and of the functions that only it
//! calls.

use std::collections::BTreeMap;

use super::clause::{ClauseEditor, Decision};
use super::conditions;
use super::helpers::{self, Helper, Role};
use super::serving::Serving;
use super::session::{self, SESSION};
use super::template::{Snippet, substitute, variables};
use crate::catalog::{HookChange, ParameterChange, ParameterFate, Upgrade};
use crate::project::handlers::{Callee, callee};
use crate::rewrite::Edit;
use crate::source::Span;
use crate::syntax::ast::{Ast, Clause as Branch, Expr, Field, Name, NodeId};
use crate::syntax::scan::{Token, Tokens};

/// The name that stands for the accumulator in the catalog's code.
const ACCUMULATOR: &str = "Acc";

/// How many functions are rewritten together with the handler that calls them.
const MAX_HELPERS: usize = 12;

/// The edits, and what a person has to look at.
#[derive(Debug, Default)]
pub struct Reread {
    pub edits: Vec<Edit>,
    pub reasons: Vec<String>,
    /// The functions that were rewritten together with the handler.
    pub helpers: Vec<Helper>,
}

/// How a parameter's value is had in the new release.
struct Translation<'a> {
    change: &'a ParameterChange,
    /// The keys of the new map with the patterns for their values.
    take: BTreeMap<String, String>,
    value: Value,
    /// Patterns for values that are not given any more.
    never: Vec<Snippet>,
}

enum Value {
    /// In terms of the variables of `take`, and of the accumulator.
    Of(Snippet),
    /// The parameter map itself.
    Whole,
    /// The same key, with other values.
    Same,
    /// It cannot be had.
    Lost,
}

/// Lets the handler's own clauses, and those of functions that only it calls, read what they read now from the
/// parameters of the new release.
///
/// # Errors
/// A read cannot be rewritten where it stands; says which, and why.
pub fn reread(serving: &Serving<'_>, change: &HookChange) -> Result<Reread, String> {
    if conditions::changed_reads(serving, change).next().is_none() {
        return Ok(Reread::default());
    }
    if let Some(escape) = serving.handler.params().escapes.first() {
        return Err(format!("the parameters go {} as a whole", escape.to));
    }
    let translations: Vec<_> = change.parameters.iter().map(Translation::of).collect();
    let mut all = Rewriter { serving, translations: &translations, clauses: Vec::new(), helpers: Vec::new() };
    all.handler()?;
    all.follow()?;
    let mut edits = revalued(serving, change)?;
    let handled = |span: &Span| all.clauses.iter().any(|clause| clause.handled.contains(span));
    if let Some(read) = conditions::changed_reads(serving, change).find(|read| !handled(&read.place.span)) {
        return Err(format!("`{}` is read where it cannot be rewritten", read.key));
    }
    let helpers = std::mem::take(&mut all.helpers);
    let (more, reasons) = all.finish(&helpers)?;
    edits.extend(more);
    Ok(Reread { edits, reasons, helpers })
}

/// The edits of values that are compared with what they are never any more and something else stands for.
fn revalued(serving: &Serving<'_>, change: &HookChange) -> Result<Vec<Edit>, String> {
    let mut edits = Vec::new();
    for parameter in change.parameters.iter().filter(|it| it.change == ParameterFate::Revalued) {
        for read in serving.handler.params().reads_of(&parameter.key) {
            for (atom, place) in &read.compared {
                if parameter.never.iter().any(|never| never == atom.as_str()) {
                    return Err(never_given(&parameter.key, atom));
                }
                let Some(new) = parameter.values.get(atom.as_str()) else { continue };
                let own = serving.handler.clauses().iter().filter_map(|at| Some((at, at.clause()?)));
                let mut own = own.filter(|(at, clause)| {
                    clause.span.contains(place.span) && at.module.source().path() == place.source.path()
                });
                own.next().ok_or_else(|| format!("`{}` is compared in another function", parameter.key))?;
                edits.push(Edit::replace(place.clone(), new.clone()));
            }
        }
    }
    Ok(edits)
}

fn never_given(key: &str, value: &str) -> String {
    format!("`{value}` is never given as `{key}` any more, and a person has to decide where that part goes")
}

impl<'a> Translation<'a> {
    fn of(change: &'a ParameterChange) -> Self {
        let parse = |text: &str| Snippet::parse(text).map_or(Value::Lost, Value::Of);
        let never: Vec<Snippet> = change.never.iter().filter_map(|never| Snippet::parse(never)).collect();
        let of = |take: BTreeMap<String, String>, value| Self { change, take, value, never };
        if !change.take.is_empty() {
            return of(change.take.clone(), parse(&change.value));
        }
        let used = variables(&change.now);
        if change.now == "Params" {
            return of(BTreeMap::new(), Value::Whole);
        }
        if change.change == ParameterFate::Revalued {
            return of(BTreeMap::new(), Value::Same);
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

    /// The only key of `take`, when its whole value is taken.
    fn only_key(&self) -> Option<(&str, &str)> {
        let mut take = self.take.iter();
        let (key, pattern) = take.next()?;
        (take.next().is_none() && variables(pattern) == [pattern.as_str()]).then_some((key, pattern))
    }
}

/// The clauses that are rewritten together.
struct Rewriter<'a, 'b> {
    serving: &'a Serving<'b>,
    translations: &'a [Translation<'a>],
    /// Those of the handler first.
    clauses: Vec<Clause<'a>>,
    helpers: Vec<Helper>,
}

impl<'a> Rewriter<'a, '_> {
    fn handler(&mut self) -> Result<(), String> {
        for at in self.serving.handler.clauses() {
            let mut clause = Clause::new(at, self.serving.context.upgrade, self.translations, true)?;
            clause.parameters(1)?;
            self.clauses.push(clause);
        }
        // A clause of which nothing is left goes on the way.
        let mut at = 0;
        while let Some(clause) = self.clauses.get(at) {
            if clause.editor.decides() {
                self.fall_through(at)?;
            }
            at += 1;
        }
        Ok(())
    }

    /// Rewrites the functions that get the parameters, or the session, from clauses that were rewritten.
    fn follow(&mut self) -> Result<(), String> {
        let mut done = 0;
        loop {
            for clause in &mut self.clauses {
                for (helper, call) in clause.handed.drain(..) {
                    helpers::add(&mut self.helpers, helper, call);
                }
            }
            let Some(helper) = self.helpers.get(done).cloned() else { return Ok(()) };
            done += 1;
            if done > MAX_HELPERS {
                return Err("too many functions would have to be rewritten together".to_owned());
            }
            if (helper.function.as_str(), helper.arity)
                == (self.serving.handler.name.as_str(), self.serving.handler.arity)
            {
                return Err("the handler calls itself".to_owned());
            }
            let module = &self.serving.handler.module;
            let clauses = self.serving.handler.reachable().iter().filter(|at| {
                at.function() == (helper.function.clone(), helper.arity)
                    && at.module.source().path() == module.source().path()
            });
            let clauses: Vec<_> = clauses.collect();
            if clauses.is_empty() {
                return Err(format!("`{}/{}` could not be followed", helper.function, helper.arity));
            }
            for at in clauses {
                let span = at.clause().map(|clause| clause.span);
                let known = self.clauses.iter().position(|clause| Some(clause.editor.clause.span) == span);
                let index = match known {
                    Some(index) => index,
                    None => {
                        let upgrade = self.serving.context.upgrade;
                        self.clauses.push(Clause::new(at, upgrade, self.translations, false)?);
                        self.clauses.len() - 1
                    }
                };
                let clause = &mut self.clauses[index];
                match helper.role {
                    Role::Parameters => clause.parameters(helper.index)?,
                    Role::Session => clause.session_argument(helper.index)?,
                }
            }
        }
    }

    /// What happens when the value on which a clause depends is another one: what the clause behind it does.
    fn fall_through(&mut self, at: usize) -> Result<(), String> {
        let why = || "a value that has to be computed decides which clause is taken".to_owned();
        let Some(next) = self.clauses.get(at + 1).map(|clause| &clause.editor) else { return Ok(()) };
        let (ast, last) = (next.ast, self.clauses.len() == at + 2);
        let arguments: Vec<NodeId> = ast.list(next.clause.patterns).to_vec();
        let &[body] = ast.list(next.clause.body) else { return Err(why()) };
        let text = next.text(body);
        let plain = last
            && next.clause.guard.is_empty()
            && arguments.iter().all(|&argument| ast.is_var(argument))
            && !text.contains(['\n', '%']);
        if !plain {
            return Err(why());
        }
        let mut names: BTreeMap<String, usize> = BTreeMap::new();
        for (index, &argument) in arguments.iter().enumerate() {
            let Some(name) = ast.var(argument).filter(|name| *name != "_") else { continue };
            if names.insert(name.to_string(), index).is_some() {
                return Err(why());
            }
        }
        if variables(text).iter().any(|name| names.get(*name).is_none_or(|&index| index == 1)) || text.contains('?') {
            return Err(why());
        }
        let (text, span) = (text.to_owned(), next.clause.span);
        let own = &mut self.clauses[at].editor;
        let mut new = BTreeMap::new();
        for name in variables(&text) {
            let named = own.named_argument(names[name], name.trim_start_matches('_')).ok_or_else(why)?;
            new.insert(name.to_owned(), named);
        }
        own.otherwise(substitute(&text, |name| new.get(name).cloned()));
        // A head that takes everything leaves nothing to the clause behind it.
        let takes_all = own
            .ast
            .list(own.clause.patterns)
            .iter()
            .enumerate()
            .all(|(index, &pattern)| index == 1 || matches!(own.ast.expr(pattern), Expr::Var(_)));
        let end = own.clause.span.end;
        let source = own.at.module.source();
        let between = &source.text()[end as usize..span.start as usize];
        if takes_all && self.clauses[at].always && between.trim() == ";" {
            let own = &mut self.clauses[at].editor;
            let gone = Span { start: end, end: span.end };
            own.push(Edit::delete(own.at.module.place(gone)));
            self.clauses.truncate(at + 1);
        }
        Ok(())
    }

    fn finish(self, helpers: &[Helper]) -> Result<(Vec<Edit>, Vec<String>), String> {
        let (mut edits, mut reasons) = (Vec::new(), Vec::new());
        let handler = (self.serving.handler.name.clone(), self.serving.handler.arity);
        for clause in self.clauses {
            let function = clause.editor.at.function();
            if !clause.behind.is_empty() {
                return Err("a value is taken where it cannot be computed".to_owned());
            }
            let own = clause.editor.finish()?;
            if !own.is_empty() && function != handler {
                helpers::only_ours(self.serving, helpers, &function.0, function.1)?;
            }
            for edit in own {
                if !edits.iter().any(|known: &Edit| known.same(&edit)) {
                    edits.push(edit);
                }
            }
            reasons.extend(clause.reasons);
        }
        Ok((edits, reasons))
    }
}

/// What stands in a map's pattern in place of a field.
type Fields = Vec<String>;

/// Where a pattern stands, and with it where what it took can be computed.
#[derive(Clone, Copy)]
enum Where<'a> {
    /// In the function's head: first in its body.
    Head,
    /// In a match that is an expression of a body: behind it.
    Match(NodeId),
    /// In the head of a branch: first in the branch.
    Branch(&'a Branch),
}

struct Clause<'a> {
    upgrade: &'a Upgrade,
    editor: ClauseEditor<'a>,
    translations: &'a [Translation<'a>],
    of_handler: bool,
    /// Whether the new head takes all parameters that there can be.
    always: bool,
    place: Where<'a>,
    /// The keys that the head has taken before the match.
    bound: Vec<String>,
    /// What comes behind the match.
    behind: Vec<String>,
    /// The variables in place of those of `take`, by key.
    taken: BTreeMap<String, String>,
    /// Reads that were taken care of.
    handled: Vec<Span>,
    handed: Vec<(Helper, Span)>,
    reasons: Vec<String>,
}

impl<'a> Clause<'a> {
    fn new(
        at: &'a crate::project::handlers::At,
        upgrade: &'a Upgrade,
        translations: &'a [Translation<'a>],
        of_handler: bool,
    ) -> Result<Self, String> {
        let editor = ClauseEditor::new(at).ok_or("a clause could not be parsed")?;
        Ok(Self {
            upgrade,
            editor,
            translations,
            of_handler,
            always: true,
            place: Where::Head,
            bound: Vec::new(),
            behind: Vec::new(),
            taken: BTreeMap::new(),
            handled: Vec::new(),
            handed: Vec::new(),
            reasons: Vec::new(),
        })
    }

    /// The function gets the parameters as its argument at `index`.
    fn parameters(&mut self, index: usize) -> Result<(), String> {
        let Some(pattern) = self.editor.argument(index) else { return Ok(()) };
        self.place = Where::Head;
        let mut names = Vec::new();
        self.pattern(pattern, &mut names)?;
        let mut next = 0;
        while let Some((name, bound)) = names.get(next).cloned() {
            next += 1;
            for node in self.editor.uses(&name, bound) {
                if !self.editor.ast.is_var(node) {
                    return Err("a macro uses the parameters by their name".to_owned());
                }
                self.parameters_use(node, &mut names)?;
            }
        }
        Ok(())
    }

    /// A pattern that the parameters are matched with.
    fn pattern(&mut self, pattern: NodeId, names: &mut Vec<(Name, NodeId)>) -> Result<(), String> {
        let ast = self.editor.ast;
        let parts = match ast.expr(pattern) {
            Expr::Match { left, right } => vec![*left, *right],
            _ => vec![pattern],
        };
        let alias = parts.iter().copied().find(|&part| ast.is_var(part));
        for part in parts {
            match ast.expr(part) {
                Expr::Var(name) if name != "_" && !names.iter().any(|(known, _)| known == name) => {
                    names.push((name.clone(), part));
                }
                Expr::Map { base: None, fields } => {
                    self.always &= ast.fields(*fields).iter().all(|field| self.translation(field).is_some());
                    self.map(pattern, part, alias, ast.fields(*fields))?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// A use of a variable that holds the parameters.
    fn parameters_use(&mut self, node: NodeId, names: &mut Vec<(Name, NodeId)>) -> Result<(), String> {
        let ast = self.editor.ast;
        let Some(parent) = self.editor.parent(node) else { return Ok(()) };
        match ast.expr(parent) {
            Expr::Match { left, right } if *right == node => {
                // `#{key := Value} = Name = Params` is a match with a match.
                if let Some(Expr::Match { right, .. }) = self.editor.parent(parent).map(|above| ast.expr(above))
                    && *right == parent
                {
                    self.parameters_use(parent, names)?;
                }
                match ast.expr(*left) {
                    Expr::Var(_) => return self.pattern(*left, names),
                    Expr::Map { .. } => {}
                    _ => return Ok(()),
                }
                let left = *left;
                let before = self.taken_at(parent);
                self.place = Where::Match(parent);
                self.pattern(left, names)?;
                self.taken = before;
                self.put_behind(parent)
            }
            Expr::Case { subject, clauses } if *subject == node => {
                let branches = ast.clauses(*clauses);
                for branch in branches {
                    let before = self.taken_at(parent);
                    self.place = Where::Branch(branch);
                    for &pattern in ast.list(branch.patterns) {
                        self.pattern(pattern, names)?;
                    }
                    self.taken = before;
                }
                Ok(())
            }
            Expr::Call { module, function, args } => {
                let args = ast.list(*args);
                match callee(&self.editor.at.module, ast, *module, *function) {
                    Callee::Remote(module, name) if module == "maps" || module == "erlang" => {
                        self.call(parent, &name, args, node)
                    }
                    Callee::Local(name) if self.editor.at.module.defines(&name, args.len()) => {
                        let places = args.iter().enumerate().filter(|(_, argument)| **argument == node);
                        for (index, _) in places {
                            let role = Role::Parameters;
                            let helper =
                                Helper { function: name.clone(), arity: args.len(), index, role, calls: Vec::new() };
                            self.handed.push((helper, ast.span(parent)));
                        }
                        Ok(())
                    }
                    Callee::Local(name) => self.call(parent, &name, args, node),
                    _ => Ok(()),
                }
            }
            _ => Ok(()),
        }
    }

    /// Leaves, of what the head has taken, what can be used at a node, and returns all of it. In a fun, the name could
    /// be another's.
    fn taken_at(&mut self, node: NodeId) -> BTreeMap<String, String> {
        let before = self.taken.clone();
        if self.editor.is_elsewhere(node) {
            self.taken.clear();
        }
        before
    }

    /// Puts what a match took behind it.
    fn put_behind(&mut self, statement: NodeId) -> Result<(), String> {
        let behind = std::mem::take(&mut self.behind);
        if behind.is_empty() {
            return Ok(());
        }
        if self.editor.statement(statement) != Some(false) {
            return Err("the parameters are matched in the middle of an expression".to_owned());
        }
        let separator = self.editor.separator(statement);
        let end = self.editor.ast.span(statement).end;
        let text: String = behind.iter().map(|expression| format!("{separator}{expression}")).collect();
        self.editor.push(Edit::insert(&self.editor.at.place(statement), end, text));
        Ok(())
    }

    fn translation(&self, field: &Field) -> Option<usize> {
        self.editor.ast.atom(field.key).and_then(|key| self.translation_of(key))
    }

    fn translation_of(&self, key: &str) -> Option<usize> {
        self.translations.iter().position(|it| it.change.key == key)
    }

    fn map(&mut self, pattern: NodeId, map: NodeId, alias: Option<NodeId>, fields: &[Field]) -> Result<(), String> {
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
            let mut texts = self.field(index, field)?;
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
    fn is_unused(&self, field: &Field) -> bool {
        let Some(value) = field.value else { return false };
        self.editor.ast.var(value).is_some_and(|name| name == "_" || self.editor.uses(name, value).is_empty())
    }

    /// The fields, by key, in place of one that changed.
    fn field(&mut self, index: usize, field: &Field) -> Result<Vec<(String, String)>, String> {
        let key = self.translations[index].change.key.clone();
        let value = field.value.ok_or("a field without a value")?;
        let same = || self.editor.at.module.source().slice(field.span).to_owned();
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
            Value::Same => {
                if let Some(new) = atom.and_then(|atom| change.values.get(atom.as_str())) {
                    return Ok(vec![(key.clone(), format!("{key} := {new}"))]);
                }
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

    /// A field of which nothing is used: gone, unless the new release has the key as well.
    fn kept(&self, index: usize, key: &str, field: &Field) -> Vec<(String, String)> {
        if self.translations[index].change.change == ParameterFate::Gone {
            return Vec::new();
        }
        vec![(key.to_owned(), self.editor.at.module.source().slice(field.span).to_owned())]
    }

    /// Whether what a pattern is for can still come.
    fn is_given(&self, index: usize, pattern: NodeId) -> Result<(), String> {
        let translation = &self.translations[index];
        let never = translation.never.iter().find(|never| self.is_only(never, never.root(), pattern));
        never.map_or(Ok(()), |never| Err(never_given(&translation.change.key, &never.text)))
    }

    /// Whether a pattern, or a choice over what it binds, is for nothing but what `never` describes.
    fn is_only(&self, never: &Snippet, wanted: NodeId, pattern: NodeId) -> bool {
        let ast = self.editor.ast;
        match (never.ast().expr(wanted), ast.expr(pattern)) {
            (_, Expr::Match { left, right }) => [*left, *right].iter().any(|&it| self.is_only(never, wanted, it)),
            (Expr::Atom(one), Expr::Atom(other)) => one == other,
            (Expr::Tuple(one), Expr::Tuple(other)) => {
                let (one, other) = (never.ast().list(*one), ast.list(*other));
                one.len() == other.len() && one.iter().zip(other).all(|(&one, &other)| self.is_only(never, one, other))
            }
            (Expr::Var(_), _) => true,
            (_, Expr::Var(name)) => self.editor.uses(name, pattern).into_iter().any(|node| {
                let choice = self.editor.parent(node).map(|above| ast.expr(above));
                let Some(Expr::Case { subject, clauses }) = choice else { return false };
                let mut patterns = ast.clauses(*clauses).iter().flat_map(|clause| ast.list(clause.patterns));
                *subject == node && patterns.any(|&it| !ast.is_var(it) && self.is_only(never, wanted, it))
            }),
            _ => false,
        }
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

    /// The session's state becomes the session's data, under a name that says so.
    fn session(&mut self, index: usize, value: NodeId) -> Result<Vec<(String, String)>, String> {
        let ast = self.editor.ast;
        let (variable, record) = match ast.expr(value) {
            Expr::Var(_) => (Some(value), None),
            Expr::Record { .. } => (None, Some(value)),
            Expr::Match { left, right } if ast.is_var(*right) => (Some(*right), Some(*left)),
            Expr::Match { left, right } if ast.is_var(*left) => (Some(*left), Some(*right)),
            _ => return Err("the session's state is matched with something else than its record".to_owned()),
        };
        let old = variable.and_then(|node| ast.var(node)).cloned();
        let unused = old.as_ref().zip(variable).is_none_or(|(old, node)| self.editor.uses(old, node).is_empty());
        if unused && record.is_some_and(|record| self.takes_nothing(record)) {
            return Ok(Vec::new());
        }
        let name = self.take_name(index, old.as_deref());
        if let (Some(old), Some(node)) = (&old, variable) {
            let uses = self.editor.uses(old, node);
            self.session_uses(uses, &name)?;
        }
        if let Some(record) = record {
            for expression in self.record(record, &name)? {
                self.bind(expression)?;
            }
        }
        let key = self.translations[index].take.keys().next().cloned().unwrap_or_default();
        Ok(vec![(key.clone(), format!("{key} := {name}"))])
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
    fn session_uses(&mut self, uses: Vec<NodeId>, name: &str) -> Result<(), String> {
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
    fn session_use(&mut self, node: NodeId, name: &str) -> Result<bool, String> {
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

    /// The function gets the session as its argument at `index`.
    fn session_argument(&mut self, index: usize) -> Result<(), String> {
        let Some(pattern) = self.editor.argument(index) else { return Ok(()) };
        let ast = self.editor.ast;
        self.place = Where::Head;
        let (variable, record) = match ast.expr(pattern) {
            Expr::Var(name) if name == "_" => return Ok(()),
            Expr::Var(_) => (Some(pattern), None),
            Expr::Record { .. } => (None, Some(pattern)),
            Expr::Match { left, right } if ast.is_var(*right) => (Some(*right), Some(*left)),
            Expr::Match { left, right } if ast.is_var(*left) => (Some(*left), Some(*right)),
            _ => return Err("the session's state is matched with something else than its record".to_owned()),
        };
        let old = variable.and_then(|node| ast.var(node)).cloned();
        let uses = old.as_ref().zip(variable).map(|(old, node)| self.editor.uses(old, node)).unwrap_or_default();
        if uses.is_empty() && record.is_none() {
            return Ok(());
        }
        let name = match old.filter(|old| is_telling(old)) {
            Some(old) => old.to_string(),
            None => self.editor.fresh(SESSION),
        };
        self.session_uses(uses, &name)?;
        if let Some(record) = record {
            for expression in self.record(record, &name)? {
                self.bind(expression)?;
            }
        }
        if self.editor.text(pattern) != name {
            self.editor.replace(ast.span(pattern), name);
        }
        Ok(())
    }

    /// The variable that stands for one of `take`; with `instead_of`, a name that tells what it holds may stay.
    fn take_name(&mut self, index: usize, instead_of: Option<&str>) -> String {
        let Some((key, wanted)) = self.translations[index].take.iter().next() else { return String::new() };
        if let Some(known) = self.taken.get(key) {
            return known.clone();
        }
        let name = match instead_of.filter(|name| is_telling(name)) {
            Some(name) => name.to_owned(),
            None => self.editor.fresh(wanted),
        };
        self.taken.insert(key.clone(), name.clone());
        name
    }

    /// Evaluates an expression as soon as what the pattern takes is there.
    fn bind(&mut self, expression: String) -> Result<(), String> {
        match self.place {
            Where::Head => self.editor.put_first(expression),
            Where::Match(_) => self.behind.push(expression),
            Where::Branch(branch) => self.editor.put_first_in(branch, expression),
        }
        Ok(())
    }

    /// Where the value of a variable is used, when that is once, and the call that gives it could stand there.
    fn only_use(&self, value: NodeId, call: &str) -> Option<NodeId> {
        let name = self.editor.ast.var(value)?;
        let &[only] = &self.editor.uses(name, value)[..] else { return None };
        // Of a match, something must be left.
        if matches!(self.place, Where::Match(_)) && !self.bound.is_empty() {
            return None;
        }
        let free = self.editor.ast.is_var(only) && !self.editor.is_matched(only) && !self.editor.is_elsewhere(only);
        (free && self.editor.fits(only, call)).then_some(only)
    }

    fn inline(&mut self, only: NodeId, expression: String) {
        let text = self.editor.as_operand(only, expression);
        self.editor.replace(self.editor.ast.span(only), text);
    }

    /// Whether a variable of a pattern is used elsewhere in the head in which the pattern stands.
    fn is_needed(&self, value: NodeId) -> bool {
        let ast = self.editor.ast;
        let head: Vec<NodeId> = match self.place {
            Where::Head => vec![],
            Where::Match(_) => return false,
            Where::Branch(branch) => ast.list(branch.patterns).iter().chain(ast.list(branch.guard)).copied().collect(),
        };
        let stands = |node: NodeId| match self.place {
            Where::Head => self.editor.in_head(node),
            _ => head.iter().any(|&part| ast.span(part).contains(ast.span(node))),
        };
        let names = ast.descend([value]).filter_map(|(node, _)| Some((node, ast.var(node)?)));
        names.filter(|(_, name)| *name != "_").any(|(node, name)| self.editor.uses(name, node).into_iter().any(stands))
    }

    /// A value that has to be computed: where it is used, when that is once, else right behind the pattern.
    fn computed(&mut self, index: usize, key: &str, value: NodeId) -> Result<Vec<(String, String)>, String> {
        let ast = self.editor.ast;
        let decides = match self.place {
            Where::Match(_) => false,
            Where::Head | Where::Branch(..) => !takes_anything(ast, value) || self.is_needed(value),
        };
        if decides && !(self.of_handler && matches!(self.place, Where::Head)) {
            return Err(format!("the value of `{key}` decides which clause is taken"));
        }
        let (fields, expression) = self.expression(index, key)?;
        let pattern = self.editor.text(value).to_owned();
        if decides {
            if pattern.contains('\n') {
                return Err(format!("the value of `{key}` decides which clause is taken"));
            }
            self.editor.decide(Decision { subject: expression, pattern, otherwise: None })?;
            return Ok(fields);
        }
        match self.only_use(value, &expression) {
            Some(only) => self.inline(only, expression),
            None => self.bind(format!("{pattern} = {expression}"))?,
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
            // In the order in which the value needs them.
            let order = variables(&snippet.text).iter().position(|name| variables(pattern).contains(name));
            let pattern = substitute(pattern, |name| names.get(name).cloned());
            fields.push((order, key.clone(), format!("{key} := {pattern}")));
        }
        fields.sort();
        let fields = fields.into_iter().map(|(_, key, text)| (key, text)).collect();
        self.accumulator(snippet, &mut names)?;
        Ok((fields, substitute(&snippet.text, |name| names.get(name).cloned())))
    }

    /// Finds a name for the accumulator, where it is needed.
    fn accumulator(&mut self, snippet: &Snippet, names: &mut BTreeMap<String, String>) -> Result<(), String> {
        if !variables(&snippet.text).contains(&ACCUMULATOR) || names.contains_key(ACCUMULATOR) {
            return Ok(());
        }
        if !self.of_handler {
            let (function, arity) = self.editor.at.function();
            return Err(format!("the accumulator is not at hand in `{function}/{arity}`"));
        }
        let name = self.editor.named_argument(0, ACCUMULATOR).ok_or("the handler has no accumulator")?;
        names.insert(ACCUMULATOR.to_owned(), name);
        Ok(())
    }

    /// A call that takes a key out of the parameters, as `maps:get/2` does.
    fn call(&mut self, call: NodeId, name: &str, args: &[NodeId], params: NodeId) -> Result<(), String> {
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
    fn get(&mut self, index: usize, key: &str, call: NodeId, params: &str) -> Result<(), String> {
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
    fn find(&mut self, index: usize, key: &str, call: NodeId, argument: NodeId) -> Result<(), String> {
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

    /// Writes the map's new fields. Between fields that stay, nothing is touched.
    fn write(&mut self, pattern: NodeId, map: NodeId, alias: Option<NodeId>, fields: &[Field], new: &[Option<Fields>]) {
        let gone = |at: usize| matches!(&new[at], Some(texts) if texts.is_empty());
        if !fields.is_empty() && (0..fields.len()).all(gone) {
            return self.write_empty(pattern, map, alias);
        }
        let source = self.editor.at.module.source();
        let mut at = 0;
        while at < fields.len() {
            if gone(at) {
                let last = (at..fields.len()).take_while(|&it| gone(it)).last().unwrap_or(at);
                // Where commas start the lines, each belongs to the field behind it.
                let leading = at > 0 && {
                    let before = source.slice(Span { start: fields[at - 1].span.end, end: fields[at].span.start });
                    before.rfind(',').is_some_and(|comma| before.rfind('\n').is_some_and(|line| line < comma))
                };
                let span = match fields.get(last + 1) {
                    Some(next) if !leading => Span { start: fields[at].span.start, end: next.span.start },
                    _ => Span { start: fields[at - 1].span.end, end: fields[last].span.end },
                };
                if source.slice(span).contains('%') {
                    self.cut(span, &fields[at..=last]);
                } else {
                    self.editor.replace(span, "");
                }
                at = last + 1;
                continue;
            }
            if let Some(texts) = &new[at] {
                let text = texts.join(", ");
                if text != source.slice(fields[at].span) {
                    self.editor.replace(fields[at].span, text);
                }
            }
            at += 1;
        }
    }

    /// Nothing is left of a map's pattern.
    fn write_empty(&mut self, pattern: NodeId, map: NodeId, alias: Option<NodeId>) {
        let ast = self.editor.ast;
        let behind = std::mem::take(&mut self.behind);
        match (self.place, alias) {
            (Where::Match(whole), _) if !behind.is_empty() => {
                let separator = self.editor.separator(whole);
                self.editor.replace(ast.span(whole), behind.join(&separator));
            }
            (_, Some(alias)) => {
                let text = self.editor.text(alias);
                self.editor.replace(ast.span(pattern), text);
            }
            (Where::Head, None) => {
                let name = self.editor.fresh("_Params");
                self.editor.replace(ast.span(map), name);
            }
            _ => self.editor.replace(ast.span(map), "_"),
        }
    }

    /// Takes fields out of a map between whose fields there are comments, which stay.
    fn cut(&mut self, span: Span, fields: &[Field]) {
        let source = self.editor.at.module.source();
        let mut gone: Vec<Span> = fields.iter().map(|field| field.span).collect();
        let inside = |span: Span| fields.iter().any(|field| field.span.contains(span));
        let tokens = Tokens::new(source.slice(span), span.start as usize);
        let commas = tokens.filter(|(token, at)| *token == Token::Punct(b',') && !inside(*at));
        gone.extend(commas.map(|(_, at)| at));
        gone.sort_by_key(|span| span.start);
        let mut joined: Vec<Span> = Vec::new();
        for one in gone {
            let beside = |last: &&mut Span| {
                let between = source.slice(Span { start: last.end, end: one.start });
                between.trim().is_empty() && !between.contains('\n')
            };
            match joined.last_mut().filter(beside) {
                Some(last) => last.end = one.end,
                None => joined.push(one),
            }
        }
        for mut one in joined {
            // A line of which nothing is left goes, too.
            let text = source.text();
            let line = text[..one.start as usize].rfind('\n').map_or(0, |at| at + 1);
            let rest = &text[one.end as usize..];
            if rest.starts_with(['\n', '\r']) {
                let before = text[..one.start as usize].trim_end_matches([' ', '\t']).len();
                let start = if before == line && line > 0 { line - 1 } else { before };
                one.start = u32::try_from(start).unwrap_or(one.start);
            }
            self.editor.replace(one, "");
        }
    }
}

/// Whether a variable's name tells that it holds the session's data.
fn is_telling(name: &str) -> bool {
    ["C2S", "Session", "Data"].iter().any(|part| name.contains(part))
        && !name.contains("State")
        && !name.starts_with('_')
}

/// Whether a pattern asks for a form at most, and not for certain values.
fn takes_anything(ast: &Ast, pattern: NodeId) -> bool {
    ast.descend([pattern]).all(|(_, expr)| {
        matches!(
            expr,
            Expr::Var(_)
                | Expr::Tuple(_)
                | Expr::Match { .. }
                | Expr::Record { base: None, .. }
                | Expr::Map { base: None, .. }
                | Expr::Atom(_)
        )
    }) && !has_literal(ast, pattern)
}

/// Whether an atom stands for a value in a pattern, rather than for a key or a field's name.
fn has_literal(ast: &Ast, pattern: NodeId) -> bool {
    match ast.expr(pattern) {
        Expr::Atom(_) => true,
        Expr::Tuple(items) => ast.list(*items).iter().any(|&item| has_literal(ast, item)),
        Expr::Match { left, right } => has_literal(ast, *left) || has_literal(ast, *right),
        Expr::Map { fields, .. } | Expr::Record { fields, .. } => {
            ast.fields(*fields).iter().filter_map(|field| field.value).any(|value| has_literal(ast, value))
        }
        _ => false,
    }
}
