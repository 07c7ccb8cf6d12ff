%% `rebar3 hookshift fix'.
-module(rebar3_hookshift_fix).
-behaviour(provider).
-export([init/1, do/1, format_error/1]).

-spec init(rebar_state:t()) -> {ok, rebar_state:t()}.
init(State) ->
    {ok, rebar_state:add_provider(State, rebar3_hookshift_command:provider(fix, ?MODULE,
        "Rewrite hook handlers for another release of MongooseIM"))}.

-spec do(rebar_state:t()) -> {ok, rebar_state:t()} | {error, {module(), term()}}.
do(State) ->
    case rebar3_hookshift_command:run(fix, State) of
        ok -> {ok, State};
        {error, Reason} -> {error, {?MODULE, Reason}}
    end.

-spec format_error(term()) -> iolist().
format_error(Reason) ->
    rebar3_hookshift_command:format_error(Reason).
