//! Which expressions an expression's value can come from: through `case`, `if`, `receive`, `try`, `maybe`, blocks,
//! matches, variables, and calls of functions of the project.

use std::sync::Arc;

use super::{At, CallSite, Callee, MAX_CALLS, branch_around, callee, clauses_of, is_log_macro};
use crate::budget::spend;
use crate::finding::Place;
use crate::project::modules::Modules;
use crate::syntax::ast::{Clause, Clauses, Expr, Name, NodeId, Nodes};

/// Where a value comes from.
#[derive(Clone)]
pub enum Leaf {
    /// An expression that says itself what it is.
    Node(At, NodeId),
    /// An argument of the handler: 0 is the accumulator. The place is where it is used.
    Argument(usize, Place),
    /// Cannot be followed, and why.
    Unknown(Place, String),
}

/// How many leaves one value has, at most.
pub const MAX_LEAVES: usize = 200;

/// How many expressions are looked at for one value, at most.
const MAX_STEPS: usize = 2_000;

/// How many expressions can stand between a value and where it comes from; to follow one takes stack.
const MAX_WAY: usize = 100;

/// Functions that return no value.
const NO_RETURN: [&str; 4] = ["error", "exit", "throw", "nif_error"];

/// Follows values to where they come from.
pub struct Leaves<'a> {
    modules: &'a Modules,
    pub found: Vec<Leaf>,
    /// Nodes on the way down, so that a loop is walked once.
    on_the_way: Vec<(*const crate::outline::Module, NodeId, crate::outline::FormIndex)>,
    /// How many expressions were looked at.
    steps: usize,
    /// Patterns choose nothing: every value that may come is found, and some that may not.
    all: bool,
}

impl<'a> Leaves<'a> {
    /// The leaves of an expression in a clause.
    #[must_use]
    pub fn of(modules: &'a Modules, at: &At, node: NodeId) -> Vec<Leaf> {
        let mut leaves = Self { modules, found: Vec::new(), on_the_way: Vec::new(), steps: 0, all: false };
        leaves.follow(at, node);
        leaves.found
    }

    /// The leaves of an expression with those that a pattern may refuse: enough to know what a value is not.
    #[must_use]
    pub fn all_of(modules: &'a Modules, at: &At, node: NodeId) -> Vec<Leaf> {
        let mut leaves = Self { modules, found: Vec::new(), on_the_way: Vec::new(), steps: 0, all: true };
        leaves.follow(at, node);
        leaves.found
    }

    /// The leaves of what a clause returns.
    #[must_use]
    pub fn of_clause(modules: &'a Modules, at: &At) -> Vec<Leaf> {
        let mut leaves = Self { modules, found: Vec::new(), on_the_way: Vec::new(), steps: 0, all: false };
        leaves.follow_clause(at);
        leaves.found
    }

    fn follow_clause(&mut self, at: &At) {
        let Some(clause) = at.clause() else { return };
        if at.is_broken() {
            self.found.push(Leaf::Unknown(at.head(), "the clause could not be parsed".to_owned()));
        } else {
            self.follow_last(at, clause.body);
        }
    }

    fn unknown(&mut self, at: &At, node: NodeId, why: impl Into<String>) {
        self.found.push(Leaf::Unknown(at.place(node), why.into()));
    }

    fn follow(&mut self, at: &At, node: NodeId) {
        spend(1 + self.on_the_way.len() / 8);
        let mark = (Arc::as_ptr(&at.module), node, at.form);
        if self.on_the_way.contains(&mark) {
            if self.all && !keeps_arguments_apart(at, node) {
                self.unknown(at, node, "its arguments change places as it calls itself");
            }
            return;
        }
        if self.found.len() >= MAX_LEAVES || self.steps > MAX_STEPS {
            return;
        }
        self.steps += 1;
        if self.steps > MAX_STEPS || self.on_the_way.len() >= MAX_WAY {
            return self.unknown(at, node, "the code is too large to be followed");
        }
        self.on_the_way.push(mark);
        self.follow_expr(at, node);
        self.on_the_way.pop();
    }

