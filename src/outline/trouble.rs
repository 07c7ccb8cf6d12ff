//! What of a module could not be looked into, and why.

use std::sync::PoisonError;

use super::Module;
use crate::source::Span;
use crate::syntax::Refused;
use crate::syntax::uses::Unread;

/// What was wrong with a form that somebody wanted to look into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    Refused(Refused),
    Syntax,
    /// It was parsed; what it uses of other modules takes too many steps to find.
    Unsearched {
        bytes: usize,
    },
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Trouble::Refused(refused) => write!(f, "{refused}; it is left out"),
            Trouble::Syntax => f.write_str("this code could not be parsed; the code around it is analysed"),
            Trouble::Unsearched { bytes } => {
                write!(
                    f,
                    "what the form of {bytes} bytes uses of other modules takes too many steps to find; it is left out"
                )
            }
        }
    }
}

/// What takes too many steps to be found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GivenUp {
    /// What a function registers.
    Registrations,
    /// What a handler does with its hook, by where it is registered.
    Handler,
    /// What a module has besides: uses of the server's interfaces and the like.
    Module,
    /// What code would have to be instead.
    Rewrite,
}

impl std::fmt::Display for GivenUp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            GivenUp::Registrations => {
                "what this function registers takes too many steps to follow; what is found of it by then is analysed"
            }
            GivenUp::Handler => {
                "what the handler that is registered here does takes too many steps to follow; it is not judged"
            }
            GivenUp::Module => {
                "this module takes too many steps to look through; a part of what could be found in it is left out"
            }
            GivenUp::Rewrite => "to rewrite the code here takes too many steps; no fix is proposed",
        })
    }
}

impl Module {
    /// Of the forms that were parsed so far: those refused, and those with parts that the grammar could not parse.
    pub fn trouble(&self) -> impl Iterator<Item = (Span, Trouble)> {
        self.split_so_far().filter_map(|parsed| {
            let span = parsed.form.span;
            match (parsed.so_far().as_deref(), parsed.unread.get()) {
                (Some(Err(refused)), _) | (_, Some(Unread::NoTree(refused))) => {
                    Some((span, Trouble::Refused(*refused)))
                }
                (_, Some(Unread::TooMuch)) => Some((span, Trouble::Unsearched { bytes: span.len() })),
                (Some(Ok(ast)), None) => ast.errors.first().map(|&error| (error, Trouble::Syntax)),
                (None, None) => None,
            }
        })
    }

    /// Notes that something took too many steps to be found out about the code at a place.
    pub fn give_up(&self, span: Span, what: GivenUp) {
        self.given_up.lock().unwrap_or_else(PoisonError::into_inner).insert((span, what));
    }

    /// What took too many steps to be found out so far, by places.
    #[must_use]
    pub fn given_up(&self) -> Vec<(Span, GivenUp)> {
        self.given_up.lock().unwrap_or_else(PoisonError::into_inner).iter().copied().collect()
    }
}
