//! The edits of one clause of a function: parts replaced, expressions put where they are needed, names that are not taken.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};

use super::bodies::{patterns_of, statements_of};
use crate::project::handlers::{At, is_log_macro};
use crate::rewrite::Edit;
use crate::source::Span;
use crate::syntax::ast::{Ast, Clause, Expr, Item, Name, NodeId};
use crate::syntax::scan::{Token, Tokens};

/// The edits of one clause.
pub struct ClauseEditor<'a> {
    pub at: &'a At,
    pub ast: &'a Ast,
    pub clause: &'a Clause,
    /// Variables that occur in the clause, or were promised to somebody.
    names: FxHashSet<Name>,
    /// By the node of a macro: the variables that its definition uses by name.
    in_macros: FxHashMap<NodeId, Vec<Name>>,
    /// Names that arguments were given.
    named: BTreeMap<usize, String>,
    /// Nodes that are matched with and not evaluated.
    patterns: FxHashSet<NodeId>,
    parents: FxHashMap<NodeId, NodeId>,
    /// The expressions of all bodies, and whether each is the last one of its body.
    statements: FxHashMap<NodeId, bool>,
    /// By the start of a body: expressions that come before all others of it, without their commas.
    first: BTreeMap<u32, (&'a Clause, Vec<String>)>,
    /// What the whole body becomes a branch of.
    decision: Option<Decision>,
    edits: Vec<Edit>,
}

/// A choice that was made by the function's head and has to be made by a `case`.
pub struct Decision {
    pub subject: String,
    pub pattern: String,
    /// What happens otherwise, on one line; without it nothing fits.
    pub otherwise: Option<String>,
}

impl<'a> ClauseEditor<'a> {
    /// `None` when the clause could not be parsed.
    #[must_use]
    pub fn new(at: &'a At) -> Option<Self> {
        if at.is_broken() {
            return None;
        }
        let (ast, clause) = (at.ast(), at.clause()?);
        let nodes = ast.descend_clause(clause);
        let names = nodes.filter_map(|(_, expr)| if let Expr::Var(name) = expr { Some(name.clone()) } else { None });
        let mut parents = FxHashMap::default();
        let mut children = Vec::new();
        for (node, _) in ast.descend_clause(clause) {
            children.clear();
            ast.children(node, &mut children);
            parents.extend(children.iter().map(|&child| (child, node)));
        }
        let mut editor = Self {
            at,
            ast,
            clause,
            names: names.collect(),
            in_macros: FxHashMap::default(),
            named: BTreeMap::new(),
            patterns: patterns_of(ast, clause),
            parents,
            statements: statements_of(ast, clause),
            first: BTreeMap::new(),
            decision: None,
            edits: Vec::new(),
        };
        editor.look_into_macros();
        Some(editor)
    }

