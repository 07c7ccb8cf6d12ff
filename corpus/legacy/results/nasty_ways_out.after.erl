%%% Several ways out, and a stop in one of them only.
-module(nasty_ways_out).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([in_subscription/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{roster_in_subscription, HostType, fun ?MODULE:in_subscription/3, #{}, 10}].

in_subscription(Acc, #{from := #jid{lserver = Server} = From, type := Type}, _Extra) ->
    try known(Server) of
        true when Type =:= unsubscribed ->
            {stop, refused(From, Acc)};
        true ->
            Marked = mongoose_acc:set(ways, known, Server, Acc),
            {ok, Marked};
        false ->
            if
                Type =:= subscribe -> {ok, Acc};
                true -> {stop, stopped}
            end
    catch
        error:_ ->
            {ok, Acc}
    end.

known(Server) -> binary:part(Server, 0, 9) =:= <<"elsewhere">>.

refused(From, Acc) ->
    acme_probe:note({refused, jid:to_binary(From)}),
    mongoose_acc:set(hook, result, false, Acc).
