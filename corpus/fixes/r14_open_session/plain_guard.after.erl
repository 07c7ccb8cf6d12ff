%%% Guests may not log in.
-module(plain_guard).
-behaviour(gen_mod).
-include("mongoose.hrl").
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([session_opening_allowed/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{user_open_session, HostType, fun ?MODULE:session_opening_allowed/3, #{}, 50}].

session_opening_allowed(Acc, #{c2s_data := C2SData}, _Extra) ->
    #jid{luser = User} = mongoose_c2s:get_jid(C2SData),
    case User of
        <<"guest">> ->
            acme_probe:note({refused, User}),
            {stop, Acc};
        _ ->
            {ok, Acc}
    end.
