//! Which keys of its parameters a handler really reads.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::{
    At, CallSite, Callee, MAX_CALLS, MAX_NAMES, callee, clauses_of, is_log_macro, outside_logs, takes_any_value,
};
use crate::finding::Place;
use crate::outline::Module;
use crate::project::modules::Modules;
use crate::source::Span;
use crate::syntax::ast::{Ast, Clause, Expr, Fields, Name, NodeId, Nodes, Op};

/// How many calls deep, and through how many calls in all, a single parameter is followed.
const MAX_VALUE_DEPTH: usize = 3;
const MAX_VALUE_CALLS: usize = 50;

/// What a handler does with its parameter map.
#[derive(Clone, Debug, Default)]
pub struct ParamsUse {
    pub reads: Vec<KeyRead>,
    /// The map as a whole goes somewhere where it cannot be followed.
    pub escapes: Vec<Escape>,
    /// For each clause of the handler, the keys that the map must have for its head to match; `None` when it also
    /// depends on values.
    pub open_clauses: Vec<Option<Vec<Name>>>,
}

#[derive(Clone, Debug)]
pub struct Escape {
    pub place: Place,
    /// Where it goes, with its preposition, as in ``to `acme_log:write/2` ``.
    pub to: String,
}

/// One read of a key.
#[derive(Clone, Debug)]
pub struct KeyRead {
    pub key: Name,
    /// The key with its value in a pattern, or the call.
    pub place: Place,
    pub by: ReadBy,
    /// What the value is matched with.
    pub shape: Shape,
    /// Whether the value is used for more than to be compared with atoms, or logged.
    pub used: bool,
    /// The atoms that it is compared with, behind the pattern.
    pub compared: Vec<(Name, Place)>,
    /// What else it is matched with: patterns that are neither atoms nor plain variables.
    pub matched: Vec<Place>,
    /// The whole pattern, or the call: what is read together works or fails together.
    pub together: Span,
    /// Whether the value could as well be taken in the clause's first line: its pattern takes any value, and the guard
    /// and the rest of the head do without.
    pub movable: bool,
    /// Whether a failure for want of the key is caught.
    pub caught: bool,
    /// The clause of the handler whose head reads it, counted from 0; `None` when a body or another function does.
    pub head_of_clause: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadBy {
    /// `#{key := Value}` in a clause's head.
    Head,
    /// `#{key := Value}` matched in a body, or in the head of a called function.
    Pattern,
    /// `maps:get(key, Params)` or `map_get`, which fail without the key.
    Get,
    /// `maps:get(key, Params, Default)`, `maps:find`, `maps:is_key` and their like, which do not fail.
    Lookup,
    /// `Params#{key := Value}`.
    Update,
}

impl ReadBy {
    /// Whether the code goes on when the key is missing.
    #[must_use]
    pub fn tolerates_missing(self) -> bool {
        self == ReadBy::Lookup
    }
}

/// The form of the pattern that a key's value is matched with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `_`, or a name that starts with `_`.
    Ignored,
    Var(Name),
    Atom(Name),
    Tuple(usize),
    Record(Name),
    /// With its keys.
    Map(Vec<Name>),
    Other,
}

impl ParamsUse {
    #[must_use]
    pub fn ignored(&self) -> bool {
        self.reads.is_empty() && self.escapes.is_empty()
    }

    pub fn reads_of<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a KeyRead> {
        self.reads.iter().filter(move |read| read.key == key)
    }
}

/// What the clauses of a handler read of the argument at `index`.
#[must_use]
pub fn of(modules: &Modules, clauses: &[At], index: usize) -> ParamsUse {
    let mut reads = Reads { modules, found: ParamsUse::default(), visited: FxHashSet::default(), caught: false };
    for (number, at) in clauses.iter().enumerate() {
        reads.clause(at, index, Some(number));
        let open = at.clause().and_then(|clause| keys_needed(at.ast(), clause, index));
        reads.found.open_clauses.push(open);
    }
    reads.found
}

