%%% Ticks in the process of the session, whoever wants it to.
-module(plain_ticker).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([poke/1, remote_hook/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{c2s_remote_hook, HostType, fun ?MODULE:remote_hook/3, #{}, 50}].

poke(Pid) ->
    ejabberd_c2s:run_remote_hook(Pid, ?MODULE, tick).

remote_hook(HandlerState, #{tag := ?MODULE, hook_args := tick, c2s_state := C2SState}, _Extra) ->
    Ticks = case HandlerState of
                empty_state -> 0;
                N -> N
            end,
    acme_probe:note({tick, Ticks, jid:to_binary(ejabberd_c2s_state:jid(C2SState))}),
    {ok, Ticks + 1};
remote_hook(HandlerState, _Params, _Extra) ->
    {ok, HandlerState}.
