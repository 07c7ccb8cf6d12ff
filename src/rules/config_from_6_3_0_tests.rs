//! Options that changed between 6.3.0 and 6.4.0, seen through the rules.

use super::testing::{check_rule, untouched};

#[test]
fn options_that_went() {
    check_rule(
        "config-removed-option",
        r#"
//- from 6.3.3 to 6.4.0
//- mongooseim.toml
[general]
  max_fsm_queue = 1000
##^^^^^^^^^^^^^ error[config-removed-option]: connections to other servers and of components have no limit of this kind any more
  hosts = ["localhost"]
[[listen.c2s]]
  port = 5222
  tls.module = "fast_tls"
##    ^^^^^^ error[config-removed-option]: all connections use the TLS of Erlang
[s2s]
  use_starttls = "required"
##^^^^^^^^^^^^ error[config-removed-option]: it is `mode` of the TLS options of either direction
  default_policy = "allow"
"#,
    );
    untouched(
        "config-removed-option",
        r#"
//- from 6.3.3 to 6.4.0
//- mongooseim.toml
[general]
  hosts = ["localhost"]
[[listen.c2s]]
  port = 5222
  tls.certfile = "cert.pem"
[s2s]
  default_policy = "allow"
"#,
    );
}

#[test]
fn the_library_for_tls_is_another_one_by_default() {
    check_rule(
        "config-changed-default",
        r#"
//- from 6.3.1 to 6.3.2
//- mongooseim.toml
[[listen.c2s]]
  port = 5222
  [listen.c2s.tls]
##^^^^^^^^^^^^^^^^ info[config-changed-default]: the default of `listen.c2s.tls.module` is "just_tls" in 6.3.2, and was "fast_tls"
    certfile = "cert.pem"
[[listen.c2s]]
  port = 5223
  [listen.c2s.tls]
    module = "just_tls"
[[listen.c2s]]
  port = 5224
"#,
    );
}
