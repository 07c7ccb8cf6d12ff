%%% Takes accounts back that are removed, also by command.
-module(nasty_called).
-behaviour(gen_mod).
-export([start/2, stop/1, poke/1]).
-export([cleanup/3]).

start(HostType, _Opts) -> ejabberd_hooks:add([{remove_user, HostType, ?MODULE, cleanup, 50}]).

stop(HostType) -> ejabberd_hooks:delete([{remove_user, HostType, ?MODULE, cleanup, 50}]).

%% For operators, who have no accumulator
poke(_Pid) -> done = cleanup(done, <<"eve">>, <<"acme.example">>).

cleanup(Acc, <<"staff">>, _LServer) ->
    {stop, Acc};
cleanup(Acc, LUser, LServer) ->
    acme_probe:note({cleaned, LUser, LServer}),
    Acc.
