%%% The functions are called after the hooks.
-module(kept_computed_name).
-behaviour(gen_mod).
-export([start/2, stop/1]).
-export([on_remove_user/3, on_register_user/3]).

start(HostType, _Opts) -> each(fun ejabberd_hooks:add/5, HostType).

stop(HostType) -> each(fun ejabberd_hooks:delete/5, HostType).

each(Do, HostType) ->
    [Do(Hook, HostType, ?MODULE, list_to_existing_atom("on_" ++ atom_to_list(Hook)), 50)
     || Hook <- [remove_user, register_user]],
    ok.

on_remove_user(Acc, User, _) -> acme_probe:note({removed, User}), Acc.

on_register_user(Acc, User, _) -> acme_probe:note({registered, User}), Acc.
