//! One parsed form as a flat arena: small, without borrowed trees, cheap to keep and to walk.
//!
//! Names of the tree-sitter grammar end in `lower`; what analyses see is this. Parentheses are gone, every
//! node knows its span in the file, and what the grammar could not parse is [`Expr::Error`].

use std::sync::OnceLock;

use smol_str::SmolStr;

use crate::source::Span;

mod walk;

pub use walk::Descend;

/// An atom's, variable's or macro's name; atoms without their quotes.
pub type Name = SmolStr;

/// A node of an [`Ast`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(u32);

/// A run of nodes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Nodes {
    start: u32,
    len: u32,
}

/// A run of clauses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clauses {
    start: u32,
    len: u32,
}

/// A run of fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fields {
    start: u32,
    len: u32,
}

impl Nodes {
    #[must_use]
    pub fn len(self) -> usize {
        self.len as usize
    }

    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len == 0
    }
}

impl Clauses {
    #[must_use]
    pub fn len(self) -> usize {
        self.len as usize
    }

    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len == 0
    }
}

/// A record's name with that of one of its fields.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordFieldName {
    pub record: Name,
    pub field: Name,
}

/// What a node is. There are many, so what takes more room than nearly all others need stands in a box.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// Not understood by the grammar, or of no interest to hookshift.
    Error,
    Atom(Name),
    Var(Name),
    /// `None` for an integer that does not fit.
    Integer(Option<i64>),
    Float,
    Char,
    /// The text between the quotes, escapes not resolved.
    String(Box<str>),
    /// `<<"text">>`: the text between the quotes.
    Binary(Box<str>),
    /// Any other binary: the values of its elements, without sizes and types.
    Bits(Nodes),
    Tuple(Nodes),
    /// A tail is a node behind `|`.
    List {
        items: Nodes,
        tail: Option<NodeId>,
    },
    /// `#{...}`, or `Base#{...}`.
    Map {
        base: Option<NodeId>,
        fields: Fields,
    },
    /// `#name{...}`, or `Base#name{...}`.
    Record {
        base: Option<NodeId>,
        name: Name,
        fields: Fields,
    },
    /// `Base#name.field`.
    RecordField {
        base: NodeId,
        field: Box<RecordFieldName>,
    },
    /// `#name.field`.
    RecordIndex {
        field: Box<RecordFieldName>,
    },
    Call {
        module: Option<NodeId>,
        function: NodeId,
        args: Nodes,
    },
    /// `module:name` that is not called (a type, or broken code).
    Remote {
        module: NodeId,
        function: NodeId,
    },
    /// `fun name/arity` and `fun module:name/arity`.
    FunRef {
        module: Option<NodeId>,
        function: NodeId,
        arity: NodeId,
    },
    Fun {
        clauses: Clauses,
    },
    Case {
        subject: NodeId,
        clauses: Clauses,
    },
    If {
        clauses: Clauses,
    },
    /// `after` is the last clause when there is one; its only pattern is the time.
    Receive {
        clauses: Clauses,
        has_after: bool,
    },
    Try {
        body: Nodes,
        of: Clauses,
        catch: Clauses,
        after: Nodes,
    },
    /// `maybe ... else ... end`.
    Maybe {
        body: Nodes,
        otherwise: Clauses,
    },
    Block(Nodes),
    Catch(NodeId),
    Match {
        left: NodeId,
        right: NodeId,
    },
    /// `Left ?= Right` in a `maybe`.
    CondMatch {
        left: NodeId,
        right: NodeId,
    },
    Binop {
        op: Op,
        left: NodeId,
        right: NodeId,
    },
    Unop {
        operand: NodeId,
    },
    /// A list, binary or map comprehension; qualifiers are [`Expr::Generator`]s and filters.
    Comprehension {
        kind: ComprehensionKind,
        template: Nodes,
        qualifiers: Nodes,
    },
    Generator {
        pattern: NodeId,
        source: NodeId,
    },
    /// `?NAME` or `?NAME(Args)`.
    Macro {
        name: Name,
        args: Option<Nodes>,
    },
    /// `K => V` outside a map: a map comprehension's template or generator.
    MapItem {
        key: NodeId,
        value: NodeId,
    },
    /// `Left | Right` in a type.
    Union {
        left: NodeId,
        right: NodeId,
    },
    /// `Name :: Type`.
    Annotated {
        name: Name,
        ty: NodeId,
    },
    /// A type that needs no closer look: of a fun, a range.
    OtherType,
    /// `...`
    Dots,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ComprehensionKind {
    List,
    Binary,
    Map,
}

