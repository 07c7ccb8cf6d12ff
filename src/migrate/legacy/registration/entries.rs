//! The parts of one registration: module and function become a fun, and the extra map comes behind it.

use std::sync::Arc;

use super::calls::Call;
use super::collected::Collected;
use super::sites::{Site, Sites, line_in};
use crate::finding::Place;
use crate::migrate::code::text::{atom, has_comment, is_macro};
use crate::migrate::legacy::{NewHandlers, handler_of};
use crate::migrate::serving::Context;
use crate::outline::{FormIndex, Module};
use crate::project::registrations::{HandlerRef, Priority, Registration};
use crate::rewrite::Edit;
use crate::source::Span;
use crate::syntax::ast::{Ast, Expr, Name, NodeId};
use crate::syntax::scan::{Token, Tokens};

/// What one registration becomes.
pub struct Entry<'a> {
    pub context: &'a Context<'a>,
    pub sites: &'a Sites,
    pub registration: &'a Registration,
    pub old: &'a Name,
    pub new: &'a Name,
    pub all: &'a NewHandlers,
}

impl<'a> Entry<'a> {
    /// # Errors
    /// It is not known which handler is meant, or `gen_hook` would refuse it; says why.
    pub fn new(
        context: &'a Context<'a>,
        sites: &'a Sites,
        registration: &'a Registration,
        all: &'a NewHandlers,
    ) -> Result<Self, String> {
        let line = line_in(&registration.place);
        if let Some(why) = &registration.unresolved {
            return Err(format!("what is registered in {line} could not be followed: {why}"));
        }
        let (_, old, _) = handler_of(registration).ok_or_else(|| unknown_handler(registration))?;
        let new =
            all.of(registration).ok_or_else(|| format!("the handler that is registered in {line} stays as it is"))?;
        if let Priority::Known(priority @ ..=0) = registration.priority {
            return Err(format!(
                "the priority {priority} in {line} is none for `gen_hook`, which takes numbers from 1 on: up to 4.2.0 such \
                 a handler came before all others, and since 5.0.0 adding it fails"
            ));
        }
        Ok(Self { context, sites, registration, old, new, all })
    }

    /// Rewrites the tuple, or the arguments of the call.
    ///
    /// # Errors
    /// It is written in a way that cannot be rewritten; says which.
    pub fn rewrite(&self, done: &mut Collected) -> Result<(), String> {
        let unread = || format!("how it is registered in {} could not be followed", line_in(&self.registration.tuple));
        let site = self.sites.at(&self.registration.tuple).ok_or_else(unread)?;
        if let Some(name) = site.macro_around() {
            done.because(in_macro(&name));
        }
        match site.ast.expr(site.node) {
            Expr::Tuple(items) => self.parts(site, site.ast.list(*items), done),
            Expr::Macro { name, args } => self.defined(name, args.map(|args| args.len()), done),
            _ => {
                let call = Call::at(site.module, site.ast, site.node).ok_or_else(unread)?;
                self.parts(site, call.arguments, done)
            }
        }
    }

    /// A macro that stands for the tuple, or for the call.
    fn defined(&self, name: &Name, arity: Option<usize>, done: &mut Collected) -> Result<(), String> {
        let definitions = self.context.modules.definitions(&self.registration.module, name, arity);
        let body = |(module, form): &(Arc<Module>, FormIndex)| {
            let module = self.sites.files().iter().find(|file| is_same(file, module))?;
            let ast = module.ast(*form).ok()?;
            Some(Site { module, form: *form, ast, node: ast.macro_body()? })
        };
        let unread = || format!("what the macro `?{name}` stands for could not be followed");
        for definition in &definitions {
            let site = body(definition).ok_or_else(unread)?;
            let Expr::Tuple(items) = site.ast.expr(site.node) else { return Err(unread()) };
            done.because(in_macro(&format!("?{name}")));
            self.parts(site, site.ast.list(*items), done)?;
        }
        if definitions.is_empty() { Err(unread()) } else { Ok(()) }
    }

    fn parts(&self, site: Site<'_>, parts: &[NodeId], done: &mut Collected) -> Result<(), String> {
        match *parts {
            [_, _, fun, _] => self.fun(site, None, fun, done),
            [_, _, module, fun, _] if is_fun(site.ast, fun) => self.fun(site, Some(module), fun, done),
            [_, tag, module, function, _] => self.apart(site, tag, module, function, done),
            _ => Err(format!("{} is no registration", line_in(&site.place(site.node)))),
        }
    }

    /// A fun, with or without a module before it that was not looked at.
    fn fun(&self, site: Site<'_>, before: Option<NodeId>, fun: NodeId, done: &mut Collected) -> Result<(), String> {
        let (ast, line) = (site.ast, line_in(&site.place(fun)));
        let Expr::FunRef { module, .. } = ast.expr(fun) else {
            return Err(format!("the handler's fun is not written out in {line}"));
        };
        let module = match module {
            Some(module) => self.name(site, *module)?,
            None => "?MODULE",
        };
        let end = ast.span(fun).end;
        let start = before.map_or(ast.span(fun).start, |before| ast.span(before).start);
        if has_comment(site.module.source().slice(Span { start, end })) {
            return Err(format!("a comment stands in the middle of the registration in {line}"));
        }
        let text = format!("fun {module}:{}/3, #{{}}", atom(self.new));
        done.edit(Edit::replace(site.module.place(Span { start, end }), text))
    }

