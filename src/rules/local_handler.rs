//! `local-handler`.

use super::common::{fun_place, named_handler};
use super::{Context, Rule};
use crate::finding::{Finding, Rewrite};
use crate::migrate::registration::exports;
use crate::project::registrations::{HandlerRef, Registration};
use crate::rewrite::{Edit, Fix};

rule! {
    /// Finds a handler that is an anonymous fun, or a fun without a module.
    ///
    /// ## Why it matters
    ///
    /// A fun of that kind is bound to the version of the code in which it was made, so `gen_hook` refuses it when it is
    /// added, with `only_external_function_references_allowed`. When that happens in `start/2`, the module does not
    /// start.
    ///
    /// ## Example
    ///
    /// ```erlang
    /// gen_hook:add_handler(remove_user, HostType, fun remove_user/3, #{}, 50)
    /// ```
    ///
    /// ```erlang
    /// -export([remove_user/3]).
    ///
    /// gen_hook:add_handler(remove_user, HostType, fun ?MODULE:remove_user/3, #{}, 50)
    /// ```
    LocalHandler, "local-handler", Error
}

impl Rule for LocalHandler {
    declared!();

    fn registration(&self, _context: &Context<'_>, registration: &Registration, out: &mut Vec<Finding>) {
        let (help, rewrite) = match &registration.handler {
            HandlerRef::Local { function, arity: 3 } => {
                let exported = registration.module.exports(function, 3);
                let export = if exported { String::new() } else { format!(", and -export([{function}/3])") };
                (format!("fun ?MODULE:{function}/3{export}"), Rewrite::Mechanical)
            }
            HandlerRef::Inline => {
                ("make it an exported function, and write `fun ?MODULE:name/3`".to_owned(), Rewrite::Suggestion)
            }
            _ => return,
        };
        let message = format!(
            "{} cannot be a handler: `gen_hook` refuses it with `only_external_function_references_allowed`, and what adds it does not start",
            match registration.handler {
                HandlerRef::Inline => named_handler(registration),
                _ => format!("`{}`", named_handler(registration)),
            }
        );
        let mut finding = Finding::new(self.name(), self.severity(), fun_place(registration), message)
            .label("without a module")
            .help(help)
            .rewrite(rewrite);
        finding.hook = registration.hook.as_ref().map(ToString::to_string);
        out.push(finding.fix(fix(registration)));
    }
}

