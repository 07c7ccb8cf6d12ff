//! Where such values go: what code does with them.

use super::calls::{self, Becomes, Taker};
use super::contract::Part;
use super::flow::{Flow, Key, generators, is_pattern};
use super::write::Job;
use crate::migrate::api::tree::Tree;
use crate::migrate::code::bodies;
use crate::project::handlers::{Callee, callee, is_log_macro};
use crate::syntax::ast::{Ast, Clauses, ComprehensionKind, Expr, Name, NodeId, Op};

impl Flow<'_, '_> {
    pub(super) fn up(&mut self, key: Key) {
        let (at, node) = key;
        let ast = self.trees[at].ast;
        let from = Some(key);
        let Some(parent) = self.trees[at].parent(node) else { return self.top(key) };
        if self.is_root(ast, parent, node) || self.is_logged(key) {
            return;
        }
        match *ast.expr(parent) {
            Expr::Match { left, right } => {
                for other in [left, right, parent] {
                    self.visit((at, other), from);
                }
            }
            Expr::Case { subject, clauses } if subject == node => {
                for pattern in self.trees[at].patterns(clauses) {
                    self.visit((at, pattern), from);
                }
            }
            Expr::Case { subject, clauses } => {
                if self.trees[at].patterns(clauses).contains(&node) {
                    self.visit((at, subject), from);
                } else if bodies::values(ast, parent).contains(&node) {
                    self.visit((at, parent), from);
                }
            }
            Expr::If { .. } | Expr::Block(_) | Expr::Receive { .. } | Expr::Maybe { .. } | Expr::Try { .. } => {
                if bodies::values(ast, parent).contains(&node) {
                    self.visit((at, parent), from);
                } else if !bodies::bodies(ast, parent).iter().any(|(body, _)| ast.list(*body).contains(&node))
                    || is_tried(ast, parent, node)
                {
                    self.stuck(key, format!("{} is matched where it is not followed", self.shown(key)));
                }
            }
            Expr::Fun { clauses } => {
                if !is_ignored(ast, clauses, node) {
                    self.stuck(key, format!("{} is handed through a fun", self.shown(key)));
                }
            }
            Expr::List { tail, .. } if tail == Some(node) => {
                if is_pattern(&self.trees[at], node) {
                    self.stuck(key, format!("{} is the rest of a list", self.shown(key)));
                } else {
                    self.visit((at, parent), from);
                }
            }
            Expr::Map { base, .. } if base == Some(node) => {
                self.map_at(key, parent);
                self.visit((at, parent), from);
            }
            Expr::Binop { op: Op::Append, .. } => {
                self.visit((at, parent), from);
            }
            Expr::Binop { op: Op::Equal | Op::Differ, left, right } => {
                let other = if left == node { right } else { left };
                self.visit((at, other), from);
                if let Expr::List { items, .. } = ast.expr(other)
                    && !items.is_empty()
                {
                    let why = "they are compared without regard to their order now";
                    self.facts(key).open.insert(why.to_owned());
                }
            }
            Expr::Generator { source, pattern } if source == node => {
                let Some(whole) = self.trees[at].parent(parent) else { return };
                if matches!(ast.expr(pattern), Expr::MapItem { .. }) {
                    return self.map_at(key, pattern);
                }
                self.list_at(key, node);
                if keeps_names(ast, whole) {
                    self.visit((at, whole), from);
                    self.job(key, node, Job::ToList);
                } else {
                    self.job(key, node, Job::ToOrderedList);
                    self.join_known(key, whole);
                }
            }
            Expr::Call { module, function, args } => {
                let called = callee(self.module, ast, module, function);
                let index = ast.list(args).iter().position(|&arg| arg == node);
                match index {
                    Some(index) => self.taken(key, parent, &called, (ast.list(args), index)),
                    None => self.stuck(key, format!("{} is called", self.shown(key))),
                }
            }
            Expr::Tuple(_) => match taken_from(&self.trees[at], parent, node) {
                Some(call) => self.remaining(key, call),
                None => self.stuck(key, format!("{} is part of a tuple, which is not followed", self.shown(key))),
            },
            Expr::Record { ref name, .. } => {
                self.stuck(key, format!("{} is part of `#{name}{{}}`, which is not followed", self.shown(key)));
            }
            Expr::Macro { ref name, .. } => self.stuck(key, format!("{} goes into `?{name}`", self.shown(key))),
            _ => self.stuck(key, format!("what becomes of {} is not seen", self.shown(key))),
        }
    }

