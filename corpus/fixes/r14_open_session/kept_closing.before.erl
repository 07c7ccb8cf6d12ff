%%% Keeps a register of who is there.
-module(kept_closing).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1, opened/3, closed/3, gone/3]).

start(HostType, _Opts) -> gen_hook:add_handlers(hooks(HostType)).

stop(HostType) -> gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{sm_register_connection_hook, HostType, fun ?MODULE:opened/3, #{}, 50},
     {sm_remove_connection_hook, HostType, fun ?MODULE:closed/3, #{}, 50},
     {unset_presence_hook, HostType, fun ?MODULE:gone/3, #{}, 50}].

opened(Acc, #{jid := Jid, sid := {_, Pid}}, _Extra) when is_pid(Pid) ->
    acme_probe:note({opened, jid:to_binary(Jid)}),
    {ok, Acc}.

closed(Acc, #{jid := Jid, reason := Reason}, _Extra) ->
    acme_probe:note({closed, jid:to_binary(Jid), Reason}),
    {ok, Acc}.

gone(Acc, #{jid := #jid{luser = User}, status := Status}, _Extra) ->
    acme_probe:note({gone, User, Status}),
    {ok, Acc}.
