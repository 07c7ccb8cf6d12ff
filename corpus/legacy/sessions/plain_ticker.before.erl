%%% Ticks in the process of the session, whoever wants it to.
-module(plain_ticker).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([poke/1, remote_hook/4]).

start(HostType, _Opts) ->
    ejabberd_hooks:add(c2s_remote_hook, HostType, ?MODULE, remote_hook, 50).

stop(HostType) ->
    ejabberd_hooks:delete(c2s_remote_hook, HostType, ?MODULE, remote_hook, 50).

poke(Pid) ->
    ejabberd_c2s:run_remote_hook(Pid, ?MODULE, tick).

remote_hook(HandlerState, ?MODULE, tick, C2SState) ->
    Ticks = case HandlerState of
                empty_state -> 0;
                N -> N
            end,
    acme_probe:note({tick, Ticks, jid:to_binary(ejabberd_c2s_state:jid(C2SState))}),
    Ticks + 1;
remote_hook(HandlerState, _Tag, _Args, _C2SState) ->
    HandlerState.
