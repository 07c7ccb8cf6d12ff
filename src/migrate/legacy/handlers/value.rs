//! What `ejabberd_hooks` would have taken a value for: to go on with, or as a word to stop.

use crate::catalog::Catalog;
use crate::migrate::code::bodies::values;
use crate::project::handlers::leaves::{Leaf, Leaves, MAX_LEAVES};
use crate::project::handlers::returns::returns_bare_accumulator;
use crate::project::handlers::{At, Callee, callee, is_log_macro};
use crate::project::modules::Modules;
use crate::syntax::ast::{Ast, Clause, Expr, Name, NodeId, Op};

/// What a value was for `ejabberd_hooks`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The accumulator that the next handler gets.
    GoOn,
    /// `{stop, _}`, which means the same now.
    Stop,
    /// `stop`.
    JustStop,
    /// It depends, or nobody knows.
    Unknown,
}

/// Erlang's functions that return neither `stop` nor a pair that starts with it, whatever they are given.
const PLAIN: [(&str, &[&str]); 8] = [
    (
        "lists",
        &[
            "all",
            "any",
            "append",
            "concat",
            "delete",
            "droplast",
            "duplicate",
            "enumerate",
            "filter",
            "filtermap",
            "flatlength",
            "flatmap",
            "flatten",
            "foreach",
            "join",
            "keydelete",
            "keymap",
            "keymember",
            "keymerge",
            "keyreplace",
            "keysort",
            "keystore",
            "map",
            "member",
            "merge",
            "nthtail",
            "partition",
            "prefix",
            "reverse",
            "seq",
            "sort",
            "splitwith",
            "sublist",
            "subtract",
            "suffix",
            "sum",
            "takewhile",
            "dropwhile",
            "ukeymerge",
            "ukeysort",
            "umerge",
            "unzip",
            "usort",
            "zip",
            "zipwith",
        ],
    ),
    (
        "maps",
        &[
            "filter",
            "filtermap",
            "find",
            "from_list",
            "is_key",
            "keys",
            "map",
            "merge",
            "new",
            "put",
            "remove",
            "size",
            "to_list",
            "update",
            "values",
            "with",
            "without",
        ],
    ),
    ("sets", &["add_element", "del_element", "from_list", "is_element", "new", "subtract", "to_list", "union"]),
    ("ordsets", &["add_element", "del_element", "from_list", "is_element", "new", "subtract", "to_list", "union"]),
    ("gb_sets", &["add", "add_element", "delete", "from_list", "is_member", "new", "to_list", "union"]),
    ("orddict", &["append", "erase", "from_list", "new", "store", "to_list"]),
    ("binary", &["copy", "part", "replace", "split"]),
    ("ets", &["delete", "insert", "insert_new", "lookup", "member", "tab2list", "update_counter"]),
];

/// The like among those that need no module.
const PLAIN_BIFS: [&str; 30] = [
    "abs",
    "atom_to_binary",
    "atom_to_list",
    "binary_to_integer",
    "binary_to_list",
    "bit_size",
    "byte_size",
    "integer_to_binary",
    "integer_to_list",
    "iolist_size",
    "iolist_to_binary",
    "is_list",
    "is_map",
    "is_pid",
    "length",
    "list_to_binary",
    "list_to_integer",
    "list_to_pid",
    "make_ref",
    "map_size",
    "monotonic_time",
    "node",
    "now",
    "phash2",
    "round",
    "self",
    "size",
    "system_time",
    "timestamp",
    "tuple_size",
];

/// How deep funs of folds are looked into.
const MAX_FOLDS: usize = 3;

/// What the value of an expression meant, when that is the same on every way.
pub(super) fn of(modules: &Modules, at: &At, node: NodeId) -> Meaning {
    Judge { modules, folds: 0 }.all(at, node)
}

struct Judge<'a> {
    modules: &'a Modules,
    folds: usize,
}

