%%% Disconnects people who have been away for too long (a rule of the trading floor).
%%% The time of the last activity lives in the session's own process.
-module(mod_acme_idle).
-behaviour(gen_mod).

-include("mongoose.hrl").
-include("jlib.hrl").
-include("ejabberd_c2s.hrl").
-include("acme.hrl").

-export([start/2, stop/1, supported_features/0]).
-export([session_opened/3, active/3, remote/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

supported_features() ->
    [dynamic_domains].

hooks(HostType) ->
    [acme_hooks:entry(sm_register_connection_hook, HostType, fun ?MODULE:session_opened/3),
     acme_hooks:entry(user_send_packet, HostType, fun ?MODULE:active/3),
     acme_hooks:entry(c2s_remote_hook, HostType, fun ?MODULE:remote/3)].

session_opened(Acc, #{sid := {_Timestamp, Pid}}, _Extra) ->
    acme_idle_timer:arm(Pid),
    {ok, Acc}.

%% Runs in the session's process, so self() is the session.
active(Acc, _Params, _Extra) ->
    acme_idle_timer:touch(self()),
    {ok, Acc}.

%% The handler state is the time of the last activity, or `empty_state'.
-spec remote(term(), map(), gen_hook:extra()) -> {ok, term()}.
remote(_Last, #{tag := acme_idle, hook_args := {seen, Now}}, _Extra) ->
    {ok, Now};
remote(empty_state, #{tag := acme_idle, hook_args := check}, _Extra) ->
    acme_idle_timer:arm(self()),
    {ok, erlang:monotonic_time(millisecond)};
remote(Last, #{tag := acme_idle, hook_args := check, c2s_state := State}, _Extra) ->
    case erlang:monotonic_time(millisecond) - Last > acme_idle_timer:limit() of
        true ->
            ?LOG_INFO(#{what => acme_idle_disconnect, user => State#state.user,
                        resource => State#state.resource}),
            ejabberd_c2s:stop(self());
        false ->
            acme_idle_timer:arm(self())
    end,
    {ok, Last};
remote(HandlerState, _OtherTag, _Extra) ->
    {ok, HandlerState}.
