//! On which kinds of stanzas a handler acts, and what it does with the others.
//!
//! The evidence is where the name of a stanza is tested: `#xmlel{name = <<"message">>}` in a pattern, a `case` over
//! `mongoose_acc:stanza_name(Acc)`, a comparison, the heads of a function that it is handed to.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::returns::returns_bare_accumulator;
use super::{At, CallSite, Callee, Contract, Handler, Return, callee, clauses_of, is_log_macro, takes_any_value};
use crate::finding::Place;
use crate::source::Span;
use crate::syntax::ast::{Ast, Clause, Expr, Name, NodeId, Nodes, Op};

/// The stanza kinds of XMPP; other elements, such as those of stream management, are no stanzas.
pub const KINDS: [&str; 3] = ["message", "iq", "presence"];

#[derive(Clone, Debug, Default)]
pub struct Stanzas {
    /// The kinds whose name is tested anywhere on the handler's way, sorted.
    pub kinds: Vec<&'static str>,
    /// Every test that stands outside any other's branch, in order.
    pub dispatches: Vec<Dispatch>,
    /// The handler does something before, or besides, the tests.
    pub acts_on_all: bool,
}

/// A choice by the stanza's name.
#[derive(Clone, Debug)]
pub struct Dispatch {
    pub place: Place,
    pub kinds: Vec<&'static str>,
    /// Whether there is a branch for any other element.
    pub has_fall_through: bool,
    /// Whether that branch only returns the accumulator, so that the handler serves the named kinds alone.
    pub passes_others: bool,
    /// What fails for other elements, as in `case_clause`.
    pub fails_with: &'static str,
    /// Whether elements of any name get here, and a failure here makes the handler fail.
    pub met_by_all: bool,
}

impl Stanzas {
    /// The one kind that the handler serves, passing on everything else unchanged.
    #[must_use]
    pub fn only_kind(&self) -> Option<&'static str> {
        match (&self.kinds[..], &self.dispatches[..]) {
            ([kind], [_, ..]) if !self.acts_on_all => {
                self.dispatches.iter().all(|dispatch| dispatch.passes_others).then_some(*kind)
            }
            _ => None,
        }
    }

    /// The first test that surely makes the handler fail for an element of another name.
    #[must_use]
    pub fn without_fall_through(&self) -> Option<&Dispatch> {
        self.dispatches.iter().find(|dispatch| !dispatch.has_fall_through && dispatch.met_by_all)
    }

    /// Whether every test has a branch for elements of other names.
    #[must_use]
    pub fn tolerates_any_element(&self) -> bool {
        self.dispatches.iter().all(|dispatch| dispatch.has_fall_through)
    }
}

