//! Which of its positional arguments a handler uses, in terms of the keys that these have become.

use super::At;
use super::params::{self, ParamsUse};
use crate::catalog::Positional;
use crate::project::modules::Modules;
use crate::syntax::ast::Name;

/// What the clauses of a handler read. Of a hook that is not known, nothing.
#[must_use]
pub fn of(modules: &Modules, clauses: &[At], known: Option<&Positional>) -> ParamsUse {
    let Some(positional) = known else { return ParamsUse::default() };
    let mut found = match positional.arguments.iter().position(|it| *it == positional.whole) {
        // Behind the accumulator.
        Some(index) => params::of(modules, clauses, index + 1),
        None => ParamsUse::default(),
    };
    found.open_clauses.resize(clauses.len(), None);
    for (number, at) in clauses.iter().enumerate() {
        let Some(clause) = at.clause() else { continue };
        for (argument, &pattern) in positional.arguments.iter().zip(at.ast().list(clause.patterns).iter().skip(1)) {
            let keys = keys_of(positional, argument);
            found.reads.extend(keys.iter().filter_map(|key| params::of_argument(at, pattern, key, number)));
        }
    }
    found
}

/// The keys of the map from which an argument can be had.
fn keys_of(positional: &Positional, argument: &str) -> Vec<Name> {
    let own = positional.keys.get(argument).into_iter();
    let computed = positional.computed.iter().filter(|computed| names(&computed.pattern).any(|name| name == argument));
    own.chain(computed.flat_map(|computed| computed.take.keys())).map(|key| Name::from(key.as_str())).collect()
}

/// The words of a pattern.
fn names(pattern: &str) -> impl Iterator<Item = &str> {
    pattern.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
}