    /// A part of a function's clause, or of a macro.
    fn top(&mut self, key: Key) {
        let (at, node) = key;
        let ast = self.trees[at].ast;
        let Some(clause) = self.trees[at].clause(node) else {
            return self.stuck(key, "it is what a macro stands for");
        };
        let Some(function) = clause.name.and_then(|name| ast.atom(name)).cloned() else { return };
        let patterns = ast.list(clause.patterns);
        let arity = patterns.len();
        if let Some(argument) = patterns.iter().position(|&it| it == node) {
            self.contract(key, &Part { function, arity, argument: Some(argument) });
        } else if ast.list(clause.body).last() == Some(&node) {
            self.contract(key, &Part { function, arity, argument: None });
        } else if !ast.list(clause.body).contains(&node) {
            self.stuck(key, "a guard decides by it");
        }
    }

    pub(super) fn returned(&mut self, key: Key, function: &Name, arity: usize) {
        self.contract(key, &Part { function: function.clone(), arity, argument: None });
    }

    /// A call gets such a value.
    fn taken(&mut self, key: Key, call: NodeId, called: &Callee, (args, index): (&[NodeId], usize)) {
        let at = key.0;
        let (module, function) = match called {
            Callee::Local(name) if self.is_own(name, args.len()) => {
                let part = Part { function: name.clone(), arity: args.len(), argument: Some(index) };
                return self.contract(key, &part);
            }
            Callee::Local(name) => ("erlang", name.as_str()),
            Callee::Remote(module, name) => (module.as_str(), name.as_str()),
            Callee::Dynamic => {
                return self.stuck(key, format!("{} goes into a call that is not followed", self.shown(key)));
            }
        };
        if let Some(taker) = calls::known(module, function, args.len()).filter(|it| it.index == index) {
            return self.taken_by(key, call, taker);
        }
        match calls::of_map(module, function, args.len()).filter(|(at, _)| *at == index) {
            Some((_, gives)) => {
                self.map_at(key, call);
                if gives {
                    self.visit((at, call), Some(key));
                }
                if function == "take" {
                    self.visit_rests(key, call);
                }
                return;
            }
            None if module == "maps" => return self.map_at(key, call),
            None => {}
        }
        match self.kept(module, function, args.len()).filter(|(at, _)| *at == index) {
            Some((_, true)) => {
                self.visit((at, call), Some(key));
            }
            Some((_, false)) => {}
            None => {
                let why = format!("what `{module}:{function}/{}` does with it is not seen", args.len());
                self.stuck(key, why);
            }
        }
    }

    fn taken_by(&mut self, key: Key, call: NodeId, taker: Taker) {
        let (at, node) = key;
        let ast = self.trees[at].ast;
        if taker.is_plain {
            self.list_at(key, call);
        } else {
            let span = ast.span(call);
            self.facts(key).as_either.insert(span);
        }
        if taker.gives {
            self.visit((at, call), Some(key));
        }
        match taker.becomes {
            Becomes::Filter | Becomes::ToList => self.job(key, node, Job::ToList),
            Becomes::InOrder => {
                self.job(key, node, Job::ToOrderedList);
                self.join_known(key, call);
            }
            _ => self.job(key, call, Job::Call(taker)),
        }
        if taker.becomes == Becomes::Take {
            self.visit_rests(key, call);
        }
    }

    /// What is left when something was taken out is such a value, too.
    fn visit_rests(&mut self, key: Key, call: NodeId) {
        for rest in rests(&self.trees[key.0], call) {
            self.visit((key.0, rest), Some(key));
        }
    }

