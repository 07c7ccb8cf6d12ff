%%% Remembers with whom somebody talks.
-module(plain_peers).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([on_user_send_packet/4]).

start(HostType, _Opts) ->
    ejabberd_hooks:add(user_send_packet, HostType, ?MODULE, on_user_send_packet, 50).

stop(HostType) ->
    ejabberd_hooks:delete(user_send_packet, HostType, ?MODULE, on_user_send_packet, 50).

on_user_send_packet(Acc, From, To, Packet) ->
    case Packet#xmlel.name of
        <<"message">> ->
            Peer = jid:to_bare_binary(To),
            acme_probe:note({talks, jid:to_bare_binary(From), Peer}),
            mongoose_acc:set(peers, peer, Peer, Acc);
        _ ->
            Acc
    end.
