//! Calls of `ejabberd_hooks` that add or delete handlers: how they are written, and the names in them.

use super::actions;
use super::collected::Collected;
use super::sites::{INTERFACE, Site, line_in};
use crate::migrate::serving::Context;
use crate::outline::Module;
use crate::project::eval::Action;
use crate::rewrite::Edit;
use crate::source::Span;
use crate::syntax::ast::{Ast, Expr, Name, NodeId};

/// A call of a function of the interface, direct, imported, or by `apply` and its like.
pub struct Call<'a> {
    /// The module's name, where it is written.
    pub module: Option<NodeId>,
    pub function: NodeId,
    pub arguments: &'a [NodeId],
}

impl<'a> Call<'a> {
    /// The call that a node is.
    #[must_use]
    pub fn at(module: &Module, ast: &'a Ast, node: NodeId) -> Option<Self> {
        let Expr::Call { module: target, function, args } = ast.expr(node) else { return None };
        let args = ast.list(*args);
        match target {
            Some(target) if is_interface(ast, *target) => {
                Some(Self { module: Some(*target), function: *function, arguments: args })
            }
            None if is_imported(module, ast.atom(*function)?, args.len()) => {
                Some(Self { module: None, function: *function, arguments: args })
            }
            _ => Self::applied(ast, args),
        }
    }

    /// `apply(ejabberd_hooks, add, [...])`, `rpc:call(Node, ejabberd_hooks, add, [...])`.
    fn applied(ast: &'a Ast, args: &'a [NodeId]) -> Option<Self> {
        let start = args.iter().position(|&arg| is_interface(ast, arg))?;
        let &[module, function, list, ..] = &args[start..] else { return None };
        let named = ast.atom(function).is_some() || ast.var(function).is_some();
        match ast.expr(list) {
            Expr::List { items, tail: None } if named => {
                Some(Self { module: Some(module), function, arguments: ast.list(*items) })
            }
            _ => None,
        }
    }

    /// Whether it adds or deletes, or may do either as its caller says.
    #[must_use]
    pub fn registers(&self, ast: &Ast) -> bool {
        let shaped = matches!(self.arguments.len(), 1 | 4 | 5);
        let named = ast.atom(self.function).is_none_or(|name| action_of(name).is_some());
        shaped && named
    }
}

#[must_use]
pub fn is_interface(ast: &Ast, node: NodeId) -> bool {
    ast.atom(node).is_some_and(|name| name == INTERFACE)
}

/// Whether a function is imported from the interface.
#[must_use]
pub fn is_imported(module: &Module, name: &Name, arity: usize) -> bool {
    module.header().imports.iter().any(|(function, n, from)| from == INTERFACE && function == name && *n == arity)
}

#[must_use]
pub fn action_of(name: &str) -> Option<Action> {
    match name {
        "add" => Some(Action::Add),
        "delete" => Some(Action::Delete),
        _ => None,
    }
}

/// The function of `gen_hook` that does what one of the interface did with so many arguments.
#[must_use]
pub fn renamed(action: Action, arity: usize) -> &'static str {
    match (action, arity) {
        (Action::Add, 1) => "add_handlers",
        (Action::Add, _) => "add_handler",
        (Action::Delete, 1) => "delete_handlers",
        (Action::Delete, _) => "delete_handler",
    }
}

/// Lets a call name the new module and function.
///
/// # Errors
/// The function is named by a value that cannot be followed; says why.
pub fn rename(context: &Context<'_>, site: Site<'_>, call: &Call<'_>, done: &mut Collected) -> Result<(), String> {
    let ast = site.ast;
    if let Some(module) = call.module {
        done.edit(Edit::replace(site.place(module), "gen_hook"))?;
    }
    let arity = call.arguments.len();
    match ast.expr(call.function) {
        Expr::Atom(name) => {
            let action = action_of(name).ok_or_else(|| format!("`{INTERFACE}:{name}/{arity}` has no counterpart"))?;
            done.edit(Edit::replace(site.place(call.function), renamed(action, arity)))?;
            Ok(())
        }
        Expr::Var(_) => actions::rename(context, site, call.function, arity, done),
        _ => Err(format!("{} calls a function that is known only when the code runs", line_in(&site.place(site.node)))),
    }
}

/// Keeps the arguments below each other that are written below the first one, when the name before them changed its length.
pub fn align(site: Site<'_>, call: &Call<'_>, done: &mut Collected) -> Result<(), String> {
    let (Some(&first), Expr::Atom(name)) = (call.arguments.first(), site.ast.expr(call.function)) else {
        return Ok(());
    };
    let Some(action) = action_of(name) else { return Ok(()) };
    let names = (name.len(), renamed(action, call.arguments.len()).len());
    let modules = if call.module.is_some() { (INTERFACE.len(), "gen_hook".len()) } else { (0, 0) };
    shift(site, first, (names.0 + modules.0, names.1 + modules.1), done)
}

/// Moves the lines of a call that are indented as far as its first argument, when what stands before that argument had one
/// length and has another one now.
pub fn shift(site: Site<'_>, first: NodeId, (old, new): (usize, usize), done: &mut Collected) -> Result<(), String> {
    let (ast, source) = (site.ast, site.module.source());
    let whole = ast.span(site.node);
    let column = source.position(ast.span(first).start).column - 1;
    if old == new || source.line_index(whole.start) != source.line_index(ast.span(first).start) {
        return Ok(());
    }
    for line in source.line_index(whole.start) + 1..=source.line_index(whole.end) {
        let span = source.line_span(line);
        let text = source.slice(span);
        let indented = text.len() - text.trim_start_matches(' ').len();
        if indented < column || text.trim().is_empty() {
            continue;
        }
        let start = span.start;
        let too_much = u32::try_from(old.saturating_sub(new)).unwrap_or_default();
        let place = site.module.place(Span { start, end: start + too_much });
        let edit = Edit::replace(place, " ".repeat(new.saturating_sub(old)));
        if !done.covers(&edit) {
            done.edit(edit)?;
        }
    }
    Ok(())
}
