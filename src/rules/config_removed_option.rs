//! `config-removed-option`.

use super::server_config::{delete, shown, told, variables_in_vain};
use super::{Context, Rule};
use crate::catalog::ConfigKind;
use crate::finding::{Finding, Rewrite};
use crate::project::server_config::ServerConfig;

rule! {
    /// Finds options of `mongooseim.toml` that the target release does not have any more.
    ///
    /// Files named `mongooseim.toml`, and templates of them, are looked at wherever they are among the checked files, and so is
    /// what `--mongooseim-toml FILE` names. Where an option of a template goes, and a `vars-toml.config` sets a variable that only
    /// this option used, that is told; nothing is changed there.
    ///
    /// ## Why it matters
    ///
    /// The server takes an option that it does not know for a mistake, and does not start.
    ///
    /// ## Example
    ///
    /// ```toml
    /// [[listen.c2s]]
    ///   port = 5222
    ///   zlib = 4096
    ///   access = "c2s"
    /// ```
    ///
    /// ```toml
    /// [[listen.c2s]]
    ///   port = 5222
    ///   access = "c2s"
    /// ```
    ConfigRemovedOption, "config-removed-option", Error
}

impl Rule for ConfigRemovedOption {
    declared!();

    fn server_config(&self, context: &Context<'_>, config: &ServerConfig, out: &mut Vec<Finding>) {
        let changes = context.upgrade.config_changes_of(ConfigKind::RemovedOption);
        for fate in changes {
            let change = &fate.change;
            for (entry, _) in fate.names.iter().flat_map(|name| config.naming(&name.path)) {
                let message = format!("`{}` is gone in {}", shown(&entry.path), context.upgrade.to());
                let fix = context.options.fixes.then(|| delete(config, entry, &change.look));
                let class = if change.look.is_empty() { Rewrite::Mechanical } else { Rewrite::Suggestion };
                let rule = (self.name(), self.severity());
                let found = told(rule, config, entry.name, change, &message);
                let notes = variables_in_vain(config, entry, context.options);
                let found = notes.into_iter().fold(found, Finding::note);
                out.push(found.label("not an option any more").rewrite(class).fix(fix));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ConfigRemovedOption;
    use crate::rules::testing::{Case, check_rule, fixed, fixed_unsafely, unfixed, untouched};

    const RULE: &str = ConfigRemovedOption::NAME;

    #[test]
    fn options_that_are_gone_are_found_and_deleted() {
        check_rule(
            RULE,
            r#"
            //- mongooseim.toml
            [[listen.c2s]]
              port = 5222
              zlib = 4096
            ##^^^^ error[config-removed-option]: `listen.c2s.zlib` is gone in 6.1.0: the server refuses to start with it
            ## = rewrite: mechanical
            ## = help: Clients that asked for compression
              max_fsm_queue = 100
            ##^^^^^^^^^^^^^ error[config-removed-option]: `listen.c2s.max_fsm_queue` is gone
            ## = rewrite: suggestion
            [[listen.c2s]]
            zlib=1
            ##<^ error[config-removed-option]: zlib
            "#,
        );
        fixed(
            RULE,
            r#"
            //- etc/mongooseim.toml
            [[listen.c2s]]
              port = 5222
              # too little memory
              zlib = 4096 # bytes
              access = "c2s"
            "#,
            r#"
            //- etc/mongooseim.toml
            [[listen.c2s]]
              port = 5222
              # too little memory
              access = "c2s"
            "#,
        );
    }

    #[test]
    fn a_limit_that_is_lost_has_to_be_looked_at() {
        fixed_unsafely(
            RULE,
            "see that the listener has a `shaper`",
            "
            //- mongooseim.toml
            [[listen.c2s]]
              port = 5222
              max_fsm_queue = 1000
            ",
            "
            //- mongooseim.toml
            [[listen.c2s]]
              port = 5222
            ",
        );
    }

    #[test]
    fn a_table_goes_with_all_that_is_in_it() {
        let after = r#"
            //- mongooseim.toml
            [[listen.http]]
              port = 5280

              [[listen.http.handlers.mod_websockets]]
                host = "_"

            [[listen.http]]
              port = 5281
            "#;
        fixed(
            RULE,
            r#"
            //- mongooseim.toml
            [[listen.http]]
              port = 5280

              [[listen.http.handlers.mod_websockets]]
                host = "_"

                [listen.http.handlers.mod_websockets.service]
                  access = "all"
                  password = "secret"

            [[listen.http]]
              port = 5281
            "#,
            after,
        );
        fixed(
            RULE,
            r#"
            //- mongooseim.toml
            [[listen.http]]
              port = 5280

              [[listen.http.handlers.mod_websockets]]
                host = "_"
                service.access = "all"
                service.password = "secret"

            [[listen.http]]
              port = 5281
            "#,
            after,
        );
    }

    #[test]
    fn between_braces_the_comma_goes_as_well() {
        fixed(
            RULE,
            "
            //- mongooseim.toml
            [listen]
            c2s = [{port = 1, zlib = 2}, {zlib = 2, port = 3}, {zlib = 1}]
            ",
            "
            //- mongooseim.toml
            [listen]
            c2s = [{port = 1}, {port = 3}, {}]
            ",
        );
    }

    #[test]
    fn the_condition_of_a_template_goes_with_what_it_is_for() {
        fixed(
            RULE,
            "
            //- mongooseim.toml
            [[listen.c2s]]
              port = {{{c2s_port}}}
              {{#zlib}}
              zlib = {{{zlib}}}
              {{/zlib}}
            [[listen.c2s]]
              {{#more}}
              zlib = 1
              backlog = 7
              {{/more}}
            ",
            "
            //- mongooseim.toml
            [[listen.c2s]]
              port = {{{c2s_port}}}
            [[listen.c2s]]
              {{#more}}
              backlog = 7
              {{/more}}
            ",
        );
    }

    #[test]
    fn what_stands_between_the_parts_of_a_table_stays() {
        fixed(
            RULE,
            r#"
            //- mongooseim.toml
            [[listen.http]]
              [[listen.http.handlers.mod_websockets]]
                host = "_"
              [listen.http.handlers.mod_websockets.service]
                access = "all"

            # for browsers without websockets
            [[listen.http.handlers.mod_bosh]]
              host = "_"

            [listen.http.handlers.mod_websockets.service.tls]
              mode = "tls"

            [shaper.normal]
            "#,
            r#"
            //- mongooseim.toml
            [[listen.http]]
              [[listen.http.handlers.mod_websockets]]
                host = "_"

            # for browsers without websockets
            [[listen.http.handlers.mod_bosh]]
              host = "_"

            [shaper.normal]
            "#,
        );
    }

    #[test]
    fn conditions_of_a_template_stay_whole() {
        fixed(
            RULE,
            "
            //- mongooseim.toml
            [[listen.c2s]]
              {{#zlib}}zlib = {{{zlib}}}
              {{/zlib}}
              port = 5222
            [[listen.c2s]]
              {{#zlib}}zlib = {{{zlib}}}{{/zlib}}
              port = 5222
            ",
            "
            //- mongooseim.toml
            [[listen.c2s]]
              port = 5222
            [[listen.c2s]]
              port = 5222
            ",
        );
        unfixed(
            RULE,
            "a condition of the template goes across it",
            "
            //- mongooseim.toml
            [[listen.c2s]]
              {{#old}}zlib = {{{zlib}}}
              backlog = 7
              {{/old}}
            ",
        );
    }

    #[test]
    fn comments_are_not_lost_unseen() {
        fixed_unsafely(
            RULE,
            "a comment in it goes as well: `# for the old gateway`",
            r#"
            //- mongooseim.toml
            [[listen.http]]
            [[listen.http.handlers.mod_websockets]]
              host = "_"
              [listen.http.handlers.mod_websockets.service]
                # for the old gateway
                access = "all"
            "#,
            r#"
            //- mongooseim.toml
            [[listen.http]]
            [[listen.http.handlers.mod_websockets]]
              host = "_"
            "#,
        );
    }

    #[test]
    fn variables_that_only_it_used_are_told() {
        let case = |vars: &str| {
            let template = "//- rel/files/mongooseim.toml\n\
                [[listen.c2s]]\nport = {{{c2s_port}}}\n{{#zlib}}\nzlib = {{{zlib}}}\n{{/zlib}}\n\
                [[listen.c2s]]\nmax_fsm_queue = {{{c2s_port}}}\n";
            let findings = Case::new(&format!("{template}{vars}")).rules(&[RULE]).findings();
            findings.iter().map(|it| it.notes.join("\n")).collect::<Vec<_>>()
        };
        let told = case(
            "//- rel/vars-toml.config\n{c2s_port, \"5222\"}.\n\
            //- rel/prod.vars-toml.config\n%% more memory\n{zlib, \"10_000\"}.\n{c2s_port, \"5223\"}.\n\
            //- other/vars-toml.config\n{zlib, \"10_000\"}.\n",
        );
        let [zlib, queue] = &told[..] else { panic!("{told:?}") };
        assert!(zlib.contains("The variable `zlib` is set in `"), "{zlib}");
        assert!(zlib.ends_with("rel/prod.vars-toml.config:2`, and nothing else of this template uses it."), "{zlib}");
        assert!(!zlib.contains("other/"), "{zlib}");
        // The other one is used elsewhere.
        assert_eq!(queue, "");
        // Nobody sets it; another value has it in it; it cannot be read.
        assert_eq!(case("//- rel/vars-toml.config\n{port, \"1\"}.\n"), ["", ""]);
        let used = "//- rel/vars-toml.config\n{zlib, \"1\"}.\n{more, \"zlib = {{zlib}}\"}.\n";
        assert_eq!(case(used), ["", ""]);
        let broken = case("//- rel/vars-toml.config\n{zlib, \"1}.\n");
        assert!(
            broken[0].ends_with("vars-toml.config` is no term with a name, and what it sets is not known."),
            "{broken:?}"
        );
        assert_eq!(broken[1], "");
        let binary = case("//- rel/vars-toml.config\n{zlib, \"\0\"}.\n");
        assert!(binary[0].starts_with("What is put into the template is not all known: "), "{binary:?}");
    }

    #[test]
    fn what_a_release_puts_into_a_file_that_is_no_template_is_not_told() {
        let fixture = "
            //- mongooseim.toml
            [[listen.c2s]]
              zlib = 1
            //- vars-toml.config
            {zlib, \"1\"}.
            ";
        let findings = Case::new(fixture).rules(&[RULE]).findings();
        assert_eq!(findings.iter().map(|it| it.notes.len()).collect::<Vec<_>>(), [0]);
    }

    #[test]
    fn options_of_the_same_name_elsewhere_stay() {
        untouched(
            RULE,
            r#"
            //- mongooseim.toml
            # zlib = 1
            [general]
              max_fsm_queue = 1000
            [[listen.c2s]]
              port = 5222
              access = "zlib"
            [[listen.service]]
              max_fsm_queue = 1000
            [[listen.http.handlers.mod_websockets]]
              host = "service"
            "#,
        );
    }
}
