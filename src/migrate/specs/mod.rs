//! The `-spec`s of functions whose parameters, accumulator or results are others now.

pub mod accumulator;
pub mod parameters;
pub mod results;

use std::sync::Arc;

use crate::outline::{FormIndex, Module};
use crate::rewrite::Edit;
use crate::syntax::ast::{Ast, Expr, Item, NodeId, Signature};
use crate::syntax::scan::FormKind;

/// One signature of a function's `-spec`.
#[derive(Clone, Copy)]
pub struct Spec<'a> {
    pub module: &'a Arc<Module>,
    pub form: FormIndex,
    pub ast: &'a Ast,
    pub signature: &'a Signature,
}

impl<'a> Spec<'a> {
    /// The signatures of a function, in the order of the module.
    #[must_use]
    pub fn of(module: &'a Arc<Module>, function: &str, arity: usize) -> Vec<Self> {
        let mut found = Vec::new();
        for (form, attribute) in module.forms() {
            let is_spec = attribute.kind == FormKind::Attribute && module.source().slice(attribute.name) == "spec";
            if !is_spec || !module.text_of(form).contains(function) {
                continue;
            }
            let Ok(ast) = module.ast(form) else { continue };
            for item in &ast.items {
                let Item::Spec { function: name, signatures } = item else { continue };
                let own = signatures.iter().filter(|signature| name == function && signature.args.len() == arity);
                found.extend(own.map(|signature| Self { module, form, ast, signature }));
            }
        }
        found
    }

    /// The type of an argument, counted from 0.
    #[must_use]
    pub fn argument(&self, index: usize) -> Option<NodeId> {
        self.ast.list(self.signature.args).get(index).copied()
    }

    /// What a type is: without its name, and behind the `when` for a variable.
    #[must_use]
    pub fn meant(&self, ty: NodeId) -> NodeId {
        match self.ast.expr(ty) {
            Expr::Annotated { ty, .. } => *ty,
            Expr::Var(name) => {
                let constraint = self.signature.constraints.iter().find(|(constrained, _)| constrained == name);
                constraint.map_or(ty, |(_, ty)| *ty)
            }
            _ => ty,
        }
    }

    /// A type as it is written.
    #[must_use]
    pub fn text(&self, ty: NodeId) -> &'a str {
        self.module.source().slice(self.ast.span(ty))
    }

    /// Another type in place of one.
    #[must_use]
    pub fn replace(&self, ty: NodeId, text: impl Into<String>) -> Edit {
        Edit::replace(self.module.place(self.ast.span(ty)), text)
    }

    /// Another type in every place below one where it says one of `before`, whatever the blanks in it.
    #[must_use]
    pub fn retyped(&self, ty: NodeId, before: &[&str], after: &str) -> Vec<Edit> {
        let is_it = |node: &NodeId| {
            let plain: String = self.text(*node).chars().filter(|it| !it.is_whitespace()).collect();
            before.contains(&plain.as_str())
        };
        let places = self.ast.descend([ty]).map(|(node, _)| node).filter(is_it);
        places.map(|node| self.replace(node, after)).collect()
    }
}
