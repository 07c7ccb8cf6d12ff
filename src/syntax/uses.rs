//! What one form uses of other modules: the functions that it names, the record fields that it touches, and the
//! messages that it sends. Found by the query in `queries/uses.scm`, but for messages: in a row of operators, a pattern of one would
//! begin with each of them, and be looked at again with all that follows.

use std::ops::ControlFlow;
use std::sync::OnceLock;

use streaming_iterator::StreamingIterator;
use tree_sitter::{Node, Query, QueryCursor, QueryCursorOptions, QueryCursorState, QueryMatch, Tree};

use super::Refused;
use super::ast::Name;
use crate::source::Span;

/// Something that a form uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Use {
    Function(FunctionUse),
    Field(FieldUse),
    Message(MessageUse),
}

/// A function that is named with its module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionUse {
    pub module: Name,
    pub function: Name,
    pub arity: usize,
    pub how: How,
    /// From the module's name to the function's; for a fun and an import the whole.
    pub name: Span,
    /// The whole call, or whatever names the function.
    pub whole: Span,
    /// The call's first argument when that is an atom.
    pub first: Option<Name>,
}

/// How a function is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// `module:function(...)`
    Call,
    /// `fun module:function/arity`
    Fun,
    /// `module, function, [...]` in a row: to be applied, spawned, called on another node or started as a child.
    Applied,
    /// `-import`
    Import,
}

/// A field of a record, in whatever expression or pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldUse {
    pub record: Name,
    pub field: Name,
    /// The field's name.
    pub span: Span,
}

/// A message that is sent with `!` and whose tag stands in the source: an atom, or a tuple that starts with one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageUse {
    pub tag: Name,
    /// How many elements the tuple has; `None` for a mere atom.
    pub size: Option<usize>,
    pub receiver: Receiver,
    /// The message alone.
    pub message: Span,
    /// The whole expression.
    pub whole: Span,
}

/// To whom a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receiver {
    /// `self()`
    Own,
    /// A registered name.
    Named,
    Other,
}

impl Use {
    /// The same use in a text before which `by` bytes were put, or taken away.
    #[must_use]
    pub fn shifted(mut self, by: i64) -> Self {
        let spans = match &mut self {
            Use::Function(used) => [Some(&mut used.name), Some(&mut used.whole)],
            Use::Field(used) => [Some(&mut used.span), None],
            Use::Message(used) => [Some(&mut used.message), Some(&mut used.whole)],
        };
        spans.into_iter().flatten().for_each(|span| *span = span.shifted(by));
        self
    }
}

const QUERY: &str = include_str!("../../queries/uses.scm");

/// The query with the names of its captures.
struct Compiled {
    query: Query,
    captures: Vec<Capture>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Capture {
    Call,
    Fun,
    Applied,
    Import,
    Module,
    Function,
    Arity,
    Args,
    Record,
    Field,
    Unknown,
}

/// `None` when the query does not fit the grammar, which a test would say.
fn compiled() -> Option<&'static Compiled> {
    static COMPILED: OnceLock<Option<Compiled>> = OnceLock::new();
    let compile = || {
        let query = Query::new(&super::language(), QUERY).ok()?;
        let captures = query.capture_names().iter().map(|name| Capture::of(name)).collect();
        Some(Compiled { query, captures })
    };
    COMPILED.get_or_init(compile).as_ref()
}

impl Capture {
    fn of(name: &str) -> Self {
        match name.rsplit('.').next().unwrap_or(name) {
            "call" => Self::Call,
            "fun" => Self::Fun,
            "applied" => Self::Applied,
            "import" => Self::Import,
            "module" => Self::Module,
            "function" => Self::Function,
            "arity" => Self::Arity,
            "args" => Self::Args,
            "record" => Self::Record,
            "field" => Self::Field,
            _ => Self::Unknown,
        }
    }
}

