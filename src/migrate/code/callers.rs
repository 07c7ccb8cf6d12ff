//! Who calls a function of a module from inside of it.

use super::elsewhere::unread;
use crate::outline::Module;
use crate::project::handlers::{Callee, callee};
use crate::source::Span;
use crate::syntax::ast::{Expr, Name};

/// The uses of a function in its own module.
#[derive(Debug, Default)]
pub struct Uses {
    /// The calls, by their spans.
    pub calls: Vec<Span>,
    /// How often it, or a function of its name, is named without being called.
    pub named: usize,
    /// Some code in which its name stands could not be parsed, or not all of it.
    pub unread: bool,
}

impl Uses {
    /// Finds them in the code in whose text the function's name stands.
    #[must_use]
    pub fn of(module: &Module, name: &Name, arity: usize) -> Self {
        let mut found = Self::default();
        for (index, _) in module.forms().filter(|(index, _)| module.text_of(*index).contains(name.as_str())) {
            found.unread |= unread(module, index, name).is_some();
            let Ok(ast) = module.ast(index) else { continue };
            for (_, node) in ast.nodes() {
                match &node.expr {
                    Expr::Call { module: target, function, args }
                        if args.len() == arity
                            && callee(module, ast, *target, *function) == Callee::Local(name.clone()) =>
                    {
                        found.calls.push(node.span);
                    }
                    Expr::FunRef { module: None, function, .. } if ast.atom(*function) == Some(name) => {
                        found.named += 1;
                    }
                    _ => {}
                }
            }
        }
        found
    }

    /// Whether nothing but these calls is known to use the function, and nothing else could from inside of the module.
    #[must_use]
    pub fn are_calls(&self) -> bool {
        self.named == 0 && !self.unread
    }
}

/// How often a function is called in its module; `None` when it can be called in other ways as well.
#[must_use]
pub fn private_calls(module: &Module, name: &Name, arity: usize) -> Option<usize> {
    if module.exports(name, arity) || module.function(name, arity).len() != 1 {
        return None;
    }
    let uses = Uses::of(module, name, arity);
    uses.are_calls().then_some(uses.calls.len())
}
