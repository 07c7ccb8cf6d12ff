use super::ConfigRequiredOption;
use crate::rules::testing::{check_rule, unfixed, untouched};

const RULE: &str = ConfigRequiredOption::NAME;

#[test]
fn a_table_that_lacks_it_is_found() {
    check_rule(
        RULE,
        r#"
        //- from 6.3.0 to 6.3.1
        //- mongooseim.toml
        [[listen.c2s]]
          port = 5222
          tls.certfile = "a.pem"
        ##^^^ error[config-required-option]: `listen.c2s.tls.cacertfile` has to be given in 6.3.1
        ## = label: no `cacertfile` here
        ## = rewrite: advice
        [[listen.c2s]]
          [listen.c2s.tls]
        ##^^^^^^^^^^^^^^^^ error[config-required-option]: cacertfile
            verify_mode = "peer"
        [[listen.c2s]]
          tls.cacertfile = "ca.pem"
        //- mongooseim-two.toml
        listen.c2s = [{port = 1, tls = {certfile = "a.pem"}}, {tls = {cacertfile = "ca.pem"}}]
        ##                       ^^^ error[config-required-option]: cacertfile
        "#,
    );
    unfixed(
        RULE,
        "depends on where the server runs",
        "
        //- from 6.3.0 to 6.3.1
        //- mongooseim.toml
        [[listen.c2s]]
          tls.certfile = 'a.pem'
        ",
    );
}

#[test]
fn in_a_template_more_may_be_given() {
    check_rule(
        RULE,
        r#"
        //- from 6.3.0 to 6.3.1
        //- mongooseim.toml
        [[listen.c2s]]
          port = {{{port}}}
          [listen.c2s.tls]
        ##^^^^^^^^^^^^^^^^ error[config-required-option]: cacertfile
        ## = note: What is put into the template is not known here
        "#,
    );
}

#[test]
fn what_does_instead_is_enough() {
    untouched(
        RULE,
        r#"
        //- from 6.3.0 to 6.3.1
        //- mongooseim.toml
        [[listen.c2s]]
          port = 5222
          tls.verify_mode = 'none'
        [[listen.c2s]]
          [listen.c2s.tls]
            cacertfile = "ca.pem"
        [[listen.c2s]]
          tls.verify_mode = {{{verify}}}
        [[listen.c2s]]
          port = 5223
        [[listen.s2s]]
          tls.certfile = "a.pem"
        "#,
    );
}

#[test]
fn where_it_may_be_left_out_again_nothing_is_said() {
    untouched(
        RULE,
        r#"
        //- from 6.3.0 to 6.4.0
        //- mongooseim.toml
        [[listen.c2s]]
          tls.certfile = "a.pem"
        "#,
    );
}

#[test]
fn an_option_can_make_another_one_necessary() {
    check_rule(
        RULE,
        r#"
        //- from 6.4.0 to 6.6.0
        //- mongooseim.toml
        [[listen.c2s]]
          tls.certfile = "a.pem"
        ##^^^ error[config-required-option]: `listen.c2s.tls.keyfile` has to be given in 6.6.0: the server refuses to start where `certfile`
        ## = label: no `keyfile` here
        [[listen.http]]
          [listen.http.tls]
        ##^^^^^^^^^^^^^^^^^ error[config-required-option]: `listen.http.tls.keyfile`
            certfile = "a.pem"
        [outgoing_pools.http.pushes.connection]
          tls = {certfile = "a.pem", cacertfile = "ca.pem"}
        ##^^^ error[config-required-option]: `outgoing_pools.*.*.connection.tls.keyfile`
          [modules.mod_global_distrib.connections.tls]
        ##^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[config-required-option]: `modules.mod_global_distrib.connections.tls.keyfile`
          certfile = "a.pem"
        "#,
    );
    // It was called otherwise where it makes the other one necessary.
    check_rule(
        RULE,
        r#"
        //- from 6.3.3 to 6.6.0
        //- mongooseim.toml
          [s2s]
        ##^^^^^ error[config-required-option]: `s2s.outgoing.tls.keyfile` has to be given in 6.6.0
          certfile = "a.pem"
        //- mongooseim-moved.toml
        [s2s.outgoing]
          tls.certfile = "a.pem"
        ##^^^ error[config-required-option]: `s2s.outgoing.tls.keyfile`
        "#,
    );
    untouched(
        RULE,
        r#"
        //- from 6.3.3 to 6.6.0
        //- mongooseim.toml
        [[listen.c2s]]
          tls.verify_mode = "none"
        [[listen.c2s]]
          tls.certfile = "a.pem"
          tls.keyfile = "a.key"
        [[listen.s2s]]
          tls = {keyfile = {{{key}}}, certfile = "a.pem"}
        [outgoing_pools.http.pushes.connection]
          tls.verify_mode = "none"
        [s2s]
          certfile = "a.pem"
          outgoing.tls.keyfile = "a.key"
        "#,
    );
}

