//! `gen_hook:run_fold(Hook, HostType, Acc, ejabberd_hooks:add_args(Params, Args))`: how hooks were run from 5.0.0 on for handlers
//! with positional arguments.

use crate::catalog::Positional;
use crate::migrate::code::text::with_comma_behind;
use crate::migrate::legacy::registration::calls::Call;
use crate::migrate::legacy::registration::collected::Collected;
use crate::migrate::legacy::registration::sites::Site;
use crate::rewrite::Edit;
use crate::source::Span;
use crate::syntax::ast::{Clause, Expr, Field, Name, NodeId};

/// A map of parameters with the positional arguments that are added to it.
pub struct Added {
    /// Where the run takes the map from.
    given: NodeId,
    /// The call of `add_args`.
    call: NodeId,
    params: NodeId,
    /// The map itself, where it is written out.
    map: NodeId,
    args: NodeId,
    pub list: NodeId,
}

impl Added {
    /// The parameters of a run, when positional arguments are added to them.
    #[must_use]
    pub fn of(site: Site<'_>, given: NodeId) -> Option<Self> {
        let call = written_out(site, given)?;
        let added = Call::at(site.module, site.ast, call)?;
        let is_it = site.ast.atom(added.function).is_some_and(|name| name == "add_args");
        let (true, &[params, args]) = (is_it, added.arguments) else { return None };
        let (map, list) = (written_out(site, params)?, written_out(site, args)?);
        let is_map = matches!(site.ast.expr(map), Expr::Map { base: None, .. });
        is_map.then_some(Self { given, call, params, map, args, list })
    }

    fn fields<'a>(&self, site: Site<'a>) -> &'a [Field] {
        match site.ast.expr(self.map) {
            Expr::Map { fields, .. } => site.ast.fields(*fields),
            _ => &[],
        }
    }

    /// The key under which the map has an argument as well.
    #[must_use]
    pub fn key<'a>(&self, site: Site<'a>, argument: NodeId) -> Option<&'a Name> {
        let text = site.text(argument);
        let same = |field: &&Field| field.value.is_some_and(|value| site.text(value) == text);
        self.fields(site).iter().find(same).and_then(|field| site.ast.atom(field.key))
    }

    /// Whether what is handed over is known already where the map is written.
    fn are_bound(&self, site: Site<'_>, arguments: &[NodeId]) -> Result<(), String> {
        let (ast, map) = (site.ast, site.ast.span(self.map).start);
        let variables = ast.descend(arguments.iter().copied()).filter_map(|(node, _)| ast.var(node));
        let known = |name: &Name| {
            let all = clause_around(site).into_iter().flat_map(|clause| ast.descend_clause(clause));
            all.into_iter().any(|(node, _)| ast.var(node) == Some(name) && ast.span(node).end <= map)
        };
        let late = variables.into_iter().find(|name| !known(name));
        late.map_or(Ok(()), |name| Err(format!("`{name}` gets its value behind the map into which it has to go")))
    }

    /// Puts what is missing into the map, and takes the positional arguments out.
    pub fn rewrite(
        &self,
        site: Site<'_>,
        names: &Positional,
        arguments: &[NodeId],
        done: &mut Collected,
    ) -> Result<(), String> {
        let ast = site.ast;
        let mut missing: Vec<String> = Vec::new();
        for (&argument, name) in arguments.iter().zip(&names.arguments) {
            let key = names.keys.get(name).map_or("", String::as_str);
            if self.key(site, argument).is_none_or(|known| known != key) {
                missing.push(format!("{key} => {}", site.text(argument)));
            }
        }
        if !missing.is_empty() {
            self.are_bound(site, arguments)?;
            let end = ast.span(self.map).end - 1;
            let comma = if self.fields(site).is_empty() { "" } else { ", " };
            done.edit(Edit::insert(&site.place(self.map), end, format!("{comma}{}", missing.join(", "))))?;
        }
        if self.args != self.list {
            take_out(site, self.args, done)?;
        }
        let (call, params) = (ast.span(self.call), ast.span(self.params));
        if self.given != self.call && self.params != self.map {
            take_out(site, self.given, done)?;
            return done.edit(Edit::replace(site.place(self.given), site.text(self.params)));
        }
        let place = |start: u32, end: u32| site.module.place(Span { start, end });
        done.edit(Edit::delete(place(call.start, params.start)))?;
        done.edit(Edit::delete(place(params.end, call.end)))
    }
}

/// What an expression is: itself, or what its variable was bound to.
fn written_out(site: Site<'_>, node: NodeId) -> Option<NodeId> {
    match site.ast.var(node) {
        Some(name) => binding(site, name).map(|(_, right)| right),
        None => Some(node),
    }
}

fn clause_around<'a>(site: Site<'a>) -> Option<&'a Clause> {
    let span = site.ast.span(site.node);
    site.ast.function_clauses().find(|clause| clause.span.contains(span))
}

/// The only match that binds a variable in its clause, with what it is bound to.
fn binding(site: Site<'_>, name: &Name) -> Option<(NodeId, NodeId)> {
    let mut found = site.ast.descend_clause(clause_around(site)?).filter_map(|(node, expr)| match expr {
        Expr::Match { left, right } if site.ast.var(*left) == Some(name) => Some((node, *right)),
        _ => None,
    });
    let (first, None) = (found.next()?, found.next()) else { return None };
    Some(first)
}

/// Takes out the match that binds a variable which is used once.
fn take_out(site: Site<'_>, variable: NodeId, done: &mut Collected) -> Result<(), String> {
    let ast = site.ast;
    let other_uses = || format!("`{}` is used for other things than running a hook", site.text(variable));
    let name = ast.var(variable).ok_or_else(other_uses)?;
    let all = clause_around(site).into_iter().flat_map(|clause| ast.descend_clause(clause));
    let uses = all.filter(|(node, _)| ast.var(*node) == Some(name)).count();
    let (bound, _) = binding(site, name).filter(|_| uses == 2).ok_or_else(other_uses)?;
    let span = with_comma_behind(site.module.source().text(), ast.span(bound)).ok_or_else(other_uses)?;
    done.edit(Edit::delete(site.module.place(span)))
}
