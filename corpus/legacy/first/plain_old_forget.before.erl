%%% From the time when handlers had no accumulators.
-module(plain_old_forget).
-behaviour(gen_mod).
-export([start/2, stop/1]).
-export([remove_user/2, register_user/2]).

start(Host, _Opts) ->
    ejabberd_hooks:add(remove_user, Host, ?MODULE, remove_user, 50),
    ejabberd_hooks:add(register_user, Host, ?MODULE, register_user, 50),
    ok.

stop(Host) ->
    ejabberd_hooks:delete(register_user, Host, ?MODULE, register_user, 50),
    ejabberd_hooks:delete(remove_user, Host, ?MODULE, remove_user, 50),
    ok.

remove_user(User, Server) ->
    acme_probe:note({removed, User, Server}),
    ok.

register_user(User, Server) ->
    acme_probe:note({registered, User, Server}),
    ok.
