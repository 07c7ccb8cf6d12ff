//! Functions whose successors went or changed again before the target release, seen through the rules.

use super::testing::{check_rule, fixed, fixed_unsafely, unfixed, untouched};

const REMOVED: &str = "removed-function";

fn between(from: &str, to: &str, code: &str) -> String {
    format!("//- from {from} to {to}\n{}", code.trim_start_matches('\n'))
}

const DOMAINS: &str = r#"
-module(mod_acme_domains).
-export([ascii/1, all/1]).
ascii(Domain) ->
    case ejabberd_s2s:domain_utf8_to_ascii(Domain) of
        false -> Domain;
        Ascii -> Ascii
    end.
all(Domains) -> lists:map(fun ejabberd_s2s:domain_utf8_to_ascii/1, Domains).
"#;

#[test]
fn a_call_is_written_once_in_its_final_form() {
    fixed(
        REMOVED,
        &between("6.1.0", "6.8.0", DOMAINS),
        r#"
-module(mod_acme_domains).
-export([ascii/1, all/1]).
ascii(Domain) ->
    case mongoose_s2s_lib:domain_utf8_to_ascii(Domain, binary) of
        false -> Domain;
        Ascii -> Ascii
    end.
all(Domains) -> lists:map(fun(Domain) -> mongoose_s2s_lib:domain_utf8_to_ascii(Domain, binary) end, Domains).
"#,
    );
}

#[test]
fn before_the_last_of_the_steps_it_is_the_form_of_that_release() {
    fixed(REMOVED, &between("6.1.0", "6.3.3", DOMAINS), &DOMAINS.replace("ejabberd_s2s:", "mongoose_s2s_lib:"));
}

#[test]
fn texts_that_are_translated_no_longer() {
    let code = |text: &str| {
        format!(
            "-module(mod_acme_help).\n-export([help/2]).\nhelp(Lang, El) ->\n    [{text}, jlib:make_result_iq_reply(El)].\n"
        )
    };
    let before = code("translate:translate(Lang, <<\"Help\">>)");
    fixed(REMOVED, &between("6.3.1", "6.8.0", &before), &code("<<\"Help\">>"));
    fixed(REMOVED, &between("6.1.0", "6.7.0", &before), &code("service_translations:do(Lang, <<\"Help\">>)"));
    fixed(
        REMOVED,
        &between("6.3.1", "6.8.0", &code("translate:translate(Lang, El -- Lang) -- Lang")),
        &code("(El -- Lang) -- Lang"),
    );
    unfixed(
        REMOVED,
        "what stands for `Lang` would no longer be evaluated",
        &between("6.3.1", "6.8.0", &code("translate:translate(lang_of(El), <<\"Help\">>)")),
    );
}

#[test]
fn a_macro_is_left_out_where_it_is_seen_to_be_a_value() {
    let code = |defines: &str, text: &str| {
        format!("-module(mod_acme_help).\n-export([help/0]).\n{defines}help() ->\n    [{text}].\n")
    };
    let before = |defines: &str| between("6.3.1", "6.8.0", &code(defines, "translate:translate(?HELP, <<\"Help\">>)"));
    for defines in ["-define(HELP, {<<\"en\">>, ?MODULE}).\n", "-define(EN, en).\n-define(HELP, ?EN).\n"] {
        fixed(REMOVED, &before(defines), &code(defines, "<<\"Help\">>"));
    }
    for defines in [
        "-define(HELP, acme_texts:language()).\n",
        "-define(EN, acme_texts:language()).\n-define(HELP, [?EN]).\n",
        "-define(HELP, ?HELP).\n",
        "-define(HELP(X), X).\n",
        "-include(\"acme.hrl\").\n",
        "-ifdef(EN).\n-define(HELP, en).\n-else.\n-define(HELP, acme_texts:language()).\n-endif.\n",
    ] {
        unfixed(REMOVED, "what stands for `Lang` would no longer be evaluated", &before(defines));
    }
}

#[test]
fn the_whole_is_as_safe_as_the_least_safe_of_its_steps() {
    let code =
        |call: &str| format!("-module(mod_acme_desk).\n-export([where/2]).\nwhere(User, Server) ->\n    {call}.\n");
    let before = code("ejabberd_sm:get_user_present_resources(User, Server)");
    let after = code("ejabberd_sm:get_user_present_resources(jid:make_bare(User, Server))");
    fixed(REMOVED, &between("5.1.0", "6.0.0", &before), &after);
    fixed_unsafely(REMOVED, "A session counts from its opening on", &between("5.1.0", "6.8.0", &before), &after);
}

#[test]
fn what_is_needed_by_one_step_and_moved_by_the_next() {
    let code = |call: &str| {
        format!(
            "-module(mod_acme_tunes).\n-export([hooks/1, sent/3]).\nhooks(HostType) -> [{{user_send_message, HostType, fun ?MODULE:sent/3, #{{}}, 50}}].\nsent(Acc, #{{from := From}}, #{{host := Host}}) ->\n    {call},\n    {{ok, Acc}}.\n"
        )
    };
    let before = code("mod_pubsub:publish_item(Host, Host, node(), From, <<>>, [])");
    let after = code("mod_pubsub_old:publish_item(Host, Host, node(), From, <<>>, [], Acc)");
    for reason in ["notifications of PEP go to the publisher alone", "`mod_pubsub_old`, which has to be enabled"] {
        fixed_unsafely(REMOVED, reason, &between("6.5.0", "6.8.0", &before), &after);
    }
    let before = "-module(mod_acme_tunes).\n-export([drop/3]).\ndrop(Host, From, Id) -> mod_pubsub:delete_item(Host, node(), From, Id).\n";
    unfixed(REMOVED, "it needs `Acc`, which is not at hand here", &between("6.5.0", "6.8.0", before));
}

