%%% Raises an alarm for devices that do not answer.
-module(plain_alarm).
-behaviour(gen_mod).
-include("mongoose.hrl").
-export([start/2, stop/1]).
-export([user_ping_timeout/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{user_ping_response, HostType, fun ?MODULE:user_ping_timeout/3, #{}, 50}].

user_ping_timeout(Acc, #{response := timeout, jid := Jid}, _Extra) ->
    acme_probe:note({alarm, jid:to_binary(Jid)}),
    {ok, Acc};
user_ping_timeout(Acc, _Params, _Extra) ->
    {ok, Acc}.
