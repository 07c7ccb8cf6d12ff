//! The declarations of a piece of code as the grammar sees them, for holding what is found form by form against
//! what is found in a whole file. Analyses work on [`super::Ast`]; this is how the form splitter is checked.

use tree_sitter::Node;

use super::ast::Name;
use crate::source::Span;

/// A function clause or attribute.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Declaration {
    /// Byte range in the file.
    pub span: Span,
    /// What the grammar calls it.
    pub kind: Name,
    /// The function's or attribute's name, where the grammar has one for it.
    pub name: Name,
    /// Of a function clause.
    pub arity: Option<usize>,
}

/// What stands at the top of a piece of code.
#[derive(Debug, Default)]
pub struct Declared {
    pub declarations: Vec<Declaration>,
    /// Some of the code was not understood.
    pub errors: bool,
}

/// Parses `text`, whose offset in the file is `base`, however long or deeply nested it is.
#[must_use]
pub fn declarations(text: &str, base: usize) -> Declared {
    let Some(tree) = super::tree_of(text) else {
        return Declared { declarations: Vec::new(), errors: true };
    };
    let root = tree.root_node();
    let mut cursor = root.walk();
    let declarations = root
        .children(&mut cursor)
        .filter(|node| node.is_named() && !node.is_extra() && !node.is_error())
        .map(|node| declaration(node, text, base))
        .collect();
    Declared { declarations, errors: root.has_error() }
}

fn declaration(node: Node<'_>, text: &str, base: usize) -> Declaration {
    let clause = node.child_by_field_name("clause").unwrap_or(node);
    let name = clause.child_by_field_name("name").or_else(|| clause.child_by_field_name("fun"));
    let is_clause = clause.kind() == "function_clause";
    let args = clause.child_by_field_name("args").filter(|_| is_clause);
    let mut cursor = node.walk();
    Declaration {
        span: Span::new(base + node.start_byte(), base + node.end_byte()),
        kind: Name::new(node.kind()),
        name: Name::new(name.and_then(|name| text.get(name.byte_range())).unwrap_or_default()),
        arity: args.map(|args| args.children_by_field_name("args", &mut cursor).count()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clauses_and_attributes_with_names_and_spans() {
        let text = "-export([f/1]).\nf(a) -> 1;\nf(_) -> 2.\n-record(r, {}).\n";
        let declared = declarations(text, 10);
        assert!(!declared.errors);
        let got: Vec<_> = declared
            .declarations
            .iter()
            .map(|it| {
                (
                    it.kind.as_str(),
                    it.name.as_str(),
                    it.arity,
                    &text[it.span.range().start - 10..it.span.range().end - 10],
                )
            })
            .collect();
        assert_eq!(
            got,
            [
                ("export_attribute", "", None, "-export([f/1])."),
                ("fun_decl", "f", Some(1), "f(a) -> 1;"),
                ("fun_decl", "f", Some(1), "f(_) -> 2."),
                ("record_decl", "r", None, "-record(r, {})."),
            ]
        );
    }

    #[test]
    fn broken_code_is_told() {
        assert!(declarations("f( -> .", 0).errors);
    }
}
