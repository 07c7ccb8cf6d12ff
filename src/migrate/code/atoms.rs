//! What stands for an atom.

use std::sync::Arc;

use crate::outline::Module;
use crate::project::modules::Modules;
use crate::syntax::ast::{Ast, Expr, Name, NodeId};

/// How many macros a name can hide behind.
const MAX_MACROS: usize = 8;

/// The atom that an expression is, also by way of macros.
#[must_use]
pub fn atom(modules: &Modules, module: &Arc<Module>, ast: &Ast, node: NodeId) -> Option<Name> {
    follow(modules, module, ast, node, 0)
}

fn follow(modules: &Modules, module: &Arc<Module>, ast: &Ast, node: NodeId, depth: usize) -> Option<Name> {
    match ast.expr(node) {
        Expr::Atom(name) => Some(name.clone()),
        Expr::Macro { name, args: None } if name == "MODULE" => Some(module.name().clone()),
        Expr::Macro { name, args: None } if depth < MAX_MACROS => {
            let [(home, form)] = &modules.definitions(module, name, None)[..] else { return None };
            let ast = home.ast(*form).ok()?;
            follow(modules, module, ast, ast.macro_body()?, depth + 1)
        }
        _ => None,
    }
}
