//! A function of the server that is called, named or imported.

mod in_place;
mod named;
mod parameter;
mod template;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use super::stanza::{self, Kind};
use super::tree::Tree;
use super::{judged, proposable};
use crate::catalog::ApiChange;
use crate::migrate::code::template::Snippet;
use crate::outline::Module;
use crate::project::registrations::Registration;
use crate::rewrite::Fix;
use crate::syntax::ast::{Expr, NodeId};
use crate::syntax::uses::{FunctionUse, How};

pub use template::Template;
pub(super) use template::is_other_term;

/// What takes a function's place where it is used.
///
/// # Errors
/// Why no code can be proposed: a clause without a full stop.
pub fn fix(
    module: &Arc<Module>,
    registrations: &[Registration],
    used: &FunctionUse,
    entry: &ApiChange,
) -> Result<Fix, String> {
    let tree = Tree::around(module, used.whole)?;
    let narrowed = narrowed(entry, &tree, used);
    let entry = narrowed.as_ref().unwrap_or(entry);
    proposable(entry)?;
    let template = Template::of(entry)?;
    let title = format!("use `{}`", entry.instead);
    match used.how {
        How::Call => {
            let call =
                tree.find(used.whole, |expr| matches!(expr, Expr::Call { .. })).ok_or("the call was not found")?;
            if let Some(other) = for_accumulator(entry, &template, &tree, call) {
                return fix(module, registrations, used, &other);
            }
            let edits = template.replace(entry, &tree, call)?;
            if let Some(held) = template.old_parameter(&tree, registrations, call) {
                return Err(format!("`{held}` is given to the handler: it changes with its handler, or not at all"));
            }
            Ok(judged(entry, &tree, call, title, edits)?.because(template.doubts(entry, &tree, call)))
        }
        How::Fun => {
            let fun =
                tree.find(used.whole, |expr| matches!(expr, Expr::FunRef { .. })).ok_or("the fun was not found")?;
            named::fix(&template, entry, title, || template.fun(&tree, fun))
        }
        How::Applied => named::fix(&template, entry, title, || template.applied(entry, &tree, used)),
        How::Import => named::fix(&template, entry, title, || template.import(&tree, used)),
    }
}

/// An entry as if it were about the first of its forms that a call has.
fn narrowed(entry: &ApiChange, tree: &Tree<'_>, used: &FunctionUse) -> Option<ApiChange> {
    if entry.forms.is_empty() || used.how != How::Call {
        return None;
    }
    let call = tree.find(used.whole, |expr| matches!(expr, Expr::Call { .. }))?;
    let fits = |was: &str| Snippet::parse(was).is_some_and(|was| was.bind(tree.ast, call).is_some());
    let form = entry.forms.iter().find(|form| fits(&form.was))?;
    let mut narrowed = entry.clone();
    narrowed.was.clone_from(&form.was);
    narrowed.instead.clone_from(&form.instead);
    narrowed.rewrite = form.rewrite;
    narrowed.stuck.clear();
    narrowed.results.clear();
    narrowed.binaries.clear();
    Some(narrowed)
}

/// What an entry says about a call that is given an accumulator in place of a stanza.
fn for_accumulator(entry: &ApiChange, template: &Template, tree: &Tree<'_>, call: NodeId) -> Option<ApiChange> {
    if entry.instead_of_accumulator.is_empty() {
        return None;
    }
    let bound = template.was.bind(tree.ast, call)?;
    let is_acc = |(name, value): (&str, NodeId)| {
        entry.elements.iter().any(|it| it == name) && stanza::kind(tree, value) == Kind::Accumulator
    };
    let other = ApiChange {
        instead: entry.instead_of_accumulator.clone(),
        instead_of_accumulator: String::new(),
        elements: Vec::new(),
        rewrite: crate::catalog::RewriteClass::Suggestion,
        note: "From whom and to whom the stanza is sent stands in the accumulator as well now.".to_owned(),
        ..entry.clone()
    };
    bound.iter().any(is_acc).then_some(other)
}

/// Whether a call has the form of an entry's new code already, where that has more form than a mere call.
#[must_use]
pub fn is_new(module: &Arc<Module>, used: &FunctionUse, entry: &ApiChange) -> bool {
    let (Some(new), Ok(tree)) = (Snippet::parse(&entry.instead), Tree::around(module, used.whole)) else {
        return false;
    };
    let Some((_, _, args)) = new.call() else { return false };
    if args.iter().all(|&argument| new.ast().is_var(argument)) {
        return false;
    }
    let call = tree.find(used.whole, |expr| matches!(expr, Expr::Call { .. }));
    call.is_some_and(|call| new.bind(tree.ast, call).is_some())
}
