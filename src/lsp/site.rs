//! What stands at a place of a module, as far as hooks are concerned.

use std::sync::Arc;

use crate::catalog::{Hook, Upgrade};
use crate::check::Workspace;
use crate::check::analysis::{Action, Registration};
use crate::finding::{Mfa, Place};
use crate::outline::{FormIndex, Module};
use crate::project::handlers::{Callee, Handler, callee};
use crate::source::Span;
use crate::syntax::ast::{Ast, Expr, NodeId};
use crate::syntax::uses::Use;

/// Something that can be asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Site {
    /// A hook's name, with the priority of the handler that is registered there.
    Hook { name: String, priority: Option<i64> },
    /// A key of the parameter map of a handler that serves these hooks.
    Parameter { key: String, hooks: Vec<String> },
    /// A function of another module that is named.
    Function { module: String, function: String, arity: usize },
    /// The name of a handler, where it is defined.
    Handler(Mfa),
}

/// What stands at a byte offset, with its span.
pub(super) fn at(workspace: &Workspace, module: &Arc<Module>, offset: usize) -> Option<(Site, Span)> {
    let offset = u32::try_from(offset).ok()?;
    if let Some(it) = registrations_at(workspace, module, offset).find(|it| touches(it.place.span, offset))
        && let Some(hook) = &it.hook
    {
        return Some((Site::Hook { name: hook.clone(), priority: it.priority }, it.place.span));
    }
    let form = form_at(module, offset)?;
    let looked = Look { workspace, module, form, ast: module.ast(form).ok()?, offset };
    looked.handler().or_else(|| looked.parameter()).or_else(|| looked.hook()).or_else(|| looked.function())
}

/// Everything that is registered in a tuple or call around an offset.
pub(super) fn registrations_at<'a>(
    workspace: &'a Workspace,
    module: &'a Arc<Module>,
    offset: u32,
) -> impl Iterator<Item = &'a Registration> {
    let path = module.source().path();
    let all = workspace.known().flat_map(|known| known.registrations.iter().zip(known.inventory));
    all.filter(move |(registration, it)| {
        let around = |place: &Place| place.source.path() == path && touches(place.span, offset);
        // In a comprehension, the parts of a handler stand elsewhere than the tuple that is made of them.
        let parts = registration.parts.iter();
        let mut parts =
            parts.flat_map(|it| [Some(&it.hook), it.module.as_ref(), Some(&it.function), Some(&it.priority)]).flatten();
        around(&it.place) || around(&registration.tuple) || parts.any(around)
    })
    .map(|(_, it)| it)
}

/// The hooks that a handler is added to, each once.
pub(super) fn hooks_of(workspace: &Workspace, handler: &Mfa) -> Vec<String> {
    let mut hooks: Vec<String> = Vec::new();
    for it in workspace.known().flat_map(|known| known.inventory) {
        let serves = it.action == Action::Add && it.handler.as_ref() == Some(handler);
        if let Some(hook) = it.hook.as_ref().filter(|hook| serves && !hooks.contains(hook)) {
            hooks.push(hook.clone());
        }
    }
    hooks
}

/// An offset right behind a word belongs to it.
pub(super) fn touches(span: Span, offset: u32) -> bool {
    span.start <= offset && offset <= span.end
}

/// The form at an offset, or that ends right before it.
pub(super) fn form_at(module: &Module, offset: u32) -> Option<FormIndex> {
    module.form_at(offset).or_else(|| module.form_at(offset.checked_sub(1)?))
}

struct Look<'a> {
    workspace: &'a Workspace,
    module: &'a Arc<Module>,
    form: FormIndex,
    ast: &'a Ast,
    offset: u32,
}

