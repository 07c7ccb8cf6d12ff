//! Returning what the new release takes for the same decision: how a stanza is dropped, how a session is refused.
//!
//! Every tagged result on the handler's ways is found as a tree ([`flow`]). A result is rewritten where it is made: in
//! a branch, in a variable that is nothing but the result, in a function that serves this handler alone. Where
//! the decision is made in one place and tagged in another, the tag moves into the branches.

pub mod fall_through;
#[cfg(test)]
mod fall_through_tests;
pub mod flow;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::catalog::{Hook, HookChange};
use crate::migrate::code::bodies::bodies_of;
use crate::migrate::code::clause::ClauseEditor;
use crate::migrate::code::template::substitute;
use crate::migrate::code::text;
use crate::migrate::serving::Serving;
use crate::migrate::specs;
use crate::outline::Module;
use crate::project::handlers::{At, Call, Return, is_result_drop};
use crate::rewrite::Edit;
use crate::source::Span;
use crate::syntax::ast::{Clause, Expr, NodeId};
use flow::{Called, Flow, Named};

/// The name that stands for the accumulator in the catalog's code.
const ACCUMULATOR: &str = "Acc";

/// The edits, and what a person has to look at.
#[derive(Debug, Default)]
pub struct Returned {
    pub edits: Vec<Edit>,
    pub reasons: Vec<String>,
}

/// Lets the handler return what `target` takes for its decisions.
///
/// # Errors
/// A result cannot be rewritten where it is made; says which, and why.
pub fn convert(serving: &Serving<'_>, change: &HookChange, target: &Hook) -> Result<Returned, String> {
    if !change.results.is_empty() {
        return decisions(serving, change, target);
    }
    let Some(drop) = &change.drop else { return Ok(Returned::default()) };
    let by_accumulator = drop.before.contains("mongoose_acc:");
    let stops = |wanted: &Return| matches!(wanted, Return::Stop(_));
    let drops = |what: &Return| matches!(what, Return::Ok(payload) if payload.drop);
    let any = |wanted: &dyn Fn(&Return) -> bool| serving.handler.returns().iter().any(|path| wanted(&path.what));
    if by_accumulator && !serving.handler.uses_hook_result() && !any(&stops) {
        return Ok(Returned::default());
    }
    if !by_accumulator && !any(&drops) {
        return Ok(Returned::default());
    }
    let results = flow::results(serving.handler);
    let mut drops = Drops { serving, by_accumulator, results: &results, stops: false, done: Done::default() };
    if by_accumulator {
        drops.no_longer_asked()?;
    }
    for result in &results {
        drops.result(result)?;
    }
    if drops.stops {
        drops.respecify(&serving.handler.module, &serving.handler.name, serving.handler.arity);
    }
    drops.everything_is_handled()?;
    Ok(drops.done.finish())
}

/// The value of a `{Tag, Value}` that stands in the code.
struct Pair {
    tag: NodeId,
    stops: bool,
    value: NodeId,
}

impl Pair {
    fn of(at: &At, node: NodeId) -> Option<Self> {
        let ast = at.ast();
        let Expr::Tuple(items) = ast.expr(node) else { return None };
        let [tag, value] = *ast.list(*items) else { return None };
        match ast.atom(tag)?.as_str() {
            "ok" => Some(Self { tag, stops: false, value }),
            "stop" => Some(Self { tag, stops: true, value }),
            _ => None,
        }
    }
}

#[derive(Default)]
struct Done {
    edits: Vec<Edit>,
    reasons: Vec<String>,
    /// Results that are as they shall be, and code that no longer says anything.
    handled: Vec<Span>,
    /// What an edit takes away: nothing in there has to be rewritten.
    deleted: Vec<Span>,
    /// Blanks that go because what they indent stands further to the left now.
    blanks: Vec<Edit>,
}

impl Done {
    fn push(&mut self, edit: Edit) {
        if !self.edits.iter().any(|known| known.same(&edit)) {
            self.edits.push(edit);
        }
    }

