//! Those who send events to sessions: they change together with the handler that takes the events.

use std::sync::Arc;

use super::scan::{self, Hit, Wanted};
use crate::catalog::{Recipe, Sender};
use crate::migrate::code::template::Snippet;
use crate::migrate::serving::Context;
use crate::outline::Module;
use crate::rewrite::Edit;
use crate::source::Place;
use crate::syntax::ast::{Ast, Clause, Expr, Name, NodeId};
use crate::syntax::uses::{FunctionUse, How, Use};

/// The variable of a sender's form that is the event's tag.
const TAG: &str = "Tag";

/// Lets everything in the project that sends events with one of the tags send them as the new release takes them.
///
/// # Errors
/// A sender cannot be rewritten, or it cannot be seen what it sends; says which.
pub fn rewrite(
    context: &Context<'_>,
    senders: &[Sender],
    tags: &[Name],
    reasons: &mut Vec<String>,
) -> Result<Vec<Edit>, String> {
    let mut edits = Vec::new();
    for sender in senders {
        if let Some(place) = named_otherwise(context, &sender.before) {
            return Err(format!("what sends the events is named without being called ({})", place.file_and_line()));
        }
        if let Some(place) = scan::unread(context, &sender.before) {
            return Err(format!("code that may send the events could not be parsed ({})", place.file_and_line()));
        }
        for hit in scan::all(context, &sender.before) {
            let (Some(ast), Some(place)) = (hit.ast(), hit.place()) else { continue };
            let at = place.file_and_line();
            match hit.atom(context, TAG) {
                None => {
                    return Err(format!("an event is sent with a tag that is known only when the code runs ({at})"));
                }
                Some(tag) if !tags.contains(&tag) => continue,
                Some(_) => {}
            }
            if !sender.timer.is_empty() {
                timer(context, &hit, ast, sender, reasons).map_err(|why| format!("{why} ({at})"))?;
            }
            let form = Snippet::parse(&sender.before).ok_or("the catalog's form of a sender is broken")?;
            let new = form.rewrite(&hit.module, ast, hit.node, &hit.bound, &sender.after, &[]);
            edits.extend(new.map_err(|why| format!("{why} ({at})"))?);
        }
    }
    Ok(edits)
}

/// The module and the function of a sender that is one, and how many arguments it takes.
fn function(before: &str) -> Option<(&str, &str, usize)> {
    let (module, rest) = before.split_once(':')?;
    let (function, arguments) = rest.split_once('(')?;
    // A message can be an argument, and then it is the message that counts.
    let plain = !module.contains(' ') && !arguments.contains('{');
    plain.then(|| (module, function, arguments.matches(',').count() + 1))
}

/// A use of a sender other than a call: a fun, an import, or its name in a list of arguments.
fn named_otherwise(context: &Context<'_>, before: &str) -> Option<Place> {
    let (module, name, arity) = function(before)?;
    for user in context.modules.with_word(name) {
        for (form, _) in user.forms().filter(|(form, _)| user.text_of(*form).contains(name)) {
            // It may be named there.
            let Ok(used) = user.uses_in(form) else { return Some(user.place(user.form(form).span)) };
            let other = used.into_iter().find_map(|used| match used {
                Use::Function(it) if it.how != How::Call => {
                    (it.module == module && it.function == name && it.arity == arity).then_some(it.whole)
                }
                _ => None,
            });
            if let Some(span) = other {
                return Some(user.place(span));
            }
        }
    }
    None
}

/// What becomes of the timer that a sender gives.
fn timer(
    context: &Context<'_>,
    hit: &Hit,
    ast: &Ast,
    sender: &Sender,
    reasons: &mut Vec<String>,
) -> Result<(), String> {
    let clause = ast.function_clauses().find(|clause| clause.span.contains(ast.span(hit.node)));
    let clause = clause.ok_or("a timer is made outside of a function")?;
    match result(ast, clause, hit.node) {
        Fate::Ignored => Ok(()),
        Fate::Used => Err("the timer's reference is used, and it is another one now".to_owned()),
        Fate::Returned => {
            let stops = sender.timer.iter().find(|name| stopped_by(context, hit, name));
            if let Some(name) = stops {
                return Err(format!(
                    "the timer's reference is returned, and it is another one now: `erlang:{name}/1` does not know it"
                ));
            }
            let name = clause.name.and_then(|name| ast.atom(name)).cloned().unwrap_or_default();
            let what = format!(
                "`{name}/{}` returns `{{ok, TRef}}`, and returned the timer's reference",
                clause.patterns.len()
            );
            if !reasons.contains(&what) {
                reasons.push(what);
            }
            Ok(())
        }
    }
}

