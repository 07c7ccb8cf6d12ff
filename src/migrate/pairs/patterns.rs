//! Patterns on lists of pairs.

use super::flow::is_pattern;
use super::write::{Writer, pairs, quoted};
use crate::migrate::api::tree::Tree;
use crate::source::Span;
use crate::syntax::ast::{Clause, Clauses, Expr, NodeId};
use crate::syntax::scan::{Token, Tokens};

/// Writes a pattern on a list as one on a map.
///
/// # Errors
/// A map cannot be asked for the same.
pub fn rewrite(writer: &mut Writer<'_, '_, '_>, tree: &Tree<'_>, node: NodeId) -> Result<(), String> {
    let ast = tree.ast;
    let Expr::List { items, tail } = *ast.expr(node) else { return Ok(()) };
    let (span, items) = (ast.span(node), ast.list(items));
    let is_any = |node: NodeId| ast.var(node).is_some_and(|name| name == "_");
    if items.is_empty() {
        return sized(writer, tree, node, "=:= 0");
    }
    if items.len() == 1 && is_any(items[0]) && tail.is_some_and(is_any) {
        return sized(writer, tree, node, "> 0");
    }
    if tail.is_some_and(|tail| !is_any(tail)) {
        return Err(format!("the pattern {} takes the list apart", quoted(tree, node)));
    }
    let pairs = pairs(tree, items)?;
    for pair in &pairs {
        // What is bound in the same pattern cannot be a key in it.
        if !matches!(ast.expr(pair.name), Expr::Binary(_) | Expr::Macro { args: None, .. }) {
            return Err(format!("which attribute {} is, is not known beforehand", quoted(tree, pair.name)));
        }
    }
    let others = if tail.is_some() { "wherever it stands" } else { "whatever else there is, and in any order" };
    writer.because(format!("the pattern {} fits now {others}", quoted(tree, node)));
    let end = writer.close(tree, span, items, tail)?;
    writer.items(tree, span, &pairs, 1, " :=")?;
    writer.set(end, "}");
    writer.set(Span { start: span.start, end: span.start + 1 }, "#{");
    Ok(())
}

/// A pattern that only asks how many pairs there are: a guard does it for a map.
fn sized(writer: &mut Writer<'_, '_, '_>, tree: &Tree<'_>, node: NodeId, condition: &str) -> Result<(), String> {
    let ast = tree.ast;
    let span = ast.span(node);
    let unguarded = || format!("the pattern {} stands where there can be no guard", quoted(tree, node));
    let (clause, subject) = clause_around(tree, node).ok_or_else(unguarded)?;
    let (at, has_guard) = guard_end(tree, clause).ok_or_else(unguarded)?;
    let name = match subject {
        Some(subject) => {
            writer.set(span, "_");
            tree.text(subject).to_owned()
        }
        None => {
            let name = writer.fresh(tree, node, "Attrs");
            writer.set(span, name.clone());
            name
        }
    };
    let place = Span { start: at, end: at };
    let before = writer.text(place);
    let joint = if has_guard || !before.is_empty() { "," } else { " when" };
    writer.set(place, format!("{before}{joint} map_size({name}) {condition}"));
    Ok(())
}

/// The clause whose patterns a node stands in, with the variable that is matched where the node is the whole pattern.
fn clause_around<'t>(tree: &'t Tree<'_>, node: NodeId) -> Option<(&'t Clause, Option<NodeId>)> {
    let ast = tree.ast;
    let mut child = node;
    let of = |clauses: Clauses, child: NodeId| {
        ast.clauses(clauses).iter().find(|clause| ast.list(clause.patterns).contains(&child))
    };
    for above in tree.ancestors(node) {
        match *ast.expr(above) {
            Expr::Case { subject, clauses } => {
                let whole = child == node && ast.is_var(subject) && !is_pattern(tree, subject);
                return of(clauses, child).map(|clause| (clause, whole.then_some(subject)));
            }
            Expr::Fun { clauses } | Expr::Receive { clauses, .. } => return of(clauses, child).map(|it| (it, None)),
            Expr::Tuple(_) | Expr::Record { .. } | Expr::List { .. } | Expr::Map { .. } => {}
            Expr::Match { .. } if tree.parent(above).is_none() || is_pattern(tree, above) => {}
            _ => return None,
        }
        child = above;
    }
    let clause = tree.clause(node)?;
    ast.list(clause.patterns).contains(&child).then_some((clause, None))
}

/// Where a clause's guard can go on, and whether there is one; `None` when it has alternatives.
fn guard_end(tree: &Tree<'_>, clause: &Clause) -> Option<(u32, bool)> {
    let ast = tree.ast;
    let text = tree.module.source().text();
    let body = ast.span(*ast.list(clause.body).first()?).start as usize;
    let patterns = ast.list(clause.patterns).iter().map(|&it| ast.span(it).end).max()?;
    let guard = ast.list(clause.guard).iter().map(|&it| ast.span(it).end).max();
    let from = guard.unwrap_or(patterns);
    let alternatives = guard.is_some_and(|end| {
        Tokens::new(&text[patterns as usize..end as usize], 0).any(|(token, _)| token == Token::Punct(b';'))
    });
    if alternatives {
        return None;
    }
    let mut last = from;
    let mut dash: Option<Span> = None;
    for (token, span) in Tokens::new(&text[from as usize..body], from as usize) {
        match (token, dash) {
            (Token::Punct(b'>'), Some(before)) if before.end == span.start => return Some((last, guard.is_some())),
            (Token::Punct(b'-'), _) => {
                dash = Some(span);
                continue;
            }
            _ => {}
        }
        last = span.end;
        dash = None;
    }
    None
}
