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

served() -> [{c2s_unauthenticated_iq, fun ?MODULE:answer/3}].

%% Somebody else had an answer
answer(#xmlel{} = Response, _Params, _Extra) ->
    {ok, Response};
answer(empty, #{iq := #iq{type = Type, xmlns = Namespace} = IQ, ip := {IP, _Port}, server := Server}, _Extra)
  when Namespace =:= <<"acme:signup">>; Namespace =:= <<"jabber:iq:register">> ->
    case {Type, is_throttled(IP)} of
        {get, false} -> {ok, jlib:iq_to_xml(IQ#iq{type = result, sub_el = [form(Server)]})};
        {set, false} -> {ok, refuse(IQ, mongoose_xmpp_errors:forbidden())};
        {_, true} -> {ok, refuse(IQ, mongoose_xmpp_errors:not_allowed())}
    end;
%% nothing for us
answer(empty, _Params, _Extra) ->
    {ok, empty}.

is_throttled({192, 0, _, _} = IP) ->
    acme_probe:note({asked, IP}),
    false;
is_throttled(_IP) ->
    true.

form(Server) -> #xmlel{name = <<"form">>, attrs = [{<<"server">>, Server}]}.

refuse(IQ, Error) -> jlib:iq_to_xml(IQ#iq{type = error, sub_el = [Error]}).
