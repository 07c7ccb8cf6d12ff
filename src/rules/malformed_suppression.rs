//! `malformed-suppression`.

use super::suppressions::{self, Commented};
use super::{Context, ModuleView, Rule};
use crate::finding::Finding;
use crate::outline::directives::Language;
use crate::project::server_config::ServerConfig;

rule! {
    /// Finds a comment that is meant to suppress findings, and does not, because something is wrong with it.
    ///
    /// ## Why it matters
    ///
    /// A comment suppresses what the rules that it names find in the line behind which it stands. On a line of its own, it is
    /// for the next line of code, and for the whole of a function or an attribute that starts there. `ignore-file`, outside of
    /// functions and attributes, is for the whole file. In a configuration of the server comments start with `#`, and an option with its value
    /// or a table up to the next header takes the place of a function. Rules are named one by one, and a reason stands behind the bracket:
    /// whoever reads the code later has to be able to tell whether it still holds.
    ///
    /// What is written in another way suppresses nothing, so that nobody relies on it: there is no such rule, `*` stands in
    /// place of names, the reason is missing or still `<why>`, a colon or a bracket is missing. What this rule and
    /// [`unused-suppression`](unused-suppression.md) find cannot be suppressed.
    ///
    /// ## Example
    ///
    /// ```erlang
    /// hooks(HostType) ->
    ///     [{acme_sent, HostType, fun ?MODULE:sent/3, #{}, 50}]. % hookshift: ignore[unknown-hooks]
    /// ```
    ///
    /// ```erlang
    /// hooks(HostType) ->
    ///     [{acme_sent, HostType, fun ?MODULE:sent/3, #{}, 50}]. % hookshift: ignore[unknown-hook] our fork runs it
    /// ```
    MalformedSuppression, "malformed-suppression", Error
}

impl Rule for MalformedSuppression {
    declared!();

    fn module(&self, view: &ModuleView<'_>, out: &mut Vec<Finding>) {
        self.look(Commented::Module(view.module), out);
    }

    fn server_config(&self, _context: &Context<'_>, config: &ServerConfig, out: &mut Vec<Finding>) {
        self.look(Commented::Config(config), out);
    }
}

