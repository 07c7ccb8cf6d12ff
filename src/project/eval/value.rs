//! What an expression is known to be without running it.

use std::sync::Arc;

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
    Tuple(Arc<[Val]>),
    /// Items in order; a [`Value::Rest`] among them stands for any number of unknown ones.
    List(Arc<[Val]>),
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
    Choice(Arc<[Val]>),
    /// In a list: unknown further items, and why they are unknown.
    Rest(Arc<str>),
    /// Unknown, and why.
    Unknown(Arc<str>),
    /// Not looked at yet.
    Lazy(Arc<Lazy>),
}

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

impl Env {
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Val> {
        let mut scope = self.0.as_deref();
        while let Some(current) = scope {
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
            found.push((current.name.clone(), current.value.clone()));
            scope = current.outer.0.as_ref();
        }
        found
    }
}
