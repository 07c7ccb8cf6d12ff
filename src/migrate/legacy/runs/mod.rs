//! Runs of the project's own hooks with `ejabberd_hooks`, for `gen_hook`.
//!
//! Their arguments become a map. Its keys are the names of the variables that are handed over, the same ones for all runs
//! of a hook, and handlers of that hook take them from there: [`positional`] says how, as the catalog does for the server's
//! hooks.

mod added;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use rustc_hash::FxHashMap;

use added::Added;

use super::Rewritten;
use super::registration::calls::{Call, shift};
use super::registration::collected::Collected;
use super::registration::sites::{INTERFACE, Site, line_in};
use crate::catalog::{Catalog, Positional};
use crate::migrate::code::bodies::{bodies, parents};
use crate::migrate::serving::Context;
use crate::outline::Module;
use crate::project::eval::Style;
use crate::project::registrations::HandlerRef;
use crate::rewrite::Edit;
use crate::syntax::ast::{Ast, Expr, Name, NodeId};
use crate::syntax::scan::FormKind;

/// A call that runs a hook.
struct Run<'a> {
    site: Site<'a>,
    /// `None` when the name is known only at run time.
    hook: Option<Name>,
    list: NodeId,
    how: How<'a>,
}

/// Through which interface a hook is run.
enum How<'a> {
    EjabberdHooks { call: Call<'a>, host_type: Option<NodeId>, accumulator: Option<NodeId> },
    GenHook(Added),
}

impl<'a> Run<'a> {
    fn at(context: &Context<'_>, site: Site<'a>) -> Option<Self> {
        let Expr::Call { module: Some(target), function, args } = site.ast.expr(site.node) else { return None };
        let is = |node: NodeId, name: &str| site.ast.atom(node).is_some_and(|it| it == name);
        if let (true, true, &[hook, _, _, params]) =
            (is(*target, "gen_hook"), is(*function, "run_fold"), site.ast.list(*args))
        {
            let added = Added::of(site, params)?;
            return Some(Self { site, hook: name_of(context, site, hook), list: added.list, how: How::GenHook(added) });
        }
        let call = Call::at(site.module, site.ast, site.node).filter(|call| call.module == Some(*target))?;
        let function = site.ast.atom(call.function)?;
        let (hook, host_type, accumulator, list) = match (function.as_str(), call.arguments) {
            ("run", &[hook, list]) => (hook, None, None, list),
            ("run", &[hook, host_type, list]) => (hook, Some(host_type), None, list),
            ("run_fold", &[hook, accumulator, list]) => (hook, None, Some(accumulator), list),
            ("run_fold", &[hook, host_type, accumulator, list]) => (hook, Some(host_type), Some(accumulator), list),
            _ => return None,
        };
        let hook = name_of(context, site, hook);
        Some(Self { site, hook, list, how: How::EjabberdHooks { call, host_type, accumulator } })
    }

    /// The arguments, when they are written out.
    fn arguments(&self) -> Option<&'a [NodeId]> {
        match self.site.ast.expr(self.list) {
            Expr::List { items, tail: None } => Some(self.site.ast.list(*items)),
            _ => None,
        }
    }

    /// The key under which an argument is in the map already.
    fn key(&self, argument: NodeId) -> Option<String> {
        match &self.how {
            How::GenHook(added) => added.key(self.site, argument).map(ToString::to_string),
            How::EjabberdHooks { .. } => None,
        }
    }

    fn line(&self) -> String {
        line_in(&self.site.place(self.site.node))
    }
}

/// The atom that a node is, as such or through a macro.
fn name_of(context: &Context<'_>, site: Site<'_>, node: NodeId) -> Option<Name> {
    match site.ast.expr(node) {
        Expr::Atom(name) => Some(name.clone()),
        Expr::Macro { name, args: None } if name == "MODULE" => Some(site.module.name().clone()),
        Expr::Macro { name, args: None } => {
            let (owner, form) = context.modules.definitions(site.module, name, None).into_iter().next()?;
            let ast = owner.ast(form).ok()?;
            ast.atom(ast.macro_body()?).cloned()
        }
        _ => None,
    }
}

