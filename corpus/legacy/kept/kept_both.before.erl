%%% Runs with both interfaces: the build says which.
-module(kept_both).
-behaviour(gen_mod).
-export([start/2, stop/1]).

-ifdef(MIM5).
-export([remove_user/3]).

start(HostType, _Opts) -> ejabberd_hooks:add(remove_user, HostType, ?MODULE, remove_user, 50).

stop(HostType) -> ejabberd_hooks:delete(remove_user, HostType, ?MODULE, remove_user, 50).

remove_user(Acc, User, Server) ->
    gone(User, Server),
    Acc.
-else.
-export([user_gone/3]).

start(HostType, _Opts) -> gen_hook:add_handlers(hooks(HostType)).

stop(HostType) -> gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) -> [{remove_user, HostType, fun ?MODULE:user_gone/3, #{}, 50}].

user_gone(Acc, #{jid := Jid}, _Extra) ->
    {User, Server} = jid:to_lus(Jid),
    gone(User, Server),
    {ok, Acc}.
-endif.

gone(User, Server) -> acme_probe:note({gone, User, Server}).
