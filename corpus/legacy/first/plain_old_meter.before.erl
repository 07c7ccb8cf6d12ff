%%% Counts what users send, in the old way.
-module(plain_old_meter).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([user_send_packet/3]).

start(Host, _Opts) ->
    ejabberd_hooks:add(user_send_packet, Host, ?MODULE, user_send_packet, 9).

stop(Host) ->
    ejabberd_hooks:delete(user_send_packet, Host, ?MODULE, user_send_packet, 9).

user_send_packet(From, To, #xmlel{name = <<"message">>} = Packet) ->
    acme_probe:note({sent, jid:to_binary(From), jid:to_bare_binary(To), exml_query:attr(Packet, <<"id">>)});
user_send_packet(_From, _To, _Packet) ->
    ok.
