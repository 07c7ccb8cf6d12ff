//! The heads of a handler's clauses: what was given one by one is taken from maps, or computed.

use std::collections::BTreeMap;

use super::Old;
use super::contract::{Argument, Contract, Given};
use super::layout::{Line, map};
use crate::catalog::Computed;
use crate::migrate::code::clause::ClauseEditor;
use crate::migrate::code::template::{ACCUMULATOR, Snippet, substitute, variables};
use crate::migrate::code::text::{has_comment, on_one_line};
use crate::migrate::parameters::pattern::takes_anything;
use crate::outline::Module;
use crate::project::handlers::At;
use crate::rewrite::Edit;
use crate::source::Span;
use crate::syntax::ast::{Expr, NodeId};
use crate::syntax::scan::{Token, Tokens};

/// The edits, and what the clauses take now.
pub(super) struct Heads {
    pub edits: Vec<Edit>,
    pub taken: Taken,
}

/// What the clauses of a handler take of the new parameters.
#[derive(Default)]
pub(super) struct Taken {
    /// The keys of the parameter map, in the order in which they come first.
    pub keys: Vec<String>,
    /// Types of those that the catalog tells by the records in them.
    pub types: BTreeMap<String, &'static str>,
    /// Some clause takes the parameter map as a whole.
    pub whole: bool,
}

/// A record of the server, or of what it stands on.
struct Record {
    name: &'static str,
    /// What such records are in specs.
    ty: &'static str,
    /// The headers that declare it. So in 5.1.0, 6.0.0 and 6.1.0.
    headers: &'static [&'static str],
}

const RECORDS: [Record; 1] =
    [Record { name: "jid", ty: "jid:jid()", headers: &["jid.hrl", "jlib.hrl", "mod_event_pusher_events.hrl"] }];

/// The types of the keys in whose values the catalog sees records.
pub(super) fn types_of(contract: &Contract<'_>) -> BTreeMap<String, &'static str> {
    let computed = contract.arguments.iter().filter_map(|argument| match argument.given {
        Given::Computed(computed) => Some(computed),
        _ => None,
    });
    let fields = computed.flat_map(|computed| &computed.record);
    let ty = |(key, pattern): (&String, &String)| {
        let name = pattern.strip_prefix('#')?.split('{').next()?;
        let record = RECORDS.iter().find(|record| record.name == name)?;
        Some((key.clone(), record.ty))
    };
    fields.filter_map(ty).collect()
}

/// Which arguments some clause of a handler needs, the accumulator among them.
pub(super) fn needed(old: &Old<'_>) -> Result<Vec<bool>, String> {
    let mut needed = vec![false; old.handler.arity];
    for at in old.handler.clauses() {
        let head = Head::new(old, at, true)?;
        for (index, is_needed) in needed.iter_mut().enumerate() {
            *is_needed |= head.editor.argument(index).is_none_or(|node| head.is_needed(node));
        }
    }
    Ok(needed)
}

/// Lets the clauses of a handler take the new arguments.
///
/// # Errors
/// What decides which clause is taken has to be computed first, or a comment would be lost.
pub(super) fn rewrite(old: &Old<'_>, contract: &Contract<'_>) -> Result<Heads, String> {
    let taken = Taken { types: types_of(contract), ..Taken::default() };
    let mut heads = Heads { edits: Vec::new(), taken };
    let clauses = old.handler.clauses();
    for (at, next) in clauses.iter().zip(clauses.iter().skip(1).map(Some).chain([None])) {
        let is_last = next.is_none_or(|next| next.form != at.form);
        let mut clause = Head::new(old, at, is_last)?;
        clause.take(contract)?;
        clause.write()?;
        heads.taken.whole |= clause.whole.is_some();
        for (key, _) in &clause.fields {
            if !heads.taken.keys.contains(key) {
                heads.taken.keys.push(key.clone());
            }
        }
        heads.edits.extend(clause.editor.finish()?);
    }
    Ok(heads)
}

/// One clause's head.
struct Head<'a> {
    old: &'a Old<'a>,
    editor: ClauseEditor<'a>,
    /// No other clause could take what this one does not.
    is_last: bool,
    /// The pattern for the whole of the parameters.
    whole: Option<String>,
    /// The keys of the parameter map, each with its patterns.
    fields: Vec<(String, Vec<String>)>,
    extra: Vec<(String, String)>,
}