    fn replace(&mut self, at: &At, node: NodeId, text: impl Into<String>) {
        self.push(Edit::replace(at.place(node), text));
    }

    fn wrap(&mut self, at: &At, node: NodeId, before: &str, after: &str) {
        let place = at.place(node);
        self.push(Edit::insert(&place, place.span.start, before));
        self.push(Edit::insert(&place, place.span.end, after));
    }

    fn because(&mut self, reason: &str) {
        if !self.reasons.iter().any(|known| known == reason) {
            self.reasons.push(reason.to_owned());
        }
    }

    /// Moves the lines of code, but for the first, to the left.
    fn shift(&mut self, at: &At, code: Span, columns: usize) {
        let (ast, text) = (at.ast(), at.module.source().text());
        let Some(clause) = at.clause() else { return };
        // The lines of a string would be moved with the others.
        let torn = ast.descend_clause(clause).any(|(id, expr)| {
            let span = ast.span(id);
            let is_text = matches!(expr, Expr::String(_) | Expr::Binary(_));
            is_text && code.contains(span) && at.module.source().slice(span).contains('\n')
        });
        let (start, end) = (code.start as usize, code.end as usize);
        for (newline, _) in text[start..end].match_indices('\n').filter(|_| !torn) {
            let line = start + newline + 1;
            let blanks = text[line..end].len() - text[line..end].trim_start_matches(' ').len();
            let taken = Span::new(line, line + blanks.min(columns));
            if !taken.is_empty() {
                self.blanks.push(Edit::delete(at.module.place(taken)));
            }
        }
    }

    fn finish(mut self) -> Returned {
        let replaced: Vec<Span> = self.edits.iter().map(|edit| edit.place.span).collect();
        self.blanks.retain(|edit| !replaced.iter().any(|span| span.contains(edit.place.span)));
        self.edits.append(&mut self.blanks);
        Returned { edits: self.edits, reasons: self.reasons }
    }
}

const NO_LONGER_STOPS: &str = "`{stop, _}` kept later handlers of the hook from being called, and `{ok, _}` does not";

/// Dropping stanzas: by the atom `drop`, or by `hook`/`result` in the accumulator, as it was.
struct Drops<'a, 'b> {
    serving: &'a Serving<'b>,
    by_accumulator: bool,
    results: &'a [Flow<'a>],
    /// `stop` is returned where `ok` was.
    stops: bool,
    done: Done,
}

