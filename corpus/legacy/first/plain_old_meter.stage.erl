%%% Counts what users send, in the old way.
-module(plain_old_meter).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([user_send_packet/3, handle_user_send_packet/3]).

start(Host, _Opts) ->
    gen_hook:add_handlers(hooks(Host)).

stop(Host) ->
    gen_hook:delete_handlers(hooks(Host)).

hooks(Host) ->
    [{user_send_packet, Host, fun ?MODULE:handle_user_send_packet/3, #{}, 9}].

user_send_packet(From, To, #xmlel{name = <<"message">>} = Packet) ->
    acme_probe:note({sent, jid:to_binary(From), jid:to_bare_binary(To), exml_query:attr(Packet, <<"id">>)});
user_send_packet(_From, _To, _Packet) ->
    ok.

%% Calls user_send_packet/3 as MongooseIM 2.0.1 did for user_send_packet.
handle_user_send_packet(Acc, _Params, _Extra) ->
    {From, To, Packet} = mongoose_acc:packet(Acc),
    case user_send_packet(From, To, Packet) of
        stop -> {stop, Acc};
        _ -> {ok, Acc}
    end.
