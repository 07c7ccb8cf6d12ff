%%% Listens to answers and to silence: with one hook for both, silence would be counted twice.
-module(kept_both_hooks).
-behaviour(gen_mod).
-export([start/2, stop/1, silence/3, answer/3]).

start(HostType, _Opts) -> gen_hook:add_handlers(hooks(HostType)).

stop(HostType) -> gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{user_ping_timeout, HostType, fun ?MODULE:silence/3, #{}, 50},
     {user_ping_response, HostType, fun ?MODULE:answer/3, #{}, 50}].

silence(Acc, #{jid := Jid}, _Extra) ->
    acme_probe:note({silence, jid:to_binary(Jid)}),
    {ok, Acc}.

answer(Acc, #{response := Response, time_delta := _Delta}, _Extra) ->
    acme_probe:note({answer, Response =:= timeout}),
    {ok, Acc}.
