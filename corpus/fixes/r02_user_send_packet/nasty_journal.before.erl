%%% A journal of everything that a user sends, by kind.
%%%
%%% Each kind has its own clause; there are no others, says the RFC.
-module(nasty_journal).
-behaviour(gen_mod).
-include("jlib.hrl").
-include("mongoose.hrl").
-export([start/2, stop/1, journal/3]).

start(HostType, _) ->
    ok = gen_hook:add_handlers(hooks(HostType, [65])).

stop(HostType) ->
    ok = gen_hook:delete_handlers(hooks(HostType, [65])).

hooks(HostType, Priorities) ->
    [{user_send_packet, HostType, fun ?MODULE:journal/3, #{}, P} || P <- Priorities].

journal(Acc, _Params, _Extra) ->
    {From, To, #xmlel{name = Name} = Packet} = mongoose_acc:packet(Acc),
    Line = line(Name, From, To, Packet),
    acme_probe:note(Line),
    {ok, mongoose_acc:set(journal, line, element(1, Line), Acc)}.

line(<<"message">>, From, To, Packet) ->
    {message, jid:to_binary(From), jid:to_binary(To), exml_query:attr(Packet, <<"type">>, <<"normal">>)};
%% to whom is of no interest here
line(<<"presence">>, From, _To, Packet) ->
    case exml_query:attr(Packet, <<"type">>) of
        undefined -> {available, jid:to_binary(From)};
        Type -> {presence, jid:to_binary(From), Type}
    end;
line(<<"iq">>, From, _To, Packet) ->
    {iq, jid:to_binary(From), exml_query:attr(Packet, <<"type">>)}.
