//! What else names `ejabberd_hooks`: types, imports, funs, and code that must not.

use super::calls::{Call, action_of, is_interface, renamed};
use super::collected::Collected;
use super::sites::{INTERFACE, Site, line_in};
use crate::migrate::code::bodies::parents;
use crate::outline::{FormIndex, Module};
use crate::rewrite::Edit;
use crate::syntax::ast::{Ast, Expr, NodeId};
use crate::syntax::scan::{Token, Tokens};

/// The type of lists of registrations.
const LIST_TYPE: &str = "gen_hook:hook_list()";

/// The type of one registration, for which releases before 6.1.0 have no name.
const TUPLE_TYPE: &str = "{atom(), mongooseim:host_type() | global, gen_hook:hook_fn(), map(), pos_integer()}";

/// Renames the types below an attribute's top.
pub fn types(site: Site<'_>, done: &mut Collected) -> Result<(), String> {
    let ast = site.ast;
    let above = parents(ast);
    for (node, _) in ast.nodes().filter(|(_, it)| is_hook_type(ast, &it.expr)) {
        let list = above.get(&node).filter(|&&list| is_list_of_one(ast, list));
        let (node, text) = list.map_or((node, TUPLE_TYPE), |&list| (list, LIST_TYPE));
        done.edit(Edit::replace(site.place(node), text))?;
    }
    Ok(())
}

fn is_hook_type(ast: &Ast, expr: &Expr) -> bool {
    matches!(expr, Expr::Call { module: Some(module), function, args }
        if is_interface(ast, *module) && args.is_empty() && ast.atom(*function).is_some_and(|name| name == "hook"))
}

/// Whether a type is a list of one type, which may have to have an item.
fn is_list_of_one(ast: &Ast, node: NodeId) -> bool {
    let Expr::List { items, tail: None } = ast.expr(node) else { return false };
    let others = ast.list(*items).iter().filter(|&&item| !matches!(ast.expr(item), Expr::Dots));
    others.count() == 1
}

/// `-import(ejabberd_hooks, [...])`.
pub fn import(module: &Module, form: FormIndex, done: &mut Collected) -> Result<(), String> {
    let span = module.form(form).span;
    let text = module.text_of(form);
    let tokens: Vec<_> = Tokens::new(text, span.start as usize).collect();
    let slice = |at: usize| tokens.get(at).map_or("", |(_, span)| module.source().slice(*span));
    let mut known: Vec<&str> = Vec::new();
    for at in 0..tokens.len() {
        if slice(at) == INTERFACE {
            done.edit(Edit::replace(module.place(tokens[at].1), "gen_hook"))?;
        }
        if tokens[at].0 != Token::Atom || slice(at + 1) != "/" {
            continue;
        }
        let arity: usize = slice(at + 2).parse().unwrap_or(0);
        let line = line_in(&module.place(tokens[at].1));
        let action = action_of(slice(at)).ok_or_else(|| format!("{line} imports `{}/{arity}`", slice(at)))?;
        let new = renamed(action, arity);
        if arity == 4 || known.contains(&new) {
            return Err(format!("{line} imports functions of `{INTERFACE}` that are one in `gen_hook`"));
        }
        if module.defines(new, if arity == 1 { 1 } else { 5 }) {
            return Err(format!("`{new}` is a function of `{}` itself", module.name()));
        }
        known.push(new);
        done.edit(Edit::replace(module.place(tokens[at].1), new))?;
    }
    Ok(())
}

/// Code that names the interface without calling it to add or to delete.
///
/// # Errors
/// What is done with the name is not known; says where it stands.
pub fn mentioned(site: Site<'_>, calls: &[NodeId], done: &mut Collected) -> Result<(), String> {
    let ast = site.ast;
    let above = parents(ast);
    for (node, _) in ast.nodes().filter(|(node, _)| is_interface(ast, *node) && !calls.contains(node)) {
        let line = line_in(&site.place(node));
        let parent = above.get(&node).copied();
        match parent.map(|parent| ast.expr(parent)) {
            Some(Expr::FunRef { function, arity, .. }) => fun(site, node, *function, *arity, done)?,
            Some(Expr::Call { module: Some(target), .. }) if *target == node => {
                let call = parent.and_then(|parent| Call::at(site.module, ast, parent));
                if !call.is_some_and(|call| is_run(ast, &call)) {
                    return Err(format!("{line} calls a function of `{INTERFACE}` that has no counterpart"));
                }
            }
            Some(Expr::Call { module: Some(target), .. }) if ast.atom(*target).is_some_and(|it| it == "meck") => {
                done.because(format!("{line} mocks `{INTERFACE}`, which is not there any more"));
            }
            _ => return Err(format!("what is done with the name `{INTERFACE}` in {line} could not be followed")),
        }
    }
    Ok(())
}

/// Whether a call runs a hook, or gets one ready to be run.
fn is_run(ast: &Ast, call: &Call<'_>) -> bool {
    ast.atom(call.function).is_some_and(|name| matches!(name.as_str(), "run" | "run_fold" | "add_args"))
}

/// `fun ejabberd_hooks:add/1`.
fn fun(site: Site<'_>, module: NodeId, function: NodeId, arity: NodeId, done: &mut Collected) -> Result<(), String> {
    let action = site.ast.atom(function).and_then(|name| action_of(name));
    match (action, site.ast.expr(arity)) {
        (Some(action), Expr::Integer(Some(1))) => {
            done.edit(Edit::replace(site.place(module), "gen_hook"))?;
            done.edit(Edit::replace(site.place(function), renamed(action, 1)))
        }
        _ => Err(format!("{} hands on a function of `{INTERFACE}` as a fun", line_in(&site.place(module)))),
    }
}