#[test]
fn what_people_are_told_is_there() {
    check_rule(
        REMOVED,
        &between(
            "6.0.0",
            "6.8.0",
            r#"
-module(mod_acme_events).
-export([tell/4]).
tell(Pid, From, To, El) ->
    ejabberd_c2s:send_filtered(Pid, acme, From, To, El).
%%  ^^^^^^^^^^^^^^^^^^^^^^^^^^ error[removed-function]: `ejabberd_c2s:send_filtered/5` is gone in 6.8.0
%%  = help: use `mongoose_router:route(mongoose_acc:new(From, To, Packet, {?MODULE, ?FUNCTION_NAME, ?LINE}))`
%%  = rewrite: advice
"#,
        ),
    );
}

#[test]
fn results_that_two_steps_write_in_other_ways_are_left_to_a_person() {
    for call in [
        "ok = ejabberd_router:register_component(Domain, H)",
        "ejabberd_router:register_component(Domain, node(), H, true)",
        "{atomic, ok} = ejabberd_router:unregister_component(Domain)",
    ] {
        let code =
            format!("-module(mod_acme_gate).\n-export([open/2]).\nopen(Domain, H) -> {call}, {{open, Domain, H}}.\n");
        unfixed(REMOVED, "which is gone in 6.8.0 as well", &between("6.1.0", "6.8.0", &code));
    }
}

#[test]
fn what_went_without_a_successor_is_left_to_a_person() {
    for (from, call) in [
        ("6.1.0", "ejabberd_s2s:lookup_certfile(Arg)"),
        ("6.2.0", "mod_caps:delete_caps(Arg)"),
        ("6.0.0", "ejabberd_c2s:get_subscribed(Arg)"),
        ("6.2.1", "mongoose_metrics:get_aggregated_values(Arg)"),
    ] {
        let code = format!("-module(mod_acme_ops).\n-export([ask/1]).\nask(Arg) -> {call}.\n");
        unfixed(REMOVED, "which is gone in 6.8.0 as well", &between(from, "6.8.0", &code));
    }
}

#[test]
fn the_final_form_stays() {
    untouched(
        REMOVED,
        &between(
            "6.0.0",
            "6.8.0",
            r#"
-module(mod_acme_domains).
-export([ascii/1, text/2, publish/3]).
ascii(Domain) -> mongoose_s2s_lib:domain_utf8_to_ascii(Domain, binary).
text(_Lang, Text) -> Text.
publish(Host, From, Acc) -> mod_pubsub_old:publish_item(Host, Host, node(), From, <<>>, [], Acc).
"#,
        ),
    );
}

#[test]
fn functions_of_the_project_stay() {
    untouched(
        REMOVED,
        r#"
//- from 6.3.1 to 6.8.0
//- src/translate.erl
-module(translate).
-export([translate/2]).
translate(Lang, Text) -> <<Lang/binary, Text/binary>>.
//- src/mod_acme_help.erl
-module(mod_acme_help).
-export([help/1]).
help(Lang) -> translate:translate(Lang, <<"Help">>).
"#,
    );
}

#[test]
fn functions_of_another_arity_stay() {
    untouched(
        REMOVED,
        &between(
            "6.1.0",
            "6.8.0",
            r#"
-module(mod_acme_tunes).
-export([sent/2]).
sent(Acc, Lang) ->
    Text = acme_texts:translate(Lang, <<"Tune">>),
    acme_pubsub:publish_item(Acc, Text),
    domain_utf8_to_ascii(Text).
domain_utf8_to_ascii(Text) -> Text.
"#,
        ),
    );
}

/// What a macro is given is any code, whatever its parameter is called, and is put in where the parameter stands.
#[test]
fn what_a_macro_is_given_is_neither_dropped_nor_torn_apart() {
    unfixed(
        REMOVED,
        "what stands for `Lang` would no longer be evaluated",
        &between(
            "6.3.1",
            "6.8.0",
            r#"
-module(mod_acme_texts).
-export([text/1]).
-define(TR(Lang, Text), translate:translate(Lang, Text)).
text(From) -> ?TR(seen(From), <<"Welcome">>).
seen(From) -> put(from, From), <<"en">>.
"#,
        ),
    );
    fixed(
        REMOVED,
        &between(
            "6.3.1",
            "6.8.0",
            r#"
-module(mod_acme_texts).
-export([text/1]).
-define(TR(Text), translate:translate(<<"en">>, Text)).
text(More) -> ?TR("Welcome" ++ More) -- "W".
"#,
        ),
        r#"
-module(mod_acme_texts).
-export([text/1]).
-define(TR(Text), (Text)).
text(More) -> ?TR("Welcome" ++ More) -- "W".
"#,
    );
}

#[test]
fn in_a_function_nothing_is_put_in_parentheses_that_stands_alone() {
    fixed(
        REMOVED,
        &between(
            "6.3.1",
            "6.8.0",
            "-module(mod_a).\n-export([f/2]).\nf(Lang, More) -> io:format(Lang), translate:translate(Lang, \"W\" ++ More).\n",
        ),
        "-module(mod_a).\n-export([f/2]).\nf(Lang, More) -> io:format(Lang), \"W\" ++ More.\n",
    );
}
