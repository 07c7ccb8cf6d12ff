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
    [{user_send_xmlel, HostType, fun ?MODULE:unauthenticated_iq/3, #{}, 50}].

unauthenticated_iq(Acc, #{c2s_data := C2SData}, _Extra) ->
    case mongoose_iq:info(Acc) of
        {#iq{xmlns = <<"acme:signup">>} = IQ, Acc1} ->
            Server = mongoose_c2s:get_lserver(C2SData),
            Address = mongoose_c2s:get_ip(C2SData),
            acme_probe:note({signup, Server, Address}),
            Response = jlib:iq_to_xml(IQ#iq{type = result, sub_el = []}),
            {stop, mongoose_c2s_acc:to_acc(Acc1, socket_send, Response)};
        {_, Acc1} ->
            {ok, Acc1}
    end.
