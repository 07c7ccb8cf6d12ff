//! Exporting one more function.

use crate::outline::Module;
use crate::rewrite::Edit;
use crate::source::Span;
use crate::syntax::scan::{FormKind, Token, Tokens};

/// Exports a function: behind `beside` where that is exported by name, else in a line of its own behind the last export,
/// or behind the module's name. `None` when everything is exported, or this function is.
///
/// # Errors
/// There is no place for it.
pub fn export(
    module: &Module,
    name: &str,
    arity: usize,
    beside: Option<(&str, usize)>,
) -> Result<Option<Edit>, String> {
    if module.exports(name, arity) {
        return Ok(None);
    }
    let mut last = None;
    for (index, form) in module.forms() {
        let attribute = module.source().slice(form.name);
        if form.kind != FormKind::Attribute || !matches!(attribute, "export" | "module") {
            continue;
        }
        last = Some(form.span);
        if let Some(behind) =
            beside.and_then(|(old, arity)| behind(module.text_of(index), form.span.start as usize, old, arity))
        {
            return Ok(Some(Edit::insert(&module.place(form.span), behind, format!(", {name}/{arity}"))));
        }
    }
    let last = last.ok_or("the module has neither an export nor a name to put one behind")?;
    Ok(Some(Edit::insert(&module.place(last), last.end, format!("\n-export([{name}/{arity}])."))))
}

/// The offset behind `name/arity` in an export's text.
fn behind(text: &str, base: usize, name: &str, arity: usize) -> Option<u32> {
    let tokens: Vec<(Token, Span)> = Tokens::new(text, base).collect();
    let slice = |at: usize| {
        let span: Option<&(Token, Span)> = tokens.get(at);
        span.map_or("", |(_, span)| &text[span.start as usize - base..span.end as usize - base])
    };
    let arity = arity.to_string();
    let at = (0..tokens.len()).find(|&at| slice(at) == name && slice(at + 1) == "/" && slice(at + 2) == arity)?;
    Some(tokens[at + 2].1.end)
}
