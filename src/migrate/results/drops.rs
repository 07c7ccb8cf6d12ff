//! Dropping a stanza, or refusing a session, in the new way.

use std::sync::Arc;

use super::flow::{self, Flow, Named};
use super::{Done, Pair, Returned, text_of};
use crate::catalog::DropChange;
use crate::migrate::code::bodies::bodies_of;
use crate::migrate::code::clause::ClauseEditor;
use crate::migrate::code::text;
use crate::migrate::serving::Serving;
use crate::migrate::specs;
use crate::outline::Module;
use crate::project::handlers::{At, Call, Return, is_result_drop};
use crate::rewrite::Edit;
use crate::source::Span;
use crate::syntax::ast::{Clause, Expr, NodeId};

pub(super) const NO_LONGER_STOPS: &str =
    "`{stop, _}` kept later handlers of the hook from being called, and `{ok, _}` does not";

/// Lets the handler drop as the new release has it.
///
/// # Errors
/// A result cannot be rewritten where it is made; says which, and why.
pub(super) fn drops(serving: &Serving<'_>, drop: &DropChange) -> Result<Returned, String> {
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
        let by_name = at.ast().is_var(pair.value) && leaves.iter().any(|(at, node)| is_from_elsewhere(at, *node));
        if !self.by_accumulator && (by_name || !is_of_the_clause(&value)) {
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
            if !self.by_accumulator && is_from_elsewhere(at, node) {
                self.done.because(&format!("`{}` may be `drop` as well", text_of(at, node)));
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
        if let Flow::Named(named) = flow {
            if !self.returned_at_once(at, pair, named) {
                self.done.replace(at, pair, text_of(at, value));
            }
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

    /// `Res = case ... end, {ok, Res}` is the `case`, once its branches are tagged.
    fn returned_at_once(&mut self, at: &At, pair: NodeId, named: &Named<'a>) -> bool {
        let (ast, source) = (at.ast(), at.module.source());
        let ([statement], Some(clause)) = (&named.matches[..], at.clause()) else { return false };
        let follows = bodies_of(ast, clause).any(|body| ast.list(body).windows(2).any(|two| two == [*statement, pair]));
        let Expr::Match { right, .. } = *ast.expr(*statement) else { return false };
        let (statement, right, pair) = (ast.span(*statement), ast.span(right), ast.span(pair));
        let (name, rest) =
            (Span { start: statement.start, end: right.start }, Span { start: right.end, end: pair.end });
        let between = Span { start: right.end, end: pair.start };
        let plain = |span: Span| !source.slice(span).contains(['%', '\n']);
        if !follows || !plain(name) || source.slice(between).trim() != "," {
            return false;
        }
        // Lines that hang on the column of the `case` move with it.
        let text = source.text();
        let column = text[..right.start as usize].rfind('\n').map_or(0, |line| right.start as usize - line - 1);
        let lines = source.slice(right).lines().skip(1).filter(|line| !line.trim().is_empty());
        if lines.into_iter().all(|line| line.len() - line.trim_start_matches(' ').len() >= column) {
            self.done.shift(at, right, name.len());
        }
        self.done.push(Edit::delete(at.module.place(name)));
        self.done.push(Edit::delete(at.module.place(rest)));
        true
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

/// Whether a value is made by a function of another module, which may say to drop as well.
fn is_from_elsewhere(at: &At, node: NodeId) -> bool {
    let Expr::Call { module: Some(module), .. } = at.ast().expr(node) else { return false };
    at.ast().atom(*module).is_none_or(|module| module != "erlang")
}

pub(in crate::migrate) fn never_returns(at: &At, node: NodeId) -> bool {
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
