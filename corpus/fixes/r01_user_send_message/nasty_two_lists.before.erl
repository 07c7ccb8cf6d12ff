%%% Counts the messages of an account, and tells the rest of the company about the first one.
-module(nasty_two_lists).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1, count/3, announce/3]).

start(HostType, _) ->
    gen_hook:add_handlers(early(HostType) ++ late(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(late(HostType)),
    gen_hook:delete_handlers(early(HostType)).

early(HostType) -> [{user_send_packet, HostType, fun ?MODULE:count/3, #{}, 7}].

late(HostType) ->
    %% after everything that may change the message
    [{Hook, HostType, fun ?MODULE:announce/3, #{}, 97} || Hook <- [user_send_packet]].

count(Acc, _Params, _Extra) ->
    Name = mongoose_acc:stanza_name(Acc),
    if
        Name =:= <<"message">> ->
            {ok, mongoose_acc:append(counter, seen, [Name], Acc)};
        true ->
            {ok, Acc}
    end.

announce(Acc, #{}, #{host_type := HostType}) ->
    try mongoose_acc:element(Acc) of
        #xmlel{name = <<"message">>, attrs = Attrs} ->
            Seen = mongoose_acc:get(counter, seen, [], Acc),
            acme_probe:note({announced, HostType, length(Seen), lists:keymember(<<"type">>, 1, Attrs)}),
            {ok, Acc};
        _ ->
            {ok, Acc}
    catch
        _:_ -> {ok, Acc}
    end.