/// The keys that a head asks of the map at `index`, when it matches every map that has them: no guard, and nothing
/// asked that depends on the values of the arguments.
fn keys_needed(ast: &Ast, clause: &Clause, index: usize) -> Option<Vec<Name>> {
    let patterns = ast.list(clause.patterns);
    if !clause.guard.is_empty() || !patterns.iter().all(|&pattern| takes_any_value(ast, pattern)) {
        return None;
    }
    let parts = patterns.get(index).map_or_else(Vec::new, |&pattern| match ast.expr(pattern) {
        Expr::Match { left, right } => vec![*left, *right],
        _ => vec![pattern],
    });
    let keys = parts.into_iter().filter_map(|part| match ast.expr(part) {
        Expr::Map { fields, .. } => Some(ast.fields(*fields).iter().map(|field| ast.atom(field.key).cloned())),
        _ => None,
    });
    keys.flatten().collect()
}

/// The read of the key that an argument became, by the argument's pattern in the head of a clause with this number;
/// `None` when nothing is done with it.
pub(super) fn of_argument(at: &At, pattern: NodeId, key: &Name, number: usize) -> Option<KeyRead> {
    let (ast, clause) = (at.ast(), at.clause()?);
    let shape = shape(ast, pattern);
    let value = value_use(at, clause, pattern);
    let is_used = value.used || !value.compared.is_empty();
    let matched = matched(at, Some(pattern), value.matched);
    (is_used && shape != Shape::Ignored).then(|| KeyRead {
        key: key.clone(),
        place: at.place(pattern),
        by: ReadBy::Head,
        used: value.used,
        compared: value.compared,
        matched,
        together: ast.span(pattern),
        movable: is_movable(ast, clause, pattern),
        caught: false,
        head_of_clause: Some(number),
        shape,
    })
}

/// The patterns that a value is matched with: the one that takes it, unless that takes any, and those behind it.
fn matched(at: &At, pattern: Option<NodeId>, behind: Vec<Place>) -> Vec<Place> {
    let own = pattern.filter(|&pattern| !matches!(at.ast().expr(pattern), Expr::Var(_) | Expr::Atom(_)));
    own.map(|pattern| at.place(pattern)).into_iter().chain(behind).collect()
}

struct Reads<'a> {
    modules: &'a Modules,
    found: ParamsUse,
    /// What was looked at: a clause of a module's form, one of its arguments, and whether failures there are caught.
    visited: FxHashSet<(*const Module, Span, usize, bool)>,
    /// Whether failures are caught on the way to where the search is.
    caught: bool,
}

