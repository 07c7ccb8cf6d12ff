//! The accumulator's type in the `-spec` of a handler.

use super::Job;
use crate::catalog::Recipe;
use crate::rewrite::Edit;
use crate::syntax::ast::{Ast, Expr, Item, Name, NodeId, Signature};
use crate::syntax::scan::FormKind;

/// Lets the spec of the handler take and return the new accumulator where it said what the old one was.
#[must_use]
pub fn of_accumulator(job: &Job<'_>) -> Vec<Edit> {
    let module = &job.serving.handler.module;
    let Some(change) = &job.change.accumulator else { return Vec::new() };
    let old = [change.before.as_str(), change.before.rsplit(':').next().unwrap_or("")];
    let mut edits = Vec::new();
    for (index, form) in module.forms() {
        if form.kind != FormKind::Attribute || module.source().slice(form.name) != "spec" {
            continue;
        }
        let Ok(ast) = module.ast(index) else { continue };
        for item in &ast.items {
            let Item::Spec { function, signatures } = item else { continue };
            for signature in signatures {
                if *function == job.serving.handler.name && signature.args.len() == job.serving.handler.arity {
                    let spec = Spec { ast, signature, text: &|node| module.source().slice(ast.span(node)) };
                    let types = spec.types(&old).into_iter();
                    edits.extend(types.map(|node| Edit::replace(module.place(ast.span(node)), change.after.as_str())));
                    if job.threading.recipe == Recipe::HandlerState {
                        let tag = spec.tag();
                        edits.extend(tag.map(|node| Edit::replace(module.place(ast.span(node)), "ok | stop")));
                    }
                }
            }
        }
    }
    edits
}

struct Spec<'a> {
    ast: &'a Ast,
    signature: &'a Signature,
    text: &'a dyn Fn(NodeId) -> &'a str,
}

impl Spec<'_> {
    /// Where the accumulator's old type stands: in the first argument, in the result, and in what a variable of these
    /// is said to be.
    fn types(&self, old: &[&str]) -> Vec<NodeId> {
        let first = self.ast.list(self.signature.args).first().copied();
        let mut found = Vec::new();
        for root in first.into_iter().chain([self.signature.result]) {
            for (node, expr) in self.ast.descend([root]) {
                match expr {
                    Expr::Var(name) => found.extend(self.constraint(name).filter(|node| self.is(*node, old))),
                    _ if self.is(node, old) => found.push(node),
                    _ => {}
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    fn is(&self, node: NodeId, old: &[&str]) -> bool {
        let plain: String = (self.text)(node).chars().filter(|c| !c.is_whitespace()).collect();
        old.contains(&plain.as_str())
    }

    fn constraint(&self, name: &Name) -> impl Iterator<Item = NodeId> {
        self.signature.constraints.iter().filter(move |(it, _)| it == name).map(|(_, node)| *node)
    }

    /// The `ok` of `{ok, _}` in the result.
    fn tag(&self) -> Option<NodeId> {
        let Expr::Tuple(items) = self.ast.expr(self.signature.result) else { return None };
        let tag = *self.ast.list(*items).first()?;
        self.ast.atom(tag).is_some_and(|tag| tag == "ok").then_some(tag)
    }
}
