//! The `-spec` of a handler whose parameters are others now.

use super::serving::Serving;
use crate::catalog::{Hook, HookChange};
use crate::rewrite::Edit;
use crate::syntax::ast::{Expr, Item};
use crate::syntax::scan::FormKind;

/// Lets a spec that spells the parameters' keys spell the new ones. A spec that says `map()`, or names a type, stays.
#[must_use]
pub fn respecify(serving: &Serving<'_>, change: &HookChange, new: &Hook) -> Vec<Edit> {
    let module = &serving.handler.module;
    let name = serving.handler.name.as_str();
    let mut edits = Vec::new();
    for (index, form) in module.forms() {
        let is_spec = form.kind == FormKind::Attribute && module.source().slice(form.name) == "spec";
        if !is_spec || !module.text_of(index).contains(name) {
            continue;
        }
        let Ok(ast) = module.ast(index) else { continue };
        for item in &ast.items {
            let Item::Spec { function, signatures } = item else { continue };
            if function != name {
                continue;
            }
            for signature in signatures {
                let &[_, params, _] = ast.list(signature.args) else { continue };
                let params = match ast.expr(params) {
                    Expr::Annotated { ty, .. } => *ty,
                    _ => params,
                };
                let Expr::Map { fields, .. } = ast.expr(params) else { continue };
                let gone = |key: &str| change.parameters.iter().any(|parameter| parameter.key == key);
                if ast.fields(*fields).iter().filter_map(|field| ast.atom(field.key)).any(|key| gone(key)) {
                    edits.push(Edit::replace(module.place(ast.span(params)), parameters_type(new)));
                }
            }
        }
    }
    edits
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
