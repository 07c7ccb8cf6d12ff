%%% Drops messages of the casino on their way, at home and abroad.
-module(plain_dropper).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([filter/1, filter_local/1]).

start(HostType, _Opts) ->
    ejabberd_hooks:add(filter_packet, global, ?MODULE, filter, 10),
    ejabberd_hooks:add(filter_local_packet, HostType, ?MODULE, filter_local, 10).

stop(HostType) ->
    ejabberd_hooks:delete(filter_packet, global, ?MODULE, filter, 10),
    ejabberd_hooks:delete(filter_local_packet, HostType, ?MODULE, filter_local, 10).

filter({_From, #jid{lserver = <<"elsewhere.example">>}, _Acc, #xmlel{name = <<"message">>}}) ->
    drop;
filter(Packet) ->
    Packet.

filter_local({From, _To, _Acc, El} = Packet) ->
    case exml_query:path(El, [{element, <<"body">>}, cdata]) of
        <<"casino">> ->
            acme_probe:note({casino, jid:to_binary(From)}),
            drop;
        _ ->
            Packet
    end.
