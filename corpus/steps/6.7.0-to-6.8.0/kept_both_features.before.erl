%%% Tells everybody that there are notes.
-module(kept_both_features).
-behaviour(gen_mod).
-export([start/2, stop/1]).
-export([features/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{disco_sm_features, HostType, fun ?MODULE:features/3, #{}, 50},
     {disco_local_features, HostType, fun ?MODULE:features/3, #{}, 50}].

features(Acc, _Params, _Extra) ->
    {ok, mongoose_disco:add_features([<<"urn:acme:notes">>], Acc)}.