    #[must_use]
    pub fn text(&self, node: NodeId) -> &'a str {
        self.at.module.source().slice(self.ast.span(node))
    }

    /// The pattern of an argument, counted from 0.
    #[must_use]
    pub fn argument(&self, index: usize) -> Option<NodeId> {
        self.ast.list(self.clause.patterns).get(index).copied()
    }

    /// The variable that holds an argument: the whole pattern, or one that is matched beside it. `_` is none.
    #[must_use]
    pub fn argument_name(&self, index: usize) -> Option<&'a Name> {
        let pattern = self.argument(index)?;
        let ast = self.ast;
        let name = match ast.expr(pattern) {
            Expr::Match { left, right } => ast.var(*right).or_else(|| ast.var(*left)),
            _ => ast.var(pattern),
        };
        name.filter(|name| *name != "_")
    }

    /// A name for an argument that code can use: the one that it has, without the underscore that says it is not used, or
    /// a new one. A name that tells of a state is none for what is no state any more.
    pub fn named_argument(&mut self, index: usize, wanted: &str) -> Option<String> {
        if let Some(known) = self.named.get(&index) {
            return Some(known.clone());
        }
        let name = self.name_argument(index, wanted)?;
        self.named.insert(index, name.clone());
        Some(name)
    }

    fn name_argument(&mut self, index: usize, wanted: &str) -> Option<String> {
        let pattern = self.argument(index)?;
        let misleading = |name: &str| name.contains("State") && !wanted.contains("State");
        match self.argument_name(index) {
            Some(name) if !name.starts_with('_') && !misleading(name) => Some(name.to_string()),
            Some(old) if self.in_macros.values().flatten().any(|it| it == old) => None,
            Some(old) => {
                let bare = old.trim_start_matches('_');
                let fits = bare.starts_with(|first: char| first.is_ascii_uppercase()) && !misleading(bare);
                let bare = if fits { bare } else { wanted };
                let new = self.fresh(bare);
                let places =
                    self.ast.descend_clause(self.clause).filter(|(_, expr)| matches!(expr, Expr::Var(it) if it == old));
                let places: Vec<NodeId> = places.map(|(node, _)| node).collect();
                for node in places {
                    self.replace_once(self.ast.span(node), &new);
                }
                Some(new)
            }
            None => {
                let new = self.fresh(wanted);
                let span = self.ast.span(pattern);
                if self.ast.is_var(pattern) {
                    self.replace_once(span, &new);
                } else {
                    self.push(Edit::insert(&self.at.place(pattern), span.end, format!(" = {new}")));
                }
                Some(new)
            }
        }
    }

    fn replace_once(&mut self, span: Span, text: &str) {
        let edit = Edit::replace(self.at.module.place(span), text);
        if !self.edits.iter().any(|known| known.same(&edit)) {
            self.edits.push(edit);
        }
    }

    /// Finds out which variables the module's macros use by name. No new name may be one of them.
    fn look_into_macros(&mut self) {
        let module = &self.at.module;
        for (node, expr) in self.ast.descend_clause(self.clause) {
            let Expr::Macro { name, .. } = expr else { continue };
            let forms = module.header().defines.iter().filter(|define| define.name == *name).map(|define| define.form);
            for ast in forms.filter_map(|form| module.ast(form).ok()) {
                for item in &ast.items {
                    let Item::Define { params, body: Some(body), .. } = item else { continue };
                    let own = |name: &Name| params.as_ref().is_some_and(|params| params.contains(name));
                    let free = ast.descend([*body]).filter_map(|(node, _)| ast.var(node));
                    for variable in free.filter(|it| !own(it) && *it != "_") {
                        self.names.insert(variable.clone());
                        self.in_macros.entry(node).or_default().push(variable.clone());
                    }
                }
            }
        }
    }

    /// Whether a line is not too long with a call in place of a node.
    #[must_use]
    pub fn fits(&self, node: NodeId, call: &str) -> bool {
        const WIDTH: usize = 100;
        let (text, span) = (self.at.module.source().text(), self.ast.span(node));
        let start = text[..span.start as usize].rfind('\n').map_or(0, |at| at + 1);
        let end = text[span.end as usize..].find('\n').map_or(text.len(), |at| span.end as usize + at);
        let old = text[start..end].trim_end().chars().count();
        old - self.text(node).chars().count() + call.chars().count() <= WIDTH.max(old)
    }

    /// A variable that does not occur in the clause: `wanted`, or with a number behind it.
    pub fn fresh(&mut self, wanted: &str) -> String {
        let numbered = (1..).map(|number| format!("{wanted}{number}"));
        let free = |name: &String| !self.names.contains(name.as_str());
        let name = std::iter::once(wanted.to_owned()).chain(numbered).find(free).unwrap_or_default();
        self.names.insert(name.as_str().into());
        name
    }

    /// Everywhere a variable of the clause occurs, in source order, but for one place. Where a fun or a comprehension has
    /// a variable of its own under the same name, that is another one. A macro that uses the variable by name is among
    /// them.
    #[must_use]
    pub fn uses(&self, name: &str, but: NodeId) -> Vec<NodeId> {
        let mut parts = Vec::new();
        self.ast.parts_of_clause(self.clause, &mut parts);
        let mut found = Vec::new();
        parts.into_iter().for_each(|part| self.uses_below(part, name, &mut found));
        found.retain(|&node| node != but);
        found
    }

    fn uses_below(&self, node: NodeId, name: &str, found: &mut Vec<NodeId>) {
        // Operators nest without brackets, as many as stand in a row.
        let mut row = vec![node];
        while let Some(node) = row.pop() {
            self.uses_in(node, name, found, &mut row);
        }
    }

    /// The uses in an expression. What is only below it comes behind what is left to be looked at.
    fn uses_in(&self, node: NodeId, name: &str, found: &mut Vec<NodeId>, row: &mut Vec<NodeId>) {
        let ast = self.ast;
        let binds = |patterns: &[NodeId]| {
            ast.descend(patterns.iter().copied()).any(|(_, expr)| matches!(expr, Expr::Var(it) if it == name))
        };
        match ast.expr(node) {
            Expr::Var(it) if it == name => found.push(node),
            Expr::Fun { clauses } => {
                for clause in ast.clauses(*clauses).iter().filter(|clause| {
                    !binds(ast.list(clause.patterns)) && !clause.name.is_some_and(|name| binds(&[name]))
                }) {
                    let mut parts = Vec::new();
                    ast.parts_of_clause(clause, &mut parts);
                    parts.into_iter().for_each(|part| self.uses_below(part, name, found));
                }
            }
            Expr::Comprehension { template, qualifiers, .. } => {
                let mut hidden = false;
                let mut inside = Vec::new();
                for &qualifier in ast.list(*qualifiers) {
                    match ast.expr(qualifier) {
                        Expr::Generator { pattern, source } => {
                            if !hidden {
                                self.uses_below(*source, name, &mut inside);
                            }
                            hidden |= binds(&[*pattern]);
                        }
                        _ if !hidden => self.uses_below(qualifier, name, &mut inside),
                        _ => {}
                    }
                }
                if !hidden {
                    ast.list(*template).iter().for_each(|&part| self.uses_below(part, name, found));
                }
                found.append(&mut inside);
            }
            _ => {
                if self.in_macros.get(&node).is_some_and(|names| names.iter().any(|it| it == name)) {
                    found.push(node);
                }
                let first = row.len();
                ast.children(node, row);
                row[first..].reverse();
            }
        }
    }

    /// The node right above another one; `None` for the parts of the clause itself.
    #[must_use]
    pub fn parent(&self, node: NodeId) -> Option<NodeId> {
        self.parents.get(&node).copied()
    }

    /// Whether a node is an expression of a body, and if so, whether it is the last one, whose value is the body's.
    #[must_use]
    pub fn statement(&self, node: NodeId) -> Option<bool> {
        self.statements.get(&node).copied()
    }

    /// Whether a node stands in the function's head: its arguments or its guard.
    #[must_use]
    pub fn in_head(&self, node: NodeId) -> bool {
        let wanted = self.ast.span(node);
        let parts = self.ast.list(self.clause.patterns).iter().chain(self.ast.list(self.clause.guard));
        parts.copied().any(|part| self.ast.span(part).contains(wanted))
    }

    /// Whether a node is matched with, or decides in a guard, so that no call can stand in its place.
    #[must_use]
    pub fn is_matched(&self, node: NodeId) -> bool {
        self.patterns.contains(&node) || self.in_head(node)
    }

    /// Whether what stands at a node may be evaluated more often than once, or not where it is written: in a fun, in a
    /// comprehension, or in a macro that may do anything with it.
    #[must_use]
    pub fn is_elsewhere(&self, node: NodeId) -> bool {
        std::iter::successors(self.parent(node), |&node| self.parent(node)).any(|above| match self.ast.expr(above) {
            Expr::Fun { .. } | Expr::Comprehension { .. } => true,
            Expr::Macro { name, .. } => !is_log_macro(name),
            _ => false,
        })
    }

    /// A call in place of a node: in parentheses where what follows needs them.
    #[must_use]
    pub fn as_operand(&self, node: NodeId, call: String) -> String {
        let needs = self.parent(node).is_some_and(|above| match self.ast.expr(above) {
            Expr::RecordField { base, .. } => *base == node,
            Expr::Record { base, .. } | Expr::Map { base, .. } => *base == Some(node),
            _ => false,
        });
        let (text, span) = (self.at.module.source().text().as_bytes(), self.ast.span(node));
        let before = (span.start as usize).checked_sub(1).and_then(|at| text.get(at));
        let has = before == Some(&b'(') && text.get(span.end as usize) == Some(&b')');
        if needs && !has { format!("({call})") } else { call }
    }

    pub fn replace(&mut self, span: Span, text: impl Into<String>) {
        self.edits.push(Edit::replace(self.at.module.place(span), text));
    }

    pub fn push(&mut self, edit: Edit) {
        self.edits.push(edit);
    }

    /// Puts an expression before all others of the function's body, behind those that were put there already.
    pub fn put_first(&mut self, expression: impl Into<String>) {
        self.put_first_in(self.clause, expression);
    }

    /// The same in a branch inside of the function.
    pub fn put_first_in(&mut self, clause: &'a Clause, expression: impl Into<String>) {
        let Some(&body) = self.ast.list(clause.body).first() else { return };
        let entry = self.first.entry(self.ast.span(body).start).or_insert_with(|| (clause, Vec::new()));
        entry.1.push(expression.into());
    }

    /// What comes between an expression of a body and one that is put behind or before it, the comma included.
    #[must_use]
    pub fn separator(&self, statement: NodeId) -> String {
        let text = self.at.module.source().text();
        let start = self.ast.span(statement).start as usize;
        let line = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let before = &text[line..start];
        if before.trim().is_empty() { format!(",\n{before}") } else { ", ".to_owned() }
    }

    /// Makes the body a branch of a choice.
    ///
    /// # Errors
    /// There is one already.
    pub fn decide(&mut self, decision: Decision) -> Result<(), String> {
        if self.decision.is_some() {
            return Err("two values decide together which clause is taken".to_owned());
        }
        self.decision = Some(decision);
        Ok(())
    }

    #[must_use]
    pub fn decides(&self) -> bool {
        self.decision.is_some()
    }

    pub fn otherwise(&mut self, body: String) {
        if let Some(decision) = &mut self.decision {
            decision.otherwise = Some(body);
        }
    }

    /// All edits together.
    ///
    /// # Errors
    /// What must be put first has no place; says why.
    pub fn finish(mut self) -> Result<Vec<Edit>, String> {
        let mut edits = std::mem::take(&mut self.edits);
        let own = self.ast.list(self.clause.body).first().map(|&node| self.ast.span(node).start);
        let chosen = self.decision.take();
        let mut before_choice = Vec::new();
        for (start, (clause, expressions)) in std::mem::take(&mut self.first) {
            if chosen.is_some() && Some(start) == own {
                before_choice = expressions;
                continue;
            }
            edits.push(self.first_expressions(clause, &expressions).ok_or("the clause's body was not found")?);
        }
        if let Some(decision) = chosen {
            self.choose(&decision, &before_choice, &mut edits)?;
        }
        Ok(edits)
    }

    fn first_expressions(&self, clause: &Clause, expressions: &[String]) -> Option<Edit> {
        let text = self.at.module.source().text();
        let &node = self.ast.list(clause.body).first()?;
        let body = self.ast.span(node).start as usize;
        let arrow = self.arrow(clause, body)?;
        let between = &text[arrow..body];
        let joined = |indentation: &str| -> String {
            expressions.iter().map(|expression| format!("{expression},\n{indentation}")).collect()
        };
        let Some(newline) = between.find('\n') else {
            let several = text[body..clause.span.end as usize].contains('\n');
            let line = text[..body].rfind('\n').map_or(0, |at| at + 1);
            if !text[line..clause.span.start as usize].trim().is_empty() {
                // A branch in the middle of a line stays there.
                let inserted: String = expressions.iter().map(|expression| format!("{expression}, ")).collect();
                return Some(Edit::insert(&self.at.place(node), u32::try_from(body).ok()?, inserted));
            }
            if several {
                // The lines below are aligned with what stands here.
                let column: String = text[line..body].chars().map(|it| if it == '\t' { '\t' } else { ' ' }).collect();
                let start = u32::try_from(body).ok()?;
                return Some(Edit::insert(&self.at.place(node), start, joined(&column)));
            }
            let own = &text[line..line + indentation(text, body)];
            let indentation = format!("{own}{}", self.step());
            let inserted = format!("\n{indentation}{}", joined(&indentation));
            return Some(Edit::replace(self.at.module.place(Span::new(arrow, body)), inserted));
        };
        // Comments over the first expression belong to it.
        let rest = &between[newline + 1..];
        let start = arrow + newline + 1 + (rest.len() - rest.trim_start().len());
        let line = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let inserted = joined(&text[line..start]);
        Some(Edit::insert(&self.at.place(node), u32::try_from(start).ok()?, inserted))
    }

    /// By how much the function's body is indented more than its head; where they share a line, what is usual.
    fn step(&self) -> String {
        let text = self.at.module.source().text();
        let own = indentation(text, self.clause.span.start as usize);
        let body = self.ast.list(self.clause.body).first().map_or(0, |&node| self.ast.span(node).start as usize);
        let line = text[..body].rfind('\n').map_or(0, |at| at + 1);
        let before = &text[line..body];
        if before.trim().is_empty() && before.len() > own {
            return before[own..].to_owned();
        }
        let tabs = text.lines().any(|line| line.starts_with('\t'));
        if tabs { "\t".to_owned() } else { " ".repeat(4) }
    }

    /// The function's body becomes the first branch of a `case`.
    fn choose(&self, decision: &Decision, before: &[String], edits: &mut Vec<Edit>) -> Result<(), String> {
        const LOST: &str = "the clause's body was not found";
        let text = self.at.module.source().text();
        let list = self.ast.list(self.clause.body);
        let (&first, &last) = list.first().zip(list.last()).ok_or(LOST)?;
        let (body, end) = (self.ast.span(first).start as usize, self.clause.span.end as usize);
        let end = end.max(self.ast.span(last).end as usize);
        let arrow = self.arrow(self.clause, body).ok_or(LOST)?;
        let head = self.close().ok_or(LOST)?;
        let guard = text[head..arrow].trim().trim_end_matches("->").trim();
        if guard.contains('%') {
            return Err("there is a comment in the guard".to_owned());
        }
        let guard = guard.split('\n').map(str::trim).collect::<Vec<_>>().join(" ");
        let pattern = if guard.is_empty() { decision.pattern.clone() } else { format!("{} {guard}", decision.pattern) };
        let line = text[..self.clause.span.start as usize].rfind('\n').map_or(0, |at| at + 1);
        let own = &text[line..line + indentation(text, self.clause.span.start as usize)];
        let step = self.step();
        let inner = format!("{own}{step}");
        let branch = format!("{inner}{step}");
        let mut opening = format!(" ->\n{inner}");
        for expression in before {
            opening.push_str(&format!("{expression},\n{inner}"));
        }
        opening.push_str(&format!("case {} of\n{branch}{pattern} ->", decision.subject));
        let place = self.at.module.place(Span::new(head, arrow));
        edits.push(Edit::replace(place, opening));
        self.shift((arrow, body, end), &format!("{step}{step}"), &format!("{branch}{step}"), edits)?;
        let mut closing = String::new();
        if let Some(otherwise) = &decision.otherwise {
            closing.push_str(&format!(";\n{branch}_ ->\n{branch}{step}{otherwise}"));
        }
        closing.push_str(&format!("\n{inner}end"));
        edits.push(Edit::insert(&self.at.place(last), u32::try_from(end).map_err(|_| LOST)?, closing));
        Ok(())
    }

    /// Indents the lines of the body by `more`; on the head's line it cannot stay, and goes to one that starts with
    /// `alone`. The offsets are those behind the arrow, of the body and of its end.
    fn shift(
        &self,
        (arrow, body, end): (usize, usize, usize),
        more: &str,
        alone: &str,
        edits: &mut Vec<Edit>,
    ) -> Result<(), String> {
        let text = self.at.module.source().text();
        for edit in edits.iter_mut().filter(|edit| edit.place.span.start as usize >= arrow) {
            if edit.place.span.end as usize <= end {
                edit.text = edit.text.replace('\n', &format!("\n{more}"));
            }
        }
        let newlines: Vec<usize> = text[arrow..end].match_indices('\n').map(|(at, _)| arrow + at + 1).collect();
        if !text[arrow..body].contains('\n') {
            if !newlines.is_empty() {
                return Err("the body starts on the line of its head".to_owned());
            }
            edits.push(Edit::replace(self.at.module.place(Span::new(arrow, body)), format!("\n{alone}")));
            return Ok(());
        }
        let strings: Vec<Span> = Tokens::new(&text[arrow..end], arrow)
            .filter(|(token, _)| matches!(token, Token::String | Token::Atom))
            .map(|(_, span)| span)
            .collect();
        let covers = |span: &Span, at: usize| (span.start as usize) < at && at < span.end as usize;
        for at in newlines {
            let blank = text[at..].lines().next().is_none_or(|line| line.trim().is_empty());
            let inside =
                strings.iter().any(|span| covers(span, at)) || edits.iter().any(|it| covers(&it.place.span, at));
            if !blank && !inside {
                edits.push(Edit::replace(self.at.module.place(Span::new(at, at)), more));
            }
        }
        Ok(())
    }

    /// The offset behind the parenthesis that closes the function's arguments.
    fn close(&self) -> Option<usize> {
        let text = self.at.module.source().text();
        let patterns = self.ast.list(self.clause.patterns);
        let from = patterns.last().map(|&node| self.ast.span(node).end as usize)?;
        let close = |(token, _): &(Token, Span)| *token == Token::Punct(b')');
        Tokens::new(&text[from..self.clause.span.end as usize], from).find(close).map(|(_, span)| span.end as usize)
    }

    /// The offset behind the arrow between head and body of a clause.
    fn arrow(&self, clause: &Clause, body: usize) -> Option<usize> {
        let text = self.at.module.source().text();
        let parts = self.ast.list(clause.patterns).iter().chain(self.ast.list(clause.guard));
        let head = parts.map(|&node| self.ast.span(node).end).max().unwrap_or(clause.span.start) as usize;
        let mut before = None;
        for (token, span) in Tokens::new(&text[head..body], head) {
            if token == Token::Punct(b'>') && before == Some(span.start) {
                return Some(span.end as usize);
            }
            before = (token == Token::Punct(b'-')).then_some(span.end);
        }
        None
    }
}

/// How many blanks stand before the first other character of the line in which an offset lies.
#[must_use]
pub fn indentation(text: &str, offset: usize) -> usize {
    let line = text[..offset].rfind('\n').map_or(0, |at| at + 1);
    text[line..].len() - text[line..].trim_start_matches([' ', '\t']).len()
}
