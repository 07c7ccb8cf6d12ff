//! One clause that gets the parameters: where it matches them, and where it uses them as a whole.

use std::collections::BTreeMap;

use super::helpers::{Helper, Role};
use super::pattern::sides;
use super::translation::Translation;
use crate::catalog::Upgrade;
use crate::migrate::code::clause::ClauseEditor;
use crate::project::handlers::{At, Callee, callee};
use crate::rewrite::Edit;
use crate::source::Span;
use crate::syntax::ast::{Clause as Branch, Expr, Field, Name, NodeId};

/// Where a pattern stands, and with it where what it took can be computed.
#[derive(Clone, Copy)]
pub(super) enum Where<'a> {
    /// In the function's head: first in its body.
    Head,
    /// In a match that is an expression of a body: behind it.
    Match(NodeId),
    /// In the head of a branch: first in the branch.
    Branch(&'a Branch),
}

pub(super) struct Clause<'a> {
    pub(super) upgrade: &'a Upgrade,
    pub(super) editor: ClauseEditor<'a>,
    pub(super) translations: &'a [Translation<'a>],
    pub(super) of_handler: bool,
    /// Whether the new head takes all parameters that there can be.
    pub(super) always: bool,
    pub(super) place: Where<'a>,
    /// The keys that the head has taken before the match.
    pub(super) bound: Vec<String>,
    /// What comes behind the match.
    pub(super) behind: Vec<String>,
    /// The variables in place of those of `take`, by key.
    pub(super) taken: BTreeMap<String, String>,
    /// Reads that were taken care of.
    pub(super) handled: Vec<Span>,
    pub(super) handed: Vec<(Helper, Span)>,
    pub(super) reasons: Vec<String>,
}

impl<'a> Clause<'a> {
    pub(super) fn new(
        at: &'a At,
        upgrade: &'a Upgrade,
        translations: &'a [Translation<'a>],
        of_handler: bool,
    ) -> Result<Self, String> {
        let editor = ClauseEditor::new(at).ok_or("a clause could not be parsed")?;
        Ok(Self {
            upgrade,
            editor,
            translations,
            of_handler,
            always: true,
            place: Where::Head,
            bound: Vec::new(),
            behind: Vec::new(),
            taken: BTreeMap::new(),
            handled: Vec::new(),
            handed: Vec::new(),
            reasons: Vec::new(),
        })
    }

    /// The function gets the parameters as its argument at `index`.
    pub(super) fn parameters(&mut self, index: usize) -> Result<(), String> {
        let Some(pattern) = self.editor.argument(index) else { return Ok(()) };
        self.place = Where::Head;
        let mut names = Vec::new();
        self.pattern(pattern, &mut names)?;
        let mut next = 0;
        while let Some((name, bound)) = names.get(next).cloned() {
            next += 1;
            for node in self.editor.uses(&name, bound) {
                if !self.editor.ast.is_var(node) {
                    return Err("a macro uses the parameters by their name".to_owned());
                }
                self.parameters_use(node, &mut names)?;
            }
        }
        Ok(())
    }

    /// A pattern that the parameters are matched with.
    fn pattern(&mut self, pattern: NodeId, names: &mut Vec<(Name, NodeId)>) -> Result<(), String> {
        let ast = self.editor.ast;
        let parts = sides(ast, pattern);
        let alias = parts.iter().copied().find(|&part| ast.is_var(part));
        for part in parts {
            match ast.expr(part) {
                Expr::Var(name) if name != "_" && !names.iter().any(|(known, _)| known == name) => {
                    names.push((name.clone(), part));
                }
                Expr::Map { base: None, fields } => {
                    self.always &= ast.fields(*fields).iter().all(|field| self.translation(field).is_some());
                    self.map(pattern, part, alias, ast.fields(*fields))?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// A use of a variable that holds the parameters.
    fn parameters_use(&mut self, node: NodeId, names: &mut Vec<(Name, NodeId)>) -> Result<(), String> {
        let ast = self.editor.ast;
        let Some(parent) = self.editor.parent(node) else { return Ok(()) };
        match ast.expr(parent) {
            Expr::Match { left, right } if *right == node => {
                // `#{key := Value} = Name = Params` is a match with a match.
                if let Some(Expr::Match { right, .. }) = self.editor.parent(parent).map(|above| ast.expr(above))
                    && *right == parent
                {
                    self.parameters_use(parent, names)?;
                }
                match ast.expr(*left) {
                    Expr::Var(_) => return self.pattern(*left, names),
                    Expr::Map { .. } => {}
                    _ => return Ok(()),
                }
                let left = *left;
                let before = self.taken_at(parent);
                self.place = Where::Match(parent);
                self.pattern(left, names)?;
                self.taken = before;
                self.put_behind(parent)
            }
            Expr::Case { subject, clauses } if *subject == node => {
                let branches = ast.clauses(*clauses);
                for branch in branches {
                    let before = self.taken_at(parent);
                    self.place = Where::Branch(branch);
                    for &pattern in ast.list(branch.patterns) {
                        self.pattern(pattern, names)?;
                    }
                    self.taken = before;
                }
                Ok(())
            }
            Expr::Call { module, function, args } => {
                let args = ast.list(*args);
                match callee(&self.editor.at.module, ast, *module, *function) {
                    Callee::Remote(module, name) if module == "maps" || module == "erlang" => {
                        self.call(parent, &name, args, node)
                    }
                    Callee::Local(name) if self.editor.at.module.defines(&name, args.len()) => {
                        let places = args.iter().enumerate().filter(|(_, argument)| **argument == node);
                        for (index, _) in places {
                            let role = Role::Parameters;
                            let helper =
                                Helper { function: name.clone(), arity: args.len(), index, role, calls: Vec::new() };
                            self.handed.push((helper, ast.span(parent)));
                        }
                        Ok(())
                    }
                    Callee::Local(name) => self.call(parent, &name, args, node),
                    _ => Ok(()),
                }
            }
            _ => Ok(()),
        }
    }

    /// Leaves, of what the head has taken, what can be used at a node, and returns all of it. In a fun, the name could
    /// be another's.
    fn taken_at(&mut self, node: NodeId) -> BTreeMap<String, String> {
        let before = self.taken.clone();
        if self.editor.is_elsewhere(node) {
            self.taken.clear();
        }
        before
    }

    /// Puts what a match took behind it.
    pub(super) fn put_behind(&mut self, statement: NodeId) -> Result<(), String> {
        let behind = std::mem::take(&mut self.behind);
        if behind.is_empty() {
            return Ok(());
        }
        if self.editor.statement(statement) != Some(false) {
            return Err("the parameters are matched in the middle of an expression".to_owned());
        }
        let separator = self.editor.separator(statement);
        let end = self.editor.ast.span(statement).end;
        let text: String = behind.iter().map(|expression| format!("{separator}{expression}")).collect();
        self.editor.push(Edit::insert(&self.editor.at.place(statement), end, text));
        Ok(())
    }

    pub(super) fn translation(&self, field: &Field) -> Option<usize> {
        self.editor.ast.atom(field.key).and_then(|key| self.translation_of(key))
    }

    pub(super) fn translation_of(&self, key: &str) -> Option<usize> {
        self.translations.iter().position(|it| it.change.key == key)
    }
}
