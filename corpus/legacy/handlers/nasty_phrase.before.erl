%%% Messages with the phrase never leave the session.
-module(nasty_phrase).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1, preprocess/2]).

-define(PRIORITY, 10).

start(HostType, _Opts) ->
    ejabberd_hooks:add(c2s_preprocessing_hook, HostType, ?MODULE, preprocess, ?PRIORITY).

stop(HostType) ->
    ejabberd_hooks:delete(c2s_preprocessing_hook, HostType, ?MODULE, preprocess, ?PRIORITY).

preprocess(Acc, C2SState) ->
    Jid = ejabberd_c2s_state:jid(C2SState),
    case exml_query:path(mongoose_acc:element(Acc), [{element, <<"body">>}, cdata]) of
        <<"casino">> ->
            acme_probe:note({kept_back, jid:to_binary(Jid)}),
            mongoose_acc:set(hook, result, drop, Acc);
        _ ->
            Acc
    end.
