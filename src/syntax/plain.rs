//! Functions of a plain shape, read straight from their tokens.
//!
//! Nearly all functions that anybody asks about are made of a few constructs whose tokens can mean one thing only. To
//! read these takes a fraction of what a grammar for the whole language takes, which follows several meanings until
//! one of them fails. Whatever is not known here, or could be an error, is left to the grammar: this reader gives up, and
//! says nothing. What it does read is, node by node, the tree that [`super::lower`] makes of the same text.

use super::ast::{
    Ast, Clause, Clauses, ComprehensionKind, Expr, Field, Fields, Item, Name, NodeId, Nodes, RecordFieldName,
};
use super::lower::{operator, string, unquote};
use super::scan::{Token, Tokens};
use crate::source::Span;

/// How deep expressions nest, and how many operators stand in one row: each is read one inside of the other. A third of what
/// [`super::lower`] takes, so that a form which it would cut is never read here.
const MAX_DEPTH: usize = 36;
const MAX_ROW: usize = 16;

/// Reads a function whose text starts at `base` in its file. `None` when it is not plain.
pub(super) fn read(text: &str, base: usize) -> Option<Ast> {
    if text.starts_with('-') {
        return None;
    }
    Reader::new(text, base)?.function()
}

struct Reader<'a> {
    text: &'a str,
    base: usize,
    tokens: Vec<(Token, Span)>,
    /// The next token.
    at: usize,
    ast: Ast,
    depth: usize,
    /// The items so far of the lists that are open, each list's behind those of the list around it.
    pending: Vec<NodeId>,
}

