//! Calls that run a hook: of `gen_hook:run_fold/4`, and of functions that hand their arguments on to it.
//!
//! Which argument of such a function is the hook's name, which the accumulator and so on is found out by following it,
//! so helpers that a fork adds need not be known by name.

use rustc_hash::FxHashMap;

use super::types::one_line;
use crate::outline::Module;
use crate::syntax::ast::{Ast, Clause, Expr, Name, NodeId};

/// A function's module, name and arity.
pub(super) type Function = (Name, Name, usize);

/// A function that runs the hook which one of its arguments names. Arguments count from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Runner {
    name: usize,
    tag: Tag,
    accumulator: Operand,
    parameters: Operand,
    /// Takes the result out of `{ok | stop, Result}`.
    unwraps: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Tag {
    Argument(usize),
    Global,
    /// Something that the function finds out by itself.
    HostType,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Operand {
    Argument(usize),
    /// The function's own expression.
    Own(String),
}

/// All known runners.
pub(super) struct Runners(FxHashMap<Function, Runner>);

/// A call that runs a hook.
pub(super) struct Run {
    pub(super) name: NodeId,
    pub(super) global: bool,
    pub(super) accumulator: Value,
    pub(super) parameters: Value,
    pub(super) unwrapped: bool,
}

/// What a run is called with.
pub(super) enum Value {
    Node(NodeId),
    /// An expression of the helper that is between.
    Text(String),
}

/// How many helpers may stand between a function and `gen_hook`.
const MAX_HELPERS: usize = 8;

impl Runners {
    /// The runners among the functions of the given modules, and `gen_hook:run_fold/4` itself.
    pub(super) fn of<'m>(modules: impl Iterator<Item = &'m Module> + Clone) -> Self {
        let fold = Runner {
            name: 0,
            tag: Tag::Argument(1),
            accumulator: Operand::Argument(2),
            parameters: Operand::Argument(3),
            unwraps: false,
        };
        let gen_hook = (Name::new("gen_hook"), Name::new("run_fold"), 4);
        let mut runners = Self(FxHashMap::from_iter([(gen_hook, fold)]));
        for _ in 0..MAX_HELPERS {
            let known = runners.0.len();
            for module in modules.clone() {
                for body in bodies(module) {
                    if let Some(runner) = runners.runner(&body) {
                        runners.0.entry(body.function()).or_insert(runner);
                    }
                }
            }
            if runners.0.len() == known {
                break;
            }
        }
        runners
    }

    /// What a function's clause is as a runner, when it hands the name of the hook on.
    fn runner(&self, body: &Body<'_>) -> Option<Runner> {
        self.runs(body).into_iter().find_map(|run| {
            let tag = match run.tag {
                TagValue::Global => Tag::Global,
                TagValue::Node(node) => body.argument(node).map_or(Tag::HostType, Tag::Argument),
                TagValue::HostType => Tag::HostType,
            };
            let operand = |value: &Value| match value {
                Value::Node(node) => {
                    let own = || Operand::Own(body.text(*node));
                    body.argument(*node).map_or_else(own, Operand::Argument)
                }
                Value::Text(text) => Operand::Own(text.clone()),
            };
            let parameters = match (&run.run.parameters, body.legacy_arguments(&run.run.parameters)) {
                (_, Some(arguments)) => operand(&Value::Node(arguments)),
                (parameters, None) => operand(parameters),
            };
            Some(Runner {
                name: body.argument(run.run.name)?,
                tag,
                accumulator: operand(&run.run.accumulator),
                parameters,
                unwraps: run.run.unwrapped,
            })
        })
    }

    /// The calls in a clause that run a hook, in source order.
    pub(super) fn in_clause(&self, body: &Body<'_>) -> Vec<Run> {
        self.runs(body).into_iter().map(|found| found.run).collect()
    }

    fn runs(&self, body: &Body<'_>) -> Vec<Found> {
        let mut taken_apart = Vec::new();
        let mut runs = Vec::new();
        for (id, expr) in body.ast.descend(body.ast.list(body.clause.body).iter().copied()) {
            match expr {
                Expr::Match { left, right } if matches!(body.ast.expr(*left), Expr::Tuple(_)) => {
                    taken_apart.push(*right);
                }
                Expr::Case { subject, .. } => taken_apart.push(*subject),
                Expr::Call { module, function, args } => {
                    let args = body.ast.list(*args);
                    let Some(callee) = body.callee(*module, *function, args.len()) else { continue };
                    if callee.1 == "element" {
                        taken_apart.extend(args);
                    }
                    let runner = self.0.get(&callee);
                    runs.extend(runner.and_then(|runner| found(body, runner, args, taken_apart.contains(&id))));
                }
                _ => {}
            }
        }
        runs
    }

    pub(super) fn is_runner(&self, function: &Function) -> bool {
        self.0.contains_key(function)
    }
}

/// A run, with its tag as it is for whoever calls the function around.
struct Found {
    run: Run,
    tag: TagValue,
}

enum TagValue {
    Node(NodeId),
    Global,
    HostType,
}