    /// It is what is left when something was taken out of such a value.
    fn remaining(&mut self, key: Key, call: NodeId) {
        let ast = self.trees[key.0].ast;
        let Expr::Call { args, .. } = *ast.expr(call) else { return };
        // The last argument of both functions.
        if let Some(&from) = ast.list(args).last() {
            self.visit((key.0, from), Some(key));
        }
    }

    fn is_logged(&self, (at, node): Key) -> bool {
        let tree = &self.trees[at];
        tree.ancestors(node).any(|above| matches!(tree.ast.expr(above), Expr::Macro { name, .. } if is_log_macro(name)))
    }

    pub(super) fn is_own(&self, name: &Name, arity: usize) -> bool {
        self.module.defines(name, arity)
    }
}

/// Whether a node is the body's last expression in a `try` whose value is matched with.
fn is_tried(ast: &Ast, whole: NodeId, node: NodeId) -> bool {
    matches!(*ast.expr(whole), Expr::Try { body, of, .. } if !of.is_empty() && ast.list(body).last() == Some(&node))
}

/// Whether a node is an expression of a fun of which nobody sees the value.
fn is_ignored(ast: &Ast, clauses: Clauses, node: NodeId) -> bool {
    ast.clauses(clauses).iter().any(|clause| {
        let body = ast.list(clause.body);
        body.contains(&node) && body.last() != Some(&node)
    })
}

/// Whether a comprehension over pairs gives pairs with the same names, each at most once.
pub(super) fn keeps_names(ast: &Ast, whole: NodeId) -> bool {
    let Expr::Comprehension { kind: ComprehensionKind::List, template, qualifiers } = *ast.expr(whole) else {
        return false;
    };
    let generators = generators(ast, qualifiers);
    let ([(pattern, _)], [made]) = (generators.as_slice(), ast.list(template)) else { return false };
    let name_of = |node: NodeId| match ast.expr(node) {
        Expr::Tuple(items) if items.len() == 2 => ast.list(*items).first().and_then(|&first| ast.var(first)),
        _ => None,
    };
    let parts = match *ast.expr(*pattern) {
        Expr::Match { left, right } => vec![left, right],
        _ => vec![*pattern],
    };
    let same = |a: Option<&Name>, b: Option<&Name>| a.is_some_and(|it| it != "_") && a == b;
    let whole_pair = ast.var(*made).is_some() && parts.iter().any(|&part| same(ast.var(part), ast.var(*made)));
    whole_pair || parts.iter().any(|&part| same(name_of(part), name_of(*made)))
}

/// Where the code around `lists:keytake/3` or `maps:take/2` takes what is left: the last elements of the tuples.
fn rests(tree: &Tree<'_>, call: NodeId) -> Vec<NodeId> {
    let ast = tree.ast;
    let Some(parent) = tree.parent(call) else { return Vec::new() };
    let patterns = match *ast.expr(parent) {
        Expr::Case { subject, clauses } if subject == call => tree.patterns(clauses),
        Expr::Match { left, right } if right == call => vec![left],
        _ => Vec::new(),
    };
    let last = |node: &NodeId| match *ast.expr(*node) {
        Expr::Tuple(items) => ast.list(items).last().copied(),
        _ => None,
    };
    patterns.iter().filter_map(last).collect()
}

/// The call of one of these functions, when a tuple is matched with what it gives and a node is what is left.
fn taken_from(tree: &Tree<'_>, tuple: NodeId, node: NodeId) -> Option<NodeId> {
    let ast = tree.ast;
    let call = match *ast.expr(tree.parent(tuple)?) {
        Expr::Case { subject, .. } => subject,
        Expr::Match { left, right } if left == tuple => right,
        _ => return None,
    };
    let Expr::Call { module: Some(module), function, .. } = *ast.expr(call) else { return None };
    let named = (ast.atom(module)?.as_str(), ast.atom(function)?.as_str());
    let takes = matches!(named, ("lists", "keytake") | ("maps", "take"));
    (takes && rests(tree, call).contains(&node)).then_some(call)
}
