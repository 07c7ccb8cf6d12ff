-module(mod_acme).
-export([hooks/1, on_open/3]).
-include("acme.hrl").

hooks(HostType) ->
    [{room_opened, HostType, fun ?MODULE:on_open/3, #{}, ?EARLY}].

on_open(Acc, _Params, _Extra) ->
    {ok, Acc}.
