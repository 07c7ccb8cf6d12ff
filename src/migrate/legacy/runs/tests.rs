//! Runs before and after.

use super::{own, positional, snake_case};
use crate::catalog::{Positional, Upgrade, Version};
use crate::migrate::legacy::testing::{Project, becomes, becomes_unsafely, refused};
use crate::migrate::serving::Context;
use crate::project::options::Options;
use crate::project::registrations::Index;
use crate::rules::testing::files;

fn in_project<R>(fixture: &str, ask: impl FnOnce(&Context<'_>) -> R) -> R {
    let project = Project::new(&files(fixture));
    let found = project.registrations();
    let upgrade = Upgrade::between(Version::new(6, 0, 0), Version::new(6, 1, 0)).unwrap();
    let options = Options::default();
    ask(&Context::new(&upgrade, &project.modules, &options, Index::new([&found[..]])))
}

fn asked(hook: &str, fixture: &str) -> Option<Positional> {
    in_project(fixture, |context| positional(context, hook))
}

#[test]
fn all_functions_that_run() {
    becomes(
        r#"
        -module(mod_a).
        -export([sent/4]).
        -define(SEEN, acme_seen).
        sent(Host, Acc, From, ToJID) ->
            ejabberd_hooks:run(acme_booted, [Host]),
            ejabberd_hooks:run(?SEEN, Host, [From, ToJID, <<"chat">>]),
            Acc2 = ejabberd_hooks:run_fold(acme_filter, Acc, []),
            case ejabberd_hooks:run_fold(acme_sent, Host, Acc2,
                                         [From,
                                          ToJID]) of
                drop -> drop;
                Acc3 -> ejabberd_hooks:run_fold(acme_sent, Host, Acc3, [From, ToJID])
            end.
        //- src/mod_b.erl
        -module(mod_b).
        -export([start/2, seen/4]).
        start(Host, _Opts) ->
            ejabberd_hooks:add(acme_seen, Host, ?MODULE, seen, 50).
        seen(Acc, _, _, Type) -> {Acc, Type}.
        "#,
        r#"
        -module(mod_a).
        -export([sent/4]).
        -define(SEEN, acme_seen).
        sent(Host, Acc, From, ToJID) ->
            gen_hook:run_fold(acme_booted, global, ok, #{host => Host}),
            gen_hook:run_fold(?SEEN, Host, ok, #{from => From, to_jid => ToJID, type => <<"chat">>}),
            {_, Acc2} = gen_hook:run_fold(acme_filter, global, Acc, #{}),
            case element(2, gen_hook:run_fold(acme_sent, Host, Acc2,
                                              #{from => From,
                                               to_jid => ToJID})) of
                drop -> drop;
                Acc3 -> element(2, gen_hook:run_fold(acme_sent, Host, Acc3, #{from => From, to_jid => ToJID}))
            end.
        //- src/mod_b.erl
        -module(mod_b).
        -export([start/2, seen/4]).
        start(Host, _Opts) ->
            gen_hook:add_handler(acme_seen, Host, fun ?MODULE:seen/3, #{}, 50).
        seen(Acc, _, _, Type) -> {Acc, Type}.
        "#,
    );
}

#[test]
fn maps_to_which_arguments_are_added() {
    becomes(
        r#"
        sent(HostType, Acc, From, Packet) ->
            gen_hook:run_fold(acme_sent, HostType, Acc, ejabberd_hooks:add_args(#{sender => From}, [From, Packet])).
        seen(HostType, Acc, From) ->
            Params = #{from => From},
            Args = [From],
            ParamsWithLegacyArgs = ejabberd_hooks:add_args(Params, Args),
            gen_hook:run_fold(acme_seen, HostType, Acc, ParamsWithLegacyArgs);
        seen(HostType, Args, none) ->
            {HostType, Args}.
        booted(HostType, Acc) ->
            Params = ejabberd_hooks:add_args(#{}, [HostType]),
            gen_hook:run_fold(acme_booted, HostType, Acc, Params).
        "#,
        r#"
        sent(HostType, Acc, From, Packet) ->
            gen_hook:run_fold(acme_sent, HostType, Acc, #{sender => From, packet => Packet}).
        seen(HostType, Acc, From) ->
            Params = #{from => From},
            gen_hook:run_fold(acme_seen, HostType, Acc, Params);
        seen(HostType, Args, none) ->
            {HostType, Args}.
        booted(HostType, Acc) ->
            Params = #{host_type => HostType},
            gen_hook:run_fold(acme_booted, HostType, Acc, Params).
        "#,
    );
}

#[test]
fn maps_into_which_arguments_cannot_go() {
    refused(
        "`Size` gets its value behind the map",
        r#"
        f(HostType, Acc, Packet) ->
            Params = #{packet => Packet},
            Size = byte_size(Packet),
            gen_hook:run_fold(acme_x, HostType, Acc, ejabberd_hooks:add_args(Params, [Packet, Size])).
        "#,
    );
    refused(
        "`Args` is used for other things",
        r#"
        f(HostType, Acc, Packet) ->
            Args = [Packet],
            io:format("~p", Args),
            gen_hook:run_fold(acme_x, HostType, Acc, ejabberd_hooks:add_args(#{}, Args)).
        "#,
    );
}

#[test]
fn values_that_nobody_uses() {
    becomes(
        r#"
        told(Hosts, User) ->
            lists:foreach(fun(Host) -> ejabberd_hooks:run(acme_told, Host, [User]) end, Hosts),
            [ejabberd_hooks:run(acme_told, Host, [User]) || Host <- Hosts],
            catch ejabberd_hooks:run(acme_told, global, [User]),
            _ = ejabberd_hooks:run_fold(acme_told, ok, [User]),
            ok = ejabberd_hooks:run(acme_told, [User]),
            All = lists:map(fun(Host) -> ejabberd_hooks:run_fold(acme_told, Host, 1, [User]) end, Hosts),
            All.
        "#,
        r#"
        told(Hosts, User) ->
            lists:foreach(fun(Host) -> gen_hook:run_fold(acme_told, Host, ok, #{user => User}) end, Hosts),
            [gen_hook:run_fold(acme_told, Host, ok, #{user => User}) || Host <- Hosts],
            catch gen_hook:run_fold(acme_told, global, ok, #{user => User}),
            _ = gen_hook:run_fold(acme_told, global, ok, #{user => User}),
            {_, ok} = gen_hook:run_fold(acme_told, global, ok, #{user => User}),
            All = lists:map(fun(Host) -> element(2, gen_hook:run_fold(acme_told, Host, 1, #{user => User})) end, Hosts),
            All.
        "#,
    );
}

#[test]
fn hooks_of_the_server_are_told() {
    becomes_unsafely(
        "use the function of `mongoose_hooks`",
        r#"
        gone(Host, User) ->
            ejabberd_hooks:run(remove_user, Host, [User, Host]),
            ejabberd_hooks:run(acme_gone, Host, [User]).
        "#,
        r#"
        gone(Host, User) ->
            ejabberd_hooks:run(remove_user, Host, [User, Host]),
            element(2, gen_hook:run_fold(acme_gone, Host, ok, #{user => User})).
        "#,
    );
}

#[test]
fn runs_that_cannot_be_rewritten() {
    refused("known only when the code runs", "f(Hook, Host) -> ejabberd_hooks:run(Hook, Host, [Host]).\n");
    refused("are not written out", "f(Host, Args) -> ejabberd_hooks:run(acme_x, Host, Args).\n");
    refused("are not written out", "f(Host, More) -> ejabberd_hooks:run(acme_x, Host, [Host | More]).\n");
    refused("has a name nowhere", "f(Host) -> ejabberd_hooks:run(acme_x, Host, [Host, 1]).\n");
    refused("have the same name", "f(Host) -> ejabberd_hooks:run(acme_x, Host, [Host, Host]).\n");
    refused(
        "another number of arguments",
        "f(Host, U) -> ejabberd_hooks:run(acme_x, Host, [U]), ejabberd_hooks:run(acme_x, Host, [U, Host]).\n",
    );
}

#[test]
fn handlers_are_told_where_their_arguments_are() {
    let fixture = r#"
        f(Host, U, _FromJID) -> ejabberd_hooks:run(acme_x, Host, [U, 1]), ejabberd_hooks:run(acme_x, Host, [2, _FromJID]).
        g(Host) -> ejabberd_hooks:run(remove_user, Host, [Host]), ejabberd_hooks:run(acme_bad, Host, [1]).
        "#;
    let found = asked("acme_x", fixture).unwrap();
    assert_eq!(found.arguments, ["U", "FromJID"]);
    let keys: Vec<(&str, &str)> = found.keys.iter().map(|(name, key)| (name.as_str(), key.as_str())).collect();
    assert_eq!(keys, [("FromJID", "from_jid"), ("U", "u")]);
    for other in ["remove_user", "acme_bad", "acme_unknown"] {
        assert!(asked(other, fixture).is_none(), "{other}");
    }
    let own = in_project(fixture, own);
    let own: Vec<(&str, &str)> = own.iter().map(|(hook, module)| (hook.as_str(), module.as_str())).collect();
    assert_eq!(own, [("acme_bad", "mod_a"), ("acme_x", "mod_a")]);
}

#[test]
fn keys_are_in_snake_case() {
    for (name, key) in [
        ("From", "from"),
        ("FromJID", "from_jid"),
        ("LServer", "lserver"),
        ("JIDFrom", "jid_from"),
        ("MucHost2", "muc_host2"),
        ("JID2", "jid2"),
        ("Room_Name", "room_name"),
        ("X", "x"),
    ] {
        assert_eq!(snake_case(name), key);
    }
}
