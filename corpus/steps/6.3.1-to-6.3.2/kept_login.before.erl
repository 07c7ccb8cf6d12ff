%%% Notes logins with SASL 2, and reads nothing that changed.
-module(kept_login).
-behaviour(gen_mod).
-include("mongoose.hrl").
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([login/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{sasl2_success, HostType, fun ?MODULE:login/3, #{}, 60}].

login(Acc, #{c2s_data := C2SData}, _Extra) ->
    acme_probe:note({login, jid:to_binary(mongoose_c2s:get_jid(C2SData))}),
    {ok, Acc}.