    fn follow_last(&mut self, at: &At, nodes: Nodes) {
        if let Some(&last) = at.ast().list(nodes).last() {
            self.follow(at, last);
        }
    }

    fn follow_clauses(&mut self, at: &At, clauses: Clauses) {
        for clause in at.ast().clauses(clauses) {
            match clause.from_macro {
                Some(node) => self.unknown(at, node, "the clause comes from a macro"),
                None => self.follow_last(at, clause.body),
            }
        }
    }

    fn follow_expr(&mut self, at: &At, node: NodeId) {
        let ast = at.ast();
        match ast.expr(node) {
            Expr::Case { clauses, .. } | Expr::If { clauses } | Expr::Receive { clauses, .. } => {
                self.follow_clauses(at, *clauses);
            }
            Expr::Try { body, of, catch, .. } => {
                if of.is_empty() {
                    self.follow_last(at, *body);
                }
                self.follow_clauses(at, *of);
                self.follow_clauses(at, *catch);
            }
            Expr::Maybe { body, otherwise } => {
                self.follow_last(at, *body);
                self.follow_clauses(at, *otherwise);
                let conditional = ast.list(*body).iter().any(|&id| matches!(ast.expr(id), Expr::CondMatch { .. }));
                if otherwise.is_empty() && conditional {
                    self.unknown(at, node, "a `?=` that does not match makes its value the result");
                }
            }
            Expr::Block(items) => self.follow_last(at, *items),
            Expr::Match { right, .. } | Expr::CondMatch { right, .. } => self.follow(at, *right),
            Expr::Catch(_) => self.unknown(at, node, "a caught exception becomes the value"),
            Expr::Var(name) => self.follow_variable(at, node, name),
            Expr::Call { module, function, args } => {
                let callee = callee(&at.module, ast, *module, *function);
                self.follow_call(at, node, &callee, *args);
            }
            Expr::Macro { name, .. } if is_log_macro(name) => self.found.push(Leaf::Node(at.clone(), node)),
            Expr::Macro { name, args } => self.follow_macro(at, node, name, args.is_some()),
            Expr::Error => self.unknown(at, node, "the code could not be parsed"),
            _ => self.found.push(Leaf::Node(at.clone(), node)),
        }
    }

    fn follow_call(&mut self, at: &At, node: NodeId, callee: &Callee, args: Nodes) {
        match callee {
            Callee::Local(name) => {
                if at.module.defines(name, args.len()) {
                    self.follow_function(at, node, &Arc::clone(&at.module), name, args);
                } else if !NO_RETURN.contains(&name.as_str()) {
                    self.found.push(Leaf::Node(at.clone(), node));
                }
            }
            Callee::Remote(module, name) if module == "erlang" && NO_RETURN.contains(&name.as_str()) => {}
            Callee::Remote(module, name) => match self.modules.module(module, at.module.source().path()) {
                Some(other) if other.defines(name, args.len()) => self.follow_function(at, node, &other, name, args),
                _ => self.found.push(Leaf::Node(at.clone(), node)),
            },
            Callee::Dynamic => self.unknown(at, node, "the called function is known only when the code runs"),
        }
    }

    fn follow_function(
        &mut self,
        at: &At,
        node: NodeId,
        module: &Arc<crate::outline::Module>,
        name: &Name,
        args: Nodes,
    ) {
        if at.depth >= MAX_CALLS {
            self.unknown(at, node, "the calls nest too deeply to be followed");
            return;
        }
        let call = Arc::new(CallSite { at: at.clone(), args });
        for mut clause in clauses_of(module, name, args.len()) {
            clause.caller = Some(Arc::clone(&call));
            clause.depth = at.depth + 1;
            self.follow_clause(&clause);
        }
    }

