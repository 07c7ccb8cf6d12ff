//! What specs and types say, as text.

use std::sync::Arc;

use super::Tree;
use crate::catalog::Parameter;
use crate::outline::{FormIndex, Module};
use crate::source::Span;
use crate::syntax::ast::{Ast, Expr, Item, Name, NodeId, Signature};
use crate::syntax::scan::{FormKind, Tokens};

/// How many aliases are followed from one type to the next, and variables from one constraint to the next.
const MAX_ALIASES: usize = 8;

/// A function's spec.
pub(super) struct Spec<'m> {
    module: &'m Arc<Module>,
    ast: &'m Ast,
    signature: &'m Signature,
}

/// A type where it is written.
#[derive(Clone, Copy)]
pub(super) struct Type<'m> {
    module: &'m Arc<Module>,
    ast: &'m Ast,
    node: NodeId,
    /// The spec whose constraints say what its variables stand for.
    signature: Option<&'m Signature>,
}

impl<'m> Spec<'m> {
    /// The spec of a function. Of several signatures the first is taken.
    pub(super) fn of(module: &'m Arc<Module>, name: &str, arity: usize) -> Option<Self> {
        attributes(module, &["spec"]).find_map(|(_, ast)| {
            ast.items.iter().find_map(|item| match item {
                Item::Spec { function, signatures } if function == name => {
                    let signature = signatures.iter().find(|signature| signature.args.len() == arity)?;
                    Some(Self { module, ast, signature })
                }
                _ => None,
            })
        })
    }

    /// The type of an argument, counted from 0.
    pub(super) fn argument(&self, index: usize) -> Option<Type<'m>> {
        let node = *self.ast.list(self.signature.args).get(index)?;
        self.type_at(node)
    }

    pub(super) fn result(&self) -> Option<Type<'m>> {
        self.type_at(self.signature.result)
    }

    fn type_at(&self, node: NodeId) -> Option<Type<'m>> {
        let ty = Type { module: self.module, ast: self.ast, node, signature: Some(self.signature) };
        ty.resolved()
    }
}

impl<'m> Type<'m> {
    fn with(self, node: NodeId) -> Self {
        Self { node, ..self }
    }

    /// Behind an annotation and variables, what is meant; `None` for a variable that nothing is said about.
    fn resolved(self) -> Option<Self> {
        let mut ty = self;
        for _ in 0..MAX_ALIASES {
            match self.ast.expr(ty.node) {
                Expr::Annotated { ty: node, .. } => ty = ty.with(*node),
                Expr::Var(name) => ty = ty.with(ty.constraint(name)?),
                _ => return Some(ty),
            }
        }
        None
    }

    fn constraint(&self, name: &Name) -> Option<NodeId> {
        self.signature?.constraints.iter().find(|(variable, _)| variable == name).map(|&(_, node)| node)
    }

    /// The type as one reads it in the module `home`: on one line, variables replaced by what they stand for, and types
    /// of other modules with their module's name.
    pub(super) fn text(&self, home: &Module) -> String {
        self.written(home.name() != self.module.name(), MAX_ALIASES)
    }

    /// The type as one reads it in any module.
    pub(super) fn full_text(&self) -> String {
        self.written(true, MAX_ALIASES)
    }

    /// Whether the type's own module declares a type of this name; others without a module are built in.
    fn declares(&self, name: NodeId) -> bool {
        self.ast.atom(name).is_some_and(|name| declared(self.module, name).is_some())
    }

    fn written(&self, qualified: bool, depth: usize) -> String {
        let mut edits: Vec<(Span, String)> = Vec::new();
        for (id, expr) in self.ast.descend([self.node]) {
            let span = self.ast.span(id);
            match expr {
                Expr::Call { module: None, function, .. } if qualified && self.declares(*function) => {
                    let start = Span { start: span.start, end: span.start };
                    edits.push((start, format!("{}:", self.module.name())));
                }
                Expr::Var(name) if depth > 0 => {
                    if let Some(node) = self.constraint(name) {
                        edits.push((span, self.with(node).written(qualified, depth - 1)));
                    }
                }
                _ => {}
            }
        }
        edits.sort();
        let span = self.ast.span(self.node);
        let (mut text, mut at) = (String::new(), span.start);
        for (edit, replacement) in edits {
            text.push_str(self.module.source().slice(Span { start: at, end: edit.start }));
            text.push_str(&replacement);
            at = edit.end;
        }
        text.push_str(self.module.source().slice(Span { start: at, end: span.end }));
        one_line(&text)
    }

