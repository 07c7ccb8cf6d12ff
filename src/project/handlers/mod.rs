//! What a handler does, as far as rules need to know: what it returns, which parameters it reads, what it does with its
//! accumulator, and which stanzas it acts on.
//!
//! Every part is found when it is asked for. All of them look through calls of functions of the project, a bounded
//! number of them deep.

use std::sync::{Arc, OnceLock};

use super::modules::Modules;
use crate::budget::spend;
use crate::finding::{Mfa, Place};
use crate::outline::{FormIndex, Module};
use crate::source::Span;
use crate::syntax::ast::{Ast, Clause, Expr, Item, Name, NodeId, Nodes};
use crate::syntax::{MAX_FORM_BYTES, tails};

pub mod accumulator;
pub mod contract;
pub mod leaves;
pub mod params;
mod positional;
pub mod returns;
pub mod stanzas;
#[cfg(test)]
mod tests;

pub use accumulator::{AccumulatorUse, Look};
pub use contract::Contract;
pub use params::{KeyRead, ParamsUse, ReadBy, Shape};
pub use returns::{Payload, Return, ReturnPath};
pub use stanzas::{Dispatch, Stanzas};

/// How many calls deep a handler is followed.
const MAX_CALLS: usize = 8;

/// How many names an argument can have in one clause, to each of which the whole clause is searched.
const MAX_NAMES: usize = 50;

/// One clause of a function, and the call that led to it.
#[derive(Clone)]
pub struct At {
    pub module: Arc<Module>,
    pub form: FormIndex,
    /// The clause, as an item of the form.
    item: usize,
    /// The call that this clause serves; `None` in the handler itself.
    caller: Option<Arc<CallSite>>,
    depth: usize,
}

struct CallSite {
    at: At,
    args: Nodes,
}

impl At {
    #[must_use]
    pub fn ast(&self) -> &Ast {
        // A clause was found in this form, so the form has a tree.
        static EMPTY: OnceLock<Ast> = OnceLock::new();
        self.module.ast(self.form).unwrap_or_else(|_| EMPTY.get_or_init(Ast::default))
    }

    #[must_use]
    pub fn clause(&self) -> Option<&Clause> {
        match self.ast().items.get(self.item)? {
            Item::Clause(clause) => Some(clause),
            _ => None,
        }
    }

    #[must_use]
    pub fn place(&self, node: NodeId) -> Place {
        self.module.place(self.ast().span(node))
    }

    /// From the clause's name to the end of its arguments and guard.
    #[must_use]
    pub fn head(&self) -> Place {
        let Some(clause) = self.clause() else { return self.module.place(self.module.form(self.form).span) };
        let ast = self.ast();
        let parts = ast.list(clause.patterns).iter().chain(ast.list(clause.guard));
        let end = parts.map(|&node| ast.span(node).end).max().unwrap_or(clause.span.start);
        let text = &self.module.source().text()[end as usize..clause.span.end as usize];
        // The closing parenthesis, when it comes next.
        let close = text.bytes().take_while(|byte| byte.is_ascii_whitespace()).count();
        let end = if text.as_bytes().get(close) == Some(&b')') { end as usize + close + 1 } else { end as usize };
        self.module.place(crate::source::Span::new(clause.span.start as usize, end))
    }

    /// The function's name and arity.
    #[must_use]
    pub fn function(&self) -> (Name, usize) {
        let clause = self.clause();
        let name = clause.and_then(|clause| self.ast().atom(clause.name?).cloned()).unwrap_or_default();
        (name, clause.map_or(0, |clause| clause.patterns.len()))
    }

    /// Whether this is a clause of the function, or on the way from the handler to here one was called.
    #[must_use]
    pub fn calls(&self, name: &Name, arity: usize) -> bool {
        let mut current = Some(self);
        while let Some(at) = current {
            if at.function() == (name.clone(), arity) {
                return true;
            }
            current = at.caller.as_deref().map(|call| &call.at);
        }
        false
    }

