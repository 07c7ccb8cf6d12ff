use super::ConfigRemovedValue;
use super::*;
use crate::rules::testing::{check_rule, fixed, fixed_unsafely, untouched};

const RULE: &str = ConfigRemovedValue::NAME;

#[test]
fn values_that_are_gone_are_found_however_they_are_written() {
    check_rule(
        RULE,
        r#"
        //- from 6.3.3 to 6.4.0
        //- mongooseim.toml
        [[listen.c2s]]
          shaper = "c2s_shaper"
        ##         ^^^^^^^^^^^^ error[config-removed-value]: `listen.c2s.shaper` cannot be "c2s_shaper" in 6.4.0
        ## = label: is refused
        ## = rewrite: suggestion
        [[listen.c2s]]
          shaper = 'c2s_shaper' # as ever
        ##         ^^^^^^^^^^^^ error[config-removed-value]: c2s_shaper
        //- mongooseim-two.toml
        listen.s2s = [{shaper = "s2s_shaper"}]
        ##                      ^^^^^^^^^^^^ error[config-removed-value]: s2s_shaper
        ## = rewrite: mechanical
        shaper.fast.max_rate = 50000
        "#,
    );
}

#[test]
fn the_value_that_takes_its_place_is_written() {
    fixed(
        RULE,
        "
        //- from 6.3.3 to 6.4.0
        //- mongooseim.toml
        [[listen.s2s]]
          shaper = 's2s_shaper' # as ever
        [shaper.fast]
          max_rate = 50000
        ",
        "
        //- mongooseim.toml
        [[listen.s2s]]
          shaper = \"fast\" # as ever
        [shaper.fast]
          max_rate = 50000
        ",
    );
    fixed_unsafely(
        RULE,
        "",
        "
        //- from 6.3.3 to 6.4.0
        //- mongooseim.toml
        [[listen.c2s]]
          shaper = \"c2s_shaper\"
        ",
        "
        //- mongooseim.toml
        [[listen.c2s]]
          shaper = \"normal\"
        ",
    );
}

#[test]
fn the_value_that_takes_its_place_has_to_be_there() {
    fixed_unsafely(
        RULE,
        "there is no `shaper.fast` here",
        "
        //- from 6.3.3 to 6.4.0
        //- mongooseim.toml
        [[listen.s2s]]
          shaper = \"s2s_shaper\"
        [shaper.normal]
          max_rate = 1000
        ",
        "
        //- mongooseim.toml
        [[listen.s2s]]
          shaper = \"fast\"
        [shaper.normal]
          max_rate = 1000
        ",
    );
}

#[test]
fn what_is_defined_is_left_alone() {
    untouched(
        RULE,
        r#"
        //- from 6.3.3 to 6.4.0
        //- mongooseim.toml
        [[listen.c2s]]
          shaper = "c2s_shaper"
        [[listen.s2s]]
          shaper = "s2s_shaper"
        [shaper]
          c2s_shaper.max_rate = 1000
          s2s_shaper = {max_rate = 50000}
        "#,
    );
    check_rule(
        RULE,
        r#"
        //- from 6.3.3 to 6.4.0
        //- mongooseim.toml
        [[listen.c2s]]
          shaper = "c2s_shaper"
        ##         ^^^^^^^^^^^^ error[config-removed-value]: c2s_shaper
        ## = note: What is put into the template is not known here; it may define it.
        [shaper.s2s_shaper]
          max_rate = {{{rate}}}
        "#,
    );
}

#[test]
fn items_of_a_list_are_values() {
    let text = "v.a = [ 'x', # one\n  \"y\", {{{z}}} ]\nv.b = 'x'\nv.c = {x = 1}\n";
    let source = crate::source::Source::from_text("mongooseim.toml".into(), text.to_owned()).unwrap();
    let config = ServerConfig::of(&std::sync::Arc::new(source)).unwrap();
    let found = |path: &str, value: &str| {
        let entry = config.at(path).next().unwrap();
        values(&config, entry, value).into_iter().map(|it| config.source.slice(it).to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(found("v.a", "\"x\""), ["'x'"]);
    assert_eq!(found("v.a", "'y'"), ["\"y\""]);
    assert_eq!(found("v.a", "'z'"), [""; 0]);
    assert_eq!(found("v.b", "'x'"), ["'x'"]);
    assert_eq!(found("v.c", "'x'"), [""; 0]);
}

#[test]
fn other_values_are_left_alone() {
    untouched(
        RULE,
        r#"
        //- from 6.3.3 to 6.4.0
        //- mongooseim.toml
        [[listen.c2s]]
          shaper = "normal"
        [[listen.s2s]]
          shaper = {{{s2s_shaper}}}
        [[listen.s2s]]
          shaper = "c2s_shaper"
        [shaper.c2s_shaper]
          max_rate = 1
        "#,
    );
}