/// How often the query asks, every hundred of its steps, whether it shall go on: so many times for each form and for each so many bytes of it. Of
/// 183,000 forms in Erlang's own libraries and MongooseIM none asks more than once in 160 bytes.
const LEAST_ASKED: usize = 20;
const BYTES_PER_ASKED: usize = 32;

/// How many uses may have begun and not ended yet, at any place in a form: all of them are looked at with each node.
const MOST_UNFINISHED: u32 = 500;

/// Why it is not known what a form uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unread {
    /// The grammar makes no tree of it. Nobody else need ask it again.
    NoTree(Refused),
    /// There is a tree, with more in it than can be looked for.
    TooMuch,
}

/// What a form uses, in source order. `text` is the form alone and `base` its offset in the file.
///
/// # Errors
/// The form is too long, nested too deeply or too involved to be analysed.
pub fn of_form(text: &str, base: usize) -> Result<Vec<Use>, Unread> {
    let tree = super::parse_tree(text).map_err(Unread::NoTree)?;
    let Some(compiled) = compiled() else { return Ok(Vec::new()) };
    let code = Code { text, base };
    let mut cursor = QueryCursor::new();
    cursor.set_match_limit(MOST_UNFINISHED);
    let allowed = LEAST_ASKED + text.len() / BYTES_PER_ASKED;
    let mut asked = 0;
    let mut go_on = |_: &QueryCursorState| {
        asked += 1;
        if asked > allowed { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let options = QueryCursorOptions::new().progress_callback(&mut go_on);
    let mut matches = cursor.matches_with_options(&compiled.query, tree.root_node(), text.as_bytes(), options);
    let mut found = Vec::new();
    while let Some(one) = matches.next() {
        found.extend(Match { compiled, found: one, code }.read());
    }
    drop(matches);
    if cursor.did_exceed_match_limit() || asked > allowed {
        // Some may be missing.
        return Err(Unread::TooMuch);
    }
    if text.contains('!') {
        code.messages(&tree, &mut found);
    }
    found.sort_by_key(Use::span);
    found.dedup();
    Ok(found)
}

impl Use {
    /// Where to point.
    #[must_use]
    pub fn span(&self) -> Span {
        match self {
            Use::Function(function) => function.name,
            Use::Field(field) => field.span,
            Use::Message(message) => message.message,
        }
    }
}

/// The text of a form, with its offset in the file.
#[derive(Clone, Copy)]
struct Code<'a> {
    text: &'a str,
    base: usize,
}

struct Match<'a, 't> {
    compiled: &'static Compiled,
    found: &'a QueryMatch<'a, 't>,
    code: Code<'a>,
}

impl<'t> Match<'_, 't> {
    fn read(&self) -> Option<Use> {
        if let (Some(record), Some(field)) = (self.node(Capture::Record), self.node(Capture::Field)) {
            let span = self.code.span(field, field);
            return Some(Use::Field(FieldUse { record: self.code.name(record), field: self.code.name(field), span }));
        }
        self.function().map(Use::Function)
    }

    fn function(&self) -> Option<FunctionUse> {
        let code = self.code;
        let (module, function) = (self.node(Capture::Module)?, self.node(Capture::Function)?);
        let named = code.span(module, function);
        let args = self.node(Capture::Args);
        let arity = match self.node(Capture::Arity) {
            Some(arity) => code.slice(arity).parse().ok()?,
            None => arguments(args?)?,
        };
        let (how, whole) = if let Some(call) = self.node(Capture::Call) {
            (How::Call, code.span(call, call))
        } else if let Some(fun) = self.node(Capture::Fun) {
            (How::Fun, code.span(fun, fun))
        } else if let Some(import) = self.node(Capture::Import) {
            (How::Import, code.span(import, import))
        } else {
            (How::Applied, code.span(module, args?))
        };
        let name = if matches!(how, How::Call | How::Applied) { named } else { whole };
        let first = args.and_then(|args| named_children(args).first().copied());
        let first = first.filter(|first| first.kind() == "atom").map(|first| code.name(first));
        Some(FunctionUse { module: code.name(module), function: code.name(function), arity, how, name, whole, first })
    }

    fn node(&self, capture: Capture) -> Option<Node<'t>> {
        let is = |index: u32| self.compiled.captures.get(index as usize) == Some(&capture);
        self.found.captures().iter().find(|found| is(found.index)).map(|found| found.node)
    }
}

