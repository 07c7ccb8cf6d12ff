//! Matching of known and half-known values against patterns.

use super::{Code, Env, Interpreter, MAX_DEPTH, Val, Value};
use crate::syntax::ast::{Expr, NodeId};

/// Whether a value matches a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matches {
    No,
    Maybe,
    Yes,
}

impl Matches {
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Matches::No, _) | (_, Matches::No) => Matches::No,
            (Matches::Yes, Matches::Yes) => Matches::Yes,
            _ => Matches::Maybe,
        }
    }
}

impl Interpreter<'_> {
    /// Matches a value against a pattern and binds its variables.
    pub(super) fn bind(&mut self, code: &Code, pattern: NodeId, value: &Val, env: &mut Env) -> Matches {
        let Some(ast) = code.ast() else { return Matches::Maybe };
        // As many as stand in a row.
        let (mut pattern, mut before) = (pattern, Matches::Yes);
        while let Expr::Match { left, right } = *ast.expr(pattern) {
            before = before.and(self.bind(code, left, value, env));
            pattern = right;
        }
        before.and(self.bind_one(code, pattern, value, env))
    }

    /// The same for a pattern that is no match with another one.
    fn bind_one(&mut self, code: &Code, pattern: NodeId, value: &Val, env: &mut Env) -> Matches {
        let Some(ast) = code.ast() else { return Matches::Maybe };
        match ast.expr(pattern) {
            Expr::Var(name) if name == "_" => return Matches::Yes,
            Expr::Var(name) => {
                if let Some(bound) = env.get(name).cloned() {
                    return self.same(&bound, value);
                }
                env.bind(name.clone(), value.clone());
                return Matches::Yes;
            }
            _ => {}
        }
        let value = self.force(value);
        if let Value::Choice(options) = &value.value {
            // What a function that calls itself returns can be choices inside of choices without end.
            if self.depth >= MAX_DEPTH {
                let unknown = Val::unknown("the code nests too deeply to be followed", value.at.clone());
                self.bind_parts_unknown(code, pattern, &unknown, env);
                return Matches::Maybe;
            }
            self.depth += 1;
            let matches = self.bind_choice(code, pattern, options, env);
            self.depth -= 1;
            return matches;
        }
        match (ast.expr(pattern), &value.value) {
            (Expr::Tuple(patterns), Value::Tuple(items)) => {
                if patterns.len() != items.len() {
                    return Matches::No;
                }
                let pairs: Vec<(NodeId, Val)> =
                    ast.list(*patterns).iter().copied().zip(items.iter().cloned()).collect();
                pairs.iter().fold(Matches::Yes, |all, (pattern, item)| all.and(self.bind(code, *pattern, item, env)))
            }
            (Expr::List { items, tail }, Value::List(values)) => {
                self.bind_list(code, ast.list(*items), *tail, values, &value, env)
            }
            (Expr::Atom(a), Value::Atom(b)) => yes_or_no(a == b),
            (Expr::Integer(Some(a)), Value::Int(b)) => yes_or_no(a == b),
            (Expr::Binary(a) | Expr::String(a), Value::Text(b)) => yes_or_no(**a == **b),
            (Expr::Macro { name, args: None }, Value::Atom(atom)) if name == "MODULE" => {
                yes_or_no(atom == code.home.name())
            }
            (Expr::Map { fields, .. }, Value::Map(entries)) => {
                let fields: Vec<_> =
                    ast.fields(*fields).iter().filter_map(|f| Some((ast.atom(f.key)?.clone(), f.value?))).collect();
                let mut all = Matches::Yes;
                for (key, pattern) in fields {
                    let entry = entries.iter().find(|(name, _)| name.atom() == Some(&key));
                    let Some((_, item)) = entry else { return Matches::No };
                    all = all.and(self.bind(code, pattern, &item.clone(), env));
                }
                all
            }
            (_, Value::Unknown(_) | Value::Param { .. } | Value::Rest(_) | Value::Lazy(_))
            | (Expr::Macro { .. }, _) => {
                self.bind_parts_unknown(code, pattern, &value, env);
                Matches::Maybe
            }
            (Expr::Bits(_) | Expr::Record { .. } | Expr::Binop { .. } | Expr::Error, _) => {
                self.bind_parts_unknown(code, pattern, &value, env);
                Matches::Maybe
            }
            _ => Matches::No,
        }
    }

    fn bind_list(
        &mut self,
        code: &Code,
        patterns: &[NodeId],
        tail: Option<NodeId>,
        values: &[Val],
        whole: &Val,
        env: &mut Env,
    ) -> Matches {
        if values.iter().any(|value| matches!(value.value, Value::Rest(_))) {
            let unknown = Val::unknown("the list is known only in part", whole.at.clone());
            for &pattern in patterns.iter().chain(&tail) {
                self.bind_parts_unknown(code, pattern, &unknown, env);
            }
            return Matches::Maybe;
        }
        if values.len() < patterns.len() || (tail.is_none() && values.len() > patterns.len()) {
            return Matches::No;
        }
        let (heads, rest) = values.split_at(patterns.len());
        let mut all = Matches::Yes;
        for (&pattern, value) in patterns.iter().zip(heads) {
            all = all.and(self.bind(code, pattern, value, env));
        }
        if let Some(tail) = tail {
            let rest = Val::new(Value::List(rest.into()), whole.at.clone());
            all = all.and(self.bind(code, tail, &rest, env));
        }
        all
    }

    fn bind_choice(&mut self, code: &Code, pattern: NodeId, options: &[Val], env: &mut Env) -> Matches {
        let mut envs = Vec::new();
        let mut all = true;
        for option in options {
            let mut inner = env.clone();
            match self.bind(code, pattern, option, &mut inner) {
                Matches::No => all = false,
                matches => {
                    all &= matches == Matches::Yes;
                    envs.push(inner);
                }
            }
        }
        let Some(first) = options.first() else { return Matches::No };
        if envs.is_empty() {
            return Matches::No;
        }
        super::branches::merge(env, &envs, &first.at);
        if all { Matches::Yes } else { Matches::Maybe }
    }

    /// Binds every variable of a pattern to a part of an unknown value.
    fn bind_parts_unknown(&mut self, code: &Code, pattern: NodeId, value: &Val, env: &mut Env) {
        let Some(ast) = code.ast() else { return };
        let value = match &value.value {
            // A part of an argument depends on the caller as the argument does.
            Value::Param { .. } | Value::Unknown(_) => value.clone(),
            _ => Val::unknown("it is known only when the code runs", value.at.clone()),
        };
        for (_, expr) in ast.descend([pattern]) {
            if let Expr::Var(name) = expr
                && name != "_"
                && env.get(name).is_none()
            {
                env.bind(name.clone(), value.clone());
            }
        }
    }

    fn same(&mut self, left: &Val, right: &Val) -> Matches {
        let (left, right) = (self.force(left), self.force(right));
        match (&left.value, &right.value) {
            (Value::Atom(a), Value::Atom(b)) => yes_or_no(a == b),
            (Value::Int(a), Value::Int(b)) => yes_or_no(a == b),
            (Value::Text(a), Value::Text(b)) => yes_or_no(a == b),
            _ => Matches::Maybe,
        }
    }
}

fn yes_or_no(yes: bool) -> Matches {
    if yes { Matches::Yes } else { Matches::No }
}
