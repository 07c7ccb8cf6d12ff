//! Which options a server's configuration has, as far as its functions `config_spec/0` spell them.
//!
//! Specs are Erlang expressions that may compute what they like. Literal records and maps, the functions and variables that
//! they name, and `maps:merge/2` are followed; what is put together in another way is not seen, and counted.

use std::collections::{BTreeMap, BTreeSet};

use super::Tree;
use super::runs::{Body, Function, bodies};
use super::types::one_line;
use crate::outline::Module;
use crate::syntax::ast::{Expr, Name, NodeId};

/// The module whose function `root/0` describes what does not belong to a module.
const ROOT: &str = "mongoose_config_spec";

/// How many tables and functions may lie between the root and an option.
const MAX_DEPTH: usize = 24;

/// An option of a server's configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConfigOption {
    /// The type that is written in its record; empty for a table.
    pub ty: String,
    /// The default that is written in its table, as Erlang; empty when there is none.
    pub default: String,
    /// Path and 1-based line in the source tree.
    pub at: String,
}

/// All options, by their paths as change files write them.
#[derive(Debug, Default)]
pub struct ConfigOptions {
    pub known: BTreeMap<String, ConfigOption>,
    /// Expressions that were not followed.
    pub not_followed: usize,
}

/// What an expression describes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// An option, a table or a list.
    Spec,
    /// A map from keys to specs.
    Items,
    /// A map from keys to defaults.
    Defaults,
}

/// What is looked at next: an expression of a function's clause, and the path of the table that it describes.
struct Item {
    body: usize,
    node: NodeId,
    path: String,
    role: Role,
    depth: usize,
}

/// The options of a tree.
pub(super) fn of(tree: &Tree) -> ConfigOptions {
    // What describes nothing need not be parsed.
    let describes = |module: &&Module| ["#section{", "#option{"].iter().any(|it| module.source().text().contains(it));
    let modules = tree.modules.iter().map(|module| &**module).filter(describes);
    let mut walk = Walk::new(tree, modules.flat_map(bodies).collect());
    let roots: Vec<(usize, String)> = walk.roots();
    for (body, path) in roots {
        walk.result(body, &path, Role::Spec, 0);
    }
    while let Some(item) = walk.waiting.pop() {
        walk.look_at(&item);
    }
    let Walk { mut options, defaults, .. } = walk;
    for (path, default) in defaults {
        options.known.entry(path).and_modify(|option| option.default = default);
    }
    options
}

struct Walk<'m> {
    tree: &'m Tree,
    bodies: Vec<Body<'m>>,
    functions: BTreeMap<Function, Vec<usize>>,
    waiting: Vec<Item>,
    /// Clauses that were followed for a path: a spec that contains itself ends.
    seen: BTreeSet<(usize, String)>,
    options: ConfigOptions,
    defaults: Vec<(String, String)>,
}

impl<'m> Walk<'m> {
    fn new(tree: &'m Tree, bodies: Vec<Body<'m>>) -> Self {
        let mut functions: BTreeMap<Function, Vec<usize>> = BTreeMap::new();
        for (at, body) in bodies.iter().enumerate() {
            functions.entry(body.function()).or_default().push(at);
        }
        Self {
            tree,
            bodies,
            functions,
            waiting: Vec::new(),
            seen: BTreeSet::new(),
            options: ConfigOptions::default(),
            defaults: Vec::new(),
        }
    }

    /// The clauses from which everything is reached, with the paths of what they describe.
    fn roots(&self) -> Vec<(usize, String)> {
        let path = |(module, name, arity): &Function| match (module.as_str(), name.as_str(), arity) {
            (ROOT, "root", 0) => Some(String::new()),
            (module, "config_spec", 0) if module.starts_with("mod_") => Some(format!("modules.{module}")),
            (module, "config_spec", 0) => module.strip_prefix("ejabberd_auth_").map(|name| format!("auth.{name}")),
            _ => None,
        };
        let of = |(function, bodies): (&Function, &Vec<usize>)| {
            let path = path(function)?;
            Some(bodies.iter().map(|body| (*body, path.clone())).collect::<Vec<_>>())
        };
        self.functions.iter().filter_map(of).flatten().collect()
    }

