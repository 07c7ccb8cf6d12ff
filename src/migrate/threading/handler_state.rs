//! Handlers of events with tags, whose accumulator was what the server kept for the tag: it is the state of that name in
//! the session now, and a handled event is one that stops the hook.

use super::scan::{self, Wanted};
use super::tails::{self, Tail};
use super::{Job, Threaded, fields, keys, senders};
use crate::catalog::{HookChange, ParameterChange};
use crate::migrate::code::atoms;
use crate::migrate::code::clause::{ClauseEditor, indentation};
use crate::migrate::code::template::{ACCUMULATOR, substitute, variables};
use crate::migrate::code::text::{with_comma_before, with_comma_behind};
use crate::migrate::registration::exports;
use crate::migrate::session::{self, PARAMETER, SESSION};
use crate::migrate::{adapter, conditions, handler};
use crate::project::handlers::{At, Return};
use crate::rewrite::Edit;
use crate::source::Span;
use crate::syntax::ast::{Ast, Expr, Field, Name, NodeId};

/// How long a line of code may be before it is broken.
const MAX_COLUMNS: usize = 100;

pub(super) fn rewrite(job: &Job<'_>) -> Result<Threaded, String> {
    let serving = job.serving;
    let tags = tags(job)?;
    for tag in &tags {
        keys::free(job, tag)?;
        if senders::taken_twice(serving.context, serving.hook, &job.threading.tag, tag) {
            return Err(format!(
                "several handlers take events with the tag `{tag}`, and just one may stop the hook now"
            ));
        }
        is_no_field(job, tag)?;
    }
    if let Some(other) = conditions::shared_with(serving, job.change) {
        return Err(format!("the function is the handler of `{other}` as well"));
    }
    let mut done = match in_place(job) {
        Ok(done) => done,
        Err(Stuck::InPlace(why)) => adapted(job, &tags)
            .map_err(|no| if no == why { why } else { format!("{why}; with a function between, {no}") })?,
        Err(Stuck::Altogether(why)) => return Err(why),
    };
    done.edits.extend(senders::rewrite(serving.context, &job.threading.senders, &tags, &mut done.reasons)?);
    done.reasons.push(
        "an event that is handled stops the hook: other handlers of the hook with a higher priority do not see it"
            .to_owned(),
    );
    Ok(done)
}

/// Why a handler cannot be rewritten.
enum Stuck {
    /// Another function between the hook and the handler may do.
    InPlace(String),
    /// Nothing does.
    Altogether(String),
}

/// The tags that the handler takes, in the order of its clauses.
fn tags(job: &Job<'_>) -> Result<Vec<Name>, String> {
    let mut tags = Vec::new();
    for at in job.serving.handler.clauses() {
        match scan::wanted(job.serving.context, at, &job.threading.tag) {
            Wanted::One(tag) if !tags.contains(&tag) => tags.push(tag),
            Wanted::One(_) => {}
            Wanted::Any if passes_on(job, at) => {}
            Wanted::Any => return Err("a clause takes events of any tag".to_owned()),
            Wanted::Unknown => return Err("a clause takes events with a tag that is no atom".to_owned()),
        }
    }
    if tags.is_empty() { Err("no clause takes an event of its own".to_owned()) } else { Ok(tags) }
}

/// Whether a clause does nothing but to return what it was given, whatever its parameters are.
fn passes_on(job: &Job<'_>, at: &At) -> bool {
    let (ast, Some(clause)) = (at.ast(), at.clause()) else { return false };
    let (&[given, params, extra], &[result]) = (ast.list(clause.patterns), ast.list(clause.body)) else { return false };
    let Expr::Tuple(items) = ast.expr(result) else { return false };
    let &[tag, value] = ast.list(*items) else { return false };
    let open = match ast.expr(params) {
        Expr::Var(_) => true,
        Expr::Map { base: None, fields } => {
            let all = ast.fields(*fields).iter();
            all.clone().all(|field| field.value.is_some_and(|value| ast.is_var(value)))
                && all.filter_map(|field| ast.atom(field.key)).all(|key| parameter(job.change, key).is_some())
        }
        _ => false,
    };
    clause.guard.is_empty()
        && open
        && ast.is_var(extra)
        && ast.atom(tag).is_some_and(|tag| tag == "ok")
        && ast.var(given).is_some_and(|name| ast.var(value) == Some(name))
}

