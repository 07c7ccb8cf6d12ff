//! From a node to what it is made of.

use super::{Ast, Clause, Clauses, Expr, NodeId};
use crate::budget::spend;

impl Ast {
    /// The nodes directly below a node, in source order, clauses' parts included.
    pub fn children(&self, id: NodeId, out: &mut Vec<NodeId>) {
        let before = out.len();
        self.push_children(id, out);
        // All walks come by here.
        spend(1 + out.len() - before);
    }

    pub(super) fn push_children(&self, id: NodeId, out: &mut Vec<NodeId>) {
        match *self.expr(id) {
            Expr::Error
            | Expr::Atom(_)
            | Expr::Var(_)
            | Expr::Integer(_)
            | Expr::Float
            | Expr::Char
            | Expr::String(_)
            | Expr::Binary(_)
            | Expr::RecordIndex { .. }
            | Expr::OtherType
            | Expr::Dots => {}
            Expr::Tuple(items) | Expr::Block(items) | Expr::Bits(items) => out.extend(self.list(items)),
            Expr::List { items, tail } => {
                out.extend(self.list(items));
                out.extend(tail);
            }
            Expr::Map { base, fields } | Expr::Record { base, fields, .. } => {
                out.extend(base);
                for field in self.fields(fields) {
                    out.push(field.key);
                    out.extend(field.value);
                }
            }
            Expr::RecordField { base, .. } => out.push(base),
            Expr::Call { module, function, args } => {
                out.extend(module);
                out.push(function);
                out.extend(self.list(args));
            }
            Expr::Remote { module, function } => out.extend([module, function]),
            Expr::FunRef { module, function, arity } => {
                out.extend(module);
                out.extend([function, arity]);
            }
            Expr::Fun { clauses } | Expr::If { clauses } | Expr::Receive { clauses, .. } => {
                self.clause_children(clauses, out);
            }
            Expr::Case { subject, clauses } => {
                out.push(subject);
                self.clause_children(clauses, out);
            }
            Expr::Try { body, of, catch, after } => {
                out.extend(self.list(body));
                self.clause_children(of, out);
                self.clause_children(catch, out);
                out.extend(self.list(after));
            }
            Expr::Maybe { body, otherwise } => {
                out.extend(self.list(body));
                self.clause_children(otherwise, out);
            }
            Expr::Catch(operand) | Expr::Unop { operand } => out.push(operand),
            Expr::Match { left, right }
            | Expr::CondMatch { left, right }
            | Expr::Binop { left, right, .. }
            | Expr::Union { left, right } => out.extend([left, right]),
            Expr::Comprehension { template, qualifiers, .. } => {
                out.extend(self.list(template));
                out.extend(self.list(qualifiers));
            }
            Expr::Generator { pattern, source } => out.extend([pattern, source]),
            Expr::Macro { args, .. } => out.extend(args.map_or(&[][..], |args| self.list(args))),
            Expr::MapItem { key, value } => out.extend([key, value]),
            Expr::Annotated { ty, .. } => out.push(ty),
        }
    }

    fn clause_children(&self, clauses: Clauses, out: &mut Vec<NodeId>) {
        for clause in self.clauses(clauses) {
            self.push_parts(clause, out);
        }
    }

    /// The nodes directly below a clause.
    pub fn parts_of_clause(&self, clause: &Clause, out: &mut Vec<NodeId>) {
        let before = out.len();
        self.push_parts(clause, out);
        spend(1 + out.len() - before);
    }

    fn push_parts(&self, clause: &Clause, out: &mut Vec<NodeId>) {
        out.extend(clause.from_macro);
        out.extend(self.list(clause.patterns));
        out.extend(self.list(clause.guard));
        out.extend(self.list(clause.body));
    }

    /// Every node below the given ones, themselves included, parents before children.
    pub fn descend(&self, from: impl IntoIterator<Item = NodeId>) -> Descend<'_> {
        Descend { ast: self, stack: from.into_iter().collect(), scratch: Vec::new() }
    }

    /// Every node of a clause, parents before children.
    pub fn descend_clause(&self, clause: &Clause) -> Descend<'_> {
        let mut parts = Vec::new();
        self.parts_of_clause(clause, &mut parts);
        self.descend(parts)
    }
}

/// An iterator over nodes and all that is below them; made by [`Ast::descend`].
pub struct Descend<'a> {
    ast: &'a Ast,
    stack: Vec<NodeId>,
    scratch: Vec<NodeId>,
}

impl<'a> Iterator for Descend<'a> {
    type Item = (NodeId, &'a Expr);

    fn next(&mut self) -> Option<Self::Item> {
        let id = self.stack.pop()?;
        self.scratch.clear();
        self.ast.children(id, &mut self.scratch);
        self.stack.extend(self.scratch.iter().rev());
        Some((id, self.ast.expr(id)))
    }
}