impl Reads<'_> {
    fn clause(&mut self, at: &At, index: usize, number: Option<usize>) {
        let Some(clause) = at.clause() else { return };
        let Some(&pattern) = at.ast().list(clause.patterns).get(index) else { return };
        if !self.visited.insert((Arc::as_ptr(&at.module), clause.span, index, self.caught)) {
            return;
        }
        let mut names = Vec::new();
        let by = if number.is_some() { ReadBy::Head } else { ReadBy::Pattern };
        self.pattern(at, clause, pattern, by, number, &mut names);
        let mut next = 0;
        while let Some(name) = names.get(next).filter(|_| next < MAX_NAMES).cloned() {
            next += 1;
            self.variable(at, clause, &name, &mut names);
        }
    }

    /// Reads in a pattern that the map is matched with, and the variables that stand for the whole map.
    fn pattern(
        &mut self,
        at: &At,
        clause: &Clause,
        mut pattern: NodeId,
        by: ReadBy,
        number: Option<usize>,
        names: &mut Vec<Name>,
    ) {
        let ast = at.ast();
        // As many as stand in a row.
        while let Expr::Match { left, right } = *ast.expr(pattern) {
            self.pattern(at, clause, left, by, number, names);
            pattern = right;
        }
        match ast.expr(pattern) {
            Expr::Map { fields, .. } => self.fields(at, clause, pattern, *fields, by, number),
            Expr::Var(name) if name != "_" && !names.contains(name) => names.push(name.clone()),
            Expr::Macro { name, args } => {
                self.macro_pattern(at, pattern, name, args.map(|args| args.len()), by, number)
            }
            _ => {}
        }
    }

    /// Reads in a pattern that a macro stands for.
    fn macro_pattern(
        &mut self,
        at: &At,
        pattern: NodeId,
        name: &Name,
        arity: Option<usize>,
        by: ReadBy,
        number: Option<usize>,
    ) {
        let definitions = self.modules.definitions(&at.module, name, arity);
        if definitions.is_empty() {
            let to = format!("into the macro `?{name}`, which is not defined in the checked code");
            self.found.escapes.push(Escape { place: at.place(pattern), to });
        }
        for (module, form) in definitions {
            let Ok(ast) = module.ast(form) else { continue };
            for (_, expr) in ast.descend(ast.macro_body()) {
                let Expr::Map { base: None, fields } = expr else { continue };
                for key in ast.fields(*fields).iter().filter_map(|field| ast.atom(field.key)) {
                    let read = self.read(at, pattern, key, by, Shape::Other);
                    self.found.reads.push(KeyRead { head_of_clause: number, ..read });
                }
            }
        }
    }

    fn fields(&mut self, at: &At, clause: &Clause, pattern: NodeId, fields: Fields, by: ReadBy, number: Option<usize>) {
        let ast = at.ast();
        for field in ast.fields(fields) {
            let Some(key) = ast.atom(field.key) else { continue };
            let value = field.value.map_or_else(ValueUse::unknown, |value| value_use(at, clause, value));
            self.found.reads.push(KeyRead {
                key: key.clone(),
                place: at.module.place(field.span),
                by,
                shape: field.value.map_or(Shape::Other, |value| shape(ast, value)),
                used: value.used,
                compared: value.compared,
                matched: matched(at, field.value, value.matched),
                together: ast.span(pattern),
                caught: self.caught || (number.is_none() && at.is_caught(pattern)),
                movable: field.value.is_some_and(|value| is_movable(ast, clause, value)),
                head_of_clause: number,
            });
        }
    }

    /// Reads by way of a variable that stands for the whole map.
    fn variable(&mut self, at: &At, clause: &Clause, name: &Name, names: &mut Vec<Name>) {
        let ast = at.ast();
        let is_it = |id: NodeId| ast.var(id) == Some(name);
        // Reads by calls whose value a node above does something with.
        let mut done = Vec::new();
        // What the head reads was read from its pattern.
        let behind_head = ast.list(clause.guard).iter().chain(ast.list(clause.body)).copied();
        for node in outside_logs(ast, behind_head) {
            match ast.expr(node) {
                Expr::Match { left, right } if is_it(*right) => {
                    self.pattern(at, clause, *left, ReadBy::Pattern, None, names);
                }
                Expr::Match { left, right } if got_key(at, *right, is_it).is_some() => {
                    let value = value_use(at, clause, *left);
                    self.get(at, *right, is_it, shape(ast, *left), value);
                    done.push(*right);
                }
                Expr::Case { subject, clauses } if is_it(*subject) => {
                    for inner in ast.clauses(*clauses) {
                        for &pattern in ast.list(inner.patterns) {
                            self.pattern(at, clause, pattern, ReadBy::Pattern, None, names);
                        }
                    }
                }
                Expr::Case { subject, clauses } if got_key(at, *subject, is_it).is_some() => {
                    let mut value = ValueUse::default();
                    choice(at, ast.clauses(*clauses), &mut value);
                    self.get(at, *subject, is_it, Shape::Other, value);
                    done.push(*subject);
                }
                Expr::Binop { op: Op::Equal | Op::Differ, left, right } => {
                    for (side, other) in [(*left, *right), (*right, *left)] {
                        let Some(atom) = ast.atom(other) else { continue };
                        if got_key(at, side, is_it).is_some() {
                            let compared = vec![(atom.clone(), at.place(other))];
                            self.get(at, side, is_it, Shape::Other, ValueUse { compared, ..ValueUse::default() });
                            done.push(side);
                        }
                    }
                }
                Expr::Map { base: Some(base), fields } if is_it(*base) => {
                    for field in ast.fields(*fields).iter().filter(|field| field.exact) {
                        let one = |key: &Name| self.read(at, node, key, ReadBy::Update, Shape::Other);
                        let read = ast.atom(field.key).map(one);
                        self.found.reads.extend(read);
                    }
                    let to = "into a changed copy of the map".to_owned();
                    self.found.escapes.push(Escape { place: at.place(node), to });
                }
                Expr::Call { .. } if done.contains(&node) => {}
                Expr::Call { .. } if got_key(at, node, is_it).is_some() => {
                    self.get(at, node, is_it, Shape::Other, ValueUse::unknown());
                }
                Expr::Call { module, function, args } => {
                    let called = callee(&at.module, ast, *module, *function);
                    for (position, &arg) in ast.list(*args).iter().enumerate() {
                        if is_it(arg) {
                            self.call(at, node, &called, *args, position);
                        }
                    }
                }
                Expr::Tuple(items) | Expr::List { items, .. } if ast.list(*items).iter().any(|&item| is_it(item)) => {
                    self.found.escapes.push(Escape { place: at.place(node), to: "into a term".to_owned() });
                }
                Expr::Map { fields, .. } | Expr::Record { fields, .. }
                    if ast.fields(*fields).iter().any(|field| field.value.is_some_and(is_it)) =>
                {
                    self.found.escapes.push(Escape { place: at.place(node), to: "into a term".to_owned() });
                }
                _ => {}
            }
        }
    }

    /// A read by a call.
    fn get(&mut self, at: &At, node: NodeId, is_it: impl Fn(NodeId) -> bool, shape: Shape, value: ValueUse) {
        let Some((by, key)) = got_key(at, node, is_it) else { return };
        let read = self.read(at, node, &key, by, shape);
        self.found.reads.push(KeyRead { used: value.used, compared: value.compared, matched: value.matched, ..read });
    }

    fn read(&self, at: &At, node: NodeId, key: &Name, by: ReadBy, shape: Shape) -> KeyRead {
        KeyRead {
            key: key.clone(),
            place: at.place(node),
            by,
            shape,
            used: true,
            compared: Vec::new(),
            matched: Vec::new(),
            together: at.ast().span(node),
            movable: false,
            caught: self.caught || at.is_caught(node),
            head_of_clause: None,
        }
    }

    /// The map is an argument of a call.
    fn call(&mut self, at: &At, node: NodeId, called: &Callee, args: Nodes, position: usize) {
        let ast = at.ast();
        let list = ast.list(args);
        let (module, name) = match called {
            Callee::Local(name) => (None, name),
            Callee::Remote(module, name) => (Some(module), name),
            Callee::Dynamic => {
                let to = "to a function that is known only when the code runs".to_owned();
                return self.found.escapes.push(Escape { place: at.place(node), to });
            }
        };
        if matches!((module.map(Name::as_str), name.as_str()), (None | Some("erlang"), "is_map" | "map_size")) {
            return;
        }
        if module.is_some_and(|module| module == "maps")
            && name == "with"
            && let Some(&keys) = list.first()
            && let Expr::List { items, .. } = ast.expr(keys)
        {
            let keys = ast.list(*items).iter().filter_map(|&key| ast.atom(key));
            let reads: Vec<_> = keys.map(|key| self.read(at, node, key, ReadBy::Lookup, Shape::Other)).collect();
            return self.found.reads.extend(reads);
        }
        let target = match module {
            None => Some(Arc::clone(&at.module)),
            Some(module) => self.modules.module(module, at.module.source().path()),
        };
        let followed = target.filter(|target| target.defines(name, list.len()) && at.depth < MAX_CALLS);
        match followed {
            Some(target) => {
                let caught = self.caught;
                self.caught |= at.is_caught(node);
                let call = Arc::new(CallSite { at: at.clone(), args });
                for mut clause in clauses_of(&target, name, list.len()) {
                    clause.caller = Some(Arc::clone(&call));
                    clause.depth = at.depth + 1;
                    self.clause(&clause, position, None);
                }
                self.caught = caught;
            }
            // Logging shows the map and needs nothing of it.
            None if name == "format" => {}
            None => {
                let to = match module {
                    Some(module) => format!("to `{module}:{name}/{}`", list.len()),
                    None => format!("to `{name}/{}`", list.len()),
                };
                self.found.escapes.push(Escape { place: at.place(node), to });
            }
        }
    }
}

