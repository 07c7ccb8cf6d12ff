%%% Several ways out, and a stop in one of them only.
-module(nasty_ways_out).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([in_subscription/5]).

start(HostType, _Opts) ->
    ejabberd_hooks:add(roster_in_subscription, HostType, ?MODULE, in_subscription, 10).

stop(HostType) ->
    ejabberd_hooks:delete(roster_in_subscription, HostType, ?MODULE, in_subscription, 10).

in_subscription(Acc, _To, #jid{lserver = Server} = From, Type, _Reason) ->
    try known(Server) of
        true when Type =:= unsubscribed ->
            {stop, refused(From, Acc)};
        true ->
            Marked = mongoose_acc:set(ways, known, Server, Acc),
            Marked;
        false ->
            if
                Type =:= subscribe -> Acc;
                true -> stop
            end
    catch
        error:_ ->
            Acc
    end.

known(Server) -> binary:part(Server, 0, 9) =:= <<"elsewhere">>.

refused(From, Acc) ->
    acme_probe:note({refused, jid:to_binary(From)}),
    mongoose_acc:set(hook, result, false, Acc).
