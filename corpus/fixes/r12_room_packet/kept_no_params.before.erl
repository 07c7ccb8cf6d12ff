%%% Takes receipts out of what is said in rooms.
-module(kept_no_params).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1, clean/3]).

start(HostType, _Opts) -> gen_hook:add_handlers([{filter_room_packet, HostType, fun ?MODULE:clean/3, #{}, 50}]).

stop(HostType) -> gen_hook:delete_handlers([{filter_room_packet, HostType, fun ?MODULE:clean/3, #{}, 50}]).

clean(#xmlel{name = <<"message">>, children = Children} = Packet, _Params, _Extra) ->
    {ok, Packet#xmlel{children = [Child || #xmlel{name = Name} = Child <- Children, Name =/= <<"body">>]}};
clean(Packet, _Params, _Extra) ->
    {ok, Packet}.
