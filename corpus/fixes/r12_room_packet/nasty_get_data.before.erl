%%% Statistics of rooms.
-module(nasty_get_data).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1, count/3]).

start(HostType, _Opts) -> gen_hook:add_handler(filter_room_packet, HostType, fun ?MODULE:count/3, #{}, 91).

stop(HostType) -> gen_hook:delete_handler(filter_room_packet, HostType, fun ?MODULE:count/3, #{}, 91).

count(Packet, Params, _Extra) ->
    Data = maps:get(event_data, Params),
    Room = jid:to_binary(maps:get(room_jid, Data)),
    _ = [acme_probe:note({said, Room, Name}) || #xmlel{name = Name} <- Packet#xmlel.children],
    {ok, Packet}.
