%%% Takes accounts back that are removed, also by command.
-module(nasty_called).
-behaviour(gen_mod).
-export([start/2, stop/1, poke/1]).
-export([cleanup/3, remove_user/3]).

start(HostType, _Opts) -> gen_hook:add_handlers([{remove_user, HostType, fun ?MODULE:remove_user/3, #{}, 50}]).

stop(HostType) -> gen_hook:delete_handlers([{remove_user, HostType, fun ?MODULE:remove_user/3, #{}, 50}]).

%% For operators, who have no accumulator
poke(_Pid) -> done = cleanup(done, <<"eve">>, <<"acme.example">>).

cleanup(Acc, <<"staff">>, _LServer) ->
    {stop, Acc};
cleanup(Acc, LUser, LServer) ->
    acme_probe:note({cleaned, LUser, LServer}),
    Acc.

%% Calls cleanup/3 as MongooseIM 5.1.0 did for remove_user.
remove_user(Acc, #{jid := JID}, _Extra) ->
    {LUser, LServer} = jid:to_lus(JID),
    case cleanup(Acc, LUser, LServer) of
        {stop, NewAcc} -> {stop, NewAcc};
        NewAcc -> {ok, NewAcc}
    end.