/// An expression with where it stands, parentheses around it included.
#[derive(Clone, Copy)]
struct Part {
    id: NodeId,
    start: u32,
    end: u32,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, base: usize) -> Option<Self> {
        let mut reader =
            Self { text, base, tokens: Vec::new(), at: 0, ast: Ast::default(), depth: 0, pending: Vec::new() };
        let mut tokens = Tokens::new(text, 0);
        while let Some((token, mut span)) = tokens.next() {
            if matches!(token, Token::Punct(_)) {
                // Each further character comes as a token, too.
                for _ in 1..length(&text.as_bytes()[span.range().start..]) {
                    span.end = tokens.next()?.1.end;
                }
            }
            reader.tokens.push((token, span));
        }
        Some(reader)
    }

    fn function(mut self) -> Option<Ast> {
        loop {
            let start = self.start()?;
            let name = self.atom()?;
            let clause = self.function_clause(start, Some(name.id))?;
            self.ast.items.push(Item::Clause(clause));
            if self.takes(".") {
                break;
            }
            self.expect(";")?;
        }
        (self.at == self.tokens.len()).then(|| self.ast.move_out())
    }

    // Tokens.

    fn next(&self) -> Option<(Token, &'a str)> {
        let (token, span) = *self.tokens.get(self.at)?;
        // A character behind `$` can have more bytes than its token.
        Some((token, self.text.get(span.range())?))
    }

    fn start(&self) -> Option<u32> {
        self.tokens.get(self.at).map(|(_, span)| span.start)
    }

    /// Where the token ends that was taken last.
    fn end(&self) -> u32 {
        self.tokens[self.at - 1].1.end
    }

    /// Whether a word or punctuation comes next.
    fn sees(&self, wanted: &str) -> bool {
        self.sees_behind(0, wanted)
    }

    /// The same of what stands so many tokens behind the next one.
    fn sees_behind(&self, tokens: usize, wanted: &str) -> bool {
        self.tokens.get(self.at + tokens).is_some_and(|(token, span)| {
            matches!(token, Token::Atom | Token::Punct(_)) && self.text.get(span.range()) == Some(wanted)
        })
    }

    fn takes(&mut self, wanted: &str) -> bool {
        let sees = self.sees(wanted);
        self.at += usize::from(sees);
        sees
    }

    fn expect(&mut self, wanted: &str) -> Option<()> {
        self.takes(wanted).then_some(())
    }

    // Nodes.

    fn push(&mut self, start: u32, end: u32, expr: Expr) -> Part {
        let id = self.ast.push(self.span(start, end), expr);
        Part { id, start, end }
    }

    /// A node that is the next token.
    fn push_token(&mut self, expr: Expr) -> Option<Part> {
        let (_, span) = *self.tokens.get(self.at)?;
        self.at += 1;
        Some(self.push(span.start, span.end, expr))
    }

    fn span(&self, start: u32, end: u32) -> Span {
        Span::new(self.base + start as usize, self.base + end as usize)
    }

    /// The list of what is pending from `start` on.
    fn settle(&mut self, start: usize) -> Nodes {
        let nodes = self.ast.push_nodes(&self.pending[start..]);
        self.pending.truncate(start);
        nodes
    }

    // Clauses.

    /// A clause of a function or fun, from its arguments on.
    fn function_clause(&mut self, start: u32, name: Option<NodeId>) -> Option<Clause> {
        self.expect("(")?;
        let patterns = self.list(")")?;
        self.guarded(start, name, patterns)
    }

    /// A clause of a `case`.
    fn branch(&mut self) -> Option<Clause> {
        let pattern = self.expr()?;
        let patterns = self.ast.push_nodes(&[pattern.id]);
        self.guarded(pattern.start, None, patterns)
    }

    /// A clause of an `if`.
    fn condition(&mut self) -> Option<Clause> {
        let start = self.start()?;
        let guard = self.guard()?;
        self.clause(start, None, Nodes::default(), guard)
    }

    fn guarded(&mut self, start: u32, name: Option<NodeId>, patterns: Nodes) -> Option<Clause> {
        let guard = if self.takes("when") { self.guard()? } else { Nodes::default() };
        self.clause(start, name, patterns, guard)
    }

    fn clause(&mut self, start: u32, name: Option<NodeId>, patterns: Nodes, guard: Nodes) -> Option<Clause> {
        self.expect("->")?;
        let body = self.sequence()?;
        let span = self.span(start, self.end());
        Some(Clause { span, name, patterns, guard, body, from_macro: None })
    }

    /// A clause of a `try` behind its `catch`. The exception's class and its stack are not part of the tree.
    fn exception(&mut self) -> Option<Clause> {
        let start = self.start()?;
        if self.sees_behind(1, ":") {
            self.word()?;
            self.expect(":")?;
        }
        let pattern = match self.next()? {
            (Token::Atom | Token::Var, _) => self.name()?,
            (Token::Punct(b'{'), _) => self.tuple()?,
            _ => return None,
        };
        if self.takes(":") {
            let (Token::Var, _) = self.next()? else { return None };
            self.word()?;
        }
        let patterns = self.ast.push_nodes(&[pattern.id]);
        self.guarded(start, None, patterns)
    }

    fn clauses(&mut self, mut one: impl FnMut(&mut Self) -> Option<Clause>) -> Option<Vec<Clause>> {
        let mut clauses = vec![one(self)?];
        while self.takes(";") {
            clauses.push(one(self)?);
        }
        Some(clauses)
    }

    /// The clauses of a construct, and its `end`.
    fn closed_clauses(&mut self, one: impl FnMut(&mut Self) -> Option<Clause>) -> Option<Clauses> {
        let clauses = self.clauses(one)?;
        self.expect("end")?;
        Some(self.ast.push_clauses(clauses))
    }

    /// All expressions of a guard, whatever joins them.
    fn guard(&mut self) -> Option<Nodes> {
        let start = self.pending.len();
        self.pend_sequence()?;
        while self.takes(";") {
            self.pend_sequence()?;
        }
        Some(self.settle(start))
    }

    /// Expressions with commas between.
    fn sequence(&mut self) -> Option<Nodes> {
        let start = self.pending.len();
        self.pend_sequence()?;
        Some(self.settle(start))
    }

    /// A list that is open already, to its closing bracket.
    fn list(&mut self, close: &str) -> Option<Nodes> {
        let start = self.pending.len();
        if !self.takes(close) {
            self.pend_sequence()?;
            self.expect(close)?;
        }
        Some(self.settle(start))
    }

    /// Puts expressions with commas between behind what is pending; returns the last one.
    fn pend_sequence(&mut self) -> Option<Part> {
        loop {
            let item = self.expr()?;
            self.pending.push(item.id);
            if !self.takes(",") {
                return Some(item);
            }
        }
    }

    // Expressions.

    fn expr(&mut self) -> Option<Part> {
        self.operation(0)
    }

    /// Operators that bind at least so strongly, with their operands.
    fn operation(&mut self, least: u8) -> Option<Part> {
        if self.depth == MAX_DEPTH {
            return None;
        }
        self.depth += 1;
        let mut left = self.operand()?;
        for _ in 0..MAX_ROW {
            let next = self.next().and_then(|(token, text)| Some((infix(token, text)?, text)));
            let Some((infix, text)) = next.filter(|(infix, _)| infix.strength >= least) else {
                self.depth -= 1;
                return Some(left);
            };
            self.at += 1;
            let right = self.operation(infix.strength + u8::from(!infix.to_the_right))?;
            let expr = match text {
                "=" => Expr::Match { left: left.id, right: right.id },
                _ => Expr::Binop { op: operator(text), left: left.id, right: right.id },
            };
            left = self.push(left.start, right.end, expr);
        }
        None
    }

    fn operand(&mut self) -> Option<Part> {
        let (token, text) = self.next()?;
        match (token, text) {
            (Token::Punct(_), "-") | (Token::Atom, "not") => self.prefixed(text == "-"),
            (Token::Punct(_), "(") => self.parenthesis(),
            (Token::Punct(_), "{") => self.tuple(),
            (Token::Punct(_), "[") => self.brackets(),
            (Token::Punct(_), "#") => self.hash(None),
            (Token::Punct(_), "<<") => self.binary(),
            (Token::Atom, "case") => self.case(),
            (Token::Atom, "if") => self.choice(),
            (Token::Atom, "begin") => self.block(),
            (Token::Atom, "fun") => self.fun(),
            (Token::Atom, "try") => self.attempt(),
            (Token::Atom, "catch") => self.caught(),
            (Token::Atom | Token::Var, _) | (Token::Punct(_), "?") => self.named(),
            _ => self.literal(),
        }
    }

    fn literal(&mut self) -> Option<Part> {
        let (token, text) = self.next()?;
        let expr = match token {
            Token::Number => number(text)?,
            // Triple quotes, sigils and escapes that can be wrong are left to the grammar.
            Token::String if is_plain_string(text) => string(text),
            Token::Char if matches!(text.as_bytes(), [b'$', byte] if byte.is_ascii_graphic() && *byte != b'\\') => {
                Expr::Char
            }
            _ => return None,
        };
        self.push_token(expr)
    }

    fn prefixed(&mut self, negative: bool) -> Option<Part> {
        let start = self.start()?;
        self.at += 1;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        let operand = self.operand()?;
        self.depth -= 1;
        let expr = match *self.ast.expr(operand.id) {
            Expr::Integer(Some(number)) if negative => Expr::Integer(Some(-number)),
            _ => Expr::Unop { operand: operand.id },
        };
        Some(self.push(start, operand.end, expr))
    }

    fn parenthesis(&mut self) -> Option<Part> {
        let start = self.start()?;
        self.at += 1;
        let inner = self.expr()?;
        self.expect(")")?;
        Some(Part { id: inner.id, start, end: self.end() })
    }

    fn tuple(&mut self) -> Option<Part> {
        let start = self.start()?;
        self.at += 1;
        let items = self.list("}")?;
        Some(self.push(start, self.end(), Expr::Tuple(items)))
    }

    /// A list, with or without a tail, or a comprehension.
    fn brackets(&mut self) -> Option<Part> {
        let start = self.start()?;
        self.at += 1;
        let first = self.pending.len();
        let mut tail = None;
        if !self.takes("]") {
            let last = self.pend_sequence()?;
            if self.takes("||") {
                return self.comprehension(start, first);
            }
            if self.takes("|") {
                let right = self.expr()?;
                // The grammar takes the last item and the tail for one thing first, which leaves a node behind.
                self.push(last.start, right.end, Expr::Union { left: last.id, right: right.id });
                tail = Some(right.id);
            }
            self.expect("]")?;
        }
        let items = self.settle(first);
        Some(self.push(start, self.end(), Expr::List { items, tail }))
    }

    /// A list comprehension whose template is pending from `template` on.
    fn comprehension(&mut self, start: u32, template: usize) -> Option<Part> {
        let qualifiers = self.pending.len();
        loop {
            let mut part = self.expr()?;
            if self.takes("<-") {
                let source = self.expr()?;
                part = self.push(part.start, source.end, Expr::Generator { pattern: part.id, source: source.id });
            }
            self.pending.push(part.id);
            if !self.takes(",") {
                break;
            }
        }
        self.expect("]")?;
        let made = self.ast.push_nodes(&self.pending[template..qualifiers]);
        let qualifiers = self.settle(qualifiers);
        self.pending.truncate(template);
        let expr = Expr::Comprehension { kind: ComprehensionKind::List, template: made, qualifiers };
        Some(self.push(start, self.end(), expr))
    }

    fn binary(&mut self) -> Option<Part> {
        let start = self.start()?;
        self.at += 1;
        let first = self.pending.len();
        let mut is_sized = false;
        if !self.takes(">>") {
            loop {
                is_sized |= self.element()?;
                if self.takes(">>") {
                    break;
                }
                self.expect(",")?;
            }
        }
        let expr = match self.pending[first..] {
            [] => Expr::Binary("".into()),
            [only] if !is_sized && let Expr::String(text) = self.ast.expr(only) => Expr::Binary(text.clone()),
            _ => Expr::Bits(self.ast.push_nodes(&self.pending[first..])),
        };
        self.pending.truncate(first);
        Some(self.push(start, self.end(), expr))
    }

    /// Puts an element of a binary, and its size, behind what is pending; returns whether it has a size.
    fn element(&mut self) -> Option<bool> {
        let value = self.segment()?;
        self.pending.push(value);
        let is_sized = self.takes(":");
        if is_sized {
            let size = self.segment()?;
            self.pending.push(size);
        }
        if self.takes("/") {
            self.atom_name()?;
            while self.takes("-") {
                self.atom_name()?;
            }
        }
        Some(is_sized)
    }

    /// What can stand in a binary without parentheses, or with them.
    fn segment(&mut self) -> Option<NodeId> {
        let part = match self.next()? {
            (Token::Var, _) => self.name()?,
            (Token::Punct(_), "(") => self.parenthesis()?,
            _ => self.literal()?,
        };
        Some(part.id)
    }

    fn case(&mut self) -> Option<Part> {
        let start = self.start()?;
        self.at += 1;
        let subject = self.expr()?.id;
        self.expect("of")?;
        let clauses = self.closed_clauses(Self::branch)?;
        Some(self.push(start, self.end(), Expr::Case { subject, clauses }))
    }

    fn choice(&mut self) -> Option<Part> {
        let start = self.start()?;
        self.at += 1;
        let clauses = self.closed_clauses(Self::condition)?;
        Some(self.push(start, self.end(), Expr::If { clauses }))
    }

    fn block(&mut self) -> Option<Part> {
        let start = self.start()?;
        self.at += 1;
        let items = self.sequence()?;
        self.expect("end")?;
        Some(self.push(start, self.end(), Expr::Block(items)))
    }

    fn attempt(&mut self) -> Option<Part> {
        let start = self.start()?;
        self.at += 1;
        let first = self.pending.len();
        self.pend_sequence()?;
        let of = if self.takes("of") { self.clauses(Self::branch)? } else { Vec::new() };
        let catch = if self.takes("catch") { self.clauses(Self::exception)? } else { Vec::new() };
        let after = if self.takes("after") { self.sequence()? } else { Nodes::default() };
        self.expect("end")?;
        if catch.is_empty() && after.is_empty() {
            return None;
        }
        let of = self.ast.push_clauses(of);
        let body = self.settle(first);
        let catch = self.ast.push_clauses(catch);
        Some(self.push(start, self.end(), Expr::Try { body, of, catch, after }))
    }

    fn caught(&mut self) -> Option<Part> {
        let start = self.start()?;
        self.at += 1;
        let inner = self.expr()?;
        Some(self.push(start, inner.end, Expr::Catch(inner.id)))
    }

    /// A fun with clauses, or the name of a function.
    fn fun(&mut self) -> Option<Part> {
        let start = self.start()?;
        self.at += 1;
        if self.sees("(") {
            let clauses = self.closed_clauses(|me| me.function_clause(me.start()?, None))?;
            return Some(self.push(start, self.end(), Expr::Fun { clauses }));
        }
        let mut function = self.name()?.id;
        let module = self.takes(":").then_some(function);
        if module.is_some() {
            function = self.name()?.id;
        }
        self.expect("/")?;
        let (Token::Number, digits) = self.next()? else { return None };
        let arity = self.push_token(number(digits)?)?.id;
        Some(self.push(start, self.end(), Expr::FunRef { module, function, arity }))
    }

    /// An atom, a variable or a macro, and what is called by this name or taken out of it.
    fn named(&mut self) -> Option<Part> {
        let is_var = self.next()?.0 == Token::Var;
        let head = if self.sees("?") { self.macro_use()? } else { self.name()? };
        if self.takes(":") {
            let (Token::Atom | Token::Var, _) = self.next()? else { return None };
            let function = self.name()?.id;
            return self.call(head.start, Some(head.id), function);
        }
        match self.next()?.1 {
            "(" => self.call(head.start, None, head.id),
            "#" if is_var => self.hash(Some(head)),
            _ => Some(head),
        }
    }

    fn macro_use(&mut self) -> Option<Part> {
        let start = self.start()?;
        let name = self.macro_name()?;
        if !self.takes("(") {
            return Some(self.push(start, self.end(), Expr::Macro { name, args: None }));
        }
        let args = Some(self.list(")")?);
        let used = self.push(start, self.end(), Expr::Macro { name, args });
        // What is called by it is not plain.
        (!self.sees("(")).then_some(used)
    }

    fn call(&mut self, start: u32, module: Option<NodeId>, function: NodeId) -> Option<Part> {
        self.expect("(")?;
        let args = self.list(")")?;
        Some(self.push(start, self.end(), Expr::Call { module, function, args }))
    }

    /// An atom, a variable or a macro without arguments.
    fn name(&mut self) -> Option<Part> {
        match self.next()? {
            (Token::Atom, _) => self.atom(),
            (Token::Var, _) => {
                let start = self.start()?;
                let name = self.word()?;
                Some(self.push(start, self.end(), Expr::Var(name)))
            }
            (Token::Punct(b'?'), _) => {
                let start = self.start()?;
                let name = self.macro_name()?;
                Some(self.push(start, self.end(), Expr::Macro { name, args: None }))
            }
            _ => None,
        }
    }

    fn macro_name(&mut self) -> Option<Name> {
        self.expect("?")?;
        self.word()
    }

    fn atom(&mut self) -> Option<Part> {
        let start = self.start()?;
        let name = self.atom_name()?;
        Some(self.push(start, self.end(), Expr::Atom(name)))
    }

    /// The name that an atom is, without a node for it.
    fn atom_name(&mut self) -> Option<Name> {
        if self.next()?.0 == Token::Atom { self.word() } else { None }
    }

    /// The name that an atom or variable is, without a node for it.
    fn word(&mut self) -> Option<Name> {
        let (Token::Atom | Token::Var, text) = self.next()? else { return None };
        self.at += 1;
        is_plain_name(text).then(|| unquote(text))
    }

    /// A map or record, or a field of a record; of this base, if there is one.
    fn hash(&mut self, base: Option<Part>) -> Option<Part> {
        let start = base.map_or(self.start()?, |base| base.start);
        self.at += 1;
        let base = base.map(|base| base.id);
        let expr = if self.takes("{") {
            Expr::Map { base, fields: self.fields(Self::map_field)? }
        } else {
            let name = self.atom_name()?;
            if self.takes(".") {
                let field = Box::new(RecordFieldName { record: name, field: self.atom_name()? });
                match base {
                    Some(base) => Expr::RecordField { base, field },
                    None => Expr::RecordIndex { field },
                }
            } else {
                self.expect("{")?;
                Expr::Record { base, name, fields: self.fields(Self::record_field)? }
            }
        };
        Some(self.push(start, self.end(), expr))
    }

    /// Fields to the closing brace.
    fn fields(&mut self, mut one: impl FnMut(&mut Self) -> Option<Field>) -> Option<Fields> {
        let mut fields = Vec::new();
        if !self.takes("}") {
            loop {
                fields.push(one(self)?);
                if self.takes("}") {
                    break;
                }
                self.expect(",")?;
            }
        }
        Some(self.ast.push_fields(fields))
    }

    fn map_field(&mut self) -> Option<Field> {
        let key = self.expr()?;
        let exact = self.takes(":=");
        if !exact {
            self.expect("=>")?;
        }
        let value = self.expr()?;
        Some(Field { span: self.span(key.start, value.end), key: key.id, value: Some(value.id), exact })
    }

    fn record_field(&mut self) -> Option<Field> {
        let key = match self.next()?.0 {
            Token::Atom | Token::Var => self.name()?,
            _ => return None,
        };
        let value = if self.takes("=") { Some(self.expr()?) } else { None };
        let end = value.map_or(key.end, |value| value.end);
        Some(Field { span: self.span(key.start, end), key: key.id, value: value.map(|it| it.id), exact: true })
    }
}

