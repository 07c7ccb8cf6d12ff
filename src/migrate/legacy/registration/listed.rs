//! Calls that add handlers one by one, and those that delete them again, made into one list: `hooks/1`.

use std::sync::Arc;

use super::builds::is_optional;
use super::calls::{Call, action_of, is_interface};
use super::collected::Collected;
use super::entries::Entry;
use super::sites::{INTERFACE, Site, Sites};
use crate::migrate::code::text::atom;
use crate::migrate::specs::Spec;
use crate::outline::Module;
use crate::project::eval::Action;
use crate::project::registrations::Tag;
use crate::rewrite::Edit;
use crate::source::Span;
use crate::syntax::ast::{Ast, Clause, Expr, Name, NodeId};
use crate::syntax::scan::Tokens;

/// Rewrites a module's calls to one list. `None` when they are no such calls, or do not mirror each other.
#[must_use]
pub fn rewrite(sites: &Sites, module: &Arc<Module>, entries: &[Entry<'_>]) -> Option<Collected> {
    if module.defines("hooks", 1) || is_imported(module) {
        return None;
    }
    let added = Run::of(sites, module, entries, Action::Add)?;
    let deleted = Run::of(sites, module, entries, Action::Delete)?;
    if added.sorted() != deleted.sorted() || !all_calls(module, added.calls.len() + deleted.calls.len()) {
        return None;
    }
    let mut done = Collected::default();
    done.edit(added.replaced("add_handlers")).ok()?;
    done.edit(deleted.replaced("delete_handlers")).ok()?;
    let stop = module.function("stop", 1).first().copied().unwrap_or(deleted.site.form);
    if [added.site.form, deleted.site.form, stop].iter().any(|&form| is_optional(module, module.form(form).span)) {
        return None;
    }
    let end = module.form(stop).span.end;
    let place = module.place(Span { start: end, end });
    done.edit(Edit::replace(place, format!("\n\n{}", added.function()))).ok()?;
    Some(done)
}

fn is_imported(module: &Module) -> bool {
    module.header().imports.iter().any(|(name, arity, _)| name == "hooks" && *arity == 1)
}

/// Whether the interface is named in these calls, and nowhere else in the code.
fn all_calls(module: &Module, calls: usize) -> bool {
    let named = module.forms().filter(|(form, _)| module.text_of(*form).contains(INTERFACE));
    let named = named.filter_map(|(form, _)| module.ast(form).ok());
    named.map(|ast| ast.nodes().filter(|(node, _)| is_interface(ast, *node)).count()).sum::<usize>() == calls
}

/// What one call says: as it is written, but for the host type.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Said {
    hook: String,
    is_global: bool,
    module: String,
    function: Name,
    priority: String,
}

/// Calls one after the other in one body.
struct Run<'a> {
    site: Site<'a>,
    clause: &'a Clause,
    calls: Vec<NodeId>,
    said: Vec<Said>,
    host_type: String,
}

