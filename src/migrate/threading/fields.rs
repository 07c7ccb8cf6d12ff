//! Reading a field of the session's state as what a module keeps in the session.

use super::scan;
use crate::catalog::{Recipe, Threading, Upgrade};
use crate::migrate::code::clause::ClauseEditor;
use crate::migrate::code::template::{Bound, Snippet};
use crate::migrate::serving::Context;
use crate::migrate::session::SESSION;
use crate::outline::Module;
use crate::rewrite::Edit;
use crate::syntax::ast::{Clause, Expr, NodeId, Op};

/// What the way to the target release says about accumulators that were what handlers kept.
#[must_use]
pub fn threadings(upgrade: &Upgrade, recipe: Recipe) -> Vec<&Threading> {
    let changes = upgrade.changes();
    let found = changes.iter().filter_map(|fate| fate.change()?.threading.as_ref());
    found.filter(|threading| threading.recipe == recipe).collect()
}

/// Whether all code is known that reads or writes fields of the state with calls of a form.
///
/// # Errors
/// Some code cannot be read; says where.
pub fn all_are_read(context: &Context<'_>, form: &str) -> Result<(), String> {
    match scan::unread(context, form) {
        None => Ok(()),
        Some(place) => Err(format!(
            "code that may have fields of the session's state could not be parsed ({})",
            place.file_and_line()
        )),
    }
}

/// The edits for a call that reads a field of the state in the variable `state`, in code that has the session's data
/// under the name `session`; `None` when it is no such call.
pub fn read_from(
    editor: &ClauseEditor<'_>,
    upgrade: &Upgrade,
    call: NodeId,
    state: NodeId,
    session: &str,
) -> Option<Result<Vec<Edit>, String>> {
    threadings(upgrade, Recipe::SessionState).into_iter().find_map(|threading| {
        let form = Snippet::parse(&threading.read_before)?;
        let bound = form.bind(editor.ast, call).filter(|bound| bound.get("State") == Some(state))?;
        if !is_written(editor, threading, &bound) {
            return Some(Err("a field of the session's state is read that this module does not write".to_owned()));
        }
        Some(read(editor, threading, &form, call, &bound, session))
    })
}

/// Whether the module writes the field that is read.
fn is_written(editor: &ClauseEditor<'_>, threading: &Threading, read: &Bound) -> bool {
    let module: &Module = &editor.at.module;
    let (Some(write), Some(key)) = (Snippet::parse(&threading.write_before), read.get("Key")) else { return false };
    let name = threading.write_before.split('(').next().unwrap_or_default();
    let new = threading.write.split('(').next().unwrap_or_default();
    let key = editor.text(key);
    module.forms().map(|(form, _)| form).any(|form| {
        let text = module.text_of(form);
        // Another fix may have been here already.
        if text.contains(new) && text.contains(&format!("{{{key},")) {
            return true;
        }
        let ast = if text.contains(name) { module.ast(form).ok() } else { None };
        ast.is_some_and(|ast| {
            let same = |bound: Bound| bound.get("Key").is_some_and(|node| module.source().slice(ast.span(node)) == key);
            ast.nodes().any(|(node, _)| write.bind(ast, node).is_some_and(same))
        })
    })
}

/// The edits for a call that reads a field, and for what is done with its result.
///
/// # Errors
/// What it gives when there is nothing cannot be found where it is asked for.
pub fn read(
    editor: &ClauseEditor<'_>,
    threading: &Threading,
    form: &Snippet,
    call: NodeId,
    bound: &Bound,
    session: &str,
) -> Result<Vec<Edit>, String> {
    let (at, ast) = (editor.at, editor.ast);
    let mut edits = form.rewrite(&at.module, ast, call, bound, &threading.read, &[(SESSION, session)])?;
    let path = at.path_to(call);
    let parent = path.len().checked_sub(2).and_then(|parent| path.get(parent));
    let reading = Reading { editor, threading };
    let more = match parent.map(|&parent| ast.expr(parent)) {
        Some(Expr::Case { subject, clauses }) if *subject == call => reading.patterns(ast.clauses(*clauses)),
        Some(Expr::Match { left, right }) if *right == call => reading.matched(*left),
        Some(Expr::Binop { op: Op::Equal | Op::Differ, left, right }) => {
            let other = if *left == call { *right } else { *left };
            reading.is_missing(other).then(|| vec![reading.missing(other)])
        }
        _ => None,
    };
    edits.extend(more.ok_or("what is read from the session's state is used as a whole")?);
    Ok(edits)
}

struct Reading<'e, 'a> {
    editor: &'e ClauseEditor<'a>,
    threading: &'e Threading,
}

impl Reading<'_, '_> {
    fn is_missing(&self, node: NodeId) -> bool {
        self.editor.ast.atom(node).is_some_and(|atom| *atom == self.threading.missing_before.as_str())
    }

    fn missing(&self, node: NodeId) -> Edit {
        Edit::replace(self.editor.at.place(node), self.threading.missing.as_str())
    }

    /// The patterns of a choice by what was read.
    fn patterns(&self, clauses: &[Clause]) -> Option<Vec<Edit>> {
        let mut edits = Vec::new();
        for clause in clauses {
            let &pattern = self.editor.ast.list(clause.patterns).first()?;
            edits.extend(self.pattern(pattern)?);
        }
        Some(edits)
    }

    /// One pattern; `None` when it is not seen what it takes.
    fn pattern(&self, pattern: NodeId) -> Option<Vec<Edit>> {
        match self.editor.ast.expr(pattern) {
            Expr::Atom(_) => Some(self.is_missing(pattern).then(|| self.missing(pattern)).into_iter().collect()),
            Expr::Tuple(_) => Some(Vec::new()),
            Expr::Var(name) => name.starts_with('_').then(Vec::new),
            _ => None,
        }
    }

    /// What was read is matched: with what it is, or with a name by which a choice is made later.
    fn matched(&self, left: NodeId) -> Option<Vec<Edit>> {
        let ast = self.editor.ast;
        let Expr::Var(name) = ast.expr(left) else { return self.pattern(left) };
        let mut uses = self.editor.uses(name, left);
        let mut edits = Vec::new();
        for (_, expr) in ast.descend_clause(self.editor.clause) {
            if let Expr::Case { subject, clauses } = expr
                && uses.contains(subject)
            {
                uses.retain(|node| node != subject);
                edits.extend(self.patterns(ast.clauses(*clauses))?);
            }
        }
        uses.is_empty().then_some(edits)
    }
}
