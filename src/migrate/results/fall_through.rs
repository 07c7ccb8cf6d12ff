//! A branch, or a clause, for everything that the others do not take.
//!
//! A handler that fails leaves the accumulator as it was, and the next one is called: a branch that returns it does
//! the same without the failure. Where what is chosen is not the result, it must be of no use to anybody.

use super::accumulator_of;
use crate::migrate::code::bodies::bodies;
use crate::migrate::code::callers::private_calls;
use crate::migrate::code::clause::{ClauseEditor, indentation};
use crate::migrate::serving::Serving;
use crate::outline::FormIndex;
use crate::project::handlers::stanzas::Dispatch;
use crate::project::handlers::{At, Callee, callee, is_log_macro};
use crate::rewrite::Edit;
use crate::source::Span;
use crate::syntax::ast::{Ast, Clause, Expr, Name, NodeId, Op};
use crate::syntax::scan::{Token, Tokens};

/// How many calls deep it is asked what becomes of a value.
const MAX_CALLS: usize = 4;

/// The edits, and what a person has to look at.
#[derive(Debug, Default)]
pub struct Added {
    pub edits: Vec<Edit>,
    pub reasons: Vec<String>,
}

/// Adds what a choice by the stanza's name lacks.
///
/// # Errors
/// What it would have to be for other stanzas is not known, or it would concern others; says which.
pub fn complete(serving: &Serving<'_>, dispatch: &Dispatch) -> Result<Added, String> {
    match dispatch.fails_with {
        "badmatch" => Err("a match has no branch for other stanzas".to_owned()),
        "function_clause" => match called_at(serving, dispatch) {
            Some((name, arity)) => helper_clause(serving, &name, arity),
            None => Ok(Added { edits: handler_clause(serving)?, reasons: Vec::new() }),
        },
        _ => branch(serving, dispatch),
    }
}

/// Adds a last clause to the handler that returns the accumulator as it is.
///
/// # Errors
/// The handler's form is not one that could be added to.
pub fn handler_clause(serving: &Serving<'_>) -> Result<Vec<Edit>, String> {
    let clauses: Vec<&At> = serving.handler.clauses().iter().collect();
    let last = clauses.last().copied().ok_or("the handler could not be parsed")?;
    let mut names = Vec::new();
    for (index, &pattern) in last.clause().map_or(&[][..], |clause| last.ast().list(clause.patterns)).iter().enumerate()
    {
        let own = last.ast().var(pattern).map(|name| name.as_str());
        let usual = ["Acc", "_Params", "_Extra"].get(index).copied().unwrap_or("_");
        names.push(match own {
            Some(name) if index == 0 => name.trim_start_matches('_').to_owned(),
            Some(name) if name.starts_with('_') => name.to_owned(),
            Some(name) => format!("_{name}"),
            None => usual.to_owned(),
        });
    }
    if let Some(first) = names.first_mut().filter(|name| name.is_empty()) {
        "Acc".clone_into(first);
    }
    let accumulator = names.first().cloned().unwrap_or_default();
    append_clause(&clauses, &names, &format!("{{ok, {accumulator}}}"))
}

/// The function whose heads are the choice, when that is not the handler itself.
fn called_at(serving: &Serving<'_>, dispatch: &Dispatch) -> Option<(Name, usize)> {
    serving.handler.reachable().iter().find_map(|at| {
        let ast = at.ast();
        let node = node_at(at, dispatch, |expr| matches!(expr, Expr::Call { .. }))?;
        match ast.expr(node) {
            Expr::Call { module, function, args } => match callee(&at.module, ast, *module, *function) {
                Callee::Local(name) => Some((name, args.len())),
                _ => None,
            },
            _ => None,
        }
    })
}

