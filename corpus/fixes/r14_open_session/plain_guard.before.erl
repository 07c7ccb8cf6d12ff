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
    [{session_opening_allowed_for_user, HostType, fun ?MODULE:session_opening_allowed/3, #{}, 50}].

session_opening_allowed(Acc, #{jid := #jid{luser = User}}, _Extra) ->
    case User of
        <<"guest">> ->
            acme_probe:note({refused, User}),
            {stop, deny};
        _ ->
            {ok, Acc}
    end.
