//! The session's state: a record in a C2S process of one release, opaque data with accessors in another.

use crate::catalog::{ApiChange, Upgrade};
use crate::project::handlers::{Callee, callee};
use crate::rewrite::Edit;
use crate::source::Span;
use crate::syntax::ast::{Expr, NodeId, RecordFieldName};

use super::clause::ClauseEditor;
use super::template::{Snippet, variables};

/// The name that stands for the session's data in the catalog's code.
pub const SESSION: &str = "C2SData";

/// What becomes of a use of the session's state.
pub enum Use {
    /// The same is had from the session's data by these edits; the last says what a person has to look at.
    Same(Vec<Edit>, Option<String>),
    /// It cannot be rewritten alone, and why.
    Stuck(String),
}

/// What becomes of a use of a variable that held the session's state and holds the session's data from now on under
/// the name `session`.
#[must_use]
pub fn translate(editor: &ClauseEditor<'_>, upgrade: &Upgrade, node: NodeId, session: &str) -> Use {
    let at = editor.at;
    let path = at.path_to(node);
    let Some(&parent) = path.len().checked_sub(2).and_then(|parent| path.get(parent)) else {
        return Use::Stuck("the session's state is matched with in the handler's head".to_owned());
    };
    match editor.ast.expr(parent) {
        Expr::Call { module, function, args } => {
            let arguments = editor.ast.list(*args);
            let called = callee(&at.module, editor.ast, *module, *function);
            let Callee::Remote(module_name, name) = &called else {
                return Use::Stuck(format!("the session's state goes to {}", shown(&called, arguments.len())));
            };
            let fate = upgrade.function_fate(module_name, name, arguments.len());
            let entry = fate.as_ref().and_then(crate::catalog::FunctionFate::entry);
            match (entry.and_then(accessor), arguments) {
                (Some((new_module, new_function)), [_]) => {
                    let Some(module) = *module else { return Use::Stuck("a call without its module".to_owned()) };
                    let (start, end) = (editor.ast.span(module).start, editor.ast.span(*function).end);
                    let place = at.module.place(Span { start, end });
                    Use::Same(vec![Edit::replace(place, format!("{new_module}:{new_function}"))], None)
                }
                _ => Use::Stuck(format!("the session's state goes to {}", shown(&called, arguments.len()))),
            }
        }
        Expr::RecordField { base, field } if *base == node => {
            let RecordFieldName { record: name, field } = &**field;
            let fate = upgrade.record_fate(name);
            let wanted = format!("{name}.{field}");
            let entry = fate.as_ref().and_then(|fate| fate.entries.iter().rfind(|entry| entry.name == wanted));
            match entry.filter(|entry| !entry.instead.is_empty()) {
                Some(entry) => {
                    let new = super::template::substitute(&entry.instead, |name| {
                        (name == SESSION).then(|| session.to_owned())
                    });
                    let safe = entry.rewrite == crate::catalog::RewriteClass::Mechanical;
                    let place = at.place(parent);
                    let reason = (!safe).then(|| {
                        if entry.note.is_empty() {
                            format!("`#{wanted}` was another value")
                        } else {
                            entry.note.clone()
                        }
                    });
                    Use::Same(vec![Edit::replace(place, new)], reason)
                }
                None => Use::Stuck(format!("nothing stands for `#{wanted}` any more")),
            }
        }
        _ => Use::Stuck("the session's state is used as a whole".to_owned()),
    }
}

fn shown(called: &Callee, arity: usize) -> String {
    match called {
        Callee::Local(name) => format!("`{name}/{arity}`"),
        Callee::Remote(module, name) => format!("`{module}:{name}/{arity}`"),
        Callee::Dynamic => "a function that is known only when the code runs".to_owned(),
    }
}

/// The function that gives from the session's data what a function of one argument gave from the session's state.
#[must_use]
pub fn accessor(entry: &ApiChange) -> Option<(String, String)> {
    if entry.rewrite != crate::catalog::RewriteClass::Mechanical || variables(&entry.instead) != [SESSION] {
        return None;
    }
    let snippet = Snippet::parse(&entry.instead)?;
    let Expr::Call { module: Some(module), function, args } = snippet.expr() else { return None };
    let plain = snippet.ast().list(*args);
    let [only] = plain else { return None };
    let is_session = snippet.ast().var(*only).is_some_and(|name| name == SESSION);
    is_session.then(|| (snippet.text_of(*module).to_owned(), snippet.text_of(*function).to_owned()))
}
