%%% Watches who comes and goes.
-module(plain_watch).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([up/5, down/5]).

start(HostType, _Opts) ->
    lists:foreach(fun({Hook, Fun, Prio}) -> ejabberd_hooks:add(Hook, HostType, ?MODULE, Fun, Prio) end, handlers()).

stop(HostType) ->
    lists:foreach(fun({Hook, Fun, Prio}) -> ejabberd_hooks:delete(Hook, HostType, ?MODULE, Fun, Prio) end, handlers()).

handlers() ->
    [{sm_register_connection_hook, up, 20},
     {sm_remove_connection_hook, down, 20}].

up(Acc, HostType, {_Since, Pid}, Jid, _Info) ->
    acme_probe:note({up, HostType, Pid, jid:to_binary(Jid)}),
    Acc.

down(Acc, _Sid, #jid{luser = User}, _Info, Reason) ->
    acme_probe:note({down, User, Reason}),
    Acc.
