%%% What is urgent is urgent: no module behind us may add anything to such an entry.
-module(kept_exclusive).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1, only_us/3]).

start(HostType, _Opts) -> gen_hook:add_handlers(hooks(HostType)).

stop(HostType) -> gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{extend_inbox_message, HostType, fun ?MODULE:only_us/3, #{}, 10}].

only_us(_Acc, #{inbox_res := #{unread_count := Unread}}, _Extra) when Unread > 0 ->
    {stop, [#xmlel{name = <<"urgent">>}]};
only_us(Acc, _Params, _Extra) ->
    {ok, Acc}.
