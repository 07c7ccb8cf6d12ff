//! Expressions, patterns and types: all that stands in clauses.

use super::super::ast::{ComprehensionKind, Expr, Field, Name, NodeId, Nodes, Op, RecordFieldName};
use super::{Child, Cursor, FieldName, Kind, Lowering, MAX_DEPTH, operator, string, unquote};
use crate::source::Span;

/// An operation with the operands that are read already.
pub(super) struct Operation {
    span: Span,
    kind: Kind,
    /// What it is of the operation around it.
    field: FieldName,
    op: Op,
    left: Option<NodeId>,
    /// The only one of what has one.
    right: Option<NodeId>,
}

impl Operation {
    fn new(span: Span, kind: Kind, field: FieldName) -> Self {
        Self { span, kind, field, op: Op::Other, left: None, right: None }
    }

    fn take(&mut self, field: FieldName, operand: NodeId) {
        match field {
            FieldName::Lhs => self.left = Some(operand),
            _ => self.right = Some(operand),
        }
    }
}

impl Lowering<'_> {
    /// The expression, pattern or type under the cursor.
    pub(super) fn expr(&mut self, cursor: &mut Cursor<'_>) -> NodeId {
        let node = cursor.node();
        let span = self.span(node);
        if self.depth >= MAX_DEPTH || (!self.is_clean && (node.is_error() || node.is_missing())) {
            self.ast.errors.push(span);
            return self.ast.push(span, Expr::Error);
        }
        self.depth += 1;
        let kind = self.kind(node);
        let id = if kind == Kind::Paren {
            self.only_child(cursor, FieldName::Expr)
        } else if kind.is_operation() {
            Some(self.row(cursor, kind))
        } else {
            let expr = self.expr_of_kind(cursor, kind);
            Some(self.ast.push(span, expr))
        };
        self.depth -= 1;
        id.unwrap_or_else(|| self.ast.push(span, Expr::Error))
    }

    fn only_child(&mut self, cursor: &mut Cursor<'_>, field: FieldName) -> Option<NodeId> {
        let mut found = None;
        self.each_child(cursor, |me, cursor, child| {
            if child.field == field && found.is_none() {
                found = Some(me.expr(cursor));
            }
        });
        found
    }

    fn two(&mut self, cursor: &mut Cursor<'_>, first: FieldName, second: FieldName) -> Option<(NodeId, NodeId)> {
        let (mut left, mut right) = (None, None);
        self.each_child(cursor, |me, cursor, child| {
            if child.field == first {
                left = Some(me.expr(cursor));
            } else if child.field == second {
                right = Some(me.expr(cursor));
            }
        });
        Some((left?, right?))
    }

    fn expr_of_kind(&mut self, cursor: &mut Cursor<'_>, kind: Kind) -> Expr {
        let node = cursor.node();
        match kind {
            Kind::Atom => Expr::Atom(unquote(self.text_of(node))),
            Kind::Var => Expr::Var(Name::new(self.text_of(node))),
            Kind::Integer => Expr::Integer(integer(self.text_of(node))),
            Kind::Float => Expr::Float,
            Kind::Char => Expr::Char,
            Kind::String => string(self.text_of(node)),
            Kind::Concatables => self.concatenation(cursor),
            Kind::Binary => self.binary(cursor),
            Kind::Tuple => Expr::Tuple(self.list_of(cursor, FieldName::Expr)),
            Kind::List => self.list(cursor),
            Kind::MapExpr | Kind::MapUpdate => self.map(cursor),
            Kind::Record | Kind::RecordUpdate => self.record(cursor),
            Kind::RecordFieldExpr | Kind::RecordIndex => self.record_field_access(cursor),
            Kind::Call => self.call(cursor),
            Kind::Remote => self.remote_expr(cursor),
            Kind::InternalFun | Kind::ExternalFun => self.fun_reference(cursor),
            Kind::AnonymousFun => Expr::Fun { clauses: self.clauses(cursor, FieldName::Clauses) },
            Kind::CaseExpr | Kind::If | Kind::Receive | Kind::Try | Kind::Maybe => self.branching(cursor, kind),
            Kind::Block => Expr::Block(self.list_of(cursor, FieldName::Exprs)),
            Kind::ListComprehension | Kind::BinaryComprehension | Kind::MapComprehension => {
                self.comprehension(cursor, kind)
            }
            Kind::Generator | Kind::BGenerator | Kind::MapGenerator => self
                .two(cursor, FieldName::Lhs, FieldName::Rhs)
                .map_or(Expr::Error, |(pattern, source)| Expr::Generator { pattern, source }),
            Kind::MapField => self
                .two(cursor, FieldName::Key, FieldName::Value)
                .map_or(Expr::Error, |(key, value)| Expr::MapItem { key, value }),
            Kind::MacroCall => self.macro_call(cursor),
            Kind::AnnType => self.annotation(cursor).map_or(Expr::Error, |(name, ty)| Expr::Annotated { name, ty }),
            Kind::FunType | Kind::Range => Expr::OtherType,
            Kind::Dots => Expr::Dots,
            _ => Expr::Error,
        }
    }

    fn concatenation(&mut self, cursor: &mut Cursor<'_>) -> Expr {
        let mut joined = Some(String::new());
        self.each_child(cursor, |me, _, child| {
            let part = match string(me.text_of(child.node)) {
                Expr::String(part) if child.kind == Kind::String => Some(part),
                _ => None,
            };
            joined = joined.take().zip(part).map(|(joined, part)| joined + &part);
        });
        joined.map_or(Expr::Error, |joined| Expr::String(joined.into()))
    }

    fn binary(&mut self, cursor: &mut Cursor<'_>) -> Expr {
        let (mut elements, mut sized) = (Vec::new(), false);
        self.each_child(cursor, |me, cursor, child| {
            if child.field != FieldName::Elements {
                return;
            }
            me.each_child(cursor, |me, cursor, child| match child.field {
                FieldName::Element => elements.push(me.expr(cursor)),
                // A size can be a variable, so it is a part to look at too.
                FieldName::Size => {
                    sized = true;
                    elements.extend(me.only_child(cursor, FieldName::Size));
                }
                _ => {}
            });
        });
        match elements[..] {
            [] => Expr::Binary("".into()),
            [only] if !sized && let Expr::String(text) = self.ast.expr(only) => Expr::Binary(text.clone()),
            _ => Expr::Bits(self.ast.push_nodes(&elements)),
        }
    }

    fn list(&mut self, cursor: &mut Cursor<'_>) -> Expr {
        let start = self.items_of(cursor, FieldName::Exprs);
        let mut tail = None;
        // `[A, B | Tail]` comes as a last element `B | Tail`.
        if let Some(last) = self.pending[start..].last_mut()
            && let Expr::Union { left, right } = *self.ast.expr(*last)
        {
            *last = left;
            tail = Some(right);
        }
        let items = self.ast.push_nodes(&self.pending[start..]);
        self.pending.truncate(start);
        Expr::List { items, tail }
    }

    pub(super) fn map(&mut self, cursor: &mut Cursor<'_>) -> Expr {
        let (mut base, mut fields) = (None, Vec::new());
        self.each_child(cursor, |me, cursor, child| match child.field {
            FieldName::Expr => base = Some(me.expr(cursor)),
            FieldName::Fields => fields.extend(me.map_field(cursor)),
            _ => {}
        });
        Expr::Map { base, fields: self.ast.push_fields(fields) }
    }

    fn map_field(&mut self, cursor: &mut Cursor<'_>) -> Option<Field> {
        let span = self.span(cursor.node());
        let (mut key, mut value, mut exact) = (None, None, false);
        self.each_child(cursor, |me, cursor, child| match child.field {
            FieldName::Key => key = Some(me.expr(cursor)),
            FieldName::Value => value = Some(me.expr(cursor)),
            _ => exact |= me.text_of(child.node) == ":=",
        });
        Some(Field { span, key: key?, value, exact })
    }

    fn record(&mut self, cursor: &mut Cursor<'_>) -> Expr {
        let (mut base, mut name, mut fields) = (None, Name::default(), Vec::new());
        self.each_child(cursor, |me, cursor, child| match child.field {
            FieldName::Expr => base = Some(me.expr(cursor)),
            FieldName::Name => name = me.name_inside(cursor),
            FieldName::Fields => fields.push(me.record_field(cursor)),
            _ => {}
        });
        Expr::Record { base, name, fields: self.ast.push_fields(fields) }
    }

    pub(super) fn record_field(&mut self, cursor: &mut Cursor<'_>) -> Field {
        let span = self.span(cursor.node());
        let (mut key, mut value) = (None, None);
        self.each_child(cursor, |me, cursor, child| match (child.field, child.kind) {
            (FieldName::Name, _) => key = Some(me.expr(cursor)),
            (FieldName::Expr, Kind::FieldExpr) => value = me.only_child(cursor, FieldName::Expr),
            _ => {}
        });
        let key = key.unwrap_or_else(|| self.ast.push(span, Expr::Error));
        Field { span, key, value, exact: true }
    }

    fn record_field_access(&mut self, cursor: &mut Cursor<'_>) -> Expr {
        let (mut base, mut name, mut field) = (None, Name::default(), Name::default());
        self.each_child(cursor, |me, cursor, child| match child.field {
            FieldName::Expr => base = Some(me.expr(cursor)),
            FieldName::Name => name = me.name_inside(cursor),
            FieldName::Field => field = me.name_inside(cursor),
            _ => {}
        });
        let field = Box::new(RecordFieldName { record: name, field });
        match base {
            Some(base) => Expr::RecordField { base, field },
            None => Expr::RecordIndex { field },
        }
    }

    /// The text of the `name` field of the node under the cursor; `?NAME` for a macro.
    fn name_inside(&mut self, cursor: &mut Cursor<'_>) -> Name {
        let mut name = Name::default();
        self.each_child(cursor, |me, _, child| {
            if child.field == FieldName::Name {
                name = unquote(me.text_of(child.node));
            }
        });
        name
    }

    fn call(&mut self, cursor: &mut Cursor<'_>) -> Expr {
        let (mut function, mut args) = (None, Nodes::default());
        self.each_child(cursor, |me, cursor, child| match child.field {
            FieldName::Expr => function = Some(me.expr(cursor)),
            FieldName::Args => args = me.list_of(cursor, FieldName::Args),
            _ => {}
        });
        match function.map(|id| (id, self.ast.expr(id).clone())) {
            Some((_, Expr::Remote { module, function })) => Expr::Call { module: Some(module), function, args },
            Some((function, _)) => Expr::Call { module: None, function, args },
            None => Expr::Error,
        }
    }

    /// The grammar takes `m:f(X)` for `m:` before a call `f(X)`; here it is one call.
    fn remote_expr(&mut self, cursor: &mut Cursor<'_>) -> Expr {
        let Some((module, function)) = self.remote(cursor) else { return Expr::Error };
        match *self.ast.expr(function) {
            Expr::Call { module: None, function: name, args } => {
                self.ast.pop(function);
                Expr::Call { module: Some(module), function: name, args }
            }
            _ => Expr::Remote { module, function },
        }
    }

    fn remote(&mut self, cursor: &mut Cursor<'_>) -> Option<(NodeId, NodeId)> {
        let (mut module, mut function) = (None, None);
        self.each_child(cursor, |me, cursor, child| match child.field {
            FieldName::Module => module = me.only_child(cursor, FieldName::Module),
            FieldName::Fun => function = Some(me.expr(cursor)),
            _ => {}
        });
        Some((module?, function?))
    }

    fn fun_reference(&mut self, cursor: &mut Cursor<'_>) -> Expr {
        let (mut module, mut function, mut arity) = (None, None, None);
        self.each_child(cursor, |me, cursor, child| match child.field {
            FieldName::Module => module = me.only_child(cursor, FieldName::Name),
            FieldName::Fun => function = Some(me.expr(cursor)),
            FieldName::Arity => arity = me.only_child(cursor, FieldName::Value),
            _ => {}
        });
        match (function, arity) {
            (Some(function), Some(arity)) => Expr::FunRef { module, function, arity },
            _ => Expr::Error,
        }
    }

    fn branching(&mut self, cursor: &mut Cursor<'_>, kind: Kind) -> Expr {
        let (mut subject, mut body, mut clauses, mut catch, mut after) =
            (None, Vec::new(), Vec::new(), Vec::new(), Nodes::default());
        let mut after_clause = None;
        self.each_child(cursor, |me, cursor, child| match child.field {
            FieldName::Expr => subject = Some(me.expr(cursor)),
            FieldName::Exprs => body.push(me.expr(cursor)),
            FieldName::Clauses => clauses.push(me.clause(cursor, child.kind)),
            FieldName::Catch => catch.push(me.clause(cursor, child.kind)),
            FieldName::After if kind == Kind::Receive => after_clause = Some(me.clause(cursor, child.kind)),
            FieldName::After => after = me.list_of(cursor, FieldName::Exprs),
            _ => {}
        });
        let has_after = after_clause.is_some();
        clauses.extend(after_clause);
        let clauses = self.ast.push_clauses(clauses);
        let body = self.ast.push_nodes(&body);
        match (kind, subject) {
            (Kind::CaseExpr, Some(subject)) => Expr::Case { subject, clauses },
            (Kind::If, _) => Expr::If { clauses },
            (Kind::Receive, _) => Expr::Receive { clauses, has_after },
            (Kind::Try, _) => Expr::Try { body, of: clauses, catch: self.ast.push_clauses(catch), after },
            (Kind::Maybe, _) => Expr::Maybe { body, otherwise: clauses },
            _ => Expr::Error,
        }
    }

    /// The operation under the cursor. In a row, each is an operand of the one around it, and no brackets bound how many there
    /// are, so they are read in a loop.
    fn row(&mut self, cursor: &mut Cursor<'_>, kind: Kind) -> NodeId {
        let outermost = self.open.len();
        let mut next = Some((kind, FieldName::Other));
        loop {
            // Into an operation, or on to the next child of the one that is read.
            let (is_inside, mut has_child) = match next.take() {
                Some((kind, field)) => {
                    self.open.push(Operation::new(self.span(cursor.node()), kind, field));
                    let has_child = cursor.goto_first_child();
                    (has_child, has_child)
                }
                None => (true, cursor.goto_next_sibling()),
            };
            while has_child && next.is_none() {
                if let Some(child) = self.child(cursor) {
                    next = self.part_of_operation(cursor, &child);
                }
                has_child = next.is_none() && cursor.goto_next_sibling();
            }
            if next.is_some() {
                continue;
            }
            if is_inside {
                cursor.goto_parent();
            }
            let Some(done) = self.open.pop() else { return self.ast.push(Span::default(), Expr::Error) };
            let expr = self.operation(&done);
            let id = self.ast.push(done.span, expr);
            if self.open.len() == outermost {
                return id;
            }
            if let Some(around) = self.open.last_mut() {
                around.take(done.field, id);
            }
        }
    }

    /// Reads a child of the innermost open operation. An operation is left to be read next: its kind and field.
    fn part_of_operation(&mut self, cursor: &mut Cursor<'_>, child: &Child<'_>) -> Option<(Kind, FieldName)> {
        match child.field {
            FieldName::Lhs | FieldName::Rhs | FieldName::Operand | FieldName::Expr if child.kind.is_operation() => {
                return Some((child.kind, child.field));
            }
            FieldName::Lhs | FieldName::Rhs | FieldName::Operand | FieldName::Expr => {
                let id = self.expr(cursor);
                if let Some(around) = self.open.last_mut() {
                    around.take(child.field, id);
                }
            }
            _ => {
                let op = operator(self.text_of(child.node));
                if let Some(around) = self.open.last_mut() {
                    around.op = op;
                }
            }
        }
        None
    }

    /// An operation whose parts are read.
    fn operation(&self, of: &Operation) -> Expr {
        match (of.kind, of.left, of.right) {
            (Kind::Catch, _, Some(operand)) => Expr::Catch(operand),
            (Kind::Unary, _, Some(operand)) => match *self.ast.expr(operand) {
                Expr::Integer(Some(number)) if of.op == Op::Minus => Expr::Integer(Some(-number)),
                _ => Expr::Unop { operand },
            },
            (Kind::Match, Some(left), Some(right)) => Expr::Match { left, right },
            (Kind::CondMatch, Some(left), Some(right)) => Expr::CondMatch { left, right },
            (Kind::Pipe, Some(left), Some(right)) => Expr::Union { left, right },
            (Kind::BinaryOp, Some(left), Some(right)) => Expr::Binop { op: of.op, left, right },
            _ => Expr::Error,
        }
    }

    fn comprehension(&mut self, cursor: &mut Cursor<'_>, kind: Kind) -> Expr {
        let (mut template, mut qualifiers) = (Vec::new(), Vec::new());
        self.each_child(cursor, |me, cursor, child| match child.field {
            FieldName::Expr | FieldName::Exprs => template.push(me.expr(cursor)),
            FieldName::LcExprs => me.each_child(cursor, |me, cursor, child| {
                if child.kind == Kind::LcOrZc {
                    me.each_child(cursor, |me, cursor, child| {
                        if child.field == FieldName::Exprs {
                            qualifiers.push(me.expr(cursor));
                        }
                    });
                }
            }),
            _ => {}
        });
        let kind = match kind {
            Kind::BinaryComprehension => ComprehensionKind::Binary,
            Kind::MapComprehension => ComprehensionKind::Map,
            _ => ComprehensionKind::List,
        };
        let template = self.ast.push_nodes(&template);
        Expr::Comprehension { kind, template, qualifiers: self.ast.push_nodes(&qualifiers) }
    }

    fn macro_call(&mut self, cursor: &mut Cursor<'_>) -> Expr {
        let (mut name, mut args) = (Name::default(), None);
        self.each_child(cursor, |me, cursor, child| match child.field {
            FieldName::Name => name = unquote(me.text_of(child.node)),
            FieldName::Args => {
                let mut ids = Vec::new();
                me.each_child(cursor, |me, cursor, child| {
                    if child.field == FieldName::Args {
                        ids.extend(me.only_child(cursor, FieldName::Expr));
                    }
                });
                args = Some(me.ast.push_nodes(&ids));
            }
            _ => {}
        });
        Expr::Macro { name, args }
    }
}

fn integer(text: &str) -> Option<i64> {
    let digits: String = text.chars().filter(|&c| c != '_').collect();
    match digits.split_once('#') {
        Some((base, digits)) => {
            let base = base.parse().ok().filter(|base| (2..=36).contains(base))?;
            i64::from_str_radix(digits, base).ok()
        }
        None => digits.parse().ok(),
    }
}