impl<'a> Drops<'a, '_> {
    fn result(&mut self, flow: &Flow<'a>) -> Result<(), String> {
        match flow {
            Flow::Leaf(at, node) => self.pair(at, *node),
            Flow::Branches(from) => from.iter().try_for_each(|it| self.result(it)),
            Flow::Named(named) => {
                let before = self.done.edits.len();
                named.from.iter().try_for_each(|it| self.result(it))?;
                if self.done.edits.len() > before && !named.alone {
                    return Err(format!("the result `{}` is used in other ways, too", text_of(named.at, named.node)));
                }
                Ok(())
            }
            Flow::Called(called) => {
                let before = self.done.edits.len();
                let stopped = std::mem::take(&mut self.stops);
                called.from.iter().try_for_each(|it| self.result(it))?;
                if self.stops {
                    self.respecify(&called.at.module, &called.name, called.arity);
                }
                self.stops |= stopped;
                if self.done.edits.len() > before && !flow::is_owned(self.results, called) {
                    return Err(format!(
                        "a result is made in `{}/{}`, which serves others, too",
                        called.name, called.arity
                    ));
                }
                Ok(())
            }
            Flow::Opaque(why) if self.by_accumulator => Err(format!("a result cannot be followed: {why}")),
            Flow::Opaque(_) => Ok(()),
        }
    }

    /// Whether an expression is a decision to drop.
    fn drops(&self, at: &At, node: NodeId) -> bool {
        match self.by_accumulator {
            true => is_result_drop(at.ast(), node),
            false => at.ast().atom(node).is_some_and(|atom| atom == "drop"),
        }
    }

    /// What the handler's analysis says of a result. It knows of `drop` that is only passed on.
    fn is_said_to_drop(&self, span: Span) -> bool {
        let here = self.serving.handler.returns().iter().filter(|path| path.place.span == span);
        here.into_iter().any(|path| match &path.what {
            Return::Ok(payload) | Return::Stop(payload) if self.by_accumulator => payload.result_drop,
            Return::Ok(payload) => payload.drop,
            _ => false,
        })
    }

    fn pair(&mut self, at: &'a At, node: NodeId) -> Result<(), String> {
        let span = at.ast().span(node);
        if self.done.deleted.iter().any(|deleted| deleted.contains(span)) {
            return Ok(());
        }
        let Some(pair) = Pair::of(at, node) else { return Ok(()) };
        self.done.handled.push(span);
        if !self.is_said_to_drop(span) {
            if self.by_accumulator && pair.stops {
                self.done.replace(at, pair.tag, "ok");
                self.done.because(NO_LONGER_STOPS);
            }
            return Ok(());
        }
        let value = flow::of(self.serving.handler, at, pair.value);
        let leaves = value.leaves();
        let dropping = leaves.iter().filter(|(at, node)| self.drops(at, *node)).count();
        if dropping == 0 && !self.by_accumulator {
            self.stops = true;
            return self.told_apart(at, node, pair.value);
        }
        if dropping == 0 {
            return Err("the decision to drop is made where it cannot be rewritten".to_owned());
        }
        if dropping == leaves.len() && value.is_followed() {
            if !pair.stops {
                self.done.replace(at, pair.tag, "stop");
            }
            self.stops = true;
            return self.unmarked(&value);
        }
        self.stops = true;
        if !self.by_accumulator && !is_of_the_clause(&value) {
            return self.told_apart(at, node, pair.value);
        }
        self.tag_moved(&value, pair.stops)?;
        self.untagged(at, node, pair.value, &value)
    }

    /// `{ok, Value}` becomes a choice by the value: what makes it stays as it is.
    fn told_apart(&mut self, at: &At, node: NodeId, value: NodeId) -> Result<(), String> {
        let mut editor = ClauseEditor::new(at).ok_or("a clause of the handler could not be parsed")?;
        let text = text_of(at, value);
        if text.contains('\n') {
            return Err("the decision to drop is made where it cannot be rewritten".to_owned());
        }
        let (pattern, kept) = match at.ast().var(value) {
            Some(name) => ("_".to_owned(), name.to_string()),
            None => {
                let name = editor.fresh("FPacket");
                (name.clone(), name)
            }
        };
        let source = at.module.source().text();
        let start = at.ast().span(node).start as usize;
        let column = source[source[..start].rfind('\n').map_or(0, |at| at + 1)..start].chars().count();
        let blanks = " ".repeat(column);
        let choice = [
            format!("case {text} of"),
            format!("{blanks}    drop -> {{stop, drop}};"),
            format!("{blanks}    {pattern} -> {{ok, {kept}}}"),
            format!("{blanks}end"),
        ];
        self.done.replace(at, node, choice.join("\n"));
        Ok(())
    }

    fn respecify(&mut self, module: &Arc<Module>, name: &str, arity: usize) {
        specs::results::may_stop(module, name, arity).into_iter().for_each(|edit| self.done.push(edit));
    }

    /// Takes the mark out of an accumulator that is stopped with: nobody asks for it.
    fn unmarked(&mut self, value: &Flow<'a>) -> Result<(), String> {
        match value {
            Flow::Leaf(at, node) => {
                self.done.handled.push(at.ast().span(*node));
                if let Some(accumulator) = marked(at, *node) {
                    self.done.replace(at, *node, text_of(at, accumulator));
                }
                Ok(())
            }
            Flow::Branches(from) => from.iter().try_for_each(|it| self.unmarked(it)),
            Flow::Named(named) if named.alone => {
                if self.inlined(named) {
                    return Ok(());
                }
                named.from.iter().try_for_each(|it| self.unmarked(it))
            }
            // Others look at the marked accumulator, or make it, so it stays: the mark does no harm.
            Flow::Named(_) | Flow::Called(_) | Flow::Opaque(_) => {
                let spans = value.leaves().into_iter().map(|(at, node)| at.ast().span(node));
                self.done.handled.extend(spans);
                Ok(())
            }
        }
    }

    /// `Acc1 = mongoose_acc:set(hook, result, drop, Acc), {stop, Acc1}` is `{stop, Acc}`.
    fn inlined(&mut self, named: &Named<'a>) -> bool {
        let ([statement], [Flow::Leaf(at, node)]) = (&named.matches[..], &named.from[..]) else { return false };
        let ast = at.ast();
        let Some(accumulator) = marked(at, *node).filter(|&it| ast.is_var(it)) else { return false };
        if !binds_for_all(at, *statement, named.node) {
            return false;
        }
        let Some(span) = text::with_comma_behind(at.module.source().text(), ast.span(*statement)) else { return false };
        self.done.handled.push(ast.span(*node));
        self.done.push(Edit::delete(at.module.place(span)));
        self.done.replace(named.at, named.node, text_of(at, accumulator));
        true
    }

    /// Tags the values where they come from.
    fn tag_moved(&mut self, value: &Flow<'a>, stops: bool) -> Result<(), String> {
        match value {
            Flow::Leaf(at, node) => {
                self.tagged(at, *node, stops);
                Ok(())
            }
            Flow::Branches(from) => from.iter().try_for_each(|it| self.tag_moved(it, stops)),
            Flow::Named(Named { alone: true, from, .. }) => from.iter().try_for_each(|it| self.tag_moved(it, stops)),
            Flow::Named(named) => {
                let name = text_of(named.at, named.node);
                Err(format!("`{name}`, which can say to drop, is used in other ways, too"))
            }
            Flow::Called(called) => {
                let shown = format!("`{}/{}`", called.name, called.arity);
                Err(format!("{shown} can say to drop"))
            }
            Flow::Opaque(why) => Err(format!("a result cannot be followed: {why}")),
        }
    }

    fn tagged(&mut self, at: &At, node: NodeId, stops: bool) {
        if never_returns(at, node) {
            return;
        }
        if !self.drops(at, node) {
            if stops && self.by_accumulator {
                self.done.because(NO_LONGER_STOPS);
            }
            let tag = if stops && !self.by_accumulator { "{stop, " } else { "{ok, " };
            return self.done.wrap(at, node, tag, "}");
        }
        self.done.handled.push(at.ast().span(node));
        match marked(at, node) {
            Some(accumulator) => {
                let text = format!("{{stop, {}}}", text_of(at, accumulator));
                self.done.replace(at, node, text);
            }
            None => self.done.replace(at, node, "{stop, drop}"),
        }
    }

    /// `{ok, Value}` becomes `Value`, which is tagged.
    fn untagged(&mut self, at: &At, pair: NodeId, value: NodeId, flow: &Flow<'a>) -> Result<(), String> {
        let (ast, source) = (at.ast(), at.module.source());
        let (outer, inner) = (ast.span(pair), ast.span(value));
        if matches!(flow, Flow::Named(_)) {
            self.done.replace(at, pair, text_of(at, value));
            return Ok(());
        }
        let before = Span { start: outer.start, end: inner.start };
        let after = Span { start: inner.end, end: outer.end };
        let plain: String = source.slice(before).chars().filter(|it| !it.is_whitespace()).collect();
        if !["{ok,", "{stop,"].contains(&plain.as_str()) || source.slice(after).trim() != "}" {
            return Err("the tag cannot be taken off the result".to_owned());
        }
        self.done.shift(at, inner, before.len());
        self.done.push(Edit::delete(at.module.place(before)));
        self.done.push(Edit::delete(at.module.place(after)));
        Ok(())
    }

    /// Everything that drops, stops or is marked was found on the way.
    fn everything_is_handled(&self) -> Result<(), String> {
        let handled = |span: Span| {
            self.done.handled.contains(&span) || self.done.deleted.iter().any(|deleted| deleted.contains(span))
        };
        for path in self.serving.handler.returns() {
            let matters = match &path.what {
                Return::Ok(payload) if self.by_accumulator => payload.result_drop,
                Return::Ok(payload) => payload.drop,
                Return::Stop(_) => self.by_accumulator,
                Return::Unknown(why) if self.by_accumulator => {
                    return Err(format!("a result cannot be followed: {why}"));
                }
                _ => false,
            };
            if matters && !handled(path.place.span) {
                return Err("a result is made where it cannot be rewritten".to_owned());
            }
        }
        if self.by_accumulator && self.serving.handler.result_drops().any(|place| !handled(place.span)) {
            return Err("`hook`/`result` is set where it does not go straight into a result".to_owned());
        }
        Ok(())
    }

    /// Takes out what asks whether an earlier handler dropped the stanza: such a handler stops now.
    fn no_longer_asked(&mut self) -> Result<(), String> {
        let serving = self.serving;
        let asked: Vec<Call<'a>> = serving.handler.calls_of("mongoose_acc", "get").filter(asks_for_result).collect();
        for call in asked {
            let check = Check::of(&call).ok_or("`hook`/`result` is asked for in the accumulator")?;
            check.remove(&mut self.done);
        }
        Ok(())
    }
}

