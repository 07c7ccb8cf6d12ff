//! Handlers with positional arguments and bare results, for the new contract.
//!
//! A function that serves hooks alone is rewritten where it stands: `head` lets its clauses take what is used of the
//! parameters, `results` tags what they return, `spec` and `attributes` say so. Where that cannot be trusted, or others
//! call the function, it stays as it is, and an `adapter` stands between.

mod adapter;
mod attributes;
mod contract;
mod head;
mod layout;
mod results;
mod spec;
#[cfg(test)]
mod tests;
mod value;

use std::sync::Arc;

use super::{NewHandlers, Rewritten, Subject, handler_of, runs};
use crate::catalog::Catalog;
use crate::migrate::code::callers::Uses;
use crate::migrate::code::elsewhere::Registered;
use crate::migrate::serving::Context;
use crate::outline::Module;
use crate::project::eval::{Action, Style};
use crate::project::handlers::{At, Handler};
use crate::project::registrations::{HandlerRef, Registration};
use crate::syntax::ast::Name;
use crate::syntax::scan::{FormKind, Token, Tokens};
use contract::Group;

/// What became of one function.
#[derive(Debug, Default)]
pub struct Handlers {
    pub rewritten: Rewritten,
    /// By hook, the function of arity 3 that is its handler afterwards.
    pub functions: Vec<(Name, Name)>,
}

/// How many arguments a handler has in the new contract.
const ARITY: usize = 3;

/// Parse transforms that leave handlers as they are written.
const HARMLESS_TRANSFORMS: [&str; 2] = ["lager_transform", "ms_transform"];

/// Lets a function take the parameter map and return tagged results, or puts a function between that does.
///
/// # Errors
/// Neither can be trusted; says why.
pub fn rewrite(
    context: &Context<'_>,
    subject: &Subject,
    all: &[&Registration],
    known: &NewHandlers,
) -> Result<Handlers, String> {
    let old = Old::of(context, subject, all, known)?;
    let in_catalog = |hook: &&Name| Catalog::embedded().positional(hook).is_some();
    let own: Vec<_> = subject.hooks.iter().filter(|hook| !in_catalog(hook)).collect();
    let own: Vec<_> = own.into_iter().filter_map(|hook| runs::positional(context, hook)).collect();
    let groups = contract::groups(subject, &own)?;
    let mut done = in_place(&old, &groups).or_else(|why| {
        adapter::adapt(&old, &groups)
            .map_err(|other| format!("{} cannot be rewritten, as {why}, nor adapted, as {other}", old.shown()))
    })?;
    let transform = parse_transform(old.module());
    done.rewritten.reasons.extend(transform.map(|transform| {
        format!("the parse transform `{transform}` may make something else of what `{}` says", subject.module)
    }));
    Ok(done)
}

/// A function with the old contract, and all that has to be known to replace it.
struct Old<'a> {
    context: &'a Context<'a>,
    subject: &'a Subject,
    /// All registrations that are rewritten together.
    all: &'a [&'a Registration],
    /// The new functions that there will be in any case.
    known: &'a NewHandlers,
    handler: Handler<'a>,
}

impl<'a> Old<'a> {
    fn of(
        context: &'a Context<'a>,
        subject: &'a Subject,
        all: &'a [&'a Registration],
        known: &'a NewHandlers,
    ) -> Result<Self, String> {
        let Subject { module: name, function, arity, .. } = subject;
        let shown = format!("`{name}:{function}/{arity}`");
        let module = module_of(context, name, all).ok_or_else(|| format!("{shown} is not part of the checked code"))?;
        let is_defined = module.defines(function, *arity);
        let handler = Handler::new(context.modules, module, function.clone(), *arity);
        if handler.clauses().iter().any(At::is_broken) || is_defined && handler.clauses().is_empty() {
            return Err(format!("a clause of {shown} could not be parsed"));
        }
        if !is_defined {
            return Err(format!("{shown} is registered, and not defined"));
        }
        let by_name =
            |it: &&&Registration| matches!(it.handler, HandlerRef::External { .. }) && it.action == Action::Add;
        let own = all.iter().filter(|it| handler_of(it) == Some(handler_of_subject(subject)));
        if own.filter(by_name).count() > 0 && !handler.module.exports(function, *arity) {
            return Err(format!("{shown} is not exported and was never called: export it, or do not register it"));
        }
        Ok(Self { context, subject, all, known, handler })
    }

    fn module(&self) -> &Arc<Module> {
        &self.handler.module
    }

    fn shown(&self) -> String {
        format!("`{}/{}`", self.handler.name, self.handler.arity)
    }

    /// Whether a function of arity 3 can have this name: no other one has it, and none will have it.
    fn is_free(&self, name: &str) -> bool {
        let module = self.module();
        let own = handler_of_subject(self.subject);
        let others = self.all.iter().filter_map(|it| handler_of(it)).filter(|&it| it != own);
        let promised = |(owner, function, _): (&Name, &Name, usize)| owner == module.name() && function == name;
        let imported = module.header().imports.iter().any(|(known, arity, _)| known == name && *arity == ARITY);
        !module.defines(name, ARITY)
            && !self.known.has(module.name(), name)
            && !module.header().exports.iter().any(|(known, arity)| known == name && *arity == ARITY)
            && !imported
            && !others.into_iter().any(promised)
            && Uses::of(module, &Name::from(name), ARITY).calls.is_empty()
    }
}

