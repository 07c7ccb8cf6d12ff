//! The accumulator's type in the `-spec` of a handler.

use rustc_hash::FxHashSet;

use super::Spec;
use crate::catalog::HookChange;
use crate::migrate::serving::Serving;
use crate::rewrite::Edit;
use crate::syntax::ast::{Expr, Name, NodeId};

/// Lets the spec of a handler take and return the new accumulator where it said what the old one was, also by the name
/// that this type has in its own module. `may_stop` is whether the result's tag can be `stop` from now on.
#[must_use]
pub fn respecify(serving: &Serving<'_>, change: &HookChange, may_stop: bool) -> Vec<Edit> {
    let Some(changed) = &change.accumulator else { return Vec::new() };
    let old = [changed.before.as_str(), changed.before.rsplit(':').next().unwrap_or("")];
    let handler = &serving.handler;
    let mut edits = Vec::new();
    for spec in Spec::of(&handler.module, &handler.name, handler.arity) {
        edits.extend(retyped(&spec, &old, &changed.after));
        if may_stop {
            edits.extend(with_stop(&spec));
        }
    }
    edits
}

/// The edits in the first argument, in the result, and in what the variables in these are said to be. Other arguments can have the same type in
/// them, and mean something else by it.
#[must_use]
pub fn retyped(spec: &Spec<'_>, before: &[&str], after: &str) -> Vec<Edit> {
    let mut parts: Vec<NodeId> = spec.argument(0).into_iter().chain([spec.signature.result]).collect();
    let mut others: Vec<_> = spec.signature.constraints.iter().collect();
    let mut at = 0;
    while let Some(&part) = parts.get(at) {
        let names: FxHashSet<&Name> = spec.ast.descend([part]).filter_map(|(node, _)| spec.ast.var(node)).collect();
        parts.extend(others.extract_if(.., |(name, _)| names.contains(name)).map(|(_, ty)| *ty));
        at += 1;
    }
    parts.into_iter().flat_map(|part| spec.retyped(part, before, after)).collect()
}

/// `ok | stop` for the `ok` of `{ok, _}` in the result.
fn with_stop(spec: &Spec<'_>) -> Option<Edit> {
    let Expr::Tuple(items) = spec.ast.expr(spec.signature.result) else { return None };
    let tag = *spec.ast.list(*items).first()?;
    spec.ast.atom(tag).is_some_and(|tag| tag == "ok").then(|| spec.replace(tag, "ok | stop"))
}