impl Judge<'_> {
    fn all(&self, at: &At, node: NodeId) -> Meaning {
        let leaves = Leaves::all_of(self.modules, at, node);
        // Of more, some were left out.
        if leaves.is_empty() || leaves.len() >= MAX_LEAVES {
            return Meaning::Unknown;
        }
        common(leaves.iter().map(|leaf| self.leaf(leaf)))
    }

    fn leaf(&self, leaf: &Leaf) -> Meaning {
        match leaf {
            // What the hook gives: had it been a word to stop, the handler would not have been called.
            Leaf::Argument(..) => Meaning::GoOn,
            Leaf::Node(at, node) => self.node(at, *node),
            Leaf::Unknown(..) => Meaning::Unknown,
        }
    }

    fn node(&self, at: &At, node: NodeId) -> Meaning {
        let (ast, mut last, mut is_conditional) = (at.ast(), node, false);
        // As many as stand in a row.
        while let Expr::Binop { op: op @ (Op::Send | Op::And | Op::Or), right, .. } = *ast.expr(last) {
            is_conditional |= op != Op::Send;
            last = right;
        }
        if last != node {
            return match self.all(at, last) {
                Meaning::GoOn => Meaning::GoOn,
                // The other value is `false`, or `true`.
                _ if is_conditional => Meaning::Unknown,
                meaning => meaning,
            };
        }
        match ast.expr(node) {
            Expr::Atom(name) if name == "stop" => Meaning::JustStop,
            Expr::Tuple(items) => match *ast.list(*items) {
                [tag, _] => self.pair(at, tag),
                _ => Meaning::GoOn,
            },
            // A record is a tuple that starts with its name.
            Expr::Record { name, .. } if name == "stop" => Meaning::Unknown,
            Expr::Macro { name, .. } if is_log_macro(name) => Meaning::GoOn,
            Expr::Call { module, function, args } => {
                let args = ast.list(*args);
                match callee(&at.module, ast, *module, *function) {
                    Callee::Local(name) if PLAIN_BIFS.contains(&name.as_str()) => Meaning::GoOn,
                    Callee::Remote(module, name)
                        if module == "lists" && ["foldl", "foldr"].contains(&name.as_str()) =>
                    {
                        self.fold(at, args)
                    }
                    Callee::Remote(module, name) if is_plain(&module, &name) => Meaning::GoOn,
                    _ => Meaning::Unknown,
                }
            }
            Expr::Atom(_)
            | Expr::Integer(_)
            | Expr::Float
            | Expr::Char
            | Expr::String(_)
            | Expr::Binary(_)
            | Expr::Bits(_)
            | Expr::List { .. }
            | Expr::Map { .. }
            | Expr::Record { .. }
            | Expr::RecordIndex { .. }
            | Expr::FunRef { .. }
            | Expr::Fun { .. }
            | Expr::Binop { .. }
            | Expr::Unop { .. }
            | Expr::Comprehension { .. } => Meaning::GoOn,
            _ => Meaning::Unknown,
        }
    }

    /// A pair, by what its first element is.
    fn pair(&self, at: &At, tag: NodeId) -> Meaning {
        let is_stop = |leaf: &Leaf| match leaf {
            Leaf::Node(at, node) => at.ast().atom(*node).is_some_and(|atom| atom == "stop"),
            _ => false,
        };
        let leaves = Leaves::all_of(self.modules, at, tag);
        if !leaves.is_empty() && leaves.iter().all(is_stop) {
            return Meaning::Stop;
        }
        match self.all(at, tag) {
            Meaning::GoOn | Meaning::Stop => Meaning::GoOn,
            Meaning::JustStop | Meaning::Unknown => Meaning::Unknown,
        }
    }

    /// What a list is folded to: the start value, or what the fun returns.
    fn fold(&self, at: &At, args: &[NodeId]) -> Meaning {
        let (ast, [fun, start, _]) = (at.ast(), args) else { return Meaning::Unknown };
        let Expr::Fun { clauses } = ast.expr(*fun) else { return Meaning::Unknown };
        if self.folds >= MAX_FOLDS {
            return Meaning::Unknown;
        }
        let inner = Judge { modules: self.modules, folds: self.folds + 1 };
        let of_clauses = ast.clauses(*clauses).iter().map(|clause| inner.folding(at, clause));
        match common(of_clauses.chain([inner.all(at, *start)])) {
            Meaning::GoOn => Meaning::GoOn,
            _ => Meaning::Unknown,
        }
    }

    /// What a clause of a fun that folds returns, when what is folded so far is to go on with.
    fn folding(&self, at: &At, clause: &Clause) -> Meaning {
        let (ast, Some(around)) = (at.ast(), at.clause()) else { return Meaning::Unknown };
        let (&[_, folded], Some(&last)) = (ast.list(clause.patterns), ast.list(clause.body).last()) else {
            return Meaning::Unknown;
        };
        let Some(folded) = ast.var(folded) else { return Meaning::Unknown };
        // A variable of the fun's own is followed as if it were the function's.
        let mut names = variables_in(ast, ast.list(clause.patterns)).filter(|name| *name != folded);
        if names.any(|name| variables_in(ast, ast.list(around.patterns)).any(|other| other == name)) {
            return Meaning::Unknown;
        }
        let is_folded = |node: NodeId| ast.var(node) == Some(folded);
        common(ends(ast, last).into_iter().map(|it| if is_folded(it) { Meaning::GoOn } else { self.all(at, it) }))
    }
}

fn variables_in<'a>(ast: &'a Ast, nodes: &[NodeId]) -> impl Iterator<Item = &'a Name> {
    ast.descend(nodes.iter().copied()).filter_map(|(_, expr)| match expr {
        Expr::Var(name) if name != "_" => Some(name),
        _ => None,
    })
}

/// The expressions whose value an expression can have, through all branches.
fn ends(ast: &Ast, node: NodeId) -> Vec<NodeId> {
    let (mut found, mut stack) = (Vec::new(), vec![node]);
    while let Some(node) = stack.pop() {
        let inner = values(ast, node);
        if inner.is_empty() {
            found.push(node);
        }
        stack.extend(inner.into_iter().rev());
    }
    found
}

fn is_plain(module: &str, name: &str) -> bool {
    PLAIN.iter().any(|(known, functions)| *known == module && functions.contains(&name))
        || module == "erlang" && PLAIN_BIFS.contains(&name)
        || returns_bare_accumulator(module, name)
        || Catalog::embedded().never_stops(module, name)
}

/// What several values mean, when that is the same.
fn common(meanings: impl IntoIterator<Item = Meaning>) -> Meaning {
    let mut meanings = meanings.into_iter();
    let Some(first) = meanings.next() else { return Meaning::Unknown };
    if meanings.all(|other| other == first) { first } else { Meaning::Unknown }
}
