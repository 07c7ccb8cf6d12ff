//! Messages that the server's processes no longer understand, or no longer send: who sends and who receives them.

use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;

use super::call::Template;
use super::tree::Tree;
use super::{judged, proposable};
use crate::budget::{Purse, spend, unmetered};
use crate::catalog::{ApiChange, Received, Upgrade};
use crate::migrate::code::clause::ClauseEditor;
use crate::migrate::code::template::{Snippet, substitute, variables};
use crate::migrate::serving::{Context, TOO_INVOLVED};
use crate::outline::{FormIndex, Module};
use crate::project::handlers::clauses_of;
use crate::rewrite::{Edit, Fix};
use crate::source::Span;
use crate::syntax::ast::{Clause, Expr, NodeId, Op};
use crate::syntax::scan::{FormKind, Token, Tokens, arity_at};
use crate::syntax::uses::{MessageUse, Receiver, Use};

/// A pattern that takes a message of the old release.
pub struct Taken {
    pub module: Arc<Module>,
    /// The pattern.
    pub span: Span,
    /// The module opens sessions itself, so the process is one that the server sends to.
    pub has_session: bool,
    /// The function has a clause for the new message, too.
    pub is_adapted: bool,
}

/// What takes the place of sending a message.
///
/// # Errors
/// Why no code can be proposed: a clause without a full stop.
pub fn sent(context: &Context<'_>, module: &Arc<Module>, used: &MessageUse, entry: &ApiChange) -> Result<Fix, String> {
    match &entry.received {
        Some(received) if proposable(entry).is_ok() => {
            let parties = context.parties(&entry.name, &received.pattern);
            let parties = parties.get_or_init(|| Parties::of(context, entry, received));
            if parties.taken.iter().any(|it| !it.is_adapted) {
                return parties.exchange(entry, received);
            }
            sender(module, used.whole, entry)
        }
        _ => sender(module, used.whole, entry),
    }
}

/// What takes the place of a pattern for a message, in a process with sessions of its own.
///
/// # Errors
/// Why no code can be proposed: a clause without a full stop.
pub fn taken(context: &Context<'_>, pattern: &Taken, entry: &ApiChange, received: &Received) -> Result<Fix, String> {
    let parties = context.parties(&entry.name, &received.pattern);
    let parties = parties.get_or_init(|| Parties::of(context, entry, received));
    if parties.senders.is_empty() {
        let edits = receiver(pattern, entry, received)?;
        return Ok(Fix::new(format!("receive `{}`", received.pattern), edits));
    }
    parties.exchange(entry, received)
}

/// Who sends a message, and who receives it, in all of the project. It is found out once, and not out of what there is for the module
/// that happens to ask first.
pub struct Parties {
    senders: Vec<(Arc<Module>, Span)>,
    taken: Vec<Taken>,
    /// All of them rewritten at once.
    exchange: OnceLock<Result<Fix, String>>,
}

impl Parties {
    fn of(context: &Context<'_>, entry: &ApiChange, received: &Received) -> Self {
        let find = || (senders(context, entry), taken_in_project(context, entry, received));
        let (senders, taken) = unmetered(find);
        Self { senders, taken, exchange: OnceLock::new() }
    }

    /// Everyone who sends the message and everyone who receives it, at once.
    fn exchange(&self, entry: &ApiChange, received: &Received) -> Result<Fix, String> {
        let make = || {
            let modules = self.senders.iter().map(|(module, _)| module).chain(self.taken.iter().map(|it| &it.module));
            let bytes: usize = modules.map(|module| module.source().text().len()).sum();
            let made = unmetered(|| Purse::of(bytes).spend(|| self.rewritten(entry, received)));
            made.unwrap_or_else(|_| Err(TOO_INVOLVED.to_owned()))
        };
        self.exchange.get_or_init(make).clone()
    }

