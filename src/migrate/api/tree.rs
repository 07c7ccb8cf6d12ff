//! A form's tree with the way up, and what becomes of an expression's value.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use crate::budget::spend;
use crate::finding::Place;
use crate::outline::{Definition, FormIndex, Module};
use crate::source::Span;
use crate::syntax::ast::{Ast, Clause, Clauses, Expr, NodeId, Nodes};
use crate::syntax::scan::{FormKind, Token, Tokens};

/// A form's tree in which nodes know what they stand in.
pub struct Tree<'a> {
    pub module: &'a Arc<Module>,
    pub form: FormIndex,
    pub ast: &'a Ast,
}

/// How many macros within macros are looked into.
const MAX_MACROS: usize = 4;

/// What becomes of an expression's value.
#[derive(Debug, PartialEq, Eq)]
pub enum Usage {
    /// Nobody looks at it.
    Ignored,
    /// It is matched with these patterns.
    Matched(Vec<NodeId>),
    /// It is used in another way, or it cannot be seen how.
    Used,
}

impl<'a> Tree<'a> {
    /// The form that a span lies in.
    ///
    /// # Errors
    /// It cannot be parsed.
    pub fn around(module: &'a Arc<Module>, span: Span) -> Result<Self, String> {
        let form = module.form_at(span.start).ok_or("it stands in no form")?;
        Self::of(module, form)
    }

    /// # Errors
    /// The form cannot be parsed.
    pub fn of(module: &'a Arc<Module>, form: FormIndex) -> Result<Self, String> {
        let ast = module.ast(form).map_err(|_| "the code around it was not parsed")?;
        if !ast.errors.is_empty() {
            return Err("a part of the function around it could not be parsed".to_owned());
        }
        Ok(Self { module, form, ast })
    }

