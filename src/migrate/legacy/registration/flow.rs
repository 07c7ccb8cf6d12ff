//! Where lists of registrations go: to the interface, and perhaps elsewhere.

use rustc_hash::FxHashSet;

use super::calls::{Call, is_interface};
use super::sites::{Site, Sites};
use crate::finding::Place;
use crate::migrate::code::bodies::bodies;
use crate::migrate::serving::Context;
use crate::project::handlers::{Callee, callee};
use crate::syntax::ast::{Ast, Clause, Expr, Name, NodeId, Op};

/// How many steps are followed, at most.
const MAX_STEPS: usize = 400;

/// How many variables and functions a list is followed through, one after the other.
const MAX_DEPTH: usize = 40;

/// A place at which a list with this tuple is used for something other than adding and deleting.
#[must_use]
pub fn elsewhere(context: &Context<'_>, sites: &Sites, tuple: Site<'_>) -> Option<Place> {
    let mut follow = Follow { context, sites, seen: FxHashSet::default(), depth: 0, found: None };
    follow.value(tuple);
    follow.found
}

struct Follow<'a> {
    context: &'a Context<'a>,
    sites: &'a Sites,
    /// Places whose values were followed already.
    seen: FxHashSet<(std::path::PathBuf, u32, u32)>,
    depth: usize,
    found: Option<Place>,
}