fn node_at(at: &At, dispatch: &Dispatch, wanted: impl Fn(&Expr) -> bool) -> Option<NodeId> {
    if at.module.source().path() != dispatch.place.source.path() {
        return None;
    }
    let clause = at.clause().filter(|clause| clause.span.contains(dispatch.place.span))?;
    let ast = at.ast();
    let is_it = |(node, expr): &(NodeId, &Expr)| ast.span(*node) == dispatch.place.span && wanted(expr);
    ast.descend_clause(clause).find(is_it).map(|(node, _)| node)
}

/// A last clause for a function of the module.
fn helper_clause(serving: &Serving<'_>, name: &Name, arity: usize) -> Result<Added, String> {
    let of_it = |at: &&At| at.function() == (name.clone(), arity);
    let clauses: Vec<&At> = serving.handler.reachable().iter().filter(of_it).collect();
    let last = *clauses.last().ok_or("the function could not be found")?;
    if clauses.iter().any(|at| at.is_broken()) {
        return Err(format!("a clause of `{name}/{arity}` could not be parsed"));
    }
    let used = uses_of_function(serving, last, 0)?;
    let mut names = vec!["_".to_owned(); arity];
    let value = match used.kind {
        Kind::Ignored => "ok".to_owned(),
        Kind::Result => {
            let index = accumulator_argument(serving, last, 0).ok_or_else(no_accumulator)?;
            let own = last.clause().and_then(|clause| last.ast().list(clause.patterns).get(index).copied());
            let own = own.and_then(|pattern| last.ast().var(pattern)).map(|name| name.trim_start_matches('_'));
            names[index] = own.filter(|name| !name.is_empty()).unwrap_or("Acc").to_owned();
            format!("{{ok, {}}}", names[index])
        }
    };
    Ok(Added { edits: append_clause(&clauses, &names, &value)?, reasons: used.reasons() })
}

fn no_accumulator() -> String {
    "the accumulator is not at hand where the branch would stand".to_owned()
}

/// A last branch of a `case` or `if`.
fn branch(serving: &Serving<'_>, dispatch: &Dispatch) -> Result<Added, String> {
    let found = serving.handler.reachable().iter().find_map(|at| Some((at, choice_at(at, dispatch)?)));
    let (at, node) = found.ok_or("the choice could not be found")?;
    let ast = at.ast();
    let (clauses, pattern) = match ast.expr(node) {
        Expr::Case { clauses, .. } => (ast.clauses(*clauses), "_"),
        Expr::If { clauses } => (ast.clauses(*clauses), "true"),
        _ => return Err("the choice could not be found".to_owned()),
    };
    let last = clauses.last().filter(|last| last.from_macro.is_none()).ok_or("a clause comes from a macro")?;
    let used = use_of(serving, at, node, 0)?;
    let mut edits = Vec::new();
    let value = match used.kind {
        Kind::Ignored => "ok".to_owned(),
        Kind::Result => {
            let (name, rename) = accumulator_in(serving, at)?;
            edits.extend(rename);
            format!("{{ok, {name}}}")
        }
    };
    edits.extend(append_branch(at, last, pattern, &value).ok_or("the last branch has a form that is not understood")?);
    Ok(Added { edits, reasons: used.reasons() })
}

/// The `case` over what the place marks, or the `if` that it marks.
fn choice_at(at: &At, dispatch: &Dispatch) -> Option<NodeId> {
    if let Some(node) = node_at(at, dispatch, |expr| matches!(expr, Expr::If { .. })) {
        return Some(node);
    }
    let subject = node_at(at, dispatch, |_| true)?;
    let is_it = |expr: &Expr| matches!(expr, Expr::Case { subject: it, .. } if *it == subject);
    at.ast().descend_clause(at.clause()?).find(|(_, expr)| is_it(expr)).map(|(node, _)| node)
}

/// What becomes of a value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Nothing.
    Ignored,
    /// It is what the handler returns.
    Result,
}

#[derive(Clone, Copy)]
struct Used {
    kind: Kind,
    /// Whether something has an effect after it was made.
    goes_on: bool,
}

