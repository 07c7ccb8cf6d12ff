//! The clauses of a handler, and of functions that only it calls, rewritten together.

use super::clause::Clause;
use super::helpers;
use super::helpers::{Helper, Role};
use super::translation::Translation;
use crate::migrate::serving::Serving;
use crate::rewrite::Edit;

/// How many functions are rewritten together with the handler that calls them.
const MAX_HELPERS: usize = 12;

/// The clauses that are rewritten together.
pub(super) struct Rewriter<'a, 'b> {
    pub(super) serving: &'a Serving<'b>,
    pub(super) translations: &'a [Translation<'a>],
    /// Those of the handler first.
    pub(super) clauses: Vec<Clause<'a>>,
    pub(super) helpers: Vec<Helper>,
}

impl<'a> Rewriter<'a, '_> {
    pub(super) fn handler(&mut self) -> Result<(), String> {
        for at in self.serving.handler.clauses() {
            let mut clause = Clause::new(at, self.serving.context.upgrade, self.translations, true)?;
            clause.parameters(1)?;
            self.clauses.push(clause);
        }
        // A clause of which nothing is left goes on the way.
        let mut at = 0;
        while let Some(clause) = self.clauses.get(at) {
            if clause.editor.decides() {
                self.fall_through(at)?;
            }
            at += 1;
        }
        Ok(())
    }

    /// Rewrites the functions that get the parameters, or the session, from clauses that were rewritten.
    pub(super) fn follow(&mut self) -> Result<(), String> {
        let mut done = 0;
        loop {
            for clause in &mut self.clauses {
                for (helper, call) in clause.handed.drain(..) {
                    helpers::add(&mut self.helpers, helper, call);
                }
            }
            let Some(helper) = self.helpers.get(done).cloned() else { return Ok(()) };
            done += 1;
            if done > MAX_HELPERS {
                return Err("too many functions would have to be rewritten together".to_owned());
            }
            if (helper.function.as_str(), helper.arity)
                == (self.serving.handler.name.as_str(), self.serving.handler.arity)
            {
                return Err("the handler calls itself".to_owned());
            }
            let module = &self.serving.handler.module;
            let clauses = self.serving.handler.reachable().iter().filter(|at| {
                at.function() == (helper.function.clone(), helper.arity)
                    && at.module.source().path() == module.source().path()
            });
            let clauses: Vec<_> = clauses.collect();
            if clauses.is_empty() {
                return Err(format!("`{}/{}` could not be followed", helper.function, helper.arity));
            }
            for at in clauses {
                let span = at.clause().map(|clause| clause.span);
                let known = self.clauses.iter().position(|clause| Some(clause.editor.clause.span) == span);
                let index = match known {
                    Some(index) => index,
                    None => {
                        let upgrade = self.serving.context.upgrade;
                        self.clauses.push(Clause::new(at, upgrade, self.translations, false)?);
                        self.clauses.len() - 1
                    }
                };
                let clause = &mut self.clauses[index];
                match helper.role {
                    Role::Parameters => clause.parameters(helper.index)?,
                    Role::Session => clause.session_argument(helper.index)?,
                }
            }
        }
    }

    pub(super) fn finish(self, helpers: &[Helper]) -> Result<(Vec<Edit>, Vec<String>), String> {
        let (mut edits, mut reasons) = (Vec::new(), Vec::new());
        let handler = (self.serving.handler.name.clone(), self.serving.handler.arity);
        for clause in self.clauses {
            let function = clause.editor.at.function();
            if !clause.behind.is_empty() {
                return Err("a value is taken where it cannot be computed".to_owned());
            }
            let own = clause.editor.finish()?;
            if !own.is_empty() && function != handler {
                helpers::only_ours(self.serving, helpers, &function.0, function.1)?;
            }
            for edit in own {
                if !edits.iter().any(|known: &Edit| known.same(&edit)) {
                    edits.push(edit);
                }
            }
            reasons.extend(clause.reasons);
        }
        Ok((edits, reasons))
    }
}
