//! Through the module's own functions: an argument, or what a function returns, is such a value in all clauses and calls.

use super::flow::{Flow, Key};
use crate::migrate::api::tree::Tree;
use crate::migrate::code::callers::Uses;
use crate::outline::FormIndex;
use crate::syntax::ast::{Ast, Clause, Expr, Name};

/// A part of a function's contract that is such a value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    pub function: Name,
    pub arity: usize,
    /// `None` for what it returns.
    pub argument: Option<usize>,
}

impl Flow<'_, '_> {
    /// An argument of a function, or what it returns, is such a value, in all of its clauses and calls.
    pub(super) fn contract(&mut self, key: Key, part: &Part) {
        if let Some(&known) = self.parts.get(part) {
            self.visit(known, Some(key));
            return;
        }
        self.parts.insert(part.clone(), key);
        self.facts(key).parts.insert(part.clone());
        let (function, arity) = (&part.function, part.arity);
        let shown = format!("`{function}/{arity}`");
        if self.module.exports(function, arity) {
            let other = match part.argument {
                Some(_) => "who calls it from another module has to give a map",
                None => "who calls it from another module gets a map",
            };
            self.facts(key).open.insert(format!("{shown} is exported: {other}"));
        }
        let uses = Uses::of(self.module, function, arity);
        if uses.unread {
            return self.stuck(key, format!("a part of the code that names {shown} could not be parsed"));
        }
        if uses.named > 0 {
            self.facts(key).open.insert(format!("{shown} is handed on as a fun: who calls it is not seen"));
        }
        for form in self.module.function(function, arity) {
            let Some(at) = self.tree(form) else {
                self.stuck(key, format!("a part of {shown} could not be parsed"));
                continue;
            };
            let ast = self.trees[at].ast;
            for clause in ast.function_clauses().filter(|clause| is_of(ast, clause, function, arity)) {
                let node = match part.argument {
                    Some(index) => ast.list(clause.patterns).get(index),
                    None => ast.list(clause.body).last(),
                };
                if let Some(&node) = node {
                    self.visit((at, node), Some(key));
                }
            }
        }
        for span in uses.calls {
            let Some(at) = self.module.form_at(span.start).and_then(|form| self.tree(form)) else {
                self.stuck(key, format!("a part of the code that calls {shown} could not be parsed"));
                continue;
            };
            let ast = self.trees[at].ast;
            let Some(call) = self.trees[at].find(span, |expr| matches!(expr, Expr::Call { .. })) else { continue };
            let Expr::Call { args, .. } = *ast.expr(call) else { continue };
            let node = part.argument.map_or(Some(call), |index| ast.list(args).get(index).copied());
            if let Some(node) = node {
                self.visit((at, node), Some(key));
            }
        }
    }

    fn tree(&mut self, form: FormIndex) -> Option<usize> {
        if let Some(at) = self.trees.iter().position(|known| known.form == form) {
            return Some(at);
        }
        let tree = Tree::of(self.module, form).ok()?;
        Some(self.add(tree))
    }
}

fn is_of(ast: &Ast, clause: &Clause, function: &Name, arity: usize) -> bool {
    clause.patterns.len() == arity && clause.name.and_then(|name| ast.atom(name)) == Some(function)
}
