%%% Watches who comes and goes.
-module(plain_watch).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([up/3, down/3]).

start(HostType, _Opts) ->
    lists:foreach(fun({Hook, Fun, Prio}) -> gen_hook:add_handler(Hook, HostType, fun ?MODULE:Fun/3, #{}, Prio) end, handlers()).

stop(HostType) ->
    lists:foreach(fun({Hook, Fun, Prio}) -> gen_hook:delete_handler(Hook, HostType, fun ?MODULE:Fun/3, #{}, Prio) end, handlers()).

handlers() ->
    [{sm_register_connection_hook, up, 20},
     {sm_remove_connection_hook, down, 20}].

up(Acc, #{sid := {_Since, Pid}, jid := Jid}, #{host_type := HostType}) ->
    acme_probe:note({up, HostType, Pid, jid:to_binary(Jid)}),
    {ok, Acc}.

down(Acc, #{jid := #jid{luser = User}, reason := Reason}, _Extra) ->
    acme_probe:note({down, User, Reason}),
    {ok, Acc}.
