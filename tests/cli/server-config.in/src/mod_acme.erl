-module(mod_acme).
-behaviour(gen_mod).
-export([start/2, stop/1, seen/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{set_presence_hook, HostType, fun ?MODULE:seen/3, #{}, 50}].

seen(Acc, _Params, _Extra) ->
    {ok, Acc}.
