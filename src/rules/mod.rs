//! The rules: each a unit struct in a file named after it, whose doc comment is its documentation for users.
//!
//! A rule looks at one of four things: a [`Serving`] (one handler on one hook), a registration, a module, or a configuration of
//! the server.

use std::cell::OnceCell;
use std::sync::Arc;

use crate::catalog::Version;
use crate::finding::{Finding, Label, Place, Severity};
use crate::migrate::conditions;
pub use crate::migrate::serving::{Context, Serving};
use crate::outline::Module;
use crate::project::ejabberd;
use crate::project::eval::Style;
use crate::project::metrics::MetricText;
use crate::project::options::Options;
use crate::project::registrations::Registration;
use crate::project::server_config::ServerConfig;
use crate::syntax::uses::Use;

#[cfg(test)]
mod config_from_5_1_0_tests;
#[cfg(test)]
mod config_from_6_3_0_tests;
#[cfg(test)]
mod from_6_1_0_tests;
#[cfg(test)]
mod from_6_3_0_tests;
#[cfg(test)]
mod functions_over_steps_tests;
#[cfg(test)]
mod instrumentation_tests;
#[cfg(test)]
mod legacy_tests;
#[cfg(test)]
mod recent_functions_tests;
#[cfg(test)]
mod recent_tests;
#[cfg(test)]
pub(crate) mod testing;

/// Declares a rule: its documentation, its name and its severity.
macro_rules! rule {
    ($(#[doc = $doc:literal])+ $type:ident, $name:literal, $severity:ident) => {
        $(#[doc = $doc])+
        pub struct $type;

        impl $type {
            pub const NAME: &'static str = $name;
            pub const SEVERITY: crate::finding::Severity = crate::finding::Severity::$severity;
            pub const DOCUMENTATION: &'static str = concat!($($doc, "\n"),+);
        }
    };
}

/// Implements the parts of [`Rule`] that [`rule!`] declared.
macro_rules! declared {
    () => {
        fn name(&self) -> &'static str {
            Self::NAME
        }

        fn severity(&self) -> crate::finding::Severity {
            Self::SEVERITY
        }

        fn documentation(&self) -> &'static str {
            Self::DOCUMENTATION
        }
    };
}

/// One module with all that it registers.
pub struct ModuleView<'a> {
    pub context: &'a Context<'a>,
    pub module: &'a Arc<Module>,
    pub registrations: &'a [Registration],
    /// The module exports `hooks/1`, and whether that returns registrations.
    pub callback: Option<bool>,
    /// Offsets in the decoded text at which the prefilter found words of interfaces that changed.
    pub api_words: &'a [u32],
    /// The release that the module shows to be written for; see [`crate::project::style::written_for`].
    pub written_for: Version,
    /// What the module uses of the server, once somebody asked.
    pub uses: OnceCell<Vec<Use>>,
    /// Whether it is one of ejabberd's modules, once somebody asked.
    pub for_ejabberd: OnceCell<bool>,
}

impl ModuleView<'_> {
    /// Whether this is a module for ejabberd, whose interfaces have the same names.
    #[must_use]
    pub fn is_for_ejabberd(&self) -> bool {
        *self.for_ejabberd.get_or_init(|| ejabberd::is_for_ejabberd(self.module))
    }
}

/// A rule.
pub trait Rule: Sync {
    /// As users write it, as in `removed-hook`.
    fn name(&self) -> &'static str;

    /// Of most of its findings.
    fn severity(&self) -> Severity;

    /// Markdown: what it finds, why it matters, before and after.
    fn documentation(&self) -> &'static str;

    /// Whether it speaks only when it is selected by name.
    fn only_when_selected(&self) -> bool {
        false
    }

    /// Whether it can find anything with what a run was told.
    fn can_speak(&self, _options: &Options) -> bool {
        true
    }

    /// Whether handlers that are registered through this interface are its business.
    fn judges(&self, style: Style) -> bool {
        style == Style::GenHook
    }

