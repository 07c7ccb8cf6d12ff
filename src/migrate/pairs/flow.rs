//! Where such values come from and where they go.
//!
//! Every node whose value is one of them is visited once, from whatever side it is reached; nodes that share a value are
//! joined, and what is joined in the end is a group. A step that cannot be followed is noted at the node where it would have
//! started, and stops the group that this belongs to.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::calls::{self, Becomes};
use super::contract::Part;
use super::write::{Job, Writer};
use super::{FIELD, Field, Group, scope};
use crate::migrate::api::tree::Tree;
use crate::migrate::code::bodies;
use crate::migrate::code::template::Snippet;
use crate::outline::Module;
use crate::project::handlers::{Callee, callee};
use crate::source::Span;
use crate::syntax::ast::{Ast, Clause, Clauses, ComprehensionKind, Expr, Name, NodeId, Nodes, Op};
use crate::syntax::scan::FormKind;

/// A node of one of the module's forms.
pub type Key = (usize, NodeId);

/// What is known about one group.
#[derive(Default)]
pub struct Facts {
    pub roots: BTreeSet<Span>,
    pub as_list: BTreeSet<Span>,
    pub as_map: BTreeSet<Span>,
    /// Where they are lists, or were lists in another time.
    pub as_either: BTreeSet<Span>,
    /// Why it cannot be followed everywhere.
    pub stuck: BTreeMap<u32, String>,
    /// Why a person has to look.
    pub open: BTreeSet<String>,
    pub jobs: Vec<(Key, Job)>,
    pub parts: BTreeSet<Part>,
    field: Option<usize>,
    first: u32,
}

/// All values of a module, as far as they were followed.
pub struct Flow<'a, 'c> {
    pub module: &'a Arc<Module>,
    fields: &'a [Field<'c>],
    pub trees: Vec<Tree<'a>>,
    /// The number of each node that was visited.
    pub ids: FxHashMap<Key, usize>,
    joined: Vec<usize>,
    queue: Vec<Key>,
    facts: Vec<Facts>,
    /// The first node of each part of a contract.
    pub(super) parts: BTreeMap<Part, Key>,
    /// Functions that take such values in both releases, each in its own form, with their arguments, and whether they give one.
    keep: Vec<Keeping>,
}

struct Keeping {
    module: Name,
    function: Name,
    arity: usize,
    index: usize,
    gives: bool,
}

impl Keeping {
    /// Of code like `Field = mod:f(_, Field)`.
    fn of(code: &str) -> Option<Self> {
        let snippet = Snippet::parse(code)?;
        let ast = snippet.ast();
        let is_field = |node: NodeId| ast.var(node).is_some_and(|name| name == FIELD);
        let (call, gives) = match *snippet.expr() {
            Expr::Match { left, right } => (right, is_field(left)),
            _ => (snippet.root(), false),
        };
        let Expr::Call { module: Some(module), function, args } = *ast.expr(call) else { return None };
        let index = ast.list(args).iter().position(|&arg| is_field(arg))?;
        let (module, function) = (ast.atom(module)?.clone(), ast.atom(function)?.clone());
        Some(Self { module, function, arity: args.len(), index, gives })
    }
}

