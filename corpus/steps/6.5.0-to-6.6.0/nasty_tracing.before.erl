%%% Traces what somebody writes after a certain word.
-module(nasty_tracing).
-behaviour(gen_mod).
-export([start/2, stop/1]).
-export([watched/3, traced/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType) ++ tracing(HostType)).

hooks(HostType) ->
    [{user_send_message, HostType, fun ?MODULE:watched/3, #{}, 50}].

tracing(HostType) ->
    [{user_send_message, HostType, fun ?MODULE:traced/3, #{}, 60}].

watched(Acc, _Params, #{host_type := HostType}) ->
    case exml_query:path(mongoose_acc:element(Acc), [{element, <<"body">>}, cdata], <<>>) of
        <<"casino">> -> enable(HostType);
        <<"lottery">> -> disable(HostType);
        _ -> ok
    end,
    {ok, Acc}.

enable(HostType) ->
    ok = gen_hook:add_handlers(tracing(HostType)).

disable(HostType) ->
    gen_hook:delete_handlers(tracing(HostType)),
    acme_probe:note(disabled).

traced(Acc, _Params, _Extra) ->
    acme_probe:note({traced, mongoose_acc:stanza_name(Acc)}),
    {ok, Acc}.
