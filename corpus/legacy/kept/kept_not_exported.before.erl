%%% The export was forgotten, and nobody has noticed yet.
-module(kept_not_exported).
-behaviour(gen_mod).
-export([start/2, stop/1]).
-compile({nowarn_unused_function, [remove_user/3]}).

start(HostType, _Opts) -> ejabberd_hooks:add(remove_user, HostType, ?MODULE, remove_user, 50).

stop(HostType) -> ejabberd_hooks:delete(remove_user, HostType, ?MODULE, remove_user, 50).

remove_user(Acc, User, _Server) ->
    acme_probe:note({removed, User}),
    Acc.
