%% Drops what goes to rooms, the right way.
-module(kept_stops).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1, filter/3]).

start(_HostType, _Opts) -> gen_hook:add_handlers(hooks()).

stop(_HostType) -> gen_hook:delete_handlers(hooks()).

hooks() -> [{filter_packet, global, fun ?MODULE:filter/3, #{}, 30}].

filter({_From, #jid{lserver = <<"rooms.acme.example">>}, _Acc, _El}, _Params, _Extra) -> {stop, drop};
filter(Packet, _Params, _Extra) -> {ok, Packet}.