impl Used {
    fn reasons(self) -> Vec<String> {
        let reason = "what comes after the choice is done for the further elements as well";
        if self.goes_on { vec![reason.to_owned()] } else { Vec::new() }
    }
}

fn use_of(serving: &Serving<'_>, at: &At, node: NodeId, depth: usize) -> Result<Used, String> {
    let needed = || Err("its value is used, and what that is for other elements only a person can tell".to_owned());
    let (ast, Some(clause)) = (at.ast(), at.clause()) else { return needed() };
    let path = at.path_to(node);
    let (mut ignored, mut goes_on) = (false, false);
    for (index, &current) in path.iter().enumerate().rev() {
        let Some(&parent) = index.checked_sub(1).and_then(|before| path.get(before)) else { break };
        let own = bodies(ast, parent).into_iter().find(|(body, _)| ast.list(*body).contains(&current));
        match (own, ast.expr(parent)) {
            (Some((body, is_value)), _) => {
                let rest = behind(ast.list(body), current);
                goes_on |= rest.iter().any(|&node| has_effect(ast, node));
                if rest.is_empty()
                    && !is_value
                    && !matches!(ast.expr(parent), Expr::Try { after, .. } if *after == body)
                {
                    return needed();
                }
                ignored |= !rest.is_empty() || !is_value;
            }
            (None, Expr::Match { left, .. }) if ast.var(*left).is_some_and(|name| name == "_") => {}
            (None, _) if ignored => goes_on = true,
            (None, _) => return needed(),
        }
    }
    let Some(&statement) = path.first() else { return needed() };
    let rest = behind(ast.list(clause.body), statement);
    goes_on |= match rest.split_last() {
        Some((last, others)) => others.iter().any(|&node| has_effect(ast, node)) || !passes(at, *last),
        None => false,
    };
    if !rest.is_empty() {
        ignored = true;
    }
    if at.is_handler() {
        let kind = if ignored { Kind::Ignored } else { Kind::Result };
        return Ok(Used { kind, goes_on });
    }
    match uses_of_function(serving, at, depth + 1) {
        Ok(used) if ignored => Ok(Used { kind: Kind::Ignored, goes_on: goes_on || used.goes_on }),
        Ok(used) => Ok(Used { goes_on: goes_on || used.goes_on, ..used }),
        Err(_) if ignored && is_private(at) => Ok(Used { kind: Kind::Ignored, goes_on: true }),
        Err(why) => Err(why),
    }
}

fn behind(body: &[NodeId], node: NodeId) -> &[NodeId] {
    body.iter().position(|&it| it == node).map_or(&[], |at| &body[at + 1..])
}

fn is_private(at: &At) -> bool {
    let (name, arity) = at.function();
    private_calls(&at.module, &name, arity).is_some()
}

/// What becomes of what a function returns, wherever it is called.
fn uses_of_function(serving: &Serving<'_>, at: &At, depth: usize) -> Result<Used, String> {
    let (name, arity) = at.function();
    let others = || Err(format!("`{name}/{arity}` serves others, too"));
    let calls = calls_of(serving, at);
    if depth > MAX_CALLS || private_calls(&at.module, &name, arity) != Some(calls.len()) {
        return others();
    }
    let mut all: Option<Used> = None;
    for (caller, call) in calls {
        let used = use_of(serving, caller, call, depth)?;
        match &mut all {
            Some(known) if known.kind != used.kind => return others(),
            Some(known) => known.goes_on |= used.goes_on,
            None => all = Some(used),
        }
    }
    all.map_or_else(others, Ok)
}

/// The calls of a clause's function in the handler and in what it reaches.
fn calls_of<'a>(serving: &'a Serving<'_>, of: &At) -> Vec<(&'a At, NodeId)> {
    let (name, arity) = of.function();
    let mut found = Vec::new();
    for at in serving.handler.reachable() {
        let (ast, Some(clause)) = (at.ast(), at.clause()) else { continue };
        for (node, expr) in ast.descend_clause(clause) {
            if let Expr::Call { module, function, args } = expr
                && args.len() == arity
                && callee(&at.module, ast, *module, *function) == Callee::Local(name.clone())
            {
                found.push((at, node));
            }
        }
    }
    found
}

