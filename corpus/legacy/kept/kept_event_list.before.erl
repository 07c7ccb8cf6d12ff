%%% A hook of the team that is run with whatever arguments there are.
-module(kept_event_list).
-behaviour(gen_mod).
-export([start/2, stop/1, remove_user/3, event/3, tell/2]).

start(HostType, _Opts) ->
    ejabberd_hooks:add(remove_user, HostType, ?MODULE, remove_user, 50),
    ejabberd_hooks:add(acme_event, HostType, ?MODULE, event, 50).

stop(HostType) ->
    ejabberd_hooks:delete(acme_event, HostType, ?MODULE, event, 50),
    ejabberd_hooks:delete(remove_user, HostType, ?MODULE, remove_user, 50).

remove_user(Acc, User, Server) ->
    tell(mongoose_acc:host_type(Acc), [User, Server]),
    Acc.

tell(HostType, Args) -> ejabberd_hooks:run_fold(acme_event, HostType, ok, Args).

event(Acc, User, Server) ->
    acme_probe:note({event, User, Server}),
    Acc.