/// Does something with every run in a module.
fn each_run(context: &Context<'_>, module: &Arc<Module>, mut with: impl FnMut(&Run<'_>)) {
    let forms: Vec<_> = module.forms().map(|(form, it)| (form, it.kind)).collect();
    for (form, kind) in forms {
        if kind == FormKind::Other || !module.text_of(form).contains(INTERFACE) {
            continue;
        }
        let Ok(ast) = module.ast(form) else { continue };
        for (node, _) in ast.nodes() {
            if let Some(run) = Run::at(context, Site { module, form, ast, node }) {
                with(&run);
            }
        }
    }
}

/// Whether no release of the server has a hook of this name.
fn is_own(hook: &str) -> bool {
    Catalog::embedded().releases_with(hook).is_empty()
}

/// The project's own hooks that are run with `ejabberd_hooks`, each with a module that does it.
#[must_use]
pub fn own(context: &Context<'_>) -> Vec<(Name, Name)> {
    let mut found = Vec::new();
    for module in context.modules.with_word(INTERFACE) {
        each_run(context, &module, |run| {
            let hook = run.hook.as_ref().filter(|hook| is_own(hook));
            found.extend(hook.map(|hook| (hook.clone(), module.name().clone())));
        });
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// How handlers of one of the project's own hooks get their arguments when all its runs are rewritten. `None` when that
/// hook is not run with `ejabberd_hooks`, or its runs do not agree.
#[must_use]
pub fn positional(context: &Context<'_>, hook: &str) -> Option<Positional> {
    is_own(hook).then(|| names(context, hook).ok().flatten()).flatten()
}

/// What is known of one argument of a hook.
#[derive(Clone, Default)]
struct Column {
    name: Option<Name>,
    key: Option<String>,
}

/// The same, with the reason when there is no answer.
fn names(context: &Context<'_>, hook: &str) -> Result<Option<Positional>, String> {
    let mut columns: Option<Vec<Column>> = None;
    let mut trouble = None;
    for module in context.modules.with_word(INTERFACE) {
        each_run(context, &module, |run| {
            if run.hook.as_deref() != Some(hook) {
                return;
            }
            let Some(arguments) = run.arguments() else {
                trouble = Some(format!("the arguments of `{hook}` are not written out in {}", run.line()));
                return;
            };
            let known = columns.get_or_insert_with(|| vec![Column::default(); arguments.len()]);
            if known.len() != arguments.len() {
                trouble = Some(format!("`{hook}` is run with another number of arguments in {}", run.line()));
                return;
            }
            for (known, &argument) in known.iter_mut().zip(arguments) {
                let name = run.site.ast.var(argument).map(|name| Name::new(name.trim_start_matches('_')));
                known.name = known.name.take().or(name.filter(|name| !name.is_empty()));
                known.key = known.key.take().or_else(|| run.key(argument));
            }
        });
    }
    if let Some(why) = trouble {
        return Err(why);
    }
    let Some(columns) = columns else { return Ok(None) };
    let from_handlers = handler_names(context, hook, columns.len() + 1);
    let mut found = Positional { hook: hook.to_owned(), ..Positional::default() };
    for (at, Column { name, key }) in columns.into_iter().enumerate() {
        let name = name.or_else(|| from_handlers.get(at + 1).cloned().flatten());
        let name = name.ok_or_else(|| format!("the argument {} of `{hook}` has a name nowhere", at + 1))?;
        let key = key.unwrap_or_else(|| snake_case(&name));
        if found.keys.values().any(|known| *known == key) {
            return Err(format!("two arguments of `{hook}` have the same name"));
        }
        found.arguments.push(name.to_string());
        found.keys.insert(name.to_string(), key);
    }
    Ok(Some(found))
}

/// The names that handlers of a hook give their arguments, the accumulator among them.
fn handler_names(context: &Context<'_>, hook: &str, arity: usize) -> Vec<Option<Name>> {
    let mut found: Vec<Option<Name>> = vec![None; arity];
    let old = context.registered.everything().filter(|it| it.style == Style::EjabberdHooks);
    for registration in old.filter(|it| it.hook.as_deref() == Some(hook)) {
        let HandlerRef::External { module, function, .. } = &registration.handler else { continue };
        let Some(owner) = context.modules.module(module, registration.module.source().path()) else { continue };
        for (ast, clause) in owner.clauses(function, arity) {
            for (known, &pattern) in found.iter_mut().zip(ast.list(clause.patterns)) {
                let name = ast.var(pattern).map(|name| Name::new(name.trim_start_matches('_')));
                *known = known.take().or(name.filter(|name| !name.is_empty()));
            }
        }
    }
    found
}

/// Rewrites the runs of the project's own hooks in some modules.
///
/// # Errors
/// One of them cannot be rewritten; says which, and why.
pub fn rewrite(context: &Context<'_>, modules: &[Arc<Module>]) -> Result<Rewritten, String> {
    let mut done = Collected::default();
    let mut known: FxHashMap<Name, Positional> = FxHashMap::default();
    for module in modules {
        let mut outcome = Ok(());
        each_run(context, module, |run| {
            if outcome.is_ok() {
                outcome = rewrite_one(context, run, &mut known, &mut done);
            }
        });
        outcome?;
    }
    Ok(done.finish())
}

fn rewrite_one(
    context: &Context<'_>,
    run: &Run<'_>,
    known: &mut FxHashMap<Name, Positional>,
    done: &mut Collected,
) -> Result<(), String> {
    let line = run.line();
    let hook =
        run.hook.as_ref().ok_or_else(|| format!("which hook is run in {line} is known only when the code runs"))?;
    if !is_own(hook) {
        done.because(format!(
            "{line} runs `{hook}` itself, which is the server's: use the function of `mongoose_hooks`"
        ));
        return Ok(());
    }
    if !known.contains_key(hook) {
        let names = names(context, hook)?.ok_or_else(|| format!("the runs of `{hook}` could not be followed"))?;
        known.insert(hook.clone(), names);
    }
    let arguments =
        run.arguments().ok_or_else(|| format!("the arguments of `{hook}` are not written out in {line}"))?;
    match known.get(hook) {
        Some(names) => run.rewrite(names, arguments, done),
        None => Ok(()),
    }
}

impl Run<'_> {
    fn rewrite(&self, names: &Positional, arguments: &[NodeId], done: &mut Collected) -> Result<(), String> {
        let (site, ast) = (self.site, self.site.ast);
        let (call, host_type, accumulator) = match &self.how {
            How::GenHook(added) => return added.rewrite(site, names, arguments, done),
            How::EjabberdHooks { call, host_type, accumulator } => (call, *host_type, *accumulator),
        };
        let before = |node: NodeId, text: String| Edit::insert(&site.place(node), ast.span(node).start, text);
        if let Some(module) = call.module {
            done.edit(Edit::replace(site.place(module), "gen_hook"))?;
        }
        done.edit(Edit::replace(site.place(call.function), "run_fold"))?;
        match (host_type, accumulator) {
            (None, None) => done.edit(before(self.list, "global, ok, ".to_owned()))?,
            (Some(_), None) => done.edit(before(self.list, "ok, ".to_owned()))?,
            (None, Some(accumulator)) => done.edit(before(accumulator, "global, ".to_owned()))?,
            (Some(_), Some(_)) => {}
        }
        let list = ast.span(self.list);
        let bracket = |start: u32| site.module.place(crate::source::Span { start, end: start + 1 });
        done.edit(Edit::replace(bracket(list.start), "#{"))?;
        done.edit(Edit::replace(bracket(list.end - 1), "}"))?;
        for (&argument, name) in arguments.iter().zip(&names.arguments) {
            let key = names.keys.get(name).map_or("", String::as_str);
            done.edit(before(argument, format!("{key} => ")))?;
        }
        let prefix = self.take_value(done)?;
        let function = site.text(call.function).len();
        let lengths = (INTERFACE.len() + function, "gen_hook".len() + "run_fold".len() + prefix);
        match call.arguments.first() {
            Some(&first) => shift(site, first, lengths, done),
            None => Ok(()),
        }
    }

    /// Takes the accumulator out of the pair that comes now. Returns how much was put before the call.
    fn take_value(&self, done: &mut Collected) -> Result<usize, String> {
        let (site, ast) = (self.site, self.site.ast);
        let above = parents(ast);
        if is_dropped(ast, &above, site.node) {
            return Ok(0);
        }
        let parent = above.get(&site.node).copied();
        if let Some(parent) = parent
            && let Expr::Match { left, right } = *ast.expr(parent)
            && right == site.node
            && is_dropped(ast, &above, parent)
        {
            if ast.var(left).is_some_and(|name| name == "_") {
                return Ok(0);
            }
            let span = ast.span(left);
            done.edit(Edit::insert(&site.place(left), span.start, "{_, "))?;
            done.edit(Edit::insert(&site.place(left), span.end, "}"))?;
            let same_line =
                !site.module.source().slice(ast.span(parent)).split("ejabberd").next().unwrap_or("").contains('\n');
            return Ok(if same_line { "{_, }".len() } else { 0 });
        }
        let whole = ast.span(site.node);
        done.edit(Edit::insert(&site.place(site.node), whole.start, "element(2, "))?;
        done.edit(Edit::insert(&site.place(site.node), whole.end, ")"))?;
        Ok("element(2, ".len())
    }
}

/// Whether nobody uses the value of an expression.
fn is_dropped(ast: &Ast, above: &FxHashMap<NodeId, NodeId>, mut node: NodeId) -> bool {
    while let Some(&parent) = above.get(&node)
        && matches!(ast.expr(parent), Expr::Catch(_))
    {
        node = parent;
    }
    let Some(&parent) = above.get(&node) else {
        return !ast.function_clauses().any(|clause| ast.list(clause.body).last() == Some(&node));
    };
    match ast.expr(parent) {
        Expr::Fun { clauses } => {
            let is_last = ast.clauses(*clauses).iter().any(|clause| ast.list(clause.body).last() == Some(&node));
            !is_last || is_for_each(ast, above, parent)
        }
        Expr::Comprehension { template, .. } if ast.list(*template).contains(&node) => is_dropped(ast, above, parent),
        _ => {
            let all = bodies(ast, parent);
            let own = all.iter().find(|(body, _)| ast.list(*body).contains(&node));
            own.is_some_and(|(body, is_value)| {
                let is_last = ast.list(*body).last() == Some(&node);
                !(is_last && *is_value) || is_dropped(ast, above, parent)
            })
        }
    }
}

/// Whether a fun is what `lists:foreach` calls.
fn is_for_each(ast: &Ast, above: &FxHashMap<NodeId, NodeId>, fun: NodeId) -> bool {
    let Some(Expr::Call { module: Some(module), function, .. }) = above.get(&fun).map(|&call| ast.expr(call)) else {
        return false;
    };
    ast.atom(*module).is_some_and(|it| it == "lists") && ast.atom(*function).is_some_and(|it| it == "foreach")
}

/// `FromJID` as `from_jid`. One letter before a word is part of that word, as in `LServer`.
fn snake_case(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut out = String::with_capacity(name.len() + 4);
    for (at, letter) in letters.iter().enumerate() {
        let upper = |at: usize| letters.get(at).is_some_and(char::is_ascii_uppercase);
        let lower = |at: usize| letters.get(at).is_some_and(|it| it.is_ascii_lowercase() || it.is_ascii_digit());
        let letter_behind = letters.get(at + 1).is_some_and(char::is_ascii_lowercase);
        let starts_word =
            at > 0 && upper(at) && (lower(at - 1) || (at > 1 && upper(at - 1) && upper(at - 2) && letter_behind));
        if starts_word && !out.ends_with('_') {
            out.push('_');
        }
        out.extend(letter.to_lowercase());
    }
    out
}
