//! Which handlers a project registers, module by module, and then across modules.

use std::sync::{Arc, OnceLock};

use rustc_hash::{FxHashMap, FxHashSet};

use super::eval::{
    Action, Event, How, Interpreter, Registered, Style, UNKNOWN_ARITY, Val, Value, What, Wrapper, is_unknown_name,
};
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
    let header = hook.at.source.path().extension().is_some_and(|extension| extension == "hrl");
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
mod tests {
    use super::*;
    use crate::source::Source;

    /// What a module, the first of the given files, registers: a line for each.
    fn registered(files: &[(&str, &str)]) -> Vec<String> {
        registered_knowing(files, &[])
    }

    fn registered_knowing(files: &[(&str, &str)], known: &[(&str, &str, usize)]) -> Vec<String> {
        let modules = Modules::new(files.iter().map(|(path, _)| (*path).into()), &[], &[]);
        let mut first = None;
        for (path, text) in files {
            let source = Source::from_bytes((*path).into(), text.as_bytes().to_vec()).unwrap();
            let module = Arc::new(Module::new(Arc::new(source)));
            modules.insert(&module);
            first.get_or_insert(module);
        }
        let known = known.iter().map(|&(m, f, a)| (m.into(), f.into(), a)).collect();
        let found = find(&modules, &first.unwrap(), &known);
        let open = found.open.iter().map(|((m, f, a), _)| format!("open {m}:{f}/{a}"));
        found.registrations.iter().map(line).chain(open).collect()
    }

    fn line(registration: &Registration) -> String {
        let action = if registration.action == Action::Add { "add" } else { "delete" };
        let hook = registration.hook.as_deref().unwrap_or("?");
        let handler = match &registration.handler {
            HandlerRef::External { module, function, arity } => format!("{module}:{function}/{arity}"),
            HandlerRef::Local { function, arity } => format!("local {function}/{arity}"),
            HandlerRef::Inline => "inline".to_owned(),
            HandlerRef::Unknown => "?".to_owned(),
        };
        let at = registration.place.source.position(registration.place.span.start).line;
        format!("{action} {hook} {} {handler} {} @{at}", registration.tag, registration.priority)
    }

    fn one(text: &str) -> Vec<String> {
        registered(&[("mod_a.erl", text)])
    }

    #[test]
    fn a_list_from_a_function() {
        let text = "start(HostType, _) -> gen_hook:add_handlers(hooks(HostType)).\n\
                    stop(HostType) -> gen_hook:delete_handlers(hooks(HostType)).\n\
                    hooks(HostType) ->\n  [{h1, HostType, fun ?MODULE:f/3, #{}, 50},\n   {h2, global, fun other:g/3, #{}, 1}].\n";
        assert_eq!(
            one(text),
            [
                "add h1 HostType mod_a:f/3 50 @4",
                "delete h1 HostType mod_a:f/3 50 @4",
                "add h2 global other:g/3 1 @5",
                "delete h2 global other:g/3 1 @5",
            ]
        );
    }

    #[test]
    fn lists_put_together() {
        let text = "start(H, _) ->\n gen_hook:add_handlers([one(H) | more(H)] ++ lists:append([even(H), []])).\n\
                    one(H) -> {a, H, fun ?MODULE:f/3, #{}, 1}.\n\
                    more(H) -> [{b, H, fun ?MODULE:f/3, #{}, 2}].\n\
                    even(H) -> [{c, H, fun ?MODULE:f/3, #{}, 3}].\n";
        assert_eq!(one(text), ["add a H mod_a:f/3 1 @3", "add b H mod_a:f/3 2 @4", "add c H mod_a:f/3 3 @5"]);
    }

