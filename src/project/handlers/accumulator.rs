//! What a handler does with its accumulator.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::{At, CallSite, Callee, MAX_CALLS, MAX_NAMES, Return, ReturnPath, callee, clauses_of, is_log_macro};
use crate::finding::Place;
use crate::outline::Module;
use crate::project::modules::Modules;
use crate::source::Span;
use crate::syntax::ast::{Ast, Clause, Expr, Name, NodeId, Nodes};

/// The uses of a handler's first argument.
#[derive(Clone, Debug, Default)]
pub struct AccumulatorUse {
    /// Everything but to return it, to hand it on inside the project, or to log it.
    pub looks: Vec<Look>,
    /// A returned value that is not the accumulator as it was given.
    pub makes: Vec<Place>,
}

/// A pattern that looks into the accumulator, or an expression that works with it.
#[derive(Clone, Debug)]
pub struct Look {
    pub place: Place,
    /// The function of `mongoose_acc` that is called with it, if it is one.
    pub mongoose_acc: Option<Name>,
    /// Whether a failure there is caught.
    pub caught: bool,
}

impl AccumulatorUse {
    /// Whether the handler does nothing with its accumulator but return it.
    #[must_use]
    pub fn only_passed_on(&self) -> bool {
        self.looks.is_empty() && self.makes.is_empty()
    }
}

#[must_use]
pub fn of(modules: &Modules, clauses: &[At], returns: &[ReturnPath]) -> AccumulatorUse {
    let mut search = Search { modules, looks: Vec::new(), visited: FxHashSet::default(), caught: false };
    for at in clauses {
        search.argument(at, 0);
    }
    let makes = returns.iter().filter(|path| match &path.what {
        Return::Ok(payload) | Return::Stop(payload) => !payload.unchanged,
        _ => false,
    });
    AccumulatorUse { looks: search.looks, makes: makes.map(|path| path.place.clone()).collect() }
}

/// The names that stand for the accumulator in a clause, and where they are bound.
#[derive(Default)]
struct Aliases {
    names: Vec<Name>,
    bound: FxHashSet<NodeId>,
}

struct Search<'a> {
    modules: &'a Modules,
    looks: Vec<Look>,
    /// What was looked at: a clause of a module's form, one of its arguments, and whether failures there are caught.
    visited: FxHashSet<(*const Module, Span, usize, bool)>,
    /// Whether failures are caught on the way to where the search is.
    caught: bool,
}

