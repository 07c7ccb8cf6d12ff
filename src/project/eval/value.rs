//! What an expression is known to be without running it.

use std::sync::Arc;

use crate::budget::spend;
use crate::finding::Place;
use crate::outline::{FormIndex, Module};
use crate::source::Span;
use crate::syntax::ast::{Ast, Clauses, Name, NodeId};

/// A piece of parsed code: a form, and the module in which it is compiled.
#[derive(Clone)]
pub struct Code {
    /// Where the text stands: a module, or a header for a macro's body.
    pub module: Arc<Module>,
    pub form: FormIndex,
    /// The module that is being compiled: what `?MODULE` and local calls mean.
    pub home: Arc<Module>,
}

impl Code {
    /// The form's tree, when the form could be parsed.
    #[must_use]
    pub fn ast(&self) -> Option<&Ast> {
        self.module.ast(self.form).ok()
    }

    #[must_use]
    pub fn place(&self, span: Span) -> Place {
        self.module.place(span)
    }
}

/// A value with the place in the source that it comes from.
#[derive(Clone)]
pub struct Val {
    pub value: Value,
    pub at: Place,
}

/// What is known of a value.
#[derive(Clone)]
pub enum Value {
    Atom(Name),
    Int(i64),
    /// A string's or plain binary's text.
    Text(Arc<str>),
    Tuple(Items),
    /// Items in order; a [`Value::Rest`] among them stands for any number of unknown ones.
    List(Items),
    Map(Arc<[(Val, Val)]>),
    /// `fun module:function/arity`, or `fun function/arity` of a module.
    Fun {
        module: Name,
        function: Name,
        arity: i64,
        external: bool,
    },
    Closure(Arc<Closure>),
    /// An argument of the function from which the analysis started.
    Param {
        name: Name,
    },
    /// One of several, by a condition that is not known.
    Choice(Items),
    /// In a list: unknown further items, and why they are unknown.
    Rest(Arc<str>),
    /// Unknown, and why.
    Unknown(Arc<str>),
    /// Not looked at yet.
    Lazy(Arc<Lazy>),
}

/// Values that share their place in memory with whoever has them as well.
#[derive(Clone)]
pub struct Items(Arc<[Val]>);

pub struct Closure {
    pub code: Code,
    pub clauses: Clauses,
    pub env: Env,
    /// Whether a call of it could register something.
    pub registers: bool,
}

/// An expression in its environment, looked at only when somebody asks for its value.
pub struct Lazy {
    pub code: Code,
    pub node: NodeId,
    pub env: Env,
    /// The value of this variable in this pattern, once the expression was matched against it.
    pub pick: Option<(NodeId, Name)>,
}

impl Val {
    #[must_use]
    pub fn new(value: Value, at: Place) -> Self {
        Self { value, at }
    }

    #[must_use]
    pub fn unknown(why: impl Into<Arc<str>>, at: Place) -> Self {
        Self::new(Value::Unknown(why.into()), at)
    }

    #[must_use]
    pub fn atom(&self) -> Option<&Name> {
        match &self.value {
            Value::Atom(name) => Some(name),
            _ => None,
        }
    }

    /// Takes out what consists of other values.
    fn take(&mut self) -> Option<Piece> {
        let nests = matches!(
            self.value,
            Value::Tuple(_) | Value::List(_) | Value::Map(_) | Value::Closure(_) | Value::Choice(_) | Value::Lazy(_)
        );
        nests.then(|| Piece::Value(std::mem::replace(&mut self.value, Value::Int(0))))
    }

    /// The source text that the value comes from.
    #[must_use]
    pub fn source_text(&self) -> &str {
        self.at.source.slice(self.at.span)
    }

    /// One value of several; the same when there is only one.
    #[must_use]
    pub fn choice(mut options: Vec<Val>, at: Place) -> Val {
        match options.len() {
            0 => Val::unknown("no branch can be taken", at),
            1 => options.remove(0),
            _ => Val::new(Value::Choice(options.into()), at),
        }
    }
}

/// Variables in scope: a list that closures and lazy values share.
#[derive(Clone, Default)]
pub struct Env(Option<Arc<Scope>>);