    #[must_use]
    pub fn text(&self, node: NodeId) -> &'a str {
        self.module.source().slice(self.ast.span(node))
    }

    #[must_use]
    pub fn place(&self, node: NodeId) -> Place {
        self.module.place(self.ast.span(node))
    }

    /// A node by its span, when it is what is looked for.
    #[must_use]
    pub fn find(&self, span: Span, wanted: impl Fn(&Expr) -> bool) -> Option<NodeId> {
        self.ast.nodes_at(span).find(|(_, node)| wanted(&node.expr)).map(|(id, _)| id)
    }

    #[must_use]
    pub fn parent(&self, node: NodeId) -> Option<NodeId> {
        self.ast.parent(node)
    }

    /// What a node stands in, from the inside out.
    pub fn ancestors(&self, node: NodeId) -> impl Iterator<Item = NodeId> {
        std::iter::successors(self.parent(node), |&node| self.parent(node))
    }

    /// The clause of a function that a node stands in; `None` in a macro.
    #[must_use]
    pub fn clause(&self, node: NodeId) -> Option<&'a Clause> {
        let span = self.ast.span(node);
        spend(1 + self.ast.items.len() / 4);
        self.ast.function_clauses().find(|clause| clause.span.contains(span))
    }

    /// What becomes of an expression's value.
    #[must_use]
    pub fn usage(&self, node: NodeId) -> Usage {
        let ast = self.ast;
        let mut node = node;
        // Its value is that of what is around it, of as many as stand in a row.
        while let Some(parent) = self.parent(node)
            && match *ast.expr(parent) {
                Expr::Match { left, right } => right == node && ast.var(left).is_some_and(|name| name == "_"),
                Expr::Catch(_) => true,
                _ => false,
            }
        {
            node = parent;
        }
        let Some(parent) = self.parent(node) else {
            let body = self.clause(node).map_or(&[][..], |clause| ast.list(clause.body));
            let last = body.last() == Some(&node);
            return if last || !body.contains(&node) { Usage::Used } else { Usage::Ignored };
        };
        match *ast.expr(parent) {
            Expr::Match { left, right } if right == node => match ast.expr(left) {
                Expr::Var(_) => Usage::Used,
                _ => Usage::Matched(vec![left]),
            },
            Expr::Case { subject, clauses } if subject == node => Usage::Matched(self.patterns(clauses)),
            Expr::Case { clauses, .. } | Expr::If { clauses } | Expr::Receive { clauses, .. } => {
                self.in_clauses(parent, clauses, node)
            }
            Expr::Fun { clauses } => match self.is_in_bodies(clauses, node) {
                Some(false) => Usage::Ignored,
                Some(true) if self.is_run_for_effect(parent) => Usage::Ignored,
                _ => Usage::Used,
            },
            Expr::Try { body, of, catch, after } => {
                if let Some(last) = self.is_last(body, node) {
                    match (last, of.is_empty()) {
                        (false, _) => Usage::Ignored,
                        (true, true) => self.usage(parent),
                        (true, false) => Usage::Matched(self.patterns(of)),
                    }
                } else if ast.list(after).contains(&node) {
                    Usage::Ignored
                } else if self.is_in_bodies(of, node).is_some() {
                    self.in_clauses(parent, of, node)
                } else {
                    self.in_clauses(parent, catch, node)
                }
            }
            Expr::Block(items) => match self.is_last(items, node) {
                Some(false) => Usage::Ignored,
                _ => self.usage(parent),
            },
            Expr::Maybe { body, otherwise } => match self.is_last(body, node) {
                Some(false) => Usage::Ignored,
                Some(true) => self.usage(parent),
                None => self.in_clauses(parent, otherwise, node),
            },
            Expr::Comprehension { template, .. } if ast.list(template).contains(&node) => {
                if self.usage(parent) == Usage::Ignored { Usage::Ignored } else { Usage::Used }
            }
            _ => Usage::Used,
        }
    }

    /// All patterns of some clauses.
    #[must_use]
    pub fn patterns(&self, clauses: Clauses) -> Vec<NodeId> {
        let clauses = self.ast.clauses(clauses).iter();
        clauses.flat_map(|clause| self.ast.list(clause.patterns).iter().copied()).collect()
    }

    fn in_clauses(&self, parent: NodeId, clauses: Clauses, node: NodeId) -> Usage {
        match self.is_in_bodies(clauses, node) {
            Some(true) => self.usage(parent),
            Some(false) => Usage::Ignored,
            None => Usage::Used,
        }
    }

    /// Whether a node is the last expression of a clause's body; `None` when it stands in none of them.
    fn is_in_bodies(&self, clauses: Clauses, node: NodeId) -> Option<bool> {
        self.ast.clauses(clauses).iter().find_map(|clause| self.is_last(clause.body, node))
    }

    fn is_last(&self, body: Nodes, node: NodeId) -> Option<bool> {
        let body = self.ast.list(body);
        body.contains(&node).then(|| body.last() == Some(&node))
    }

    /// Whether a fun is handed to `lists:foreach/2`.
    fn is_run_for_effect(&self, fun: NodeId) -> bool {
        let Some(Expr::Call { module: Some(module), function, .. }) = self.parent(fun).map(|it| self.ast.expr(it))
        else {
            return false;
        };
        let is = |node: NodeId, name: &str| self.ast.atom(node).is_some_and(|it| it == name);
        is(*module, "lists") && is(*function, "foreach")
    }

    /// Whether evaluating a node does nothing but give a value, as far as its module tells.
    #[must_use]
    pub fn is_plain(&self, node: NodeId) -> bool {
        self.is_plain_within(node, MAX_MACROS)
    }

    /// The same, with so many macros within macros at most.
    fn is_plain_within(&self, node: NodeId, macros: usize) -> bool {
        let plain = |expr: &Expr| match expr {
            Expr::Macro { name, args: None } => self.stands_for_plain(name, macros),
            _ => !matches!(
                expr,
                Expr::Call { .. }
                    | Expr::Macro { .. }
                    | Expr::Match { .. }
                    | Expr::Binop { .. }
                    | Expr::Catch(_)
                    | Expr::Case { .. }
                    | Expr::If { .. }
                    | Expr::Receive { .. }
                    | Expr::Try { .. }
                    | Expr::Maybe { .. }
                    | Expr::Error
            ),
        };
        self.ast.descend([node]).all(|(_, expr)| plain(expr) && !self.is_parameter(expr))
    }

    /// Whether a macro stands for what is plain, however it is defined in the module. What headers define is not known.
    fn stands_for_plain(&self, name: &str, macros: usize) -> bool {
        if matches!(
            name,
            "MODULE"
                | "MODULE_STRING"
                | "FILE"
                | "LINE"
                | "MACHINE"
                | "FUNCTION_NAME"
                | "FUNCTION_ARITY"
                | "OTP_RELEASE"
        ) {
            return true;
        }
        let defines = &self.module.header().defines;
        spend(defines.len());
        let is_it = |it: &&Definition| it.name == name && it.arity.is_none();
        let mut defined = defines.iter().filter(is_it).peekable();
        macros > 0
            && defined.peek().is_some()
            && defined.all(|it| {
                let tree = Tree::of(self.module, it.form);
                tree.is_ok_and(|tree| tree.ast.macro_body().is_some_and(|body| tree.is_plain_within(body, macros - 1)))
            })
    }

    /// Whether it is the definition of a macro, whose value stands wherever the macro does.
    #[must_use]
    pub fn is_macro(&self) -> bool {
        let form = self.module.form(self.form);
        form.kind == FormKind::Attribute && self.module.source().slice(form.name) == "define"
    }

    /// Whether a variable may be a parameter of a macro, which stands for any code.
    fn is_parameter(&self, expr: &Expr) -> bool {
        matches!(expr, Expr::Var(_)) && self.is_macro()
    }

    /// Whether a node is one token, so that it can stand anywhere.
    #[must_use]
    pub fn is_simple(&self, node: NodeId) -> bool {
        let literal = |expr: &Expr| matches!(expr, Expr::Var(_) | Expr::Atom(_) | Expr::Integer(_) | Expr::Binary(_));
        literal(self.ast.expr(node)) && !self.is_parameter(self.ast.expr(node))
    }

    /// The arguments of a call, or the items of a list, each with the parentheses around it.
    #[must_use]
    pub fn regions(&self, inside: Span, items: &[NodeId]) -> Vec<Span> {
        let text = self.module.source().text();
        let tokens =
            |start: u32, end: u32| Tokens::new(&text[start as usize..end as usize], start as usize).collect::<Vec<_>>();
        let mut regions: Vec<Span> = items.iter().map(|&item| self.ast.span(item)).collect();
        if let Some(first) = regions.first_mut()
            && let Some((_, span)) = tokens(inside.start, first.start).first()
        {
            first.start = span.start;
        }
        for at in 1..regions.len() {
            let between = tokens(regions[at - 1].end, regions[at].start);
            let Some(comma) = between.iter().position(|(token, _)| *token == Token::Punct(b',')) else { continue };
            if let Some((_, span)) = comma.checked_sub(1).and_then(|before| between.get(before)) {
                regions[at - 1].end = span.end;
            }
            if let Some((_, span)) = between.get(comma + 1) {
                regions[at].start = span.start;
            }
        }
        if let Some(last) = regions.last_mut()
            && let Some((_, span)) = tokens(last.end, inside.end).last()
        {
            last.end = span.end;
        }
        regions
    }

    /// What stands between the parentheses of a call.
    #[must_use]
    pub fn inside(&self, call: NodeId, function: NodeId) -> Option<Span> {
        let (call, function) = (self.ast.span(call), self.ast.span(function));
        let text = self.module.source().text();
        let rest = &text[function.end as usize..call.end as usize];
        let (token, open) = Tokens::new(rest, function.end as usize).next()?;
        let closed = rest.ends_with(')') && token == Token::Punct(b'(');
        closed.then(|| Span { start: open.end, end: call.end - 1 })
    }

    /// A variable that does not occur in the clause that a node stands in, and is none of `taken`.
    #[must_use]
    pub fn fresh(&self, node: NodeId, wanted: &str, taken: &[String]) -> String {
        let around = self.clause(node).map(|clause| self.ast.descend_clause(clause));
        let known: FxHashSet<&str> = match around {
            Some(nodes) => nodes.filter_map(|(_, expr)| variable(expr)).collect(),
            None => self.ast.nodes().filter_map(|(_, node)| variable(&node.expr)).collect(),
        };
        let free = |name: &String| !taken.contains(name) && !known.contains(name.as_str());
        let numbered = (1..).map(|number| format!("{wanted}{number}"));
        std::iter::once(wanted.to_owned()).chain(numbered).find(free).unwrap_or_default()
    }

    /// A variable of the function's head of which the name tells what it holds: `wanted`, in whatever case.
    #[must_use]
    pub fn argument(&self, node: NodeId, wanted: &str) -> Option<&'a str> {
        let patterns = self.ast.list(self.clause(node)?.patterns).iter().copied();
        let mut names = self.ast.descend(patterns).filter_map(|(_, expr)| variable(expr));
        let held = names.find(|name| name.eq_ignore_ascii_case(wanted))?;
        (!self.is_shadowed(held, node)).then_some(held)
    }

    /// Whether a comment stands in a span, outside the given parts of it.
    #[must_use]
    pub fn has_comment(&self, span: Span, but: &[Span]) -> bool {
        let text = self.module.source().text();
        let mut done = span.start;
        let mut gaps = Vec::new();
        let mut but = but.to_vec();
        but.sort_unstable_by_key(|it| it.start);
        for part in but {
            gaps.push(Span { start: done, end: part.start.max(done) });
            done = done.max(part.end);
        }
        gaps.push(Span { start: done, end: span.end.max(done) });
        gaps.iter().any(|gap| {
            // What is in the text and in no token is blank or a comment.
            let mut rest: Vec<u8> = text.as_bytes()[gap.range()].to_vec();
            for (_, token) in Tokens::new(&text[gap.range()], 0) {
                rest[token.range()].fill(b' ');
            }
            rest.iter().any(|byte| !byte.is_ascii_whitespace())
        })
    }

    /// The variable that holds the session's data where a node stands.
    #[must_use]
    pub fn session(&self, node: NodeId) -> Option<&'a str> {
        let clause = self.clause(node)?;
        let matched = self.ast.list(clause.body).iter().filter_map(|&expression| match self.ast.expr(expression) {
            Expr::Match { left, .. } if self.ast.span(expression).end <= self.ast.span(node).start => Some(*left),
            _ => None,
        });
        let patterns: Vec<NodeId> = self.ast.list(clause.patterns).iter().copied().chain(matched).collect();
        let held = self.ast.descend(patterns).find_map(|(_, expr)| {
            let Expr::Map { fields, .. } = expr else { return None };
            let is_data = |key: NodeId| self.ast.atom(key).is_some_and(|key| key == crate::migrate::session::PARAMETER);
            let field = self.ast.fields(*fields).iter().find(|field| field.exact && is_data(field.key))?;
            self.ast.var(field.value?).filter(|name| !name.starts_with('_'))
        })?;
        (!self.is_shadowed(held, node)).then_some(held.as_str())
    }

    /// The variable that holds the accumulator where a node stands, by its name: an argument of the function.
    #[must_use]
    pub fn accumulator(&self, node: NodeId) -> Option<&'a str> {
        let patterns = self.ast.list(self.clause(node)?.patterns);
        let held = patterns.iter().find_map(|&pattern| self.ast.var(pattern).filter(|name| name.starts_with("Acc")))?;
        (!self.is_shadowed(held, node)).then_some(held.as_str())
    }

    /// Whether a fun or comprehension around a node has a variable of its own under this name.
    fn is_shadowed(&self, name: &str, node: NodeId) -> bool {
        let has = |patterns: Vec<NodeId>| {
            self.ast.descend(patterns).any(|(_, expr)| matches!(expr, Expr::Var(it) if it == name))
        };
        self.ancestors(node).any(|around| match self.ast.expr(around) {
            Expr::Fun { clauses } => has(self.patterns(*clauses)),
            Expr::Comprehension { qualifiers, .. } => {
                let generators = self.ast.list(*qualifiers).iter().filter_map(|&it| match self.ast.expr(it) {
                    Expr::Generator { pattern, .. } => Some(*pattern),
                    _ => None,
                });
                has(generators.collect())
            }
            _ => false,
        })
    }
}

fn variable(expr: &Expr) -> Option<&str> {
    if let Expr::Var(name) = expr { Some(name.as_str()) } else { None }
}
