//! The session's state: a record in a C2S process of one release, opaque data with accessors in another.

use super::code::clause::ClauseEditor;
use super::code::template::{Snippet, substitute, variables};
use super::threading;
use crate::catalog::{ApiChange, RewriteClass, Upgrade};
use crate::project::handlers::{Callee, callee, is_log_macro};
use crate::rewrite::Edit;
use crate::source::Span;
use crate::syntax::ast::{Expr, Name, NodeId};

/// The name that stands for the session's data in the catalog's code.
pub const SESSION: &str = "C2SData";

/// The parameter in which handlers get it.
pub const PARAMETER: &str = "c2s_data";

/// What a person has to look at where a field of the session's state is read outside of the handler that writes it.
const KEPT: &str =
    "what is read must be kept under that name by the handler that wrote the field of the session's state";

/// What becomes of a use of the session's state.
pub enum Use {
    /// The same is had from the session's data by these edits; the last says what a person has to look at.
    Same(Vec<Edit>, Option<String>),
    /// A function of the module gets it as its argument at `index`, counted from 0.
    Handed { function: Name, arity: usize, index: usize, call: Span },
    /// It is matched as a whole.
    Matched { whole: NodeId, with: NodeId },
    /// It cannot be rewritten alone, and why.
    Stuck(String),
}

/// What becomes of a use of what held the session's state, a variable or the call that gives it, and holds the session's
/// data from now on: `session` is the new variable, or call.
#[must_use]
pub fn translate(editor: &ClauseEditor<'_>, upgrade: &Upgrade, node: NodeId, session: &str) -> Use {
    let at = editor.at;
    if editor.is_matched(node) {
        return Use::Stuck("the session's state is matched with, or decides in a guard".to_owned());
    }
    let Some(parent) = editor.parent(node) else {
        return Use::Stuck("the session's state is returned".to_owned());
    };
    let used = match editor.ast.expr(parent) {
        Expr::Call { module, function, args } => {
            let arguments = editor.ast.list(*args);
            let called = callee(&at.module, editor.ast, *module, *function);
            let index = arguments.iter().position(|&argument| argument == node);
            match (&called, index) {
                // It was rewritten before: such a module takes nothing but the session's data.
                (Callee::Remote(module_name, _), Some(_)) if upgrade.has_added_module(module_name) => {
                    Some(Use::Same(Vec::new(), None))
                }
                (Callee::Remote(module_name, name), Some(_)) => {
                    let fate = upgrade.function_fate(module_name, name, arguments.len());
                    let entry = fate.as_ref().and_then(crate::catalog::FunctionFate::entry);
                    entry.and_then(accessor).filter(|_| arguments.len() == 1).zip(*module).map(|(new, module)| {
                        let (start, end) = (editor.ast.span(module).start, editor.ast.span(*function).end);
                        let place = at.module.place(Span { start, end });
                        Use::Same(vec![Edit::replace(place, format!("{}:{}", new.0, new.1))], None)
                    })
                }
                (Callee::Local(name), Some(index)) if at.module.defines(name, arguments.len()) => Some(Use::Handed {
                    function: name.clone(),
                    arity: arguments.len(),
                    index,
                    call: editor.ast.span(parent),
                }),
                _ => None,
            }
            .or_else(|| {
                let read = threading::read_from(editor, upgrade, parent, node, session)?;
                Some(read.map_or_else(Use::Stuck, |edits| Use::Same(edits, Some(KEPT.to_owned()))))
            })
            .unwrap_or_else(|| {
                let instead = instead_of(upgrade, &called, arguments.len());
                Use::Stuck(format!("the session's state goes to {}{instead}", shown(&called, arguments.len())))
            })
        }
        Expr::RecordField { base, field } if *base == node => {
            match value_of(upgrade, &field.record, &field.field, session) {
                Ok((new, reason)) => {
                    Use::Same(vec![Edit::replace(at.place(parent), editor.as_operand(parent, new))], reason)
                }
                Err(why) => Use::Stuck(why),
            }
        }
        Expr::Match { left, right } if *right == node => Use::Matched { whole: parent, with: *left },
        Expr::Match { left, right } if *left == node && matches!(editor.ast.expr(*right), Expr::Var(_)) => {
            Use::Stuck("the session's state is compared with another one".to_owned())
        }
        _ => Use::Stuck("the session's state is used as a whole".to_owned()),
    };
    match used {
        Use::Stuck(_) if is_logged(editor, node) => Use::Same(Vec::new(), None),
        used => used,
    }
}

