%%% One function for three hooks whose arguments mean different things.
-module(nasty_three_hooks).
-behaviour(gen_mod).
-export([start/2, stop/1]).
-export([event/3]).

start(HostType, _Opts) ->
    ejabberd_hooks:add(hooks(HostType)).

stop(HostType) ->
    ejabberd_hooks:delete(hooks(HostType)).

hooks(HostType) ->
    [{register_user, HostType, ?MODULE, event, 50},
     {auth_failed, HostType, ?MODULE, event, 50},
     {s2s_allow_host, global, ?MODULE, event, 50}].

event(Acc, <<"acme.example">>, Other) ->
    acme_probe:note({talks_to, Other}),
    Acc;
event(Acc, User, Server) ->
    acme_probe:note({user, User, Server}),
    Acc.
