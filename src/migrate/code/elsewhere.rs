//! Who uses a handler besides the hooks that it is registered for.

use std::sync::Arc;

use super::atoms::atom;
use crate::outline::{FormIndex, Module};
use crate::project::files::is_header;
use crate::project::modules::Modules;
use crate::project::registrations::Registration;
use crate::source::{Place, Span};
use crate::syntax::ast::{Ast, Expr, Name, NodeId};
use crate::syntax::scan::FormKind;

/// A function that is registered as a handler.
pub struct Registered<'a> {
    pub modules: &'a Modules,
    pub module: &'a Arc<Module>,
    pub name: &'a Name,
    pub arity: usize,
    /// Those that name the function, and so are no other use of it.
    pub registrations: &'a [&'a Registration],
}

/// Something that would have to change together with a function.
pub enum Elsewhere {
    /// A behaviour of the project has it as its callback.
    Callback(Name),
    /// Code in which its name stands cannot be read, or not all of it.
    Unread(Place),
    Used(Place),
}

impl std::fmt::Display for Elsewhere {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Callback(behaviour) => write!(f, "it is a callback of `{behaviour}`"),
            Self::Unread(place) => write!(f, "code that may use it could not be parsed ({})", place.file_and_line()),
            Self::Used(place) => write!(f, "the function is used by other code, too ({})", place.file_and_line()),
        }
    }
}

/// Modules whose functions take a module and a name as the key of a value, and call nothing.
const STORES: [&str; 6] = ["ets", "gen_mod", "mongoose_acc", "mongoose_config", "ejabberd_c2s", "ejabberd_config"];

impl Registered<'_> {
    /// The first use of the function that is no registration: in its own module, in headers, and then in the others.
    #[must_use]
    pub fn elsewhere(&self) -> Option<Elsewhere> {
        if let Some(behaviour) = self.callback_of() {
            return Some(Elsewhere::Callback(behaviour));
        }
        let mut own = vec![Arc::clone(self.module)];
        own.extend(self.modules.headers(self.module));
        own.iter().find_map(|user| self.in_module(user)).or_else(|| {
            let others = self.modules.with_words(&[self.module.name(), self.name]);
            let mut others = others.filter(|other| !own.iter().any(|known| Arc::ptr_eq(known, other)));
            others.find_map(|user| self.in_module(&user))
        })
    }

    /// A behaviour of the project that calls the function as its callback.
    fn callback_of(&self) -> Option<Name> {
        let near = self.module.source().path();
        let start = format!("{}(", self.name);
        let behaviours = self.module.header().behaviours.iter();
        let mut calling = behaviours.filter(|behaviour| {
            let Some(behaviour) = self.modules.module(behaviour, near) else { return false };
            behaviour.forms().any(|(index, form)| {
                let is_callback = form.kind == FormKind::Attribute && behaviour.source().slice(form.name) == "callback";
                is_callback && behaviour.text_of(index).contains(&start)
            })
        });
        calling.next().cloned()
    }

    fn in_module(&self, user: &Arc<Module>) -> Option<Elsewhere> {
        let is_own = self.is_own(user);
        for (index, form) in user.forms() {
            let is_code = form.kind != FormKind::Attribute || user.source().slice(form.name) == "define";
            if !is_code || !user.text_of(index).contains(self.name.as_str()) {
                continue;
            }
            let look = user.ast(index).ok().map(|ast| Look { of: self, user, ast, is_own });
            if let Some(look) = &look
                && let Some(node) = look.ast.nodes().map(|(node, _)| node).find(|&node| look.is_use(node))
            {
                return Some(Elsewhere::Used(user.place(look.ast.span(node))));
            }
            let may_be = is_own || user.has_atom(index, self.module.name());
            if let Some(span) = unread(user, index, self.name).filter(|_| may_be) {
                return Some(Elsewhere::Unread(user.place(span)));
            }
        }
        None
    }

    /// Whether code calls the function without its module. A header's code is that of every module that includes it.
    fn is_own(&self, user: &Module) -> bool {
        let imports = || {
            let mut imports = user.header().imports.iter();
            imports.any(|(name, arity, of)| name == self.name && *arity == self.arity && of == self.module.name())
        };
        is_header(user.source().path()) || user.name() == self.module.name() || imports()
    }
}

/// Code of a form in which a name stands and that cannot be read, or not all of it.
#[must_use]
pub fn unread(module: &Module, form: FormIndex, name: &str) -> Option<Span> {
    let span = match module.ast(form) {
        Ok(ast) => *ast.errors.first()?,
        Err(_) => module.form(form).span,
    };
    module.has_atom(form, name).then_some(span)
}

/// One form of a module that may use the function.
struct Look<'a> {
    of: &'a Registered<'a>,
    user: &'a Arc<Module>,
    ast: &'a Ast,
    is_own: bool,
}

impl Look<'_> {
    fn is_use(&self, node: NodeId) -> bool {
        let (ast, of) = (self.ast, self.of);
        match ast.expr(node) {
            Expr::Call { module, function, args } => {
                let there = module.map_or(self.is_own, |module| self.is_module(module));
                let called = there && args.len() == of.arity && self.is_name(*function);
                let stores = module.and_then(|module| ast.atom(module)).is_some_and(|it| STORES.contains(&it.as_str()));
                called || !stores && self.names(ast.list(*args))
            }
            Expr::FunRef { module, function, arity } => {
                let there = module.map_or(self.is_own, |module| self.is_module(module));
                there && self.is_name(*function) && !self.is_other(*arity) && !self.is_registered(node)
            }
            Expr::Tuple(items) => self.names(ast.list(*items)),
            // Two atoms alone are the name of a metric or the like; whoever applies them needs the arguments.
            Expr::List { items, tail } => (items.len() > 2 || tail.is_some()) && self.names(ast.list(*items)),
            _ => false,
        }
    }

    /// Whether the module and the function stand side by side, as `apply/3` and its like take them.
    fn names(&self, nodes: &[NodeId]) -> bool {
        nodes.windows(2).enumerate().any(|(at, pair)| {
            self.is_module(pair[0])
                && self.is_name(pair[1])
                && !nodes.get(at + 2).is_some_and(|&behind| self.is_other(behind))
                && !self.is_registered(pair[1])
        })
    }

    /// Whether what stands behind a function's name, its arity or a list of its arguments, is that of another function.
    fn is_other(&self, behind: NodeId) -> bool {
        match self.ast.expr(behind) {
            Expr::Integer(Some(arity)) => usize::try_from(*arity) != Ok(self.of.arity),
            Expr::List { items, tail: None } => items.len() != self.of.arity,
            _ => false,
        }
    }

    fn is_module(&self, node: NodeId) -> bool {
        match self.ast.expr(node) {
            Expr::Macro { name, args: None } if name == "MODULE" => self.is_own,
            _ => atom(self.of.modules, self.user, self.ast, node).is_some_and(|it| it == *self.of.module.name()),
        }
    }

    fn is_name(&self, node: NodeId) -> bool {
        self.ast.atom(node) == Some(self.of.name)
    }

    /// Whether a node is part of a registration.
    fn is_registered(&self, node: NodeId) -> bool {
        let span = self.ast.span(node);
        let around = |place: &Place| place.span.contains(span) && place.source.path() == self.user.source().path();
        self.of.registrations.iter().any(|registration| {
            around(&registration.tuple) || registration.parts.as_ref().is_some_and(|parts| around(&parts.function))
        })
    }
}
