%%% Roster items that are told to the user's sessions.
-module(kept_roster_items).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1, item/3]).

start(HostType, _Opts) -> gen_hook:add_handler(sm_broadcast, HostType, fun ?MODULE:item/3, #{}, 50).

stop(HostType) -> gen_hook:delete_handler(sm_broadcast, HostType, fun ?MODULE:item/3, #{}, 50).

item(Acc, #{to := To, broadcast := {broadcast, {item, Contact, Subscription}}}, _Extra) ->
    acme_probe:note({item, jid:to_binary(To), Contact, Subscription}),
    {ok, mongoose_acc:set(roster_items, told, true, Acc)};
item(Acc, _Params, _Extra) ->
    {ok, Acc}.