fn parameter<'c>(change: &'c HookChange, key: &str) -> Option<&'c ParameterChange> {
    change.parameters.iter().find(|it| it.key == key)
}

/// Whether no field of the session's state has the name of a tag.
fn is_no_field(job: &Job<'_>, tag: &Name) -> Result<(), String> {
    let context = job.serving.context;
    for other in fields::threadings(context.upgrade, crate::catalog::Recipe::SessionState) {
        fields::all_are_read(context, &other.write_before)?;
        let mut hits = scan::all(context, &other.write_before).into_iter();
        let hit = hits.find(|hit| hit.atom(context, "Key").as_ref() == Some(tag));
        if let Some(place) = hit.and_then(|hit| hit.place()) {
            let place = place.file_and_line();
            return Err(format!(
                "`{tag}` is the name of a field of the session's state as well, which would have the same name ({place})"
            ));
        }
    }
    Ok(())
}

/// Rewrites the handler's own clauses.
fn in_place(job: &Job<'_>) -> Result<Threaded, Stuck> {
    let serving = job.serving;
    if let Some(why) = handler::used_elsewhere(serving) {
        return Err(Stuck::InPlace(why));
    }
    let mut done = Threaded::default();
    let mut open = false;
    for at in serving.handler.clauses() {
        let editor = ClauseEditor::new(at).ok_or("a clause of the handler could not be parsed").map_err(stuck)?;
        let mut clause = Clause { job, editor, session: None, reasons: Vec::new() };
        if scan::wanted(serving.context, at, &job.threading.tag) == Wanted::Any {
            clause.pass_on();
            open = true;
        } else {
            clause.receive()?;
        }
        done.reasons.append(&mut clause.reasons);
        done.edits.extend(clause.editor.finish().map_err(stuck)?);
    }
    if !open {
        done.edits.push(last_clause(job).map_err(stuck)?);
    }
    Ok(done)
}

fn stuck(why: impl Into<String>) -> Stuck {
    Stuck::InPlace(why.into())
}

/// A clause for all that other handlers take.
fn last_clause(job: &Job<'_>) -> Result<Edit, String> {
    let handler = job.serving.handler;
    let module = &handler.module;
    let &[form] = &module.function(&handler.name, handler.arity)[..] else {
        return Err("the handler is defined more than once".to_owned());
    };
    let span = module.form(form).span;
    let text = module.text_of(form).trim_end();
    let dot = text.strip_suffix('.').ok_or("the handler's last clause has no end")?.len();
    let dot = u32::try_from(dot).map_err(|_| "the handler is too long")? + span.start;
    let added = format!(";\n{}(Acc, _Params, _Extra) ->\n    {{ok, Acc}}", handler.name);
    Ok(Edit::insert(&module.place(span), dot, added))
}

/// A field of the head's map, and what stands in its place, if anything.
type NewField = (Field, Option<String>);

/// A clause of the handler.
struct Clause<'j, 'a> {
    job: &'j Job<'j>,
    editor: ClauseEditor<'a>,
    /// The name of the session's data, when the head takes it.
    session: Option<String>,
    reasons: Vec<String>,
}

impl Clause<'_, '_> {
    /// Passes on the accumulator as it was passed on before, whatever the event is.
    fn pass_on(&mut self) {
        let ast = self.editor.ast;
        let patterns = ast.list(self.editor.clause.patterns).to_vec();
        let Some(given) = patterns.first().copied() else { return };
        self.rename(given);
        if let Some(&params) = patterns.get(1).filter(|&&params| !ast.is_var(params)) {
            let name = self.editor.fresh("_Params");
            self.editor.replace(ast.span(params), name);
        }
    }

    /// Gives the accumulator a name that says what it is now, wherever the old one stands.
    fn rename(&mut self, given: NodeId) -> String {
        let ast = self.editor.ast;
        let old = ast.var(given).cloned().unwrap_or_default();
        if old == ACCUMULATOR {
            return ACCUMULATOR.to_owned();
        }
        let new = self.editor.fresh(ACCUMULATOR);
        self.editor.replace(ast.span(given), new.clone());
        if old != "_" {
            for node in self.editor.uses(&old, given) {
                self.editor.replace(ast.span(node), new.clone());
            }
        }
        new
    }

