//! A function that is named and not called where it stands: as a fun, with its arguments in a list, in an import.

use rustc_hash::FxHashMap;

use super::template::{Template, is_other_term};
use crate::catalog::{ApiChange, RewriteClass};
use crate::migrate::api::tree::Tree;
use crate::migrate::api::{reason, result_fits};
use crate::migrate::code::template::{substitute, variables};
use crate::rewrite::{Edit, Fix};
use crate::source::Span;
use crate::syntax::ast::{Expr, NodeId};
use crate::syntax::scan::Tokens;
use crate::syntax::uses::FunctionUse;

/// A function that is not called where it stands, so that it cannot be seen what becomes of its result.
pub(super) fn fix(
    template: &Template,
    entry: &ApiChange,
    title: String,
    edits: impl FnOnce() -> Result<Vec<Edit>, String>,
) -> Result<Fix, String> {
    if !template.free.is_empty() {
        return Err(format!("`{}` is not at hand where the function is named", template.free.join("` and `")));
    }
    if !entry.results.is_empty() {
        return Err("its result is written in another way now, and what becomes of it is not seen here".to_owned());
    }
    let fix = Fix::new(title, edits()?);
    let safe = entry.rewrite == RewriteClass::Mechanical && entry.result.is_empty();
    Ok(if safe { fix } else { fix.because([reason(entry)]) })
}

impl Template {
    /// `fun module:function/arity`
    pub(super) fn fun(&self, tree: &Tree<'_>, fun: NodeId) -> Result<Vec<Edit>, String> {
        let Expr::FunRef { module: Some(module), function, .. } = tree.ast.expr(fun) else {
            return Err("the fun was not found".to_owned());
        };
        let Some(same) = &self.in_place else {
            return Err("what takes its place has other arguments".to_owned());
        };
        if same.further.is_empty() {
            let name = Span { start: tree.ast.span(*module).start, end: tree.ast.span(*function).end };
            let new = format!("{}:{}", same.module, same.function);
            return Ok(vec![Edit::replace(tree.module.place(name), new)]);
        }
        let mut values = FxHashMap::default();
        let mut taken = Vec::new();
        let names = variables(&self.was.text);
        for name in &names {
            let fresh = tree.fresh(fun, name, &taken);
            taken.push(fresh.clone());
            values.insert(*name, fresh);
        }
        let call = substitute(&self.new.text, |name| values.get(name).cloned());
        Ok(vec![Edit::replace(tree.place(fun), format!("fun({}) -> {call} end", taken.join(", ")))])
    }

    /// `module, function, [...]` in a row.
    pub(super) fn applied(&self, entry: &ApiChange, tree: &Tree<'_>, used: &FunctionUse) -> Result<Vec<Edit>, String> {
        let Some(same) = &self.in_place else {
            return Err("what takes its place has other arguments".to_owned());
        };
        let at = |node: &NodeId| tree.ast.span(*node);
        let row = tree.ast.nodes().find_map(|(around, node)| {
            let items = match &node.expr {
                Expr::Call { args, .. } => *args,
                Expr::Tuple(items) => *items,
                _ => return None,
            };
            let rows = tree.ast.list(items).windows(3);
            rows.map(<[NodeId]>::to_vec)
                .find(|row| at(&row[0]).start == used.whole.start && at(&row[2]).end == used.whole.end)
                .map(|row| (around, row))
        });
        let (around, row) = row.ok_or("its parts were not found")?;
        // What applies it gives its result, as far as is known.
        if !entry.result.is_empty() {
            result_fits(entry, tree, around)?;
        }
        let Expr::List { items, tail: None } = tree.ast.expr(row[2]) else {
            return Err("its arguments are not written out".to_owned());
        };
        let names = variables(&entry.was);
        let values = names.iter().zip(tree.ast.list(*items));
        let mut binaries = values.filter(|(name, _)| entry.binaries.iter().any(|it| it == *name));
        if let Some((name, &value)) = binaries.find(|(_, value)| is_other_term(tree.ast.expr(**value))) {
            return Err(format!("`{}` is no binary, which `{name}` has to be now", tree.text(value)));
        }
        let list = at(&row[2]);
        let inside = Span { start: list.start + 1, end: list.end - 1 };
        let mut edits = Vec::new();
        for (node, new) in [(row[0], &same.module), (row[1], &same.function)] {
            if tree.text(node) != new {
                edits.push(Edit::replace(tree.place(node), new));
            }
        }
        edits.extend(same.inserted(tree, inside, tree.ast.list(*items), &FxHashMap::default()));
        Ok(edits)
    }

    /// `-import(module, [function/arity]).`
    pub(super) fn import(&self, tree: &Tree<'_>, used: &FunctionUse) -> Result<Vec<Edit>, String> {
        let (module, function) = self.renamed().ok_or("what takes its place has other arguments")?;
        if function != used.function {
            return Err(format!(
                "calls without a module would have to call `{function}`: write the module's name there"
            ));
        }
        let header = tree.module.header();
        if header.imports.iter().filter(|(_, _, from)| *from == used.module).count() != 1 {
            return Err(format!("other functions are imported from `{}` as well", used.module));
        }
        let form = tree.module.form(tree.form);
        let rest = Span { start: form.name.end, end: used.whole.start };
        let name = Tokens::new(tree.module.source().slice(rest), rest.start as usize)
            .map(|(_, span)| span)
            .find(|span| tree.module.source().slice(*span).trim_matches('\'') == used.module)
            .ok_or("the module's name was not found")?;
        Ok(vec![Edit::replace(tree.module.place(name), module)])
    }
}
