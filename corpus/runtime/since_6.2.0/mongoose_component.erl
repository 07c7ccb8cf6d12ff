%%% Stand-in: components since 6.2.0. What is registered is given back, and is what is unregistered.
-module(mongoose_component).

-export([register_components/4, unregister_components/1, lookup_component/2, has_component/1]).

register_components(Domains, Node, Handler, _AreHidden) ->
    case components:register(Domains) of
        {ok, Prepared} -> {ok, [{external_component, Domain, Handler, Node} || Domain <- Prepared]};
        {error, _} = Error -> Error
    end.

unregister_components(Components) ->
    components:unregister([Domain || {external_component, Domain, _, _} <- Components]),
    ok.

lookup_component(Domain, Node) -> [{external_component, Domain, none, Node} || components:has(Domain)].

has_component(Domain) -> components:has(Domain).
