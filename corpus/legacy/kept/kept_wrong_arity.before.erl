%%% Was written for a hook that looked otherwise.
-module(kept_wrong_arity).
-behaviour(gen_mod).
-export([start/2, stop/1, remove_user/5]).

start(HostType, _Opts) -> ejabberd_hooks:add(remove_user, HostType, ?MODULE, remove_user, 50).

stop(HostType) -> ejabberd_hooks:delete(remove_user, HostType, ?MODULE, remove_user, 50).

remove_user(Acc, User, Server, _Reason, _By) ->
    acme_probe:note({removed, User, Server}),
    Acc.
