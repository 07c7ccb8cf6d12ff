//! A function whose values are written in another way now: the patterns that they are matched with change along with the call.

use super::tree::{Tree, Usage};
use crate::catalog::{ApiChange, ValueForm};
use crate::migrate::code::template::{Snippet, substitute};
use crate::rewrite::Edit;
use crate::source::Span;
use crate::syntax::ast::{Clauses, Expr, NodeId, Op};
use crate::syntax::scan::{Token, Tokens};

/// Edits of what the value of `node` is matched with, and what a person has to look at.
///
/// # Errors
/// Why it cannot be done: a clause without a full stop.
pub(super) fn edits(entry: &ApiChange, tree: &Tree<'_>, node: NodeId) -> Result<(Vec<Edit>, Vec<String>), String> {
    if entry.results.is_empty() || tree.usage(node) == Usage::Ignored {
        return Ok((Vec::new(), Vec::new()));
    }
    let elsewhere = || "its result goes on as a whole, and is written in another way now".to_owned();
    let parent = tree.parent(node).ok_or_else(elsewhere)?;
    match *tree.ast.expr(parent) {
        Expr::Case { subject, clauses } if subject == node => Ok((in_clauses(entry, tree, clauses)?, Vec::new())),
        Expr::Try { body, of, .. } if tree.ast.list(body).last() == Some(&node) && !of.is_empty() => {
            Ok((in_clauses(entry, tree, of)?, Vec::new()))
        }
        Expr::Match { left, right } if right == node => {
            // What the match itself gives is the value again.
            if tree.usage(parent) != Usage::Ignored {
                return Err(elsewhere());
            }
            let Some(new) = translated(entry, tree, left)? else { return Ok((Vec::new(), Vec::new())) };
            let doubt = new.takes_more(tree).then(|| {
                format!(
                    "where it gave `{}`, this match failed, and goes on with `{}` now",
                    old_of(entry, new.form),
                    new.form.except
                )
            });
            Ok((vec![Edit::replace(tree.place(left), new.text)], doubt.into_iter().collect()))
        }
        Expr::Binop { op: Op::Equal | Op::Differ, left, right } => {
            let other = if left == node { right } else { left };
            match translated(entry, tree, other)? {
                Some(new) if new.takes_more(tree) => Err(elsewhere()),
                Some(new) => Ok((vec![Edit::replace(tree.place(other), new.text)], Vec::new())),
                None => Ok((Vec::new(), Vec::new())),
            }
        }
        _ => Err(elsewhere()),
    }
}

/// A value in its new form.
struct New<'e> {
    form: &'e ValueForm,
    text: String,
    /// What stands for the only variable of the form.
    variable: Option<NodeId>,
}

impl New<'_> {
    /// Whether it is a variable that takes the value that is excepted, too.
    fn takes_more(&self, tree: &Tree<'_>) -> bool {
        !self.form.except.is_empty() && self.variable.is_some_and(|node| tree.ast.is_var(node))
    }
}

/// The old value that an excepted one stands for.
fn old_of<'e>(entry: &'e ApiChange, form: &ValueForm) -> &'e str {
    entry.results.iter().find(|it| it.after == form.except).map_or("something else", |it| it.before.as_str())
}

/// A pattern or value in its new form; `None` where it stays.
///
/// # Errors
/// It cannot be told what becomes of it.
fn translated<'e>(entry: &'e ApiChange, tree: &Tree<'_>, pattern: NodeId) -> Result<Option<New<'e>>, String> {
    for form in &entry.results {
        let before = Snippet::parse(&form.before).ok_or("the catalog's code cannot be read")?;
        let Some(bound) = before.bind(tree.ast, pattern) else { continue };
        let text = substitute(&form.after, |name| bound.get(name).map(|node| tree.text(node).to_owned()));
        return Ok(Some(New { form, text, variable: bound.iter().next().map(|(_, node)| node) }));
    }
    match tree.ast.expr(pattern) {
        Expr::Var(name) if name == "_" => Ok(None),
        Expr::Var(name) => Err(format!("its result is bound to `{name}`, and written in another way now")),
        Expr::Atom(_) | Expr::Integer(_) | Expr::Binary(_) => Ok(None),
        _ => Err(format!("`{}` is none of the values that it gave", tree.text(pattern))),
    }
}

fn in_clauses(entry: &ApiChange, tree: &Tree<'_>, clauses: Clauses) -> Result<Vec<Edit>, String> {
    let mut edits = Vec::new();
    // What clauses without a guard have taken so far.
    let mut taken: Vec<String> = Vec::new();
    for clause in tree.ast.clauses(clauses) {
        let &[pattern] = tree.ast.list(clause.patterns) else {
            return Err("a clause stands in a macro".to_owned());
        };
        let new = translated(entry, tree, pattern)?;
        let text = new.as_ref().map_or_else(|| tree.text(pattern).to_owned(), |new| new.text.clone());
        let guards = tree.ast.list(clause.guard);
        if let Some(new) = new {
            let is_needed = new.takes_more(tree) && !taken.contains(&new.form.except);
            if is_needed {
                edits.extend(guarded(tree, pattern, &new, guards)?);
            } else {
                edits.push(Edit::replace(tree.place(pattern), new.text));
            }
        }
        if guards.is_empty() {
            taken.push(text);
        }
    }
    Ok(edits)
}

/// A new pattern that must not take what is excepted.
fn guarded(tree: &Tree<'_>, pattern: NodeId, new: &New<'_>, guards: &[NodeId]) -> Result<Vec<Edit>, String> {
    let is_unnamed = new.text == "_";
    let name = if is_unnamed { tree.fresh(pattern, "Value", &[]) } else { new.text.clone() };
    let test = format!("{name} =/= {}", new.form.except);
    match guards {
        [] => Ok(vec![Edit::replace(tree.place(pattern), format!("{name} when {test}"))]),
        [guard] => {
            let between = Span { start: tree.ast.span(pattern).end, end: tree.ast.span(*guard).start };
            let text = tree.module.source().slice(between);
            let mut tokens = Tokens::new(text, between.start as usize);
            let when =
                tokens.find(|(token, span)| *token == Token::Atom && tree.module.source().slice(*span) == "when");
            let (_, when) = when.ok_or("its guard was not found")?;
            Ok(vec![
                Edit::replace(tree.place(pattern), name),
                Edit::insert(&tree.place(pattern), when.end, format!(" {test},")),
            ])
        }
        _ => Err(format!("`{}` has to be kept out by the guard", new.form.except)),
    }
}