impl Code<'_> {
    /// Everything in a tree that is sent with `!`.
    fn messages(self, tree: &Tree, found: &mut Vec<Use>) {
        let kind = super::language().id_for_node_kind("binary_op_expr", true);
        let mut cursor = tree.walk();
        loop {
            if cursor.node().kind_id() == kind {
                found.extend(self.message(cursor.node()).map(Use::Message));
            }
            if cursor.goto_first_child() {
                continue;
            }
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    return;
                }
            }
        }
    }

    /// What is sent, where the operator does that.
    fn message(self, send: Node<'_>) -> Option<MessageUse> {
        let is_sent = send.children(&mut send.walk()).any(|child| child.kind() == "!");
        let (receiver, message) = (send.child_by_field_name("lhs")?, send.child_by_field_name("rhs")?);
        let (tag, size) = match message.kind() {
            _ if !is_sent => return None,
            "atom" => (message, None),
            "tuple" => {
                let elements = named_children(message);
                (*elements.first()?, Some(elements.len()))
            }
            _ => return None,
        };
        if tag.kind() != "atom" {
            return None;
        }
        let receiver = match (receiver.kind(), self.slice(receiver)) {
            ("atom" | "macro_call_expr", _) => Receiver::Named,
            ("call", "self()") => Receiver::Own,
            _ => Receiver::Other,
        };
        let (message, whole) = (self.span(message, message), self.span(send, send));
        Some(MessageUse { tag: self.name(tag), size, receiver, message, whole })
    }

    fn span(self, first: Node<'_>, last: Node<'_>) -> Span {
        Span::new(self.base + first.start_byte(), self.base + last.end_byte())
    }

    fn slice(&self, node: Node<'_>) -> &str {
        self.text.get(node.byte_range()).unwrap_or("")
    }

    fn name(&self, node: Node<'_>) -> Name {
        Name::new(self.slice(node).trim_matches('\''))
    }
}

fn named_children<'t>(node: Node<'t>) -> Vec<Node<'t>> {
    node.named_children(&mut node.walk()).filter(|child| !child.is_extra()).collect()
}

