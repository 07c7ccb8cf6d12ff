%%% Notes when users come and go, and what they say meanwhile.
-module(plain_visits).
-behaviour(gen_mod).
-include("mongoose.hrl").
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([here/5, away/5, said/4]).

start(HostType, _Opts) ->
    ejabberd_hooks:add(hooks(HostType)).

stop(HostType) ->
    ejabberd_hooks:delete(hooks(HostType)).

hooks(HostType) ->
    [{sm_register_connection_hook, HostType, ?MODULE, here, 60},
     {sm_remove_connection_hook, HostType, ?MODULE, away, 60},
     {user_send_packet, HostType, ?MODULE, said, 55}].

here(Acc, _HostType, _Sid, Jid, _Info) ->
    acme_probe:note({here, jid:to_binary(Jid)}),
    Acc.

away(Acc, _Sid, Jid, _Info, _Reason) ->
    acme_probe:note({away, jid:to_binary(Jid)}),
    Acc.

said(Acc, From, To, #xmlel{name = <<"message">>}) ->
    acme_probe:note({said, jid:to_binary(From), jid:to_binary(To)}),
    Acc;
said(Acc, _From, _To, _Packet) ->
    Acc.