    #[test]
    fn lists_in_lists_made_flat() {
        let text = "start(H, _) ->\n gen_hook:add_handlers(lists:flatten([one(H), [[more(H)], []],\n\
                    case H of x -> [[d(H)]]; _ -> d(H) end, rest()])).\n\
                    one(H) -> {a, H, fun ?MODULE:f/3, #{}, 1}.\n\
                    more(H) -> [{b, H, fun ?MODULE:f/3, #{}, 2}, [{c, H, fun ?MODULE:f/3, #{}, 3}]].\n\
                    d(H) -> {d, H, fun ?MODULE:f/3, #{}, 4}.\n";
        let found = one(text);
        assert_eq!(
            found[1..],
            ["add a H mod_a:f/3 1 @4", "add b H mod_a:f/3 2 @5", "add c H mod_a:f/3 3 @5", "add d H mod_a:f/3 4 @6"]
        );
        // What `rest/0` returns is not known.
        assert!(found[0].starts_with("add ? "), "{found:?}");
        // Without end, it comes to one.
        let endless =
            one("start(H, _) -> gen_hook:add_handlers(lists:flatten(more([H]))).\nmore(L) -> more([L, [L]]).\n");
        assert!(endless.iter().all(|it| it.starts_with("add ? ")), "{endless:?}");
    }

    #[test]
    fn comprehensions_over_names_and_tuples() {
        let text = "start(H, _) ->\n\
                    gen_hook:add_handlers([{N, H, fun ?MODULE:f/3, #{}, 1} || N <- [a, b]]),\n\
                    gen_hook:add_handlers([{N, H, fun M:F/3, #{}, P} || {N, M, F, P} <- [{c, x, g, 2}]]).\n";
        assert_eq!(one(text), ["add a H mod_a:f/3 1 @2", "add b H mod_a:f/3 1 @2", "add c H x:g/3 2 @3"]);
    }

    #[test]
    fn funs_called_for_each() {
        let text = "start(H, _) ->\n\
                    lists:foreach(fun({N, F}) -> gen_hook:add_handler(N, H, fun ?MODULE:F/3, #{}, 5) end,\n\
                    [{a, f}, {b, g}]),\n\
                    F = fun(N) -> {N, H, fun ?MODULE:f/3, #{}, 6} end,\n\
                    gen_hook:add_handlers(lists:map(F, [c])).\n";
        assert_eq!(one(text), ["add a H mod_a:f/3 5 @3", "add b H mod_a:g/3 5 @3", "add c H mod_a:f/3 6 @5"]);
    }

    #[test]
    fn a_variable_stands_for_what_registers() {
        let text = "start(H, _) ->\n\
                    Add = fun(L) -> gen_hook:add_handlers(L) end,\n\
                    Each = fun(N) -> Add([{N, H, fun ?MODULE:f/3, #{}, 5}]) end,\n\
                    lists:foreach(Each, [a, b]),\n\
                    Plain = fun gen_hook:add_handlers/1,\n\
                    Plain([{c, H, fun ?MODULE:f/3, #{}, 6}]).\n";
        assert_eq!(one(text), ["add a H mod_a:f/3 5 @4", "add b H mod_a:f/3 5 @4", "add c H mod_a:f/3 6 @6"]);
    }

    #[test]
    fn a_helper_that_calls_itself() {
        let text = "start(H, _) -> add(H, [{a, f}, {b, g}]).\n\
                    add(_, []) -> ok;\n\
                    add(H, [{N, F} | Rest]) ->\n gen_hook:add_handler(N, H, fun ?MODULE:F/3, #{}, 7),\n add(H, Rest).\n";
        assert_eq!(one(text), ["add a H mod_a:f/3 7 @1", "add b H mod_a:g/3 7 @1"]);
    }

    #[test]
    fn macros_for_parts_tuples_and_calls() {
        let text = "-define(PRIO, 50).\n-define(MOD, other).\n-define(HOOK(N, F), {N, HostType, fun ?MODULE:F/3, #{}, ?PRIO}).\n\
                    -define(ADD(N), gen_hook:add_handler(N, HostType, fun ?MOD:f/3, #{}, ?PRIO + 1)).\n\
                    start(HostType, _) ->\n  gen_hook:add_handlers([?HOOK(a, f)]),\n  ?ADD(b).\n";
        assert_eq!(one(text), ["add a HostType mod_a:f/3 50 @6", "add b HostType other:f/3 51 @7"]);
    }