    /// Whether a part of the clause could not be parsed, so that what is seen of it may not be what it says.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        let Some(clause) = self.clause() else { return true };
        let touches = |other: &Span| other.start < clause.span.end && clause.span.start < other.end;
        self.ast().errors.iter().chain(self.module.broken()).any(touches)
    }

    /// The nodes from the clause's body down to a node, which is the last one; empty when it stands in the head.
    #[must_use]
    pub fn path_to(&self, node: NodeId) -> Vec<NodeId> {
        let (ast, Some(clause)) = (self.ast(), self.clause()) else { return Vec::new() };
        let wanted = ast.span(node);
        let mut path = Vec::new();
        let mut next = around(ast, ast.list(clause.body), wanted);
        let mut children = Vec::new();
        while let Some(current) = next {
            path.push(current);
            if current == node {
                break;
            }
            let branches = match ast.expr(current) {
                Expr::Case { clauses, .. }
                | Expr::If { clauses }
                | Expr::Receive { clauses, .. }
                | Expr::Fun { clauses } => ast.clauses(*clauses),
                _ => &[],
            };
            children.clear();
            match branch_around(branches, wanted) {
                Some(branch) => ast.parts_of_clause(branch, &mut children),
                None => ast.children(current, &mut children),
            }
            next = children.iter().copied().find(|&child| ast.span(child).contains(wanted));
        }
        path
    }

    /// Whether an exception at a node does not leave the clause: it stands in a `try` or `catch`.
    #[must_use]
    pub fn is_caught(&self, node: NodeId) -> bool {
        let ast = self.ast();
        let (mut inner, mut steps) = (node, 0);
        let mut is_caught = false;
        // In a row of operators, the last is as deep as the row is long.
        while let Some(outer) = ast.parent(inner).filter(|_| !is_caught) {
            is_caught = match ast.expr(outer) {
                Expr::Try { body, catch, .. } => !catch.is_empty() && ast.list(*body).contains(&inner),
                Expr::Catch(_) => true,
                _ => false,
            };
            inner = outer;
            steps += 1;
        }
        spend(1 + steps / 16);
        is_caught
    }

    /// Whether this is the first clause of its function.
    #[must_use]
    pub fn is_first(&self) -> bool {
        let (name, arity) = self.function();
        let ast = self.ast();
        let is_clause = |item: &Item| match item {
            Item::Clause(clause) => {
                clause.patterns.len() == arity && clause.name.and_then(|id| ast.atom(id)) == Some(&name)
            }
            _ => false,
        };
        !ast.items[..self.item].iter().any(is_clause)
    }

    /// The same clause, as a call of its function leads to it.
    #[must_use]
    pub fn called_from(&self, at: &At, args: Nodes) -> Self {
        let call = CallSite { at: at.clone(), args };
        Self { caller: Some(Arc::new(call)), depth: at.depth + 1, ..self.clone() }
    }

    /// Whether this is a clause of the handler itself rather than of a function that it calls.
    #[must_use]
    pub fn is_handler(&self) -> bool {
        self.caller.is_none()
    }
}

/// Of nodes one after the other, the one that contains a span.
fn around(ast: &Ast, nodes: &[NodeId], wanted: Span) -> Option<NodeId> {
    let at = nodes.partition_point(|&node| ast.span(node).end < wanted.end);
    nodes.get(at).copied().filter(|&node| ast.span(node).contains(wanted))
}

/// Of the branches of a choice, the one that contains a span.
fn branch_around(branches: &[Clause], wanted: Span) -> Option<&Clause> {
    let at = branches.partition_point(|branch| branch.span.end < wanted.end);
    branches.get(at).filter(|branch| branch.span.contains(wanted))
}

/// The clauses of a function of a module, as seen from the outside.
#[must_use]
pub fn clauses_of(module: &Arc<Module>, name: &str, arity: usize) -> Vec<At> {
    let mut found = Vec::new();
    for form in module.function(name, arity) {
        let Ok(ast) = module.ast(form) else { continue };
        spend(ast.items.len());
        for (item, content) in ast.items.iter().enumerate() {
            if let Item::Clause(clause) = content
                && clause.patterns.len() == arity
                && clause.name.is_some_and(|id| ast.atom(id).is_some_and(|atom| atom == name))
            {
                found.push(At { module: Arc::clone(module), form, item, caller: None, depth: 0 });
            }
        }
    }
    found
}

