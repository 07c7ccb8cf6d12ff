%%% Everybody has the service desk in the roster, and nobody gets rid of it.
-module(plain_desk).
-behaviour(gen_mod).
-include("jlib.hrl").
-include("mod_roster.hrl").
-export([start/2, stop/1]).
-export([in_subscription/3, roster_get/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{roster_get, HostType, fun ?MODULE:roster_get/3, #{}, 70},
     {roster_in_subscription, HostType, fun ?MODULE:in_subscription/3, #{}, 30}].

roster_get(Acc, #{jid := JID}, _Extra) ->
    Desk = #roster{jid = {<<"desk">>, JID#jid.lserver, <<>>}, subscription = both},
    {ok, mongoose_acc:append(roster, items, [Desk], Acc)}.

in_subscription(Acc, #{to := ToJID, from := FromJID, type := Type, reason := Reason}, _Extra)
  when Type =:= subscribe; Type =:= subscribed ->
    acme_probe:note({Type, jid:to_binary(ToJID), jid:to_binary(FromJID), Reason}),
    {ok, Acc};
in_subscription(Acc, _Params, _Extra) ->
    {stop, mongoose_acc:set(hook, result, false, Acc)}.
