%% The answer goes through the hooks, so that others see it, too.
-module(nasty_routed).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1, version/3]).

start(HostType, _) -> gen_hook:add_handlers(handlers(HostType, c2s_unauthenticated_iq)).

stop(HostType) -> gen_hook:delete_handlers(handlers(HostType, c2s_unauthenticated_iq)).

handlers(HostType, Hook) -> [{Hook, HostType, fun ?MODULE:version/3, #{}, 30}].

version(Acc, #{iq := #iq{xmlns = Namespace} = IQ, server := Server}, _Extra) ->
    try
        <<"acme:", What/binary>> = Namespace,
        acme_probe:note({asked, What, Server}),
        {stop, jlib:iq_to_xml(IQ#iq{type = result, sub_el = []})}
    catch
        error:{badmatch, _} -> {ok, Acc}
    end.
