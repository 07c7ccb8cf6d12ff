//! What a module's code registers, found by following it without running it.
//!
//! Registrations in the wild are not literal lists only: they are built by `++`, comprehensions, `lists:foreach`,
//! helper functions and macros. This is a small interpreter over parsed forms that follows just the code on the way
//! to `gen_hook`: every branch of a `case` is taken, an unknown list is taken to have unknown items, and what cannot be known is a value of
//! its own that carries the reason. Its steps and depth are bounded.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::modules::Modules;
use crate::budget::spend;
use crate::finding::Place;
use crate::outline::{FormIndex, Module};
use crate::syntax::ast::{Clause, ComprehensionKind, Expr, Name, NodeId, Op};

mod branches;
mod calls;
mod events;
mod interface;
mod lists;
mod macros;
mod patterns;
mod value;

pub use events::{Event, Registered, What};
pub use interface::{Action, How, Style, UNKNOWN_ARITY, is_registering};
pub use value::{Closure, Code, Env, Items, Lazy, Val, Value};

use calls::is_imported;
use interface::Interface;

/// How many nodes one run looks at, at most.
const BUDGET: usize = 40_000;

/// How deep calls, macros and lazy values nest in one run, at most.
const MAX_DEPTH: usize = 40;

/// How many values one choice or list keeps, at most.
const MAX_WIDTH: usize = 4_000;

/// A function of the project that registers what its arguments say: module, function, arity.
pub type Wrapper = (Name, Name, usize);

/// One run of the interpreter.
pub struct Interpreter<'a> {
    pub(super) modules: &'a Modules,
    pub(super) wrappers: &'a FxHashSet<Wrapper>,
    pub events: Vec<Event>,
    budget: usize,
    depth: usize,
    via: Vec<String>,
}

impl<'a> Interpreter<'a> {
    #[must_use]
    pub fn new(modules: &'a Modules, wrappers: &'a FxHashSet<Wrapper>) -> Self {
        Self { modules, wrappers, events: Vec::new(), budget: BUDGET, depth: 0, via: Vec::new() }
    }

    /// Follows a function whose arguments are unknown; what it registers is in [`Self::events`] afterwards.
    /// Returns the value of each clause.
    pub fn function(&mut self, module: &Arc<Module>, form: FormIndex) -> Vec<Val> {
        let code = Code { module: Arc::clone(module), form, home: Arc::clone(module) };
        let Some(ast) = code.ast() else { return Vec::new() };
        let mut values = Vec::new();
        for clause in ast.function_clauses() {
            let mut env = Env::default();
            for &pattern in ast.list(clause.patterns) {
                self.bind_params(&code, pattern, &mut env);
            }
            values.extend(self.body(&code, clause, env));
        }
        values
    }

    /// Binds the variables of an argument's pattern to symbolic values.
    fn bind_params(&mut self, code: &Code, pattern: NodeId, env: &mut Env) {
        let Some(ast) = code.ast() else { return };
        for (id, expr) in ast.descend([pattern]) {
            if let Expr::Var(name) = expr
                && name != "_"
            {
                let value = Value::Param { name: name.clone() };
                env.bind(name.clone(), Val::new(value, code.place(ast.span(id))));
            }
        }
    }

    /// The value of a clause's last expression; what stands before it is followed for what it registers.
    fn body(&mut self, code: &Code, clause: &Clause, mut env: Env) -> Option<Val> {
        let body = code.ast()?.list(clause.body);
        let (&last, before) = body.split_last()?;
        for &statement in before {
            self.statement(code, statement, &mut env);
        }
        Some(self.last(code, last, &mut env))
    }

    /// The last expression's value, at once if looking has an effect, else only when it is asked for.
    fn last(&mut self, code: &Code, node: NodeId, env: &mut Env) -> Val {
        if self.has_effect(code, node, env) { self.eval(code, node, env) } else { lazy(code, node, env, None) }
    }

