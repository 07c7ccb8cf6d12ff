//! From a tree-sitter tree to an [`Ast`]. The names of the grammar's nodes and fields are spelled here, and in
//! the queries, and nowhere else.
//!
//! The walk recurses into brackets, and its depth is bounded: forms nested deeper than [`super::MAX_NESTING`] of them are refused
//! before they are parsed. Operators, which nest without brackets, are read in a loop, and all else that does so, such as fields of
//! fields, is cut at [`MAX_DEPTH`].

use std::cell::Cell;
use std::sync::OnceLock;

use tree_sitter::{Node as TsNode, TreeCursor};

use super::ast::{
    Ast, Clause, Clauses, ComprehensionKind, Expr, Field, Item, Name, NodeId, Nodes, Op, RecordFieldName, Signature,
};
use crate::source::Span;

/// How deep the walk goes below one form: three steps for each bracket, as for a call of another module's function among operators.
const MAX_DEPTH: usize = 3 * super::MAX_NESTING;

macro_rules! names {
    ($(#[$doc:meta])* $type:ident { $($variant:ident = $name:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        enum $type { $($variant,)* Other }

        impl $type {
            fn of(name: &str) -> Self {
                match name { $($name => Self::$variant,)* _ => Self::Other }
            }
        }
    };
}

names! {
    /// The grammar's nodes.
    Kind {
        AnnType = "ann_type", AnonymousFun = "anonymous_fun", Atom = "atom", BGenerator = "b_generator",
        BinElement = "bin_element", Binary = "binary", BinaryComprehension = "binary_comprehension",
        BinaryOp = "binary_op_expr", Block = "block_expr", Call = "call", CaseExpr = "case_expr",
        Catch = "catch_expr", CatchClause = "catch_clause", Char = "char", ClauseBody = "clause_body",
        Comment = "comment", Concatables = "concatables", CondMatch = "cond_match_expr", CrClause = "cr_clause",
        Dots = "dotdotdot", ExprArgs = "expr_args", ExternalFun = "external_fun", FieldExpr = "field_expr",
        Float = "float", FunClause = "fun_clause", FunDecl = "fun_decl", FunctionClause = "function_clause",
        FunType = "fun_type", Generator = "generator", Guard = "guard", GuardClause = "guard_clause", If = "if_expr",
        IfClause = "if_clause", Integer = "integer", InternalFun = "internal_fun", LcOrZc = "lc_or_zc_expr",
        List = "list", ListComprehension = "list_comprehension", MacroCall = "macro_call_expr",
        MacroString = "macro_string", MapComprehension = "map_comprehension", MapExpr = "map_expr",
        MapField = "map_field", MapGenerator = "map_generator", MapUpdate = "map_expr_update",
        Match = "match_expr", Maybe = "maybe_expr", Opaque = "opaque", Paren = "paren_expr", Pipe = "pipe",
        PpDefine = "pp_define", Range = "range_type", Receive = "receive_expr", Record = "record_expr",
        RecordDecl = "record_decl", RecordFieldExpr = "record_field_expr", RecordIndex = "record_index_expr",
        RecordUpdate = "record_update_expr", Remote = "remote", ReplacementCr = "replacement_cr_clauses",
        ReplacementExprGuard = "replacement_expr_guard", ReplacementFunctions = "replacement_function_clauses",
        ReplacementGuardAnd = "replacement_guard_and", ReplacementGuardOr = "replacement_guard_or", Spec = "spec",
        String = "string", Try = "try_expr", Tuple = "tuple", TypeAlias = "type_alias", Unary = "unary_op_expr",
        Var = "var",
    }
}

names! {
    /// The grammar's fields.
    FieldName {
        After = "after", Args = "args", Arity = "arity", Body = "body", Catch = "catch", Clause = "clause",
        Clauses = "clauses", Element = "element", Elements = "elements", Elems = "elems", Expr = "expr", Exprs = "exprs",
        Field = "field", Fields = "fields", Fun = "fun", Guard = "guard", Guards = "guards", Key = "key",
        LcExprs = "lc_exprs", Lhs = "lhs", Module = "module", Name = "name", Operand = "operand", Pat = "pat",
        Replacement = "replacement", Rhs = "rhs", Sigs = "sigs", Size = "size", Ty = "ty", Value = "value",
        Var = "var",
    }
}

/// Kinds and fields by the numbers that the compiled grammar gives them.
struct Numbers {
    /// `None` for a token that is nothing but its text.
    kinds: Vec<Option<Kind>>,
    fields: Vec<FieldName>,
}

fn numbers() -> &'static Numbers {
    static NUMBERS: OnceLock<Numbers> = OnceLock::new();
    NUMBERS.get_or_init(|| {
        let language = super::language();
        let count = u16::try_from(language.node_kind_count()).unwrap_or(u16::MAX);
        let kind = |id| language.node_kind_is_named(id).then(|| Kind::of(language.node_kind_for_id(id).unwrap_or("")));
        let field_count = u16::try_from(language.field_count()).unwrap_or(u16::MAX);
        let field = |id| FieldName::of(language.field_name_for_id(id).unwrap_or(""));
        Numbers { kinds: (0..count).map(kind).collect(), fields: (0..=field_count).map(field).collect() }
    })
}

