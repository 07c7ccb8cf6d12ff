%%% Notes failed logins, and who was never really here.
-module(nasty_local_fun).
-behaviour(gen_mod).

-export([start/2, stop/1]).
-export([purged/3]).

start(Host, _Opts) ->
    ejabberd_hooks:add(auth_failed, Host, fun failed/3, 50),
    ejabberd_hooks:add(anonymous_purge_hook, Host, fun ?MODULE:purged/3, 50),
    ok.

stop(Host) ->
    ejabberd_hooks:delete(anonymous_purge_hook, Host, fun ?MODULE:purged/3, 50),
    ejabberd_hooks:delete(auth_failed, Host, fun failed/3, 50),
    ok.

failed(Acc, User, Server) ->
    acme_probe:note({failed, User, Server}),
    Acc.

purged(Acc, LUser, LServer) ->
    acme_probe:note({purged, LUser, LServer}),
    Acc.
