%%% Counts the offline messages of each user.
-module(plain_offline).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([store/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{offline_message_hook, HostType, fun ?MODULE:store/3, #{}, 40}].

store(Acc, #{packet := #xmlel{attrs = [{<<"type">>, <<"error">>} | _]}}, _Extra) ->
    {ok, Acc};
store(Acc, #{from := From, to := #jid{luser = LUser} = To, packet := Packet}, _Extra) ->
    Text = exml_query:path(Packet, [{element, <<"body">>}, cdata], <<>>),
    acme_probe:note({stored, jid:to_binary(From), jid:to_bare_binary(To), Text}),
    case Text of
        <<"casino">> -> {stop, mongoose_acc:set(offline_count, spam, LUser, Acc)};
        _ -> {ok, mongoose_acc:set(offline_count, stored, LUser, Acc)}
    end.
