%%% What comes out is decided elsewhere.
-module(kept_variable).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1, filter/3]).

start(HostType, _Opts) -> gen_hook:add_handlers([{filter_local_packet, HostType, fun ?MODULE:filter/3, #{}, 30}]).

stop(HostType) -> gen_hook:delete_handlers([{filter_local_packet, HostType, fun ?MODULE:filter/3, #{}, 30}]).

filter(Packet, _Params, _Extra) ->
    Result = decide(Packet),
    {ok, Result}.

decide({_From, #jid{luser = <<"mallory">>}, _Acc, _El}) -> drop;
decide(Packet) -> Packet.
