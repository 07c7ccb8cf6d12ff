//! One handler on one hook, with all that can be asked about it.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustc_hash::{FxHashMap, FxHashSet};

use super::api::message::Parties;
use super::legacy;
use crate::budget::{self, Purse, unmetered};
use crate::catalog::{Catalog, HookFate, HookStatus, Upgrade, Version};
use crate::project::eval::Style;
use crate::project::handlers::Handler;
use crate::project::modules::Modules;
use crate::project::options::Options;
use crate::project::registrations::{HandlerRef, Index, Priority, Registration};
use crate::project::runs;
use crate::project::trace::{self, Answers, Asked};
use crate::rewrite::Fix;
use crate::syntax::ast::Name;

/// The module through which handlers were registered before `gen_hook`.
pub const EJABBERD_HOOKS: &str = "ejabberd_hooks";

/// What all rules can ask.
pub struct Context<'a> {
    pub upgrade: &'a Upgrade,
    pub modules: &'a Modules,
    pub options: &'a Options,
    /// Everything that the project registers.
    pub registered: Index<'a>,
    /// See [`Context::changing_hooks`].
    changing: OnceLock<Vec<Name>>,
    /// The hooks that the project itself runs, found when somebody asks.
    runs: OnceLock<(FxHashSet<Name>, Asked)>,
    /// What is asked of handlers by many others.
    others: Arc<Others>,
    /// The project's own hooks that are run with `ejabberd_hooks`, and by whom, found when somebody asks.
    legacy_runs: OnceLock<(Vec<(Name, Name)>, Asked)>,
    /// Modules that use `ejabberd_hooks`, rewritten for `gen_hook`. Those that change together share one rewrite.
    legacy: Mutex<FxHashMap<Name, LegacyFix>>,
    /// Who sends and receives messages that changed, by what the messages were and are.
    parties: Mutex<FxHashMap<(String, String), OnceParties>>,
}

/// What is asked of a handler by many others. It holds as long as the project registers the same.
#[derive(Default)]
pub struct Others {
    moving: Answers<OtherKey, bool>,
    successors: Answers<OtherKey, Option<String>>,
}

/// A registration, and the release on the way to the target that the question is about.
type OtherKey = (Version, Option<Name>, HandlerRef, Priority, PathBuf);

impl Others {
    /// Forgets what may be otherwise now that a file has another text.
    pub fn forget(&self, file: usize, text: &str) {
        self.moving.forget(file, text);
        self.successors.forget(file, text);
    }

    pub fn clear(&self) {
        self.moving.clear();
        self.successors.clear();
    }
}

/// Found out once by whoever asks first.
pub type OnceParties = Arc<OnceLock<Parties>>;

/// A rewrite, made once by whoever asks first.
type LegacyFix = Arc<OnceLock<Result<Fix, String>>>;

/// One handler on one hook.
pub struct Serving<'a> {
    pub context: &'a Context<'a>,
    pub registration: &'a Registration,
    /// All that the same module registers.
    pub siblings: &'a [Registration],
    pub hook: &'a str,
    pub fate: HookFate<'a>,
    pub handler: &'a Handler<'a>,
    /// The registering module, or the handler, is written for what the hook last became.
    pub migrated: bool,
    /// The rewrite, once somebody asked.
    pub fix: OnceCell<Result<Fix, String>>,
}

impl<'a> Context<'a> {
    #[must_use]
    pub fn new(upgrade: &'a Upgrade, modules: &'a Modules, options: &'a Options, registered: Index<'a>) -> Self {
        Self {
            upgrade,
            modules,
            options,
            registered,
            changing: OnceLock::new(),
            runs: OnceLock::new(),
            others: Arc::default(),
            legacy_runs: OnceLock::new(),
            legacy: Mutex::default(),
            parties: Mutex::default(),
        }
    }

    /// The hooks of which something is known on the way, and to which the project adds handlers.
    #[must_use]
    pub fn changing_hooks(&self) -> &[Name] {
        self.changing.get_or_init(|| {
            let has_history = |hook: &&Name| self.upgrade.history(hook).next().is_some();
            let mut hooks: Vec<Name> = self.registered.hooks().filter(has_history).cloned().collect();
            hooks.sort_unstable();
            hooks
        })
    }

    /// Takes what was found out in an earlier run about handlers, and keeps there what is found out now.
    #[must_use]
    pub fn with_others(mut self, others: &Arc<Others>) -> Self {
        self.others = Arc::clone(others);
        self
    }

    /// Whether a handler moves to another hook as well.
    pub fn moves(&self, registration: &Registration, find_out: impl FnOnce() -> bool) -> bool {
        self.others.moving.get(self.key(registration), find_out)
    }

