//! `removed-function`.

use super::common::{one_of, rewrite_of, with_fix};
use super::uses::consequence;
use super::{ModuleView, Rule};
use crate::catalog::{ApiChange, ApiKind, FunctionFate, FunctionStatus};
use crate::finding::{Finding, Rewrite, Severity};
use crate::migrate::api;
use crate::migrate::threading;
use crate::syntax::uses::{FunctionUse, MessageUse, Receiver, Use};

rule! {
    /// Finds uses of functions that the server no longer has: calls, funs, functions that are handed on with their arguments,
    /// and imports. Also messages to sessions that no longer understand them, and clauses for messages that processes with
    /// sessions of their own no longer get.
    ///
    /// ## Why it matters
    ///
    /// The compiler does not know which functions another module has, so the code compiles. It fails with `undef` when it
    /// runs. Inside a hook handler that is logged as `hook_failed`, and the server goes on without the handler. A message
    /// that a session does not understand is logged by the session, and nothing else happens.
    ///
    /// ## Example
    ///
    /// ```erlang
    /// kick(Pid) ->
    ///     ejabberd_c2s:stop(Pid).
    /// ```
    ///
    /// ```erlang
    /// kick(Pid) ->
    ///     mongoose_c2s:stop(Pid, normal).
    /// ```
    RemovedFunction, "removed-function", Error
}

impl Rule for RemovedFunction {
    declared!();

    fn module(&self, view: &ModuleView<'_>, out: &mut Vec<Finding>) {
        for (used, fate) in view.changed_functions() {
            if fate.status != FunctionStatus::Changed && view.hook_run_by(used).is_none() {
                out.push(self.function(view, used, &fate));
            }
        }
        // The server's own sources are full of what it sends to itself.
        if view.context.modules.has("gen_hook") {
            return;
        }
        for used in view.uses() {
            if let Use::Message(message) = used
                && message.receiver == Receiver::Other
            {
                let fate = view.context.upgrade.message_fate(&message.tag, message.size);
                out.extend(fate.map(|entry| self.message(view, message, entry)));
            }
        }
        let sent = api::message::sent_to_sessions(view.module, view.context.upgrade);
        let mut found: Vec<Finding> = sent.iter().map(|(message, entry)| self.message(view, message, entry)).collect();
        self.taken(view, &mut found);
        // Asked last, as it costs most.
        if !found.is_empty() && !view.is_for_ejabberd() {
            out.extend(found);
        }
    }
}

impl RemovedFunction {
    fn function(&self, view: &ModuleView<'_>, used: &FunctionUse, fate: &FunctionFate<'_>) -> Finding {
        let target = view.context.upgrade.to();
        let name = format!("{}:{}/{}", used.module, used.function, used.arity);
        let (gone, label) = match fate.status {
            FunctionStatus::ModuleRemoved => {
                let gone = format!("`{name}` is gone in {target}, with its whole module");
                (gone, format!("no module `{}` in {target}", used.module))
            }
            _ => (format!("`{name}` is gone in {target}"), format!("not exported in {target}")),
        };
        let message = format!("{gone}: {}", consequence(used.how));
        let mut finding =
            Finding::new(self.name(), self.severity(), view.module.place(used.name), message).label(label);
        if view.registrations.iter().any(|it| it.hook.is_some()) {
            finding = finding.note(
                "Where a hook handler gets here, the failure is logged as `hook_failed`, and the handler is skipped.",
            );
        }
        let Some(entry) = fate.entry() else {
            return finding.fix(Err("nothing is known about what takes its place".to_owned()));
        };
        finding.notes.extend(entry.further_note().map(str::to_owned));
        // An entry about a whole module names the module that took its place, which is no code to write.
        if entry.instead.contains('(') || entry.instead.contains('!') {
            finding = finding.help(format!("use `{}`", entry.instead));
        } else if !entry.instead.is_empty() {
            finding = finding.help(format!("`{}` takes its place", entry.instead));
        }
        finding.rewrite = rewrite_of(entry.rewrite);
        // A sender changes together with who receives it.
        let fix = api::call::fix(view.module, view.registrations, used, entry);
        let fix = fix.map_err(|why| threading::waits_for(view.context, view.module, used).unwrap_or(why));
        with_fix(finding, fix).evidence(&entry.evidence)
    }

