//! `use-hooks-callback`.

use super::{ModuleView, Rule};
use crate::finding::{Finding, Rewrite};
use crate::migrate::registration::callback;

rule! {
    /// Finds a module that registers all of its `hooks/1` by itself, where the server would do it.
    ///
    /// This is a modernisation, not a repair, so it speaks only when it is selected: `--select use-hooks-callback`.
    ///
    /// ## Why it matters
    ///
    /// From 6.1.0 on the server registers the handlers that an exported `hooks/1` returns, after `start/2` has returned, and
    /// deletes them before it calls `stop/1`. A module that leaves it to the server cannot forget one of them. In later
    /// releases it is the usual way.
    ///
    /// The fix is safe where `start/2` and `stop/1` do nothing but that. Where they do more, the order changes, and a person
    /// has to look.
    ///
    /// ## Example
    ///
    /// ```erlang
    /// -export([start/2, stop/1]).
    ///
    /// start(HostType, _Opts) ->
    ///     gen_hook:add_handlers(hooks(HostType)).
    ///
    /// stop(HostType) ->
    ///     gen_hook:delete_handlers(hooks(HostType)).
    /// ```
    ///
    /// ```erlang
    /// -export([start/2, stop/1]).
    /// -export([hooks/1]).
    ///
    /// start(_HostType, _Opts) ->
    ///     ok.
    ///
    /// stop(_HostType) ->
    ///     ok.
    /// ```
    UseHooksCallback, "use-hooks-callback", Info
}

impl Rule for UseHooksCallback {
    declared!();

    fn only_when_selected(&self) -> bool {
        true
    }

