//! `unused-suppression`.

use super::Rule;
use super::server_config::changes_only;
use super::suppressions::{Commented, Suppression};
use crate::finding::{Finding, Rewrite};
use crate::outline::directives::Reach;
use crate::rewrite::{Edit, Fix};
use crate::source::Span;

rule! {
    /// Finds a comment that suppresses a rule which finds nothing there.
    ///
    /// Of a comment that names several rules, each is told. Rules that are switched off, or that did not run, are not told, nor
    /// are comments for code that could not be parsed.
    ///
    /// ## Why it matters
    ///
    /// What the comment was for is gone, or stands elsewhere. A comment that stays behind tells readers of trouble that
    /// there is not, and hides the next one.
    ///
    /// When only a part of a project is checked, what a handler does wrong may not be known, as it is registered elsewhere:
    /// check the whole project before such a comment is deleted.
    ///
    /// ## Example
    ///
    /// ```erlang
    /// %% hookshift: ignore[unknown-hook, local-handler] our fork runs it
    /// hooks(HostType) ->
    ///     [{acme_sent, HostType, fun ?MODULE:sent/3, #{}, 50}].
    /// ```
    ///
    /// ```erlang
    /// %% hookshift: ignore[unknown-hook] our fork runs it
    /// hooks(HostType) ->
    ///     [{acme_sent, HostType, fun ?MODULE:sent/3, #{}, 50}].
    /// ```
    UnusedSuppression, "unused-suppression", Warning
}

impl Rule for UnusedSuppression {
    declared!();
}

/// What is to be said of one rule, by its number, that a comment suppresses in vain.
pub fn finding(file: Commented<'_>, suppression: &Suppression<'_>, number: usize) -> Finding {
    let directive = suppression.directive;
    let rule = suppression.rules[number].name();
    let is_alone = suppression.rules.len() == 1;
    let place = file.place(if is_alone { directive.span } else { directive.rules[number] });
    let source = file.source();
    let line = |offset: u32| source.line_index(offset) + 1;
    let applies_to = match directive.reach {
        Reach::Within(span) => match (line(span.start), line(span.end)) {
            (first, last) if first == last => format!("line {first}"),
            (first, last) => format!("lines {first} to {last}"),
        },
        Reach::File => "the whole file".to_owned(),
        Reach::Nothing => "nothing, as no code follows".to_owned(),
    };
    let (deletes, title) = if is_alone {
        (whole(source.text(), directive.span), format!("delete the comment that suppresses `{rule}`"))
    } else {
        (one_of(&directive.rules, number), format!("delete `{rule}` from the comment that suppresses it"))
    };
    let message = format!("there is no finding of `{rule}` that this suppresses");
    let fix = Fix::new(title, vec![Edit::delete(file.place(deletes))]);
    Finding::new(UnusedSuppression::NAME, UnusedSuppression::SEVERITY, place, message)
        .label(format!("for {applies_to}"))
        .rewrite(Rewrite::Mechanical)
        .fix(match file {
            Commented::Module(_) => Ok(fix),
            // A template may have tags in a comment.
            Commented::Config(config) => changes_only(config, &fix, |_| false, None).map(|()| fix),
        })
}

/// A name with the comma beside it.
fn one_of(names: &[Span], number: usize) -> Span {
    match number {
        0 => Span { start: names[0].start, end: names[1].start },
        _ => Span { start: names[number - 1].end, end: names[number].end },
    }
}

/// A comment with the blanks before it, and with its line when nothing else stands there.
fn whole(text: &str, comment: Span) -> Span {
    let behind = &text[comment.end as usize..];
    let before = text[..comment.start as usize].trim_end_matches([' ', '\t', '\u{a0}']);
    let rest_of_line = behind.split_inclusive('\n').next().unwrap_or_default();
    if !rest_of_line.trim().is_empty() {
        // Another one stands behind it.
        let blanks = rest_of_line.len() - rest_of_line.trim_start().len();
        return Span::new(comment.start as usize, comment.end as usize + blanks);
    }
    if before.is_empty() || before.ends_with('\n') {
        return Span::new(before.len(), comment.end as usize + rest_of_line.len());
    }
    Span::new(before.len(), comment.end as usize + rest_of_line.trim_end_matches(['\r', '\n']).len())
}

#[cfg(test)]
mod tests {
    use super::UnusedSuppression;
    use crate::rules::testing::{Case, fixed_together};

