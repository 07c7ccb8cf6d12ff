//! Expressions and patterns.

use super::words::{infix, is_plain_name, is_plain_string, number};
use super::{MAX_DEPTH, MAX_ROW, Part, Reader};
use crate::syntax::ast::{ComprehensionKind, Expr, Field, Fields, Name, NodeId, Nodes, RecordFieldName};
use crate::syntax::lower::{operator, string, unquote};
use crate::syntax::scan::Token;

impl Reader<'_> {
    pub(super) fn expr(&mut self) -> Option<Part> {
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

    pub(super) fn tuple(&mut self) -> Option<Part> {
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
    pub(super) fn name(&mut self) -> Option<Part> {
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

    pub(super) fn atom(&mut self) -> Option<Part> {
        let start = self.start()?;
        let name = self.atom_name()?;
        Some(self.push(start, self.end(), Expr::Atom(name)))
    }

    /// The name that an atom is, without a node for it.
    fn atom_name(&mut self) -> Option<Name> {
        if self.next()?.0 == Token::Atom { self.word() } else { None }
    }

    /// The name that an atom or variable is, without a node for it.
    pub(super) fn word(&mut self) -> Option<Name> {
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