    /// An expression whose value nobody uses.
    fn statement(&mut self, code: &Code, node: NodeId, env: &mut Env) {
        let Some(ast) = code.ast() else { return };
        match *ast.expr(node) {
            Expr::Match { left, right } => {
                self.matching(code, left, right, env);
            }
            _ if self.has_effect(code, node, env) => {
                self.eval(code, node, env);
            }
            // A variable that a branch binds can be used behind the `case`.
            Expr::Case { .. } | Expr::If { .. } => {
                for (id, expr) in ast.descend([node]) {
                    if let Expr::Match { left, right } = *expr
                        && let Some(name) = ast.var(left)
                        && env.get(name).is_none()
                    {
                        let value = lazy(code, right, env, None);
                        env.bind(name.clone(), Val::new(value.value, code.place(ast.span(id))));
                    }
                }
            }
            _ => {}
        }
    }

    fn matching(&mut self, code: &Code, left: NodeId, right: NodeId, env: &mut Env) -> Val {
        let Some(ast) = code.ast() else {
            return Val::unknown("not parsed", code.place(code.module.form(code.form).span));
        };
        if self.has_effect(code, right, env) {
            let value = self.eval(code, right, env);
            self.bind(code, left, &value, env);
            return value;
        }
        let value = lazy(code, right, env, None);
        if ast.is_var(left) {
            self.bind(code, left, &value, env);
            return value;
        }
        let before = env.clone();
        for (_, expr) in ast.descend([left]) {
            if let Expr::Var(name) = expr
                && name != "_"
                && before.get(name).is_none()
            {
                env.bind(name.clone(), lazy(code, right, &before, Some((left, name.clone()))));
            }
        }
        value
    }

    /// Whether following an expression could register something.
    fn has_effect(&self, code: &Code, node: NodeId, env: &Env) -> bool {
        let Some(ast) = code.ast() else { return false };
        ast.descend([node]).any(|(_, expr)| match expr {
            Expr::Atom(name) => Interface::of(name).is_some(),
            Expr::Var(name) => env.get(name).is_some_and(|value| self.registers_when_called(value)),
            Expr::Call { module, function, args } => {
                let Some(function) = ast.atom(*function) else { return false };
                let module = match module {
                    None if is_imported(code, function, args.len()) => return true,
                    None => Some(code.home.name().clone()),
                    Some(module) => self.static_module(code, *module),
                };
                module.is_some_and(|module| self.wrappers.contains(&(module, function.clone(), args.len())))
            }
            Expr::FunRef { module, function, arity } => {
                let module = module.map_or_else(|| Some(code.home.name().clone()), |m| self.static_module(code, m));
                match (module, ast.atom(*function), ast.expr(*arity)) {
                    (Some(module), Some(function), Expr::Integer(Some(arity))) => {
                        let arity = usize::try_from(*arity).unwrap_or(usize::MAX);
                        self.wrappers.contains(&(module, function.clone(), arity))
                    }
                    _ => false,
                }
            }
            Expr::Macro { name, args } => self.macro_has_effect(code, name, args.map(|args| args.len())),
            _ => false,
        })
    }

    /// Whether a value is a fun that could register something.
    fn registers_when_called(&self, val: &Val) -> bool {
        let mut values = vec![val];
        while let Some(val) = values.pop() {
            spend(1);
            let registers = match &val.value {
                Value::Closure(closure) => closure.registers,
                Value::Fun { module, function, arity, .. } => {
                    let arity = usize::try_from(*arity).unwrap_or(usize::MAX);
                    let wrapper = (module.clone(), function.clone(), arity);
                    Interface::of(module).is_some() || self.wrappers.contains(&wrapper)
                }
                Value::Choice(options) => {
                    values.extend(options.iter());
                    false
                }
                _ => false,
            };
            if registers {
                return true;
            }
        }
        false
    }

    fn static_module(&self, code: &Code, node: NodeId) -> Option<Name> {
        let ast = code.ast()?;
        match ast.expr(node) {
            Expr::Atom(name) => Some(name.clone()),
            Expr::Macro { name, args: None } if name == "MODULE" => Some(code.home.name().clone()),
            _ => None,
        }
    }

