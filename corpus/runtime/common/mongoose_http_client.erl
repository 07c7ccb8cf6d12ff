%%% Stand-in: what is posted is part of the trace, and is always well.
-module(mongoose_http_client).

-export([post/5]).

post(_HostType, Pool, Path, _Headers, Body) ->
    acme_probe:record({posted, Pool, Path, Body}),
    {ok, {<<"200">>, <<>>}}.
