//! What changed between 6.1.0 and 6.3.0, seen through the rules.

use super::testing::{check_rule, fixed, fixed_together, fixed_unsafely, unfixed, untouched};

const REMOVED: &str = "removed-function";
const HOOK: &str = "removed-hook";
const RUN: &str = "removed-run";
const PARAMS: &str = "changed-params";
const ACCUMULATOR: &str = "changed-accumulator";

/// A fixture about two releases.
fn between(from: &str, to: &str, code: &str) -> String {
    format!("//- from {from} to {to}\n{}", code.trim_start_matches('\n'))
}

fn to_6_2_0(code: &str) -> String {
    between("6.1.0", "6.2.0", code)
}

fn to_6_2_1(code: &str) -> String {
    between("6.2.0", "6.2.1", code)
}

fn to_6_3_0(code: &str) -> String {
    between("6.2.1", "6.3.0", code)
}

/// Hooks that lost their ending in 6.3.0, and nothing else.
const RENAMED: [&str; 11] = [
    "anonymous_purge",
    "forbidden_session",
    "offline_groupchat_message",
    "offline_message",
    "presence_probe",
    "resend_offline_messages",
    "set_presence",
    "sm_register_connection",
    "sm_remove_connection",
    "unset_presence",
    "user_available",
];

#[test]
fn hooks_that_lost_their_ending_are_registered_under_their_new_names() {
    for name in RENAMED {
        let with = |hook: &str| {
            format!(
                "-module(mod_acme).\n-export([hooks/1, note/3]).\nhooks(HostType) ->\n    [{{{hook}, HostType, fun ?MODULE:note/3, #{{}}, 45}}].\n\nnote(Acc, #{{jid := Jid}}, _Extra) ->\n    log(Jid),\n    {{ok, Acc}};\nnote(Acc, _Params, _Extra) ->\n    {{stop, Acc}}.\n"
            )
        };
        fixed(HOOK, &to_6_3_0(&with(&format!("{name}_hook"))), &with(name));
        untouched(HOOK, &to_6_3_0(&with(name)));
    }
}

