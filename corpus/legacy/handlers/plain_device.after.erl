%%% Keeps the devices of a user that got a message.
-module(plain_device).
-behaviour(gen_mod).

-include("jlib.hrl").

-export([start/2, stop/1]).
-export([user_receive_packet/3]).

start(HostType, _Opts) ->
    gen_hook:add_handler(user_receive_message, HostType, fun ?MODULE:user_receive_packet/3, #{}, 60).

stop(HostType) ->
    gen_hook:delete_handler(user_receive_message, HostType, fun ?MODULE:user_receive_packet/3, #{}, 60).

user_receive_packet(Acc, #{c2s_data := C2SData}, _Extra) ->
    JID = mongoose_c2s:get_jid(C2SData),
    case mongoose_acc:packet(Acc) of
        {From, _To, #xmlel{name = <<"message">>}} ->
            acme_probe:note({message_at, jid:to_binary(JID), jid:to_bare_binary(From)}),
            {ok, mongoose_acc:set(device, resource, JID#jid.lresource, Acc)};
        _ ->
            {ok, Acc}
    end.
