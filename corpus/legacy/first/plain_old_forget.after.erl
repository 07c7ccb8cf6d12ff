%%% From the time when handlers had no accumulators.
-module(plain_old_forget).
-behaviour(gen_mod).
-export([start/2, stop/1]).
-export([remove_user/2, remove_user/3, register_user/2, register_user/3]).

start(Host, _Opts) ->
    gen_hook:add_handlers(hooks(Host)),
    ok.

stop(Host) ->
    gen_hook:delete_handlers(hooks(Host)),
    ok.

hooks(Host) ->
    [{remove_user, Host, fun ?MODULE:remove_user/3, #{}, 50},
     {register_user, Host, fun ?MODULE:register_user/3, #{}, 50}].

remove_user(User, Server) ->
    acme_probe:note({removed, User, Server}),
    ok.

%% Calls remove_user/2 as MongooseIM 2.0.1 did for remove_user.
remove_user(Acc, #{jid := JID}, _Extra) ->
    {LUser, LServer} = jid:to_lus(JID),
    remove_user(LUser, LServer),
    {ok, Acc}.

register_user(User, Server) ->
    acme_probe:note({registered, User, Server}),
    ok.

%% Calls register_user/2 as MongooseIM 2.0.1 did for register_user.
register_user(Acc, #{jid := JID}, _Extra) ->
    {LUser, LServer} = jid:to_lus(JID),
    register_user(LUser, LServer),
    {ok, Acc}.
