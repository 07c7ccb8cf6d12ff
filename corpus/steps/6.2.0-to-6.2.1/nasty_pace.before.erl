%%% Lets every sender have a pace of its own.
-module(nasty_pace).
-behaviour(gen_mod).
-include("mongoose.hrl").
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([sent/3, new/1]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{user_send_message, HostType, fun ?MODULE:sent/3, #{}, 15}].

sent(Acc, #{c2s_data := C2SData}, _Extra) ->
    {Shaper, Pause} = shaper:update(new(normal), 10),
    acme_probe:note({paused, Pause, Shaper =/= undefined, jid:to_bare_binary(mongoose_c2s:get_jid(C2SData))}),
    {ok, Acc}.

new(Name) ->
    lists:last(lists:map(fun shaper:new/1, [Name])).