/// Why a use cannot be rewritten where nothing but the clause at hand is.
#[must_use]
pub fn why_not(used: &Use) -> String {
    match used {
        Use::Stuck(why) => why.clone(),
        Use::Handed { function, arity, .. } => format!("the session's state goes to `{function}/{arity}`"),
        Use::Matched { .. } | Use::Same(..) => "the session's state is matched as a whole".to_owned(),
    }
}

fn is_logged(editor: &ClauseEditor<'_>, node: NodeId) -> bool {
    let mut above = std::iter::successors(editor.parent(node), |&node| editor.parent(node));
    above.any(|node| matches!(editor.ast.expr(node), Expr::Macro { name, .. } if is_log_macro(name)))
}

/// What gives the value of a field of the session's record, and what a person has to look at.
///
/// # Errors
/// Nothing gives it; says so.
pub fn value_of(
    upgrade: &Upgrade,
    record: &str,
    field: &str,
    session: &str,
) -> Result<(String, Option<String>), String> {
    let wanted = format!("{record}.{field}");
    let fate = upgrade.record_fate(record);
    let entry = fate.as_ref().and_then(|fate| fate.entries.iter().rfind(|entry| entry.name == wanted));
    let usable = |entry: &&&ApiChange| !entry.instead.is_empty() && entry.rewrite != RewriteClass::Advice;
    let entry = entry.filter(usable).ok_or_else(|| format!("nothing stands for `#{wanted}` any more"))?;
    let others = variables(&entry.instead).iter().any(|name| *name != SESSION);
    if others || entry.instead.contains('?') {
        return Err(format!("what stands for `#{wanted}` has to be decided by a person"));
    }
    let new = substitute(&entry.instead, |name| (name == SESSION).then(|| session.to_owned()));
    // What a note says first is what becomes of code that stays as it is.
    let note = entry.note.split_once("`badrecord`.").map_or(entry.note.as_str(), |(_, rest)| rest).trim();
    let reason = (entry.rewrite != RewriteClass::Mechanical).then(|| match note {
        "" => format!("what stands for `#{wanted}` may be another value"),
        note => format!("`#{wanted}`: {note}"),
    });
    Ok((new, reason))
}

/// What there is for a function that is gone, as the end of a clause that names it.
fn instead_of(upgrade: &Upgrade, called: &Callee, arity: usize) -> String {
    let Callee::Remote(module, name) = called else { return String::new() };
    let fate = upgrade.function_fate(module, name, arity);
    let entry = fate.as_ref().and_then(crate::catalog::FunctionFate::entry).filter(|entry| !entry.instead.is_empty());
    entry.map_or_else(String::new, |entry| {
        let why = if entry.stuck.is_empty() { String::new() } else { format!(": {}", entry.stuck) };
        format!(", for which there is `{}` now{why}", entry.instead)
    })
}

fn shown(called: &Callee, arity: usize) -> String {
    match called {
        Callee::Local(name) => format!("`{name}/{arity}`"),
        Callee::Remote(module, name) => format!("`{module}:{name}/{arity}`"),
        Callee::Dynamic => "a function that is known only when the code runs".to_owned(),
    }
}

/// The function that gives from the session's data what a function of one argument gave from the session's state.
#[must_use]
pub fn accessor(entry: &ApiChange) -> Option<(String, String)> {
    if entry.rewrite != RewriteClass::Mechanical || variables(&entry.instead) != [SESSION] {
        return None;
    }
    let snippet = Snippet::parse(&entry.instead)?;
    let (module, function, &[only]) = snippet.call()? else { return None };
    let is_session = snippet.ast().var(only).is_some_and(|name| name == SESSION);
    is_session.then(|| (module.to_owned(), function.to_owned()))
}
