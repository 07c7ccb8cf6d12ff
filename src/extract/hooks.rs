//! The hooks that a server runs.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::runs::{Body, Run, Runners, Value, bodies};
use super::types::{Spec, Type};
use super::{ExtractError, HOOK_MODULES, Tree};
use crate::catalog::{Hook, Parameter, Scope, ServerHandler};
use crate::outline::Module;
use crate::syntax::ast::{Expr, NodeId};

/// All hooks, sorted by name. What the functions that run them leave open, the server's `handlers` may say.
pub(super) fn of(tree: &Tree, handlers: &[ServerHandler], notes: &mut Vec<String>) -> Result<Vec<Hook>, ExtractError> {
    let modules: Vec<&Arc<Module>> =
        tree.modules.iter().filter(|it| HOOK_MODULES.contains(&it.name().as_str())).collect();
    let runners = Runners::of(modules.iter().map(|module| &***module));
    let mut hooks: BTreeMap<String, Vec<Hook>> = BTreeMap::new();
    for module in modules {
        for body in bodies(module) {
            for run in runners.in_clause(&body) {
                let function = Function { tree, module, body: &body };
                match body.ast.atom(run.name) {
                    Some(name) => hooks.entry(name.to_string()).or_default().push(function.hook(name, &run, notes)),
                    // A helper: what it runs is said by those who call it.
                    None if runners.is_runner(&body.function()) => {}
                    None => notes.push(format!("{} runs a hook whose name is not written there", function.at())),
                }
            }
        }
    }
    if hooks.is_empty() {
        return Err(ExtractError::NoHooks(tree.root.join("src")));
    }
    let mut hooks: Vec<Hook> = hooks.into_iter().filter_map(|(name, runs)| only_one(&name, runs, notes)).collect();
    for hook in hooks.iter_mut().filter(|hook| hook.parameters.is_empty() && !hook.parameters_type.is_empty()) {
        ask_handlers(tree, hook, handlers, notes);
    }
    Ok(hooks)
}

/// Where a caller hands over "a map", the specs of the server's own handlers say which one they get. A map that is
/// written out there lists only what that handler reads, so only named types count.
fn ask_handlers(tree: &Tree, hook: &mut Hook, handlers: &[ServerHandler], notes: &mut Vec<String>) {
    let of_hook = handlers.iter().filter(|handler| handler.hook == hook.name);
    let told = of_hook.into_iter().find_map(|handler| {
        let module = tree.module(&handler.module)?;
        let ty = Spec::of(&module, &handler.function, 3)?.argument(1)?;
        let keys = ty.is_named().then(|| ty.keys(tree, tree.module(hook.module())?.as_ref())).flatten()?;
        Some((handler, ty.full_text(), keys))
    });
    let (at, open) = (&hook.at, &hook.parameters_type);
    match told {
        Some((handler, ty, keys)) => {
            let by = format!("{}:{}/3", handler.module, handler.function);
            notes.push(format!("{at}: hook `{}` takes {open}; {ty} is taken from the spec of {by}", hook.name));
            hook.parameters = keys;
            hook.parameters_type = ty;
        }
        None => notes.push(format!("{at}: which parameters hook `{}` has is not known: it takes {open}", hook.name)),
    }
}

/// A hook is one thing to its handlers, whoever runs it. Of several functions the first by name speaks for it.
fn only_one(name: &str, mut runs: Vec<Hook>, notes: &mut Vec<String>) -> Option<Hook> {
    // Stable, so of several clauses of one function the first stays.
    runs.sort_by(|a, b| a.run.cmp(&b.run));
    runs.dedup_by(|b, a| a.run == b.run);
    if let [first, others @ ..] = &runs[..]
        && !others.is_empty()
    {
        let others: Vec<_> = others.iter().map(|hook| hook.run.as_str()).collect();
        notes.push(format!("hook `{name}` is run by {} and by {}: the first is taken", first.run, others.join(", ")));
    }
    runs.into_iter().next()
}

/// A function that runs hooks, by one of its clauses.
struct Function<'a> {
    tree: &'a Tree,
    module: &'a Arc<Module>,
    body: &'a Body<'a>,
}

/// What handlers are called with.
#[derive(Default)]
struct Shape {
    keys: Vec<Parameter>,
    /// Where the keys come from, when that is no literal.
    keys_of: String,
    positional: Vec<Parameter>,
}