    fn follow_variable(&mut self, at: &At, node: NodeId, name: &Name) {
        let Some(clause) = at.clause() else { return };
        let (bindings, chosen) = (bindings(at, clause, name), chosen(at, clause, node, name));
        if bindings.is_empty() {
            self.unknown(at, node, format!("{name} is bound by a pattern"));
        }
        for binding in bindings {
            let (on_the_way, steps) = (std::mem::take(&mut self.on_the_way), self.steps);
            let mut inner = Leaves { modules: self.modules, found: Vec::new(), on_the_way, steps, all: self.all };
            inner.follow_binding(at, node, &binding);
            (self.on_the_way, self.steps) = (inner.on_the_way, inner.steps);
            for leaf in inner.found {
                self.push_chosen(at, node, leaf, &binding, &chosen);
            }
        }
    }

    fn follow_binding(&mut self, at: &At, node: NodeId, binding: &Binding) {
        match binding {
            Binding::Value(value) => self.follow(at, *value),
            Binding::Argument(index) => match &at.caller {
                None => self.found.push(Leaf::Argument(*index, at.place(node))),
                Some(call) => match call.at.ast().list(call.args).get(*index) {
                    Some(&argument) => self.follow(&call.at.clone(), argument),
                    None => self.unknown(at, node, "it is an argument that cannot be followed"),
                },
            },
        }
    }

    /// Keeps a value that a pattern chooses from others if the pattern surely takes it. What it does not surely refuse
    /// is unknown.
    fn push_chosen(&mut self, at: &At, node: NodeId, leaf: Leaf, binding: &Binding, chosen: &Chosen) {
        let tag = match &leaf {
            Leaf::Node(at, node) => tag(at, *node),
            _ => None,
        };
        // A name for a name: whatever is chosen, it is that.
        let same = match binding {
            Binding::Value(value) => at.ast().is_var(*value),
            Binding::Argument(_) => true,
        };
        match (tag, chosen, &leaf) {
            (Some(tag), Chosen::Tagged(chosen), _) if tag != chosen => {}
            (Some(_), ..) | (_, Chosen::Any, _) => self.found.push(leaf),
            _ if self.all => self.found.push(leaf),
            (_, Chosen::Some, Leaf::Argument(..)) if same => self.found.push(leaf),
            _ => self.unknown(at, node, "it is what a pattern has chosen"),
        }
    }

    fn follow_macro(&mut self, at: &At, node: NodeId, name: &Name, has_args: bool) {
        let definitions = self.modules.definitions(&at.module, name, None);
        let [(module, form)] = &definitions[..] else {
            return self.unknown(at, node, format!("the macro {name} cannot be looked into"));
        };
        let body = module.ast(*form).ok().and_then(|ast| Some((ast, ast.macro_body()?)));
        match body {
            // Plain values only: code in a macro has the variables of the place where it is used.
            Some((ast, body))
                if !has_args && matches!(ast.expr(body), Expr::Atom(_) | Expr::Tuple(_) | Expr::Integer(_)) =>
            {
                let inside = At { module: Arc::clone(module), form: *form, item: 0, caller: None, depth: MAX_CALLS };
                self.found.push(Leaf::Node(inside, body));
            }
            _ => self.unknown(at, node, format!("the macro {name} cannot be looked into")),
        }
    }
}

/// Whether a call of a function by itself brings no argument to another place, so that to have followed it once tells
/// which values an argument can have. `true` for what is no call.
#[must_use]
pub fn keeps_arguments_apart(at: &At, node: NodeId) -> bool {
    let (ast, Some(clause)) = (at.ast(), at.clause()) else { return false };
    let Expr::Call { module, function, args } = ast.expr(node) else { return true };
    let Callee::Local(name) = callee(&at.module, ast, *module, *function) else { return false };
    if (name, args.len()) != at.function() {
        return false;
    }
    let patterns = ast.list(clause.patterns);
    let is_term = |arg: NodeId| matches!(ast.expr(arg), Expr::Tuple(_) | Expr::List { .. } | Expr::Map { .. });
    ast.list(*args).iter().enumerate().filter(|(_, arg)| !is_term(**arg)).all(|(place, &arg)| {
        let mut names = ast.descend([arg]).filter_map(|(id, _)| ast.var(id));
        names.all(|name| {
            let mut others = patterns.iter().enumerate().filter(|(other, _)| *other != place);
            !others.any(|(_, &pattern)| names_whole(at, pattern, name))
        })
    })
}