/// What a call calls, when that stands in the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Callee {
    /// A function of the module in which the call stands, or an auto-imported one.
    Local(Name),
    Remote(Name, Name),
    Dynamic,
}

#[must_use]
pub fn callee(module: &Module, ast: &Ast, target: Option<NodeId>, function: NodeId) -> Callee {
    let Some(function) = ast.atom(function) else { return Callee::Dynamic };
    match target.map(|target| ast.expr(target)) {
        None => Callee::Local(function.clone()),
        Some(Expr::Macro { name, args: None }) if name == "MODULE" => Callee::Local(function.clone()),
        Some(Expr::Atom(name)) if name == module.name() => Callee::Local(function.clone()),
        Some(Expr::Atom(name)) => Callee::Remote(name.clone(), function.clone()),
        Some(_) => Callee::Dynamic,
    }
}

/// A handler with what can be found out about it.
pub struct Handler<'a> {
    modules: &'a Modules,
    pub module: Arc<Module>,
    pub name: Name,
    pub arity: usize,
    /// What the hook in question calls it with, and expects of it.
    pub contract: Contract,
    clauses: OnceLock<Vec<At>>,
    returns: OnceLock<Vec<ReturnPath>>,
    params: OnceLock<ParamsUse>,
    accumulator: OnceLock<AccumulatorUse>,
    stanzas: OnceLock<Stanzas>,
    reachable: OnceLock<Vec<At>>,
}

impl<'a> Handler<'a> {
    #[must_use]
    pub fn new(modules: &'a Modules, module: Arc<Module>, name: Name, arity: usize) -> Self {
        Self {
            modules,
            module,
            name,
            arity,
            contract: Contract::Map,
            clauses: OnceLock::new(),
            returns: OnceLock::new(),
            params: OnceLock::new(),
            accumulator: OnceLock::new(),
            stanzas: OnceLock::new(),
            reachable: OnceLock::new(),
        }
    }

    /// The handler as another form of handler than the usual one.
    #[must_use]
    pub fn with_contract(self, contract: Contract) -> Self {
        Self { contract, ..self }
    }

    #[must_use]
    pub fn mfa(&self) -> Mfa {
        Mfa {
            module: self.module.name().to_string(),
            function: self.name.to_string(),
            arity: u8::try_from(self.arity).unwrap_or(u8::MAX),
        }
    }

    /// The handler's clauses in order; empty when the function does not exist, or could not be parsed.
    #[must_use]
    pub fn clauses(&self) -> &[At] {
        self.clauses.get_or_init(|| clauses_of(&self.module, &self.name, self.arity))
    }

    /// Where to point when the handler as a whole is meant: its first clause's head.
    #[must_use]
    pub fn head(&self) -> Option<Place> {
        self.clauses().first().map(At::head)
    }

