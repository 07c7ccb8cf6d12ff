//! Who else uses a function that handles hooks.

use std::sync::Arc;

use super::Old;
use crate::outline::Module;
use crate::project::eval::Style;
use crate::project::handlers::{Callee, callee};
use crate::source::{Place, Span};
use crate::syntax::ast::{Ast, Expr, Name, NodeId};
use crate::syntax::scan::FormKind;

/// Why the function has to stay what it is: the first use of it that is no registration.
pub(super) fn elsewhere(old: &Old<'_>) -> Option<String> {
    let (module, name, arity) = (old.module(), &old.handler.name, old.handler.arity);
    let registered = old.context.registered.of(module.name(), name, i64::try_from(arity).ok()?);
    if registered.iter().any(|it| it.style == Style::GenHook) {
        return Some("it is registered with `gen_hook` as well".to_owned());
    }
    if let Some(behaviour) = callback_of(old) {
        return Some(format!("it is a callback of `{behaviour}`"));
    }
    for user in old.context.modules.with_word(name) {
        match in_module(old, &user) {
            None => {}
            Some(Found::Unread) => {
                return Some(format!("code of `{}` that may call it could not be parsed", user.name()));
            }
            Some(Found::At(span)) => {
                let place = user.place(span);
                let line = place.source.position(span.start).line;
                return Some(format!("it is used by other code, too (`{}`, line {line})", user.name()));
            }
        }
    }
    None
}

/// The calls of a function in its own module.
pub(super) fn calls_of(module: &Arc<Module>, name: &str, arity: usize) -> Vec<Span> {
    let name = Name::from(name);
    crate::migrate::code::callers::Uses::of(module, &name, arity).calls
}

/// A behaviour of the project that calls the function as its callback.
fn callback_of(old: &Old<'_>) -> Option<Name> {
    let module = old.module();
    let near = module.source().path();
    module
        .header()
        .behaviours
        .iter()
        .find(|behaviour| {
            let Some(behaviour) = old.context.modules.module(behaviour, near) else { return false };
            behaviour.forms().any(|(index, form)| {
                let text = behaviour.text_of(index);
                let is_callback = form.kind == FormKind::Attribute && behaviour.source().slice(form.name) == "callback";
                is_callback && text.contains(&format!("{}(", old.handler.name))
            })
        })
        .cloned()
}

enum Found {
    At(Span),
    Unread,
}

fn in_module(old: &Old<'_>, user: &Arc<Module>) -> Option<Found> {
    let (name, module) = (old.handler.name.as_str(), old.module().name().as_str());
    for (index, form) in user.forms() {
        let is_code = form.kind == FormKind::Function || user.source().slice(form.name) == "define";
        let text = user.text_of(index);
        if !is_code || !text.contains(name) || !is_own(old, user) && !text.contains(module) {
            continue;
        }
        let Ok(ast) = user.ast(index) else { return Some(Found::Unread) };
        let look = Look { old, user, ast };
        if let Some(node) = ast.nodes().map(|(node, _)| node).find(|&node| look.is_use(node)) {
            return Some(Found::At(ast.span(node)));
        }
        if !ast.errors.is_empty() {
            return Some(Found::Unread);
        }
    }
    None
}

/// Modules whose functions take a module and a name as the key of a value, and call nothing.
const STORES: [&str; 6] = ["ets", "gen_mod", "mongoose_acc", "mongoose_config", "ejabberd_c2s", "ejabberd_config"];

/// One form of a module that may use the function.
struct Look<'a> {
    old: &'a Old<'a>,
    user: &'a Arc<Module>,
    ast: &'a Ast,
}

/// Whether code calls the function without its module. A header's code is that of every module that includes it.
fn is_own(old: &Old<'_>, user: &Module) -> bool {
    let is_header = user.source().path().extension().is_some_and(|extension| extension == "hrl");
    is_header || user.name() == old.module().name()
}

impl Look<'_> {
    fn is_own(&self) -> bool {
        is_own(self.old, self.user)
    }

    fn is_use(&self, node: NodeId) -> bool {
        let (ast, handler) = (self.ast, &self.old.handler);
        match ast.expr(node) {
            Expr::Call { module, function, args } => {
                let called = match callee(self.user, ast, *module, *function) {
                    Callee::Local(name) => self.is_own() && name == handler.name,
                    Callee::Remote(module, name) => module == *handler.module.name() && name == handler.name,
                    Callee::Dynamic => false,
                };
                let stores = module.and_then(|module| ast.atom(module)).is_some_and(|it| STORES.contains(&it.as_str()));
                called && args.len() == handler.arity || !stores && self.names(ast.list(*args))
            }
            Expr::FunRef { module, function, arity } => {
                let there = module.map_or(self.is_own(), |module| self.is_module(module));
                let other =
                    matches!(ast.expr(*arity), Expr::Integer(Some(it)) if usize::try_from(*it) != Ok(handler.arity));
                there && ast.atom(*function) == Some(&handler.name) && !other && !self.is_registered(node)
            }
            Expr::Tuple(items) | Expr::List { items, .. } => self.names(ast.list(*items)),
            _ => false,
        }
    }

    /// Whether the module and the function stand side by side, as `apply/3` and its like take them.
    fn names(&self, nodes: &[NodeId]) -> bool {
        nodes.windows(2).any(|pair| {
            self.is_module(pair[0])
                && self.ast.atom(pair[1]) == Some(&self.old.handler.name)
                && !self.is_registered(pair[1])
        })
    }

    fn is_module(&self, node: NodeId) -> bool {
        match self.ast.expr(node) {
            Expr::Atom(name) => name == self.old.module().name(),
            Expr::Macro { name, args: None } => name == "MODULE" && self.is_own(),
            _ => false,
        }
    }

    /// Whether a node is part of a registration.
    fn is_registered(&self, node: NodeId) -> bool {
        let span = self.ast.span(node);
        let around = |place: &Place| place.span.contains(span) && place.source.path() == self.user.source().path();
        self.old.all.iter().any(|registration| {
            around(&registration.tuple) || registration.parts.as_ref().is_some_and(|parts| around(&parts.function))
        })
    }
}