    /// A clause that takes an event of its own.
    fn receive(&mut self) -> Result<(), Stuck> {
        let ast = self.editor.ast;
        let &[given, params, _] = ast.list(self.editor.clause.patterns) else {
            return Err(Stuck::Altogether("the handler does not take three arguments".to_owned()));
        };
        let Some(old) = ast.var(given).cloned() else {
            return Err(stuck("what is kept decides which clause is taken"));
        };
        let uses = if old == "_" { Vec::new() } else { self.editor.uses(&old, given) };
        if uses.iter().any(|&node| self.editor.is_matched(node)) {
            return Err(stuck("what is kept decides which clause is taken"));
        }
        if super::is_in_macro(&self.editor, &old, given) {
            return Err(stuck(super::IN_MACRO));
        }
        let same = old == ACCUMULATOR;
        let accumulator = if same { old.to_string() } else { self.editor.fresh(ACCUMULATOR) };
        if !same {
            self.editor.replace(ast.span(given), accumulator.clone());
        }
        let (tag, fields) = self.fields(params)?;
        let unchanged = self.results(&tag, &old, &accumulator)?;
        let kept: Vec<NodeId> = uses.into_iter().filter(|node| !unchanged.contains(node)).collect();
        if !kept.is_empty() {
            let name = if same { self.editor.fresh("HandlerState") } else { old.to_string() };
            for node in kept.into_iter().filter(|_| same) {
                self.editor.replace(ast.span(node), name.clone());
            }
            let session = self.session();
            let lines = read(self.job, &mut self.editor, &name, &tag, &session);
            self.editor.put_first(lines);
        }
        self.head(params, &fields, (&old, &accumulator))
    }

    /// The name of the session's data, which the head takes for it if it does not already.
    fn session(&mut self) -> String {
        self.session.get_or_insert_with(|| self.editor.fresh(SESSION)).clone()
    }

    /// Writes the head's map, behind an argument that has a new name.
    fn head(&mut self, params: NodeId, fields: &[NewField], (old, new): (&str, &str)) -> Result<(), Stuck> {
        let (ast, source) = (self.editor.ast, self.editor.at.module.source());
        let (map, _) = self.map(params)?;
        let span = ast.span(map);
        let session = self.session.as_ref().map(|name| format!("{PARAMETER} := {name}"));
        let session = session.filter(|text| !fields.iter().any(|(_, new)| new.as_ref() == Some(text)));
        if source.slice(span).contains(['\n', '%']) {
            // Who wrote several lines wants them kept.
            if let (Some(session), Some((first, _))) = (session, fields.first()) {
                let near = self.editor.at.module.place(first.span);
                self.editor.push(Edit::insert(&near, first.span.start, format!("{session}, ")));
            }
            return fields.iter().try_for_each(|(field, new)| self.field(field, new.clone()));
        }
        let texts: Vec<String> = session.into_iter().chain(fields.iter().filter_map(|(_, new)| new.clone())).collect();
        let line = source.line_span(source.position(span.start).line - 1);
        let before = source.slice(Span { start: line.start, end: span.start });
        let before = before.replacen(old, new, usize::from(before.contains('('))).chars().count();
        let after = source.slice(Span { start: span.end, end: line.end }).chars().count();
        let mut text = format!("#{{{}}}", texts.join(", "));
        if before + text.chars().count() + after > MAX_COLUMNS
            && let Some((last, others)) = texts.split_last()
            && !others.is_empty()
        {
            text = format!("#{{{},\n{}{last}}}", others.join(", "), " ".repeat(before + 2));
        }
        self.editor.replace(span, text);
        Ok(())
    }

    fn map(&self, params: NodeId) -> Result<(NodeId, Vec<Field>), Stuck> {
        let ast = self.editor.ast;
        let of = |node: NodeId| match ast.expr(node) {
            Expr::Map { base: None, fields } => Some((node, ast.fields(*fields).to_vec())),
            _ => None,
        };
        match *ast.expr(params) {
            Expr::Match { left, right } => {
                let alias = if ast.is_var(left) { left } else { right };
                let unused = ast.var(alias).is_some_and(|name| name == "_" || self.editor.uses(name, alias).is_empty());
                let map = of(left).or(of(right)).filter(|_| unused);
                map.ok_or_else(|| stuck("the parameters are used as a whole"))
            }
            _ => of(params).ok_or_else(|| stuck("the parameters are not taken as a map")),
        }
    }

