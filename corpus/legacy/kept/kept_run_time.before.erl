%%% Which hook it is, is configured.
-module(kept_run_time).
-behaviour(gen_mod).
-export([start/2, stop/1, seen/3]).

start(HostType, Opts) ->
    ejabberd_hooks:add(hook(Opts), HostType, ?MODULE, seen, 50).

stop(HostType) ->
    ejabberd_hooks:delete(hook(gen_mod:get_module_opts(HostType, ?MODULE)), HostType, ?MODULE, seen, 50).

hook(Opts) -> binary_to_existing_atom(maps:get(hook, Opts, <<"remove_user">>), utf8).

seen(Acc, User, _) -> acme_probe:note({seen, User}), Acc.
