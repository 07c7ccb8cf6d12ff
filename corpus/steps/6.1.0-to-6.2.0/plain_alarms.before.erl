%%% Tells operators about clients that fail to authenticate.
-module(plain_alarms).
-behaviour(gen_mod).
-include("mongoose.hrl").
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([failed/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{auth_failed, HostType, fun ?MODULE:failed/3, #{}, 50}].

failed(Acc, #{username := unknown, server := Server}, _Extra) ->
    acme_probe:note({failed, nobody, Server}),
    {ok, Acc};
failed(Acc, #{username := User, server := Server}, _Extra) ->
    acme_probe:note({failed, User, Server}),
    {ok, Acc}.
