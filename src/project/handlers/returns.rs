//! What a handler returns on each path.

use super::contract::Contract;
use super::leaves::{Leaf, Leaves};
use super::{At, branch_around, is_result_drop};
use crate::finding::Place;
use crate::project::modules::Modules;
use crate::syntax::ast::{Ast, Clause, Expr, NodeId, Op};

/// One way in which a handler returns.
#[derive(Clone, Debug)]
pub struct ReturnPath {
    pub what: Return,
    pub place: Place,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Return {
    /// `{ok, Payload}`; of a handler with positional arguments, the payload alone.
    Ok(Payload),
    /// `{stop, Payload}`; of a handler with positional arguments also `stop`.
    Stop(Payload),
    /// Neither, and what it is instead.
    Untagged(String),
    /// Cannot be followed, and why.
    Unknown(String),
}

/// What stands in the returned tuple.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Payload {
    /// It is, on every path, the accumulator that the handler was given.
    pub unchanged: bool,
    /// It is, on some path, the accumulator that the handler was given.
    pub can_be_unchanged: bool,
    /// It can be the atom `drop`.
    pub drop: bool,
    /// The atom `drop` stands in the tuple itself.
    pub drop_is_literal: bool,
    /// It can be an accumulator with `hook`/`result` set to `drop`.
    pub result_drop: bool,
}

/// The functions of the server that return an accumulator without a tag.
const BARE_ACCUMULATOR: [(&str, &[&str]); 4] = [
    ("mongoose_acc", &["set", "set_permanent", "append", "delete", "strip", "update_stanza", "set_statem_acc"]),
    ("mongoose_c2s_acc", &["to_acc", "to_acc_many"]),
    ("ejabberd_router", &["route", "route_error", "route_error_reply"]),
    ("mongoose_disco", &["add_features", "add_identities", "add_info", "add_items"]),
];

/// What the clauses of a handler return that is neither tagged with `ok` nor with `stop`.
///
/// This does not ask what stands in the tuples, for which many more functions have to be parsed than to know where
/// they come from.
#[must_use]
pub fn untagged(modules: &Modules, clauses: &[At]) -> Vec<(String, Place)> {
    let mut found = Vec::new();
    let leaves = clauses.iter().flat_map(|clause| Leaves::of_clause(modules, clause));
    for path in leaves.flat_map(|leaf| classify(modules, leaf, |_, _| Payload::default())) {
        if let Return::Untagged(what) = path.what
            && !found.iter().any(|(known, place): &(_, Place)| *known == what && place.span == path.place.span)
        {
            found.push((what, path.place));
        }
    }
    found
}

/// What the clauses of a handler return.
#[must_use]
pub fn of(modules: &Modules, clauses: &[At], contract: Contract) -> Vec<ReturnPath> {
    let mut paths: Vec<ReturnPath> = Vec::new();
    for clause in clauses {
        let for_dropped = is_for_dropped(modules, clause);
        for leaf in Leaves::of_clause(modules, clause) {
            let payload = |at: &At, node| payload(modules, at, node);
            let classified = match contract {
                Contract::Map => classify(modules, leaf, payload),
                Contract::Positional(_) => classify_bare(modules, leaf, payload),
            };
            for mut path in classified {
                if let (true, Return::Ok(payload)) = (for_dropped, &mut path.what) {
                    payload.drop = false;
                }
                let known = |known: &ReturnPath| known.place.span == path.place.span && known.what == path.what;
                if !paths.iter().any(known) {
                    paths.push(path);
                }
            }
        }
    }
    paths
}

fn is_drop(ast: &Ast, node: NodeId) -> bool {
    ast.atom(node).is_some_and(|atom| atom == "drop")
}

/// Whether a pattern takes the atom `drop` and nothing else.
fn takes_drop(ast: &Ast, pattern: NodeId) -> bool {
    match ast.expr(pattern) {
        Expr::Match { left, right } => is_drop(ast, *left) || is_drop(ast, *right),
        _ => is_drop(ast, pattern),
    }
}

/// Whether a value is the accumulator that the handler was given.
fn is_accumulator(modules: &Modules, at: &At, node: NodeId) -> bool {
    let leaves = Leaves::of(modules, at, node);
    !leaves.is_empty() && leaves.iter().all(|leaf| matches!(leaf, Leaf::Argument(0, _)))
}

