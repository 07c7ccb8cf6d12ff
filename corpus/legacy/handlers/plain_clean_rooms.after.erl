%%% No advertising in rooms.
-module(plain_clean_rooms).
-behaviour(gen_mod).

-include("jlib.hrl").

-export([start/2, stop/1]).
-export([filter/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{filter_room_packet, HostType, fun ?MODULE:filter/3, #{}, 20}].

filter(Packet = #xmlel{},
       #{from_jid := From, room_jid := Room, affiliation := member},
       #{host_type := HostType}) ->
    Phrase = gen_mod:get_module_opt(HostType, ?MODULE, phrase),
    case exml_query:path(Packet, [{element, <<"body">>}, cdata]) of
        Phrase ->
            acme_probe:note({cleaned, jid:to_binary(From), jid:to_binary(Room)}),
            {stop, Packet#xmlel{children = []}};
        _ ->
            {ok, Packet}
    end;
filter(Packet, _Params, _Extra) ->
    {ok, Packet}.
