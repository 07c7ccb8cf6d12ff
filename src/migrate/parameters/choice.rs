//! A clause that was chosen by a value which has to be computed now: what the clause behind it did is done in a `case`.

use std::collections::BTreeMap;

use super::together::Rewriter;
use crate::migrate::code::template::{substitute, variables};
use crate::rewrite::Edit;
use crate::source::Span;
use crate::syntax::ast::{Expr, NodeId};

impl<'a> Rewriter<'a, '_> {
    /// What happens when the value on which a clause depends is another one: what the clause behind it does.
    pub(super) fn fall_through(&mut self, at: usize) -> Result<(), String> {
        let why = || "a value that has to be computed decides which clause is taken".to_owned();
        let Some(next) = self.clauses.get(at + 1).map(|clause| &clause.editor) else { return Ok(()) };
        let (ast, last) = (next.ast, self.clauses.len() == at + 2);
        let arguments: Vec<NodeId> = ast.list(next.clause.patterns).to_vec();
        let &[body] = ast.list(next.clause.body) else { return Err(why()) };
        let text = next.text(body);
        let plain = last
            && next.clause.guard.is_empty()
            && arguments.iter().all(|&argument| ast.is_var(argument))
            && !text.contains(['\n', '%']);
        if !plain {
            return Err(why());
        }
        let mut names: BTreeMap<String, usize> = BTreeMap::new();
        for (index, &argument) in arguments.iter().enumerate() {
            let Some(name) = ast.var(argument).filter(|name| *name != "_") else { continue };
            if names.insert(name.to_string(), index).is_some() {
                return Err(why());
            }
        }
        if variables(text).iter().any(|name| names.get(*name).is_none_or(|&index| index == 1)) || text.contains('?') {
            return Err(why());
        }
        let (text, span) = (text.to_owned(), next.clause.span);
        let own = &mut self.clauses[at].editor;
        let mut new = BTreeMap::new();
        for name in variables(&text) {
            let named = own.named_argument(names[name], name.trim_start_matches('_')).ok_or_else(why)?;
            new.insert(name.to_owned(), named);
        }
        own.otherwise(substitute(&text, |name| new.get(name).cloned()));
        // A head that takes everything leaves nothing to the clause behind it.
        let takes_all = own
            .ast
            .list(own.clause.patterns)
            .iter()
            .enumerate()
            .all(|(index, &pattern)| index == 1 || matches!(own.ast.expr(pattern), Expr::Var(_)));
        let end = own.clause.span.end;
        let source = own.at.module.source();
        let between = &source.text()[end as usize..span.start as usize];
        if takes_all && self.clauses[at].always && between.trim() == ";" {
            let own = &mut self.clauses[at].editor;
            let gone = Span { start: end, end: span.end };
            own.push(Edit::delete(own.at.module.place(gone)));
            self.clauses.truncate(at + 1);
        }
        Ok(())
    }
}
