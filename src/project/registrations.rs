//! Which handlers a project registers, module by module, and then across modules.

use std::sync::{Arc, OnceLock};

use rustc_hash::{FxHashMap, FxHashSet};

use super::eval::{
    Action, Event, How, Interpreter, Registered, Style, UNKNOWN_ARITY, Val, Value, What, Wrapper, is_unknown_name,
};
use super::files::is_header;
use super::modules::Modules;
use super::words::Words;
use crate::budget::Purse;
use crate::catalog::Catalog;
use crate::finding::Place;
use crate::outline::{FormIndex, GivenUp, Module};
use crate::syntax::ast::Name;
use crate::syntax::scan::FormKind;

/// A handler that the project adds to, or deletes from, a hook.
#[derive(Clone)]
pub struct Registration {
    pub module: Arc<Module>,
    pub style: Style,
    pub action: Action,
    /// Where to point: the hook's name, or the macro or call that stands for it.
    pub place: Place,
    /// The whole tuple or call.
    pub tuple: Place,
    /// The call that does it, which may be handed a list; for `hooks/1`, the list.
    pub call: Place,
    /// `None` when the name is known only at run time.
    pub hook: Option<Name>,
    pub tag: Tag,
    pub handler: HandlerRef,
    pub priority: Priority,
    /// The `Extra` map as it stands in the source.
    pub extra: String,
    /// The function of `gen_hook`, or of `ejabberd_hooks`, that does it, or `hooks/1`.
    pub through: &'static str,
    /// The functions between the start and the registering call, outermost first.
    pub via: Vec<String>,
    /// Where its parts are written, when it could be followed.
    pub parts: Option<Parts>,
    /// Why the hook or the handler is not known.
    pub unresolved: Option<String>,
}

/// Where the parts of a registration are written. Several registrations can share a part, and a part can stand in a
/// macro's definition or in another file.
#[derive(Clone)]
pub struct Parts {
    pub hook: Place,
    /// The module, where it stands apart from the function.
    pub module: Option<Place>,
    pub function: Place,
    pub priority: Place,
}

/// For whom a handler is registered.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Tag {
    Global,
    /// A host type: a variable, a binary or a call, as it stands in the source.
    HostType(String),
    /// An atom other than `global`, which `gen_hook` refuses.
    Other(String),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Priority {
    Known(i64),
    /// As it stands in the source.
    Unknown(String),
}

/// What a registration names as its handler.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum HandlerRef {
    External {
        module: Name,
        function: Name,
        arity: i64,
    },
    /// `fun name/arity` without a module, which `gen_hook` refuses.
    Local {
        function: Name,
        arity: i64,
    },
    /// `fun(...) -> ... end`, which `gen_hook` refuses.
    Inline,
    Unknown,
}

impl std::fmt::Display for Tag {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Tag::Global => "global",
            Tag::HostType(text) | Tag::Other(text) => text,
        })
    }
}

impl std::fmt::Display for Priority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Priority::Known(number) => write!(f, "{number}"),
            Priority::Unknown(text) => f.write_str(text),
        }
    }
}

impl Registration {
    /// How it is registered, for people.
    #[must_use]
    pub fn registered(&self) -> String {
        let through = match (self.style, self.through) {
            (_, "hooks/1") => "the hooks/1 callback".to_owned(),
            (Style::GenHook, through) => format!("gen_hook:{through}"),
            (Style::EjabberdHooks, through) => format!("ejabberd_hooks:{through}"),
        };
        match self.via.last() {
            Some(via) if self.through != "hooks/1" => format!("{through} in {via}"),
            _ => through,
        }
    }

    /// Two registrations that say the same at the same place.
    fn key(&self) -> impl Eq + std::hash::Hash + use<> {
        let place = (self.place.source.path().to_path_buf(), self.place.span);
        let what = (self.hook.clone(), self.tag.clone(), self.handler.clone(), self.priority.clone());
        (self.action, place, what, self.unresolved.clone())
    }
}

/// All handlers that a project registers.
#[derive(Default)]
pub struct Index<'a> {
    /// What each module registers, in the order of files.
    modules: Vec<&'a [Registration]>,
    /// By function, with the numbers of module and registration; made when somebody asks.
    by_function: OnceLock<ByFunction>,
    /// Handlers that are known and added, in the same way.
    by_hook: OnceLock<FxHashMap<Name, Vec<(usize, usize)>>>,
}

