%% Meters what clients send.
-module(plain_meter).
-behaviour(gen_mod).
-include("mongoose.hrl").
-export([start/2, stop/1]).
-export([meter/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)),
    ok.

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)),
    ok.

hooks(HostType) ->
    [{user_send_packet, HostType, fun ?MODULE:meter/3, #{}, 40}].

meter(Acc, _Params, #{host_type := HostType}) ->
    case mongoose_acc:stanza_name(Acc) of
        Name when Name =:= <<"message">>; Name =:= <<"iq">>; Name =:= <<"presence">> ->
            mongoose_metrics:update(HostType, [acme, sent, Name], 1),
            {ok, Acc};
        _ ->
            {ok, Acc}
    end.
