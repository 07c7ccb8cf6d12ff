%%% Says goodbye to those who have been idle for too long.
-module(nasty_idle).
-behaviour(gen_mod).
-include("mongoose.hrl").
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([poke/1, remote_hook/3]).

-define(ROUNDS, 2).

start(HostType, _Opts) -> gen_hook:add_handler(foreign_event, HostType, fun ?MODULE:remote_hook/3, #{}, 55).

stop(HostType) -> gen_hook:delete_handler(foreign_event, HostType, fun ?MODULE:remote_hook/3, #{}, 55).

poke(Pid) -> mongoose_c2s:cast(Pid, acme_idle, {started, 0}).

remote_hook(Acc, #{c2s_data := C2SData, event_type := cast, event_tag := acme_idle, event_content := Args}, Extra) ->
    HandlerState = case mongoose_c2s:get_mod_state(C2SData, ?MODULE) of
                       {ok, State} -> State;
                       {error, not_found} -> empty_state
                   end,
    NewState = handle_event(HandlerState, Args, C2SData, Extra),
    {stop, mongoose_c2s_acc:to_acc(Acc, state_mod, {?MODULE, NewState})};
remote_hook(Acc, _, _) ->
    {ok, Acc}.

%% Begin to look
handle_event(_HandlerState, {started, Round}, _C2SData, _Extra) ->
    arm(self(), Round),
    {rounds, Round};
%% Look, and look again as long as there are rounds left
handle_event({rounds, Round}, check, C2SData, _Extra)
  when Round < ?ROUNDS ->
    acme_probe:note({looked, Round, jid:to_binary(mongoose_c2s:get_jid(C2SData))}),
    arm(self(), Round + 1),
    {rounds, Round + 1};
handle_event(_HandlerState, check, _C2SData, #{host_type := HostType}) ->
    acme_probe:note({goodbye, HostType}),
    done.

arm(Pid, Round) ->
    {ok, _} = timer:apply_after(10, mongoose_c2s, cast, [Pid, acme_idle, check]),
    acme_probe:note({armed, Round}).
