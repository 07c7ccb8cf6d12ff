%%% Asks for receipts, and copies what a message says about itself.
-module(nasty_receipts).
-behaviour(gen_mod).
-include("mongoose.hrl").
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([ask/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{user_send_message, HostType, fun ?MODULE:ask/3, #{}, 50}].

ask(Acc, _Params, _Extra) ->
    {From, To, #xmlel{children = Els} = Packet} = mongoose_acc:packet(Acc),
    case [El || #xmlel{name = <<"request">>, attrs = #{<<"xmlns">> := Ns}} = El <- Els, Ns =:= ?NS_RECEIPTS] of
        [] ->
            Copied = #xmlel{name = <<"request">>, attrs = (own(Packet))#{<<"xmlns">> => ?NS_RECEIPTS}},
            Asking = Packet#xmlel{children = Els ++ [Copied]},
            acme_probe:note({asking, map_size(own(Packet))}),
            {ok, mongoose_acc:update_stanza(#{from_jid => From, to_jid => To, element => Asking}, Acc)};
        [_ | _] ->
            {ok, Acc}
    end.

own(#xmlel{attrs = Attrs}) ->
    maps:from_list([{<<"x-", Name/binary>>, Value} || {Name, Value} <- maps:to_list(Attrs), Name =/= <<"to">>]).
