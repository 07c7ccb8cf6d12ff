%%% Says what this server can do besides.
-module(plain_macros).
-behaviour(gen_mod).

-include("jlib.hrl").

-define(HANDLER, ?MODULE).
-define(EARLY, 10).
-define(LATE, (?EARLY + 60)).
-define(NS_ACME, <<"acme:toys">>).

-export([start/2, stop/1, features/1, versioning/2]).

start(HostType, _) ->
    ejabberd_hooks:add(disco_local_features, HostType, ?HANDLER, features, ?LATE),
    ejabberd_hooks:add(roster_get_versioning_feature, HostType, ?HANDLER, versioning, ?EARLY).

stop(HostType) ->
    ejabberd_hooks:delete(disco_local_features, HostType, ?HANDLER, features, ?LATE),
    ejabberd_hooks:delete(roster_get_versioning_feature, HostType, ?HANDLER, versioning, ?EARLY).

features(Acc = #{node := <<>>}) ->
    mongoose_disco:add_features([?NS_ACME], Acc);
features(Acc) ->
    Acc.

versioning(Acc, HostType) ->
    [#xmlel{name = <<"ver">>, attrs = [{<<"xmlns">>, ?NS_ACME}, {<<"for">>, HostType}]} | Acc].
