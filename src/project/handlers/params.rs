//! Which keys of its parameters a handler really reads.

use std::sync::Arc;

use super::{At, CallSite, Callee, MAX_CALLS, callee, clauses_of};
use crate::finding::Place;
use crate::project::modules::Modules;
use crate::syntax::ast::{Ast, Clause, Expr, Fields, Name, NodeId, Nodes};

/// What a handler does with its parameter map.
#[derive(Clone, Debug, Default)]
pub struct ParamsUse {
    pub reads: Vec<KeyRead>,
    /// The map as a whole goes somewhere where it cannot be followed.
    pub escapes: Vec<Escape>,
    /// For each clause of the handler, whether its head matches whatever the map holds.
    pub open_clauses: Vec<bool>,
}

#[derive(Clone, Debug)]
pub struct Escape {
    pub place: Place,
    /// Where it goes, as in `acme_log:write/2`.
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
    /// Whether the value is used for more than to be compared with atoms.
    pub used: bool,
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
    let mut found = ParamsUse::default();
    for (number, at) in clauses.iter().enumerate() {
        let open = clause_reads(modules, at, index, Some(number), &mut found);
        found.open_clauses.push(open);
    }
    found
}

/// Returns whether the head matches any map.
fn clause_reads(modules: &Modules, at: &At, index: usize, number: Option<usize>, found: &mut ParamsUse) -> bool {
    let Some(clause) = at.clause() else { return true };
    let ast = at.ast();
    let Some(&pattern) = ast.list(clause.patterns).get(index) else { return true };
    let mut names = Vec::new();
    let by = if number.is_some() { ReadBy::Head } else { ReadBy::Pattern };
    let open = pattern_reads(at, clause, pattern, by, number, &mut names, found);
    let mut next = 0;
    while let Some(name) = names.get(next).cloned() {
        next += 1;
        variable_reads(modules, at, clause, &name, &mut names, found);
    }
    open
}

/// Reads in a pattern that the map is matched with, and the variables that stand for the whole map.
fn pattern_reads(
    at: &At,
    clause: &Clause,
    pattern: NodeId,
    by: ReadBy,
    number: Option<usize>,
    names: &mut Vec<Name>,
    found: &mut ParamsUse,
) -> bool {
    let ast = at.ast();
    match ast.expr(pattern) {
        Expr::Map { fields, .. } => {
            field_reads(at, clause, *fields, by, number, found);
            ast.fields(*fields).is_empty()
        }
        Expr::Match { left, right } => {
            let first = pattern_reads(at, clause, *left, by, number, names, found);
            first & pattern_reads(at, clause, *right, by, number, names, found)
        }
        Expr::Var(name) => {
            if name != "_" && !names.contains(name) {
                names.push(name.clone());
            }
            true
        }
        _ => false,
    }
}

fn field_reads(at: &At, clause: &Clause, fields: Fields, by: ReadBy, number: Option<usize>, found: &mut ParamsUse) {
    let ast = at.ast();
    for field in ast.fields(fields) {
        let Some(key) = ast.atom(field.key) else { continue };
        let shape = field.value.map_or(Shape::Other, |value| shape(ast, value));
        let used = match &shape {
            Shape::Ignored => false,
            Shape::Var(name) => is_used(ast, clause, name),
            _ => true,
        };
        found.reads.push(KeyRead {
            key: key.clone(),
            place: at.module.place(field.span),
            by,
            shape,
            used,
            head_of_clause: number,
        });
    }
}

fn shape(ast: &Ast, pattern: NodeId) -> Shape {
    match ast.expr(pattern) {
        Expr::Var(name) if name.starts_with('_') => Shape::Ignored,
        Expr::Var(name) => Shape::Var(name.clone()),
        Expr::Atom(name) => Shape::Atom(name.clone()),
        Expr::Tuple(items) => Shape::Tuple(items.len()),
        Expr::Record { name, .. } => Shape::Record(name.clone()),
        Expr::Map { fields, .. } => {
            Shape::Map(ast.fields(*fields).iter().filter_map(|field| ast.atom(field.key).cloned()).collect())
        }
        Expr::Match { left, right } => match (shape(ast, *left), shape(ast, *right)) {
            (Shape::Var(_) | Shape::Ignored, other) | (other, _) => other,
        },
        _ => Shape::Other,
    }
}

/// Whether a variable occurs, besides where it is bound, in anything but a comparison with an atom.
fn is_used(ast: &Ast, clause: &Clause, name: &Name) -> bool {
    let (mut uses, mut comparisons) = (0, 0);
    for (_, expr) in ast.descend_clause(clause) {
        match expr {
            Expr::Var(var) if var == name => uses += 1,
            Expr::Binop { left, right, .. } => {
                let is_name = |id: NodeId| ast.var(id).is_some_and(|var| var == name);
                let is_atom = |id: NodeId| ast.atom(id).is_some();
                if (is_name(*left) && is_atom(*right)) || (is_atom(*left) && is_name(*right)) {
                    comparisons += 1;
                }
            }
            Expr::Case { subject, clauses } if ast.var(*subject).is_some_and(|var| var == name) => {
                let plain = |clause: &Clause| {
                    ast.list(clause.patterns).iter().all(|&pattern| match ast.expr(pattern) {
                        Expr::Atom(_) => true,
                        Expr::Var(var) => var.starts_with('_'),
                        _ => false,
                    })
                };
                if ast.clauses(*clauses).iter().all(plain) {
                    comparisons += 1;
                }
            }
            _ => {}
        }
    }
    uses > 1 + comparisons
}