    #[test]
    fn macros_of_headers() {
        let header = "-define(PRIO, 20).\n-define(NAMES, [a]).\n";
        let text = "-include(\"my.hrl\").\nstart(H, _) ->\n gen_hook:add_handlers([{N, H, fun ?MODULE:f/3, #{}, ?PRIO} || N <- ?NAMES]).\n";
        assert_eq!(registered(&[("src/mod_a.erl", text), ("include/my.hrl", header)]), ["add a H mod_a:f/3 20 @3"]);
    }

    #[test]
    fn every_branch_is_taken() {
        let text = "start(H, Opts) ->\n gen_hook:add_handlers(hooks(H, Opts)).\n\
                    hooks(H, #{x := true}) -> [{a, H, fun ?MODULE:f/3, #{}, 1}];\n\
                    hooks(H, _) -> case os:type() of {unix, _} -> [{b, H, fun ?MODULE:f/3, #{}, 2}]; _ -> [] end.\n";
        assert_eq!(one(text), ["add a H mod_a:f/3 1 @3", "add b H mod_a:f/3 2 @4"]);
    }

    #[test]
    fn calls_by_way_of_rpc_and_apply() {
        let text = "t() -> rpc(mim(), gen_hook, add_handler, [a, <<\"h\">>, fun ?MODULE:f/3, #{}, 1]),\n\
                    erlang:apply(gen_hook, add_handlers, [[{b, global, fun ?MODULE:f/3, #{}, 2}]]).\n";
        assert_eq!(one(text), ["add a <<\"h\">> mod_a:f/3 1 @1", "add b global mod_a:f/3 2 @2"]);
    }

    #[test]
    fn funs_that_cannot_be_registered() {
        let text = "start(H, _) -> gen_hook:add_handlers([{a, H, fun f/3, #{}, 1},\n {b, H, fun(A, _, _) -> {ok, A} end, #{}, 2}]).\n";
        assert_eq!(one(text), ["add a H local f/3 1 @1", "add b H inline 2 @2"]);
    }

    #[test]
    fn the_callback_alone() {
        let text = "-export([hooks/1]).\nhooks(HostType) -> [{a, HostType, fun ?MODULE:f/3, #{}, 1}].\n";
        assert_eq!(one(text), ["add a HostType mod_a:f/3 1 @2"]);
        assert_eq!(one("hooks(HostType) -> [{a, HostType, fun ?MODULE:f/3, #{}, 1}].\n"), [""; 0]);
        // A module that still deletes by itself is registered by the server all the same.
        let text = format!("{text}stop(H) -> gen_hook:delete_handlers(hooks(H)).\n");
        assert_eq!(one(&text), ["add a HostType mod_a:f/3 1 @2", "delete a H mod_a:f/3 1 @2"]);
    }

    #[test]
    fn what_cannot_be_followed_is_said() {
        let text = "start(H, Opts) ->\n gen_hook:add_handlers(maps:get(hooks, Opts)),\n gen_hook:add_handlers([{a, H, fun ?MODULE:f/3, #{}, 1} | conf:more()]).\n";
        assert_eq!(one(text), ["add ?  ?  @2", "add a H mod_a:f/3 1 @3", "add ?  ?  @3"]);
    }

    #[test]
    fn a_wrapper_stays_open_until_a_caller_is_known() {
        let wrapper =
            "-export([add/2]).\nadd(H, L) -> [gen_hook:add_handler(N, H, fun M:F/3, #{}, 3) || {N, M, F} <- L].\n";
        let caller = "start(H, _) ->\n wrap:add(H, [{a, mod_b, f}]).\n";
        assert_eq!(registered(&[("wrap.erl", wrapper)]), ["open wrap:add/2"]);
        let files = [("mod_b.erl", caller), ("wrap.erl", wrapper)];
        assert_eq!(registered_knowing(&files, &[("wrap", "add", 2)]), ["add a H mod_b:f/3 3 @2"]);
    }

