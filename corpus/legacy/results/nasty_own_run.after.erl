%%% Tells other modules of the team, who need not answer.
-module(nasty_own_run).
-behaviour(gen_mod).
-export([start/2, stop/1]).
-export([remove_user/3, told/3, told_too/3]).

-define(EVENT, acme_user_gone).

start(Host, _Opts) ->
    gen_hook:add_handler(?EVENT, Host, fun ?MODULE:told/3, #{}, 10),
    gen_hook:add_handler(?EVENT, Host, fun ?MODULE:told_too/3, #{}, 20),
    gen_hook:add_handler(remove_user, Host, fun ?MODULE:remove_user/3, #{}, 50).

stop(Host) ->
    gen_hook:delete_handler(remove_user, Host, fun ?MODULE:remove_user/3, #{}, 50),
    gen_hook:delete_handler(?EVENT, Host, fun ?MODULE:told_too/3, #{}, 20),
    gen_hook:delete_handler(?EVENT, Host, fun ?MODULE:told/3, #{}, 10).

remove_user(Acc, #{jid := JID}, _Extra) ->
    {User, Server} = jid:to_lus(JID),
    gen_hook:run_fold(?EVENT, mongoose_acc:host_type(Acc), ok, #{user => User, server => Server}),
    {ok, Acc}.

told(Acc, #{user := User, server := Server}, _Extra) ->
    acme_probe:note({told, User, Server}),
    case User of
        <<"staff">> -> {stop, stopped};
        _ -> {ok, Acc}
    end.

told_too(Acc, #{user := User}, _Extra) ->
    acme_probe:note({told_too, User}),
    {ok, Acc}.
