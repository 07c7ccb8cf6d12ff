//! Rewriting what code uses of the server around the hooks: functions, messages, fields of records, headers. What a use
//! becomes stands in the catalog, as a piece of code before (`was`) and after (`instead`).

use crate::catalog::{ApiChange, RewriteClass};
use crate::rewrite::{Edit, Fix};
use crate::syntax::ast::NodeId;

pub mod call;
pub mod field;
pub mod include;
pub mod message;
mod outcomes;
mod stanza;
pub mod steps;
pub mod swap;
pub mod tree;

use tree::{Tree, Usage};

/// What a person has to look at when an entry's code is put in place of the old one.
fn reason(entry: &ApiChange) -> String {
    let further = entry.note_on_new().map(str::to_owned);
    further.unwrap_or_else(|| format!("what takes the place of `{}` need not do quite the same", entry.was))
}

/// Why there is no code to propose for an entry.
///
/// # Errors
/// There is none.
fn proposable(entry: &ApiChange) -> Result<(), String> {
    if !entry.stuck.is_empty() {
        return Err(entry.stuck.clone());
    }
    match (entry.instead.is_empty(), entry.was.is_empty() || entry.rewrite == RewriteClass::Advice) {
        (true, _) => Err("nothing takes its place".to_owned()),
        (false, true) => Err("what takes its place has to be written in another way".to_owned()),
        (false, false) => Ok(()),
    }
}

/// A fix out of edits that put an entry's new code in place of the expression `node`.
///
/// # Errors
/// The code around it looks at a result that is never the same again.
fn judged(entry: &ApiChange, tree: &Tree<'_>, node: NodeId, title: String, edits: Vec<Edit>) -> Result<Fix, String> {
    let mut safe = entry.rewrite == RewriteClass::Mechanical;
    let (around, doubts) = outcomes::edits(entry, tree, node)?;
    let edits = [edits, around].concat();
    if !entry.result.is_empty() {
        result_fits(entry, tree, node)?;
        safe &= tree.usage(node) == Usage::Ignored;
    }
    let fix = Fix::new(title, edits).because(doubts);
    Ok(if safe { fix } else { fix.because([reason(entry)]) })
}

/// # Errors
/// The value of `node` is matched with what an entry's result is not any more.
fn result_fits(entry: &ApiChange, tree: &Tree<'_>, node: NodeId) -> Result<(), String> {
    let Usage::Matched(patterns) = tree.usage(node) else { return Ok(()) };
    match patterns.iter().find(|&&pattern| !can_match(entry, tree, pattern)) {
        Some(&lost) => {
            let lost = tree.text(lost);
            Err(format!("its result, which is matched with `{lost}`, is `{}` now", entry.result))
        }
        None => Ok(()),
    }
}

fn can_match(entry: &ApiChange, tree: &Tree<'_>, pattern: NodeId) -> bool {
    let result = |name: &str| entry.result.split('|').any(|one| one.trim() == name);
    tree.ast.is_var(pattern) || tree.ast.atom(pattern).is_some_and(|name| result(name))
}
