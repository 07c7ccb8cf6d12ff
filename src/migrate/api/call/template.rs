//! A piece of code and what takes its place, with what has to hold where the old one stands.

use rustc_hash::FxHashMap;

use super::in_place::{self, InPlace};
use crate::catalog::ApiChange;
use crate::migrate::api::stanza::{self, Kind};
use crate::migrate::api::tree::Tree;
use crate::migrate::code::template::{Bound, Snippet, substitute, variables};
use crate::migrate::session::SESSION;
use crate::rewrite::Edit;
use crate::source::Span;
use crate::syntax::ast::{Expr, NodeId};

/// A piece of code and what takes its place.
pub struct Template {
    pub(super) was: Snippet,
    pub(super) new: Snippet,
    /// Set when the arguments stay where they are.
    pub(super) in_place: Option<InPlace>,
    /// Variables of the new code that the old one lacks.
    pub(super) free: Vec<String>,
}

impl Template {
    /// # Errors
    /// The entry has no code that could be read.
    pub fn of(entry: &ApiChange) -> Result<Self, String> {
        let parse = |code: &str| Snippet::parse(code).ok_or_else(|| format!("`{code}` is no expression"));
        let (was, new) = (parse(&entry.was)?, parse(&entry.instead)?);
        let known = variables(&entry.was);
        let free = variables(&entry.instead).into_iter().filter(|name| !known.contains(name)).map(str::to_owned);
        let free = free.collect();
        let in_place = in_place::of(&was, &new);
        Ok(Self { was, new, in_place, free })
    }

    /// The function that takes the place of one, when all else stays.
    #[must_use]
    pub fn renamed(&self) -> Option<(&str, &str)> {
        let same = self.in_place.as_ref().filter(|same| same.further.is_empty())?;
        Some((&same.module, &same.function))
    }

    /// The edits that put the new code in the old one's place.
    ///
    /// # Errors
    /// The code does not have the form, or something is not at hand.
    pub fn replace(&self, entry: &ApiChange, tree: &Tree<'_>, node: NodeId) -> Result<Vec<Edit>, String> {
        let bound = self.was.bind(tree.ast, node);
        let bound = bound.ok_or_else(|| format!("it does not have the form `{}`", entry.was))?;
        for name in &entry.binaries {
            if let Some(value) = bound.get(name).filter(|&value| is_other_term(tree.ast.expr(value))) {
                return Err(format!("`{}` is no binary, which `{name}` has to be now", tree.text(value)));
            }
        }
        for name in &entry.elements {
            if let Some(value) = bound.get(name).filter(|&value| stanza::kind(tree, value) == Kind::Other) {
                return Err(format!("`{}` is no stanza, which `{name}` has to be now", tree.text(value)));
            }
        }
        for name in &entry.atoms {
            if let Some(value) = bound.get(name).filter(|&value| is_no_atom(tree.ast.expr(value))) {
                return Err(format!("`{}` is no atom, which `{name}` has to be now", tree.text(value)));
            }
        }
        let mut values: FxHashMap<&str, String> = FxHashMap::default();
        for name in &self.free {
            values.insert(name, at_hand(entry, tree, node, name)?);
        }
        if let (Some(same), Expr::Call { module: Some(module), function, args }) = (&self.in_place, tree.ast.expr(node))
        {
            let inside = tree.inside(node, *function).ok_or("its arguments were not found")?;
            let mut edits = Vec::new();
            let name = Span { start: tree.ast.span(*module).start, end: tree.ast.span(*function).end };
            let new = format!("{}:{}", same.module, same.function);
            if tree.module.source().slice(name) != new {
                edits.push(Edit::replace(tree.module.place(name), new));
            }
            edits.extend(same.inserted(tree, inside, tree.ast.list(*args), &values));
            return Ok(edits);
        }
        self.replace_whole(tree, node, &bound, values)
    }

    /// Values that have to be binaries or atoms, and are not seen to be.
    pub(super) fn doubts(&self, entry: &ApiChange, tree: &Tree<'_>, node: NodeId) -> Vec<String> {
        let Some(bound) = self.was.bind(tree.ast, node) else { return Vec::new() };
        let doubtful = |(name, value): (&str, NodeId)| {
            let expr = tree.ast.expr(value);
            let wanted = |names: &[String]| names.iter().any(|it| it == name);
            if wanted(&entry.binaries) && !matches!(expr, Expr::Binary(_) | Expr::Bits(_)) {
                return Some(format!("`{}` has to be a binary now", tree.text(value)));
            }
            let doubtful = wanted(&entry.atoms) && !matches!(expr, Expr::Atom(_));
            doubtful.then(|| format!("`{}` has to be an atom now", tree.text(value)))
        };
        let uncertain = |(name, value): (&str, NodeId)| {
            let uncertain = entry.elements.iter().any(|it| it == name) && stanza::kind(tree, value) != Kind::Element;
            uncertain.then(|| format!("`{}` is not seen to be a stanza", tree.text(value)))
        };
        bound.iter().filter_map(doubtful).chain(bound.iter().filter_map(uncertain)).collect()
    }

