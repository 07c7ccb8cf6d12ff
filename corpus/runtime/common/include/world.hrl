%% Who and what there is in the world of the stand-in server.
-define(HOST_TYPE, <<"acme.example">>).
-define(DOMAIN, <<"acme.example">>).
-define(MUC_HOST, <<"rooms.acme.example">>).
-define(ADDRESS, {{192, 0, 2, 7}, 40123}).
-define(PING_ID, <<"ping-1">>).

%% Who tries to log in without a name.
-ifdef(SINCE_6_2_0).
-define(NOBODY, undefined).
-else.
-define(NOBODY, unknown).
-endif.

%% Why a session ends whose place is taken by another one.
-ifdef(SINCE_6_3_3).
-define(REPLACED, {replaced, self()}).
-else.
-define(REPLACED, <<"Replaced by new connection">>).
-endif.