    /// Where the handler stands: its name, or what [`Handler::head`] says where that shows only in the tree.
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        let form = self.module.form(*self.module.function(&self.name, self.arity).first()?);
        let is_first = self.module.source().slice(form.name).trim_matches('\'') == self.name;
        if is_first { Some(self.module.place(form.name)) } else { self.head() }
    }

    /// What the handler returns on every path that could be followed.
    #[must_use]
    pub fn returns(&self) -> &[ReturnPath] {
        self.returns.get_or_init(|| returns::of(self.modules, self.clauses(), self.contract))
    }

    /// What the handler returns without a tag, and where. Costs less than [`Handler::returns`].
    #[must_use]
    pub fn untagged_returns(&self) -> Vec<(String, Place)> {
        if self.contract.is_positional() || self.spells_its_pairs() {
            return Vec::new();
        }
        returns::untagged(self.modules, self.clauses())
    }

    /// Whether all clauses are seen, without parsing them, to end in `{ok, _}` or `{stop, _}`.
    fn spells_its_pairs(&self) -> bool {
        let forms = self.module.function(&self.name, self.arity);
        self.clauses.get().is_none()
            && forms.iter().all(|&form| {
                let text = self.module.text_of(form);
                spend(text.len() / 8);
                text.len() <= MAX_FORM_BYTES && tails::are_pairs(text, &["ok", "stop"])
            })
    }

    /// What the handler reads of its parameters: of the map that is its second argument, or of the positional arguments
    /// that became such a map.
    #[must_use]
    pub fn params(&self) -> &ParamsUse {
        self.params.get_or_init(|| match self.contract {
            Contract::Map => params::of(self.modules, self.clauses(), 1),
            Contract::Positional(known) => positional::of(self.modules, self.clauses(), known),
        })
    }

    /// What the handler does with its accumulator, the first argument.
    #[must_use]
    pub fn accumulator(&self) -> &AccumulatorUse {
        self.accumulator.get_or_init(|| accumulator::of(self.modules, self.clauses(), self.returns()))
    }

    /// On which stanzas the handler acts.
    #[must_use]
    pub fn stanzas(&self) -> &Stanzas {
        self.stanzas.get_or_init(|| stanzas::of(self))
    }

    /// The handler's clauses, and those of all functions of its module that it can reach.
    #[must_use]
    pub fn reachable(&self) -> &[At] {
        self.reachable.get_or_init(|| reachable(self.clauses()))
    }

    /// All calls in reachable code, with the clause that each stands in.
    pub fn calls(&self) -> impl Iterator<Item = Call<'_>> {
        // The handler's own clauses first: who finds there what was looked for has nothing else parsed.
        let called = std::iter::once_with(|| &self.reachable()[self.clauses().len()..]).flatten();
        self.clauses().iter().chain(called).flat_map(|at| {
            let ast = at.ast();
            at.clause().into_iter().flat_map(move |clause| {
                ast.descend_clause(clause).filter_map(move |(node, expr)| match expr {
                    Expr::Call { module, function, args } => {
                        let callee = callee(&at.module, ast, *module, *function);
                        Some(Call { at, node, callee, args: ast.list(*args) })
                    }
                    _ => None,
                })
            })
        })
    }

    /// Calls of `mongoose_acc:set(hook, result, drop, Acc)`: before 6.1.0, how a handler dropped a stanza.
    pub fn result_drops(&self) -> impl Iterator<Item = Place> {
        let may_be = names_hook_result(self.module.source().text());
        let calls = may_be.then(|| self.calls()).into_iter().flatten();
        calls.filter(|call| is_result_drop(call.at.ast(), call.node)).map(|call| call.at.place(call.node))
    }

    /// Whether anything reachable sets or asks for `hook`/`result` in the accumulator.
    #[must_use]
    pub fn uses_hook_result(&self) -> bool {
        // Where the text has no such arguments, nothing has to be parsed to know that there is no such call.
        names_hook_result(self.module.source().text())
            && self.calls().any(|call| {
                matches!(&call.callee, Callee::Remote(module, _) if module == "mongoose_acc")
                    && matches!(call.args, [first, second, ..]
                    if call.at.ast().atom(*first).is_some_and(|atom| atom == "hook")
                        && call.at.ast().atom(*second).is_some_and(|atom| atom == "result"))
            })
    }

    /// Calls of one function in reachable code.
    pub fn calls_of<'b>(&'b self, module: &'b str, function: &'b str) -> impl Iterator<Item = Call<'b>> {
        let may_be = memchr::memmem::find(self.module.source().text().as_bytes(), function.as_bytes()).is_some();
        let calls = may_be.then(|| self.calls()).into_iter().flatten();
        calls.filter(move |call| matches!(&call.callee, Callee::Remote(m, f) if m == module && f == function))
    }
}

/// Whether the atoms `hook` and `result` may stand one behind the other anywhere in a text, as arguments do.
fn names_hook_result(text: &str) -> bool {
    let punctuation = |c: char| c.is_whitespace() || matches!(c, '\'' | '(' | ')' | ',');
    memchr::memmem::find_iter(text.as_bytes(), "hook").any(|at| {
        let between = &text[at + "hook".len()..];
        let behind = between.trim_start_matches(punctuation);
        behind.len() < between.len() && (behind.starts_with("result") || behind.starts_with('%'))
    })
}

