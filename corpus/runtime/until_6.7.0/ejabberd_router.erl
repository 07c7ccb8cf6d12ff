%%% Stand-in: the way of a stanza, as it is called up to 6.6.0, and components as they were registered up to 6.1.0.
-module(ejabberd_router).

-export([route/3, route/4]).

-ifndef(SINCE_6_2_0).
-export([register_component/2, unregister_component/1, is_component_dirty/1]).

register_component(Domain, _Handler) ->
    case components:register([Domain]) of
        {ok, _} -> ok;
        {error, _} = Error -> Error
    end.

unregister_component(Domain) ->
    components:unregister([jid:nameprep(Domain)]),
    {atomic, ok}.

is_component_dirty(Domain) -> components:has(Domain).
-endif.

route(From, To, What) -> routing:route(From, To, What).

route(From, To, Acc, El) -> routing:route(From, To, Acc, El).
