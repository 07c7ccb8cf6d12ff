//! Where a result comes from, as a tree that can be edited: through branches, variables, and functions of the module.
//!
//! This is narrower than what analyses follow: every step is one that the same code could take after an edit, and what
//! is not is a leaf, or opaque.

use rustc_hash::FxHashSet;

use crate::migrate::code::bodies::{bodies, is_statement, patterns_of};
use crate::migrate::code::callers::private_calls;
use crate::project::handlers::{At, Callee, Handler, callee};
use crate::syntax::ast::{Expr, Name, NodeId, Nodes};

/// Where a value comes from.
pub enum Flow<'a> {
    /// An expression that says itself what it is.
    Leaf(&'a At, NodeId),
    /// One of several.
    Branches(Vec<Flow<'a>>),
    /// A variable that is bound by plain matches.
    Named(Named<'a>),
    /// A call of a function of the handler's module that nobody outside can call.
    Called(Called<'a>),
    /// It cannot be followed, and why.
    Opaque(String),
}

pub struct Named<'a> {
    pub at: &'a At,
    /// The variable where it is used.
    pub node: NodeId,
    /// The matches that bind it, statements all of them.
    pub matches: Vec<NodeId>,
    /// Whether it is used here alone.
    pub alone: bool,
    pub from: Vec<Flow<'a>>,
}

pub struct Called<'a> {
    pub at: &'a At,
    pub node: NodeId,
    pub name: Name,
    pub arity: usize,
    pub from: Vec<Flow<'a>>,
}

impl<'a> Flow<'a> {
    /// Visits this and everything below.
    pub fn each(&self, visit: &mut impl FnMut(&Flow<'a>)) {
        visit(self);
        match self {
            Flow::Branches(from) | Flow::Named(Named { from, .. }) | Flow::Called(Called { from, .. }) => {
                from.iter().for_each(|it| it.each(visit));
            }
            Flow::Leaf(..) | Flow::Opaque(_) => {}
        }
    }

    /// The expressions at which it ends.
    #[must_use]
    pub fn leaves(&self) -> Vec<(&'a At, NodeId)> {
        let mut found = Vec::new();
        self.each(&mut |flow| {
            if let Flow::Leaf(at, node) = flow {
                found.push((*at, *node));
            }
        });
        found
    }

    #[must_use]
    pub fn is_followed(&self) -> bool {
        let mut followed = true;
        self.each(&mut |flow| followed &= !matches!(flow, Flow::Opaque(_)));
        followed
    }
}

/// What each of a handler's clauses returns.
#[must_use]
pub fn results<'a>(handler: &'a Handler<'_>) -> Vec<Flow<'a>> {
    let mut walk = Walk { handler, on_the_way: Vec::new(), depth: 0 };
    handler.clauses().iter().map(|at| walk.clause(at)).collect()
}

/// Where the value of an expression comes from.
#[must_use]
pub fn of<'a>(handler: &'a Handler<'_>, at: &'a At, node: NodeId) -> Flow<'a> {
    Walk { handler, on_the_way: Vec::new(), depth: 0 }.follow(at, node)
}