    fn rewritten(&self, entry: &ApiChange, received: &Received) -> Result<Fix, String> {
        let mut edits = Vec::new();
        for pattern in self.taken.iter().filter(|pattern| !pattern.is_adapted) {
            if !pattern.has_session {
                let name = pattern.module.name();
                return Err(format!(
                    "`{name}` receives such messages in a process without a session, which may be meant"
                ));
            }
            edits.extend(receiver(pattern, entry, received).map_err(|why| in_module(&pattern.module, &why))?);
        }
        for (module, span) in &self.senders {
            edits.extend(sender(module, *span, entry).map_err(|why| in_module(module, &why))?.edits);
        }
        let title = format!("send and receive `{}`", received.pattern);
        Ok(Fix::new(title, edits).because([super::reason(entry)]))
    }
}

fn in_module(module: &Module, why: &str) -> String {
    format!("sender and receiver must change together, and in `{}` {why}", module.name())
}

fn sender(module: &Arc<Module>, whole: Span, entry: &ApiChange) -> Result<Fix, String> {
    proposable(entry)?;
    let tree = Tree::around(module, whole)?;
    let is_send = |expr: &Expr| matches!(expr, Expr::Binop { op: Op::Send, .. });
    let send = tree.find(whole, is_send).ok_or("the message was not found")?;
    let edits = Template::of(entry)?.replace(entry, &tree, send)?;
    judged(entry, &tree, send, format!("use `{}`", entry.instead), edits)
}

/// The messages that a module is seen to send to sessions, and which are too short to be told from others elsewhere.
#[must_use]
pub fn sent_to_sessions<'u>(module: &Arc<Module>, upgrade: &'u Upgrade) -> Vec<(MessageUse, &'u ApiChange)> {
    let mut found = Vec::new();
    let givers: Vec<&str> = upgrade.session_pids().collect();
    let mut forms: Vec<FormIndex> = givers.iter().flat_map(|giver| forms_with(module, giver)).collect();
    forms.sort_unstable();
    forms.dedup();
    for form in forms {
        for used in module.uses_in(form).unwrap_or_default() {
            let Use::Message(message) = used else { continue };
            let fate = upgrade.session_message_fate(&message.tag, message.size);
            let told = upgrade.message_fate(&message.tag, message.size).is_some();
            if let Some(entry) = fate.filter(|_| !told && message.receiver == Receiver::Other)
                && let Ok(tree) = Tree::of(module, form)
                && is_sent_to_session(&tree, message.whole, &givers)
            {
                found.push((message, entry));
            }
        }
    }
    found
}

/// Whether a message goes to a variable that is bound to what one of the functions gave.
fn is_sent_to_session(tree: &Tree<'_>, whole: Span, givers: &[&str]) -> bool {
    let Some(send) = tree.find(whole, |expr| matches!(expr, Expr::Binop { op: Op::Send, .. })) else { return false };
    let (Expr::Binop { left, .. }, Some(clause)) = (tree.ast.expr(send), tree.clause(send)) else { return false };
    let Some(pid) = tree.ast.var(*left) else { return false };
    let binds =
        |pattern: NodeId| tree.ast.descend([pattern]).any(|(_, expr)| matches!(expr, Expr::Var(it) if it == pid));
    let any_binds = |clauses| tree.patterns(clauses).into_iter().any(binds);
    let given = |source: NodeId| is_given(tree, clause, source, givers, true);
    tree.ast.descend_clause(clause).any(|(_, expr)| match expr {
        Expr::Match { left, right } => binds(*left) && given(*right),
        Expr::Generator { pattern, source } => binds(*pattern) && given(*source),
        Expr::Case { subject, clauses } => given(*subject) && any_binds(*clauses),
        // `lists:foreach(fun({_, Pid}) -> ... end, Pids)`
        Expr::Call { args, .. } => match *tree.ast.list(*args) {
            [fun, list] => matches!(tree.ast.expr(fun), Expr::Fun { clauses } if any_binds(*clauses)) && given(list),
            _ => false,
        },
        _ => false,
    })
}

