%%% Drops spam when it is delivered.
-module(plain_spam).
-behaviour(gen_mod).
-include("mongoose.hrl").
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([filter_local_packet/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{filter_local_packet, HostType, fun ?MODULE:filter_local_packet/3, #{}, 20}].

filter_local_packet({_From, _To, _Acc, #xmlel{name = <<"message">>} = El} = FPacket, _Params, _Extra) ->
    case is_spam(El) of
        true -> {stop, drop};
        false -> {ok, FPacket}
    end;
filter_local_packet(FPacket, _Params, _Extra) ->
    {ok, FPacket}.

is_spam(El) ->
    exml_query:path(El, [{element, <<"body">>}, cdata]) =:= <<"casino">>.