type ByFunction = FxHashMap<(Name, Name, i64), Vec<(usize, usize)>>;

impl<'a> Index<'a> {
    /// Takes what each module registers, in the order of files.
    pub fn new(modules: impl IntoIterator<Item = &'a [Registration]>) -> Self {
        Self { modules: modules.into_iter().collect(), by_function: OnceLock::new(), by_hook: OnceLock::new() }
    }

    /// Everything, in the order of files and places, those whose handlers are not known among them.
    pub fn everything(&self) -> impl Iterator<Item = &'a Registration> {
        self.modules.iter().copied().flatten()
    }

    /// All whose handlers are known, in the same order.
    pub fn all(&self) -> impl Iterator<Item = &'a Registration> {
        self.everything().filter(|it| matches!(it.handler, HandlerRef::External { .. }))
    }

    /// The registrations, additions and deletions, of a function.
    #[must_use]
    pub fn of(&self, module: &Name, function: &Name, arity: i64) -> Vec<&'a Registration> {
        let by_function = self.by_function.get_or_init(|| {
            let mut by_function = ByFunction::default();
            for (at, registrations) in self.modules.iter().enumerate() {
                for (number, registration) in registrations.iter().enumerate() {
                    if let HandlerRef::External { module, function, arity } = &registration.handler {
                        let key = (module.clone(), function.clone(), *arity);
                        by_function.entry(key).or_default().push((at, number));
                    }
                }
            }
            by_function
        });
        let found = by_function.get(&(module.clone(), function.clone(), arity));
        found.into_iter().flatten().map(|&(at, number)| &self.modules[at][number]).collect()
    }

    fn by_hook(&self) -> &FxHashMap<Name, Vec<(usize, usize)>> {
        self.by_hook.get_or_init(|| {
            let mut by_hook: FxHashMap<Name, Vec<(usize, usize)>> = FxHashMap::default();
            for (at, registrations) in self.modules.iter().enumerate() {
                for (number, it) in registrations.iter().enumerate() {
                    let is_added = it.action == Action::Add && matches!(it.handler, HandlerRef::External { .. });
                    if let Some(hook) = it.hook.as_ref().filter(|_| is_added) {
                        by_hook.entry(hook.clone()).or_default().push((at, number));
                    }
                }
            }
            by_hook
        })
    }

    /// The hooks to which handlers are added that are known, in no particular order.
    pub fn hooks(&self) -> impl Iterator<Item = &Name> {
        self.by_hook().keys()
    }

    /// The handlers that are known and added to a hook, in the order of files and places.
    pub fn added_to(&self, hook: &str) -> impl Iterator<Item = &'a Registration> {
        let found = self.by_hook().get(hook).into_iter().flatten();
        found.map(|&(at, number)| &self.modules[at][number])
    }

    /// All that the same module registers, one of these included; empty for one that is not of this index.
    #[must_use]
    pub fn siblings_of(&self, registration: &Registration) -> &'a [Registration] {
        let has = |module: &&&[Registration]| module.as_ptr_range().contains(&std::ptr::from_ref(registration));
        self.modules.iter().find(has).copied().unwrap_or(&[])
    }
}

/// What one module registers, as far as the module alone can tell.
#[derive(Clone, Default)]
pub struct Found {
    pub registrations: Vec<Registration>,
    /// Functions of the module that register what their arguments say, with what is known of it: to be asked of callers.
    pub open: Vec<(Wrapper, Vec<Registration>)>,
    /// The module exports `hooks/1`, and this is whether it returns a list of registrations.
    pub callback: Option<bool>,
}

/// How many times callers of callers are asked.
const MAX_ROUNDS: usize = 6;

/// Finds what a module registers. `known` are functions of other modules that register what their arguments say.
#[must_use]
pub fn find(modules: &Modules, module: &Arc<Module>, known: &FxHashSet<Wrapper>) -> Found {
    let mut search = Search {
        modules,
        module,
        wrappers: known.clone(),
        open: FxHashMap::default(),
        found: Vec::new(),
        budget: Purse::of(module.source().text().len()),
    };
    search.run(search.starting_points(known));
    search.finish()
}