impl<'a, 'c> Flow<'a, 'c> {
    #[must_use]
    pub fn of(module: &'a Arc<Module>, fields: &'a [Field<'c>]) -> Self {
        let forms = fields.iter().filter_map(|field| field.entry.field.as_ref());
        let keep = forms.flat_map(|form| form.functions.iter().filter_map(|code| Keeping::of(code))).collect();
        let mut flow = Self {
            module,
            fields,
            trees: Vec::new(),
            ids: FxHashMap::default(),
            joined: Vec::new(),
            queue: Vec::new(),
            facts: Vec::new(),
            parts: BTreeMap::new(),
            keep,
        };
        flow.find_roots();
        while let Some(key) = flow.queue.pop() {
            flow.down(key);
            flow.up(key);
        }
        flow
    }

    /// What was found, group by group.
    #[must_use]
    pub fn groups(mut self) -> Vec<Group<'c>> {
        let mut by_group: BTreeMap<usize, Facts> = BTreeMap::new();
        for (id, facts) in std::mem::take(&mut self.facts).into_iter().enumerate() {
            let first = facts.first;
            let all = by_group.entry(self.representative(id)).or_insert_with(|| Facts { first, ..Facts::default() });
            all.first = all.first.min(first);
            all.field = all.field.or(facts.field);
            all.roots.extend(facts.roots);
            all.as_list.extend(facts.as_list);
            all.as_map.extend(facts.as_map);
            all.as_either.extend(facts.as_either);
            all.stuck.extend(facts.stuck);
            all.open.extend(facts.open);
            all.jobs.extend(facts.jobs);
            all.parts.extend(facts.parts);
        }
        let mut found: Vec<(u32, Group<'c>)> = Vec::new();
        for facts in by_group.into_values() {
            let Some(field) = facts.field.map(|at| self.fields[at]) else { continue };
            let is_open = !facts.open.is_empty() || !facts.stuck.is_empty();
            let fix = match facts.stuck.values().next() {
                Some(why) => Err(why.clone()),
                None if facts.as_list.is_empty() && facts.as_either.is_empty() => {
                    Err("nothing shows whether it is a list or a map".to_owned())
                }
                None => Writer::new(&self, field).fix(&facts),
            };
            let spans = |spans: &BTreeSet<Span>| spans.iter().copied().collect::<Vec<_>>();
            let (roots, as_list, as_map) = (spans(&facts.roots), spans(&facts.as_list), spans(&facts.as_map));
            let as_either = spans(&facts.as_either);
            found.push((facts.first, Group { field, roots, as_list, as_map, as_either, is_open, fix }));
        }
        found.sort_by_key(|(first, _)| *first);
        found.into_iter().map(|(_, group)| group).collect()
    }

    fn find_roots(&mut self) {
        let module = self.module;
        for (form, one) in module.forms() {
            let is_code = one.kind == FormKind::Function
                || one.kind == FormKind::Attribute && module.source().slice(one.name) == "define";
            let text = module.text_of(form);
            if !is_code || !self.fields.iter().any(|field| text.contains(field.record)) {
                continue;
            }
            let Ok(tree) = Tree::of(module, form) else { continue };
            let at = self.add(tree);
            let ast = self.trees[at].ast;
            for (node, _) in ast.nodes() {
                for (index, value) in self.roots_at(ast, node) {
                    let id = self.visit((at, value), None);
                    self.facts[id].field = Some(index);
                    self.facts[id].roots.insert(ast.span(value));
                }
            }
        }
    }

    pub(super) fn add(&mut self, tree: Tree<'a>) -> usize {
        if let Some(at) = self.trees.iter().position(|known| known.form == tree.form) {
            return at;
        }
        self.trees.push(tree);
        self.trees.len() - 1
    }

    /// The values of the fields that a node names.
    fn roots_at(&self, ast: &Ast, node: NodeId) -> Vec<(usize, NodeId)> {
        let is = |name: &Name, of: &Field<'_>| name == of.record;
        let mut found = Vec::new();
        for (index, field) in self.fields.iter().enumerate() {
            match ast.expr(node) {
                Expr::Record { name, fields, .. } if is(name, field) => {
                    let named = |key: NodeId| ast.atom(key).is_some_and(|it| it == field.field);
                    let own = ast.fields(*fields).iter().filter(|it| named(it.key));
                    found.extend(own.filter_map(|it| it.value).map(|value| (index, value)));
                }
                Expr::RecordField { field: of, .. } if is(&of.record, field) && of.field == field.field => {
                    found.push((index, node));
                }
                Expr::Tuple(items) => {
                    let (Some((size, at)), items) = (field.in_tuple(), ast.list(*items)) else { continue };
                    let tagged = items.first().and_then(|&tag| ast.atom(tag)).is_some_and(|tag| is(tag, field));
                    if tagged && items.len() == size {
                        found.push((index, items[at]));
                    }
                }
                _ => {}
            }
        }
        found
    }

    pub(super) fn is_root(&self, ast: &Ast, parent: NodeId, node: NodeId) -> bool {
        self.roots_at(ast, parent).iter().any(|(_, value)| *value == node)
    }

    // --- Joining ----------------------------------------------------------------------------------------

    fn representative(&mut self, mut id: usize) -> usize {
        while self.joined[id] != id {
            self.joined[id] = self.joined[self.joined[id]];
            id = self.joined[id];
        }
        id
    }

    /// Notes that a node's value is one of them, and the same as that of another node.
    pub(super) fn visit(&mut self, key: Key, from: Option<Key>) -> usize {
        let id = match self.ids.get(&key) {
            Some(&id) => id,
            None => {
                let id = self.joined.len();
                self.joined.push(id);
                let first = self.trees[key.0].ast.span(key.1).start;
                self.facts.push(Facts { first, ..Facts::default() });
                self.ids.insert(key, id);
                self.queue.push(key);
                id
            }
        };
        if let Some(other) = from.and_then(|from| self.ids.get(&from).copied()) {
            let (one, other) = (self.representative(id), self.representative(other));
            self.joined[one] = other;
        }
        id
    }

    /// Joins a node with another one of the same form where that is known to be such a value: a list is made of one, and is one.
    pub(super) fn join_known(&mut self, key: Key, other: NodeId) {
        if self.ids.contains_key(&(key.0, other)) {
            self.visit((key.0, other), Some(key));
        }
    }

    pub(super) fn facts(&mut self, key: Key) -> &mut Facts {
        let id = self.ids.get(&key).copied().unwrap_or(0);
        &mut self.facts[id]
    }

    pub(super) fn stuck(&mut self, key: Key, why: impl Into<String>) {
        let start = self.trees[key.0].ast.span(key.1).start;
        self.facts(key).stuck.entry(start).or_insert(why.into());
    }

    pub(super) fn list_at(&mut self, key: Key, node: NodeId) {
        let span = self.trees[key.0].ast.span(node);
        self.facts(key).as_list.insert(span);
    }

    pub(super) fn map_at(&mut self, key: Key, node: NodeId) {
        let span = self.trees[key.0].ast.span(node);
        self.facts(key).as_map.insert(span);
    }

    pub(super) fn job(&mut self, key: Key, node: NodeId, job: Job) {
        self.facts(key).jobs.push(((key.0, node), job));
    }

    pub(super) fn shown(&self, (at, node): Key) -> String {
        let text = self.trees[at].text(node);
        let mut lines = text.lines();
        let first = lines.next().unwrap_or("").trim_end();
        if lines.next().is_some() { format!("`{first} ...`") } else { format!("`{first}`") }
    }

    // --- Where a value comes from -----------------------------------------------------------------------

    fn down(&mut self, key: Key) {
        let (at, node) = key;
        let ast = self.trees[at].ast;
        if let Expr::Var(name) = ast.expr(node) {
            if name != "_" {
                self.variable(key);
            }
            return;
        }
        if is_pattern(&self.trees[at], node) {
            return self.pattern(key);
        }
        let from = Some(key);
        match *ast.expr(node) {
            Expr::RecordField { .. } | Expr::Atom(_) => {
                if !self.roots_at(ast, node).iter().any(|(_, value)| *value == node)
                    && matches!(ast.expr(node), Expr::RecordField { .. })
                {
                    self.stuck(key, format!("where {} comes from is not seen", self.shown(key)));
                }
            }
            Expr::List { tail, .. } => {
                self.list_at(key, node);
                self.job(key, node, Job::Literal);
                if let Some(tail) = tail {
                    self.visit((at, tail), from);
                }
            }
            Expr::Map { base, .. } => {
                self.map_at(key, node);
                if let Some(base) = base {
                    self.visit((at, base), from);
                }
            }
            Expr::Comprehension { kind: ComprehensionKind::List, qualifiers, .. } => {
                self.list_at(key, node);
                self.job(key, node, Job::FromList);
                for (_, source) in generators(ast, qualifiers) {
                    self.join_known(key, source);
                }
            }
            Expr::Comprehension { kind: ComprehensionKind::Map, .. } => self.map_at(key, node),
            Expr::Binop { op: Op::Append, left, right } => {
                self.list_at(key, node);
                self.job(key, node, Job::Append);
                self.visit((at, left), from);
                self.visit((at, right), from);
            }
            Expr::Match { left, right } => {
                self.visit((at, left), from);
                self.visit((at, right), from);
            }
            Expr::Case { .. }
            | Expr::If { .. }
            | Expr::Receive { .. }
            | Expr::Try { .. }
            | Expr::Maybe { .. }
            | Expr::Block(_) => {
                for value in bodies::values(ast, node) {
                    self.visit((at, value), from);
                }
            }
            Expr::Call { module, function, args } => {
                let called = callee(self.module, ast, module, function);
                self.given(key, &called, ast.list(args));
            }
            Expr::Macro { .. } => self.stuck(key, format!("what {} stands for is not looked into", self.shown(key))),
            _ => self.stuck(key, format!("where {} comes from is not seen", self.shown(key))),
        }
    }

    /// What a call gives is such a value.
    fn given(&mut self, key: Key, called: &Callee, args: &[NodeId]) {
        let (module, function) = match called {
            Callee::Local(name) if self.is_own(name, args.len()) => return self.returned(key, name, args.len()),
            Callee::Local(name) => ("erlang", name.as_str()),
            Callee::Remote(module, name) => (module.as_str(), name.as_str()),
            Callee::Dynamic => {
                return self.stuck(key, format!("what {} gives is not seen", self.shown(key)));
            }
        };
        let at = key.0;
        if (module, function) == ("maps", "from_list") {
            self.map_at(key, key.1);
        } else if let Some(taker) = calls::known(module, function, args.len()).filter(|taker| taker.gives) {
            self.list_at(key, key.1);
            match (module, taker.becomes) {
                // What is filtered may be any list.
                (_, Becomes::Filter) => self.job(key, key.1, Job::FromList),
                _ => {
                    self.visit((at, args[taker.index]), Some(key));
                }
            }
        } else if (module, function) == ("maps", "to_list") {
            self.list_at(key, key.1);
            self.job(key, key.1, Job::OfMap);
        } else if module == "maps" {
            self.map_at(key, key.1);
            if let Some((index, true)) = calls::of_map(module, function, args.len()) {
                self.visit((at, args[index]), Some(key));
            }
        } else if calls::gives_list(module, function) {
            self.list_at(key, key.1);
            self.job(key, key.1, Job::FromList);
            args.iter().for_each(|&arg| self.join_known(key, arg));
        } else if let Some(index) = self.kept(module, function, args.len()).filter(|(_, gives)| *gives) {
            self.visit((at, args[index.0]), Some(key));
        } else {
            self.stuck(key, format!("whether `{module}:{function}/{}` gives a list or a map is not seen", args.len()));
        }
    }

    pub(super) fn kept(&self, module: &str, function: &str, arity: usize) -> Option<(usize, bool)> {
        let is = |it: &&Keeping| it.module == module && it.function == function && it.arity == arity;
        self.keep.iter().find(is).map(|it| (it.index, it.gives))
    }

    pub(super) fn variable(&mut self, key: Key) {
        match scope::occurrences(&self.trees[key.0], key.1) {
            Ok(all) => all.into_iter().for_each(|node| {
                self.visit((key.0, node), Some(key));
            }),
            Err(why) => self.stuck(key, why),
        }
    }

    fn pattern(&mut self, key: Key) {
        let (at, node) = key;
        let ast = self.trees[at].ast;
        match *ast.expr(node) {
            Expr::List { .. } => {
                self.list_at(key, node);
                self.job(key, node, Job::Pattern);
            }
            Expr::Map { .. } => self.map_at(key, node),
            Expr::Match { left, right } => {
                self.visit((at, left), Some(key));
                self.visit((at, right), Some(key));
            }
            Expr::Atom(_) => {}
            _ => self.stuck(key, format!("what the pattern {} demands is not seen", self.shown(key))),
        }
    }
}

/// Whether a node is matched with rather than evaluated.
#[must_use]
pub fn is_pattern(tree: &Tree<'_>, node: NodeId) -> bool {
    let ast = tree.ast;
    let mut child = node;
    let in_clauses = |clauses: Clauses, child: NodeId| {
        ast.clauses(clauses).iter().any(|clause| ast.list(clause.patterns).contains(&child))
    };
    for above in tree.ancestors(node) {
        match *ast.expr(above) {
            Expr::Match { left, .. } | Expr::CondMatch { left, .. } if left == child => return true,
            Expr::Generator { pattern, .. } => return pattern == child,
            Expr::Case { clauses, .. }
            | Expr::Receive { clauses, .. }
            | Expr::Fun { clauses }
            | Expr::Maybe { otherwise: clauses, .. } => return in_clauses(clauses, child),
            Expr::Try { of, catch, .. } => return in_clauses(of, child) || in_clauses(catch, child),
            Expr::If { .. } | Expr::Block(_) | Expr::Call { .. } | Expr::Comprehension { .. } => return false,
            _ => {}
        }
        child = above;
    }
    tree.clause(node).is_some_and(|clause| ast.list(clause.patterns).contains(&child))
}

/// The generators of a comprehension: their patterns and sources.
#[must_use]
pub fn generators(ast: &Ast, qualifiers: Nodes) -> Vec<(NodeId, NodeId)> {
    let generators = ast.list(qualifiers).iter().filter_map(|&it| match *ast.expr(it) {
        Expr::Generator { pattern, source } => Some((pattern, source)),
        _ => None,
    });
    generators.collect()
}

/// Whether a node is part of a guard.
#[must_use]
pub fn in_guard(tree: &Tree<'_>, node: NodeId) -> bool {
    let ast = tree.ast;
    let span = ast.span(node);
    let guards = |clause: &Clause| ast.list(clause.guard).iter().any(|&it| ast.span(it).contains(span));
    let inner = tree.ancestors(node).any(|above| match *ast.expr(above) {
        Expr::Case { clauses, .. } | Expr::If { clauses } | Expr::Receive { clauses, .. } | Expr::Fun { clauses } => {
            ast.clauses(clauses).iter().any(guards)
        }
        Expr::Try { of, catch, .. } => ast.clauses(of).iter().chain(ast.clauses(catch)).any(guards),
        _ => false,
    });
    inner || tree.clause(node).is_some_and(guards)
}
