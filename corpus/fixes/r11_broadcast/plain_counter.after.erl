%%% How many sessions broadcasts go to.
-module(plain_counter).
-behaviour(gen_mod).
-include("mongoose.hrl").
-export([start/2, stop/1]).
-export([sm_broadcast/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{privacy_list_push, HostType, fun ?MODULE:sm_broadcast/3, #{}, 50}].

sm_broadcast(Acc, #{session_count := Count}, #{host_type := HostType}) ->
    mongoose_metrics:update(HostType, [acme, broadcasts], Count),
    {ok, Acc}.