impl<'a> Run<'a> {
    /// All calls of a module that add, or delete, when they stand together.
    fn of(sites: &'a Sites, module: &Arc<Module>, entries: &[Entry<'_>], action: Action) -> Option<Self> {
        let own = |entry: &&Entry<'_>| {
            let registration = entry.registration;
            registration.module.source().path() == module.source().path() && registration.action == action
        };
        let entries: Vec<&Entry<'_>> = entries.iter().filter(own).collect();
        let first = sites.at(&entries.first()?.registration.tuple)?;
        if first.module.source().path() != module.source().path() {
            return None;
        }
        let mut clauses = first.ast.function_clauses();
        let (clause, None) = (clauses.next()?, clauses.next()) else { return None };
        let mut run = Run { site: first, clause, calls: Vec::new(), said: Vec::new(), host_type: String::new() };
        for entry in entries {
            run.take(sites, entry)?;
        }
        (!run.host_type.is_empty() && run.stand_together()).then_some(run)
    }

    fn take(&mut self, sites: &Sites, entry: &Entry<'_>) -> Option<()> {
        let site = sites.at(&entry.registration.tuple)?;
        if site.module.source().path() != self.site.module.source().path() || site.form != self.site.form {
            return None;
        }
        let ast = site.ast;
        let call = Call::at(site.module, ast, site.node)?;
        action_of(ast.atom(call.function)?)?;
        if self.calls.contains(&site.node) || !self.site.ast.list(self.clause.body).contains(&site.node) {
            return None;
        }
        let written = |node: NodeId| is_written(ast, node).then(|| site.text(node).to_owned());
        let (hook, tag, handler, priority) = match *call.arguments {
            [hook, tag, module, function, priority] => (hook, tag, (Some(module), function), priority),
            [hook, tag, fun, priority] => (hook, tag, (None, fun), priority),
            _ => return None,
        };
        let is_global = entry.registration.tag == Tag::Global;
        if !is_global {
            let host_type = is_host_type(ast, tag).then(|| site.text(tag))?;
            if !self.host_type.is_empty() && self.host_type != host_type {
                return None;
            }
            host_type.clone_into(&mut self.host_type);
        }
        let said = Said {
            hook: written(hook)?,
            is_global: is_global && written(tag).is_some(),
            module: module_of(site, handler, entry)?,
            function: entry.new.clone(),
            priority: written(priority)?,
        };
        if is_global != said.is_global {
            return None;
        }
        self.calls.push(site.node);
        self.said.push(said);
        Some(())
    }

    /// Whether nothing but commas and blanks stands between the calls.
    fn stand_together(&self) -> bool {
        let body = self.site.ast.list(self.clause.body);
        let Some(first) = body.iter().position(|node| self.calls.contains(node)) else { return false };
        let together = body.len() >= first + self.calls.len()
            && body[first..first + self.calls.len()].iter().all(|node| self.calls.contains(node));
        let text = self.site.module.source().slice(self.span());
        let tokens: usize = Tokens::new(text, 0).map(|(_, span)| span.len()).sum();
        let blanks: usize = text.bytes().filter(u8::is_ascii_whitespace).count();
        // Whatever is neither is a comment, which has to stay where it is.
        together && !(text.contains('%') && tokens + blanks < text.len())
    }

    fn span(&self) -> Span {
        let spans = || self.calls.iter().map(|&call| self.site.ast.span(call));
        let start = spans().map(|span| span.start).min().unwrap_or_default();
        Span { start, end: spans().map(|span| span.end).max().unwrap_or(start) }
    }

    fn sorted(&self) -> Vec<Said> {
        let mut said = self.said.clone();
        said.sort();
        said
    }

    fn replaced(&self, function: &str) -> Edit {
        Edit::replace(self.site.module.place(self.span()), format!("gen_hook:{function}(hooks({}))", self.host_type))
    }

    /// The function `hooks/1`, with a spec where the function with the calls has one.
    fn function(&self) -> String {
        let host_type = if self.host_type_is_a_variable() { self.host_type.as_str() } else { "HostType" };
        let tuple = |said: &Said| {
            let tag = if said.is_global { "global" } else { host_type };
            let Said { hook, module, function, priority, .. } = said;
            format!("{{{hook}, {tag}, fun {module}:{}/3, #{{}}, {priority}}}", atom(function))
        };
        let tuples: Vec<String> = self.said.iter().map(tuple).collect();
        let name = self.clause.name.and_then(|name| self.site.ast.atom(name));
        let has_spec =
            name.is_some_and(|name| !Spec::of(self.site.module, name, self.clause.patterns.len()).is_empty());
        let spec = if has_spec { "-spec hooks(mongooseim:host_type()) -> gen_hook:hook_list().\n" } else { "" };
        format!("{spec}hooks({host_type}) ->\n    [{}].", tuples.join(",\n     "))
    }

    fn host_type_is_a_variable(&self) -> bool {
        self.host_type.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    }
}

/// The module of the handler as it is written.
fn module_of(site: Site<'_>, handler: (Option<NodeId>, NodeId), entry: &Entry<'_>) -> Option<String> {
    let ast = site.ast;
    match (ast.expr(handler.1), handler.0) {
        (Expr::FunRef { module: Some(module), .. }, _) => {
            is_written(ast, *module).then(|| site.text(*module).to_owned())
        }
        (Expr::FunRef { module: None, .. }, _) => Some("?MODULE".to_owned()),
        (Expr::Atom(name), Some(module)) if name == entry.old && is_written(ast, module) => {
            Some(site.text(module).to_owned())
        }
        _ => None,
    }
}

/// Whether a part means the same wherever it is written.
fn is_written(ast: &Ast, node: NodeId) -> bool {
    matches!(ast.expr(node), Expr::Atom(_) | Expr::Integer(_) | Expr::Macro { args: None, .. })
}

/// Whether an expression is the host type, and can be asked for once for all calls.
fn is_host_type(ast: &Ast, node: NodeId) -> bool {
    match ast.expr(node) {
        Expr::Var(_) => true,
        Expr::RecordField { base, .. } => ast.var(*base).is_some(),
        _ => false,
    }
}
