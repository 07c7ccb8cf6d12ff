%%% Messages with the phrase never leave the session.
-module(nasty_phrase).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1, preprocess/3]).

-define(PRIORITY, 10).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{c2s_preprocessing_hook, HostType, fun ?MODULE:preprocess/3, #{}, ?PRIORITY}].

preprocess(Acc, #{state := C2SState}, _Extra) ->
    Jid = ejabberd_c2s_state:jid(C2SState),
    case exml_query:path(mongoose_acc:element(Acc), [{element, <<"body">>}, cdata]) of
        <<"casino">> ->
            acme_probe:note({kept_back, jid:to_binary(Jid)}),
            {ok, mongoose_acc:set(hook, result, drop, Acc)};
        _ ->
            {ok, Acc}
    end.
