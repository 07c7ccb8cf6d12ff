%%% Counts how often rosters are asked for.
-module(kept_onlooker).
-behaviour(gen_mod).
-include("mongoose.hrl").
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([asked/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{roster_get, HostType, fun ?MODULE:asked/3, #{}, 20}].

asked(Acc, #{jid := Jid}, _Extra) ->
    acme_probe:note({asked, jid:to_bare_binary(Jid)}),
    {ok, Acc}.