/// The key that a call takes out of the map, as `maps:get/2` does, and whether it fails without the key.
fn got_key(at: &At, node: NodeId, is_it: impl Fn(NodeId) -> bool) -> Option<(ReadBy, Name)> {
    let ast = at.ast();
    let Expr::Call { module, function, args } = ast.expr(node) else { return None };
    let args = ast.list(*args);
    let key = args.first().and_then(|&arg| ast.atom(arg))?;
    if !args.iter().any(|&arg| is_it(arg)) {
        return None;
    }
    let called = callee(&at.module, ast, *module, *function);
    let (module, name) = match &called {
        Callee::Local(name) => (None, name),
        Callee::Remote(module, name) => (Some(module.as_str()), name),
        Callee::Dynamic => return None,
    };
    let by = match (module, name.as_str(), args.len()) {
        (Some("maps"), "get", 2) | (None | Some("erlang"), "map_get", 2) => ReadBy::Get,
        (Some("maps"), "update", 3) => ReadBy::Get,
        (Some("maps"), "get" | "find" | "take" | "is_key", _) | (None | Some("erlang"), "is_map_key", 2) => {
            ReadBy::Lookup
        }
        _ => return None,
    };
    Some((by, key.clone()))
}

fn shape(ast: &Ast, mut pattern: NodeId) -> Shape {
    // The first in a row that says more than a name.
    while let Expr::Match { left, right } = *ast.expr(pattern) {
        match shape(ast, left) {
            Shape::Var(_) | Shape::Ignored => pattern = right,
            known => return known,
        }
    }
    match ast.expr(pattern) {
        Expr::Var(name) if name.starts_with('_') => Shape::Ignored,
        Expr::Var(name) => Shape::Var(name.clone()),
        Expr::Atom(name) => Shape::Atom(name.clone()),
        Expr::Tuple(items) => Shape::Tuple(items.len()),
        Expr::Record { name, .. } => Shape::Record(name.clone()),
        Expr::Map { fields, .. } => {
            Shape::Map(ast.fields(*fields).iter().filter_map(|field| ast.atom(field.key).cloned()).collect())
        }
        _ => Shape::Other,
    }
}