    #[test]
    fn handlers_by_module_and_name() {
        let text = "start(Host, _) -> ejabberd_hooks:add(remove_user, Host, ?MODULE, gone, 50).\n\
                    stop(Host) -> ejabberd_hooks:delete(remove_user, Host, ?MODULE, gone, 50).\n\
                    gone(Acc, _, _) -> Acc.\n";
        assert_eq!(
            one(text),
            ["add remove_user Host mod_a:gone/3 50 @1", "delete remove_user Host mod_a:gone/3 50 @2"]
        );
    }

    #[test]
    fn handlers_as_funs() {
        let text = "init([Host]) ->\n\
                    ejabberd_hooks:add(a, Host, fun f/4, 1),\n\
                    ejabberd_hooks:add(b, global, fun ?MODULE:g/2, 2),\n\
                    ejabberd_hooks:add(c, Host, fun(Acc, _) -> Acc end, 3),\n\
                    ejabberd_hooks:add(d, Host, ?MODULE, fun h/1, 4).\n\
                    terminate(_, Host) -> ejabberd_hooks:delete(a, Host, fun f/4, 1).\n";
        assert_eq!(
            one(text),
            [
                "add a Host local f/4 1 @2",
                "add b global mod_a:g/2 2 @3",
                "add c Host inline 3 @4",
                "add d Host local h/1 4 @5",
                "delete a Host local f/4 1 @6",
            ]
        );
    }

    #[test]
    fn lists_of_old_tuples() {
        let text = "-define(PRIO, 75).\n-define(HOOK(N, F), {N, Host, ?MODULE, F, ?PRIO}).\n\
                    start(Host, _) -> ejabberd_hooks:add(hooks(Host)).\n\
                    stop(Host) -> ejabberd_hooks:delete(hooks(Host)).\n\
                    hooks(Host) ->\n [?HOOK(a, f) | [{N, Host, ?MODULE, g, 5} || N <- [b, c]]].\n\
                    f(A) -> A.\ng(A, _) -> A.\n";
        assert_eq!(
            one(text),
            [
                "add a Host mod_a:f/1 75 @6",
                "delete a Host mod_a:f/1 75 @6",
                "add b Host mod_a:g/2 5 @6",
                "delete b Host mod_a:g/2 5 @6",
                "add c Host mod_a:g/2 5 @6",
                "delete c Host mod_a:g/2 5 @6",
            ]
        );
    }

    #[test]
    fn one_by_one_for_hooks_and_hosts() {
        let text = "start(_, _) ->\n\
                    [ejabberd_hooks:add(N, H, ?MODULE, f, 9) || N <- [a, b], H <- hosts()],\n\
                    lists:foreach(fun({N, F}) -> ejabberd_hooks:add(N, global, ?MODULE, F, 9) end, [{c, f}]),\n\
                    lists:foreach(fun ejabberd_hooks:add/1, [[{d, <<\"h\">>, ?MODULE, f, 9}]]).\n\
                    f(A) -> A.\n";
        assert_eq!(
            one(text),
            [
                "add a hosts() mod_a:f/1 9 @2",
                "add b hosts() mod_a:f/1 9 @2",
                "add c global mod_a:f/1 9 @3",
                "add d <<\"h\">> mod_a:f/1 9 @4",
            ]
        );
    }

    #[test]
    fn one_helper_that_adds_and_deletes() {
        for call in [
            "ejabberd_hooks:Action(N, Host, ?MODULE, F, P)",
            "apply(ejabberd_hooks, Action, [N, Host, ?MODULE, F, P])",
            "erlang:apply(ejabberd_hooks, Action, [N, Host, ?MODULE, F, P])",
            "apply(ejabberd_hooks, Action, tuple_to_list({N, Host, ?MODULE, F, P}))",
            "case Action of add -> ejabberd_hooks:add(N, Host, ?MODULE, F, P); _ -> ejabberd_hooks:delete(N, Host, ?MODULE, F, P) end",
        ] {
            let text = format!(
                "start(Host, _) -> hooks(add, Host).\nstop(Host) -> hooks(delete, Host).\n\
                 hooks(Action, Host) -> [{call}\n || {{N, F, P}} <- [{{a, f, 1}}, {{b, g, 2}}]].\nf(A) -> A.\ng(A, _) -> A.\n"
            );
            let mut found = one(&text);
            found.iter_mut().for_each(|line| line.truncate(line.rfind(" @").unwrap()));
            found.sort();
            let expected = [
                "add a Host mod_a:f/1 1",
                "add b Host mod_a:g/2 2",
                "delete a Host mod_a:f/1 1",
                "delete b Host mod_a:g/2 2",
            ];
            assert_eq!(found, expected, "{call}");
        }
    }

