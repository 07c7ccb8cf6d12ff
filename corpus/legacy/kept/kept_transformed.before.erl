%%% The handlers are declared, and a parse transform makes the list of them.
-module(kept_transformed).
-behaviour(gen_mod).
-compile({parse_transform, acme_declared_hooks}).
-export([start/2, stop/1]).
-export([remove_user/3]).

-hook({remove_user, 50}).

start(HostType, _Opts) ->
    [ejabberd_hooks:add(Hook, HostType, ?MODULE, Hook, Priority) || {Hook, Priority} <- declared_hooks()],
    ok.

stop(HostType) ->
    [ejabberd_hooks:delete(Hook, HostType, ?MODULE, Hook, Priority) || {Hook, Priority} <- declared_hooks()],
    ok.

remove_user(Acc, User, _Server) ->
    acme_probe:note({removed, User}),
    Acc.
