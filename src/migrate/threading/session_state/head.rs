//! The parameters of such a handler: what they gave is read from the accumulator.

use super::flow::Flow;
use crate::catalog::HookChange;
use crate::migrate::code::template::ACCUMULATOR;
use crate::migrate::code::template::substitute;
use crate::migrate::parameters::pattern::MapPattern;
use crate::syntax::ast::{Ast, Expr, NodeId};

impl Flow<'_, '_, '_> {
    /// Lets the handler read what its parameters gave from the accumulator.
    pub(super) fn parameters(&mut self) -> Result<(), String> {
        let ast = self.ast();
        let pattern = self.editor.argument(1).ok_or("a handler without parameters")?;
        let taken = MapPattern::of(ast, pattern);
        let alias = taken.alias;
        if let Some(name) = alias.and_then(|alias| ast.var(alias))
            && name != "_"
            && !self.editor.uses(name, alias.unwrap_or(pattern)).is_empty()
        {
            return Err("the parameters are used as a whole".to_owned());
        }
        if !taken.is_plain {
            return Err("the parameters are not taken as a map".to_owned());
        }
        let fields = taken.map.map_or(&[][..], |(_, fields)| fields);
        let change = self.pass.job.change;
        let mut used: Vec<(String, NodeId, Vec<NodeId>)> = Vec::new();
        for field in fields {
            let key = ast.atom(field.key).map(ToString::to_string).unwrap_or_default();
            let value = field.value.ok_or("a field without a value")?;
            if now(change, &key).is_none() {
                return Err(format!("the parameter `{key}` is not known"));
            }
            self.untouched(value)?;
            match ast.var(value) {
                Some(name) if name == "_" => {}
                Some(name) => {
                    let uses = self.editor.uses(name, value);
                    if !uses.is_empty() {
                        used.push((key, value, uses));
                    }
                }
                None => used.push((key, value, Vec::new())),
            }
        }
        // With one clause alone nothing is left to decide: what does not match fails, and is logged and skipped, either way.
        let is_alone = self.pass.job.serving.handler.clauses().len() == 1;
        for (key, value, uses) in &used {
            let in_guard = uses.iter().any(|&node| self.editor.in_head(node)) || self.binds_for_head(*value);
            if in_guard || (!is_alone && !takes_any(ast, *value)) {
                return Err(format!("the value of `{key}` decides which clause is taken"));
            }
        }
        let given = self.given_accumulator();
        self.values(change, &used, &given);
        let new = self.session.as_ref().map(|name| format!("#{{c2s_data := {name}}}"));
        let text = match (new, alias) {
            (Some(new), _) => new,
            (None, Some(alias)) => self.editor.text(alias).to_owned(),
            (None, None) if fields.is_empty() => return Ok(()),
            (None, None) => self.editor.fresh("_Params"),
        };
        if text != self.editor.text(pattern) {
            self.editor.replace(ast.span(pattern), text);
        }
        Ok(())
    }

    /// Whether a variable of a pattern stands elsewhere in the head, too.
    fn binds_for_head(&self, pattern: NodeId) -> bool {
        let ast = self.ast();
        ast.descend([pattern]).filter_map(|(node, _)| Some((node, ast.var(node)?))).any(|(node, name)| {
            let elsewhere = |it: &NodeId| !ast.span(pattern).contains(ast.span(*it)) && self.editor.in_head(*it);
            name != "_" && self.editor.uses(name, node).iter().any(elsewhere)
        })
    }

    fn given_accumulator(&self) -> String {
        let pattern = self.editor.argument(0).and_then(|node| self.ast().var(node));
        pattern.and_then(|name| self.names.get(name).cloned()).unwrap_or_default()
    }

    /// The parameters' values: where they are used, or in the clause's first lines.
    fn values(&mut self, change: &HookChange, used: &[(String, NodeId, Vec<NodeId>)], accumulator: &str) {
        let put = |text: &str| substitute(text, |name| (name == ACCUMULATOR).then(|| accumulator.to_owned()));
        let threading = self.pass.forms.threading;
        let keys: Vec<&str> = threading.together.trim_matches(['{', '}']).split(", ").collect();
        if keys.iter().all(|key| used.iter().any(|(it, ..)| it == key)) {
            let patterns: Vec<&str> = keys
                .iter()
                .filter_map(|key| used.iter().find(|(it, ..)| it == key))
                .map(|(_, value, _)| self.editor.text(*value))
                .collect();
            let (patterns, now) = (patterns.join(", "), put(&threading.together_now));
            return self.editor.put_first(format!("{{{patterns}}} = {now}"));
        }
        for (key, value, uses) in used {
            let expression = put(now(change, key).unwrap_or_default());
            match uses[..] {
                [only] if !self.editor.is_matched(only) => self.editor.replace(self.ast().span(only), expression),
                _ => {
                    let pattern = self.editor.text(*value).to_owned();
                    self.editor.put_first(format!("{pattern} = {expression}"));
                }
            }
        }
    }
}

/// The expression for an old parameter.
fn now<'c>(change: &'c HookChange, key: &str) -> Option<&'c str> {
    change.parameters.iter().find(|it| it.key == key).map(|it| it.now.as_str()).filter(|now| !now.is_empty())
}

/// Whether a pattern takes every value that a stanza's part can have.
fn takes_any(ast: &Ast, pattern: NodeId) -> bool {
    match *ast.expr(pattern) {
        Expr::Var(_) => true,
        Expr::Match { left, right } => takes_any(ast, left) && takes_any(ast, right),
        Expr::Record { base: None, fields, .. } => {
            ast.fields(fields).iter().filter_map(|field| field.value).all(|value| ast.is_var(value))
        }
        _ => false,
    }
}