struct Scope {
    name: Name,
    value: Val,
    outer: Env,
}

/// What values consist of. They nest as deeply as code builds them up, from one variable to the next, so they are let go of one
/// after the other: to do it one inside of the other would take stack for each.
enum Piece {
    Value(Value),
    Scope(Arc<Scope>),
}

/// Takes apart what nobody else has.
fn let_go(mut pieces: Vec<Piece>) {
    while let Some(piece) = pieces.pop() {
        match piece {
            Piece::Scope(scope) => {
                if let Some(mut scope) = Arc::into_inner(scope) {
                    scope.take_apart(&mut pieces);
                }
            }
            Piece::Value(Value::Tuple(mut items) | Value::List(mut items) | Value::Choice(mut items)) => {
                items.take_apart(&mut pieces);
            }
            Piece::Value(Value::Map(mut entries)) => {
                let entries = Arc::get_mut(&mut entries).into_iter().flatten();
                pieces.extend(entries.flat_map(|(key, value)| [key.take(), value.take()]).flatten());
            }
            Piece::Value(Value::Lazy(lazy)) => {
                if let Some(mut lazy) = Arc::into_inner(lazy) {
                    pieces.extend(lazy.env.take());
                }
            }
            Piece::Value(Value::Closure(closure)) => {
                if let Some(mut closure) = Arc::into_inner(closure) {
                    pieces.extend(closure.env.take());
                }
            }
            Piece::Value(_) => {}
        }
    }
}

impl Scope {
    fn take_apart(&mut self, pieces: &mut Vec<Piece>) {
        pieces.extend(self.outer.take());
        pieces.extend(self.value.take());
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        let mut pieces = Vec::new();
        self.take_apart(&mut pieces);
        let_go(pieces);
    }
}

impl Drop for Lazy {
    fn drop(&mut self) {
        let_go(self.env.take().into_iter().collect());
    }
}

impl Drop for Closure {
    fn drop(&mut self) {
        let_go(self.env.take().into_iter().collect());
    }
}

impl Items {
    fn take_apart(&mut self, pieces: &mut Vec<Piece>) {
        pieces.extend(Arc::get_mut(&mut self.0).into_iter().flatten().filter_map(Val::take));
    }
}

impl Drop for Items {
    fn drop(&mut self) {
        let mut pieces = Vec::new();
        self.take_apart(&mut pieces);
        let_go(pieces);
    }
}

impl std::ops::Deref for Items {
    type Target = [Val];

    fn deref(&self) -> &[Val] {
        &self.0
    }
}

impl From<Vec<Val>> for Items {
    fn from(items: Vec<Val>) -> Self {
        Self(items.into())
    }
}

impl From<&[Val]> for Items {
    fn from(items: &[Val]) -> Self {
        Self(items.into())
    }
}

impl<const N: usize> From<[Val; N]> for Items {
    fn from(items: [Val; N]) -> Self {
        Self(items.into())
    }
}

impl FromIterator<Val> for Items {
    fn from_iter<I: IntoIterator<Item = Val>>(items: I) -> Self {
        Self(items.into_iter().collect())
    }
}

impl Env {
    fn take(&mut self) -> Option<Piece> {
        self.0.take().map(Piece::Scope)
    }

    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Val> {
        let mut scope = self.0.as_deref();
        while let Some(current) = scope {
            spend(1);
            if current.name == name {
                return Some(&current.value);
            }
            scope = current.outer.0.as_deref();
        }
        None
    }

    pub fn bind(&mut self, name: Name, value: Val) {
        let outer = std::mem::take(self);
        self.0 = Some(Arc::new(Scope { name, value, outer }));
    }

    /// The variables bound here and not in `before`, which this one was extended from.
    #[must_use]
    pub fn since(&self, before: &Env) -> Vec<(Name, Val)> {
        let stop = before.0.as_ref().map(Arc::as_ptr);
        let mut found = Vec::new();
        let mut scope = self.0.as_ref();
        while let Some(current) = scope {
            if Some(Arc::as_ptr(current)) == stop {
                break;
            }
            spend(1);
            found.push((current.name.clone(), current.value.clone()));
            scope = current.outer.0.as_ref();
        }
        found
    }
}