    /// Looks at a handler on a hook.
    fn serving(&self, _serving: &Serving<'_>, _out: &mut Vec<Finding>) {}

    /// Looks at a hook for which a handler is added that is not known, or cannot be registered.
    fn unserved(&self, _context: &Context<'_>, _registration: &Registration, _hook: &str, _out: &mut Vec<Finding>) {}

    /// Looks at a registration.
    fn registration(&self, _context: &Context<'_>, _registration: &Registration, _out: &mut Vec<Finding>) {}

    /// Looks at a configuration of the server.
    fn server_config(&self, _context: &Context<'_>, _config: &ServerConfig, _out: &mut Vec<Finding>) {}

    /// Looks at a text in which metrics are named: a dashboard, or a rule for alerts.
    fn metrics(&self, _context: &Context<'_>, _text: &MetricText<'_>, _out: &mut Vec<Finding>) {}

    /// Looks at a module.
    fn module(&self, _module: &ModuleView<'_>, _out: &mut Vec<Finding>) {}
}

impl<'a> Serving<'a> {
    /// A finding about this handler, at `place`.
    #[must_use]
    pub fn finding(&self, rule: &dyn Rule, place: Place, message: impl Into<String>) -> Finding {
        Finding::new(rule.name(), rule.severity(), place, message).hook(self.hook).handler(self.handler.mfa())
    }

    /// A label that points from a handler to where it is registered.
    #[must_use]
    pub fn registered_here(&self) -> Label {
        let message = format!("`{}` is registered for `{}` here", self.handler.mfa(), self.hook);
        Label { place: self.registration.place.clone(), message }
    }

    /// A label that points from a registration to its handler.
    #[must_use]
    pub fn handler_here(&self) -> Option<Label> {
        let message = format!("the handler `{}`", self.handler.mfa());
        self.handler.head().map(|place| Label { place, message })
    }
}

mod changed_accumulator;
mod changed_function;
mod changed_meaning;
mod changed_params;
mod changed_record_field;
mod changed_stop;
mod common;
mod config_changed_default;
mod config_changed_type;
mod config_missing_module;
mod config_precondition;
mod config_removed_option;
mod config_removed_value;
mod config_renamed;
mod config_required_option;
mod config_unknown_module;
mod double_registration;
mod drop_result;
mod granular_hook;
mod handler_arity;
mod handler_not_exported;
mod legacy_handler;
mod legacy_registration;
mod legacy_run;
mod local_handler;
mod malformed_suppression;
mod metric_changed;
mod metric_removed;
mod metric_renamed;
mod metrics;
mod missing_clause;
mod reload_hooks;
mod removed_callback;
mod removed_function;
mod removed_header;
mod removed_hook;
mod removed_record_field;
mod removed_run;
mod required_module;
mod server_config;
mod split_hook;
pub mod suppressions;
mod unbalanced_registration;
mod unconfigured_module;
mod unknown_hook;
mod unresolved_registration;
mod untagged_result;
pub mod unused_suppression;
mod use_hooks_callback;
mod uses;
pub mod wrong_scope;

/// Every rule, in the order in which they are listed.
#[must_use]
pub fn all() -> &'static [&'static dyn Rule] {
    &[
        &removed_hook::RemovedHook,
        &changed_params::ChangedParams,
        &changed_accumulator::ChangedAccumulator,
        &changed_stop::ChangedStop,
        &changed_meaning::ChangedMeaning,
        &granular_hook::GranularHook,
        &missing_clause::MissingClause,
        &drop_result::DropResult,
        &untagged_result::UntaggedResult,
        &unknown_hook::UnknownHook,
        &wrong_scope::WrongScope,
        &handler_arity::HandlerArity,
        &handler_not_exported::HandlerNotExported,
        &local_handler::LocalHandler,
        &double_registration::DoubleRegistration,
        &unbalanced_registration::UnbalancedRegistration,
        &unresolved_registration::UnresolvedRegistration,
        &reload_hooks::ReloadHooks,
        &legacy_registration::LegacyRegistration,
        &legacy_handler::LegacyHandler,
        &legacy_run::LegacyRun,
        &required_module::RequiredModule,
        &removed_run::RemovedRun,
        &removed_function::RemovedFunction,
        &changed_function::ChangedFunction,
        &removed_callback::RemovedCallback,
        &removed_header::RemovedHeader,
        &removed_record_field::RemovedRecordField,
        &changed_record_field::ChangedRecordField,
        &use_hooks_callback::UseHooksCallback,
        &split_hook::SplitHook,
        &config_removed_option::ConfigRemovedOption,
        &config_renamed::ConfigRenamed,
        &config_removed_value::ConfigRemovedValue,
        &config_required_option::ConfigRequiredOption,
        &config_changed_type::ConfigChangedType,
        &config_missing_module::ConfigMissingModule,
        &config_precondition::ConfigPrecondition,
        &config_changed_default::ConfigChangedDefault,
        &config_unknown_module::ConfigUnknownModule,
        &unconfigured_module::UnconfiguredModule,
        &metric_removed::MetricRemoved,
        &metric_renamed::MetricRenamed,
        &metric_changed::MetricChanged,
        &malformed_suppression::MalformedSuppression,
        &unused_suppression::UnusedSuppression,
    ]
}

/// Whether a rule is asked in a run.
#[must_use]
pub fn runs(rule: &dyn Rule, options: &Options) -> bool {
    let wanted = &options.rules;
    let is_wanted = if rule.only_when_selected() { wanted.selected(rule.name()) } else { wanted.enabled(rule.name()) };
    is_wanted && rule.can_speak(options)
}

/// The names of all rules, as `--select`, `--ignore` and the configuration file spell them.
#[must_use]
pub fn names() -> Vec<&'static str> {
    all().iter().map(|rule| rule.name()).collect()
}

/// The address of a rule's page.
#[must_use]
pub fn page(name: &str) -> String {
    format!("{}/blob/main/docs/rules/{name}.md", env!("CARGO_PKG_REPOSITORY"))
}

/// A rule's documentation in Markdown.
#[must_use]
pub fn documentation(name: &str) -> Option<&'static str> {
    all().iter().find(|rule| rule.name() == name).map(|rule| rule.documentation())
}