/// Binary operators that analyses tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// `++`
    Append,
    /// `--`
    Subtract,
    /// `!`
    Send,
    /// `==` or `=:=`
    Equal,
    /// `/=` or `=/=`
    Differ,
    And,
    Or,
    Plus,
    Minus,
    Times,
    Other,
}

#[derive(Clone, Debug)]
pub struct Node {
    pub span: Span,
    pub expr: Expr,
}

/// A clause of a function, fun, `case`, `if`, `receive`, `try` or `maybe`.
#[derive(Clone, Debug)]
pub struct Clause {
    pub span: Span,
    /// A function clause's name, or a named fun's variable.
    pub name: Option<NodeId>,
    /// Arguments, or the one pattern; none for `if`. In a `catch` clause the pattern stands without its class.
    pub patterns: Nodes,
    /// All expressions of the guard, whatever joins them.
    pub guard: Nodes,
    pub body: Nodes,
    /// A whole clause that is a macro call; then all else is empty.
    pub from_macro: Option<NodeId>,
}

/// A field of a map or record.
#[derive(Clone, Debug)]
pub struct Field {
    pub span: Span,
    /// A map's key; a record's field name as an atom node (or `_`).
    pub key: NodeId,
    /// `None` only in a record declaration without default.
    pub value: Option<NodeId>,
    /// `:=` rather than `=>`.
    pub exact: bool,
}

/// What stands at the top of a parsed form.
#[derive(Clone, Debug)]
pub enum Item {
    /// One clause of a function; a function of three clauses is three items.
    Clause(Clause),
    /// `-define(NAME(Params), Body).`; a body of several expressions is a [`Expr::Block`].
    Define {
        name: Name,
        params: Option<Vec<Name>>,
        body: Option<NodeId>,
    },
    Record {
        name: Name,
        fields: Fields,
    },
    /// `-type` and `-opaque`.
    Type {
        name: Name,
        ty: NodeId,
    },
    Spec {
        function: Name,
        signatures: Vec<Signature>,
    },
    /// Any other attribute, with its value where it is an expression.
    Attribute,
}

/// One signature of a `-spec`.
#[derive(Clone, Debug)]
pub struct Signature {
    pub args: Nodes,
    pub result: NodeId,
    /// `Var :: Type` after `when`.
    pub constraints: Vec<(Name, NodeId)>,
}

/// One parsed form.
#[derive(Clone, Debug, Default)]
pub struct Ast {
    nodes: Vec<Node>,
    runs: Vec<NodeId>,
    clauses: Vec<Clause>,
    fields: Vec<Field>,
    pub items: Vec<Item>,
    /// Spans that the grammar could not parse.
    pub errors: Vec<Span>,
    /// See [`Ast::parent`].
    parents: OnceLock<Box<[Option<NodeId>]>>,
}

impl Ast {
    #[must_use]
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    #[must_use]
    pub fn expr(&self, id: NodeId) -> &Expr {
        &self.node(id).expr
    }

    #[must_use]
    pub fn span(&self, id: NodeId) -> Span {
        self.node(id).span
    }

    #[must_use]
    pub fn list(&self, nodes: Nodes) -> &[NodeId] {
        &self.runs[nodes.start as usize..(nodes.start + nodes.len) as usize]
    }

    #[must_use]
    pub fn clauses(&self, clauses: Clauses) -> &[Clause] {
        &self.clauses[clauses.start as usize..(clauses.start + clauses.len) as usize]
    }

    #[must_use]
    pub fn fields(&self, fields: Fields) -> &[Field] {
        &self.fields[fields.start as usize..(fields.start + fields.len) as usize]
    }

    /// Every node, children before their parents.
    pub fn nodes(&self) -> impl ExactSizeIterator<Item = (NodeId, &Node)> {
        self.nodes.iter().enumerate().map(|(at, node)| (NodeId(u32::try_from(at).unwrap_or(u32::MAX)), node))
    }

    /// The node that each node stands in; found out at the first call.
    #[must_use]
    pub fn parent(&self, node: NodeId) -> Option<NodeId> {
        let parents = self.parents.get_or_init(|| {
            let mut parents = vec![None; self.nodes.len()];
            let mut children = Vec::new();
            for (id, _) in self.nodes() {
                children.clear();
                self.push_children(id, &mut children);
                children.iter().for_each(|child| parents[child.0 as usize] = Some(id));
            }
            parents.into()
        });
        parents.get(node.0 as usize).copied().flatten()
    }

