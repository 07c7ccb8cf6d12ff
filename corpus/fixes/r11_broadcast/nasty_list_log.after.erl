%%% A log of who changed which privacy list.
-module(nasty_list_log).
-behaviour(gen_mod).
-include("mod_privacy.hrl").
-export([start/2, stop/1, logged/3]).

start(HostType, _Opts) ->
    [gen_hook:add_handler(H, HostType, fun ?MODULE:logged/3, #{}, P) || {H, P} <- [{privacy_list_push, 66}]],
    ok.

stop(HostType) ->
    [gen_hook:delete_handler(H, HostType, fun ?MODULE:logged/3, #{}, P) || {H, P} <- [{privacy_list_push, 66}]],
    ok.

logged(Acc, #{luse := User, lserver := Server, item := Payload} = Params, _Extra) ->
    Count = maps:get(session_count, Params),
    case Payload of
        {privacy_list, #userlist{list = List}, Name} ->
            acme_probe:note({list, User, Server, Name, length(List), Count});
        %% contacts that were blocked or not any more
        {blocking, _List, Action, Jids} when is_list(Jids) ->
            acme_probe:note({Action, User, Server, Jids});
        _ ->
            ok
    end,
    {ok, Acc}.