struct Search<'a> {
    modules: &'a Modules,
    module: &'a Arc<Module>,
    wrappers: FxHashSet<Wrapper>,
    open: FxHashMap<Wrapper, Vec<Registration>>,
    found: Vec<Registration>,
    budget: Purse,
}

impl Search<'_> {
    /// The functions whose text names `gen_hook`, a macro that does, or a known wrapper.
    fn starting_points(&self, known: &FxHashSet<Wrapper>) -> Vec<FormIndex> {
        let names: Vec<String> = known.iter().map(|(module, function, _)| format!("{module}:{function}")).collect();
        let mut named = Words::new(&names);
        let interfaces = Words::new(&["gen_hook".to_owned(), "ejabberd_hooks".to_owned()]);
        let headers = self.modules.headers(self.module);
        for file in headers.iter().filter(|header| names_interface(header)).chain([self.module]) {
            for definition in &file.header().defines {
                let text = file.text_of(definition.form);
                if interfaces.are_in(text) || named.are_in(text) {
                    named.add_macro(&definition.name);
                }
            }
        }
        let imported = |name: &str| {
            self.module.header().imports.iter().any(|(f, _, m)| (m == "gen_hook" || m == "ejabberd_hooks") && f == name)
        };
        let called = ["add_handler", "add_handlers", "delete_handler", "delete_handlers", "add", "delete"];
        let called: Vec<String> =
            called.into_iter().filter(|name| imported(name)).map(|name| format!("{name}(")).collect();
        let called = Words::new(&called);
        self.functions_with(|text| may_register(text) || named.are_in(text) || called.are_in(text))
    }

    fn functions_with(&self, has: impl Fn(&str) -> bool) -> Vec<FormIndex> {
        let functions = self.module.forms().filter(|(_, form)| form.kind == FormKind::Function);
        functions.map(|(index, _)| index).filter(|&index| has(self.module.text_of(index))).collect()
    }

    fn run(&mut self, mut roots: Vec<FormIndex>) {
        for _ in 0..MAX_ROUNDS {
            let mut called = Vec::new();
            for root in std::mem::take(&mut roots) {
                if let Some(function) = self.follow(root) {
                    called.extend([format!("{function}("), format!("{function}/")]);
                }
            }
            if called.is_empty() {
                break;
            }
            let called = Words::new(&called);
            roots = self.functions_with(|text| called.are_in(text));
        }
    }

    /// Follows one function. Returns its name if its callers have to be asked.
    fn follow(&mut self, root: FormIndex) -> Option<Name> {
        let wrapper = self.wrapper_of(root)?;
        let mut interpreter = Interpreter::new(self.modules, &self.wrappers);
        let followed = self.budget.spend(|| drop(interpreter.function(self.module, root)));
        if followed.is_err() {
            self.module.give_up(self.module.form(root).span, GivenUp::Registrations);
        }
        let mut open = Vec::new();
        for event in interpreter.events {
            let needs_caller = event.needs_caller();
            let registration = registration(self.modules, self.module, event);
            if needs_caller { open.push(registration) } else { self.found.push(registration) }
        }
        if open.is_empty() || self.wrappers.contains(&wrapper) {
            return None;
        }
        let function = wrapper.1.clone();
        self.wrappers.insert(wrapper.clone());
        self.open.insert(wrapper, open);
        Some(function)
    }

    fn wrapper_of(&self, root: FormIndex) -> Option<Wrapper> {
        let ast = self.module.ast(root).ok()?;
        let clause = ast.function_clauses().next()?;
        let name = ast.atom(clause.name?)?.clone();
        Some((self.module.name().clone(), name, clause.patterns.len()))
    }

    fn finish(mut self) -> Found {
        let callback = self.callback();
        // Whatever a caller inside the module made known is settled.
        let settled = |wrapper: &Wrapper, found: &[Registration]| {
            let name = format!("{}:{}/{}", wrapper.0, wrapper.1, wrapper.2);
            found.iter().any(|registration| registration.via.contains(&name))
        };
        let mut open: Vec<_> = std::mem::take(&mut self.open).into_iter().collect();
        open.retain(|(wrapper, _)| !settled(wrapper, &self.found));
        open.sort_by(|(a, _), (b, _)| a.cmp(b));
        // An inner wrapper is settled by the outer one that stays open.
        let outer = open.clone();
        open.retain(|(wrapper, _)| {
            let name = format!("{}:{}/{}", wrapper.0, wrapper.1, wrapper.2);
            !outer.iter().any(|(other, registrations)| {
                other != wrapper && registrations.iter().any(|registration| registration.via.contains(&name))
            })
        });
        Found { registrations: deduplicate(self.found), open, callback }
    }

    /// What an exported `hooks/1` returns, which servers from 6.1.0 on register by themselves.
    fn callback(&mut self) -> Option<bool> {
        if !self.module.exports("hooks", 1) || !self.module.defines("hooks", 1) {
            return None;
        }
        let mut interpreter = Interpreter::new(self.modules, &self.wrappers);
        for form in self.module.function("hooks", 1) {
            let followed = self.budget.spend(|| {
                for value in interpreter.function(self.module, form) {
                    let value = interpreter.force(&value);
                    interpreter.callback(&value);
                }
            });
            if followed.is_err() {
                self.module.give_up(self.module.form(form).span, GivenUp::Registrations);
            }
        }
        let events = interpreter.events;
        // In lists for `ejabberd_hooks`, which are as wide, a module stands where the fun should.
        let is_handler = |event: &Event| match &event.what {
            What::Handler(registered) => registered.function.atom().is_none(),
            What::Unresolved { .. } => false,
        };
        let proper = events.iter().any(is_handler) || events.is_empty();
        if proper {
            let added = self.found.iter().filter(|found| found.action == Action::Add);
            let known: FxHashSet<_> = added.map(|found| (found.hook.clone(), found.place.span)).collect();
            let registrations = events.into_iter().map(|event| registration(self.modules, self.module, event));
            let fresh: Vec<_> =
                registrations.filter(|found| !known.contains(&(found.hook.clone(), found.place.span))).collect();
            self.found.extend(fresh);
        }
        Some(proper)
    }
}