impl<'a> Head<'a> {
    fn new(old: &'a Old<'a>, at: &'a At, is_last: bool) -> Result<Self, String> {
        let editor = ClauseEditor::new(at).ok_or("a clause could not be parsed")?;
        Ok(Self { old, editor, is_last, whole: None, fields: Vec::new(), extra: Vec::new() })
    }

    /// Finds out what the clause needs of the new arguments.
    fn take(&mut self, contract: &Contract<'_>) -> Result<(), String> {
        let mut computed: Vec<&Computed> = Vec::new();
        for (index, argument) in contract.arguments.iter().enumerate() {
            let node = self.editor.argument(index).ok_or("a clause has too few arguments")?;
            if !self.is_needed(node) {
                continue;
            }
            match argument.given {
                Given::Accumulator => {}
                Given::Key(key) => self.field(key, self.pattern(node)),
                Given::Extra(key) => self.extra.push((key.to_owned(), self.pattern(node))),
                Given::Whole => self.whole = Some(self.pattern(node)),
                Given::Computed(it) if computed.contains(&it) => {}
                Given::Computed(it) => {
                    computed.push(it);
                    self.compute(it, &contract.arguments)?;
                }
            }
        }
        Ok(())
    }

    /// Whether anything depends on an argument.
    fn is_needed(&self, node: NodeId) -> bool {
        match self.editor.ast.expr(node) {
            Expr::Var(name) => name != "_" && !self.editor.uses(name, node).is_empty(),
            _ => true,
        }
    }

    /// A pattern as it is written; on one line, where nothing forbids it.
    fn pattern(&self, node: NodeId) -> String {
        on_one_line(self.editor.text(node))
    }

    fn field(&mut self, key: &str, pattern: String) {
        match self.fields.iter_mut().find(|(known, _)| known == key) {
            Some((_, patterns)) => patterns.push(pattern),
            None => self.fields.push((key.to_owned(), vec![pattern])),
        }
    }