    /// The hook that a handler would move to.
    pub fn successor_of(
        &self,
        registration: &Registration,
        find_out: impl FnOnce() -> Option<String>,
    ) -> Option<String> {
        self.others.successors.get(self.key(registration), find_out)
    }

    fn key(&self, it: &Registration) -> OtherKey {
        let path = it.module.source().path().to_path_buf();
        (self.upgrade.to(), it.hook.clone(), it.handler.clone(), it.priority.clone(), path)
    }

    /// A module that uses `ejabberd_hooks`, with those that have to change together with it, rewritten for `gen_hook`; or
    /// why it cannot be. `None` when this run is not asked for fixes.
    #[must_use]
    pub fn legacy_fix(&self, module: &Name) -> Option<Result<Fix, String>> {
        if !self.options.fixes {
            return None;
        }
        let known = self.legacy.lock().unwrap_or_else(PoisonError::into_inner).get(module).cloned();
        let fix = known.unwrap_or_else(|| {
            let together = legacy::modules_with(self, module);
            let mut known = self.legacy.lock().unwrap_or_else(PoisonError::into_inner);
            // Whoever was faster has taken in all modules of the same group.
            let fix = known.entry(module.clone()).or_default().clone();
            for other in together {
                known.entry(other).or_insert_with(|| fix.clone());
            }
            fix
        });
        // Whoever asks first does it for all, and not out of what he has for himself.
        let make = || {
            let bytes = self.modules.module(module, Path::new("")).map_or(0, |it| it.source().text().len());
            let made = unmetered(|| Purse::of(bytes).spend(|| legacy::fix(self, module)));
            made.unwrap_or_else(|_| Err(TOO_INVOLVED.to_owned()))
        };
        Some(fix.get_or_init(make).clone())
    }

    /// Where it is kept who sends and receives a message that was one thing and is another now.
    #[must_use]
    pub fn parties(&self, old: &str, new: &str) -> OnceParties {
        let mut known = self.parties.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.entry((old.to_owned(), new.to_owned())).or_default())
    }

    /// The project's own hooks that are run with `ejabberd_hooks`, each with a module that does it.
    ///
    /// All files with that word are searched when this is first asked.
    #[must_use]
    pub fn legacy_runs(&self) -> &[(Name, Name)] {
        traced(&self.legacy_runs, || legacy::runs::own(self)).as_slice()
    }

    /// Whether `ejabberd_hooks` is there in the target release: the release still has it, or the project has a module of
    /// this name.
    #[must_use]
    pub fn has_ejabberd_hooks(&self) -> bool {
        let gone = Catalog::embedded().last_positional().is_some_and(|(_, without)| self.upgrade.to() >= without);
        !gone || self.modules.has(EJABBERD_HOOKS)
    }

    /// Whether the project itself runs a hook of this name.
    ///
    /// All files are searched when this is first asked, so ask only about names that the catalog does not have.
    #[must_use]
    pub fn runs_hook(&self, name: &str) -> bool {
        traced(&self.runs, || runs::find(self.modules)).contains(name)
    }
}

/// Why there is no rewrite where to make it takes too many steps.
pub(in crate::migrate) const TOO_INVOLVED: &str = "to rewrite the code takes too many steps";

/// What is found out once, and asked of files by all who use it.
fn traced<T>(kept: &OnceLock<(T, Asked)>, find_out: impl FnOnce() -> T) -> &T {
    let (found, asked) = kept.get_or_init(|| unmetered(|| trace::trace(find_out)));
    trace::absorb(asked);
    found
}

impl Serving<'_> {
    /// The handler and its registrations rewritten for the target release, or, in a sentence without its full stop, why
    /// they cannot be. `None` when this run is not asked for fixes, and for a handler of `ejabberd_hooks`, which changes with
    /// its whole module: see [`Context::legacy_fix`].
    #[must_use]
    pub fn fix(&self) -> Option<Result<Fix, String>> {
        let fix = self.wants_fix().then(|| {
            self.fix.get_or_init(|| match self.fate.change() {
                // Without a rewrite there is still something to be said, and that must not be out of reach then.
                Some(change) => {
                    let made = budget::within_half(|| crate::migrate::handler::fix(self, change));
                    made.unwrap_or_else(|_| Err(TOO_INVOLVED.to_owned()))
                }
                None => Err("nothing is known about how to rewrite it".to_owned()),
            })
        });
        fix.cloned()
    }

    /// Whether this run is asked for fixes, and the handler can have one of its own.
    #[must_use]
    pub fn wants_fix(&self) -> bool {
        self.context.options.fixes && !self.is_legacy()
    }

    /// Whether the handler is registered with `ejabberd_hooks`, and so takes positional arguments.
    #[must_use]
    pub fn is_legacy(&self) -> bool {
        self.registration.style == Style::EjabberdHooks
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