fn asks_for_result(call: &Call<'_>) -> bool {
    let ast = call.at.ast();
    let is =
        |at: usize, wanted: &str| call.args.get(at).and_then(|&arg| ast.atom(arg)).is_some_and(|atom| atom == wanted);
    is(0, "hook") && is(1, "result")
}

/// `case mongoose_acc:get(hook, result, _, Acc) of drop -> {ok, Acc}; _ -> Rest end`.
struct Check<'a> {
    at: &'a At,
    /// What stands before and behind the branch that stays.
    before: Span,
    after: Span,
}

impl<'a> Check<'a> {
    fn of(call: &Call<'a>) -> Option<Self> {
        let (at, ast) = (call.at, call.at.ast());
        let is_it = |expr: &Expr| matches!(expr, Expr::Case { subject, .. } if *subject == call.node);
        let (node, expr) = ast.descend_clause(at.clause()?).find(|(_, expr)| is_it(expr))?;
        let Expr::Case { clauses, .. } = expr else { return None };
        let [dropped, other] = ast.clauses(*clauses) else { return None };
        let only = |clause: &Clause| <[NodeId; 1]>::try_from(ast.list(clause.patterns)).ok().map(|[only]| only);
        let takes_drop = ast.atom(only(dropped)?).is_some_and(|atom| atom == "drop");
        let takes_all = ast.var(only(other)?).is_some_and(|name| name.starts_with('_'));
        let passes = match ast.list(dropped.body) {
            &[result] => Pair::of(at, result).is_some_and(|pair| ast.is_var(pair.value)),
            _ => false,
        };
        // Only where the rest is the value as well can it stand there by itself.
        let first = ast.list(other.body).first()?;
        let rest = Span { start: ast.span(*first).start, end: other.span.end };
        let whole = ast.span(node);
        let proper = dropped.guard.is_empty() && other.guard.is_empty() && takes_drop && takes_all && passes;
        let is_last = at.clause().is_some_and(|clause| ast.list(clause.body).last() == Some(&node));
        let before = Span { start: whole.start, end: rest.start };
        let after = Span { start: rest.end, end: whole.end };
        let commented = [before, after].iter().any(|&span| at.module.source().slice(span).contains('%'));
        (proper && is_last && !commented).then_some(Self { at, before, after })
    }

