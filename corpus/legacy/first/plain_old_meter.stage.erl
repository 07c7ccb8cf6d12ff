%%% Counts what users send, in the old way.
-module(plain_old_meter).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([user_send_packet/3, user_send_packet_user_send_packet/3]).

start(Host, _Opts) ->
    gen_hook:add_handler(user_send_packet, Host, fun ?MODULE:user_send_packet_user_send_packet/3, #{}, 9).

stop(Host) ->
    gen_hook:delete_handler(user_send_packet, Host, fun ?MODULE:user_send_packet_user_send_packet/3, #{}, 9).

user_send_packet(From, To, #xmlel{name = <<"message">>} = Packet) ->
    acme_probe:note({sent, jid:to_binary(From), jid:to_bare_binary(To), exml_query:attr(Packet, <<"id">>)});
user_send_packet(_From, _To, _Packet) ->
    ok.

%% Calls user_send_packet/3 as MongooseIM 2.0.1 did for user_send_packet.
user_send_packet_user_send_packet(Acc, _Params, _Extra) ->
    {From, To, Packet} = mongoose_acc:packet(Acc),
    user_send_packet(From, To, Packet),
    {ok, Acc}.