    /// Takes arguments that have to be computed: by a record's pattern in the head, or first in the body.
    fn compute(&mut self, computed: &Computed, arguments: &[Argument<'_>]) -> Result<(), String> {
        let names = variables(&computed.pattern);
        let mut parts: BTreeMap<&str, NodeId> = BTreeMap::new();
        for (index, argument) in arguments.iter().enumerate() {
            if let (Some(node), true) = (self.editor.argument(index), names.contains(&argument.name)) {
                parts.insert(argument.name, node);
            }
        }
        if let Some(fields) = self.by_record(computed, &parts) {
            fields.into_iter().for_each(|(key, pattern)| self.field(&key, pattern));
            return Ok(());
        }
        if let Some((name, _)) = parts.iter().find(|(_, node)| self.decides(**node)) {
            return Err(format!("`{name}` decides which clause is taken, and has to be computed now"));
        }
        let expression = self.expression(computed, &parts)?;
        self.editor.put_first(expression);
        Ok(())
    }

    /// Whether a clause is taken or not because of what an argument is.
    fn decides(&self, node: NodeId) -> bool {
        let (ast, editor) = (self.editor.ast, &self.editor);
        let in_head = |(node, expr): (NodeId, &Expr)| match expr {
            Expr::Var(name) if name != "_" => editor.uses(name, node).into_iter().any(|other| editor.in_head(other)),
            _ => false,
        };
        !takes_anything(ast, node) || (!self.is_last && !ast.is_var(node)) || ast.descend([node]).any(in_head)
    }

    /// The fields with records' patterns that take what is needed, when the module knows the records.
    fn by_record(&self, computed: &Computed, parts: &BTreeMap<&str, NodeId>) -> Option<Vec<(String, String)>> {
        if computed.record.is_empty() {
            return None;
        }
        let mut taken = Vec::new();
        let mut fields = Vec::new();
        for (key, pattern) in &computed.record {
            let snippet = Snippet::parse(pattern)?;
            let Expr::Record { base: None, name, fields: of_record } = snippet.expr() else { return None };
            if !knows_record(self.old, name) {
                return None;
            }
            let mut written = Vec::new();
            for field in snippet.ast().fields(*of_record) {
                let (field_name, variable) = (snippet.ast().atom(field.key)?, snippet.ast().var(field.value?)?);
                let node = *parts.get(variable.as_str())?;
                taken.push(variable.clone());
                if self.is_needed(node) {
                    written.push(format!("{field_name} = {}", self.pattern(node)));
                }
            }
            fields.push((key.clone(), format!("#{name}{{{}}}", written.join(", "))));
        }
        parts.keys().all(|name| taken.iter().any(|known| known == name)).then_some(fields)
    }

    /// The match that gives the arguments of a pattern their values.
    fn expression(&mut self, computed: &Computed, parts: &BTreeMap<&str, NodeId>) -> Result<String, String> {
        let needed: Vec<(&str, NodeId)> =
            parts.iter().map(|(name, node)| (*name, *node)).filter(|(_, node)| self.is_needed(*node)).collect();
        if let [(name, node)] = needed[..]
            && let Some(alone) = computed.alone.get(name)
        {
            let value = self.value(computed, alone)?;
            return Ok(format!("{} = {value}", self.pattern(node)));
        }
        let value = self.value(computed, &computed.value)?;
        let pattern = substitute(&computed.pattern, |name| {
            let &node = parts.get(name)?;
            let is_named = self.editor.ast.var(node).is_some_and(|name| name.starts_with('_'));
            Some(if self.is_needed(node) || is_named { self.pattern(node) } else { "_".to_owned() })
        });
        Ok(format!("{pattern} = {value}"))
    }

    /// An expression of the catalog with the clause's own names, for which the head takes what it needs.
    fn value(&mut self, computed: &Computed, code: &str) -> Result<String, String> {
        let used = variables(code);
        let mut names: BTreeMap<String, String> = BTreeMap::new();
        for (key, pattern) in &computed.take {
            if !variables(pattern).iter().any(|name| used.contains(name)) {
                continue;
            }
            let known = self
                .fields
                .iter()
                .find(|(known, _)| known == key)
                .and_then(|(_, patterns)| patterns.iter().find(|text| variables(text) == [text.as_str()]).cloned());
            match known {
                Some(known) if variables(pattern) == [pattern.as_str()] => {
                    names.insert(pattern.clone(), known);
                }
                _ => {
                    for variable in variables(pattern) {
                        names.insert(variable.to_owned(), self.editor.fresh(variable));
                    }
                    self.field(key, substitute(pattern, |name| names.get(name).cloned()));
                }
            }
        }
        if used.contains(&ACCUMULATOR) && !names.contains_key(ACCUMULATOR) {
            let name = self.editor.named_argument(0, ACCUMULATOR);
            names.insert(ACCUMULATOR.to_owned(), name.ok_or("a macro uses the accumulator by its name")?);
        }
        Ok(substitute(code, |name| names.get(name).cloned()))
    }

    /// Writes the new head.
    fn write(&mut self) -> Result<(), String> {
        let ast = self.editor.ast;
        let (Some(&first), Some(&last)) =
            (ast.list(self.editor.clause.patterns).first(), ast.list(self.editor.clause.patterns).last())
        else {
            return Err("a clause has no arguments".to_owned());
        };
        let old = Span { start: ast.span(first).end, end: ast.span(last).end };
        let source = self.editor.at.module.source();
        if has_comment(source.slice(old)) {
            return Err("there is a comment between its arguments".to_owned());
        }
        let old = self.with_parentheses(old);
        let parameters = self.parameters();
        let extra = match &self.extra[..] {
            [] => vec![self.unused("_Extra")],
            taken => map(taken.iter().map(|(key, pattern)| format!("{key} := {pattern}")).collect(), None),
        };
        let text = self.laid_out(old, &[parameters, extra]);
        self.editor.replace(old, text);
        Ok(())
    }

    /// A name for an argument that is not used: one that the old head has may be the name of what goes.
    fn unused(&mut self, wanted: &str) -> String {
        let ast = self.editor.ast;
        let patterns = ast.list(self.editor.clause.patterns).iter().skip(1);
        let goes = |&&node: &&NodeId| ast.var(node).is_some_and(|name| name == wanted) && !self.is_needed(node);
        match patterns.filter(goes).count() {
            1 => wanted.to_owned(),
            _ => self.editor.fresh(wanted),
        }
    }

    /// The last argument can stand in parentheses.
    fn with_parentheses(&self, mut old: Span) -> Span {
        let text = self.editor.at.module.source().text();
        let patterns = self.editor.ast.list(self.editor.clause.patterns);
        let opened = patterns.last().map_or(old.start, |&last| self.editor.ast.span(last).start);
        let from = patterns.len().checked_sub(2).map_or(opened, |at| self.editor.ast.span(patterns[at]).end);
        let depth = Tokens::new(&text[from as usize..opened as usize], from as usize)
            .filter(|(token, _)| *token == Token::Punct(b'('))
            .count();
        let closing = Tokens::new(&text[old.end as usize..], old.end as usize).take(depth);
        for (_, span) in closing.take_while(|(token, _)| *token == Token::Punct(b')')) {
            old.end = span.end;
        }
        old
    }

    /// The parts of the pattern for the parameters.
    fn parameters(&mut self) -> Vec<String> {
        let fields: Vec<String> =
            self.fields.iter().map(|(key, patterns)| format!("{key} := {}", patterns.join(" = "))).collect();
        match &self.whole {
            Some(whole) if fields.is_empty() => vec![whole.clone()],
            None if fields.is_empty() => vec![self.unused("_Params")],
            whole => map(fields, whole.as_deref()),
        }
    }

    /// The new arguments behind the accumulator: on its line, where they fit, else below, and a map that is too long for
    /// a line with each of its parts on one.
    fn laid_out(&self, old: Span, arguments: &[Vec<String>]) -> String {
        let text = self.editor.at.module.source().text();
        let (start, end) = (old.start as usize, old.end as usize);
        let line = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let rest = text[end..].lines().next().unwrap_or("");
        let rest = rest.find("->").map_or(rest, |arrow| &rest[..arrow + 2]);
        let first = self.editor.argument(0).map_or(start, |node| self.editor.ast.span(node).start as usize);
        let opened = text[..first].rfind('\n').map_or(0, |at| at + 1);
        let margin: String = text[opened..first].chars().map(|it| if it == '\t' { '\t' } else { ' ' }).collect();
        let column = text[line..start].chars().count();
        Line { column, margin, behind: rest.chars().count() }.with(arguments)
    }
}

/// Whether a module can use a record: it does so already, or includes a header that declares it.
fn knows_record(old: &Old<'_>, record: &str) -> bool {
    let module = old.module();
    let headers = RECORDS.iter().find(|known| known.name == record).map_or(&[][..], |known| known.headers);
    let includes = |module: &Module| {
        let mut names = module.header().includes.iter().map(|it| it.path.rsplit('/').next().unwrap_or(""));
        names.any(|name| headers.contains(&name))
    };
    let declares = |module: &Module| module.header().records.iter().any(|(known, _)| known == record);
    let text = module.source().text();
    let uses = || {
        let tokens: Vec<(Token, &str)> =
            Tokens::new(text, 0).map(|(token, span)| (token, &text[span.range()])).collect();
        tokens.windows(2).any(|pair| pair[0].0 == Token::Punct(b'#') && pair[1] == (Token::Atom, record))
    };
    let mut all = old.context.modules.headers(module);
    all.push(std::sync::Arc::clone(module));
    all.iter().any(|it| includes(it) || declares(it)) || uses()
}
