%%% Sends to sessions what mod_acme_idle:remote/3 receives there.
-module(acme_idle_timer).

-export([arm/1, touch/1, limit/0]).

-define(TAG, acme_idle).
-define(CHECK_EVERY, timer:minutes(5)).

%% @doc The next check of this session.
-spec arm(pid()) -> ok.
arm(Pid) ->
    %% returns a timer reference; a session that is gone just does not get the message
    _TRef = ejabberd_c2s:run_remote_hook_after(?CHECK_EVERY, Pid, ?TAG, check),
    ok.

%% @doc The user did something.
-spec touch(pid()) -> ok.
touch(Pid) ->
    ejabberd_c2s:run_remote_hook(Pid, ?TAG, {seen, erlang:monotonic_time(millisecond)}),
    ok.

%% @doc Milliseconds without activity after which a session ends.
-spec limit() -> pos_integer().
limit() ->
    application:get_env(acme, idle_limit, timer:minutes(30)).