/// Whether a clause of a function is there for stanzas that an earlier handler dropped: it drops nothing itself.
fn is_for_dropped(modules: &Modules, at: &At) -> bool {
    let (ast, Some(clause)) = (at.ast(), at.clause()) else { return false };
    let given = |index: usize| match &at.caller {
        None => index == 0,
        Some(call) => {
            let arg = call.at.ast().list(call.args).get(index);
            arg.is_some_and(|&arg| is_accumulator(modules, &call.at, arg))
        }
    };
    let patterns = ast.list(clause.patterns).iter().enumerate();
    let by_pattern = patterns.filter(|(_, pattern)| takes_drop(ast, **pattern)).any(|(index, _)| given(index));
    let by_guard = ast.list(clause.guard).iter().any(|&guard| match *ast.expr(guard) {
        Expr::Binop { op: Op::Equal, left, right } => [(left, right), (right, left)]
            .into_iter()
            .any(|(side, other)| is_drop(ast, side) && is_accumulator(modules, at, other)),
        _ => false,
    });
    by_pattern || by_guard
}

fn classify(modules: &Modules, leaf: Leaf, payload: impl Fn(&At, NodeId) -> Payload) -> Vec<ReturnPath> {
    let one = |what, place| vec![ReturnPath { what, place }];
    match leaf {
        Leaf::Unknown(place, why) => one(Return::Unknown(why), place),
        Leaf::Argument(0, place) => one(Return::Untagged("the accumulator itself".into()), place),
        Leaf::Argument(_, place) => one(Return::Untagged("one of its arguments".into()), place),
        Leaf::Node(at, node) => {
            let paths = tagged(modules, &at, node, payload).unwrap_or_else(|| vec![classify_node(&at, node)]);
            paths.into_iter().map(|what| ReturnPath { what, place: at.place(node) }).collect()
        }
    }
}

/// The same of a handler whose result is the new accumulator itself, unless it stops.
fn classify_bare(modules: &Modules, leaf: Leaf, payload: impl Fn(&At, NodeId) -> Payload) -> Vec<ReturnPath> {
    let unchanged = Payload { unchanged: true, can_be_unchanged: true, ..Payload::default() };
    let (what, place) = match leaf {
        Leaf::Unknown(place, why) => (vec![Return::Unknown(why)], place),
        Leaf::Argument(0, place) => (vec![Return::Ok(unchanged)], place),
        Leaf::Argument(_, place) => (vec![Return::Ok(Payload::default())], place),
        Leaf::Node(at, node) => (bare(modules, &at, node, payload), at.place(node)),
    };
    what.into_iter().map(|what| ReturnPath { what, place: place.clone() }).collect()
}

fn bare(modules: &Modules, at: &At, node: NodeId, payload: impl Fn(&At, NodeId) -> Payload) -> Vec<Return> {
    if at.ast().atom(node).is_some_and(|atom| atom == "stop") {
        return vec![Return::Stop(Payload::default())];
    }
    let itself = |what| match what {
        Return::Ok(_) | Return::Untagged(_) => Return::Ok(payload(at, node)),
        what => what,
    };
    match tagged(modules, at, node, &payload) {
        // A pair with any other tag is a value like others.
        Some(results) => results.into_iter().map(itself).collect(),
        None => vec![itself(classify_node(at, node))],
    }
}

/// The results that a pair stands for: several when its tag comes out of a variable or a call.
fn tagged(modules: &Modules, pair: &At, node: NodeId, payload: impl Fn(&At, NodeId) -> Payload) -> Option<Vec<Return>> {
    let ast = pair.ast();
    let Expr::Tuple(items) = ast.expr(node) else { return None };
    let [tag, value] = *ast.list(*items) else { return None };
    let tags = match ast.expr(tag) {
        Expr::Atom(_) => vec![Leaf::Node(pair.clone(), tag)],
        _ => Leaves::of(modules, pair, tag),
    };
    let by_tag = |leaf: &Leaf| match leaf {
        Leaf::Node(at, node) => match at.ast().atom(*node) {
            Some(tag) if tag == "ok" => Return::Ok(payload(pair, value)),
            Some(tag) if tag == "stop" => Return::Stop(payload(pair, value)),
            Some(tag) => Return::Untagged(format!("a tuple with the tag `{tag}`")),
            None => Return::Unknown("the tuple's tag is known only when the code runs".into()),
        },
        _ => Return::Unknown("the tuple's tag is known only when the code runs".into()),
    };
    Some(tags.iter().map(by_tag).collect())
}