#[test]
fn a_list_of_names_in_a_macro_that_one_place_uses() {
    fixed(
        HOOK,
        &to_6_3_0(
            r"
-module(mod_acme).
-export([start/2, note/3]).
-define(HOOKS, [set_presence_hook, unset_presence_hook]).
start(HostType, _Opts) ->
    gen_hook:add_handlers([{Hook, HostType, fun ?MODULE:note/3, #{}, 70} || Hook <- ?HOOKS]).
note(Acc, #{jid := Jid}, _Extra) ->
    log(Jid),
    {ok, Acc}.
",
        ),
        r"
-module(mod_acme).
-export([start/2, note/3]).
-define(HOOKS, [set_presence, unset_presence]).
start(HostType, _Opts) ->
    gen_hook:add_handlers([{Hook, HostType, fun ?MODULE:note/3, #{}, 70} || Hook <- ?HOOKS]).
note(Acc, #{jid := Jid}, _Extra) ->
    log(Jid),
    {ok, Acc}.
",
    );
}

#[test]
fn a_macro_that_other_code_uses_too_is_for_a_person() {
    for other in ["names() -> ?HOOKS.", "-define(ALL, [user_send_message | ?HOOKS])."] {
        let code = |one: &str, two: &str| {
            format!(
                "-module(mod_acme).\n-export([start/2, note/3, names/0]).\n-define(HOOKS, [{one}, {two}]).\nstart(HostType, _Opts) ->\n    gen_hook:add_handlers([{{Hook, HostType, fun ?MODULE:note/3, #{{}}, 70}} || Hook <- ?HOOKS]).\nnote(Acc, _Params, _Extra) ->\n    {{ok, Acc}}.\n{other}\n"
            )
        };
        fixed_unsafely(
            HOOK,
            "stands in the macro `?HOOKS`",
            &to_6_3_0(&code("set_presence_hook", "unset_presence_hook")),
            &code("set_presence", "unset_presence"),
        );
    }
}

#[test]
fn a_macro_in_a_header_is_for_a_person() {
    fixed_unsafely(
        HOOK,
        "stands in the macro `?HOOKS`",
        &to_6_3_0(
            r#"
-module(mod_acme).
-export([start/2, note/3]).
-include("acme.hrl").
start(HostType, _Opts) ->
    gen_hook:add_handlers([{Hook, HostType, fun ?MODULE:note/3, #{}, 70} || Hook <- ?HOOKS]).
note(Acc, _Params, _Extra) ->
    {ok, Acc}.
//- include/acme.hrl
-define(HOOKS, [set_presence_hook]).
"#,
        ),
        "//- include/acme.hrl\n-define(HOOKS, [set_presence]).\n",
    );
}

#[test]
fn a_module_for_both_releases_is_not_registered_twice() {
    fixed_unsafely(
        HOOK,
        "the module has a handler for `offline_message` already",
        &to_6_3_0(
            r"
-module(mod_acme).
-export([hooks/1, note/3, late/3]).
hooks(HostType) ->
    [{offline_message_hook, HostType, fun ?MODULE:note/3, #{}, 45},
     {offline_message, HostType, fun ?MODULE:late/3, #{}, 60}].
note(Acc, _Params, _Extra) -> {ok, Acc}.
late(Acc, _Params, _Extra) -> {ok, Acc}.
",
        ),
        r"
-module(mod_acme).
-export([hooks/1, note/3, late/3]).
hooks(HostType) ->
    [{offline_message, HostType, fun ?MODULE:note/3, #{}, 45},
     {offline_message, HostType, fun ?MODULE:late/3, #{}, 60}].
note(Acc, _Params, _Extra) -> {ok, Acc}.
late(Acc, _Params, _Extra) -> {ok, Acc}.
",
    );
}

#[test]
fn what_runs_such_a_hook_calls_the_function_of_the_new_name() {
    fixed_together(
        &[RUN, REMOVED],
        &to_6_3_0(
            r"
-module(mod_acme).
-export([again/2, lost/4, gone/3]).
again(Acc, Jid) ->
    mongoose_hooks:resend_offline_messages_hook(Acc, Jid).
lost(Acc, From, To, Packet) ->
    mongoose_hooks:offline_message_hook(Acc, From, To, Packet).
gone(Acc, Jid, Status) ->
    mongoose_hooks:unset_presence_hook(Acc, Jid, Status).
",
        ),
        r"
-module(mod_acme).
-export([again/2, lost/4, gone/3]).
again(Acc, Jid) ->
    mongoose_hooks:resend_offline_messages(Acc, Jid).
lost(Acc, From, To, Packet) ->
    mongoose_hooks:offline_message(Acc, From, To, Packet).
gone(Acc, Jid, Status) ->
    mongoose_hooks:unset_presence(Acc, Jid, Status).
",
    );
}

#[test]
fn hooks_that_went_leave_events() {
    check_rule(
        HOOK,
        r"
//- from 6.2.1 to 6.3.0
-module(mod_acme).
-export([hooks/1, note/3]).
hooks(HostType) ->
    [{xmpp_stanza_dropped, HostType, fun ?MODULE:note/3, #{}, 50},
%%    ^^^^^^^^^^^^^^^^^^^ error[removed-hook]: xmpp_stanza_dropped
%%    = help: router_stanza_dropped
     {xmpp_bounce_message, HostType, fun ?MODULE:note/3, #{}, 50},
%%    ^^^^^^^^^^^^^^^^^^^ error[removed-hook]: xmpp_bounce_message
%%    = help: sm_message_bounced
     {privacy_list_push, HostType, fun ?MODULE:note/3, #{}, 50},
%%    ^^^^^^^^^^^^^^^^^ error[removed-hook]: privacy_list_push
%%    = help: mod_privacy_push_item
     {mam_flush_messages, HostType, fun ?MODULE:note/3, #{}, 50},
%%    ^^^^^^^^^^^^^^^^^^ error[removed-hook]: mam_flush_messages
%%    = help: mod_mam_pm_flushed
     {mam_muc_flush_messages, HostType, fun ?MODULE:note/3, #{}, 50}].
%%    ^^^^^^^^^^^^^^^^^^^^^^ error[removed-hook]: mam_muc_flush_messages
%%    = help: mod_mam_muc_flushed
note(Acc, _Params, _Extra) -> {ok, Acc}.
",
    );
}

#[test]
fn old_names_that_are_other_words() {
    untouched(
        HOOK,
        &to_6_3_0(
            r"
-module(mod_acme).
-export([hooks/1, note/3, name/1]).
hooks(HostType) ->
    [{user_send_message, HostType, fun ?MODULE:note/3, #{counter => offline_message_hook}, 50}].
note(Acc, _Params, #{counter := Counter}) ->
    log(name(Counter)),
    {ok, Acc}.
name(offline_message_hook) -> offline;
name(xmpp_bounce_message) -> bounced.
",
        ),
    );
}

#[test]
fn nobody_has_another_name() {
    fixed(
        PARAMS,
        &to_6_2_0(
            r"
-module(mod_acme).
-export([hooks/1, failed/3]).
hooks(HostType) ->
    [{auth_failed, HostType, fun ?MODULE:failed/3, #{}, 50}].
failed(Acc, #{username := unknown, server := Server}, _Extra) ->
    alarms:raise(Server),
    {ok, Acc};
failed(Acc, #{username := User, server := Server}, _Extra) ->
    alarms:raise(User, Server),
    {ok, Acc}.
",
        ),
        r"
-module(mod_acme).
-export([hooks/1, failed/3]).
hooks(HostType) ->
    [{auth_failed, HostType, fun ?MODULE:failed/3, #{}, 50}].
failed(Acc, #{username := undefined, server := Server}, _Extra) ->
    alarms:raise(Server),
    {ok, Acc};
failed(Acc, #{username := User, server := Server}, _Extra) ->
    alarms:raise(User, Server),
    {ok, Acc}.
",
    );
}

#[test]
fn a_name_that_may_still_be_nobodys() {
    // A guard, a literal or a twin lets some calls through to the clause behind.
    for head in [
        "failed(Acc, #{username := unknown, server := Server}, _Extra) when Server =/= <<\"acme.org\">>",
        "failed(Acc, #{username := unknown, server := <<\"acme.org\">> = Server}, _Extra)",
        "failed(Server = Acc, #{username := unknown, server := Server}, _Extra)",
    ] {
        let code = |head: &str| {
            format!(
                "-module(mod_acme).\n-export([hooks/1, failed/3]).\nhooks(HostType) ->\n    [{{auth_failed, HostType, fun ?MODULE:failed/3, #{{}}, 50}}].\n{head} ->\n    alarms:raise(Server),\n    {{ok, Acc}};\nfailed(Acc, #{{username := User, server := Server}}, _Extra) ->\n    alarms:raise(User, Server),\n    {{ok, Acc}}.\n"
            )
        };
        fixed_unsafely(
            PARAMS,
            "`username` takes other values now",
            &to_6_2_0(&code(head)),
            &code(&head.replace("unknown", "undefined")),
        );
    }
}

#[test]
fn who_adds_features_goes_on() {
    for rule in [PARAMS, ACCUMULATOR] {
        untouched(
            rule,
            &to_6_2_0(
                r"
-module(mod_acme).
-export([hooks/1, features/3, pushed/3]).
hooks(HostType) ->
    [{c2s_stream_features, HostType, fun ?MODULE:features/3, #{}, 50},
     {push_notifications, HostType, fun ?MODULE:pushed/3, #{}, 5}].
features(Acc, #{lserver := LServer}, _Extra) ->
    {ok, [acme:feature(LServer) | Acc]}.
pushed(Acc, #{options := Options, notification_forms := Forms}, _Extra) ->
    acme:count(Options, Forms),
    {ok, Acc}.
",
            ),
        );
    }
}

#[test]
fn items_of_a_roster_are_the_accumulator() {
    let before = r"
-module(mod_acme).
-export([hooks/1, add/3]).
hooks(HostType) ->
    [{roster_get, HostType, fun ?MODULE:add/3, #{}, 80}].

add(Acc, #{jid := Jid}, _Extra) ->
    {ok, mongoose_acc:append(roster, items, team:items(Jid), Acc)}.
";
    fixed_unsafely(
        ACCUMULATOR,
        "A handler cannot give it back",
        &to_6_2_1(before),
        r"
-module(mod_acme).
-export([hooks/1, add/3, roster_get/3]).
hooks(HostType) ->
    [{roster_get, HostType, fun ?MODULE:roster_get/3, #{}, 80}].

add(Acc, #{jid := Jid}, _Extra) ->
    {ok, mongoose_acc:append(roster, items, team:items(Jid), Acc)}.

%% Calls add/3 as MongooseIM 6.2.0 did for roster_get.
roster_get(Items, #{mongoose_acc := MongooseAcc, show_full_roster := Full} = Params, Extra) ->
    Acc = mongoose_acc:set(roster, [{show_full_roster, Full}, {items, Items}], MongooseAcc),
    {Tag, NewAcc} = add(Acc, Params, Extra),
    {Tag, mongoose_acc:get(roster, items, Items, NewAcc)}.
",
    );
}

#[test]
fn who_looks_on_at_rosters_goes_on() {
    untouched(
        ACCUMULATOR,
        &to_6_2_1(
            r"
-module(mod_acme).
-export([hooks/1, asked/3]).
hooks(HostType) ->
    [{roster_get, HostType, fun ?MODULE:asked/3, #{}, 20}].
asked(Acc, #{jid := Jid}, _Extra) ->
    log(Jid),
    {ok, Acc}.
",
        ),
    );
}

#[test]
fn components_are_another_module() {
    fixed(
        REMOVED,
        &to_6_2_0(
            r"
-module(acme_gateway).
-export([open/1, close/1, is_open/1]).
open(Domain) ->
    ejabberd_router:register_component(Domain, mongoose_packet_handler:new(?MODULE)),
    ok.
close(Domain) ->
    ejabberd_router:unregister_component(Domain),
    ok.
is_open(Domain) ->
    ejabberd_router:is_component_dirty(Domain).
",
        ),
        r"
-module(acme_gateway).
-export([open/1, close/1, is_open/1]).
open(Domain) ->
    mongoose_component:register_components([Domain], node(), mongoose_packet_handler:new(?MODULE), false),
    ok.
close(Domain) ->
    mongoose_component:unregister_components(mongoose_component:lookup_component(jid:nameprep(Domain), node())),
    ok.
is_open(Domain) ->
    mongoose_component:has_component(Domain).
",
    );
}

#[test]
fn what_a_form_gives_is_for_a_person() {
    unfixed(
        REMOVED,
        "fields are a map and were a list",
        &to_6_2_0("-module(a).\n-export([f/1]).\nf(Form) -> jlib:parse_xdata_submit(Form).\n"),
    );
}

#[test]
fn shapers_are_another_module() {
    fixed(
        REMOVED,
        &to_6_2_1(
            r"
-module(acme_pace).
-export([new/1, pause/2]).
new(Names) ->
    lists:map(fun shaper:new/1, Names).
pause(Shaper, Size) ->
    {NewShaper, Pause} = shaper:update(Shaper, Size),
    timer:sleep(Pause),
    NewShaper.
",
        ),
        r"
-module(acme_pace).
-export([new/1, pause/2]).
new(Names) ->
    lists:map(fun mongoose_shaper:new/1, Names).
pause(Shaper, Size) ->
    {NewShaper, Pause} = mongoose_shaper:update(Shaper, Size),
    timer:sleep(Pause),
    NewShaper.
",
    );
}

#[test]
fn modules_of_other_names_are_others() {
    untouched(
        REMOVED,
        &to_6_2_1(
            r"
-module(acme_pace).
-export([new/1]).
new(Name) ->
    acme_shaper:new(Name),
    mongoose_shaper:new(Name).
",
        ),
    );
}

#[test]
fn options_that_went() {
    check_rule(
        "config-removed-option",
        r#"
//- from 6.1.0 to 6.2.0
//- mongooseim.toml
[general]
  hosts = ["localhost"]
  mongooseimctl_access_commands.local.commands = ["join_cluster"]
##^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[config-removed-option]: the old commands that it was about are gone
[services.service_admin_extra]
##<^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[config-removed-option]: the service is gone with the old commands
[services.service_domain_db]
[modules.mod_last]
  riak.bucket_type = "last"
##^^^^ error[config-removed-option]: the support of Riak is gone
"#,
    );
    untouched(
        "config-removed-option",
        r#"
//- from 6.1.0 to 6.2.0
//- mongooseim.toml
[general]
  hosts = ["localhost"]
[services.service_domain_db]
[modules.mod_last]
  backend = "rdbms"
"#,
    );
}