/// Whether all calls of a function of the module are among these results, so that it serves nobody else.
#[must_use]
pub fn is_owned(results: &[Flow<'_>], called: &Called<'_>) -> bool {
    let mut seen = FxHashSet::default();
    for result in results {
        result.each(&mut |flow| {
            if let Flow::Called(other) = flow
                && (&other.name, other.arity) == (&called.name, called.arity)
            {
                seen.insert(other.at.place(other.node).span);
            }
        });
    }
    private_calls(&called.at.module, &called.name, called.arity) == Some(seen.len())
}

struct Walk<'a, 'b> {
    handler: &'a Handler<'b>,
    /// Functions in whose clauses the walk is.
    on_the_way: Vec<(Name, usize)>,
    /// How many steps from the result the walk is, each from a branch, a variable or a call to what it is made of.
    depth: usize,
}

/// How deep the tree gets. Results of handlers that people write are ten steps deep at most.
const MAX_DEPTH: usize = 80;

impl<'a> Walk<'a, '_> {
    fn clause(&mut self, at: &'a At) -> Flow<'a> {
        match at.clause() {
            Some(clause) if !at.is_broken() => self.last(at, clause.body),
            _ => Flow::Opaque("a clause could not be parsed".to_owned()),
        }
    }

    fn last(&mut self, at: &'a At, body: Nodes) -> Flow<'a> {
        match at.ast().list(body).last() {
            Some(&last) => self.follow(at, last),
            None => Flow::Opaque("a clause comes from a macro".to_owned()),
        }
    }

    fn follow(&mut self, at: &'a At, node: NodeId) -> Flow<'a> {
        if self.depth >= MAX_DEPTH {
            return Flow::Opaque("it nests too deeply".to_owned());
        }
        self.depth += 1;
        let flow = self.step(at, node);
        self.depth -= 1;
        flow
    }

    fn step(&mut self, at: &'a At, mut node: NodeId) -> Flow<'a> {
        let ast = at.ast();
        while let Expr::Match { left, right } = *ast.expr(node)
            && ast.var(left).is_some_and(|name| name == "_" || occurrences(at, name).len() == 1)
        {
            node = right;
        }
        match ast.expr(node) {
            Expr::Case { .. } | Expr::If { .. } | Expr::Receive { .. } | Expr::Try { .. } | Expr::Block(_) => {
                let bodies = bodies(ast, node).into_iter().filter(|(_, is_value)| *is_value);
                Flow::Branches(bodies.map(|(body, _)| self.last(at, body)).collect())
            }
            Expr::Maybe { body, otherwise } => {
                let conditional = ast.list(*body).iter().any(|&id| matches!(ast.expr(id), Expr::CondMatch { .. }));
                let mut from: Vec<_> = bodies(ast, node).into_iter().map(|(body, _)| self.last(at, body)).collect();
                if otherwise.is_empty() && conditional {
                    from.push(Flow::Opaque("a `?=` that does not match makes its value the result".to_owned()));
                }
                Flow::Branches(from)
            }
            Expr::Match { .. } | Expr::CondMatch { .. } => {
                Flow::Opaque("a result is matched with a pattern".to_owned())
            }
            Expr::Catch(_) => Flow::Opaque("a caught exception becomes the result".to_owned()),
            Expr::Error => Flow::Opaque("the code could not be parsed".to_owned()),
            Expr::Var(name) => self.variable(at, node, name),
            Expr::Call { module, function, args } => match callee(&at.module, ast, *module, *function) {
                Callee::Local(name) if at.module.defines(&name, args.len()) => {
                    self.function(at, node, name, args.len())
                }
                _ => Flow::Leaf(at, node),
            },
            _ => Flow::Leaf(at, node),
        }
    }

    fn variable(&mut self, at: &'a At, node: NodeId, name: &Name) -> Flow<'a> {
        let (ast, Some(clause)) = (at.ast(), at.clause()) else { return Flow::Leaf(at, node) };
        let patterns = patterns_of(ast, clause);
        let mut matches = Vec::new();
        let mut bound = FxHashSet::default();
        for (id, expr) in ast.descend_clause(clause) {
            match expr {
                Expr::Match { left, .. } if ast.var(*left) == Some(name) && is_statement(ast, clause, id) => {
                    matches.push(id);
                    bound.insert(*left);
                }
                // What a variable is in there, and whether it is the same one, takes a closer look.
                Expr::Fun { .. } | Expr::Comprehension { .. }
                    if ast.descend([id]).any(|(_, inner)| matches!(inner, Expr::Var(it) if it == name)) =>
                {
                    return Flow::Leaf(at, node);
                }
                _ => {}
            }
        }
        let others: Vec<NodeId> = occurrences(at, name).into_iter().filter(|id| !bound.contains(id)).collect();
        if matches.is_empty() || others.iter().any(|id| patterns.contains(id)) {
            return Flow::Leaf(at, node);
        }
        let value = |id: &NodeId| match ast.expr(*id) {
            Expr::Match { right, .. } => *right,
            _ => *id,
        };
        let from = matches.iter().map(value).collect::<Vec<_>>().into_iter().map(|value| self.follow(at, value));
        let from = from.collect();
        Flow::Named(Named { at, node, matches, alone: others == [node], from })
    }

    fn function(&mut self, at: &'a At, node: NodeId, name: Name, arity: usize) -> Flow<'a> {
        let key = (name, arity);
        if self.on_the_way.contains(&key) {
            // What it returns by calling itself, it returns anyway.
            return Flow::Called(Called { at, node, name: key.0, arity, from: Vec::new() });
        }
        if private_calls(&at.module, &key.0, arity).is_none() {
            return Flow::Leaf(at, node);
        }
        let handler = self.handler;
        let clauses: Vec<&'a At> = handler.reachable().iter().filter(|it| it.function() == key).collect();
        if clauses.is_empty() {
            return Flow::Leaf(at, node);
        }
        self.on_the_way.push(key.clone());
        let from = clauses.into_iter().map(|clause| self.clause(clause)).collect();
        self.on_the_way.pop();
        Flow::Called(Called { at, node, name: key.0, arity, from })
    }
}

/// Everywhere a variable stands in a clause.
fn occurrences(at: &At, name: &Name) -> Vec<NodeId> {
    let (ast, Some(clause)) = (at.ast(), at.clause()) else { return Vec::new() };
    let is_it = |(node, expr): (NodeId, &Expr)| matches!(expr, Expr::Var(it) if it == name).then_some(node);
    ast.descend_clause(clause).filter_map(is_it).collect()
}
