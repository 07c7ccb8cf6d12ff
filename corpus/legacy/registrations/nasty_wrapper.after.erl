%%% Counts accounts and rooms.
-module(nasty_wrapper).
-behaviour(gen_mod).
-export([start/2, stop/1]).
-export([count_user/3, count_room/3]).

start(HostType, _Opts) ->
    hook(add, register_user, HostType, count_user),
    hook(add, join_room, HostType, count_room).

stop(HostType) ->
    hook(delete, register_user, HostType, count_user),
    hook(delete, join_room, HostType, count_room).

hook(add, Name, HostType, Function) -> gen_hook:add_handler(Name, HostType, fun ?MODULE:Function/3, #{}, 75);
hook(delete, Name, HostType, Function) -> gen_hook:delete_handler(Name, HostType, fun ?MODULE:Function/3, #{}, 75).

count_user(Acc, _Params, _Extra) -> count(users), {ok, Acc}.

count_room(Acc, #{room := Room, host := MucHost}, #{host_type := HostType}) ->
    count({rooms, HostType, Room, MucHost}),
    {ok, Acc}.

count(What) -> acme_probe:note({counted, What}).
