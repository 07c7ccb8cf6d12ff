%%% Refuses messages without a body.
-module(plain_refusal).
-behaviour(gen_mod).
-export([start/2, stop/1]).
-export([sent/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{user_send_message, HostType, fun ?MODULE:sent/3, #{}, 50}].

sent(Acc, _Params, _Extra) ->
    case exml_query:subelement(mongoose_acc:element(Acc), <<"body">>) of
        undefined ->
            acme_probe:note(mongoose_xmpp_errors:not_acceptable(<<"Say something">>)),
            {stop, Acc};
        _ ->
            {ok, Acc}
    end.
