-module(mongoose_hooks).
-export([room_closed_hook/3, booted/1]).

room_closed_hook(HostType, Acc, Room) ->
    run_hook(room_closed_hook, HostType, Acc, #{room => Room}).

booted(Node) ->
    run_global_hook(booted, ok, #{node => Node, at => erlang:system_time()}).

run_hook(Name, HostType, Acc, Params) ->
    {_, Result} = gen_hook:run_fold(Name, HostType, Acc, Params),
    Result.

run_global_hook(Name, Acc, Params) ->
    {_, Result} = gen_hook:run_fold(Name, global, Acc, Params),
    Result.
