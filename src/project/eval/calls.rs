//! Calls: of the interfaces for hooks, of functions of the project, and of all others.

use std::sync::Arc;

use super::events::is_param;
use super::interface::Interface;
use super::{Code, Env, Interpreter, MAX_DEPTH, Val, Value};
use crate::finding::Place;
use crate::outline::Module;
use crate::syntax::ast::{Clause, Name, NodeId};

impl Interpreter<'_> {
    pub(super) fn call(
        &mut self,
        code: &Code,
        module: Option<NodeId>,
        function: NodeId,
        args: &[NodeId],
        env: &mut Env,
        at: Place,
    ) -> Val {
        let values: Vec<Val> = args.iter().map(|&arg| self.argument(code, arg, env)).collect();
        if let Some(value) = self.indirect_call(&values, &at) {
            return value;
        }
        let callee = self.eval(code, function, env);
        let callee = self.force(&callee);
        let Some(module) = module else {
            return match callee.value {
                Value::Atom(name) => self.local_call(code, &name, &values, at),
                _ => self.apply(&callee, &values, at),
            };
        };
        let module = self.eval(code, module, env);
        match (self.force(&module).atom(), callee.atom()) {
            (Some(module), Some(function)) => {
                let (module, function) = (module.clone(), function.clone());
                self.remote_call(&code.home, &module, &function, &values, at)
            }
            (Some(module), None) if let Some(interface) = Interface::of(module) => {
                let called = self.interface_call(interface, &callee, &values, &at);
                called.unwrap_or_else(|| Val::unknown("the called function is known only when the code runs", at))
            }
            _ => self.opaque_call(&values, "the called function is known only when the code runs", at),
        }
    }

    /// `rpc(Node, gen_hook, add_handlers, [List])` and its like: module, function and arguments as values.
    pub(super) fn indirect_call(&mut self, values: &[Val], at: &Place) -> Option<Val> {
        let start = values.iter().position(|value| value.atom().and_then(|atom| Interface::of(atom)).is_some())?;
        let interface = Interface::of(values[start].atom()?)?;
        let function = self.force(values.get(start + 1)?);
        let args = self.force(values.get(start + 2)?);
        if !matches!(function.value, Value::Atom(_) | Value::Choice(_) | Value::Param { .. }) {
            return None;
        }
        match &args.value {
            Value::List(args) => self.interface_call(interface, &function, args, at),
            Value::Unknown(_) | Value::Param { .. } | Value::Choice(_) => {
                let why = "its arguments are not a list that can be followed";
                let named = |arity| function.atom().map(Name::as_str).or_else(|| interface.adding(arity));
                let known = interface.arities().iter().find_map(|&arity| interface.how(named(arity)?, arity));
                if let Some(how) = known {
                    self.unresolved(how, args.at.clone(), why, is_param(&args) || is_param(&function), at);
                }
                Some(Val::new(Value::Atom("ok".into()), at.clone()))
            }
            // `meck:expect(gen_hook, add_handlers, fun ...)` and the like call nothing.
            _ => None,
        }
    }

    /// A call of a function of an interface for hooks; which one may come from the caller, as where one helper both adds and
    /// deletes. `None` when the function is known only when the code runs.
    pub(super) fn interface_call(
        &mut self,
        interface: Interface,
        function: &Val,
        args: &[Val],
        at: &Place,
    ) -> Option<Val> {
        let function = self.force(function);
        match &function.value {
            Value::Atom(name) => Some(self.register(interface, name, args, at)),
            Value::Choice(options) if self.depth < MAX_DEPTH => {
                self.depth += 1;
                let results = options.iter().filter_map(|option| self.interface_call(interface, option, args, at));
                let results = results.collect();
                self.depth -= 1;
                Some(Val::choice(results, at.clone()))
            }
            Value::Param { name } => {
                let how = interface.how(interface.adding(args.len())?, args.len())?;
                let why =
                    format!("it is the argument {name} that says whether to add or to delete, and no caller was found");
                self.unresolved(how, at.clone(), &why, true, at);
                Some(Val::new(Value::Atom("ok".into()), at.clone()))
            }
            _ => None,
        }
    }

    pub(super) fn local_call(&mut self, code: &Code, name: &Name, args: &[Val], at: Place) -> Val {
        if code.home.defines(name, args.len()) {
            return self.project_call(&Arc::clone(&code.home), name, args, at);
        }
        let header = code.home.header();
        let import = header.imports.iter().find(|(function, arity, _)| function == name && *arity == args.len());
        if let Some((_, _, module)) = import {
            return self.remote_call(&code.home, &module.clone(), name, args, at);
        }
        if let Some(value) = self.builtin(&code.home, name, args, &at) {
            return value;
        }
        self.opaque_call(args, &format!("{name}/{} is computed when the code runs", args.len()), at)
    }

    /// A function of `erlang`, if it is one that registrations are made with.
    pub(super) fn builtin(&mut self, home: &Arc<Module>, function: &str, args: &[Val], at: &Place) -> Option<Val> {
        match (function, args) {
            ("apply", _) => Some(self.apply_call(home, args, at.clone())),
            ("tuple_to_list", [tuple]) => match self.force(tuple).value {
                Value::Tuple(items) => Some(Val::new(Value::List(items), at.clone())),
                // The caller knows.
                value @ Value::Param { .. } => Some(Val::new(value, at.clone())),
                _ => None,
            },
            ("element", [index, tuple]) => match (self.force(index).value, self.force(tuple).value) {
                (Value::Int(index), Value::Tuple(items)) => items.get(usize::try_from(index - 1).ok()?).cloned(),
                _ => None,
            },
            _ => None,
        }
    }

    pub(super) fn remote_call(
        &mut self,
        home: &Arc<Module>,
        module: &Name,
        function: &Name,
        args: &[Val],
        at: Place,
    ) -> Val {
        if let Some(interface) = Interface::of(module) {
            return self.register(interface, function, args, &at);
        }
        match module.as_str() {
            "lists" => {
                if let Some(value) = self.lists_call(function, args, &at) {
                    return value;
                }
            }
            "maps" => {
                if let Some(value) = self.maps_call(function, args, &at) {
                    return value;
                }
            }
            "erlang" => {
                if let Some(value) = self.builtin(home, function, args, &at) {
                    return value;
                }
            }
            _ if module == home.name() => return self.project_call(home, function, args, at),
            _ => {
                if let Some(other) = self.modules.module(module, home.source().path()) {
                    return self.project_call(&other, function, args, at);
                }
            }
        }
        self.opaque_call(args, &format!("{module}:{function}/{} is not part of the checked code", args.len()), at)
    }

    pub(super) fn apply_call(&mut self, home: &Arc<Module>, args: &[Val], at: Place) -> Val {
        match args {
            [module, function, list] => {
                let (module, function) = (self.force(module), self.force(function));
                let list = self.force(list);
                if let (Some(module), Some(function), Value::List(args)) = (module.atom(), function.atom(), &list.value)
                {
                    return self.remote_call(home, &module.clone(), &function.clone(), args, at);
                }
            }
            [function, list] => {
                if let Value::List(args) = self.force(list).value {
                    let function = self.force(function);
                    return self.apply(&function, &args, at);
                }
            }
            _ => {}
        }
        Val::unknown("the called function is known only when the code runs", at)
    }

    /// A call of a function that stands in the project.
    pub(super) fn project_call(&mut self, module: &Arc<Module>, function: &Name, args: &[Val], at: Place) -> Val {
        let forms = module.function(function, args.len());
        if forms.is_empty() {
            return self.opaque_call(args, &format!("{}:{function}/{} does not exist", module.name(), args.len()), at);
        }
        self.via.push(format!("{}:{function}/{}", module.name(), args.len()));
        let mut results = Vec::new();
        for form in forms {
            let code = Code { module: Arc::clone(module), form, home: Arc::clone(module) };
            let clauses: Vec<&Clause> =
                module.clauses_in(form, function, args.len()).map(|(_, clause)| clause).collect();
            if !clauses.is_empty() {
                results.push(self.branches(&code, &clauses, args, &mut Env::default(), at.clone()));
            }
        }
        // Results that were put off still belong to this call.
        let results = results.iter().map(|value| self.force(value)).collect();
        self.via.pop();
        Val::choice(results, at)
    }

    /// A call that cannot be followed. Closures among its arguments may be called, so they are followed with unknown arguments.
    pub(super) fn opaque_call(&mut self, args: &[Val], why: &str, at: Place) -> Val {
        for arg in args {
            if let Value::Closure(closure) = &arg.value
                && let Some(ast) = closure.code.ast()
            {
                let clauses: Vec<&Clause> = ast.clauses(closure.clauses).iter().collect();
                let mut env = closure.env.clone();
                self.all_branches(&closure.code, &clauses, &mut env, at.clone());
            }
        }
        Val::unknown(why, at)
    }
}

/// Whether a function without a module is one of an interface for hooks.
pub(super) fn is_imported(code: &Code, function: &Name, arity: usize) -> bool {
    let imports = &code.home.header().imports;
    imports.iter().any(|(name, count, from)| name == function && *count == arity && Interface::of(from).is_some())
}