/// An operator between two operands.
struct Infix {
    strength: u8,
    /// Of several in a row, the last one comes first.
    to_the_right: bool,
}

fn infix(token: Token, text: &str) -> Option<Infix> {
    let (strength, to_the_right) = match (token, text) {
        (Token::Punct(_), "=") => (1, true),
        (Token::Punct(_), "!") => (2, true),
        (Token::Atom, "orelse") => (3, true),
        (Token::Atom, "andalso") => (4, true),
        (Token::Punct(_), "==" | "/=" | "=<" | "<" | ">=" | ">" | "=:=" | "=/=") => (5, false),
        (Token::Punct(_), "++" | "--") => (6, true),
        (Token::Punct(_), "+" | "-") | (Token::Atom, "bor" | "bxor" | "bsl" | "bsr" | "or" | "xor") => (7, false),
        (Token::Punct(_), "*" | "/") | (Token::Atom, "div" | "rem" | "band" | "and") => (8, false),
        _ => return None,
    };
    Some(Infix { strength, to_the_right })
}

/// How many characters the operator or bracket has that a text starts with.
fn length(text: &[u8]) -> usize {
    match text {
        [b'=', b':' | b'/', b'=', ..] | [b'<', b':', b'-' | b'=', ..] => 3,
        [b'=', b'>' | b'=' | b'<', ..]
        | [b'-', b'>' | b'-', ..]
        | [b':', b'=' | b':', ..]
        | [b'/' | b'>', b'=', ..]
        | [b'<', b'-' | b'=' | b'<', ..]
        | [b'+', b'+', ..]
        | [b'>', b'>', ..]
        | [b'|', b'|', ..] => 2,
        _ => 1,
    }
}

