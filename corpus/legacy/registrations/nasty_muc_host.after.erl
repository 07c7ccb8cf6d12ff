%%% Rooms that are forgotten are forgotten here, too.
-module(nasty_muc_host).
-behaviour(gen_mod).
-export([start/2, stop/1, forget_room/3, join_room/3]).

start(HostType, #{domain := Domain}) ->
    gen_hook:add_handlers(hooks(HostType, <<"rooms.", Domain/binary>>)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType, <<"rooms.", HostType/binary>>)).

hooks(HostType, MucHost) ->
    [{forget_room, HostType, fun ?MODULE:forget_room/3, #{}, 90},
     %% this was the way before there were host types
     {join_room, MucHost, fun ?MODULE:join_room/3, #{}, 90}].

forget_room(Acc, #{muc_host := MucHost, room := Room}, #{host_type := HostType}) ->
    acme_probe:note({forgotten, HostType, jid:make_bare(Room, MucHost)}),
    {ok, maps:put(forgotten, Room, Acc)}.

join_room(Acc, #{room := Room, muc_jid := MucJid}, #{host_type := Server}) ->
    acme_probe:note({joined, Server, Room, MucJid}),
    {ok, Acc}.