    /// Module and function, each for itself.
    fn apart(
        &self,
        site: Site<'_>,
        tag: NodeId,
        module: NodeId,
        function: NodeId,
        done: &mut Collected,
    ) -> Result<(), String> {
        let ast = site.ast;
        let (module_span, function_span) = (ast.span(module), ast.span(function));
        let name = self.name(site, module)?;
        self.name(site, function)?;
        let comma = self.comma(site, module_span.end, function_span.start)?;
        let before = self.comma(site, ast.span(tag).end, module_span.start)?;
        let gap = Span { start: module_span.end, end: function_span.start };
        let insert = |at: u32, text: &str| Edit::insert(&site.place(function), at, text);
        let new_line = site.module.source().slice(gap).contains('\n');
        let own_line = site.module.source().slice(Span { start: before.end, end: module_span.start }).contains('\n');
        if has_comment(site.module.source().slice(gap)) {
            done.edit(insert(module_span.start, "fun "))?;
            done.edit(Edit::replace(site.module.place(comma), ":"))?;
        } else if new_line && !own_line {
            // The module goes down to its function.
            done.edit(Edit::delete(site.module.place(Span { start: before.end, end: comma.end })))?;
            done.edit(insert(function_span.start, &format!("fun {name}:")))?;
        } else {
            done.edit(insert(module_span.start, "fun "))?;
            done.edit(Edit::replace(site.module.place(gap), ":"))?;
        }
        self.function(site, function, done)?;
        done.edit(insert(function_span.end, "/3, #{}"))
    }

    /// The name of the function, where it is written.
    fn function(&self, site: Site<'_>, function: NodeId, done: &mut Collected) -> Result<(), String> {
        if self.new == self.old {
            return Ok(());
        }
        let elsewhere = || {
            format!(
                "the handler's name is not written out where it is registered in {}",
                line_in(&site.place(function))
            )
        };
        let place = &self.registration.parts.as_ref().ok_or_else(elsewhere)?.function;
        let written = place.source.slice(place.span);
        let is_name = written.trim_matches('\'') == self.old.as_str() || is_macro(written);
        if !is_name {
            return Err(elsewhere());
        }
        if self.is_for_others(place) {
            return Err(format!("the handler's name in {} is written once for several handlers", line_in(place)));
        }
        done.edit(Edit::replace(place.clone(), atom(self.new)))
    }

    /// Whether a name is written for handlers that are called otherwise afterwards.
    fn is_for_others(&self, place: &Place) -> bool {
        let same = |other: &Place| other.span == place.span && other.source.path() == place.source.path();
        let mut all = self.context.registered.everything();
        all.any(|other| {
            other.parts.as_ref().is_some_and(|it| same(&it.function)) && self.all.of(other) != Some(self.new)
        })
    }

    /// What can be a part of a fun: an atom, a variable, or a macro without arguments.
    fn name<'b>(&self, site: Site<'b>, node: NodeId) -> Result<&'b str, String> {
        match site.ast.expr(node) {
            Expr::Atom(_) | Expr::Var(_) | Expr::Macro { args: None, .. } => Ok(site.text(node)),
            _ => Err(format!("`{}` in {} cannot stand in a fun", site.text(node), line_in(&site.place(node)))),
        }
    }

    /// The comma between two parts, with nothing but blanks and comments around it.
    fn comma(&self, site: Site<'_>, start: u32, end: u32) -> Result<Span, String> {
        let text = site.module.source().slice(Span { start, end });
        let tokens: Vec<_> = Tokens::new(text, start as usize).collect();
        match tokens[..] {
            [(Token::Punct(b','), span)] => Ok(span),
            _ => Err(format!("how the handler is named in {} could not be followed", line_in(&site.place(site.node)))),
        }
    }
}

/// Why no single function is the handler.
fn unknown_handler(registration: &Registration) -> String {
    let line = line_in(&registration.place);
    match &registration.handler {
        HandlerRef::Inline => format!("the handler in {line} is a fun without a name, which `gen_hook` does not take"),
        HandlerRef::External { function, .. } => {
            format!("`{function}` in {line} has several arities, and which one the hook calls is not known")
        }
        _ => format!("the handler that is registered in {line} is not known"),
    }
}

fn is_same(one: &Module, other: &Module) -> bool {
    one.source().path() == other.source().path()
}

fn in_macro(name: &str) -> String {
    format!("what is registered stands in the macro `{name}`, which may be used elsewhere")
}

fn is_fun(ast: &Ast, node: NodeId) -> bool {
    matches!(ast.expr(node), Expr::FunRef { .. } | Expr::Fun { .. })
}