impl Follow<'_> {
    /// Follows the value of a node to whatever uses it.
    fn value(&mut self, mut site: Site<'_>) {
        if self.depth >= MAX_DEPTH {
            // What it is used for behind that is not known.
            self.found.get_or_insert_with(|| site.place(site.node));
            return;
        }
        self.depth += 1;
        while let Some(around) = self.step(site) {
            site = around;
        }
        self.depth -= 1;
    }

    /// Follows the value of a node to what it is used for. Returns what is around it where that has the same value.
    fn step<'s>(&mut self, site: Site<'s>) -> Option<Site<'s>> {
        let span = site.ast.span(site.node);
        let key = (site.module.source().path().to_path_buf(), span.start, span.end);
        if self.found.is_some() || self.seen.len() >= MAX_STEPS || !self.seen.insert(key) {
            return None;
        }
        // A macro's uses are as many as its users; the fix says so itself.
        let clause = site.ast.function_clauses().find(|clause| has(site.ast, clause, site.node))?;
        let Some(parent) = site.ast.parent(site.node) else {
            if site.ast.list(clause.body).last() == Some(&site.node) {
                self.result(site, clause);
            }
            return None;
        };
        let up = Site { node: parent, ..site };
        let ast = site.ast;
        match ast.expr(parent) {
            Expr::List { .. } | Expr::Block(_) | Expr::Binop { op: Op::Append | Op::Subtract, .. } | Expr::Catch(_) => {
                return is_kept(up, site.node).then_some(up);
            }
            Expr::Comprehension { template, .. } if ast.list(*template).contains(&site.node) => return Some(up),
            Expr::Case { subject, .. } if *subject == site.node => self.found = Some(site.place(site.node)),
            Expr::Case { .. } | Expr::If { .. } | Expr::Try { .. } | Expr::Receive { .. } | Expr::Maybe { .. } => {
                return is_kept(up, site.node).then_some(up);
            }
            Expr::Match { left, right } if *right == site.node => {
                match ast.var(*left) {
                    Some(name) if name == "_" => {}
                    Some(name) => self.variable(site, clause, name, *left),
                    None => self.found = Some(site.place(parent)),
                }
                return Some(up);
            }
            Expr::Fun { clauses } => {
                let is_last = |clause: &Clause| ast.list(clause.body).last() == Some(&site.node);
                return ast.clauses(*clauses).iter().any(is_last).then_some(up);
            }
            Expr::Call { .. } => self.argument(up, site.node),
            _ => self.found = Some(site.place(parent)),
        }
        None
    }

    fn variable(&mut self, site: Site<'_>, clause: &Clause, name: &Name, bound: NodeId) {
        let uses: Vec<NodeId> = site
            .ast
            .descend_clause(clause)
            .filter(|(node, expr)| *node != bound && matches!(expr, Expr::Var(it) if it == name))
            .map(|(node, _)| node)
            .collect();
        for node in uses {
            self.value(Site { node, ..site });
        }
    }

    /// A list that is handed to a function.
    fn argument(&mut self, call: Site<'_>, node: NodeId) {
        let ast = call.ast;
        let Expr::Call { module, function, args } = ast.expr(call.node) else { return };
        let args = ast.list(*args);
        let hands_over = |&arg: &NodeId| {
            is_interface(ast, arg)
                || matches!(ast.expr(arg), Expr::FunRef { module: Some(it), .. } if is_interface(ast, *it))
        };
        if Call::at(call.module, ast, call.node).is_some() || args.iter().any(hands_over) {
            return;
        }
        let position = args.iter().position(|&arg| arg == node);
        match (callee(call.module, ast, *module, *function), position) {
            (Callee::Remote(module, function), _) if module == "lists" && passes_on(&function) => self.value(call),
            (Callee::Local(function), Some(position)) => {
                self.parameter(call, &call.module.name().clone(), &function, args.len(), position);
            }
            (Callee::Remote(module, function), Some(position)) => {
                self.parameter(call, &module, &function, args.len(), position);
            }
            _ => self.found = Some(call.place(call.node)),
        }
    }

    fn parameter(&mut self, call: Site<'_>, module: &Name, function: &Name, arity: usize, position: usize) {
        let files = self.sites.files();
        let Some(module) = files.iter().find(|file| file.name() == module && file.defines(function, arity)) else {
            self.found = Some(call.place(call.node));
            return;
        };
        for form in module.function(function, arity) {
            let Ok(ast) = module.ast(form) else { continue };
            for clause in ast.function_clauses() {
                let Some(&pattern) = ast.list(clause.patterns).get(position) else { continue };
                let site = Site { module, form, ast, node: pattern };
                match ast.var(pattern) {
                    Some(name) if name == "_" => {}
                    Some(name) => self.variable(site, clause, &name.clone(), pattern),
                    None => self.found = Some(site.place(pattern)),
                }
            }
        }
    }

    /// What callers do with the result of a function.
    fn result(&mut self, site: Site<'_>, clause: &Clause) {
        let Some(function) = clause.name.and_then(|name| site.ast.atom(name)) else { return };
        let (owner, arity) = (site.module.name(), clause.patterns.len());
        for user in self.context.modules.with_word(function) {
            let own = user.source().path() == site.module.source().path();
            if !own && !user.source().text().contains(owner.as_str()) {
                continue;
            }
            let forms: Vec<_> = user.forms().map(|(form, _)| form).collect();
            for form in forms.into_iter().filter(|&form| user.text_of(form).contains(function.as_str())) {
                let Ok(ast) = user.ast(form) else { continue };
                for (node, it) in ast.nodes() {
                    let (module, called) = match &it.expr {
                        Expr::Call { module, function, args } if args.len() == arity => (*module, *function),
                        Expr::FunRef { module, function, .. } => (*module, *function),
                        _ => continue,
                    };
                    let is_it = match callee(&user, ast, module, called) {
                        Callee::Local(name) => own && name == *function,
                        Callee::Remote(module, name) => module == *owner && name == *function,
                        Callee::Dynamic => false,
                    };
                    if is_it {
                        self.value(Site { module: &user, form, ast, node });
                    }
                }
            }
        }
    }
}

/// Functions of `lists` whose result is made of their arguments' items, or of what a fun among them returns.
fn passes_on(function: &str) -> bool {
    const FUNCTIONS: [&str; 10] =
        ["append", "concat", "filter", "flatmap", "flatten", "map", "reverse", "sort", "usort", "delete"];
    FUNCTIONS.contains(&function)
}

/// Whether the value of a node is not dropped in what is right above it.
fn is_kept(up: Site<'_>, node: NodeId) -> bool {
    let own = bodies(up.ast, up.node);
    let dropped = own.iter().any(|(body, is_value)| {
        let body = up.ast.list(*body);
        body.contains(&node) && !(*is_value && body.last() == Some(&node))
    });
    !dropped
}

fn has(ast: &Ast, clause: &Clause, node: NodeId) -> bool {
    ast.descend_clause(clause).any(|(it, _)| it == node)
}
