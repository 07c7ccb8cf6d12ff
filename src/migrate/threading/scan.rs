//! Finding expressions of a given form in the whole project.

use std::sync::Arc;

use crate::migrate::code::template::{Bound, Snippet};
use crate::migrate::code::{atoms, elsewhere};
use crate::migrate::serving::Context;
use crate::outline::{FormIndex, Module};
use crate::project::eval::Action;
use crate::project::handlers::{At, clauses_of};
use crate::project::registrations::{HandlerRef, Registration};
use crate::source::Place;
use crate::syntax::ast::{Ast, Expr, Name, NodeId};
use crate::syntax::scan::FormKind;

/// An expression of the wanted form, in some module.
pub struct Hit {
    pub module: Arc<Module>,
    pub form: FormIndex,
    pub node: NodeId,
    pub bound: Bound,
}

impl Hit {
    #[must_use]
    pub fn ast(&self) -> Option<&Ast> {
        self.module.ast(self.form).ok()
    }

    /// The atom that a variable of the form stands for.
    #[must_use]
    pub fn atom(&self, context: &Context<'_>, name: &str) -> Option<Name> {
        atoms::atom(context.modules, &self.module, self.ast()?, self.bound.get(name)?)
    }

    #[must_use]
    pub fn place(&self) -> Option<Place> {
        Some(self.module.place(self.ast()?.span(self.node)))
    }
}

/// The word that stands in every expression of a form, so that only code with it has to be parsed.
fn word(form: &str) -> &str {
    let names = form.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    names
        .filter(|name| name.starts_with(|c: char| c.is_ascii_lowercase()))
        .max_by_key(|name| name.len())
        .unwrap_or(form)
}

/// All expressions of a form, module by module, but for those in modules of a server that is being checked as well.
#[must_use]
pub fn all(context: &Context<'_>, text: &str) -> Vec<Hit> {
    users(context, word(text)).flat_map(|module| inside(&module, text)).collect()
}

/// Code in which there may be more expressions of a form than [`all`] gives: the form's word stands there, and not all of
/// the code can be read.
#[must_use]
pub fn unread(context: &Context<'_>, text: &str) -> Option<Place> {
    let word = word(text);
    users(context, word).find_map(|module| {
        let mut forms = module.forms().filter(|(index, _)| module.text_of(*index).contains(word));
        let span = forms.find_map(|(index, _)| elsewhere::unread(&module, index, word))?;
        Some(module.place(span))
    })
}

fn users<'a>(context: &'a Context<'_>, word: &str) -> impl Iterator<Item = Arc<Module>> + use<'a> {
    let is_gone = |module: &Arc<Module>| {
        context.upgrade.removed_functions().iter().any(|it| it.gone && it.module == *module.name())
    };
    context.modules.with_word(word).into_iter().filter(move |module| !is_gone(module))
}

/// All expressions of a form in one module.
#[must_use]
pub fn inside(module: &Arc<Module>, text: &str) -> Vec<Hit> {
    let word = memchr::memmem::Finder::new(word(text));
    let has_word = |text: &str| word.find(text.as_bytes()).is_some();
    if !has_word(module.source().text()) {
        return Vec::new();
    }
    let Some(form) = Snippet::parse(text) else { return Vec::new() };
    let mut found = Vec::new();
    for (index, content) in module.forms() {
        if content.kind == FormKind::Other || !has_word(module.text_of(index)) {
            continue;
        }
        let Ok(ast) = module.ast(index) else { continue };
        for (node, _) in ast.nodes() {
            if let Some(bound) = form.bind(ast, node) {
                found.push(Hit { module: Arc::clone(module), form: index, node, bound });
            }
        }
    }
    found
}

/// A clause of a handler that sees events of all tags, and the tag that it wants.
pub struct Receiver<'a> {
    pub registration: &'a Registration,
    pub tag: Wanted,
}

/// The tags that a clause takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    One(Name),
    /// Whatever there is.
    Any,
    /// Something else than an atom.
    Unknown,
}

/// The clauses of all handlers in the project for a hook whose events have tags.
#[must_use]
pub fn receivers<'a>(context: &Context<'a>, hook: &str, key: &str) -> Vec<Receiver<'a>> {
    let mut found = Vec::new();
    let mut seen: Vec<&HandlerRef> = Vec::new();
    for registration in context.registered.all() {
        if registration.hook.as_deref() != Some(hook)
            || registration.action != Action::Add
            || seen.contains(&&registration.handler)
        {
            continue;
        }
        seen.push(&registration.handler);
        let HandlerRef::External { module, function, arity } = &registration.handler else { continue };
        let near = registration.module.source().path();
        let Some(module) = context.modules.module(module, near) else { continue };
        for at in clauses_of(&module, function, usize::try_from(*arity).unwrap_or(0)) {
            found.push(Receiver { registration, tag: wanted(context, &at, key) });
        }
    }
    found
}

/// The tag that a clause's head asks for.
#[must_use]
pub fn wanted(context: &Context<'_>, at: &At, key: &str) -> Wanted {
    let (ast, Some(clause)) = (at.ast(), at.clause()) else { return Wanted::Unknown };
    let Some(&pattern) = ast.list(clause.patterns).get(1) else { return Wanted::Unknown };
    let field = ast.descend([pattern]).find_map(|(_, expr)| match expr {
        Expr::Map { fields, .. } => {
            ast.fields(*fields).iter().find(|field| ast.atom(field.key).is_some_and(|it| it == key))
        }
        _ => None,
    });
    match field.and_then(|field| field.value) {
        None => Wanted::Any,
        Some(value) if ast.is_var(value) => Wanted::Any,
        Some(value) => atoms::atom(context.modules, &at.module, ast, value).map_or(Wanted::Unknown, Wanted::One),
    }
}
