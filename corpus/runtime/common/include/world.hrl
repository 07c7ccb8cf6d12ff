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
