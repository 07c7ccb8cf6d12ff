%%% Ticks in the process of the session, whoever wants it to.
-module(plain_ticker).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([poke/1, remote_hook/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{foreign_event, HostType, fun ?MODULE:remote_hook/3, #{}, 50}].

poke(Pid) ->
    mongoose_c2s:cast(Pid, ?MODULE, tick).

remote_hook(Acc, #{event_type := cast, event_tag := ?MODULE, event_content := tick,
                   c2s_data := C2SData}, _Extra) ->
    HandlerState = case mongoose_c2s:get_mod_state(C2SData, ?MODULE) of
                       {ok, State} -> State;
                       {error, not_found} -> empty_state
                   end,
    Ticks = case HandlerState of
                empty_state -> 0;
                N -> N
            end,
    acme_probe:note({tick, Ticks, jid:to_binary(mongoose_c2s:get_jid(C2SData))}),
    {stop, mongoose_c2s_acc:to_acc(Acc, state_mod, {?MODULE, Ticks + 1})};
remote_hook(Acc, _Params, _Extra) ->
    {ok, Acc}.