    /// The fields of the new map in place of the old ones, and the tag as it is written.
    fn fields(&mut self, params: NodeId) -> Result<(String, Vec<NewField>), Stuck> {
        let ast = self.editor.ast;
        let (_, fields) = self.map(params)?;
        let (mut tag, mut new) = (String::new(), Vec::new());
        for field in fields {
            let (Some(key), Some(value)) = (ast.atom(field.key), field.value) else {
                return Err(stuck("a parameter is not taken by its name"));
            };
            let parameter = parameter(self.job.change, key);
            let Some((name, pattern)) = parameter.and_then(|parameter| parameter.take.iter().next()) else {
                return Err(stuck(format!("the value of `{key}` cannot be had any more")));
            };
            let text = self.editor.text(value);
            if variables(pattern) == [SESSION] {
                let taken = self.session_data(value)?;
                new.push((field, taken.map(|data| format!("{name} := {data}"))));
            } else if *key == self.job.threading.tag.as_str() {
                text.clone_into(&mut tag);
                new.push((field, Some(format!("{}, {name} := {text}", self.job.threading.event))));
            } else {
                new.push((field, Some(format!("{name} := {text}"))));
            }
        }
        Ok((tag, new))
    }

    /// Another field, or none, in place of one.
    fn field(&mut self, field: &Field, new: Option<String>) -> Result<(), Stuck> {
        let text = self.editor.at.module.source().text();
        let (span, new) = match new {
            Some(new) => (Some(field.span), new),
            None => (with_comma_behind(text, field.span).or(with_comma_before(text, field.span)), String::new()),
        };
        let span = span.ok_or_else(|| stuck("a comment stands between the parameters"))?;
        self.editor.replace(span, new);
        Ok(())
    }

    /// The session's data in place of its state; `None` when nothing is done with it.
    fn session_data(&mut self, value: NodeId) -> Result<Option<String>, Stuck> {
        let Some(old) = self.editor.ast.var(value).cloned() else {
            return Err(Stuck::Altogether("the session's state is matched with a record".to_owned()));
        };
        let uses = if old == "_" { Vec::new() } else { self.editor.uses(&old, value) };
        if uses.is_empty() {
            return Ok(None);
        }
        let name = self.session();
        let found = translate(self.job, &mut self.editor, &old, &uses, &name).map_err(Stuck::Altogether)?;
        self.reasons.extend(found);
        Ok(Some(name))
    }

    /// Rewrites what the clause returns; gives the uses of the state that are gone then.
    fn results(&mut self, tag: &str, old: &Name, accumulator: &str) -> Result<Vec<NodeId>, Stuck> {
        let ast = self.editor.ast;
        let mut unchanged = Vec::new();
        for tail in tails::of(&self.editor.at.module, ast, self.editor.clause) {
            let (result, value, stops) = match tail {
                Tail::Never => continue,
                Tail::Other(_) => return Err(stuck("a result is not written as a tuple")),
                Tail::Pair { tag, value, stops } => (tag, value, stops),
            };
            if !stops {
                self.editor.replace(ast.span(result), "stop");
            }
            if ast.var(value) == Some(old) {
                unchanged.push(value);
                if old != accumulator {
                    self.editor.replace(ast.span(value), accumulator);
                }
            } else {
                self.new_state(tag, value, accumulator)?;
            }
        }
        Ok(unchanged)
    }

    fn new_state(&mut self, tag: &str, value: NodeId, accumulator: &str) -> Result<(), Stuck> {
        let ast = self.editor.ast;
        if is_error_pair(ast, value) {
            return Err(Stuck::Altogether(ERROR.to_owned()));
        }
        if ast.atom(value).is_some_and(|value| value == "undefined") {
            return Err(Stuck::Altogether(
                "`undefined` is kept, which is nothing at all in the new release".to_owned(),
            ));
        }
        let write = &self.job.threading.write;
        let written = substitute(write, |name| match name {
            "Key" => Some(tag.to_owned()),
            ACCUMULATOR => Some(accumulator.to_owned()),
            _ => None,
        });
        let Some((before, after)) = written.split_once("Value") else { return Ok(()) };
        let span = ast.span(value);
        let near = self.editor.at.place(value);
        self.editor.push(Edit::insert(&near, span.start, before));
        self.editor.push(Edit::insert(&near, span.end, after));
        Ok(())
    }
}

