//! Taking one handler out of a list comprehension that registers several.

use std::collections::BTreeMap;

use super::Change;
use crate::migrate::code::clause::indentation;
use crate::migrate::code::template::substitute;
use crate::migrate::code::text::{with_comma_before, with_comma_behind};
use crate::project::registrations::Registration;
use crate::rewrite::Edit;
use crate::syntax::ast::{Ast, Expr, NodeId};

/// Takes the item that stands for this registration out of the list over which a comprehension runs, and puts the tuple
/// that it stood for behind the comprehension, with what shall change in it.
///
/// `None` when the registration is not written as a comprehension over one literal list.
#[must_use]
pub fn split(registration: &Registration, change: &Change) -> Option<Vec<Edit>> {
    let parts = registration.parts.as_ref()?;
    let module = &registration.module;
    if registration.tuple.source.path() != module.source().path() || parts.hook.source.path() != module.source().path()
    {
        return None;
    }
    let ast = module.ast(module.form_at(registration.tuple.span.start)?).ok()?;
    let found = ast.nodes().find_map(|(node, it)| match &it.expr {
        Expr::Comprehension { template, qualifiers, .. } => {
            let (&[tuple], &[generator]) = (ast.list(*template), ast.list(*qualifiers)) else { return None };
            (ast.span(tuple) == registration.tuple.span).then_some((node, tuple, generator))
        }
        _ => None,
    });
    let (comprehension, tuple, generator) = found?;
    let Expr::Generator { pattern, source } = *ast.expr(generator) else { return None };
    let Expr::List { items, tail: None } = ast.expr(source) else { return None };
    let items = ast.list(*items);
    let at = items.iter().position(|&item| ast.span(item).contains(parts.hook.span))?;
    let text = |node: NodeId| module.source().slice(ast.span(node));
    let tuple = rewritten(ast, &text, tuple, &values(ast, &text, pattern, items[at])?, change)?;
    let whole = module.place(ast.span(comprehension));
    if items.len() == 1 {
        return Some(vec![Edit::replace(whole, format!("[{tuple}]"))]);
    }
    let text = module.source().text();
    let item = ast.span(items[at]);
    let gone = with_comma_behind(text, item).or_else(|| with_comma_before(text, item))?;
    let separator = match text[whole.span.range()].contains('\n') {
        true => format!("\n{}", " ".repeat(indentation(text, whole.span.start as usize))),
        false => " ".to_owned(),
    };
    Some(vec![
        Edit::delete(module.place(gone)),
        Edit::insert(&whole, whole.span.end, format!("{separator}++ [{tuple}]")),
    ])
}

/// What the generator's variables stand for in one item.
fn values<'a>(
    ast: &'a Ast,
    text: &impl Fn(NodeId) -> &'a str,
    pattern: NodeId,
    item: NodeId,
) -> Option<BTreeMap<&'a str, &'a str>> {
    match (ast.expr(pattern), ast.expr(item)) {
        (Expr::Var(name), _) => Some(BTreeMap::from([(name.as_str(), text(item))])),
        (Expr::Tuple(names), Expr::Tuple(values)) if names.len() == values.len() => {
            let pairs = ast.list(*names).iter().zip(ast.list(*values));
            pairs.map(|(&name, &value)| Some((ast.var(name)?.as_str(), text(value)))).collect()
        }
        _ => None,
    }
}

/// The tuple for one item, with what shall change in it.
fn rewritten<'a>(
    ast: &'a Ast,
    text: &impl Fn(NodeId) -> &'a str,
    tuple: NodeId,
    values: &BTreeMap<&str, &str>,
    change: &Change,
) -> Option<String> {
    let Expr::Tuple(elements) = ast.expr(tuple) else { return None };
    let filled = |node: NodeId| substitute(text(node), |name| values.get(name).map(|value| (*value).to_owned()));
    let mut elements: Vec<String> = ast.list(*elements).iter().map(|&element| filled(element)).collect();
    let [hook, _, function, _, priority] = elements.as_mut_slice() else { return None };
    if let Some(new) = &change.hook {
        hook.clone_from(new);
    }
    if let Some(new) = change.priority {
        *priority = new.to_string();
    }
    if let Some(new) = &change.function {
        let (before, arity) = (function.rfind(':')?, function.rfind('/')?);
        *function = format!("{}:{new}{}", &function[..before], &function[arity..]);
    }
    Some(format!("{{{}}}", elements.join(", ")))
}
