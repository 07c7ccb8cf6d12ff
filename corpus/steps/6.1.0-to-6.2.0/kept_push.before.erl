%%% Notes what is pushed, by service.
-module(kept_push).
-behaviour(gen_mod).
-include("mongoose.hrl").
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([pushed/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{push_notifications, HostType, fun ?MODULE:pushed/3, #{}, 5}].

pushed(Acc, #{options := #{<<"service">> := Service}, notification_forms := Forms}, _Extra) ->
    acme_probe:note({pushed, Service, length(Forms)}),
    {ok, Acc};
pushed(Acc, _Params, _Extra) ->
    {ok, Acc}.
