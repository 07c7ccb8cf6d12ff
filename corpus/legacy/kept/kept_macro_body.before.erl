%%% Handlers that are all alike come from a macro.
-module(kept_macro_body).
-behaviour(gen_mod).
-export([start/2, stop/1]).
-export([remove_user/3, register_user/3]).

-define(HANDLER(Name), Name(Acc, User, Server) -> acme_probe:note({Name, User, Server}), Acc).

start(HostType, _Opts) ->
    ejabberd_hooks:add(remove_user, HostType, ?MODULE, remove_user, 50),
    ejabberd_hooks:add(register_user, HostType, ?MODULE, register_user, 50).

stop(HostType) ->
    ejabberd_hooks:delete(remove_user, HostType, ?MODULE, remove_user, 50),
    ejabberd_hooks:delete(register_user, HostType, ?MODULE, register_user, 50).

?HANDLER(remove_user).

?HANDLER(register_user).