/// Whether an expression is a call of one of the functions, or a variable that was bound to one.
fn is_given(tree: &Tree<'_>, clause: &Clause, source: NodeId, givers: &[&str], follow: bool) -> bool {
    match tree.ast.expr(source) {
        Expr::Call { module: Some(module), function, .. } => {
            let name = |node: NodeId| tree.ast.atom(node).map(smol_str::SmolStr::as_str).unwrap_or_default();
            givers.iter().any(|giver| giver.split_once(':') == Some((name(*module), name(*function))))
        }
        Expr::Var(name) if follow => tree.ast.descend_clause(clause).any(|(_, expr)| match expr {
            Expr::Match { left, right } if tree.ast.var(*left) == Some(name) => {
                is_given(tree, clause, *right, givers, false)
            }
            _ => false,
        }),
        _ => false,
    }
}

/// Where such a message is sent to a process that may be a session.
fn senders(context: &Context<'_>, entry: &ApiChange) -> Vec<(Arc<Module>, Span)> {
    let Some((tag, size)) = shape(&entry.name) else { return Vec::new() };
    let mut found = Vec::new();
    for module in context.modules.loaded() {
        for form in forms_with(module, &tag) {
            for used in module.uses_in(form).unwrap_or_default() {
                if let Use::Message(message) = used
                    && message.receiver == Receiver::Other
                    && message.tag == tag
                    && message.size == Some(size)
                {
                    found.push((Arc::clone(module), message.whole));
                }
            }
        }
    }
    found
}

fn taken_in_project(context: &Context<'_>, entry: &ApiChange, received: &Received) -> Vec<Taken> {
    context.modules.loaded().flat_map(|module| taken_in(module, entry, received)).collect()
}

/// The patterns of a module that take a message.
#[must_use]
pub fn taken_in(module: &Arc<Module>, entry: &ApiChange, received: &Received) -> Vec<Taken> {
    let (Some((tag, size)), Some((_, new_size))) = (shape(&entry.name), shape(&received.pattern)) else {
        return Vec::new();
    };
    let has_session = received.opened_by.iter().any(|function| module.source().text().contains(function));
    let mut found = Vec::new();
    for form in forms_with(module, &tag) {
        let Ok(ast) = module.ast(form) else { continue };
        let is_tuple = |node: NodeId, size: usize| match ast.expr(node) {
            Expr::Tuple(items) if items.len() == size => {
                ast.list(*items).first().and_then(|&first| ast.atom(first)).is_some_and(|name| *name == tag)
            }
            _ => false,
        };
        let patterns = patterns(ast);
        let is_adapted = patterns.iter().any(|&node| is_tuple(node, new_size));
        let tuples = patterns.iter().filter(|&&node| is_tuple(node, size));
        found.extend(tuples.map(|&node| Taken {
            module: Arc::clone(module),
            span: ast.span(node),
            has_session,
            is_adapted,
        }));
    }
    found
}

/// What functions and `receive` take: arguments, and messages, with what stands on both sides of a `=`.
fn patterns(ast: &crate::syntax::ast::Ast) -> Vec<NodeId> {
    let of = |clause: &Clause| ast.list(clause.patterns).to_vec();
    spend(ast.nodes().len());
    let mut found: Vec<NodeId> = ast.function_clauses().flat_map(of).collect();
    for (_, node) in ast.nodes() {
        if let Expr::Receive { clauses, .. } = &node.expr {
            found.extend(ast.clauses(*clauses).iter().flat_map(of));
        }
    }
    let sides: Vec<NodeId> = found
        .iter()
        .filter_map(|&node| match ast.expr(node) {
            Expr::Match { left, right } => Some([*left, *right]),
            _ => None,
        })
        .flatten()
        .collect();
    found.extend(sides);
    found
}