/// Names the module, and exports the function.
fn fix(registration: &Registration) -> Result<Fix, String> {
    let HandlerRef::Local { function, arity: 3 } = &registration.handler else {
        return Err("what it does has to become a function with a name".to_owned());
    };
    let module = &registration.module;
    let place = fun_place(registration);
    let written = place.source.slice(place.span);
    let name = written.strip_prefix("fun").map(str::trim_start).filter(|name| name.starts_with(function.as_str()));
    let name = name.ok_or("the fun is not written out where it is registered")?;
    if !module.defines(function, 3) {
        return Err(format!("there is no function {function}/3 in the module"));
    }
    let mut edits = vec![Edit::replace(place.clone(), format!("fun ?MODULE:{name}"))];
    edits.extend(exports::export(module, function, 3, None)?);
    let fix = Fix::new(format!("name the module of `{function}/3`, and export it"), edits);
    // Who the handler is was not to be seen before.
    Ok(Fix { reveals: registration.hook.as_ref().map(ToString::to_string), ..fix })
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{Case, check_rule, fixed, unfixed, untouched};

    const RULE: &str = "local-handler";

    #[test]
    fn a_fun_without_a_module() {
        check_rule(
            RULE,
            r#"
            -module(mod_a).
            -export([start/2]).
            start(HostType, _) ->
                gen_hook:add_handler(remove_user, HostType, fun removed/3, #{}, 50).
            %%                                              ^^^^^^^^^^^^^ error[local-handler]: `fun removed/3` cannot be a handler
            %% = help: fun ?MODULE:removed/3, and -export([removed/3])
            %% = rewrite: mechanical
            removed(Acc, _, _) -> {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn an_anonymous_fun() {
        check_rule(
            RULE,
            r#"
            start(HostType, _) ->
                gen_hook:add_handlers([{remove_user, HostType, fun(Acc, _, _) -> {ok, Acc} end, #{}, 50}]).
            %%                                                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[local-handler]: an anonymous fun cannot be a handler
            "#,
        );
    }

    #[test]
    fn a_fun_in_a_variable() {
        check_rule(
            RULE,
            r#"
            -module(mod_a).
            -export([removed/3]).
            start(HostType, _) ->
                Handler = fun removed/3,
                gen_hook:add_handler(remove_user, HostType, Handler, #{}, 50).
            %%                       ^^^^^^^^^^^ error[local-handler]: `fun removed/3` cannot be a handler
            %% = help: fun ?MODULE:removed/3
            removed(Acc, _, _) -> {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn funs_with_a_module_are_right() {
        untouched(
            RULE,
            r#"
            -module(mod_a).
            -define(H(F), fun ?MODULE:F/3).
            start(HostType, _) ->
                Handler = fun mod_a:removed/3,
                gen_hook:add_handler(remove_user, HostType, Handler, #{}, 50),
                gen_hook:add_handler(remove_user, HostType, ?H(removed), #{}, 50),
                [gen_hook:add_handler(H, HostType, fun acme_users:removed/3, #{}, 50) || H <- [remove_user]].
            removed(Acc, _, _) -> {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn other_funs_around_a_registration_do_not_matter() {
        untouched(
            RULE,
            r#"
            -module(mod_a).
            start(HostType, _) ->
                lists:foreach(fun({H, P}) -> gen_hook:add_handler(H, HostType, fun ?MODULE:removed/3, #{}, P) end,
                              [{remove_user, 50}, {register_user, 60}]),
                gen_hook:add_handler(remove_user, HostType, fun ?MODULE:removed/3,
                                     #{log => fun log/1, ignore => fun(_) -> ok end}, 50).
            removed(Acc, _, _) -> {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn a_wrong_number_of_arguments_is_told_elsewhere() {
        untouched(RULE, "start(H, _) -> gen_hook:add_handler(remove_user, H, fun removed/2, #{}, 50).\n");
    }

    #[test]
    fn the_module_is_named_and_the_function_exported() {
        fixed(
            RULE,
            r#"
            -module(mod_a).
            -export([start/2]).
            start(HostType, _) ->
                gen_hook:add_handler(remove_user, HostType, fun removed/3, #{}, 50),
                gen_hook:add_handler(auth_failed, HostType, fun failed/3, #{}, 50).
            removed(Acc, _, _) -> {ok, Acc}.
            failed(Acc, _, _) -> {ok, Acc}.
            "#,
            r#"
            -module(mod_a).
            -export([start/2]).
            -export([removed/3]).
            -export([failed/3]).
            start(HostType, _) ->
                gen_hook:add_handler(remove_user, HostType, fun ?MODULE:removed/3, #{}, 50),
                gen_hook:add_handler(auth_failed, HostType, fun ?MODULE:failed/3, #{}, 50).
            removed(Acc, _, _) -> {ok, Acc}.
            failed(Acc, _, _) -> {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn a_fun_without_a_name_stays() {
        unfixed(
            RULE,
            "has to become a function",
            r#"
            start(HostType, _) ->
                gen_hook:add_handler(remove_user, HostType, fun(Acc, _, _) -> {ok, Acc} end, #{}, 50).
            "#,
        );
    }

    /// Who the handler is shows only when it has a module, and so does what is wrong with it for all its hooks.
    #[test]
    fn what_the_handler_is_shows_afterwards() {
        let before = r#"
            -module(mod_a).
            -export([start/2]).
            start(HostType, _Opts) ->
                gen_hook:add_handlers([{c2s_preprocessing_hook, HostType, fun passed/3, #{}, 50},
                                       {user_send_packet, HostType, fun passed/3, #{}, 50}]).
            passed(Acc, _, _) -> {stop, Acc}.
            "#;
        let done = Case::new(before).fix(false);
        let [file] = &done.outcome.files[..] else { panic!("{} files", done.outcome.files.len()) };
        assert_eq!(file.text.matches("fun ?MODULE:passed/3").count(), 2, "{}", file.text);
        let left: Vec<_> = done.outcome.after.findings.iter().map(|it| it.rule).collect();
        assert!(left.contains(&"removed-hook") && left.contains(&"changed-stop"), "{left:?}");
    }
}