    const RULE: &str = UnusedSuppression::NAME;
    /// With rules whose findings are easily made.
    const RULES: [&str; 4] = [RULE, "malformed-suppression", "unknown-hook", "local-handler"];

    #[track_caller]
    fn check(fixture: &str) {
        Case::new(fixture).rules(&RULES).check();
    }

    #[test]
    fn a_line_without_findings() {
        check(
            r#"
            -module(mod_a).
            start(HostType, _) ->
                gen_hook:add_handler(remove_user, HostType, fun ?MODULE:f/3, #{}, 50), %% hookshift: ignore[unknown-hook] x
            %%                                                                         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ warning[unused-suppression]: there is no finding of `unknown-hook` that this suppresses
            %% = label: for line 3
            %% = rewrite: mechanical
                gen_hook:add_handler(auth_faild, HostType, fun ?MODULE:f/3, #{}, 50).
            %%                       ^^^^^^^^^^ warning[unknown-hook]: did you mean
            f(Acc, _, _) -> {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn one_of_several_rules() {
        check(
            r#"
            -module(mod_a).
            %% hookshift: ignore[local-handler, unknown-hook] our fork runs it
            %%                   ^^^^^^^^^^^^^ warning[unused-suppression]: no finding of `local-handler`
            %% = label: for lines 5 to 6
            start(HostType, _) ->
                gen_hook:add_handler(auth_faild, HostType, fun ?MODULE:f/3, #{}, 50).
            f(Acc, _, _) -> {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn a_whole_file() {
        check(
            r#"
            %% hookshift: ignore-file[unknown-hook, local-handler] generated
            %%                        ^^^^^^^^^^^^ warning[unused-suppression]: no finding of `unknown-hook`
            %% = label: for the whole file
            %%                                      ^^^^^^^^^^^^^ warning[unused-suppression]: no finding of `local-handler`
            -module(mod_a).
            f() -> ok.
            //- src/mod_b.erl
            -module(mod_b).
            start(H, _) -> gen_hook:add_handler(auth_faild, H, fun f/3, #{}, 50).
            %%                                  ^^^^^^^^^^ warning[unknown-hook]: did you mean
            %%                                                 ^^^^^^^ error[local-handler]: cannot be a handler
            f(Acc, _, _) -> {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn behind_all_code() {
        check(
            r#"
            -module(mod_a).
            start(H, _) -> gen_hook:add_handler(auth_faild, H, fun ?MODULE:f/3, #{}, 50).
            %%                                  ^^^^^^^^^^ warning[unknown-hook]: did you mean
            %% hookshift: ignore[unknown-hook] too late
            %%<^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ warning[unused-suppression]: no finding of `unknown-hook`
            %% = label: for nothing, as no code follows
            "#,
        );
    }

    #[test]
    fn in_a_header_and_in_a_file_that_has_nothing_else() {
        check(
            r#"
            //- include/a.hrl
            %% hookshift: ignore[unknown-hook] why not
            %%<^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ warning[unused-suppression]: no finding of `unknown-hook`
            -define(A, 1).
            //- src/mod_b.erl
            f() -> ok. %hookshift:ignore[unknown-hook] why not
            %%         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ warning[unused-suppression]: no finding of `unknown-hook`
            "#,
        );
    }

    #[test]
    fn what_is_suppressed_in_a_line() {
        check(
            r#"
            -module(mod_a).
            start(HostType, _) ->
                gen_hook:add_handlers([{auth_faild, HostType, fun f/3, #{}, 50}, %% hookshift: ignore[unknown-hook, local-handler] x
                                       %% hookshift: ignore[unknown-hook] run by our fork

                                       %% and another one:
                                       {acme, HostType, fun ?MODULE:f/3, #{}, 50},
                                       {acme_other, HostType, fun ?MODULE:f/3, #{}, 50}]).
            %%                          ^^^^^^^^^^ warning[unknown-hook]:
            f(Acc, _, _) -> {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn what_starts_in_another_line() {
        check(
            r#"
            -module(mod_a).
            start(HostType, _) ->
                gen_hook:add_handler(remove_user, HostType, fun(Acc, _, _) ->
            %%                                              ^^^^^^^^^^^^^^^^^ error[local-handler]: cannot be a handler
                    {ok, Acc} end, #{}, 50). %% hookshift: ignore[local-handler] why not
            %%                               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ warning[unused-suppression]: no finding of `local-handler`
            "#,
        );
    }

    #[test]
    fn what_is_suppressed_in_a_form_and_a_file() {
        check(
            r#"
            %% hookshift: ignore-file[local-handler] why not
            -module(mod_a).
            %% hookshift: ignore[unknown-hook] one
            start(HostType, _) ->
                gen_hook:add_handler(auth_faild, HostType, fun f/3, #{}, 50),
                gen_hook:add_handler(acme, HostType, fun f/3, #{}, 50).
            again(HostType) ->
                gen_hook:add_handler(acme, HostType, fun f/3, #{}, 50).
            %%                       ^^^^ warning[unknown-hook]:
            f(Acc, _, _) -> {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn what_two_comments_suppress() {
        check(
            r#"
            %% hookshift: ignore-file[unknown-hook] all of them are ours
            -module(mod_a).
            start(H, _) -> gen_hook:add_handler(acme, H, fun ?MODULE:f/3, #{}, 50). %% hookshift: ignore[unknown-hook] ours
            f(Acc, _, _) -> {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn several_reasons_for_a_line() {
        check(
            r#"
            -module(mod_a).
            start(H, _) -> gen_hook:add_handler(acme, H, fun f/3, #{}, 50). % hookshift: ignore[unknown-hook] a % hookshift: ignore[local-handler] b
            f(Acc, _, _) -> {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn what_is_suppressed_where_the_handler_is() {
        let code = r#"
            -module(mod_a).
            start(H, _) -> gen_hook:add_handler(remove_user, H, fun mod_b:f/3, #{}, 50).
            //- src/mod_b.erl
            -module(mod_b).
            -export([f/3]).
            f(Acc, _, _) ->
                Acc. %% hookshift: ignore[untagged-result] never comes back
            "#;
        Case::new(code).rules(&[RULE, "untagged-result"]).check();
    }

    #[test]
    fn what_is_found_where_the_handler_is() {
        let code = r#"
            -module(mod_a).
            start(H, _) -> gen_hook:add_handler(remove_user, H, fun mod_b:f/3, #{}, 50). %% hookshift: ignore[untagged-result] x
            %%                                                                           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ warning[unused-suppression]:
            //- src/mod_b.erl
            -module(mod_b).
            -export([f/3]).
            f(Acc, _, _) ->
                Acc.
            %%  ^^^ error[untagged-result]:
            "#;
        Case::new(code).rules(&[RULE, "untagged-result"]).check();
    }

    #[test]
    fn rules_that_did_not_run() {
        let code = r#"
            %% hookshift: ignore-file[removed-hook, split-hook, required-module] generated
            -module(mod_a).
            f() -> ok.
            "#;
        Case::new(code).rules(&RULES).check();
        Case::new(code).rules(&[RULE, "required-module"]).check();
    }

    #[test]
    fn rules_that_ran() {
        let code = r#"
            %% hookshift: ignore-file[removed-hook, split-hook, required-module] generated
            %%                        ^^^^^^^^^^^^ warning[unused-suppression]: no finding of `removed-hook`
            -module(mod_a).
            f() -> ok.
            "#;
        Case::new(code).check();
        let code = r#"
            %% hookshift: ignore-file[removed-hook, split-hook, required-module] generated
            %%                                      ^^^^^^^^^^ warning[unused-suppression]: no finding of `split-hook`
            %%                                                  ^^^^^^^^^^^^^^^ warning[unused-suppression]: no finding of `required-module`
            -module(mod_a).
            f() -> ok.
            //- mongooseim.toml
            [modules.mod_a]
            "#;
        Case::new(code).rules(&[RULE, "split-hook", "required-module"]).check();
    }

    #[test]
    fn code_that_cannot_be_parsed() {
        check(
            r#"
            %% hookshift: ignore-file[local-handler] why not
            -module(mod_a).
            start(H, _) ->
                X = ),
                gen_hook:add_handler(remove_user, H, fun ?MODULE:f/3, #{}, 50). %% hookshift: ignore[unknown-hook] why not
            f(Acc, _, _) -> {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn modules_for_ejabberd_are_left_alone() {
        check(
            r#"
            -module(mod_a).
            -include("logger.hrl").
            start(Host, _) ->
                ejabberd_hooks:add(remove_user, Host, ?MODULE, f, 50). %% hookshift: ignore[unknown-hook] why not
            f(_, _) -> ok.
            "#,
        );
    }

    #[test]
    fn what_only_looks_like_one() {
        check(
            r#"
            -module(mod_a).
            start(H, _) ->
                %% hookshift ignores nothing here
                gen_hook:add_handler(auth_faild, H, fun ?MODULE:f/3, #{}, 50),
            %%                       ^^^^^^^^^^ warning[unknown-hook]:
                "%% hookshift: ignore[unknown-hook] no comment".
            f(Acc, _, _) -> {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn comments_are_deleted_with_their_lines() {
        fixed_together(
            &RULES,
            r#"
            %% Ours.
            %% hookshift: ignore-file[unknown-hook] generated
            -module(mod_a).
            f() ->
                %% hookshift: ignore[local-handler] why not
                a(),  % hookshift: ignore[local-handler] why not
                b().
            "#,
            r#"
            %% Ours.
            -module(mod_a).
            f() ->
                a(),
                b().
            "#,
        );
    }

    #[test]
    fn names_are_deleted_from_lists() {
        fixed_together(
            &[&RULES[..], &["wrong-scope", "handler-arity"]].concat(),
            r#"
            -module(mod_a).
            start(H, _) ->
                gen_hook:add_handler(acme, H, fun ?MODULE:f/3, #{}, 50), %% hookshift: ignore[local-handler, unknown-hook] why not
                gen_hook:add_handler(acme, H, fun ?MODULE:f/3, #{}, 50), %% hookshift: ignore[unknown-hook , local-handler ] why not
                gen_hook:add_handler(acme, H, fun ?MODULE:f/3, #{}, 50), %% hookshift: ignore[ wrong-scope,unknown-hook,local-handler]: x
                gen_hook:add_handler(b, H, fun f/3, #{}, 50), %% hookshift: ignore[unknown-hook, wrong-scope, local-handler, handler-arity] x
                gen_hook:add_handler(remove_user, H, fun ?MODULE:f/3, #{}, 50). %% hookshift: ignore[local-handler, unknown-hook,wrong-scope] x
            f(Acc, _, _) -> {ok, Acc}.
            "#,
            r#"
            -module(mod_a).
            start(H, _) ->
                gen_hook:add_handler(acme, H, fun ?MODULE:f/3, #{}, 50), %% hookshift: ignore[unknown-hook] why not
                gen_hook:add_handler(acme, H, fun ?MODULE:f/3, #{}, 50), %% hookshift: ignore[unknown-hook ] why not
                gen_hook:add_handler(acme, H, fun ?MODULE:f/3, #{}, 50), %% hookshift: ignore[ unknown-hook]: x
                gen_hook:add_handler(b, H, fun f/3, #{}, 50), %% hookshift: ignore[unknown-hook, local-handler] x
                gen_hook:add_handler(remove_user, H, fun ?MODULE:f/3, #{}, 50).
            f(Acc, _, _) -> {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn one_of_several_in_a_comment_is_deleted() {
        fixed_together(
            &RULES,
            r#"
            -module(mod_a).
            start(H, _) ->
                gen_hook:add_handler(acme, H, fun ?MODULE:f/3, #{}, 50), % hookshift: ignore[unknown-hook] a  % hookshift: ignore[local-handler] b
                gen_hook:add_handler(acme, H, fun ?MODULE:f/3, #{}, 50). % hookshift: ignore[local-handler] a % hookshift: ignore[unknown-hook] b
            f(Acc, _, _) -> {ok, Acc}.
            "#,
            r#"
            -module(mod_a).
            start(H, _) ->
                gen_hook:add_handler(acme, H, fun ?MODULE:f/3, #{}, 50), % hookshift: ignore[unknown-hook] a
                gen_hook:add_handler(acme, H, fun ?MODULE:f/3, #{}, 50). % hookshift: ignore[unknown-hook] b
            f(Acc, _, _) -> {ok, Acc}.
            "#,
        );
    }

    #[test]
    fn what_is_suppressed_is_not_fixed() {
        fixed_together(
            &RULES,
            r#"
            -module(mod_a).
            -export([f/3]).
            start(H, _) ->
                gen_hook:add_handler(remove_user, H, fun f/3, #{}, 50), %% hookshift: ignore[local-handler] why not
                gen_hook:add_handler(remove_user, H, fun g/3, #{}, 50).
            f(Acc, _, _) -> {ok, Acc}.
            g(Acc, _, _) -> {ok, Acc}.
            "#,
            r#"
            -module(mod_a).
            -export([f/3]).
            -export([g/3]).
            start(H, _) ->
                gen_hook:add_handler(remove_user, H, fun f/3, #{}, 50), %% hookshift: ignore[local-handler] why not
                gen_hook:add_handler(remove_user, H, fun ?MODULE:g/3, #{}, 50).
            f(Acc, _, _) -> {ok, Acc}.
            g(Acc, _, _) -> {ok, Acc}.
            "#,
        );
    }

    const OF_CONFIG: [&str; 3] = [RULE, "config-removed-option", "config-unknown-module"];

    #[test]
    fn in_a_configuration_of_the_server() {
        let fixture = r#"
            //- etc/mongooseim.toml
            [[listen.c2s]]
              port = 5222
              zlib = 4096 # hookshift: ignore[config-removed-option] still on 6.0.0
              # hookshift: ignore[config-removed-option, config-unknown-module] still on 6.0.0
            ##                                           ^^^^^^^^^^^^^^^^^^^^^ warning[unused-suppression]: no finding of `config-unknown-module`
              max_fsm_queue = 100
            # hookshift: ignore[config-removed-option] another server
            [[listen.c2s]]
              zlib = 1
              max_fsm_queue = 100

              [listen.c2s.tls]
            # hookshift: ignore[config-removed-option] in vain
            ##<^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ warning[unused-suppression]: no finding of `config-removed-option`
            ## = label: for lines 16 to 17
            [[listen.service]]
              port = 8888
            [[listen.c2s]]
              zlib = 1
            ##^^^^ error[config-removed-option]: zlib
            "#;
        Case::new(fixture).rules(&OF_CONFIG).check();
    }

    #[test]
    fn in_a_whole_configuration() {
        let fixture = r#"
            //- mongooseim.toml
            # hookshift: ignore-file[config-removed-option, config-unknown-module] generated
            ##                                              ^^^^^^^^^^^^^^^^^^^^^ warning[unused-suppression]: no finding of `config-unknown-module`
            ## = label: for the whole file
            [[listen.c2s]]
              zlib = 1
            # hookshift: ignore[config-removed-option] said twice
            [[listen.c2s]]
              zlib = 1
            //- mongooseim-staging.toml
            [[listen.c2s]]
              zlib = 1
            ##^^^^ error[config-removed-option]: zlib
            "#;
        Case::new(fixture).rules(&OF_CONFIG).check();
    }

    #[test]
    fn in_a_configuration_they_are_deleted_with_their_lines() {
        fixed_together(
            &OF_CONFIG,
            r##"
            //- mongooseim.toml
            [[listen.c2s]]
              # hookshift: ignore[config-removed-option] in vain
              port = 5222 # hookshift: ignore[config-removed-option] in vain
              access = "# hookshift: ignore[config-removed-option] no comment"
              {{#zlib}}
              # ours
              # hookshift: ignore[config-unknown-module, config-removed-option] still on 6.0.0
              zlib = {{{zlib}}} # hookshift: ignore[config-removed-option] x # hookshift: ignore[config-unknown-module] y {{/zlib}}
            # hookshift: ignore[config-removed-option] too late"##,
            r##"
            //- mongooseim.toml
            [[listen.c2s]]
              port = 5222
              access = "# hookshift: ignore[config-removed-option] no comment"
              {{#zlib}}
              # ours
              # hookshift: ignore[config-removed-option] still on 6.0.0
              zlib = {{{zlib}}} # hookshift: ignore[config-removed-option] x {{/zlib}}"##,
        );
    }

    #[test]
    fn a_comment_with_half_of_a_condition_is_not_deleted() {
        let fixture = "
            //- mongooseim.toml
            {{#old}}
            port = 1 # hookshift: ignore[config-removed-option] while {{/old}} we have both
            ";
        let done = Case::new(fixture).rules(&OF_CONFIG).fix(true).outcome;
        let left: Vec<_> = done.after.findings.iter().map(|it| (it.rule, it.no_fix.as_deref())).collect();
        assert_eq!(left, [(RULE, Some("something else would change with it"))]);
        assert!(done.files.is_empty());
    }

    #[test]
    fn what_is_suppressed_in_a_configuration_is_not_fixed() {
        fixed_together(
            &OF_CONFIG,
            "
            //- mongooseim.toml
            [[listen.c2s]]
              # hookshift: ignore[config-removed-option] still on 6.0.0
              zlib = 1
            [[listen.c2s]]
              port = 5222
              zlib = 1
            ",
            "
            //- mongooseim.toml
            [[listen.c2s]]
              # hookshift: ignore[config-removed-option] still on 6.0.0
              zlib = 1
            [[listen.c2s]]
              port = 5222
            ",
        );
    }
}
