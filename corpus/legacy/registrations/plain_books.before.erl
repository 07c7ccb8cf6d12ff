%%% Keeps books about accounts.
-module(plain_books).
-behaviour(gen_mod).

-include("jlib.hrl").
-include("mongoose.hrl").

-export([start/2, stop/1, hooks/1]).
-export([created/3, removed/3, failed/3]).

-spec start(binary(), map()) -> ok.
start(HostType, _Opts) ->
    ejabberd_hooks:add(hooks(HostType)).

-spec stop(binary()) -> ok.
stop(HostType) ->
    ejabberd_hooks:delete(hooks(HostType)).

-spec hooks(binary()) -> [ejabberd_hooks:hook()].
hooks(HostType) ->
    [{register_user, HostType, ?MODULE, created, 10},
     {remove_user, HostType, ?MODULE, removed, 50},
     %% bots try passwords all day
     {auth_failed, HostType, ?MODULE, failed, 90}].

created(Acc, LUser, LServer) ->
    acme_probe:note({created, LUser, LServer}),
    Acc.

-spec removed(mongoose_acc:t(), binary(), binary()) -> mongoose_acc:t().
removed(Acc, LUser, LServer) ->
    Jid = jid:make_bare(LUser, LServer),
    acme_probe:note({removed, jid:to_binary(Jid)}),
    mongoose_acc:set(books, removed, LUser, Acc).

failed(Acc, unknown, Server) ->
    acme_probe:note({failed, nobody, Server}),
    Acc;
failed(Acc, User, _Server) ->
    ?LOG_INFO(#{what => auth_failed, user => User}),
    acme_probe:note({failed, User}),
    Acc.
