%%% The handler was being edited when this was saved.
-module(kept_broken).
-behaviour(gen_mod).
-export([start/2, stop/1, remove_user/3]).

start(HostType, _Opts) -> ejabberd_hooks:add(remove_user, HostType, ?MODULE, remove_user, 50).

stop(HostType) -> ejabberd_hooks:delete(remove_user, HostType, ?MODULE, remove_user, 50).

remove_user(Acc, User, Server ->
    case known(User of
        true -> Acc
    end.

known(_) -> true.
