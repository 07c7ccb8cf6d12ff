%%% The other half of mod_acme_audit: what needs a closer look than "it happened".
%%% Entries go to the log for now; the log shipper picks them up by `what'.
-module(acme_audit_writer).

-include("mongoose.hrl").
-include("jlib.hrl").

-export([write/3]).
-export([on_sent/3, on_element/3, on_close/3, on_auth_failed/3]).

-ignore_xref([on_sent/3, on_element/3, on_close/3, on_auth_failed/3]).

-spec write(mongooseim:host_type(), atom(), map()) -> ok.
write(HostType, Event, Details) ->
    ?LOG_NOTICE(Details#{what => acme_audit, event => Event, host_type => HostType,
                         at => erlang:system_time(millisecond)}),
    ok.

%% user_send_packet: a message, an iq or a presence, so three clauses are all there is.
on_sent(Acc, _Params, #{host_type := HostType}) ->
    {From, To, El} = mongoose_acc:packet(Acc),
    Details = #{from => jid:to_binary(From), to => jid:to_binary(To)},
    case El of
        #xmlel{name = <<"message">>} ->
            Size = byte_size(exml:to_binary(El)),
            write(HostType, message, Details#{size => Size});
        #xmlel{name = <<"iq">>} ->
            write(HostType, iq, Details#{type => exml_query:attr(El, <<"type">>)});
        #xmlel{name = <<"presence">>} ->
            write(HostType, presence, Details)
    end,
    {ok, Acc}.

%% xmpp_send_element: bytes that are about to go to a client, for the bill.
on_element(Acc, #{el := El}, #{host_type := HostType}) ->
    Bytes = case El of
                #xmlel{} -> byte_size(exml:to_binary(El));
                _ -> 0
            end,
    mongoose_metrics:update(HostType, [acme, audit, bytes_out], Bytes),
    {ok, Acc}.

%% A replaced session is the same person on the same device: no logout.
on_close(Acc, #{reason := replaced}, _Extra) ->
    {ok, Acc};
on_close(Acc, #{jid := Jid, reason := Reason}, #{host_type := HostType}) ->
    write(HostType, logout, #{jid => jid:to_binary(Jid), reason => Reason}),
    {ok, Acc}.

on_auth_failed(Acc, #{username := User, server := Server}, #{host_type := HostType}) ->
    write(HostType, auth_failed, #{user => User, server => Server}),
    {ok, Acc}.