/// What is done with a value.
#[derive(Default)]
struct ValueUse {
    /// More than to compare it with atoms.
    used: bool,
    compared: Vec<(Name, Place)>,
    matched: Vec<Place>,
    /// How many functions it was followed into.
    calls: usize,
}

impl ValueUse {
    fn unknown() -> Self {
        Self { used: true, ..Self::default() }
    }
}

/// What is done with a value that a pattern takes.
fn value_use(at: &At, clause: &Clause, pattern: NodeId) -> ValueUse {
    match shape(at.ast(), pattern) {
        Shape::Ignored => ValueUse::default(),
        Shape::Var(name) => {
            let mut found = ValueUse::default();
            variable_use(at, clause, &name, pattern, &mut found);
            found
        }
        _ => ValueUse::unknown(),
    }
}

/// What a clause does with a variable, besides binding it at `bound`.
fn variable_use(at: &At, clause: &Clause, name: &Name, bound: NodeId, found: &mut ValueUse) {
    let ast = at.ast();
    let is_it = |id: NodeId| ast.var(id) == Some(name);
    let mut stack = Vec::new();
    ast.parts_of_clause(clause, &mut stack);
    let mut children = Vec::new();
    while let Some(node) = stack.pop() {
        if node == bound {
            continue;
        }
        children.clear();
        ast.children(node, &mut children);
        match ast.expr(node) {
            Expr::Macro { name, .. } if is_log_macro(name) => continue,
            Expr::Var(_) if is_it(node) => found.used = true,
            Expr::Binop { op: Op::Equal | Op::Differ, left, right } => {
                for (side, other) in [(*left, *right), (*right, *left)] {
                    if let Some(atom) = ast.atom(other).filter(|_| is_it(side)) {
                        found.compared.push((atom.clone(), at.place(other)));
                        children.retain(|&child| child != side);
                    }
                }
            }
            Expr::Case { subject, clauses } if is_it(*subject) => {
                choice(at, ast.clauses(*clauses), found);
                children.retain(|child| child != subject);
            }
            Expr::Call { module, function, args } => {
                if let Callee::Local(function) = callee(&at.module, ast, *module, *function) {
                    let positions = ast.list(*args).iter().enumerate().filter(|(_, arg)| is_it(**arg));
                    for (index, _) in positions {
                        if argument_use(at, &function, args.len(), index, found) {
                            children.retain(|&child| child != ast.list(*args)[index]);
                        }
                    }
                }
            }
            _ => {}
        }
        stack.extend(&children);
    }
}

