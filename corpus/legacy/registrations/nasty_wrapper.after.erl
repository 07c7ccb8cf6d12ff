%%% Counts accounts and rooms.
-module(nasty_wrapper).
-behaviour(gen_mod).
-export([start/2, stop/1]).
-export([count_user/3, count_room/3]).

start(HostType, _Opts) ->
    hook(add, register_user, HostType, fun ?MODULE:count_user/3),
    hook(add, join_room, HostType, fun ?MODULE:count_room/3).

stop(HostType) ->
    hook(delete, register_user, HostType, fun ?MODULE:count_user/3),
    hook(delete, join_room, HostType, fun ?MODULE:count_room/3).

hook(add, Name, HostType, Function) -> gen_hook:add_handler(Name, HostType, Function, #{}, 75);
hook(delete, Name, HostType, Function) -> gen_hook:delete_handler(Name, HostType, Function, #{}, 75).

count_user(Acc, _Params, _Extra) -> count(users), {ok, Acc}.

count_room(Acc, #{room := Room, host := MucHost}, #{host_type := HostType}) ->
    count({rooms, HostType, Room, MucHost}),
    {ok, Acc}.

count(What) -> acme_probe:note({counted, What}).
