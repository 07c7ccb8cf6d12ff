//! `wrong-scope`.

use super::{Context, Rule};
use crate::catalog::{HookStatus, Scope};
use crate::finding::{Finding, Rewrite};
use crate::project::eval::{Action, Style};
use crate::project::registrations::{Registration, Tag};

rule! {
    /// Finds a handler that is registered for a host type while its hook is run globally, or the other way round.
    ///
    /// ## Why it matters
    ///
    /// A handler is looked up under the hook's name *and* the tag with which the hook is run. With another tag it is
    /// registered without complaint and never called. Tags other than `global` and a host type's binary are refused when
    /// the handler is added.
    ///
    /// ## Example
    ///
    /// `auth_failed` is run for the host type of the user who failed:
    ///
    /// ```erlang
    /// gen_hook:add_handler(auth_failed, global, fun ?MODULE:count/3, #{}, 50)
    /// ```
    ///
    /// ```erlang
    /// gen_hook:add_handler(auth_failed, HostType, fun ?MODULE:count/3, #{}, 50)
    /// ```
    WrongScope, "wrong-scope", Error
}

impl Rule for WrongScope {
    declared!();

    fn judges(&self, _style: Style) -> bool {
        true
    }

    fn registration(&self, context: &Context<'_>, registration: &Registration, out: &mut Vec<Finding>) {
        let Some(hook) = registration.hook.as_deref() else { return };
        if registration.action == Action::Delete {
            return;
        }
        let finding = |message: String| {
            Finding::new(self.name(), self.severity(), registration.place.clone(), message).hook(hook)
        };
        match (&registration.tag, scope(context, hook)) {
            (Tag::Other(tag), _) => {
                let message = format!(
                    "`{tag}` is no host type, and not `global`: adding this handler for `{hook}` fails with `function_clause`"
                );
                out.push(finding(message).label(format!("with the tag `{tag}`")).rewrite(Rewrite::Advice));
            }
            (Tag::Global, Some(Scope::HostType)) => {
                let message =
                    format!("`{hook}` is run for a host type, and this handler is `global`: it is never called");
                let help = "register it with the host type that `start/2` gets";
                out.push(finding(message).label("registered as `global`").help(help).rewrite(Rewrite::Suggestion));
            }
            (Tag::HostType(tag), Some(Scope::Global)) if is_host_type(tag) => {
                let message = format!(
                    "`{hook}` is run globally, and this handler is for the host type `{tag}`: it is never called"
                );
                let help = "register it once, with `global` in place of the host type";
                let label = format!("registered for `{tag}`");
                out.push(finding(message).label(label).help(help).rewrite(Rewrite::Suggestion));
            }
            _ => {}
        }
    }
}

/// For whom a hook is run in the target release, as far as is known.
fn scope(context: &Context<'_>, hook: &str) -> Option<Scope> {
    let fate = context.upgrade.fate(hook);
    match fate.status {
        // That it is never called is told by another rule.
        HookStatus::Removed => None,
        HookStatus::Unknown => context.options.hooks.iter().find(|declared| declared.name == hook)?.scope,
        _ => fate.hook().map(|hook| hook.scope),
    }
}

