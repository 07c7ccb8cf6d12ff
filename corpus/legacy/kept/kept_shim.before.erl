%%% Goes through a module of the team that is called like the server's was.
-module(kept_shim).
-behaviour(gen_mod).
-export([start/2, stop/1, remove_user/3]).

start(HostType, _Opts) -> ejabberd_hooks:add(remove_user, HostType, ?MODULE, remove_user, 50).

stop(HostType) -> ejabberd_hooks:delete(remove_user, HostType, ?MODULE, remove_user, 50).

remove_user(Acc, User, _Server) ->
    acme_probe:note({removed, User}),
    Acc.