fn names_interface(header: &Module) -> bool {
    let text = header.source().text();
    text.contains("gen_hook") || text.contains("ejabberd_hooks")
}

/// Whether code that names an interface for hooks may add or delete handlers through it. It does not where each time
/// another of its functions is named right behind, as those that start it or run a hook.
fn may_register(text: &str) -> bool {
    const OTHERS: [(&str, &[&str]); 2] = [
        ("gen_hook", &["start_link", "run_fold", "run_hook"]),
        ("ejabberd_hooks", &["start_link", "run_fold", "run", "hook", "add_args"]),
    ];
    OTHERS.iter().any(|(module, others)| {
        memchr::memmem::find_iter(text.as_bytes(), module).any(|at| {
            let behind = text[at + module.len()..].trim_start();
            let function = behind.strip_prefix([':', ',']).map_or("", str::trim_start);
            !others.iter().any(|other| {
                function.strip_prefix(other).is_some_and(|rest| rest.trim_start().starts_with(['(', ',', '/']))
            })
        })
    })
}

/// Keeps the first of registrations that say the same at the same place, and sorts them by place.
#[must_use]
pub fn deduplicate(mut registrations: Vec<Registration>) -> Vec<Registration> {
    let mut seen = FxHashSet::default();
    registrations.retain(|registration| seen.insert(registration.key()));
    registrations.sort_by(|a, b| {
        let key = |r: &Registration| (r.place.source.path().to_path_buf(), r.place.span, r.action, r.hook.clone());
        key(a).cmp(&key(b))
    });
    // They are kept for the whole run.
    registrations.shrink_to_fit();
    registrations
}

fn registration(modules: &Modules, module: &Arc<Module>, event: Event) -> Registration {
    let Event { how, via, what, call } = event;
    match what {
        What::Unresolved { at, why, .. } => Registration {
            module: Arc::clone(module),
            style: how.style,
            action: how.action,
            tuple: at.clone(),
            call,
            place: at,
            hook: None,
            tag: Tag::HostType(String::new()),
            handler: HandlerRef::Unknown,
            priority: Priority::Unknown(String::new()),
            extra: String::new(),
            through: how.through,
            via,
            parts: None,
            unresolved: Some(why),
        },
        What::Handler(registered) => resolved(modules, module, (how, call, via), *registered),
    }
}

