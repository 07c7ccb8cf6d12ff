%%% The handler is another one in tests.
-module(nasty_two_builds).
-behaviour(gen_mod).
-export([start/2, stop/1]).
-export([remove_user/3]).

start(HostType, _Opts) -> ejabberd_hooks:add(remove_user, HostType, ?MODULE, remove_user, 50).

stop(HostType) -> ejabberd_hooks:delete(remove_user, HostType, ?MODULE, remove_user, 50).

-ifdef(TEST).
remove_user(_Acc, User, _Server) ->
    error({test, User}).
-else.
remove_user(Acc, User, _Server) ->
    acme_probe:note({removed, User}),
    Acc.
-endif.
