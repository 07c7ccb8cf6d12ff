%%% Offline messages are stored by somebody who is asked first, and alone.
-module(nasty_old_offline).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([store/3, count/3]).

start(Host, _Opts) ->
    ejabberd_hooks:add(offline_message_hook, Host, ?MODULE, store, 30),
    ejabberd_hooks:add(offline_message_hook, Host, ?MODULE, count, 40).

stop(Host) ->
    ejabberd_hooks:delete(offline_message_hook, Host, ?MODULE, store, 30),
    ejabberd_hooks:delete(offline_message_hook, Host, ?MODULE, count, 40).

store(_From, To, #xmlel{name = <<"message">>} = Packet) ->
    case exml_query:attr(Packet, <<"type">>) of
        <<"error">> ->
            ok;
        _ ->
            acme_probe:note({stored, jid:to_binary(To)}),
            stop
    end.

count(_From, To, _Packet) ->
    acme_probe:note({counted, jid:to_binary(To)}).
