//! The `-spec`s of a handler whose parameters, accumulator or results are others now, and of what it hands them to.

use super::helpers::{Helper, Role};
use super::serving::Serving;
use crate::catalog::{Hook, HookChange};
use crate::outline::{FormIndex, Module};
use crate::rewrite::Edit;
use crate::syntax::ast::{Ast, Expr, Fields, Item, Name, NodeId, Signature};
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
    for (form, spec) in specs_of(module, &serving.handler.name) {
        for signature in spec.signatures(3) {
            edits.extend(handler(module, change, new, form, &spec, signature));
        }
    }
    for helper in helpers {
        for (form, spec) in specs_of(module, &helper.function) {
            for signature in spec.signatures(helper.arity) {
                edits.extend(handed(module, change, new, form, &spec, signature, helper));
            }
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

/// One `-spec` of a function.
struct Spec<'a> {
    ast: &'a Ast,
    signatures: &'a [Signature],
}

impl<'a> Spec<'a> {
    fn signatures(&self, arity: usize) -> impl Iterator<Item = &'a Signature> + use<'a> {
        self.signatures.iter().filter(move |signature| signature.args.len() == arity)
    }

    /// What a type is: without its name, and behind the `when` for a variable.
    fn meant(&self, signature: &Signature, ty: NodeId) -> NodeId {
        match self.ast.expr(ty) {
            Expr::Annotated { ty, .. } => *ty,
            Expr::Var(name) => {
                let constraint = signature.constraints.iter().find(|(constrained, _)| constrained == name);
                constraint.map_or(ty, |(_, ty)| *ty)
            }
            _ => ty,
        }
    }
}

fn specs_of<'a>(module: &'a Module, function: &str) -> Vec<(FormIndex, Spec<'a>)> {
    let mut found = Vec::new();
    for (index, form) in module.forms() {
        let is_spec = form.kind == FormKind::Attribute && module.source().slice(form.name) == "spec";
        if !is_spec || !module.text_of(index).contains(function) {
            continue;
        }
        let Ok(ast) = module.ast(index) else { continue };
        for item in &ast.items {
            if let Item::Spec { function: name, signatures } = item
                && name == function
            {
                found.push((index, Spec { ast, signatures }));
            }
        }
    }
    found
}

fn handler(
    module: &std::sync::Arc<Module>,
    change: &HookChange,
    new: &Hook,
    form: FormIndex,
    spec: &Spec<'_>,
    signature: &Signature,
) -> Vec<Edit> {
    let &[accumulator, params, _] = spec.ast.list(signature.args) else { return Vec::new() };
    let mut edits = parameters(module, change, new, form, spec, spec.meant(signature, params));
    let Some(changed) = change.accumulator.as_ref().filter(|changed| changed.before.contains(':')) else {
        return edits;
    };
    let mut parts = vec![spec.meant(signature, accumulator), spec.meant(signature, signature.result)];
    parts.extend(signature.constraints.iter().map(|(_, ty)| *ty));
    for part in parts {
        edits.extend(retyped(module, spec.ast, part, &changed.before, &changed.after));
    }
    edits
}

/// Every place below a type where it says `before`.
fn retyped(module: &std::sync::Arc<Module>, ast: &Ast, ty: NodeId, before: &str, after: &str) -> Vec<Edit> {
    let is_it = |node: &NodeId| module.source().slice(ast.span(*node)) == before;
    let places = ast.descend([ty]).map(|(node, _)| node).filter(is_it);
    places.map(|node| Edit::replace(module.place(ast.span(node)), after)).collect()
}

/// The spec of a function to which the parameters or the session are handed.
fn handed(
    module: &std::sync::Arc<Module>,
    change: &HookChange,
    new: &Hook,
    form: FormIndex,
    spec: &Spec<'_>,
    signature: &Signature,
    helper: &Helper,
) -> Vec<Edit> {
    let Some(&argument) = spec.ast.list(signature.args).get(helper.index) else { return Vec::new() };
    let ty = spec.meant(signature, argument);
    match helper.role {
        Role::Parameters => parameters(module, change, new, form, spec, ty),
        Role::Session => retyped(module, spec.ast, ty, STATE, DATA),
    }
}

/// The type of the parameters: a map with keys that are gone, or the module's own name for one.
fn parameters(
    module: &std::sync::Arc<Module>,
    change: &HookChange,
    new: &Hook,
    form: FormIndex,
    spec: &Spec<'_>,
    ty: NodeId,
) -> Vec<Edit> {
    match spec.ast.expr(ty) {
        Expr::Map { fields, .. } if is_old(spec.ast, change, *fields) => {
            vec![Edit::replace(module.place(spec.ast.span(ty)), parameters_type(new))]
        }
        Expr::Call { module: None, function, args } if args.is_empty() => {
            let Some(name) = spec.ast.atom(*function) else { return Vec::new() };
            named(module, change, new, name, form)
                .unwrap_or_else(|| vec![Edit::replace(module.place(spec.ast.span(ty)), parameters_type(new))])
        }
        _ => Vec::new(),
    }
}

/// The definition of a type that only one spec names. `None` when others name it, too, and still mean the old one.
fn named(
    module: &std::sync::Arc<Module>,
    change: &HookChange,
    new: &Hook,
    name: &Name,
    spec: FormIndex,
) -> Option<Vec<Edit>> {
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
            None if index == spec => {}
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
