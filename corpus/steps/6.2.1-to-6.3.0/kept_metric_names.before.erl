%%% Counts under a name of several parts, which no event can have.
-module(kept_metric_names).
-behaviour(gen_mod).
-include("mongoose.hrl").
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([check/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{user_send_message, HostType, fun ?MODULE:check/3, #{}, 50}].

check(Acc, _Params, #{host_type := HostType}) ->
    mongoose_metrics:update(HostType, [acme, checks], 1),
    {ok, Acc}.