    /// Takes the check away and moves the lines of the rest to where it began.
    fn remove(&self, done: &mut Done) {
        let text = self.at.module.source().text();
        let column = |offset: u32| offset as usize - text[..offset as usize].rfind('\n').map_or(0, |at| at + 1);
        let columns = column(self.before.end).saturating_sub(column(self.before.start));
        done.shift(self.at, Span { start: self.before.end, end: self.after.start }, columns);
        for span in [self.before, self.after] {
            done.push(Edit::delete(self.at.module.place(span)));
            done.deleted.push(span);
        }
    }
}

/// The accumulator that `mongoose_acc:set(hook, result, drop, Accumulator)` marks.
fn marked(at: &At, node: NodeId) -> Option<NodeId> {
    let Expr::Call { args, .. } = at.ast().expr(node) else { return None };
    is_result_drop(at.ast(), node).then(|| at.ast().list(*args).last().copied()).flatten()
}

/// Whether a value is made in the clause itself, and every name of it is used for nothing else.
fn is_of_the_clause(value: &Flow<'_>) -> bool {
    let mut own = true;
    value.each(&mut |flow| {
        own &= match flow {
            Flow::Leaf(..) | Flow::Branches(_) => true,
            Flow::Named(named) => named.alone,
            Flow::Called(_) | Flow::Opaque(_) => false,
        };
    });
    own
}

