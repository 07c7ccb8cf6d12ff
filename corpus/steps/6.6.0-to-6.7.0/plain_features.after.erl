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

recognised(Acc, #{c2s_data := C2SData, features := Features}, _Extra) ->
    acme_probe:note({features, jid:to_binary(mongoose_c2s:get_jid(C2SData)), Features}),
    {ok, Acc}.
