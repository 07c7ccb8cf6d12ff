//! Wrappers, macros and names, and what cannot be followed.

use crate::migrate::legacy::testing::{becomes, becomes_unsafely, refused};

#[test]
fn an_action_that_is_used_otherwise_is_refused() {
    refused(
        "used for other things",
        r#"
        start(Host, _Opts) -> all(add, Host).
        stop(Host) -> all(delete, Host).
        all(Action, Host) ->
            io:format("~p", [Action]),
            ejabberd_hooks:Action(remove_user, Host, ?MODULE, gone, 60).
        gone(Acc, _User, _Server) -> Acc.
        "#,
    );
    refused(
        "is called by other modules",
        r#"
        -module(mod_a).
        -export([start/2, all/2, gone/3]).
        start(Host, _Opts) -> all(add, Host).
        all(Action, Host) ->
            ejabberd_hooks:Action(remove_user, Host, ?MODULE, gone, 60).
        gone(Acc, _User, _Server) -> Acc.
        //- src/mod_b.erl
        off(Host) -> mod_a:all(delete, Host).
        "#,
    );
    refused(
        "does not write out",
        r#"
        start(Host, Opts) -> all(add, Host), all(maps:get(action, Opts), Host).
        all(Action, Host) ->
            ejabberd_hooks:Action(remove_user, Host, ?MODULE, gone, 60).
        gone(Acc, _User, _Server) -> Acc.
        "#,
    );
}