    /// Whether it is a type that has a name, rather than one that is written out.
    pub(super) fn is_named(&self) -> bool {
        matches!(self.ast.expr(self.node), Expr::Call { .. })
    }

    /// The keys of a map type, also behind aliases; `None` when it is no map type that the tree has.
    pub(super) fn keys(&self, tree: &Tree, home: &Module) -> Option<Vec<Parameter>> {
        self.follow(tree, MAX_ALIASES, |ty| match ty.ast.expr(ty.node) {
            Expr::Map { base: None, fields } => Some(ty.fields(*fields, home)),
            _ => None,
        })
    }

    fn fields(&self, fields: crate::syntax::ast::Fields, home: &Module) -> Vec<Parameter> {
        let parameter = |field: &crate::syntax::ast::Field| {
            let ty = field.value.and_then(|node| self.with(node).resolved());
            Some(Parameter {
                key: self.ast.atom(field.key)?.to_string(),
                ty: ty.map(|ty| ty.text(home)).unwrap_or_default(),
                optional: !field.exact,
            })
        };
        self.ast.fields(fields).iter().filter_map(parameter).collect()
    }

    /// For a `{ok | stop, Type}`, also behind aliases, the text of the second element.
    pub(super) fn tagged(&self, tree: &Tree, home: &Module) -> Option<String> {
        self.follow(tree, MAX_ALIASES, |ty| match ty.ast.expr(ty.node) {
            Expr::Tuple(parts) => match *ty.ast.list(*parts) {
                [_, inner] => Some(ty.with(inner).resolved()?.text(home)),
                _ => None,
            },
            // A parameterised alias: what it is applied to is what it tags.
            Expr::Call { function, args, .. } if ty.ast.atom(*function).is_some_and(|name| name == "hook_fn_ret") => {
                match *ty.ast.list(*args) {
                    [inner] => Some(ty.with(inner).resolved()?.text(home)),
                    _ => None,
                }
            }
            _ => None,
        })
    }

    /// Asks `found` of the type, then of what it is an alias of, until there is an answer.
    fn follow<T>(&self, tree: &Tree, depth: usize, found: impl Fn(&Type<'_>) -> Option<T>) -> Option<T> {
        self.follow_with(tree, depth, &found)
    }

    fn follow_with<T>(&self, tree: &Tree, depth: usize, found: &dyn Fn(&Type<'_>) -> Option<T>) -> Option<T> {
        if let Some(answer) = found(self) {
            return Some(answer);
        }
        let Expr::Call { module, function, .. } = self.ast.expr(self.node) else {
            return None;
        };
        let name = self.ast.atom(*function)?;
        let module = match module {
            None => Arc::clone(self.module),
            Some(module) => tree.module(self.ast.atom(*module)?)?,
        };
        let (form, node) = declared(&module, name)?;
        let ast = module.ast(form).ok()?;
        let alias = Type { module: &module, ast, node, signature: None };
        if depth == 0 { None } else { alias.follow_with(tree, depth - 1, found) }
    }
}

/// Where a module declares a type, and as what.
fn declared(module: &Module, name: &str) -> Option<(FormIndex, NodeId)> {
    attributes(module, &["type", "opaque"]).find_map(|(form, ast)| {
        ast.items.iter().find_map(|item| match item {
            Item::Type { name: declared, ty } if declared == name => Some((form, *ty)),
            _ => None,
        })
    })
}

fn attributes<'m>(module: &'m Module, names: &'m [&str]) -> impl Iterator<Item = (FormIndex, &'m Ast)> {
    let wanted = |name| names.contains(&module.source().slice(name));
    module
        .forms()
        .filter(move |(_, form)| form.kind == FormKind::Attribute && wanted(form.name))
        .filter_map(|(index, _)| Some((index, module.ast(index).ok()?)))
}

/// Code on one line, without comments.
pub(super) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    let mut end = 0;
    for (_, span) in Tokens::new(text, 0) {
        // An opening bracket at the end of a line needs no blank where the line goes on.
        if span.start > end && !line.is_empty() && !line.ends_with(['(', '[', '{']) {
            line.push(' ');
        }
        line.push_str(&text[span.range()]);
        end = span.end;
    }
    line
}