fn text_of(at: &At, node: NodeId) -> &str {
    at.module.source().slice(at.ast().span(node))
}

fn never_returns(at: &At, node: NodeId) -> bool {
    let Expr::Call { module, function, .. } = at.ast().expr(node) else { return false };
    let of_erlang = module.is_none_or(|module| at.ast().atom(module).is_some_and(|it| it == "erlang"));
    of_erlang && at.ast().atom(*function).is_some_and(|it| ["error", "exit", "throw"].contains(&it.as_str()))
}

/// Whether a statement stands in the body in which a node stands, or in one around it: what it binds, and what it is
/// bound to, is known there on every way.
fn binds_for_all(at: &At, statement: NodeId, node: NodeId) -> bool {
    let (ast, Some(clause)) = (at.ast(), at.clause()) else { return false };
    let wanted = ast.span(node);
    bodies_of(ast, clause).any(|body| {
        let body = ast.list(body);
        let at = body.iter().position(|&it| it == statement);
        at.is_some_and(|at| body[at + 1..].iter().any(|&later| ast.span(later).contains(wanted)))
    })
}

/// Lets a handler that returned one of certain values return what stands for each of them.
fn decisions(serving: &Serving<'_>, change: &HookChange, target: &Hook) -> Result<Returned, String> {
    if !serving.handler.accumulator().looks.is_empty() {
        return Err("the handler looks into its accumulator, which is another one now".to_owned());
    }
    let mut done = Done::default();
    for at in serving.handler.clauses() {
        let mut editor = ClauseEditor::new(at).ok_or("a clause of the handler could not be parsed")?;
        let (accumulator, named) = accumulator_of(&mut editor)?;
        let decisions = Decisions { serving, change, at, accumulator };
        decisions.result(&flow_of(serving, at)?, &mut done)?;
        named.into_iter().for_each(|edit| done.push(edit));
    }
    let handler = serving.handler;
    for edit in specs::results::with_accumulator(&handler.module, &handler.name, handler.arity, &target.accumulator) {
        done.push(edit);
    }
    Ok(done.finish())
}

fn flow_of<'a>(serving: &'a Serving<'_>, at: &'a At) -> Result<Flow<'a>, String> {
    let body = at.clause().map(|clause| at.ast().list(clause.body));
    let &last = body.and_then(<[NodeId]>::last).ok_or("a clause of the handler could not be parsed")?;
    Ok(flow::of(serving.handler, at, last))
}

/// The accumulator's name in a clause, and the edit that gives it one.
///
/// # Errors
/// The accumulator is matched with something that gives it no name.
pub fn accumulator_of(editor: &mut ClauseEditor<'_>) -> Result<(String, Option<Edit>), String> {
    let no_name = || "the accumulator has no name in the handler's head".to_owned();
    let pattern = editor.argument(0).ok_or_else(no_name)?;
    let sides = match editor.ast.expr(pattern) {
        Expr::Match { left, right } => vec![*left, *right],
        _ => vec![pattern],
    };
    let name = sides.iter().find_map(|&side| Some((side, editor.ast.var(side)?.clone()))).ok_or_else(no_name)?;
    match name {
        (_, name) if !name.starts_with('_') => Ok((name.to_string(), None)),
        (side, name) if name == "_" || editor.uses(&name, side).is_empty() => {
            let new = editor.fresh(ACCUMULATOR);
            Ok((new.clone(), Some(Edit::replace(editor.at.place(side), new))))
        }
        (_, name) => Ok((name.to_string(), None)),
    }
}

