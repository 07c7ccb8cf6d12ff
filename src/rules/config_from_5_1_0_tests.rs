//! The server's configuration from 5.1.0 to 6.0.0, seen through the rules.

use super::testing::{Case, check_rule, fixed, fixed_unsafely, unfixed, untouched};

#[test]
fn modules_that_went() {
    check_rule(
        "config-removed-option",
        r#"
//- from 5.1.0 to 6.0.0
//- mongooseim.toml
[modules.mod_commands]
##<^^^^^^^^^^^^^^^^^^^ error[config-removed-option]: `modules.mod_commands` is gone in 6.0.0
[modules.mod_muc_commands]
##<^^^^^^^^^^^^^^^^^^^^^^^ error[config-removed-option]: mod_muc_commands
[modules]
mod_inbox_commands = {}
##<^^^^^^^^^^^^^^^ error[config-removed-option]: mod_inbox_commands
[[host_config]]
  host = "a"
  [host_config.modules.mod_muc_light_commands]
##^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[config-removed-option]: `modules.mod_muc_light_commands` is gone
"#,
    );
    fixed(
        "config-removed-option",
        "
        //- from 5.1.0 to 6.0.0
        //- mongooseim.toml
        [modules.mod_disco]
          users_can_see_hidden_services = false

        [modules.mod_commands]

        {{#mod_cache_users}}
        [modules.mod_cache_users]
        {{{mod_cache_users}}}
        {{/mod_cache_users}}
        [modules.mod_muc_commands]

        [modules.mod_muc_light_commands]

        {{#mod_last}}
        [modules.mod_last]
        {{{mod_last}}}
        {{/mod_last}}
        ",
        "
        //- mongooseim.toml
        [modules.mod_disco]
          users_can_see_hidden_services = false

        {{#mod_cache_users}}
        [modules.mod_cache_users]
        {{{mod_cache_users}}}
        {{/mod_cache_users}}

        {{#mod_last}}
        [modules.mod_last]
        {{{mod_last}}}
        {{/mod_last}}
        ",
    );
}

#[test]
fn the_archive_has_another_name() {
    fixed(
        "config-renamed",
        r#"
        //- from 5.1.0 to 6.0.0
        //- mongooseim.toml
        [modules.mod_mam_meta]
          backend = "rdbms"
          muc.host = "muc.@HOST@"

          [modules.mod_mam_meta.pm]
            archive_groupchats = true

        [[host_config]]
          host = "a"

          [host_config.modules.mod_mam_meta.cache]
            module = "internal"
        "#,
        r#"
        //- mongooseim.toml
        [modules.mod_mam]
          backend = "rdbms"
          muc.host = "muc.@HOST@"

          [modules.mod_mam.pm]
            archive_groupchats = true

        [[host_config]]
          host = "a"

          [host_config.modules.mod_mam.cache]
            module = "internal"
        "#,
    );
    unfixed(
        "config-renamed",
        "`modules.mod_mam` is there already",
        "
        //- from 5.1.0 to 6.0.0
        //- mongooseim.toml
        [modules.mod_mam_meta]
        [modules.mod_mam]
        ",
    );
}

#[test]
fn handlers_of_the_rest_api() {
    check_rule(
        "config-removed-option",
        r#"
//- from 5.1.0 to 6.0.0
//- mongooseim.toml
[[listen.http]]
  [[listen.http.handlers.mongoose_domain_handler]]
##^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[config-removed-option]: `listen.http.handlers.mongoose_domain_handler` is gone
## = rewrite: suggestion
    host = "localhost"
  [[listen.http.handlers.mongoose_api]]
##^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[config-removed-option]: mongoose_api
  [[listen.http.handlers.mongoose_api_client]]
##^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[config-removed-option]: mongoose_api_client
  [[listen.http.handlers.mongoose_client_api]]
"#,
    );
    fixed_unsafely(
        "config-renamed",
        "some requests of the API have other parameters",
        r#"
        //- from 5.1.0 to 6.0.0
        //- mongooseim.toml
        [[listen.http]]
          port = 8088
          [[listen.http.handlers.mongoose_api_admin]]
            host = "localhost"
            path = "/api"
        "#,
        r#"
        //- mongooseim.toml
        [[listen.http]]
          port = 8088
          [[listen.http.handlers.mongoose_admin_api]]
            host = "localhost"
            path = "/api"
        "#,
    );
    fixed(
        "config-removed-value",
        r#"
        //- from 5.1.0 to 6.0.0
        //- mongooseim.toml
        [[listen.http]]
          [[listen.http.handlers.mongoose_client_api]]
            handlers = ["mongoose_client_api_messages", 'lasse_handler', # events
              "mongoose_client_api_rooms_config"]
        "#,
        r#"
        //- mongooseim.toml
        [[listen.http]]
          [[listen.http.handlers.mongoose_client_api]]
            handlers = ["messages", "sse", # events
              "rooms_config"]
        "#,
    );
}

#[test]
fn what_several_steps_do_is_told_once() {
    // The module of the archive is renamed once, the handlers twice or for good.
    let fixture = r#"
        //- mongooseim.toml
        [modules.mod_mam_meta]
        [[listen.http]]
          [[listen.http.handlers.mod_websockets]]
            c2s_state_timeout = 1
        "#;
    let case = Case::new(fixture).from("5.1.0").to("6.1.0").rules(&["config-renamed", "config-removed-option"]);
    let messages: Vec<String> = case.findings().into_iter().map(|it| it.message).collect();
    assert_eq!(messages.len(), 1, "{messages:?}");
    assert!(messages[0].starts_with("`modules.mod_mam_meta` is `modules.mod_mam` in 6.1.0"), "{messages:?}");
}

#[test]
fn what_is_right_in_6_0_0_is_left_alone() {
    let right = r#"
        //- from 5.1.0 to 6.0.0
        //- mongooseim.toml
        [modules.mod_mam]
          backend = "rdbms"
          [modules.mod_mam.muc]
        [modules.mod_muc]
        [modules.mod_inbox]
        [[listen.http]]
          [[listen.http.handlers.mongoose_admin_api]]
            path = "/mongoose_api"
          [[listen.http.handlers.mongoose_client_api]]
            handlers = ["sse", "messages"]
          [[listen.http.handlers.acme_api]]
            handlers = ["lasse_handler"]
        [outgoing_pools.riak.default]
        "#;
    for rule in ["config-renamed", "config-removed-option", "config-removed-value", "config-required-option"] {
        untouched(rule, right);
    }
}