#[test]
fn own_wrappers() {
    becomes(
        r#"
        start(Host, _Opts) ->
            register_hook(Host, remove_user, gone),
            register_hook(Host, user_send_packet, old_sent).
        register_hook(Host, Hook, Function) ->
            ejabberd_hooks:add(Hook, Host, ?MODULE, Function, 50).
        gone(Acc, _User, _Server) -> Acc.
        old_sent(Acc, _From, _To, _Packet) -> Acc.
        "#,
        r#"
        start(Host, _Opts) ->
            register_hook(Host, remove_user, gone),
            register_hook(Host, user_send_packet, new_sent).
        register_hook(Host, Hook, Function) ->
            gen_hook:add_handler(Hook, Host, fun ?MODULE:Function/3, #{}, 50).
        gone(Acc, _User, _Server) -> Acc.
        old_sent(Acc, _From, _To, _Packet) -> Acc.
        "#,
    );
}

#[test]
fn wrappers_in_other_modules() {
    becomes(
        r#"
        -module(mod_a).
        -export([start/2, old_sent/4]).
        start(Host, _Opts) ->
            acme_hooks:on(Host, user_send_packet, ?MODULE, old_sent),
            acme_hooks:all([{user_ping_timeout, Host, ?MODULE, lost, 50}]).
        old_sent(Acc, _From, _To, _Packet) -> Acc.
        lost(Acc, _JID) -> Acc.
        //- src/acme_hooks.erl
        -module(acme_hooks).
        -export([on/4, all/1]).
        on(Host, Hook, Module, Function) ->
            ejabberd_hooks:add(Hook, Host, Module, Function, 50).
        all(Hooks) -> ejabberd_hooks:add(Hooks).
        "#,
        r#"
        -module(mod_a).
        -export([start/2, old_sent/4]).
        start(Host, _Opts) ->
            acme_hooks:on(Host, user_send_packet, ?MODULE, new_sent),
            acme_hooks:all([{user_ping_timeout, Host, fun ?MODULE:lost/3, #{}, 50}]).
        old_sent(Acc, _From, _To, _Packet) -> Acc.
        lost(Acc, _JID) -> Acc.
        //- src/acme_hooks.erl
        -module(acme_hooks).
        -export([on/4, all/1]).
        on(Host, Hook, Module, Function) ->
            gen_hook:add_handler(Hook, Host, fun Module:Function/3, #{}, 50).
        all(Hooks) -> gen_hook:add_handlers(Hooks).
        "#,
    );
}

#[test]
fn macros_may_be_used_elsewhere() {
    becomes_unsafely(
        "in the macro `?GONE`",
        r#"
        -define(GONE(Host), {remove_user, Host, ?MODULE, old_gone, 60}).
        -define(LOST, lost).
        start(Host, _Opts) ->
            ejabberd_hooks:add([?GONE(Host), {user_ping_timeout, Host, ?MODULE, ?LOST, 50}]).
        old_gone(Acc, _User, _Server) -> Acc.
        lost(Acc, _JID) -> Acc.
        "#,
        r#"
        -define(GONE(Host), {remove_user, Host, fun ?MODULE:new_gone/3, #{}, 60}).
        -define(LOST, lost).
        start(Host, _Opts) ->
            gen_hook:add_handlers([?GONE(Host), {user_ping_timeout, Host, fun ?MODULE:?LOST/3, #{}, 50}]).
        old_gone(Acc, _User, _Server) -> Acc.
        lost(Acc, _JID) -> Acc.
        "#,
    );
    becomes_unsafely(
        "in the macro `?ADD`",
        r#"
        -include("acme.hrl").
        start(Host, _Opts) -> ?ADD(remove_user, Host, gone).
        gone(Acc, _User, _Server) -> Acc.
        //- include/acme.hrl
        -define(ADD(Hook, Host, Function), ejabberd_hooks:add(Hook, Host, ?MODULE, Function, 60)).
        "#,
        r#"
        -include("acme.hrl").
        start(Host, _Opts) -> ?ADD(remove_user, Host, gone).
        gone(Acc, _User, _Server) -> Acc.
        //- include/acme.hrl
        -define(ADD(Hook, Host, Function), gen_hook:add_handler(Hook, Host, fun ?MODULE:Function/3, #{}, 60)).
        "#,
    );
}

#[test]
fn names_that_are_written_once_for_several_handlers() {
    refused(
        "written once for several handlers",
        r#"
        start(Host, _Opts) ->
            lists:foreach(fun(Handler) -> ejabberd_hooks:add(remove_user, Host, mod_a, Handler, 50) end, [old_gone]),
            [ejabberd_hooks:add(Hook, Host, Module, old_gone, 50) || {Hook, Module} <- [{remove_user, mod_a},
                                                                                      {register_user, mod_c}]].
        old_gone(Acc, _User, _Server) -> Acc.
        //- src/mod_c.erl
        old_gone(Acc, _User, _Server) -> Acc.
        "#,
    );
}

#[test]
fn priorities_that_gen_hook_refuses() {
    refused(
        "the priority 0 in line 2 of `mod_a.erl` is none for `gen_hook`",
        r#"
        start(Host, _Opts) ->
            ejabberd_hooks:add(remove_user, Host, ?MODULE, gone, 0).
        gone(Acc, _User, _Server) -> Acc.
        "#,
    );
}

#[test]
fn what_cannot_be_followed_is_refused() {
    refused(
        "could not be followed",
        r#"
        start(Host, Opts) ->
            ejabberd_hooks:add(maps:get(hooks, Opts)),
            ejabberd_hooks:add(remove_user, Host, ?MODULE, gone, 50).
        gone(Acc, _User, _Server) -> Acc.
        "#,
    );
    refused(
        "cannot stand in a fun",
        r#"
        start(Host, _Opts) ->
            ejabberd_hooks:add(remove_user, Host, backend(), gone, 50).
        backend() -> mod_a.
        gone(Acc, _User, _Server) -> Acc.
        "#,
    );
    refused(
        "what is done with the name `ejabberd_hooks` in line 3",
        r#"
        start(Host, _Opts) ->
            ejabberd_hooks:add(remove_user, Host, ?MODULE, gone, 50),
            interface(ejabberd_hooks).
        interface(Module) -> Module:start_link().
        gone(Acc, _User, _Server) -> Acc.
        "#,
    );
}

#[test]
fn tuples_that_are_taken_apart_are_refused() {
    refused(
        "is taken apart",
        r#"
        start(Host, _Opts) -> ejabberd_hooks:add(hooks(Host)).
        stop(Host) -> [ejabberd_hooks:delete(H, T, M, F, P) || {H, T, M, F, P} <- hooks(Host)].
        hooks(Host) -> [{remove_user, Host, ?MODULE, gone, 50}].
        gone(Acc, _User, _Server) -> Acc.
        "#,
    );
}

#[test]
fn lists_that_go_elsewhere() {
    becomes_unsafely(
        "is also used in line 2 of `mod_b.erl`",
        r#"
        -module(mod_a).
        -export([start/2, hooks/1, gone/3]).
        start(Host, _Opts) ->
            Hooks = hooks(Host),
            ejabberd_hooks:add(Hooks).
        hooks(Host) -> [{remove_user, Host, ?MODULE, gone, 50}].
        gone(Acc, _User, _Server) -> Acc.
        //- src/mod_b.erl
        count(Host) ->
            length(mod_a:hooks(Host)).
        "#,
        r#"
        -module(mod_a).
        -export([start/2, hooks/1, gone/3]).
        start(Host, _Opts) ->
            Hooks = hooks(Host),
            gen_hook:add_handlers(Hooks).
        hooks(Host) -> [{remove_user, Host, fun ?MODULE:gone/3, #{}, 50}].
        gone(Acc, _User, _Server) -> Acc.
        "#,
    );
}

#[test]
fn types_imports_funs_and_mocks() {
    becomes_unsafely(
        "mocks `ejabberd_hooks`",
        r#"
        -import(ejabberd_hooks, [add/1, delete/5]).
        -type handler() :: ejabberd_hooks:hook().
        -spec hooks(binary()) -> [ejabberd_hooks:hook(), ...].
        hooks(Host) -> [{remove_user, Host, ?MODULE, gone, 50}].
        start(Host, _Opts) -> add(hooks(Host)), lists:foreach(fun ejabberd_hooks:delete/1, [hooks(Host)]).
        stop(Host) -> delete(remove_user, Host, ?MODULE, gone, 50).
        test() -> meck:new(ejabberd_hooks, [passthrough]).
        gone(Acc, _User, _Server) -> Acc.
        "#,
        r#"
        -import(gen_hook, [add_handlers/1, delete_handler/5]).
        -type handler() :: {atom(), mongooseim:host_type() | global, gen_hook:hook_fn(), map(), pos_integer()}.
        -spec hooks(binary()) -> gen_hook:hook_list().
        hooks(Host) -> [{remove_user, Host, fun ?MODULE:gone/3, #{}, 50}].
        start(Host, _Opts) -> add_handlers(hooks(Host)), lists:foreach(fun gen_hook:delete_handlers/1, [hooks(Host)]).
        stop(Host) -> delete_handler(remove_user, Host, fun ?MODULE:gone/3, #{}, 50).
        test() -> meck:new(ejabberd_hooks, [passthrough]).
        gone(Acc, _User, _Server) -> Acc.
        "#,
    );
}

#[test]
fn what_the_build_chooses_is_left() {
    refused(
        "another one uses `gen_hook` already",
        r#"
        -ifdef(OLD_SERVER).
        start(Host, _Opts) -> ejabberd_hooks:add(remove_user, Host, ?MODULE, gone, 50).
        gone(Acc, _User, _Server) -> Acc.
        -else.
        start(Host, _Opts) -> gen_hook:add_handler(remove_user, Host, fun ?MODULE:gone/3, #{}, 50).
        gone(Acc, _Params, _Extra) -> {ok, Acc}.
        -endif.
        "#,
    );
    becomes(
        r#"
        -ifdef(LATE).
        -define(PRIORITY, 90).
        -else.
        -define(PRIORITY, 10).
        -endif.
        start(Host, _Opts) ->
            gen_hook:add_handler(roster_get, Host, fun ?MODULE:read/3, #{}, 50),
            ejabberd_hooks:add(remove_user, Host, ?MODULE, gone, ?PRIORITY).
        -ifdef(TEST).
        stop(Host) -> ejabberd_hooks:delete(remove_user, Host, ?MODULE, gone, ?PRIORITY).
        -endif.
        read(Acc, _Params, _Extra) -> {ok, Acc}.
        gone(Acc, _User, _Server) -> Acc.
        "#,
        r#"
        -ifdef(LATE).
        -define(PRIORITY, 90).
        -else.
        -define(PRIORITY, 10).
        -endif.
        start(Host, _Opts) ->
            gen_hook:add_handler(roster_get, Host, fun ?MODULE:read/3, #{}, 50),
            gen_hook:add_handler(remove_user, Host, fun ?MODULE:gone/3, #{}, ?PRIORITY).
        -ifdef(TEST).
        stop(Host) -> gen_hook:delete_handler(remove_user, Host, fun ?MODULE:gone/3, #{}, ?PRIORITY).
        -endif.
        read(Acc, _Params, _Extra) -> {ok, Acc}.
        gone(Acc, _User, _Server) -> Acc.
        "#,
    );
}
