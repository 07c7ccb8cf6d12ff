%%% Whoever is not on the list, or comes at the wrong time, stays outside.
-module(nasty_curfew).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1, allowed/3]).

start(HostType, _) ->
    gen_hook:add_handler(session_opening_allowed_for_user, HostType, fun ?MODULE:allowed/3, #{}, 25).

stop(HostType) ->
    gen_hook:delete_handler(session_opening_allowed_for_user, HostType, fun ?MODULE:allowed/3, #{}, 25).

%% Somebody else was against it
allowed(deny, _Params, _Extra) ->
    {stop, deny};
allowed(allow, #{jid := #jid{luser = User} = Jid}, #{host_type := HostType}) when User =/= <<>> ->
    case is_listed(Jid) andalso not is_curfew(HostType) of
        true ->
            {ok, allow};
        false ->
            acme_probe:note({outside, jid:to_bare_binary(Jid)}),
            {stop, deny}
    end;
%% nameless
allowed(_, _, _) ->
    {stop, deny}.

is_listed(#jid{luser = User}) -> lists:member(User, [<<"alice">>, <<"bob">>]).

is_curfew(_HostType) -> false.
