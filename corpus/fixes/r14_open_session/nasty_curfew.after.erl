%%% Whoever is not on the list, or comes at the wrong time, stays outside.
-module(nasty_curfew).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1, allowed/3]).

start(HostType, _) ->
    gen_hook:add_handler(user_open_session, HostType, fun ?MODULE:allowed/3, #{}, 25).

stop(HostType) ->
    gen_hook:delete_handler(user_open_session, HostType, fun ?MODULE:allowed/3, #{}, 25).

allowed(Acc, #{c2s_data := C2SData}, #{host_type := HostType}) ->
    Jid = mongoose_c2s:get_jid(C2SData),
    case is_listed(Jid) andalso not is_curfew(HostType) of
        true ->
            {ok, Acc};
        false ->
            acme_probe:note({outside, jid:to_bare_binary(Jid)}),
            {stop, Acc}
    end.

is_listed(#jid{luser = User}) -> lists:member(User, [<<"alice">>, <<"bob">>]).

is_curfew(_HostType) -> false.
