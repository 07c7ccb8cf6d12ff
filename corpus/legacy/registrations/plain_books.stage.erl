%%% Keeps books about accounts.
-module(plain_books).
-behaviour(gen_mod).

-include("jlib.hrl").
-include("mongoose.hrl").

-export([start/2, stop/1, hooks/1]).
-export([created/3, removed/3, failed/3]).

-spec start(binary(), map()) -> ok.
start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

-spec stop(binary()) -> ok.
stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

-spec hooks(binary()) -> gen_hook:hook_list().
hooks(HostType) ->
    [{register_user, HostType, fun ?MODULE:created/3, #{}, 10},
     {remove_user, HostType, fun ?MODULE:removed/3, #{}, 50},
     %% bots try passwords all day
     {auth_failed, HostType, fun ?MODULE:failed/3, #{}, 90}].

created(Acc, #{jid := #jid{luser = LUser, lserver = LServer}}, _Extra) ->
    acme_probe:note({created, LUser, LServer}),
    {ok, Acc}.

-spec removed(Acc, Params, Extra) -> {ok, Acc} when
      Acc :: mongoose_acc:t(),
      Params :: #{jid := jid:jid()},
      Extra :: gen_hook:extra().
removed(Acc, #{jid := #jid{luser = LUser, lserver = LServer}}, _Extra) ->
    Jid = jid:make_bare(LUser, LServer),
    acme_probe:note({removed, jid:to_binary(Jid)}),
    {ok, mongoose_acc:set(books, removed, LUser, Acc)}.

failed(Acc, #{username := unknown, server := Server}, _Extra) ->
    acme_probe:note({failed, nobody, Server}),
    {ok, Acc};
failed(Acc, #{username := User}, _Extra) ->
    ?LOG_INFO(#{what => auth_failed, user => User}),
    acme_probe:note({failed, User}),
    {ok, Acc}.
