//! On which kinds of stanzas a handler acts, and what it does with the others.
//!
//! The evidence is where the name of a stanza is tested: `#xmlel{name = <<"message">>}` in a pattern, a `case` over
//! `mongoose_acc:stanza_name(Acc)`, a comparison, the heads of a function that it is handed to.

use super::{At, Callee, Handler, Return, callee, clauses_of};
use crate::finding::Place;
use crate::syntax::ast::{Ast, Clause, Expr, Name, NodeId, Op};

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

    /// The first test that fails for an element of another name.
    #[must_use]
    pub fn without_fall_through(&self) -> Option<&Dispatch> {
        self.dispatches.iter().find(|dispatch| !dispatch.has_fall_through)
    }
}

#[must_use]
pub fn of(handler: &Handler<'_>) -> Stanzas {
    let mut search = Search { found: Stanzas::default(), visited: Vec::new() };
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

struct Search {
    found: Stanzas,
    visited: Vec<(Name, usize)>,
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
        let named = |at: &At| at.clause().map(|clause| kinds_in_patterns(at.ast(), clause)).unwrap_or_default();
        let kinds: Vec<_> = clauses.iter().flat_map(named).collect();
        if kinds.is_empty() {
            for at in clauses {
                self.body(at);
            }
            return;
        }
        let others: Vec<_> = clauses.iter().filter(|at| named(at).is_empty()).collect();
        let has_fall_through = others.iter().any(|at| at.clause().is_some_and(|clause| clause.guard.is_empty()));
        let passes_others = others.iter().all(|at| at.clause().is_some_and(|clause| only_passes(at.ast(), clause)));
        let place = place.unwrap_or_else(|| first.head());
        self.push(place, kinds, has_fall_through, passes_others, "function_clause");
    }

    fn push(
        &mut self,
        place: Place,
        mut kinds: Vec<&'static str>,
        has_fall_through: bool,
        passes_others: bool,
        fails_with: &'static str,
    ) {
        kinds.sort_unstable();
        kinds.dedup();
        let dispatch = Dispatch { place, kinds, has_fall_through, passes_others, fails_with };
        self.found.dispatches.push(dispatch);
    }

    fn body(&mut self, at: &At) {
        let Some(clause) = at.clause() else { return };
        let ast = at.ast();
        let body = ast.list(clause.body);
        for (index, &statement) in body.iter().enumerate() {
            let tests = self.found.dispatches.len();
            self.expression(at, statement);
            let is_last = index + 1 == body.len();
            // Statements that neither bind a variable, nor choose by the stanza, nor log, have an effect on all.
            let harmless = match ast.expr(statement) {
                Expr::Match { .. } => true,
                Expr::Macro { name, .. } => name.starts_with("LOG_"),
                _ => self.found.dispatches.len() > tests,
            };
            self.found.acts_on_all |= !is_last && !harmless;
        }
    }

    /// Looks for tests from the outside in, and does not look into the branches of one that was found.
    fn expression(&mut self, at: &At, from: NodeId) {
        let ast = at.ast();
        let mut stack = vec![from];
        let mut children = Vec::new();
        while let Some(node) = stack.pop() {
            if self.is_test(at, node) {
                continue;
            }
            if let Expr::Call { module, function, args } = ast.expr(node)
                && let Callee::Local(name) = callee(&at.module, ast, *module, *function)
            {
                self.function(&clauses_of(&at.module, &name, args.len()), Some(at.place(node)));
            }
            children.clear();
            ast.children(node, &mut children);
            stack.extend(children.iter().rev());
        }
    }

    fn is_test(&mut self, at: &At, node: NodeId) -> bool {
        let ast = at.ast();
        match ast.expr(node) {
            Expr::Case { subject, clauses } => {
                let clauses = ast.clauses(*clauses);
                let compared = comparison_kinds(ast, *subject);
                let named: Vec<_> = clauses.iter().flat_map(|clause| kinds_in_patterns(ast, clause)).collect();
                if named.is_empty() && compared.is_empty() {
                    return false;
                }
                let others: Vec<_> =
                    clauses.iter().filter(|clause| kinds_in_patterns(ast, clause).is_empty()).collect();
                let others: Vec<_> = if named.is_empty() {
                    others.into_iter().filter(|clause| !is_true(ast, clause)).collect()
                } else {
                    others
                };
                let fall_through = !named.is_empty() && others.iter().any(|clause| is_irrefutable(ast, clause));
                let passes = others.iter().all(|clause| only_passes(ast, clause));
                let place = at.place(*subject);
                let kinds = named.into_iter().chain(compared.iter().copied()).collect();
                self.push(place, kinds, fall_through || !compared.is_empty(), passes, "case_clause");
                true
            }
            Expr::If { clauses } => {
                let clauses = ast.clauses(*clauses);
                let kinds: Vec<_> = clauses
                    .iter()
                    .flat_map(|clause| ast.list(clause.guard).iter().flat_map(|&guard| comparison_kinds(ast, guard)))
                    .collect();
                if kinds.is_empty() {
                    return false;
                }
                let passes = clauses.last().is_some_and(|clause| only_passes(ast, clause));
                self.push(at.place(node), kinds, true, passes, "if_clause");
                true
            }
            Expr::Match { left, .. } => {
                let kinds = kinds_in(ast, *left);
                if kinds.is_empty() {
                    return false;
                }
                self.push(at.place(*left), kinds, false, true, "badmatch");
                true
            }
            _ => false,
        }
    }
}

