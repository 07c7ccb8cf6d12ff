%% hookshift: ignore-file[unknown-hook] our fork runs them
-module(acme_used).
-export([start/2, stop/1, sent/3]).

start(HostType, _Opts) ->
    gen_hook:add_handler(acme_sent, HostType, fun ?MODULE:sent/3, #{}, 50),
    gen_hook:add_handler(acme_lost, HostType, fun ?MODULE:sent/3, #{}, 50).

stop(HostType) ->
    gen_hook:delete_handler(acme_sent, HostType, fun ?MODULE:sent/3, #{}, 50),
    gen_hook:delete_handler(acme_lost, HostType, fun ?MODULE:sent/3, #{}, 50).

sent(Acc, _Params, _Extra) ->
    {ok, Acc}.
