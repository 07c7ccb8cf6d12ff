%%% Nobody may register, and everybody is told so. What comes behind is not asked.
-module(plain_stop).
-behaviour(gen_mod).
-export([start/2, stop/1]).
-export([first/3, second/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers([{register_user, HostType, fun ?MODULE:first/3, #{}, 10},
                           {register_user, HostType, fun ?MODULE:second/3, #{}, 20}]).

stop(HostType) ->
    gen_hook:delete_handlers([{register_user, HostType, fun ?MODULE:first/3, #{}, 10},
                              {register_user, HostType, fun ?MODULE:second/3, #{}, 20}]).

first(_Acc, #{jid := JID}, _Extra) ->
    {User, _Server} = jid:to_lus(JID),
    acme_probe:note({first, User}),
    {stop, stopped}.

second(Acc, #{jid := JID}, _Extra) ->
    {User, _Server} = jid:to_lus(JID),
    acme_probe:note({second, User}),
    {ok, Acc}.
