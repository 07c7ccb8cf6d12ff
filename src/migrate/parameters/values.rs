//! Values that have to be computed: where they are used, first in a body, behind a match, or as what a `case` decides by.

use std::collections::BTreeMap;

use super::clause::{Clause, Where};
use super::pattern::takes_anything;
use super::session::is_telling;
use super::translation::Value;
use crate::migrate::code::clause::Decision;
use crate::migrate::code::template::ACCUMULATOR;
use crate::migrate::code::template::{Snippet, substitute, variables};
use crate::syntax::ast::NodeId;

impl<'a> Clause<'a> {
    /// The variable that stands for one of `take`; with `instead_of`, a name that tells what it holds may stay.
    pub(super) fn take_name(&mut self, index: usize, instead_of: Option<&str>) -> String {
        let Some((key, wanted)) = self.translations[index].take.iter().next() else { return String::new() };
        if let Some(known) = self.taken.get(key) {
            return known.clone();
        }
        let name = match instead_of.filter(|name| is_telling(name)) {
            Some(name) => name.to_owned(),
            None => self.editor.fresh(wanted),
        };
        self.taken.insert(key.clone(), name.clone());
        name
    }

    /// Evaluates an expression as soon as what the pattern takes is there.
    pub(super) fn bind(&mut self, expression: String) -> Result<(), String> {
        match self.place {
            Where::Head => self.editor.put_first(expression),
            Where::Match(_) => self.behind.push(expression),
            Where::Branch(branch) => self.editor.put_first_in(branch, expression),
        }
        Ok(())
    }

    /// Where the value of a variable is used, when that is once, and the call that gives it could stand there.
    pub(super) fn only_use(&self, value: NodeId, call: &str) -> Option<NodeId> {
        let name = self.editor.ast.var(value)?;
        let &[only] = &self.editor.uses(name, value)[..] else { return None };
        // Of a match, something must be left.
        if matches!(self.place, Where::Match(_)) && !self.bound.is_empty() {
            return None;
        }
        let free = self.editor.ast.is_var(only) && !self.editor.is_matched(only) && !self.editor.is_elsewhere(only);
        (free && self.editor.fits(only, call)).then_some(only)
    }

    pub(super) fn inline(&mut self, only: NodeId, expression: String) {
        let text = self.editor.as_operand(only, expression);
        self.editor.replace(self.editor.ast.span(only), text);
    }

    /// Whether a variable of a pattern is used elsewhere in the head in which the pattern stands.
    pub(super) fn is_needed(&self, value: NodeId) -> bool {
        let ast = self.editor.ast;
        let head: Vec<NodeId> = match self.place {
            Where::Head => vec![],
            Where::Match(_) => return false,
            Where::Branch(branch) => ast.list(branch.patterns).iter().chain(ast.list(branch.guard)).copied().collect(),
        };
        let stands = |node: NodeId| match self.place {
            Where::Head => self.editor.in_head(node),
            _ => head.iter().any(|&part| ast.span(part).contains(ast.span(node))),
        };
        let names = ast.descend([value]).filter_map(|(node, _)| Some((node, ast.var(node)?)));
        names.filter(|(_, name)| *name != "_").any(|(node, name)| self.editor.uses(name, node).into_iter().any(stands))
    }

    /// A value that has to be computed: where it is used, when that is once, else right behind the pattern.
    pub(super) fn computed(&mut self, index: usize, key: &str, value: NodeId) -> Result<Vec<(String, String)>, String> {
        let ast = self.editor.ast;
        let decides = match self.place {
            Where::Match(_) => false,
            Where::Head | Where::Branch(..) => !takes_anything(ast, value) || self.is_needed(value),
        };
        if decides && !(self.of_handler && matches!(self.place, Where::Head)) {
            return Err(format!("the value of `{key}` decides which clause is taken"));
        }
        let (fields, expression) = self.expression(index, key)?;
        let pattern = self.editor.text(value).to_owned();
        if decides {
            if pattern.contains('\n') {
                return Err(format!("the value of `{key}` decides which clause is taken"));
            }
            self.editor.decide(Decision { subject: expression, pattern, otherwise: None })?;
            return Ok(fields);
        }
        match self.only_use(value, &expression) {
            Some(only) => self.inline(only, expression),
            None => self.bind(format!("{pattern} = {expression}"))?,
        }
        Ok(fields)
    }

    /// The expression for a value, and the fields that it needs.
    fn expression(&mut self, index: usize, key: &str) -> Result<(Vec<(String, String)>, String), String> {
        let translation = &self.translations[index];
        let Value::Of(snippet) = &translation.value else {
            return Err(format!("the value of `{key}` cannot be had any more"));
        };
        let mut names: BTreeMap<String, String> = BTreeMap::new();
        let mut fields = Vec::new();
        for (key, pattern) in &translation.take {
            for variable in variables(pattern) {
                let known = if pattern == variable { self.taken.get(key).cloned() } else { None };
                let name = known.unwrap_or_else(|| self.editor.fresh(variable));
                if pattern == variable {
                    self.taken.insert(key.clone(), name.clone());
                }
                names.insert(variable.to_owned(), name);
            }
            // In the order in which the value needs them.
            let order = variables(&snippet.text).iter().position(|name| variables(pattern).contains(name));
            let pattern = substitute(pattern, |name| names.get(name).cloned());
            fields.push((order, key.clone(), format!("{key} := {pattern}")));
        }
        fields.sort();
        let fields = fields.into_iter().map(|(_, key, text)| (key, text)).collect();
        self.accumulator(snippet, &mut names)?;
        Ok((fields, substitute(&snippet.text, |name| names.get(name).cloned())))
    }

    /// Finds a name for the accumulator, where it is needed.
    pub(super) fn accumulator(
        &mut self,
        snippet: &Snippet,
        names: &mut BTreeMap<String, String>,
    ) -> Result<(), String> {
        if !variables(&snippet.text).contains(&ACCUMULATOR) || names.contains_key(ACCUMULATOR) {
            return Ok(());
        }
        if !self.of_handler {
            let (function, arity) = self.editor.at.function();
            return Err(format!("the accumulator is not at hand in `{function}/{arity}`"));
        }
        let name = self.editor.named_argument(0, ACCUMULATOR).ok_or("the handler has no accumulator")?;
        names.insert(ACCUMULATOR.to_owned(), name);
        Ok(())
    }
}
