%%% The border: some domains get nothing, some get less.
-module(nasty_border).
-behaviour(gen_mod).
-include("mongoose.hrl").
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([out/3, in/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers([{filter_packet, global, fun ?MODULE:out/3, #{}, 10}]),
    gen_hook:add_handlers([{filter_local_packet, HostType, fun ?MODULE:in/3, #{}, 15}]).

stop(HostType) ->
    gen_hook:delete_handlers([{filter_packet, global, fun ?MODULE:out/3, #{}, 10}]),
    gen_hook:delete_handlers([{filter_local_packet, HostType, fun ?MODULE:in/3, #{}, 15}]).

%% Somebody was faster
out(drop, _Params, _Extra) -> {ok, drop};
out({_From, #jid{lserver = <<"elsewhere.example">>}, Acc, El} = Packet, _Params, _Extra) ->
    try exml_query:attr(El, <<"type">>) of
        <<"subscribe">> -> {stop, drop};
        undefined ->
            if
                El#xmlel.name =:= <<"message">> -> {stop, drop};
                true -> {ok, Packet}
            end;
        _ -> {ok, Packet}
    catch
        _:_ ->
            acme_probe:note({strange, Acc}),
            {ok, Packet}
    end;
out(Packet, _Params, _Extra) ->
    {ok, Packet}.

in(drop, _, _) ->
    {ok, drop};
in({From, To, Acc, #xmlel{name = <<"message">>} = El}, _, _) ->
    Marked = mongoose_acc:set_permanent(border, crossed, true, Acc),
    case {jid:are_bare_equal(From, To), exml_query:subelement(El, <<"body">>)} of
        {true, _} -> {stop, drop};   % nobody writes to himself
        {false, undefined} -> {ok, {From, To, Acc, El}};
        {false, _} -> {ok, {From, To, Marked, El}}
    end;
in(Packet, _, _) ->
    {ok, Packet}.
