//! Attributes that name a handler with its arity.

use super::ARITY;
use crate::migrate::registration::exports;
use crate::outline::Module;
use crate::rewrite::Edit;
use crate::source::Span;
use crate::syntax::scan::{FormKind, Token, Tokens};

/// Attributes that list functions.
const LISTS: [&str; 6] = ["export", "ignore_xref", "dialyzer", "compile", "deprecated", "hank"];

/// Lets attributes name a function with its new arity, and exports it.
///
/// # Errors
/// There is no place for an export.
pub(super) fn with_arity(module: &Module, name: &str, arity: usize) -> Result<Vec<Edit>, String> {
    let mut edits = Vec::new();
    if arity != ARITY {
        for number in places(module, name, arity) {
            edits.push(Edit::replace(module.place(number), ARITY.to_string()));
        }
    }
    if !module.exports(name, arity) {
        edits.extend(exports::export(module, name, ARITY, None)?);
    }
    Ok(edits)
}

/// Where attributes have the function's arity, behind its name.
fn places(module: &Module, name: &str, arity: usize) -> Vec<Span> {
    let arity = arity.to_string();
    let mut found = Vec::new();
    for (index, form) in module.forms() {
        if form.kind != FormKind::Attribute || !LISTS.contains(&module.source().slice(form.name)) {
            continue;
        }
        let tokens: Vec<(Token, Span)> = Tokens::new(module.text_of(index), form.span.start as usize).collect();
        for window in tokens.windows(3) {
            let &[(Token::Atom, atom), (Token::Punct(between), _), (Token::Number, number)] = window else { continue };
            let names = module.source().slice(atom).trim_matches('\'') == name;
            if names && matches!(between, b'/' | b',') && module.source().slice(number) == arity {
                found.push(number);
            }
        }
    }
    found
}