struct Decisions<'a, 'b> {
    serving: &'a Serving<'b>,
    change: &'a HookChange,
    at: &'a At,
    /// The accumulator's name in the clause.
    accumulator: String,
}

impl<'a> Decisions<'a, '_> {
    /// What is returned for a value, when that is written out.
    fn after(&self, at: &At, node: NodeId) -> Option<String> {
        let value = at.ast().atom(node)?;
        let entry = self.change.results.iter().find(|it| it.before == value.as_str())?;
        Some(substitute(&entry.after, |name| (name == ACCUMULATOR).then(|| self.accumulator.clone())))
    }

    fn is_accumulator(&self, at: &At, node: NodeId) -> bool {
        at.ast().var(node).is_some_and(|name| *name == self.accumulator)
    }

    fn result(&self, flow: &Flow<'a>, done: &mut Done) -> Result<(), String> {
        match flow {
            Flow::Leaf(at, node) if never_returns(at, *node) => Ok(()),
            Flow::Leaf(at, node) => self.pair(at, *node, done),
            Flow::Branches(from) | Flow::Named(Named { alone: true, from, .. }) => {
                from.iter().try_for_each(|it| self.result(it, done))
            }
            Flow::Named(_) => Err("a result is used in other ways, too".to_owned()),
            Flow::Called(_) => Err("a result is made in another function".to_owned()),
            Flow::Opaque(why) => Err(format!("a result cannot be followed: {why}")),
        }
    }

    fn pair(&self, at: &'a At, node: NodeId, done: &mut Done) -> Result<(), String> {
        let pair = Pair::of(at, node).ok_or("a result is not written as a tuple")?;
        if self.is_accumulator(at, pair.value) && std::ptr::eq(at, self.at) {
            if pair.stops {
                done.replace(at, pair.tag, "ok");
                done.because(NO_LONGER_STOPS);
            }
            return Ok(());
        }
        if let Some(after) = self.after(at, pair.value) {
            done.replace(at, node, after);
            return Ok(());
        }
        let value = flow::of(self.serving.handler, at, pair.value);
        self.value(&value, done)?;
        if !matches!(value, Flow::Named(_)) {
            return Err("what a result says cannot be rewritten where it stands".to_owned());
        }
        done.replace(at, node, text_of(at, pair.value));
        Ok(())
    }

    /// The value of a result whose tag is taken off.
    fn value(&self, flow: &Flow<'a>, done: &mut Done) -> Result<(), String> {
        match flow {
            Flow::Leaf(at, node) => {
                let after = self.after(at, *node).ok_or("what a result says is known only when the code runs")?;
                done.replace(at, *node, after);
                Ok(())
            }
            Flow::Branches(from) | Flow::Named(Named { alone: true, from, .. }) => {
                from.iter().try_for_each(|it| self.value(it, done))
            }
            _ => Err("what a result says is known only when the code runs".to_owned()),
        }
    }
}

/// Results without a tag, tagged with `ok`, where they are made.
///
/// # Errors
/// They stand where others look at them as well, or they are no accumulators.
pub fn tagged(serving: &Serving<'_>, wanted: Span) -> Result<Vec<Edit>, String> {
    let results = flow::results(serving.handler);
    let mut done = Done::default();
    let mut stuck = None;
    for result in &results {
        wrap(&results, result, wanted, true, &mut done, &mut stuck);
    }
    match (stuck, done.edits.is_empty()) {
        (Some(why), _) => Err(why),
        (None, true) => Err("the result is made where it cannot be tagged".to_owned()),
        (None, false) => Ok(done.edits),
    }
}

