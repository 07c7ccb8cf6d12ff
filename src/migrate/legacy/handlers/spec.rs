//! The `-spec`s of handlers, of adapters, and of functions that return tagged results now.

use std::sync::Arc;

use super::Old;
use super::contract::{Contract, Given};
use super::head::Taken;
use super::layout;
use super::results::Tags;
use crate::catalog::{Catalog, Hook};
use crate::migrate::code::text::{atom, has_comment, on_one_line};
use crate::migrate::specs::Spec;
use crate::outline::Module;
use crate::rewrite::Edit;
use crate::syntax::ast::{Expr, Name, NodeId};

const COMMENT: &str = "there is a comment in its spec";

/// A type of which nothing is known.
const ANYTHING: &str = "term()";

/// Rewrites the spec of a handler.
///
/// # Errors
/// A comment would be lost.
pub(super) fn respecify(
    old: &Old<'_>,
    contract: &Contract<'_>,
    hooks: &[Name],
    taken: &Taken,
    tags: Tags,
) -> Result<Vec<Edit>, String> {
    let module = old.module();
    let specs = Spec::of(module, &old.handler.name, old.handler.arity);
    let mut edits: Vec<Edit> = Vec::new();
    for spec in &specs {
        let place = module.place(module.form(spec.form).span);
        if has_comment(module.text_of(spec.form)) {
            return Err(COMMENT.to_owned());
        }
        if edits.iter().any(|edit| edit.place.span == place.span) {
            continue;
        }
        edits.push(Edit::replace(place, written(old, contract, hooks, taken, tags, &old.handler.name)));
    }
    Ok(edits)
}

/// The spec of a function with the new contract that takes the old one's place.
pub(super) fn written(
    old: &Old<'_>,
    contract: &Contract<'_>,
    hooks: &[Name],
    taken: &Taken,
    tags: Tags,
    function: &str,
) -> String {
    let specs = Spec::of(old.module(), &old.handler.name, old.handler.arity);
    let types = Types { specs: &specs, contract, hook: hooks.first().and_then(|hook| new_hook(hook)) };
    let accumulator = types.accumulator();
    let result = types.result(tags, &accumulator);
    format!(
        "-spec {}(Acc, Params, Extra) -> {result} when\n      Acc :: {accumulator},\n{},\n      Extra :: gen_hook:extra().",
        atom(function),
        layout::behind("      Params :: ", &types.parameters(taken))
    )
}

/// The hook in the first release with the new contract.
fn new_hook(hook: &str) -> Option<&'static Hook> {
    let catalog = Catalog::embedded();
    let (_, since) = catalog.last_positional()?;
    catalog.release(since)?.hook(hook)
}

/// What the old spec and the catalog say.
struct Types<'a> {
    specs: &'a [Spec<'a>],
    contract: &'a Contract<'a>,
    hook: Option<&'static Hook>,
}

impl Types<'_> {
    fn accumulator(&self) -> String {
        let folds = self.contract.arguments.first().is_some_and(|it| matches!(it.given, Given::Accumulator));
        let old = if folds { self.argument(0) } else { None };
        let known = || self.hook.map(|hook| hook.accumulator.clone()).filter(|ty| !ty.is_empty());
        old.or_else(known).unwrap_or_else(|| ANYTHING.to_owned())
    }

    /// What an argument was, according to the old spec.
    fn argument(&self, index: usize) -> Option<String> {
        let types = self.specs.iter().map(|spec| spec.argument(index).and_then(|ty| closed(spec, spec.meant(ty))));
        union(types.collect::<Option<Vec<_>>>()?)
    }

    /// In parts, between which a line can end.
    fn parameters(&self, taken: &Taken) -> Vec<String> {
        let index = |wanted: &dyn Fn(Given<'_>) -> bool| self.contract.arguments.iter().position(|it| wanted(it.given));
        let whole = index(&|given| matches!(given, Given::Whole)).filter(|_| taken.whole);
        if let Some(whole) = whole {
            return vec![self.argument(whole).unwrap_or_else(|| "map()".to_owned())];
        }
        if taken.keys.is_empty() {
            return vec!["map()".to_owned()];
        }
        let field = |key: &String| {
            let old =
                index(&|given| matches!(given, Given::Key(other) if other == key)).and_then(|at| self.argument(at));
            let new = || {
                let parameter = self.hook?.parameters.iter().find(|it| it.key == *key)?;
                Some(parameter.ty.clone()).filter(|ty| !ty.is_empty())
            };
            let told = || taken.types.get(key).map(|ty| (*ty).to_owned());
            format!("{key} := {}", old.or_else(new).or_else(told).unwrap_or_else(|| ANYTHING.to_owned()))
        };
        layout::map(taken.keys.iter().map(field).collect(), None)
    }

    fn result(&self, tags: Tags, accumulator: &str) -> String {
        let mut payloads = Payloads::default();
        if self.contract.earlier.is_none() {
            self.specs.iter().for_each(|spec| payloads.add(spec, spec.meant(spec.signature.result)));
        }
        payloads.written(tags, accumulator)
    }
}

