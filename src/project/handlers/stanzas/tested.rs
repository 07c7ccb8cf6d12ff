//! Where the name of a stanza is tested, and for which kinds.

use rustc_hash::FxHashSet;

use super::super::returns::returns_bare_accumulator;
use super::super::{At, Contract, callee, takes_any_value};
use super::{Callee, KINDS, called_clauses};
use crate::syntax::ast::{Ast, Clause, Expr, Name, NodeId, Op};

/// What the clauses of a choice by the stanza's name do.
pub(super) struct Choice {
    pub(super) kinds: Vec<&'static str>,
    pub(super) has_fall_through: bool,
    pub(super) passes_others: bool,
}

/// A choice in the patterns of a `case`.
pub(super) fn choice(at: &At, clauses: &[Clause], subject: NodeId) -> Option<Choice> {
    let ast = at.ast();
    if !may_be_stanza(at, subject) {
        return None;
    }
    let names = names_stanza(at, subject, 0);
    let asked: Vec<_> = clauses.iter().map(|clause| asked_by(at, clause, |_| names)).collect();
    let kinds: Vec<_> = asked.iter().flat_map(|asked| asked.kinds.clone()).collect();
    let others = || clauses.iter().zip(&asked).filter(|(_, asked)| asked.others_too).map(|(clause, _)| clause);
    (!kinds.is_empty()).then(|| Choice {
        kinds,
        has_fall_through: others().any(|clause| takes_any_element(ast, clause)),
        passes_others: others().all(|clause| only_passes(ast, clause)),
    })
}

/// A choice in the heads of a function.
pub(super) fn heads(clauses: &[At]) -> Option<Choice> {
    let asked = |at: &At| {
        let Some(clause) = at.clause() else { return Comparison { kinds: Vec::new(), others_too: true } };
        let is_name = |index: usize| match &at.caller {
            Some(call) => {
                let arg = call.at.ast().list(call.args).get(index);
                arg.is_some_and(|&arg| names_stanza(&call.at, arg, 0))
            }
            None => false,
        };
        asked_by(at, clause, is_name)
    };
    let asked: Vec<_> = clauses.iter().map(asked).collect();
    let kinds: Vec<_> = asked.iter().flat_map(|asked| asked.kinds.clone()).collect();
    let others = || clauses.iter().zip(&asked).filter(|(_, asked)| asked.others_too).map(|(at, _)| at);
    let clause = |at: &At, ask: fn(&Ast, &Clause) -> bool| at.clause().is_some_and(|clause| ask(at.ast(), clause));
    (!kinds.is_empty()).then(|| Choice {
        kinds,
        has_fall_through: others().any(|at| clause(at, takes_any_element)),
        passes_others: others().all(|at| clause(at, only_passes)),
    })
}

/// The stanza names that a clause's patterns and guards ask for. `is_name` says of which arguments the value is known
/// to be such a name.
fn asked_by(at: &At, clause: &Clause, is_name: impl Fn(usize) -> bool) -> Comparison {
    let ast = at.ast();
    let patterns = ast.list(clause.patterns).iter().enumerate();
    let kinds: Vec<_> = patterns.flat_map(|(index, &pattern)| kinds_in(ast, pattern, is_name(index))).collect();
    if !kinds.is_empty() {
        return Comparison { kinds, others_too: false };
    }
    guard_comparison(at, clause).unwrap_or(Comparison { kinds, others_too: true })
}

