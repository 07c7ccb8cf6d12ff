%%% Rooms that are forgotten are forgotten here, too.
-module(nasty_muc_host).
-behaviour(gen_mod).
-export([start/2, stop/1, forget_room/4, join_room/6]).

start(HostType, #{domain := Domain}) ->
    ejabberd_hooks:add(hooks(HostType, <<"rooms.", Domain/binary>>)).

stop(HostType) ->
    ejabberd_hooks:delete(hooks(HostType, <<"rooms.", HostType/binary>>)).

hooks(HostType, MucHost) ->
    [{forget_room, HostType, ?MODULE, forget_room, 90},
     %% this was the way before there were host types
     {join_room, MucHost, ?MODULE, join_room, 90}].

forget_room(Acc, HostType, MucHost, Room) ->
    acme_probe:note({forgotten, HostType, jid:make_bare(Room, MucHost)}),
    maps:put(forgotten, Room, Acc).

join_room(Acc, Server, Room, _MucHost, _Jid, MucJid) ->
    acme_probe:note({joined, Server, Room, MucJid}),
    Acc.