/// Whether a word is an atom or variable for certain: no keyword, no letters but the common ones, no escapes.
fn is_plain_name(text: &str) -> bool {
    let is_keyword = matches!(
        text,
        "after"
            | "and"
            | "andalso"
            | "band"
            | "begin"
            | "bnot"
            | "bor"
            | "bsl"
            | "bsr"
            | "bxor"
            | "case"
            | "catch"
            | "cond"
            | "div"
            | "else"
            | "end"
            | "fun"
            | "if"
            | "let"
            | "maybe"
            | "not"
            | "of"
            | "or"
            | "orelse"
            | "receive"
            | "rem"
            | "try"
            | "when"
            | "xor"
    );
    !is_keyword && text.bytes().all(|byte| byte.is_ascii() && byte != b'\\')
}

fn is_plain_string(text: &str) -> bool {
    text.starts_with('"') && !text.starts_with("\"\"\"") && !text.contains("\\x") && !text.contains("\\^")
}

/// Decimal digits, perhaps with a fraction.
fn number(text: &str) -> Option<Expr> {
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.split_once('.') {
        None if is_digits(text) => Some(Expr::Integer(text.parse().ok())),
        Some((whole, fraction)) if is_digits(whole) && is_digits(fraction) => Some(Expr::Float),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::scan::{FormKind, split};
    use crate::syntax::{lower, tree_of};

    const BASE: usize = 7;

    /// Whether a form is read here; if so, it must be what the grammar makes of it.
    fn is_plain(text: &str) -> bool {
        let Some(read) = read(text, BASE) else { return false };
        let lowered = lower::lower(&tree_of(text).unwrap(), text, BASE);
        assert_eq!(format!("{read:?}"), format!("{lowered:?}"), "{text}");
        true
    }

    #[test]
    fn plain_functions_are_read_as_the_grammar_reads_them() {
        for body in [
            "ok, X, 1, 1.5, $a, \"s\", \"s\\n\"",
            "'a b', {}, {a, B}, [], [a, B], [a, B | (T)], [(A) | T]",
            "<<>>, <<\"b\">>, <<\"b\"/utf8>>, <<X:8, Y:N/binary-unsigned, \"x\", (f(Z)):4>>",
            "#{}, #{a => 1, b := #{}}, M#{a := B = 1}, #r{}, #r{a = 1, _ = '_'}, R#r{a = 1}, R#r.a, #r.a",
            "f(), f(X)(), m:f(X, g()), ?MODULE:f(X), M:F(X), ?M, ?M(), ?LOG(x, #{a => b}), ?M(X):f()",
            "fun f/1, fun m:f/1, fun ?MODULE:f/3, fun M:F/3",
            "fun(X) -> X end, fun() when X -> g(), 1; (_) -> 2 end",
            "case X of a -> 1; B when B > 1, B < 2; B -> 2 end, if X, Y; Z -> 1; true -> 2 end, begin a, b end",
            "try f() of 1 -> 2 catch error:_:S -> S; throw:{x, _} -> y; Z -> z after z(), y end",
            "try f() after g() end, catch f(X), (catch X = Y)",
            "A = B = C, A ++ B ++ C, A - B - C * D, A ! B = C, not X andalso Y orelse -1 + Z =:= - - 2",
            "(A + B) * C, (((A))), X == (Y), A = -X#r.f, - m:f(X) div 2",
            "[X || X <- L, X > 1, {a, Y} <- Z], [A, B || _ <- [1, 2]]",
            "a % a comment (\n, b",
        ] {
            let is_all_plain = !body.contains(")()");
            assert_eq!(is_plain(&format!("f(A, #{{k := V}} = P) when A > 1; V ->\n {body}.")), is_all_plain, "{body}");
        }
        assert!(is_plain("f(0) -> a;\n'f'(_) when true -> b ."));
    }

    #[test]
    fn anything_else_is_left_to_the_grammar() {
        for text in [
            "-define(X, 1).",
            "f() -> receive X -> X after 1 -> 2 end.",
            "f() -> maybe ok ?= g() end.",
            "f() -> \"a\" \"b\".",
            "f() -> X \"b\".",
            "f() -> ~\"x\".",
            "f() -> \"\"\"\n x\n \"\"\".",
            "f() -> \"\\xZ\".",
            "f() -> 16#ff.",
            "f() -> $\\n.",
            "f() -> é.",
            "f(C) when C >= $ß, C =< $ÿ -> $À.",
            "f() -> ??X.",
            "f() -> << <<X>> || <<X>> <= B >>.",
            "f() -> #{K => V || K := V <- M}.",
            "f() -> fun F(X) -> F(X) end.",
            "f() -> try f() of X -> X end.",
            "f() -> a b.",
            "f() -> a\n\ng() -> b.",
            "f() -> end.",
            "f() -> .",
            "f() -> (a.",
            "f() -> a",
            "f",
            "",
        ] {
            assert!(!is_plain(text), "{text}");
        }
    }

    #[test]
    fn what_is_too_deep_or_too_long_is_left_to_the_grammar() {
        let nested = |depth: usize| format!("f() -> {}a{}.", "{".repeat(depth), "}".repeat(depth));
        assert!(is_plain(&nested(MAX_DEPTH - 1)) && !is_plain(&nested(MAX_DEPTH)));
        for operator in [" - ", " ++ "] {
            let row = |length: usize| format!("f() -> {}.", vec!["x"; length].join(operator));
            assert!(is_plain(&row(MAX_ROW)) && !is_plain(&row(10_000)));
        }
        assert!(!is_plain(&format!("f() -> {} x.", "not ".repeat(10_000))));
    }

    /// All modules of the corpus, and what becomes of them when single tokens are lost or doubled.
    #[test]
    fn the_corpus_is_read_as_the_grammar_reads_it() {
        let corpus = walkdir::WalkDir::new(concat!(env!("CARGO_MANIFEST_DIR"), "/corpus")).into_iter().flatten();
        let modules = corpus.filter(|entry| entry.path().extension().is_some_and(|extension| extension == "erl"));
        let (mut functions, mut plain) = (0, 0);
        for module in modules {
            let text = std::fs::read_to_string(module.path()).unwrap_or_default();
            for form in split(&text).forms.iter().filter(|form| form.kind == FormKind::Function) {
                let form = &text[form.span.range()];
                functions += 1;
                plain += usize::from(is_plain(form));
                // Every token would take too long.
                for (_, token) in Tokens::new(form, 0).skip(functions % 16).step_by(16) {
                    let (before, behind) = (&form[..token.range().end], &form[token.range().end..]);
                    is_plain(&format!("{}{behind}", &before[..token.range().start]));
                    is_plain(&format!("{before} {}{behind}", &form[token.range()]));
                }
            }
        }
        assert!(plain * 10 > functions * 9, "{plain} of {functions} functions");
    }
}