/// The stanza names in a pattern: as the name of an element, or, where the value is a name, as a binary.
pub(super) fn kinds_in(ast: &Ast, pattern: NodeId, is_name: bool) -> Vec<&'static str> {
    let mut found = Vec::new();
    let mut stack = vec![(pattern, is_name)];
    while let Some((node, is_name)) = stack.pop() {
        match ast.expr(node) {
            Expr::Binary(text) if is_name => found.extend(KINDS.iter().find(|kind| **kind == &**text).copied()),
            Expr::Record { name, fields, .. } if name == "xmlel" => {
                let fields = ast.fields(*fields).iter();
                let names = fields.filter(|field| ast.atom(field.key).is_some_and(|key| key == "name"));
                stack.extend(names.filter_map(|field| field.value).map(|value| (value, true)));
            }
            // Other records, and maps, can hold the same words with another meaning.
            Expr::Tuple(items) => stack.extend(ast.list(*items).iter().map(|&item| (item, is_name))),
            Expr::Match { left, right } => stack.extend([(*left, is_name), (*right, is_name)]),
            _ => {}
        }
    }
    found
}

/// A condition on the stanza's name.
pub(super) struct Comparison {
    pub(super) kinds: Vec<&'static str>,
    /// Whether it can hold for stanzas of other names.
    pub(super) others_too: bool,
}

/// What a condition asks of the stanza's name; `None` when nothing.
pub(super) fn comparison(at: &At, node: NodeId) -> Option<Comparison> {
    let ast = at.ast();
    match *ast.expr(node) {
        Expr::Binop { op: op @ (Op::Equal | Op::Differ), left, right } => {
            let sides = [(left, right), (right, left)];
            let kinds: Vec<_> = sides
                .into_iter()
                .filter(|&(_, name)| names_stanza(at, name, 0))
                .flat_map(|(kind, _)| kinds_in(ast, kind, true))
                .collect();
            (!kinds.is_empty()).then(|| Comparison { kinds, others_too: op == Op::Differ })
        }
        Expr::Binop { op: op @ (Op::And | Op::Or), .. } => {
            let sides: Vec<_> = row_of(ast, node, op).into_iter().map(|side| comparison(at, side)).collect();
            let mut others_too = sides.iter().map(|side| side.as_ref().is_none_or(|it| it.others_too));
            let others_too = if op == Op::And { others_too.all(|it| it) } else { others_too.any(|it| it) };
            let kinds: Vec<_> = sides.into_iter().flatten().flat_map(|it| it.kinds).collect();
            (!kinds.is_empty()).then_some(Comparison { kinds, others_too })
        }
        // Of what is denied it is not known for which other stanzas it does not hold either.
        Expr::Unop { mut operand } => {
            while let Expr::Unop { operand: inner } = *ast.expr(operand) {
                operand = inner;
            }
            comparison(at, operand).map(|it| Comparison { others_too: true, ..it })
        }
        Expr::Call { module, function, args } => match callee(&at.module, ast, module, function) {
            Callee::Remote(module, name) if module == "lists" && name == "member" => {
                let [name, list] = *ast.list(args) else { return None };
                let Expr::List { items, tail: None } = *ast.expr(list) else { return None };
                let items = ast.list(items);
                let kinds: Vec<_> = items.iter().flat_map(|&item| kinds_in(ast, item, true)).collect();
                let others_too = kinds.len() < items.len();
                (!kinds.is_empty() && names_stanza(at, name, 0)).then_some(Comparison { kinds, others_too })
            }
            Callee::Local(name) if at.depth < MAX_PREDICATES => predicate(&called_clauses(at, &name, args)),
            _ => None,
        },
        _ => None,
    }
}

/// What stands in a row with the same operator between, in source order.
fn row_of(ast: &Ast, node: NodeId, wanted: Op) -> Vec<NodeId> {
    let (mut found, mut stack) = (Vec::new(), vec![node]);
    while let Some(node) = stack.pop() {
        match *ast.expr(node) {
            Expr::Binop { op, left, right } if op == wanted => stack.extend([right, left]),
            _ => found.push(node),
        }
    }
    found
}

/// How many calls deep a condition is looked up.
const MAX_PREDICATES: usize = 3;