/// The stanza names that a clause's patterns and guards ask for.
fn kinds_in_patterns(ast: &Ast, clause: &Clause) -> Vec<&'static str> {
    let patterns = ast.list(clause.patterns).iter().flat_map(|&pattern| kinds_in(ast, pattern));
    let guards = ast.list(clause.guard).iter().flat_map(|&guard| comparison_kinds(ast, guard));
    patterns.chain(guards).collect()
}

/// The stanza names in a pattern: as a whole binary, or as the name of an element.
fn kinds_in(ast: &Ast, pattern: NodeId) -> Vec<&'static str> {
    let mut found = Vec::new();
    let mut stack = vec![pattern];
    while let Some(node) = stack.pop() {
        match ast.expr(node) {
            Expr::Binary(text) => found.extend(KINDS.iter().find(|kind| **kind == &**text).copied()),
            Expr::Record { name, fields, .. } if name == "xmlel" => {
                let fields = ast.fields(*fields).iter();
                let names = fields.filter(|field| ast.atom(field.key).is_some_and(|key| key == "name"));
                stack.extend(names.filter_map(|field| field.value));
            }
            // Other records, and maps, can hold the same words with another meaning.
            Expr::Tuple(items) => stack.extend(ast.list(*items)),
            Expr::Match { left, right } => stack.extend([*left, *right]),
            _ => {}
        }
    }
    found
}

/// The stanza names that an expression compares something with.
fn comparison_kinds(ast: &Ast, node: NodeId) -> Vec<&'static str> {
    ast.descend([node])
        .filter_map(|(_, expr)| match expr {
            Expr::Binop { op: Op::Equal | Op::Differ, left, right } => Some([*left, *right]),
            _ => None,
        })
        .flatten()
        .flat_map(|side| kinds_in(ast, side))
        .collect()
}

fn is_true(ast: &Ast, clause: &Clause) -> bool {
    ast.list(clause.patterns).first().is_some_and(|&pattern| ast.atom(pattern).is_some_and(|atom| atom == "true"))
}

/// Whether a clause takes whatever comes: nothing in its pattern but variables, and no guard.
fn is_irrefutable(ast: &Ast, clause: &Clause) -> bool {
    clause.guard.is_empty()
        && ast.list(clause.patterns).iter().all(|&pattern| {
            ast.descend([pattern]).all(|(_, expr)| match expr {
                Expr::Var(_) | Expr::Tuple(_) | Expr::Match { .. } => true,
                Expr::Record { name, fields, .. } => name == "xmlel" && ast.fields(*fields).is_empty(),
                _ => false,
            })
        })
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
