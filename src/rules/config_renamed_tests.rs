use super::ConfigRenamed;
use crate::rules::testing::{check_rule, fixed, fixed_unsafely, unfixed, untouched};

const RULE: &str = ConfigRenamed::NAME;

#[test]
fn what_has_another_name_is_found() {
    check_rule(
        RULE,
        r#"
        //- from 6.3.3 to 6.4.0
        //- mongooseim.toml
        [[listen.service]]
        ##<^^^^^^^^^^^^^^^ error[config-renamed]: `listen.service` is `listen.component` in 6.4.0
        ## = rewrite: mechanical
        ## = label: is `listen.component` now
          shaper_rule = "fast"
        ##^^^^^^^^^^^ error[config-renamed]: `listen.service.shaper_rule` is `listen.component.shaper` in 6.4.0
        ## = rewrite: mechanical
        [s2s]
          certfile = "a.pem"
        ##^^^^^^^^ error[config-renamed]: `s2s.certfile` is `s2s.outgoing.tls.certfile` in 6.4.0
        ## = rewrite: suggestion
        [[host_config]]
          host = "a"
          [host_config.s2s]
            certfile = "b.pem"
        ##  ^^^^^^^^ error[config-renamed]: `s2s.certfile` is `s2s.outgoing.tls.certfile` in 6.4.0
        "#,
    );
}

#[test]
fn a_table_and_its_options_are_renamed_together() {
    fixed(
        RULE,
        r#"
        //- from 6.3.3 to 6.4.0
        //- mongooseim.toml
        [[listen.service]]
          port = {{{service_port}}}
          shaper_rule = "fast"
          [listen.service.tls]
        [[listen.component]]
        [[listen.service]]
          shaper_rule = "slow"
        [[listen.c2s]]
          shaper = "service"
        "#,
        r#"
        //- mongooseim.toml
        [[listen.component]]
          port = {{{service_port}}}
          shaper = "fast"
          [listen.component.tls]
        [[listen.component]]
        [[listen.component]]
          shaper = "slow"
        [[listen.c2s]]
          shaper = "service"
        "#,
    );
}

#[test]
fn another_table_has_to_be_looked_at() {
    fixed_unsafely(
        RULE,
        "it is in another table now: `s2s.outgoing`",
        r#"
        //- from 6.3.3 to 6.4.0
        //- mongooseim.toml
        [s2s]
          default_policy = "allow"
          max_retry_delay = 300

          [[s2s.address]]
            host = "fed"
            ip_address = "127.0.0.1"
        "#,
        r#"
        //- mongooseim.toml
        [s2s]
          default_policy = "allow"
          outgoing.max_retry_delay = 300

          [[s2s.outgoing.address]]
            host = "fed"
            ip_address = "127.0.0.1"
        "#,
    );
}

#[test]
fn where_the_new_name_is_there_a_person_has_to_choose() {
    unfixed(
        RULE,
        "`listen.http.handlers.mod_websockets.state_timeout` is there already",
        r#"
        //- from 6.3.3 to 6.4.0
        //- mongooseim.toml
        [[listen.http]]
        [[listen.http.handlers.mod_websockets]]
          c2s_state_timeout = 1
          state_timeout = 2
        "#,
    );
}

#[test]
fn names_that_stay_are_left_alone() {
    untouched(
        RULE,
        r#"
        //- from 6.3.3 to 6.4.0
        //- mongooseim.toml
        [[listen.component]]
          shaper = "fast"
        [[listen.c2s]]
          shaper_rule = "service"
        [services.service_x]
        [s2s]
          default_policy = "allow"
          outgoing.address = []
        [certfile]
        "#,
    );
}
