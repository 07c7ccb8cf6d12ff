//! Saying with a map what was said with a list of pairs.
//!
//! The parts of a group are rewritten from the inside out: what is inside of a part has its new text when the part around it
//! is written. So each part is made without regard to others, and edits stay as small as the parts allow.

use std::collections::BTreeSet;

use super::calls::{Becomes, Taker};
use super::flow::{Facts, Flow, Key, generators, in_guard, is_pattern};
use super::goes::keeps_names;
use super::{Field, patterns};
use crate::migrate::api::tree::{Tree, Usage};
use crate::migrate::specs::Spec;
use crate::rewrite::{Edit, Fix};
use crate::source::Span;
use crate::syntax::ast::{Ast, Expr, NodeId, Op};
use crate::syntax::scan::{Token, Tokens};

/// How a part of a group has to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Job {
    /// A list in which pairs are written.
    Literal,
    /// A pattern that is one.
    Pattern,
    /// Two lists, put together.
    Append,
    /// A list of pairs that is made in another way.
    FromList,
    /// A map whose pairs were taken.
    OfMap,
    Call(Taker),
    /// Whoever gets it needs a list, in whatever order.
    ToList,
    ToOrderedList,
}

/// Why a person has to look at a list of which a map is made.
const LAST: &str = "of several values under the same name the last counts in a map, and the first did in the list";
const ORDER: &str = "a map's pairs come in an order of their own";

/// What is written so far.
pub struct Writer<'f, 'a, 'c> {
    pub flow: &'f Flow<'a, 'c>,
    field: Field<'c>,
    /// Spans that do not overlap, with what takes their place.
    edits: Vec<(Span, String)>,
    reasons: BTreeSet<String>,
    /// Names that were promised.
    taken: Vec<String>,
}

impl<'f, 'a, 'c> Writer<'f, 'a, 'c> {
    #[must_use]
    pub fn new(flow: &'f Flow<'a, 'c>, field: Field<'c>) -> Self {
        Self { flow, field, edits: Vec::new(), reasons: BTreeSet::new(), taken: Vec::new() }
    }

    /// # Errors
    /// A part cannot be said with a map; says which and why.
    pub fn fix(mut self, facts: &Facts) -> Result<Fix, String> {
        let mut jobs: Vec<(Key, Job)> = Vec::new();
        for &job in &facts.jobs {
            if !jobs.contains(&job) {
                jobs.push(job);
            }
        }
        let span = |((at, node), _): &(Key, Job)| self.flow.trees[*at].ast.span(*node);
        jobs.sort_by_key(|job| (span(job).len(), matches!(job.1, Job::ToList | Job::ToOrderedList)));
        for ((at, node), job) in jobs {
            let tree = &self.flow.trees[at];
            match job {
                Job::Literal => self.literal(tree, node)?,
                Job::Pattern => patterns::rewrite(&mut self, tree, node)?,
                Job::Append => self.append(tree, node)?,
                Job::FromList => self.make_map((at, node), tree)?,
                Job::OfMap => self.of_map(tree, node),
                Job::Call(taker) => self.call(tree, node, taker)?,
                Job::ToList => self.make_list(tree, node)?,
                Job::ToOrderedList => {
                    if !self.is_made_again((at, node), tree) {
                        self.because(ORDER);
                    }
                    self.make_list(tree, node)?;
                }
            }
        }
        let field = self.field;
        let module = self.flow.module;
        let first = facts.as_list.first().or(facts.as_either.first()).map_or("", |span| module.source().slice(*span));
        let first = first.lines().next().unwrap_or("").trim_end();
        let mut edits: Vec<Edit> =
            self.edits.iter().map(|(span, text)| Edit::replace(module.place(*span), text.clone())).collect();
        if let Some(form) = field.entry.field.as_ref().filter(|form| !form.types.is_empty()) {
            edits.extend(self.specs(facts, &form.types));
        }
        Ok(Fix::new(format!("take a map for `#{}.{}`: `{first}`", field.record, field.field), edits)
            .because(facts.open.iter().cloned().chain(self.reasons)))
    }

    // --- Texts ------------------------------------------------------------------------------------------