    /// The nodes with a span. Nodes end in the order in which they are made.
    pub fn nodes_at(&self, span: Span) -> impl Iterator<Item = (NodeId, &Node)> {
        let first = self.nodes.partition_point(|node| node.span.end < span.end);
        let rest = self.nodes().skip(first).take_while(move |(_, node)| node.span.end == span.end);
        rest.filter(move |(_, node)| node.span == span)
    }

    /// The function clauses of the form, in order.
    pub fn function_clauses(&self) -> impl Iterator<Item = &Clause> {
        self.items.iter().filter_map(|item| match item {
            Item::Clause(clause) => Some(clause),
            _ => None,
        })
    }

    /// What the macro stands for that the form defines.
    #[must_use]
    pub fn macro_body(&self) -> Option<NodeId> {
        match self.items.first()? {
            Item::Define { body, .. } => *body,
            _ => None,
        }
    }

    /// The atom that a node is.
    #[must_use]
    pub fn atom(&self, id: NodeId) -> Option<&Name> {
        match self.expr(id) {
            Expr::Atom(name) => Some(name),
            _ => None,
        }
    }

    /// The variable that a node is.
    #[must_use]
    pub fn var(&self, id: NodeId) -> Option<&Name> {
        match self.expr(id) {
            Expr::Var(name) => Some(name),
            _ => None,
        }
    }

    /// Whether a node is a pattern that matches anything: a variable or `_`.
    #[must_use]
    pub fn is_var(&self, id: NodeId) -> bool {
        matches!(self.expr(id), Expr::Var(_))
    }

    pub(super) fn push(&mut self, span: Span, expr: Expr) -> NodeId {
        let id = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        self.nodes.push(Node { span, expr });
        NodeId(id)
    }

    /// Takes back a node, if it is the last one: what it said is said by another node now.
    pub(super) fn pop(&mut self, id: NodeId) {
        if id.0 as usize + 1 == self.nodes.len() {
            self.nodes.pop();
        }
    }

    pub(super) fn push_nodes(&mut self, ids: &[NodeId]) -> Nodes {
        let start = u32::try_from(self.runs.len()).unwrap_or(u32::MAX);
        self.runs.extend_from_slice(ids);
        Nodes { start, len: u32::try_from(ids.len()).unwrap_or(u32::MAX) }
    }

    pub(super) fn push_clauses(&mut self, clauses: Vec<Clause>) -> Clauses {
        let start = u32::try_from(self.clauses.len()).unwrap_or(u32::MAX);
        let len = u32::try_from(clauses.len()).unwrap_or(u32::MAX);
        self.clauses.extend(clauses);
        Clauses { start, len }
    }

    pub(super) fn push_fields(&mut self, fields: Vec<Field>) -> Fields {
        let start = u32::try_from(self.fields.len()).unwrap_or(u32::MAX);
        let len = u32::try_from(fields.len()).unwrap_or(u32::MAX);
        self.fields.extend(fields);
        Fields { start, len }
    }

    /// The same tree of the same text, which stands `by` bytes further behind in its file now, or before.
    #[must_use]
    pub fn shifted(&self, by: i64) -> Self {
        let mut tree = self.clone();
        let nodes = tree.nodes.iter_mut().map(|it| &mut it.span);
        let clauses = tree.clauses.iter_mut().map(|it| &mut it.span);
        let fields = tree.fields.iter_mut().map(|it| &mut it.span);
        let items = tree.items.iter_mut().filter_map(|item| match item {
            Item::Clause(clause) => Some(&mut clause.span),
            _ => None,
        });
        for span in nodes.chain(clauses).chain(fields).chain(items).chain(&mut tree.errors) {
            *span = span.shifted(by);
        }
        tree
    }

    /// Moves the content into a tree of its exact size, and keeps the room for the next one.
    pub(super) fn move_out(&mut self) -> Self {
        Self {
            nodes: self.nodes.drain(..).collect(),
            runs: self.runs.drain(..).collect(),
            clauses: self.clauses.drain(..).collect(),
            fields: self.fields.drain(..).collect(),
            items: self.items.drain(..).collect(),
            errors: std::mem::take(&mut self.errors),
            parents: OnceLock::new(),
        }
    }
}
