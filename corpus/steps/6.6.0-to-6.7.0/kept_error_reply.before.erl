%%% Refuses long subjects.
-module(kept_error_reply).
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
    {From, To, Packet} = mongoose_acc:packet(Acc),
    case exml_query:path(Packet, [{element, <<"subject">>}, cdata], <<>>) of
        Subject when byte_size(Subject) > 100 ->
            ejabberd_router:route_error_reply(To, From, Acc, mongoose_xmpp_errors:not_acceptable()),
            {stop, Acc};
        _ ->
            {ok, Acc}
    end.
