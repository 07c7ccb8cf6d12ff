%%% Keeps what clients can do.
-module(plain_features).
-behaviour(gen_mod).
-export([start/2, stop/1]).
-export([recognised/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{caps_recognised, HostType, fun ?MODULE:recognised/3, #{}, 50}].

recognised(Acc, #{from := From, features := Features}, _Extra) ->
    acme_probe:note({features, jid:to_binary(From), Features}),
    {ok, Acc}.