impl Function<'_> {
    fn hook(&self, name: &str, run: &Run, notes: &mut Vec<String>) -> Hook {
        let (module, function, arity) = self.body.function();
        let spec = Spec::of(self.module, &function, arity);
        let shape = self.shape(&run.parameters, spec.as_ref());
        if let Some(problem) = shape.as_ref().err() {
            notes.push(format!("{}: the parameters of hook `{name}` are not known: {problem}", self.at()));
        }
        let Shape { keys, keys_of, positional } = shape.unwrap_or_default();
        let result = spec.as_ref().and_then(Spec::result);
        Hook {
            name: name.to_owned(),
            run: format!("{module}:{function}/{arity}"),
            scope: if run.global { Scope::Global } else { Scope::HostType },
            accumulator: self.accumulator(run, spec.as_ref()),
            initial: match &run.accumulator {
                Value::Node(node) => self.body.text(self.body.resolve(*node)),
                Value::Text(text) => text.clone(),
            },
            parameters: keys,
            parameters_type: keys_of,
            arguments: positional,
            result: result.map(|ty| ty.text(self.module)).unwrap_or_default(),
            unwrapped: run.unwrapped,
            at: self.at(),
        }
    }

    /// Path and line of the function's first clause.
    fn at(&self) -> String {
        let (_, function, arity) = self.body.function();
        let clauses = self.module.clauses(&function, arity);
        let first = clauses.first().map_or(self.body.clause.span, |(_, clause)| clause.span);
        self.tree.at(self.module.source(), first.start)
    }

    /// The type of what the first handler gets: that of the argument which is handed on, or of the call that makes the
    /// value. A literal's own type would be too narrow, since handlers put other values in its place: there
    /// it is what comes out in the end. Where that may be anything, the literal says more.
    fn accumulator(&self, run: &Run, spec: Option<&Spec<'_>>) -> String {
        let given = match &run.accumulator {
            Value::Node(node) => Some(self.body.resolve(*node)),
            Value::Text(_) => None,
        };
        let is_literal = given.is_none_or(|node| !self.is_computed(node));
        if let Some(node) = given.filter(|_| !is_literal) {
            let ty = self.type_of(node, spec);
            if !ty.is_empty() {
                return ty;
            }
        }
        let result = spec.and_then(Spec::result);
        let result = result.and_then(|ty| if run.unwrapped { Some(ty.text(self.module)) } else { self.tagged(&ty) });
        match (result, &run.accumulator) {
            (Some(result), _) if result != "any()" && result != "term()" => result,
            (_, Value::Node(_)) if let Some(node) = given.filter(|_| is_literal) => self.body.text(node),
            (_, Value::Text(text)) => text.clone(),
            (result, Value::Node(_)) => result.unwrap_or_default(),
        }
    }

    fn tagged(&self, ty: &Type<'_>) -> Option<String> {
        ty.tagged(self.tree, self.module)
    }

    fn is_computed(&self, node: NodeId) -> bool {
        matches!(self.body.ast.expr(node), Expr::Var(_) | Expr::Call { .. })
    }

    /// The type of an argument, or of a call's result, as its spec has it; empty when nothing says.
    fn type_of(&self, node: NodeId, spec: Option<&Spec<'_>>) -> String {
        if let Some(index) = self.body.argument(node) {
            return spec.and_then(|spec| spec.argument(index)).map(|ty| ty.text(self.module)).unwrap_or_default();
        }
        let value = self.body.resolve(node);
        match self.body.ast.expr(value) {
            Expr::Call { module, function, args } => {
                self.result_of_call(*module, *function, args.len()).unwrap_or_default()
            }
            Expr::Atom(_) => self.body.text(value),
            _ => String::new(),
        }
    }

    fn result_of_call(&self, module: Option<NodeId>, function: NodeId, arity: usize) -> Option<String> {
        let (module, function, arity) = self.body.callee(module, function, arity)?;
        let module = self.tree.module(&module)?;
        let spec = Spec::of(&module, &function, arity)?;
        Some(spec.result()?.text(self.module))
    }

    fn shape(&self, parameters: &Value, spec: Option<&Spec<'_>>) -> Result<Shape, String> {
        if let Some((map, list)) = self.body.added_arguments(parameters) {
            let shape = self.shape_of(map, spec)?;
            return Ok(Shape { positional: self.shape_of(list, spec)?.positional, ..shape });
        }
        match parameters {
            Value::Node(node) => self.shape_of(self.body.resolve(*node), spec),
            Value::Text(text) if text == "#{}" => Ok(Shape::default()),
            Value::Text(text) => Err(format!("a helper makes them, as {text}")),
        }
    }

    fn shape_of(&self, node: NodeId, spec: Option<&Spec<'_>>) -> Result<Shape, String> {
        let ast = self.body.ast;
        match ast.expr(node) {
            Expr::Map { base, fields } => {
                let mut shape = match base {
                    Some(base) => self.shape_of(self.body.resolve(*base), spec)?,
                    None => Shape::default(),
                };
                for field in ast.fields(*fields) {
                    let Some(key) = ast.atom(field.key) else { continue };
                    let ty = field.value.map(|value| self.type_of(value, spec)).unwrap_or_default();
                    shape.keys.retain(|known| known.key != key.as_str());
                    shape.keys.push(Parameter { key: key.to_string(), ty, optional: false });
                }
                Ok(shape)
            }
            Expr::List { items, tail: None } => {
                let argument = |&item: &NodeId| Parameter {
                    key: self.body.text(item),
                    ty: self.type_of(item, spec),
                    optional: false,
                };
                Ok(Shape { positional: ast.list(*items).iter().map(argument).collect(), ..Shape::default() })
            }
            _ => self.shape_of_argument(node, spec),
        }
    }

    /// The map is the caller's: its type says what is in it.
    fn shape_of_argument(&self, node: NodeId, spec: Option<&Spec<'_>>) -> Result<Shape, String> {
        let index = self.body.argument(node).ok_or_else(|| format!("they are made by {}", self.body.text(node)))?;
        let ty = spec.and_then(|spec| spec.argument(index));
        let ty = ty.ok_or_else(|| format!("no spec says what {} is", self.body.text(node)))?;
        let keys = ty.keys(self.tree, self.module).unwrap_or_default();
        Ok(Shape { keys, keys_of: ty.full_text(), ..Shape::default() })
    }
}