/// What a spec says that a function returns, to go on with and to stop with.
#[derive(Default)]
struct Payloads {
    bare: Vec<String>,
    stop: Vec<String>,
    /// A type with a variable, or the like.
    unclear: bool,
}

impl Payloads {
    fn add(&mut self, spec: &Spec<'_>, ty: NodeId) {
        match spec.ast.expr(ty) {
            Expr::Union { left, right } => {
                self.add(spec, *left);
                self.add(spec, *right);
            }
            Expr::Atom(name) if name == "stop" => self.stop.push("stopped".to_owned()),
            Expr::Tuple(items) => match *spec.ast.list(*items) {
                [tag, value] if spec.ast.atom(tag).is_some_and(|tag| tag == "stop") => match closed(spec, value) {
                    Some(text) => self.stop.push(text),
                    None => self.unclear = true,
                },
                _ => self.bare(spec, ty),
            },
            _ => self.bare(spec, ty),
        }
    }

    fn bare(&mut self, spec: &Spec<'_>, ty: NodeId) {
        match closed(spec, spec.meant(ty)) {
            Some(text) => self.bare.push(text),
            None => self.unclear = true,
        }
    }

    /// The new result. A type that the old spec lacks is that of the accumulator, to stop with anything.
    fn written(self, tags: Tags, accumulator: &str) -> String {
        let unclear = self.unclear;
        let named = |types: Vec<String>| union(types).map(|ty| if ty == accumulator { "Acc".to_owned() } else { ty });
        let bare = named(self.bare).filter(|_| !unclear);
        let stop = named(self.stop).filter(|_| !unclear);
        let said = bare.is_some();
        let bare = bare.unwrap_or_else(|| "Acc".to_owned());
        let stop = stop.unwrap_or_else(|| if said && bare != "Acc" { ANYTHING.to_owned() } else { "Acc".to_owned() });
        match (tags.ok, tags.stops()) {
            (_, false) => format!("{{ok, {bare}}}"),
            (false, true) => format!("{{stop, {stop}}}"),
            (true, true) if bare == stop => format!("{{ok | stop, {bare}}}"),
            (true, true) => format!("{{ok, {bare}}} | {{stop, {stop}}}"),
        }
    }
}

/// Rewrites the result in the specs of a function that returns tagged results now.
///
/// # Errors
/// A comment would be lost.
pub(super) fn retagged(module: &Arc<Module>, name: &str, arity: usize, tags: Tags) -> Result<Vec<Edit>, String> {
    let mut edits = Vec::new();
    for spec in Spec::of(module, name, arity) {
        let result = spec.signature.result;
        if has_comment(spec.text(result)) {
            return Err(COMMENT.to_owned());
        }
        let mut payloads = Payloads::default();
        payloads.add(&spec, result);
        let new = if payloads.unclear { with_variables(&spec, result) } else { payloads.written(tags, "") };
        edits.push(spec.replace(result, new));
    }
    Ok(edits)
}

/// A result that names types by variables, which the rest of the spec explains.
fn with_variables(spec: &Spec<'_>, result: NodeId) -> String {
    match spec.ast.expr(result) {
        Expr::Var(name) => format!("{{ok | stop, {name}}}"),
        _ => format!("{{ok | stop, {ANYTHING}}}"),
    }
}

/// A type as it is written, when it means the same elsewhere.
fn closed(spec: &Spec<'_>, ty: NodeId) -> Option<String> {
    let text = spec.text(ty);
    let open = spec.ast.descend([ty]).any(|(_, expr)| match expr {
        Expr::Var(name) => name != "_",
        Expr::Error => true,
        _ => false,
    });
    // What is in a fun's type is not known.
    let hidden =
        spec.ast.descend([ty]).any(|(_, expr)| matches!(expr, Expr::OtherType)) && text.contains(char::is_uppercase);
    (!open && !hidden && !has_comment(text)).then(|| on_one_line(text))
}

/// Several types as one; `None` for no type.
fn union(mut types: Vec<String>) -> Option<String> {
    let mut seen: Vec<String> = Vec::new();
    types.retain(|ty| {
        let new = !seen.contains(ty);
        seen.push(ty.clone());
        new
    });
    (!types.is_empty()).then(|| types.join(" | "))
}
