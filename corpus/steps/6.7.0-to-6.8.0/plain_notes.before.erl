%%% Tells clients of contacts that there are notes.
-module(plain_notes).
-behaviour(gen_mod).
-export([start/2, stop/1]).
-export([features/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{disco_sm_features, HostType, fun ?MODULE:features/3, #{}, 50}].

features(Acc = #{node := <<>>}, _Params, _Extra) ->
    acme_probe:note(asked),
    {ok, mongoose_disco:add_features([<<"urn:acme:notes">>], Acc)};
features(Acc, _Params, _Extra) ->
    {ok, Acc}.
