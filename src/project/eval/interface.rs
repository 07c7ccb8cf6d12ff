//! The interfaces of the server through which handlers are registered.

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    Add,
    Delete,
}

/// How a handler is added or deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct How {
    pub style: Style,
    pub action: Action,
    /// The function of the interface that does it, as in `add_handlers/1`, or `hooks/1`.
    pub through: &'static str,
}

impl How {
    pub(super) const fn gen_hook(action: Action, through: &'static str) -> Self {
        Self { style: Style::GenHook, action, through }
    }

    const fn ejabberd_hooks(action: Action, through: &'static str) -> Self {
        Self { style: Style::EjabberdHooks, action, through }
    }
}

/// Through which of the server's interfaces a handler is registered, and so what it takes and returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Style {
    /// `gen_hook`: an accumulator, a map of parameters and one of extras; a tagged result.
    GenHook,
    /// `ejabberd_hooks`: an accumulator and positional arguments; a bare result, or `stop`.
    EjabberdHooks,
}

/// What stands for an arity that a registration does not say.
pub const UNKNOWN_ARITY: i64 = -1;

/// Whether a function adds or deletes handlers.
#[must_use]
pub fn is_registering(module: &str, function: &str, arity: usize) -> bool {
    Interface::of(module).is_some_and(|interface| interface.how(function, arity).is_some())
}

/// A module through which handlers are registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Interface {
    GenHook,
    EjabberdHooks,
}

impl Interface {
    pub(super) fn of(module: &str) -> Option<Self> {
        match module {
            "gen_hook" => Some(Self::GenHook),
            "ejabberd_hooks" => Some(Self::EjabberdHooks),
            _ => None,
        }
    }

    pub(super) fn module(self) -> &'static str {
        match self {
            Self::GenHook => "gen_hook",
            Self::EjabberdHooks => "ejabberd_hooks",
        }
    }

    /// What a function of it does with handlers.
    pub(super) fn how(self, function: &str, arity: usize) -> Option<How> {
        use Action::{Add, Delete};
        Some(match (self, function, arity) {
            (Self::GenHook, "add_handler", 5) => How::gen_hook(Add, "add_handler/5"),
            (Self::GenHook, "add_handlers", 1) => How::gen_hook(Add, "add_handlers/1"),
            (Self::GenHook, "delete_handler", 5) => How::gen_hook(Delete, "delete_handler/5"),
            (Self::GenHook, "delete_handlers", 1) => How::gen_hook(Delete, "delete_handlers/1"),
            (Self::EjabberdHooks, "add", 1) => How::ejabberd_hooks(Add, "add/1"),
            (Self::EjabberdHooks, "add", 4) => How::ejabberd_hooks(Add, "add/4"),
            (Self::EjabberdHooks, "add", 5) => How::ejabberd_hooks(Add, "add/5"),
            (Self::EjabberdHooks, "delete", 1) => How::ejabberd_hooks(Delete, "delete/1"),
            (Self::EjabberdHooks, "delete", 4) => How::ejabberd_hooks(Delete, "delete/4"),
            (Self::EjabberdHooks, "delete", 5) => How::ejabberd_hooks(Delete, "delete/5"),
            _ => return None,
        })
    }

    /// How many arguments its functions take, the most usual number first.
    pub(super) fn arities(self) -> &'static [usize] {
        match self {
            Self::GenHook => &[1, 5],
            Self::EjabberdHooks => &[1, 5, 4],
        }
    }

    /// The function that adds handlers and takes so many arguments.
    pub(super) fn adding(self, arity: usize) -> Option<&'static str> {
        ["add", "add_handler", "add_handlers"].into_iter().find(|function| self.how(function, arity).is_some())
    }
}
