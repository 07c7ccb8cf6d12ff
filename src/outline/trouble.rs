//! What of a module could not be looked into, and why.

use crate::syntax::Refused;

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