    /// Follows what a clause evaluates to.
    fn result(&mut self, body: usize, path: &str, role: Role, depth: usize) {
        let it = &self.bodies[body];
        let Some(&node) = it.ast.list(it.clause.body).last() else { return };
        if self.seen.insert((body, path.to_owned())) {
            self.follow(body, node, path.to_owned(), role, depth);
        }
    }

    fn follow(&mut self, body: usize, node: NodeId, path: String, role: Role, depth: usize) {
        if depth < MAX_DEPTH {
            self.waiting.push(Item { body, node, path, role, depth: depth + 1 });
        } else {
            self.options.not_followed += 1;
        }
    }

    fn look_at(&mut self, item: &Item) {
        let ast = self.bodies[item.body].ast;
        let node = self.bodies[item.body].resolve(item.node);
        let same =
            |walk: &mut Self, node: NodeId| walk.follow(item.body, node, item.path.clone(), item.role, item.depth);
        match (ast.expr(node), item.role) {
            (Expr::Record { base, name, fields }, Role::Spec) => {
                if let Some(base) = base {
                    same(self, *base);
                }
                self.record(
                    item,
                    node,
                    name,
                    ast.fields(*fields).iter().filter_map(|field| Some((field.key, field.value?))),
                );
            }
            (Expr::Map { base, fields }, Role::Items | Role::Defaults) => {
                if let Some(base) = base {
                    same(self, *base);
                }
                for field in ast.fields(*fields) {
                    let path = match ast.expr(field.key) {
                        Expr::Binary(key) => join(&item.path, key),
                        Expr::Atom(key) if *key == "default" => join(&item.path, "*"),
                        _ => continue,
                    };
                    let Some(value) = field.value else { continue };
                    match item.role {
                        Role::Defaults => self.defaults.push((path, self.bodies[item.body].text(value))),
                        _ => self.follow(item.body, value, path, Role::Spec, item.depth),
                    }
                }
            }
            (Expr::Match { right, .. }, _) => same(self, *right),
            (Expr::Case { clauses, .. }, _) => {
                let results = ast.clauses(*clauses).iter().filter_map(|clause| ast.list(clause.body).last());
                results.copied().for_each(|node| same(self, node));
            }
            (Expr::Call { module, function, args }, _) => {
                let args = ast.list(*args);
                match self.bodies[item.body].callee(*module, *function, args.len()) {
                    Some((module, function, 2)) if module == "maps" && function == "merge" => {
                        args.iter().for_each(|arg| same(self, *arg));
                    }
                    Some(callee) if self.functions.contains_key(&callee) => {
                        let bodies = self.functions.get(&callee).cloned().unwrap_or_default();
                        bodies.into_iter().for_each(|body| self.result(body, &item.path, item.role, item.depth));
                    }
                    _ => self.options.not_followed += 1,
                }
            }
            _ => self.options.not_followed += 1,
        }
    }

    fn record(&mut self, item: &Item, node: NodeId, name: &Name, fields: impl Iterator<Item = (NodeId, NodeId)>) {
        let fields: Vec<_> = fields.collect();
        let body = &self.bodies[item.body];
        let field =
            |key: &str| fields.iter().find(|(it, _)| body.ast.atom(*it).is_some_and(|it| it == key)).map(|it| it.1);
        let path = item.path.clone();
        let source = body.module.source();
        let option = ConfigOption {
            ty: match name.as_str() {
                "option" => field("type").map(|ty| body.text(ty)).unwrap_or_default(),
                "list" => "list".to_owned(),
                _ => String::new(),
            },
            default: String::new(),
            at: self.tree.at(source, body.ast.span(node).start),
        };
        let (items, defaults) = (field("items"), field("defaults"));
        match name.as_str() {
            "section" => {
                items.into_iter().for_each(|it| self.follow(item.body, it, path.clone(), Role::Items, item.depth));
                defaults
                    .into_iter()
                    .for_each(|it| self.follow(item.body, it, path.clone(), Role::Defaults, item.depth));
            }
            "list" => {
                items
                    .into_iter()
                    .for_each(|it| self.follow(item.body, it, format!("{path}[]"), Role::Spec, item.depth));
            }
            "option" => {}
            _ => return,
        }
        // What a list's items are is no option of its own.
        if !path.is_empty() && !path.ends_with("[]") {
            self.options.known.entry(path).or_insert(option);
        }
    }
}

fn join(path: &str, key: &str) -> String {
    let key = one_line(key);
    if path.is_empty() { key } else { format!("{path}.{key}") }
}
