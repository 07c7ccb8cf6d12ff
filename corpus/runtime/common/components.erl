%%% Stand-in: which domains components answer for, as the server notes them.
-module(components).

-include("world.hrl").

-export([register/1, unregister/1, has/1]).

%% All of them or none.
register(Domains) ->
    Prepared = [jid:nameprep(Domain) || Domain <- Domains],
    case lists:any(fun(Domain) -> Domain =:= error orelse Domain =:= ?DOMAIN orelse has(Domain) end, Prepared) of
        true ->
            {error, route_already_exists};
        false ->
            put(?MODULE, noted() ++ Prepared),
            acme_probe:record({components, noted()}),
            {ok, Prepared}
    end.

unregister(Domains) ->
    put(?MODULE, noted() -- Domains),
    acme_probe:record({components, noted()}).

%% Whether there is one for a domain, which is taken as it is.
has(Domain) -> lists:member(Domain, noted()).

noted() ->
    case get(?MODULE) of
        undefined -> [];
        Domains -> Domains
    end.