fn handler_of_subject(subject: &Subject) -> (&Name, &Name, usize) {
    (&subject.module, &subject.function, subject.arity)
}

/// The module in which a handler stands, as those see it that register it.
fn module_of(context: &Context<'_>, name: &Name, all: &[&Registration]) -> Option<Arc<Module>> {
    let registering = all.iter().map(|it| &it.module);
    let own = registering.clone().find(|module| module.name() == name);
    own.cloned().or_else(|| {
        let near = all.iter().find(|it| handler_of(it).is_some_and(|(owner, ..)| owner == name))?;
        context.modules.module(name, near.module.source().path())
    })
}

/// A parse transform of which it is not known that it leaves handlers alone.
fn parse_transform(module: &Module) -> Option<&str> {
    let is_compile = |form: &crate::syntax::scan::Form| {
        form.kind == FormKind::Attribute && module.source().slice(form.name) == "compile"
    };
    module.forms().filter(|(_, form)| is_compile(form)).find_map(|(index, form)| {
        let text = module.text_of(index);
        let tokens = Tokens::new(text, form.span.start as usize).filter(|(token, _)| *token == Token::Atom);
        let atoms: Vec<&str> = tokens.map(|(_, span)| module.source().slice(span)).collect();
        let transforms = atoms.windows(2).filter(|pair| pair[0] == "parse_transform").map(|pair| pair[1]);
        transforms.into_iter().find(|name| !HARMLESS_TRANSFORMS.contains(name))
    })
}

/// Why the function has to stay what it is: the first use of it that is no registration.
fn used_elsewhere(old: &Old<'_>) -> Option<String> {
    let (module, name, arity) = (old.module(), &old.handler.name, old.handler.arity);
    let registered = old.context.registered.of(module.name(), name, i64::try_from(arity).ok()?);
    if registered.iter().any(|it| it.style == Style::GenHook) {
        return Some("it is registered with `gen_hook` as well".to_owned());
    }
    let modules = old.context.modules;
    Registered { modules, module, name, arity, registrations: old.all }.elsewhere().map(|it| it.to_string())
}

/// Rewrites the function itself.
///
/// # Errors
/// It serves others as well, or what it takes or returns is not certain.
fn in_place(old: &Old<'_>, groups: &[Group<'_>]) -> Result<Handlers, String> {
    let [Group { contract, .. }, others @ ..] = groups else {
        return Err("it serves no hook".to_owned());
    };
    let needed = head::needed(old)?;
    if others.iter().any(|other| !other.contract.agrees(contract, &needed)) {
        return Err("its hooks give it different arguments".to_owned());
    }
    let hooks: Vec<Name> = groups.iter().flat_map(|group| group.hooks.clone()).collect();
    if !contract.folds() {
        return Err("it is written for a release without accumulators".to_owned());
    }
    let Subject { function, arity, .. } = old.subject;
    if *arity != ARITY && !old.is_free(function) {
        return Err(format!("there is a `{function}/{ARITY}` already"));
    }
    if let Some(why) = used_elsewhere(old) {
        return Err(why);
    }
    let mut done = Rewritten::default();
    let heads = head::rewrite(old, contract)?;
    let results = results::rewrite(old)?;
    let specs = spec::respecify(old, contract, &hooks, &heads.taken, results.tags)?;
    let attributes = attributes::with_arity(old.module(), function, *arity)?;
    [heads.edits, results.edits, specs, attributes].into_iter().flatten().for_each(|edit| done.push(edit));
    done.reasons.extend(contract.reason(&old.shown()));
    let functions = hooks.iter().map(|hook| (hook.clone(), function.clone())).collect();
    Ok(Handlers { rewritten: done, functions })
}