    /// A value that was put off, looked at now.
    pub fn force(&mut self, val: &Val) -> Val {
        let Value::Lazy(lazy) = &val.value else { return val.clone() };
        if self.depth >= MAX_DEPTH {
            return Val::unknown("the code nests too deeply to be followed", val.at.clone());
        }
        self.depth += 1;
        let mut env = lazy.env.clone();
        let mut value = self.eval(&lazy.code, lazy.node, &mut env);
        if let Some((pattern, name)) = &lazy.pick {
            self.bind(&lazy.code, *pattern, &value, &mut env);
            value = env.get(name).cloned().unwrap_or_else(|| Val::unknown("no value matches", val.at.clone()));
        }
        let value = self.force(&value);
        self.depth -= 1;
        value
    }

    /// The value of an expression.
    pub fn eval(&mut self, code: &Code, node: NodeId, env: &mut Env) -> Val {
        let Some(ast) = code.ast() else {
            return Val::unknown("the form could not be parsed", code.place(code.module.form(code.form).span));
        };
        let at = code.place(ast.span(node));
        if self.budget == 0 || self.depth >= MAX_DEPTH {
            return Val::unknown("the code is too involved to be followed", at);
        }
        self.budget -= 1;
        self.depth += 1;
        // To make a value and to let go of it costs more than to look at a node.
        spend(8);
        let value = self.eval_expr(code, node, env, at);
        self.depth -= 1;
        value
    }

    fn eval_expr(&mut self, code: &Code, node: NodeId, env: &mut Env, at: Place) -> Val {
        let Some(ast) = code.ast() else { return Val::unknown("the form could not be parsed", at) };
        match ast.expr(node) {
            Expr::Atom(name) => Val::new(Value::Atom(name.clone()), at),
            Expr::Integer(Some(number)) => Val::new(Value::Int(*number), at),
            Expr::String(text) | Expr::Binary(text) => Val::new(Value::Text(Arc::from(&**text)), at),
            Expr::Var(name) => match env.get(name) {
                Some(value) => value.clone(),
                None => Val::unknown(format!("the variable {name} gets its value elsewhere"), at),
            },
            Expr::Tuple(items) => {
                let items = ast.list(*items).iter().map(|&item| self.argument(code, item, env)).collect();
                Val::new(Value::Tuple(items), at)
            }
            Expr::List { items, tail } => {
                let mut values: Vec<Val> =
                    ast.list(*items).iter().map(|&item| self.argument(code, item, env)).collect();
                if let Some(tail) = *tail {
                    let tail = self.eval(code, tail, env);
                    self.append_to(&mut values, &tail);
                }
                Val::new(Value::List(values.into()), at)
            }
            Expr::Map { base: None, fields } => {
                let entries = ast.fields(*fields).iter().filter_map(|field| {
                    Some((self.argument(code, field.key, env), self.argument(code, field.value?, env)))
                });
                Val::new(Value::Map(entries.collect()), at)
            }
            Expr::Binop { op: Op::Append, left, right } => {
                let mut values = Vec::new();
                for side in [*left, *right] {
                    let side = self.eval(code, side, env);
                    self.append_to(&mut values, &side);
                }
                Val::new(Value::List(values.into()), at)
            }
            Expr::Binop { op, left, right } => self.operator(code, *op, *left, *right, env, at),
            Expr::Match { left, right } => self.matching(code, *left, *right, env),
            Expr::Block(items) => {
                let Some((&last, before)) = ast.list(*items).split_last() else { return Val::unknown("nothing", at) };
                for &statement in before {
                    self.statement(code, statement, env);
                }
                self.last(code, last, env)
            }
            Expr::Catch(inner) => self.eval(code, *inner, env),
            Expr::Case { subject, clauses } => {
                let subject = if self.has_effect(code, *subject, env) {
                    self.eval(code, *subject, env)
                } else {
                    self.cheap_subject(code, *subject, env)
                };
                let clauses: Vec<&Clause> = ast.clauses(*clauses).iter().collect();
                self.branches(code, &clauses, &[subject], env, at)
            }
            Expr::If { clauses } | Expr::Receive { clauses, .. } => {
                let clauses: Vec<&Clause> = ast.clauses(*clauses).iter().collect();
                self.all_branches(code, &clauses, env, at)
            }
            Expr::Try { body, of, catch, after } => {
                let mut inner = env.clone();
                let mut values = Vec::new();
                if let Some((&last, before)) = ast.list(*body).split_last() {
                    for &statement in before {
                        self.statement(code, statement, &mut inner);
                    }
                    let last = self.last(code, last, &mut inner);
                    if of.is_empty() {
                        values.push(last);
                    }
                }
                let clauses: Vec<&Clause> = ast.clauses(*of).iter().chain(ast.clauses(*catch)).collect();
                values.push(self.all_branches(code, &clauses, &mut inner, at.clone()));
                for &statement in ast.list(*after) {
                    self.statement(code, statement, &mut inner);
                }
                Val::choice(values, at)
            }
            Expr::Maybe { body, otherwise } => {
                let mut inner = env.clone();
                let mut last = None;
                for &statement in ast.list(*body) {
                    last = Some(self.eval(code, statement, &mut inner));
                }
                let clauses: Vec<&Clause> = ast.clauses(*otherwise).iter().collect();
                let other = self.all_branches(code, &clauses, env, at.clone());
                Val::choice(last.into_iter().chain([other]).collect(), at)
            }
            Expr::CondMatch { left, right } => self.matching(code, *left, *right, env),
            Expr::Fun { clauses } => {
                let registers = self.has_effect(code, node, env);
                let closure = Closure { code: code.clone(), clauses: *clauses, env: env.clone(), registers };
                Val::new(Value::Closure(Arc::new(closure)), at)
            }
            Expr::FunRef { module, function, arity } => self.fun_reference(code, *module, *function, *arity, env, at),
            Expr::Comprehension { kind: ComprehensionKind::List, template, qualifiers } => {
                let (template, qualifiers) = (ast.list(*template), ast.list(*qualifiers));
                self.comprehension(code, template, qualifiers, env, at)
            }
            Expr::Call { module, function, args } => {
                let args = ast.list(*args).to_vec();
                self.call(code, *module, *function, &args, env, at)
            }
            Expr::Macro { name, args } => {
                let args = args.map(|args| ast.list(args).to_vec());
                self.expand(code, name, args.as_deref(), env, at)
            }
            _ => Val::unknown("the expression is computed when the code runs", at),
        }
    }

