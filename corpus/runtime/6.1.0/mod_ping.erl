%%% Stand-in: recognises the answer to a ping. The answer is an IQ result, and goes no further.
-module(mod_ping).

-include("jlib.hrl").
-include("world.hrl").

-export([hooks/1, user_send_iq/3]).

hooks(HostType) ->
    [{user_send_iq, HostType, fun ?MODULE:user_send_iq/3, #{}, 100}].

user_send_iq(Acc, #{c2s_data := Data}, #{host_type := HostType}) ->
    El = mongoose_acc:element(Acc),
    case {mongoose_acc:stanza_type(Acc), exml_query:attr(El, <<"id">>)} of
        {<<"result">>, ?PING_ID} ->
            mongoose_hooks:user_ping_response(HostType, #{}, mongoose_c2s:get_jid(Data), El, 0),
            {stop, Acc};
        _ ->
            {ok, Acc}
    end.
