%%% One function for three hooks whose arguments mean different things.
-module(nasty_three_hooks).
-behaviour(gen_mod).
-export([start/2, stop/1]).
-export([event/3, auth_failed/3, register_user/3, s2s_allow_host/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{register_user, HostType, fun ?MODULE:register_user/3, #{}, 50},
     {auth_failed, HostType, fun ?MODULE:auth_failed/3, #{}, 50},
     {s2s_allow_host, global, fun ?MODULE:s2s_allow_host/3, #{}, 50}].

event(Acc, <<"acme.example">>, Other) ->
    acme_probe:note({talks_to, Other}),
    Acc;
event(Acc, User, Server) ->
    acme_probe:note({user, User, Server}),
    Acc.

%% Calls event/3 as MongooseIM 5.1.0 did for auth_failed.
auth_failed(Acc, #{username := Username, server := Server}, _Extra) ->
    {ok, event(Acc, Username, Server)}.

%% Calls event/3 as MongooseIM 5.1.0 did for register_user.
register_user(Acc, #{jid := JID}, _Extra) ->
    {LUser, LServer} = jid:to_lus(JID),
    {ok, event(Acc, LUser, LServer)}.

%% Calls event/3 as MongooseIM 5.1.0 did for s2s_allow_host.
s2s_allow_host(Acc, #{my_host := MyHost, s2s_host := S2SHost}, _Extra) ->
    {ok, event(Acc, MyHost, S2SHost)}.
