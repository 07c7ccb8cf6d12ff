%%% Guests may not come in.
-module(plain_door).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([allowed/3, user_open_session/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{user_open_session, HostType, fun ?MODULE:user_open_session/3, #{}, 40}].

allowed(_Acc, #{jid := #jid{luser = <<"guest">>}}, _Extra) ->
    {stop, deny};
allowed(Acc, #{jid := JID}, _Extra) ->
    acme_probe:note({let_in, jid:to_binary(JID)}),
    {ok, Acc}.

%% Calls allowed/3 as MongooseIM 6.0.0 did for session_opening_allowed_for_user.
user_open_session(Acc, #{c2s_data := C2SData}, Extra) ->
    case allowed(allow, #{jid => mongoose_c2s:get_jid(C2SData)}, Extra) of
        {_, allow} -> {ok, Acc};
        {_, _} -> {stop, Acc}
    end.