fn resolved(
    modules: &Modules,
    module: &Arc<Module>,
    (how, call, via): (How, Place, Vec<String>),
    registered: Registered,
) -> Registration {
    let Registered { at, hook, tag, function, module: apart, extra, priority, .. } = registered;
    let handler = with_arity(handler_ref(&function), modules, module, hook.atom());
    let unresolved = match (&hook.value, &handler) {
        (Value::Atom(_), HandlerRef::Unknown) => Some(format!("the handler is not known: {}", reason(&function))),
        (Value::Atom(_), _) => None,
        _ => Some(format!("the hook's name is not known: {}", reason(&hook))),
    };
    Registration {
        module: Arc::clone(module),
        style: how.style,
        action: how.action,
        place: pointed_at(module, &at, &hook),
        tuple: at,
        call,
        hook: hook.atom().cloned(),
        tag: tag_of(&tag),
        handler,
        priority: match priority.value {
            Value::Int(number) => Priority::Known(number),
            _ => Priority::Unknown(one_line(priority.source_text())),
        },
        extra: extra.map(|extra| one_line(extra.source_text())).unwrap_or_default(),
        through: how.through,
        via,
        parts: Some(Parts {
            hook: hook.at,
            module: apart.map(|module| module.at),
            function: function.at,
            priority: priority.at,
        }),
        unresolved,
    }
}

/// The handler with the arity that the hook calls it with, where the registration does not say one. A function that has
/// another one and no namesake is meant all the same.
fn with_arity(handler: HandlerRef, modules: &Modules, near: &Arc<Module>, hook: Option<&Name>) -> HandlerRef {
    let HandlerRef::External { module, function, arity: UNKNOWN_ARITY } = handler else { return handler };
    let positional = hook.and_then(|hook| Catalog::embedded().positional(hook));
    let known = positional.map(|it| it.arguments.len() + 1);
    // In the order of releases, the newest first.
    let mut forms = known.into_iter().chain(positional.iter().flat_map(|it| &it.earlier).map(|it| it.arguments.len()));
    let owner = match &module == near.name() {
        true => Some(Arc::clone(near)),
        false => modules.module(&module, near.source().path()),
    };
    let arity = match owner {
        Some(owner) => forms.find(|&arity| owner.defines(&function, arity)).or_else(|| {
            let arities = owner.arities(&function);
            if let &[only] = &arities[..] { Some(only) } else { known }
        }),
        None => known,
    };
    let arity = arity.and_then(|arity| i64::try_from(arity).ok()).unwrap_or(UNKNOWN_ARITY);
    HandlerRef::External { module, function, arity }
}

/// The hook's name where it stands in a function; where a macro brings it in, the macro's use.
fn pointed_at(module: &Arc<Module>, tuple: &Place, hook: &Val) -> Place {
    let same_file = Arc::ptr_eq(&hook.at.source, module.source());
    let in_definition = same_file
        && module.form_at(hook.at.span.start).is_some_and(|form| module.form(form).kind == FormKind::Attribute);
    let header = is_header(hook.at.source.path());
    if in_definition || header { tuple.clone() } else { hook.at.clone() }
}

fn handler_ref(function: &Val) -> HandlerRef {
    match &function.value {
        Value::Fun { module, function, .. } if is_unknown_name(module) || is_unknown_name(function) => {
            HandlerRef::Unknown
        }
        Value::Fun { module, function, arity, external: true } => {
            HandlerRef::External { module: module.clone(), function: function.clone(), arity: *arity }
        }
        Value::Fun { function, arity, .. } => HandlerRef::Local { function: function.clone(), arity: *arity },
        Value::Closure(_) => HandlerRef::Inline,
        _ => HandlerRef::Unknown,
    }
}

fn reason(value: &Val) -> String {
    match &value.value {
        Value::Unknown(why) | Value::Rest(why) => why.to_string(),
        Value::Param { name } => format!("it is the argument {name}, and no caller was found"),
        Value::Fun { .. } => "its module or function is known only when the code runs".to_owned(),
        _ => "it is computed when the code runs".to_owned(),
    }
}

fn tag_of(tag: &Val) -> Tag {
    match &tag.value {
        Value::Atom(name) if name == "global" => Tag::Global,
        Value::Atom(name) => Tag::Other(name.to_string()),
        Value::Text(text) => Tag::HostType(format!("<<\"{text}\">>")),
        Value::Param { name } => Tag::HostType(name.to_string()),
        _ => Tag::HostType(one_line(tag.source_text())),
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
