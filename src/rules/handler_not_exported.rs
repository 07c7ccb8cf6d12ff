//! `handler-not-exported`.

use std::sync::Arc;

use super::common::fun_place;
use super::{Context, Rule};
use crate::budget::spend;
use crate::catalog::FunctionStatus;
use crate::finding::{Finding, Label, Rewrite};
use crate::migrate::registration::exports;
use crate::outline::Module;
use crate::project::eval::Style;
use crate::project::registrations::{HandlerRef, Registration};
use crate::rewrite::Fix;
use crate::suggest::closest;
use crate::syntax::ast::Name;
use crate::syntax::scan::FormKind;

rule! {
    /// Finds a handler that its module does not export, or does not have.
    ///
    /// ## Why it matters
    ///
    /// `gen_hook` asks whether the function is exported when the handler is added, and fails with
    /// `function_is_not_exported` if it is not. When that happens in `start/2`, the module does not start. The
    /// compiler cannot know.
    ///
    /// Among them are handlers of the server's own modules that left with their hooks, such as
    /// `fun mod_mam_pm:user_send_packet/3`.
    ///
    /// ## Example
    ///
    /// ```erlang
    /// -export([start/2, stop/1]).
    ///
    /// start(HostType, _Opts) ->
    ///     gen_hook:add_handler(remove_user, HostType, fun ?MODULE:remove_user/3, #{}, 50).
    /// ```
    ///
    /// ```erlang
    /// -export([start/2, stop/1]).
    /// -export([remove_user/3]).
    /// ```
    HandlerNotExported, "handler-not-exported", Error
}

const ARITY: usize = 3;

impl Rule for HandlerNotExported {
    declared!();

    fn judges(&self, _style: Style) -> bool {
        true
    }

    fn registration(&self, context: &Context<'_>, registration: &Registration, out: &mut Vec<Finding>) {
        let HandlerRef::External { module, function, arity } = &registration.handler else { return };
        let legacy = registration.style == Style::EjabberdHooks;
        // Of another number of arguments than three tells another rule.
        let Some(arity) = usize::try_from(*arity).ok().filter(|&arity| legacy || arity == ARITY) else { return };
        let near = registration.module.source().path();
        let owner = if module == registration.module.name() {
            Some(Arc::clone(&registration.module))
        } else {
            context.modules.module(module, near)
        };
        let finding = match owner {
            Some(owner) => self.in_project(context, registration, &owner, (function, arity)),
            None if legacy => None,
            None => self.in_server(context, registration, module, function),
        };
        let Some(mut finding) = finding else { return };
        finding.hook = registration.hook.as_ref().map(ToString::to_string);
        out.push(finding);
    }
}

fn export(owner: &Module, function: &Name) -> Result<Fix, String> {
    let edits = exports::export(owner, function, ARITY, None)?;
    Ok(Fix::new(format!("export `{function}/{ARITY}`"), edits.into_iter().collect()))
}

impl HandlerNotExported {
    fn in_project(
        &self,
        context: &Context<'_>,
        registration: &Registration,
        owner: &Arc<Module>,
        (function, arity): (&Name, usize),
    ) -> Option<Finding> {
        let is_defined = owner.defines(function, arity);
        // Nearly all handlers are as they should be, and the headers of their modules need not be read to know it.
        if (is_defined && owner.exports(function, arity)) || is_partly_hidden(context, owner) {
            return None;
        }
        let name = format!("{}:{function}/{arity}", owner.name());
        let legacy = registration.style == Style::EjabberdHooks;
        let consequence = match legacy {
            true => "each call of it fails with `undef`, which is logged as `hook_failed`",
            false => "`gen_hook` refuses it with `function_is_not_exported`, and what adds it does not start",
        };
        let finding = |what: &str| {
            let message = format!("`{name}` {what}: {consequence}");
            Finding::new(self.name(), self.severity(), fun_place(registration), message)
        };
        if is_defined {
            let mut finding = finding("is not exported")
                .label("not exported")
                .help(format!("-export([{function}/{arity}])."))
                .rewrite(Rewrite::Mechanical);
            if !legacy {
                finding = finding.fix(export(owner, function));
            }
            let head = owner.clauses(function, arity).first().and_then(|(ast, clause)| Some(ast.span(clause.name?)));
            finding.related.extend(head.map(|span| Label { place: owner.place(span), message: "it is here".into() }));
            return Some(finding);
        }
        let mut finding = finding("does not exist").label("no such function").rewrite(Rewrite::Advice);
        if let Some(meant) = similar(owner, function, arity) {
            finding = finding.help(format!("did you mean `{meant}`?"));
        }
        Some(finding)
    }

    /// A handler of the server that the target release no longer exports.
    fn in_server(
        &self,
        context: &Context<'_>,
        registration: &Registration,
        module: &Name,
        function: &Name,
    ) -> Option<Finding> {
        let fate = context.upgrade.function_fate(module, function, ARITY)?;
        if fate.status == FunctionStatus::Changed {
            return None;
        }
        let message = format!(
            "the server's `{module}:{function}/3` is gone in {}: `gen_hook` refuses the fun, and what adds it does not start",
            context.upgrade.to()
        );
        let mut finding = Finding::new(self.name(), self.severity(), fun_place(registration), message)
            .label("gone in the target release")
            .rewrite(Rewrite::Advice);
        if let Some(entry) = fate.entry() {
            if !entry.instead.is_empty() {
                finding = finding.help(format!("in its place there is `{}`", entry.instead));
            }
            finding = finding.evidence(&entry.evidence);
        }
        Some(finding)
    }
}

