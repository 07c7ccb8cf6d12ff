%%% Looks at reasons that both releases have.
-module(kept_reasons).
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

closed(Acc, #{jid := Jid, reason := normal}, _Extra) ->
    acme_probe:note({left, jid:to_binary(Jid)}),
    {ok, Acc};
closed(Acc, #{jid := Jid, reason := <<"User removed">>}, _Extra) ->
    acme_probe:note({removed, jid:to_binary(Jid)}),
    {ok, Acc};
closed(Acc, _Params, _Extra) ->
    {ok, Acc}.