const ERROR: &str = "a result `{error, _}` was logged, and nothing was kept: decide what it is to do";

fn is_error(ast: &Ast, tail: Tail) -> bool {
    matches!(tail, Tail::Pair { value, .. } if is_error_pair(ast, value))
}

fn is_error_pair(ast: &Ast, value: NodeId) -> bool {
    let Expr::Tuple(items) = ast.expr(value) else { return false };
    ast.list(*items).first().and_then(|&tag| ast.atom(tag)).is_some_and(|tag| tag == "error")
}

/// The uses of the session's state as uses of its data.
fn translate(
    job: &Job<'_>,
    editor: &mut ClauseEditor<'_>,
    old: &str,
    uses: &[NodeId],
    name: &str,
) -> Result<Vec<String>, String> {
    let mut reasons = Vec::new();
    if uses.iter().any(|&node| !matches!(editor.ast.expr(node), Expr::Var(_))) {
        return Err(super::IN_MACRO.to_owned());
    }
    for &node in uses {
        match session::translate(editor, job.serving.context.upgrade, node, name) {
            session::Use::Same(edits, reason) => {
                let span = editor.ast.span(node);
                let inside = edits.iter().any(|edit| edit.place.span.contains(span));
                edits.into_iter().for_each(|edit| editor.push(edit));
                reasons.extend(reason);
                if !inside && name != old {
                    editor.replace(span, name);
                }
            }
            other => return Err(session::why_not(&other)),
        }
    }
    Ok(reasons)
}

/// A match that gives a name to what is kept.
fn read(job: &Job<'_>, editor: &mut ClauseEditor<'_>, name: &str, tag: &str, session: &str) -> String {
    let text = editor.at.module.source().text();
    let clause = editor.clause.span.start as usize;
    let first =
        editor.ast.list(editor.clause.body).first().map_or(clause, |&node| editor.ast.span(node).start as usize);
    let own_line = text[..first].rfind('\n').is_some_and(|at| at > clause);
    let column = if own_line { indentation(text, first) } else { indentation(text, clause) + 4 };
    let inner = editor.fresh("State");
    lines(job, name, tag, session, &inner, column)
}

/// `Name = case ... end`, the lines below the first of which are indented for a line that starts at a column.
fn lines(job: &Job<'_>, name: &str, tag: &str, session: &str, inner: &str, column: usize) -> String {
    let read = substitute(&job.threading.read, |it| match it {
        SESSION => Some(session.to_owned()),
        "Key" => Some(tag.to_owned()),
        _ => None,
    });
    let start = format!("{name} = ");
    let blanks = " ".repeat(column + start.len());
    let (missing, initial) = (&job.threading.missing, &job.threading.initial);
    format!(
        "{start}case {read} of\n{blanks}    {{ok, {inner}}} -> {inner};\n{blanks}    {missing} -> {initial}\n{blanks}end"
    )
}

/// Puts a function between the hook and the handler, which reads what is kept, and keeps what the handler returns.
fn adapted(job: &Job<'_>, tags: &[Name]) -> Result<Threaded, String> {
    let serving = job.serving;
    let own = serving.handler;
    let module = &own.module;
    let [tag] = tags else { return Err("there are several tags".to_owned()) };
    if own.returns().iter().any(|path| matches!(path.what, Return::Untagged(_))) {
        return Err("a result has no tag".to_owned());
    }
    if let Some(escape) = own.params().escapes.first() {
        return Err(format!("the parameters go {} as a whole", escape.to));
    }
    if conditions::changed_reads(serving, job.change).any(|read| read.head_of_clause.is_none()) {
        return Err("a parameter is read outside of the handler's head".to_owned());
    }
    let mut done = Threaded::default();
    for at in own.clauses() {
        let editor = ClauseEditor::new(at).ok_or("a clause of the handler could not be parsed")?;
        let (ast, clause) = (editor.ast, editor.clause);
        if tails::of(&at.module, ast, clause).into_iter().any(|tail| is_error(ast, tail)) {
            return Err(ERROR.to_owned());
        }
        done.edits.extend(session_data(job, editor, &mut done.reasons)?);
    }
    if !done.edits.is_empty()
        && let Some(why) = handler::used_elsewhere(serving)
    {
        return Err(why);
    }
    let &[form] = &module.function(&own.name, own.arity)[..] else {
        return Err("the handler is defined more than once".to_owned());
    };
    let function = adapter::free_name(module, &job.hook.name, &own.name);
    let span = module.form(form).span;
    let near = module.place(span);
    let code = between(job, &function, &written(job, tag));
    done.edits.push(Edit::insert(&near, span.end, format!("\n\n{code}")));
    done.edits.extend(exports::export(module, &function, 3, Some((&own.name, 3)))?);
    done.adapter = Some(function);
    Ok(done)
}

