%%% Signing up without an account: our own namespace instead of in-band registration.
-module(plain_signup).
-behaviour(gen_mod).
-include("mongoose.hrl").
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([unauthenticated_iq/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{c2s_unauthenticated_iq, HostType, fun ?MODULE:unauthenticated_iq/3, #{}, 50}].

unauthenticated_iq(_Acc, #{server := Server, iq := #iq{xmlns = <<"acme:signup">>} = IQ, ip := Address}, _Extra) ->
    acme_probe:note({signup, Server, Address}),
    {stop, jlib:iq_to_xml(IQ#iq{type = result, sub_el = []})};
unauthenticated_iq(Acc, _Params, _Extra) ->
    {ok, Acc}.