    /// A piece of the source as it is by now.
    #[must_use]
    pub fn text(&self, span: Span) -> String {
        let source = self.flow.module.source().text();
        let mut inside: Vec<&(Span, String)> = self.edits.iter().filter(|(it, _)| span.contains(*it)).collect();
        inside.sort_by_key(|(it, _)| (it.start, it.end));
        let (mut out, mut done) = (String::new(), span.start as usize);
        for (part, text) in inside {
            out.push_str(&source[done..part.start as usize]);
            out.push_str(text);
            done = part.end as usize;
        }
        out.push_str(&source[done..span.end as usize]);
        out
    }

    fn of(&self, tree: &Tree<'_>, node: NodeId) -> String {
        self.text(tree.ast.span(node))
    }

    /// Writes a piece anew; what was written inside of it is part of `text` or gone.
    pub fn set(&mut self, span: Span, text: impl Into<String>) {
        self.edits.retain(|(it, _)| !span.contains(*it));
        self.edits.push((span, text.into()));
    }

    pub fn because(&mut self, reason: impl Into<String>) {
        self.reasons.insert(reason.into());
    }

    pub fn fresh(&mut self, tree: &Tree<'_>, node: NodeId, wanted: &str) -> String {
        let name = tree.fresh(node, wanted, &self.taken);
        self.taken.push(name.clone());
        name
    }

    /// A text behind which `#{...}` can stand.
    fn as_base(&self, tree: &Tree<'_>, node: NodeId) -> String {
        let text = self.of(tree, node);
        if tree.ast.is_var(node) { text } else { format!("({text})") }
    }

    // --- Lists that are written -------------------------------------------------------------------------

    fn literal(&mut self, tree: &Tree<'_>, node: NodeId) -> Result<(), String> {
        let ast = tree.ast;
        let Expr::List { items, tail } = *ast.expr(node) else { return Ok(()) };
        let (span, items) = (ast.span(node), ast.list(items));
        if items.is_empty() {
            self.set(Span { start: span.start, end: span.start + 1 }, "#{");
            self.set(Span { start: span.end - 1, end: span.end }, "}");
            return Ok(());
        }
        let base = tail.map(|tail| self.as_base(tree, tail));
        let pairs = pairs(tree, items)?;
        self.names(tree, &pairs)?;
        let end = self.close(tree, span, items, tail)?;
        let width = base.as_ref().map_or(0, |base| if base.contains('\n') { 0 } else { base.chars().count() });
        self.items(tree, span, &pairs, width + 1, " =>")?;
        self.set(end, "}");
        self.set(Span { start: span.start, end: span.start + 1 }, format!("{}#{{", base.unwrap_or_default()));
        Ok(())
    }

    /// What closes a list, with its tail.
    ///
    /// # Errors
    /// There is a comment in it.
    pub fn close(
        &mut self,
        tree: &Tree<'_>,
        span: Span,
        items: &[NodeId],
        tail: Option<NodeId>,
    ) -> Result<Span, String> {
        let ast = tree.ast;
        if let Some((tail, &last)) = tail.zip(items.last()) {
            let gap = Span { start: ast.span(last).end, end: span.end };
            if tree.has_comment(gap, &[ast.span(tail)]) {
                return Err("there is a comment before the rest of the list".to_owned());
            }
            return Ok(gap);
        }
        Ok(Span { start: span.end - 1, end: span.end })
    }