/// A tag as the handler's head writes it.
fn written(job: &Job<'_>, tag: &Name) -> String {
    for at in job.serving.handler.clauses() {
        let (ast, Some(clause)) = (at.ast(), at.clause()) else { continue };
        let values = ast.list(clause.patterns).iter().flat_map(|&pattern| ast.descend([pattern]));
        let atoms = values.filter(|(node, expr)| {
            matches!(expr, Expr::Atom(_) | Expr::Macro { args: None, .. })
                && atoms::atom(job.serving.context.modules, &at.module, ast, *node).as_ref() == Some(tag)
        });
        if let Some((node, _)) = atoms.last() {
            return at.module.source().slice(ast.span(node)).to_owned();
        }
    }
    tag.to_string()
}

/// The session's data in place of its state, in a clause that otherwise stays as it is.
fn session_data(job: &Job<'_>, mut editor: ClauseEditor<'_>, reasons: &mut Vec<String>) -> Result<Vec<Edit>, String> {
    let ast = editor.ast;
    let Some(params) = editor.argument(1) else { return Ok(Vec::new()) };
    let fields: Vec<Field> = ast
        .descend([params])
        .find_map(|(_, expr)| match expr {
            Expr::Map { base: None, fields } => Some(ast.fields(*fields).to_vec()),
            _ => None,
        })
        .unwrap_or_default();
    for field in &fields {
        let (Some(key), Some(value)) = (ast.atom(field.key), field.value) else { continue };
        let is_session = parameter(job.change, key)
            .and_then(|parameter| parameter.take.values().next())
            .is_some_and(|pattern| variables(pattern) == [SESSION]);
        if !is_session {
            continue;
        }
        let Some(old) = ast.var(value).cloned() else {
            return Err("the session's state is matched with a record".to_owned());
        };
        let uses = if old == "_" { Vec::new() } else { editor.uses(&old, value) };
        if !uses.is_empty() {
            let name = editor.fresh(SESSION);
            reasons.extend(translate(job, &mut editor, &old, &uses, &name)?);
            editor.replace(ast.span(value), name);
        }
    }
    editor.finish()
}

/// The function between the hook and the handler.
fn between(job: &Job<'_>, function: &str, tag: &str) -> String {
    let (handler, threading) = (job.serving.handler, job.threading);
    let (mut head, mut old) = (Vec::new(), Vec::new());
    for parameter in &job.change.parameters {
        let Some((key, pattern)) = parameter.take.iter().next() else { continue };
        let read = handler.params().reads_of(&parameter.key).next().is_some();
        if parameter.key == threading.tag {
            head.push(format!("{}, {key} := {tag}", threading.event));
            old.push(format!("{} => {tag}", parameter.key));
        } else if read {
            head.push(format!("{key} := {pattern}"));
            old.push(format!("{} => {}", parameter.key, parameter.value));
        } else if variables(pattern) == [SESSION] {
            head.push(format!("{key} := {pattern}"));
        }
    }
    let read = lines(job, "HandlerState", tag, SESSION, "State", 4);
    let write = substitute(&threading.write, |name| match name {
        "Key" => Some(tag.to_owned()),
        "Value" => Some("NewState".to_owned()),
        _ => None,
    });
    let start = format!("{function}(Acc, #{{");
    let head = head.join(&format!(",\n{}", " ".repeat(start.len())));
    let (name, old) = (&handler.name, old.join(", "));
    format!(
        "{start}{head}}}, Extra) ->\n    {read},\n    {{_, NewState}} = {name}(HandlerState, #{{{old}}}, Extra),\n    \
         {{stop, {write}}};\n{function}(Acc, _Params, _Extra) ->\n    {{ok, Acc}}."
    )
}
