%% Filters by what is in the packet.
-module(kept_by_content).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1, filter/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers([{c2s_filter_packet, HostType, fun ?MODULE:filter/3, #{}, 50}]).

stop(HostType) ->
    gen_hook:delete_handlers([{c2s_filter_packet, HostType, fun ?MODULE:filter/3, #{}, 50}]).

filter(_Drop, #{packet := #xmlel{children = Children}, feature := {_Tag, _Data}}, _Extra) ->
    {stop, Children =:= []}.
