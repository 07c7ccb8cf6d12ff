%%% Forgets what is known about users that are removed.
-module(plain_forget).
-behaviour(gen_mod).

-export([start/2, stop/1]).
-export([remove_user/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)),
    ok.

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)),
    ok.

hooks(HostType) ->
    [{remove_user, HostType, fun ?MODULE:remove_user/3, #{}, 50}].

remove_user(Acc, #{jid := JID}, _Extra) ->
    {User, Server} = jid:to_lus(JID),
    acme_probe:note({forgotten, jid:nameprep(User), Server}),
    {ok, Acc}.
