%%% Tells clients which of our own extensions there are.
-module(kept_features).
-behaviour(gen_mod).
-include("mongoose.hrl").
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([features/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{c2s_stream_features, HostType, fun ?MODULE:features/3, #{}, 50}].

features(Acc, #{lserver := LServer}, _Extra) ->
    acme_probe:note({features, LServer}),
    {ok, [#xmlel{name = <<"acme">>, attrs = [{<<"xmlns">>, <<"urn:acme:0">>}]} | Acc]}.
