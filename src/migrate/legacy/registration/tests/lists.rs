//! Calls and lists: which become one list, and which stay one by one.

use crate::migrate::legacy::testing::{becomes, refused};

#[test]
fn calls_that_mirror_each_other_become_one_list() {
    becomes(
        r#"
        -module(mod_a).
        -export([start/2, stop/1, sent/4, gone/3]).
        -define(PRIORITY, 50).

        -spec start(binary(), map()) -> ok.
        start(HostType, _Opts) ->
            init(),
            ejabberd_hooks:add(user_send_packet, HostType, ?MODULE, sent, ?PRIORITY),
            ejabberd_hooks:add(remove_user, HostType, mod_a, old_gone, 60),
            ok.

        stop(Host) ->
            ejabberd_hooks:delete(remove_user, Host, mod_a, old_gone, 60),
            ejabberd_hooks:delete(user_send_packet, Host, ?MODULE, sent, ?PRIORITY).

        init() -> ok.
        sent(Acc, _From, _To, _Packet) -> Acc.
        gone(Acc, _User, _Server) -> Acc.
        old_gone(Acc, _User, _Server) -> Acc.
        "#,
        r#"
        -module(mod_a).
        -export([start/2, stop/1, sent/4, gone/3]).
        -define(PRIORITY, 50).

        -spec start(binary(), map()) -> ok.
        start(HostType, _Opts) ->
            init(),
            gen_hook:add_handlers(hooks(HostType)),
            ok.

        stop(Host) ->
            gen_hook:delete_handlers(hooks(Host)).

        -spec hooks(mongooseim:host_type()) -> gen_hook:hook_list().
        hooks(HostType) ->
            [{user_send_packet, HostType, fun ?MODULE:sent/3, #{}, ?PRIORITY},
             {remove_user, HostType, fun mod_a:new_gone/3, #{}, 60}].

        init() -> ok.
        sent(Acc, _From, _To, _Packet) -> Acc.
        gone(Acc, _User, _Server) -> Acc.
        old_gone(Acc, _User, _Server) -> Acc.
        "#,
    );
}

#[test]
fn one_handler_has_a_list_as_well() {
    becomes(
        r#"
        start(Host, _Opts) ->
            ejabberd_hooks:add(remove_user, Host, ?MODULE, gone, 60).
        stop(Host) ->
            ejabberd_hooks:delete(remove_user, Host, ?MODULE, gone, 60).
        gone(Acc, _User, _Server) -> Acc.
        "#,
        r#"
        start(Host, _Opts) ->
            gen_hook:add_handlers(hooks(Host)).
        stop(Host) ->
            gen_hook:delete_handlers(hooks(Host)).

        hooks(Host) ->
            [{remove_user, Host, fun ?MODULE:gone/3, #{}, 60}].
        gone(Acc, _User, _Server) -> Acc.
        "#,
    );
}

#[test]
fn one_by_one_where_additions_and_deletions_differ() {
    becomes(
        r#"
        start(Host, _Opts) ->
            ejabberd_hooks:add(remove_user, Host, ?MODULE, gone, 60),
            ejabberd_hooks:add(user_send_packet, Host, ?MODULE, sent, 20).
        stop(Host) ->
            ejabberd_hooks:delete(remove_user, Host, ?MODULE, gone, 60),
            ejabberd_hooks:delete(user_send_packet, Host, ?MODULE, sent, 50).
        gone(Acc, _User, _Server) -> Acc.
        sent(Acc, _From, _To, _Packet) -> Acc.
        "#,
        r#"
        start(Host, _Opts) ->
            gen_hook:add_handler(remove_user, Host, fun ?MODULE:gone/3, #{}, 60),
            gen_hook:add_handler(user_send_packet, Host, fun ?MODULE:sent/3, #{}, 20).
        stop(Host) ->
            gen_hook:delete_handler(remove_user, Host, fun ?MODULE:gone/3, #{}, 60),
            gen_hook:delete_handler(user_send_packet, Host, fun ?MODULE:sent/3, #{}, 50).
        gone(Acc, _User, _Server) -> Acc.
        sent(Acc, _From, _To, _Packet) -> Acc.
        "#,
    );
}

#[test]
fn one_by_one_where_a_deletion_is_missing_or_comments_stand_between() {
    becomes(
        r#"
        start(Host, _Opts) ->
            %% Accounts
            ejabberd_hooks:add(remove_user, Host, ?MODULE, old_gone, 60),
            %% Traffic
            ejabberd_hooks:add(user_send_packet, Host, ?MODULE, sent, 20). % early
        gone(Acc, _User, _Server) -> Acc.
        old_gone(Acc, _User, _Server) -> Acc.
        sent(Acc, _From, _To, _Packet) -> Acc.
        "#,
        r#"
        start(Host, _Opts) ->
            %% Accounts
            gen_hook:add_handler(remove_user, Host, fun ?MODULE:new_gone/3, #{}, 60),
            %% Traffic
            gen_hook:add_handler(user_send_packet, Host, fun ?MODULE:sent/3, #{}, 20). % early
        gone(Acc, _User, _Server) -> Acc.
        old_gone(Acc, _User, _Server) -> Acc.
        sent(Acc, _From, _To, _Packet) -> Acc.
        "#,
    );
    becomes(
        r#"
        start(Host, _Opts) ->
            ejabberd_hooks:add(remove_user, Host, ?MODULE, gone, 60), % first
            ejabberd_hooks:add(user_send_packet, Host, ?MODULE, sent, 20).
        stop(Host) ->
            ejabberd_hooks:delete(remove_user, Host, ?MODULE, gone, 60),
            ejabberd_hooks:delete(user_send_packet, Host, ?MODULE, sent, 20).
        gone(Acc, _User, _Server) -> Acc.
        sent(Acc, _From, _To, _Packet) -> Acc.
        "#,
        r#"
        start(Host, _Opts) ->
            gen_hook:add_handler(remove_user, Host, fun ?MODULE:gone/3, #{}, 60), % first
            gen_hook:add_handler(user_send_packet, Host, fun ?MODULE:sent/3, #{}, 20).
        stop(Host) ->
            gen_hook:delete_handler(remove_user, Host, fun ?MODULE:gone/3, #{}, 60),
            gen_hook:delete_handler(user_send_packet, Host, fun ?MODULE:sent/3, #{}, 20).
        gone(Acc, _User, _Server) -> Acc.
        sent(Acc, _From, _To, _Packet) -> Acc.
        "#,
    );
}

#[test]
fn arguments_on_lines_of_their_own_stay_below_each_other() {
    becomes(
        r#"
        init([Host]) ->
            ejabberd_hooks:add(roster_get, Host, ?MODULE,
                               read, 70),
            ejabberd_hooks:add(roster_groups, Host,
                               ?MODULE, groups,
                               70),
            ejabberd_hooks:add(
              user_available_hook,
              Host,
              ?MODULE,
              came,
              75),
            ejabberd_hooks:add(roster_process_item, Host, ?MODULE, % shared
                               old_item, 50).
        read(Acc, _JID) -> Acc.
        groups(Acc, _Server) -> Acc.
        came(Acc, _JID) -> Acc.
        old_item(Acc, _Server) -> Acc.
        "#,
        r#"
        init([Host]) ->
            gen_hook:add_handler(roster_get, Host,
                                 fun ?MODULE:read/3, #{}, 70),
            gen_hook:add_handler(roster_groups, Host,
                                 fun ?MODULE:groups/3, #{},
                                 70),
            gen_hook:add_handler(
              user_available_hook,
              Host,
              fun ?MODULE:came/3, #{},
              75),
            gen_hook:add_handler(roster_process_item, Host, fun ?MODULE: % shared
                                 new_item/3, #{}, 50).
        read(Acc, _JID) -> Acc.
        groups(Acc, _Server) -> Acc.
        came(Acc, _JID) -> Acc.
        old_item(Acc, _Server) -> Acc.
        "#,
    );
}

#[test]
fn lists_of_tuples_wherever_they_are_written() {
    becomes(
        r#"
        start(Host, Opts) ->
            ejabberd_hooks:add(hooks(Host, Opts)).
        stop(Host) ->
            ejabberd_hooks:delete(hooks(Host, #{})).

        -spec hooks(binary(), map()) -> [ejabberd_hooks:hook()].
        hooks(Host, Opts) ->
            [{remove_user, Host, ?MODULE, gone, 60} | more(Host)] ++
                [{Hook, Host, ?MODULE, Function, 40} || {Hook, Function} <- [{user_send_packet, sent},
                                                                            {user_ping_timeout, old_lost}]] ++
                case Opts of
                    #{global := true} -> [{node_cleanup, global, ?MODULE, cleaned, 50}];
                    _ -> []
                end.

        more(Host) ->
            lists:append([[{register_user, Host, mod_b, old_born, 50}], []]).
        gone(Acc, _User, _Server) -> Acc.
        sent(Acc, _From, _To, _Packet) -> Acc.
        old_lost(Acc, _JID) -> Acc.
        cleaned(Acc, _Node) -> Acc.
        //- src/mod_b.erl
        -module(mod_b).
        -export([old_born/3]).
        old_born(Acc, _User, _Server) -> Acc.
        "#,
        r#"
        start(Host, Opts) ->
            gen_hook:add_handlers(hooks(Host, Opts)).
        stop(Host) ->
            gen_hook:delete_handlers(hooks(Host, #{})).

        -spec hooks(binary(), map()) -> gen_hook:hook_list().
        hooks(Host, Opts) ->
            [{remove_user, Host, fun ?MODULE:gone/3, #{}, 60} | more(Host)] ++
                [{Hook, Host, fun ?MODULE:Function/3, #{}, 40} || {Hook, Function} <- [{user_send_packet, sent},
                                                                            {user_ping_timeout, new_lost}]] ++
                case Opts of
                    #{global := true} -> [{node_cleanup, global, fun ?MODULE:cleaned/3, #{}, 50}];
                    _ -> []
                end.

        more(Host) ->
            lists:append([[{register_user, Host, fun mod_b:new_born/3, #{}, 50}], []]).
        gone(Acc, _User, _Server) -> Acc.
        sent(Acc, _From, _To, _Packet) -> Acc.
        old_lost(Acc, _JID) -> Acc.
        cleaned(Acc, _Node) -> Acc.
        "#,
    );
}

#[test]
fn calls_in_loops_over_hooks_and_hosts() {
    becomes(
        r#"
        start(Host, _Opts) ->
            [ejabberd_hooks:add(Hook, Host, ?MODULE, F, Seq) || {Hook, F, Seq} <- handlers()],
            lists:foreach(fun({Hook, F, Seq}) -> ejabberd_hooks:add(Hook, global, ?MODULE, F, Seq) end, cleaners()).
        stop(Host) ->
            lists:foreach(fun(One) -> ejabberd_hooks:delete(hooks(One)) end, [Host]).

        handlers() ->
            [{remove_user, gone, 60},
             {user_send_packet, old_sent, 50}].
        cleaners() -> [{node_cleanup, cleaned, 50}].
        hooks(Host) ->
            [{remove_user, Host, ?MODULE, gone, 60}].
        gone(Acc, _User, _Server) -> Acc.
        old_sent(Acc, _From, _To, _Packet) -> Acc.
        cleaned(Acc, _Node) -> Acc.
        "#,
        r#"
        start(Host, _Opts) ->
            [gen_hook:add_handler(Hook, Host, fun ?MODULE:F/3, #{}, Seq) || {Hook, F, Seq} <- handlers()],
            lists:foreach(fun({Hook, F, Seq}) -> gen_hook:add_handler(Hook, global, fun ?MODULE:F/3, #{}, Seq) end, cleaners()).
        stop(Host) ->
            lists:foreach(fun(One) -> gen_hook:delete_handlers(hooks(One)) end, [Host]).

        handlers() ->
            [{remove_user, gone, 60},
             {user_send_packet, new_sent, 50}].
        cleaners() -> [{node_cleanup, cleaned, 50}].
        hooks(Host) ->
            [{remove_user, Host, fun ?MODULE:gone/3, #{}, 60}].
        gone(Acc, _User, _Server) -> Acc.
        old_sent(Acc, _From, _To, _Packet) -> Acc.
        cleaned(Acc, _Node) -> Acc.
        "#,
    );
}

#[test]
fn funs_local_and_external() {
    becomes(
        r#"
        start(Host, _Opts) ->
            ejabberd_hooks:add(remove_user, Host, fun gone/3, 60),
            ejabberd_hooks:add(user_send_packet, Host, fun ?MODULE:old_sent/4, 50),
            ejabberd_hooks:add(user_ping_timeout, Host, undefined, fun lost/2, 50).
        gone(Acc, _User, _Server) -> Acc.
        old_sent(Acc, _From, _To, _Packet) -> Acc.
        lost(Acc, _JID) -> Acc.
        "#,
        r#"
        start(Host, _Opts) ->
            gen_hook:add_handler(remove_user, Host, fun ?MODULE:gone/3, #{}, 60),
            gen_hook:add_handler(user_send_packet, Host, fun ?MODULE:new_sent/3, #{}, 50),
            gen_hook:add_handler(user_ping_timeout, Host, fun ?MODULE:lost/3, #{}, 50).
        gone(Acc, _User, _Server) -> Acc.
        old_sent(Acc, _From, _To, _Packet) -> Acc.
        lost(Acc, _JID) -> Acc.
        "#,
    );
}

#[test]
fn funs_are_mirrored_as_well() {
    becomes(
        r#"
        start(Host, _Opts) ->
            ejabberd_hooks:add(remove_user, Host, fun gone/3, 60).
        stop(Host) ->
            ejabberd_hooks:delete(remove_user, Host, fun gone/3, 60),
            ok.
        gone(Acc, _User, _Server) -> Acc.
        "#,
        r#"
        start(Host, _Opts) ->
            gen_hook:add_handlers(hooks(Host)).
        stop(Host) ->
            gen_hook:delete_handlers(hooks(Host)),
            ok.

        hooks(Host) ->
            [{remove_user, Host, fun ?MODULE:gone/3, #{}, 60}].
        gone(Acc, _User, _Server) -> Acc.
        "#,
    );
}

#[test]
fn closures_are_refused() {
    refused(
        "a fun without a name",
        r#"
        start(Host, _Opts) ->
            ejabberd_hooks:add(remove_user, Host, fun(Acc, U, S) -> io:format("~p", [{U, S, Host}]), Acc end, 60).
        "#,
    );
}

#[test]
fn the_action_is_named_by_callers() {
    becomes(
        r#"
        start(Host, _Opts) -> register_all(add, Host), both(add, Host).
        stop(Host) -> register_all(delete, Host), both(delete, Host).
        register_all(Action, Host) ->
            ejabberd_hooks:Action(remove_user, Host, ?MODULE, gone, 60).
        both(Do, Host) -> apply_to(Do, Host).
        apply_to(Action, Host) ->
            apply(ejabberd_hooks, Action, [[{user_send_packet, Host, ?MODULE, sent, 50}]]).
        gone(Acc, _User, _Server) -> Acc.
        sent(Acc, _From, _To, _Packet) -> Acc.
        "#,
        r#"
        start(Host, _Opts) -> register_all(add_handler, Host), both(add_handlers, Host).
        stop(Host) -> register_all(delete_handler, Host), both(delete_handlers, Host).
        register_all(Action, Host) ->
            gen_hook:Action(remove_user, Host, fun ?MODULE:gone/3, #{}, 60).
        both(Do, Host) -> apply_to(Do, Host).
        apply_to(Action, Host) ->
            apply(gen_hook, Action, [[{user_send_packet, Host, fun ?MODULE:sent/3, #{}, 50}]]).
        gone(Acc, _User, _Server) -> Acc.
        sent(Acc, _From, _To, _Packet) -> Acc.
        "#,
    );
}
