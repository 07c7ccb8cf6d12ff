%%% Says goodbye to those who have been idle for too long.
-module(nasty_idle).
-behaviour(gen_mod).
-include("mongoose.hrl").
-include("jlib.hrl").
-include("ejabberd_c2s.hrl").
-export([start/2, stop/1]).
-export([poke/1, remote_hook/3]).

-define(ROUNDS, 2).

start(HostType, _Opts) -> gen_hook:add_handler(c2s_remote_hook, HostType, fun ?MODULE:remote_hook/3, #{}, 55).

stop(HostType) -> gen_hook:delete_handler(c2s_remote_hook, HostType, fun ?MODULE:remote_hook/3, #{}, 55).

poke(Pid) -> ejabberd_c2s:run_remote_hook(Pid, acme_idle, {started, 0}).

%% Begin to look
remote_hook(_HandlerState, #{tag := acme_idle, hook_args := {started, Round}}, _Extra) ->
    arm(self(), Round),
    {ok, {rounds, Round}};
%% Look, and look again as long as there are rounds left
remote_hook({rounds, Round}, #{tag := acme_idle, hook_args := check, c2s_state := State}, _Extra)
  when Round < ?ROUNDS ->
    acme_probe:note({looked, Round, jid:to_binary(ejabberd_c2s_state:jid(State))}),
    arm(self(), Round + 1),
    {ok, {rounds, Round + 1}};
remote_hook(_HandlerState, #{tag := acme_idle, hook_args := check}, #{host_type := HostType}) ->
    acme_probe:note({goodbye, HostType}),
    {ok, done};
remote_hook(HandlerState, _, _) ->
    {ok, HandlerState}.

arm(Pid, Round) ->
    _ = ejabberd_c2s:run_remote_hook_after(10, Pid, acme_idle, check),
    acme_probe:note({armed, Round}).
