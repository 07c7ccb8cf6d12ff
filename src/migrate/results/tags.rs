//! The tags of results alone: `{ok, _}` around a value without one, `ok` in place of `stop`.

use super::flow::{self, Called, Flow};
use super::{Done, Pair};
use crate::migrate::serving::Serving;
use crate::project::handlers::{At, Return};
use crate::rewrite::Edit;
use crate::source::Span;
use crate::syntax::ast::{Expr, NodeId};

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
