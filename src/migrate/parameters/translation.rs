//! How a parameter's value is had in the new release.

use std::collections::BTreeMap;

use crate::catalog::{ParameterChange, ParameterFate};
use crate::migrate::code::template::ACCUMULATOR;
use crate::migrate::code::template::{Snippet, variables};
use crate::migrate::session::{PARAMETER, SESSION};
use crate::syntax::ast::Expr;

/// How a parameter's value is had in the new release.
pub(super) struct Translation<'a> {
    pub(super) change: &'a ParameterChange,
    /// The keys of the new map with the patterns for their values.
    pub(super) take: BTreeMap<String, String>,
    pub(super) value: Value,
    /// Patterns for values that are not given any more.
    pub(super) never: Vec<Snippet>,
}

#[expect(clippy::large_enum_variant, reason = "there are few of them at a time")]
pub(super) enum Value {
    /// In terms of the variables of `take`, and of the accumulator.
    Of(Snippet),
    /// The parameter map itself.
    Whole,
    /// The same key, with other values.
    Same,
    /// It cannot be had.
    Lost,
}

impl<'a> Translation<'a> {
    pub(super) fn of(change: &'a ParameterChange) -> Self {
        let parse = |text: &str| Snippet::parse(text).map_or(Value::Lost, Value::Of);
        let never: Vec<Snippet> = change.never.iter().filter_map(|never| Snippet::parse(never)).collect();
        let of = |take: BTreeMap<String, String>, value| Self { change, take, value, never };
        if !change.take.is_empty() {
            return of(change.take.clone(), parse(&change.value));
        }
        let used = variables(&change.now);
        if change.now == "Params" {
            return of(BTreeMap::new(), Value::Whole);
        }
        if change.change == ParameterFate::Revalued {
            return of(BTreeMap::new(), Value::Same);
        }
        if change.now.is_empty()
            || change.change != ParameterFate::Gone
            || used.iter().any(|name| ![SESSION, ACCUMULATOR].contains(name))
        {
            return of(BTreeMap::new(), Value::Lost);
        }
        let take = used.contains(&SESSION).then(|| (PARAMETER.to_owned(), SESSION.to_owned()));
        of(take.into_iter().collect(), parse(&change.now))
    }

    /// Whether the old value is one variable of the new pattern, which whatever it was matched with can replace.
    pub(super) fn variable(&self) -> Option<&str> {
        match &self.value {
            Value::Of(snippet) if self.take.len() == 1 => match snippet.expr() {
                Expr::Var(name) => Some(name.as_str()),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether what was the session's state is the session's data now.
    pub(super) fn is_session(&self) -> bool {
        self.variable() == Some(SESSION)
    }

    /// The only key of `take`, when its whole value is taken.
    pub(super) fn only_key(&self) -> Option<(&str, &str)> {
        let mut take = self.take.iter();
        let (key, pattern) = take.next()?;
        (take.next().is_none() && variables(pattern) == [pattern.as_str()]).then_some((key, pattern))
    }
}