/// Lowers the tree of one form whose text starts at `base` in its file.
pub(super) fn lower(tree: &tree_sitter::Tree, text: &str, base: usize) -> Ast {
    let is_clean = !tree.root_node().has_error();
    thread_local! {
        static SCRATCH: Cell<Ast> = Cell::default();
    }
    let ast = SCRATCH.take();
    let mut lowering =
        Lowering { text, base, ast, numbers: numbers(), is_clean, depth: 0, pending: Vec::new(), open: Vec::new() };
    let mut cursor = tree.walk();
    lowering.top(&mut cursor);
    let lowered = lowering.ast.move_out();
    SCRATCH.set(lowering.ast);
    lowered
}

struct Lowering<'a> {
    text: &'a str,
    base: usize,
    ast: Ast,
    numbers: &'static Numbers,
    /// Nothing in the form was unexpected to the grammar.
    is_clean: bool,
    depth: usize,
    /// The items so far of the lists that are open, each list's behind those of the list around it.
    pending: Vec<NodeId>,
    /// The operations whose parts are being read, each behind the one around it.
    open: Vec<Operation>,
}

/// An operation with the operands that are read already.
struct Operation {
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

impl Kind {
    /// Whether a node has operands and no brackets around them.
    fn is_operation(self) -> bool {
        matches!(self, Kind::BinaryOp | Kind::Match | Kind::CondMatch | Kind::Pipe | Kind::Unary | Kind::Catch)
    }
}

type Cursor<'t> = TreeCursor<'t>;

/// The children of a node that matter, each with its field.
struct Child<'t> {
    node: TsNode<'t>,
    field: FieldName,
    kind: Kind,
}

