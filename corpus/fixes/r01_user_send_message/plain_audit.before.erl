%%% Keeps a trail of who writes to whom. Only messages are of interest.
-module(plain_audit).
-behaviour(gen_mod).

-include("mongoose.hrl").
-include("jlib.hrl").

-export([start/2, stop/1, supported_features/0]).
-export([user_send_packet/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

supported_features() -> [dynamic_domains].

hooks(HostType) ->
    [{user_send_packet, HostType, fun ?MODULE:user_send_packet/3, #{}, 50}].

-spec user_send_packet(mongoose_acc:t(), map(), gen_hook:extra()) -> {ok, mongoose_acc:t()}.
user_send_packet(Acc, _Params, _Extra) ->
    case mongoose_acc:stanza_name(Acc) of
        <<"message">> ->
            {From, To, Packet} = mongoose_acc:packet(Acc),
            write_trail(From, To, exml_query:path(Packet, [{element, <<"body">>}, cdata], <<>>)),
            {ok, mongoose_acc:set(audit, written, true, Acc)};
        _ ->
            {ok, Acc}
    end.

write_trail(From, To, Body) ->
    acme_probe:note({trail, jid:to_binary(From), jid:to_binary(To), byte_size(Body)}).