impl Search<'_> {
    fn look(&mut self, at: &At, node: NodeId, mongoose_acc: Option<&Name>) {
        let (mongoose_acc, caught) = (mongoose_acc.cloned(), self.caught || at.is_caught(node));
        self.looks.push(Look { place: at.place(node), mongoose_acc, caught });
    }

    /// The uses of an argument of a function.
    fn argument(&mut self, at: &At, index: usize) {
        let Some(clause) = at.clause() else { return };
        let ast = at.ast();
        let Some(&pattern) = ast.list(clause.patterns).get(index) else { return };
        if !self.visited.insert((Arc::as_ptr(&at.module), clause.span, index, self.caught)) {
            return;
        }
        let mut aliases = Aliases::default();
        self.pattern(at, pattern, &mut aliases);
        let mut next = 0;
        while let Some(name) = aliases.names.get(next).filter(|_| next < MAX_NAMES).cloned() {
            next += 1;
            self.name(at, clause, &name, &mut aliases);
        }
    }

    /// A pattern that the accumulator is matched with: names for it, or looks into it.
    fn pattern(&mut self, at: &At, mut pattern: NodeId, aliases: &mut Aliases) {
        let ast = at.ast();
        // As many as stand in a row.
        while let Expr::Match { left, right } = *ast.expr(pattern) {
            self.pattern(at, left, aliases);
            pattern = right;
        }
        match ast.expr(pattern) {
            Expr::Var(name) => {
                aliases.bound.insert(pattern);
                if name != "_" && !aliases.names.contains(name) {
                    aliases.names.push(name.clone());
                }
            }
            // Accumulators are maps in most hooks, before and after.
            Expr::Map { fields, .. } if ast.fields(*fields).is_empty() => {}
            _ => self.look(at, pattern, None),
        }
    }

    /// The uses of a name that stands for the accumulator.
    fn name(&mut self, at: &At, clause: &Clause, name: &Name, aliases: &mut Aliases) {
        let ast = at.ast();
        let is_it = |id: NodeId| ast.var(id) == Some(name);
        // Uses that a node above has dealt with.
        let mut seen = passed_on(ast, clause.body);
        let mut stack: Vec<NodeId> = ast.list(clause.guard).iter().chain(ast.list(clause.body)).copied().collect();
        stack.reverse();
        let mut children = Vec::new();
        while let Some(node) = stack.pop() {
            match ast.expr(node) {
                Expr::Macro { name, .. } if is_log_macro(name) => continue,
                Expr::Var(_) if is_it(node) && !seen.contains(&node) && !aliases.bound.contains(&node) => {
                    self.look(at, node, None);
                }
                Expr::Tuple(items) => {
                    if let [tag, value] = *ast.list(*items)
                        && ast.atom(tag).is_some_and(|tag| tag == "ok" || tag == "stop")
                    {
                        seen.insert(value);
                    }
                }
                Expr::Match { left, right } if results(ast, *right).into_iter().any(is_it) => {
                    seen.extend(results(ast, *right));
                    self.pattern(at, *left, aliases);
                }
                Expr::Case { subject, clauses } if is_it(*subject) => {
                    seen.insert(*subject);
                    for inner in ast.clauses(*clauses) {
                        ast.list(inner.patterns).iter().for_each(|&pattern| self.pattern(at, pattern, aliases));
                    }
                }
                Expr::Call { module, function, args } => {
                    let called = callee(&at.module, ast, *module, *function);
                    for (index, &arg) in ast.list(*args).iter().enumerate().filter(|(_, arg)| is_it(**arg)) {
                        seen.insert(arg);
                        self.call(at, node, &called, *args, index);
                    }
                }
                _ => {}
            }
            children.clear();
            ast.children(node, &mut children);
            stack.extend(children.iter().rev());
        }
    }

    /// The accumulator is an argument of a call.
    fn call(&mut self, at: &At, node: NodeId, called: &Callee, args: Nodes, index: usize) {
        let (target, name) = match called {
            Callee::Local(name) => (Some(Arc::clone(&at.module)), name),
            Callee::Remote(module, name) => (self.modules.module(module, at.module.source().path()), name),
            Callee::Dynamic => return self.look(at, node, None),
        };
        let target = target.filter(|target| target.defines(name, args.len()) && at.depth < MAX_CALLS);
        let Some(target) = target else {
            let of_mongoose_acc = matches!(called, Callee::Remote(module, _) if module == "mongoose_acc");
            return match name.as_str() {
                "is_map" => {}
                _ => self.look(at, node, Some(name).filter(|_| of_mongoose_acc)),
            };
        };
        let call = Arc::new(CallSite { at: at.clone(), args });
        let caught = self.caught;
        self.caught |= at.is_caught(node);
        for mut clause in clauses_of(&target, name, args.len()) {
            clause.caller = Some(Arc::clone(&call));
            clause.depth = at.depth + 1;
            self.argument(&clause, index);
        }
        self.caught = caught;
    }
}

/// The nodes that are the value of a body, or of one of its branches: to be that is no use.
fn passed_on(ast: &Ast, body: Nodes) -> FxHashSet<NodeId> {
    ast.list(body).last().map(|&last| results(ast, last).into_iter().collect()).unwrap_or_default()
}

/// The expressions that can be the value of an expression, through branches and blocks.
fn results(ast: &Ast, node: NodeId) -> Vec<NodeId> {
    let (mut found, mut stack) = (Vec::new(), vec![node]);
    while let Some(node) = stack.pop() {
        let mut last = |nodes: Nodes| stack.extend(ast.list(nodes).last());
        match ast.expr(node) {
            Expr::Case { clauses, .. } | Expr::If { clauses } | Expr::Receive { clauses, .. } => {
                ast.clauses(*clauses).iter().for_each(|clause| last(clause.body));
            }
            Expr::Try { body, of, catch, .. } => {
                last(*body);
                ast.clauses(*of).iter().chain(ast.clauses(*catch)).for_each(|clause| last(clause.body));
            }
            Expr::Maybe { body, otherwise } => {
                last(*body);
                ast.clauses(*otherwise).iter().for_each(|clause| last(clause.body));
            }
            Expr::Block(items) => last(*items),
            _ => found.push(node),
        }
    }
    found
}
