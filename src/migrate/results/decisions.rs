//! Results that were one of certain values, each of which is said in another way now.

use super::drops::{NO_LONGER_STOPS, never_returns};
use super::flow::{self, Flow, Named};
use super::{Done, Pair, Returned, accumulator_of, flow_of, text_of};
use crate::catalog::{Hook, HookChange};
use crate::migrate::code::clause::ClauseEditor;
use crate::migrate::code::template::{ACCUMULATOR, substitute};
use crate::migrate::serving::Serving;
use crate::migrate::specs;
use crate::project::handlers::At;
use crate::syntax::ast::NodeId;

/// Lets a handler that returned one of certain values return what stands for each of them.
pub(super) fn decisions(serving: &Serving<'_>, change: &HookChange, target: &Hook) -> Result<Returned, String> {
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