    /// An item of a tuple or list, or an argument: looked at when it is asked for, unless looking has an effect.
    fn argument(&mut self, code: &Code, node: NodeId, env: &mut Env) -> Val {
        let Some(ast) = code.ast() else { return lazy(code, node, env, None) };
        match ast.expr(node) {
            Expr::Atom(_)
            | Expr::Integer(_)
            | Expr::Var(_)
            | Expr::Binary(_)
            | Expr::FunRef { .. }
            | Expr::Fun { .. } => self.eval(code, node, env),
            _ if self.has_effect(code, node, env) => self.eval(code, node, env),
            _ => lazy(code, node, env, None),
        }
    }

    /// A `case`'s subject is looked at where that is cheap. A call of a function that has nothing to do with hooks decides at run
    /// time, and all branches are followed.
    fn cheap_subject(&mut self, code: &Code, node: NodeId, env: &mut Env) -> Val {
        let Some(ast) = code.ast() else { return lazy(code, node, env, None) };
        match ast.expr(node) {
            Expr::Call { .. } => Val::unknown("it is decided when the code runs", code.place(ast.span(node))),
            _ => {
                let value = self.eval(code, node, env);
                match &value.value {
                    Value::Lazy(lazy)
                        if !matches!(lazy.code.ast().map(|ast| ast.expr(lazy.node)), Some(Expr::Call { .. })) =>
                    {
                        self.force(&value)
                    }
                    _ => value,
                }
            }
        }
    }

