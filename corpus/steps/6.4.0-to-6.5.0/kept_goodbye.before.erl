%%% Notes when a session ends.
-module(kept_goodbye).
-behaviour(gen_mod).
-export([start/2, stop/1]).
-export([ended/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{user_terminate, HostType, fun ?MODULE:ended/3, #{}, 80}].

%% Whether a session that another one resumed has ended is for its author to say.
ended(Acc, #{c2s_data := C2SData}, _Extra) ->
    acme_probe:note({ended, jid:to_binary(mongoose_c2s:get_jid(C2SData))}),
    {ok, Acc}.
