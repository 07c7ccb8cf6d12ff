//! Code of which only one part runs, or one part many times: branches and comprehensions.

use super::patterns::Matches;
use super::value::{Code, Env, Val, Value};
use super::{Interpreter, MAX_WIDTH, unknown_item};
use crate::finding::Place;
use crate::syntax::ast::{Clause, Expr, Name, NodeId};

impl Interpreter<'_> {
    /// All clauses that the values could match, in order, up to the first that surely does.
    pub(super) fn branches(
        &mut self,
        code: &Code,
        clauses: &[&Clause],
        values: &[Val],
        env: &mut Env,
        at: Place,
    ) -> Val {
        let Some(ast) = code.ast() else { return Val::unknown("not parsed", at) };
        let (mut results, mut envs) = (Vec::new(), Vec::new());
        for clause in clauses {
            let mut inner = env.clone();
            let mut matches = Matches::Yes;
            for (&pattern, value) in ast.list(clause.patterns).iter().zip(values) {
                matches = matches.and(self.bind(code, pattern, value, &mut inner));
            }
            if matches == Matches::No {
                continue;
            }
            results.extend(self.body_in(code, clause, &mut inner));
            envs.push(inner);
            if matches == Matches::Yes && clause.guard.is_empty() {
                break;
            }
        }
        merge(env, &envs, &at);
        Val::choice(results, at)
    }

    /// All clauses, with whatever their patterns bind unknown.
    pub(super) fn all_branches(&mut self, code: &Code, clauses: &[&Clause], env: &mut Env, at: Place) -> Val {
        let Some(ast) = code.ast() else { return Val::unknown("not parsed", at) };
        let (mut results, mut envs) = (Vec::new(), Vec::new());
        for clause in clauses {
            let mut inner = env.clone();
            for &pattern in ast.list(clause.patterns) {
                let unknown = Val::unknown("it is decided when the code runs", code.place(ast.span(pattern)));
                self.bind(code, pattern, &unknown, &mut inner);
            }
            results.extend(self.body_in(code, clause, &mut inner));
            envs.push(inner);
        }
        merge(env, &envs, &at);
        Val::choice(results, at)
    }

    fn body_in(&mut self, code: &Code, clause: &Clause, env: &mut Env) -> Option<Val> {
        let body = code.ast()?.list(clause.body);
        let (&last, before) = body.split_last()?;
        for &statement in before {
            self.statement(code, statement, env);
        }
        Some(self.last(code, last, env))
    }

    pub(super) fn comprehension(
        &mut self,
        code: &Code,
        template: &[NodeId],
        qualifiers: &[NodeId],
        env: &Env,
        at: Place,
    ) -> Val {
        let mut out = Vec::new();
        self.qualify(code, template, qualifiers, env.clone(), &mut out);
        Val::new(Value::List(out.into()), at)
    }

    fn qualify(&mut self, code: &Code, template: &[NodeId], qualifiers: &[NodeId], mut env: Env, out: &mut Vec<Val>) {
        let Some(ast) = code.ast() else { return };
        if out.len() >= MAX_WIDTH {
            return;
        }
        let Some((&first, rest)) = qualifiers.split_first() else {
            for &item in template {
                let value = self.argument(code, item, &mut env);
                out.push(value);
            }
            return;
        };
        let Expr::Generator { pattern, source } = *ast.expr(first) else {
            let filter = self.eval(code, first, &mut env);
            if self.force(&filter).atom().is_none_or(|atom| atom != "false") {
                self.qualify(code, template, rest, env, out);
            }
            return;
        };
        let source = self.eval(code, source, &mut env);
        for item in self.items(&source) {
            let mut inner = env.clone();
            let item = unknown_item(item);
            if self.bind(code, pattern, &item, &mut inner) != Matches::No {
                self.qualify(code, template, rest, inner, out);
            }
        }
    }
}

/// Variables that branches bound, as choices between what each branch bound them to.
pub(super) fn merge(env: &mut Env, branches: &[Env], at: &Place) {
    let before = env.clone();
    let mut merged: Vec<(Name, Vec<Val>)> = Vec::new();
    for branch in branches {
        for (name, value) in branch.since(&before) {
            match merged.iter_mut().find(|(known, _)| *known == name) {
                Some((_, values)) => values.push(value),
                None => merged.push((name, vec![value])),
            }
        }
    }
    for (name, values) in merged {
        env.bind(name, Val::choice(values, at.clone()));
    }
}
