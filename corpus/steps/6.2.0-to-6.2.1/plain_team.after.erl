%%% Puts the help desk into everybody's roster.
-module(plain_team).
-behaviour(gen_mod).
-include("mongoose.hrl").
-include("jlib.hrl").
-include("mod_roster.hrl").
-export([start/2, stop/1]).
-export([add_desk/3, roster_get/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{roster_get, HostType, fun ?MODULE:roster_get/3, #{}, 80}].

add_desk(Acc, #{jid := Jid}, _Extra) ->
    Items = mongoose_acc:get(roster, items, [], Acc),
    acme_probe:note({roster, length(Items)}),
    {ok, mongoose_acc:set(roster, items, [desk(Jid) | Items], Acc)}.

%% Calls add_desk/3 as MongooseIM 6.2.0 did for roster_get.
roster_get(Items, #{mongoose_acc := MongooseAcc, show_full_roster := Full} = Params, Extra) ->
    Acc = mongoose_acc:set(roster, [{show_full_roster, Full}, {items, Items}], MongooseAcc),
    {Tag, NewAcc} = add_desk(Acc, Params, Extra),
    {Tag, mongoose_acc:get(roster, items, Items, NewAcc)}.

desk(#jid{luser = LUser, lserver = LServer}) ->
    Desk = {<<"desk">>, LServer, <<>>},
    #roster{us = {LUser, LServer}, jid = Desk, name = <<"Help desk">>, subscription = both, groups = [<<"Acme">>]}.
