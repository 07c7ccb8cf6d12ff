%%% The handler is another one in tests.
-module(nasty_two_builds).
-behaviour(gen_mod).
-export([start/2, stop/1]).
-export([remove_user/3]).

start(HostType, _Opts) -> gen_hook:add_handlers(hooks(HostType)).

stop(HostType) -> gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{remove_user, HostType, fun ?MODULE:remove_user/3, #{}, 50}].

-ifdef(TEST).
remove_user(_Acc, #{jid := JID}, _Extra) ->
    {User, _Server} = jid:to_lus(JID),
    error({test, User}).
-else.
remove_user(Acc, #{jid := JID}, _Extra) ->
    {User, _Server} = jid:to_lus(JID),
    acme_probe:note({removed, User}),
    {ok, Acc}.
-endif.