/// `ours` is whether everything on the way is the result and nothing else.
fn wrap(results: &[Flow<'_>], flow: &Flow<'_>, wanted: Span, ours: bool, done: &mut Done, stuck: &mut Option<String>) {
    match flow {
        Flow::Leaf(at, node) if at.ast().span(*node) == wanted => {
            if ours {
                done.wrap(at, *node, "{ok, ", "}");
            } else {
                *stuck = Some("the same value is used in other ways, too".to_owned());
            }
        }
        Flow::Branches(from) => from.iter().for_each(|it| wrap(results, it, wanted, ours, done, stuck)),
        Flow::Named(named) => match &named.from[..] {
            // One value under a name: the name is what is returned.
            [Flow::Leaf(at, node)] if at.ast().span(*node) == wanted && ours => {
                done.wrap(named.at, named.node, "{ok, ", "}");
            }
            from => from.iter().for_each(|it| wrap(results, it, wanted, ours && named.alone, done, stuck)),
        },
        Flow::Called(called) => {
            let owned = ours && flow::is_owned(results, called);
            match argument_at(called, wanted) {
                Some(index) => returned_argument(called, index).for_each(|(at, node)| {
                    let span = at.ast().span(node);
                    called.from.iter().for_each(|it| wrap(results, it, span, owned, done, stuck));
                }),
                None => called.from.iter().for_each(|it| wrap(results, it, wanted, owned, done, stuck)),
            }
        }
        Flow::Leaf(..) | Flow::Opaque(_) => {}
    }
}

/// Which of a call's arguments stands at a place.
fn argument_at(called: &Called<'_>, wanted: Span) -> Option<usize> {
    let ast = called.at.ast();
    let Expr::Call { args, .. } = ast.expr(called.node) else { return None };
    ast.list(*args).iter().position(|&arg| ast.span(arg) == wanted)
}

/// Where the called function returns an argument as it is.
fn returned_argument<'a>(called: &Called<'a>, index: usize) -> impl Iterator<Item = (&'a At, NodeId)> {
    let function = (called.name.clone(), called.arity);
    let leaves = called.from.iter().flat_map(Flow::leaves);
    leaves.filter(move |(at, node)| {
        let (ast, name) = (at.ast(), at.ast().var(*node));
        let pattern = at.clause().and_then(|clause| ast.list(clause.patterns).get(index).copied());
        at.function() == function && name.is_some() && pattern.is_some_and(|pattern| ast.var(pattern) == name)
    })
}

/// `stop` for `ok` as the tag of every result that stops, so that the stanza passes.
///
/// # Errors
/// A result is made where others look at it as well.
pub fn passing(serving: &Serving<'_>) -> Result<Vec<Edit>, String> {
    let results = flow::results(serving.handler);
    let mut edits: Vec<Edit> = Vec::new();
    let mut handled = Vec::new();
    for result in &results {
        unstopped(&results, result, true, &mut |at, node, ours| {
            let Some(pair) = Pair::of(at, node).filter(|pair| pair.stops && ours) else { return };
            handled.push(at.ast().span(node));
            let edit = Edit::replace(at.place(pair.tag), "ok");
            if !edits.iter().any(|known| known.same(&edit)) {
                edits.push(edit);
            }
        });
    }
    let mut stops = serving.handler.returns().iter().filter(|path| matches!(path.what, Return::Stop(_)));
    match stops.all(|path| handled.contains(&path.place.span)) {
        true => Ok(edits),
        false => Err("a result that stops is made where it cannot be rewritten".to_owned()),
    }
}

fn unstopped<'a>(results: &[Flow<'a>], flow: &Flow<'a>, ours: bool, visit: &mut impl FnMut(&'a At, NodeId, bool)) {
    match flow {
        Flow::Leaf(at, node) => visit(at, *node, ours),
        Flow::Branches(from) => from.iter().for_each(|it| unstopped(results, it, ours, visit)),
        Flow::Named(named) => named.from.iter().for_each(|it| unstopped(results, it, ours && named.alone, visit)),
        Flow::Called(called) => {
            let owned = ours && flow::is_owned(results, called);
            called.from.iter().for_each(|it| unstopped(results, it, owned, visit));
        }
        Flow::Opaque(_) => {}
    }
}
