%%% Stand-in: the way of a stanza, as it is called up to 6.6.0.
-module(ejabberd_router).

-export([route/3, route/4]).

route(From, To, What) -> routing:route(From, To, What).

route(From, To, Acc, El) -> routing:route(From, To, Acc, El).