    fn replace_whole<'v>(
        &self,
        tree: &Tree<'_>,
        node: NodeId,
        bound: &'v Bound,
        mut values: FxHashMap<&'v str, String>,
    ) -> Result<Vec<Edit>, String> {
        let wanted = variables(&self.new.text);
        if let Some((name, _)) = bound.iter().find(|&(name, value)| !wanted.contains(&name) && !tree.is_plain(value)) {
            return Err(format!("what stands for `{name}` would no longer be evaluated"));
        }
        let spans: Vec<Span> = bound.iter().map(|(_, value)| tree.ast.span(value)).collect();
        if tree.has_comment(tree.ast.span(node), &spans) {
            return Err("a comment stands inside it".to_owned());
        }
        let together = |value: NodeId| tree.is_simple(value) || matches!(tree.ast.expr(value), Expr::Call { .. });
        for (name, value) in bound.iter() {
            let text = tree.text(value);
            // Beside an operator only what is one token is sure to stay together.
            let beside = matches!(self.new.expr(), Expr::Binop { .. } | Expr::RecordField { .. });
            let text = if beside && !together(value) { format!("({text})") } else { text.to_owned() };
            values.insert(name, text);
        }
        let new = substitute(&self.new.text, |name| values.get(name).cloned());
        // Where the new code is what was given, and nothing around it.
        let given = self.new.ast().var(self.new.root()).and_then(|name| bound.get(name));
        let exposed = matches!(self.new.expr(), Expr::Binop { .. }) || given.is_some_and(|value| !together(value));
        let held = match tree.parent(node).map(|parent| tree.ast.expr(parent)) {
            Some(parent) => matches!(
                parent,
                Expr::Binop { .. }
                    | Expr::Unop { .. }
                    | Expr::RecordField { .. }
                    | Expr::Record { .. }
                    | Expr::Map { .. }
            ),
            None => tree.is_macro(),
        };
        let new = if exposed && held { format!("({new})") } else { new };
        Ok(vec![Edit::replace(tree.place(node), new)])
    }
}

/// Whether an expression is plainly something else than an atom.
fn is_no_atom(expr: &Expr) -> bool {
    match expr {
        Expr::Atom(_) => false,
        Expr::Binary(_) | Expr::Bits(_) => true,
        _ => is_other_term(expr),
    }
}

/// Whether an expression is plainly something else than a binary.
pub(in crate::migrate::api) fn is_other_term(expr: &Expr) -> bool {
    matches!(
        expr,
        Expr::Atom(_)
            | Expr::Integer(_)
            | Expr::Float
            | Expr::Char
            | Expr::String(_)
            | Expr::Tuple(_)
            | Expr::List { .. }
            | Expr::Map { .. }
            | Expr::Record { .. }
            | Expr::FunRef { .. }
            | Expr::Fun { .. }
    )
}

/// The code that gives a variable of the new code where a node stands.
fn at_hand(entry: &ApiChange, tree: &Tree<'_>, node: NodeId, name: &str) -> Result<String, String> {
    let role = |name: &str| match name {
        SESSION => tree.session(node).map(str::to_owned),
        "Acc" => tree.accumulator(node).map(str::to_owned),
        _ => None,
    };
    let ways = entry.needs.get(name).into_iter().flatten();
    let had = ways.filter_map(|way| {
        let known: Option<Vec<(&str, String)>> =
            variables(way).into_iter().map(|name| Some((name, role(name)?))).collect();
        let known = known?;
        Some(substitute(way, |name| known.iter().find(|(it, _)| *it == name).map(|(_, text)| text.clone())))
    });
    let given = || tree.argument(node, name).filter(|_| name != SESSION).map(str::to_owned);
    had.into_iter()
        .next()
        .or_else(|| role(name))
        .or_else(given)
        .ok_or_else(|| format!("it needs `{name}`, which is not at hand here"))
}