impl Look<'_> {
    fn touched(&self, node: NodeId) -> bool {
        touches(self.ast.span(node), self.offset)
    }

    /// The atom at the offset.
    fn atom(&self) -> Option<(NodeId, &str)> {
        let mut atoms = self.ast.nodes().filter_map(|(id, _)| Some((id, self.ast.atom(id)?.as_str())));
        atoms.find(|(id, _)| self.touched(*id))
    }

    fn found(&self, node: NodeId, site: Site) -> (Site, Span) {
        (site, self.ast.span(node))
    }

    fn handler(&self) -> Option<(Site, Span)> {
        let clause = self.ast.function_clauses().find(|it| it.name.is_some_and(|name| self.touched(name)))?;
        let name = clause.name?;
        let handler = mfa(self.module, self.ast.atom(name)?, clause.patterns.len());
        let serves = !hooks_of(self.workspace, &handler).is_empty();
        serves.then(|| self.found(name, Site::Handler(handler)))
    }

    fn parameter(&self) -> Option<(Site, Span)> {
        let (node, key) = self.atom()?;
        let path = self.module.source().path();
        let mut hooks: Vec<String> = Vec::new();
        for it in self.workspace.known().flat_map(|known| known.inventory) {
            let (Some(hook), Some(handler), Some(place)) = (&it.hook, &it.handler, &it.handler_place) else { continue };
            if it.action != Action::Add || place.source.path() != path || hooks.contains(hook) {
                continue;
            }
            let handler = Handler::new(
                self.workspace.modules(),
                Arc::clone(self.module),
                handler.function.as_str().into(),
                usize::from(handler.arity),
            );
            let here = |place: &Place| place.source.path() == path && touches(place.span, self.offset);
            if handler.arity == 3 && handler.params().reads.iter().any(|read| read.key == key && here(&read.place)) {
                hooks.push(hook.clone());
            }
        }
        (!hooks.is_empty()).then(|| self.found(node, Site::Parameter { key: key.to_owned(), hooks }))
    }

    /// A hook that is run, or that stands where one is registered.
    fn hook(&self) -> Option<(Site, Span)> {
        let (node, name) = self.atom()?;
        let runs_or_registers = self.ast.nodes().any(|(_, it)| match &it.expr {
            Expr::Tuple(items) => items.len() == 5 && self.ast.list(*items).first() == Some(&node),
            Expr::Call { module, function, args } => {
                let interface = match callee(self.module, self.ast, *module, *function) {
                    Callee::Remote(module, _) => module == "gen_hook" || module == "ejabberd_hooks",
                    _ => false,
                };
                interface && self.ast.list(*args).first() == Some(&node)
            }
            _ => false,
        });
        let upgrade = self.workspace.upgrade();
        let is_known = upgrade.fate(name).hook().is_some();
        (runs_or_registers && is_known).then(|| self.found(node, Site::Hook { name: name.to_owned(), priority: None }))
    }

    fn function(&self) -> Option<(Site, Span)> {
        let uses = self.module.uses_in(self.form).ok()?;
        let used = uses.into_iter().find_map(|it| match it {
            Use::Function(used) if touches(used.name, self.offset) => Some(used),
            _ => None,
        })?;
        let upgrade = self.workspace.upgrade();
        let (module, function, arity) = (used.module.to_string(), used.function.to_string(), used.arity);
        let site = match run_by(upgrade, &module, &function, arity) {
            Some(name) => Site::Hook { name: name.to_owned(), priority: None },
            None => Site::Function { module, function, arity },
        };
        Some((site, used.name))
    }
}

/// The hook that a function of the server runs, in either release.
fn run_by<'u>(upgrade: &'u Upgrade, module: &str, function: &str, arity: usize) -> Option<&'u str> {
    let run = format!("{module}:{function}/{arity}");
    let hooks = |hooks: &'u [Hook]| hooks.iter().find(|hook| hook.run == run).map(|hook| hook.name.as_str());
    hooks(&upgrade.old_release().hooks).or_else(|| hooks(&upgrade.new_release().hooks))
}

pub(super) fn mfa(module: &Module, function: &str, arity: usize) -> Mfa {
    let arity = u8::try_from(arity).unwrap_or(u8::MAX);
    Mfa { module: module.name().to_string(), function: function.to_owned(), arity }
}
