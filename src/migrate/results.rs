//! Returning what the new release takes for the same decision: how a stanza is dropped.

use super::serving::Serving;
use crate::catalog::HookChange;
use crate::project::handlers::{At, Return, ReturnPath, is_result_drop};
use crate::rewrite::Edit;
use crate::syntax::ast::{Expr, NodeId};

/// The edits, and what a person has to look at.
#[derive(Debug, Default)]
pub struct Returned {
    pub edits: Vec<Edit>,
    pub reasons: Vec<String>,
}

/// Lets the handler's own clauses drop stanzas as the new release wants it.
///
/// # Errors
/// A result cannot be rewritten where it stands; says which, and why.
pub fn convert(serving: &Serving<'_>, change: &HookChange) -> Result<Returned, String> {
    let mut done = Returned::default();
    let Some(drop) = &change.drop else { return Ok(done) };
    let by_accumulator = drop.before.contains("mongoose_acc:");
    if by_accumulator && !serving.handler.uses_hook_result() && !stops(serving) {
        return Ok(done);
    }
    let mut sets_in_results = 0;
    for path in serving.handler.returns() {
        let (drops, stops) = match &path.what {
            Return::Ok(payload) if by_accumulator => (payload.result_drop, false),
            Return::Ok(payload) => (payload.drop, false),
            Return::Stop(payload) => (by_accumulator && payload.result_drop, true),
            Return::Untagged(_) => continue,
            Return::Unknown(why) if by_accumulator => return Err(format!("a result cannot be followed: {why}")),
            Return::Unknown(_) => continue,
        };
        if by_accumulator {
            sets_in_results += usize::from(drops);
            result_in_accumulator(serving, path, drops, stops, &mut done)?;
        } else if drops {
            let (at, tag, _) = pair(serving, path)?;
            done.edits.push(Edit::replace(at.place(tag), "stop"));
        }
    }
    let uses = serving.handler.result_drops().count();
    if by_accumulator && uses > sets_in_results {
        return Err("`hook`/`result` is set where it does not go straight into a result".to_owned());
    }
    if by_accumulator && asks_for_result(serving) {
        return Err("`hook`/`result` is asked for in the accumulator".to_owned());
    }
    Ok(done)
}

fn stops(serving: &Serving<'_>) -> bool {
    serving.handler.returns().iter().any(|path| matches!(path.what, Return::Stop(_)))
}

fn asks_for_result(serving: &Serving<'_>) -> bool {
    serving.handler.calls_of("mongoose_acc", "get").any(|call| {
        let ast = call.at.ast();
        let atom = |at: usize| call.args.get(at).and_then(|&arg| ast.atom(arg));
        atom(0).is_some_and(|it| it == "hook") && atom(1).is_some_and(|it| it == "result")
    })
}

/// `{ok, mongoose_acc:set(hook, result, drop, Acc)}` becomes `{stop, Acc}`, and a `stop` that dropped nothing `ok`.
fn result_in_accumulator(
    serving: &Serving<'_>,
    path: &ReturnPath,
    drops: bool,
    stops: bool,
    done: &mut Returned,
) -> Result<(), String> {
    if !drops && !stops {
        return Ok(());
    }
    let (at, tag, value) = pair(serving, path)?;
    let ast = at.ast();
    if !drops {
        done.edits.push(Edit::replace(at.place(tag), "ok"));
        done.reasons
            .push("`{stop, _}` kept later handlers of the hook from being called, and `{ok, _}` does not".to_owned());
        return Ok(());
    }
    let Expr::Call { args, .. } = ast.expr(value) else {
        return Err("`hook`/`result` is set before the result is made".to_owned());
    };
    let (true, Some(&accumulator)) = (is_result_drop(ast, value), ast.list(*args).last()) else {
        return Err("`hook`/`result` is set before the result is made".to_owned());
    };
    if !stops {
        done.edits.push(Edit::replace(at.place(tag), "stop"));
    }
    let text = at.module.source().slice(ast.span(accumulator)).to_owned();
    done.edits.push(Edit::replace(at.place(value), text));
    Ok(())
}

/// The tag and the value of a result that is written out in the handler's own clauses.
fn pair<'a>(serving: &'a Serving<'_>, path: &ReturnPath) -> Result<(&'a At, NodeId, NodeId), String> {
    let own = |at: &&At| {
        at.clause().is_some_and(|clause| clause.span.contains(path.place.span))
            && at.module.source().path() == path.place.source.path()
    };
    let at = serving.handler.clauses().iter().find(own).ok_or("a result is made in another function")?;
    let clause = at.clause().ok_or("a clause of the handler could not be parsed")?;
    let ast = at.ast();
    let node = ast
        .descend_clause(clause)
        .find(|(node, expr)| matches!(expr, Expr::Tuple(_)) && ast.span(*node) == path.place.span);
    let Some((_, Expr::Tuple(items))) = node else { return Err("a result is not written as a tuple".to_owned()) };
    match *ast.list(*items) {
        [tag, value] if ast.atom(tag).is_some() => Ok((at, tag, value)),
        _ => Err("the tag of a result is known only when the code runs".to_owned()),
    }
}
