%%% Notes when users come and go, and what they say meanwhile.
-module(plain_visits).
-behaviour(gen_mod).
-include("mongoose.hrl").
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([here/3, away/3, said/4, said/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{sm_register_connection, HostType, fun ?MODULE:here/3, #{}, 60},
     {sm_remove_connection, HostType, fun ?MODULE:away/3, #{}, 60},
     {user_send_message, HostType, fun ?MODULE:said/3, #{}, 55}].

here(Acc, #{jid := Jid}, _Extra) ->
    acme_probe:note({here, jid:to_binary(Jid)}),
    {ok, Acc}.

away(Acc, #{jid := Jid}, _Extra) ->
    acme_probe:note({away, jid:to_binary(Jid)}),
    {ok, Acc}.

said(Acc, From, To, #xmlel{name = <<"message">>}) ->
    acme_probe:note({said, jid:to_binary(From), jid:to_binary(To)}),
    Acc;
said(Acc, _From, _To, _Packet) ->
    Acc.

%% Calls said/4 as MongooseIM 5.1.0 did for user_send_packet.
said(Acc, _Params, _Extra) ->
    {From, To, Packet} = mongoose_acc:packet(Acc),
    {ok, said(Acc, From, To, Packet)}.
