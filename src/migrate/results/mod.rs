//! Returning what the new release takes for the same decision: how a stanza is dropped, how a session is refused.
//!
//! Every tagged result on the handler's ways is found as a tree ([`flow`]). A result is rewritten where it is made: in
//! a branch, in a variable that is nothing but the result, in a function that serves this handler alone. Where
//! the decision is made in one place and tagged in another, the tag moves into the branches.

mod decisions;
mod drops;
pub mod fall_through;
#[cfg(test)]
mod fall_through_tests;
pub mod flow;
mod tags;
#[cfg(test)]
mod tests;

use crate::catalog::{Hook, HookChange};
use crate::migrate::code::clause::ClauseEditor;
use crate::migrate::code::template::ACCUMULATOR;
use crate::migrate::serving::Serving;
use crate::project::handlers::At;
use crate::rewrite::Edit;
use crate::source::Span;
use crate::syntax::ast::{Expr, NodeId};
use decisions::decisions;
use drops::drops;
use flow::Flow;

pub(in crate::migrate) use drops::never_returns;
pub use tags::{passing, tagged};

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
    change.drop.as_ref().map_or_else(|| Ok(Returned::default()), |drop| drops(serving, drop))
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

/// What was done to results so far.
#[derive(Default)]
pub(in crate::migrate) struct Done {
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
    pub fn push(&mut self, edit: Edit) {
        if !self.edits.iter().any(|known| known.same(&edit)) {
            self.edits.push(edit);
        }
    }

    pub fn replace(&mut self, at: &At, node: NodeId, text: impl Into<String>) {
        self.push(Edit::replace(at.place(node), text));
    }

    pub fn wrap(&mut self, at: &At, node: NodeId, before: &str, after: &str) {
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

    pub fn finish(mut self) -> Returned {
        let replaced: Vec<Span> = self.edits.iter().map(|edit| edit.place.span).collect();
        self.blanks.retain(|edit| !replaced.iter().any(|span| span.contains(edit.place.span)));
        self.edits.append(&mut self.blanks);
        Returned { edits: self.edits, reasons: self.reasons }
    }
}

fn text_of(at: &At, node: NodeId) -> &str {
    at.module.source().slice(at.ast().span(node))
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