/// Whether a last expression is `{ok, Acc}` or the like.
fn passes(at: &At, node: NodeId) -> bool {
    let ast = at.ast();
    let Expr::Tuple(items) = ast.expr(node) else { return !at.is_handler() && !has_effect(ast, node) };
    let [tag, value] = *ast.list(*items) else { return false };
    let first = at.clause().and_then(|clause| ast.list(clause.patterns).first().copied());
    let names = first.map_or_else(Vec::new, |first| ast.descend([first]).filter_map(|(id, _)| ast.var(id)).collect());
    ast.atom(tag).is_some_and(|tag| tag == "ok") && ast.var(value).is_some_and(|name| names.contains(&name))
}

/// Whether evaluating an expression can be seen from outside; to write to the log is no matter.
fn has_effect(ast: &Ast, node: NodeId) -> bool {
    let mut stack = vec![node];
    let mut children = Vec::new();
    while let Some(node) = stack.pop() {
        match ast.expr(node) {
            Expr::Macro { name, .. } if is_log_macro(name) => continue,
            Expr::Call { .. } | Expr::Macro { args: Some(_), .. } | Expr::Receive { .. } => return true,
            Expr::Binop { op: Op::Send, .. } => return true,
            _ => {}
        }
        children.clear();
        ast.children(node, &mut children);
        stack.append(&mut children);
    }
    false
}

/// The name of the handler's accumulator in one of the clauses that it reaches.
fn accumulator_in(serving: &Serving<'_>, at: &At) -> Result<(String, Option<Edit>), String> {
    if at.is_handler() {
        let mut editor = ClauseEditor::new(at).ok_or("a clause could not be parsed")?;
        return accumulator_of(&mut editor);
    }
    let index = accumulator_argument(serving, at, 0).ok_or_else(no_accumulator)?;
    let pattern = at.clause().and_then(|clause| at.ast().list(clause.patterns).get(index).copied());
    let name = pattern.and_then(|pattern| at.ast().var(pattern)).filter(|name| !name.starts_with('_'));
    name.map(|name| (name.to_string(), None)).ok_or_else(no_accumulator)
}

/// The argument of a function that is the handler's accumulator wherever it is called.
fn accumulator_argument(serving: &Serving<'_>, at: &At, depth: usize) -> Option<usize> {
    if depth > MAX_CALLS {
        return None;
    }
    let mut all = None;
    for (caller, call) in calls_of(serving, at) {
        let own = match caller.is_handler() {
            true => 0,
            false => accumulator_argument(serving, caller, depth + 1)?,
        };
        let ast = caller.ast();
        let name = ast.var(*ast.list(caller.clause()?.patterns).get(own)?)?;
        let Expr::Call { args, .. } = ast.expr(call) else { return None };
        let index = ast.list(*args).iter().position(|&arg| ast.var(arg) == Some(name))?;
        if all.is_some_and(|known| known != index) {
            return None;
        }
        all = Some(index);
    }
    all
}

/// Puts a branch behind the last one, laid out as that is.
fn append_branch(at: &At, last: &Clause, pattern: &str, value: &str) -> Option<Vec<Edit>> {
    let text = at.module.source().text();
    let start = last.span.start as usize;
    let line = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let own_line = text[line..start].trim().is_empty();
    if !own_line {
        let first_of_if = text[line..start].trim_end().ends_with("if");
        if !first_of_if {
            let edit = Edit::insert(&at.module.place(last.span), last.span.end, format!("; {pattern} -> {value}"));
            return Some(vec![edit]);
        }
    }
    let blanks: String = text[line..start].chars().map(|it| if it == '\t' { '\t' } else { ' ' }).collect();
    let body = body_layout(at, last)?;
    let behind = match body {
        Some(indentation) => format!("\n{indentation}"),
        None => " ".to_owned(),
    };
    Some(behind_the_last(at, last.span.end as usize, ";", &format!("\n{blanks}{pattern} ->{behind}{value}")))
}