    #[test]
    fn what_to_do_is_said_by_nobody() {
        let text = "hooks(Action, Host) ->\n ejabberd_hooks:Action(a, Host, ?MODULE, f, 1).\nf(A) -> A.\n";
        assert_eq!(one(text), ["open mod_a:hooks/2"]);
    }

    #[test]
    fn own_wrappers_around_the_old_interface() {
        let text = "-define(HOOKS, ejabberd_hooks).\nstart(Host, _) ->\n add_hook(Host, a, f, 10),\n add_hook(Host, b, g).\n\
                    add_hook(Host, Hook, F) -> add_hook(Host, Hook, F, 50).\n\
                    add_hook(Host, Hook, F, P) -> ?HOOKS:add(Hook, Host, ?MODULE, F, P).\nf(A) -> A.\ng(A) -> A.\n";
        assert_eq!(one(text), ["add a Host mod_a:f/1 10 @3", "add b Host mod_a:g/1 50 @4"]);
    }

    #[test]
    fn imported_functions_of_the_old_interface() {
        let text = "-import(ejabberd_hooks, [add/5, delete/1]).\n\
                    start(H, _) -> add(a, H, ?MODULE, f, 1), delete([{b, H, ?MODULE, f, 1}]), delete(x, H, y, z, 1).\n\
                    f(A) -> A.\n";
        assert_eq!(one(text), ["add a H mod_a:f/1 1 @2", "delete b H mod_a:f/1 1 @2"]);
    }

    #[test]
    fn tags_of_the_old_interface() {
        let text = "start(Host, Opts) ->\n\
                    Sub = gen_mod:get_opt_subhost(Host, Opts, mod_muc:default_host()),\n\
                    ejabberd_hooks:add(a, Sub, ?MODULE, f, 1),\n\
                    ejabberd_hooks:add(b, gen_mod:get_module_opt_host(Host, mod_muc, <<\"x\">>), ?MODULE, f, 1),\n\
                    ejabberd_hooks:add(c, everywhere, ?MODULE, f, 1).\nf(A) -> A.\n";
        assert_eq!(
            one(text),
            [
                "add a gen_mod:get_opt_subhost(Host, Opts, mod_muc:default_host()) mod_a:f/1 1 @3",
                "add b gen_mod:get_module_opt_host(Host, mod_muc, <<\"x\">>) mod_a:f/1 1 @4",
                "add c everywhere mod_a:f/1 1 @5",
            ]
        );
    }

    #[test]
    fn the_arity_is_that_of_the_hook_where_there_are_several() {
        let text = "start(H, _) -> ejabberd_hooks:add(remove_user, H, ?MODULE, gone, 5),\n\
                    ejabberd_hooks:add(remove_user, H, mod_b, gone, 6),\n\
                    ejabberd_hooks:add(nobodys_hook, H, ?MODULE, gone, 7).\n\
                    gone(A) -> A.\ngone(A, _, _) -> A.\n";
        assert_eq!(
            one(text),
            [
                "add remove_user H mod_a:gone/3 5 @1",
                "add remove_user H mod_b:gone/3 6 @2",
                "add nobodys_hook H mod_a:gone/-1 7 @3",
            ]
        );
    }

    #[test]
    fn the_arity_of_an_older_form_comes_next() {
        let text = "start(H, _) -> ejabberd_hooks:add(set_vcard, H, ?MODULE, f, 5).\n\
                    f(A) -> A.\nf(A, _, _) -> A.\n";
        assert_eq!(one(text), ["add set_vcard H mod_a:f/3 5 @1"]);
    }

