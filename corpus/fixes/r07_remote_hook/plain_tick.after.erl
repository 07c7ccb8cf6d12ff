%%% Counts ticks in the session's own process.
-module(plain_tick).
-behaviour(gen_mod).
-include("mongoose.hrl").
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([poke/1, remote_hook/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{foreign_event, HostType, fun ?MODULE:remote_hook/3, #{}, 50}].

%% Any process may call this
poke(Pid) ->
    mongoose_c2s:cast(Pid, ?MODULE, tick).

remote_hook(Acc, #{c2s_data := C2SData, event_type := cast, event_tag := ?MODULE,
                   event_content := tick}, _Extra) ->
    Ticks = case mongoose_c2s:get_mod_state(C2SData, ?MODULE) of
                {error, not_found} -> 0;
                {ok, N} -> N
            end,
    acme_probe:note({tick, Ticks, jid:to_binary(mongoose_c2s:get_jid(C2SData))}),
    {stop, mongoose_c2s_acc:to_acc(Acc, state_mod, {?MODULE, Ticks + 1})};
remote_hook(Acc, _Params, _Extra) ->
    {ok, Acc}.