/// The indentation of a clause's first expression when it stands in a line of its own. `None` when there is no arrow.
#[allow(clippy::option_option, reason = "whether there is an arrow, and whether a line ends behind it")]
fn body_layout(at: &At, clause: &Clause) -> Option<Option<String>> {
    let (ast, text) = (at.ast(), at.module.source().text());
    let body = ast.span(*ast.list(clause.body).first()?).start as usize;
    let parts = ast.list(clause.patterns).iter().chain(ast.list(clause.guard));
    let head = parts.map(|&node| ast.span(node).end).max().unwrap_or(clause.span.start) as usize;
    let mut before = None;
    let arrow = Tokens::new(&text[head..body], head).find_map(|(token, span)| {
        let arrow = token == Token::Punct(b'>') && before == Some(span.start);
        before = (token == Token::Punct(b'-')).then_some(span.end);
        arrow.then_some(span.end as usize)
    })?;
    if !text[arrow..body].contains('\n') {
        return Some(None);
    }
    let line = text[..body].rfind('\n').map_or(0, |at| at + 1);
    Some(Some(text[line..line + indentation(text, body)].to_owned()))
}

/// A semicolon at `end`, and new text behind the comment that stands in the same line.
fn behind_the_last(at: &At, end: usize, separator: &str, new: &str) -> Vec<Edit> {
    let text = at.module.source().text();
    let near = at.head();
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let line_end = text[end..].find('\n').map_or(text.len(), |newline| end + newline);
    let rest = text[end..line_end].trim_end_matches('\r');
    if rest.trim_start().starts_with('%') {
        let behind = end + rest.trim_end().len();
        return vec![Edit::insert(&near, offset(end), separator), Edit::insert(&near, offset(behind), new)];
    }
    vec![Edit::insert(&near, offset(end), format!("{separator}{new}"))]
}

/// Puts a clause behind the last one of a function, laid out as that is.
fn append_clause(clauses: &[&At], names: &[String], value: &str) -> Result<Vec<Edit>, String> {
    let odd = || "the function's last clause has a form that is not understood".to_owned();
    let last = *clauses.last().ok_or_else(odd)?;
    let clause = last.clause().ok_or_else(odd)?;
    let module = &last.module;
    let (name, arity) = last.function();
    if module.function(&name, arity).len() != 1 {
        return Err(format!("`{name}/{arity}` is defined more than once"));
    }
    let form: FormIndex = last.form;
    let text = module.source().text();
    let dot = module.form(form).span.end as usize - 1;
    let between = text.get(clause.span.end as usize..dot).unwrap_or("%");
    if text.as_bytes().get(dot) != Some(&b'.') || !between.trim().is_empty() {
        return Err(odd());
    }
    let written = clause.name.map(|name| module.source().slice(last.ast().span(name))).ok_or_else(odd)?;
    let indent = " ".repeat(indentation(text, clause.span.start as usize));
    let body = match body_layout(last, clause).ok_or_else(odd)? {
        Some(indentation) => format!("\n{indentation}{value}"),
        None => format!(" {value}"),
    };
    let blank = clauses.len() > 1 && {
        let before = clauses[clauses.len() - 2].clause().map_or(0, |clause| clause.span.end) as usize;
        text.get(before..clause.span.start as usize).is_some_and(|gap| gap.replace('\r', "").contains("\n\n"))
    };
    let gap = if blank { "\n\n" } else { "\n" };
    let new = format!("{gap}{indent}{written}({}) ->{body}.", names.join(", "));
    let mut edits = behind_the_last(last, dot + 1, ";", &new);
    // The semicolon takes the dot's place.
    if let Some(semicolon) = edits.first_mut() {
        semicolon.place = module.place(Span::new(dot, dot + 1));
    }
    Ok(edits)
}
