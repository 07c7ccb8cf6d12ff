%% Notes to whom presences go directly.
-module(nasty_directed).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1, directed/3]).

start(HostType, _) ->
    gen_hook:add_handler(c2s_update_presence, HostType, fun ?MODULE:directed/3, #{}, 80), ok.

stop(HostType) ->
    gen_hook:delete_handler(c2s_update_presence, HostType, fun ?MODULE:directed/3, #{}, 80), ok.

directed(Acc, _, _) ->
    case mongoose_acc:packet(Acc) of
        {#jid{luser = User} = From, #jid{luser = User} = To, _} when From#jid.lserver =:= To#jid.lserver ->
            {ok, Acc};
        {_, To, El} ->
            {ok, note(exml_query:attr(El, <<"type">>), To, Acc)}
    end.

%% Whoever asks for a subscription will get presences anyway
note(<<"subscribe">>, _To, Acc) -> Acc;
note(_Type, To, Acc) ->
    acme_probe:note({directed, jid:to_binary(To)}),
    mongoose_acc:set(directed, to, jid:to_binary(To), Acc).
