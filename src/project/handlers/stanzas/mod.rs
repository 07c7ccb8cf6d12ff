//! On which kinds of stanzas a handler acts, and what it does with the others.
//!
//! The evidence is where the name of a stanza is tested: `#xmlel{name = <<"message">>}` in a pattern, a `case` over
//! `mongoose_acc:stanza_name(Acc)`, a comparison, the heads of a function that it is handed to.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{At, CallSite, Callee, Contract, Handler, Return, callee, clauses_of, is_log_macro};
use crate::finding::Place;
use crate::source::Span;
use crate::syntax::ast::{Clause, Expr, Name, NodeId, Nodes, Op};

mod tested;

use tested::{
    Choice, Comparison, choice, comparison, guard_comparison, heads, is_new_bare_result, is_new_result, is_true,
    kinds_in, may_be_stanza, names_stanza, only_passes, taken_from_stanza,
};

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