/// Reads by way of a variable that stands for the whole map.
fn variable_reads(
    modules: &Modules,
    at: &At,
    clause: &Clause,
    name: &Name,
    names: &mut Vec<Name>,
    found: &mut ParamsUse,
) {
    let ast = at.ast();
    let is_it = |id: NodeId| ast.var(id).is_some_and(|var| var == name);
    // What the head reads was read from its pattern.
    let behind_head = ast.list(clause.guard).iter().chain(ast.list(clause.body)).copied();
    for (node, expr) in ast.descend(behind_head) {
        match expr {
            Expr::Match { left, right } if is_it(*right) => {
                pattern_reads(at, clause, *left, ReadBy::Pattern, None, names, found);
            }
            Expr::Case { subject, clauses } if is_it(*subject) => {
                for inner in ast.clauses(*clauses) {
                    for &pattern in ast.list(inner.patterns) {
                        pattern_reads(at, clause, pattern, ReadBy::Pattern, None, names, found);
                    }
                }
            }
            Expr::Map { base: Some(base), fields } if is_it(*base) => {
                for field in ast.fields(*fields).iter().filter(|field| field.exact) {
                    let one = |key: &Name| read(at, node, key, ReadBy::Update, Shape::Other);
                    found.reads.extend(ast.atom(field.key).map(one));
                }
                let to = "a changed copy of the map".to_owned();
                found.escapes.push(Escape { place: at.place(node), to });
            }
            Expr::Call { module, function, args } => {
                let called = callee(&at.module, ast, *module, *function);
                for (position, &arg) in ast.list(*args).iter().enumerate() {
                    if is_it(arg) {
                        call_reads(modules, at, node, &called, *args, position, found);
                    }
                }
            }
            Expr::Tuple(items) | Expr::List { items, .. } if ast.list(*items).iter().any(|&item| is_it(item)) => {
                found.escapes.push(Escape { place: at.place(node), to: "a term".to_owned() });
            }
            Expr::Map { fields, .. } | Expr::Record { fields, .. }
                if ast.fields(*fields).iter().any(|field| field.value.is_some_and(is_it)) =>
            {
                found.escapes.push(Escape { place: at.place(node), to: "a term".to_owned() });
            }
            _ => {}
        }
    }
}

fn read(at: &At, node: NodeId, key: &Name, by: ReadBy, shape: Shape) -> KeyRead {
    KeyRead { key: key.clone(), place: at.place(node), by, shape, used: true, head_of_clause: None }
}

/// The map is an argument of a call.
fn call_reads(
    modules: &Modules,
    at: &At,
    node: NodeId,
    called: &Callee,
    args: Nodes,
    position: usize,
    found: &mut ParamsUse,
) {
    let ast = at.ast();
    let list = ast.list(args);
    let first = list.first().and_then(|&arg| ast.atom(arg));
    let (module, name) = match called {
        Callee::Local(name) => (None, name),
        Callee::Remote(module, name) => (Some(module), name),
        Callee::Dynamic => {
            let to = "a function that is known only when the code runs".to_owned();
            return found.escapes.push(Escape { place: at.place(node), to });
        }
    };
    let by = match (module.map(Name::as_str), name.as_str(), list.len()) {
        (Some("maps"), "get", 2) | (None | Some("erlang"), "map_get", 2) => Some(ReadBy::Get),
        (Some("maps"), "take" | "update", _) => Some(ReadBy::Get),
        (Some("maps"), "get" | "find" | "is_key", _) | (None | Some("erlang"), "is_map_key", 2) => Some(ReadBy::Lookup),
        (None | Some("erlang"), "is_map" | "map_size", 1) => return,
        _ => None,
    };
    if let (Some(by), Some(key)) = (by, first) {
        return found.reads.push(read(at, node, key, by, Shape::Other));
    }
    if module.is_some_and(|module| module == "maps")
        && name == "with"
        && let Some(&keys) = list.first()
        && let Expr::List { items, .. } = ast.expr(keys)
    {
        let keys = ast.list(*items).iter().filter_map(|&key| ast.atom(key));
        return found.reads.extend(keys.map(|key| read(at, node, key, ReadBy::Lookup, Shape::Other)));
    }
    let target = match module {
        None => Some(Arc::clone(&at.module)),
        Some(module) => modules.module(module, at.module.source().path()),
    };
    let followed = target.filter(|target| target.defines(name, list.len()) && at.depth < MAX_CALLS);
    match followed {
        Some(target) if !calls_itself(at, name, list.len()) => {
            let call = Arc::new(CallSite { at: at.clone(), args });
            for mut clause in clauses_of(&target, name, list.len()) {
                clause.caller = Some(Arc::clone(&call));
                clause.depth = at.depth + 1;
                clause_reads(modules, &clause, position, None, found);
            }
        }
        Some(_) => {}
        // Logging shows the map and needs nothing of it.
        None if name == "format" => {}
        None => {
            let to = match module {
                Some(module) => format!("{module}:{name}/{}", list.len()),
                None => format!("{name}/{}", list.len()),
            };
            found.escapes.push(Escape { place: at.place(node), to });
        }
    }
}

/// Whether a function is on the way from the handler to here already.
fn calls_itself(at: &At, name: &Name, arity: usize) -> bool {
    let mut current = Some(at);
    while let Some(at) = current {
        if at.function() == (name.clone(), arity) {
            return true;
        }
        current = at.caller.as_deref().map(|call| &call.at);
    }
    false
}