/// Whether functions or exports may come from where they are not seen: a parse transform, or a macro at top level.
fn is_partly_hidden(context: &Context<'_>, owner: &Arc<Module>) -> bool {
    let transformed = |module: &Arc<Module>| module.source().text().contains("parse_transform");
    let generated = |module: &Arc<Module>| module.forms().any(|(_, form)| form.kind == FormKind::Other);
    let gives = |header: &Arc<Module>| {
        header.forms().any(|(_, form)| form.kind == FormKind::Function) || !header.header().exports.is_empty()
    };
    transformed(owner) || generated(owner) || context.modules.headers(owner).iter().any(gives)
}

/// A function of the module that may have been meant: the same name with another arity, or nearly the same name.
fn similar(owner: &Module, function: &str, wanted: usize) -> Option<String> {
    if let Some(arity) = owner.arities(function).first() {
        return Some(format!("{function}/{arity}"));
    }
    let mut candidates: Vec<&str> = owner.function_names().map(Name::as_str).collect();
    // To look a name up takes some steps.
    spend(8 * candidates.len());
    candidates.retain(|name| owner.defines(name, wanted));
    // The index of functions has no order of its own.
    candidates.sort_unstable();
    closest(function, candidates).map(|name| format!("{name}/{wanted}"))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{check_rule, untouched};

    const RULE: &str = "handler-not-exported";

    #[test]
    fn a_handler_without_export() {
        check_rule(
            RULE,
            r#"
            -module(mod_a).
            -export([start/2, stop/1]).
            start(HostType, _) -> gen_hook:add_handlers(hooks(HostType)).
            stop(HostType) -> gen_hook:delete_handlers(hooks(HostType)).
            hooks(HostType) ->
                [{remove_user, HostType, fun ?MODULE:remove_user/3, #{}, 50}].
            %%                           ^^^^^^^^^^^^^^^^^^^^^^^^^ error[handler-not-exported]: `mod_a:remove_user/3` is not exported
            %%  = help: -export([remove_user/3]).
            %%  = rewrite: mechanical
            remove_user(Acc, _, _) -> {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn a_handler_that_does_not_exist() {
        check_rule(
            RULE,
            r#"
            -module(mod_a).
            -export([start/2, user_removed/3, registered/2]).
            start(HostType, _) ->
                gen_hook:add_handler(remove_user, HostType, fun ?MODULE:user_remvoed/3, #{}, 50),
            %%                                              ^^^^^^^^^^^^^^^^^^^^^^^^^^ error[handler-not-exported]: does not exist
            %% = help: did you mean `user_removed/3`?
                gen_hook:add_handler(register_user, HostType, fun ?MODULE:registered/3, #{}, 50).
            %%                                                ^^^^^^^^^^^^^^^^^^^^^^^^ error[handler-not-exported]: does not exist
            %% = help: did you mean `registered/2`?
            user_removed(Acc, _, _) -> {ok, Acc}.
            registered(Acc, _) -> {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn a_handler_in_another_module() {
        check_rule(
            RULE,
            r#"
            -module(mod_a).
            start(HostType, _) ->
                gen_hook:add_handler(remove_user, HostType, fun acme_users:removed/3, #{}, 50).
            %%                                              ^^^^^^^^^^^^^^^^^^^^^^^^ error[handler-not-exported]: `acme_users:removed/3` is not exported
            %% = related: it is here
            //- src/acme_users.erl
            -module(acme_users).
            -export([added/3]).
            added(Acc, _, _) -> {ok, Acc}.
            removed(Acc, _, _) -> {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn a_handler_of_the_server_that_is_gone() {
        check_rule(
            RULE,
            r#"
            -module(mod_a).
            start(HostType, _) ->
                gen_hook:add_handler(user_send_packet, HostType, fun mod_mam_pm:user_send_packet/3, #{}, 60).
            %%                                                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[handler-not-exported]: the server's `mod_mam_pm:user_send_packet/3` is gone in 6.1.0
            "#,
        );
    }

    #[test]
    fn exported_handlers_are_right() {
        untouched(
            RULE,
            r#"
            -module(mod_a).
            -compile([export_all, nowarn_export_all]).
            start(HostType, _) ->
                gen_hook:add_handler(remove_user, HostType, fun ?MODULE:removed/3, #{}, 50),
                gen_hook:add_handler(remove_user, HostType, fun acme_users:removed/3, #{}, 50),
                gen_hook:add_handler(remove_user, HostType, fun mod_last:remove_user/3, #{}, 50).
            removed(Acc, _, _) -> {ok, Acc}.
            //- src/acme_users.erl
            -module(acme_users).
            -export([ removed/3
                    , added/3 ]).
            removed(Acc, _, _) -> {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn functions_that_are_not_seen_may_exist() {
        untouched(
            RULE,
            r#"
            -module(mod_a).
            -include("handlers.hrl").
            start(HostType, _) ->
                gen_hook:add_handler(remove_user, HostType, fun ?MODULE:removed/3, #{}, 50),
                gen_hook:add_handler(remove_user, HostType, fun acme_gen:removed/3, #{}, 50).
            //- include/handlers.hrl
            -export([removed/3]).
            removed(Acc, _, _) -> {ok, Acc}.
            //- src/acme_gen.erl
            -module(acme_gen).
            -compile({parse_transform, acme_transform}).
            "#,
        );
    }
}
