//! `handler-arity`.

use super::common::{fun_place, named_handler};
use super::{Context, Rule};
use crate::finding::{Finding, Rewrite};
use crate::project::registrations::{HandlerRef, Registration};

rule! {
    /// Finds a handler that does not take three arguments.
    ///
    /// ## Why it matters
    ///
    /// `gen_hook` calls handlers with the accumulator, the parameters and the extra map, and refuses any other fun when it
    /// is added: `function_clause`. When that happens in `start/2`, the module does not start.
    ///
    /// ## Example
    ///
    /// ```erlang
    /// gen_hook:add_handler(remove_user, HostType, fun ?MODULE:remove_user/2, #{}, 50)
    /// ```
    ///
    /// ```erlang
    /// gen_hook:add_handler(remove_user, HostType, fun ?MODULE:remove_user/3, #{}, 50)
    /// ```
    HandlerArity, "handler-arity", Error
}

const ARITY: i64 = 3;

impl Rule for HandlerArity {
    declared!();

    fn registration(&self, context: &Context<'_>, registration: &Registration, out: &mut Vec<Finding>) {
        let (module, function, arity) = match &registration.handler {
            HandlerRef::External { module, function, arity } => (module, function, *arity),
            HandlerRef::Local { function, arity } => (registration.module.name(), function, *arity),
            HandlerRef::Inline | HandlerRef::Unknown => return,
        };
        if arity == ARITY {
            return;
        }
        let message = format!(
            "`{}` takes {arity} arguments, and handlers take 3: `gen_hook` refuses it with `function_clause`, and what adds it does not start",
            named_handler(registration)
        );
        let mut finding = Finding::new(self.name(), self.severity(), fun_place(registration), message)
            .label("not a fun of arity 3")
            .rewrite(Rewrite::Advice);
        finding.hook = registration.hook.as_ref().map(ToString::to_string);
        let near = registration.module.source().path();
        let has_three = context.modules.module(module, near).is_some_and(|module| module.defines(function, 3));
        finding.help = Some(if has_three {
            finding.rewrite = Some(Rewrite::Suggestion);
            format!("there is a `{function}/3` in `{module}`")
        } else {
            "a handler takes the accumulator, the parameters and the extra map".to_owned()
        });
        out.push(finding);
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{check_rule, untouched};

    const RULE: &str = "handler-arity";

    #[test]
    fn two_arguments_are_refused() {
        check_rule(
            RULE,
            r#"
            -module(mod_a).
            -export([start/2, remove_user/2]).
            start(HostType, _) ->
                gen_hook:add_handlers([{remove_user, HostType, fun ?MODULE:remove_user/2, #{}, 50}]).
            %%                                                 ^^^^^^^^^^^^^^^^^^^^^^^^^ error[handler-arity]: `mod_a:remove_user/2` takes 2 arguments
            %% = help: the accumulator, the parameters and the extra map
            remove_user(Acc, _) -> {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn a_namesake_of_three_arguments_is_proposed() {
        check_rule(
            RULE,
            r#"
            -module(mod_a).
            -export([remove_user/3]).
            start(HostType, _) ->
                gen_hook:add_handler(remove_user, HostType, fun remove_user/4, #{}, 50).
            %%                                              ^^^^^^^^^^^^^^^^^ error[handler-arity]: takes 4 arguments
            %% = help: there is a `remove_user/3` in `mod_a`
            %% = rewrite: suggestion
            stop(HostType) ->
                gen_hook:delete_handler(remove_user, HostType, fun ?MODULE:remove_user/3, #{}, 50).
            remove_user(Acc, Params, Extra) -> remove_user(Acc, Params, Extra, ok).
            remove_user(Acc, _, _, _) -> {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn a_tuple_made_elsewhere_points_to_the_hook() {
        check_rule(
            RULE,
            r#"
            -module(mod_a).
            start(HostType, _) ->
                gen_hook:add_handlers([{H, HostType, F, #{}, 50} || {H, F} <- hooks()]).
            hooks() ->
                [{remove_user, fun ?MODULE:seen/2},
            %%    ^^^^^^^^^^^ error[handler-arity]: `mod_a:seen/2` takes 2 arguments
                 {register_user, fun ?MODULE:seen/3}].
            seen(Acc, _, _) -> {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn three_arguments_are_right() {
        untouched(
            RULE,
            r#"
            -module(mod_a).
            start(HostType, _) ->
                gen_hook:add_handlers(
                  [{remove_user, HostType, fun ?MODULE:f/3, #{}, 50},
                   {remove_user, HostType, fun acme_users:f/3, #{}, 50},
                   {remove_user, HostType, fun f/3, #{}, 50}]),
                lists:foreach(fun ?MODULE:other/1, []).
            "#,
        );
    }

    #[test]
    fn a_fun_whose_arity_is_not_known_is_left_alone() {
        untouched(
            RULE,
            r#"
            start(HostType, #{function := F, arity := A}) ->
                gen_hook:add_handler(remove_user, HostType, fun ?MODULE:F/A, #{}, 50),
                gen_hook:add_handler(remove_user, HostType, F, #{}, 50).
            "#,
        );
    }
}