/// A `case` over the value: comparisons, as long as its patterns are atoms.
fn choice(at: &At, clauses: &[Clause], found: &mut ValueUse) {
    let ast = at.ast();
    for &pattern in clauses.iter().flat_map(|clause| ast.list(clause.patterns)) {
        match ast.expr(pattern) {
            Expr::Atom(atom) => found.compared.push((atom.clone(), at.place(pattern))),
            Expr::Var(var) if var.starts_with('_') => {}
            expr => {
                found.used = true;
                if !matches!(expr, Expr::Var(_)) {
                    found.matched.push(at.place(pattern));
                }
            }
        }
    }
}

/// The value is an argument of a function of the module. Returns whether that is all comparisons in its heads and bodies.
fn argument_use(at: &At, function: &Name, arity: usize, index: usize, found: &mut ValueUse) -> bool {
    found.calls += 1;
    let too_far = at.depth >= MAX_VALUE_DEPTH || found.calls > MAX_VALUE_CALLS || at.calls(function, arity);
    if too_far || !at.module.defines(function, arity) {
        return false;
    }
    for mut clause in clauses_of(&at.module, function, arity) {
        clause.caller = Some(Arc::new(CallSite { at: at.clone(), args: Nodes::default() }));
        clause.depth = at.depth + 1;
        let Some(content) = clause.clause() else { continue };
        let ast = clause.ast();
        let Some(&pattern) = ast.list(content.patterns).get(index) else { continue };
        match ast.expr(pattern) {
            Expr::Atom(atom) => found.compared.push((atom.clone(), clause.place(pattern))),
            Expr::Var(var) if var.starts_with('_') => {}
            Expr::Var(var) => variable_use(&clause, content, &var.clone(), pattern, found),
            _ => {
                found.used = true;
                found.matched.push(clause.place(pattern));
            }
        }
    }
    true
}

/// Whether what a head's pattern takes could be taken in the body instead.
fn is_movable(ast: &Ast, clause: &Clause, pattern: NodeId) -> bool {
    let names: Vec<&Name> =
        ast.descend([pattern]).filter_map(|(id, _)| ast.var(id)).filter(|name| *name != "_").collect();
    let head = ast.list(clause.patterns).iter().chain(ast.list(clause.guard)).copied();
    let needed = |name: &Name| ast.descend(head.clone()).filter(|(id, _)| ast.var(*id) == Some(name)).count() > 1;
    takes_any_value(ast, pattern) && !names.into_iter().any(needed)
}