/// Whether a function of `erlang` that takes a timer's reference is called in the sender's module, or in one that
/// mentions that.
fn stopped_by(context: &Context<'_>, hit: &Hit, name: &str) -> bool {
    let home = hit.module.name().as_str();
    context.modules.with_word(name).iter().any(|module| {
        module.source().path() == hit.module.source().path() || module.source().text().contains(&format!("{home}:"))
    })
}

/// What is done with the value of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Ignored,
    /// It is the value of the function.
    Returned,
    Used,
}

fn result(ast: &Ast, clause: &Clause, node: NodeId) -> Fate {
    let body = ast.list(clause.body);
    if body.last() == Some(&node) {
        return Fate::Returned;
    }
    if body.contains(&node) {
        return Fate::Ignored;
    }
    for (outer, expr) in ast.descend_clause(clause) {
        match expr {
            Expr::Match { left, right } if *right == node => {
                let unused = ast.var(*left).is_some_and(|name| {
                    let uses = ast.descend_clause(clause).filter(|(_, it)| matches!(it, Expr::Var(it) if it == name));
                    name == "_" || uses.count() == 1
                });
                // As the last expression of a body, a match is a value as well.
                return if unused { result(ast, clause, outer) } else { Fate::Used };
            }
            Expr::Block(items) if ast.list(*items).contains(&node) => {
                return if ast.list(*items).last() == Some(&node) { result(ast, clause, outer) } else { Fate::Ignored };
            }
            Expr::Case { clauses, .. } | Expr::If { clauses } | Expr::Receive { clauses, .. } => {
                for branch in ast.clauses(*clauses) {
                    let body = ast.list(branch.body);
                    if body.last() == Some(&node) {
                        return result(ast, clause, outer);
                    }
                    if body.contains(&node) {
                        return Fate::Ignored;
                    }
                }
            }
            _ => {}
        }
    }
    Fate::Used
}

/// Why a sender is not rewritten by itself: a sentence about the one who gets what it sends, when this is one.
#[must_use]
pub fn waits_for(context: &Context<'_>, user: &Arc<Module>, used: &FunctionUse) -> Option<String> {
    let (module, name, span) = (used.module.as_str(), used.function.as_str(), used.name);
    let fates = context.upgrade.changes();
    for change in fates.iter().filter_map(|fate| fate.change()) {
        let Some(threading) = change.threading.as_ref().filter(|it| it.recipe == Recipe::HandlerState) else {
            continue;
        };
        for sender in &threading.senders {
            let is_it = function(&sender.before).is_some_and(|(m, f, _)| m == module && f == name);
            if !is_it {
                continue;
            }
            let hits = scan::inside(user, &sender.before);
            let hit = hits.into_iter().find(|hit| hit.place().is_some_and(|it| it.span.contains(span)))?;
            let Some(tag) = hit.atom(context, TAG) else {
                return Some(
                    "its tag is known only when the code runs, so what receives it cannot be found".to_owned(),
                );
            };
            let receivers = scan::receivers(context, &change.hook, &threading.tag);
            let receiver = receivers.iter().find(|it| it.tag == Wanted::One(tag.clone()));
            return Some(match receiver.map(|it| &it.registration.handler) {
                Some(crate::project::registrations::HandlerRef::External { module, function, arity }) => {
                    format!("it changes together with the handler that receives it, `{module}:{function}/{arity}`")
                }
                _ => format!("no handler in the checked code receives what is sent with the tag `{tag}`"),
            });
        }
    }
    None
}

/// Whether several handlers take events of one tag, of which one alone can say that it was handled.
#[must_use]
pub fn taken_twice(context: &Context<'_>, hook: &str, key: &str, tag: &Name) -> bool {
    let receivers = scan::receivers(context, hook, key);
    let mut handlers: Vec<_> =
        receivers.iter().filter(|it| it.tag == Wanted::One(tag.clone())).map(|it| &it.registration.handler).collect();
    handlers.dedup();
    handlers.len() > 1
}