impl MalformedSuppression {
    fn look(&self, file: Commented<'_>, out: &mut Vec<Finding>) {
        let sign = match file.language() {
            Language::Erlang => "%%",
            Language::Toml => "#",
        };
        for directive in file.directives() {
            let Err(why) = suppressions::rules(file, directive) else { continue };
            let place = file.place(directive.span);
            let finding = Finding::new(self.name(), self.severity(), place, format!("this suppresses nothing: {why}"))
                .label("not understood")
                .help(format!("write `{sign} hookshift: ignore[RULE] REASON`, or `ignore-file` for the whole file"));
            out.push(finding);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{Case, check_rule, untouched};

    const RULE: &str = "malformed-suppression";

    #[test]
    fn a_rule_that_there_is_not() {
        check_rule(
            RULE,
            r#"
            -module(mod_a).
            f() -> ok. %% hookshift: ignore[remove-hook] why not
            %%         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[malformed-suppression]: this suppresses nothing: there is no rule `remove-hook`; did you mean `removed-hook`?
            %% = help: write `%% hookshift: ignore[RULE] REASON`
            % hookshift: ignore[removed-hook, E501] why not
            %%<^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[malformed-suppression]: there is no rule `E501`
            g() -> ok.
            "#,
        );
    }

    #[test]
    fn all_rules_at_once() {
        check_rule(
            RULE,
            r#"
            %% hookshift: ignore-file[*] generated
            %%<^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[malformed-suppression]: each rule has to be named
            -module(mod_a).
            %% hookshift: ignore
            %%<^^^^^^^^^^^^^^^^^ error[malformed-suppression]: have to follow right away, in brackets
            f() -> ok.
            "#,
        );
    }

    #[test]
    fn what_finds_mistakes_in_comments() {
        check_rule(
            RULE,
            r#"
            %% hookshift: ignore[unused-suppression] they come and go
            %%<^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[malformed-suppression]: what `unused-suppression` finds cannot be suppressed
            %% hookshift: ignore[malformed-suppression] why not
            %%<^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[malformed-suppression]: cannot be suppressed
            %% hookshift: ignore[unused-supression] why not
            %%<^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[malformed-suppression]: there is no rule `unused-supression`
            f() -> ok.
            "#,
        );
    }

    #[test]
    fn a_reason_that_is_missing() {
        check_rule(
            RULE,
            r#"
            -module(mod_a).
            f() -> ok. %% hookshift: ignore[removed-hook]
            %%         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[malformed-suppression]: the reason is missing
            g() -> ok. %% hookshift: ignore[removed-hook] <why>
            %%         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[malformed-suppression]: `<why>` stands where the reason has to be
            "#,
        );
    }

    #[test]
    fn signs_that_are_missing() {
        check_rule(
            RULE,
            r#"
            -module(mod_a).
            f() -> ok. %% hookshift ignore[removed-hook] why not
            %%         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[malformed-suppression]: a colon is missing
            g() -> ok. %% hookshift: ignore[removed-hook why not
            %%         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[malformed-suppression]: the bracket behind the names of rules is missing
            h() -> ok. %% hookshift: ignore[removed-hook,] why not
            %%         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[malformed-suppression]: the name of a rule is missing
            "#,
        );
    }

    #[test]
    fn another_verb() {
        check_rule(
            RULE,
            r#"
            -module(mod_a).
            f() -> ok. %% hookshift: ignore_file[removed-hook] why not
            %%         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[malformed-suppression]: `ignore_file` means nothing here; did you mean `ignore-file`?
            "#,
        );
    }

    #[test]
    fn for_the_file_inside_of_a_function() {
        check_rule(
            RULE,
            r#"
            -module(mod_a).
            f() ->
                %% hookshift: ignore-file[removed-hook] why not
            %%  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[malformed-suppression]: cannot stand inside of a function
                ok.
            "#,
        );
    }

    #[test]
    fn in_a_header() {
        check_rule(
            RULE,
            r#"
            //- include/a.hrl
            -define(A, 1). %% hookshift: ignore[removed-hook]
            %%             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[malformed-suppression]: the reason is missing
            "#,
        );
    }

    #[test]
    fn it_suppresses_nothing() {
        let code = r#"
            -module(mod_a).
            start(HostType, _) ->
                gen_hook:add_handler(auth_faild, HostType, fun ?MODULE:f/3, #{}, 50). %% hookshift: ignore[unknown-hook, *] x
            %%                       ^^^^^^^^^^ warning[unknown-hook]: did you mean
            %%                                                                        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[malformed-suppression]: each rule has to be named
            f(Acc, _, _) -> {ok, Acc}.
            "#;
        Case::new(code).rules(&[RULE, "unknown-hook", "unused-suppression"]).check();
    }

    #[test]
    fn what_is_well_written() {
        untouched(
            RULE,
            r#"
            %%% hookshift:ignore-file[removed-hook, changed-params]: not shipped
            -module(mod_a).
            %hookshift: ignore[ removed-hook ] (see #12)
            f() -> ok.
            "#,
        );
    }

    #[test]
    fn what_only_mentions_hookshift() {
        untouched(
            RULE,
            r#"
            %% hookshift ignores this.
            %% see hookshift: ignore[RULE] is for comments
            -module(mod_a).
            f() -> "%% hookshift: ignore". % hookshift: a tool
            "#,
        );
    }

    #[test]
    fn what_is_no_comment() {
        untouched(
            RULE,
            r#"
            -module(mod_a).
            f() -> {"%% hookshift: ignore[*]", '% hookshift ignore[x]', $%, "
            %% hookshift: ignore
            "}.
            "#,
        );
    }

    #[test]
    fn in_a_configuration_of_the_server() {
        check_rule(
            RULE,
            r#"
            //- mongooseim.toml
            [general] # hookshift: ignore[config-removed-options] why not
            ##        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[malformed-suppression]: this suppresses nothing: there is no rule `config-removed-options`; did you mean `config-removed-option`?
            ## = help: write `# hookshift: ignore[RULE] REASON`
              hosts = [
                # hookshift: ignore-file[config-removed-option] why not
            ##  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[malformed-suppression]: cannot stand inside of an option
                "a" # hookshift: ignore[config-removed-option]
            ##      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[malformed-suppression]: the reason is missing
              ]
            ## hookshift: ignore-file config-removed-option
            ##<^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[malformed-suppression]: have to follow right away, in brackets
            "#,
        );
        untouched(
            RULE,
            r##"
            //- mongooseim.toml
            # hookshift: ignore-file[config-removed-option] why not
            # hookshift ignores this, and %% hookshift: ignore[x] is for Erlang
            [general]
              language = "# hookshift: ignore"
              motd = """
            # hookshift: ignore[*]
            """
            "##,
        );
    }
}