/// Whether a pattern asks for a form at most, and not for certain values.
#[must_use]
fn takes_any_value(ast: &Ast, pattern: NodeId) -> bool {
    match ast.expr(pattern) {
        Expr::Var(_) => true,
        Expr::Match { left, right } => takes_any_value(ast, *left) && takes_any_value(ast, *right),
        Expr::Tuple(items) => ast.list(*items).iter().all(|&item| takes_any_value(ast, item)),
        Expr::Map { fields, .. } | Expr::Record { fields, .. } => {
            ast.fields(*fields).iter().filter_map(|field| field.value).all(|value| takes_any_value(ast, value))
        }
        _ => false,
    }
}

/// Whether a macro writes to the log, as those of the server do: it evaluates its arguments and needs nothing of them.
#[must_use]
pub fn is_log_macro(name: &Name) -> bool {
    name.starts_with("LOG_") || ["DEBUG", "INFO_MSG", "WARNING_MSG", "ERROR_MSG"].contains(&name.as_str())
}

/// Every node below the given ones, themselves included, parents before children, but for what is only logged.
#[must_use]
fn outside_logs(ast: &Ast, from: impl IntoIterator<Item = NodeId>) -> Vec<NodeId> {
    let mut found = Vec::new();
    let mut stack: Vec<NodeId> = from.into_iter().collect();
    stack.reverse();
    let mut children = Vec::new();
    while let Some(node) = stack.pop() {
        if matches!(ast.expr(node), Expr::Macro { name, .. } if is_log_macro(name)) {
            continue;
        }
        found.push(node);
        children.clear();
        ast.children(node, &mut children);
        stack.extend(children.iter().rev());
    }
    found
}

/// A call in reachable code.
pub struct Call<'a> {
    pub at: &'a At,
    pub node: NodeId,
    pub callee: Callee,
    pub args: &'a [NodeId],
}

/// Whether a node is `mongoose_acc:set(hook, result, drop, _)`.
#[must_use]
pub fn is_result_drop(ast: &Ast, node: NodeId) -> bool {
    let Expr::Call { module: Some(module), function, args } = ast.expr(node) else { return false };
    let atoms: Vec<_> = ast.list(*args).iter().take(3).map(|&arg| ast.atom(arg).map_or("", Name::as_str)).collect();
    ast.atom(*module).is_some_and(|atom| atom == "mongoose_acc")
        && ast.atom(*function).is_some_and(|atom| atom.starts_with("set"))
        && atoms == ["hook", "result", "drop"]
}

fn reachable(start: &[At]) -> Vec<At> {
    let mut found: Vec<At> = start.to_vec();
    let mut seen: Vec<(Name, usize)> = start.iter().map(At::function).collect();
    let mut next = 0;
    while let Some(at) = found.get(next).cloned() {
        next += 1;
        let Some(clause) = at.clause() else { continue };
        let ast = at.ast();
        if at.depth >= MAX_CALLS {
            continue;
        }
        for (_, expr) in ast.descend_clause(clause) {
            let called = match expr {
                Expr::Call { module, function, args } => match callee(&at.module, ast, *module, *function) {
                    Callee::Local(name) => Some((name, args.len())),
                    _ => None,
                },
                Expr::FunRef { module: None, function, arity } => match (ast.atom(*function), ast.expr(*arity)) {
                    (Some(name), Expr::Integer(Some(arity))) => {
                        Some((name.clone(), usize::try_from(*arity).unwrap_or(usize::MAX)))
                    }
                    _ => None,
                },
                _ => None,
            };
            let Some(called) = called.filter(|called| !seen.contains(called)) else { continue };
            for mut clause in clauses_of(&at.module, &called.0, called.1) {
                clause.depth = at.depth + 1;
                clause.caller = Some(Arc::new(CallSite { at: at.clone(), args: Nodes::default() }));
                found.push(clause);
            }
            seen.push(called);
        }
    }
    found
}
