%%% What is registered is made when it is started.
-module(kept_closure).
-behaviour(gen_mod).
-export([start/2, stop/1]).

start(Host, #{tag := Tag}) ->
    Fun = fun(Acc, User, _Server) -> acme_probe:note({Tag, User}), Acc end,
    persistent_term:put({?MODULE, Host}, Fun),
    ejabberd_hooks:add(remove_user, Host, Fun, 50).

stop(Host) ->
    ejabberd_hooks:delete(remove_user, Host, persistent_term:get({?MODULE, Host}), 50),
    persistent_term:erase({?MODULE, Host}),
    ok.
