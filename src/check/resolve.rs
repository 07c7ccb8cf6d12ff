//! The handler of a registration, and what the inventory says of both.

use std::sync::Arc;

use super::analysis;
use crate::catalog::HookStatus;
use crate::finding::{Mfa, Place};
use crate::outline::Module;
use crate::project::eval::{Action, Style, UNKNOWN_ARITY};
use crate::project::handlers::{Contract, Handler};
use crate::project::registrations::{HandlerRef, Priority, Registration};
use crate::rules::Context;
use crate::syntax::ast::Name;

/// A registration's handler, looked up.
pub(super) enum Resolution<'a> {
    Handler(Box<Handler<'a>>),
    /// The function does not exist; the module is in the project.
    NoFunction,
    /// A fun that cannot be registered, with where its code stands.
    NotRegistrable(Option<Place>),
    Unknown(String),
}

pub(super) fn resolve<'a>(context: &Context<'a>, registration: &Registration) -> Resolution<'a> {
    let near = registration.module.source().path();
    let contract = Contract::of(registration.style, registration.hook.as_deref().unwrap_or_default());
    let lookup = |module: Arc<Module>, function: &Name, arity: i64| {
        let arity = usize::try_from(arity).unwrap_or(usize::MAX);
        if module.defines(function, arity) {
            let handler = Handler::new(context.modules, module, function.clone(), arity).with_contract(contract);
            Resolution::Handler(Box::new(handler))
        } else {
            Resolution::NoFunction
        }
    };
    match &registration.handler {
        HandlerRef::External { module, function, arity } if module == registration.module.name() => {
            lookup(Arc::clone(&registration.module), function, *arity)
        }
        HandlerRef::External { module, function, arity } => match context.modules.module(module, near) {
            Some(module) => lookup(module, function, *arity),
            None => Resolution::Unknown(format!("the module {module} is not part of the checked code")),
        },
        // A fun of any kind was good enough for `ejabberd_hooks`.
        HandlerRef::Local { function, arity } if registration.style == Style::EjabberdHooks => {
            lookup(Arc::clone(&registration.module), function, *arity)
        }
        HandlerRef::Local { function, arity } => match lookup(Arc::clone(&registration.module), function, *arity) {
            Resolution::Handler(handler) => Resolution::NotRegistrable(handler.head()),
            _ => Resolution::NotRegistrable(None),
        },
        HandlerRef::Inline => Resolution::NotRegistrable(Some(registration.tuple.clone())),
        HandlerRef::Unknown => {
            let why = registration.unresolved.clone();
            Resolution::Unknown(why.unwrap_or_else(|| "the handler is known only when the code runs".to_owned()))
        }
    }
}

/// Whether the hook and the handler of a registration are known.
pub(super) fn is_resolved(registration: &Registration, resolution: &Resolution<'_>) -> bool {
    let found = matches!(
        (&registration.handler, resolution),
        (_, Resolution::Handler(_)) | (HandlerRef::Local { .. } | HandlerRef::Inline, Resolution::NotRegistrable(_))
    );
    found && registration.unresolved.is_none()
}

pub(super) fn inventory_row(
    context: &Context<'_>,
    registration: &Registration,
    resolution: &Resolution<'_>,
) -> analysis::Registration {
    let fate = registration.hook.as_deref().map(|hook| context.upgrade.fate(hook));
    let custom = |hook: &str| context.options.hooks.iter().any(|known| known.name == hook);
    let status = match (&fate, registration.hook.as_deref()) {
        (Some(fate), Some(hook)) if fate.status == HookStatus::Unknown && custom(hook) => HookStatus::Unchanged,
        (Some(fate), _) => fate.status,
        (None, _) => HookStatus::Unknown,
    };
    let (handler, handler_place, why) = match (&registration.handler, resolution) {
        (_, Resolution::Handler(handler)) => (Some(handler.mfa()), handler.place(), None),
        (HandlerRef::External { module, function, arity }, resolution) => {
            let is_known = *arity != UNKNOWN_ARITY;
            let why = match resolution {
                Resolution::NoFunction if is_known => format!("{module} has no function {function}/{arity}"),
                Resolution::NoFunction => format!("what {module}:{function} is called with is not known"),
                Resolution::Unknown(why) => why.clone(),
                _ => "the handler is not known".to_owned(),
            };
            (is_known.then(|| mfa(module, function, *arity)), None, Some(why))
        }
        (HandlerRef::Local { function, arity }, Resolution::NotRegistrable(place)) => {
            (Some(mfa(registration.module.name(), function, *arity)), place.clone(), None)
        }
        (HandlerRef::Inline, Resolution::NotRegistrable(place)) => (None, place.clone(), None),
        (_, Resolution::Unknown(why)) => (None, None, Some(why.clone())),
        _ => (None, None, Some("the handler is not known".to_owned())),
    };
    let why = registration.unresolved.clone().or(why);
    analysis::Registration {
        place: registration.place.clone(),
        module: registration.module.name().to_string(),
        hook: registration.hook.as_ref().map(ToString::to_string),
        tag: registration.tag.to_string(),
        handler,
        handler_place,
        priority: match registration.priority {
            Priority::Known(number) => Some(number),
            Priority::Unknown(_) => None,
        },
        priority_source: match &registration.priority {
            Priority::Unknown(text) if !text.is_empty() => Some(text.clone()),
            _ => None,
        },
        action: match registration.action {
            Action::Add => analysis::Action::Add,
            Action::Delete => analysis::Action::Delete,
        },
        registered: registration.registered(),
        status,
        resolved: is_resolved(registration, resolution),
        why_unresolved: why,
        replacements: fate
            .map(|fate| fate.replacements.iter().map(|successor| successor.hook.name.clone()).collect())
            .unwrap_or_default(),
    }
}

fn mfa(module: &str, function: &str, arity: i64) -> Mfa {
    Mfa { module: module.to_owned(), function: function.to_owned(), arity: u8::try_from(arity).unwrap_or(u8::MAX) }
}
