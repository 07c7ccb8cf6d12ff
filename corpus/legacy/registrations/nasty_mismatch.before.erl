%%% Greets whoever registers. It is deleted with another priority than it was added with, so it stays.
-module(nasty_mismatch).
-behaviour(gen_mod).
-export([start/2, stop/1, greet/3, bye/3]).

start(HostType, _Opts) ->
    [ejabberd_hooks:add(Hook, HostType, ?MODULE, Function, Priority) || {Hook, Function, Priority} <- hooks()],
    ok.

stop(HostType) ->
    ejabberd_hooks:delete(register_user, HostType, ?MODULE, greet, 60),
    ejabberd_hooks:delete(remove_user, HostType, ?MODULE, bye, 50),
    ok.

hooks() -> [{register_user, greet, 50}, {remove_user, bye, 50}].

greet(Acc, User, _) -> acme_probe:note({welcome, User}), Acc.

bye(Acc, _, _) -> acme_probe:note(bye), Acc.
