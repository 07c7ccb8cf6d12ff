%% Who and what there is in the world of the stand-in server.
-define(HOST_TYPE, <<"acme.example">>).
-define(DOMAIN, <<"acme.example">>).
-define(MUC_HOST, <<"rooms.acme.example">>).
-define(ADDRESS, {{192, 0, 2, 7}, 40123}).
-define(PING_ID, <<"ping-1">>).
