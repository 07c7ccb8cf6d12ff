//! `ejabberd_hooks:Action(...)`: the atoms `add` and `delete` where callers hand them over.

use super::calls::{action_of, renamed};
use super::collected::Collected;
use super::sites::{INTERFACE, Site, line_in};
use crate::migrate::code::callers::Uses;
use crate::migrate::serving::Context;
use crate::rewrite::Edit;
use crate::syntax::ast::{Ast, Clause, Expr, Name, NodeId};

/// How many functions may hand on the name one after the other.
const MAX_DEPTH: usize = 4;

/// Renames what a variable that names the function can be.
///
/// # Errors
/// It is not an argument that all callers write out for this use alone.
pub fn rename(
    context: &Context<'_>,
    site: Site<'_>,
    variable: NodeId,
    arity: usize,
    done: &mut Collected,
) -> Result<(), String> {
    let mut follow = Follow { context, arity, done };
    follow.variable(site, variable, MAX_DEPTH)
}

struct Follow<'a, 'b> {
    context: &'a Context<'a>,
    /// With how many arguments the function is called in the end.
    arity: usize,
    done: &'b mut Collected,
}

impl Follow<'_, '_> {
    fn variable(&mut self, site: Site<'_>, variable: NodeId, depth: usize) -> Result<(), String> {
        let ast = site.ast;
        let line = line_in(&site.place(variable));
        let name = ast.var(variable).ok_or("the function's name is no variable")?;
        let unknown =
            || format!("which function of `{INTERFACE}` is called in {line} is known only when the code runs");
        if depth == 0 {
            return Err(unknown());
        }
        let clauses = ast.function_clauses().filter(|clause| is_inside(ast, clause, variable));
        let clause = clauses.last().ok_or_else(unknown)?;
        if ast.function_clauses().count() != 1 {
            return Err(unknown());
        }
        let position =
            ast.list(clause.patterns).iter().position(|&it| ast.var(it) == Some(name)).ok_or_else(unknown)?;
        let function = clause.name.and_then(|it| ast.atom(it)).ok_or_else(unknown)?;
        let uses = ast.descend_clause(clause).filter(|(_, expr)| matches!(expr, Expr::Var(it) if it == name)).count();
        if uses != 2 {
            return Err(format!("`{name}` in {line} is used for other things as well"));
        }
        self.callers(site, function, clause.patterns.len(), position, depth)
    }

    fn callers(
        &mut self,
        site: Site<'_>,
        function: &Name,
        arity: usize,
        position: usize,
        depth: usize,
    ) -> Result<(), String> {
        let module = site.module;
        if module.exports(function, arity) && self.is_called_elsewhere(site, function) {
            return Err(format!("`{function}/{arity}`, which is told to add or to delete, is called by other modules"));
        }
        let uses = Uses::of(module, function, arity);
        if !uses.are_calls() || module.function(function, arity).len() != 1 {
            return Err(format!("`{function}/{arity}`, which is told to add or to delete, is used as a fun"));
        }
        for span in uses.calls {
            let caller = module.form_at(span.start).and_then(|form| {
                let ast = module.ast(form).ok()?;
                let (node, _) = ast.nodes().find(|(_, node)| {
                    node.span == span && matches!(&node.expr, Expr::Call { args, .. } if args.len() == arity)
                })?;
                Some(Site { module, form, ast, node })
            });
            let caller = caller.ok_or("a call could not be parsed")?;
            let Expr::Call { args, .. } = caller.ast.expr(caller.node) else { continue };
            self.value(caller, caller.ast.list(*args)[position], depth)?;
        }
        Ok(())
    }

    fn value(&mut self, site: Site<'_>, node: NodeId, depth: usize) -> Result<(), String> {
        match site.ast.expr(node) {
            Expr::Atom(name) if action_of(name).is_some() => {
                let action = action_of(name).ok_or("no action")?;
                self.done.edit(Edit::replace(site.place(node), renamed(action, self.arity)))
            }
            Expr::Var(_) => self.variable(site, node, depth - 1),
            _ => Err(format!("{} does not write out whether to add or to delete", line_in(&site.place(node)))),
        }
    }

    fn is_called_elsewhere(&self, site: Site<'_>, function: &Name) -> bool {
        let called = format!("{}:{function}", site.module.name());
        let users = self.context.modules.with_word(&called);
        users.iter().any(|user| user.source().path() != site.module.source().path())
    }
}

fn is_inside(ast: &Ast, clause: &Clause, node: NodeId) -> bool {
    ast.descend_clause(clause).any(|(it, _)| it == node)
}