fn found(body: &Body<'_>, runner: &Runner, args: &[NodeId], taken_apart: bool) -> Option<Found> {
    let value = |operand: &Operand| match operand {
        Operand::Argument(index) => Some(Value::Node(*args.get(*index)?)),
        Operand::Own(text) => Some(Value::Text(text.clone())),
    };
    let tag = match runner.tag {
        Tag::Argument(index) => {
            let node = body.resolve(*args.get(index)?);
            let global = body.ast.atom(node).is_some_and(|atom| atom == "global");
            if global { TagValue::Global } else { TagValue::Node(node) }
        }
        Tag::Global => TagValue::Global,
        Tag::HostType => TagValue::HostType,
    };
    let run = Run {
        name: body.resolve(*args.get(runner.name)?),
        global: matches!(tag, TagValue::Global),
        accumulator: value(&runner.accumulator)?,
        parameters: value(&runner.parameters)?,
        unwrapped: runner.unwraps || taken_apart,
    };
    Some(Found { run, tag })
}

/// A function's clause, and what its variables are.
pub(super) struct Body<'m> {
    pub(super) module: &'m Module,
    pub(super) ast: &'m Ast,
    pub(super) clause: &'m Clause,
    name: Name,
    arguments: FxHashMap<&'m Name, usize>,
    bound: FxHashMap<&'m Name, NodeId>,
}

/// Every clause of every function, in source order.
pub(super) fn bodies(module: &Module) -> Vec<Body<'_>> {
    let mut bodies = Vec::new();
    for (name, function) in module.functions() {
        for (ast, clause) in module.clauses_in(function.form, name, function.arity) {
            bodies.push(Body::of(module, ast, clause, name.clone()));
        }
    }
    bodies
}

impl<'m> Body<'m> {
    fn of(module: &'m Module, ast: &'m Ast, clause: &'m Clause, name: Name) -> Self {
        let mut arguments = FxHashMap::default();
        for (index, &pattern) in ast.list(clause.patterns).iter().enumerate() {
            let parts = match *ast.expr(pattern) {
                Expr::Match { left, right } => vec![left, right],
                _ => vec![pattern],
            };
            arguments.extend(parts.into_iter().filter_map(|part| Some((ast.var(part)?, index))));
        }
        let mut bound = FxHashMap::default();
        for (_, expr) in ast.descend(ast.list(clause.body).iter().copied()) {
            if let Expr::Match { left, right } = expr
                && let Some(variable) = ast.var(*left)
            {
                bound.entry(variable).or_insert(*right);
            }
        }
        Self { module, ast, clause, name, arguments, bound }
    }

    pub(super) fn function(&self) -> Function {
        (self.module.name().clone(), self.name.clone(), self.clause.patterns.len())
    }

    /// Which argument of the function a variable is.
    pub(super) fn argument(&self, node: NodeId) -> Option<usize> {
        self.arguments.get(self.ast.var(node)?).copied()
    }

    /// What a variable was bound to in the clause, where that is an expression; else the node itself.
    pub(super) fn resolve(&self, node: NodeId) -> NodeId {
        let mut node = node;
        for _ in 0..MAX_HELPERS {
            match self.ast.var(node).filter(|name| !self.arguments.contains_key(name)) {
                Some(name) if let Some(&value) = self.bound.get(name) => node = value,
                _ => break,
            }
        }
        node
    }

    pub(super) fn text(&self, node: NodeId) -> String {
        one_line(self.module.source().slice(self.ast.span(node)))
    }

    /// The function that is called, when it is known by name.
    pub(super) fn callee(&self, module: Option<NodeId>, function: NodeId, arity: usize) -> Option<Function> {
        let own = self.module.name();
        let function = self.ast.atom(function)?.clone();
        let module = match module.map(|module| self.ast.expr(module)) {
            Some(Expr::Atom(module)) => module.clone(),
            Some(Expr::Macro { name, args: None }) if name == "MODULE" => own.clone(),
            Some(_) => return None,
            None => {
                let imports = &self.module.header().imports;
                let imported = imports.iter().find(|(name, n, _)| *name == function && *n == arity);
                imported.map_or(own, |(_, _, module)| module).clone()
            }
        };
        Some((module, function, arity))
    }

    /// The positional arguments that servers before 6.0.0 added to a map of parameters for handlers that still
    /// expected them: the second argument of `add_args(Params, Args)`.
    pub(super) fn legacy_arguments(&self, parameters: &Value) -> Option<NodeId> {
        self.added_arguments(parameters).map(|(_, arguments)| arguments)
    }

    /// Both arguments of `add_args(Params, Args)`, resolved.
    pub(super) fn added_arguments(&self, parameters: &Value) -> Option<(NodeId, NodeId)> {
        let Value::Node(node) = parameters else { return None };
        let Expr::Call { module: Some(module), function, args } = self.ast.expr(self.resolve(*node)) else {
            return None;
        };
        let named = self.ast.atom(*module).is_some_and(|name| name == "ejabberd_hooks")
            && self.ast.atom(*function).is_some_and(|name| name == "add_args");
        match *self.ast.list(*args) {
            [map, list] if named => Some((self.resolve(map), self.resolve(list))),
            _ => None,
        }
    }
}
