%%% Everything that reaches a device is counted, whatever it is.
-module(kept_any_stanza).
-behaviour(gen_mod).
-export([start/2, stop/1, count/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers([{user_receive_packet, HostType, fun ?MODULE:count/3, #{}, 50}]).

stop(HostType) ->
    gen_hook:delete_handlers([{user_receive_packet, HostType, fun ?MODULE:count/3, #{}, 50}]).

count(Acc, _Params, #{host_type := HostType}) ->
    mongoose_metrics:update(HostType, [acme, received], 1),
    {ok, Acc}.