    /// The pairs of a list, each as an association.
    ///
    /// # Errors
    /// There is a comment where it would be lost.
    pub fn items(
        &mut self,
        tree: &Tree<'_>,
        list: Span,
        pairs: &[Pair],
        pad: usize,
        arrow: &str,
    ) -> Result<(), String> {
        const COMMENT: &str = "there is a comment inside of a pair";
        let source = self.flow.module.source().text();
        let Some(first) = pairs.first() else { return Ok(()) };
        let hangs = source[list.start as usize..first.span.start as usize].contains('\n');
        for pair in pairs {
            let inside = Span { start: pair.span.start + 1, end: pair.span.end - 1 };
            let regions = tree.regions(inside, &[pair.name, pair.value]);
            let [name, value] = regions.as_slice() else { continue };
            let gap = |start: u32, end: u32| &source[start as usize..end as usize];
            let (before, between, behind) =
                (gap(inside.start, name.start), gap(name.end, value.start), gap(value.end, inside.end));
            let Some((left, right)) = between.split_once(',') else { return Err(COMMENT.to_owned()) };
            if [before, left, behind].iter().any(|it| !it.trim().is_empty()) {
                return Err(COMMENT.to_owned());
            }
            let line = source[..pair.span.start as usize].rfind('\n').map_or(0, |at| at + 1);
            let starts_line = source[line..pair.span.start as usize].trim().is_empty();
            let blanks = if starts_line && !hangs && pair.span != first.span { " ".repeat(pad) } else { String::new() };
            let space = if right.starts_with(char::is_whitespace) { "" } else { " " };
            self.set(Span { start: pair.span.start, end: name.start }, blanks);
            self.set(Span { start: name.end, end: value.start }, format!("{arrow}{space}{right}"));
            self.set(Span { start: value.end, end: pair.span.end }, "");
        }
        Ok(())
    }

    /// Whether names that stand together are different ones.
    fn names(&mut self, tree: &Tree<'_>, pairs: &[Pair]) -> Result<(), String> {
        let mut known: Vec<String> = Vec::new();
        for pair in pairs {
            match self.name(tree, pair.name) {
                Some(name) if known.contains(&name) => {
                    return Err(format!("{} is given twice, and stands in a map once", quoted(tree, pair.name)));
                }
                Some(name) => known.push(name),
                None if pairs.len() > 1 => {
                    let name = quoted(tree, pair.name);
                    self.because(format!("{name} may be one of the other names: {LAST}"));
                }
                None => {}
            }
        }
        Ok(())
    }

