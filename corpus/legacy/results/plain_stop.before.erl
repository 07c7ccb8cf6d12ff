%%% Nobody may register, and everybody is told so. What comes behind is not asked.
-module(plain_stop).
-behaviour(gen_mod).
-export([start/2, stop/1]).
-export([first/3, second/3]).

start(HostType, _Opts) ->
    ejabberd_hooks:add([{register_user, HostType, ?MODULE, first, 10},
                        {register_user, HostType, ?MODULE, second, 20}]).

stop(HostType) ->
    ejabberd_hooks:delete([{register_user, HostType, ?MODULE, first, 10},
                           {register_user, HostType, ?MODULE, second, 20}]).

first(_Acc, User, _Server) ->
    acme_probe:note({first, User}),
    stop.

second(Acc, User, _Server) ->
    acme_probe:note({second, User}),
    Acc.
