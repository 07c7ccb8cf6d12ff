%%% Tells other modules of the team, who need not answer.
-module(nasty_own_run).
-behaviour(gen_mod).
-export([start/2, stop/1]).
-export([remove_user/3, told/3, told_too/3]).

-define(EVENT, acme_user_gone).

start(Host, _Opts) ->
    ejabberd_hooks:add(?EVENT, Host, ?MODULE, told, 10),
    ejabberd_hooks:add(?EVENT, Host, ?MODULE, told_too, 20),
    ejabberd_hooks:add(remove_user, Host, ?MODULE, remove_user, 50).

stop(Host) ->
    ejabberd_hooks:delete(remove_user, Host, ?MODULE, remove_user, 50),
    ejabberd_hooks:delete(?EVENT, Host, ?MODULE, told_too, 20),
    ejabberd_hooks:delete(?EVENT, Host, ?MODULE, told, 10).

remove_user(Acc, User, Server) ->
    ejabberd_hooks:run(?EVENT, mongoose_acc:host_type(Acc), [User, Server]),
    Acc.

told(Acc, User, Server) ->
    acme_probe:note({told, User, Server}),
    case User of
        <<"staff">> -> stop;
        _ -> Acc
    end.

told_too(Acc, User, _Server) ->
    acme_probe:note({told_too, User}),
    Acc.