    fn operator(&mut self, code: &Code, op: Op, left: NodeId, right: NodeId, env: &mut Env, at: Place) -> Val {
        let (left, right) = (self.eval(code, left, env), self.eval(code, right, env));
        let (left, right) = (self.force(&left), self.force(&right));
        let truth = |truth: bool| Val::new(Value::Atom(if truth { "true" } else { "false" }.into()), at.clone());
        match (op, &left.value, &right.value) {
            (Op::Plus, Value::Int(a), Value::Int(b)) => Val::new(Value::Int(a.saturating_add(*b)), at),
            (Op::Minus, Value::Int(a), Value::Int(b)) => Val::new(Value::Int(a.saturating_sub(*b)), at),
            (Op::Times, Value::Int(a), Value::Int(b)) => Val::new(Value::Int(a.saturating_mul(*b)), at),
            (Op::Equal, Value::Atom(a), Value::Atom(b)) => truth(a == b),
            (Op::Differ, Value::Atom(a), Value::Atom(b)) => truth(a != b),
            (Op::And, Value::Atom(a), _) if a == "false" => left,
            (Op::And, Value::Atom(a), _) if a == "true" => right,
            (Op::Or, Value::Atom(a), _) if a == "true" => left,
            (Op::Or, Value::Atom(a), _) if a == "false" => right,
            _ => Val::unknown("the expression is computed when the code runs", at),
        }
    }

    fn fun_reference(
        &mut self,
        code: &Code,
        module: Option<NodeId>,
        function: NodeId,
        arity: NodeId,
        env: &mut Env,
        at: Place,
    ) -> Val {
        let module_name = match module {
            None => Some(code.home.name().clone()),
            Some(node) => {
                let value = self.eval(code, node, env);
                self.force(&value).atom().cloned()
            }
        };
        let function = self.eval(code, function, env);
        let function = self.force(&function).atom().cloned();
        let arity = match self.eval(code, arity, env).value {
            Value::Int(arity) => arity,
            _ => -1,
        };
        let external = module.is_some();
        let unknown = || Name::new_static(UNKNOWN_NAME);
        let (module, function) = (module_name.unwrap_or_else(unknown), function.unwrap_or_else(unknown));
        Val::new(Value::Fun { module, function, arity, external }, at)
    }

    /// A call of a value: a closure or a fun of the project.
    pub(super) fn apply(&mut self, function: &Val, args: &[Val], at: Place) -> Val {
        let function = self.force(function);
        match &function.value {
            Value::Closure(closure) => {
                let Some(ast) = closure.code.ast() else { return Val::unknown("not parsed", at) };
                let clauses: Vec<&Clause> =
                    ast.clauses(closure.clauses).iter().filter(|clause| clause.patterns.len() == args.len()).collect();
                let mut env = closure.env.clone();
                self.branches(&closure.code, &clauses, args, &mut env, at)
            }
            Value::Fun { module, function: name, .. } if let Some(interface) = Interface::of(module) => {
                self.register(interface, name, args, &at)
            }
            Value::Fun { module, function: name, .. } => match self.modules.module(module, function.at.source.path()) {
                Some(module) => self.project_call(&module, name, args, at),
                None => self.opaque_call(args, &format!("{module}:{name} is not part of the checked code"), at),
            },
            Value::Choice(options) if self.depth < MAX_DEPTH => {
                self.depth += 1;
                let values = options.iter().map(|option| self.apply(option, args, at.clone())).collect();
                self.depth -= 1;
                Val::choice(values, at)
            }
            _ => self.opaque_call(args, "the called function is known only when the code runs", at),
        }
    }
}

/// Stands for a module or function name that is not known.
pub const UNKNOWN_NAME: &str = "?";

#[must_use]
pub fn is_unknown_name(name: &str) -> bool {
    name == UNKNOWN_NAME
}

fn is_fun(val: &Val) -> bool {
    matches!(val.value, Value::Fun { .. } | Value::Closure(_))
}

/// What an item of an unknown rest of a list is.
fn unknown_item(item: Val) -> Val {
    match item.value {
        Value::Rest(why) => Val::new(Value::Unknown(why), item.at),
        _ => item,
    }
}

fn lazy(code: &Code, node: NodeId, env: &Env, pick: Option<(NodeId, Name)>) -> Val {
    let span = code.ast().map_or_else(|| code.module.form(code.form).span, |ast| ast.span(node));
    let value = Lazy { code: code.clone(), node, env: env.clone(), pick };
    Val::new(Value::Lazy(Arc::new(value)), code.place(span))
}
