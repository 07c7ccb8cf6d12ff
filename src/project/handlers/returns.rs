//! What a handler returns on each path.

use super::leaves::{Leaf, Leaves};
use super::{At, is_result_drop};
use crate::finding::Place;
use crate::project::modules::Modules;
use crate::syntax::ast::{Expr, Name, NodeId};

/// One way in which a handler returns.
#[derive(Clone, Debug)]
pub struct ReturnPath {
    pub what: Return,
    pub place: Place,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Return {
    /// `{ok, Payload}`.
    Ok(Payload),
    /// `{stop, Payload}`.
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

/// The functions of `mongoose_acc` and `mongoose_c2s_acc` that return an accumulator without a tag.
const BARE_ACCUMULATOR: [(&str, &[&str]); 2] = [
    ("mongoose_acc", &["set", "set_permanent", "append", "delete", "strip", "update_stanza", "set_statem_acc"]),
    ("mongoose_c2s_acc", &["to_acc", "to_acc_many"]),
];

/// What the clauses of a handler return that is neither tagged with `ok` nor with `stop`.
///
/// This does not ask what stands in the tuples, for which many more functions have to be parsed than to know where
/// they come from.
#[must_use]
pub fn untagged(modules: &Modules, clauses: &[At]) -> Vec<(String, Place)> {
    let mut found = Vec::new();
    for leaf in clauses.iter().flat_map(|clause| Leaves::of_clause(modules, clause)) {
        let path = classify(leaf, |_, _| Payload::default());
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
pub fn of(modules: &Modules, clauses: &[At]) -> Vec<ReturnPath> {
    let mut paths: Vec<ReturnPath> = Vec::new();
    for clause in clauses {
        let passes_drop_on = takes_drop(clause);
        for leaf in Leaves::of_clause(modules, clause) {
            let mut path = classify(leaf, |at, node| payload(modules, at, node));
            if let (true, Return::Ok(payload)) = (passes_drop_on, &mut path.what) {
                payload.drop = false;
            }
            let known = |known: &ReturnPath| known.place.span == path.place.span && known.what == path.what;
            if !paths.iter().any(known) {
                paths.push(path);
            }
        }
    }
    paths
}

/// Whether a clause is there for stanzas that an earlier handler dropped: it drops nothing itself.
fn takes_drop(at: &At) -> bool {
    let first = at.clause().and_then(|clause| at.ast().list(clause.patterns).first().copied());
    first.is_some_and(|pattern| at.ast().atom(pattern).is_some_and(|atom| atom == "drop"))
}

fn classify(leaf: Leaf, payload: impl Fn(&At, NodeId) -> Payload) -> ReturnPath {
    match leaf {
        Leaf::Unknown(place, why) => ReturnPath { what: Return::Unknown(why), place },
        Leaf::Argument(0, place) => ReturnPath { what: Return::Untagged("the accumulator itself".into()), place },
        Leaf::Argument(_, place) => ReturnPath { what: Return::Untagged("one of its arguments".into()), place },
        Leaf::Node(at, node) => ReturnPath { what: classify_node(&at, node, payload), place: at.place(node) },
    }
}

fn classify_node(at: &At, node: NodeId, payload: impl Fn(&At, NodeId) -> Payload) -> Return {
    let ast = at.ast();
    match ast.expr(node) {
        Expr::Tuple(items) => match ast.list(*items) {
            [tag, value] => match ast.expr(*tag) {
                Expr::Atom(tag) if tag == "ok" => Return::Ok(payload(at, *value)),
                Expr::Atom(tag) if tag == "stop" => Return::Stop(payload(at, *value)),
                Expr::Atom(tag) => Return::Untagged(format!("a tuple with the tag `{tag}`")),
                _ => Return::Unknown("the tuple's tag is known only when the code runs".into()),
            },
            items => Return::Untagged(format!("a tuple of {} elements", items.len())),
        },
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

fn returns_bare_accumulator(module: &Name, function: &Name) -> bool {
    BARE_ACCUMULATOR.iter().any(|(known, functions)| module == known && functions.contains(&function.as_str()))
}

fn payload(modules: &Modules, at: &At, node: NodeId) -> Payload {
    let ast = at.ast();
    let is_drop = |at: &At, node: NodeId| at.ast().atom(node).is_some_and(|atom| atom == "drop");
    let leaves = Leaves::of(modules, at, node);
    Payload {
        unchanged: !leaves.is_empty() && leaves.iter().all(|leaf| matches!(leaf, Leaf::Argument(0, _))),
        can_be_unchanged: leaves.iter().any(|leaf| matches!(leaf, Leaf::Argument(0, _))),
        drop: !drop_was_taken(at, node)
            && leaves.iter().any(|leaf| matches!(leaf, Leaf::Node(at, node) if is_drop(at, *node))),
        drop_is_literal: matches!(ast.expr(node), Expr::Atom(atom) if atom == "drop"),
        result_drop: leaves.iter().any(|leaf| matches!(leaf, Leaf::Node(at, node) if is_result_drop(at.ast(), *node))),
    }
}

/// Whether a variable is returned in a clause of a `case` over itself, and a clause before took `drop`.
fn drop_was_taken(at: &At, node: NodeId) -> bool {
    let ast = at.ast();
    let (Some(name), Some(clause)) = (ast.var(node), at.clause()) else { return false };
    ast.descend_clause(clause).any(|(_, expr)| {
        let Expr::Case { subject, clauses } = expr else { return false };
        if ast.var(*subject) != Some(name) {
            return false;
        }
        let clauses = ast.clauses(*clauses);
        let own = clauses.iter().position(|clause| clause.span.contains(ast.span(node)));
        let takes_drop = |clause: &crate::syntax::ast::Clause| {
            let pattern = ast.list(clause.patterns).first();
            clause.guard.is_empty() && pattern.is_some_and(|&id| ast.atom(id).is_some_and(|atom| atom == "drop"))
        };
        own.is_some_and(|own| clauses[..own].iter().any(takes_drop))
    })
}
