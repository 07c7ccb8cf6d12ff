%% `rebar3 hookshift check'.
-module(rebar3_hookshift_check).
-behaviour(provider).
-export([init/1, do/1, format_error/1]).

-spec init(rebar_state:t()) -> {ok, rebar_state:t()}.
init(State) ->
    {ok, rebar_state:add_provider(State, rebar3_hookshift_command:provider(check, ?MODULE,
        "Say what another release of MongooseIM breaks in hook handlers"))}.

-spec do(rebar_state:t()) -> {ok, rebar_state:t()} | {error, {module(), term()}}.
do(State) ->
    case rebar3_hookshift_command:run(check, State) of
        ok -> {ok, State};
        {error, Reason} -> {error, {?MODULE, Reason}}
    end.

-spec format_error(term()) -> iolist().
format_error(Reason) ->
    rebar3_hookshift_command:format_error(Reason).