    #[test]
    fn what_the_old_interface_is_not_told() {
        let text = "start(H, Opts) ->\n ejabberd_hooks:add(maps:get(hooks, Opts)),\n\
                    ejabberd_hooks:add(a, H, maps:get(module, Opts), f, 1).\n";
        assert_eq!(one(text), ["add ?  ?  @2", "add a H ? 1 @3"]);
    }

    #[test]
    fn what_registers_nothing_with_the_old_interface() {
        for text in [
            "t() -> meck:expect(ejabberd_hooks, add, fun(_) -> ok end).",
            "t() -> meck:new(ejabberd_hooks, [passthrough]).",
            "f(H) -> ejabberd_hooks:run(a, H, []), ejabberd_hooks:run_fold(a, H, ok, []).",
            "f(P, A) -> ejabberd_hooks:add_args(P, A).",
            "f() -> {ejabberd_hooks, {ejabberd_hooks, start_link, []}, permanent}.",
            "-spec hooks(binary()) -> [ejabberd_hooks:hook()].\nhooks(_) -> [].",
            "f() -> ok. %% ejabberd_hooks:add(a, H, ?MODULE, f, 1)",
            "f() -> io:format(\"ejabberd_hooks:add(~p)\", [a]).",
            "f(H) -> my_hooks:add(a, H, ?MODULE, f, 1).",
            "f(H) -> timer:tc(ejabberd_hooks, run_fold, [a, H, []]).",
            "-ifdef(NEVER).\nadd(_, _, _, _, _) -> ok.\n-endif.\nf(H) -> add(a, H, ?MODULE, f, 1).",
        ] {
            assert_eq!(one(&format!("{text}\n")), [""; 0], "{text}");
        }
    }

    #[test]
    fn code_that_only_starts_gen_hook_or_runs_hooks_is_not_followed() {
        for text in [
            "init(_) -> gen_hook:start_link().",
            "f(H) -> gen_hook : run_fold(a, H, ok, #{}).",
            "init(_) -> [{gen_hook, start_link, []}].",
            "f() -> fun gen_hook:run_fold/4.",
        ] {
            assert!(!may_register(text), "{text}");
        }
        for text in [
            "f(H) -> gen_hook:add_handlers(hooks(H)).",
            "f(H) -> gen_hook:start_link(), rpc(gen_hook, add_handlers, [hooks(H)]).",
            "f(Action, H) -> gen_hook:Action(hooks(H)).",
            "f(H) -> M = gen_hook, M:add_handlers(hooks(H)).",
            "f(H) -> gen_hook:run_folder(hooks(H)).",
            "f(H) -> gen_hook: % why\n run_fold(a, H, ok, #{}).",
        ] {
            assert!(may_register(text), "{text}");
        }
    }

    #[test]
    fn mocks_and_other_uses_register_nothing() {
        let text = "t() -> meck:expect(gen_hook, add_handlers, fun(_) -> ok end), gen_hook:run_fold(a, global, ok, #{}).\n\
                    -spec g(gen_hook:extra()) -> ok.\ng(_) -> ok.\n";
        assert_eq!(one(text), [""; 0]);
    }

    #[test]
    fn lists_that_hold_themselves_end() {
        for inner in [
            "hooks(H)",
            "[hooks(H)]",
            "[{b, H, fun ?MODULE:f/3, #{}, 2}, hooks(H)]",
            "{hook(H), H, fun ?MODULE:f/3, #{}, 1}",
        ] {
            let text = format!(
                "start(H, _) -> gen_hook:add_handlers(hooks(H)).\n\
                 hooks(H) -> [case H of a -> {{a, H, fun ?MODULE:f/3, #{{}}, 1}}; _ -> {inner} end].\n\
                 hook(H) -> case H of a -> a; b -> hook(H) end.\n"
            );
            assert!(one(&text).iter().any(|line| line.starts_with("add a H mod_a:f/3 1")), "{text}");
        }
    }

    #[test]
    fn broken_forms_cost_themselves_only() {
        let text =
            "g() -> \"stray.\n\nh( -> .\nstart(H, _) -> gen_hook:add_handlers([{a, H, fun ?MODULE:f/3, #{}, 1}]).\n";
        assert_eq!(one(text), ["add a H mod_a:f/3 1 @4"]);
    }
}
