%%% Which servers we talk to.
-module(plain_servers).
-behaviour(gen_mod).
-export([start/2, stop/1]).
-export([allow/3]).

start(_HostType, _Opts) ->
    gen_hook:add_handler(s2s_allow_host, global, fun ?MODULE:allow/3, #{}, 20).

stop(_HostType) ->
    gen_hook:delete_handler(s2s_allow_host, global, fun ?MODULE:allow/3, #{}, 20).

allow(_Acc, #{s2s_host := <<"spam.example">>}, _Extra) ->
    {stop, deny};
allow(Acc, #{my_host := MyHost, s2s_host := Other}, _Extra) ->
    acme_probe:note({asked, MyHost, Other}),
    {ok, Acc}.