/// What a function asks of the stanza's name when it does nothing else.
pub(super) fn predicate(clauses: &[At]) -> Option<Comparison> {
    let only = |at: &At| at.clause().and_then(|clause| <[NodeId; 1]>::try_from(at.ast().list(clause.body)).ok());
    if let [at] = clauses {
        return comparison(at, only(at)?[0]);
    }
    let says =
        |at: &At, wanted: &str| only(at).is_some_and(|[node]| at.ast().atom(node).is_some_and(|it| it == wanted));
    let choice = heads(clauses)?;
    let (last, named) = clauses.split_last()?;
    let proper = says(last, "false") && named.iter().all(|at| says(at, "true"));
    proper.then_some(Comparison { kinds: choice.kinds, others_too: false })
}

/// What a clause's guard asks of the stanza's name.
pub(super) fn guard_comparison(at: &At, clause: &Clause) -> Option<Comparison> {
    let guards = at.ast().list(clause.guard);
    let compared: Vec<_> = guards.iter().filter_map(|&guard| comparison(at, guard)).collect();
    let all = compared.len() == guards.len();
    let others_too = !all || compared.iter().any(|it| it.others_too);
    let kinds: Vec<_> = compared.into_iter().flat_map(|it| it.kinds).collect();
    // A comma and a semicolon are the same here, so a second guard may let others in.
    (!kinds.is_empty()).then_some(Comparison { kinds, others_too })
}

/// Whether the value of an expression is the name of the stanza that the handler is called for.
pub(super) fn names_stanza(at: &At, node: NodeId, depth: usize) -> bool {
    if depth > MAX_PREDICATES {
        return false;
    }
    let ast = at.ast();
    match *ast.expr(node) {
        Expr::RecordField { ref field, .. } => field.record == "xmlel" && field.field == "name",
        Expr::Tuple(items) => ast.list(items).iter().any(|&item| names_stanza(at, item, depth + 1)),
        Expr::Match { right, .. } => names_stanza(at, right, depth + 1),
        Expr::Var(ref name) => variable_names_stanza(at, name, depth),
        Expr::Call { module, function, args } => match callee(&at.module, ast, module, function) {
            Callee::Remote(module, name) => module == "mongoose_acc" && name == "stanza_name",
            Callee::Local(name) => called_clauses(at, &name, args).iter().any(|at| {
                let last = at.clause().and_then(|clause| at.ast().list(clause.body).last().copied());
                last.is_some_and(|last| names_stanza(at, last, depth + 1))
            }),
            Callee::Dynamic => false,
        },
        _ => false,
    }
}

fn variable_names_stanza(at: &At, name: &Name, depth: usize) -> bool {
    let (ast, Some(clause)) = (at.ast(), at.clause()) else { return false };
    let is_it = |id: NodeId| ast.var(id) == Some(name);
    let argument = ast.list(clause.patterns).iter().position(|&pattern| is_it(pattern));
    if let (Some(index), Some(call)) = (argument, &at.caller) {
        let arg = call.at.ast().list(call.args).get(index);
        return arg.is_some_and(|&arg| names_stanza(&call.at, arg, depth + 1));
    }
    ast.descend_clause(clause).any(|(_, expr)| match expr {
        Expr::Record { name, fields, .. } if name == "xmlel" => ast
            .fields(*fields)
            .iter()
            .any(|field| ast.atom(field.key).is_some_and(|key| key == "name") && field.value.is_some_and(is_it)),
        Expr::Match { left, right } if is_it(*left) => names_stanza(at, *right, depth + 1),
        Expr::Case { subject, clauses } => {
            let takes = |clause: &Clause| ast.list(clause.patterns).first().is_some_and(|&pattern| is_it(pattern));
            ast.clauses(*clauses).iter().any(takes) && !is_it(*subject) && names_stanza(at, *subject, depth + 1)
        }
        _ => false,
    })
}

