%%% Keeps its timer in the handler state, and cancels it when it is poked again.
-module(kept_timer_kept).
-behaviour(gen_mod).
-export([start/2, stop/1, poke/1, remote_hook/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers([{c2s_remote_hook, HostType, fun ?MODULE:remote_hook/3, #{}, 50}]).

stop(HostType) ->
    gen_hook:delete_handlers([{c2s_remote_hook, HostType, fun ?MODULE:remote_hook/3, #{}, 50}]).

poke(Pid) -> ejabberd_c2s:run_remote_hook(Pid, ?MODULE, restart).

remote_hook(HandlerState, #{tag := ?MODULE, hook_args := restart}, _Extra) ->
    case HandlerState of
        Timer when is_reference(Timer) -> erlang:cancel_timer(Timer);
        _ -> ok
    end,
    {ok, ejabberd_c2s:run_remote_hook_after(20, self(), ?MODULE, ring)};
remote_hook(_Timer, #{tag := ?MODULE, hook_args := ring}, _Extra) ->
    acme_probe:note(rang),
    {ok, empty_state};
remote_hook(HandlerState, _Params, _Extra) ->
    {ok, HandlerState}.
