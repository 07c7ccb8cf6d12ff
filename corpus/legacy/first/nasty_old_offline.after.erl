%%% Offline messages are stored by somebody who is asked first, and alone.
-module(nasty_old_offline).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([store/3, store_offline_message_hook/3, count/3, offline_message_hook/3]).

start(Host, _Opts) ->
    gen_hook:add_handlers(hooks(Host)).

stop(Host) ->
    gen_hook:delete_handlers(hooks(Host)).

hooks(Host) ->
    [{offline_message_hook, Host, fun ?MODULE:store_offline_message_hook/3, #{}, 30},
     {offline_message_hook, Host, fun ?MODULE:offline_message_hook/3, #{}, 40}].

store(_From, To, #xmlel{name = <<"message">>} = Packet) ->
    case exml_query:attr(Packet, <<"type">>) of
        <<"error">> ->
            ok;
        _ ->
            acme_probe:note({stored, jid:to_binary(To)}),
            stop
    end.

%% Calls store/3 as MongooseIM 2.0.1 did for offline_message_hook.
store_offline_message_hook(Acc, #{from := From, to := To, packet := Packet}, _Extra) ->
    case store(From, To, Packet) of
        stop -> {stop, Acc};
        _ -> {ok, Acc}
    end.

count(_From, To, _Packet) ->
    acme_probe:note({counted, jid:to_binary(To)}).

%% Calls count/3 as MongooseIM 2.0.1 did for offline_message_hook.
offline_message_hook(Acc, #{from := From, to := To, packet := Packet}, _Extra) ->
    case count(From, To, Packet) of
        stop -> {stop, Acc};
        _ -> {ok, Acc}
    end.
