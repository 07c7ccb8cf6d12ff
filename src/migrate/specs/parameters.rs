//! The parameters in the `-spec`s of a handler and of what it hands them to.

use super::{Spec, accumulator};
use crate::catalog::{Hook, HookChange};
use crate::migrate::parameters::helpers::{Helper, Role};
use crate::migrate::serving::Serving;
use crate::rewrite::Edit;
use crate::syntax::ast::{Ast, Expr, Fields, Item, Name, NodeId};
use crate::syntax::scan::FormKind;

/// The types of the session's state and of the session's data.
const STATE: &str = "ejabberd_c2s:state()";
const DATA: &str = "mongoose_c2s:data()";

/// Lets specs that spell the parameters' keys, or a type that is another one now, spell the new ones. A spec that says
/// `map()`, or names a type of another module, stays.
#[must_use]
pub fn respecify(serving: &Serving<'_>, change: &HookChange, new: &Hook, helpers: &[Helper]) -> Vec<Edit> {
    let module = &serving.handler.module;
    let mut edits = Vec::new();
    for spec in Spec::of(module, &serving.handler.name, 3) {
        edits.extend(handler(&spec, change, new));
    }
    for helper in helpers {
        for spec in Spec::of(module, &helper.function, helper.arity) {
            edits.extend(handed(&spec, change, new, helper));
        }
    }
    let mut kept: Vec<Edit> = Vec::new();
    for edit in edits {
        let nothing = edit.place.source.slice(edit.place.span) == edit.text;
        if !nothing && !kept.iter().any(|known| known.same(&edit)) {
            kept.push(edit);
        }
    }
    kept
}

fn handler(spec: &Spec<'_>, change: &HookChange, new: &Hook) -> Vec<Edit> {
    let Some(params) = spec.argument(1) else { return Vec::new() };
    let mut edits = parameters(spec, change, new, spec.meant(params));
    if let Some(changed) = change.accumulator.as_ref().filter(|changed| changed.before.contains(':')) {
        edits.extend(accumulator::retyped(spec, &[&changed.before], &changed.after));
    }
    edits
}

/// The spec of a function to which the parameters or the session are handed.
fn handed(spec: &Spec<'_>, change: &HookChange, new: &Hook, helper: &Helper) -> Vec<Edit> {
    let Some(argument) = spec.argument(helper.index) else { return Vec::new() };
    let ty = spec.meant(argument);
    match helper.role {
        Role::Parameters => parameters(spec, change, new, ty),
        Role::Session => spec.retyped(ty, &[STATE], DATA),
    }
}

/// The type of the parameters: a map with keys that are gone, or the module's own name for one.
fn parameters(spec: &Spec<'_>, change: &HookChange, new: &Hook, ty: NodeId) -> Vec<Edit> {
    let whole = || vec![spec.replace(ty, parameters_type(new))];
    match spec.ast.expr(ty) {
        Expr::Map { fields, .. } if is_old(spec.ast, change, *fields) => whole(),
        Expr::Call { module: None, function, args } if args.is_empty() => {
            let Some(name) = spec.ast.atom(*function) else { return Vec::new() };
            named(spec, change, new, name).unwrap_or_else(whole)
        }
        _ => Vec::new(),
    }
}

/// The definition of a type that only one spec names. `None` when others name it, too, and still mean the old one.
fn named(spec: &Spec<'_>, change: &HookChange, new: &Hook, name: &Name) -> Option<Vec<Edit>> {
    let module = spec.module;
    let (mut edits, mut elsewhere) = (Vec::new(), false);
    for (index, form) in module.forms() {
        let text = module.text_of(index);
        if form.kind != FormKind::Attribute || !text.contains(name.as_str()) {
            continue;
        }
        let kind = module.source().slice(form.name);
        let Ok(ast) = module.ast(index) else { continue };
        let defined = ast.items.iter().find_map(|item| match item {
            Item::Type { name: defined, ty } if defined == name => Some(*ty),
            _ => None,
        });
        match defined.map(|ty| (ty, ast.expr(ty))) {
            Some((ty, Expr::Map { fields, .. })) if is_old(ast, change, *fields) => {
                edits.push(Edit::replace(module.place(ast.span(ty)), parameters_type(new)));
            }
            Some(_) => return Some(Vec::new()),
            None if index == spec.form => {}
            None if kind == "export_type" => elsewhere = true,
            None => {
                let is_call = |expr: &Expr| matches!(expr, Expr::Call { module: None, function, .. } if ast.atom(*function) == Some(name));
                elsewhere |= ast.nodes().any(|(_, node)| is_call(&node.expr));
            }
        }
    }
    match (edits.is_empty(), elsewhere) {
        (false, true) => None,
        _ => Some(edits),
    }
}

fn is_old(ast: &Ast, change: &HookChange, fields: Fields) -> bool {
    let keys = ast.fields(fields).iter().filter_map(|field| ast.atom(field.key));
    keys.into_iter().any(|key| change.parameters.iter().any(|parameter| parameter.key == key.as_str()))
}

/// The type of the new hook's parameters.
fn parameters_type(hook: &Hook) -> String {
    if !hook.parameters_type.is_empty() {
        return hook.parameters_type.clone();
    }
    let key = |it: &crate::catalog::Parameter| {
        let ty = if it.ty.is_empty() { "term()" } else { &it.ty };
        let arrow = if it.optional { "=>" } else { ":=" };
        format!("{} {arrow} {ty}", it.key)
    };
    format!("#{{{}}}", hook.parameters.iter().map(key).collect::<Vec<_>>().join(", "))
}