/// Whether a tag is a host type for sure: a binary, or something that is named so. A variable `Tag` could be `global`.
fn is_host_type(tag: &str) -> bool {
    tag.starts_with("<<") || tag.to_lowercase().contains("host")
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{Case, check_rule, untouched};

    const RULE: &str = "wrong-scope";

    #[test]
    fn global_for_a_hook_of_host_types() {
        check_rule(
            RULE,
            r#"
            -module(mod_a).
            start(HostType, _Opts) ->
                gen_hook:add_handlers(global_hooks()).
            stop(_) ->
                gen_hook:delete_handlers(global_hooks()).
            global_hooks() ->
                [{s2s_send_packet, global, fun ?MODULE:sent/3, #{}, 25},
                 {auth_failed, global, fun ?MODULE:failed/3, #{}, 25}].
            %%    ^^^^^^^^^^^ error[wrong-scope]: `auth_failed` is run for a host type, and this handler is `global`
            %% = help: register it with the host type
            %% = handler: mod_a:failed/3
            sent(Acc, _, _) -> {ok, Acc}.
            failed(Acc, _, _) -> {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn a_host_type_for_a_global_hook() {
        check_rule(
            RULE,
            r#"
            -module(mod_a).
            hooks(HostType) ->
                [{node_cleanup, HostType, fun ?MODULE:down/3, #{}, 50}].
            %%    ^^^^^^^^^^^^ error[wrong-scope]: for the host type `HostType`: it is never called
            start(HostType, _) -> gen_hook:add_handlers(hooks(HostType)).
            start_other() ->
                gen_hook:add_handler(node_cleanup, <<"acme">>, fun ?MODULE:down/3, #{}, 50).
            %%                       ^^^^^^^^^^^^ error[wrong-scope]: for the host type `<<"acme">>`
            down(Acc, _, _) -> {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn a_handler_is_named_where_it_is_known() {
        let fixture = r#"
            -module(mod_a).
            start(HostType, Seen) ->
                gen_hook:add_handler(node_cleanup, HostType, fun mod_b:down/3, #{}, 50),
                gen_hook:add_handler(node_cleanup, HostType, fun ?MODULE:gone/3, #{}, 50),
                gen_hook:add_handler(node_cleanup, HostType, fun acme_elsewhere:down/3, #{}, 50),
                gen_hook:add_handler(node_cleanup, HostType, Seen, #{}, 50).
            //- src/mod_b.erl
            -module(mod_b).
            down(Acc, _, _) -> {ok, Acc}.
        "#;
        let found = Case::new(fixture).rules(&[RULE]).findings();
        let handlers: Vec<_> = found.iter().map(|it| it.handler.as_ref().map(ToString::to_string)).collect();
        assert_eq!(handlers, [Some("mod_b:down/3".to_owned()), None, None, None]);
    }

    #[test]
    fn a_tag_that_is_neither() {
        check_rule(
            RULE,
            r#"
            start() ->
                gen_hook:add_handler(remove_user, acme, fun ?MODULE:removed/3, #{}, 50).
            %%                       ^^^^^^^^^^^ error[wrong-scope]: `acme` is no host type, and not `global`
            removed(Acc, _, _) -> {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn declared_hooks_have_a_scope_too() {
        check_rule(
            RULE,
            r#"
            start(HostType, _) ->
                gen_hook:add_handler(acme_tick, HostType, fun ?MODULE:tick/3, #{}, 50),
            %%                       ^^^^^^^^^ error[wrong-scope]: `acme_tick` is run globally
                gen_hook:add_handler(acme_tock, HostType, fun ?MODULE:tick/3, #{}, 50).
            tick(Acc, _, _) -> {ok, Acc}.
            //- hookshift.toml
            [hooks.acme_tick]
            scope = "global"
            [hooks.acme_tock]
            "#,
        );
    }

    #[test]
    fn right_tags_are_left_alone() {
        untouched(
            RULE,
            r#"
            -module(mod_a).
            -define(HT(H), mongoose_domain_api:get_host_type(H)).
            start(Host, _) ->
                gen_hook:add_handler(auth_failed, ?HT(Host), fun ?MODULE:f/3, #{}, 50),
                gen_hook:add_handler(auth_failed, <<"localhost">>, fun ?MODULE:f/3, #{}, 50),
                gen_hook:add_handler(node_cleanup, global, fun ?MODULE:f/3, #{}, 50).
            f(Acc, _, _) -> {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn a_tag_that_could_be_anything_is_left_alone() {
        untouched(
            RULE,
            r#"
            -module(mod_a).
            start(Scope, _) -> add(Scope).
            add(Tag) ->
                gen_hook:add_handler(node_cleanup, Tag, fun ?MODULE:f/3, #{}, 50),
                gen_hook:add_handler(auth_failed, Tag, fun ?MODULE:f/3, #{}, 50).
            f(Acc, _, _) -> {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn a_removed_hook_is_told_elsewhere() {
        untouched(
            RULE,
            "start(_, _) -> gen_hook:add_handler(c2s_preprocessing_hook, global, fun ?MODULE:f/3, #{}, 5).\n",
        );
    }

    /// Of a hook that is gone nothing is said; of the one that takes its place it is, when a fix registers for that.
    #[test]
    fn a_handler_that_moves() {
        let before = r#"
            -module(mod_a).
            -export([start/2, lost/3]).
            start(_HostType, _Opts) ->
                gen_hook:add_handlers([{user_ping_timeout, global, fun ?MODULE:lost/3, #{}, 50}]).
            lost(Acc, #{jid := Jid}, _) -> note(Jid), {ok, Acc}.
            "#;
        let done = Case::new(before).fix(true);
        assert_eq!(done.outcome.files.len(), 1);
        assert!(done.outcome.after.findings.iter().any(|it| it.rule == RULE));
    }
}
