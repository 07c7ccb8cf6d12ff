//! What code registers: events, in the order in which they are met.

use super::interface::{Action, How, Interface, Style, UNKNOWN_ARITY};
use super::{Interpreter, MAX_DEPTH, UNKNOWN_NAME, Val, Value, is_fun, is_unknown_name};
use crate::budget::spend;
use crate::finding::Place;
use crate::syntax::ast::Name;

/// A handler that code adds or deletes.
#[derive(Clone)]
pub struct Event {
    pub how: How,
    /// The call of that function.
    pub call: Place,
    /// The functions between the start and the call, outermost first, as `module:function/arity`.
    pub via: Vec<String>,
    pub what: What,
}

#[derive(Clone)]
pub enum What {
    Handler(Box<Registered>),
    /// A list, or items of it, that could not be followed.
    Unresolved {
        at: Place,
        why: String,
        needs_caller: bool,
    },
}

/// The parts of a registration.
#[derive(Clone)]
pub struct Registered {
    pub style: Style,
    pub at: Place,
    pub hook: Val,
    pub tag: Val,
    /// Where module and function stand apart, a fun of both, with its arity unknown, at the function's place.
    pub function: Val,
    /// The module, where it stands apart.
    pub module: Option<Val>,
    /// The extra map; of the old style, nothing.
    pub extra: Option<Val>,
    pub priority: Val,
}

impl Event {
    /// Whether what is registered depends on an argument of the function from which the analysis started, so that
    /// its callers have to be asked.
    #[must_use]
    pub fn needs_caller(&self) -> bool {
        match &self.what {
            What::Handler(registered) => is_param(&registered.hook) || is_param(&registered.function),
            What::Unresolved { needs_caller, .. } => *needs_caller,
        }
    }
}

pub(super) fn is_param(val: &Val) -> bool {
    match &val.value {
        Value::Param { .. } => true,
        Value::Fun { module, function, .. } => is_unknown_name(module) || is_unknown_name(function),
        _ => false,
    }
}

impl Interpreter<'_> {
    /// A call of a function of an interface for hooks.
    pub(super) fn register(&mut self, interface: Interface, function: &Name, args: &[Val], call: &Place) -> Val {
        let done = Val::new(Value::Atom("ok".into()), call.clone());
        let Some(how) = interface.how(function, args.len()) else {
            let why = format!("{}:{function}/{} is run by the server", interface.module(), args.len());
            return Val::unknown(why, call.clone());
        };
        match args {
            [list] => {
                let list = list.clone();
                self.record_list(how, &list, call);
            }
            _ => {
                let registered = self.registered(how.style, args, call.clone());
                self.record(how, registered, call);
            }
        }
        done
    }

    /// The parts of a tuple, or the arguments of a call, that registers: four with a fun in the old style, else five.
    pub(super) fn registered(&mut self, style: Style, parts: &[Val], at: Place) -> Registered {
        let parts: Vec<Val> = parts.iter().map(|part| self.force(part)).collect();
        let (hook, tag, priority) = (parts[0].clone(), parts[1].clone(), parts[parts.len() - 1].clone());
        let (function, module, extra) = match (style, &parts[2..parts.len() - 1]) {
            (Style::GenHook, [function, extra]) => (function.clone(), None, Some(extra.clone())),
            // Since long a function's name, before that a fun, stood behind the module.
            (Style::EjabberdHooks, [module, function]) if function.atom().is_none() && is_fun(function) => {
                (function.clone(), Some(module.clone()), None)
            }
            (Style::EjabberdHooks, [module, function]) => {
                let name = |val: &Val| val.atom().cloned().unwrap_or(Name::new_static(UNKNOWN_NAME));
                let known = is_param(module) || is_param(function);
                let fun =
                    Value::Fun { module: name(module), function: name(function), arity: UNKNOWN_ARITY, external: true };
                // What is not known keeps its reason.
                let value = match (module.atom(), function.atom()) {
                    (Some(_), Some(_)) => fun,
                    _ if known => fun,
                    (None, _) => module.value.clone(),
                    (_, None) => function.value.clone(),
                };
                (Val::new(value, function.at.clone()), Some(module.clone()), None)
            }
            (_, others) => (others.first().cloned().unwrap_or_else(|| priority.clone()), None, None),
        };
        Registered { style, at, hook, tag, function, module, extra, priority }
    }

    pub(super) fn record_list(&mut self, how: How, list: &Val, call: &Place) {
        for item in self.items(list) {
            let item = self.force(&item);
            match &item.value {
                Value::Tuple(parts) if parts.len() == 5 => {
                    let registered = self.registered(how.style, &parts.clone(), item.at.clone());
                    self.record(how, registered, call);
                }
                // Each option may hold the whole list again, and so on without end.
                Value::Choice(_) if self.depth >= MAX_DEPTH => {
                    let why = "the code nests too deeply to be followed";
                    self.unresolved(how, item.at.clone(), why, false, call);
                }
                Value::Choice(options) => {
                    self.depth += 1;
                    for option in options.iter() {
                        let one = Val::new(Value::List([option.clone()].into()), item.at.clone());
                        self.record_list(how, &one, call);
                    }
                    self.depth -= 1;
                }
                Value::Rest(why) | Value::Unknown(why) => {
                    self.unresolved(how, item.at.clone(), why, false, call);
                }
                Value::Param { name } => {
                    let why = format!("it is the argument {name}, and no caller was found");
                    self.unresolved(how, item.at.clone(), &why, true, call);
                }
                _ => {
                    let why = match how.style {
                        Style::GenHook => "it is not a tuple of hook, tag, function, extra and priority",
                        Style::EjabberdHooks => "it is not a tuple of hook, host type, module, function and priority",
                    };
                    self.unresolved(how, item.at.clone(), why, false, call);
                }
            }
        }
    }

    pub(super) fn record(&mut self, how: How, registered: Registered, call: &Place) {
        if let Value::Choice(options) = &registered.hook.value
            && self.depth < MAX_DEPTH
        {
            self.depth += 1;
            for option in options.iter() {
                let one = Registered { hook: self.force(option), ..registered.clone() };
                self.record(how, one, call);
            }
            self.depth -= 1;
            return;
        }
        spend(100);
        let what = What::Handler(Box::new(registered));
        self.events.push(Event { how, call: call.clone(), via: self.via.clone(), what });
    }

    pub(super) fn unresolved(&mut self, how: How, at: Place, why: &str, needs_caller: bool, call: &Place) {
        spend(100);
        let what = What::Unresolved { at, why: why.to_owned(), needs_caller };
        self.events.push(Event { how, call: call.clone(), via: self.via.clone(), what });
    }

    /// What is registered by a list that `hooks/1` returned, as if it had been handed to `gen_hook`.
    pub fn callback(&mut self, list: &Val) {
        let call = list.at.clone();
        self.record_list(How::gen_hook(Action::Add, "hooks/1"), list, &call);
    }
}
