%%% Notes sessions whose place was taken.
-module(plain_replaced).
-behaviour(gen_mod).
-include("mongoose.hrl").
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([closed/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{sm_remove_connection, HostType, fun ?MODULE:closed/3, #{}, 60}].

closed(Acc, #{jid := Jid, reason := <<"Replaced by new connection">>}, _Extra) ->
    acme_probe:note({replaced, jid:to_binary(Jid)}),
    {ok, Acc};
closed(Acc, _Params, _Extra) ->
    {ok, Acc}.
