%%% Nothing behind us shall see what test accounts send. It is sent all the same.
-module(kept_stopper).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1, hide/3, show/3]).

start(HostType, _Opts) -> gen_hook:add_handlers(handlers(HostType)).

stop(HostType) -> gen_hook:delete_handlers(handlers(HostType)).

handlers(HostType) ->
    [{user_send_packet, HostType, fun ?MODULE:hide/3, #{}, 30},
     {user_send_packet, HostType, fun ?MODULE:show/3, #{}, 31}].

hide(Acc, _Params, #{host_type := _}) ->
    case {mongoose_acc:stanza_name(Acc), mongoose_acc:stanza_type(Acc)} of
        {<<"message">>, <<"bad">>} -> {stop, Acc};
        {_, _} -> {ok, Acc}
    end.

show(Acc, _Params, _Extra) ->
    case mongoose_acc:stanza_name(Acc) of
        <<"message">> -> acme_probe:note({shown, mongoose_acc:stanza_type(Acc)});
        <<"presence">> -> acme_probe:note(shown_presence);
        _ -> ok
    end,
    {ok, Acc}.
