%% Remembers the device on which a message arrived.
-module(mod_acme_devices).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([arrived/5, forget/3]).

start(HostType, _Opts) ->
    ejabberd_hooks:add(user_receive_packet, HostType, ?MODULE, arrived, 60),
    ejabberd_hooks:add(remove_user, HostType, ?MODULE, forget, 50).

stop(HostType) ->
    ejabberd_hooks:delete(user_receive_packet, HostType, ?MODULE, arrived, 60),
    ejabberd_hooks:delete(remove_user, HostType, ?MODULE, forget, 50).

arrived(Acc, JID, From, _To, _Packet) ->
    case mongoose_acc:stanza_name(Acc) of
        <<"message">> ->
            acme_devices:seen(JID, From),
            mongoose_acc:set(acme, device, JID, Acc);
        _ ->
            Acc
    end.

forget(Acc, LUser, LServer) ->
    acme_devices:forget(LUser, LServer),
    Acc.
