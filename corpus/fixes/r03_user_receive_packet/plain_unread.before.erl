%%% Counts unread messages of devices.
-module(plain_unread).

-behaviour(gen_mod).

-include("mongoose.hrl").
-include("jlib.hrl").

-export([start/2, stop/1]).
-export([user_receive_packet/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{user_receive_packet, HostType, fun ?MODULE:user_receive_packet/3, #{}, 60}].

-spec user_receive_packet(mongoose_acc:t(), map(), gen_hook:extra()) -> {ok, mongoose_acc:t()}.
user_receive_packet(Acc, #{jid := Jid}, _Extra) ->
    case mongoose_acc:stanza_name(Acc) of
        <<"message">> ->
            ?LOG_DEBUG(#{what => unread, device => jid:to_binary(Jid)}),
            acme_probe:note({unread, jid:to_binary(Jid)}),
            {ok, Acc};
        _ ->
            {ok, Acc}
    end.