/// How many arguments stand in parentheses or in a list; `None` for a list with a tail.
fn arguments(args: Node<'_>) -> Option<usize> {
    let children = named_children(args);
    children.iter().all(|child| child.kind() != "pipe").then_some(children.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uses(text: &str) -> Vec<Use> {
        of_form(text, 100).unwrap()
    }

    fn functions(text: &str) -> Vec<String> {
        let functions = uses(text).into_iter().filter_map(|it| match it {
            Use::Function(f) => Some(format!("{:?} {}:{}/{}", f.how, f.module, f.function, f.arity)),
            _ => None,
        });
        functions.collect()
    }

    #[test]
    fn the_query_fits_the_grammar() {
        let query = Query::new(&super::super::language(), QUERY).unwrap();
        for name in query.capture_names() {
            assert_ne!(Capture::of(name), Capture::Unknown, "{name}");
        }
    }

    #[test]
    fn functions_are_found_however_they_are_named() {
        assert_eq!(functions("f() -> m:g(), m:'H'(1, % one\n 2)."), ["Call m:g/0", "Call m:H/2"]);
        assert_eq!(functions("f() -> lists:foreach(fun m:g/1, L)."), ["Call lists:foreach/2", "Fun m:g/1"]);
        assert_eq!(functions("f(X) -> apply(m, g, [X, y])."), ["Applied m:g/2"]);
        assert_eq!(functions("f(N) -> rpc:call(N, m, g, [], 5)."), ["Call rpc:call/5", "Applied m:g/0"]);
        assert_eq!(functions("f() -> #{start => {m, g, [a]}}."), ["Applied m:g/1"]);
        assert_eq!(functions("-import(m, [g/1, h/2])."), ["Import m:g/1", "Import m:h/2"]);
        assert_eq!(functions("-define(STOP(P), m:stop(P))."), ["Call m:stop/1"]);
        assert_eq!(functions("f() -> ?assert(m:g(a:b()))."), ["Call m:g/1", "Call a:b/0"]);
    }

    #[test]
    fn what_names_no_function_is_not_one() {
        for text in [
            "f() -> g(), M:g(), m:F(), ?MODULE:g(), fun g/1, fun M:g/1.",
            "f(X) -> apply(m, g, X), apply(m, g, [a | X]).",
            "f() -> {m, g}, {m, g, h}.",
            "%% m:g()\nf() -> \"m:g()\".",
        ] {
            assert_eq!(functions(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn spans_count_from_the_base() {
        let Use::Function(call) = &uses("f() -> m:g(a, b).")[0] else { panic!() };
        assert_eq!((call.name, call.whole), (Span::new(107, 110), Span::new(107, 116)));
        assert_eq!(call.first.as_deref(), Some("a"));
        let Use::Function(fun) = &uses("f() -> fun m:g/2.")[0] else { panic!() };
        assert_eq!(fun.name, Span::new(107, 116));
    }

    #[test]
    fn fields_of_records() {
        let fields = |text: &str| -> Vec<String> {
            let fields = uses(text).into_iter().filter_map(|it| match it {
                Use::Field(it) => Some(format!("{}.{}", it.record, it.field)),
                _ => None,
            });
            fields.collect()
        };
        assert_eq!(fields("f(#s{a = 1, b = X}) -> X."), ["s.a", "s.b"]);
        assert_eq!(fields("f(S) -> S#s.a, S#s{b = 2}, #s.c."), ["s.a", "s.b", "s.c"]);
        assert_eq!(fields("f(S) -> (g(S))#s.a#t.b."), ["s.a", "t.b"]);
        assert_eq!(fields("f(#s{}, #{a := 1}) -> ok."), [""; 0]);
    }

    #[test]
    fn messages() {
        let messages = |text: &str| -> Vec<String> {
            let messages = uses(text).into_iter().filter_map(|it| match it {
                Use::Message(it) => Some(format!("{} {:?} {:?}", it.tag, it.size, it.receiver)),
                _ => None,
            });
            messages.collect()
        };
        assert_eq!(messages("f(P) -> P ! {route, A, B, C}."), ["route Some(4) Other"]);
        assert_eq!(messages("f(P) -> P!stop, self() ! {tick, 1}."), ["stop None Other", "tick Some(2) Own"]);
        assert_eq!(messages("f(P) -> ?SERVER ! go, srv ! go, P ! X, P ! {X, 1}."), ["go None Named", "go None Named"]);
    }

    #[test]
    fn broken_code_is_searched_as_far_as_it_goes() {
        assert_eq!(functions("f() -> m:g(), {a, ."), ["Call m:g/0"]);
        assert!(of_form(&format!("f() -> {}.", "[".repeat(1000)), 0).is_err());
    }

    #[test]
    fn what_takes_too_many_steps_to_look_through_is_refused() {
        let code = |bytes: usize| {
            let (begin, end) = ("fun() -> ".repeat(bytes / 13), "end ".repeat(bytes / 13));
            format!("-spec stats(binary()) {begin}-{end}> integer() | {{error, string()}}.")
        };
        assert!(of_form(&code(200), 0).is_ok());
        let long = of_form(&code(600_000), 0);
        assert!(matches!(long, Err(Unread::TooMuch)), "{long:?}");
    }
}
