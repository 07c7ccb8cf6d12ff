%% The answer goes through the hooks, so that others see it, too.
-module(nasty_routed).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1, version/3]).

start(HostType, _) -> gen_hook:add_handlers(handlers(HostType, user_send_xmlel)).

stop(HostType) -> gen_hook:delete_handlers(handlers(HostType, user_send_xmlel)).

handlers(HostType, Hook) -> [{Hook, HostType, fun ?MODULE:version/3, #{}, 30}].

version(Acc, #{c2s_data := C2SData}, _Extra) ->
    Server = mongoose_c2s:get_lserver(C2SData),
    try
        {#iq{xmlns = Namespace} = IQ, Acc1} = mongoose_iq:info(Acc),
        <<"acme:", What/binary>> = Namespace,
        acme_probe:note({asked, What, Server}),
        ServerJid = jid:make_noprep(<<>>, Server, <<>>),
        Response = jlib:iq_to_xml(IQ#iq{type = result, sub_el = []}),
        RespAcc = mongoose_acc:update_stanza(#{from_jid => ServerJid, to_jid => ServerJid, element => Response}, Acc1),
        {stop, mongoose_c2s_acc:to_acc(Acc1, route, RespAcc)}
    catch
        error:{badmatch, _} -> {ok, Acc}
    end.
