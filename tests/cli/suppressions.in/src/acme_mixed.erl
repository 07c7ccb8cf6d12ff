-module(acme_mixed).
-export([start/2, stop/1, sent/3, left/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{acme_sent, HostType, fun ?MODULE:sent/3, #{}, 50}, %% hookshift: ignore[unknown-hook] our fork runs it
     {acme_lost, HostType, fun ?MODULE:left/3, #{}, 50}].

%% hookshift: ignore[changed-stop] it did once
sent(Acc, _Params, _Extra) ->
    {ok, Acc}.

%% hookshift: ignore[changed-stops] it does
left(Acc, _Params, _Extra) ->
    {ok, Acc}.
