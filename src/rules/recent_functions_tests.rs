//! Functions that went or changed between 6.5.0 and 6.8.0, seen through the rules.

use super::testing::{fixed, fixed_unsafely, untouched};

const REMOVED: &str = "removed-function";
const CHANGED: &str = "changed-function";

fn to_6_6_0(code: &str) -> String {
    format!("//- from 6.5.0 to 6.6.0\n{}", code.trim_start_matches('\n'))
}

fn to_6_8_0(code: &str) -> String {
    format!("//- from 6.7.0 to 6.8.0\n{}", code.trim_start_matches('\n'))
}

#[test]
fn limits_of_queries_are_written_out() {
    fixed(
        REMOVED,
        &to_6_6_0(
            r#"
-module(mod_acme_notes_rdbms).
-export([prepare/0, read/3, page/4]).
prepare() ->
    {Limit, Top} = rdbms_queries:get_db_specific_limits_binaries(),
    mongoose_rdbms:prepare(acme_notes, notes, [owner, limit],
                           <<"SELECT ", Top/binary, " body FROM notes WHERE owner = ? ", Limit/binary>>),
    mongoose_rdbms:prepare(acme_page, notes, [owner, limit, offset],
                           [<<"SELECT body FROM notes WHERE owner = ?">>, rdbms_queries:limit_offset_sql()]).
read(HostType, Owner, Max) ->
    mongoose_rdbms:execute(HostType, acme_notes, rdbms_queries:add_limit_arg(Max, [Owner])).
page(HostType, Owner, Max, From) ->
    mongoose_rdbms:execute(HostType, acme_page, [Owner | rdbms_queries:limit_offset_args(Max, From)]).
"#,
        ),
        r#"
-module(mod_acme_notes_rdbms).
-export([prepare/0, read/3, page/4]).
prepare() ->
    {Limit, Top} = {<<"LIMIT ?">>, <<>>},
    mongoose_rdbms:prepare(acme_notes, notes, [owner, limit],
                           <<"SELECT ", Top/binary, " body FROM notes WHERE owner = ? ", Limit/binary>>),
    mongoose_rdbms:prepare(acme_page, notes, [owner, limit, offset],
                           [<<"SELECT body FROM notes WHERE owner = ?">>, rdbms_queries:limit_offset()]).
read(HostType, Owner, Max) ->
    mongoose_rdbms:execute(HostType, acme_notes, lists:append([Owner], [Max])).
page(HostType, Owner, Max, From) ->
    mongoose_rdbms:execute(HostType, acme_page, [Owner | [Max, From]]).
"#,
    );
}

#[test]
fn the_key_of_an_upsert_is_not_given_any_more() {
    fixed(
        REMOVED,
        &to_6_6_0(
            r#"
-module(mod_acme_seen).
-export([seen/3]).
seen(HostType, Jid, Now) ->
    rdbms_queries:request_upsert(HostType, acme_seen, [Jid, Now], [Now], [Jid]).
"#,
        ),
        r#"
-module(mod_acme_seen).
-export([seen/3]).
seen(HostType, Jid, Now) ->
    rdbms_queries:request_upsert(HostType, acme_seen, [Jid, Now], [Now]).
"#,
    );
}

#[test]
fn an_upsert_with_five_arguments_is_another_one() {
    fixed_unsafely(
        CHANGED,
        "",
        &to_6_6_0(
            r#"
-module(mod_acme_seen).
-export([seen/3]).
seen(HostType, Jid, Now) ->
    rdbms_queries:execute_upsert(HostType, acme_seen, [Jid, Now], [Now], [Jid]).
"#,
        ),
        r#"
-module(mod_acme_seen).
-export([seen/3]).
seen(HostType, Jid, Now) ->
    rdbms_queries:execute_upsert(HostType, acme_seen, [Jid, Now], [Now]).
"#,
    );
}

#[test]
fn upserts_of_many_rows_stay() {
    let code = r#"
-module(mod_acme_seen).
-export([prepare/1, seen/4]).
prepare(HostType) ->
    rdbms_queries:prepare_upsert(HostType, acme_seen, acme_seen, [<<"jid">>, <<"at">>], [<<"at">>], [<<"jid">>]).
seen(HostType, Name, Rows, Updates) ->
    rdbms_queries:execute_upsert_many(HostType, Name, Rows, Updates).
"#;
    untouched(REMOVED, &to_6_6_0(code));
    untouched(CHANGED, &to_6_6_0(code));
}

#[test]
fn who_acts_is_said() {
    fixed(
        REMOVED,
        &to_6_6_0(
            r#"
-module(mod_acme_bot).
-export([tell/2, befriend/2, passwd/3]).
tell(To, Text) ->
    {ok, _} = mongoose_stanza_api:send_chat_message(undefined, acme:bot(), To, Text).
befriend(A, B) ->
    mod_roster_api:subscribe_both({A, <<>>, []}, {B, <<>>, []}).
passwd(User, Host, Password) ->
    mongoose_account_api:change_password(User, Host, Password).
"#,
        ),
        r#"
-module(mod_acme_bot).
-export([tell/2, befriend/2, passwd/3]).
tell(To, Text) ->
    {ok, _} = mongoose_stanza_api:send_chat_message(undefined, acme:bot(), To, Text, admin_api).
befriend(A, B) ->
    mod_roster_api:subscribe_both({A, <<>>, []}, {B, <<>>, []}, admin_api).
passwd(User, Host, Password) ->
    mongoose_account_api:change_password(jid:make_bare(User, Host), Password).
"#,
    );
}

#[test]
fn recent_messages_are_asked_for_as_before() {
    untouched(
        REMOVED,
        &to_6_6_0(
            r#"
-module(mod_acme_recent).
-export([recent/1, passwd/2]).
recent(User) ->
    mongoose_stanza_api:lookup_recent_messages(User, undefined, undefined, 10, true).
passwd(Jid, Password) ->
    mongoose_account_api:change_password(Jid, Password).
"#,
        ),
    );
}

#[test]
fn the_old_pubsub_has_another_name() {
    fixed_unsafely(
        REMOVED,
        "",
        &to_6_8_0(
            r#"
-module(mod_acme_news).
-export([publish/3]).
publish(Acc, Owner, Item) ->
    mod_pubsub:publish_item(jid:to_lower(Owner), Owner, <<"urn:acme:news">>, Owner, <<>>, [Item], Acc).
"#,
        ),
        r#"
-module(mod_acme_news).
-export([publish/3]).
publish(Acc, Owner, Item) ->
    mod_pubsub_old:publish_item(jid:to_lower(Owner), Owner, <<"urn:acme:news">>, Owner, <<>>, [Item], Acc).
"#,
    );
}

#[test]
fn registration_takes_no_language() {
    fixed(
        REMOVED,
        &to_6_8_0(
            r#"
-module(mod_acme_signup).
-export([sign_up/4]).
sign_up(HostType, User, Server, Password) ->
    mod_register:try_register(HostType, User, Server, Password, {0, 0, 0, 0}, <<"en">>).
"#,
        ),
        r#"
-module(mod_acme_signup).
-export([sign_up/4]).
sign_up(HostType, User, Server, Password) ->
    mod_register:try_register(HostType, User, Server, Password, {0, 0, 0, 0}).
"#,
    );
}