fn classify_node(at: &At, node: NodeId) -> Return {
    let ast = at.ast();
    match ast.expr(node) {
        Expr::Tuple(items) => Return::Untagged(format!("a tuple of {} elements", items.len())),
        Expr::Macro { name, .. } => Return::Untagged(format!("the atom `ok`, as ?{name} does,")),
        Expr::Atom(atom) => Return::Untagged(format!("the atom `{atom}`")),
        Expr::Map { .. } => Return::Untagged("a map".into()),
        Expr::List { .. } | Expr::Comprehension { .. } | Expr::String(_) => Return::Untagged("a list".into()),
        Expr::Record { name, .. } => Return::Untagged(format!("a record #{name}{{}}")),
        Expr::Integer(_) | Expr::Float => Return::Untagged("a number".into()),
        Expr::Binary(_) | Expr::Bits(_) => Return::Untagged("a binary".into()),
        Expr::Fun { .. } | Expr::FunRef { .. } => Return::Untagged("a fun".into()),
        Expr::Binop { .. } | Expr::Unop { .. } => Return::Untagged("the value of an operator".into()),
        Expr::Call { module: Some(module), function, args } => match (ast.atom(*module), ast.atom(*function)) {
            (Some(module), Some(function)) if returns_bare_accumulator(module, function) => {
                Return::Untagged(format!("the accumulator that {module}:{function}/{} returns", args.len()))
            }
            (Some(module), Some(function)) => {
                Return::Unknown(format!("{module}:{function}/{} is not part of the checked code", args.len()))
            }
            _ => Return::Unknown("the called function is known only when the code runs".into()),
        },
        _ => Return::Unknown("it is known only when the code runs".into()),
    }
}

/// Whether a function of the server returns an accumulator without a tag.
#[must_use]
pub fn returns_bare_accumulator(module: &str, function: &str) -> bool {
    BARE_ACCUMULATOR.iter().any(|(known, functions)| module == *known && functions.contains(&function))
}

fn payload(modules: &Modules, at: &At, node: NodeId) -> Payload {
    let ast = at.ast();
    let drops = |leaf: &Leaf| match leaf {
        // In a clause for stanzas that were dropped before, it is passed on.
        Leaf::Node(at, node) => is_drop(at.ast(), *node) && !passes_drop_on(modules, at, *node),
        _ => false,
    };
    let leaves = Leaves::of(modules, at, node);
    Payload {
        unchanged: !leaves.is_empty() && leaves.iter().all(|leaf| matches!(leaf, Leaf::Argument(0, _))),
        can_be_unchanged: leaves.iter().any(|leaf| matches!(leaf, Leaf::Argument(0, _))),
        drop: !drop_was_taken(at, node) && leaves.iter().any(drops),
        drop_is_literal: matches!(ast.expr(node), Expr::Atom(atom) if atom == "drop"),
        result_drop: leaves.iter().any(|leaf| matches!(leaf, Leaf::Node(at, node) if is_result_drop(at.ast(), *node))),
    }
}

/// Whether an expression stands where the accumulator is known to be `drop`: in a branch, or in a function that was
/// called with it.
fn passes_drop_on(modules: &Modules, at: &At, node: NodeId) -> bool {
    let ast = at.ast();
    let in_branch = at.path_to(node).into_iter().any(|around| {
        let Expr::Case { subject, clauses } = ast.expr(around) else { return false };
        let own = branch_around(ast.clauses(*clauses), ast.span(node));
        let pattern = own.and_then(|own| ast.list(own.patterns).first());
        pattern.is_some_and(|&pattern| takes_drop(ast, pattern)) && is_accumulator(modules, at, *subject)
    });
    in_branch || is_for_dropped(modules, at)
}

/// Whether a variable is returned in a clause of a `case` over itself, and a clause before took `drop`.
fn drop_was_taken(at: &At, node: NodeId) -> bool {
    let ast = at.ast();
    let Some(name) = ast.var(node) else { return false };
    at.path_to(node).into_iter().any(|around| {
        let Expr::Case { subject, clauses } = ast.expr(around) else { return false };
        if ast.var(*subject) != Some(name) {
            return false;
        }
        let clauses = ast.clauses(*clauses);
        let own = branch_around(clauses, ast.span(node));
        let takes_drop = |clause: &Clause| {
            let pattern = ast.list(clause.patterns).first();
            clause.guard.is_empty() && pattern.is_some_and(|&pattern| takes_drop(ast, pattern))
        };
        let before = own.map_or(0, |own| clauses.partition_point(|clause| clause.span.end <= own.span.start));
        clauses[..before].iter().any(takes_drop)
    })
}
