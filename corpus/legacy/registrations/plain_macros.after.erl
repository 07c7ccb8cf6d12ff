%%% Says what this server can do besides.
-module(plain_macros).
-behaviour(gen_mod).

-include("jlib.hrl").

-define(HANDLER, ?MODULE).
-define(EARLY, 10).
-define(LATE, (?EARLY + 60)).
-define(NS_ACME, <<"acme:toys">>).

-export([start/2, stop/1, features/3, versioning/3]).

start(HostType, _) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{disco_local_features, HostType, fun ?HANDLER:features/3, #{}, ?LATE},
     {roster_get_versioning_feature, HostType, fun ?HANDLER:versioning/3, #{}, ?EARLY}].

features(Acc = #{node := <<>>}, _Params, _Extra) ->
    {ok, mongoose_disco:add_features([?NS_ACME], Acc)};
features(Acc, _Params, _Extra) ->
    {ok, Acc}.

versioning(Acc, _Params, #{host_type := HostType}) ->
    {ok, [#xmlel{name = <<"ver">>, attrs = [{<<"xmlns">>, ?NS_ACME}, {<<"for">>, HostType}]} | Acc]}.