    /// A name as it is known: of a macro, what the module says that it stands for.
    fn name(&self, tree: &Tree<'_>, node: NodeId) -> Option<String> {
        match tree.ast.expr(node) {
            Expr::Binary(text) => Some(text.to_string()),
            Expr::Macro { name, args: None } => {
                let module = self.flow.module;
                let mut forms = module.header().defines.iter().filter(|it| it.name == *name);
                let (Some(only), None) = (forms.next(), forms.next()) else { return None };
                let ast = module.ast(only.form).ok()?;
                match ast.expr(ast.macro_body()?) {
                    Expr::Binary(text) => Some(text.to_string()),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn append(&mut self, tree: &Tree<'_>, node: NodeId) -> Result<(), String> {
        let ast = tree.ast;
        let Expr::Binop { left, right, .. } = *ast.expr(node) else { return Ok(()) };
        let span = ast.span(node);
        let whole = Span { start: span.start.min(ast.span(left).start), end: span.end.max(ast.span(right).end) };
        if tree.has_comment(whole, &[ast.span(left), ast.span(right)]) {
            return Err("there is a comment between two lists that are put together".to_owned());
        }
        let (first, second) = (self.of(tree, left), self.of(tree, right));
        let calls = |node: NodeId| ast.descend([node]).any(|(_, expr)| matches!(expr, Expr::Call { .. }));
        if calls(left) && calls(right) {
            self.because("what is on both sides of `++` is evaluated in the other order");
        }
        let text = if ast.is_var(right) && matches!(ast.expr(left), Expr::List { tail: None, .. }) {
            format!("{second}{}", shifted(&first, second.chars().count()))
        } else {
            format!("maps:merge({second}, {first})")
        };
        self.set(span, text);
        Ok(())
    }

    // --- Lists that are made, and lists that are needed -------------------------------------------------

    fn make_map(&mut self, (at, node): Key, tree: &Tree<'_>) -> Result<(), String> {
        const AROUND: &str = "maps:from_list(";
        let ast = tree.ast;
        let is_ours = |node: NodeId| self.flow.ids.contains_key(&(at, node));
        let unique = match *ast.expr(node) {
            Expr::Comprehension { qualifiers, .. } => {
                let generators = generators(ast, qualifiers);
                generators.is_empty() || keeps_names(ast, node) && generators.iter().all(|(_, source)| is_ours(*source))
            }
            Expr::Call { function, args, .. } => {
                ast.atom(function).is_some_and(|it| it == "filter")
                    && ast.list(args).get(1).copied().is_some_and(is_ours)
            }
            _ => false,
        };
        if !unique {
            self.because(LAST);
        }
        let text = shifted(&self.of(tree, node), AROUND.len());
        self.set(ast.span(node), format!("{AROUND}{text})"));
        Ok(())
    }

    /// Whether what is made of a list of pairs is such a value again, in which their order is lost.
    fn is_made_again(&self, (at, node): Key, tree: &Tree<'_>) -> bool {
        let generator = tree.parent(node).filter(|&it| matches!(tree.ast.expr(it), Expr::Generator { .. }));
        let made = tree.parent(generator.unwrap_or(node));
        made.is_some_and(|made| self.flow.ids.contains_key(&(at, made)))
    }

    fn of_map(&mut self, tree: &Tree<'_>, node: NodeId) {
        if let Expr::Call { args, .. } = *tree.ast.expr(node)
            && let Some(&map) = tree.ast.list(args).first()
        {
            let text = self.of(tree, map);
            self.set(tree.ast.span(node), text);
        }
    }

    fn make_list(&mut self, tree: &Tree<'_>, node: NodeId) -> Result<(), String> {
        if in_guard(tree, node) {
            return Err("it stands in a guard".to_owned());
        }
        let text = self.of(tree, node);
        self.set(tree.ast.span(node), format!("maps:to_list({text})"));
        Ok(())
    }

    // --- Calls ------------------------------------------------------------------------------------------

    fn call(&mut self, tree: &Tree<'_>, call: NodeId, taker: Taker) -> Result<(), String> {
        let ast = tree.ast;
        let Expr::Call { args, .. } = *ast.expr(call) else { return Ok(()) };
        let args = ast.list(args);
        let span = ast.span(call);
        if taker.by_position && !matches!(args.get(1).map(|&it| ast.expr(it)), Some(Expr::Integer(Some(1)))) {
            return Err(format!("{} looks at another element than the name", quoted(tree, call)));
        }
        let parts: Vec<Span> = args.iter().map(|&arg| ast.span(arg)).collect();
        if tree.has_comment(span, &parts) {
            return Err(format!("there is a comment in {}", quoted(tree, call)));
        }
        let text = match taker.becomes {
            Becomes::Code(code) => self.filled(tree, code, args),
            Becomes::Store => {
                let value = self.stored(tree, args)?;
                format!("{}#{{{} => {value}}}", self.as_base(tree, args[2]), self.of(tree, args[0]))
            }
            Becomes::Replace => {
                let value = self.stored(tree, args)?;
                if !ast.is_var(args[2]) || !is_plain_name(ast, args[0]) {
                    return Err(format!("{} changes what may not be there", quoted(tree, call)));
                }
                let (name, map) = (self.of(tree, args[0]), self.of(tree, args[2]));
                format!("case {map} of #{{{name} := _}} -> {map}#{{{name} => {value}}}; _ -> {map} end")
            }
            Becomes::Member => match pair_of(ast, args[0]) {
                Some((name, value)) => {
                    let [name, value, map] = [name, value, args[1]].map(|it| self.of(tree, it));
                    let text = format!("maps:find({name}, {map}) =:= {{ok, {value}}}");
                    if is_operand(tree, call) { format!("({text})") } else { text }
                }
                None => return self.make_list(tree, args[1]),
            },
            Becomes::Find => return self.find(tree, call, args),
            Becomes::Take => return self.take(tree, call, args),
            Becomes::ToList | Becomes::InOrder | Becomes::Filter => return Ok(()),
        };
        self.set(span, text);
        Ok(())
    }

    /// A table's code with the arguments in their places.
    fn filled(&self, tree: &Tree<'_>, code: &str, args: &[NodeId]) -> String {
        let mut parts = code.split('$');
        let mut text = parts.next().unwrap_or("").to_owned();
        for part in parts {
            let digits = part.bytes().take_while(u8::is_ascii_digit).count();
            let arg = part[..digits].parse().ok().and_then(|at: usize| args.get(at));
            text.push_str(&arg.map_or(String::new(), |&arg| self.of(tree, arg)));
            text.push_str(&part[digits..]);
        }
        text
    }

    /// The value that a pair of a name and a value stores under that name.
    fn stored(&self, tree: &Tree<'_>, args: &[NodeId]) -> Result<String, String> {
        match args.get(3).and_then(|&arg| pair_of(tree.ast, arg)) {
            Some((name, value)) if tree.text(name) == tree.text(args[0]) => Ok(self.of(tree, value)),
            _ => Err(format!("{} is not seen to have the name that is looked for", quoted(tree, args[3]))),
        }
    }

    fn find(&mut self, tree: &Tree<'_>, call: NodeId, args: &[NodeId]) -> Result<(), String> {
        let ast = tree.ast;
        let (name, map) = (self.of(tree, args[0]), self.of(tree, args[2]));
        if let Some(patterns) = patterns_on(tree, call) {
            let edits: Option<Vec<_>> = patterns.iter().map(|&it| self.found(tree, it, args[0])).collect();
            if let Some(edits) = edits {
                edits.into_iter().flatten().for_each(|(span, text)| self.set(span, text));
                self.set(ast.span(call), format!("maps:find({name}, {map})"));
                return Ok(());
            }
        }
        // Whether there is one.
        if let Some(parent) = tree.parent(call)
            && let Expr::Binop { op, left, right } = *ast.expr(parent)
        {
            let other = if left == call { right } else { left };
            let is_false = ast.atom(other).is_some_and(|atom| atom == "false");
            let not = match op {
                Op::Equal => Some("not "),
                Op::Differ => Some(""),
                _ => None,
            };
            if let Some(not) = not.filter(|_| is_false) {
                let text = format!("{not}maps:is_key({name}, {map})");
                let text = if !not.is_empty() && is_operand(tree, parent) { format!("({text})") } else { text };
                self.set(ast.span(parent), text);
                return Ok(());
            }
        }
        self.make_list(tree, args[2])
    }

    /// What takes the place of a pattern on what `lists:keyfind/3` gives; `None` when it may be matched with something else.
    fn found(&self, tree: &Tree<'_>, pattern: NodeId, name: NodeId) -> Option<Option<(Span, String)>> {
        let ast = tree.ast;
        let span = ast.span(pattern);
        match ast.expr(pattern) {
            Expr::Atom(atom) if atom == "false" => Some(Some((span, "error".to_owned()))),
            Expr::Var(it) if it == "_" => Some(None),
            Expr::Tuple(_) => {
                let (key, value) = pair_of(ast, pattern)?;
                let free = ast.var(key).is_some_and(|it| it.starts_with('_'));
                (free || tree.text(key) == tree.text(name))
                    .then(|| Some((span, format!("{{ok, {}}}", self.of(tree, value)))))
            }
            _ => None,
        }
    }

    fn take(&mut self, tree: &Tree<'_>, call: NodeId, args: &[NodeId]) -> Result<(), String> {
        let ast = tree.ast;
        let unclear = || format!("what is done with what {} gives is not seen", quoted(tree, call));
        let patterns = patterns_on(tree, call).ok_or_else(unclear)?;
        let mut edits = Vec::new();
        for pattern in patterns {
            let span = ast.span(pattern);
            match ast.expr(pattern) {
                Expr::Atom(atom) if atom == "false" => edits.push((span, "error".to_owned())),
                Expr::Var(it) if it == "_" => {}
                Expr::Tuple(items) if items.len() == 3 => {
                    let items = ast.list(*items);
                    let (key, value) = pair_of(ast, items[1]).ok_or_else(unclear)?;
                    let free = ast.var(key).is_some_and(|it| it.starts_with('_'));
                    let is_value = ast.atom(items[0]).is_some_and(|atom| atom == "value");
                    if !is_value || !(free || tree.text(key) == tree.text(args[0])) {
                        return Err(unclear());
                    }
                    edits.push((span, format!("{{{}, {}}}", self.of(tree, value), self.of(tree, items[2]))));
                }
                _ => return Err(unclear()),
            }
        }
        edits.into_iter().for_each(|(span, text)| self.set(span, text));
        let text = format!("maps:take({}, {})", self.of(tree, args[0]), self.of(tree, args[2]));
        self.set(ast.span(call), text);
        Ok(())
    }

    // --- Specifications ---------------------------------------------------------------------------------

    fn specs(&self, facts: &Facts, new: &str) -> Vec<Edit> {
        let mut edits: Vec<Edit> = Vec::new();
        for part in &facts.parts {
            for spec in Spec::of(self.flow.module, &part.function, part.arity) {
                let ty = match part.argument {
                    Some(index) => spec.argument(index).map(|ty| spec.meant(ty)),
                    None => Some(spec.meant(spec.signature.result)),
                };
                let is_list = |node: NodeId| match *spec.ast.expr(node) {
                    Expr::List { .. } => true,
                    Expr::Call { module: None, function, .. } => {
                        spec.ast.atom(function).is_some_and(|name| name == "list" || name == "nil")
                    }
                    _ => false,
                };
                let edit = ty.filter(|&ty| is_list(ty)).map(|ty| spec.replace(ty, new));
                edits.extend(
                    edit.filter(|edit| !edits.iter().any(|known| known.same(edit))).into_iter().collect::<Vec<_>>(),
                );
            }
        }
        edits
    }
}

/// A pair that is written in a list.
pub struct Pair {
    pub span: Span,
    pub name: NodeId,
    pub value: NodeId,
}

/// The items of a list, all of them pairs.
///
/// # Errors
/// One is none, as far as is seen.
pub fn pairs(tree: &Tree<'_>, items: &[NodeId]) -> Result<Vec<Pair>, String> {
    let ast = tree.ast;
    items
        .iter()
        .map(|&item| {
            let span = ast.span(item);
            let text = tree.module.source().text();
            let behind = Tokens::new(&text[span.end as usize..], span.end as usize).next();
            let in_parentheses = behind.is_some_and(|(token, _)| token == Token::Punct(b')'));
            match pair_of(ast, item) {
                Some((name, value)) if !in_parentheses => Ok(Pair { span, name, value }),
                _ => Err(format!("{} is an item of the list, and not written as a pair", quoted(tree, item))),
            }
        })
        .collect()
}

fn pair_of(ast: &Ast, node: NodeId) -> Option<(NodeId, NodeId)> {
    match *ast.expr(node) {
        Expr::Tuple(items) => match *ast.list(items) {
            [name, value] => Some((name, value)),
            _ => None,
        },
        _ => None,
    }
}

/// A node's text for a sentence.
pub fn quoted(tree: &Tree<'_>, node: NodeId) -> String {
    let text = tree.text(node);
    match text.split_once('\n') {
        Some((first, _)) => format!("`{} ...`", first.trim_end()),
        None => format!("`{text}`"),
    }
}

fn is_plain_name(ast: &Ast, node: NodeId) -> bool {
    matches!(ast.expr(node), Expr::Var(_) | Expr::Binary(_) | Expr::Macro { args: None, .. })
}

/// The patterns that a call's result is matched with, when nothing else is done with it.
fn patterns_on(tree: &Tree<'_>, call: NodeId) -> Option<Vec<NodeId>> {
    match *tree.ast.expr(tree.parent(call)?) {
        Expr::Case { subject, clauses } if subject == call => Some(tree.patterns(clauses)),
        Expr::Match { left, right } if right == call && !is_pattern(tree, call) => {
            let parent = tree.parent(call)?;
            // The match's own value is the call's.
            (tree.usage(parent) == Usage::Ignored).then(|| vec![left])
        }
        _ => None,
    }
}

fn is_operand(tree: &Tree<'_>, node: NodeId) -> bool {
    tree.parent(node).is_some_and(|parent| matches!(tree.ast.expr(parent), Expr::Binop { .. } | Expr::Unop { .. }))
}

/// A text of several lines that starts `by` columns further to the right.
fn shifted(text: &str, by: usize) -> String {
    let breaks = |(token, span): (Token, Span)| {
        matches!(token, Token::String | Token::Atom) && text[span.range()].contains('\n')
    };
    if Tokens::new(text, 0).any(breaks) {
        return text.to_owned();
    }
    text.replace('\n', &format!("\n{}", " ".repeat(by)))
}
