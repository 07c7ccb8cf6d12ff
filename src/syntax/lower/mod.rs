//! From a tree-sitter tree to an [`Ast`]. The names of the grammar's nodes and fields are spelled here, and in
//! the queries, and nowhere else.
//!
//! The walk recurses into brackets, and its depth is bounded: forms nested deeper than [`super::MAX_NESTING`] of them are refused
//! before they are parsed. Operators, which nest without brackets, are read in a loop, and all else that does so, such as fields of
//! fields, is cut at [`MAX_DEPTH`].

use std::cell::Cell;
use std::sync::OnceLock;

use tree_sitter::{Node as TsNode, TreeCursor};

mod expressions;

use super::ast::{Ast, Clause, Clauses, Expr, Item, Name, NodeId, Nodes, Op, Signature};
use crate::source::Span;
use expressions::Operation;

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