    fn message(&self, view: &ModuleView<'_>, used: &MessageUse, entry: &ApiChange) -> Finding {
        let message = format!(
            "sessions no longer understand `{}` in {}: the message is logged there as `unknown_statem_event`, and nothing happens",
            entry.name,
            view.context.upgrade.to()
        );
        let mut finding = Finding::new(self.name(), Severity::Warning, view.module.place(used.whole), message)
            .label("when the receiver is a session");
        finding.notes.push(entry.note.clone());
        if !entry.instead.is_empty() {
            finding = finding.help(format!("use `{}`", entry.instead));
        }
        finding.rewrite = rewrite_of(entry.rewrite);
        let fix = api::message::sent(view.context, view.module, used, entry);
        with_fix(finding, fix).evidence(&entry.evidence)
    }

    /// Processes with sessions of their own get other messages from the server than before.
    fn taken(&self, view: &ModuleView<'_>, out: &mut Vec<Finding>) {
        for entry in view.context.upgrade.entries(ApiKind::RemovedMessage) {
            let Some(received) = &entry.received else { continue };
            for taken in api::message::taken_in(view.module, entry, received) {
                if !taken.has_session || taken.is_adapted {
                    continue;
                }
                let message = format!(
                    "sessions get `{}` in {} instead of `{}`: this clause is never chosen",
                    received.pattern,
                    view.context.upgrade.to(),
                    entry.name
                );
                let finding = Finding::new(self.name(), self.severity(), view.module.place(taken.span), message)
                    .label("no such message comes")
                    .note(format!("The module opens sessions of its own, with {}.", one_of(&received.opened_by)))
                    .help(format!("take `{}`, and the rest with `{}`", received.pattern, received.unpack))
                    .rewrite(Rewrite::Mechanical);
                let fix = api::message::taken(view.context, &taken, entry, received);
                out.push(with_fix(finding, fix).evidence(&entry.evidence));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{Case, check_rule, untouched};

    const RULE: &str = "removed-function";

    #[test]
    fn a_call_of_a_function_that_is_gone() {
        check_rule(
            RULE,
            r#"
            -module(mod_a).
            -export([remember/3]).
            remember(From, Id, N) ->
                case ejabberd_sm:store_info(From, last_marker, {Id, N}) of
            %%       ^^^^^^^^^^^^^^^^^^^^^^ error[removed-function]: `ejabberd_sm:store_info/3` is gone in 6.1.0: the call compiles, and fails with `undef`
            %% = help: use `ejabberd_sm:store_info(JID, SID, Key, Value)`
            %% = note: The session's SID is needed
            %% = rewrite: suggestion
                    {ok, _} -> ok;
                    {error, offline} -> ok
                end.
            "#,
        );
    }

    #[test]
    fn a_module_that_is_gone() {
        check_rule(
            RULE,
            r#"
            -module(mod_a).
            -define(KICK(Pid), ejabberd_c2s:stop(Pid)).
            %%                 ^^^^^^^^^^^^^^^^^ error[removed-function]: with its whole module
            start(HostType, _) ->
                gen_hook:add_handler(remove_user, HostType, fun ?MODULE:removed/3, #{}, 50).
            removed(Acc, #{state := State}, _) ->
                Jid = ejabberd_c2s_state:jid(
            %%        ^^^^^^^^^^^^^^^^^^^^^^ error[removed-function]: `ejabberd_c2s_state:jid/1` is gone
            %% = help: use `mongoose_c2s:get_jid(C2SData)`
            %% = note: hook_failed
                        State),
                {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn functions_that_are_handed_on() {
        check_rule(
            RULE,
            r#"
            -module(acme_idle).
            -import(ejabberd_c2s, [stop/1]).
            %%                     ^^^^^^ error[removed-function]: the import compiles, and each call fails
            kick(Pid) ->
                timer:apply_after(1000, ejabberd_c2s, stop, [Pid]),
            %%                          ^^^^^^^^^^^^^^^^^^ error[removed-function]: it is named as data
                lists:foreach(fun ejabberd_c2s:stop/1, [Pid]),
            %%                ^^^^^^^^^^^^^^^^^^^^^^^ error[removed-function]: the fun compiles
                rpc:call(node(Pid), ejabberd_c2s, run_remote_hook, [Pid, ?MODULE, seen]).
            %%                      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[removed-function]: `ejabberd_c2s:run_remote_hook/3`
            "#,
        );
    }

    #[test]
    fn a_function_that_is_handed_on_and_nothing_else() {
        for call in [
            "apply(ejabberd_c2s, stop, [Pid])",
            "spawn(ejabberd_c2s,stop,[Pid])",
            "rpc:call(node(Pid), ejabberd_c2s, stop, [Pid], 5000)",
            "erpc:cast(node(Pid), 'ejabberd_c2s', stop,\n [Pid])",
            "supervisor:start_child(acme_sup, #{id => x, start => {ejabberd_c2s, stop, [Pid]}})",
        ] {
            let found = Case::new(&format!("-module(acme_idle).\nkick(Pid) -> {call}.\n")).rules(&[RULE]).findings();
            assert_eq!(found.len(), 1, "{call}");
        }
    }

    #[test]
    fn what_is_handed_on_and_still_there_is_left_alone() {
        untouched(
            RULE,
            r#"
            -module(acme_idle).
            kick(Pid, Args) ->
                erpc:call(node(Pid), mongoose_c2s, stop, [Pid, normal]),
                {ejabberd_c2s, stop},
                [{ejabberd_c2s, []}, {acme_c2s, stop, [Pid]}].
            "#,
        );
    }

    #[test]
    fn a_message_that_no_session_understands() {
        check_rule(
            RULE,
            r#"
            -module(acme_push).
            -export([tell/4]).
            tell(Pid, From, To, Acc) ->
                self() ! {route, From, To, Acc},
                acme_router ! {route, From, To, Acc},
                Pid ! {route, From},
                Pid ! {route, From, To, Acc}.
            %%  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ warning[removed-function]: sessions no longer understand `{route, From, To, Acc}`
            %% = help: use `mongoose_c2s:route(Pid, Acc)`
            "#,
        );
    }

    #[test]
    fn what_is_still_there_is_left_alone() {
        untouched(
            RULE,
            r#"
            -module(mod_a).
            -export([f/1]).
            %% ejabberd_c2s:stop(Pid) was used here
            -spec f(ejabberd_c2s:state()) -> ejabberd_sm:sid().
            f(Jid) ->
                ejabberd_sm:store_info(Jid, sid(), key, value),
                ejabberd_sm:get_session(Jid),
                mongoose_c2s:stop(self(), normal),
                ?LOG_INFO(#{what => not_a_call, text => <<"ejabberd_c2s:stop(Pid)">>}).
            "#,
        );
    }

    #[test]
    fn modules_of_the_project_are_its_own() {
        untouched(
            RULE,
            r#"
            -module(mod_a).
            stop(Pid) -> ejabberd_c2s:stop(Pid), ejabberd_sm:store_info(a, b, c), my_ejabberd_c2s:stop(Pid).
            //- src/ejabberd_c2s.erl
            -module(ejabberd_c2s).
            -export([stop/1]).
            stop(Pid) -> ejabberd_c2s:terminate_session(Pid, normal).
            //- src/ejabberd_sm.erl
            -module(ejabberd_sm).
            "#,
        );
    }

    #[test]
    fn handlers_and_runs_of_hooks_are_told_elsewhere() {
        untouched(
            RULE,
            r#"
            -module(mod_a).
            start(HostType, _) ->
                gen_hook:add_handler(user_send_packet, HostType, fun mod_mam_pm:user_send_packet/3, #{}, 60).
            send(Acc, From, To, El) ->
                mongoose_hooks:user_send_packet(Acc, From, To, El).
            "#,
        );
    }
}
