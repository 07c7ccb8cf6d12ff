//! One handler on one hook, with all that can be asked about it.

use std::cell::OnceCell;

use crate::catalog::{HookFate, HookStatus, Upgrade};
use crate::project::handlers::Handler;
use crate::project::modules::Modules;
use crate::project::options::Options;
use crate::project::registrations::{Index, Registration};
use crate::rewrite::Fix;

/// What all rules can ask.
pub struct Context<'a> {
    pub upgrade: &'a Upgrade,
    pub modules: &'a Modules,
    pub options: &'a Options,
    /// Everything that the project registers.
    pub registered: Index<'a>,
}

/// One handler on one hook.
pub struct Serving<'a> {
    pub context: &'a Context<'a>,
    pub registration: &'a Registration,
    /// All that the same module registers.
    pub siblings: &'a [Registration],
    pub hook: &'a str,
    pub fate: HookFate<'a>,
    pub handler: &'a Handler<'a>,
    /// The registering module, or the handler, is written for the target release already.
    pub migrated: bool,
    /// The rewrite, once somebody asked.
    pub fix: OnceCell<Result<Fix, String>>,
}

impl Serving<'_> {
    /// The handler and its registrations rewritten for the target release, or why they cannot be.
    ///
    /// # Errors
    /// There is no rewrite that could be trusted; a sentence without its full stop says why.
    pub fn fix(&self) -> Result<Fix, String> {
        let fix = self.fix.get_or_init(|| match self.fate.change() {
            Some(change) => super::handler::fix(self, change),
            None => Err("nothing is known about how to rewrite it".to_owned()),
        });
        fix.clone()
    }

    #[must_use]
    pub fn status(&self) -> HookStatus {
        self.fate.status
    }

    /// The release that the code shall run on, as in `6.1.0`.
    #[must_use]
    pub fn target(&self) -> String {
        self.context.upgrade.to().to_string()
    }
}