#[must_use]
pub fn of(handler: &Handler<'_>) -> Stanzas {
    // Where no kind is named at all, nothing has to be parsed to know that there is no test.
    let text = handler.module.source().text();
    if !KINDS.iter().any(|kind| text.contains(&format!("\"{kind}\""))) {
        return Stanzas { acts_on_all: true, ..Stanzas::default() };
    }
    let mut search = Search {
        contract: handler.contract,
        found: Stanzas::default(),
        visited: Vec::new(),
        met_by_all: true,
        of_stanza: FxHashMap::default(),
    };
    search.function(handler.clauses(), handler.clauses().first().map(At::head));
    let mut kinds: Vec<_> = search.found.dispatches.iter().flat_map(|dispatch| dispatch.kinds.clone()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    search.found.kinds = kinds;
    let passes = |what: &Return| matches!(what, Return::Ok(payload) if payload.can_be_unchanged);
    if !handler.returns().iter().any(|path| passes(&path.what)) {
        search.found.acts_on_all = true;
    }
    search.found
}

/// Modules whose functions have no effect but their result.
const PURE: [&str; 15] = [
    "mongoose_acc",
    "mongoose_iq",
    "ejabberd_c2s_state",
    "exml_query",
    "exml",
    "jid",
    "jlib",
    "maps",
    "lists",
    "proplists",
    "binary",
    "string",
    "gen_mod",
    "mongoose_config",
    "erlang",
];

/// Functions that have one though their module is pure.
const IMPURE: [&str; 9] =
    ["spawn", "spawn_link", "spawn_monitor", "send", "send_after", "put", "erase", "register", "apply"];

/// Whether a function's name asks a question, as that of a getter or predicate does: it is taken for an answer.
fn asks(name: &str) -> bool {
    ["is_", "has_", "get_"].iter().any(|prefix| name.starts_with(prefix))
}

/// Whether an auto-imported function has no effect but its result; any other name may be anything.
fn is_pure_bif(name: &str) -> bool {
    const OTHERS: [&str; 15] = [
        "element",
        "setelement",
        "size",
        "length",
        "hd",
        "tl",
        "self",
        "node",
        "map_get",
        "max",
        "min",
        "abs",
        "round",
        "trunc",
        "error",
    ];
    asks(name) || name.ends_with("_size") || name.contains("_to_") || OTHERS.contains(&name)
}

struct Search {
    contract: Contract,
    found: Stanzas,
    visited: Vec<(Name, usize)>,
    /// Whether elements of any name come to where the search is.
    met_by_all: bool,
    /// By clause, the variables that stand for the stanza, or for something that was taken from it.
    of_stanza: FxHashMap<Span, FxHashSet<Name>>,
}

impl Search {
    /// The clauses of one function: a choice in their heads, or choices in their bodies.
    fn function(&mut self, clauses: &[At], place: Option<Place>) {
        let Some(first) = clauses.first() else { return };
        let function = first.function();
        if self.visited.contains(&function) || self.visited.len() > 20 {
            return;
        }
        self.visited.push(function);
        if clauses.iter().any(At::is_broken) {
            self.found.acts_on_all = true;
            return;
        }
        let Some(choice) = heads(clauses) else {
            for at in clauses {
                if let Some(clause) = at.clause() {
                    self.body(at, at.ast().list(clause.body));
                }
            }
            return;
        };
        self.push(place.unwrap_or_else(|| first.head()), choice, "function_clause");
    }

    fn push(&mut self, place: Place, choice: Choice, fails_with: &'static str) {
        let mut kinds = choice.kinds;
        kinds.sort_unstable();
        kinds.dedup();
        let (has_fall_through, passes_others) = (choice.has_fall_through, choice.passes_others);
        let met_by_all = self.met_by_all;
        let dispatch = Dispatch { place, kinds, has_fall_through, passes_others, fails_with, met_by_all };
        self.found.dispatches.push(dispatch);
    }

    /// Expressions one after the other; the last one is a result.
    fn body(&mut self, at: &At, body: &[NodeId]) {
        let ast = at.ast();
        for (index, &statement) in body.iter().enumerate() {
            let tests = self.found.dispatches.len();
            self.expression(at, statement);
            let acts = match self.contract {
                Contract::Map => is_new_result(ast, statement),
                Contract::Positional(_) => is_new_bare_result(ast, statement),
            };
            // To stop, or to return something new, is an effect unless the stanza's name decided about it.
            self.found.acts_on_all |= index + 1 == body.len() && acts && self.found.dispatches.len() == tests;
        }
    }

    /// Looks for tests from the outside in, and does not look into the branches of one that was found.
    fn expression(&mut self, at: &At, node: NodeId) {
        // Operators nest without brackets, as many as stand in a row.
        let before = self.met_by_all;
        let mut row = vec![(node, before)];
        while let Some((node, met_by_all)) = row.pop() {
            self.met_by_all = met_by_all;
            if !self.is_test(at, node) {
                self.part(at, node, &mut row);
            }
        }
        self.met_by_all = before;
    }

    /// Looks for tests below an expression. What nests without brackets comes behind what is left to be looked at, with whether
    /// elements of any name come there.
    fn part(&mut self, at: &At, node: NodeId, row: &mut Vec<(NodeId, bool)>) {
        let ast = at.ast();
        match *ast.expr(node) {
            Expr::Case { subject, clauses } => {
                let tests = self.found.dispatches.len();
                self.expression(at, subject);
                let clauses = ast.clauses(clauses);
                if self.found.dispatches.len() > tests {
                    // The subject's value says what was found out about the stanza.
                    self.found.acts_on_all |= !clauses.iter().any(|clause| only_passes(ast, clause));
                    return;
                }
                let met_by_all = !self.depends_on_stanza(at, [subject]);
                self.branches(at, clauses, met_by_all);
            }
            Expr::If { clauses } => {
                let clauses = ast.clauses(clauses);
                let guards = clauses.iter().flat_map(|clause| ast.list(clause.guard)).copied();
                let met_by_all = !self.depends_on_stanza(at, guards);
                self.branches(at, clauses, met_by_all);
            }
            Expr::Receive { clauses, .. } => {
                self.found.acts_on_all = true;
                self.branches(at, ast.clauses(clauses), true);
            }
            Expr::Try { body, of, catch, after } => {
                let met_by_all = self.met_by_all;
                self.met_by_all &= catch.is_empty();
                self.body(at, ast.list(body));
                self.met_by_all = met_by_all;
                self.branches(at, ast.clauses(of), true);
                self.branches(at, ast.clauses(catch), true);
                self.body(at, ast.list(after));
            }
            Expr::Catch(operand) => row.push((operand, false)),
            Expr::Maybe { body, otherwise } => {
                self.body(at, ast.list(body));
                self.branches(at, ast.clauses(otherwise), false);
            }
            Expr::Fun { clauses } => self.branches(at, ast.clauses(clauses), false),
            Expr::Block(items) => self.body(at, ast.list(items)),
            Expr::Match { right, .. } | Expr::CondMatch { right, .. } => row.push((right, self.met_by_all)),
            Expr::Macro { ref name, .. } if is_log_macro(name) => {}
            Expr::Macro { args: Some(_), .. } | Expr::Binop { op: Op::Send, .. } => self.found.acts_on_all = true,
            Expr::Call { module, function, args } => {
                ast.list(args).iter().for_each(|&arg| self.expression(at, arg));
                self.call(at, node, &callee(&at.module, ast, module, function), args);
            }
            Expr::FunRef { module, function, arity } => {
                let arity = match *ast.expr(arity) {
                    Expr::Integer(Some(arity)) => usize::try_from(arity).ok(),
                    _ => None,
                };
                match (callee(&at.module, ast, module, function), arity) {
                    (Callee::Local(name), Some(arity)) => self.function(&clauses_of(&at.module, &name, arity), None),
                    (Callee::Remote(module, _), _) if PURE.contains(&module.as_str()) => {}
                    _ => self.found.acts_on_all = true,
                }
            }
            _ => {
                let mut children = Vec::new();
                ast.children(node, &mut children);
                row.extend(children.into_iter().rev().map(|child| (child, self.met_by_all)));
            }
        }
    }

    /// Whether expressions use the accumulator, or anything that was taken from it.
    fn depends_on_stanza(&mut self, at: &At, nodes: impl IntoIterator<Item = NodeId>) -> bool {
        let (ast, Some(clause)) = (at.ast(), at.clause()) else { return true };
        let contract = self.contract;
        let names = self.of_stanza.entry(clause.span).or_insert_with(|| taken_from_stanza(at, contract));
        ast.descend(nodes).any(|(id, _)| ast.var(id).is_some_and(|name| names.contains(name)))
    }

    /// `met_by_all` is whether which branch is taken has nothing to do with the stanza.
    fn branches(&mut self, at: &At, clauses: &[Clause], met_by_all: bool) {
        let before = self.met_by_all;
        self.met_by_all &= met_by_all;
        for clause in clauses {
            self.body(at, at.ast().list(clause.body));
        }
        self.met_by_all = before;
    }

    fn call(&mut self, at: &At, node: NodeId, called: &Callee, args: Nodes) {
        let pure = match called {
            Callee::Local(name) if at.module.defines(name, args.len()) => {
                self.function(&called_clauses(at, name, args), Some(at.place(node)));
                true
            }
            Callee::Local(name) => is_pure_bif(name),
            Callee::Remote(module, name) => {
                asks(name) || (PURE.contains(&module.as_str()) && !IMPURE.contains(&name.as_str()))
            }
            Callee::Dynamic => false,
        };
        self.found.acts_on_all |= !pure;
    }

    fn is_test(&mut self, at: &At, node: NodeId) -> bool {
        let ast = at.ast();
        match ast.expr(node) {
            Expr::Case { subject, clauses } => {
                let clauses = ast.clauses(*clauses);
                if let Some(compared) = comparison(at, *subject) {
                    let of_others = |clause: &&Clause| compared.others_too || !is_true(ast, clause);
                    let passes_others = clauses.iter().filter(of_others).all(|clause| only_passes(ast, clause));
                    let has_fall_through = clauses.iter().any(|clause| !is_true(ast, clause));
                    let choice = Choice { kinds: compared.kinds, has_fall_through, passes_others };
                    self.push(at.place(*subject), choice, "case_clause");
                    return true;
                }
                let Some(choice) = choice(at, clauses, *subject) else { return false };
                self.push(at.place(*subject), choice, "case_clause");
                true
            }
            Expr::Try { body, of, catch, after } if !of.is_empty() && after.is_empty() => {
                let (&[subject], of) = (ast.list(*body), ast.clauses(*of)) else { return false };
                // What catches a failure before the choice sees stanzas of every kind.
                let catches = ast.clauses(*catch).iter().all(|clause| only_passes(ast, clause));
                let Some(choice) = choice(at, of, subject) else { return false };
                let passes_others = choice.passes_others && catches;
                self.push(at.place(subject), Choice { passes_others, ..choice }, "try_clause");
                true
            }
            Expr::If { clauses } => {
                let clauses = ast.clauses(*clauses);
                let compared: Vec<_> = clauses.iter().map(|clause| guard_comparison(at, clause)).collect();
                let kinds: Vec<_> = compared.iter().flatten().flat_map(|it| it.kinds.clone()).collect();
                if kinds.is_empty() {
                    return false;
                }
                let meets_others = |compared: &Option<Comparison>| compared.as_ref().is_none_or(|it| it.others_too);
                let others = || clauses.iter().zip(&compared).filter(|(_, compared)| meets_others(compared));
                let choice = Choice {
                    kinds,
                    // Of other guards it is not known when they are true.
                    has_fall_through: others().next().is_some(),
                    passes_others: others().all(|(clause, _)| only_passes(ast, clause)),
                };
                self.push(at.place(node), choice, "if_clause");
                true
            }
            Expr::Match { left, right } => {
                let kinds = kinds_in(ast, *left, names_stanza(at, *right, 0));
                if kinds.is_empty() || !may_be_stanza(at, *right) {
                    return false;
                }
                let choice = Choice { kinds, has_fall_through: false, passes_others: true };
                self.push(at.place(*left), choice, "badmatch");
                true
            }
            _ => false,
        }
    }
}

fn called_clauses(at: &At, name: &Name, args: Nodes) -> Vec<At> {
    let call = Arc::new(CallSite { at: at.clone(), args });
    let mut clauses = clauses_of(&at.module, name, args.len());
    for clause in &mut clauses {
        clause.caller = Some(Arc::clone(&call));
        clause.depth = at.depth + 1;
    }
    clauses
}

/// What the clauses of a choice by the stanza's name do.
struct Choice {
    kinds: Vec<&'static str>,
    has_fall_through: bool,
    passes_others: bool,
}

/// A choice in the patterns of a `case`.
fn choice(at: &At, clauses: &[Clause], subject: NodeId) -> Option<Choice> {
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
fn heads(clauses: &[At]) -> Option<Choice> {
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
fn kinds_in(ast: &Ast, pattern: NodeId, is_name: bool) -> Vec<&'static str> {
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
struct Comparison {
    kinds: Vec<&'static str>,
    /// Whether it can hold for stanzas of other names.
    others_too: bool,
}

/// What a condition asks of the stanza's name; `None` when nothing.
fn comparison(at: &At, node: NodeId) -> Option<Comparison> {
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
fn predicate(clauses: &[At]) -> Option<Comparison> {
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
fn guard_comparison(at: &At, clause: &Clause) -> Option<Comparison> {
    let guards = at.ast().list(clause.guard);
    let compared: Vec<_> = guards.iter().filter_map(|&guard| comparison(at, guard)).collect();
    let all = compared.len() == guards.len();
    let others_too = !all || compared.iter().any(|it| it.others_too);
    let kinds: Vec<_> = compared.into_iter().flat_map(|it| it.kinds).collect();
    // A comma and a semicolon are the same here, so a second guard may let others in.
    (!kinds.is_empty()).then_some(Comparison { kinds, others_too })
}

/// Whether the value of an expression is the name of the stanza that the handler is called for.
fn names_stanza(at: &At, node: NodeId, depth: usize) -> bool {
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
fn may_be_stanza(at: &At, node: NodeId) -> bool {
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
fn taken_from_stanza(at: &At, contract: Contract) -> FxHashSet<Name> {
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

/// Whether an expression, as a result, stops or is a value of its own.
fn is_new_result(ast: &Ast, node: NodeId) -> bool {
    let Expr::Tuple(items) = *ast.expr(node) else { return false };
    match *ast.list(items) {
        [tag, value] => !ast.is_var(value) || ast.atom(tag).is_some_and(|tag| tag == "stop"),
        _ => false,
    }
}

/// The same where results have no tag. What calls of the project's functions return is looked at there.
fn is_new_bare_result(ast: &Ast, node: NodeId) -> bool {
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

fn is_true(ast: &Ast, clause: &Clause) -> bool {
    ast.list(clause.patterns).first().is_some_and(|&pattern| ast.atom(pattern).is_some_and(|atom| atom == "true"))
}

/// Whether a clause takes any element: what it asks for is its form at most.
fn takes_any_element(ast: &Ast, clause: &Clause) -> bool {
    clause.guard.is_empty() && ast.list(clause.patterns).iter().all(|&pattern| takes_any_value(ast, pattern))
}

/// Whether a clause does nothing but return a variable, alone or as `{ok, Var}`.
fn only_passes(ast: &Ast, clause: &Clause) -> bool {
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
