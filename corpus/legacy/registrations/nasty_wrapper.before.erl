%%% Counts accounts and rooms.
-module(nasty_wrapper).
-behaviour(gen_mod).
-export([start/2, stop/1]).
-export([count_user/3, count_room/6]).

start(HostType, _Opts) ->
    hook(add, register_user, HostType, count_user),
    hook(add, join_room, HostType, count_room).

stop(HostType) ->
    hook(delete, register_user, HostType, count_user),
    hook(delete, join_room, HostType, count_room).

hook(add, Name, HostType, Function) -> ejabberd_hooks:add(Name, HostType, ?MODULE, Function, 75);
hook(delete, Name, HostType, Function) -> ejabberd_hooks:delete(Name, HostType, ?MODULE, Function, 75).

count_user(Acc, _User, _Server) -> count(users), Acc.

count_room(Acc, HostType, Room, MucHost, _Jid, _MucJid) ->
    count({rooms, HostType, Room, MucHost}),
    Acc.

count(What) -> acme_probe:note({counted, What}).
