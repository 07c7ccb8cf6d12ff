%%% Marks what is said in rooms.
-module(kept_room_filter).
-behaviour(gen_mod).
-export([start/2, stop/1]).
-export([filter/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{filter_room_packet, HostType, fun ?MODULE:filter/3, #{}, 50}].

filter(Packet, #{from_jid := From, room_jid := Room}, _Extra) ->
    acme_probe:note({said, jid:to_binary(From), jid:to_binary(Room)}),
    {ok, Packet}.