/// The forms of functions in which a word stands.
fn forms_with(module: &Module, word: &str) -> Vec<FormIndex> {
    // To search takes a step for some hundred bytes.
    spend(1 + module.source().text().len() / 128);
    if !module.source().text().contains(word) {
        return Vec::new();
    }
    let functions = module.forms().filter(|(_, form)| form.kind == FormKind::Function);
    functions.map(|(form, _)| form).filter(|&form| module.text_of(form).contains(word)).collect()
}

/// Tag and size of a message that is a tuple. It is asked for in many modules, so its tokens have to do.
fn shape(message: &str) -> Option<(String, usize)> {
    let behind = message.strip_prefix('{')?;
    let (Token::Atom, tag) = Tokens::new(behind, 0).next()? else { return None };
    Some((behind[tag.range()].to_owned(), arity_at(message, 0)?))
}

/// Lets a clause take the new message.
fn receiver(taken: &Taken, entry: &ApiChange, received: &Received) -> Result<Vec<Edit>, String> {
    let tree = Tree::around(&taken.module, taken.span)?;
    let pattern = tree.find(taken.span, |expr| matches!(expr, Expr::Tuple(_))).ok_or("the pattern was not found")?;
    let clause = tree.clause(pattern).ok_or("the pattern stands in no function")?;
    let name = clause.name.and_then(|name| tree.ast.atom(name)).ok_or("the function was not found")?;
    let at = clauses_of(&taken.module, name, clause.patterns.len());
    let at = at.iter().find(|at| at.form == tree.form && at.clause().is_some_and(|it| it.span == clause.span));
    let mut editor = at.and_then(ClauseEditor::new).ok_or("the function was not found")?;
    if tree.has_comment(taken.span, &[]) {
        return Err("a comment stands inside the pattern".to_owned());
    }
    let old = Snippet::parse(&entry.name).ok_or("the catalog's pattern cannot be read")?;
    let (Expr::Tuple(names), Expr::Tuple(items)) = (old.expr(), tree.ast.expr(pattern)) else {
        return Err("the pattern was not found".to_owned());
    };
    let kept = variables(&received.pattern);
    let mut values: FxHashMap<String, String> = FxHashMap::default();
    let mut wanted = false;
    for (&name, &item) in old.ast().list(*names).iter().zip(tree.ast.list(*items)).skip(1) {
        let name = old.text_of(name);
        let text = tree.text(item);
        if kept.contains(&name) {
            values.insert(name.to_owned(), text.to_owned());
            continue;
        }
        let var = tree.ast.var(item).ok_or_else(|| format!("`{text}` decides in the pattern which clause is taken"))?;
        let uses = if var == "_" { Vec::new() } else { editor.uses(var, item) };
        if uses.iter().any(|&node| editor.in_head(node) || editor.is_matched(node)) {
            return Err(format!("`{var}` is matched with, or decides in a guard"));
        }
        wanted |= !uses.is_empty();
        values.insert(name.to_owned(), if uses.is_empty() { "_".to_owned() } else { text.to_owned() });
    }
    if wanted {
        if tree.parent(pattern).is_some_and(|parent| matches!(tree.ast.expr(parent), Expr::Receive { .. })) {
            return Err("what the message held has to be taken out of it inside a `receive`".to_owned());
        }
        for name in &kept {
            let known = values.get(*name).cloned().unwrap_or_default();
            let is_variable = matches!(Snippet::parse(&known).as_ref().map(Snippet::expr), Some(Expr::Var(_)));
            if !is_variable {
                return Err(format!("`{known}` is taken apart in the head, and the rest has to be had from the whole"));
            }
            if known.starts_with('_') {
                values.insert((*name).to_owned(), editor.fresh(name));
            }
        }
        editor.put_first(substitute(&received.unpack, |name| values.get(name).cloned()));
    }
    let new = substitute(&received.pattern, |name| values.get(name).cloned());
    editor.replace(taken.span, new);
    editor.finish()
}

#[cfg(test)]
mod tests;