/// The tag of `{ok, _}` and `{stop, _}`.
fn tag(at: &At, node: NodeId) -> Option<&Name> {
    let ast = at.ast();
    let Expr::Tuple(items) = ast.expr(node) else { return None };
    match *ast.list(*items) {
        [tag, _] => ast.atom(tag).filter(|tag| *tag == "ok" || *tag == "stop"),
        _ => None,
    }
}

/// What gives a variable its value.
enum Binding {
    Value(NodeId),
    Argument(usize),
}

/// Everything that can give a variable its value: in the branches of a `case`, that is more than one thing.
fn bindings(at: &At, clause: &Clause, name: &Name) -> Vec<Binding> {
    let ast = at.ast();
    let patterns = ast.list(clause.patterns).iter().enumerate();
    if let Some((index, _)) = patterns.into_iter().find(|&(_, &pattern)| names_whole(at, pattern, name)) {
        return vec![Binding::Argument(index)];
    }
    let mut found = Vec::new();
    for (_, expr) in ast.descend_clause(clause) {
        match expr {
            Expr::Match { left, right } | Expr::CondMatch { left, right } if names_whole(at, *left, name) => {
                found.push(Binding::Value(*right));
            }
            Expr::Case { subject, clauses } => {
                let takes = |clause: &Clause| {
                    ast.list(clause.patterns).first().is_some_and(|&pattern| names_whole(at, pattern, name))
                };
                if ast.clauses(*clauses).iter().any(takes) {
                    found.push(Binding::Value(*subject));
                }
            }
            _ => {}
        }
    }
    found
}

/// What is known of a variable's value by the branch, or the clause of a function, in which it is used.
enum Chosen {
    Any,
    /// Its tag, `ok` or `stop`.
    Tagged(Name),
    /// What other branches or clauses left over, or a pattern that says no tag.
    Some,
}

fn chosen(at: &At, clause: &Clause, node: NodeId, name: &Name) -> Chosen {
    let ast = at.ast();
    let mut chosen = match ast.list(clause.patterns).iter().position(|&pattern| names_whole(at, pattern, name)) {
        Some(index) if at.caller.is_some() => by_pattern(at, clause, index, !at.is_first()),
        _ => Chosen::Any,
    };
    for around in at.path_to(node) {
        let Expr::Case { subject, clauses } = ast.expr(around) else { continue };
        let clauses = ast.clauses(*clauses);
        let Some(own) = branch_around(clauses, ast.span(node)) else { continue };
        let by_subject = names_whole(at, *subject, name);
        let by_name = ast.list(own.patterns).first().is_some_and(|&pattern| names_whole(at, pattern, name));
        if by_subject || by_name {
            let first = clauses.first().is_some_and(|first| first.span == own.span);
            chosen = by_pattern(at, own, 0, !first);
        }
    }
    chosen
}

fn by_pattern(at: &At, clause: &Clause, index: usize, others_before: bool) -> Chosen {
    let ast = at.ast();
    let Some(&pattern) = ast.list(clause.patterns).get(index) else { return Chosen::Any };
    let parts = match ast.expr(pattern) {
        Expr::Match { left, right } => [*left, *right],
        _ => [pattern, pattern],
    };
    if let Some(tag) = parts.iter().find_map(|&part| tag(at, part)) {
        return Chosen::Tagged(tag.clone());
    }
    let whole = parts.iter().all(|&part| ast.is_var(part)) && clause.guard.is_empty();
    if whole && !others_before { Chosen::Any } else { Chosen::Some }
}

/// Whether a pattern gives the whole value this name: `Name`, `Name = Pattern` or `Pattern = Name`.
fn names_whole(at: &At, pattern: NodeId, name: &Name) -> bool {
    let ast = at.ast();
    match ast.expr(pattern) {
        Expr::Var(var) => var == name && name != "_",
        Expr::Match { left, right } => names_whole(at, *left, name) || names_whole(at, *right, name),
        _ => false,
    }
}