impl Lowering<'_> {
    fn kind(&self, node: TsNode<'_>) -> Kind {
        self.named_kind(node).unwrap_or(Kind::Other)
    }

    fn named_kind(&self, node: TsNode<'_>) -> Option<Kind> {
        self.numbers.kinds.get(node.kind_id() as usize).copied().flatten()
    }

    fn field(&self, cursor: &Cursor<'_>) -> FieldName {
        cursor.field_id().and_then(|id| self.numbers.fields.get(id.get() as usize)).copied().unwrap_or(FieldName::Other)
    }

    fn text_of(&self, node: TsNode<'_>) -> &str {
        self.text.get(node.byte_range()).unwrap_or("")
    }

    fn span(&self, node: TsNode<'_>) -> Span {
        Span::new(self.base + node.start_byte(), self.base + node.end_byte())
    }

    /// What is under the cursor, as a child of the node around it. `None` when it does not matter.
    #[inline]
    fn child<'t>(&mut self, cursor: &Cursor<'t>) -> Option<Child<'t>> {
        let node = cursor.node();
        // This runs for every node of every tree, and each question to the tree costs.
        match self.named_kind(node) {
            _ if !self.is_clean && (node.is_error() || node.is_missing()) => {
                let span = self.span(node);
                self.ast.errors.push(span);
                None
            }
            Some(Kind::Comment) => None,
            Some(kind) => Some(Child { node, field: self.field(cursor), kind }),
            // Fields hold what has a kind.
            None => Some(Child { node, field: FieldName::Other, kind: Kind::Other }),
        }
    }

    /// Calls `visit` for each child of the cursor's node, with the cursor on it.
    fn each_child<'t>(
        &mut self,
        cursor: &mut Cursor<'t>,
        mut visit: impl FnMut(&mut Self, &mut Cursor<'t>, Child<'t>),
    ) {
        if !cursor.goto_first_child() {
            return;
        }
        loop {
            if let Some(child) = self.child(cursor) {
                visit(self, cursor, child);
            }
            if !cursor.goto_next_sibling() {
                break;
            }
        }
        cursor.goto_parent();
    }

    fn top(&mut self, cursor: &mut Cursor<'_>) {
        let root = cursor.node();
        if root.is_error() {
            let span = self.span(root);
            self.ast.errors.push(span);
        }
        self.each_child(cursor, |me, cursor, child| {
            if let Some(item) = me.item(cursor, child.kind) {
                me.ast.items.push(item);
            }
        });
    }

    fn item(&mut self, cursor: &mut Cursor<'_>, kind: Kind) -> Option<Item> {
        match kind {
            Kind::FunDecl => {
                let mut clause = None;
                self.each_child(cursor, |me, cursor, child| {
                    if child.field == FieldName::Clause {
                        clause = Some(me.clause(cursor, child.kind));
                    }
                });
                clause.map(Item::Clause)
            }
            Kind::PpDefine => Some(self.define(cursor)),
            Kind::RecordDecl => Some(self.record_declaration(cursor)),
            Kind::TypeAlias | Kind::Opaque => self.type_alias(cursor),
            Kind::Spec => self.spec(cursor),
            _ => Some(Item::Attribute),
        }
    }

    fn define(&mut self, cursor: &mut Cursor<'_>) -> Item {
        let (mut name, mut params, mut body) = (Name::default(), None, None);
        self.each_child(cursor, |me, cursor, child| match child.field {
            FieldName::Lhs => me.each_child(cursor, |me, cursor, child| match child.field {
                FieldName::Name => name = unquote(me.text_of(child.node)),
                FieldName::Args => {
                    let mut names = Vec::new();
                    me.each_child(cursor, |me, _, child| {
                        if child.field == FieldName::Args {
                            names.push(Name::new(me.text_of(child.node)));
                        }
                    });
                    params = Some(names);
                }
                _ => {}
            }),
            FieldName::Replacement => body = me.replacement(cursor, &child),
            _ => {}
        });
        Item::Define { name, params, body }
    }

    fn replacement(&mut self, cursor: &mut Cursor<'_>, child: &Child<'_>) -> Option<NodeId> {
        let span = self.span(child.node);
        match child.kind {
            Kind::ReplacementGuardAnd | Kind::ReplacementGuardOr => {
                let mut parts = Vec::new();
                self.guard_parts(cursor, &mut parts);
                let parts = self.ast.push_nodes(&parts);
                Some(self.ast.push(span, Expr::Block(parts)))
            }
            Kind::ReplacementFunctions | Kind::ReplacementCr => {
                let clauses = self.clauses(cursor, FieldName::Clauses);
                Some(self.ast.push(span, Expr::Fun { clauses }))
            }
            Kind::ReplacementExprGuard => None,
            Kind::Other => None,
            _ => Some(self.expr(cursor)),
        }
    }

    fn record_declaration(&mut self, cursor: &mut Cursor<'_>) -> Item {
        let (mut name, mut fields) = (Name::default(), Vec::new());
        self.each_child(cursor, |me, cursor, child| match child.field {
            FieldName::Name => name = unquote(me.text_of(child.node)),
            FieldName::Fields => fields.push(me.record_field(cursor)),
            _ => {}
        });
        Item::Record { name, fields: self.ast.push_fields(fields) }
    }

    fn type_alias(&mut self, cursor: &mut Cursor<'_>) -> Option<Item> {
        let (mut name, mut ty) = (Name::default(), None);
        self.each_child(cursor, |me, cursor, child| match child.field {
            FieldName::Name => me.each_child(cursor, |me, _, child| {
                if child.field == FieldName::Name {
                    name = unquote(me.text_of(child.node));
                }
            }),
            FieldName::Ty => ty = Some(me.expr(cursor)),
            _ => {}
        });
        Some(Item::Type { name, ty: ty? })
    }

    fn spec(&mut self, cursor: &mut Cursor<'_>) -> Option<Item> {
        let (mut function, mut signatures) = (None, Vec::new());
        self.each_child(cursor, |me, cursor, child| match child.field {
            FieldName::Fun => function = Some(unquote(me.text_of(child.node))),
            FieldName::Sigs => signatures.extend(me.signature(cursor)),
            _ => {}
        });
        Some(Item::Spec { function: function?, signatures })
    }

    fn signature(&mut self, cursor: &mut Cursor<'_>) -> Option<Signature> {
        let (mut args, mut result, mut constraints) = (Nodes::default(), None, Vec::new());
        self.each_child(cursor, |me, cursor, child| match child.field {
            FieldName::Args => args = me.list_of(cursor, FieldName::Args),
            FieldName::Ty => result = Some(me.expr(cursor)),
            FieldName::Guard => me.each_child(cursor, |me, cursor, child| {
                if child.kind == Kind::AnnType {
                    constraints.extend(me.annotation(cursor));
                }
            }),
            _ => {}
        });
        Some(Signature { args, result: result?, constraints })
    }

    fn annotation(&mut self, cursor: &mut Cursor<'_>) -> Option<(Name, NodeId)> {
        let (mut name, mut ty) = (None, None);
        self.each_child(cursor, |me, cursor, child| match child.field {
            FieldName::Var => me.each_child(cursor, |me, _, child| {
                if child.field == FieldName::Var {
                    name = Some(Name::new(me.text_of(child.node)));
                }
            }),
            FieldName::Ty => ty = Some(me.expr(cursor)),
            _ => {}
        });
        Some((name?, ty?))
    }

    /// The children in one field, each as an expression.
    fn list_of(&mut self, cursor: &mut Cursor<'_>, field: FieldName) -> Nodes {
        let start = self.items_of(cursor, field);
        let items = self.ast.push_nodes(&self.pending[start..]);
        self.pending.truncate(start);
        items
    }

    /// Puts the children in one field, each as an expression, behind what is pending; returns where they start.
    fn items_of(&mut self, cursor: &mut Cursor<'_>, field: FieldName) -> usize {
        let start = self.pending.len();
        self.each_child(cursor, |me, cursor, child| {
            if child.field == field {
                let item = me.expr(cursor);
                me.pending.push(item);
            }
        });
        start
    }

    fn clauses(&mut self, cursor: &mut Cursor<'_>, field: FieldName) -> Clauses {
        let mut clauses = Vec::new();
        self.each_child(cursor, |me, cursor, child| {
            if child.field == field {
                clauses.push(me.clause(cursor, child.kind));
            }
        });
        self.ast.push_clauses(clauses)
    }

    /// The clause under the cursor, of whatever construct.
    fn clause(&mut self, cursor: &mut Cursor<'_>, kind: Kind) -> Clause {
        let span = self.span(cursor.node());
        let mut clause = Clause {
            span,
            name: None,
            patterns: Nodes::default(),
            guard: Nodes::default(),
            body: Nodes::default(),
            from_macro: None,
        };
        if kind == Kind::MacroCall {
            clause.from_macro = Some(self.expr(cursor));
            return clause;
        }
        self.each_child(cursor, |me, cursor, child| match child.field {
            FieldName::Name => clause.name = Some(me.expr(cursor)),
            FieldName::Args => clause.patterns = me.list_of(cursor, FieldName::Args),
            // A receive's `after` has its time in `expr`, and a `case` clause its pattern in `pat`.
            FieldName::Pat | FieldName::Expr => {
                let pattern = me.expr(cursor);
                clause.patterns = me.ast.push_nodes(&[pattern]);
            }
            FieldName::Guard => {
                let mut parts = Vec::new();
                me.guard_parts(cursor, &mut parts);
                clause.guard = me.ast.push_nodes(&parts);
            }
            FieldName::Body => clause.body = me.list_of(cursor, FieldName::Exprs),
            _ => {}
        });
        clause
    }

    /// All expressions of a guard, whatever joins them.
    fn guard_parts(&mut self, cursor: &mut Cursor<'_>, parts: &mut Vec<NodeId>) {
        self.each_child(cursor, |me, cursor, child| match child.field {
            FieldName::Clauses | FieldName::Guard
                if matches!(child.kind, Kind::GuardClause | Kind::ReplacementGuardAnd) =>
            {
                me.guard_parts(cursor, parts);
            }
            FieldName::Exprs | FieldName::Guard => {
                let id = me.expr(cursor);
                parts.push(id);
            }
            _ => {}
        });
    }

    /// The expression, pattern or type under the cursor.
    fn expr(&mut self, cursor: &mut Cursor<'_>) -> NodeId {
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

    fn map(&mut self, cursor: &mut Cursor<'_>) -> Expr {
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

    fn record_field(&mut self, cursor: &mut Cursor<'_>) -> Field {
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

pub(super) fn operator(text: &str) -> Op {
    match text {
        "++" => Op::Append,
        "--" => Op::Subtract,
        "!" => Op::Send,
        "==" | "=:=" => Op::Equal,
        "/=" | "=/=" => Op::Differ,
        "and" | "andalso" => Op::And,
        "or" | "orelse" => Op::Or,
        "+" => Op::Plus,
        "-" => Op::Minus,
        "*" => Op::Times,
        _ => Op::Other,
    }
}

/// An atom's name without its quotes; escapes, which no hook or module name has, stay as they are.
pub(super) fn unquote(text: &str) -> Name {
    Name::new(text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')).unwrap_or(text))
}

/// A string, or the binary that a sigil without `s` stands for; the text between the delimiters.
pub(super) fn string(text: &str) -> Expr {
    if let Some(sigil) = text.strip_prefix('~') {
        let prefix = sigil.bytes().take_while(u8::is_ascii_alphabetic).count();
        let inner = sigil.get(prefix + 1..sigil.len().saturating_sub(1)).unwrap_or("");
        return match &sigil[..prefix] {
            "s" | "S" => Expr::String(inner.into()),
            _ => Expr::Binary(inner.into()),
        };
    }
    let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    Expr::String(inner.into())
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
