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