    fn module(&self, view: &ModuleView<'_>, out: &mut Vec<Finding>) {
        let Some(entry) = callback::entry(view.context.upgrade) else { return };
        // An exported hooks/1 is told by `double-registration`.
        if view.module.exports("hooks", 1) || !callback::is_gen_mod(view.module) {
            return;
        }
        let Ok(fix) = callback::fix(view.module) else { return };
        let Some((ast, clause)) = view.module.clauses("hooks", 1).into_iter().next() else { return };
        let Some(name) = clause.name else { return };
        let message = format!(
            "{} registers what an exported `hooks/1` returns: `{}` need not do it by itself",
            view.context.upgrade.to(),
            view.module.name(),
        );
        let rewrite = if fix.is_safe() { Rewrite::Mechanical } else { Rewrite::Suggestion };
        let finding = Finding::new(self.name(), self.severity(), view.module.place(ast.span(name)), message)
            .label("could be the callback")
            .help("export `hooks/1`, and call neither `gen_hook:add_handlers` nor `gen_hook:delete_handlers` for it")
            .rewrite(rewrite)
            .evidence(&entry.evidence);
        out.push(finding.fix(Ok(fix)));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{check_rule, fixed, fixed_unsafely, untouched};

    const RULE: &str = "use-hooks-callback";

    const PLAIN: &str = r#"
        -module(mod_a).
        -behaviour(gen_mod).
        -export([start/2, stop/1]).
        -export([removed/3]).

        start(HostType, _Opts) ->
            gen_hook:add_handlers(hooks(HostType)).

        stop(HostType) ->
            gen_hook:delete_handlers(hooks(HostType)).

        hooks(HostType) ->
            [{remove_user, HostType, fun ?MODULE:removed/3, #{}, 50}].

        removed(Acc, _Params, _Extra) -> {ok, Acc}.
        "#;

    #[test]
    fn start_and_stop_do_nothing_else() {
        fixed(
            RULE,
            PLAIN,
            r#"
        -module(mod_a).
        -behaviour(gen_mod).
        -export([start/2, stop/1]).
        -export([removed/3]).
        -export([hooks/1]).

        start(_HostType, _Opts) ->
            ok.

        stop(_HostType) ->
            ok.

        hooks(HostType) ->
            [{remove_user, HostType, fun ?MODULE:removed/3, #{}, 50}].

        removed(Acc, _Params, _Extra) -> {ok, Acc}.
        "#,
        );
    }

    #[test]
    fn it_is_told_where_hooks_stands() {
        check_rule(
            RULE,
            &PLAIN.replace(
                "hooks(HostType) ->\n",
                "hooks(HostType) ->\n        %%<^^ info[use-hooks-callback]: `mod_a` need not do it by itself\n",
            ),
        );
    }

    #[test]
    fn start_does_more() {
        fixed_unsafely(
            RULE,
            "start/2 does other things",
            r#"
            -behaviour(gen_mod).
            -export([start/2, stop/1, removed/3]).

            start(HostType, Opts) ->
                ok = gen_hook:add_handlers(hooks(HostType)),
                %% The table comes with the first user.
                init_table(HostType, Opts).

            stop(HostType) ->
                gen_hook:delete_handlers(hooks(HostType)),
                ok.

            hooks(HostType) ->
                [{remove_user, HostType, fun ?MODULE:removed/3, #{}, 50}].

            removed(Acc, _Params, _Extra) -> {ok, Acc}.
            "#,
            r#"
            -behaviour(gen_mod).
            -export([start/2, stop/1, removed/3]).
            -export([hooks/1]).

            start(HostType, Opts) ->
                %% The table comes with the first user.
                init_table(HostType, Opts).

            stop(_HostType) ->
                ok.

            hooks(HostType) ->
                [{remove_user, HostType, fun ?MODULE:removed/3, #{}, 50}].

            removed(Acc, _Params, _Extra) -> {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn registering_under_a_condition_stays() {
        untouched(
            RULE,
            r#"
            -behaviour(gen_mod).
            -export([start/2, stop/1, removed/3]).

            start(HostType, #{enabled := true}) ->
                gen_hook:add_handlers(hooks(HostType));
            start(_HostType, _Opts) ->
                ok.

            stop(HostType) ->
                gen_hook:delete_handlers(hooks(HostType)).

            hooks(HostType) ->
                [{remove_user, HostType, fun ?MODULE:removed/3, #{}, 50}].

            removed(Acc, _Params, _Extra) -> {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn a_case_around_the_call_stays() {
        untouched(
            RULE,
            r#"
            -behaviour(gen_mod).
            -export([start/2, stop/1, removed/3]).

            start(HostType, Opts) ->
                case Opts of
                    #{enabled := true} -> gen_hook:add_handlers(hooks(HostType));
                    _ -> ok
                end.

            stop(HostType) ->
                gen_hook:delete_handlers(hooks(HostType)).

            hooks(HostType) ->
                [{remove_user, HostType, fun ?MODULE:removed/3, #{}, 50}].

            removed(Acc, _Params, _Extra) -> {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn hooks_of_something_else_stay() {
        untouched(
            RULE,
            r#"
            -behaviour(gen_mod).
            -export([start/2, stop/1, removed/3]).

            start(HostType, Opts) ->
                gen_hook:add_handlers(hooks(main_host(HostType, Opts))).

            stop(HostType) ->
                gen_hook:delete_handlers(hooks(HostType)).

            hooks(HostType) ->
                [{remove_user, HostType, fun ?MODULE:removed/3, #{}, 50}].

            removed(Acc, _Params, _Extra) -> {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn nobody_asks_a_process_for_its_hooks() {
        untouched(
            RULE,
            r#"
            -behaviour(gen_server).
            -export([start/2, stop/1, removed/3]).

            start(HostType, _Opts) ->
                gen_hook:add_handlers(hooks(HostType)).

            stop(HostType) ->
                gen_hook:delete_handlers(hooks(HostType)).

            hooks(HostType) ->
                [{remove_user, HostType, fun ?MODULE:removed/3, #{}, 50}].

            removed(Acc, _Params, _Extra) -> {ok, Acc}.
            "#,
        );
    }
}
