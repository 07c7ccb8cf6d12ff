%%% Which servers we talk to.
-module(plain_servers).
-behaviour(gen_mod).
-export([start/2, stop/1]).
-export([allow/3]).

start(_HostType, _Opts) ->
    ejabberd_hooks:add(s2s_allow_host, global, ?MODULE, allow, 20).

stop(_HostType) ->
    ejabberd_hooks:delete(s2s_allow_host, global, ?MODULE, allow, 20).

allow(_Acc, _MyHost, <<"spam.example">>) ->
    {stop, deny};
allow(Acc, MyHost, Other) ->
    acme_probe:note({asked, MyHost, Other}),
    Acc.
