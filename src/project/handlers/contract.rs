//! What a handler is called with, and what is expected of its result.

use crate::catalog::{Catalog, Positional};
use crate::project::eval::Style;

/// The form of a handler.
#[derive(Clone, Copy, Debug, Default)]
pub enum Contract {
    /// An accumulator, a map of parameters and one of extras; `{ok, Acc}` or `{stop, Acc}`.
    #[default]
    Map,
    /// An accumulator and positional arguments, which the catalog knows of the server's hooks. The result is the new
    /// accumulator itself, whatever it is, but for `{stop, Acc}` and the atom `stop`.
    Positional(Option<&'static Positional>),
}

impl Contract {
    /// Of a handler that is registered for a hook in this style.
    #[must_use]
    pub fn of(style: Style, hook: &str) -> Self {
        match style {
            Style::GenHook => Self::Map,
            Style::EjabberdHooks => Self::Positional(Catalog::embedded().positional(hook)),
        }
    }

    #[must_use]
    pub fn is_positional(self) -> bool {
        matches!(self, Self::Positional(_))
    }
}
