%%% Notes failed logins, and who was never really here.
-module(nasty_local_fun).
-behaviour(gen_mod).

-export([start/2, stop/1]).
-export([purged/3]).
-export([failed/3]).

start(Host, _Opts) ->
    gen_hook:add_handlers(hooks(Host)),
    ok.

stop(Host) ->
    gen_hook:delete_handlers(hooks(Host)),
    ok.

hooks(Host) ->
    [{auth_failed, Host, fun ?MODULE:failed/3, #{}, 50},
     {anonymous_purge_hook, Host, fun ?MODULE:purged/3, #{}, 50}].

failed(Acc, #{username := User, server := Server}, _Extra) ->
    acme_probe:note({failed, User, Server}),
    {ok, Acc}.

purged(Acc, #{jid := JID}, _Extra) ->
    {LUser, LServer} = jid:to_lus(JID),
    acme_probe:note({purged, LUser, LServer}),
    {ok, Acc}.