/// Whether a value can be the stanza that the handler is called for, and not an element inside it, or another one.
pub(super) fn may_be_stanza(at: &At, node: NodeId) -> bool {
    let ast = at.ast();
    match *ast.expr(node) {
        Expr::Call { module, function, .. } => match callee(&at.module, ast, module, function) {
            Callee::Remote(module, _) => module == "mongoose_acc",
            _ => true,
        },
        Expr::Record { .. } => false,
        Expr::Var(ref name) => at.clause().is_none_or(|clause| {
            !ast.descend_clause(clause).any(|(_, expr)| match expr {
                Expr::Match { left, right } => {
                    ast.var(*left) == Some(name) && !ast.is_var(*right) && !may_be_stanza(at, *right)
                }
                _ => false,
            })
        }),
        _ => true,
    }
}

/// The variables of a clause that stand for the accumulator, or for anything that was taken from it.
pub(super) fn taken_from_stanza(at: &At, contract: Contract) -> FxHashSet<Name> {
    let (ast, Some(clause)) = (at.ast(), at.clause()) else { return FxHashSet::default() };
    let patterns = ast.list(clause.patterns);
    // What is handed to another function can be the stanza, or tell about it, and so can positional arguments.
    let first =
        if at.is_handler() && !contract.is_positional() { &patterns[..patterns.len().min(1)] } else { patterns };
    let variables = |nodes: &[NodeId]| -> FxHashSet<Name> {
        ast.descend(nodes.iter().copied()).filter_map(|(id, _)| ast.var(id).cloned()).collect()
    };
    let mut names = variables(first);
    let matches = ast.descend_clause(clause).filter_map(|(_, expr)| match expr {
        Expr::Match { left, right } => Some((variables(&[*left]), variables(&[*right]))),
        _ => None,
    });
    let mut open: Vec<_> = matches.collect();
    loop {
        let (taken, others): (Vec<_>, Vec<_>) = open.into_iter().partition(|(_, right)| !names.is_disjoint(right));
        names.extend(taken.iter().flat_map(|(left, _)| left.iter().cloned()));
        open = others;
        if taken.is_empty() {
            return names;
        }
    }
}

pub(super) fn is_true(ast: &Ast, clause: &Clause) -> bool {
    ast.list(clause.patterns).first().is_some_and(|&pattern| ast.atom(pattern).is_some_and(|atom| atom == "true"))
}

/// Whether a clause takes any element: what it asks for is its form at most.
fn takes_any_element(ast: &Ast, clause: &Clause) -> bool {
    clause.guard.is_empty() && ast.list(clause.patterns).iter().all(|&pattern| takes_any_value(ast, pattern))
}

/// Whether a clause does nothing but return a variable, alone or as `{ok, Var}`.
pub(super) fn only_passes(ast: &Ast, clause: &Clause) -> bool {
    let [only] = *ast.list(clause.body) else { return false };
    match ast.expr(only) {
        Expr::Var(_) => true,
        Expr::Atom(atom) => atom == "ok" || atom == "undefined" || atom == "false",
        Expr::Tuple(items) => match *ast.list(*items) {
            [tag, value] => ast.atom(tag).is_some_and(|tag| tag == "ok") && ast.is_var(value),
            _ => false,
        },
        _ => false,
    }
}

/// Whether an expression, as a result, stops or is a value of its own.
pub(super) fn is_new_result(ast: &Ast, node: NodeId) -> bool {
    let Expr::Tuple(items) = *ast.expr(node) else { return false };
    match *ast.list(items) {
        [tag, value] => !ast.is_var(value) || ast.atom(tag).is_some_and(|tag| tag == "stop"),
        _ => false,
    }
}

/// The same where results have no tag. What calls of the project's functions return is looked at there.
pub(super) fn is_new_bare_result(ast: &Ast, node: NodeId) -> bool {
    match *ast.expr(node) {
        Expr::Atom(ref atom) => atom == "stop",
        Expr::Tuple(items) => ast.list(items).first().is_some_and(|&tag| ast.atom(tag).is_some_and(|it| it == "stop")),
        Expr::Call { module: Some(module), function, .. } => match (ast.atom(module), ast.atom(function)) {
            (Some(module), Some(function)) => returns_bare_accumulator(module, function),
            _ => false,
        },
        _ => false,
    }
}
