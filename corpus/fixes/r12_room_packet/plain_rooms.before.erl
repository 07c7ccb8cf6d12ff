%%% Signs what is said in rooms.
-module(plain_rooms).
-behaviour(gen_mod).
-include("mongoose.hrl").
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([filter_room_packet/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{filter_room_packet, HostType, fun ?MODULE:filter_room_packet/3, #{}, 60}].

filter_room_packet(Packet, #{event_data := EventData}, _Extra) ->
    #{from_jid := From, room_jid := Room} = EventData,
    Signature = #xmlel{name = <<"signed">>, attrs = [{<<"by">>, jid:to_binary(From)}, {<<"in">>, jid:to_binary(Room)}]},
    {ok, Packet#xmlel{children = Packet#xmlel.children ++ [Signature]}}.
