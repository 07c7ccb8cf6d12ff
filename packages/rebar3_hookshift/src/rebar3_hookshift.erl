%% A plugin for rebar3: `rebar3 hookshift check' and `rebar3 hookshift fix'.
-module(rebar3_hookshift).
-export([init/1]).

-spec init(rebar_state:t()) -> {ok, rebar_state:t()}.
init(State) ->
    {ok, WithCheck} = rebar3_hookshift_check:init(State),
    rebar3_hookshift_fix:init(WithCheck).
