//! A new handler with the new contract, which calls the old function and leaves it as it is.

use super::code::template::{ACCUMULATOR, Snippet, substitute, variables};
use super::registration::exports;
use super::registration::{self, Change, Subject};
use super::serving::Serving;
use super::session::SESSION;
use crate::catalog::{HookChange, ParameterFate};
use crate::outline::Module;
use crate::project::handlers::At;
use crate::rewrite::Edit;
use crate::syntax::scan::{Token, Tokens};

/// What stands for the new and for the old function in the catalog's code.
const NEW: &str = "new_handler";
const OLD: &str = "old_handler";

/// The edits, what a person has to look at, and the new function's name.
#[derive(Debug)]
pub struct Adapted {
    pub edits: Vec<Edit>,
    pub reasons: Vec<String>,
    pub function: String,
}

/// Registers a new function, which calls the handler with what it expects.
///
/// # Errors
/// No adapter can stand between the two contracts, or it cannot be put into the module; says why.
pub fn adapt(
    serving: &Serving<'_>,
    change: &HookChange,
    hook: Option<&str>,
    priority: Option<u32>,
) -> Result<Adapted, String> {
    let module = &serving.handler.module;
    let code = if change.adapter.is_empty() { generated(serving, change)? } else { written(serving, change)? };
    let function = free_name(module, hook.unwrap_or(serving.hook), &serving.handler.name);
    let code = named(&code, &function, &serving.handler.name);
    let purpose = purpose(serving);
    let &[form] = &module.function(&serving.handler.name, serving.handler.arity)[..] else {
        return Err("the handler is defined more than once".to_owned());
    };
    if serving.handler.clauses().iter().any(At::is_broken) {
        return Err("a clause of the handler could not be parsed".to_owned());
    }
    let behind = module.form(form).span.end;
    let near = module.place(module.form(form).span);
    let mut edits = vec![Edit::insert(&near, behind, format!("\n\n{purpose}\n{}", code.trim_end()))];
    edits.extend(exports::export(module, &function, 3, Some((&serving.handler.name, 3)))?);
    let change = Change { hook: hook.map(str::to_owned), priority, function: Some(function.clone()) };
    let registered = registration::retarget(&Subject::of(serving), &change)?;
    edits.extend(registered.edits);
    Ok(Adapted { edits, reasons: registered.reasons, function })
}

/// What the new function is for, as a comment above it.
fn purpose(serving: &Serving<'_>) -> String {
    let upgrade = serving.context.upgrade;
    let from = upgrade.first_with_maps().unwrap_or_else(|| upgrade.from());
    let old = &serving.handler;
    format!("%% Calls {}/{} as MongooseIM {from} did for {}.", old.name, old.arity, serving.hook)
}

/// The adapter that the catalog has, when it gives the old function everything that this one reads.
fn written(serving: &Serving<'_>, change: &HookChange) -> Result<String, String> {
    let code = &change.adapter;
    let gives =
        |key: &str| Tokens::new(code, 0).any(|(token, span)| token == Token::Atom && &code[span.range()] == key);
    for parameter in change.parameters.iter().filter(|it| it.change == ParameterFate::Gone && !gives(&it.key)) {
        if serving.handler.params().reads_of(&parameter.key).next().is_some() {
            return Err(format!("the value of `{}` cannot be given to the old function", parameter.key));
        }
        if let Some(escape) = serving.handler.params().escapes.first() {
            return Err(format!(
                "the parameters go {} as a whole, and `{}` is not among them",
                escape.to, parameter.key
            ));
        }
    }
    Ok(code.clone())
}

/// A name that no function of the module has.
#[must_use]
pub fn free_name(module: &Module, hook: &str, old: &str) -> String {
    let combined = if old == hook { format!("handle_{hook}") } else { format!("{old}_{hook}") };
    let numbered = (2..).map(|number| format!("{combined}_{number}"));
    let free = |name: &String| !module.defines(name, 3) && !module.exports(name, 3);
    [hook.to_owned(), combined.clone()].into_iter().chain(numbered).find(free).unwrap_or(combined)
}

fn named(code: &str, new: &str, old: &str) -> String {
    let mut out = String::with_capacity(code.len());
    let mut done = 0;
    for (token, span) in Tokens::new(code, 0) {
        let range = span.range();
        let name = match (token, &code[range.clone()]) {
            (Token::Atom, NEW) => new,
            (Token::Atom, OLD) => old,
            _ => continue,
        };
        out.push_str(&code[done..range.start]);
        out.push_str(name);
        done = range.end;
    }
    out.push_str(&code[done..]);
    out
}

/// An adapter that adds the parameters which are gone to those that there are.
fn generated(serving: &Serving<'_>, change: &HookChange) -> Result<String, String> {
    if change.accumulator.is_some() && !serving.handler.accumulator().only_passed_on() {
        return Err("the accumulator is another one".to_owned());
    }
    if change.drop.is_some() {
        return Err("results mean something else".to_owned());
    }
    let (mut session, mut added) = (false, Vec::new());
    for parameter in &change.parameters {
        if serving.handler.params().reads_of(&parameter.key).next().is_none() {
            continue;
        }
        let used = variables(&parameter.now);
        let call =
            Snippet::parse(&parameter.now).is_some_and(|it| matches!(it.expr(), crate::syntax::ast::Expr::Call { .. }));
        if parameter.change != ParameterFate::Gone
            || !call
            || used.iter().any(|name| ![SESSION, ACCUMULATOR].contains(name))
        {
            return Err(format!("the value of `{}` cannot be given to the old function", parameter.key));
        }
        session |= used.contains(&SESSION);
        added.push(format!("{} => {}", parameter.key, parameter.now));
    }
    if added.is_empty() {
        return Err("there is nothing that an adapter could add".to_owned());
    }
    let params = if session { "#{c2s_data := C2SData} = Params" } else { "Params" };
    let added = added.join(", ");
    Ok(format!("{NEW}(Acc, {params}, Extra) ->\n    {OLD}(Acc, Params#{{{added}}}, Extra)."))
}

/// The function that an adapter's code defines, for tests of the catalog: it must parse, and name both functions.
#[must_use]
pub fn is_sound(code: &str) -> bool {
    let code = substitute(code, |_| None);
    let parsed = crate::syntax::parse(&code, 0);
    parsed.is_ok_and(|ast| ast.errors.is_empty() && ast.function_clauses().next().is_some())
        && code.contains(NEW)
        && code.contains(OLD)
}