#[test]
fn a_value_can_make_an_option_necessary() {
    check_rule(
        RULE,
        r#"
        //- from 6.1.0 to 6.2.0
        //- mongooseim.toml
        [[listen.c2s]]
          tls = {certfile = "a.pem", module = 'just_tls'}
        ##^^^ error[config-required-option]: `listen.c2s.tls.cacertfile` has to be given in 6.2.0: the server refuses to start without it where `module`
        "#,
    );
    // What a later step says holds in all of these cases.
    check_rule(
        RULE,
        r#"
        //- from 6.1.0 to 6.3.1
        //- mongooseim.toml
        [instrumentation.exometer]
        [[listen.c2s]]
          tls = {certfile = "a.pem", module = "just_tls"}
        ##^^^ error[config-required-option]: `listen.c2s.tls.cacertfile` has to be given in 6.3.1: the server refuses to start without it, also with
        "#,
    );
    untouched(
        RULE,
        r#"
        //- from 6.1.0 to 6.2.0
        //- mongooseim.toml
        [[listen.c2s]]
          tls = {certfile = "a.pem", module = "fast_tls"}
        [[listen.c2s]]
          tls = {certfile = "a.pem"}
        [[listen.c2s]]
          tls = {certfile = "a.pem", module = "just_tls", verify_mode = "none"}
        [[listen.c2s]]
          tls = {certfile = "a.pem", module = {{{tls_module}}}}
        "#,
    );
}

#[test]
fn a_value_elsewhere_counts_for_each_table_of_a_list() {
    check_rule(
        RULE,
        r#"
        //- from 6.3.0 to 6.3.1
        //- mongooseim.toml
          [[listen.s2s]]
        ##^^^^^^^^^^^^^^ error[config-required-option]: `listen.s2s.tls.cacertfile` has to be given in 6.3.1: the server refuses to start without it where `use_starttls` is `required`
          port = 5269
        [[listen.s2s]]
          tls.cacertfile = "ca.pem"
        [[listen.s2s]]
          tls.verify_mode = "none"
        [s2s]
          use_starttls = "required"
        [[host_config]]
          host = "b.example"
          s2s.use_starttls = "required_trusted"
        //- mongooseim-host.toml
        listen.s2s = [{port = 1}]
        ##            ^^^^^^^^^^ error[config-required-option]: where `use_starttls` is `required_trusted`
        [[host_config]]
          host = "b.example"
          s2s.use_starttls = "required_trusted"
        "#,
    );
    untouched(
        RULE,
        r#"
        //- from 6.3.0 to 6.3.1
        //- mongooseim.toml
        [[listen.s2s]]
          port = 5269
        [s2s]
          use_starttls = "optional"
        "#,
    );
    // 6.4.0 has neither the option nor the need.
    untouched(
        RULE,
        r#"
        //- from 6.3.0 to 6.4.0
        //- mongooseim.toml
        [[listen.s2s]]
          port = 5269
        [s2s]
          use_starttls = "required"
        "#,
    );
}

#[test]
fn authorities_may_be_left_to_the_system_again() {
    let text = r#"
        //- mongooseim.toml
        [instrumentation.exometer]
        [[listen.http]]
          tls = {certfile = "a.pem", keyfile = "a.key"}
        ##^^^ error[config-required-option]: cacertfile
        [outgoing_pools.http.pushes.connection]
          tls = {}
        ##^^^ error[config-required-option]: cacertfile
        "#;
    check_rule(RULE, &format!("\n        //- from 6.1.0 to 6.3.3{text}"));
    let without: String = text.split_inclusive('\n').filter(|line| !line.contains("##")).collect();
    untouched(RULE, &format!("\n        //- from 6.1.0 to 6.4.0{without}"));
}
