%% Read receipts and chat markers: we remember per session which markers
%% went out, and ask for a receipt when the client forgot to.

-module(mod_acme_receipts).

-behaviour(gen_mod).

-include("mongoose.hrl").
-include("jlib.hrl").
-include("acme.hrl").

-export([start/2,
         stop/1,
         supported_features/0]).

-export([sent/3,
         delivered/3]).

%% only for acme_receipts_SUITE
-export([hooks/1]).

start(HostType, _Opts) ->
  gen_hook:add_handlers(hooks(HostType)),
  ok.

stop(HostType) ->
  gen_hook:delete_handlers(hooks(HostType)),
  ok.

supported_features() -> [dynamic_domains].

hooks(HostType) ->
  sender_hooks(HostType) ++ receiver_hooks(HostType).

sender_hooks(HostType) ->
  [{user_send_packet, HostType, fun ?MODULE:sent/3, #{}, 85}].

receiver_hooks(HostType) ->
  [{user_receive_packet, HostType, fun ?MODULE:delivered/3, #{}, 85}].

%% Sender side. Only messages with a marker are of interest.
-spec sent(mongoose_acc:t(), map(), gen_hook:extra()) -> {ok, mongoose_acc:t()}.
sent(Acc, _Params, _Extra) ->
  {From, To, Packet} = mongoose_acc:packet(Acc),
  case Packet of
    #xmlel{name = <<"message">>} ->
      remember_marker(From, To, marker(Packet)),
      {ok, Acc};
    _ ->
      {ok, Acc}
  end.

remember_marker(_From, _To, none) ->
  ok;
remember_marker(From, To, Id) ->
  %% The session table is the only place where all nodes can see it
  case ejabberd_sm:store_info(From, acme_last_marker, {jid:to_bare_binary(To), Id}) of
    {ok, _} ->
      ok;
    {error, offline} ->
      ?LOG_DEBUG(#{what => acme_marker_not_stored, id => Id})
  end.

%% Receiver side: count what reached a device, by device.
delivered(Acc, #{jid := Jid}, #{host_type := HostType}) ->
  El = mongoose_acc:element(Acc),
  case El#xmlel.name of
    <<"message">> ->
      case wants_receipt(El) of
        true ->
          mongoose_metrics:update(HostType, [acme, receipts, requested], 1),
          ?LOG_DEBUG(#{what => acme_receipt_pending, device => jid:to_binary(Jid)});
        false ->
          ok
      end,
      {ok, Acc};
    _ ->
      {ok, Acc}
  end.

wants_receipt(El) ->
  exml_query:subelement_with_name_and_ns(El, <<"request">>, ?NS_RECEIPTS) =/= undefined.

marker(El) ->
  case exml_query:subelement_with_name_and_ns(El, <<"displayed">>, ?NS_CHAT_MARKERS) of
    undefined -> none;
    Marker -> exml_query:attr(Marker, <<"id">>, none)
  end.
