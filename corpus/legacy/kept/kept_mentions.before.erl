%%% Once used ejabberd_hooks:add/5; see gen_hook now.
-module(kept_mentions).
-behaviour(gen_mod).
-export([start/2, stop/1, remove_user/3, advice/0]).

%% Was: ejabberd_hooks:add(remove_user, HostType, ?MODULE, remove_user, 50)
start(HostType, _Opts) -> gen_hook:add_handlers(hooks(HostType)).

stop(HostType) -> gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{remove_user, HostType, fun ?MODULE:remove_user/3, #{}, 50}].

remove_user(Acc, #{jid := Jid}, _Extra) ->
    acme_probe:note({jid:to_binary(Jid), advice()}),
    {ok, Acc}.

advice() -> {"ejabberd_hooks:add(Hook, Host, Module, Fun, 50) is gone", ejabberd_hooks}.
